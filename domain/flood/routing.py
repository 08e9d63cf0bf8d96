"""Water on its way down: Muskingum, level pool, travel times, the network of reaches (handbook 4.6.7, 4.7).

Flows m³/s, storage 10⁶ m³, times h. A river's routing is linear, so it is the inflow convolved with a reach's answer to
a pulse, which is kept: a what-if costs microseconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from domain.flood.storage import CUBIC, HOUR, Curve

Flows = NDArray[np.float64]
BETA = 5 / 3  # of a wide channel after Manning: a wave moves so much faster than the water


class Unstable(ValueError):
    """The time step does not suit the reach: 2Kx <= dt <= 2K(1-x) is not met."""


class Coefficients(NamedTuple):
    """O₂ = c0·I₂ + c1·I₁ + c2·O₁; they add up to 1."""

    c0: float
    c1: float
    c2: float


def coefficients(k: float, x: float, dt: float) -> Coefficients:
    """Of one reach. Raises Unstable, ValueError for impossible numbers."""
    if not (k > 0 and 0 <= x <= 0.5 and dt > 0):
        raise ValueError(f"K {k} h, x {x}, step {dt} h: K and the step are above 0, x from 0 to 0.5")
    if not 2 * k * x <= dt * (1 + 1e-12) or not dt <= 2 * k * (1 - x) * (1 + 1e-12):
        raise Unstable(f"a step of {dt} h is outside {2 * k * x:g} to {2 * k * (1 - x):g} h")
    d = k - k * x + 0.5 * dt
    return Coefficients((0.5 * dt - k * x) / d, (0.5 * dt + k * x) / d, (k - k * x - 0.5 * dt) / d)


def subreaches(k: float, x: float, dt: float) -> int:
    """Into how many equal parts a reach is divided so that each is stable: round(K/dt), or what comes nearest to it.
    Raises Unstable where the step is too long for any."""
    least = int(np.ceil(2 * k * x / dt - 1e-9))
    most = int(2 * k * (1 - x) / dt + 1e-9)
    if most < max(least, 1):
        raise Unstable(f"a step of {dt} h is too long for a reach of {k} h")
    return min(max(round(k / dt), least, 1), most)


def suited(k: float, x: float, dt: float) -> tuple[float, float]:
    """The nearest K and x that a step can carry: a reach shorter than half a step is as long as that, and where no
    division suits x, it is the greatest smaller one that does."""
    k = max(k, dt / 2)
    while x > 0:
        try:
            subreaches(k, x, dt)
            break
        except Unstable:
            x = max(x - 0.01, 0.0)
    return k, x


def muskingum(inflow: ArrayLike, k: float, x: float, dt: float, start: float | None = None) -> Flows:
    """The outflow of one undivided reach. start: its first outflow, None: that of the inflow. Raises Unstable."""
    c = coefficients(k, x, dt)
    flow = np.asarray(inflow, float)
    out = np.empty_like(flow)
    out[0] = flow[0] if start is None else start
    for i in range(1, len(flow)):
        out[i] = c.c0 * flow[i] + c.c1 * flow[i - 1] + c.c2 * out[i - 1]
    return out


@lru_cache(maxsize=256)
def _response(k: float, x: float, dt: float, steps: int) -> NDArray[np.complex128]:
    """What a pulse into a reach at rest (all its parts) becomes, as frequencies of twice the steps."""
    n = subreaches(k, x, dt)
    c = coefficients(k / n, x, dt)
    pulse = [1.0] + [0.0] * (steps - 1)
    for _ in range(n):
        out, before, last = [], 0.0, 0.0
        for flow in pulse:
            last = c.c0 * flow + c.c1 * before + c.c2 * last
            before = flow
            out.append(last)
        pulse = out
    made = np.fft.rfft(pulse, _size(steps))
    made.flags.writeable = False
    return made


def _size(steps: int) -> int:
    return 1 << (2 * steps - 1).bit_length()


def routed(inflow: ArrayLike, k: float, x: float, dt: float) -> Flows:
    """The outflow of a reach that was at rest at its first inflow, divided where that is needed; of several inflows at
    once along the last axis. Raises Unstable."""
    flow = np.asarray(inflow, float)
    steps = flow.shape[-1]
    first, size = flow[..., :1], _size(steps)
    return first + np.fft.irfft(np.fft.rfft(flow - first, size) * _response(k, x, dt, steps), size)[..., :steps]


def wave_hours(length_km: float, velocity: float, beta: float = BETA) -> float:
    """Travel time of a wave where there are no records of it: length over beta times the water's velocity (m/s)."""
    if velocity <= 0:
        raise ValueError("a velocity is above 0")
    return length_km / (3.6 * beta * velocity)


# ---- a reservoir ----------------------------------------------------------------------------------------------------


class Course(NamedTuple):
    """level, storage: at each step; release: from each step to the next. beyond: the first step at which the water
    would leave the curve, -1 where it stays in it; from there on the course says nothing true."""

    level: Flows
    storage: Flows
    release: Flows
    beyond: NDArray[np.int64]


def level_pools(  # noqa: PLR0917
    storage: Curve, capacity: Curve | None, level: float, inflow: ArrayLike, wanted: ArrayLike, dt: float
) -> Course:
    """W₊ = W + (½(I + I₊) - q)·dt with q = min(wanted, what the gates can let out at this level); at the bottom of the
    curve no more leaves than comes in. Of any number of inflows or wanted releases at once: time along the last axis.
    Raises OutsideCurve where the first level is outside."""
    flows, aims = np.broadcast_arrays(np.asarray(inflow, float), np.maximum(np.asarray(wanted, float), 0.0))
    shape, last = flows.shape, flows.shape[-1] - 1
    come = (0.5 * (flows[..., :-1] + flows[..., 1:])).reshape(-1, last).T
    aim = aims.reshape(-1, last + 1).T
    zs, ws = np.array(storage.levels), np.array(storage.values)
    can = None if capacity is None else (np.array(capacity.levels), np.array(capacity.values))
    bottom, top, per = ws[0], ws[-1], dt * HOUR / CUBIC
    w = np.full(aim.shape[1], storage.at(level))
    stored, released = np.empty(aim.shape), np.empty(aim.shape)
    beyond = np.full(aim.shape[1], -1)
    for step in range(last + 1):
        q = aim[step] if can is None else np.minimum(aim[step], np.interp(np.interp(w, ws, zs), *can))
        stored[step], released[step] = w, q
        if step == last:
            break
        after = w + (come[step] - q) * per
        if (empty := after < bottom).any():
            released[step] = np.where(empty, np.maximum(come[step] + (w - bottom) / per, 0.0), q)
            after = np.maximum(after, bottom)
        if (full := after > top).any():
            beyond = np.where(full & (beyond < 0), step + 1, beyond)
            after = np.minimum(after, top)
        w = after
    levels = np.interp(stored, ws, zs)
    levels[0] = level
    return Course(
        levels.T.reshape(shape), stored.T.reshape(shape), released.T.reshape(shape), beyond.reshape(shape[:-1])
    )


# ---- the network ----------------------------------------------------------------------------------------------------


class Reach(NamedTuple):
    """A river's way from one node to the next. hours: travel time of a wave of about `flow` (0: of any)."""

    upstream: str
    downstream: str
    hours: float
    x: float = 0.2
    flow: float = 0.0
    safe_flow: float | None = None
    length_km: float | None = None


class Cyclic(ValueError):
    """Water would flow in a circle."""


def of_flow(reaches: Iterable[Reach], flow: Mapping[str, float] | float) -> list[Reach]:
    """Of each way between two nodes the one class of discharge that is nearest to the flow (at the upstream node)."""
    best: dict[tuple[str, str], Reach] = {}
    for reach in reaches:
        now = flow if isinstance(flow, int | float) else flow.get(reach.upstream, 0.0)
        key = (reach.upstream, reach.downstream)
        if key not in best or abs(reach.flow - now) < abs(best[key].flow - now):
            best[key] = reach
    return list(best.values())


def order(reaches: Iterable[Reach]) -> list[str]:
    """The nodes, each after all that flow into it. Raises Cyclic."""
    into: dict[str, set[str]] = {}
    for reach in reaches:
        into.setdefault(reach.downstream, set()).add(reach.upstream)
        into.setdefault(reach.upstream, set())
    told: list[str] = []
    while into:
        ready = sorted(node for node, above in into.items() if not above)
        if not ready:
            raise Cyclic(f"water flows in a circle among {', '.join(sorted(into))}")
        told += ready
        for node in ready:
            del into[node]
        for above in into.values():
            above.difference_update(ready)
    return told


def through(reaches: Sequence[Reach], own: Mapping[str, ArrayLike], dt: float) -> dict[str, Flows]:
    """The flow at each node: what the reaches bring and its own (rain of its catchment, a release). own: by node, all
    of one shape, time along the last axis; a node without is 0. Raises Unstable, Cyclic."""
    above: dict[str, list[Reach]] = {}
    for reach in reaches:
        above.setdefault(reach.downstream, []).append(reach)
    shape = next((np.shape(flow) for flow in own.values()), (0,))
    flows: dict[str, Flows] = {}
    for node in order(reaches):
        flow = np.array(own.get(node, np.zeros(shape)), float)
        for reach in above.get(node, []):
            flow = flow + routed(flows[reach.upstream], reach.hours, reach.x, dt)
        flows[node] = flow
    return flows


def arrivals(reaches: Iterable[Reach], start: str) -> dict[str, float]:
    """Hours from a node to each node below it, by the shortest way; the node itself is 0. Raises Cyclic."""
    told = list(reaches)
    found = {start: 0.0}
    for node in order(told):
        if node not in found:
            continue
        for reach in told:
            if reach.upstream == node:
                hours = found[node] + reach.hours
                found[reach.downstream] = min(hours, found.get(reach.downstream, hours))
    return found


def downstream(reaches: Iterable[Reach], start: str) -> list[tuple[str, float]]:
    """Nodes below a node with the hours to them, nearest first."""
    found = arrivals(reaches, start)
    return sorted(((node, hours) for node, hours in found.items() if node != start), key=lambda one: one[1])
