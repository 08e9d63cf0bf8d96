"""Which alarm has the wall, and for how long: a pure function of the alarms and the moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

LEAST = timedelta(seconds=10)  # that each of several has


class Call(NamedTuple):
    """Something that asks for the wall. level: of the alarm scale, 0 a burst. since: when the wall learned of it."""

    key: str
    level: int
    since: datetime


@dataclass(frozen=True)
class Taken:
    """Whose turn it is, of how many, until when something else is shown and until when the wall is taken."""

    key: str
    index: int
    count: int
    remaining: timedelta
    until: datetime


def taken(calls: Iterable[Call], now: datetime, hold: timedelta) -> Taken | None:
    """Who has the wall. Calls that come while it is taken join in; it is taken for `hold` after the last of them, and
    longer where there are so many that each would have less than LEAST. The worst comes first, and anew when another
    joins; then each for its share."""
    together: list[Call] = []
    start = until = datetime.min
    for one in sorted((one for one in calls if one.since <= now), key=lambda one: (one.since, one.key)):
        together = [*together, one] if one.since < until else [one]
        start = one.since
        until = start + max(hold, LEAST * len(together))
    if not together or now >= until:
        return None
    share = (until - start) / len(together)
    place = min(int((now - start) / share), len(together) - 1)
    worst = sorted(together, key=lambda one: (-one.level, one.since, one.key))
    return Taken(worst[place].key, place, len(together), start + share * (place + 1) - now, until)
