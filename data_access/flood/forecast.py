"""What the rivers will bring: each node's own water (measured, then runoff of fallen and forecast rain), routed through
the network, with every reservoir holding the release that it has.

Times are steps of STEP_H. The moment is rounded down to READ_MINUTES, so that all that is asked within them is asked
once. Where no rain is forecast, a node's own water is taken to stay what it is, and the answer says so (`basis`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, bindparam, func, select

from data_access.engine import rows
from data_access.flood import readings, stations
from data_access.flood.tables import flood_rain_forecast as f
from data_access.remember import remembered
from data_access.where import AT
from domain.flood import routing
from domain.flood.rain import areal
from domain.flood.routing import Reach
from domain.flood.rules import rules
from domain.flood.runoff import Expected, expected
from domain.flood.storage import Curve

Flows = NDArray[np.float64]
STEP_H = 0.25
PAST_H, RAIN_H, FUTURE_H = 24, 72, 36
READ_MINUTES = 5
NOW, STEPS = round(PAST_H / STEP_H), round(FUTURE_H / STEP_H) + 1  # the step that is now; steps from it on
STALE = timedelta(hours=3)  # flow that was read longer ago tells nothing of now
_HOUR = timedelta(hours=1)


def rounded(at: datetime) -> datetime:
    """The moment that is reckoned from."""
    return at.replace(minute=at.minute // READ_MINUTES * READ_MINUTES, second=0, microsecond=0)


# ---- rain --------------------------------------------------------------------------------------------------------


class RainForecast(NamedTuple):
    """Of a catchment: when it was made, and mm of each hour by its end."""

    made_at: datetime
    hours: Mapping[datetime, float]

    def total(self, start: datetime, end: datetime) -> float:
        """mm of the hours that end in (start, end]."""
        return sum(mm for hour, mm in self.hours.items() if start < hour <= end)


@cache
def _forecast() -> Select:
    newest = select(f.c.place, func.max(f.c.made_at).label("made_at")).where(
        f.c.made_at <= AT, f.c.made_at > bindparam("oldest", type_=f.c.made_at.type)
    )
    last = newest.group_by(f.c.place).subquery()
    joined = (last.c.place == f.c.place) & (last.c.made_at == f.c.made_at)
    return select(f.c.place, f.c.made_at, f.c.moment, f.c.mm).join(last, joined).order_by(f.c.moment)


@remembered
def rain_to_come(at: datetime) -> dict[str, RainForecast]:
    """The newest forecast of each catchment that was known at `at` and is not older than a day."""
    found: dict[str, tuple[datetime, dict[datetime, float]]] = {}
    for place, made_at, moment, mm in rows(_forecast(), {"at": at, "oldest": at - timedelta(days=1)}):
        found.setdefault(place, (made_at, {}))[1][moment] = float(mm)
    return {place: RainForecast(made_at, hours) for place, (made_at, hours) in found.items()}


def forecast_rain(catchment: str, at: datetime, hours: float = 24) -> float | None:
    """mm that are forecast for the next hours; None where there is no forecast."""
    told = rain_to_come(at).get(catchment)
    return None if told is None else told.total(at, at + timedelta(hours=hours))


@remembered
def _rain(at: datetime) -> dict[str, Flows]:
    """mm of each step by catchment, from RAIN_H ago to FUTURE_H ahead; a catchment of which nothing is known is left
    out."""
    start = at.replace(minute=0) - RAIN_H * _HOUR
    gauges = readings.rain_hours(None, start, at, at)
    ahead = rain_to_come(at)
    hours = [start + (n + 1) * _HOUR for n in range(RAIN_H + FUTURE_H + 1)]
    per = round(1 / STEP_H)
    found = {}
    for code in stations.catchments():
        weights, told = stations.weights(code), ahead.get(code)
        if not weights and told is None:
            continue
        whole = []
        for end in hours:
            mm = None
            if weights and end - _HOUR < at:
                mm = areal({gauge: gauges.get(gauge, {}).get(end) for gauge in weights}, weights).mm
            if told is not None and (end > at or mm is None):
                coming = told.hours.get(end, 0.0)
                mm = coming if mm is None else max(mm, coming)
            whole.append(mm or 0.0)
        steps = np.repeat(np.array(whole) / per, per)
        first = round((at - start - RAIN_H * _HOUR) / _HOUR / STEP_H)
        found[code] = steps[first : first + round(RAIN_H / STEP_H) + STEPS]
    return found


# ---- the network -------------------------------------------------------------------------------------------------


class Network(NamedTuple):
    """at: now. flow: of each node that is known, by factor (low, expected, high) and step, NOW steps before now. own:
    its own water, by step. basis: where each node's own future comes from. reaches: as routed. measured: nodes whose
    flow was read within STALE."""

    at: datetime
    flow: Mapping[str, Flows]
    own: Mapping[str, Flows]
    basis: Mapping[str, str]
    reaches: tuple[Reach, ...]
    measured: frozenset[str]


@remembered
def network(at: datetime) -> Network:
    """The rivers as they were until `at` (see `rounded`) and will be if nobody moves a gate."""
    reaches = _reaches(at)
    nodes = routing.order(reaches) if reaches else []
    seen = _seen(nodes, at)
    above: dict[str, list[Reach]] = {}
    for reach in reaches:
        above.setdefault(reach.downstream, []).append(reach)
    flow: dict[str, Flows] = {}
    own: dict[str, Flows] = {}
    basis: dict[str, str] = {}
    low, high = rules(at.date()).band
    factors = np.array([low, 1.0, high])[:, None]
    for node in nodes:
        brought = np.zeros((3, NOW + STEPS))
        for reach in above.get(node, []):
            brought += routing.routed(flow[reach.upstream], reach.hours, reach.x, STEP_H)
        past = seen.get(node)
        if past is None:
            mine, basis[node] = np.zeros(NOW + STEPS), "none"
        else:
            rest = past - brought[1, : NOW + 1]
            told = _own(node, rest, at)
            mine, basis[node] = np.concatenate([rest[:-1], told.flow]), told.basis
        own[node] = mine
        some = np.repeat(mine[None, :], 3, axis=0)
        one = stations.station(node)
        if one is None or one.kind != "reservoir":
            some[:, NOW:] *= np.where(some[:, NOW:] > 0, factors, 1.0)  # what is lost on the way is no guess
        flow[node] = brought + some
    return Network(at, flow, own, basis, reaches, frozenset(seen))


def _own(node: str, rest: Flows, at: datetime) -> Expected:
    """What a node's own land brings from now on. A reservoir holds its release."""
    one = stations.station(node)
    if one is not None and one.kind == "reservoir":
        return Expected(np.full(STEPS, rest[-1]), "persistence", None)
    return coming(one.catchment if one else "", rest, at)


def coming(catchment: str, seen: Flows, at: datetime) -> Expected:
    """Water of a catchment from now on, fitted to what was seen of it."""
    rain, known = _rain(at).get(catchment), stations.catchments().get(catchment)
    if rain is None or known is None:
        rain, area = np.zeros(round(RAIN_H / STEP_H) + STEPS), 0.0
    else:
        area = known.area_km2
    return expected(seen, rain, area, STEP_H, STEPS)


@remembered
def _reaches(at: datetime) -> tuple[Reach, ...]:
    """The reaches at their class of flow, as a step can carry them. Into a reservoir nothing is routed: its release is
    known."""
    told = [
        Reach(one.upstream, one.downstream, one.travel_h, one.x, one.flow, one.safe_flow, one.length_km)
        for one in stations.reaches()
        if (below := stations.station(one.downstream)) is None or below.kind != "reservoir"
    ]
    newest = readings.latest(at)
    now = {code: told.value for (code, element), told in newest.items() if element in ("flow", "outflow")}
    chosen = []
    for one in routing.of_flow(told, now):
        hours, x = routing.suited(one.hours, one.x, STEP_H)
        chosen.append(one._replace(hours=hours, x=x))
    return tuple(chosen)


def _seen(nodes: Sequence[str], at: datetime) -> dict[str, Flows]:
    """Flow of each node at each step up to now; of a reservoir its release."""
    start = at - NOW * STEP_H * _HOUR
    grid = np.datetime64(start, "s") + (np.arange(NOW + 1) * round(STEP_H * 3600)).astype("timedelta64[s]")
    kinds = {code: one.kind for code in nodes if (one := stations.station(code)) is not None}
    dams = [code for code, kind in kinds.items() if kind == "reservoir"]
    rivers = [code for code, kind in kinds.items() if kind != "reservoir"]
    first = start - STALE
    told = readings.series_of(rivers, "flow", first, at, at) | readings.series_of(dams, "outflow", first, at, at)
    lacking = [code for code in rivers if not len(told[code].good.moments)]
    rated = {code: curve for code in lacking if (curve := stations.curves(code).get("rating"))}
    for code, series in readings.series_of(list(rated), "level", first, at, at).items():
        values = np.interp(series.values, rated[code].levels, rated[code].values)
        told[code] = readings.Series(series.moments, values, series.quality)
    found = {}
    for code, series in told.items():
        good = series.good
        if len(good.moments) and good.moments[-1] >= np.datetime64(at - STALE, "s"):
            found[code] = np.interp(grid.astype(float), good.moments.astype(float), good.values)
    return found


# ---- what it means at a station ----------------------------------------------------------------------------------


class StationForecast(NamedTuple):
    """moments: from now on. flow, level: by factor (low, expected, high) and step; level is None where no rating curve
    is known, NaN beyond its ends. basis: 'rain', 'persistence' or 'none' (only what comes from above)."""

    moments: tuple[datetime, ...]
    flow: Flows
    level: Flows | None
    basis: str

    def peak(self, factor: int = 1) -> tuple[datetime, float] | None:
        """When the level is highest, and how high; None without levels. It is a crest only where it is not the last."""
        told = None if self.level is None else self.level[factor]
        if told is None or not np.isfinite(told).any():
            return None
        step = int(np.nanargmax(told))
        return self.moments[step], float(told[step])


def of_station(code: str, at: datetime) -> StationForecast | None:
    """The forecast of a river station; None where the network does not reach it or nothing was measured above it."""
    now = rounded(at)
    known = network(now)
    flow = known.flow.get(code)
    if flow is None or not float(flow[:, NOW:].max()) > 0:
        return None
    future = flow[:, NOW:]
    return StationForecast(moments_of(now), future, _level(code, future, at), known.basis[code])


def moments_of(now: datetime) -> tuple[datetime, ...]:
    """The steps from now on."""
    return tuple(now + n * STEP_H * _HOUR for n in range(STEPS))


def _level(code: str, flow: Flows, at: datetime) -> Flows | None:
    curve: Curve | None = stations.curves(code).get("rating")
    newest = readings.latest(at).get((code, "level"))
    if curve is None or newest is None or at - newest.moment > STALE:
        return None
    told = np.interp(flow, curve.values, curve.levels, left=np.nan, right=np.nan)
    start = told[1, 0]
    return told + (newest.value - start) if np.isfinite(start) else None
