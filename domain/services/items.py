"""Item-based rates (事项口径): attributes of the catalogue, a stock at a date. Never mixed with case-based ones.

Handbook 3.3. The base of all: items on application (依申请), enabled, of the version in force, no templates. An item is
counted once; rates of several places are recomputed from the counts, never averaged.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

APPLIED = ("permit", "confirmation", "payment", "other", "ruling", "reward")  # 许可 确认 给付 其他 裁决 奖励
MONTH_DAYS, YEAR_DAYS = 22, 250  # working days; one city's version has 253 for the year [K]
Unit = Literal["workday", "month", "year"]
Variant = Literal["A", "B", "C"]
FULL_DEPTH = (5, 6, 7)  # 网办深度 at which no visit is needed
ONLINE_DEPTH = (2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item (事项) in one version. legal, promised: working days, None for no limit (无期限). depth: 1..7, 0 not
    said. visits: 到现场次数, None not said."""

    code: str
    kind: str = "permit"
    enabled: bool = True
    template: bool = False
    legal: float | None = None
    promised: float | None = None
    instant: bool = False  # 即办件
    visits: int | None = None
    visits_excused: bool = False  # on the white list of what cannot do without a visit (不宜跑零次)
    depth: int = 0
    online: bool = False  # has an address to apply at
    online_excused: bool = False  # flagged 不适宜网办
    mobile: bool = False
    mobile_excused: bool = False
    materials: int = 0
    materials_electronic: int = 0


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


def workdays_of(amount: float | None, unit: Unit = "workday", *, year: int = YEAR_DAYS) -> float | None:
    """A limit in working days: a month is 22, a year 250. Legal and promised limits must both go through here."""
    if amount is None:
        return None
    return amount * {"workday": 1, "month": MONTH_DAYS, "year": year}[unit]


def base(items: Iterable[Item]) -> list[Item]:
    """The items that item-based rates count."""
    return [i for i in items if i.kind in APPLIED and i.enabled and not i.template]


def _share(items: list[Item], good: Callable[[Item], bool], of: Callable[[Item], bool] = lambda _: True) -> ItemRate:
    counted = [i for i in items if of(i)]
    return ItemRate(sum(map(good, counted)), len(counted), len(items) - len(counted))


def online_rate(items: Iterable[Item], variant: Variant = "A") -> ItemRate:
    """网上可办率. A: what is flagged unsuitable counts as compliant (a Zhejiang city). B: it is left out. C: depth
    2 to 7 (Jining)."""
    counted = base(items)
    if variant == "C":
        return _share(counted, lambda i: i.depth in ONLINE_DEPTH)
    if variant == "B":
        return _share(counted, lambda i: i.online, lambda i: not i.online_excused)
    return _share(counted, lambda i: i.online or i.online_excused)


def mobile_rate(items: Iterable[Item], variant: Variant = "A") -> ItemRate:
    """掌上可办率: as online_rate A and B, with the mobile address."""
    counted = base(items)
    if variant == "B":
        return _share(counted, lambda i: i.mobile, lambda i: not i.mobile_excused)
    return _share(counted, lambda i: i.mobile or i.mobile_excused)


def zero_visit_rate(items: Iterable[Item], variant: Variant = "A") -> ItemRate:
    """跑零次率. A: no visit, of all but the white list. C: no visit or depth 5 to 7, of all (Jining)."""
    counted = base(items)
    if variant == "C":
        return _share(counted, lambda i: i.visits == 0 or i.depth in FULL_DEPTH)
    return _share(counted, lambda i: i.visits == 0, lambda i: not i.visits_excused)


def visits_mean(items: Iterable[Item]) -> ItemRate:
    """平均跑动次数: visits / items that say how many."""
    counted = base(items)
    said = [i.visits for i in counted if i.visits is not None]
    return ItemRate(sum(said), len(said), len(counted) - len(said))


def once_rate(items: Iterable[Item]) -> ItemRate:
    """最多跑一次率: at most one visit / items."""
    return _share(base(items), lambda i: i.visits is not None and i.visits <= 1)


def instant_rate(items: Iterable[Item], variant: Variant = "A") -> ItemRate:
    """即办率. A: promised limit 0. C: the item is of the kind 即办件 (Jining)."""
    if variant == "C":
        return _share(base(items), lambda i: i.instant)
    return _share(base(items), lambda i: i.promised == 0)


def compression(items: Iterable[Item]) -> ItemRate:
    """承诺时限压缩比: (Σ legal - Σ promised) / Σ legal in working days, over items that have both limits; what is done
    at once has promised 0. A ratio of sums: averaging the items' own ratios is another number."""
    counted = base(items)
    both = [(i.legal, i.promised) for i in counted if i.legal is not None and i.promised is not None]
    legal = sum(a for a, _ in both)
    return ItemRate(legal - sum(b for _, b in both), legal, len(counted) - len(both))


def electronic_materials(items: Iterable[Item]) -> ItemRate:
    """材料电子化比率: electronic materials / materials that are asked for."""
    counted = base(items)
    asked = sum(i.materials for i in counted)
    return ItemRate(sum(i.materials_electronic for i in counted), asked, sum(not i.materials for i in counted))


def full_online_rate(items: Iterable[Item]) -> ItemRate:
    """全程网办事项率: depth 5 to 7 / items (not the share of cases, 全程网办办件率)."""
    return _share(base(items), lambda i: i.depth in FULL_DEPTH)
