"""What a city decides for its flood alarms and releases, with effective dates and for single stations
(handbook 4.4 to 4.6).

The values and where they come from are in rules.toml; a city's own file of the same form can take its place
(COCKPIT_RULES).
`rules(day, station)` is what held there on that day.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from domain import dated
from domain.dated import Change, RulesError

FILE = Path(__file__).with_suffix(".toml")
Four = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The values of one day and station; each is explained in the file. Raises RulesError when they contradict each
    other."""

    river_near_m: float
    reservoir_near_m: float
    depth_cm: Four
    rain_hours: Four
    rain_mm: Four
    heavy_rain_mm: float
    grades_24h_mm: tuple[float, ...]
    grades_12h_mm: tuple[float, ...]
    level_on_samples: int
    level_on_min: float
    level_deadband_m: float
    level_off_min: float
    level_again_min: float
    red_again_min: float
    depth_on_samples: int
    depth_on_min: float
    depth_deadband_cm: float
    depth_off_min: float
    depth_again_min: float
    rain_deadband: float
    rain_off_share: float
    rain_again_min: float
    rise_m_h: tuple[float, float, float]
    rise_min: float
    depth_rise_cm_h: float
    depth_rise_min: float
    rise_points: int
    rise_span: float
    rise_confirm: int
    rise_steps: float
    rise_deadband: float
    lead_warning_h: float
    lead_guarantee_h: float
    lead_limit_h: float
    lead_depth_h: float
    storm_count: int
    storm_min: float
    push_min: tuple[float, float]
    task_lead_h: float
    task_reach_h: float
    missing_intervals: int
    offline_h: float
    silent_min: float
    silent_back: int
    silent_again_min: float
    range_m: tuple[float, float]
    range_cm: tuple[float, float]
    spike_points: int
    spike_m: float
    spike_cm: float
    spike_mad: float
    spike_min: float
    stuck_h: float
    stuck_m: float
    stuck_neighbour_m: float
    stuck_rain_mm: float
    stuck_repeats: int
    dry_h: float
    dry_neighbours: int
    dry_km: float
    dry_mm: float
    rain_per_min: float
    rain_silent_share: float
    ahead_min: float
    late_days: float
    online_intervals: int
    timely_min: float
    video_agree_m: float
    video_min: float
    video_gauge_m: float
    band: tuple[float, float]
    ramp_share: float
    ramp_minutes: float
    notify_h: float
    offset_h: float
    inflow_noise: float
    runoff_wet: float
    ecological_flow: float
    ecological_share: float
    ecological_days: int
    version: str = ""

    def __post_init__(self) -> None:
        rising = ("depth_cm", "grades_24h_mm", "grades_12h_mm", "rise_m_h", "push_min", "range_m", "range_cm", "band")
        for name in rising:
            values = getattr(self, name)
            if any(low >= high for low, high in pairwise(values)):
                raise RulesError(f"{name} = {list(values)}: each value has to be above the one before")
        if self.level_deadband_m >= self.river_near_m > 0:
            raise RulesError("keep level_deadband_m below river_near_m: blue could not be told from yellow returning")
        if min(self.level_on_samples, self.depth_on_samples, self.rise_confirm, self.silent_back) < 1:
            raise RulesError("level_on_samples, depth_on_samples, rise_confirm and silent_back are at least 1")


@dataclass(frozen=True)
class Book:
    """All rules of one file. edition: a mark of its content."""

    default: Mapping[str, Any]
    changes: tuple[Change, ...]
    edition: str

    def on(self, day: date, station: str = "") -> Rules:
        """The rules of a station on a day. Their version names the edition and the changes that hold."""
        held = [(n, one) for n, one in enumerate(self.changes, 1) if one.covers(day, station)]
        return self._made(tuple(n for n, _ in sorted(held, key=lambda pair: (pair[1].of, pair[1].start))))

    def _made(self, held: tuple[int, ...]) -> Rules:
        found = _MADE.get((self.edition, held))
        if found is None:
            values = dict(self.default)
            for n in held:
                values |= self.changes[n - 1].values
            version = "+".join([self.edition, *map(str, sorted(held))])
            found = _MADE[self.edition, held] = Rules(**values, version=version[:40])
        return found

    def constant(self, station: str = "") -> bool:
        """Whether nothing ever changes for a station."""
        return not any(one.of in ("", station) for one in self.changes)


_MADE: dict[tuple[str, tuple[int, ...]], Rules] = {}


def rules(on: date, station: str = "", path: Path | None = None) -> Rules:
    """The rules that hold on a day, for a station ('': where nothing of its own is said)."""
    return read(path).on(on, station)


def _read(file: Path) -> Book:
    edition = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    return dated.read(file, lambda data: _book(data, edition))


def _book(data: Mapping[str, Any], edition: str) -> Book:
    default, changes = dated.parts(data, _TYPES, _values, of="station")
    book = Book(default, changes, edition)
    for station in {"", *(change.of for change in changes)}:  # nothing changes between these days
        dated.tried(
            dated.turns(changes), lambda day, of=station: book.on(day, of), f" at station {station}" if station else ""
        )
    return book


_TYPES = {each.name: each.type for each in fields(Rules) if each.name != "version"}


def _values(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The values as the class has them, each a known one, of its type and not negative."""
    dated.only(values, _TYPES, where)
    return {name: _value(name, value, where) for name, value in values.items()}


def _value(name: str, value: Any, where: str) -> Any:
    if _TYPES[name] in (int, float):
        whole = _TYPES[name] is int
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise RulesError(f"{where}: {name} = {value!r} must be a {'whole ' if whole else ''}number")
        if not 0 <= value < float("inf"):
            raise RulesError(f"{where}: {name} = {value} must be 0 or more")
        return value
    length = len(getattr(_TYPES[name], "__args__", ()))
    numbers = isinstance(value, list) and all(
        isinstance(one, (int, float)) and not isinstance(one, bool) for one in value
    )
    if not numbers or (_TYPES[name] != tuple[float, ...] and len(value) != length):
        raise RulesError(f"{where}: {name} = {value!r} must be a list of {length} numbers")
    return tuple(float(one) for one in value)


SHELF = dated.Shelf(FILE, _read)
read = SHELF.read
