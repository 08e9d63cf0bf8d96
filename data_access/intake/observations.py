"""Rows -> observation: figures of places over periods (kind = "observations").

Fields: indicator (a column, whose values [codes.indicator] may translate, or a constant; must be known); the period as
start and end (exclusive), as day, or as month; numerator and denominator, or value; as_of (when the figure became
known; left out: when it is loaded); document. The place is a code or a name of any level; without [place] the figures
are the whole city's. A figure that differs from the one known for the same indicator, place and period is a correction:
a later row, so that the past can be asked for as it was known then. A file loaded again changes nothing.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, select

from data_access import areas, bulk, clock
from data_access.indicators import indicators
from data_access.intake.description import Description
from data_access.intake.table_file import Rows, TableFile
from data_access.schema import observation as ob
from domain.masking import mask_text

_PARTS = ("numerator", "denominator", "value")
_BY_PARTS = ("ratio", "mean")  # kinds that only their parts can say
_KEY = ("indicator", "area", "start", "end")
Figure = tuple[float | None, float | None, float | None]


class ObservationFile(TableFile):
    """One file of figures on its way into the table."""

    def __init__(self, connection: Connection, description: Description, path: Path, load_id: str) -> None:
        super().__init__(connection, description, path, load_id)
        self._tree = areas.read_tree(clock.now().date())
        self._places: dict[tuple[str, str, str], tuple[str, str]] = {}
        self._unknown: dict[str, Counter[str]] = {"indicator": Counter(), "place": Counter()}
        self._seen: dict[tuple, Figure] = {}

    def take(self, table: pa.Table) -> np.ndarray:
        """Store the good rows; what became of each."""
        rows = self.rows(table)
        frame = self._read(rows)
        fresh, outcome = self._new(frame.loc[rows.wrong == ""], rows.wrong.copy())
        if len(fresh):
            bulk.insert(self._connection, ob, fresh)
        return outcome

    def end(self) -> None:
        """What was not known, and what was corrected."""
        report = self.report
        for name, zh, en in (("indicator", "指标未知", "unknown indicators"), ("place", "地点未知", "unknown places")):
            counter = self._unknown[name]
            examples = [f"{mask_text(value)[:40]} ×{n:,}" for value, n in counter.most_common(5)]
            report.doubt(
                f"unknown_{name}", f"{len(counter):,} 个{zh}", f"{len(counter):,} {en}", len(counter), examples
            )
        report.doubt(
            "corrections",
            f"{report.updated:,} 个数字与此前已知的不同，作为更正存入",
            f"{report.updated:,} figures differ from those known before and are kept as corrections",
            report.updated,
        )

    # ---- reading a chunk ---------------------------------------------------------------------------------------------
    def _read(self, rows: Rows) -> pd.DataFrame:
        """The rows as columns of observation."""
        say, fields = rows.say, rows.fields
        start, end, as_of = self._times(rows)
        say(np.isnat(start) | np.isnat(end), "no_period")
        say(end <= start, "period_order")
        now = np.datetime64(self._now, "s")
        say(start > now, "future:start")
        say(as_of > now, "future:as_of")
        say(start < np.datetime64(f"{self._description.checks.earliest}-01-01", "s"), "year:start")
        columns: dict[str, np.ndarray | list] = {"start": start, "end": end, "as_of": as_of}
        columns |= {name: rows.numbers(name) for name in _PARTS}
        columns["indicator"] = self._indicators(fields["indicator"], say, columns)
        columns["area"] = self._areas(fields, rows.rows, say)
        columns["document"] = [text[:200] or None for text in fields["document"].to_pylist()] if (
            "document" in fields
        ) else [None] * rows.rows  # fmt: skip
        return pd.DataFrame(columns)

    def _times(self, rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        told = [name for name in ("start", "end", "day", "month") if name in rows.fields]
        parsed, as_of = {name: rows.times(name) for name in told}, rows.times("as_of")
        if "month" in parsed:
            months = parsed["month"].astype("datetime64[M]")
            return months.astype("datetime64[s]"), (months + 1).astype("datetime64[s]"), as_of
        if "day" in parsed:
            days = parsed["day"].astype("datetime64[D]")
            return days.astype("datetime64[s]"), (days + 1).astype("datetime64[s]"), as_of
        return parsed["start"], parsed["end"], as_of

    def _indicators(self, column: pa.Array, say, columns: dict) -> list[str]:
        known, codes = indicators(), self._description.codes.get("indicator", {})
        keys: list[str] = [codes.get(str(text), str(text)) for text in column.to_pylist()]
        unknown = np.array([key not in known for key in keys], dtype=bool)
        self._unknown["indicator"].update([key for key, lost in zip(keys, unknown, strict=True) if lost])
        say(unknown, "no_indicator")
        by_parts = np.array([key in known and known[key].kind in _BY_PARTS for key in keys], dtype=bool)
        parts = ~np.isnan(columns["numerator"]) & ~np.isnan(columns["denominator"])
        say(by_parts & ~parts, "no_parts")
        columns["value"] = np.where(by_parts, np.nan, columns["value"])  # the parts say it
        say(~by_parts & np.isnan(columns["value"]) & np.isnan(columns["numerator"]), "no_figure")
        return keys

    def _areas(self, fields: dict[str, pa.Array], rows: int, say) -> list[str]:
        root = self._tree.root.code if self._tree.root else ""
        roles = [fields[f"place.{role}"].to_pylist() if f"place.{role}" in fields else [""] * rows
                 for role in ("code", "district", "street")]  # fmt: skip
        if not any(name.startswith("place.") for name in fields):
            say(np.full(rows, not root), "no_place")
            return [root] * rows
        codes = []
        for names in zip(*roles, strict=True):
            if names not in self._places:
                self._places[names] = self._place(*names)
            code, how = self._places[names]
            codes.append(code)
            if code:
                self.report.placed_by[how] += 1
            else:
                self.report.unplaced += 1
                self._unknown["place"][" ".join(names).strip()] += 1
        say(np.array([not code for code in codes], dtype=bool), "no_place")
        return codes

    def _place(self, code: str, district: str, street: str) -> tuple[str, str]:
        """The code of a place and how it was known; ('', '') when it is unknown or not the only one."""
        for known in dict.fromkeys((code, re.sub(r"\.0$", "", code))):
            if known and (found := self._tree.get(known)):
                return found.code, "code"
        upper = None
        for name in (one for one in (district, street) if one):
            found = self._tree.resolve(name, upper)
            if len(found) != 1:
                return "", ""
            upper = found[0].code
        return (upper, "name") if upper else ("", "")

    # ---- what is new -------------------------------------------------------------------------------------------------
    def _new(self, frame: pd.DataFrame, outcome: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
        """The rows to append, new figures and corrections; and what became of each row."""
        if frame.empty:
            return frame, outcome
        known = self._known(frame)
        now: Any = pd.Timestamp(self._now)
        kept, moments = [], []
        row: Any
        for row in frame.itertuples():
            key = (row.indicator, row.area, row.start, row.end)
            figure: Figure = tuple(None if pd.isna(one) else float(one) for one in (getattr(row, p) for p in _PARTS))  # type: ignore[assignment]
            stated = not pd.isna(row.as_of)
            as_of = row.as_of if stated else now
            if self._seen.setdefault((*key, as_of), figure) != figure:
                outcome[row.Index] = "contradiction"
                continue
            there = known.setdefault(key, {})
            latest = there[max(there)] if there else None
            if (stated and there.get(as_of) == figure) or (latest == figure and (not stated or as_of in there)):
                outcome[row.Index] = "already"
                continue
            if as_of in there:  # another figure under the same moment: it became known now
                as_of = now
            while as_of in there:  # and again within a second
                as_of += pd.Timedelta(seconds=1)
            outcome[row.Index] = "updated" if there else "stored"
            there[as_of] = figure
            kept.append(row.Index)
            moments.append(as_of)
        fresh = frame.loc[kept].assign(as_of=moments)
        span = frame["start"].min(), min(frame["end"].max(), now)
        first, last = (one.to_pydatetime() for one in span)
        self.reach(first, last)
        return fresh, outcome

    def _known(self, frame: pd.DataFrame) -> dict[tuple, dict[Any, Figure]]:
        """What is known of these indicators in these periods: key -> as_of -> figure."""
        query = select(*(ob.c[name] for name in (*_KEY, "as_of", *_PARTS))).where(
            ob.c.indicator.in_(sorted(frame["indicator"].unique())),
            ob.c.start.between(frame["start"].min().to_pydatetime(), frame["start"].max().to_pydatetime()),
        )
        known: dict[tuple, dict[Any, Figure]] = {}
        row: Any
        for row in self._connection.execute(query):
            indicator, area, start, end, as_of, *figure = row
            key = (indicator, area, pd.Timestamp(start), pd.Timestamp(end))
            known.setdefault(key, {})[pd.Timestamp(as_of)] = tuple(figure)  # type: ignore[assignment]
        return known
