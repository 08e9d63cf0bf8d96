"""Rates of rise: least squares over the readings of a window, of one window and of every window of a series."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """rate: per hour. change: between the lowest and the highest reading of the window."""

    rate: float
    change: float


def fitted(moments: Sequence[int], values: Sequence[float], window_s: int, points: int, span: float) -> Fit | None:
    """The line through the last readings of a window that ends with the last one, None where there are too few of them
    or they cover too little of it. moments: seconds, in order."""
    first = bisect_left(moments, moments[-1] - window_s)
    n = len(moments) - first
    if n < points or moments[-1] - moments[first] < span * window_s:
        return None
    origin, some = moments[first], values[first:]
    hours = [(moment - origin) / 3600 for moment in moments[first:]]
    mean_t, mean_v = sum(hours) / n, sum(some) / n
    above = sum((t - mean_t) * (v - mean_v) for t, v in zip(hours, some, strict=True))
    below = sum((t - mean_t) ** 2 for t in hours)
    return Fit(above / below, max(some) - min(some))


def rates(moments: np.ndarray, values: np.ndarray, window_s: int, points: int, span: float) -> np.ndarray:
    """The same rates for the window that ends with each reading, 0 where there is none. By running sums, so only nearly
    the same."""
    n = len(moments)
    first = np.searchsorted(moments, moments - window_s)
    count = np.arange(n) - first + 1
    t, v = (moments - moments[0]) / 3600, values - values[0]
    sums = []
    for part in (t, v, t * v, t * t):
        run = np.concatenate([[0.0], np.cumsum(part)])
        sums.append(run[1:] - run[first])
    st, sv, stv, stt = sums
    good = (count >= points) & (moments - moments[first] >= span * window_s)
    below = np.where(good, stt - st * st / count, 1.0)
    return np.where(good, (stv - st * sv / count) / np.maximum(below, 1e-9), 0.0)
