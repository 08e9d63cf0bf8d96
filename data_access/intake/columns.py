"""Arrow's functions on whole columns of text, and quick looks into a column's bytes.

`pc` is pyarrow.compute; its functions are made at run time, so type checkers know none of them.
"""

import importlib
from collections.abc import Callable
from typing import Any

import pyarrow as pa

pc: Any = importlib.import_module("pyarrow.compute")

_FEW = 4  # a column repeats itself when it has this many times more rows than values


def content(column: pa.Array) -> bytes:
    """The bytes of all texts of a column, one after the other (slices: of the whole it was cut from)."""
    data = column.buffers()[2]
    return b"" if data is None else data.to_pybytes()


def is_ascii(column: pa.Array) -> bool:
    """Whether no text has anything but ASCII."""
    return content(column).isascii()


def holds(column: pa.Array, *marks: bytes) -> bool:
    """Whether any of these bytes may be in any of the texts."""
    data = content(column)
    return any(mark in data for mark in marks)


def by_value(column: pa.Array, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """change(column), asked only once for each different text where texts repeat."""
    sample = column.slice(0, 2000)
    if len(column) > len(sample) and pc.count_distinct(sample).as_py() * _FEW > len(sample):
        return change(column)
    encoded = column.dictionary_encode()
    if len(encoded.dictionary) * _FEW > len(column):
        return change(column)
    return pc.take(change(encoded.dictionary), encoded.indices)


def without_spaces(column: pa.Array) -> pa.Array:
    """The texts with all white space taken out."""
    if not holds(column, b" ", b"\t", b"\n", b"\r"):
        return column
    return pc.replace_substring_regex(column, r"\s+", "")
