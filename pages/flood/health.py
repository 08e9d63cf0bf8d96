"""Data health: how well each kind of sensor reports, and which are not to be believed."""

from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import age, text
from data_access.flood import health as data
from data_access.flood import stations
from pages.flood.asked import Asked, ask, clock, nothing

COLUMNS = ("part", "kind", "station", "name", "stations", "online", "expected", "received", "timely", "fault", "since",
           "value", "words")  # fmt: skip
NUMBERS = ("stations", "online", "expected", "received", "timely", "value")


@panel(bodies.flood_health, about=("flood.reporting", "flood.received", "flood.timely"), source="flood_river",
       sets="station")  # fmt: skip
def health(view: View) -> Answer:
    """part (kind | fault), kind; of kinds: stations, online (heard of within two intervals), expected, received, timely
    (messages of 24 h); of faults: station, name, fault, since, value, words; the gravest first."""
    asked = ask(view)
    if lacking := nothing(asked.lang):
        return lacking
    rates = data.reporting(asked.at, asked.area)
    if not rates:
        return Answer(tabled([], COLUMNS, NUMBERS), blank="none")
    rows = [
        _row(part="kind", kind=kind, name=text(f"station_kind.{kind}", asked.lang), **_numbers(one))
        for kind, one in rates.items()
    ]
    found = data.faults(asked.at, asked.area)
    rows += [_fault(one, asked) for one in found]
    whole = [sum(getattr(one, name) for one in rates.values()) for name in data.Reporting._fields]
    total = data.Reporting(*whole)
    measured = (
        Measured.of("flood.reporting", total.online_share, total.online, total.stations),
        Measured.of("flood.received", total.received_share, total.received, total.expected),
        Measured.of("flood.timely", total.timely_share, total.timely, total.expected),
    )
    note = text("health.note", asked.lang, n=total.online, of=total.stations, faults=len(found))
    return Answer(tabled(rows, COLUMNS, NUMBERS), measured, {"total": total}, note=note)


def _numbers(one: data.Reporting) -> dict[str, Any]:
    return {name: getattr(one, name) for name in data.Reporting._fields}


def _row(**told: Any) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS) | {"station": "", "fault": "", "words": "", "kind": "", "name": ""} | told


def _fault(one: data.Fault, asked: Asked) -> dict[str, Any]:
    found, lang = stations.stations().get((one.station, one.kind)), asked.lang
    told: dict[str, Any] = {"value": _said(one), "other": "—" if one.other is None else f"{one.other:.2f}"}
    told["age"] = age(asked.at - one.since, lang, plain=True) if one.since and one.since <= asked.at else "—"
    told["time"] = clock(one.since, asked.at) if one.since else "—"
    return _row(
        part="fault", kind=one.kind, station=one.station, name=found.label(lang) if found else one.station,
        fault=one.fault, since=one.since, value=one.value, words=text(f"health.{one.fault}_says", lang, **told),
    )  # fmt: skip


def _said(one: data.Fault) -> str:
    if one.value is None:
        return "—"
    return f"{one.value:+.2f}" if one.fault == "apart" else f"{one.value:.0f}"
