"""What every question of the flood page starts from, and how a station and its water are said."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import pandas as pd

from components.panel import Answer, moment_of, place_of
from components.view import View
from components.words import DASH, number, signed, text
from data_access.areas import Area
from data_access.flood import readings, states, stations
from data_access.flood.states import StationState
from data_access.flood.stations import Station
from domain.flood.ladder import rain_steps
from domain.flood.rules import rules
from pages.asking import NoCity

CM = "waterlogging"  # the kind whose water is told as a depth in cm
WINDOWS = (1, 3, 6, 12, 24)  # h of rain that are asked for together
ARROW = 0.02  # m/h, below which water stands still; of depths cm/h


@dataclass(frozen=True)
class Asked:
    """A View resolved against the clock and the city's places."""

    view: View
    area: Area
    at: datetime

    @property
    def lang(self) -> str:
        return self.view.lang

    @property
    def known(self) -> datetime:
        """Up to when alarms count: live, the whole of the minute that is shown; an alarm need not wait for its end."""
        return self.at if self.view.at else self.at + timedelta(seconds=59)


def ask(view: View) -> Asked:
    """Raises NoCity when no areas are loaded."""
    area = place_of(view)
    if area is None:
        raise NoCity("no areas are loaded")
    return Asked(view, area, moment_of(view))


def nothing(lang: str) -> Answer | None:
    """That no flood data were loaded, and what to do; None when there are stations."""
    if stations.stations():
        return None
    return Answer(pd.DataFrame(), facts={"lacking": ["stations"]}, blank="none", note=text("flood_said.nothing", lang))


def level_of(one: StationState) -> int | None:
    """The level that a station stands at now; None: there is no threshold, or it has not spoken for long."""
    return None if one.health == "offline" else one.state.level


def current(asked: Asked) -> list[StationState]:
    """The state of each station of the place that has a level or a depth, worst first."""
    some = [one for one in states.states(asked.at, asked.area) if one.element in ("level", "depth")]
    return sorted(some, key=_worst)


def _worst(one: StationState) -> tuple[float, ...]:
    level = level_of(one)
    level = -1 if level is None else level
    margin = one.state.margin if one.state.margin is not None else -1e9
    return -level, one.station.kind == CM, -margin / (100 if one.station.kind == CM else 1)


def chosen(asked: Asked, found: list[StationState]) -> Station | None:
    """The station that the view names, or the worst of the place; None where there is none."""
    named = stations.station(asked.view.station) if asked.view.station else None
    if named is not None:
        return named
    return next((one.station for one in found if one.station.kind != "video"), None)


def gauges() -> dict[str, tuple[float, float]]:
    """Where each rain gauge stands: lon, lat."""
    some = stations.stations_in(None, ("rain",))
    return {one.code: (one.lon, one.lat) for one in some if one.lon is not None and one.lat is not None}


class Rained(NamedTuple):
    """A gauge whose rain is over a limit of the rules: level (of the alarm scale), the window's hours, mm."""

    station: Station
    level: int
    hours: int
    mm: float


def rained(asked: Asked) -> list[Rained]:
    """Gauges of the place with too much rain, worst first."""
    day = asked.at.date()
    windows = tuple(sorted({*WINDOWS, *(int(h) for h in rules(day).rain_hours)}))
    sums = readings.rain_at_least(asked.at, windows)
    found = []
    for one in stations.stations_in(asked.area, ("rain",)):
        if one.code not in sums:
            continue
        told, held = dict(zip(windows, sums[one.code], strict=True)), rules(day, one.code)
        step = rain_steps([told.get(int(h)) or 0.0 for h in held.rain_hours], held)
        if step is not None:
            found.append(Rained(one, step[0].level, int(held.rain_hours[step[0].level - 1]), step[1]))
    return sorted(found, key=lambda row: (-row.level, -row.mm))


def short(one: Station, lang: str) -> str:
    """The name of a river's station without what kind of station it is; a reservoir is called one."""
    name = one.label(lang)
    if one.kind in stations.RIVER:
        for tail in text("river_line.tails", lang).split("|"):
            name = name.removesuffix(tail)
    return name


def digits(kind: str) -> int:
    return 0 if kind == CM else 2


def unit(kind: str) -> str:
    return "cm" if kind == CM else "m"


def arrow(one: StationState) -> str:
    """Which way the water goes."""
    rate = one.trend
    if rate is None:
        return ""
    step = ARROW * (100 if one.station.kind == CM else 1)
    return "↑" if rate > step else "↓" if rate < -step else "→"


def margin_said(one: StationState, lang: str) -> str:
    """Against the threshold that matters: +0.88 m; of water on a road the depth itself: 43 cm."""
    if one.station.kind == CM:
        return f"{one.reading.value:.0f} cm" if one.reading is not None else DASH
    if one.state.margin is None:
        return f"{number(one.reading.value, lang, 2)} m" if one.reading is not None else DASH
    return f"{signed(one.state.margin, 2)} m"


def sentence(one: StationState, lang: str) -> str:
    """A station in one line, as when a pointer rests on it."""
    kind = text(f"station_kind.{one.station.kind}", lang)
    said = [f"{one.station.label(lang)} · {kind}"]
    if one.reading is None:
        return "<br>".join([*said, text("flood_said.no_reading", lang)])
    said.append(f"{one.reading.value:.{digits(one.station.kind)}f} {unit(one.station.kind)} {arrow(one)}")
    if one.state.level is None:
        said.append(text("flag.none", lang))
    elif one.station.kind != CM and one.state.margin is not None:
        said.append(against(one.state.name, one.state.margin, lang))
    said.append(f"{one.reading.moment:%m-%d %H:%M}")
    if one.health in ("missing", "offline", "suspicious"):
        said[-1] += " · " + text(f"flood_said.{one.health}", lang)
    return "<br>".join(said)


def against(name: str, margin: float, lang: str) -> str:
    """超警戒 0.88 m, 距警戒 0.35 m."""
    key = "above" if margin >= 0 else "below"
    return text(f"flood_said.{key}", lang, name=text(f"threshold.{name}", lang), value=f"{abs(margin):.2f}")


def clock(moment: datetime, at: datetime) -> str:
    """17:00, tomorrow with its day: 07-19 01:30."""
    return moment.strftime("%H:%M") if moment.date() == at.date() else moment.strftime("%m-%d %H:%M")


def length(hours: float) -> str:
    """1 h 04 min."""
    minutes = round(timedelta(hours=hours).total_seconds() / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if not minutes % 60 else f"{minutes // 60} h {minutes % 60:02d} min"
