"""What a plan of releases comes to (handbook 4.6.6 to 4.6.10): routed through the reservoir and down the river, at the
expected inflow and at both ends of its band. Flows m³/s, levels m, times h from now. It operates nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from domain.flood.plan import Plan, Step
from domain.flood.routing import Course, Flows, Reach, arrivals, level_pools, through
from domain.flood.storage import Curve


class ReleaseRules(Protocol):
    """What of the rules of a day this file reads."""

    @property
    def band(self) -> tuple[float, float]: ...  # the inflow times these, beside the expected one
    @property
    def ramp_share(self) -> float: ...  # of the smallest safe flow, by which a release may change
    @property
    def ramp_minutes(self) -> float: ...  # in so many minutes
    @property
    def notify_h(self) -> float: ...  # those below are told so long before a gate moves
    @property
    def offset_h(self) -> float: ...  # 错峰: so long apart are a release and a tributary's peak


# ---- what it is about -----------------------------------------------------------------------------------------------


class Control(NamedTuple):
    """A station below that must not get more than its safe flow."""

    code: str
    safe: float


@dataclass(frozen=True)
class Setting:
    """The reservoir and the river below as they stand, and the water that is expected.

    level: now. current: the release now. inflow: expected, from now on by step. past: releases before now, oldest
    first. own: flow that each node of the reaches gets from elsewhere (tributaries, its own catchment, other
    reservoirs), past and expected, with len(past) steps before now. limit: the flood-limit level; target: the level
    not to be exceeded (flood-high), None where unknown. dt: length of a step. steady: nodes whose own water is no guess
    (other reservoirs): the band does not widen it.
    """

    node: str
    storage: Curve
    capacity: Curve | None
    level: float
    current: float
    inflow: Flows
    past: Flows
    reaches: tuple[Reach, ...]
    own: Mapping[str, Flows]
    controls: tuple[Control, ...]
    limit: float | None
    target: float | None
    dt: float
    rules: ReleaseRules
    steady: frozenset[str] = frozenset()

    @property
    def factors(self) -> tuple[float, float, float]:
        """low, expected, high."""
        return self.rules.band[0], 1.0, self.rules.band[1]

    @property
    def steps(self) -> int:
        """Steps from now on, now itself included."""
        return len(self.inflow)

    @cached_property
    def below(self) -> tuple[Reach, ...]:
        """The reaches that the release runs through."""
        nodes = set(arrivals(self.reaches, self.node))
        return tuple(reach for reach in self.reaches if reach.upstream in nodes)

    @cached_property
    def hours(self) -> dict[str, float]:
        """From the reservoir to each node below it."""
        return arrivals(self.below, self.node) if self.below else {self.node: 0.0}

    @cached_property
    def without(self) -> dict[str, Flows]:
        """The flow at each node without the release, by factor (low, expected, high) and step from now on."""
        n = len(self.past)
        own = {}
        for node, flow in self.own.items():
            if node == self.node:
                continue
            told = np.repeat(np.asarray(flow, float)[None, :], 3, axis=0)
            if node not in self.steady:
                told[:, n:] *= np.where(told[:, n:] > 0, np.array(self.factors)[:, None], 1.0)
            own[node] = told
        if not own:
            own = {self.node: np.zeros((3, n + self.steps))}
        flows = through(self.reaches, own, self.dt) if self.reaches else {}
        return {node: flow[..., n:] for node, flow in flows.items()}

    @property
    def safe(self) -> float | None:
        """The smallest safe flow below, None where none is known."""
        return min((one.safe for one in self.controls), default=None)

    @cached_property
    def ramp(self) -> float | None:
        """By how much the release may change in a step; None: no safe flow is known to measure it by."""
        return None if self.safe is None else self.safe * self.rules.ramp_share * self.dt * 60 / self.rules.ramp_minutes

    @cached_property
    def allowed(self) -> Flows | None:
        """Q_allow of each step from now on: what may be released then so that no station below gets more than is safe
        when the water comes there, at the high end of the band. Beyond the horizon its last value. None: no station
        below has a safe flow."""
        found: Flows | None = None
        for one in self.controls:
            if one.code in self.hours:
                lag = round(self.hours[one.code] / self.dt)
                left = one.safe - self.without[one.code][2]
                late = np.concatenate([left[lag:], np.full(min(lag, self.steps), left[-1])])[: self.steps]
                found = late if found is None else np.minimum(found, late)
        return found

    def first_start(self, minutes: int = 30, past_the_hour: int = 0) -> float:
        """Hours until a gate may move at the earliest: those below are told before, and it is on a full half hour.
        past_the_hour: minutes of the clock now."""
        least = past_the_hour + self.rules.notify_h * 60
        return (-(-least // minutes) * minutes - past_the_hour) / 60

    def wanted(self, plan: Plan) -> list[float]:
        """What a plan wants at each step from now on, no faster than the ramp allows."""
        aims = [self.current] * self.steps
        for step in plan:
            start = max(-int(-(step.hours / self.dt - 1e-9) // 1), 0)
            if start < self.steps:
                aims[start:] = [step.flow] * (self.steps - start)
        if self.ramp is None or not plan:
            return aims
        now, told = self.current, []
        for aim in aims:
            if aim != now:
                now = min(max(aim, now - self.ramp), now + self.ramp)
            told.append(now)
        return told


# ---- what a plan comes to -------------------------------------------------------------------------------------------


class Passage(NamedTuple):
    """The flow at a station below, by factor and step. Of each factor its peak, the step of it, what is left to the
    safe flow there (negative: too much), and hours above it."""

    code: str
    safe: float
    flow: Flows
    peak: tuple[float, ...]
    step: tuple[int, ...]
    left: tuple[float, ...]
    hours_over: tuple[float, ...]


class Outcome(NamedTuple):
    """course: of the reservoir, by factor (low, expected, high) and step. Of each factor its highest level, the step of
    it, hours above the limit and above the target (None: unknown), the level at the end, the highest release, and
    whether the water leaves the curve. passages: stations below in the order of the water."""

    plan: Plan
    course: Course
    peak: tuple[float, ...]
    step: tuple[int, ...]
    hours_over_limit: tuple[float | None, ...]
    hours_over_target: tuple[float | None, ...]
    final: tuple[float, ...]
    most: tuple[float, ...]
    beyond: tuple[bool, ...]
    passages: tuple[Passage, ...]


def pool(setting: Setting, plans: Sequence[Plan], factors: float | Sequence[float] = 1.0) -> Course:
    """The reservoir alone, by plan and step. factors: of the inflow, one for all or one a plan."""
    wanted = np.array([setting.wanted(plan) for plan in plans])
    inflow = np.atleast_1d(np.asarray(factors, float))[:, None] * setting.inflow
    return level_pools(setting.storage, setting.capacity, setting.level, inflow, wanted, setting.dt)


def outcome(setting: Setting, plan: Plan) -> Outcome:
    """What a plan comes to, at the expected inflow and at both ends of its band."""
    return _outcome(setting, plan, setting.wanted(plan))


def constant(setting: Setting, flow: float) -> Outcome:
    """What a constant release (m³/s) comes to, in the same way: min(flow, what the gates can let out at that level)
    from now on, without notice and without ramp (handbook 4.6.7). It compares, nobody asks for it like that."""
    return _outcome(setting, (Step(0.0, flow),), [flow] * setting.steps)


def _outcome(setting: Setting, plan: Plan, wanted: Sequence[float]) -> Outcome:
    inflow = np.outer(setting.factors, setting.inflow)
    course = level_pools(setting.storage, setting.capacity, setting.level, inflow, wanted, setting.dt)
    return Outcome(
        plan,
        course,
        tuple(course.level.max(axis=1).tolist()),
        tuple(course.level.argmax(axis=1).tolist()),
        hours_over(course.level, setting.limit, setting.dt),
        hours_over(course.level, setting.target, setting.dt),
        tuple(course.level[:, -1].tolist()),
        tuple(course.release.max(axis=1).tolist()),
        tuple((course.beyond >= 0).tolist()),
        _passages(setting, course.release),
    )


CONSTANTS = ("zero", "current", "ecological", "half_safe", "safe", "capacity")


def constant_flows(setting: Setting, ecological: float | None) -> dict[str, float | None]:
    """The constant releases that are compared (handbook 4.6.7), by their names in CONSTANTS, m³/s; None where one is
    not known. ecological: what the river below needs at least. safe: the smallest safe flow below. capacity: the most
    on the discharge curve, so that at each level all goes that the gates can let out there."""
    safe, half = setting.safe, None if setting.safe is None else setting.safe / 2
    most = None if setting.capacity is None else setting.capacity.values[-1]
    return dict(zip(CONSTANTS, (0.0, setting.current, ecological, half, safe, most), strict=True))


def hours_over(values: Flows, limit: float | None, dt: float) -> tuple[float | None, ...]:
    """Hours that levels or flows (time along the last axis) are above a limit; None: no limit is known."""
    if limit is None:
        return (None,) * len(values)
    return tuple(((values > limit + 1e-9).sum(axis=-1) * dt).tolist())


def _passages(setting: Setting, releases: Flows) -> tuple[Passage, ...]:
    """Of releases by factor and step."""
    flows = below(setting, releases)
    found = []
    for one in sorted(setting.controls, key=lambda c: setting.hours.get(c.code, 0.0)):
        if one.code not in flows:
            continue
        flow = setting.without[one.code] + flows[one.code]
        peaks = flow.max(axis=1)
        over = hours_over(flow, one.safe, setting.dt)
        found.append(
            Passage(
                one.code,
                one.safe,
                flow,
                tuple(peaks.tolist()),
                tuple(flow.argmax(axis=1).tolist()),
                tuple((one.safe - peaks).tolist()),
                tuple(float(hours or 0.0) for hours in over),
            )
        )
    return tuple(found)


def below(setting: Setting, releases: Flows) -> dict[str, Flows]:
    """What releases (any number, by step from now on) bring to each node below, after those of the past."""
    n = len(setting.past)
    past = np.broadcast_to(setting.past, (*releases.shape[:-1], n))
    flows = through(setting.below, {setting.node: np.concatenate([past, releases], axis=-1)}, setting.dt)
    return {node: flow[..., n:] for node, flow in flows.items()}
