"""Collective appeals (群体性诉求, handbook 1.5): several people about one matter at one place within a day.

A crowd is told by a centre, which is one of its orders: orders of the same kind within rules.crowd_metres of it, of
which some window of rules.crowd_hours has at least rules.crowd_callers distinct callers. Orders without a point stand
where their place (community, address) says, and are near those of the same place alone. Who calls again and again is
one caller; orders of unknown callers are left out, for nobody knows how many people they are.
"""

import heapq
from collections import defaultdict
from dataclasses import dataclass
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
    kind_no = np.unique(kind, return_inverse=True)[1].ravel()
    spots, spot_no = np.unique(np.where(placed, "", place), return_inverse=True)
    group = kind_no.astype(np.int64) * max(len(spots), 1) + spot_no.ravel()
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
    cells: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    column, line = (np.floor(part / rules.crowd_metres).astype(np.int64).tolist() for part in (x, y))
    groups = group.tolist()
    for n, cell in enumerate(zip(groups, column, line, strict=True)):
        cells[cell].append(n)

    def around(cell: tuple[int, int, int]) -> list[int]:
        g, cx, cy = cell
        return [n for dx, dy in _AROUND for n in cells.get((g, cx + dx, cy + dy), ())]

    heap: list[tuple[int, int]] = []
    for cell, found in cells.items():
        most = len(around(cell))
        if most >= rules.crowd_callers:
            heap += [(-most, n) for n in found]
    heapq.heapify(heap)
    free = np.ones(len(group), bool)
    result = []
    while heap:
        bound, n = heapq.heappop(heap)
        if not free[n]:
            continue
        near = np.array(sorted(around((groups[n], column[n], line[n]))))
        near = near[free[near] & (np.hypot(x[near] - x[n], y[near] - y[n]) <= rules.crowd_metres)]
        peak, window = fullest(caller[near], at[near], width)
        if peak < rules.crowd_callers:
            continue
        if -peak != bound:
            heapq.heappush(heap, (-peak, n))
            continue
        free[near] = False
        result.append(Crowd(near, len(np.unique(caller[near])), peak, window, n))
    return result


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
    a, b = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (one, other))
    return len(a & b) / len(a | b) if a or b else float(one == other)
