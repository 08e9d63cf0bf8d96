"""The release board's questions: what a reservoir's release comes to, which candidates there are, and the advice sheets
(调度建议单) with their course. It advises people; nothing here operates a gate."""

import json
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Select, bindparam, func, insert, select

from data_access import engine
from data_access.engine import rows
from data_access.flood import forecast, reservoirs, stations
from data_access.flood.forecast import NOW, STEP_H
from data_access.flood.reservoirs import Ecological, Reservoir
from data_access.flood.tables import flood_advice as a
from data_access.remember import remembered
from data_access.where import AT
from domain.flood import advice
from domain.flood.advice import Offset, Reason, Verdict
from domain.flood.plan import HOLD, Plan, Step, plan_text
from domain.flood.release import Control, Outcome, Setting, constant, constant_flows, outcome
from domain.flood.rules import rules


class Candidate(NamedTuple):
    """One release and what it comes to. key: hold | staged | own | at_once. latest: hours from now at which its first
    step may come at the latest (infinite: it need not come, None: it is too late or no target is known). windows: spans
    of starts that spare the stations below."""

    key: str
    plan: Plan
    outcome: Outcome
    verdict: Verdict
    latest: float | None
    windows: tuple[tuple[float, float], ...]
    offsets: tuple[Offset, ...]
    reasons: tuple[Reason, ...]


class Constant(NamedTuple):
    """A release (m³/s) that stays what it is from now on, and what it comes to; all None where it is not known. key: of
    domain.flood.release.CONSTANTS. plan: the same as a person's plan, from the first moment on that lets those below be
    told."""

    key: str
    flow: float | None
    plan: Plan
    outcome: Outcome | None
    verdict: Verdict | None


class Compared(NamedTuple):
    """What constant releases of a reservoir come to, in the handbook's order, and its ecological flow."""

    lines: tuple[Constant, ...]
    ecological: Ecological


class Board(NamedTuple):
    """A reservoir's releases compared. first: hours until a gate may move at the earliest, those below being told
    before. advised: index of the candidate that is advised, by the rules and nothing else. own: a plan of a person's
    takes the place of the staged one. allowed: Q_allow of a release now, m³/s. required: the constant release that
    keeps the limit."""

    at: datetime
    reservoir: Reservoir
    setting: Setting
    first: float
    candidates: tuple[Candidate, ...]
    advised: int
    allowed: float | None
    required: float | None
    basis: str

    @property
    def held(self) -> Candidate:
        return self.candidates[0]


@remembered
def setting(code: str, at: datetime) -> Setting | None:
    """The reservoir and its river as they stand at a moment (see forecast.rounded); None where level, release, storage
    curve or inflow is not known."""
    one = reservoirs.reservoir(code, at)
    told = reservoirs.coming_in(code, at)
    curves = stations.curves(code)
    curve = curves.get("storage")
    if one is None or told is None or curve is None or one.level is None or one.outflow is None or one.outside:
        return None
    network = forecast.network(at)
    past = network.own.get(code)
    target = one.high if one.high is not None else one.limit
    own = {node: np.asarray(flow) for node, flow in network.own.items() if node != code}
    return Setting(
        node=code,
        storage=curve,
        capacity=curves.get("discharge"),
        level=one.level,
        current=one.outflow,
        inflow=told.flow,
        past=np.full(NOW, one.outflow) if past is None else past[:NOW],
        reaches=network.reaches if past is not None else (),
        own=own,
        controls=_controls(code) if past is not None else (),
        limit=one.limit,
        target=target,
        dt=STEP_H,
        rules=rules(at.date(), code),
        steady=frozenset(node for node in own if (s := stations.station(node)) and s.kind == "reservoir"),
    )


def _controls(code: str) -> tuple[Control, ...]:
    """Stations below with a flow that is safe there: 安全泄量, else the guarantee or warning flow."""
    safe = {one.downstream: one.safe_flow for one in stations.reaches() if one.safe_flow}
    found = []
    for one in stations.downstream_of(code):
        below = one.station.code
        value = safe.get(below)
        if value is None:
            known = stations.thresholds().get(below, ())
            flows = {row.name: row.value for row in known if row.element == "flow"}
            value = flows.get("guarantee", flows.get("warning"))
        if value:
            found.append(Control(below, float(value)))
    return tuple(found)


def board(code: str, at: datetime, plan: Plan | None = None) -> Board | None:
    """A reservoir's board, with a person's plan (hours from the rounded moment) in the place of the staged one; None
    where the reservoir's data do not suffice."""
    base = _base(code, forecast.rounded(at))
    if base is None or plan is None:
        return base
    held = base.held
    mine = _candidate("own", plan, base.setting, held.outcome)
    candidates = (held, mine, base.candidates[2])
    return base._replace(candidates=candidates, advised=_advised(base.setting, candidates))


@remembered
def _base(code: str, at: datetime) -> Board | None:
    told, one = setting(code, at), reservoirs.reservoir(code, at)
    if told is None or one is None:
        return None
    first = told.first_start(past_the_hour=at.minute)
    held = outcome(told, HOLD)
    plans = (("hold", HOLD), ("staged", advice.staged(told, first)), ("at_once", advice.at_once(told, first)))
    candidates = tuple(_candidate(key, plan, told, held) for key, plan in plans)
    allowed = None if told.allowed is None else float(told.allowed[round(first / told.dt)])
    return Board(
        at, one, told, first, candidates, _advised(told, candidates), allowed, advice.required(told), one.basis
    )


def compared(found: Board) -> Compared:
    """Constant releases of a board's reservoir; the advice does not look at them, and only the opened board asks."""
    return _compared(found.setting.node, found.at)


@remembered
def _compared(code: str, at: datetime) -> Compared:
    base, ecological = _base(code, at), reservoirs.ecological(code, at)
    assert base is not None
    made = []
    for key, flow in constant_flows(base.setting, ecological.flow).items():
        if flow is None:
            made.append(Constant(key, None, HOLD, None, None))
        else:
            found = constant(base.setting, flow)
            verdict = advice.judge(base.setting, found, base.held.outcome)
            made.append(Constant(key, flow, (Step(base.first, flow),), found, verdict))
    return Compared(tuple(made), ecological)


def _candidate(key: str, plan: Plan, told: Setting, held: Outcome) -> Candidate:
    found = held if plan == HOLD else outcome(told, plan)
    latest = advice.latest_start(told, plan)
    return Candidate(
        key,
        plan,
        found,
        advice.judge(told, found, held),
        latest,
        tuple(advice.open_windows(told, plan)) if plan else (),
        tuple(advice.offsets(told, plan)),
        tuple(advice.reasons(told, found, held, latest)),
    )


def _advised(told: Setting, candidates: tuple[Candidate, ...]) -> int:
    return advice.rank([one.outcome for one in candidates], told)


# ---- advice sheets -----------------------------------------------------------------------------------------------

STEPS = ("advice", "opinion", "approval", "order", "receipt", "review")
AFTER = {  # a step and one that must have been before it
    "opinion": "advice",
    "approval": "advice",
    "order": "approval",
    "receipt": "order",
    "review": "advice",
}


class Entry(NamedTuple):
    """A row of flood_advice."""

    advice: str
    seq: int
    moment: datetime
    station: str
    step: str
    person: str
    number: str
    text: str
    content: str
    link: str


class NotNow(ValueError):
    """A step that cannot come yet, or belongs to no sheet; `needs`: the step that lacks ('' no such sheet)."""

    def __init__(self, needs: str):
        super().__init__(f"{needs or 'the sheet'} is not there yet")
        self.needs = needs


@cache
def _entries(one: bool) -> Select:
    query = select(*(a.c[name] for name in Entry._fields)).where(a.c.moment <= AT)
    where = a.c.advice == bindparam("advice") if one else a.c.station == bindparam("station")
    return query.where(where).order_by(a.c.advice.desc(), a.c.seq)


def sheet(number: str, at: datetime) -> list[Entry]:
    """The course of one advice sheet as it was at a moment, [] when there was none."""
    return [Entry(*row) for row in rows(_entries(True), {"advice": number, "at": at})]


def newest(station: str, at: datetime) -> list[Entry]:
    """The course of a reservoir's newest sheet of the last three days, [] when there is none."""
    found = [Entry(*row) for row in rows(_entries(False), {"station": station, "at": at})]
    last = [one for one in found if one.advice == found[0].advice] if found else []
    return last if last and at - last[0].moment <= timedelta(days=3) else []


def propose(told: Board, chosen: Candidate, *, person: str, text: str, link: str, now: datetime) -> str:
    """Keep an advice sheet of a candidate as it is shown; its number."""
    with engine.committing() as connection:
        day = f"{now:%Y-%m%d}"
        there = connection.execute(
            select(func.count(func.distinct(a.c.advice))).where(a.c.advice.like(f"{day}-%"))
        ).scalar()
        number = f"{day}-{int(there or 0) + 1:02d}"
        _write(
            connection,
            Entry(number, 1, now, told.setting.node, "advice", person, "", text, content(told, chosen), link),
        )
    return number


def record(number: str, step: str, *, person: str, order_no: str, text: str, now: datetime) -> None:
    """Append a step to a sheet. Raises NotNow where it cannot come yet, or is no step."""
    if step not in AFTER:
        raise NotNow("")
    with engine.committing() as connection:
        known = connection.execute(
            select(a.c.step, a.c.seq, a.c.station).where(a.c.advice == number).order_by(a.c.seq)
        ).fetchall()
        if not known:
            raise NotNow("")
        if AFTER[step] not in {row.step for row in known}:
            raise NotNow(AFTER[step])
        _write(
            connection, Entry(number, known[-1].seq + 1, now, known[0].station, step, person, order_no, text, "", "")
        )


def _write(connection: Any, entry: Entry) -> None:
    connection.execute(insert(a).values(**entry._asdict()))


def content(told: Board, chosen: Candidate) -> str:
    """JSON of a plan and its consequences, as they were shown."""
    found, moment = chosen.outcome, told.at

    def when(hours: float | None) -> str | None:
        return None if hours is None or not math.isfinite(hours) else (moment + timedelta(hours=hours)).isoformat()

    said: Mapping[str, Any] = {
        "at": moment.isoformat(),
        "reservoir": told.setting.node,
        "key": chosen.key,
        "plan": plan_text(chosen.plan, moment),
        "level": told.setting.level,
        "release": told.setting.current,
        "limit": told.setting.limit,
        "target": told.setting.target,
        "basis": told.basis,
        "band": list(told.setting.factors),
        "peak": [round(z, 3) for z in found.peak],
        "peak_at": [when(step * told.setting.dt) for step in found.step],
        "hours_over_limit": found.hours_over_limit,
        "most": [round(q, 1) for q in found.most],
        "latest": when(chosen.latest),
        "feasible": chosen.verdict.feasible,
        "below": [
            {"station": one.code, "safe": one.safe, "peak": [round(q, 1) for q in one.peak],
             "left": [round(q, 1) for q in one.left]}
            for one in found.passages
        ],
        "reasons": [{"kind": one.kind, "station": one.code, **one.numbers} for one in chosen.reasons],
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False)
