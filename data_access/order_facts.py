"""Questions that only the orders themselves can answer: which of the open ones fall due soon, where they lie, and what
made up a few days."""

import math
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import Date, Integer, Select, Table, bindparam, case, cast, func, select

from data_access.areas import Area
from data_access.engine import rows
from data_access.parts import each, open_at
from data_access.remember import remembered
from data_access.running import cube_of
from data_access.schema import Moment
from data_access.schema import hotline_order as o
from data_access.where import ALL, Where, bound, inside
from domain.periods import Span

# ---- what falls due soon -------------------------------------------------------------------------------------------


@cache
def _due_asked(level: int, named: tuple[str, ...]) -> Select:
    at = bindparam("at", type_=Moment)
    soon = (o.c.due_at >= at, o.c.due_at < bindparam("until", type_=Moment))
    some = each((o.c.order_id,), open_at(at), *soon, *inside(level, named))
    return select(func.count()).select_from(some)


@remembered
def due_until(area: Area, at: datetime, until: datetime, where: Where = ALL) -> int:
    """The orders that are open at the moment and whose limit lies between it and `until`."""
    query = _due_asked(area.level, where.named)
    return int(rows(query, bound(area, where) | {"at": at, "until": until})[0][0])


# ---- where they lie ------------------------------------------------------------------------------------------------


class Spot(NamedTuple):
    """The middle of a cell of a grid (degrees), and the orders in it."""

    lon: float
    lat: float
    n: int


class Spots(NamedTuple):
    """spots: the cells with orders, the fullest first. placed, unplaced: orders with and without a point. outside:
    orders whose point lies outside the bounds, which are in no cell."""

    spots: tuple[Spot, ...]
    placed: int
    unplaced: int
    outside: int


CELLS = 44  # along the longer side
LEAST = 0.001  # degrees, about 100 m: a dot is never one house


@cache
def _spots_asked(level: int, named: tuple[str, ...]) -> Select:
    """column, row, n: NULL where an order has no point, -1 where it lies outside the bounds."""
    x = cast(func.floor((o.c.lon - bindparam("west")) / bindparam("wide")), Integer)
    y = cast(func.floor((o.c.lat - bindparam("south")) / bindparam("high")), Integer)
    across, up = bindparam("across"), bindparam("up")
    within = (x >= 0) & (x < across) & (y >= 0) & (y < up)
    known = o.c.lon.is_not(None) & o.c.lat.is_not(None)
    cells = select(case((known, case((within, x), else_=-1))).label("x"), case((known & within, y)).label("y"))
    cells = cells.where(
        o.c.accept_at >= bindparam("first", type_=Moment), o.c.accept_at < bindparam("end", type_=Moment)
    )
    each = cells.where(*inside(level, named)).subquery()
    return select(each.c.x, each.c.y, func.count().label("n")).group_by(each.c.x, each.c.y)


@remembered
def spots(area: Area, span: Span, bounds: tuple[float, float, float, float], where: Where = ALL) -> Spots:
    """The orders accepted in the span, counted on a grid over the bounds (west, south, east, north in degrees)."""
    west, south, east, north = bounds
    narrow = math.cos(math.radians((south + north) / 2))
    high = max((north - south) / CELLS, (east - west) * narrow / CELLS, LEAST)
    wide = high / narrow
    grid = {"west": west, "south": south, "wide": wide, "high": high}
    grid |= {"across": math.ceil((east - west) / wide), "up": math.ceil((north - south) / high)}
    asked = bound(area, where) | grid | {"first": span.start, "end": span.end}
    found, unplaced, outside = [], 0, 0
    for x, y, n in rows(_spots_asked(area.level, where.named), asked):
        if x is None:
            unplaced += n
        elif x < 0:
            outside += n
        else:
            found.append(Spot(west + (x + 0.5) * wide, south + (y + 0.5) * high, n))
    found.sort(key=lambda spot: (-spot.n, spot.lon, spot.lat))
    return Spots(tuple(found), sum(spot.n for spot in found) + outside, unplaced, outside)


# ---- what made up a few days ---------------------------------------------------------------------------------------


@cache
def _days_asked(level: int, by: str, named: tuple[str, ...]) -> Select:
    day = cast(o.c.accept_at, Date).label("day")
    query = select(day, o.c[by].label("by"), func.count().label("n"))
    query = query.where(
        o.c.accept_at >= bindparam("first", type_=Moment), o.c.accept_at < bindparam("end", type_=Moment)
    )
    return query.where(day.in_(bindparam("days", expanding=True)), *inside(level, named)).group_by(day, o.c[by])


@cache
def _summed_asked(cube: Table, level: int, by: str, named: tuple[str, ...]) -> Select:
    query = select(cube.c.day, cube.c[by].label("by"), func.sum(cube.c.received).label("n"))
    query = query.where(cube.c.day.in_(bindparam("days", expanding=True)), *inside(level, named, cube))
    return query.group_by(cube.c.day, cube.c[by])


def received_on(area: Area, days: Iterable[date], by: str, where: Where = ALL) -> dict[str, dict[date, int]]:
    """Value of `by` (a column of the orders) -> day -> orders received on that whole day; days without any are not
    there."""
    return _received_on(area, tuple(sorted(set(days))), by, where)


@remembered
def _received_on(area: Area, days: tuple[date, ...], by: str, where: Where) -> dict[str, dict[date, int]]:
    if not days:
        return {}
    cube = cube_of(area, by, where)
    asked = bound(area, where) | {"days": days}
    if cube is not None:
        query = _summed_asked(cube, area.level, by, where.named)
    else:
        query = _days_asked(area.level, by, where.named)
        asked |= {"first": datetime.combine(days[0], time.min)}
        asked |= {"end": datetime.combine(days[-1], time.min) + timedelta(days=1)}
    found: dict[str, dict[date, int]] = {}
    for day, key, n in rows(query, asked):
        if n:
            found.setdefault(key, {})[day] = int(n)
    return found
