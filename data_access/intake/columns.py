"""Arrow's functions on whole columns of text, and quick looks into a column's bytes.

`pc` is pyarrow.compute; its functions are made at run time, so type checkers know none of them.
"""

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

pc: Any = importlib.import_module("pyarrow.compute")

Values = TypeVar("Values", pa.Array, np.ndarray)
_FEW = 4  # a column repeats itself when it has this many times more rows than values


_PLAIN = bytes([*range(0x80), *range(0x80, 0xC0), *range(0xE4, 0xEA)])


def raw(column: pa.Array) -> np.ndarray:
    """The bytes of all texts of a column, one after the other, not copied (slices: of the whole it was cut from)."""
    ends, data = column.buffers()[1:]
    if data is None or not len(column):
        return np.empty(0, dtype=np.uint8)
    end = np.frombuffer(ends, dtype=np.int32, count=len(column) + column.offset + 1)[-1]
    return np.frombuffer(data, dtype=np.uint8, count=end)


def is_plain(column: pa.Array) -> bool:
    """Whether all texts are ASCII and usual Chinese characters (U+4000 to U+9FFF): what NFKC never changes."""
    return not raw(column).tobytes().translate(None, _PLAIN)


def holds(column: pa.Array, *marks: bytes) -> bool:
    """Whether any of these bytes may be in any of the texts."""
    data = raw(column).tobytes()
    return any(mark in data for mark in marks)


def is_tidy(column: pa.Array) -> bool:
    """Whether no text can hold control characters, two spaces together, wider spaces or a byte order mark."""
    data = raw(column)
    if not len(data):
        return True
    if data.min() < 0x20:
        return False
    blank = data == 0x20
    if (blank[1:] & blank[:-1]).any():
        return False
    text = data.tobytes()
    return not any(mark[:1] in text and mark in text for mark in (b"\xc2\xa0", b"\xe3\x80\x80", b"\xef\xbb\xbf"))


def by_value(column: pa.Array, change: Callable[[pa.Array], Values]) -> Values:
    """change(column), asked only once for each different text where texts repeat."""
    sample = column.slice(0, 2000)
    if len(column) > len(sample) and pc.count_distinct(sample).as_py() * _FEW > len(sample):
        return change(column)
    encoded = column.dictionary_encode()
    if len(encoded.dictionary) * _FEW > len(column):
        return change(column)
    changed = change(encoded.dictionary)
    if isinstance(changed, np.ndarray):
        return changed[encoded.indices.to_numpy()]
    return pc.take(changed, encoded.indices)


def without_spaces(column: pa.Array) -> pa.Array:
    """The texts with all white space taken out."""
    if not holds(column, b" ", b"\t", b"\n", b"\r"):
        return column
    return pc.replace_substring_regex(column, r"\s+", "")
