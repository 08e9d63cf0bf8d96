"""One station: its water against its thresholds and what they mean, the rain that made it, what is let out above, and
how it goes on."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from components import figures
from components.panel import Answer, Measured, panel
from components.rows import framed
from components.view import View
from components.words import DASH, percent, signed, text
from data_access.flood import forecast, readings, states, stations
from data_access.flood.readings import Series
from data_access.flood.states import StationState
from data_access.flood.stations import RIVER, Station
from domain.flood.levels import hours_to, percentile
from domain.flood.rain import areal
from domain.flood.rules import rules
from domain.flood.spread import near
from pages.flood.asked import (
    CM,
    Asked,
    arrow,
    ask,
    chosen,
    clock,
    current,
    digits,
    gauges,
    length,
    level_of,
    nothing,
    unit,
)

BACK = {"": 1, "7d": 7, "30d": 30}  # days that are shown
AHEAD = timedelta(hours=12)
WEEK = 7  # days: of longer spans rain is told by the day
MOST = 420  # points of a line: what is shown of more are the lowest and highest of each stretch
AROUND = 10  # days around the same day of other years
LADDER = {  # thresholds by kind, and the colour that each of them raises
    "river": {"warning": 2, "guarantee": 3, "record": 4},
    "reservoir": {"limit": 2, "flood_high": 3, "design": 4, "check": 5},
    "waterlogging": {"yellow": 2, "orange": 3, "red": 4},
}
Row = tuple[str, datetime, float | None, float | None, float | None]


def _ranges(view: View) -> list[tuple[str, str, str]]:
    return [("back", back, text(f"flood_station.back_{days}", view.lang)) for back, days in BACK.items()]


@panel(figures.hydrograph, about=("flood.margin",), source="flood_river", sets="station", choices=_ranges)
def station(view: View) -> Answer:
    """part (water: level m, of a road depth cm | other: the camera beside a gauge, or the gauge beside a camera | rain:
    mm of the hour (of a month: the day) that ends then, areal of its catchment | rain_forecast | release, inflow: m³/s
    of the reservoir above it | forecast), moment, value, low, high (the band of a forecast): one row a moment; of long
    spans the extremes of each stretch."""
    asked = ask(view)
    lang = asked.lang
    if lacking := nothing(lang):
        return lacking
    one = chosen(asked, current(asked))
    if one is None:
        return Answer(framed({"part": [], "moment": [], "value": [], "low": [], "high": []}), blank="none")
    days = BACK.get(view.back, 1)
    start = asked.at - timedelta(days=days)
    seen = replace(asked, at=asked.known) if view.alarm else asked  # what an alarm came of stands beside it at once
    now = states.state_of(one.code, seen.at)
    rows: list[Row] = []
    rows += _line("water", one.code, states.ELEMENT.get(one.kind, "level"), start, seen) if one.kind != "rain" else []
    other = _beside(one)
    if other is not None:
        rows += _line("other", other.code, "level", start, asked)
    rows += _rain(one, start, asked)
    above = _above(one)
    if above is not None:
        rows += _line("release", above.code, "outflow", start, asked)
        rows += _line("inflow", above.code, "inflow", start, asked) if above is one else []
    ahead = forecast.of_station(one.code, asked.at) if one.kind in RIVER and days <= WEEK else None
    crest = None
    if ahead is not None and ahead.level is not None:
        rows += _ahead(ahead, asked)
        crest = _crest(ahead, now, asked)
    rows += _rain_ahead(one, asked) if days == 1 else []
    facts = {
        "title": one.label(lang),
        "start": start,
        "end": asked.at + (AHEAD if days == 1 else timedelta(hours=2 * days)),
        "now": asked.at,
        "unit": unit(one.kind),
        "digits": digits(one.kind),
        "ladder": _ladder(one, asked),
        "rain_unit": text(f"flood_station.rain_{'hour' if days <= WEEK else 'day'}", lang),
        "rain_hours": 1 if days <= WEEK else 24,
        "flow_unit": "m³/s",
        "flow_names": _flow_names(rows, above, lang),
        "figures": _figures(one, now, crest, asked),
        "other": _compared(now, other, asked),
        "level": level_of(now) if now else None,
        "top": {"moment": crest[0], "value": crest[1]} if crest else None,
    }
    measured = ()
    if now and now.state.margin is not None and one.kind != CM:
        measured = (Measured.of("flood.margin", now.state.margin),)
    columns = (
        dict(zip(("part", "moment", "value", "low", "high"), zip(*rows, strict=True), strict=True)) if rows else {}
    )
    frame = framed(
        {name: list(columns.get(name, ())) for name in ("part", "moment", "value", "low", "high")},
        ("value", "low", "high"),
    )
    return Answer(frame, measured, facts, note=_note(one, now, asked), blank="" if rows else "none")


def _line(part: str, code: str, element: str, start: datetime, asked: Asked) -> list[Row]:
    """A series as rows; where nothing was read for long stands a row without a value."""
    told = thinned(readings.series(code, element, start, asked.at, asked.at).good)
    one = stations.station(code)
    hole = np.timedelta64(max(3 * (one.interval_minutes if one else 60), 15), "m")
    made: list[Row] = []
    before: np.datetime64 | None = None
    for moment, value in zip(told.moments, told.values, strict=True):
        if before is not None and moment - before > max(hole, _stretch(start, asked.at)):
            made.append((part, (before + hole).astype(datetime), None, None, None))
        made.append((part, moment.astype(datetime), round(float(value), 3), None, None))
        before = moment
    return made


def _ahead(told: forecast.StationForecast, asked: Asked) -> list[Row]:
    """How it goes on: expected, and with less and more water."""
    assert told.level is not None
    until = asked.at + AHEAD
    made: list[Row] = []
    for i, moment in enumerate(told.moments):
        low, value, high = (None if np.isnan(v) else round(float(v), 3) for v in told.level[:, i])
        if moment <= until and value is not None:
            made.append(("forecast", max(moment, asked.at), value, low, high))
    return made


def _crest(told: forecast.StationForecast, now: StationState | None, asked: Asked) -> tuple[datetime, float] | None:
    """The highest water to come, where it is still to come and not only the end of what is reckoned."""
    top = told.peak()
    if top is None or now is None or now.reading is None:
        return None
    moment, value = top
    return top if asked.at < moment < told.moments[-1] and value > now.reading.value + 0.02 else None


def _rain_ahead(one: Station, asked: Asked) -> list[Row]:
    """Rain that is forecast for its catchment."""
    told = forecast.rain_to_come(asked.at).get(one.catchment)
    if told is None or one.kind == "rain":
        return []
    until = asked.at + AHEAD
    return [
        ("rain_forecast", hour, round(mm, 2), None, None) for hour, mm in told.hours.items() if asked.at < hour <= until
    ]


def _stretch(start: datetime, end: datetime) -> np.timedelta64:
    return np.timedelta64(int((end - start).total_seconds() / MOST * 5), "s")


def thinned(told: Series) -> Series:
    """At most MOST points: of each stretch the lowest and the highest, so that no peak is lost."""
    n = len(told.moments)
    if n <= MOST:
        return told
    edges = np.linspace(0, n, MOST // 2 + 1).astype(int)
    kept = {n - 1}
    for first, last in pairwise(edges):
        part = told.values[first:last]
        kept |= {first + int(part.argmin()), first + int(part.argmax())}
    chosen_ = np.array(sorted(kept))
    return Series(told.moments[chosen_], told.values[chosen_], told.quality[chosen_])


def _beside(one: Station) -> Station | None:
    """The camera that reads a gauge's level, or the gauge beside a camera."""
    if one.kind == "video":
        return stations.station(one.twin) if one.twin else None
    if one.kind == CM:
        return None
    return next((s for s in stations.stations_in(None, ("video",)) if s.twin == one.code), None)


def _above(one: Station) -> Station | None:
    """The reservoir whose release comes down to the station: itself, or the nearest one above."""
    if one.kind == "reservoir":
        return one
    if one.kind in (CM, "rain"):
        return None
    found = []
    for dam in stations.stations_in(None, ("reservoir",)):
        found += [(below.hours, dam) for below in stations.downstream_of(dam.code) if below.station.code == one.code]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _flow_names(rows: Iterable[Row], above: Station | None, lang: str) -> dict[str, str]:
    if above is None:
        return {}
    last = {part: value for part, _, value, _, _ in rows if value is not None}
    return {
        part: text(f"flood_station.{part}", lang, name=above.label(lang), value=f"{last[part]:.0f}")
        for part in ("release", "inflow")
        if part in last
    }


# ---- rain --------------------------------------------------------------------------------------------------------


def _rain(one: Station, start: datetime, asked: Asked) -> list[Row]:
    """Of each hour, of a month of each day: of a gauge its own, of a catchment's station the areal mean, of a road what
    fell near it."""
    told = {one.code: 1.0} if one.kind == "rain" else stations.weights(one.catchment)
    if not told and one.lon is not None and one.lat is not None:
        told = near(one.lon, one.lat, gauges())
    if not told:
        return []
    by: dict[datetime, dict[str, float | None]] = {}
    if asked.at - start > timedelta(days=WEEK):
        for code in told:
            for day in readings.days(code, "rain", start.date(), asked.at.date() - timedelta(days=1)):
                end = datetime.combine(day.day, time.min) + timedelta(days=1)
                by.setdefault(end, {})[code] = day.total
        midnight = datetime.combine(asked.at.date(), time.min)
        for code, some in readings.rain_hours(tuple(sorted(told)), midnight, asked.at, asked.at).items():
            by.setdefault(midnight + timedelta(days=1), {})[code] = sum(some.values())
    else:
        first = start.replace(minute=0, second=0, microsecond=0)
        for code, some in readings.rain_hours(tuple(sorted(told)), first, asked.at, asked.at).items():
            for hour, mm in some.items():
                by.setdefault(hour, {})[code] = mm
    fell = [(moment, areal(by[moment], told).mm) for moment in sorted(by)]
    return [("rain", moment, round(mm, 2), None, None) for moment, mm in fell if mm is not None]


# ---- thresholds and numbers ----------------------------------------------------------------------------------------


def _kind(one: Station) -> str:
    return one.kind if one.kind in LADDER else "river"


def _ladder(one: Station, asked: Asked) -> list[dict[str, Any]]:
    """The thresholds that are lines: value, level (the colour it raises, 0: none), name, means."""
    lang, kind, day = asked.lang, _kind(one), asked.at.date()
    judged = stations.station(one.twin) if one.kind == "video" and one.twin else one
    limits = stations.limits((judged or one).code, day)
    made: dict[str, dict[str, Any]] = {}
    for known in limits.of("depth" if kind == CM else "level"):
        if (level := LADDER[kind].get(known.name)) is None:
            continue
        means = known.consequence_zh if lang == "zh" else known.consequence_en
        made[known.name] = _rung(known.value, level, text(f"threshold.{known.name}", lang), means or "")
    told = rules(day, one.code)
    if kind == CM:
        for name, cm in zip(("blue", "yellow", "orange", "red"), told.depth_cm, strict=True):
            if name in LADDER[kind] and name not in made:
                made[name] = _rung(cm, LADDER[kind][name], text(f"threshold.{name}", lang), "")
    elif kind == "river" and "warning" in made:
        value = made["warning"]["value"] - told.river_near_m
        made["near"] = _rung(value, 1, text("threshold.near", lang), "")
    return sorted(made.values(), key=lambda rung: rung["value"])


def _rung(value: float, level: int, name: str, means: str) -> dict[str, Any]:
    return {"value": value, "level": level, "name": name, "means": means}


def _figures(
    one: Station, now: StationState | None, crest: tuple[datetime, float] | None, asked: Asked
) -> dict[str, Any]:
    """The numbers beside the picture: value, against (its threshold), cells [(name, value)]."""
    lang = asked.lang
    if now is None or now.reading is None:
        return {"value": DASH, "unit": "", "against": text("flood_said.no_reading", lang), "cells": []}
    said: dict[str, Any] = {"value": f"{now.reading.value:.{digits(one.kind)}f}", "unit": unit(one.kind)}
    if one.kind == "rain":
        sums = readings.rain_sums(asked.at, (1, 24)).get(one.code)
        cells = (
            []
            if sums is None
            else [(f"{h} h", f"{mm:.1f} mm") for h, mm in zip((1, 24), sums, strict=True) if mm is not None]
        )
        return {"value": cells[0][1].split()[0] if cells else DASH, "unit": "mm/h", "against": "", "cells": cells}
    said["against"] = ""
    if now.state.margin is not None and one.kind != CM:
        key = "above" if now.state.margin >= 0 else "below"
        name = text(f"threshold.{now.state.name}", lang)
        said["against"] = text(f"flood_station.{key}", lang, name=name, value=signed(now.state.margin, 2))
    elif now.state.level is None:
        said["against"] = text("flag.none", lang)
    cells: list[tuple[str, str]] = []
    if now.trend is not None:
        rate = f"{abs(now.trend):.{digits(one.kind)}f} {unit(one.kind)}/h"
        cells.append((text("flood_station.rate", lang), f"{arrow(now)} {rate}"))
        if upper := next((r for r in _ladder(one, asked) if r["value"] > now.reading.value), None):
            hours = hours_to(now.reading.value, upper["value"], now.trend)
            if hours is not None and hours <= 48:
                cells.append((text("flood_station.reaches", lang, name=upper["name"]), length(hours)))
    if crest is not None:
        cells.append((text("flood_station.crest", lang), f"{crest[1]:.2f} · {clock(crest[0], asked.at)}"))
    if now.flow is not None and len(cells) < 3:
        cells.append((text("flood_station.flow", lang), f"{now.flow:.0f} m³/s"))
    return said | {"cells": cells}


def _compared(now: StationState | None, other: Station | None, asked: Asked) -> str | None:
    """Gauge against video."""
    beside = states.state_of(other.code, asked.at) if other else None
    if other is None or beside is None or beside.reading is None or now is None or now.reading is None:
        return None
    apart = signed(beside.reading.value - now.reading.value, 2)
    said = f"┄ {text(f'station_kind.{other.kind}', asked.lang)} {beside.reading.value:.2f} ({apart})"
    confidence = beside.reading.confidence
    if confidence is None:
        return said
    return f"{said}<br>{text('flood_station.confidence', asked.lang)} {confidence:.2f}"


def _note(one: Station, now: StationState | None, asked: Asked) -> str:
    """River, datum, how it compares with the same day of other years, and when it was read."""
    lang = asked.lang
    parts = [one.river, one.datum]
    if now is not None and now.reading is not None:
        if one.kind not in (CM, "rain") and (share := _percentile(one, now.reading.value, asked.at.date())) is not None:
            parts.append(text("flood_station.percentile", lang, value=percent(share, 0)))
        parts.append(
            f"{now.reading.moment:%m-%d %H:%M}"
            if now.reading.moment.date() != asked.at.date()
            else f"{now.reading.moment:%H:%M}"
        )
        if now.health in ("missing", "offline", "suspicious"):
            parts.append(text(f"flood_said.{now.health}", lang))
    return " · ".join(part for part in parts if part)


def _percentile(one: Station, value: float, day: date) -> float | None:
    """The share of the days around the same day of other years whose highest water lay below; None: no other years."""
    highs: list[float] = []
    first = date(day.year - 10, 1, 1)
    for known in readings.days(one.code, states.ELEMENT.get(one.kind, "level"), first, day - timedelta(days=180)):
        apart = abs(
            (known.day.replace(year=2000) if (known.day.month, known.day.day) != (2, 29) else date(2000, 2, 28))
            .timetuple()
            .tm_yday
            - day.timetuple().tm_yday
        )
        if min(apart, 366 - apart) <= AROUND:
            highs.append(known.high)
    return percentile(value, highs)
