"""What counts of cases come to by an indicator: the same on every page. Parts are kept, so that places and periods can
be added and every rate recomputed by hand."""

from data_access.indicators import indicators
from data_access.services.counts import Counts
from domain.ranking import MINIMUM_CASES
from domain.services import cases
from pages.rates import Figure

COUNTS = {"services.received": "received", "services.accepted": "accepted", "services.finished": "finished"}
PARTS = {  # rate -> the counts that it takes
    "services.accepted_rate": ("accepted", "refused"),
    "services.online_accepted": ("online", "accepted"),
    "services.full_online_cases": ("full_online", "accepted"),
    "services.on_time_finished": ("in_time", "finished"),
    "services.on_time_due": ("due_in_time", "due"),
    "services.speed_up": ("used_days", "legal_days"),
    "services.good_rating": ("good", "rated"),
    "services.active_rating": ("rated_actively", "finished"),
    "services.rectified": ("rectified", "rectify_due"),
}


def needed(keys: tuple[str, ...]) -> tuple[str, ...]:
    """The counts that these indicators take."""
    found = [name for key in keys for name in PARTS.get(key, (COUNTS.get(key, "received"),))]
    return tuple(dict.fromkeys(found))


def _parts(key: str, n: Counts) -> tuple[float, float]:
    """numerator, denominator."""
    if key == "services.accepted_rate":
        return n.accepted, n.accepted + n.refused
    if key == "services.speed_up":
        rate = cases.speed_up(n.used_days, n.legal_days)
        return rate.numerator, rate.denominator
    above, below = PARTS[key]
    return getattr(n, above), getattr(n, below)


def of_counts(key: str, counts: Counts | None, population: int | None = None) -> Figure:
    """An indicator of some counts (None: they are not known). What is told of more cases than there are (ratings of a
    day on which little was finished) is no share."""
    if counts is None:
        return Figure()
    if key == "services.per_1000":
        return Figure(indicators()[key].of(counts.received, population), counts.received, population)
    if key in COUNTS:
        return Figure(getattr(counts, COUNTS[key]))
    top, below = _parts(key, counts)
    value = top / below if below and top <= below else None
    return Figure(value, top, below, 0 < below < MINIMUM_CASES)
