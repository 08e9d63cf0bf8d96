"""Cases that cross a border (跨省通办, 长三角): handed in elsewhere, handled here; and how far items reach."""

from datetime import date
from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select

from data_access.areas import Area
from data_access.engine import rows
from data_access.remember import remembered
from data_access.services.counts import ALL, Where
from data_access.services.tables import service_case, service_elsewhere, service_item
from data_access.where import END, FIRST, bound, inside, place_column
from domain.periods import Span

c = service_case.c


class Flow(NamedTuple):
    """Cases accepted in a span that were handed in at origin and handled for place ('': no place is known)."""

    origin: str
    place: str
    n: int


@cache
def _flows_asked(level: int, named: tuple[str, ...]) -> Select:
    place = c[place_column(min(level + 1, 2))]
    within = (c.accept_at >= FIRST, c.accept_at < END, c.origin != "")
    query = select(c.origin, place, func.count()).where(*within, *inside(level, named, service_case))
    return query.group_by(c.origin, place)


@remembered
def flows(area: Area, span: Span, where: Where = ALL) -> tuple[Flow, ...]:
    """From where to which part of the area, the largest first."""
    values = bound(area, where, first=span.start, end=span.end)
    found = [Flow(*told) for told in rows(_flows_asked(area.level, where.named), values)]
    return tuple(sorted(found, key=lambda flow: (-flow.n, flow.origin, flow.place)))


@remembered
def elsewhere() -> dict[str, tuple[str, str | None]]:
    """code -> name, English name, of places outside the city."""
    e = service_elsewhere.c
    return {code: (zh, en) for code, zh, en in rows(select(e.code, e.name, e.name_en))}


@cache
def _scopes_asked() -> Select:
    i, day = service_item.c, bindparam("day")
    valid = (i.valid_from <= day, or_(i.valid_to.is_(None), i.valid_to > day), i.enabled.is_(True), ~i.template)
    return select(i.scope, func.count()).where(*valid).group_by(i.scope)


@remembered
def scopes(day: date) -> dict[str, int]:
    """Scope (city, province, delta, nation; '' its own place only) -> items in force on the day."""
    return {scope: int(n) for scope, n in rows(_scopes_asked(), {"day": day})}
