"""Masking whole columns, fast: the rules are domain.masking's own; this only avoids asking twice.

Addresses differ mostly in their digits, and house numbers are masked whatever their digits are. So a text is masked
once for each shape (every digit written 1); the result stands for all texts of that shape when no digit is left in it.
Texts with seven or more digits close together (telephones, identity numbers) and texts that keep a digit are masked
one by one.
"""

import numpy as np
import pyarrow as pa

from data_access.intake.columns import by_value, holds, pc, raw
from domain import masking

_RISKY = "1[1 ()（）+-]{5,}1"  # seven or more digits close together
_KEPT = 200_000  # shapes remembered in a load
_ONES = np.arange(256, dtype=np.uint8)
_ONES[ord("0") : ord("9") + 1] = ord("1")


def _shapes(texts: pa.Array) -> pa.Array:
    """The texts with every digit written 1."""
    if holds(texts, b"\xef\xbc"):  # full-width digits may be among them
        texts = pc.replace_substring_regex(texts, "[０-９]", "1")
    ends = texts.buffers()[1]
    return pa.StringArray.from_buffers(len(texts), ends, pa.py_buffer(_ONES[raw(texts)]), offset=texts.offset)


class Masker:
    """Masks columns of one load and computes its callers' keys."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._shapes: dict[str, str | None] = {}
        self._callers: dict[str, int] = {}

    def texts(self, column: pa.Array) -> pa.Array:
        """The column with every text masked, exactly as domain.masking.mask_text does it."""
        return by_value(column, self._each)

    def _each(self, texts: pa.Array) -> pa.Array:
        shaped = _shapes(texts).dictionary_encode()
        risky = pc.match_substring_regex(shaped.dictionary, _RISKY).to_pylist()
        by_shape = [
            None if risk else self._shape(shape)
            for shape, risk in zip(shaped.dictionary.to_pylist(), risky, strict=True)
        ]
        known = pc.take(pa.array(by_shape, pa.string()), shaped.indices)
        if not known.null_count:
            return known
        left = np.flatnonzero(known.is_null().to_numpy(zero_copy_only=False))
        rest = texts.take(pa.array(left)).dictionary_encode()
        masked = pa.array([masking.mask_text(text) for text in rest.dictionary.to_pylist()], pa.string())
        return pc.replace_with_mask(known, known.is_null(), pc.take(masked, rest.indices))

    def _shape(self, shape: str) -> str | None:
        """The masked shape when it holds no digit; None when digits stay and each text must be masked itself."""
        if shape not in self._shapes:
            if len(self._shapes) >= _KEPT:
                self._shapes.clear()
            masked = masking.mask_text(shape)
            self._shapes[shape] = None if any(c.isdigit() for c in masked) else masked
        return self._shapes[shape]

    def callers(self, column: pa.Array) -> pa.Array:
        """The keyed hash of each telephone number; NULL where there is none."""
        encoded = column.dictionary_encode()
        keys: list[int | None] = []
        for phone in encoded.dictionary.to_pylist():
            digits = masking.normalise_phone(phone)
            if not digits:
                keys.append(None)
                continue
            if digits not in self._callers:
                if len(self._callers) >= _KEPT:
                    self._callers.clear()
                self._callers[digits] = masking.caller_key(digits, self._key)
            keys.append(self._callers[digits])
        return pc.take(pa.array(keys, pa.int64()), encoded.indices)
