"""Quantiles of many groups at once, of values that were counted instead of listed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def quantiles(
    group: NDArray[np.int64], values: NDArray[np.float64], counts: NDArray[np.int64], parts: Sequence[float]
) -> NDArray[np.float64]:
    """For each group 0..G-1 (rows) what each of the parts (columns) of its values lies below, as percentile_cont has
    it: between two values in proportion. counts: how often each value comes; each group has some."""
    order = np.lexsort((values, group))
    group, values, counts = group[order], values[order], counts[order]
    until = np.cumsum(counts)
    sizes = np.bincount(group, weights=counts).astype(np.int64)
    begins = np.cumsum(sizes) - sizes
    found = np.empty((len(sizes), len(parts)))
    for n, part in enumerate(parts):
        place = part * (sizes - 1)
        low = np.floor(place).astype(np.int64)
        below, above = (
            values[np.searchsorted(until, begins + rank, side="right")]
            for rank in (low, np.minimum(low + 1, sizes - 1))
        )
        found[:, n] = below + (above - below) * (place - low)
    return found
