"""Open a file of any known kind as chunks of text. The kind is taken from the description, else from the file."""

from collections.abc import Iterator
from pathlib import Path

from data_access.intake import csv_files, records, workbooks
from data_access.intake.chunks import Chunk, Found, Progress
from data_access.intake.description import Description, IntakeError

_ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".geojson": "geojson",
    ".parquet": "parquet",
}


def kind_of(path: Path, description: Description) -> str:
    """csv, excel, json, geojson or parquet. Raises IntakeError: not there, empty, of no known kind."""
    if not path.exists():
        raise IntakeError(f"{path.name}: there is no such file. Check the name and the folder.")
    if path.is_dir():
        raise IntakeError(f"{path.name} is a folder; name the files in it.")
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except PermissionError:
        raise IntakeError(f"{path.name} may not be read by this user; change its permissions.") from None
    if not head.strip():
        raise IntakeError(f"{path.name} is empty; there is nothing to load.")
    if description.read.format:
        return description.read.format
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "excel"
    if head.startswith(b"PAR1"):
        return "parquet"
    known = _ENDINGS.get(path.suffix.lower())
    if known in (None, "excel", "parquet"):
        raise IntakeError(
            f"{path.name}: what kind of file this is cannot be told; write format under [read] "
            "(csv, excel, json, geojson or parquet)."
        )
    return known


def chunks(path: Path, description: Description, found: Found, progress: Progress | None = None) -> Iterator[Chunk]:
    """The file's rows in chunks that fit in memory; `found` says afterwards what the file is. Raises IntakeError."""
    kind = kind_of(path, description)
    if kind == "csv":
        yield from csv_files.chunks(path, description, found, progress)
    elif kind == "excel":
        yield from workbooks.chunks(path, description, found, progress)
    elif kind == "parquet":
        yield from records.parquet_chunks(path, description, found, progress)
    else:
        found.format = kind
        yield from records.json_chunks(path, description, found, progress)
