"""Item-based rates (事项口径): attributes of the catalogue, a stock at a date. Never mixed with case-based ones.

Handbook 3.3. The base of all: items on application (依申请), enabled, of the version in force, no templates. An item is
counted once; rates of several places are recomputed from the counts, never averaged.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Literal

import numpy as np

APPLIED = ("permit", "confirmation", "payment", "other", "ruling", "reward")  # 许可 确认 给付 其他 裁决 奖励
MONTH_DAYS, YEAR_DAYS = 22, 250  # working days; one city's version has 253 for the year [K]
Unit = Literal["workday", "month", "year"]
Variant = Literal["A", "B", "C"]
FULL_DEPTH = (5, 6, 7)  # 网办深度 at which no visit is needed
ONLINE_DEPTH = (2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item (事项) in one version. legal, promised: working days, None for no limit (无期限). depth: 1..7, 0 not
    said. visits: 到现场次数, None not said. online, mobile: it has an address to apply at. _excused: flagged
    不适宜网办, or on the white list of what cannot do without a visit (不宜跑零次). instant: 即办件."""

    kind: str = "permit"
    enabled: bool = True
    template: bool = False
    legal: float | None = None
    promised: float | None = None
    instant: bool = False
    visits: int | None = None
    visits_excused: bool = False
    depth: int = 0
    online: bool = False
    online_excused: bool = False
    mobile: bool = False
    mobile_excused: bool = False
    materials: int = 0
    materials_electronic: int = 0


@dataclass(frozen=True)
class Items:
    """The same as arrays, one for each field; NaN where an Item has None."""

    kind: np.ndarray
    enabled: np.ndarray
    template: np.ndarray
    legal: np.ndarray
    promised: np.ndarray
    instant: np.ndarray
    visits: np.ndarray
    visits_excused: np.ndarray
    depth: np.ndarray
    online: np.ndarray
    online_excused: np.ndarray
    mobile: np.ndarray
    mobile_excused: np.ndarray
    materials: np.ndarray
    materials_electronic: np.ndarray

    def __len__(self) -> int:
        return len(self.kind)

    @staticmethod
    def of(items: Iterable[Item]) -> "Items":
        told = [asdict(item) for item in items]
        kinds = {"kind": str, "legal": float, "promised": float, "visits": float, "depth": int} | dict.fromkeys(
            ("materials", "materials_electronic"), int
        )
        return Items(*(np.array([t[f.name] for t in told], dtype=kinds.get(f.name, bool)) for f in fields(Items)))

    def some(self, which: np.ndarray) -> "Items":
        found = Items(*(getattr(self, f.name)[which] for f in fields(Items)))
        if self.__dict__.get("base") is self:
            found.__dict__["base"] = found  # of what counts every part counts
        return found

    @cached_property
    def counts(self) -> np.ndarray:
        """Which of them item-based rates count."""
        return np.isin(self.kind, APPLIED) & self.enabled & ~self.template

    @cached_property
    def base(self) -> "Items":
        """Those that item-based rates count."""
        found = self if self.counts.all() else self.some(self.counts)
        found.__dict__["base"] = found
        return found


def workdays_of(amount: float | None, unit: Unit = "workday", *, year: int = YEAR_DAYS) -> float | None:
    """A limit in working days: a month is 22, a year 250. Legal and promised limits must both go through here."""
    if amount is None:
        return None
    return amount * {"workday": 1, "month": MONTH_DAYS, "year": year}[unit]


@dataclass(frozen=True)
class ItemRate:
    """numerator / denominator; both are kept so that places can be added. left_out: items that the rule leaves out of
    the base, counted so that nothing goes silently."""

    numerator: float
    denominator: float
    left_out: int = 0

    @property
    def value(self) -> float | None:
        """A fraction; None when there was nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


def base(items: Items) -> Items:
    """The items that item-based rates count."""
    return items.base


def _share(items: Items, good: np.ndarray, of: np.ndarray | None = None) -> ItemRate:
    of = np.ones(len(items), bool) if of is None else of
    counted = int(of.sum())
    return ItemRate(int((good & of).sum()), counted, len(items) - counted)


def online_rate(items: Items, variant: Variant = "A") -> ItemRate:
    """网上可办率. A: what is flagged unsuitable counts as compliant (a Zhejiang city). B: it is left out. C: depth
    2 to 7 (Jining)."""
    i = base(items)
    if variant == "C":
        return _share(i, np.isin(i.depth, ONLINE_DEPTH))
    if variant == "B":
        return _share(i, i.online, ~i.online_excused)
    return _share(i, i.online | i.online_excused)


def mobile_rate(items: Items, variant: Variant = "A") -> ItemRate:
    """掌上可办率: as online_rate A and B, with the mobile address."""
    i = base(items)
    if variant == "B":
        return _share(i, i.mobile, ~i.mobile_excused)
    return _share(i, i.mobile | i.mobile_excused)


def zero_visit_rate(items: Items, variant: Variant = "A") -> ItemRate:
    """跑零次率. A: no visit, of all but the white list. C: no visit or depth 5 to 7, of all (Jining)."""
    i = base(items)
    if variant == "C":
        return _share(i, (i.visits == 0) | np.isin(i.depth, FULL_DEPTH))
    return _share(i, i.visits == 0, ~i.visits_excused)


def visits_mean(items: Items) -> ItemRate:
    """平均跑动次数: visits / items that say how many."""
    i = base(items)
    said = ~np.isnan(i.visits)
    return ItemRate(float(i.visits[said].sum()), int(said.sum()), int((~said).sum()))


def once_rate(items: Items) -> ItemRate:
    """最多跑一次率: at most one visit / items."""
    i = base(items)
    return _share(i, i.visits <= 1)


def instant_rate(items: Items, variant: Variant = "A") -> ItemRate:
    """即办率. A: promised limit 0. C: the item is of the kind 即办件 (Jining)."""
    i = base(items)
    return _share(i, i.instant if variant == "C" else i.promised == 0)


def compression(items: Items) -> ItemRate:
    """承诺时限压缩比: (Σ legal - Σ promised) / Σ legal in working days, over items that have both limits; what is done
    at once has promised 0. A ratio of sums: averaging the items' own ratios is another number."""
    i = base(items)
    both = ~(np.isnan(i.legal) | np.isnan(i.promised))
    legal = float(i.legal[both].sum())
    return ItemRate(legal - float(i.promised[both].sum()), legal, int((~both).sum()))


def electronic_materials(items: Items) -> ItemRate:
    """材料电子化比率: electronic materials / materials that are asked for."""
    i = base(items)
    asked = i.materials > 0
    return ItemRate(int(i.materials_electronic.sum()), int(i.materials.sum()), int((~asked).sum()))


def full_online_rate(items: Items) -> ItemRate:
    """全程网办事项率: depth 5 to 7 / items (not the share of cases, 全程网办办件率)."""
    i = base(items)
    return _share(i, np.isin(i.depth, FULL_DEPTH))
