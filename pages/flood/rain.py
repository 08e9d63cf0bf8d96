"""Rain: sums of several hours and of the rain day, by place and by gauge, and how it fell."""

from datetime import datetime
from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import text
from data_access.areas import tree
from data_access.flood import readings, stations
from domain.flood.rain import areal, grade, rain_day, rain_day_span
from domain.flood.spread import near
from pages.flood.asked import WINDOWS, Asked, ask, gauges, nothing, rained
from pages.flood.replay import BACK, hours_of

SUMS = tuple(f"h{hours}" for hours in WINDOWS)
COLUMNS = ("kind", "code", "name", "place", *SUMS, "day", "grade", "reported", "level", "sets")
NUMBERS = (*SUMS, "day", "reported", "level")
Weighed = dict[str, float]
Today = dict[str, float | None]


@panel(bodies.flood_rain, about="flood.rain_24h", source="flood_rain")
def rain(view: View) -> Answer:
    """kind (whole | area | catchment | gauge), code, name, place (where a gauge stands), h1 h3 h6 h12 h24 (mm over the
    last hours; NaN: nothing was told), day (since 08:00), grade (of 24 h), reported (the weight of the gauges that
    reported, of 1), level (of the rain alarm; 0 none), sets (the field that its link sets): the place itself, the
    places in it, the catchments, then its gauges, most rain first. Of places the areal mean."""
    asked = ask(view)
    if lacking := nothing(asked.lang):
        return lacking
    inside = stations.stations_in(asked.area, ("rain",))
    if not inside:
        facts = {"lacking": ["rain"]}  # the others close ranks
        return Answer(tabled([], COLUMNS), facts=facts, blank="none", note=text("rain.none", asked.lang))
    sums, today = readings.rain_sums(asked.at, WINDOWS), _today(asked.at)
    whole = _mean("whole", asked.area.code, asked.area.label(asked.lang), _weights(asked), (sums, today))
    rows = [whole, *_places(asked, sums, today), *_catchments(asked, sums, today)]
    levels = {one.station.code: one.level for one in rained(asked)}
    listed = []
    for one in inside:
        told = sums.get(one.code, (None,) * len(WINDOWS))
        street = tree().get(one.street_code) or tree().get(one.district_code)
        place = street.label(asked.lang) if street else ""
        listed.append(
            _row("gauge", one.code, one.label(asked.lang), told, today.get(one.code))
            | {"place": place, "level": levels.get(one.code, 0), "sets": ""}
        )
    rows += sorted(listed, key=lambda row: (-(row["h24"] if row["h24"] is not None else -1), row["code"]))
    facts = {"hours": hours_of(asked), "at": asked.at, "back": BACK}
    note = text("rain.note", asked.lang, n=sum(row["h24"] is not None for row in listed), of=len(inside))
    measured = (Measured.of("flood.rain_24h", whole["h24"]),)
    return Answer(tabled(rows, COLUMNS, NUMBERS), measured, facts, note=note)


def _today(at: datetime) -> Today:
    """Rain of the rain day that runs, by gauge."""
    return readings.rain_since(rain_day_span(rain_day(at))[0], at)


def _row(kind: str, code: str, name: str, told: tuple[float | None, ...], day: float | None) -> dict[str, Any]:
    last = told[-1]
    return {
        "kind": kind, "code": code, "name": name, "place": "", **dict(zip(SUMS, told, strict=True)), "day": day,
        "grade": grade(last) if last is not None else "", "reported": None, "level": 0, "sets": "",
    }  # fmt: skip


def _mean(
    kind: str, code: str, name: str, weights: Weighed, known: tuple[dict[str, Any], Today]
) -> dict[str, Any]:  # fmt: skip
    sums, today = known
    if not weights:
        return _row(kind, code, name, (None,) * len(WINDOWS), None)
    told = tuple(areal({gauge: one[i] for gauge, one in sums.items()}, weights).mm for i in range(len(WINDOWS)))
    row = _row(kind, code, name, told, areal(today, weights).mm)
    last = len(WINDOWS) - 1
    return row | {"reported": areal({gauge: one[last] for gauge, one in sums.items()}, weights).reported}


def _weights(asked: Asked) -> Weighed:
    """Of the place by its shape; where none are told, of the gauges near its middle."""
    area = asked.area
    told = stations.weights(area.code)
    if not told and area.lon is not None and area.lat is not None:
        told = near(area.lon, area.lat, gauges())
    return told or {one.code: 1.0 for one in stations.stations_in(area, ("rain",))}


def _places(asked: Asked, sums: dict[str, Any], today: Today) -> list[dict[str, Any]]:
    rows = []
    for child in tree().children(asked.area.code):
        weights = stations.weights(child.code)
        if not weights and child.lon is not None and child.lat is not None:
            weights = near(child.lon, child.lat, gauges())
        rows.append(_mean("area", child.code, child.label(asked.lang), weights, (sums, today)) | {"sets": "area"})
    return sorted(rows, key=_most)


def _catchments(asked: Asked, sums: dict[str, Any], today: Today) -> list[dict[str, Any]]:
    """Of the whole city: catchments do not follow its districts."""
    if asked.area.level:
        return []
    rows = [
        _mean("catchment", one.code, one.label(asked.lang), stations.weights(one.code), (sums, today))
        for one in stations.catchments().values()
    ]
    return sorted(rows, key=_most)


def _most(row: dict[str, Any]) -> tuple[float, str]:
    return -(row["h24"] if row["h24"] is not None else -1.0), row["code"]
