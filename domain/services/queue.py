"""Halls and their queues (排队叫号): load, Little's law, and how many windows a wait needs. Handbook 3.4.

λ arrivals per hour, S mean service in hours, c open windows, a = λS offered load (Erlang), ρ = a / c utilisation.
"""

import math
from dataclasses import dataclass

import numpy as np


def utilisation(arrivals_h: float, service_h: float, windows: float) -> float | None:
    """ρ = λS / c; None while no window is open."""
    return arrivals_h * service_h / windows if windows > 0 else None


@dataclass(frozen=True)
class Wait:
    """The steady state of M/M/c. waits: share that waits at all; wait_h: mean wait. Without a steady state (ρ >= 1) the
    queue grows without bound: waits 1, wait infinite."""

    utilisation: float
    waits: float
    wait_h: float


def erlang_c(arrivals_h: float, service_h: float, windows: int) -> Wait:
    """What c windows mean for the wait: P_w by Erlang's C formula, W_q = P_w S / (c (1 - ρ)).

    Raises ValueError for negative input or no window. Computed by the recursion of Erlang's B, which does not overflow.
    """
    if arrivals_h < 0 or service_h < 0 or windows < 1:
        raise ValueError("arrivals and service must not be negative, and at least one window is needed")
    load = arrivals_h * service_h
    rho = load / windows
    if rho >= 1:
        return Wait(rho, 1.0, math.inf)
    blocked = 1.0
    for k in range(1, windows + 1):
        blocked = load * blocked / (k + load * blocked)
    waits = blocked / (1 - rho * (1 - blocked))
    return Wait(rho, waits, waits * service_h / (windows * (1 - rho)))


def windows_for_load(arrivals_h: float, service_h: float, target: float) -> int:
    """c = ceil(λS / ρ*): the fewest windows that keep utilisation at or under the target."""
    return max(1, math.ceil(arrivals_h * service_h / target - 1e-9))


def windows_for_wait(arrivals_h: float, service_h: float, wait_h: float) -> int:
    """The fewest windows whose mean wait is at most wait_h (> 0)."""
    if wait_h <= 0:
        raise ValueError("a wait of nothing needs a window for everyone: ask for more than 0")
    windows = max(1, math.floor(arrivals_h * service_h) + 1)
    while erlang_c(arrivals_h, service_h, windows).wait_h > wait_h:
        windows += 1
    return windows


def wait_of_next(waiting: int, service_h: float, windows: int) -> float:
    """Hours that whoever takes a ticket now waits, when all windows are busy: (n + 1) S / c, so many calls away. Unlike
    the mean of the steady state it is told of an overloaded hall too.

    Raises ValueError for no window."""
    if windows < 1:
        raise ValueError("at least one window is needed")
    return (waiting + 1) * service_h / windows if waiting else 0.0


def hours_to_clear(waiting: int, arrivals_h: float, service_h: float, windows: int) -> float:
    """How long until those who wait now are gone when `windows` are open: waiting / (c / S - λ); infinite while as many
    come as go. A fluid estimate: it says minutes, not seconds."""
    if not waiting:
        return 0.0
    spare = windows / service_h - arrivals_h if service_h else math.inf
    return waiting / spare if spare > 0 else math.inf


@dataclass(frozen=True)
class Little:
    """Little's law for one day: the queue counted from the events (counted) against λ·W (expected). tolerance: how far
    apart they may be, a fraction."""

    counted: float
    expected: float
    tolerance: float

    @property
    def off(self) -> float:
        return abs(self.counted - self.expected) / max(self.counted, 1.0)

    @property
    def doubtful(self) -> bool:
        """Too far apart: the timestamps are wrong (clocks, or all ended with one click)."""
        return self.off > self.tolerance


def little(taken: np.ndarray, called: np.ndarray, opened: float, closed: float, tolerance: float) -> Little:
    """The check over [opened, closed), all in hours: the queue as the events count it, in the order in which they stand
    in time, against arrivals times the mean of the waits that make sense (not negative), as queue systems report it.

    With one clock for tickets and calls the two are the same but for who waits at either end. Calls stamped before
    their tickets (a clock behind), or all at once, are what the law finds.
    """
    length = closed - opened
    if length <= 0:
        raise ValueError("a span of no length")
    queue = (np.clip(called, opened, closed) - np.clip(taken, opened, closed)).sum() / length
    waits = called - taken
    valid = waits[waits >= 0]
    rate = np.count_nonzero((taken >= opened) & (taken < closed)) / length
    return Little(float(queue), float(rate * valid.mean()) if valid.size else 0.0, tolerance)
