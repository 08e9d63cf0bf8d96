"""Masking whole columns, fast: the rules are domain.masking's own; this only avoids asking twice.

Addresses differ mostly in their digits, and house numbers are masked whatever their digits are. So a text is masked
once for each shape (every digit written 1); the result stands for all texts of that shape when no digit is left in it.
Texts with seven or more digits close together (telephones, identity numbers) and texts that keep a digit are masked
one by one.
"""

import numpy as np
import pyarrow as pa

from data_access.intake.columns import pc
from domain import masking

_KEPT = 200_000  # shapes remembered in a load


class Masker:
    """Masks columns of one load and computes its callers' keys."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._shapes: dict[str, str | None] = {}
        self._callers: dict[str, int] = {}

    def texts(self, column: pa.Array) -> pa.Array:
        """The column with every text masked, exactly as domain.masking.mask_text does it."""
        encoded = column.dictionary_encode()
        texts = encoded.dictionary
        shapes = pc.replace_substring_regex(texts, "[0-9０-９]", "1")
        plain = pc.invert(pc.match_substring_regex(shapes, "1[1 ()（）+-]{5,}1|09")).to_numpy(zero_copy_only=False)
        shaped = shapes.dictionary_encode()
        by_shape = [self._shape(shape) for shape in shaped.dictionary.to_pylist()]
        known = np.array([*by_shape, None], dtype=object)[shaped.indices.to_numpy(zero_copy_only=False)]
        known[~plain] = None
        for position in [i for i, text in enumerate(known) if text is None]:
            known[position] = masking.mask_text(texts[int(position)].as_py())
        return pc.take(pa.array(known, pa.string()), encoded.indices)

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
