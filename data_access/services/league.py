"""Departments and districts side by side (晾晒台), as they stood when months were closed; and the ledger of
problems that were found and fixed."""

from datetime import datetime
from functools import cache, partial
from typing import NamedTuple

from sqlalchemy import Integer, Select, bindparam, case, cast, func, select

from data_access import league as any_league
from data_access.areas import Area
from data_access.engine import rows
from data_access.league import League, Of
from data_access.months import PLACES, Kept
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.services.counts import ALL, CASES, Counts, Where, by_value
from data_access.services.tables import service_month, service_problem
from domain.periods import Base, Span

KEPT = Kept(CASES, service_month, (PLACES[0], ("org", "org", "org")))


@cache
def _of(names: tuple[str, ...]) -> Of[Counts]:
    return Of(Counts, partial(by_value, names=names), KEPT)


@remembered
def league(
    area: Area,
    span: Span,
    last: Base | None,
    at: datetime,
    where: Where = ALL,
    *,
    by: str,
    names: tuple[str, ...] = CASES.names,
) -> League[Counts]:
    """The districts (by: district_code) or departments (org) side by side; see data_access.league.league. names: the
    counts wanted; others may be 0."""
    return any_league.compared(area, span, last, at, where, by=by, of=_of(names))


class Problems(NamedTuple):
    """Of one kind: found in the span, and of these fixed by the moment."""

    kind: str
    found: int
    fixed: int


@cache
def _problems_asked(district: bool, org: bool) -> Select:
    p = service_problem.c
    fixed = cast(func.sum(case((p.fixed_at < bindparam("at", type_=Moment), 1), else_=0)), Integer)
    within = [p.found_at >= bindparam("first", type_=Moment), p.found_at < bindparam("end", type_=Moment)]
    within += [p.district_code == bindparam("place")] if district else []
    within += [p.org == bindparam("org")] if org else []
    return select(p.kind, func.count(), fixed).where(*within).group_by(p.kind)


@remembered
def problems(area: Area, span: Span, at: datetime, org: str = "") -> tuple[Problems, ...]:
    """The ledger's problems of the city or a district, the most frequent kind first; () for a street: the ledger does
    not tell any."""
    if area.level > 1:
        return ()
    values = {"at": at, "first": span.start, "end": min(span.end, at)}
    values |= {"place": area.code} if area.level else {}
    values |= {"org": org} if org else {}
    found = [
        Problems(kind, int(n), int(fixed))
        for kind, n, fixed in rows(_problems_asked(bool(area.level), bool(org)), values)
    ]
    return tuple(sorted(found, key=lambda one: (-one.found, one.kind)))
