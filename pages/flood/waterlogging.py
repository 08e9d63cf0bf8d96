"""Water on the streets: how deep, how fast, what people call in, and drains that cannot flow."""

from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import text
from data_access.flood import stations
from data_access.flood import waterlogging as data
from data_access.flood.waterlogging import Ponding
from domain.flood.rules import rules
from pages.flood.asked import Asked, ask, nothing

COLUMNS = (
    "station", "name", "moment", "depth", "state", "threshold", "rise", "fast", "calls", "pump", "outfall", "river",
    "river_name", "blocked", "health",
)  # fmt: skip
NUMBERS = ("depth", "state", "rise", "calls", "pump", "outfall", "river")


@panel(
    bodies.flood_waterlogging,
    about="flood.ponding",
    source="flood_waterlogging",
    sets="station",
)
def waterlogging(view: View) -> Answer:
    """station, name, moment, depth (cm), state (0 normal, 1 blue .. 4 red; NaN: not heard of), threshold, rise (cm in
    ten minutes), fast (rises as fast as the rules call fast), calls (orders about water of the last three hours within
    500 m; NaN: no orders are loaded), pump (1 runs, 0 does not, NaN: none is told), outfall and river (m: the mouth of
    the drain, and the river there), river_name, blocked (the river is higher), health: one row a point, the deepest
    first."""
    asked = ask(view)
    if lacking := nothing(asked.lang):
        return lacking
    found = data.pondings(asked.at, asked.area)
    if not found:
        facts = {"lacking": ["waterlogging"]}  # the others close ranks
        return Answer(tabled([], COLUMNS), facts=facts, blank="none", note=text("waterlogging.none", asked.lang))
    held = rules(asked.at.date())
    table = [_row(one, held.depth_rise_cm_h, asked) for one in found]
    wet = sum((row["state"] or 0) > 0 for row in table)
    facts = {
        "steps": held.depth_cm[1:],
        "blocked": [row["name"] for row in table if row["blocked"] and (row["depth"] or 0) >= held.depth_cm[0]],
        "silent": sum(row["health"] in ("missing", "offline") for row in table),
        "chosen_station": view.station,
    }
    note = text("waterlogging.note", asked.lang, n=len(table), wet=wet, time=asked.at.strftime("%H:%M"))
    return Answer(tabled(table, COLUMNS, NUMBERS), (Measured.of("flood.ponding", wet),), facts, note=note)


def _row(one: Ponding, fast_cm_h: float, asked: Asked) -> dict[str, Any]:
    told = one.state
    gone = told.health == "offline"
    twin = stations.station(told.station.twin) if told.station.twin else None
    return {
        "station": told.station.code,
        "name": told.station.label(asked.lang),
        "moment": told.reading.moment if told.reading else None,
        "depth": told.reading.value if told.reading and not gone else None,
        "state": None if gone else told.state.level,
        "threshold": told.state.name,
        "rise": None if gone else one.rise,
        "fast": one.rise is not None and one.rise * 60 / data.RISE_MIN >= fast_cm_h,
        "calls": one.calls,
        "pump": one.pump,
        "outfall": one.outfall,
        "river": one.river,
        "river_name": twin.label(asked.lang) if twin else "",
        "blocked": bool(one.blocked),
        "health": told.health,
    }
