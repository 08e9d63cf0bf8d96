"""Where the water is: rain as ground, rivers, stations by kind and state."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from components import figures
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import DASH, text
from data_access import shapes
from data_access.areas import Area, tree
from data_access.flood import outlines, readings, stations
from data_access.flood.states import StationState
from data_access.flood.stations import Station
from domain.flood.rain import areal, grade
from domain.flood.spread import near
from pages.flood.asked import (
    CM,
    WINDOWS,
    Asked,
    arrow,
    ask,
    chosen,
    current,
    gauges,
    level_of,
    margin_said,
    nothing,
    rained,
    sentence,
    short,
)
from pages.ground import ground, place

LAYERS = ("", "rain1", "catchment", "ponding")
STEPS = {"": (0.1, 10, 25, 50, 100), "rain1": (0.1, 2.5, 5, 10, 20), "catchment": (0.1, 10, 25, 50, 100)}
HOURS = {"": 24, "rain1": 1, "catchment": 24, "ponding": 24}
COLUMNS = ("kind", "code", "name", "role", "value", "state", "health", "said", "sentence", "lon", "lat", "size")
NUMBERS = ("value", "state", "lon", "lat", "size")
GAUGES = 2  # that are told by name where it rained too much
WALL = 3  # roads that are told by name on a wall
ARROW_KM = 14.0  # of river between two arrows


def _layers(view: View) -> list[tuple[str, str, str]]:
    return [("layer", layer, text(f"flood_map.layer_{layer or 'rain24'}", view.lang)) for layer in LAYERS]


@panel(figures.flood_map, about="flood.rain_24h", source="flood_rain", sets="area", choices=_layers)
def map(view: View) -> Answer:  # noqa: A001 - the panel's public name
    """kind (area | catchment | station), code, name, role (kind of the station), value (rain of the layer's hours, mm,
    of a place; m or cm of a station), state (0 normal, 1 blue .. 5 beyond the check level; NaN: no threshold or no
    reading), health, said, sentence, lon, lat, size (km2): one row a child of the place (at the lowest level its
    siblings), a catchment and a station of the place."""
    asked = ask(view)
    if lacking := nothing(asked.lang):
        return lacking
    layer = view.layer if view.layer in LAYERS else ""
    hours = HOURS[layer]
    sums = {code: one[WINDOWS.index(hours)] for code, one in readings.rain_sums(asked.at, WINDOWS).items()}
    parent = asked.area if tree().children(asked.area.code) else tree().get(asked.area.parent) or asked.area
    here = "" if parent == asked.area else asked.area.code
    rows = _areas(parent, sums, asked)
    if layer == "catchment":
        rows += _catchments(sums, asked)
    found = current(asked)
    worst = chosen(asked, found)
    rows += _stations(found, asked) + _gauges(sums, asked)
    whole = areal_rain(asked.area, sums)
    below = ground(parent, here, asked.lang)
    if below["bounds"] is None:  # no outlines of areas: where the stations are
        below["bounds"] = _around(rows)
    if below["bounds"] is None:
        return Answer(tabled(rows, COLUMNS, NUMBERS), blank="none", note=text("flood_map.nowhere", asked.lang))
    facts: dict[str, Any] = {
        **below,
        "layer": layer,
        "steps": STEPS.get(layer, STEPS[""]),
        "catchments": outlines.url() if layer == "catchment" else None,
        "arrows": _arrows(),
        "watched": stations.rivers(),
        "core": _core(asked) if not asked.area.level else None,
        "station": worst.code if worst else "",
        "wettest": _wettest(sums, asked.lang) if not asked.area.level and layer != "ponding" else [],
        "legend": text("flood_map.legend", asked.lang, hours=hours),
        "chosen": layer,
    }
    measured = (Measured.of("flood.rain_24h", whole),) if hours == 24 else ()
    said = DASH if whole is None else f"{whole:.1f}"
    note = text("flood_map.note", asked.lang, hours=hours, value=said, time=asked.at.strftime("%H:%M"))
    return Answer(tabled(rows, COLUMNS, NUMBERS), measured, facts, note=note)


def _around(rows: list[dict[str, Any]]) -> tuple[float, float, float, float] | None:
    """West, south, east, north of the stations, with some room; None where none says where it is."""
    points = [(row["lon"], row["lat"]) for row in rows if row["kind"] == "station" and row["lon"] is not None]
    if not points:
        return None
    lons, lats = zip(*points, strict=True)
    room = max(0.05 * (max(lons) - min(lons)), 0.05 * (max(lats) - min(lats)), 0.02)
    return min(lons) - room, min(lats) - room, max(lons) + room, max(lats) + room


def _row(kind: str, code: str, name: str, **more: Any) -> dict[str, Any]:
    nothing_said = {"role": "", "value": None, "state": None, "health": "", "said": "", "sentence": name}
    return nothing_said | {"kind": kind, "code": code, "name": name, "lon": None, "lat": None, "size": 0.0} | more


# ---- rain --------------------------------------------------------------------------------------------------------


def areal_rain(area: Area, sums: dict[str, float | None]) -> float | None:
    """Rain of an area: the mean of its gauges by their weights; where none are told, of those near its middle."""
    told = stations.weights(area.code)
    if not told and area.lon is not None and area.lat is not None:
        told = near(area.lon, area.lat, gauges())
    return areal(sums, told).mm if told else None


def _areas(parent: Area, sums: dict[str, float | None], asked: Asked) -> list[dict[str, Any]]:
    children = tree().children(parent.code)
    where = place([one.code for one in children], parent)
    rows = []
    for i, area in enumerate(children):
        mm = areal_rain(area, sums)
        said = _wet(area.label(asked.lang), mm, asked)
        rows.append(
            _row(
                "area",
                area.code,
                area.label(asked.lang),
                value=mm,
                sentence=said,
                lon=where["lon"][i],
                lat=where["lat"][i],
                size=where["size"][i],
            )
        )
    return rows


def _catchments(sums: dict[str, float | None], asked: Asked) -> list[dict[str, Any]]:
    rows, middles = [], outlines.middles()
    for one in stations.catchments().values():
        told = stations.weights(one.code)
        mm = areal(sums, told).mm if told else None
        name = one.label(asked.lang)
        said = _wet(name, mm, asked)
        lon, lat = middles.get(one.code, (None, None))
        rows.append(_row("catchment", one.code, name, value=mm, sentence=said, size=one.area_km2, lon=lon, lat=lat))
    return sorted(rows, key=lambda row: -(row["value"] or 0))


def _wettest(sums: dict[str, float | None], lang: str) -> list[tuple[str, float]]:
    """The catchments with most rain."""
    some = [
        (one, areal(sums, told).mm) for one in stations.catchments().values() if (told := stations.weights(one.code))
    ]
    return sorted(((one.label(lang), mm) for one, mm in some if mm is not None), key=lambda pair: -pair[1])[:6]


def _wet(name: str, mm: float | None, asked: Asked) -> str:
    hours = HOURS.get(asked.view.layer, 24)
    if mm is None:
        return text("flood_map.dry", asked.lang, name=name)
    word = text(f"rain_grade.{grade(mm)}", asked.lang) if hours == 24 else ""
    return text("flood_map.wet", asked.lang, name=name, hours=hours, value=f"{mm:.1f}", grade=word).strip()


# ---- stations ----------------------------------------------------------------------------------------------------


def _stations(found: Sequence[StationState], asked: Asked) -> list[dict[str, Any]]:
    """With a label where there is something to say of them: the nearer one looks, the more."""
    rows = []
    roads = WALL if asked.view.mode == "wall" else len(found)  # a wall has room for few words
    for one in found:
        if one.station.lon is None or not _shown(one, asked):
            continue
        level = level_of(one)
        told = _labelled(one, asked) and (one.station.kind != CM or roads > 0)
        roads -= told and one.station.kind == CM
        rows.append(
            _row(
                "station",
                one.station.code,
                one.station.label(asked.lang),
                role=one.station.kind,
                value=None if one.reading is None else one.reading.value,
                state=level,
                health=one.health,
                said=_label(one, asked) if told else "",
                sentence=sentence(one, asked.lang),
                lon=one.station.lon,
                lat=one.station.lat,
            )
        )
    return rows


def _shown(one: StationState, asked: Asked) -> bool:
    """Water on roads and cameras are many: of a whole city those with something to tell."""
    if one.station.kind == "video":
        return asked.area.level >= 1
    if one.station.kind == CM:
        return asked.area.level >= 1 or asked.view.layer == "ponding" or bool(level_of(one))
    return True


def _labelled(one: StationState, asked: Asked) -> bool:
    if level_of(one) or (one.station.kind == "reservoir" and asked.view.mode != "wall"):
        return True
    return asked.area.level >= 1 and one.station.kind not in (CM, "video")


def _label(one: StationState, asked: Asked) -> str:
    name = short(one.station, asked.lang)
    return f"<b>{name} {margin_said(one, asked.lang)}</b> {arrow(one)}".strip()


def _gauges(sums: dict[str, float | None], asked: Asked) -> list[dict[str, Any]]:
    """Rain gauges: dots; with a colour where it rained too much."""
    over = {one.station.code: one for one in rained(asked)}
    named = [code for code, one in over.items() if one.level >= 3][: 0 if asked.view.mode == "wall" else GAUGES]
    rows = []
    for one in stations.stations_in(asked.area, ("rain",)):
        if one.lon is None:
            continue
        name, mm, much = one.label(asked.lang), sums.get(one.code), over.get(one.code)
        said = _wet(name, mm, asked) if mm is not None else f"{name} {DASH}"
        label = text("flood_map.much", asked.lang, hours=much.hours, value=f"{much.mm:.1f}") if much else ""
        rows.append(
            _row(
                "station",
                one.code,
                name,
                role="rain",
                value=mm,
                state=much.level if much else 0 if mm is not None else None,
                health="good" if mm is not None else "missing",
                said=f"<b>{name} {label}</b>" if one.code in named else "",
                sentence=f"{said}<br>{label}" if much else said,
                lon=one.lon,
                lat=one.lat,
            )
        )
    return rows


def _core(asked: Asked) -> tuple[float, float, float, float] | None:
    """Bounds of the part of the city where most of its roads that flood lie, if that is a small part."""
    points = [
        (s.lon, s.lat) for s in stations.stations_in(asked.area, (CM,)) if s.lon is not None and s.lat is not None
    ]
    whole = shapes.bounds(asked.area.code)
    if len(points) < 8 or whole is None:
        return None
    lons, lats = sorted(x for x, _ in points), sorted(y for _, y in points)
    cut = len(points) // 6
    west, east, south, north = lons[cut], lons[-1 - cut], lats[cut], lats[-1 - cut]
    x, y = (east - west) * 0.3, (north - south) * 0.3
    small = (east - west + 2 * x) < 0.4 * (whole[2] - whole[0])
    return (west - x, south - y, east + x, north + y) if small else None


# ---- rivers ------------------------------------------------------------------------------------------------------


def _arrows() -> list[tuple[float, float, float]]:
    """lon, lat and bearing of arrows along the rivers, downstream."""
    made = []
    for water in shapes.waters():
        if water["kind"] == "river":
            lon, lat = list(water["lon"]), list(water["lat"])  # type: ignore[call-overload]
            if _against_the_stream(lon, lat, stations.line(str(water["name"]))):
                lon, lat = lon[::-1], lat[::-1]
            made += along(lon, lat)
    return made


def _against_the_stream(lon: list[float], lat: list[float], line: Sequence[Station]) -> bool:
    """Whether a drawn line begins at the mouth: stations know their distance to it."""
    told = [one for one in line if one.lon is not None and one.lat is not None]
    if len(told) < 2:
        return False  # lines come from source to mouth
    first, last = (
        min(range(len(lon)), key=lambda i: (lon[i] - (s.lon or 0)) ** 2 + (lat[i] - (s.lat or 0)) ** 2)
        for s in (told[0], told[-1])
    )
    return first > last


def along(lon: list[float], lat: list[float]) -> list[tuple[float, float, float]]:
    """Points spread along a line, each with the bearing of the line there: degrees clockwise from north."""
    narrow = math.cos(math.radians(lat[0]))
    steps = [((b[0] - a[0]) * narrow, b[1] - a[1]) for a, b in pairwise(zip(lon, lat, strict=True))]
    lengths = [math.hypot(*step) for step in steps]
    whole = sum(lengths)
    count = max(1, round(whole * 111 / ARROW_KM))
    found = []
    for i in range(count):
        left = whole * (i + 0.5) / count
        for k, length in enumerate(lengths):
            if left <= length and length:
                t = left / length
                x, y = lon[k] + t * (lon[k + 1] - lon[k]), lat[k] + t * (lat[k + 1] - lat[k])
                found.append((x, y, math.degrees(math.atan2(*steps[k]))))
                break
            left -= length
    return found
