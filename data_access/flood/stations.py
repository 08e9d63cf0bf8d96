"""The network: stations with their roles, thresholds, curves, catchments, gauges' weights, reaches. Small, and kept
whole for as long as the data do not change."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Table, select

from data_access.areas import Area, tree
from data_access.engine import rows
from data_access.flood import tables as t
from data_access.remember import remembered
from domain.flood.levels import Limits, Threshold
from domain.flood.storage import Curve

RIVER = ("river", "weir", "tide")  # kinds whose level is a river's


class Station(NamedTuple):
    """A row of flood_station: one role of a code."""

    code: str
    kind: str
    source: str
    name: str
    name_en: str | None
    river: str
    catchment: str
    lon: float | None
    lat: float | None
    district_code: str
    street_code: str
    datum: str
    km: float | None
    drainage_km2: float | None
    interval_minutes: int
    resolution: float | None
    twin: str
    outfall_level: float | None
    notes_zh: str | None
    notes_en: str | None
    enabled_from: date | None
    enabled_to: date | None

    def label(self, lang: str) -> str:
        """The name in a language; the name as it is when there is no English one."""
        return (self.name_en or self.name) if lang == "en" else self.name

    def enabled(self, day: date) -> bool:
        """Whether it was in use on a day."""
        return (self.enabled_from is None or self.enabled_from <= day) and (
            self.enabled_to is None or day < self.enabled_to
        )


class Catchment(NamedTuple):
    """A row of flood_catchment."""

    code: str
    name: str
    name_en: str | None
    river: str
    area_km2: float
    outlet: str
    runoff: float | None
    geojson: str | None

    def label(self, lang: str) -> str:
        """The name in a language."""
        return (self.name_en or self.name) if lang == "en" else self.name


class Reach(NamedTuple):
    """A row of flood_reach: times in h, flow and safe_flow in m³/s."""

    upstream: str
    downstream: str
    flow: float
    length_km: float | None
    travel_h: float
    travel_min_h: float | None
    travel_max_h: float | None
    x: float
    safe_flow: float | None
    notify_zh: str | None
    notify_en: str | None


class Gate(NamedTuple):
    """A row of flood_gate."""

    station: str
    gate: str
    name: str
    name_en: str | None
    capacity: float | None


class Downstream(NamedTuple):
    """A station that water reaches, and after how long (of an average flow, h)."""

    station: Station
    hours: float


def _table(table: Table, form: Any, *order: str) -> list[Any]:
    """The rows of a table as NamedTuples of its columns."""
    names: Sequence[str] = form._fields
    query = select(*(table.c[name] for name in names)).order_by(*(table.c[name] for name in order))
    return [form(*row) for row in rows(query)]


@remembered
def stations() -> dict[tuple[str, str], Station]:
    """Every role of every station, by (code, kind)."""
    return {(one.code, one.kind): one for one in _table(t.flood_station, Station, "code", "kind")}


@remembered
def _by_code() -> dict[str, Station]:
    found: dict[str, Station] = {}
    for (code, kind), one in stations().items():
        # of two roles the one that has a level speaks for the code: a reservoir with a rain gauge is a reservoir
        if code not in found or found[code].kind == "rain" != kind:
            found[code] = one
    return found


def station(code: str) -> Station | None:
    """The station of a code; of two roles the one that is not the rain gauge. None when unknown."""
    return _by_code().get(code)


def stations_in(area: Area | None, kinds: Sequence[str] = ()) -> list[Station]:
    """The roles inside an area (None, the city: all, those that are not on the map too), of some kinds (none: all)."""
    column = {1: "district_code", 2: "street_code"}.get(area.level if area else 0)
    inside = _below(area) if area and area.level > 2 else None
    return [
        one
        for one in stations().values()
        if (not kinds or one.kind in kinds)
        and (column is None or area is None or getattr(one, column) == area.code)
        and (inside is None or one.street_code in inside)
    ]


def _below(area: Area) -> frozenset[str]:
    """Stations know their street at the deepest: what lies in a community is looked for in its street."""
    return frozenset(one.code for one in tree().path(area.code) if one.level == 2)


@remembered
def thresholds() -> dict[str, tuple[Threshold, ...]]:
    """Every threshold there ever was, by station; a station without any is missing."""
    columns = (t.flood_threshold.c.station, *(t.flood_threshold.c[name] for name in Threshold._fields))
    found: dict[str, list[Threshold]] = defaultdict(list)
    for code, *row in rows(select(*columns).order_by(t.flood_threshold.c.station, t.flood_threshold.c.value)):
        name, value, element, since, until, valid_from, valid_to, datum, zh, en = row
        found[code].append(
            Threshold(name, value, element, since, until, valid_from, valid_to, datum, zh or "", en or "")
        )
    return {code: tuple(some) for code, some in found.items()}


def limits(code: str, day: date) -> Limits:
    """The thresholds of a station that hold on a day."""
    held = _limits(day)
    if code not in held:
        one = station(code)
        held[code] = Limits.on(thresholds().get(code, ()), day, one.datum if one else "")
    return held[code]


@remembered
def _limits(_day: date) -> dict[str, Limits]:
    """Those that were asked for of a day: one answer to remember, not one a station."""
    return {}


def curves(code: str) -> dict[str, Curve]:
    """The curves of a station by kind (storage, discharge, rating, surface), of its newest survey."""
    return dict(_curves().get(code, {}))


@remembered
def _curves() -> dict[str, dict[str, Curve]]:
    c = t.flood_curve.c
    surveys: dict[tuple[str, str], tuple[date, list[tuple[float, float]]]] = {}
    query = select(c.station, c.kind, c.surveyed, c.level, c.value).order_by(c.station, c.kind, c.surveyed, c.level)
    for code, kind, surveyed, level, value in rows(query):
        key = code, kind
        if key not in surveys or surveys[key][0] != surveyed:  # oldest first
            surveys[key] = surveyed, []
        surveys[key][1].append((level, value))
    found: dict[str, dict[str, Curve]] = defaultdict(dict)
    for (code, kind), (_, points) in surveys.items():
        if len(points) > 1:
            found[code][kind] = Curve.of(points)
    return dict(found)


@remembered
def catchments() -> dict[str, Catchment]:
    """Catchments by code."""
    return {one.code: one for one in _table(t.flood_catchment, Catchment, "code")}


@remembered
def gates() -> dict[str, tuple[Gate, ...]]:
    """Gates by station."""
    found: dict[str, list[Gate]] = defaultdict(list)
    for one in _table(t.flood_gate, Gate, "station", "gate"):
        found[one.station].append(one)
    return {code: tuple(some) for code, some in found.items()}


@remembered
def _weights() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = defaultdict(dict)
    query = select(t.flood_weight.c.place, t.flood_weight.c.station, t.flood_weight.c.weight)
    for place, code, weight in rows(query.order_by(t.flood_weight.c.place, t.flood_weight.c.station)):
        found[place][code] = float(weight)
    return dict(found)


def weights(place: str) -> dict[str, float]:
    """What each gauge counts for in the areal mean of a catchment or area; {} when none lies near enough."""
    return dict(_weights().get(place, {}))


@remembered
def reaches() -> tuple[Reach, ...]:
    """Every reach and class of flow, by upstream and downstream station and flow."""
    return tuple(_table(t.flood_reach, Reach, "upstream", "downstream", "flow"))


def reach_at(upstream: str, downstream: str, flow: float | None = None) -> Reach | None:
    """The reach between two stations: of the class nearest to a flow, of the middle class when none is said."""
    classes = [one for one in reaches() if (one.upstream, one.downstream) == (upstream, downstream)]
    if not classes:
        return None
    if flow is None:
        return classes[len(classes) // 2]
    return min(classes, key=lambda one: abs(one.flow - flow))


@remembered
def downstream_of(code: str) -> tuple[Downstream, ...]:
    """The stations that water of this one reaches, soonest first; where two ways lead, the quicker counts."""
    ways: dict[str, set[str]] = defaultdict(set)
    for one in reaches():
        ways[one.upstream].add(one.downstream)
    hours, front = {code: 0.0}, [code]
    while front:
        here = front.pop()
        for below in ways[here]:
            reach = reach_at(here, below)
            later = hours[here] + (reach.travel_h if reach else 0)
            if below not in hours or later < hours[below]:  # a loop (a mistake in the network) is never quicker
                hours[below] = later
                front.append(below)
    found = [Downstream(one, after) for name, after in hours.items() if name != code and (one := station(name))]
    return tuple(sorted(found, key=lambda one: (one.hours, one.station.code)))


@remembered
def line(river: str) -> tuple[Station, ...]:
    """The stations of a river that have a level, from its head to its mouth."""
    found = [one for one in stations().values() if one.river == river and one.km is not None]
    found = [one for one in found if one.kind in (*RIVER, "reservoir")]
    return tuple(sorted(found, key=lambda one: (-(one.km or 0), one.code)))


@remembered
def rivers() -> tuple[str, ...]:
    """The names of rivers with stations, the one with most first."""
    counted: dict[str, int] = defaultdict(int)
    for one in stations().values():
        if one.river and one.kind != "rain":
            counted[one.river] += 1
    return tuple(sorted(counted, key=lambda name: (-counted[name], name)))
