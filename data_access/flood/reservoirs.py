"""How each reservoir stands: level, storage, what comes in and goes out, and how long and how much rain it can take."""

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_access.areas import Area
from data_access.flood import forecast, readings, states, stations
from data_access.flood.forecast import NOW, STEP_H, STEPS
from data_access.flood.readings import Series
from data_access.flood.states import StationState
from data_access.remember import remembered
from domain.flood.levels import Limits, flood_high
from domain.flood.routing import level_pools
from domain.flood.rules import rules
from domain.flood.runoff import Expected, expected
from domain.flood.storage import Curve, Inflow, OutsideCurve, back_calculated, hours_to_level, noise, rain_capacity

SPANS_H = (1, 2, 3)  # over which inflow is calculated back: the shortest whose noise is small enough
RESOLUTION = 0.01
_HOUR = timedelta(hours=1)


class Reservoir(NamedTuple):
    """A reservoir as it stood. None where it is not known.

    level m, storage and room (to the limit, negative above it) 10⁶ m³, outflow, inflow ± noise over span_h, capacity
    (what the gates can let out at this level) m³/s. limit: the season's; high: the flood-high level. hours: to the
    limit at this net inflow (infinite: never; above the limit: to the flood-high level); expected_at: when the limit
    is reached with the inflow that is forecast (None: not within the forecast). peak: highest level of that forecast.
    capacity_mm: rain that fills the room; rain_24h: rain that is forecast. basis: of
    the inflow to come (rain | fallen | persistence). outside: the
    level is not on the storage curve.
    """

    state: StationState
    limits: Limits
    level: float | None
    storage: float | None
    room: float | None
    outflow: float | None
    inflow: Inflow | None
    span_h: int
    capacity: float | None
    limit: float | None
    high: float | None
    hours: float | None
    expected_at: datetime | None
    peak: float | None
    capacity_mm: float | None
    runoff: float
    rain_24h: float | None
    basis: str
    outside: bool

    @property
    def code(self) -> str:
        return self.state.station.code

    @property
    def net(self) -> float | None:
        """Inflow less outflow, m³/s."""
        return None if self.inflow is None or self.outflow is None else self.inflow.flow - self.outflow

    @property
    def over(self) -> float | None:
        """Level above the limit, m; negative below it."""
        return None if self.level is None or self.limit is None else self.level - self.limit


def reservoirs(at: datetime, area: Area | None = None) -> list[Reservoir]:
    """The reservoirs of an area (None: all), the most pressing first."""
    inside = {one.code for one in stations.stations_in(area, ("reservoir",))}
    return [one for one in _reservoirs(forecast.rounded(at)) if one.code in inside]


def reservoir(code: str, at: datetime) -> Reservoir | None:
    """One reservoir; None when there is no such one in use."""
    return next((one for one in reservoirs(at) if one.code == code), None)


@remembered
def _reservoirs(at: datetime) -> tuple[Reservoir, ...]:
    found = [_told(one, at) for one in states.states(at) if one.station.kind == "reservoir"]
    return tuple(sorted(found, key=_pressing))


def _pressing(one: Reservoir) -> tuple[float, float, str]:
    """By state, then by the share of its flood room that is used."""
    level = -1 if one.state.state.level is None else one.state.state.level
    over = one.over if one.over is not None else -99.0
    soon = one.hours if one.hours is not None and math.isfinite(one.hours) else 999.0
    return -level, soon if over < 0 else -over, one.code


def _told(state: StationState, at: datetime) -> Reservoir:
    code, station = state.station.code, state.station
    limits = stations.limits(code, at.date())
    curves = stations.curves(code)
    storage, discharge = curves.get("storage"), curves.get("discharge")
    level = state.reading.value if state.reading else None
    newest = readings.latest(at).get((code, "outflow"))
    outflow = newest.value if newest and at - newest.moment <= forecast.STALE else None
    inflow, span = _inflow(code, at, storage, station.resolution or RESOLUTION)
    limit, high = limits.get("limit"), flood_high(limits)
    on_curve = storage is not None and level is not None and storage.covers(level)
    room = stored = hours = None
    if storage is not None and level is not None and on_curve:
        stored = storage.at(level)
        aim = high if limit is not None and level >= limit else limit
        if limit is not None and storage.covers(limit):
            room = storage.at(limit) - stored
        if aim is not None and storage.covers(aim) and inflow is not None and outflow is not None:
            hours = hours_to_level(storage, level, aim, inflow.flow, outflow)
    catchment = stations.catchments().get(station.catchment)
    runoff = (catchment.runoff if catchment else None) or rules(at.date(), code).runoff_wet
    area = (catchment.area_km2 if catchment else None) or station.drainage_km2
    told = coming_in(code, at)
    reached, peak = _expected(state, told, at, outflow, limit)
    rain = forecast.forecast_rain(station.catchment, at)
    return Reservoir(
        state, limits, level, stored, room, outflow, inflow, span,
        None if discharge is None or level is None else discharge.at(min(max(level, discharge.low), discharge.high)),
        limit, high, hours, reached, peak,
        None if room is None or not area else rain_capacity(room, runoff, area), runoff,
        rain, _basis(told, rain), level is not None and not on_curve,
    )  # fmt: skip


def _basis(told: Expected | None, rain: float | None) -> str:
    """rain: fallen and forecast; fallen: only that, since nobody forecasts; persistence: as it is now; '' not known."""
    return "" if told is None else "fallen" if told.basis == "rain" and rain is None else told.basis


def _inflow(code: str, at: datetime, curve: Curve | None, resolution: float) -> tuple[Inflow | None, int]:
    """Back-calculated inflow over the shortest span whose noise is small enough, and that span."""
    if curve is None:
        return None, 0
    start = at - (max(SPANS_H) + 1) * _HOUR
    levels = readings.series(code, "level", start, at, at).good
    out = readings.series(code, "outflow", start, at, at).good
    if len(levels.moments) < 2 or not len(out.moments):
        return None, 0
    now = float(levels.values[-1])
    try:
        span = next(
            (h for h in SPANS_H if noise(curve.slope(now), resolution, h) <= rules(at.date(), code).inflow_noise),
            SPANS_H[-1],
        )
        before = levels.moments <= levels.moments[-1] - np.timedelta64(span * 3600 - 60, "s")
        if not before.any():
            return None, 0
        then = int(np.nonzero(before)[0][-1])
        since, until = levels.moments[then], levels.moments[-1]
        hours = float((until - since) / np.timedelta64(3600, "s"))
        if until < np.datetime64(at - forecast.STALE, "s") or hours > span + 1:
            return None, 0
        return back_calculated(
            curve, float(levels.values[then]), now, _mean(out, since, until), hours, resolution
        ), span
    except OutsideCurve:
        return None, 0


def _mean(series: Series, since: np.datetime64, until: np.datetime64) -> float:
    """The mean of a series over a span; its nearest value where nothing lies inside."""
    inside = (series.moments > since) & (series.moments <= until)
    return float(series.values[inside].mean() if inside.any() else series.values[-1])


@remembered
def coming_in(code: str, at: datetime) -> Expected | None:
    """Inflow from now on (see forecast.rounded) by step: runoff of fallen and forecast rain fitted to the inflow of the
    last day, or that of now; None where no inflow can be calculated back."""
    seen = inflow_until(code, at)
    station = stations.station(code)
    if seen is None or station is None:
        return None
    told = forecast.coming(station.catchment, seen, at)
    return told if told.basis == "rain" else expected(seen, np.zeros(STEPS), 0.0, STEP_H, STEPS)


class Ecological(NamedTuple):
    """生态流量, what the river below needs at least. flow m³/s, None where it is not known. basis: rule (laid down for
    the reservoir) | share (of the mean of so many `days` of releases) | '' (neither: fewer days than rules ask for)."""

    flow: float | None
    basis: str
    days: int


def ecological(code: str, at: datetime) -> Ecological:
    """Of a reservoir, by the rules of the day and the days recorded before it."""
    told = rules(at.date(), code)
    if told.ecological_flow:
        return Ecological(told.ecological_flow, "rule", 0)
    means = [day.total / day.n for day in readings.days(code, "outflow", date.min, at.date() - timedelta(days=1))]
    if not told.ecological_share or len(means) < max(told.ecological_days, 1):
        return Ecological(None, "", len(means))
    return Ecological(round(told.ecological_share * sum(means) / len(means), 2), "share", len(means))


def inflow_until(code: str, at: datetime) -> NDArray[np.float64] | None:
    """Inflow of the steps up to now, calculated back over two hours each; None where it cannot be."""
    curve = stations.curves(code).get("storage")
    if curve is None:
        return None
    span = 2.0
    start = at - timedelta(hours=(NOW + 1) * STEP_H + span)
    levels = readings.series(code, "level", start, at, at).good
    out = readings.series(code, "outflow", start, at, at).good
    if len(levels.moments) < 4 or not len(out.moments) or levels.moments[-1] < np.datetime64(at - forecast.STALE, "s"):
        return None
    back = np.arange(-NOW, 1) * STEP_H * 3600
    ends = float(np.datetime64(at, "s").astype(float)) + back
    told, moments = np.interp(levels.values, curve.levels, curve.values), levels.moments.astype(float)
    change = np.interp(ends, moments, told) - np.interp(ends - span * 3600, moments, told)
    went = np.cumsum(out.values)
    count = np.arange(1, len(went) + 1, dtype=float)
    when = out.moments.astype(float)
    mean = (np.interp(ends, when, went) - np.interp(ends - span * 3600, when, went)) / np.maximum(
        np.interp(ends, when, count) - np.interp(ends - span * 3600, when, count), 1e-9
    )
    mean = np.where(np.isfinite(mean) & (mean > 0), mean, np.interp(ends, when, out.values))
    return np.maximum(mean + change * 1e6 / (span * 3600), 0.0)


def _expected(
    state: StationState, told: Expected | None, at: datetime, outflow: float | None, limit: float | None
) -> tuple[datetime | None, float | None]:
    """When the limit is reached with the inflow that is expected and this release, and the highest level then."""
    curves = stations.curves(state.station.code)
    curve = curves.get("storage")
    if told is None or curve is None or state.reading is None or outflow is None:
        return None, None
    if not curve.covers(state.reading.value):
        return None, None
    wanted: Sequence[float] = [outflow] * STEPS
    course = level_pools(curve, curves.get("discharge"), state.reading.value, told.flow, wanted, STEP_H)
    over = np.nonzero(course.level > limit)[0] if limit is not None and state.reading.value <= limit else []
    return (at + int(over[0]) * STEP_H * _HOUR if len(over) else None), float(course.level.max())
