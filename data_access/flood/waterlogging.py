"""Water on the streets (积水点): depth, how fast it rises, pumps, whether the drain can flow, and what people call in.

A drain whose mouth lies below the river's level cannot flow by itself (顶托): the road will not clear without pumps.
"""

from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, bindparam, or_, select

from data_access.areas import Area
from data_access.engine import rows
from data_access.flood import readings, stations
from data_access.flood.states import StationState, states
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.schema import hotline_order as o
from domain.flood.spread import km_between
from domain.hotline_rules import rules as hotline_rules

KIND = "waterlogging"
CALLS_BACK = timedelta(hours=3)
NEAR_KM = 0.5
RISE_MIN = 10


class Ponding(NamedTuple):
    """A point as it stands. rise: cm in ten minutes, None when nothing was read then. calls: orders about water of the
    last three hours within 500 m, None when no orders are loaded. pump: 0 off, 1 on, None no pump is told. outfall,
    river: levels of the drain's mouth and of the river there, m above the same datum; blocked: the river is higher,
    None not known."""

    state: StationState
    rise: float | None
    calls: int | None
    pump: float | None
    outfall: float | None
    river: float | None
    blocked: bool | None


@cache
def _calls_asked(words: int) -> Select:
    said = or_(*(o.c.title.like(bindparam(f"word{n}")) for n in range(words)))
    when = (o.c.accept_at >= bindparam("first", type_=Moment), o.c.accept_at < bindparam("at", type_=Moment))
    return select(o.c.lon, o.c.lat).where(*when, o.c.lon.is_not(None), o.c.lat.is_not(None), said)


@remembered
def _calls(at: datetime) -> tuple[tuple[float, float], ...] | None:
    """Where people called about water in the last three hours; None when no orders are loaded at all."""
    if not rows(select(o.c.order_id).limit(1)):
        return None
    words = water_words(at)
    values = {f"word{n}": f"%{word}%" for n, word in enumerate(words)} | {"first": at - CALLS_BACK, "at": at}
    return tuple((lon, lat) for lon, lat in rows(_calls_asked(len(words)), values))


def water_words(at: datetime) -> tuple[str, ...]:
    """The words of the hotline's rules that are about water on roads."""
    return tuple(word for word in hotline_rules(at.date()).storm_words if any(c in word for c in "水涝"))


@remembered
def pondings(at: datetime, area: Area | None = None) -> tuple[Ponding, ...]:
    """The points of an area, the deepest first; those that say nothing at the end."""
    newest, before, called = readings.latest(at), readings.earlier(at, RISE_MIN), _calls(at)
    some = [one for one in states(at, area) if one.station.kind == KIND]
    near: Counter[str] = Counter()
    if called:
        for one in some:
            lon, lat = one.station.lon, one.station.lat
            if lon is not None and lat is not None:
                near[one.station.code] = sum(km_between((lon, lat), point) <= NEAR_KM for point in called)
    found = []
    for one in some:
        code, twin = one.station.code, one.station.twin
        was, pump = before.get((code, "depth")), newest.get((code, "pump"))
        level = newest.get((twin, "level")) if twin else None
        outfall = one.station.outfall_level
        river = level.value if level else None
        found.append(
            Ponding(
                one,
                one.reading.value - was.value if one.reading and was and was.moment < one.reading.moment else None,
                None if called is None else near[code],
                pump.value if pump else None,
                outfall,
                river,
                river >= outfall if river is not None and outfall is not None else None,
            )
        )
    return tuple(
        sorted(found, key=lambda p: (-(p.state.reading.value if p.state.reading else -1), p.state.station.code))
    )


def twin_name(code: str, lang: str) -> str:
    """The river station that a point drains to."""
    one = stations.station(code)
    return one.label(lang) if one else code
