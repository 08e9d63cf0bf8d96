"""What loading a file has in common whatever its rows are: it is read in chunks, each row is taken or goes to
quarantine whole, the report adds up, and the load is written down. What a row is, the kinds of files say."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection

from data_access import clock
from data_access.intake import normalise, reading
from data_access.intake.chunks import Chunk, Found, Progress
from data_access.intake.description import Description
from data_access.intake.keeping import Bad, log, refuse
from data_access.intake.report import Report
from data_access.settings import settings

TAKEN = ("already", "stored", "updated")


class Rows:
    """The rows of a chunk: their fields, and what is wrong with each ('' nothing; 'code' or 'code:detail')."""

    def __init__(self, description: Description, table: pa.Table, file_name: str) -> None:
        self._zone, self._formats = settings().timezone, description.times
        self.fields = normalise.assemble(description, table, file_name)
        self.rows = table.num_rows
        self.wrong = np.full(self.rows, "", dtype=object)

    def say(self, where: np.ndarray, what: str) -> None:
        """What is wrong with rows that nothing was wrong with so far."""
        self.wrong[where & (self.wrong == "")] = what

    def texts(self, name: str) -> np.ndarray:
        """A field as text, '' where there is none."""
        if name not in self.fields:
            return np.full(self.rows, "", dtype=object)
        return np.array(self.fields[name].to_pylist(), dtype=object)

    def numbers(self, name: str) -> np.ndarray:
        """A field as numbers, NaN where there is none; what is no number is wrong."""
        if name not in self.fields:
            return np.full(self.rows, np.nan)
        values, unread = normalise.numbers(self.fields[name])
        self.say(unread, f"bad_number:{name}")
        return values

    def times(self, name: str) -> np.ndarray:
        """A field as moments of the city, NaT where there is none; what is no time is wrong."""
        if name not in self.fields:
            return np.full(self.rows, np.datetime64("NaT", "s"))
        values, unread = normalise.times(self.fields[name], self._formats, self._zone)
        self.say(unread, f"bad_time:{name}")
        return values


class TableFile:
    """One file on its way into the tables."""

    def __init__(self, connection: Connection, description: Description, path: Path, load_id: str) -> None:
        self._connection, self._description, self._path = connection, description, path
        self._now = clock.now()
        self.report = Report(description.key, path.name, load_id=load_id)

    def load(self, progress: Progress | None) -> Report:
        """Read, check and store; the report says what became of each row."""
        report, found, began = self.report, Found(), datetime.now()
        self.begin()
        for chunk in reading.chunks(self._path, self._description, found, progress):
            self._chunk(chunk)
        report.format, report.encoding, report.digest = found.format, found.encoding, found.digest
        report.blank_rows = found.blank_rows
        used = {name for _, one in self._description.needed() for name in one.sources()}
        report.unused_columns = [name for name in found.columns if name not in used]
        self.end()
        report.seconds = (datetime.now() - began).total_seconds()
        if not report.balanced():
            raise AssertionError(f"rows do not add up: {report.to_dict()}")
        log(self._connection, report, self._now)
        return report

    def begin(self) -> None:
        """Before the first row."""

    def take(self, table: pa.Table) -> np.ndarray:
        """Store the good rows of a chunk. What became of each: one of TAKEN, or what is wrong, as in Rows."""
        raise NotImplementedError

    def end(self) -> None:
        """After the last row: what a person should look at."""

    def rows(self, table: pa.Table) -> Rows:
        return Rows(self._description, table, self._path.name)

    def reach(self, first: datetime, last: datetime) -> None:
        """The data reaches from a moment to another, at least."""
        self.report.data_from = min(first, self.report.data_from or first)
        self.report.data_to = max(last, self.report.data_to or last)

    def _chunk(self, chunk: Chunk) -> None:
        self.report.rows_read += chunk.table.num_rows + len(chunk.bad)
        bad: list[Bad] = [(one.line, "ragged", one.reason, one.raw) for one in chunk.bad]
        if chunk.table.num_rows:
            outcome: Any = self.take(chunk.table)
            for name in TAKEN:
                setattr(self.report, name, getattr(self.report, name) + int((outcome == name).sum()))
            for position in np.flatnonzero(~np.isin(outcome, TAKEN)):
                raw = {name: chunk.table.column(name)[int(position)].as_py() for name in chunk.table.column_names}
                code, _, detail = outcome[position].partition(":")
                bad.append((int(chunk.lines[position]), code, detail, json.dumps(raw, ensure_ascii=False)))
        refuse(self._connection, self.report, bad)
