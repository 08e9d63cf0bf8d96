"""Collective appeals (群体性诉求, handbook 1.5): several people about one matter at one place within a day.

A crowd is told by a centre, which is one of its orders: orders of the same kind within rules.crowd_metres of it, of
which some window of rules.crowd_hours has at least rules.crowd_callers distinct callers. Orders without a point stand
where their place (community, address) says, and are near those of the same place alone. Who calls again and again is
one caller; orders of unknown callers are left out, for nobody knows how many people they are.
"""

import heapq
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from domain.bursts import UNKNOWN_CALLER
from domain.hotline_rules import Rules

_DEGREE_M = 111_195.0  # metres in a degree of latitude
_AROUND = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]


@dataclass(frozen=True)
class Crowd:
    """members: places of its orders in the arrays asked, by time; callers: distinct, of all members; peak: of the
    fullest window; window: its members, as places in `members` from the first to the last; centre: place of the order
    in the middle."""

    members: NDArray[np.int64]
    callers: int
    peak: int
    window: tuple[int, int]
    centre: int


class Orders(NamedTuple):
    """One element an order, in any order. kind: what it is about; '' tells nothing and is in no crowd. place: where
    those stand that have no point; '' tells nothing. lon, lat: degrees, NaN without a point. at: numpy datetime64."""

    kind: ArrayLike
    place: ArrayLike
    lon: ArrayLike
    lat: ArrayLike
    caller: ArrayLike
    at: ArrayLike


class _Laid(NamedTuple):
    """By time. group: orders of different groups are never near; x, y in metres; at in microseconds."""

    group: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    caller: NDArray[np.int64]
    at: NDArray[np.int64]


def crowds(orders: Orders, rules: Rules) -> list[Crowd]:
    """The crowds among orders: the one with the most callers in a window first, then the best of what is left; an order
    is in one crowd at most."""
    kind, place = np.asarray(orders.kind), np.asarray(orders.place)
    x, y = np.asarray(orders.lon, float), np.asarray(orders.lat, float)
    caller, at = np.asarray(orders.caller, np.int64), np.asarray(orders.at, "datetime64[us]").astype(np.int64)
    placed = np.isfinite(x) & np.isfinite(y)
    some = np.flatnonzero((caller != UNKNOWN_CALLER) & (kind != "") & (placed | (place != "")))
    # of one moment by caller and point, so that the order in which they are given does not matter
    some = some[np.lexsort((y[some], x[some], caller[some], at[some]))]
    kind, place, x, y, placed = kind[some], place[some], x[some], y[some], placed[some]
    spots = np.where(placed, "", place).tolist()
    group = _numbered(list(zip(kind.tolist(), spots, strict=True)))
    middle = float(np.mean(y[placed])) if placed.any() else 0.0
    x = np.where(placed, x * _DEGREE_M * np.cos(np.radians(middle)), 0.0)
    y = np.where(placed, y * _DEGREE_M, 0.0)
    return [
        Crowd(some[c.members], c.callers, c.peak, c.window, int(some[c.centre]))
        for c in _greedy(_Laid(group, x, y, caller[some], at[some]), rules)
    ]


def _greedy(laid: _Laid, rules: Rules) -> list[Crowd]:
    """Best first. What a centre is worth only falls while others take its orders: it is counted again when its turn
    comes, and taken when nothing else can be worth more."""
    width = int(rules.crowd_hours * 3_600_000_000)
    group, x, y, caller, at = laid
    column, line = (np.floor(part / rules.crowd_metres).astype(np.int64) for part in (x, y))
    beside = _beside(group, column, line, np.ones(len(group), np.int64))
    dense = beside >= rules.crowd_callers
    cells: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for n in np.flatnonzero(_beside(group, column, line, dense.astype(np.int64))).tolist():
        cells[int(group[n]), int(column[n]), int(line[n])].append(n)
    heap = [(-int(beside[n]), n) for n in np.flatnonzero(dense).tolist()]
    heapq.heapify(heap)
    free = np.ones(len(group), bool)
    result = []
    while heap:
        bound, n = heapq.heappop(heap)
        if not free[n]:
            continue
        cell = int(group[n]), int(column[n]), int(line[n])
        around = [i for dx, dy in _AROUND for i in cells.get((cell[0], cell[1] + dx, cell[2] + dy), ())]
        near = np.array(sorted(around))
        near = near[free[near] & (np.hypot(x[near] - x[n], y[near] - y[n]) <= rules.crowd_metres)]
        last = at[near[rules.crowd_callers - 1 :]]
        if not (last - at[near[: len(last)]] < width).any():  # no window has so many orders
            continue
        peak, window = fullest(caller[near], at[near], width)
        if peak < rules.crowd_callers:
            continue
        if -peak != bound:
            heapq.heappush(heap, (-peak, n))
            continue
        free[near] = False
        result.append(Crowd(near, len(np.unique(caller[near])), peak, window, n))
    return result


def _beside(
    group: NDArray[np.int64], column: NDArray[np.int64], line: NDArray[np.int64], weight: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The weight of the orders of its group in the cell of each order and in the eight around it."""
    if not len(group):
        return np.empty(0, np.int64)
    column, line = column - column.min() + 1, line - line.min() + 1
    high = int(line.max()) + 2
    wide = high * (int(column.max()) + 2)
    key = group * wide + column * high + line
    keys, cell = np.unique(key, return_inverse=True)
    counts = np.bincount(cell.ravel(), weight, len(keys)).astype(np.int64)
    total = np.zeros(len(keys), np.int64)
    for dx, dy in _AROUND:
        near = keys + dx * high + dy
        at = np.minimum(np.searchsorted(keys, near), len(keys) - 1)
        total += np.where(keys[at] == near, counts[at], 0)
    return total[cell.ravel()]


def _numbered(values: list) -> NDArray[np.int64]:
    """A number for each distinct value."""
    numbers: dict = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int64)


def fullest(callers: ArrayLike, moments: ArrayLike, width: int) -> tuple[int, tuple[int, int]]:
    """Most distinct callers in any window [t, t + width), and the first and last element of the first such window.
    moments: whole numbers, rising. (0, (0, -1)) of nothing."""
    caller, at = np.asarray(callers, np.int64), np.asarray(moments, np.int64)
    if not len(at):
        return 0, (0, -1)
    end = np.searchsorted(at, at + width, side="left")  # windows may begin at an element: others hold no more
    order = np.lexsort((np.arange(len(at)), caller))
    following = np.full(len(at), len(at))
    same = caller[order][1:] == caller[order][:-1]
    following[order[:-1][same]] = order[1:][same]
    # an element is the last of its caller in the windows that begin at or before it and end after it, but not after the
    # next one of the same caller
    each = np.arange(len(at))
    begin = np.searchsorted(end, each, side="right")
    stop = np.minimum(each, np.searchsorted(end, following, side="right") - 1) + 1
    counts = np.cumsum(np.bincount(begin, minlength=len(at) + 1) - np.bincount(stop, minlength=len(at) + 1))[:-1]
    best = int(counts.argmax())
    return int(counts[best]), (best, int(end[best]) - 1)


def likeness(one: str, other: str) -> float:
    """How much of their pairs of neighbouring letters two texts share: 1 the same, 0 nothing."""
    a, b = _pairs(one), _pairs(other)
    return len(a & b) / len(a | b) if a or b else float(one == other)


@lru_cache(maxsize=4096)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))
