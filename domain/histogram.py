"""Many durations counted by their size: quantiles of millions of them without any of them.

A bucket is as wide as a power of two and at most a 64th of what it holds; up to 128 each whole number has its own.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

EXACT_BITS, LARGEST_BITS = 7, 25


def widths() -> list[tuple[int, int]]:
    """(limit, width): numbers below the limit, and not below the one before, lie in buckets of that width."""
    steps = range(LARGEST_BITS - EXACT_BITS + 1)
    return [(2 ** (EXACT_BITS + n), 2**n) for n in steps]


def buckets(values: NDArray[Any]) -> NDArray[np.int64]:
    """The least number of the bucket that each number lies in; all beyond the last limit lie in buckets as wide as the
    last; negative ones stay as they are."""
    whole = np.floor(values).astype(np.int64)
    return np.where(whole < 0, whole, whole - whole % _width(whole))


def _width(values: NDArray[np.int64]) -> NDArray[np.int64]:
    limits, wide = (np.array(column) for column in zip(*widths(), strict=True))
    return wide[np.minimum(np.searchsorted(limits, values, side="right"), len(wide) - 1)]


def quantiles(lows: NDArray[np.int64], counts: NDArray[np.int64], parts: Sequence[float]) -> list[float] | None:
    """What these parts (0..1) of the numbers lie below, as percentile_cont has it, of counts by bucket (told by its
    least number, in any order, also more than once); None where there is nothing.

    Within a bucket numbers count as evenly spread; a quantile errs by less than the width of its bucket.
    """
    lows, place = np.unique(lows[counts > 0], return_inverse=True)
    if not len(lows):
        return None
    held = np.bincount(place, counts[counts > 0]).astype(np.int64)
    until = np.cumsum(held)
    width = _width(lows)

    def ranked(rank: int) -> float:
        at = int(np.searchsorted(until, rank, side="right"))
        before = int(until[at] - held[at])
        return float(lows[at]) + float(width[at] - 1) * (rank - before + 0.5) / float(held[at])

    total = int(until[-1])
    found = []
    for part in parts:
        place = part * (total - 1)
        low = int(place)
        above = ranked(min(low + 1, total - 1))
        found.append(ranked(low) + (above - ranked(low)) * (place - low))
    return found
