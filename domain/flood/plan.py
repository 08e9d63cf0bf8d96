"""What a reservoir is asked to release: steps of a moment and a flow (m³/s), as text in an address and as hours."""

from datetime import datetime, timedelta
from typing import NamedTuple

MOST_STEPS = 12
MOST_FLOW = 100_000.0


class Step(NamedTuple):
    """From `hours` on, `flow` is wanted."""

    hours: float
    flow: float


Plan = tuple[Step, ...]  # in the order of time; before the first step the release stays what it is
HOLD: Plan = ()


def read_plan(text: str, at: datetime) -> Plan:
    """'0718T1730-280,0718T2200-480' as hours from `at`; the year is the one that brings a moment nearest to it. Raises
    ValueError for what is no plan, with what is wrong."""
    steps = []
    for part in filter(None, text.split(",")):
        moment_text, dash, flow_text = part.partition("-")
        if not dash or len(moment_text) != 9 or not moment_text.isascii():
            raise ValueError(f"{part!r} is not MMDDTHHMM-flow")
        moments = []
        for year in (at.year - 1, at.year, at.year + 1):
            try:
                moments.append(datetime.strptime(f"{year}{moment_text}", "%Y%m%dT%H%M"))
            except ValueError:
                continue
        if not moments:
            raise ValueError(f"{moment_text!r} is no moment")
        flow = float(flow_text)
        if not 0 <= flow <= MOST_FLOW:
            raise ValueError(f"{flow_text} m³/s cannot be released")
        moment = min(moments, key=lambda one: abs(one - at))
        steps.append(Step((moment - at) / timedelta(hours=1), flow))
    if len(steps) > MOST_STEPS:
        raise ValueError(f"a plan has {MOST_STEPS} steps at most")
    return tuple(sorted(steps))


def plan_text(plan: Plan, at: datetime) -> str:
    """The plan as read_plan reads it, to the minute."""
    moments = [(at + timedelta(hours=step.hours), step.flow) for step in plan]
    return ",".join(f"{moment:%m%dT%H%M}-{flow:g}" for moment, flow in moments)


def moved(plan: Plan, hours: float) -> Plan:
    """The same plan so much later."""
    return tuple(Step(step.hours + hours, step.flow) for step in plan)
