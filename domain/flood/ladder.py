"""The steps of a station's alarm: from which value on which colour, and which threshold says so. It tells the same as
levels.river_state, reservoir_state and depth_state, in a form that a long series is held against quickly."""

from collections.abc import Sequence
from math import inf, nextafter
from typing import NamedTuple

from domain.flood.levels import BEYOND, BLUE, ORANGE, RED, YELLOW, Limits, flood_high
from domain.flood.rules import Rules

RIVERS = ("river", "weir", "tide", "video")


class Step(NamedTuple):
    """From `least` on an alarm has this level. name, threshold: what is exceeded or near. rising: only while it
    rises."""

    level: int
    name: str
    threshold: float
    least: float
    rising: bool = False


class Ahead(NamedTuple):
    """A threshold whose crossing is told before: so many hours at most, as this level."""

    level: int
    name: str
    threshold: float
    hours: float


Ladder = tuple[Step, ...]


def ladder(kind: str, element: str, limits: Limits, rules: Rules) -> Ladder:
    """The steps of a station of a kind, the highest level first; () where nothing is to be held against."""
    if element == "depth":
        names = ("blue", "yellow", "orange", "red")
        own = [limits.get(name, "depth") for name in names]
        depths = [usual if one is None else one for one, usual in zip(own, rules.depth_cm, strict=True)]
        steps = [Step(n, name, cm, cm) for n, (name, cm) in enumerate(zip(names, depths, strict=True), 1)]
    elif kind == "reservoir":
        steps = _reservoir(limits, rules)
    else:
        steps = _river(limits, element, rules.river_near_m if element == "level" else 0.0)
    return tuple(sorted(steps, key=lambda step: -step.level))


def _river(limits: Limits, element: str, near: float) -> list[Step]:
    warning, guarantee, record = (limits.get(name, element) for name in ("warning", "guarantee", "record"))
    floor = guarantee if guarantee is not None else warning
    steps = []
    if warning is not None:
        steps.append(Step(YELLOW, "warning", warning, warning))
        if near:
            steps.append(Step(BLUE, "warning", warning, warning - near))
    if guarantee is not None:
        steps.append(Step(ORANGE, "guarantee", guarantee, guarantee))
    if record is not None and floor is not None and record >= floor:
        steps.append(Step(RED, "record", record, record))
    return steps


def _reservoir(limits: Limits, rules: Rules) -> list[Step]:
    steps = []
    if (limit := limits.get("limit")) is not None:
        steps.append(Step(BLUE, "limit", limit, limit - rules.reservoir_near_m, rising=True))
        steps.append(Step(YELLOW, "limit", limit, nextafter(limit, inf)))
    if (high := flood_high(limits)) is not None:
        name = "flood_high" if limits.get("flood_high") is not None else "half_way"
        steps.append(Step(ORANGE, name, high, high))
    for level, name in ((RED, "design"), (BEYOND, "check")):
        if (value := limits.get(name)) is not None:
            steps.append(Step(level, name, value, value))
    return steps


def step_at(steps: Ladder, value: float, rising: bool = True) -> Step | None:
    """The highest step that a value is on."""
    for step in steps:
        if value >= step.least and (rising or not step.rising):
            return step
    return None


def ahead(kind: str, steps: Ladder, rules: Rules) -> tuple[Ahead, ...]:
    """The thresholds whose crossing is told before, the highest first: each as one level below its own."""
    if kind == "video":
        return ()
    hours = {
        "warning": rules.lead_warning_h,
        "guarantee": rules.lead_guarantee_h,
        "limit": rules.lead_limit_h,
        "flood_high": rules.lead_limit_h,
        "orange": rules.lead_depth_h,
    }
    return tuple(
        Ahead(step.level - 1, step.name, step.threshold, hours[step.name])
        for step in steps
        if step.level > BLUE and hours.get(step.name)
    )


def rise_steps(kind: str, element: str, rules: Rules) -> Ladder:
    """The steps of a rate of rise, in the element's unit per hour. A camera has none, nor a tide, which rises twice a
    day."""
    if element == "depth":
        return (Step(YELLOW, "rise", rules.depth_rise_cm_h, rules.depth_rise_cm_h),)
    if element != "level" or kind in ("video", "tide"):
        return ()
    rates = zip((YELLOW, ORANGE, RED), rules.rise_m_h, strict=True)
    return tuple(Step(level, "rise", rate, rate) for level, rate in rates)[::-1]


def rain_steps(sums: Sequence[float], rules: Rules, share: float = 1.0) -> tuple[Step, float] | None:
    """The highest step that rain of the rules' windows is on, when their thresholds are a share of what they are; and
    the rain that says so."""
    for level in (RED, ORANGE, YELLOW, BLUE):
        mm = rules.rain_mm[level - 1]
        if sums[level - 1] >= mm * share - 1e-6:
            return Step(level, f"rain{rules.rain_hours[level - 1]:g}", mm, mm), sums[level - 1]
    return None
