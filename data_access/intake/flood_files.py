"""Files of flood data -> stations, thresholds and readings (kinds flood_stations and flood_readings).

A row is taken whole or put in quarantine whole, unless one of its values contradicts what the same file said of that
moment: then the row is in quarantine, and its other values count. What is taken is there once, however often its file
is loaded; another value for a moment that is known is a correction, known from when it was loaded (or received_at).
Levels of one station have one datum: rows that say another are set aside, since nobody could compare them.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from data_access.flood import store
from data_access.intake import flood_lately, reading
from data_access.intake.chunks import Found
from data_access.intake.description import Description
from data_access.intake.flood_fields import ELEMENTS, STATION_NUMBERS, STATION_TEXTS, THRESHOLDS
from data_access.intake.flood_network import Network, kinds_of
from data_access.intake.places import Placed, Places
from data_access.intake.table_file import Rows, TableFile
from domain.flood.rain import interval_minutes

_RANK = {"already": 0, "stored": 1, "updated": 2}
_OLD = np.timedelta64(30, "D")
_CODE_LENGTH = 20


class FloodFile(TableFile):
    """One file on its way into the tables."""

    def __init__(
        self, connection: Connection, description: Description, path: Path, network: Network, places: Places
    ) -> None:
        super().__init__(connection, description, path, store.load_id())
        self._network, self._places, self._flood = network, places, description.flood
        self._listed = bool(network.stations)
        self._unlisted: set[str] = set()
        self._named: set[str] = set()
        self._told: dict[str, tuple[Any, ...]] = {}  # of a list: what a code was said to be
        self.usual: dict[str, str] = {}  # station -> the datum of most of its levels in this file
        self._readings = 0
        self._newest: list[np.ndarray] = []

    def begin(self) -> None:
        """What the description itself tells of stations."""
        for one in self._flood.stations:
            self._inline(one)
        store.merge_network(self._connection, reaches=[one.row() for one in self._flood.reaches])
        if len({one.datum for one in self._flood.units.get("level", {}).values()}) > 1:
            self._count_datums()

    def take(self, table: pa.Table) -> np.ndarray:
        """Store the good rows; what became of each."""
        rows = _Rows(self, table)
        return rows.stations() if self._description.kind == "flood_stations" else rows.readings()

    def _count_datums(self) -> None:
        """What most levels of each station are measured from, found out before any is stored."""
        counted: Counter[tuple[str, str]] = Counter()
        for chunk in reading.chunks(self._path, self._description, Found()):
            counted += _Rows(self, chunk.table).datums()
        for (code, datum), _ in counted.most_common():
            self.usual.setdefault(code, datum)

    def _inline(self, one: dict[str, str | float]) -> None:
        code, kind = str(one["code"]), str(one.get("kind", self._flood.kind))
        fields = (*STATION_TEXTS, *STATION_NUMBERS, "lon", "lat")
        told = {name: one[name] for name in fields if name in one}
        told |= {"interval_minutes": self._flood.interval_minutes}
        self._network.put(code, kind, told)
        for name in THRESHOLDS:
            if name in one:
                self._network.limit(code, name, float(one[name]), self._now.date())

    def end(self) -> None:
        """How much there is, and what a person should look at."""
        report = self.report
        report.notes.append(
            f"{self._readings:,} 条读数，{len(self._named):,} 个测站 / "
            f"{self._readings:,} readings of {len(self._named):,} stations"
        )
        lost, faults = sorted(self._unlisted), self._network.faults()
        report.doubt(
            "not_listed", f"{len(lost):,} 个测站不在测站表中",
            f"{len(lost):,} stations are not in the list of stations", len(lost), lost[:5],
        )  # fmt: skip
        bare = self._network.without_limit(self._named)
        report.doubt(
            "no_threshold", f"{len(bare):,} 个测站没有任何阈值，状态为“无阈值”",
            f"{len(bare):,} stations have no threshold at all; their state is 'no threshold'", len(bare), bare[:5],
        )  # fmt: skip
        report.doubt(
            "threshold_order", f"{len(faults):,} 处阈值次序矛盾",
            f"{len(faults):,} thresholds contradict their order", len(faults), faults[:5],
        )  # fmt: skip
        if self._newest:
            moments = np.concatenate(self._newest)
            old = int((moments < moments.max() - _OLD).sum())
            report.doubt(
                "old", f"{old:,} 行比本文件最新读数早 30 天以上",
                f"{old:,} rows are more than 30 days older than the file's newest", old,
            )  # fmt: skip


class _Rows(Rows):
    """The rows of a chunk, with the station that each is of."""

    def __init__(self, file: FloodFile, table: pa.Table) -> None:
        super().__init__(file._description, table, file._path.name)
        self._file, self._description, self._flood = file, file._description, file._flood
        self._network = file._network
        self.names = np.array(self.fields["station"].to_pylist(), dtype=object)
        aliases = self._flood.aliases
        self.codes: Any = np.array([aliases[n].station if n in aliases else n for n in self.names], dtype=object)
        self.say(self.codes == "", "no_station")
        self.say(np.array([len(code) > _CODE_LENGTH for code in self.codes]), "no_station:too long")

    def kinds(self) -> Any:
        """The kind each row says its station is, '' when it does not."""
        return self._coded("kind")

    def _coded(self, name: str) -> Any:
        words = self._description.codes.get(name, {})
        return np.array([words.get(text, text if name == "element" else "") for text in self.texts(name)], dtype=object)

    # ---- stations ----------------------------------------------------------------------------------------------------
    def _told(self) -> tuple[dict[str, Any], dict[str, Any], Placed | None]:
        """What rows tell of stations, their thresholds, and where they are."""
        told: dict[str, np.ndarray] = {name: self.texts(name) for name in STATION_TEXTS if name in self.fields}
        told |= {name: self.numbers(name) for name in STATION_NUMBERS if name in self.fields}
        limits = {name: self.numbers(name) for name in THRESHOLDS if name in self.fields}
        placed = None
        if any(name.startswith("place.") for name in self.fields):
            placed = self._file._places.find(self.fields, self.rows)
            told |= {"lon": placed.lon, "lat": placed.lat, "district_code": placed.district}
            told |= {"street_code": placed.street}
        return told, limits, placed

    def _station(self, position: int, kind: str, told: dict, limits: dict, day: Any) -> str:
        code = self.codes[position]
        given = {name: _plain(values[position]) for name, values in told.items()}
        if not self._network.knows(code) or "interval_minutes" not in given:
            given["interval_minutes"] = self._flood.interval_minutes
        if "datum" not in given and self._flood.datum and kind in kinds_of("level"):
            given["datum"] = self._flood.datum
        done = [self._network.put(code, kind, given)]
        for name, values in limits.items():
            if not np.isnan(values[position]):
                done.append(self._network.limit(code, name, float(values[position]), day))
        self._file._named.add(code)
        if done[0] == "stored":
            return "stored"
        return max(("updated" if one == "stored" else one for one in done), key=_RANK.__getitem__)

    def stations(self) -> np.ndarray:
        """Rows of a list of stations."""
        told, limits, placed = self._told()
        kinds, day, outcome = self.kinds(), self._file._now.date(), self.wrong.copy()
        for position in np.flatnonzero(self.wrong == "").tolist():
            code, kind = self.codes[position], kinds[position] or self._flood.kind
            said = (kind, *(_plain(values[position]) for values in (*told.values(), *limits.values())))
            if (before := self._file._told.setdefault(f"{code}|{kind}", said)) != said:
                outcome[position] = f"contradiction:{before[1]}"[:80]
                continue
            outcome[position] = self._station(position, kind, told, limits, day)
            if placed is not None:
                self._count_place(placed, position)
        return outcome

    def _count_place(self, placed: Placed, position: int) -> None:
        report = self._file.report
        if how := str(placed.by[position]):
            report.placed_by[how] += 1
            report.to_street += placed.street[position] != ""
        else:
            report.unplaced += 1

    # ---- readings ----------------------------------------------------------------------------------------------------
    def readings(self) -> np.ndarray:
        """Rows of readings, which may tell of their stations too."""
        moment = self.times("moment")
        self.say(np.isnat(moment), "no_moment")
        now = np.datetime64(self._file._now + store.AHEAD, "s")
        self.say(moment > now, "future:moment")
        self.say(moment < np.datetime64(f"{self._description.checks.earliest}-01-01", "s"), "year:moment")
        told, limits, _ = self._told()
        frame = self._values(moment)
        self.say(~np.isin(np.arange(self.rows), frame["row"].to_numpy()), "no_value")
        frame = self._of_one_datum(frame)
        frame = frame[(self.wrong == "")[frame["row"].to_numpy()]].reset_index(drop=True)
        self._tell(frame, told, limits, moment)
        now = self._file._now
        added = store.place_readings(self._file._connection, frame, now, flood_lately.since(now))
        return self._outcome(frame, added.what, moment)

    def _values(self, moment: np.ndarray) -> Any:
        """One row a value: row (of the chunk), moment, station, element, value, minutes, received_at, confidence."""
        parts = []
        if "value" in self.fields:
            elements = self._coded("element")
            self.say(~np.isin(elements, ELEMENTS), "no_element")
            parts.append((elements, self.numbers("value")))
        parts += [
            (np.full(self.rows, element, dtype=object), self.numbers(element))
            for element in ELEMENTS
            if element in self.fields
        ]
        units, minutes = self.texts("unit"), self._minutes()
        frames = []
        for called, given in parts:
            elements = self._renamed(called)
            values, datum = self._in_ours(elements, given, units)
            there = ~np.isnan(values)
            one: dict[str, Any] = {
                "row": np.arange(self.rows), "moment": moment, "station": self.codes, "element": elements,
                "value": values, "datum": datum, "minutes": np.where(elements == "rain", minutes, 0),
            }  # fmt: skip
            if "received_at" in self.fields:
                one["received_at"] = self.times("received_at")
            if "confidence" in self.fields:
                one["confidence"] = self.numbers("confidence")
            frames.append(pd.DataFrame(one)[there])
        return pd.concat(frames, ignore_index=True)

    def _renamed(self, elements: np.ndarray) -> np.ndarray:
        """What an element is called at a station's other name."""
        aliases = self._flood.aliases
        if not any(alias.elements for alias in aliases.values()):
            return elements
        return np.array(
            [
                aliases[name].elements.get(element, element) if name in aliases else element
                for name, element in zip(self.names, elements, strict=True)
            ],
            dtype=object,
        )

    def _in_ours(self, elements: np.ndarray, values: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values in our units, and the datum of levels."""
        values, datum = values.copy(), np.full(self.rows, self._flood.datum, dtype=object)
        datum[elements != "level"] = ""
        if "unit" not in self.fields:
            return values, datum
        for element, unit in {*zip(elements, units, strict=True)}:
            known = self._flood.units.get(element, {})
            mine = (elements == element) & (units == unit)
            if unit not in known:
                if known:
                    self.say(mine, f"no_unit:{unit}"[:80])
                continue
            if known[unit].factor != 1.0:
                values[mine] = np.round(values[mine] * known[unit].factor, 4)
            datum[mine] = known[unit].datum or datum[mine]
        return values, datum

    def _minutes(self) -> np.ndarray:
        """How long rain was gathered, minutes."""
        usual = np.full(self.rows, float(self._flood.rain_minutes))
        if "interval" not in self.fields:
            return usual
        values = self.numbers("interval")
        there = ~np.isnan(values)
        if self._flood.interval == "hours":
            values = values * 60
        elif self._flood.interval == "hours_minutes":
            for position in np.flatnonzero(there):
                try:
                    values[position] = interval_minutes(float(values[position]))
                except ValueError:
                    self.say(np.arange(self.rows) == position, f"bad_interval:{values[position]}")
        return np.where(there, values, usual)

    def datums(self) -> Counter[tuple[str, str]]:
        """How many levels of each station are of each datum."""
        units = self._flood.units["level"]
        named = {unit: one.datum or self._flood.datum for unit, one in units.items()}
        elements = self._renamed(self._coded("element")) if "element" in self.fields else None
        told = zip(self.codes, self.texts("unit"), strict=True)
        pairs = [(code, named.get(unit, "")) for code, unit in told]
        return Counter(pair for n, pair in enumerate(pairs) if pair[1] and (elements is None or elements[n] == "level"))

    def _of_one_datum(self, frame: Any) -> Any:
        """Rows whose level is of another datum than the station's are wrong; of a station that says none yet the most
        frequent of the file is its own."""
        levels = frame[(frame["element"] == "level") & (frame["datum"] != "")]
        own: dict[str, str] = {}
        for code, datum in zip(levels["station"], levels["datum"], strict=True):
            own.setdefault(code, self._network.level_datum(code) or self._file.usual.get(code) or datum)
        other = levels[np.array([own[code] for code in levels["station"]], dtype=object) != levels["datum"]]
        for row, datum in zip(other["row"], other["datum"], strict=True):
            if self.wrong[row] == "":
                self.wrong[row] = f"other_datum:{datum}"
        self._datums = own
        return frame

    def _tell(self, frame: Any, told: dict, limits: dict, moment: np.ndarray) -> None:
        """What the rows tell of their stations; stations that nobody listed are added with their code for a name."""
        kinds, used = self.kinds(), np.unique(frame["row"].to_numpy())
        telling = {**told, **limits}
        seen: dict[tuple, None] = {}
        elements = dict(zip(frame["row"], frame["element"], strict=True))
        for row in used[np.argsort(moment[used], kind="stable")]:
            code, element = self.codes[row], elements[row]
            key = (code, element in ("rain", "depth", "pump") and element, kinds[row],
                   *(_plain(values[row]) for values in telling.values()))  # fmt: skip
            if key in seen:
                continue
            seen[key] = None
            role = self._network.role(code, element)
            kind = role["kind"] if role else kinds[row]
            if kind not in kinds_of(element):
                kind = self._flood.kind if self._flood.kind in kinds_of(element) else kinds_of(element)[0]
            if self._file._listed and not self._network.knows(code) and "name" not in told:
                self._file._unlisted.add(code)
            mine = dict(told)
            if role is None and "name" not in told:
                mine["name"] = self.codes
            day = moment[row].astype("datetime64[D]").item()
            self._station(row, kind, mine, limits, day)
            if (datum := self._datums.get(code)) and kind in kinds_of("level"):
                self._network.put(code, kind, {"datum": datum})

    def _outcome(self, frame: Any, what: np.ndarray, moment: np.ndarray) -> np.ndarray:
        """What became of each row, by what became of its values."""
        outcome: Any = self.wrong.copy()
        for row, element, one in zip(frame["row"], frame["element"], what, strict=True):
            if one not in _RANK:
                outcome[row] = f"{one}:{element}"
            elif outcome[row] == "" or (outcome[row] in _RANK and _RANK[one] > _RANK[outcome[row]]):
                outcome[row] = one
        taken = np.isin(outcome, list(_RANK))
        file, report = self._file, self._file.report
        file._readings += int(np.isin(what, list(_RANK)).sum())
        if taken.any():
            some = moment[taken]
            file._newest.append(some)
            first, last = some.min().item(), some.max().item()
            report.data_from = min(first, report.data_from or first)
            report.data_to = max(last, report.data_to or last)
        return outcome


def _plain(value: Any) -> Any:
    """A value as Python's own; NaN is None."""
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else float(value)
    return value
