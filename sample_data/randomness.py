"""Chance that is a function: the same key, stream and seed give the same draw in the build and in the feed.

So an order's future (when it will be signed, closed, called back) needs no place to be kept: it is computed again.
"""

import numpy as np


def mixed(keys: np.ndarray, stream: int, seed: int) -> np.ndarray:
    """64 well-mixed bits of each key (splitmix64)."""
    bits = np.asarray(keys).astype(np.uint64, copy=True)
    offset = (stream * 0x9E3779B97F4A7C15 + seed * 0xD1342543DE82EF95 + 0x2545F4914F6CDD1D) % 2**64
    bits *= np.uint64(0x9E3779B97F4A7C15)
    bits += np.uint64(offset)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        bits ^= bits >> np.uint64(shift)
        bits *= np.uint64(factor)
    bits ^= bits >> np.uint64(31)
    return bits


def uniform(keys: np.ndarray, stream: int, seed: int) -> np.ndarray:
    """A number in (0, 1) for each key."""
    return ((mixed(keys, stream, seed) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def normal(keys: np.ndarray, stream: int, seed: int) -> np.ndarray:
    """A standard normal number for each key (Box-Muller)."""
    radius = np.sqrt(-2 * np.log(uniform(keys, 2 * stream + 1000, seed)))
    return radius * np.cos(2 * np.pi * uniform(keys, 2 * stream + 1001, seed))


def waiting(keys: np.ndarray, stream: int, seed: int, median: float | np.ndarray, shape: float) -> np.ndarray:
    """A waiting time for each key, log-logistic: heavy to the right like real handling times."""
    u = uniform(keys, stream, seed)
    return median * (u / (1 - u)) ** (1 / shape)
