"""The reservoirs: level between its limits, what comes in and goes out, how long and how much rain they can take."""

import math
from datetime import datetime
from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import text
from data_access.flood import reservoirs as data
from data_access.flood.reservoirs import Reservoir
from pages.flood.asked import Asked, arrow, ask, nothing

MARKS = ("dead", "limit", "flood_high", "design", "check", "crest")
COLUMNS = (
    "code", "name", "moment", "level", "state", "threshold", "margin", "trend", "storage", "room", "inflow", "noise",
    "span_hours", "outflow", "net", "hours", "expected_at", "peak", "rain_capacity", "rain_24h", "basis", "capacity",
    "outside", "arrow", *MARKS,
)  # fmt: skip
NUMBERS = (
    "level", "state", "margin", "trend", "storage", "room", "inflow", "noise", "outflow", "net", "hours", "peak",
    "rain_capacity", "rain_24h", "capacity", *MARKS,
)  # fmt: skip


@panel(
    bodies.flood_reservoirs,
    about=("flood.inflow", "flood.rain_capacity"),
    source="flood_reservoir",
    sets="reservoir",
)
def reservoirs(view: View) -> Answer:
    """code, name, moment, level (m), state (0 normal, 1 blue .. 5 beyond the check level; NaN: no threshold),
    threshold, margin (m, to that threshold), trend (m/h), storage and room to the limit (10⁶ m³), inflow
    (back-calculated, m³/s) with its noise over span_hours, outflow, net, hours to the limit (above it: to the
    flood-high level) at this net inflow (NaN: not coming nearer), expected_at (the limit is reached with the inflow
    that is forecast), peak (highest level of that forecast), rain_capacity (mm), rain_24h (mm forecast), basis (rain |
    fallen | persistence: where the inflow to come is from), capacity (what the gates can let out, m³/s), outside (of
    the storage curve), arrow, then the thresholds in m: one row a reservoir, the most pressing first."""
    asked = ask(view)
    if lacking := nothing(asked.lang):
        return lacking
    found = data.reservoirs(asked.at, asked.area)
    if not found:
        facts = {"lacking": ["reservoir"]}  # the others close ranks
        return Answer(tabled([], COLUMNS), facts=facts, blank="none", note=text("reservoirs.none", asked.lang))
    most = found[0]
    measured = (
        Measured.of("flood.inflow", most.inflow.flow if most.inflow else None),
        Measured.of("flood.rain_capacity", most.capacity_mm),
    )
    facts = {"reservoir": view.reservoir, "at": asked.at}
    note = text("reservoirs.note", asked.lang, time=asked.at.strftime("%H:%M"))
    return Answer(tabled([_row(one, asked) for one in found], COLUMNS, NUMBERS), measured, facts, note=note)


def _row(one: Reservoir, asked: Asked) -> dict[str, Any]:
    state = one.state.state
    moment: datetime | None = one.state.reading.moment if one.state.reading else None
    return {
        "code": one.code,
        "name": one.state.station.label(asked.lang),
        "moment": moment,
        "level": one.level,
        "state": state.level,
        "threshold": state.name,
        "margin": state.margin,
        "trend": one.state.trend,
        "storage": one.storage,
        "room": one.room,
        "inflow": one.inflow.flow if one.inflow else None,
        "noise": one.inflow.noise if one.inflow else None,
        "span_hours": one.span_h,
        "outflow": one.outflow,
        "net": one.net,
        "hours": one.hours if one.hours is not None and math.isfinite(one.hours) else None,
        "expected_at": one.expected_at,
        "peak": one.peak,
        "rain_capacity": one.capacity_mm,
        "rain_24h": one.rain_24h,
        "basis": one.basis,
        "capacity": one.capacity,
        "outside": one.outside,
        "arrow": arrow(one.state),
        **{name: one.limits.get(name) for name in MARKS},
    }
