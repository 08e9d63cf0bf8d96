"""What every kind of file is turned into: chunks of text columns with the line of each row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from data_access.intake.description import Description, IntakeError

ROWS = 100_000  # rows of a chunk where we choose them; a CSV's chunks are blocks of bytes


@dataclass
class BadRow:
    """A row that is no row: its line, what is wrong (zh, en), and the row as it is."""

    line: int
    reason: str
    raw: str


@dataclass
class Chunk:
    """table: text columns, '' where there is nothing. lines: where each row starts (records: its number)."""

    table: pa.Table
    lines: np.ndarray
    bad: list[BadRow] = field(default_factory=list)


@dataclass
class Found:
    """What reading found out about a file, for the report; filled while it is read."""

    format: str = ""
    encoding: str = ""
    columns: list[str] = field(default_factory=list)
    digest: str = ""
    blank_rows: int = 0
    undecodable: int = 0
    notes: list[str] = field(default_factory=list)


Progress = Callable[[int], object]  # called with the bytes read since the last call


def required(description: Description) -> list[tuple[str, ...]]:
    """For each field the source columns of which the file must have one (or, for joins and templates, all)."""
    wanted: list[tuple[str, ...]] = []
    for _, one in description.needed():
        if one.optional:
            continue
        wanted += [one.column] if one.column else [(name,) for name in one.sources()]
    return wanted


def missing_columns(columns: Iterable[str], description: Description) -> list[str]:
    """Which columns the description needs and the file has not."""
    there = set(columns)
    return [" / ".join(names) for names in required(description) if not there & set(names)]


def check_columns(columns: list[str], description: Description, path: Path) -> None:
    """Raise IntakeError when a needed column is missing, or one name is there twice."""
    lacking = missing_columns(columns, description)
    if lacking:
        shown = ", ".join(columns[:30]) or "none"
        raise IntakeError(
            f"{path.name} has no column {', '.join(dict.fromkeys(lacking))}; its columns are: {shown}. "
            "Check that it is the right file for this source, or change [columns] in the source description."
        )
    used = {name for names in required(description) for name in names}
    twice = sorted({name for name in columns if columns.count(name) > 1} & used)
    if twice:
        raise IntakeError(f"{path.name} has the column {', '.join(twice)} more than once; rename one of them.")


def header_names(cells: Iterable[object]) -> list[str]:
    """Column names as the description writes them: trimmed, without a byte order mark."""
    return [str("" if cell is None else cell).replace("\ufeff", "").strip() for cell in cells]


def unique_names(names: list[str]) -> list[str]:
    """Names that a table can have: empty ones numbered, repeated ones marked."""
    seen: dict[str, int] = {}
    result = []
    for position, name in enumerate(names, 1):
        base = name or f"(column {position})"
        seen[base] = seen.get(base, 0) + 1
        result.append(base if seen[base] == 1 else f"{base} ({seen[base]})")
    return result


def text_table(rows: list[list[str]], names: list[str]) -> pa.Table:
    """A table of text from rows of the same length."""
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in names]
    return pa.table([pa.array(column, pa.string()) for column in columns], names=names)
