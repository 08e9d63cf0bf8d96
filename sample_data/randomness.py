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


def scattered(numbers: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Numbers below `count` in another order, each its own; small, so that they take little room."""
    bits = max(int(count - 1).bit_length(), 2)
    mask, half = (1 << bits) - 1, (bits + 1) // 2
    found = np.asarray(numbers, dtype=np.int64)
    for n in range(3):
        odd = int(mixed(np.array([n]), 49, seed)[0]) & mask | 1
        found = (found * odd + 0x5851F42D * (n + 1)) & mask
        found = found ^ (found >> half)
    return found
