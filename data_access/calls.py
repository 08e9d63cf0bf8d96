"""Questions about calls that asked for a person: how many were answered, how many at once, who waits now.

A call belongs to the moment at which it began. How it ended is known from that end on: a caller who still waits at a
moment is counted as waiting then, neither as answered nor as given up. Whole hours come from the sums by hour; the hour
at either end of a span, and the last whole hour, whose callers may still wait, come from the calls themselves.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, Self

from sqlalchemy import Select, bindparam, func, select

from data_access.call_cube import hour_of
from data_access.engine import rows
from data_access.remember import remembered
from data_access.schema import hotline_call as call
from data_access.schema import hotline_hour_call as cube
from domain.hotline_rules import rules
from domain.periods import Span

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
WEEK = timedelta(days=8)  # of hours that a rolling series of seven days takes
LONGEST = HOUR  # no caller waits longer: calls that began before are over


class Calls(NamedTuple):
    """offered: calls without the short ones; answered, quick (within the service level): of these. short: given up
    within some seconds. waited_seconds, talked_seconds: of the answered."""

    offered: int = 0
    answered: int = 0
    quick: int = 0
    short: int = 0
    waited_seconds: int = 0
    talked_seconds: int = 0

    def plus(self, other: Iterable[int]) -> Self:
        return self._make(a + b for a, b in zip(self, other, strict=True))


class Waiting(NamedTuple):
    """Callers in the queue at a moment, and since how many seconds the first of them."""

    callers: int
    longest_seconds: int


NOTHING = Calls()


@cache
def _hours_asked(lined: bool) -> Select:
    """hour, Calls: sums of the hours from :first to :end."""
    query = select(cube.c.hour, *(func.sum(cube.c[name]) for name in Calls._fields))
    query = query.where(cube.c.hour >= bindparam("first"), cube.c.hour < bindparam("end"))
    return (query.where(cube.c.line == bindparam("line")) if lined else query).group_by(cube.c.hour)


@cache
def _calls_asked(lined: bool) -> Select:
    query = select(call.c.started_at, call.c.wait_seconds, call.c.talk_seconds)
    query = query.where(call.c.started_at >= bindparam("first"), call.c.started_at < bindparam("end"))
    return query.where(call.c.line == bindparam("line")) if lined else query


@remembered
def _hours(first: datetime, end: datetime, line: str) -> dict[datetime, Calls]:
    """The sums of each hour with calls, of whole hours."""
    asked: dict[str, Any] = {"first": first, "end": end} | ({"line": line} if line else {})
    return {hour: Calls._make(map(int, sums)) for hour, *sums in rows(_hours_asked(bool(line)), asked)}


@remembered
def _each(first: datetime, end: datetime, line: str) -> tuple[tuple[datetime, int, int | None], ...]:
    """(began, waited, talked) of the calls that began in [first, end)."""
    asked: dict[str, Any] = {"first": first, "end": end} | ({"line": line} if line else {})
    return tuple(map(tuple, rows(_calls_asked(bool(line)), asked)))


def _counted(some: Collection[tuple[datetime, int, int | None]], at: datetime) -> Calls:
    """Their sums, of those that were no longer in the queue at the moment."""
    told = [0] * len(Calls._fields)
    held = {day: rules(day) for day in {began.date() for began, _, _ in some}}
    for began, waited, talked in some:
        if began + timedelta(seconds=waited) >= at:
            continue
        of = held[began.date()]
        if talked is not None:
            one = (1, 1, waited <= of.service_level_s, 0, waited, talked)
        else:
            short = waited < of.short_abandon_s
            one = (not short, 0, 0, short, 0, 0)
        told = [a + b for a, b in zip(told, one, strict=True)]
    return Calls._make(told)


@remembered
def counted(span: Span, at: datetime, line: str = "") -> Calls:
    """The calls that began in the span, as known at the moment. line: of one line only ('' is all of them)."""
    start, end = span.start, min(span.end, at)
    if start >= end:
        return NOTHING
    first = start if start == hour_of(start) else hour_of(start) + HOUR
    last = hour_of(min(end, at - LONGEST))  # from here on the calls themselves
    if first >= last:
        return _counted(_each(start, end, line), at)
    total = _counted(_each(last, end, line), at)
    if start < first:
        total = total.plus(_counted(_each(start, first, line), at))
    for hour, sums in _around(first, last, line).items():
        if first <= hour < last:
            total = total.plus(sums)
    return total


def _around(first: datetime, last: datetime, line: str) -> dict[datetime, Calls]:
    """The sums of the hours; of a day at most those of the week before too, which the rolling series asks for."""
    if last - first > DAY:
        return _hours(first, last, line)
    end = last + LONGEST
    return _hours(end - WEEK, end, line)


def rolling(at: datetime, line: str = "") -> Calls:
    """The 24 hours up to the moment (GB/T 33358: any continuous 24 hours)."""
    return counted(Span(at - DAY, at), at, line)


@remembered
def rolled(at: datetime, days: int = 7, every: int = 3, line: str = "") -> tuple[tuple[datetime, Calls], ...]:
    """(until, the 24 hours before it) at the full hours of the days before the moment, one in `every` of them, oldest
    first; whole hours only. days: seven at most."""
    end = hour_of(at)
    sums = _hours(end - WEEK, end, line)
    told = []
    for back in range(days * 24 // every, -1, -1):
        until = end - back * every * HOUR
        total = NOTHING
        for n in range(24):
            if found := sums.get(until - (n + 1) * HOUR):
                total = total.plus(found)
        told.append((until, total))
    return tuple(told)


@remembered
def waiting(at: datetime, line: str = "") -> Waiting:
    """Who is in the queue at the moment."""
    since = [began for began, waited, _ in _each(at - LONGEST, at, line) if began + timedelta(seconds=waited) >= at]
    return Waiting(len(since), max((int((at - began).total_seconds()) for began in since), default=0))


@cache
def _any() -> Select:
    return select(cube.c.hour).limit(1)


@remembered
def given() -> bool:
    """Whether any calls were loaded at all: without them a rate is missing, not zero."""
    return bool(rows(_any()))
