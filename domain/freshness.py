"""How old data are against what was promised. Late from 2 cadences on, stale from 6 (defaults; both can be set)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

State = Literal["fresh", "late", "stale", "unknown"]
WORST_FIRST: tuple[State, ...] = ("stale", "late", "unknown", "fresh")

LATE_AFTER = 2.0  # cadences
STALE_AFTER = 6.0


@dataclass(frozen=True)
class Freshness:
    """state and age; age is None when no data ever came, negative when the data claim a later time than now."""

    state: State
    age: timedelta | None


def freshness(
    last_data_at: datetime | None,
    now: datetime,
    cadence_minutes: float,
    *,
    late_after: float = LATE_AFTER,
    stale_after: float = STALE_AFTER,
) -> Freshness:
    """The state and age of a source whose newest data are of `last_data_at` and should come every `cadence_minutes`.

    unknown: nothing ever came, no cadence is promised (0), or the data are dated more than one cadence in the future,
    which is a wrong clock and not freshness. ValueError if the limits are not in order.
    """
    if not 0 < late_after <= stale_after or cadence_minutes < 0:
        raise ValueError("limits must be 0 < late_after <= stale_after and the cadence not negative")
    if last_data_at is None:
        return Freshness("unknown", None)
    age = now - last_data_at
    cadence = timedelta(minutes=cadence_minutes)
    if not cadence or age < -cadence:
        return Freshness("unknown", age)
    if age > stale_after * cadence:
        return Freshness("stale", age)
    return Freshness("late" if age > late_after * cadence else "fresh", age)


def state(
    last_data_at: datetime | None,
    now: datetime,
    cadence_minutes: float,
    *,
    late_after: float = LATE_AFTER,
    stale_after: float = STALE_AFTER,
) -> State:
    """The state alone, as in freshness()."""
    return freshness(last_data_at, now, cadence_minutes, late_after=late_after, stale_after=stale_after).state
