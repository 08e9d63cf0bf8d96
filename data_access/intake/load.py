"""Load files of one source: everything in one transaction, so that a load that fails leaves nothing behind.

`load_files` is the one entry, for the command line and for a running server (which owns a DuckDB file and must load
itself). Memory holds one chunk of a file at a time.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, select

from data_access import bulk, clock, cubes, engine
from data_access.flood import thiessen
from data_access.intake import (
    checks,
    flood_fields,
    flood_lately,
    keeping,
    normalise,
    orders,
    reading,
    service_fields,
    suspicions,
)
from data_access.intake.area_report import AreaReport
from data_access.intake.areas import load_area_file
from data_access.intake.chunks import Chunk, Found, Progress
from data_access.intake.columns import pc
from data_access.intake.description import TIMES, Description, IntakeError, raw_description, read_description
from data_access.intake.flood_files import FloodFile
from data_access.intake.flood_network import Network
from data_access.intake.identity import Identities, Outcome, Rows, content_keys
from data_access.intake.keeping import Bad, declare
from data_access.intake.observations import ObservationFile
from data_access.intake.places import Places
from data_access.intake.placing import place_again
from data_access.intake.privacy import Masker
from data_access.intake.report import Report
from data_access.intake.service_files import ServiceFile
from data_access.intake.sl323 import load_database
from data_access.intake.vocabulary import Vocabulary
from data_access.schema import hotline_event, hotline_open, hotline_order
from data_access.settings import settings

_NUMBER_LENGTH = 40
Before = Callable[[Path], None]


def load_files(
    description_path: Path | str,
    files: Iterable[Path | str],
    progress: Progress | None = None,
    before: Before | None = None,
) -> list[Report] | list[AreaReport]:
    """Load files as a source description says; one report a file, or IntakeError and nothing is changed.

    progress is called with bytes read since its last call, before with each file when its turn comes.
    """
    description = read_description(description_path)
    paths = [Path(file) for file in files]
    if description.kind == "sl323":
        if paths:
            raise IntakeError(f"{description.key} is a database, which its description names; load it without files.")
        return load_database(description)
    if not paths:
        raise IntakeError("No files to load were named.")
    if description.kind == "areas":
        return _load_areas(description_path, paths, progress, before)
    for path in paths:
        reading.kind_of(path, description)  # says what is wrong before anything is begun
    if description.kind == "observations":
        return _load_plain(description, ObservationFile, paths, progress, before)
    if description.kind in flood_fields.KINDS:
        return _load_flood(description, paths, progress, before)
    if description.kind in service_fields.KINDS:
        return _load_plain(description, ServiceFile, paths, progress, before)
    places = Places(description)
    reports: list[Report] = []
    with engine.committing() as connection:
        days = _Days()
        words = Vocabulary(connection, description)
        masker = Masker(_caller_key(connection))
        for path in paths:
            if before:
                before(path)
            places.forget_doubts()
            words.unknown = {}
            one = _File(connection, description, path, places=places, words=words, masker=masker, days=days)
            reports.append(one.load(progress))
        words.write()
        declare(connection, description)
        if days.first is not None:
            cubes.refresh(connection, days.first, days.last)
    return reports


def _load_areas(
    description_path: Path | str, paths: list[Path], progress: Progress | None, before: Before | None
) -> list[AreaReport]:
    reports = []
    for path in paths:
        if before:
            before(path)
        if not path.exists():
            raise IntakeError(f"{path.name}: there is no such file. Check the name and the folder.")
        reports.append(load_area_file(raw_description(description_path), path))
        if progress:
            progress(path.stat().st_size)
    if any(report.changed for report in reports):
        reports[-1].placed_again = dict(place_again())
    return reports


def _load_plain(
    description: Description,
    kind: type[ObservationFile] | type[ServiceFile],
    paths: list[Path],
    progress: Progress | None,
    before: Before | None,
) -> list[Report]:
    """Files that need nothing but themselves."""
    reports = []
    with engine.committing() as connection:
        for path in paths:
            if before:
                before(path)
            reports.append(kind(connection, description, path, uuid.uuid4().hex).load(progress))
        declare(connection, description)
    return reports


def _load_flood(
    description: Description, paths: list[Path], progress: Progress | None, before: Before | None
) -> list[Report]:
    reports, places = [], Places(description)
    with engine.committing() as connection:
        network = Network(connection, description.key)
        for path in paths:
            if before:
                before(path)
            reports.append(FloodFile(connection, description, path, network, places).load(progress))
        if network.write():
            thiessen.recount(connection, clock.now().date())
        flood_lately.look(connection, reports, clock.now())
        declare(connection, description)
    return reports


def _caller_key(connection: Connection) -> str:
    """The secret of the "same caller" hash: the setting, else one kept beside the data."""
    if settings().hash_key:
        return settings().hash_key
    from data_access.schema import deployment  # noqa: PLC0415

    kept = connection.execute(select(deployment.c.value).where(deployment.c.key == "caller_key")).scalar()
    if not kept:
        kept = uuid.uuid4().hex + uuid.uuid4().hex
        engine.put(connection, "caller_key", kept)
    return kept


class _Days:
    """The span of days whose cubes must be recomputed."""

    def __init__(self) -> None:
        self.first: date | None = None
        self.last: date | None = None

    def touch(self, times: Iterable[datetime | None]) -> None:
        """Widen the span by these times; missing ones do not count."""
        days = [one.date() for one in times if one is not None]
        if days:
            self.first = min([*days, self.first] if self.first else days)
            self.last = max([*days, self.last] if self.last else days)


@dataclass
class _Prepared:
    """A chunk that is ready to be written."""

    bad: list[Bad]
    rows: Rows | None


def _as_bad(chunk: Chunk, checked: checks.Checked) -> list[Bad]:
    names = chunk.table.column_names
    rows: list[Bad] = []
    for position in np.flatnonzero(checked.wrong != ""):
        raw = {name: chunk.table.column(name)[int(position)].as_py() for name in names}
        text = json.dumps(raw, ensure_ascii=False)
        rows.append((int(chunk.lines[position]), checked.wrong[position], checked.detail[position], text))
    return rows


def _ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, the next one being read while one is worked on."""
    with ThreadPoolExecutor(1, "intake-read") as reader:
        coming = reader.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = reader.submit(next, chunks, None)
            yield chunk


def _cut_numbers(table: pa.Table) -> pa.Table:
    """Numbers as long as the table can keep them."""
    numbers = table.column("order_no")
    if (pc.max(pc.utf8_length(numbers)).as_py() or 0) <= _NUMBER_LENGTH:
        return table
    cut = pc.utf8_slice_codeunits(numbers, 0, _NUMBER_LENGTH)
    return table.set_column(table.column_names.index("order_no"), "order_no", cut)


def _not_closed(table: pa.Table) -> pa.Table:
    """The tracked orders that are not closed."""
    known = table.column("tracked")
    if "close_at" in table.column_names:
        known = pc.and_(known, pc.is_null(table.column("close_at")))
    return table.filter(known)


class _File:
    """One file on its way into the tables."""

    def __init__(
        self,
        connection: Connection,
        description: Description,
        path: Path,
        *,
        places: Places,
        words: Vocabulary,
        masker: Masker,
        days: _Days,
    ) -> None:
        self._connection, self._description, self._path = connection, description, path
        self._places, self._words, self._masker, self._days = places, words, masker, days
        self._identities = Identities(connection, description)
        self._found = Found()
        self._watch = suspicions.Watch(description)
        self._aside: list[Rows] = []
        self._now = clock.now()
        self.report = Report(description.key, path.name, load_id=uuid.uuid4().hex)

    def load(self, progress: Progress | None) -> Report:
        """Read, check, place, identify and store; the report says what became of each row."""
        report, began = self.report, time.perf_counter()
        with ThreadPoolExecutor(1, "intake") as writer:  # prepares a chunk while the one before is written
            writing: Future[None] | None = None
            for chunk in _ahead(reading.chunks(self._path, self._description, self._found, progress)):
                prepared = self._prepare(chunk)
                if writing is not None:
                    writing.result()
                writing = writer.submit(self._write, prepared)
            if writing is not None:
                writing.result()
        for rows in self._aside:
            outcome = self._identities.decide(rows, last=True)
            self._store(rows, outcome)
            self._watch.repeated_rows += int((outcome.what == "already").sum())
        self._identities.close()
        found = self._found
        report.format, report.encoding, report.digest = found.format, found.encoding, found.digest
        report.blank_rows = found.blank_rows
        used = {name for _, one in self._description.needed() for name in one.sources()}
        report.unused_columns = [name for name in found.columns if name not in used]
        self._watch.tell(report, found, self._places, self._words, self._connection)
        report.seconds = time.perf_counter() - began
        if not report.balanced():
            raise AssertionError(f"rows do not add up: {report.to_dict()}")
        keeping.log(self._connection, report, self._now)
        return report

    def _prepare(self, chunk: Chunk) -> "_Prepared":
        """Everything that needs no database: values, checks, places, masking, keys."""
        report, table = self.report, chunk.table
        report.rows_read += table.num_rows + len(chunk.bad)
        bad = [(one.line, "ragged", one.reason, one.raw) for one in chunk.bad]
        if not table.num_rows:
            return _Prepared(bad, None)
        self._watch.columns(table)
        fields = normalise.assemble(self._description, table, self._path.name)
        checked = checks.check(self._description, table, fields, self._now, settings().timezone)
        self._watch.times(fields, checked)
        wrong = checked.wrong != ""
        if wrong.any():
            bad += _as_bad(chunk, checked)
            if wrong.all():
                return _Prepared(bad, None)
            good = pa.array(~wrong)
            fields = {name: column.filter(good) for name, column in fields.items()}
            checked.times = {name: values[~wrong] for name, values in checked.times.items()}
        return _Prepared(bad, self._rows(fields, checked.times))

    def _write(self, prepared: "_Prepared") -> None:
        """What the database must decide and keep."""
        keeping.refuse(self._connection, self.report, prepared.bad)
        rows = prepared.rows
        if rows is None:
            return
        outcome = self._identities.decide(rows)
        waiting = outcome.what == "aside"
        if waiting.any():
            self._aside.append(rows.where(waiting))
        self._store(rows, outcome)

    def _rows(self, fields: dict[str, pa.Array], times: dict[str, np.ndarray]) -> Rows:
        placed = self._places.find(fields, len(times["accept_at"]))
        table = orders.table(self._description, fields, times, placed, words=self._words, masker=self._masker)
        numbers = table.column("order_no").combine_chunks()
        lossy = normalise.lossy(numbers)
        self._watch.numbers(numbers, lossy)
        report = self.report
        report.unplaced += int((placed.district == "").sum())
        report.to_street += int((placed.street != "").sum())
        for how, count in zip(*np.unique(placed.by.astype(str), return_counts=True), strict=True):
            if how:
                report.placed_by[str(how)] += int(count)
        span = pc.min_max(table.column("accept_at")).as_py()
        report.data_from = min(span["min"], report.data_from or span["min"])
        report.data_to = max(span["max"], report.data_to or span["max"])
        return Rows(content_keys(self._description, fields, times["accept_at"]), lossy, _cut_numbers(table))

    def _store(self, rows: Rows, outcome: Outcome) -> None:
        """Write what is new and replace what is newer; count everything that is decided."""
        table = rows.table.append_column("order_id", pa.array(outcome.order_id))
        new, changed = outcome.what == "stored", outcome.what == "updated"
        self.report.stored += int(new.sum())
        self.report.updated += int(changed.sum())
        self.report.already += int((outcome.what == "already").sum())
        if new.any():
            self._insert(table if new.all() else table.filter(pa.array(new)))
        if changed.any():
            self._replace(table, np.flatnonzero(changed), outcome)

    def _replace(self, table: pa.Table, positions: np.ndarray, outcome: Outcome) -> None:
        """Put newer versions in the place of stored orders; what only the stored one knows is kept."""
        merged: dict[int, dict] = {}
        for position, row in zip(positions, table.take(pa.array(positions)).to_pylist(), strict=True):
            old = outcome.stored_rows[int(position)]
            self._days.touch(old.get(name) for name in TIMES)
            merged[row["order_id"]] = {**row, **outcome.merged[int(position)]}
        self._identities.remove(np.array(list(merged), dtype=np.int64))
        self._insert(pa.Table.from_pylist(list(merged.values()), schema=table.schema))

    def _insert(self, table: pa.Table) -> None:
        for name in TIMES:
            if name in table.column_names:
                self._days.touch(pc.min_max(table.column(name)).as_py().values())
        accept = table.column("accept_at").to_numpy()
        if (accept[1:] < accept[:-1]).any():  # rows lie in time order
            table = table.take(pa.array(np.argsort(accept, kind="stable")))
        bulk.insert(self._connection, hotline_order, table)
        bulk.insert(self._connection, hotline_open, _not_closed(table))
        events = orders.events(table)
        if events.num_rows:
            bulk.insert(self._connection, hotline_event, events)
