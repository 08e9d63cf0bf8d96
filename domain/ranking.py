"""Ranking with ties and without tiny denominators; the change of rank against the period before."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from domain.rounding import half_up

Better = Literal["higher", "lower", "neutral"]
MINIMUM_CASES = 30  # fewer cases than this make no rate worth ranking


@dataclass(frozen=True)
class Item:
    """Something to rank: `n` is the number of cases behind the value; None where that is no matter (a count)."""

    key: str
    value: float | None
    n: float | None = None


@dataclass(frozen=True)
class Ranked:
    """rank: 1 for first, shared by ties; None for unranked. label: '5', '=5', '' for unranked. rise: places gained
    since the period before (positive: nearer to the first place); None if unranked now or then."""

    key: str
    value: float | None
    n: float | None
    rank: int | None
    label: str
    rise: int | None


def places(values: Sequence[float]) -> list[int]:
    """The rank of each value, the highest first; ties share a rank and the next skips: 1, 2, 2, 4."""
    order = sorted(values, reverse=True)
    first = {value: rank for rank, value in reversed(list(enumerate(order, 1)))}
    return [first[value] for value in values]


Z_95 = 1.959964


def interval(numerator: float, denominator: float) -> tuple[float, float] | None:
    """Where a share probably lies (95 %, Wilson): a share of few cases says less than one of many. None without cases.

    Raises ValueError where the numerator is not part of the denominator.
    """
    if denominator <= 0:
        return None
    if not 0 <= numerator <= denominator:
        raise ValueError("a share is of a part")
    n, p, z2 = denominator, numerator / denominator, Z_95 * Z_95
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    reach = Z_95 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def ranked(
    items: Iterable[Item],
    *,
    better: Better = "higher",
    minimum: float = MINIMUM_CASES,
    digits: int | None = None,
    previous: Mapping[str, int | None] | None = None,
) -> list[Ranked]:
    """`items`, best first, then the unranked by falling n. Equal values share a rank; the next skips: 1, 2, 2, 4.

    `digits`: values equal as shown, with that many decimals, tie. `minimum`: items with fewer cases have no rank.
    `better`: what is best; neutral begins with the highest. `previous`: ranks of the period before, by key.
    """
    sign = 1 if better == "lower" else -1

    def shown(item: Item) -> float:
        value = item.value if item.value is not None else math.nan
        return sign * (value if digits is None else half_up(value, digits))

    def rankable(item: Item) -> bool:
        return item.value is not None and math.isfinite(item.value) and (item.n is None or item.n >= minimum)

    listed = list(items)
    result: list[Ranked] = []
    for _, group in groupby(sorted(filter(rankable, listed), key=lambda item: (shown(item), item.key)), key=shown):
        tied, rank = list(group), len(result) + 1
        label = f"={rank}" if len(tied) > 1 else str(rank)
        for item in tied:
            before = (previous or {}).get(item.key)
            rise = None if before is None else before - rank
            result.append(Ranked(item.key, item.value, item.n, rank, label, rise))
    left = sorted((item for item in listed if not rankable(item)), key=lambda item: (-(item.n or 0), item.key))
    return result + [Ranked(item.key, item.value, item.n, None, "", None) for item in left]
