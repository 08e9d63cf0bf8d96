"""The river as a line: its stations in order, each against its own threshold, the crest on its way down."""

from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import text
from data_access.flood import line as data
from data_access.flood import stations
from data_access.flood.line import Stop
from pages.flood.asked import Asked, ask, chosen, current, level_of, nothing

COLUMNS = (
    "station", "name", "kind", "river", "km", "level", "state", "reference", "margin", "guarantee", "flow", "trend",
    "hours", "crest_at", "crest", "crest_passed", "basis",
)  # fmt: skip
NUMBERS = ("km", "level", "state", "margin", "guarantee", "flow", "trend", "hours", "crest")


def _rivers(view: View) -> list[tuple[str, str, str]]:
    """A link to each river, by way of the station there that stands worst."""
    asked = ask(view)
    found, made = current(asked), []
    for river in stations.rivers()[:4]:
        worst = next((one for one in found if one.station.river == river and one.station.kind in data.KINDS), None)
        if worst is not None:
            made.append(("station", worst.station.code, river))
    return made if len(made) > 1 else []


@panel(bodies.flood_line, about="flood.margin", source="flood_river", sets="station", choices=_rivers)
def line(view: View) -> Answer:
    """station, name, kind, river, km (to the sea), level (m), state (0 normal .. 5; NaN: no threshold), reference
    (warning, or limit), margin (m above it), guarantee (m of the guarantee or flood-high level above it), flow (m³/s;
    of a reservoir its release), trend (m/h), hours (travel time to the next), crest_at, crest (m above the reference),
    crest_passed, basis (rain | persistence | none: what its own catchment's water to come is reckoned from): one row a
    station, from the head of the river to the sea."""
    asked = ask(view)
    if lacking := nothing(asked.lang):
        return lacking
    one = chosen(asked, [each for each in current(asked) if each.station.kind in data.KINDS])
    river = one.river if one and one.river else next(iter(stations.rivers()), "")
    if one is not None and one.twin and not one.river:
        twin = stations.station(one.twin)
        river = twin.river if twin else river
    stops = data.of_river(river, asked.at)
    if not stops:
        return Answer(tabled([], COLUMNS), blank="none", note=text("river_line.none", asked.lang))
    worst = max((s.margin for s in stops if s.margin is not None), default=None)
    own = next((c for f, c, r in _rivers(view) if r == river), "")
    facts = {"station": view.station, "river": river, "at": asked.at, "chosen": own}
    note = text("river_line.note", asked.lang, time=asked.at.strftime("%H:%M"))
    rows = [_row(stop, asked) for stop in stops]
    return Answer(tabled(rows, COLUMNS, NUMBERS), (Measured.of("flood.margin", worst),), facts, note=note)


def _row(stop: Stop, asked: Asked) -> dict[str, Any]:
    crest = stop.crest
    return {
        "station": stop.station.code,
        "name": stop.station.label(asked.lang),
        "kind": stop.station.kind,
        "river": stop.station.river,
        "km": stop.km,
        "level": stop.state.reading.value if stop.state.reading and stop.state.health != "offline" else None,
        "state": level_of(stop.state),
        "reference": "limit" if stop.station.kind == "reservoir" else "warning" if stop.reference is not None else "",
        "margin": stop.margin,
        "guarantee": stop.guarantee,
        "flow": stop.flow,
        "trend": stop.state.trend,
        "hours": stop.hours,
        "crest_at": crest.moment if crest else None,
        "crest": crest.margin if crest else None,
        "crest_passed": crest.passed if crest else None,
        "basis": stop.basis,
    }
