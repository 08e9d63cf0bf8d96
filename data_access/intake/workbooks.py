"""Excel workbooks: the first sheet that has the wanted columns, read row by row."""

import hashlib
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from data_access.intake.chunks import (
    ROWS,
    Chunk,
    Found,
    Progress,
    check_columns,
    header_names,
    missing_columns,
    text_table,
    unique_names,
)
from data_access.intake.description import Description, IntakeError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER_WITHIN = 20
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _refuse_ole(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(8) != _OLE:
            return
        rest = file.read(1 << 20)
    if "EncryptedPackage".encode("utf-16-le") in rest:
        raise IntakeError(
            f"{path.name} is protected by a password. Open it in Excel, remove the password "
            "(File, Info, Protect Workbook, Encrypt with Password: empty) and load it again."
        )
    raise IntakeError(f"{path.name} is an old Excel file (.xls). Open it in Excel and save it as .xlsx.")


def cell_text(value: object) -> str:
    """A cell as text: dates in ISO form, whole numbers without a fraction, Excel's escapes undone."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value).strip()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S") if value.year >= 1000 else str(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def chunks(path: Path, description: Description, found: Found, progress: Progress | None = None) -> Iterator[Chunk]:
    """The rows of one sheet as text; lines are row numbers of the sheet."""
    _refuse_ole(path)
    found.format = "excel"
    found.digest = _digest(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and validations that openpyxl does not keep
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError):
        raise IntakeError(
            f"{path.name} is not a workbook that can be opened. Save it again as .xlsx, or as CSV."
        ) from None
    try:
        name, start, header = _sheet(book, description, path)
        if len(book.sheetnames) > 1:
            found.notes.append(f"sheet {name} of {len(book.sheetnames)}")
        check_columns(header, description, path)
        found.columns = unique_names(header)
        yield from _rows(book[name], start, found)
    finally:
        book.close()
    if progress:
        progress(path.stat().st_size)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sheet(book: openpyxl.Workbook, description: Description, path: Path) -> tuple[str, int, list[str]]:
    """The sheet to read, the row of its header and the header."""
    wanted = description.read.sheet
    if wanted and wanted not in book.sheetnames:
        raise IntakeError(f"{path.name} has no sheet {wanted}; its sheets are: {', '.join(book.sheetnames)}.")
    best: tuple[int, str, int, list[str]] | None = None
    for name in [wanted] if wanted else book.sheetnames:
        first = description.read.skip + 1
        for number, row in enumerate(
            book[name].iter_rows(min_row=first, max_row=first + _HEADER_WITHIN, values_only=True), first
        ):
            if not any(cell is not None for cell in row):
                continue
            names = header_names(row)
            while names and not names[-1]:
                names.pop()
            lacking = len(missing_columns(names, description))
            if best is None or lacking < best[0]:
                best = (lacking, name, number, names)
            if not lacking:
                return name, number, names
    if best is None:
        raise IntakeError(f"{path.name} has no rows; there is nothing to load.")
    return best[1:]


def _rows(sheet: object, start: int, found: Found) -> Iterator[Chunk]:
    width = len(found.columns)
    rows: list[list[str]] = []
    lines: list[int] = []
    for number, row in enumerate(sheet.iter_rows(min_row=start + 1, values_only=True), start + 1):  # type: ignore[attr-defined]
        texts = [cell_text(cell) for cell in row[:width]]
        if not any(texts):
            found.blank_rows += 1
            continue
        rows.append(texts + [""] * (width - len(texts)))
        lines.append(number)
        if len(rows) == ROWS:
            yield Chunk(text_table(rows, found.columns), np.array(lines, dtype=np.int64))
            rows, lines = [], []
    if rows:
        yield Chunk(text_table(rows, found.columns), np.array(lines, dtype=np.int64))
