"""What a constant release comes to, counted with plain loops over what is given: curves, inflow, reaches."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from domain.flood.release import Setting
from domain.flood.routing import Reach, subreaches
from domain.flood.storage import Curve

Line = list[float]


def between(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """Linear between points, the last ones beyond them."""
    if x <= xs[0]:
        return ys[0]
    for n in range(1, len(xs)):
        if x <= xs[n]:
            return ys[n - 1] + (ys[n] - ys[n - 1]) * (x - xs[n - 1]) / (xs[n] - xs[n - 1])
    return ys[-1]


def pool(  # noqa: PLR0917
    storage: Curve, capacity: Curve | None, level: float, inflow: Sequence[float], flow: float, dt: float
) -> tuple[Line, Line]:
    """Levels and releases by step: W + (½(I + I₊) - min(flow, q(Z)))·3600·dt/10⁶."""
    water, levels, out = between(level, storage.levels, storage.values), [], []
    for step in range(len(inflow)):
        z = between(water, storage.values, storage.levels)
        q = flow if capacity is None else min(flow, between(z, capacity.levels, capacity.values))
        if step + 1 < len(inflow):
            come = (inflow[step] + inflow[step + 1]) / 2
            after = water + (come - q) * 3600 * dt / 1e6
            if after < storage.values[0]:  # no more leaves than there is
                q = max(come + (water - storage.values[0]) * 1e6 / (3600 * dt), 0.0)
                after = storage.values[0]
            assert after <= storage.values[-1], "the water leaves the curve"
            water = after
        levels.append(z)
        out.append(q)
    return levels, out


def reached(inflow: Line, reach: Reach, dt: float) -> Line:
    """A reach's outflow by Muskingum, in as many parts as it needs."""
    parts = subreaches(reach.hours, reach.x, dt)
    k, x, flow = reach.hours / parts, reach.x, inflow
    whole = k - k * x + dt / 2
    for _ in range(parts):
        out = [flow[0]]
        for before, now in pairwise(flow):
            out.append(((dt / 2 - k * x) * now + (dt / 2 + k * x) * before + (k - k * x - dt / 2) * out[-1]) / whole)
        flow = out
    return flow


def at_station(setting: Setting, code: str, out: Line, factor: float) -> Line:
    """The flow at a station below from now on, of all water."""
    past = len(setting.past)

    def whole(node: str) -> Line:
        if node == setting.node:
            return [*map(float, setting.past), *out]
        given = setting.own.get(node)
        flow = [0.0] * (past + setting.steps) if given is None else [float(one) for one in given]
        if node not in setting.steady:
            flow = [one * factor if n >= past and one > 0 else one for n, one in enumerate(flow)]
        for reach in setting.reaches:
            if reach.downstream == node:
                flow = [a + b for a, b in zip(flow, reached(whole(reach.upstream), reach, setting.dt), strict=True)]
        return flow

    return whole(code)[past:]


class Counted(NamedTuple):
    """By factor of the inflow: levels and releases; flows of each station below."""

    levels: list[Line]
    out: list[Line]
    below: dict[str, list[Line]]


def counted(setting: Setting, flow: float) -> Counted:
    """What letting out min(flow, capacity) from now on comes to at 0.8, 1.0 and 1.2 times the inflow."""
    pools = [
        pool(
            setting.storage, setting.capacity, setting.level, [i * f for i in setting.inflow.tolist()], flow, setting.dt
        )
        for f in setting.factors
    ]
    below = {
        one.code: [at_station(setting, one.code, out, f) for (_, out), f in zip(pools, setting.factors, strict=True)]
        for one in setting.controls
    }
    return Counted([levels for levels, _ in pools], [out for _, out in pools], below)


def hours(line: Line, limit: float, dt: float) -> float:
    """Hours above a limit."""
    return sum(dt for one in line if one > limit + 1e-9)
