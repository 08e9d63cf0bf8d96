"""How each station stands at a moment: its newest good reading against its own thresholds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from data_access.areas import Area
from data_access.flood import readings, stations
from data_access.flood.readings import Key, Reading
from data_access.flood.stations import Station
from data_access.remember import remembered
from domain.flood.levels import NONE, State, depth_state, reservoir_state, river_state
from domain.flood.rules import Rules, rules

ELEMENT = {  # what a kind of station is judged by
    "rain": "rain",
    "river": "level",
    "weir": "level",
    "tide": "level",
    "reservoir": "level",
    "video": "level",
    "waterlogging": "depth",
    "pump": "pump",
}
JUDGED = ("river", "weir", "tide", "reservoir", "video", "waterlogging")  # against thresholds
_BACK = 60  # minutes that a trend looks back


class StationState(NamedTuple):
    """A role of a station as it stood.

    reading: the newest good one, None when there never was one. age_minutes: of it. state: of that reading, whatever
    its age: of a station that is offline it says nothing about now. trend: per hour, in the reading's unit, over the
    hour before the reading; None when nothing was read then. flow: m³/s, read with the level. health: offline (a day
    or three intervals without a good reading), missing (three intervals), suspicious (something newer is not
    believed), no_threshold (nothing to judge by), good.
    """

    station: Station
    element: str
    reading: Reading | None
    age_minutes: int | None
    state: State
    trend: float | None
    flow: float | None
    health: str


def states(at: datetime, area: Area | None = None) -> list[StationState]:
    """Every role in use of the stations of an area (None: of all), by code and kind."""
    every = _states(at)
    return [every[one.code, one.kind] for one in stations.stations_in(area) if (one.code, one.kind) in every]


def state_of(code: str, at: datetime) -> StationState | None:
    """The state of a station (of two roles the one with a level); None when it is unknown or not in use."""
    one = stations.station(code)
    return _states(at).get((one.code, one.kind)) if one else None


@remembered
def _states(at: datetime) -> dict[Key, StationState]:
    newest, any_, before = readings.latest(at), readings.latest_any(at), readings.earlier(at, _BACK)
    day = at.date()
    return {
        key: _state(one, at, (newest, any_, before), rules(day, one.code))
        for key, one in stations.stations().items()
        if one.enabled(day)
    }


def _state(
    one: Station, at: datetime, known: tuple[Mapping[Key, Reading], Mapping[Key, Reading], Mapping[Key, Reading]],
    held: Rules,
) -> StationState:  # fmt: skip
    newest, any_, before = known
    element = ELEMENT.get(one.kind, "level")
    key = (one.code, element)
    reading = newest.get(key)
    if one.kind == "video" and reading is None and (seen := any_.get(key)):
        reading = seen  # not confirmed: shown as it was seen, with its confidence
    trend, flow = _trend(reading, before.get(key)), newest.get((one.code, "flow"))
    flow_value = flow.value if flow and reading and flow.moment == reading.moment else None
    judged = NONE
    if reading is not None and one.kind in JUDGED:
        judged = _judged(one, reading, flow_value, trend, held)
    age = None if reading is None else int((at - reading.moment).total_seconds() // 60)
    health = _health(one, at, (reading, any_.get(key)), judged, held)
    return StationState(one, element, reading, age, judged, trend, flow_value, health)


def _judged(one: Station, reading: Reading, flow: float | None, trend: float | None, held: Rules) -> State:
    limits = stations.limits(one.code, reading.moment.date())
    if one.kind == "waterlogging":
        return depth_state(reading.value, limits, held)
    if one.kind == "reservoir":
        return reservoir_state(reading.value, limits, (trend or 0) > 0, held)
    if one.kind == "video" and not limits and one.twin:
        limits = stations.limits(one.twin, reading.moment.date())
    return river_state(reading.value, limits, held, flow)


def _trend(reading: Reading | None, before: Reading | None) -> float | None:
    if reading is None or before is None or before.moment >= reading.moment:
        return None
    return (reading.value - before.value) / ((reading.moment - before.moment).total_seconds() / 3600)


def _health(one: Station, at: datetime, said: tuple[Reading | None, Reading | None], judged: State, held: Rules) -> str:
    good, newest = said
    silent = timedelta(minutes=held.missing_intervals * one.interval_minutes)
    if good is None or at - good.moment > max(timedelta(hours=held.offline_h), silent):
        return "offline"
    if at - good.moment > silent:
        return "missing"
    if newest is not None and newest.moment > good.moment and newest.quality:
        return "suspicious"
    return "no_threshold" if one.kind in JUDGED and judged.level is None else "good"
