"""A reservoir's curve and water balance (handbook 4.6, 1 to 5). Levels m, storage 10⁶ m³, flows m³/s, times h."""

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

CUBIC = 1e6  # m³ in the unit of storage
HOUR = 3600.0


class OutsideCurve(ValueError):
    """The curve says nothing there (超出库容曲线); it is never continued."""


@dataclass(frozen=True)
class Curve:
    """A monotone piecewise linear function of the level: storage, discharge capacity, rating or surface."""

    levels: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.levels) < 2 or len(self.levels) != len(self.values):
            raise ValueError("a curve needs two points or more")
        if any(b <= a for a, b in pairwise(self.levels)):
            raise ValueError("levels of a curve must rise")
        if any(b < a for a, b in pairwise(self.values)):
            raise ValueError("values of a curve must not fall")

    @classmethod
    def of(cls, points: Iterable[tuple[float, float]]) -> "Curve":
        """Of (level, value) in any order; the same point twice counts once."""
        told = sorted(set(points))
        return cls(tuple(level for level, _ in told), tuple(value for _, value in told))

    @property
    def low(self) -> float:
        return self.levels[0]

    @property
    def high(self) -> float:
        return self.levels[-1]

    def covers(self, level: float) -> bool:
        return self.low <= level <= self.high

    def at(self, level: float) -> float:
        """The value at a level. Raises OutsideCurve."""
        return _between(level, self.levels, self.values)

    def level(self, value: float) -> float:
        """The level at which the value is reached, the lowest where it is flat. Raises OutsideCurve."""
        return _between(value, self.values, self.levels)

    def slope(self, level: float) -> float:
        """Change of the value with the level: of storage, the surface in km². Raises OutsideCurve."""
        if not self.covers(level):
            raise OutsideCurve(f"{level} is outside {self.low} to {self.high}")
        i = min(max(bisect_right(self.levels, level) - 1, 0), len(self.levels) - 2)
        return (self.values[i + 1] - self.values[i]) / (self.levels[i + 1] - self.levels[i])


def _between(x: float, xs: tuple[float, ...], ys: tuple[float, ...]) -> float:
    if not xs[0] <= x <= xs[-1]:
        raise OutsideCurve(f"{x} is outside {xs[0]} to {xs[-1]}")
    i = min(max(bisect_right(xs, x) - 1, 0), len(xs) - 2)
    if x == xs[i]:
        while i and xs[i - 1] == x:  # where xs are flat, their first point
            i -= 1
        return ys[i]
    return ys[i] + (ys[i + 1] - ys[i]) * (x - xs[i]) / (xs[i + 1] - xs[i])


class Inflow(NamedTuple):
    """Back-calculated inflow (反推入库) with the band that the reading of the level leaves open: flow ± noise."""

    flow: float
    noise: float


def noise(surface_km2: float, resolution_m: float, hours: float) -> float:
    """What one step of the level's resolution comes to as inflow, over a span of hours."""
    return surface_km2 * 1e6 * resolution_m / (hours * HOUR)


def back_calculated(  # noqa: PLR0917
    curve: Curve, before: float, now: float, outflow: float, hours: float, resolution_m: float = 0.01
) -> Inflow:
    """Inflow from the levels at the two ends of a span and its mean outflow. Below 0 only noise explains it; cut that
    in showing, not here. Raises OutsideCurve; ValueError for a span of no time."""
    if hours <= 0:
        raise ValueError("a balance needs time to pass")
    change = (curve.at(now) - curve.at(before)) * CUBIC / (hours * HOUR)
    return Inflow(outflow + change, noise(curve.slope(now), resolution_m, hours))


def room(curve: Curve, level: float, target: float) -> float:
    """Storage (10⁶ m³) from a level to a target, negative above it. Raises OutsideCurve."""
    return curve.at(target) - curve.at(level)


def hours_to_level(curve: Curve, level: float, target: float, inflow: float, outflow: float) -> float:
    """Hours until the target is reached with these flows: 0 at or above it, infinite while the net inflow is not
    positive. Raises OutsideCurve."""
    if level >= target:
        return 0.0
    net = inflow - outflow
    return math.inf if net <= 0 else room(curve, level, target) * CUBIC / (net * HOUR)


def rain_capacity(room_mcm: float, runoff: float, area_km2: float) -> float:
    """纳雨能力: mm of rain on the catchment that fill a room of 10⁶ m³, 0 where there is none left. Raises ValueError
    without a catchment or runoff."""
    if runoff <= 0 or area_km2 <= 0:
        raise ValueError("rain capacity needs a catchment and a runoff coefficient")
    return max(room_mcm, 0.0) * 1000 / (runoff * area_km2)


def required_release(mean_inflow: float, room_mcm: float, hours: float) -> float:
    """The constant release that just uses the room up within the hours; 0 where none is needed."""
    if hours <= 0:
        raise ValueError("a horizon needs time")
    return max(mean_inflow - room_mcm * CUBIC / (hours * HOUR), 0.0)
