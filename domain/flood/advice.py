"""Judging and proposing releases (handbook 4.6.8 to 4.6.10): can a plan be had, when must it begin at the latest, what
plan keeps all limits, and why. It advises people; nothing here operates a gate. Times are hours from now."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from domain.flood.plan import HOLD, Plan, Step, moved
from domain.flood.release import Outcome, Setting, below, outcome, pool
from domain.flood.storage import CUBIC, HOUR

# ---- judging --------------------------------------------------------------------------------------------------------


class Verdict(NamedTuple):
    """reservoir: the level passes the target, 'expected' or only at the 'high' end of the band, '' in neither; or
    'beyond': the water leaves the curve. below: stations that get too much at the expected inflow, more than without
    the plan. natural: those that get too much at the high end, plan or no plan."""

    reservoir: str
    below: tuple[str, ...]
    natural: tuple[str, ...]

    @property
    def feasible(self) -> bool:
        return not self.reservoir and not self.below


def judge(setting: Setting, found: Outcome, held: Outcome) -> Verdict:
    """Whether a plan can be had. held: what holding the release as it is comes to."""
    risk = ""
    if any(found.beyond):
        risk = "beyond"
    elif setting.target is not None:
        risk = (
            "expected"
            if found.peak[1] > setting.target + 1e-9
            else "high"
            if found.peak[2] > setting.target + 1e-9
            else ""
        )
    before = {one.code: one for one in held.passages}
    below = tuple(
        one.code
        for one in found.passages
        if one.left[1] < -1e-6 and one.peak[1] > before[one.code].peak[1] + _slight(one.safe)
    )
    natural = tuple(one.code for one in found.passages if one.left[2] < -1e-6 and before[one.code].left[2] < -1e-6)
    return Verdict(risk, below, natural)


def _slight(safe: float) -> float:
    """More flow than this counts as more."""
    return 0.01 * safe


def latest_start(setting: Setting, plan: Plan) -> float | None:
    """Hours from now at which the plan's first step may come at the latest so that even at the high end of the band the
    level stays at the target or below (later steps keep their distance to it). Infinite: it need not come at all. None:
    now is too late, or no target is known. All starts are tried at once: a later one is never lower."""
    if setting.target is None:
        return None
    starts = range(setting.steps) if plan else range(0)
    plans = [HOLD, *(moved(plan, step * setting.dt - plan[0].hours) for step in starts)]
    held, *fine = _holds(setting, plans)
    if held:
        return float("inf")
    first_bad = next((step for step, good in enumerate(fine) if not good), len(fine))
    return (first_bad - 1) * setting.dt if first_bad else None


def _holds(setting: Setting, plans: Sequence[Plan]) -> list[bool]:
    """Whether each plan keeps the level at the target or below, even at the high end of the band."""
    course = pool(setting, plans, setting.factors[2])
    fine = (course.beyond < 0) & (course.level.max(axis=-1) <= (setting.target or 0.0) + 1e-9)
    return fine.tolist()


def open_windows(setting: Setting, plan: Plan, every: float = 1.0) -> list[tuple[float, float]]:
    """Spans [from, to] (hours) in which the plan may start without any station below getting too much at the expected
    inflow, more than without it."""
    if not plan or not setting.controls:
        return [(0.0, (setting.steps - 1) * setting.dt)]
    stride = max(round(every / setting.dt), 1)
    starts = list(range(0, setting.steps, stride))
    plans = [moved(plan, start * setting.dt - plan[0].hours) for start in starts]
    flows = below(setting, pool(setting, [HOLD, *plans]).release)
    fine = np.ones(len(starts), bool)
    for one in setting.controls:
        if one.code in flows:
            peaks = (setting.without[one.code][1] + flows[one.code]).max(axis=1)
            fine &= (peaks[1:] <= one.safe + 1e-6) | (peaks[1:] <= peaks[0] + _slight(one.safe))
    spans: list[tuple[float, float]] = []
    for index, (start, good) in enumerate(zip(starts, fine.tolist(), strict=True)):
        if good and index and fine[index - 1]:
            spans[-1] = (spans[-1][0], start * setting.dt)
        elif good:
            spans.append((start * setting.dt, start * setting.dt))
    return spans


class Offset(NamedTuple):
    """At a station below: hours from the peak of all other water to the arrival of the first increase; negative: it
    comes before that peak. apart: far enough, and after it."""

    code: str
    peak: float
    arrival: float
    hours: float
    apart: bool


def offsets(setting: Setting, plan: Plan) -> list[Offset]:
    """How a plan stands to the peaks of the other water (错峰); none where it increases nothing."""
    rise = next((step.hours for step in plan if step.flow > setting.current), None)
    if rise is None:
        return []
    found = []
    for one in setting.controls:
        if one.code in setting.hours and one.code in setting.without:
            other = setting.without[one.code][1]
            if float(np.ptp(other)) < 0.02 * one.safe:
                continue  # nothing rises there
            peak = int(other.argmax()) * setting.dt
            arrival = rise + setting.hours[one.code]
            found.append(Offset(one.code, peak, arrival, arrival - peak, arrival - peak >= setting.rules.offset_h))
    return sorted(found, key=lambda one: one.arrival)


# ---- proposing ------------------------------------------------------------------------------------------------------

ROUND = 10.0  # m³/s
SHARES = 16


def at_once(setting: Setting, first: float) -> Plan:
    """As much as the gates can and the river below can take, from the first moment on."""
    can = [value for value in (setting.safe, _capacity(setting)) if value is not None]
    flow = _down(min(can)) if can else setting.current
    return (Step(first, flow),) if flow > setting.current else HOLD


def _capacity(setting: Setting) -> float | None:
    curve = setting.capacity
    return None if curve is None else curve.at(min(max(setting.level, curve.low), curve.high))


def _down(flow: float) -> float:
    return max(flow // ROUND * ROUND, 0.0)


def staged(setting: Setting, first: float) -> Plan:
    """Two steps up that keep within Q_allow, as early as that lets more go, no more than brings the highest level to
    the target and the last below the limit; HOLD where nothing is to be done or nothing can be."""
    held = outcome(setting, HOLD)
    if setting.target is None or setting.limit is None or _calm(setting, held):
        return HOLD
    whole = _most(setting, first, held)
    if not whole:
        return HOLD
    shares = [(n + 1) / SHARES for n in range(SHARES)]  # of the most that may be released above the current release
    plans = [_share(setting, whole, share) for share in shares]
    enough = (pool(setting, plans).level[:, -1] <= setting.limit) & np.array(_holds(setting, plans))
    return plans[int(enough.argmax())] if enough.any() else plans[-1]


def _calm(setting: Setting, held: Outcome) -> bool:
    """Whether holding keeps the reservoir below its limit even at the high end."""
    return setting.limit is not None and held.peak[2] <= setting.limit and not held.beyond[2]


def _most(setting: Setting, first: float, held: Outcome) -> Plan:
    """Of two steps within Q_allow those that let the most go until holding would bring the crest."""
    allowed = setting.allowed
    can = _capacity(setting)
    if allowed is None:
        return at_once(setting, first)
    if can is not None:
        allowed = np.minimum(allowed, can)
    n, dt = setting.steps, setting.dt
    least = np.minimum.accumulate(allowed[::-1])[::-1]  # of each step and all after it
    crest = min(held.step[2] + round(6 / dt), n - 1)
    more = setting.current + max(ROUND, 0.1 * setting.current)
    best: tuple[float, Plan] = (0.0, HOLD)
    hours = first
    while (start := -int(-hours // dt)) < n - 1:
        for wait in (2.0, 3.0, 4.5, 6.0, 9.0):
            second = start + round(wait / dt)
            if second >= n:
                break
            lower, upper = _down(float(allowed[start:second].min())), _down(float(least[second]))
            lower = min(lower, upper)  # less later: one step of the least
            if lower < more:
                continue
            plan: Plan = (Step(hours, lower),)
            if upper > lower:
                plan = (*plan, Step(hours + wait, upper))
            volume = (lower - setting.current) * max(min(second, crest) - start, 0)
            volume += (upper - setting.current) * max(crest - second, 0)
            if volume > best[0] + 1e-9:
                best = (volume, plan)
        hours += 0.5  # gates move on the half hour
    return best[1]


def _share(setting: Setting, plan: Plan, share: float) -> Plan:
    """The plan with so much of its increase, in full tens."""
    told: list[Step] = []
    for step in plan:
        flow = setting.current + (step.flow - setting.current) * share
        flow = min(-(-flow // ROUND) * ROUND, step.flow)
        if not told or told[-1].flow != flow:
            told.append(Step(step.hours, flow))
    return tuple(told)


def required(setting: Setting) -> float | None:
    """The constant release from now on that keeps the level at the limit until the horizon; None: no limit known, or
    the level is outside the curve."""
    if setting.limit is None or not (setting.storage.covers(setting.limit) and setting.storage.covers(setting.level)):
        return None
    hours = (setting.steps - 1) * setting.dt
    mean = float(np.trapezoid(setting.inflow) / (setting.steps - 1))
    left = setting.storage.at(setting.limit) - setting.storage.at(setting.level)
    return max(mean - left * CUBIC / (hours * HOUR), 0.0)


# ---- reasons --------------------------------------------------------------------------------------------------------


class Reason(NamedTuple):
    """Why, as data: what kind of reason, the station it is about ('' the reservoir), and its numbers; moments are hours
    from now. Pages say it in words."""

    kind: str
    code: str = ""
    numbers: Mapping[str, float] = {}


def reasons(setting: Setting, found: Outcome, held: Outcome, latest: float | None) -> list[Reason]:
    """What speaks for a plan and what remains, most telling first."""
    told: list[Reason] = []
    if setting.limit is not None:
        over = np.nonzero(held.course.level[1] > setting.limit)[0]
        if setting.level > setting.limit:
            told.append(Reason("above_limit", "", {"over": setting.level - setting.limit}))
        elif len(over):
            told.append(Reason("reaches_limit", "", {"hours": float(over[0]) * setting.dt}))
        else:
            told.append(Reason("below_limit", "", {"peak": held.peak[1], "left": setting.limit - held.peak[1]}))
        if held.final[1] > setting.limit:
            told.append(Reason("stays", "", {"hours": held.hours_over_limit[1] or 0.0}))
    if found.plan:
        told += _not_now(setting, found, held)
        told.append(Reason("plan", "", {"peak": found.peak[1], "high": found.peak[2]}))
        tightest = min(held.passages, key=lambda one: one.left[1] / one.safe, default=None)
        apart = [one for one in offsets(setting, found.plan) if tightest and one.code == tightest.code]
        told += [Reason("offset", one.code, {"hours": one.hours}) for one in apart if one.apart]
    if found.plan and latest is not None and np.isfinite(latest):
        told.append(Reason("latest", "", {"hours": latest}))
    over = [one for one in found.passages if one.left[1] < 0]
    for one in sorted(over, key=lambda one: one.left[1] / one.safe)[:1]:
        before = next(each for each in held.passages if each.code == one.code)
        if before.left[1] >= 0 or one.peak[1] > before.peak[1] + _slight(one.safe):
            told.append(Reason("over", one.code, {"over": -one.left[1], "hours": one.hours_over[1]}))
    natural = [one for one in held.passages if one.left[2] < 0]
    for one in sorted(natural, key=lambda one: one.left[2] / one.safe)[:1]:
        told.append(Reason("natural", one.code, {"over": -one.left[2], "count": float(len(natural))}))
    if setting.target is not None and found.peak[2] > setting.target:
        told.append(Reason("target", "", {"over": found.peak[2] - setting.target}))
    return told


def _not_now(setting: Setting, found: Outcome, held: Outcome) -> list[Reason]:
    """The station with the least left at the time when a release of now would come there."""
    least: Reason | None = None
    for one in held.passages:
        hours = setting.hours[one.code]
        step = min(round(hours / setting.dt), setting.steps - 1)
        left = one.safe - float(one.flow[1][step : step + max(round(2 / setting.dt), 1)].max())
        if least is None or left < least.numbers["left"]:
            least = Reason("not_now", one.code, {"hours": hours, "left": left})
    rise = next((step.flow for step in found.plan if step.flow > setting.current), None)
    waits = found.plan[0].hours > setting.rules.notify_h + 1
    if least is None or rise is None or not waits or least.numbers["left"] > rise - setting.current:
        return []
    return [least]


def rank(outcomes: Sequence[Outcome], setting: Setting) -> int:
    """Which of several outcomes (the first holds the release) is advised: of those that can be had the one that comes
    nearest to emptying the flood room again by the end (to 0.1 m; the first of equals); where none can be had, the one
    that is to blame for the least excess (of the reservoir as a share of its flood room, of stations of their safe
    flow)."""
    held = outcomes[0]
    limit = setting.limit if setting.limit is not None else float("inf")
    left = {i: round(max(one.final[1] - limit, 0.0), 1) for i, one in enumerate(outcomes)}
    if fine := [i for i, one in enumerate(outcomes) if judge(setting, one, held).feasible]:
        return min(fine, key=lambda i: left[i])
    return min(range(len(outcomes)), key=lambda index: _worst(setting, outcomes[index], held))


def _worst(setting: Setting, found: Outcome, held: Outcome) -> float:
    """The worst excess that a plan is to blame for: of the reservoir at the high end, of a station below at the
    expected inflow, above what is safe and what comes there anyway."""
    if any(found.beyond):
        return float("inf")
    excess = [0.0]
    if setting.target is not None:
        room = max(setting.target - (setting.limit if setting.limit is not None else setting.target - 1), 0.1)
        excess.append((found.peak[2] - setting.target) / room)
    before = {one.code: one.peak[1] for one in held.passages}
    excess += [(one.peak[1] - max(one.safe, before[one.code])) / one.safe for one in found.passages if one.safe > 0]
    return max(excess)
