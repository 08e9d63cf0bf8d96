"""Code lists of a source: channels, types, results; and codes for categories and organisations that only have names.

Codes made from names are '<source>-<10 hex digits of the name's hash>': the same from load to load, and never confused
with another source's.
"""

import hashlib
import unicodedata
from collections import Counter

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, insert, select

from data_access.intake.columns import pc
from data_access.intake.description import Description
from data_access.schema import category, organisation

_FLAGS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False, "是": True, "否": False}


def made_code(source: str, name: str) -> str:
    """A code for a name of a source."""
    folded = "".join(unicodedata.normalize("NFKC", name).split()).casefold()
    return f"{source[:28]}-{hashlib.blake2b(folded.encode(), digest_size=5).hexdigest()}"


class Vocabulary:
    """The code lists during one load; collects new categories and organisations and writes them at the end."""

    def __init__(self, connection: Connection, description: Description) -> None:
        self._connection = connection
        self._description = description
        self.unknown: dict[str, Counter[str]] = {}
        rows = connection.execute(select(category.c.code, category.c.parent, category.c.level)).all()
        self._parents = {row.code: row.parent for row in rows}
        self._levels = {row.code: row.level for row in rows}
        self._organisations = {row[0] for row in connection.execute(select(organisation.c.code))}
        self._new_categories: dict[str, dict[str, object]] = {}
        self._new_organisations: dict[str, dict[str, object]] = {}

    def coded(self, name: str, column: pa.Array, otherwise: str = "other") -> pa.Array:
        """Values of a code list. Unknown ones become `otherwise` and are counted; without a list they stay."""
        texts, indices = self._codes(name, column, otherwise)
        return pc.take(pa.array(texts, pa.string()), indices)

    def numbered(self, name: str, column: pa.Array) -> pa.Array:
        """Values of a code list that are small numbers, NULL where nothing is said."""
        texts, indices = self._codes(name, column, "")
        values = [int(float(text)) if _is_number(text) else None for text in texts]
        return pc.take(pa.array(values, pa.int16()), indices)

    def flagged(self, name: str, column: pa.Array) -> pa.Array:
        """Values of a code list that are yes or no, NULL where nothing is said."""
        texts, indices = self._codes(name, column, "")
        return pc.take(pa.array([_FLAGS.get(text.lower()) for text in texts], pa.bool_()), indices)

    def _codes(self, name: str, column: pa.Array, otherwise: str) -> tuple[list[str], pa.Array]:
        """The code of each different value, and which of them each row has."""
        codes = self._description.codes.get(name)
        encoded = column.dictionary_encode()
        counts: np.ndarray | None = None
        result = []
        for position, value in enumerate(encoded.dictionary.to_pylist()):
            found = codes.get(value) if codes is not None else value[:20]
            if found is None and value:
                if counts is None:
                    counts = np.bincount(encoded.indices.to_numpy(zero_copy_only=False))
                self.unknown.setdefault(name, Counter())[value] += int(counts[position])
            result.append((found if found is not None else otherwise) if value else "")
        return result, encoded.indices

    def categories(self, names: pa.Array, groups: pa.Array | None) -> tuple[pa.Array, pa.Array]:
        """The category code of each row and its topic (the level-2 category it is or is under)."""
        pairs = pc.binary_join_element_wise(names, groups if groups is not None else "", "\x1f")
        encoded = pairs.dictionary_encode()
        codes, topics = [], []
        for pair in encoded.dictionary.to_pylist():
            name, _, group = pair.partition("\x1f")
            code = self._category(name, group)
            codes.append(code)
            topics.append(self._topic(code))
        category_codes, topic_codes = (pa.array(texts, pa.string()) for texts in (codes, topics))
        return pc.take(category_codes, encoded.indices), pc.take(topic_codes, encoded.indices)

    def _category(self, name: str, group: str) -> str:
        settings = self._description.categories
        if not name:
            return ""
        if settings.by == "code":
            if name not in self._levels:
                self.unknown.setdefault("category", Counter())[name] += 1
                self._add_category(name[:40], None, name)
            return name[:40]
        group = group or settings.parents.get(name, "")
        above = None
        if group:
            above = made_code(self._description.key, "1:" + group)
            self._add_category(above, None, group, level=1)
        code = made_code(self._description.key, f"{group}/{name}" if group else name)
        self._add_category(code, above, name)
        return code

    def _add_category(self, code: str, parent: str | None, name: str, level: int = 2) -> None:
        if code in self._levels:
            return
        self._levels[code], self._parents[code] = level, parent
        english = self._description.categories.english.get(name)
        self._new_categories[code] = {
            "code": code,
            "parent": parent,
            "level": level,
            "name_zh": name[:120],
            "name_en": english,
        }

    def _topic(self, code: str) -> str:
        here: str | None = code
        while here and self._levels.get(here, 0) > 2:
            here = self._parents.get(here)
        return here or code

    def organisations(self, names: pa.Array) -> pa.Array:
        """The organisation code of each row."""
        encoded = names.dictionary_encode()
        codes = []
        for name in encoded.dictionary.to_pylist():
            code = name if name in self._organisations else made_code(self._description.key, name) if name else ""
            if code and code not in self._organisations:
                self._organisations.add(code)
                self._new_organisations[code] = {
                    "code": code,
                    "name_zh": name[:120],
                    "name_en": None,
                    "kind": "department",
                }
            codes.append(code)
        return pc.take(pa.array(codes, pa.string()), encoded.indices)

    def write(self) -> None:
        """Insert what is new."""
        if self._new_categories:
            self._connection.execute(insert(category), list(self._new_categories.values()))
        if self._new_organisations:
            self._connection.execute(insert(organisation), list(self._new_organisations.values()))
        self._new_categories, self._new_organisations = {}, {}


def _is_number(text: str) -> bool:
    try:
        return -32768 <= float(text) <= 32767
    except ValueError:
        return False
