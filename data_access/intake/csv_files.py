"""Delimited text: any of the encodings that cities' systems export, quotes with newlines in them, ragged rows.

Arrow parses blocks of 16 MB; what is not UTF-8 is re-encoded on the way. Nothing is ever read whole.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from data_access.intake.chunks import (
    BadRow,
    Chunk,
    Found,
    Progress,
    check_columns,
    header_names,
    missing_columns,
    unique_names,
)
from data_access.intake.columns import holds, pc
from data_access.intake.description import Description, IntakeError

BLOCK = 16 << 20
_SAMPLE = 1 << 18
_HEADER_WITHIN = 20  # lines in which the header is looked for


def detect_encoding(path: Path) -> str:
    """utf-8, utf-8-sig, utf-16, gb18030 or big5, by marks and by what decodes; UTF-8 must hold for the whole sample.

    Between gb18030 and big5, which both decode most of each other, the one giving more common characters wins.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        samples = [file.read(_SAMPLE)]
        for part in (1, 2, 3):
            if size > _SAMPLE * 8:
                file.seek(size // 4 * part)
                samples.append(file.read(_SAMPLE))
    head = samples[0]
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    little, big = (sum(head.count(mark) for mark in marks) for marks in ((b",\0", b"\n\0"), (b"\0,", b"\0\n")))
    if little or big:  # no other text has zero bytes
        return "utf-16-le" if little >= big else "utf-16-be"
    if all(_bad_share(sample, "utf-8", middle=i > 0) < 0.001 for i, sample in enumerate(samples)):
        return "utf-8"
    scores = {name: sum(_plausible(sample, name) for sample in samples) for name in ("gb18030", "big5")}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] <= 0:
        raise IntakeError(f"{path.name}: its text encoding cannot be told; write encoding under [read].")
    return best


def _bad_share(sample: bytes, encoding: str, middle: bool) -> float:
    if middle:
        sample = sample.partition(b"\n")[2]
    text = sample.decode(encoding, "replace")[:-3]  # the sample may end inside a character
    return text.count("\ufffd") / max(1, len(text)) if sample else 0.0


def _plausible(sample: bytes, encoding: str) -> float:
    """Share of the non-ASCII characters that are common Chinese in this encoding, less what does not decode."""
    text = sample.partition(b"\n")[0].decode(encoding, "replace") + sample.partition(b"\n")[2].decode(
        encoding, "replace"
    )
    wide = [c for c in text if ord(c) > 127]
    if not wide:
        return 0.0
    tables = {"gb18030": "gb2312", "big5": "big5"}
    common = 0
    for c in wide:
        try:
            code = c.encode(tables[encoding])
        except UnicodeEncodeError:
            continue
        first = code[0]  # level 1 of either standard: the characters people write
        common += (0xB0 <= first <= 0xD7) if encoding == "gb18030" else (0xA4 <= first <= 0xC6)
    return (common - 3 * text.count("\ufffd")) / len(wide)


class Utf8Stream(io.RawIOBase):
    """The file as UTF-8 bytes without a mark; counts and digests the bytes as they are on disk."""

    def __init__(self, path: Path, encoding: str, progress: Progress | None = None) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._plain = encoding in ("utf-8", "utf-8-sig")
        if encoding == "utf-8-sig":
            mark = self._file.read(3)
            self._file.seek(0 if mark != codecs.BOM_UTF8 else 3)
        self._decoder = None if self._plain else codecs.getincrementaldecoder(encoding)("replace")
        self._pending = b""
        self.digest = hashlib.sha256(codecs.BOM_UTF8 if encoding == "utf-8-sig" else b"")
        self._progress = progress
        self.undecodable = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to about `size` bytes of UTF-8; b'' at the end."""
        wanted = BLOCK if size is None or size < 0 else size
        if self._pending:
            given, self._pending = self._pending[:wanted], self._pending[wanted:]
            return given
        while True:
            raw = self._file.read(wanted)
            self.digest.update(raw)
            if self._progress:
                self._progress(len(raw))
            if self._decoder is None:
                return raw
            text = self._decoder.decode(raw, final=not raw)
            self.undecodable += text.count("\ufffd")
            given = text.encode("utf-8", "replace")
            if given or not raw:
                self._pending = given[wanted:]
                return given[:wanted]

    def close(self) -> None:
        self._file.close()
        super().close()

    def push_back(self, data: bytes) -> None:
        """Give these bytes again first."""
        self._pending = data + self._pending


def _delimiter(line: str) -> str:
    """The separator of a header line: the one that cuts it into most pieces."""
    return max((",", "\t", ";", "|"), key=lambda mark: (len(next(csv.reader([line], delimiter=mark))), mark == ","))


def _header(stream: Utf8Stream, description: Description, path: Path) -> tuple[list[str], str, int]:
    """Read up to the header. Returns its names, the delimiter and the line after it; the rest stays in the stream."""
    head = b""
    while len(head) < _SAMPLE:
        more = stream.read(_SAMPLE)
        if not more:
            break
        head += more
    text = head.decode("utf-8", "replace")
    _refuse_html(text, path)
    lines = text.splitlines(keepends=True) if "\n" not in text else text.split("\n")
    if "\n" in text:
        lines = [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    lines_used = 0
    best: tuple[list[str], str, int] | None = None
    fewest = 10**6
    for start in range(description.read.skip, min(len(lines), description.read.skip + _HEADER_WITHIN)):
        if not lines[start].strip():
            continue
        mark = description.read.delimiter or _delimiter(lines[start])
        reader = csv.reader(iter(lines[start:]), delimiter=mark)
        try:
            names = header_names(next(reader))
        except (csv.Error, StopIteration):
            continue
        lacking = len(missing_columns(names, description))
        if lacking < fewest:
            fewest, best = lacking, (names, mark, start + reader.line_num)
            lines_used = start + reader.line_num
        if not lacking:
            break
    if best is None:
        raise IntakeError(f"{path.name} is empty; there is nothing to load.")
    check_columns(best[0], description, path)
    used = len("".join(lines[:lines_used]).encode("utf-8", "replace"))
    stream.push_back(head[used:] if "\ufffd" not in "".join(lines[:lines_used]) else _after_lines(head, lines_used))
    return best


def _after_lines(head: bytes, count: int) -> bytes:
    for _ in range(count):
        head = head.partition(b"\n")[2]
    return head


def _refuse_html(text: str, path: Path) -> None:
    start = text.lstrip("\ufeff \t\r\n")[:2000].lower()
    if start.startswith(("<!doctype html", "<html", "<head", "<?xml")) or "<table" in start:
        raise IntakeError(
            f"{path.name} is a web page saved as a table (it starts with markup), not data. "
            "Download the data itself again; often a login or an error page was saved instead."
        )
    if "\0" in text[:4000]:
        raise IntakeError(
            f"{path.name} is not text. If it is a workbook, give it its own ending (.xlsx), else say its format."
        )


def chunks(path: Path, description: Description, found: Found, progress: Progress | None = None) -> Iterator[Chunk]:
    """The file's rows as text. Rows with a wrong number of values come as bad rows; blank lines are only counted."""
    found.format = "csv"
    found.encoding = description.read.encoding or detect_encoding(path)
    stream = Utf8Stream(path, found.encoding, progress)
    try:
        names, mark, line = _header(stream, description, path)
        found.columns = unique_names(names)
        yield from _parsed(stream, found, mark, line)
        found.digest = stream.digest.hexdigest()
        found.undecodable += stream.undecodable
    finally:
        stream.close()


def _parsed(stream: Utf8Stream, found: Found, mark: str, header_lines: int) -> Iterator[Chunk]:
    names = found.columns
    ragged: list[tuple[int, str, str]] = []  # (physical number, reason, text)

    def refuse(row: arrow_csv.InvalidRow) -> str:
        reason = f"{row.actual_columns} values where the header has {row.expected_columns}"
        ragged.append((row.number or 0, reason, row.text))
        return "skip"

    try:
        reader = arrow_csv.open_csv(
            pa.PythonFile(stream, "r"),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=BLOCK, use_threads=False),
            parse_options=arrow_csv.ParseOptions(
                delimiter=mark, newlines_in_values=True, invalid_row_handler=refuse, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.binary() for name in names}, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise IntakeError(f"The table cannot be read: {error}. Check the quotes and the delimiter.") from None
    seen, newlines, told = 0, 0, 0
    batches = iter(reader)
    while True:
        try:
            batch = next(batches)
        except StopIteration:
            break
        except pa.ArrowInvalid as error:
            raise IntakeError(f"The table cannot be read: {error}. Check the quotes near there.") from None
        table, undecodable = _text(batch)
        found.undecodable += undecodable
        number = seen + np.arange(table.num_rows, dtype=np.int64)
        starts = np.array([one[0] - 1 - i for i, one in enumerate(ragged)], dtype=np.int64)
        physical = number + np.searchsorted(starts, number, side="right")
        inside = np.zeros(table.num_rows, dtype=np.int64)
        for column in table.columns:
            if holds(column.chunk(0), b"\n"):
                inside += pc.count_substring(column, "\n").to_numpy().astype(np.int64)
        before = newlines + np.concatenate(([0], np.cumsum(inside)[:-1])) if len(inside) else inside
        lines = header_lines + 1 + physical + before
        newlines += int(inside.sum())
        seen += table.num_rows
        bad = [BadRow(header_lines + n + newlines, reason, text) for n, reason, text in ragged[told:]]
        told = len(ragged)
        yield _without_blank(Chunk(table, lines, bad), found)
    if told < len(ragged):
        empty = pa.table([pa.array([], pa.string()) for _ in names], names=names)
        bad = [BadRow(header_lines + n + newlines, reason, text) for n, reason, text in ragged[told:]]
        yield Chunk(empty, np.array([], dtype=np.int64), bad)


def _text(batch: pa.RecordBatch) -> tuple[pa.Table, int]:
    """Binary columns as text; bytes that are not UTF-8 become the replacement character and are counted."""
    columns, undecodable = [], 0
    for column in batch.columns:
        try:
            columns.append(column.cast(pa.string()))
        except pa.ArrowInvalid:
            values = [value.decode("utf-8", "replace") for value in column.to_pylist()]
            undecodable += sum(value.count("\ufffd") for value in values)
            columns.append(pa.array(values, pa.string()))
    return pa.table(columns, names=batch.schema.names), undecodable


def _without_blank(chunk: Chunk, found: Found) -> Chunk:
    if any((pc.min(pc.binary_length(column)).as_py() or 0) > 0 for column in chunk.table.columns):
        return chunk
    some = np.zeros(chunk.table.num_rows, dtype=bool)
    for column in chunk.table.columns:
        some |= pc.greater(pc.binary_length(column), 0).to_numpy()
        if some.all():
            return chunk
    found.blank_rows += int((~some).sum())
    return Chunk(chunk.table.filter(pa.array(some)), chunk.lines[some], chunk.bad)
