"""Places and organisations side by side: their counts of a period and of the one before, as they stood when the months
were frozen (考核月结) where they were, else as counted now."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import DateTime, Select, bindparam, func, select

from data_access import hotline, months
from data_access.areas import Area, tree
from data_access.engine import rows
from data_access.hotline import Counts
from data_access.months import Kept, following
from data_access.remember import remembered
from data_access.running import added
from data_access.where import ALL, Chosen, Where, place_column
from domain.periods import Base, Span

KINDS = {"district_code": "district", "street_code": "street", "org": "org"}
C = TypeVar("C", bound=tuple[int, ...])


@dataclass(frozen=True, eq=False)
class Of(Generic[C]):
    """What is compared: its counts, how they are counted by a column, and what is frozen of them."""

    counts: Callable[..., C]
    by_value: Callable[..., Iterable[Any]]  # (area, span, base, by, where) -> rows with code, now, base
    kept: Kept


HOTLINE: Of[Counts] = Of(Counts, hotline.by_value, months.HOTLINE)


class Unit(NamedTuple, Generic[C]):
    """One place or organisation ('' for what belongs to none). last: of the period before. live: what counting now
    gives, where `now` was frozen."""

    code: str
    now: C
    last: C | None
    live: C | None


class League(NamedTuple, Generic[C]):
    """units: in code order, all that together are the whole. frozen_at: when the last of the period's months was
    frozen; None where they are not. last_frozen: whether the period before is."""

    units: tuple[Unit[C], ...]
    whole: Unit[C]
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
def _frozen(kept: Kept) -> Select:
    """The months named, frozen before the moment: how many there are, and the sums of each code."""
    m = kept.table
    inside = (m.c.kind == bindparam("kind"), m.c.month.in_(bindparam("months", expanding=True)))
    known = (*inside, m.c.frozen_at < bindparam("at", type_=DateTime()))
    there = select(func.count(m.c.month.distinct())).where(*known).scalar_subquery()
    latest = select(func.max(m.c.frozen_at)).where(*known).scalar_subquery()
    sums = (func.sum(m.c[name]).label(name) for name in kept.facts.names)
    return select(there.label("there"), latest.label("latest"), m.c.code, *sums).where(*known).group_by(m.c.code)


@remembered
def frozen(kind: str, span: Span, at: datetime, of: Of[C] = HOTLINE) -> tuple[dict[str, C], datetime] | None:
    """code -> counts of whole months as they stood when they were frozen, and when that was last; None when the span is
    not made of whole months or one of them had not been frozen by the moment."""
    named = months_of(span)
    found = rows(_frozen(of.kept), {"kind": kind, "months": named, "at": at}) if named else []
    if not found or found[0].there < len(named):
        return None
    return {row.code: of.counts(*(int(n) for n in row[3:])) for row in found}, found[0].latest


def _sum(parts: Iterable[C], of: Of[C]) -> C:
    listed = list(parts)
    return of.counts(*added(listed, of.kept.facts)) if listed else of.counts()


@remembered
def league(area: Area, span: Span, last: Base | None, at: datetime, where: Where = ALL, *, by: str) -> League[Counts]:
    """The values of `by` (a column of the orders: the places in the area, or org) side by side, as known at `at`.
    last: the period before; None when there is none."""
    return compared(area, span, last, at, where, by=by, of=HOTLINE)


def compared(
    area: Area, span: Span, last: Base | None, at: datetime, where: Chosen, *, by: str, of: Of[C]
) -> League[C]:
    """The same of any facts."""
    live = {row.code: row for row in of.by_value(area, span, last, by, where)}
    mine = area.level == 0 or by == place_column(area.level + 1)  # what is frozen of organisations is of the whole city
    kinds = {kind for kind, _, _ in of.kept.kinds}
    fixed = before = None
    if mine and not where.named and KINDS.get(by) in kinds:
        fixed = frozen(KINDS[by], span, at, of)
        before = frozen(KINDS[by], last.span, at, of) if fixed and last else None
    if fixed and area.level:
        inside = {place.code for place in tree().children(area.code)}
        fixed = {code: counts for code, counts in fixed[0].items() if code in inside}, fixed[1]
        before = ({c: n for c, n in before[0].items() if c in inside}, before[1]) if before else None
    units: list[Unit[C]] = []
    for code in sorted(fixed[0].keys() | (before[0].keys() if before else set()) if fixed else live):
        now = live[code].now if code in live else of.counts()
        then = (live[code].base if code in live else of.counts()) if last else None
        if before:
            then = before[0].get(code, of.counts())
        units.append(Unit(code, fixed[0].get(code, of.counts()) if fixed else now, then, now if fixed else None))
    whole = Unit(
        "",
        _sum((unit.now for unit in units), of),
        _sum((unit.last for unit in units if unit.last is not None), of) if last else None,
        _sum((unit.live for unit in units if unit.live is not None), of) if fixed else None,
    )
    return League(tuple(units), whole, fixed[1] if fixed else None, before is not None)
