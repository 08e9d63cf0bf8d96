"""The last day by its hours: a click on one replays the day from there."""

from datetime import datetime, timedelta

from components import bodies
from components.panel import Answer, panel
from components.rows import framed
from components.view import View, day_before
from components.words import text
from data_access.flood import forecast, readings, stations
from domain.flood.rain import areal
from pages.flood.asked import Asked, ask, nothing

BACK, AHEAD = 24, 6  # hours


@panel(bodies.flood_replay, source="flood_rain", sets="at")
def replay(view: View) -> Answer:
    """moment (the end of an hour), mm (areal rain of that hour, NaN: not known), part (past | forecast): one row an
    hour, oldest first."""
    asked = ask(view)
    if lacking := nothing(asked.lang):
        return lacking
    rows = hours_of(asked)
    facts = {"at": asked.at if view.at else None, "span": view.replayed or day_before(asked.at)}
    moments, mm, parts = zip(*rows, strict=True)
    note = text("flood_replay.note", asked.lang, place=asked.area.label(asked.lang))
    return Answer(
        framed({"moment": list(moments), "mm": list(mm), "part": list(parts)}, ("mm",)), facts=facts, note=note
    )


def hours_of(asked: Asked) -> list[tuple[datetime, float | None, str]]:
    """(the end of an hour, areal rain of that hour or None, past or forecast) of the last day, and what is to come."""
    last = asked.at.replace(minute=0)
    hours = [last - timedelta(hours=h) for h in range(BACK - 1, -1, -1)]
    fell = readings.rain_hours(None, hours[0] - timedelta(hours=1), asked.at, asked.at)
    told = _weights(asked)
    rows: list[tuple[datetime, float | None, str]] = []
    for hour in hours:
        by = {code: some.get(hour) for code, some in fell.items()}
        rows.append((hour, areal(by, told).mm if told and hour <= asked.at else None, "past"))
    return rows + _coming(asked, last)


def _weights(asked: Asked) -> dict[str, float]:
    """Of the place; where none are told, each of its gauges counts for as much as the others."""
    known = stations.weights(asked.area.code)
    inside = stations.stations_in(asked.area, ("rain",)) or stations.stations_in(None, ("rain",))
    return known or {one.code: 1.0 for one in inside}


def _coming(asked: Asked, last: datetime) -> list[tuple[datetime, float | None, str]]:
    """Rain to come, of all catchments by their area."""
    told = forecast.rain_to_come(asked.at)
    size = {code: one.area_km2 for code, one in stations.catchments().items() if code in told}
    if not size or last + timedelta(hours=1) <= asked.at:
        return []
    made: list[tuple[datetime, float | None, str]] = []
    for h in range(1, AHEAD + 1):
        hour = last + timedelta(hours=h)
        by: dict[str, float | None] = {code: told[code].hours.get(hour) for code in size}
        made.append((hour, areal(by, size).mm, "forecast"))
    return made
