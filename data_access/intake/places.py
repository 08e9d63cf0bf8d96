"""Which district and street an order belongs to: by code, by names, by the text of its address, else by its point.

Each step looks only at the rows that the steps before it left over. Addresses are read from the top of the tree down:
the first district named in the text, then the first of that district's streets or villages, and so on. Only names with
their suffix count (建国门外街道, not 建国门外, which is also a road). City names, however often repeated, postcodes and
neighbourhood numbers (026鄰) between the names do no harm.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from sqlalchemy import select

from data_access import areas, clock, engine, shapes
from data_access.areas import Area, AreaTree
from data_access.intake import normalise
from data_access.intake.columns import pc, without_spaces
from data_access.intake.description import Description
from data_access.schema import area_alias
from domain import coordinates

STEPS = ("code", "name", "alias", "address", "point")


@dataclass
class Placed:
    """Per row: the area's code at each level ('' unknown), how it was found, and the point (NaN: none)."""

    district: np.ndarray
    street: np.ndarray
    community: np.ndarray
    by: np.ndarray
    lon: np.ndarray
    lat: np.ndarray


@dataclass
class Doubts:
    """What was odd about places, counted for the report."""

    rounded_points: int = 0
    outside_points: int = 0
    swapped_points: int = 0
    broken_points: int = 0
    unknown_codes: Counter[str] = field(default_factory=Counter)
    unknown_names: Counter[str] = field(default_factory=Counter)


class Places:
    """The tree of areas, prepared for finding places in columns of text; for one load, in which no area changes."""

    def __init__(self, description: Description, tree: AreaTree | None = None) -> None:
        self.description = description
        self.tree = tree or areas.read_tree(clock.now().date())
        self.doubts = Doubts()
        self._levels: dict[str, tuple[str, str, str]] = {}
        self._patterns: dict[str, tuple[str, dict[str, str]]] = {}
        self._names: dict[tuple[str, str], tuple[str, str]] = {}
        self._aliases: dict[str, list[str]] = {}
        with engine.engine().connect() as connection:
            for alias, code in connection.execute(select(area_alias.c.alias, area_alias.c.code)):
                self._aliases.setdefault(code, []).append(alias)

    def forget_doubts(self) -> None:
        """Count afresh, for the next file."""
        self.doubts = Doubts()

    def find(self, fields: dict[str, pa.Array], rows: int) -> Placed:
        """Places of a chunk's rows, from the fields called place.*."""
        code = np.full(rows, "", dtype=object)
        by = np.full(rows, "", dtype=object)
        lon, lat, usable = self._points(fields, rows)
        if self.tree.root is not None:
            self._by_code(fields, code, by)
            self._by_name(fields, code, by)
            self._by_address(fields, code, by)
            self._by_point(lon, lat, usable, code, by)
        district, street, community = self._split(code)
        by[district == ""] = ""
        return Placed(district, street, community, by, lon, lat)

    # ---- the steps ---------------------------------------------------------------------------------------------------
    def _by_code(self, fields: dict[str, pa.Array], code: np.ndarray, by: np.ndarray) -> None:
        if "place.code" not in fields:
            return
        values = normalise.half_width(fields["place.code"]).dictionary_encode()
        known = []
        for value in values.dictionary.to_pylist():
            found = self.tree.get(value) or self.tree.get(re.sub(r"\.0$", "", value))
            found = found or (self.tree.get(re.sub(r"0{3}$", "", value)) if len(value) in (9, 12) else None)
            known.append(found.code if found and found.level > 0 else "")
        texts = np.array([*known, ""], dtype=object)
        indices = values.indices.to_numpy(zero_copy_only=False)
        code[:] = texts[indices]
        by[code != ""] = "code"
        counts = np.bincount(indices, minlength=len(known))
        for value, name, count in zip(values.dictionary.to_pylist(), known, counts, strict=True):
            if value and not name:
                self.doubts.unknown_codes[value] += int(count)

    def _by_name(self, fields: dict[str, pa.Array], code: np.ndarray, by: np.ndarray) -> None:
        roles = [role for role in ("district", "street") if f"place.{role}" in fields]
        left = np.flatnonzero(code == "")
        if not roles or not len(left):
            return
        columns = [fields[f"place.{role}"].take(pa.array(left)).to_pylist() for role in roles]
        for position, names in zip(left, zip(*columns, strict=True), strict=True):
            pair = (
                (names[0], names[1]) if len(roles) == 2 else (names[0], "") if roles == ["district"] else ("", names[0])
            )
            if pair not in self._names:
                self._names[pair] = self._named(*pair)
            found, how = self._names[pair]
            if found:
                code[position], by[position] = found, how
            elif any(pair):
                self.doubts.unknown_names[" ".join(pair).strip()] += 1

    def _named(self, district: str, street: str) -> tuple[str, str]:
        """The code of a pair of names and how it was known; ('', '') when unknown or not the only one."""
        upper = None
        if district:
            found = [one for one in self.tree.resolve(district) if one.level > 0]
            upper = found[0] if len(found) == 1 else next((one for one in found if one.level == 1), None)
        if street and (upper or not district):
            found = [one for one in self.tree.resolve(street, upper.code if upper else None) if one.level > 0]
            if len(found) == 1:
                return found[0].code, self._how(found[0], street)
        return (upper.code, self._how(upper, district)) if upper else ("", "")

    @staticmethod
    def _how(one: Area, name: str) -> str:
        return "name" if areas.fold(one.name) == areas.fold(name) else "alias"

    def _by_address(self, fields: dict[str, pa.Array], code: np.ndarray, by: np.ndarray) -> None:
        root = self.tree.root
        left = np.flatnonzero(code == "")
        if "place.address" not in fields or not len(left) or root is None:
            return
        text = fields["place.address"] if len(left) == len(code) else fields["place.address"].take(pa.array(left))
        text = without_spaces(normalise.half_width(text))
        found = np.full(len(left), root.code, dtype=object)
        self._descend(text, np.arange(len(left)), root.code, found)
        lost = np.flatnonzero(found == root.code)  # no district in the text: a street that only one district has
        if len(lost):
            names = self._match(text.take(pa.array(lost)), "*")
            found[lost] = np.where(names == "", root.code, names)
        sure = found != root.code
        code[left[sure]], by[left[sure]] = found[sure], "address"

    def _descend(self, text: pa.Array, rows: np.ndarray, parent: str, found: np.ndarray) -> None:
        """Find, in the texts of these rows, children of parent; then theirs."""
        if not len(rows) or not self._pattern(parent)[0]:
            return
        codes = self._match(text, parent)
        found[rows[codes != ""]] = codes[codes != ""]
        order = np.argsort(codes, kind="stable")
        names, starts = np.unique(codes[order].astype(str), return_index=True)
        for name, part in zip(names, np.split(order, starts[1:]), strict=True):
            if name and self.tree.children(str(name)):
                self._descend(text.take(pa.array(part)), rows[part], str(name), found)

    def _match(self, text: pa.Array, parent: str) -> np.ndarray:
        """The code of the first child of parent named in each text, '' where there is none."""
        pattern, codes = self._pattern(parent)
        if not pattern:
            return np.full(len(text), "", dtype=object)
        names = pc.struct_field(pc.extract_regex(text, pattern), [0])
        encoded = pc.fill_null(names, "").dictionary_encode()
        known = np.array(
            [codes.get(areas.fold(name), "") for name in encoded.dictionary.to_pylist()] or [""], dtype=object
        )
        return known[encoded.indices.to_numpy(zero_copy_only=False)]

    def _pattern(self, parent: str) -> tuple[str, dict[str, str]]:
        """A pattern of the names below parent ('*': of all streets whose name is the only one), and their codes."""
        if parent not in self._patterns:
            if parent == "*":
                root = self.tree.root.code if self.tree.root else None
                below = [one for one in self.tree.descendants(root) if one.level > 1]
            else:
                below = self.tree.children(parent)
            codes: dict[str, str] = {}
            twice: set[str] = set()
            for one in below:
                for name in {one.name, one.name_en or "", *self._aliases.get(one.code, ())}:
                    folded = areas.fold(name)
                    if not _tells(name) or folded in twice:
                        continue
                    if codes.setdefault(folded, one.code) != one.code:
                        twice.add(folded)
                        del codes[folded]
            names = sorted(codes, key=lambda name: (-len(name), name))
            pattern = f"(?i)(?P<name>{'|'.join(_variants(name) for name in names)})" if names else ""
            self._patterns[parent] = pattern, codes
        return self._patterns[parent]

    def _by_point(self, lon: np.ndarray, lat: np.ndarray, usable: np.ndarray, code: np.ndarray, by: np.ndarray) -> None:
        left = np.flatnonzero((code == "") & usable)
        if not len(left):
            return
        found = np.array(shapes.locate(lon[left], lat[left]), dtype=object)
        inside = np.array([bool(one) and one != self.tree.root.code for one in found], dtype=bool)  # type: ignore[union-attr]
        code[left[inside]], by[left[inside]] = found[inside], "point"
        outside = left[~inside]
        self.doubts.outside_points += len(outside)
        can_swap = outside[np.abs(lon[outside]) <= 90]
        if len(can_swap):
            self.doubts.swapped_points += sum(map(bool, shapes.locate(lat[can_swap], lon[can_swap])))

    def _points(self, fields: dict[str, pa.Array], rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Longitudes and latitudes in WGS 84 and where they can place an order; rounded or broken ones are dropped."""
        nothing = np.full(rows, np.nan)
        if "place.lon" not in fields or "place.lat" not in fields:
            return nothing, nothing.copy(), np.zeros(rows, dtype=bool)
        lon, bad_lon = normalise.numbers(fields["place.lon"])
        lat, bad_lat = normalise.numbers(fields["place.lat"])
        there = ~(np.isnan(lon) | np.isnan(lat)) & ~((lon == 0) & (lat == 0))
        whole = there & (lon == np.round(lon)) & (lat == np.round(lat))
        broken = bad_lon | bad_lat | (there & ((np.abs(lon) > 180) | ((np.abs(lat) > 90) & (np.abs(lon) > 90))))
        self.doubts.rounded_points += int(whole.sum())
        self.doubts.broken_points += int(broken.sum())
        usable = there & ~whole & ~broken & (np.abs(lat) <= 90)
        reversed_ = there & ~whole & ~broken & (np.abs(lat) > 90)  # said, not turned round
        self.doubts.swapped_points += int(reversed_.sum())
        lon, lat = np.where(usable, lon, np.nan), np.where(usable, lat, np.nan)
        if self.description.place.datum == "gcj02" and usable.any():
            lon[usable], lat[usable] = coordinates.gcj02_to_wgs84(lon[usable], lat[usable])
        return lon, lat, usable

    def _split(self, code: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The codes at levels 1, 2 and 3 above and at each code."""
        values, inverse = np.unique(code.astype(str), return_inverse=True)
        levels = []
        for value in values:
            if value not in self._levels:
                path = {one.level: one.code for one in self.tree.path(str(value))}
                self._levels[str(value)] = (path.get(1, ""), path.get(2, ""), path.get(3, ""))
            levels.append(self._levels[str(value)])
        table = np.array(levels, dtype=object).reshape(len(values), 3)[inverse]
        return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy()


def _tells(name: str) -> bool:
    """Whether a name in running text can only mean the place: it ends with a suffix, or is not Chinese and long."""
    if re.search(r"[\u3400-\u9fff]", name):
        return areas.stem(name)[1] != ""
    return len(areas.fold(name)) >= 4


_BACK: dict[str, str] = {}
for _one in areas._TRADITIONAL:  # the forms that fold() makes the same
    _BACK.setdefault(chr(areas._TRADITIONAL[_one]), "")
    _BACK[chr(areas._TRADITIONAL[_one])] += chr(_one)


def _variants(folded: str) -> str:
    """A pattern for a folded name that finds it in text that is not folded."""
    return "".join(f"[{c}{_BACK[c]}]" if c in _BACK else re.escape(c) for c in folded)
