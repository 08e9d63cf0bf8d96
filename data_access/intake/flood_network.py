"""Stations and thresholds as files tell of them, against what is stored: what is new, what changed, what is the same.

A threshold that changes is kept with the days it held, so that the past is judged by the thresholds it had.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from data_access.flood import store
from data_access.flood.stations import RIVER
from data_access.flood.tables import flood_station, flood_threshold
from data_access.intake.flood_fields import DEPTHS, FLOWS
from domain.flood.levels import Limits, Threshold, faults

Row = dict[str, Any]
ALWAYS = date(1900, 1, 1)  # thresholds that nobody says the beginning of
_STRICT = (*RIVER, "reservoir", "video")  # kinds that have a level
_JUDGING = ("warning", "guarantee", "limit", "flood_high", "design", "check")
_ELEMENT_KINDS = {"rain": ("rain",), "depth": ("waterlogging",), "pump": ("pump",)}


def kinds_of(element: str) -> tuple[str, ...]:
    """The kinds of station that measure an element."""
    return _ELEMENT_KINDS.get(element, _STRICT)


class Network:
    """The stored stations and thresholds, and what a load adds to them; written at its end."""

    def __init__(self, connection: Connection, source: str) -> None:
        self._connection, self._source = connection, source
        self.stations: dict[tuple[str, str], Row] = {}
        for row in connection.execute(select(flood_station)):
            self.stations[row.code, row.kind] = dict(row._mapping)
        self._kinds: dict[str, list[str]] = defaultdict(list)
        for code, kind in sorted(self.stations):
            self._kinds[code].append(kind)
        self._limits: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in connection.execute(select(flood_threshold).order_by(flood_threshold.c.valid_from)):
            if not row.season_from:
                self._limits[row.station, row.element, row.name].append(dict(row._mapping))
        self._changed: set[tuple[str, str]] = set()
        self._changed_limits: set[tuple[str, str, str]] = set()

    def knows(self, code: str) -> bool:
        """Whether there is a station of this code, of any kind."""
        return code in self._kinds

    def role(self, code: str, element: str) -> Row | None:
        """The role of a station that measures an element."""
        fitting = [kind for kind in self._kinds.get(code, ()) if kind in kinds_of(element)]
        return self.stations[code, fitting[0]] if fitting else None

    def level_datum(self, code: str) -> str:
        """What a station's levels are measured from, '' unknown."""
        role = self.role(code, "level")
        return role["datum"] if role else ""

    def put(self, code: str, kind: str, told: Mapping[str, Any]) -> str:
        """Add a station, or what is told of it; what nothing is told of stays. Says stored, updated or already."""
        old = self.stations.get((code, kind))
        given = {name: value for name, value in told.items() if value is not None and value != ""}
        if old is None:
            self.stations[code, kind] = store.station_row(code, kind, self._source, given)
            self._kinds[code].append(kind)
        elif all(old[name] == value for name, value in given.items()):
            return "already"
        else:
            old.update(given)
        self._changed.add((code, kind))
        return "stored" if old is None else "updated"

    def limit(self, code: str, name: str, value: float, day: date) -> str:
        """Add a threshold as it was told on a day. Says stored, updated (another from that day on) or already."""
        element = "depth" if name in DEPTHS else "flow" if name in FLOWS else "level"
        name = name.removesuffix("_flow") if name != "safe_flow" else "safe"
        key = (code, element, name)
        datum = self.level_datum(code) if element == "level" else ""
        row = {
            "station": code, "name": name, "element": element, "season_from": "", "season_to": "",
            "valid_from": ALWAYS, "valid_to": None, "value": value, "datum": datum, "consequence_zh": None,
            "consequence_en": None,
        }  # fmt: skip
        versions = self._limits[key]
        if not versions:
            versions.append(row)
            self._changed_limits.add(key)
            return "stored"
        held = next(
            (v for v in versions if v["valid_from"] <= day and (v["valid_to"] is None or day < v["valid_to"])), None
        )
        if held is None or held["value"] == value:
            return "already"
        if held["valid_from"] == day:
            held["value"] = value
        else:
            versions.append({**held, "value": value, "valid_from": day})
            held["valid_to"] = day
        self._changed_limits.add(key)
        return "updated"

    def faults(self) -> list[str]:
        """Stations whose changed thresholds contradict their order, in words."""
        found = []
        for code in sorted({code for code, *_ in self._changed_limits}):
            rows = [
                Threshold(row["name"], row["value"])
                for (station, element, _), versions in self._limits.items()
                if station == code and element == "level"
                for row in versions
                if row["valid_to"] is None
            ]
            limits = Limits.on(rows, date.max)
            order = ("forecast", "warning", "alert", "guarantee")
            pairs = faults(limits) + [
                (low, high)
                for low, high in pairwise(order)
                if (one := limits.get(low)) is not None and (other := limits.get(high)) is not None and one > other
            ]
            found += [f"{code}: {low} > {high}" for low, high in pairs]
        return found

    def without_limit(self, codes: set[str]) -> list[str]:
        """Those of the stations with a level that nothing can be judged by."""
        judged = {code for code, _, name in self._limits if name in _JUDGING}
        return sorted(code for code in codes if self.role(code, "level") and code not in judged)

    def write(self) -> bool:
        """Put what is new into the tables; whether a rain gauge was among it."""
        codes = sorted({code for code, _ in self._changed})
        for some in _parts(codes):
            self._connection.execute(delete(flood_station).where(flood_station.c.code.in_(some)))
            roles = [self.stations[code, kind] for code in some for kind in self._kinds[code]]
            self._connection.execute(insert(flood_station), roles)
        limits: dict[str, list[Row]] = defaultdict(list)
        changed = {code for code, *_ in self._changed_limits}
        for (code, *_), versions in self._limits.items():
            if code in changed:
                limits[code] += versions
        t = flood_threshold.c
        for some in _parts(sorted(changed)):
            self._connection.execute(delete(flood_threshold).where(t.station.in_(some), t.season_from == ""))
            self._connection.execute(insert(flood_threshold), [row for code in some for row in limits[code]])
        gauges = any(kind == "rain" for _, kind in self._changed)
        self._changed, self._changed_limits = set(), set()
        return gauges


def _parts(codes: list[str]) -> list[list[str]]:
    return [codes[start : start + 500] for start in range(0, len(codes), 500)]
