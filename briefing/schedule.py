"""When reports are due, as pure functions of the city's wall-clock time: no report is due twice on one day, whatever
the clock does, and what fell into a time when nobody looked is due when somebody looks again."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from domain.workdays import is_workday

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST = 40  # that are made up after a long silence: the newest
_DAY = timedelta(days=1)
_ENTRY = re.compile(r"(\w[\w-]*)(?: (Mon|Tue|Wed|Thu|Fri|Sat|Sun|\d{1,2}))? (\d\d):(\d\d)( workdays)?")
Covers = Literal["day", "week", "month"]


class Entry(NamedTuple):
    """A kind of report and when it is due: every day, or of each week one weekday (0 Monday), or of each month one day
    (the last where the month has no such day). workdays: only when offices work."""

    kind: str
    hour: int
    minute: int
    weekday: int | None = None
    day: int | None = None
    workdays: bool = False


class ScheduleError(ValueError):
    """A schedule that makes no sense; the message says what to write."""


def parse(text: str) -> tuple[Entry, ...]:
    """'daily 07:30 workdays, weekly Mon 08:00, monthly 1 08:00'; '' and 'none': nothing. Raises ScheduleError."""
    entries: list[Entry] = []
    for piece in text.split(","):
        words = " ".join(piece.split())
        if not words or words == "none":
            continue
        found = _ENTRY.fullmatch(words)
        try:
            if found is None:
                raise ValueError("not a time")
            when = time(int(found[3]), int(found[4]))
            day = int(found[2]) if (found[2] or "").isdecimal() else None
            if day is not None and not 1 <= day <= 31:
                raise ValueError("not a day")
        except ValueError:
            raise ScheduleError(
                f"{words!r}: write KIND [Mon..Sun or 1..31] HH:MM [workdays], e.g. daily 07:30 or weekly Mon 08:00"
            ) from None
        weekday = WEEKDAYS.index(found[2]) if found[2] in WEEKDAYS else None
        entries.append(Entry(found[1], when.hour, when.minute, weekday, day, bool(found[5])))
    kinds = [one.kind for one in entries]
    if twice := sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        raise ScheduleError(f"{twice[0]} is there twice; a kind of report has one time")
    return tuple(entries)


def on(entry: Entry, day: date) -> bool:
    """Whether a report is due on the day."""
    if entry.workdays and not is_workday(day):
        return False
    if entry.weekday is not None:
        return day.weekday() == entry.weekday
    if entry.day is not None:
        return day.day == min(entry.day, monthrange(day.year, day.month)[1])
    return True


def moment(entry: Entry, day: date) -> datetime:
    """When on a day."""
    return datetime.combine(day, time(entry.hour, entry.minute))


def due(entry: Entry, last: date, now: datetime) -> list[datetime]:
    """The moments of the days after `last` that have come by `now`, oldest first, the newest MOST of them."""
    return [when for day in _days(last + _DAY, now.date()) if on(entry, day) and (when := moment(entry, day)) <= now][
        -MOST:
    ]


def before(entry: Entry, now: datetime, count: int) -> date:
    """The day after which the newest `count` moments up to now lie."""
    day, left = now.date(), count
    while left and now.date() - day < timedelta(days=400):
        left -= on(entry, day) and moment(entry, day) <= now
        day -= _DAY
    return day


def covered(covers: Covers, when: datetime, *, workdays: bool = False) -> tuple[datetime, datetime]:
    """What a report of a moment is about, [from, to): the day before, with workdays all days since the report of the
    workday before; the last whole week from Monday; the last whole month."""
    day = when.date()
    if covers == "week":
        day -= day.weekday() * _DAY
        first = day - 7 * _DAY
    elif covers == "month":
        day = day.replace(day=1)
        first = (day - _DAY).replace(day=1)
    else:
        first = day - _DAY
        while workdays and not is_workday(first):
            first -= _DAY
    return datetime.combine(first, time.min), datetime.combine(day, time.min)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY
