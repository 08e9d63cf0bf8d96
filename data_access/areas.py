"""The vocabulary of places: the tree of areas that is valid today, and finding an area by what people call it.

Codes are opaque strings joined by `parent`; nothing here looks inside a code. Names are compared after folding:
full-width to half-width, case, spaces, and the traditional forms of words that names of places end with (臺 台, 區 区).
"""

import re
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Engine, or_, select

from data_access import clock, engine
from data_access.schema import area, area_alias, hotline_order, source

_TRADITIONAL = str.maketrans("臺區縣鎮鄉裡裏辦處會社灣島門東寧廣陽龍", "台区县镇乡里里办处会社湾岛门东宁广阳龙")
# What names of places end with, by the height in the tree where the word is used; longest first within a class
_SUFFIXES = {
    "county": ("自治县", "自治旗", "自治州", "林区", "特区", "新区", "地区", "省", "市", "区", "县", "旗", "盟"),
    "town": ("街道办事处", "办事处", "街道", "民族乡", "苏木", "镇", "乡"),
    "village": ("社区居委会", "村委会", "居委会", "社区", "里", "村"),
}
_ENDINGS = sorted(
    ((word, height) for height, words in _SUFFIXES.items() for word in words), key=lambda pair: -len(pair[0])
)


@dataclass(frozen=True)
class Area:
    """A place. lon, lat: a point inside it, degrees (WGS 84); area_km2; population: people; level: 0 is the root."""

    code: str
    name: str
    name_en: str | None
    parent: str | None
    level: int
    kind: str  # statutory | functional
    counts_in: str | None
    population: int | None
    lon: float | None
    lat: float | None
    area_km2: float | None
    shaped: bool
    pinyin: str

    def label(self, lang: str) -> str:
        """The name in a language; the name as it is when there is no English one."""
        return (self.name_en or self.name) if lang == "en" else self.name


def fold(text: str) -> str:
    """The form in which names are compared: 臺北市 and 台北市, １ and 1, Ａ and a are the same."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold().translate(_TRADITIONAL)


def stem(name: str) -> tuple[str, str]:
    """A folded name without its suffix, and the suffix's class (county, town, village; '' when there is none).

    A stem of one character (东区, 城区) says nothing, so such names keep their suffix.
    """
    folded = fold(name)
    for word, height in _ENDINGS:
        if folded.endswith(word) and len(folded) - len(word) >= 2:
            return folded[: -len(word)], height
    return folded, ""


@dataclass(frozen=True)
class _Known:
    """One area with every folded text it can be found by."""

    area: Area
    names: tuple[str, ...]  # folded name, aliases
    words: tuple[str, ...]  # folded English words
    english: str
    sound: str
    initials: str


@dataclass
class AreaTree:
    """All areas valid on one day. Unknown codes give None or an empty list, never an error."""

    root: Area | None = None
    _areas: dict[str, Area] = field(default_factory=dict)
    _children: dict[str, list[Area]] = field(default_factory=dict)
    _known: list[_Known] = field(default_factory=list)
    _by_name: dict[str, list[Area]] = field(default_factory=dict)
    _by_stem: dict[str, list[Area]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._areas)

    def get(self, code: str | None) -> Area | None:
        """The area of a code."""
        return self._areas.get(code) if code else None

    def children(self, code: str | None) -> list[Area]:
        """The areas right below, by code."""
        return list(self._children.get(code or "", ()))

    def path(self, code: str | None) -> list[Area]:
        """From the root down to the area itself."""
        found: list[Area] = []
        here = self.get(code)
        while here is not None and here not in found:
            found.append(here)
            here = self.get(here.parent)
        return found[::-1]

    def descendants(self, code: str | None) -> list[Area]:
        """Everything below, level by level, by code within a level."""
        found: list[Area] = []
        level = self.children(code)
        while level:
            found += level
            level = [child for one in level for child in self.children(one.code)]
        return found

    def depth(self) -> int:
        """The deepest level there is; 0 when there is only a root."""
        return max((one.level for one in self._areas.values()), default=0)

    def search(self, text: str, limit: int = 20) -> list[Area]:
        """Areas whose code, name, alias, English name, pinyin or pinyin initials match, the best first."""
        wanted = fold(text)
        if not wanted:
            return []
        ranked = [
            (rank, one.area.level, one.area.code) for one in self._known if (rank := _rank(one, wanted)) is not None
        ]
        return [self._areas[code] for _, _, code in sorted(ranked)[:limit]]

    def resolve(self, name: str, within: str | None = None) -> list[Area]:
        """See resolve_name."""
        folded = fold(name)
        if not folded or (within is not None and within not in self._areas):
            return []
        found = self._inside(self._by_name.get(folded, ()), within)
        if not found:
            bare, height = stem(name)
            found = self._inside(self._by_stem.get(bare, ()), within)
            if height:
                same = [one for one in found if stem(one.name)[1] == height]
                found = same or [one for one in found if not stem(one.name)[1]]
        return found

    def _inside(self, areas: Iterable[Area], within: str | None) -> list[Area]:
        if within is None:
            return list(areas)
        return [one for one in areas if any(above.code == within for above in self.path(one.parent))]


def _rank(one: _Known, wanted: str) -> int | None:
    """How well an area answers to a folded text: 0 is best, None not at all."""
    tests = (
        wanted in (one.area.code.casefold(), *one.names),
        any(name.startswith(wanted) for name in one.names),
        one.initials == wanted,
        one.english.startswith(wanted) or one.sound.startswith(wanted),
        one.initials.startswith(wanted),
        any(word.startswith(wanted) for word in one.words),
        any(wanted in name for name in one.names),
        len(wanted) >= 3 and (wanted in one.sound or wanted in one.english),
        len(wanted) >= 4 and one.area.code.casefold().startswith(wanted),
    )
    return next((rank for rank, passed in enumerate(tests) if passed), None)


def build_tree(areas: Iterable[Area], aliases: Iterable[tuple[str, str]] = ()) -> AreaTree:
    """A tree of areas and their aliases (alias, code). Areas whose parent is not among them hang nowhere but can be
    asked for; the first area without a parent, by level and code, is the root."""
    tree = AreaTree()
    for one in sorted(areas, key=lambda one: (one.level, one.code)):
        tree._areas[one.code] = one
        if one.parent is None:
            tree.root = tree.root or one
        else:
            tree._children.setdefault(one.parent, []).append(one)
    other: dict[str, set[str]] = defaultdict(set)
    for alias, code in aliases:
        other[code].add(fold(alias))
    for one in tree._areas.values():
        names = (fold(one.name), *sorted(other[one.code] - {fold(one.name)}))
        english = one.name_en or ""
        sound, _, initials = one.pinyin.partition("|")
        words = tuple(fold(word) for word in re.split(r"[\s,'-]+", english) if word)
        tree._known.append(_Known(one, names, words, fold(english), fold(sound), initials))
        for name in {*names, fold(english)} - {""}:
            tree._by_name.setdefault(name, []).append(one)
        for bare in {stem(name)[0] for name in names}:
            tree._by_stem.setdefault(bare, []).append(one)
    return tree


_building = threading.Lock()
_latest: tuple[Engine, int, date, AreaTree] | None = None


def tree() -> AreaTree:
    """The areas valid today (by the clock); where orders were loaded and no areas, one place that holds them all. Kept
    until the data or the day changes, so it is cheap to ask."""
    global _latest
    here, version, day = engine.engine(), engine.data_version(), clock.now().date()
    latest = _latest
    if latest is not None and latest[0] is here and latest[1:3] == (version, day):
        return latest[3]
    with _building:
        built = read_tree(day)
        if built.root is None and (whole := _everywhere()):
            built = build_tree([whole])
        _latest = (here, version, day, built)
    return built


def read_tree(day: date) -> AreaTree:
    """The areas valid on a day, read from the database."""
    valid = (area.c.valid_from <= day) & or_(area.c.valid_to.is_(None), area.c.valid_to > day)
    with engine.engine().connect() as connection:
        rows = connection.execute(select(area).where(valid)).mappings().all()
        aliases = connection.execute(select(area_alias.c.alias, area_alias.c.code)).all()
    return build_tree((_area(row) for row in rows), ((alias, code) for alias, code in aliases))


def _everywhere() -> Area | None:
    """The place of orders that were loaded without any areas, called by their source; None when there are none."""
    with engine.engine().connect() as connection:
        if connection.execute(select(hotline_order.c.order_id).limit(1)).first() is None:
            return None
        told = connection.execute(select(source.c.name_zh, source.c.name_en, source.c.fields)).all()
    names = [(zh, en) for zh, en, fields in told if any(name and "." not in name for name in fields.split(","))]
    zh, en = names[0] if len(names) == 1 else ("全部工单", "All orders")
    return Area("everywhere", zh, en, None, 0, "statutory", None, None, None, None, None, False, "")


def _area(row: Any) -> Area:
    return Area(
        code=row["code"],
        name=row["name"],
        name_en=row["name_en"],
        parent=row["parent"],
        level=row["level"],
        kind=row["kind"],
        counts_in=row["counts_in"],
        population=row["population"],
        lon=row["lon"],
        lat=row["lat"],
        area_km2=row["area_km2"],
        shaped=bool(row["shaped"]),
        pinyin=row["pinyin"] or "",
    )


def resolve_name(name: str, within: str | None = None) -> list[Area]:
    """The areas called so, upper levels first; more than one when the name alone does not tell.

    Exact names and aliases win; else the name without its suffix (区 市 街道 ...): 龙华镇 finds 龙华街道 but not
    龙华区. within: only below that code.
    """
    return tree().resolve(name, within)


def pinyin(name: str) -> str:
    """'yunchuan shi|ycs' for 云川市: how it is read, suffix apart, and the initials; '' for names without Chinese."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  (its tables take 0.2 s to load; only loading areas needs them)

    if not re.search(r"[㐀-鿿]", name):
        return ""
    syllables = [part for part in lazy_pinyin(name, style=Style.NORMAL, errors="ignore") if part]
    cut = len(stem(name)[0]) if len(syllables) == len(fold(name)) else len(syllables)
    full = " ".join(part for part in ("".join(syllables[:cut]), "".join(syllables[cut:])) if part)
    return f"{full}|{''.join(part[0] for part in syllables)}"[:200]


def aliases_of(name: str, name_en: str | None = None) -> set[str]:
    """Other ways to write a name: without its suffix, 台 for 臺 and back, English without its class word."""
    found = {name}
    bare, height = stem(name)
    if height:
        found.add(unicodedata.normalize("NFKC", name).strip()[: len(bare)])
    for one in list(found):
        found |= {one.replace("臺", "台"), one.replace("台", "臺")}
    if name_en:
        short = re.sub(
            r"\s+(city|district|county|subdistrict|sub-district|town|township|village)$", "", name_en, flags=re.I
        )
        found.add(short)
    return found - {name, name_en or ""}
