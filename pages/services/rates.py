"""What counts of cases come to by an indicator: the same on every page. Parts are kept, so that places and periods can
be added and every rate recomputed by hand."""

from collections.abc import Callable

from data_access.indicators import indicators
from data_access.services.counts import Counts
from domain.ranking import MINIMUM_CASES
from domain.services import cases
from pages.rates import Figure

COUNTS = {"services.received": "received", "services.accepted": "accepted", "services.finished": "finished"}
RATES: dict[str, tuple[Callable[[float, float], cases.CaseRate], tuple[str, str]]] = {  # and the counts that it takes
    "services.accepted_rate": (cases.accepted_rate, ("accepted", "refused")),
    "services.online_accepted": (cases.online_accepted_rate, ("online", "accepted")),
    "services.full_online_cases": (cases.full_online_cases, ("full_online", "accepted")),
    "services.on_time_finished": (cases.on_time_rate, ("in_time", "finished")),
    "services.on_time_due": (cases.on_time_due, ("due_in_time", "due")),
    "services.speed_up": (cases.speed_up, ("used_days", "legal_days")),
    "services.good_rating": (cases.good_rate, ("good", "rated")),
    "services.active_rating": (cases.active_rating_rate, ("rated_actively", "finished")),
    "services.rectified": (cases.rectified_rate, ("rectified", "rectify_due")),
}


def needed(keys: tuple[str, ...]) -> tuple[str, ...]:
    """The counts that these indicators take."""
    found = [name for key in keys for name in (RATES[key][1] if key in RATES else (COUNTS.get(key, "received"),))]
    return tuple(dict.fromkeys(found))


def of_counts(key: str, counts: Counts | None, population: int | None = None) -> Figure:
    """An indicator of some counts (None: they are not known)."""
    if counts is None:
        return Figure()
    if key == "services.per_1000":
        return Figure(indicators()[key].of(counts.received, population), counts.received, population)
    if key in COUNTS:
        return Figure(getattr(counts, COUNTS[key]))
    rate_of, names = RATES[key]
    rate = rate_of(*(getattr(counts, name) for name in names))
    return Figure(rate.value, rate.numerator, rate.denominator, 0 < rate.denominator < MINIMUM_CASES)
