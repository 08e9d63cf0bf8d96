"""A river as one line: its stations from head to sea, each against its own threshold, and its crest's passage."""

from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from data_access.flood import forecast, readings, states, stations
from data_access.flood.forecast import NOW, STALE, STEP_H
from data_access.flood.states import StationState
from data_access.flood.stations import RIVER, Station
from data_access.remember import remembered

EVENT = 0.15  # of its highest flow, by which a flow must vary for its highest to be a crest
STILL = 1.0  # m³/s of it at least
SEEN = timedelta(days=3)  # of levels in which a crest that went by is looked for
RISE_M, FALL_M = 0.5, 0.03  # that they rose to it at least, and fell since
KINDS = (*RIVER, "reservoir")


class Crest(NamedTuple):
    """When a crest passes a station and how high: level m and margin to the warning level (None: not known). passed: it
    has gone by."""

    moment: datetime
    level: float | None
    margin: float | None
    passed: bool


class Stop(NamedTuple):
    """A station of the line. km: to the sea, along the water. reference: the level that its distance is told to
    (warning; of a reservoir the limit). margin, guarantee: the newest level and the guarantee (flood-high) level above
    that. hours: to the next stop. flow: m³/s now, of a reservoir its release."""

    station: Station
    state: StationState
    km: float | None
    reference: float | None
    margin: float | None
    guarantee: float | None
    hours: float | None
    flow: float | None
    crest: Crest | None
    basis: str


def of_river(river: str, at: datetime) -> list[Stop]:
    """The stations of a river and, below its mouth, of those it flows into, in the order of the water."""
    return list(_of_river(river, forecast.rounded(at)))


@remembered
def _of_river(river: str, at: datetime) -> tuple[Stop, ...]:
    way = path(river)
    network = forecast.network(at)
    hours = {(one.upstream, one.downstream): one.hours for one in network.reaches}
    far = _km(way)
    found = []
    for i, one in enumerate(way):
        state = states.state_of(one.code, at)
        if state is None:
            continue
        limits = stations.limits(one.code, at.date())
        dam = one.kind == "reservoir"
        reference = limits.get("limit" if dam else "warning")
        high = limits.get("flood_high" if dam else "guarantee")
        level = state.reading.value if state.reading and state.health != "offline" else None
        below = way[i + 1].code if i + 1 < len(way) else ""
        told = network.flow.get(one.code)
        found.append(
            Stop(
                one,
                state,
                far[one.code],
                reference,
                None if level is None or reference is None else level - reference,
                None if high is None or reference is None else high - reference,
                _hours(one.code, below, hours) if below else None,
                float(told[1, NOW]) if told is not None and float(told[1].max()) > 0 else None,
                None if dam else _crest(one.code, at, reference),
                network.basis.get(one.code, "none"),
            )
        )
    return tuple(found)


def _hours(upper: str, lower: str, hours: dict[tuple[str, str], float]) -> float | None:
    told = hours.get((upper, lower))
    if told is not None:
        return told
    reach = stations.reach_at(upper, lower)
    return reach.travel_h if reach else None


@remembered
def path(river: str) -> tuple[Station, ...]:
    """The stations that water from a river's head passes on its way to the sea."""
    own = [one for one in stations.line(river) if one.kind in KINDS]
    if not own:
        return ()
    seen = {one.code for one in own}
    below = [one.station for one in stations.downstream_of(own[-1].code)]
    return (*own, *(one for one in below if one.kind in KINDS and one.code not in seen))


def _km(way: tuple[Station, ...]) -> dict[str, float | None]:
    """Distance to the sea: what a station knows of its own river, plus where that river joins the next."""
    lengths = {(one.upstream, one.downstream): one.length_km for one in stations.reaches()}
    far: dict[str, float | None] = {}
    for i in range(len(way) - 1, -1, -1):
        one = way[i]
        after = way[i + 1] if i + 1 < len(way) else None
        if after is not None and after.river != one.river:
            beyond, length = far[after.code], lengths.get((one.code, after.code))
            far[one.code] = None if beyond is None or length is None else beyond + length
        elif after is not None and one.km is not None and after.km is not None and far[after.code] is not None:
            far[one.code] = (far[after.code] or 0.0) + one.km - after.km
        else:
            far[one.code] = one.km
    return far


def _crest(code: str, at: datetime, reference: float | None) -> Crest | None:
    """The highest flow of the last day and of the forecast, where it is a crest; its level as it was read, or by
    routing."""
    flow = forecast.network(at).flow.get(code)
    if flow is None:
        return _seen(code, at, reference)
    course = flow[1]
    step = int(course.argmax())
    rise = float(course[step] - course[: step + 1].min())
    fall = float(course[step] - course[step:].min())
    least = max(EVENT * float(course[step]), STILL)
    if rise < least or fall < 0.2 * least:
        return _seen(code, at, reference)
    moment = at + timedelta(hours=(step - NOW) * STEP_H)
    level: float | None = None
    if step > NOW:
        told = forecast.of_station(code, at)
        if told is not None and told.level is not None and np.isfinite(told.level[1][step - NOW]):
            level = float(told.level[1][step - NOW])
    else:
        near = timedelta(hours=2)
        seen = readings.series(code, "level", moment - near, min(moment + near, at), at).good
        level = float(seen.values.max()) if len(seen.values) and at - moment < STALE * 12 else None
    margin = None if level is None or reference is None else level - reference
    return Crest(moment, level, margin, step <= NOW)


def _seen(code: str, at: datetime, reference: float | None) -> Crest | None:
    """A crest that went by over the last days, as the station's own levels tell it: of long rivers the flow varies too
    slowly for a day to show it."""
    seen = readings.series(code, "level", at - SEEN, at, at).good
    if len(seen.values) < 3:
        return None
    top = int(seen.values.argmax())
    rise = float(seen.values[top] - seen.values[: top + 1].min())
    if rise < RISE_M or float(seen.values[top] - seen.values[top:].min()) < FALL_M:
        return None
    level = float(seen.values[top])
    return Crest(seen.moments[top].item(), level, None if reference is None else level - reference, True)
