"""Questions that only the orders themselves can answer: which of the open ones fall due soon, where they lie, and what
made up a few days."""

import math
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
from sqlalchemy import Date, Double, Select, Table, bindparam, cast, func, literal_column, select

from data_access.areas import Area
from data_access.engine import columns, rows
from data_access.parts import each, open_at
from data_access.remember import remembered
from data_access.running import cube_of
from data_access.schema import Moment
from data_access.schema import hotline_order as o
from data_access.where import ALL, END, FIRST, Where, bound, inside
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
    """lon, lat: NaN where an order has no point."""
    nowhere = cast(literal_column("'NaN'"), Double)
    point = (func.coalesce(one, nowhere).label(one.name) for one in (o.c.lon, o.c.lat))
    return select(*point).where(o.c.accept_at >= FIRST, o.c.accept_at < END, *inside(level, named))


@remembered
def spots(area: Area, span: Span, bounds: tuple[float, float, float, float], where: Where = ALL) -> Spots:
    """The orders accepted in the span, counted on a grid over the bounds (west, south, east, north in degrees)."""
    west, south, east, north = bounds
    narrow = math.cos(math.radians((south + north) / 2))
    high = max((north - south) / CELLS, (east - west) * narrow / CELLS, LEAST)
    wide = high / narrow
    across, up = math.ceil((east - west) / wide), math.ceil((north - south) / high)
    asked = bound(area, where, first=span.start, end=span.end)
    points = columns(_spots_asked(area.level, where.named), asked)
    x, y = np.floor((points["lon"] - west) / wide), np.floor((points["lat"] - south) / high)
    placed = ~(np.isnan(x) | np.isnan(y))
    within = (x >= 0) & (x < across) & (y >= 0) & (y < up)  # not so where there is no point
    cells, counts = np.unique((x[within] * up + y[within]).astype(np.int64), return_counts=True)
    found = [
        Spot(west + (cell // up + 0.5) * wide, south + (cell % up + 0.5) * high, n)
        for cell, n in zip(cells.tolist(), counts.tolist(), strict=True)
    ]
    found.sort(key=lambda spot: (-spot.n, spot.lon, spot.lat))
    known = int(placed.sum())
    return Spots(tuple(found), known, len(x) - known, known - int(within.sum()))


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
