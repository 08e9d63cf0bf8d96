"""Counts of cases (办件): by their own clocks, of any place, department, channel and filter, at any moment.

received, refused by their moment; accepted, online, full_online by acceptance; finished, in_time, in_legal_time,
used_days, legal_days by finishing (the days of those that have a legal limit); due, due_in_time by the promised limit
(the due cohort); settled by the later of the two; rated, rated_actively, good, bad by rating; rectify_due, rectified by
the limit of rectification.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, Integer, case, cast, func
from sqlalchemy.sql import ColumnElement

from data_access import cubes
from data_access.areas import Area, tree
from data_access.facts import Clock, Facts
from data_access.in_force import in_force
from data_access.remember import remembered
from data_access.running import added, by_day, cube_of, less, midnight, running
from data_access.services import again
from data_access.services import tables as t
from data_access.where import Chosen, place_column
from domain.periods import Base, Span
from domain.services.rules import SHELF

c = t.service_case.c
ONLINE = ("online", "mobile")
BITS = {name: 1 << n for n, name in enumerate(t.COUNTS)}


def _if(condition: ColumnElement[bool], *names: str) -> ColumnElement[int]:
    return case((condition, sum(BITS[n] for n in names)), else_=0)


_IN_TIME = c.used_days <= c.promised_days
_WITH_LIMIT = (c.legal_days.is_not(None),)
CASES = Facts(
    t.service_case,
    BITS,
    (
        Clock(c.receive_at, ("received",), _if(c.receive_at.is_not(None), "received")),
        Clock(
            c.accept_at,
            ("accepted", "online", "full_online"),
            BITS["accepted"] + _if(c.channel.in_(ONLINE), "online") + _if(c.online_full.is_(True), "full_online"),
        ),
        Clock(c.refuse_at, ("refused",), _if(c.refuse_at.is_not(None), "refused")),
        Clock(
            c.finish_at,
            ("finished", "in_time", "in_legal_time", "settled"),
            BITS["finished"]
            + _if(_IN_TIME, "in_time")
            + _if(c.used_days <= c.legal_days, "in_legal_time")
            + _if(c.finish_at > c.due_at, "settled"),
        ),
        Clock(
            c.due_at,
            ("due", "due_in_time", "settled"),
            BITS["due"] + _if(c.finish_at <= c.due_at, "due_in_time", "settled"),
        ),
        Clock(
            c.finish_at,
            ("used_days",),
            _if(c.used_days > 0, "used_days"),
            _WITH_LIMIT,
            cast(func.round(c.used_days), Integer),
        ),
        Clock(
            c.finish_at,
            ("legal_days",),
            _if(c.used_days.is_not(None), "legal_days"),
            _WITH_LIMIT,
            cast(func.round(c.legal_days), Integer),
        ),
        Clock(
            c.rating_at,
            ("rated", "rated_actively", "good", "bad"),
            BITS["rated"]
            + _if(c.rating_default.is_not(True), "rated_actively")
            + _if(c.rating >= in_force("good_from", c.rating_at, SHELF), "good")
            + _if(c.rating <= 2, "bad"),
        ),
        Clock(
            c.rectify_due_at,
            ("rectify_due", "rectified"),
            BITS["rectify_due"] + _if(c.rectified_at <= c.rectify_due_at, "rectified"),
        ),
    ),
    {
        "street_code": t.service_day_place, "org": t.service_day_org, "channel": t.service_day_channel,
        "theme": t.service_day_theme, "special": t.service_day_special,
    },
    t.service_tick,
    frozenset({"district_code", "street_code", "org", "channel", "theme", "special"}),
)  # fmt: skip


class Counts(NamedTuple):
    """The counts of cases in a span; days are working days."""

    received: int = 0
    accepted: int = 0
    online: int = 0
    full_online: int = 0
    refused: int = 0
    finished: int = 0
    in_time: int = 0
    in_legal_time: int = 0
    due: int = 0
    due_in_time: int = 0
    settled: int = 0
    used_days: int = 0
    legal_days: int = 0
    rated: int = 0
    rated_actively: int = 0
    good: int = 0
    bad: int = 0
    rectify_due: int = 0
    rectified: int = 0


assert Counts._fields == CASES.names
NOTHING = Counts()


@dataclass(frozen=True)
class Where(Chosen):
    """Which cases: department, channel, item, theme (一件事), special (重点事项), person or company, hall."""

    org: str = ""
    channel: str = ""
    item: str = ""
    theme: str = ""
    special: str = ""
    applicant: str = ""
    hall: str = ""


ALL = Where()


class Row(NamedTuple):
    """Counts of one place, department, channel ...: of the span, and of the base where there is one."""

    code: str
    now: Counts
    base: Counts | None


class Stock(NamedTuple):
    """What was accepted and not finished at a moment (在办). overdue: past its promised limit then."""

    open: int
    overdue: int


def refresh(connection: Connection, first: date | None = None, last: date | None = None) -> None:
    """Bring ticks and cubes in step for the days first..last (see cubes.sum_days), and what is told again of cases."""
    cubes.sum_days(connection, CASES, first, last)
    again.follow(connection, first, last)


def _by(area: Area, where: Where) -> str | None:
    """What a page asks a place by: its children, where the same cube tells them apart."""
    by = place_column(area.level + 1) if area.level < 2 else None
    return by if by and cube_of(area, by, where, CASES) is not None else None


def counted(
    area: Area,
    spans: Mapping[str, Span],
    where: Where = ALL,
    *,
    by: str | None = None,
    names: tuple[str, ...] = CASES.names,
) -> dict[str, dict[str, Counts]]:
    """Value of `by` (a column of the cases; '' when by is None) -> name of the span -> counts. A value without any case
    in the spans is not there. names: the counts wanted; others may be 0."""
    ends = {name: (span.start, span.end) for name, span in spans.items()}
    sums = running(area, by, ends.values(), where, names, facts=CASES)
    return {
        key: {name: Counts._make(less(mine[end], mine[start])) for name, (start, end) in ends.items()}
        for key, mine in sums.items()
    }


def _spans(span: Span, base: Base | None) -> dict[str, Span]:
    spans = {"now": span, "today": Span(midnight(span.end), span.end)}
    return spans | ({"base": base.span} if base else {})


@remembered
def totals(area: Area, span: Span, base: Base | None, where: Where = ALL) -> dict[str, Counts]:
    """Counts of the span ('now'), of the as-of day so far ('today') and, with a base, of it ('base')."""
    spans = _spans(span, base)
    parts = counted(area, spans, where, by=_by(area, where)).values()
    return {name: Counts._make(added((part[name] for part in parts), CASES)) for name in spans}


_STOCK = ("accepted", "finished", "due", "settled")


@remembered
def stock(area: Area, moments: tuple[datetime, ...], where: Where = ALL) -> tuple[Stock, ...]:
    """What was open at each of the moments."""
    spans = [(datetime.min, moment) for moment in moments]
    sums = running(area, _by(area, where), spans, where, _STOCK, facts=CASES)
    found = []
    for moment in moments:
        told = Counts._make(added((mine[moment] for mine in sums.values()), CASES))
        found.append(Stock(told.accepted - told.finished, told.due - told.settled))
    return tuple(found)


@remembered
def by_child(area: Area, span: Span, base: Base | None, where: Where = ALL) -> tuple[tuple[Row, ...], int]:
    """(rows, unplaced): one row a child of area in force, in code order, also those without any case. unplaced: cases
    received in the span whose place is not one of them."""
    spans = _spans(span, base)
    codes = [child.code for child in tree().children(area.code)]
    if not codes:
        return (), totals(area, span, base, where)["now"].received
    found = counted(area, spans, where, by=place_column(area.level + 1))
    nothing = dict.fromkeys(spans, NOTHING)
    others = found.keys() - set(codes)
    rows = tuple(Row(code, (n := found.get(code, nothing))["now"], n.get("base")) for code in codes)
    return rows, sum(found[code]["now"].received for code in others)


@remembered
def by_value(
    area: Area, span: Span, base: Base | None, by: str, where: Where = ALL, *, names: tuple[str, ...] = CASES.names
) -> tuple[Row, ...]:
    """One row a value of `by` (org, channel, item ...: a column of the cases) with cases in either span, in code order.
    names: the counts wanted; others may be 0."""
    spans = {"now": span} | ({"base": base.span} if base else {})
    found = counted(area, spans, where, by=by, names=names)
    return tuple(
        Row(code, found[code]["now"], found[code].get("base"))
        for code in sorted(found)
        if any(map(any, found[code].values()))
    )


@remembered
def monthly(
    area: Area, spans: tuple[Span, ...], where: Where = ALL, names: tuple[str, ...] = CASES.names
) -> tuple[Counts, ...]:
    """The counts of each of the spans, as with twelve months. names: the counts wanted; others may be 0."""
    found = counted(area, {str(n): span for n, span in enumerate(spans)}, where, names=names)
    nothing = {str(n): NOTHING for n in range(len(spans))}
    return tuple(found.get("", nothing).values())


@remembered
def daily(area: Area, span: Span, names: tuple[str, ...], where: Where = ALL) -> dict[date, tuple[int, ...]]:
    """day -> the counts of `names`, for the days in which something happened, the last until the span's end."""
    found = by_day(area, span, where, names, by=_by(area, where), facts=CASES)
    return {day: tuple(sums) for day, sums in sorted(found.items())}
