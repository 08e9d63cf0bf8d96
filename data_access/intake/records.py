"""JSON, JSON lines, GeoJSON and Parquet. A list of records is read record by record, however long it is."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from data_access.intake.chunks import ROWS, Chunk, Found, Progress, check_columns, text_table
from data_access.intake.csv_files import Utf8Stream, detect_encoding
from data_access.intake.description import Description, IntakeError

_READ = 1 << 20


def json_chunks(
    path: Path, description: Description, found: Found, progress: Progress | None = None
) -> Iterator[Chunk]:
    """Records of a JSON list (the top one, or the one named by [read] records), of JSON lines or of a GeoJSON.

    Nested objects become columns a.b; points become lon and lat. Lines are the numbers of the records, from 1.
    """
    found.format = found.format or "json"
    found.encoding = description.read.encoding or detect_encoding(path)
    stream = Utf8Stream(path, found.encoding, progress)
    rows: list[dict[str, str]] = []
    number = 0
    try:
        for number, record in enumerate(_records(stream, description.read.records, path), 1):
            if not isinstance(record, dict):
                raise IntakeError(f"{path.name}: record {number} is not an object with named fields.")
            rows.append(_flat(record))
            if len(rows) == ROWS:
                yield _chunk(rows, number, description, found, path)
                rows = []
        if rows:
            yield _chunk(rows, number, description, found, path)
        if not number:
            raise IntakeError(f"{path.name} has no records; there is nothing to load.")
        found.digest = stream.digest.hexdigest()
        found.undecodable += stream.undecodable
    finally:
        stream.close()


def _chunk(rows: list[dict[str, str]], last: int, description: Description, found: Found, path: Path) -> Chunk:
    names = list(dict.fromkeys(name for row in rows for name in row))
    if not found.columns:
        check_columns(names, description, path)
        found.columns = names
    found.columns += [name for name in names if name not in found.columns]
    table = text_table([[row.get(name, "") for name in found.columns] for row in rows], found.columns)
    return Chunk(table, np.arange(last - len(rows) + 1, last + 1, dtype=np.int64))


def _records(stream: Utf8Stream, name: str, path: Path) -> Iterator[Any]:  # noqa: PLR0912  (one scanner)
    """The values of the list, or of the lines, one by one."""
    decoder = json.JSONDecoder()
    text, ended, number = "", False, 0

    def more() -> None:
        nonlocal text, ended
        data = stream.read(_READ)
        tail = b""
        while data and data[-1] & 0x80 and len(tail) < 4:  # do not cut a character in two
            tail = stream.read(1)
            data += tail
            if not tail or not tail[0] & 0x80:
                break
            tail = b""
        ended = not data
        text += data.decode("utf-8", "replace")

    more()
    text = text.lstrip("\ufeff \t\r\n")
    if not text:
        raise IntakeError(f"{path.name} is empty; there is nothing to load.")
    inside = text.startswith("[")
    if inside:
        text = text[1:]
    else:
        wanted = re.escape(name or "features") if name or '"FeatureCollection"' in text[:2000] else ""
        if wanted:
            while not (start := re.search(rf'"{wanted}"\s*:\s*\[', text)):
                if ended:
                    raise IntakeError(
                        f"{path.name} has no list called {name or 'features'}; check records under [read]."
                    )
                more()
            text, inside = text[start.end() :], True
    while True:
        text = text.lstrip(" \t\r\n,")
        if inside and text.startswith("]"):
            return
        try:
            if not text:
                raise json.JSONDecodeError("end", text, 0)
            value, end = decoder.raw_decode(text)
            if end == len(text) and not ended:
                raise json.JSONDecodeError("end", text, 0)
        except json.JSONDecodeError as error:
            if not ended:
                more()
                continue
            if not text and not inside:
                return
            raise IntakeError(
                f"{path.name}: record {number + 1} is not valid JSON ({error.msg}); the file may be cut off."
            ) from None
        number += 1
        yield value
        text = text[end:]


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, str]:
    if record.get("type") == "Feature" and "properties" in record:
        result = _flat(record["properties"] or {})
        geometry = record.get("geometry") or {}
        if geometry.get("type") == "Point":
            result |= {"lon": str(geometry["coordinates"][0]), "lat": str(geometry["coordinates"][1])}
        return result
    result: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            result |= _flat(value, f"{prefix}{name}.")
        elif value is None:
            result[prefix + name] = ""
        else:
            result[prefix + name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return result


def parquet_chunks(
    path: Path, description: Description, found: Found, progress: Progress | None = None
) -> Iterator[Chunk]:
    """The rows of a Parquet file as text; lines are the numbers of the rows, from 1."""
    found.format = "parquet"
    with path.open("rb") as file:
        found.digest = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        source = parquet.ParquetFile(path)
    except pa.ArrowException:
        raise IntakeError(f"{path.name} is not a Parquet file that can be opened; it may be cut off.") from None
    check_columns(source.schema_arrow.names, description, path)
    found.columns = source.schema_arrow.names
    seen = 0
    with source:
        for batch in source.iter_batches(batch_size=ROWS):
            table = pa.table([_as_text(column) for column in batch.columns], names=found.columns)
            yield Chunk(table, np.arange(seen + 1, seen + table.num_rows + 1, dtype=np.int64))
            seen += table.num_rows
    if progress:
        progress(path.stat().st_size)


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_nested(column.type):
        column = pa.array(
            [None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in column.to_pylist()]
        )
    return column.cast(pa.string()).fill_null("")
