"""Rows -> queues of halls as snapshots (service_queue), or volumes that met a standard of service (service_standard).

What a source tells of itself in a way that cannot be (more met than there were) is kept and flagged, never repaired:
panels show it apart. A row that is told again changes nothing; one that is told differently by a later file is updated.
"""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, and_, delete, insert, or_, select

from data_access import bulk
from data_access.intake.description import Description
from data_access.intake.table_file import Rows, TableFile
from data_access.services import tables as t
from domain.masking import mask_text

_KEY = ["hall", "business", "moment"]
_TOLD = ["waiting", "windows", "service_minutes", "ticket"]
_AHEAD = np.timedelta64(15, "m")  # how far clocks may differ


class ServiceFile(TableFile):
    """One file of service data on its way into the tables."""

    def __init__(self, connection: Connection, description: Description, path: Path, load_id: str) -> None:
        super().__init__(connection, description, path, load_id)
        self._seen: set[tuple[Any, ...]] = set()
        self._halls: dict[str, str] = {}
        self._businesses: dict[tuple[str, str], str] = {}
        self._counts = {"unset": 0, "above": 0, "missing": 0, "other": 0, "nothing": 0}
        self._above: list[str] = []

    def take(self, table: pa.Table) -> np.ndarray:
        """Store the good rows; what became of each."""
        rows = self.rows(table)
        return self._queues(rows) if self._description.kind == "service_queues" else self._standards(rows)

    # ---- queues ------------------------------------------------------------------------------------------------------
    def _queues(self, rows: Rows) -> np.ndarray:
        """Rows of snapshots: what became of each."""
        frame = self._snapshots(rows)
        good = frame.loc[rows.wrong == ""]
        outcome: Any = rows.wrong.copy()
        if good.empty:
            return outcome
        known = self._known(good)
        stored: list[int] = []
        row: Any
        for row in good.itertuples():
            key = (row.hall, row.business, row.moment)
            told = tuple(_plain(getattr(row, name)) for name in _TOLD)
            before = known.get(key)
            if before == told:
                outcome[row.Index] = "already"
            elif key in self._seen:
                outcome[row.Index] = "contradiction"
                continue
            else:
                outcome[row.Index] = "stored" if before is None else "updated"
                stored.append(row.Index)
            known[key] = told
            self._seen.add(key)
            self._halls.setdefault(str(row.hall), str(row.hall_name))
            self._businesses.setdefault((str(row.hall), str(row.business)), str(row.business_name))
        fresh: Any = good.loc[stored, [*_KEY, *_TOLD]]
        changed = fresh[(outcome[fresh.index] == "updated")]
        q = t.service_queue.c
        for row in changed.itertuples():
            same = and_(q.hall == row.hall, q.business == row.business, q.moment == row.moment.to_pydatetime())
            self._connection.execute(delete(t.service_queue).where(same))
        if len(fresh):
            bulk.insert(self._connection, t.service_queue, fresh.sort_values("moment", kind="stable"))
        self.reach(good["moment"].min().to_pydatetime(), good["moment"].max().to_pydatetime())
        return outcome

    def _snapshots(self, rows: Rows) -> pd.DataFrame:
        """The rows as columns of service_queue, and the names they give."""
        texts = {name: rows.texts(name) for name in ("hall", "business", "hall_name", "business_name", "ticket")}
        rows.say(texts["hall"] == "", "no_hall")
        rows.say(texts["business"] == "", "no_business")
        rows.say(np.array([len(one) > 20 for one in texts["hall"]]), "no_hall:too long")
        rows.say(np.array([len(one) > 40 for one in texts["business"]]), "no_business:too long")
        moment = rows.times("moment")
        rows.say(np.isnat(moment), "no_moment")
        rows.say(moment > np.datetime64(self._now, "s") + _AHEAD, "future:moment")
        rows.say(moment < np.datetime64(f"{self._description.checks.earliest}-01-01", "s"), "year:moment")
        numbers = {name: rows.numbers(name) for name in ("waiting", "windows", "service_minutes")}
        rows.say(np.isnan(numbers["waiting"]), "no_count")
        for name, values in numbers.items():
            rows.say(values < 0, f"bad_number:{name}")
        unset = np.isin(numbers["service_minutes"], self._description.services.minutes_unset)
        self._counts["unset"] += int(unset.sum())
        return pd.DataFrame({
            "hall": texts["hall"], "business": texts["business"], "moment": moment,
            "waiting": np.nan_to_num(numbers["waiting"]).astype(np.int32),
            "windows": np.nan_to_num(numbers["windows"]).astype(np.int16),
            "service_minutes": np.where(unset, np.nan, numbers["service_minutes"]),
            "ticket": [one[:12] for one in texts["ticket"]],
            "hall_name": _either(texts["hall_name"], texts["hall"]),
            "business_name": _either(texts["business_name"], texts["business"]),
        })  # fmt: skip

    def _known(self, some: pd.DataFrame) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        """What is stored of these moments: key -> what was told."""
        q = t.service_queue.c
        first, last = some["moment"].min().to_pydatetime(), some["moment"].max().to_pydatetime()
        query = select(*(q[name] for name in (*_KEY, *_TOLD))).where(q.moment.between(first, last))
        found = (tuple(row) for row in self._connection.execute(query))
        return {(row[0], row[1], pd.Timestamp(row[2])): tuple(_plain(one) for one in row[3:]) for row in found}

    def _named(self) -> None:
        """Halls and kinds of business that nobody named before."""
        h, b = t.service_hall, t.service_business
        there = {row[0] for row in self._connection.execute(select(h.c.code))}
        for code, name in self._halls.items():
            if code not in there:
                self._connection.execute(
                    insert(h).values(
                        code=code, source=self._description.key, name=name[:120], name_en=None, kind="hall",
                        district_code="", street_code="", lon=None, lat=None, windows=None,
                    )
                )  # fmt: skip
        known = {tuple(row) for row in self._connection.execute(select(b.c.hall, b.c.code))}
        for (hall, code), name in self._businesses.items():
            if (hall, code) not in known:
                self._connection.execute(insert(b).values(hall=hall, code=code, name=name, name_en=None))

    # ---- standards ---------------------------------------------------------------------------------------------------
    def _standards(self, rows: Rows) -> np.ndarray:
        """Rows of standards: what became of each."""
        frame = self._volumes(rows)
        outcome: Any = rows.wrong.copy()
        s = t.service_standard.c
        names = [c.name for c in t.service_standard.columns if c.name not in ("source", "standard", "service", "start")]
        query = select(s.standard, s.service, s.start, *(s[name] for name in names))
        mine = query.where(s.source == self._description.key)
        known = {tuple(row[:3]): tuple(_plain(one) for one in row[3:]) for row in self._connection.execute(mine)}
        fresh: list[dict[str, Any]] = []
        changed = []
        row: Any
        for row in frame[rows.wrong == ""].itertuples():
            key = (row.standard, row.service, row.start)
            told = tuple(_plain(getattr(row, name)) for name in names)
            if known.get(key) == told:
                outcome[row.Index] = "already"
            elif key in self._seen:
                outcome[row.Index] = "contradiction"
                continue
            else:
                outcome[row.Index] = "stored" if key not in known else "updated"
                if key in known:
                    changed.append(and_(s.standard == key[0], s.service == key[1], s.start == key[2]))
                fresh.append(
                    dict(zip(("standard", "service", "start"), key, strict=True)) | dict(zip(names, told, strict=True))
                )
            known[key] = told
            self._seen.add(key)
            self._flagged(row)
            self.reach(_midnight(row.start), _midnight(row.end))
        if changed:
            self._connection.execute(delete(t.service_standard).where(s.source == self._description.key, or_(*changed)))
        if fresh:
            self._connection.execute(
                insert(t.service_standard), [{"source": self._description.key, **row} for row in fresh]
            )
        return outcome

    def _volumes(self, rows: Rows) -> pd.DataFrame:
        """The rows as columns of service_standard."""
        texts = {name: rows.texts(name) for name in ("standard", "service", "name", "org")}
        for name in ("standard", "service"):
            rows.say(texts[name] == "", "no_standard")
            rows.say(np.array([len(one) > 60 for one in texts[name]]), "no_standard:too long")
        start, end = self._period(rows)
        rows.say(np.array([one is None for one in start]) | np.array([one is None for one in end]), "no_period")
        late = [a is not None and b is not None and a >= b for a, b in zip(start, end, strict=True)]
        rows.say(np.array(late, dtype=bool), "period_order")
        today = self._now.date()
        rows.say(np.array([a is not None and a > today for a in start], dtype=bool), "future:start")
        target, met, total = (rows.numbers(name) for name in ("target", "met", "total"))
        for name, values in (("met", met), ("total", total)):
            rows.say(values < 0, f"bad_number:{name}")
        missing = np.isnan(met) | np.isnan(total)
        flag = np.where(missing, "missing", np.where(met > total, "above", ""))
        if timed := self._description.services.on_time_types:
            flag = np.where((flag == "") & ~np.isin(np.array(rows.texts("type"), dtype=str), timed), "other", flag)
        return pd.DataFrame({
            "standard": texts["standard"], "service": texts["service"],
            "name": [mask_text(one)[:300] for one in texts["name"]], "org": [one[:80] for one in texts["org"]],
            "start": start, "end": end, "target": target, "met": met, "total": total, "flag": flag,
        })  # fmt: skip

    def _period(self, rows: Rows) -> tuple[list[date | None], list[date | None]]:
        if "year" in rows.fields:
            spans = [self._year(text) for text in rows.texts("year")]
            return [a for a, _ in spans], [b for _, b in spans]
        return tuple([_day(one) for one in rows.times(name)] for name in ("start", "end"))  # type: ignore[return-value]

    def _year(self, text: str) -> tuple[date | None, date | None]:
        """2023-2024, 2023/24 or 2023: twelve months from the one with which years begin."""
        found = re.match(r"^((?:19|20)\d\d)(?:\s*[-/–]\s*(\d{2,4}))?$", text)
        if found is None or (found[2] and int(found[2]) % 100 != (int(found[1]) + 1) % 100):
            return None, None
        year, month = int(found[1]), self._description.services.year_begins
        return date(year, month, 1), date(year + 1, month, 1)

    def _flagged(self, row: Any) -> None:
        if row.flag:
            self._counts[row.flag] += 1
        elif row.total == 0:
            self._counts["nothing"] += 1
        if row.flag == "above":
            self._above.append(f"{row.service}/{row.standard}: {row.met:,.0f} > {row.total:,.0f}"[:120])

    # ---- what a person should look at --------------------------------------------------------------------------------
    def end(self) -> None:
        """Halls that are new, and what the source contradicts itself in."""
        self._named()
        said = {
            "unset": ("行的办理分钟数是未设置的值，作为未知", "rows have no minutes of service set; kept as not known"),
            "above": ("行达标数大于总数，单列，不计入比率", "rows have more met than there were: apart, in no rate"),
            "missing": ("行没有达标数或总数，单列，不计入比率", "rows lack a volume: apart, in no rate"),
            "other": ("行不是时限标准（准确、可及等），单列，不计入", "rows are standards of other than time: apart"),
            "nothing": ("行总数为 0，没有比率", "rows have a total of 0 and no rate"),
        }  # fmt: skip
        for code, (zh, en) in said.items():
            n = self._counts[code]
            self.report.doubt(code, f"{n:,} {zh}", f"{n:,} {en}", n, self._above if code == "above" else None)


def _either(names: np.ndarray, codes: np.ndarray) -> list[str]:
    """The names, where there is none the code in words."""
    return [name[:200] or code.replace("_", " ") for name, code in zip(names, codes, strict=True)]


def _plain(value: Any) -> Any:
    """A value as Python's own; NaN is None, whole numbers are numbers like others."""
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return None
    return float(value) if isinstance(value, int | float | np.integer | np.floating) else value


def _day(moment: np.datetime64) -> date | None:
    return None if np.isnat(moment) else moment.astype("datetime64[D]").item()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
