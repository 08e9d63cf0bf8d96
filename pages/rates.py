"""What counts of orders come to by an indicator: the same on every page, and by the weights that a city decides."""

from typing import NamedTuple

from data_access.hotline import Counts
from data_access.indicators import indicators
from domain.hotline_rates import resolution_rate, satisfaction_rate, too_few
from domain.hotline_rules import Rules


class Figure(NamedTuple):
    """value: a fraction for percent indicators; None: nothing to divide by. numerator, denominator: None where there is
    none. few: too small a sample to judge by."""

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    few: bool = False


def of_counts(key: str, counts: Counts | None, held: Rules, population: int | None = None) -> Figure:
    """An indicator of some counts (None: they are not known); what has no rule of its own is what was received."""
    if counts is None:
        return Figure()
    few = None
    match key:
        case "hotline.on_time":
            top, below = counts.on_time, counts.due
        case "hotline.response":
            top, below = counts.responded, counts.dispatched_called
        case "hotline.resolution":
            rate = resolution_rate(counts.resolved, counts.partly, counts.asked, held)
            top, below = (rate.numerator, rate.denominator) if rate else (0, 0)
            few = too_few(counts.asked, counts.called, held)
        case "hotline.satisfaction":
            rate = satisfaction_rate(counts.satisfied, counts.basic, counts.rated, held)
            top, below = (rate.numerator, rate.denominator) if rate else (0, 0)
            few = too_few(counts.rated, counts.called, held)
        case "hotline.callback":
            top, below = counts.called, counts.closed
        case "hotline.redo":
            top, below = counts.redone, counts.called
        case "hotline.per_10k":
            return Figure(indicators()[key].of(counts.received, population), counts.received, population)
        case _:
            return Figure(counts.received, counts.received)
    value = top / below if below and top <= below else None  # more callbacks than closings say nothing as a share
    return Figure(value, top, below, bool(below) and (below < held.minimum_n if few is None else few))
