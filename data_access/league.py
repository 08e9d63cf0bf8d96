"""Places and organisations side by side: their counts of a period and of the one before, as they stood when the months
were frozen (考核月结) where they were, else as counted now."""

from collections.abc import Iterable
from datetime import date, datetime, time
from functools import cache
from typing import NamedTuple

from sqlalchemy import DateTime, Select, bindparam, func, select

from data_access import hotline
from data_access.areas import Area, tree
from data_access.engine import rows
from data_access.hotline import Counts
from data_access.months import following
from data_access.remember import remembered
from data_access.running import NAMES, added
from data_access.schema import hotline_month as m
from data_access.where import ALL, Where, place_column
from domain.periods import Base, Span

KINDS = {"district_code": "district", "street_code": "street", "org": "org"}


class Unit(NamedTuple):
    """One place or organisation ('' for what belongs to none). last: of the period before. live: what counting now
    gives, where `now` was frozen."""

    code: str
    now: Counts
    last: Counts | None
    live: Counts | None


class League(NamedTuple):
    """units: in code order, all that together are the whole. frozen_at: when the last of the period's months was
    frozen; None where they are not. last_frozen: whether the period before is."""

    units: tuple[Unit, ...]
    whole: Unit
    frozen_at: datetime | None
    last_frozen: bool


def months_of(span: Span) -> tuple[date, ...]:
    """The months that a span is made of, by their first days; none when it does not begin and end with one."""
    if span.start.day != 1 or span.end.day != 1 or {span.start.time(), span.end.time()} != {time.min}:
        return ()
    found, month = [], span.start.date()
    while month < span.end.date():
        found.append(month)
        month = following(month)
    return tuple(found)


@cache
def _frozen() -> Select:
    """The months named, frozen before the moment: how many there are, and the sums of each code."""
    inside = (m.c.kind == bindparam("kind"), m.c.month.in_(bindparam("months", expanding=True)))
    known = (*inside, m.c.frozen_at < bindparam("at", type_=DateTime()))
    there = select(func.count(m.c.month.distinct())).where(*known).scalar_subquery()
    latest = select(func.max(m.c.frozen_at)).where(*known).scalar_subquery()
    sums = (func.sum(m.c[name]).label(name) for name in NAMES)
    return select(there.label("there"), latest.label("latest"), m.c.code, *sums).where(*known).group_by(m.c.code)


@remembered
def frozen(kind: str, span: Span, at: datetime) -> tuple[dict[str, Counts], datetime] | None:
    """code -> counts of whole months as they stood when they were frozen, and when that was last; None when the span is
    not made of whole months or one of them had not been frozen by the moment."""
    months = months_of(span)
    found = rows(_frozen(), {"kind": kind, "months": months, "at": at}) if months else []
    if not found or found[0].there < len(months):
        return None
    return {row.code: Counts(*(int(n) for n in row[3:])) for row in found}, found[0].latest


def _sum(parts: Iterable[Counts]) -> Counts:
    return Counts._make(added(parts) or Counts())


@remembered
def league(area: Area, span: Span, last: Base | None, at: datetime, where: Where = ALL, *, by: str) -> League:
    """The values of `by` (a column of the orders: the places in the area, or org) side by side, as known at `at`.
    last: the period before; None when there is none."""
    live = {row.code: row for row in hotline.by_value(area, span, last, by, where)}
    mine = area.level == 0 or by == place_column(area.level + 1)  # what is frozen of organisations is of the whole city
    fixed = before = None
    if mine and not where.named:
        fixed = frozen(KINDS[by], span, at) if by in KINDS else None
        before = frozen(KINDS[by], last.span, at) if fixed and last else None
    if fixed and area.level:
        inside = {place.code for place in tree().children(area.code)}
        fixed = {code: counts for code, counts in fixed[0].items() if code in inside}, fixed[1]
        before = ({c: n for c, n in before[0].items() if c in inside}, before[1]) if before else None
    units = []
    for code in sorted(fixed[0].keys() | (before[0].keys() if before else set()) if fixed else live):
        now = live[code].now if code in live else Counts()
        then = (live[code].base if code in live else Counts()) if last else None
        if before:
            then = before[0].get(code, Counts())
        units.append(Unit(code, fixed[0].get(code, Counts()) if fixed else now, then, now if fixed else None))
    whole = Unit(
        "",
        _sum(unit.now for unit in units),
        _sum(unit.last for unit in units if unit.last) if last else None,
        _sum(unit.live for unit in units if unit.live) if fixed else None,
    )
    return League(tuple(units), whole, fixed[1] if fixed else None, before is not None)
