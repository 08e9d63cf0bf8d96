"""The life of a work order (工单) from its events: state, holder, clocks, bounces and faults (handbook 1.2).

The rules are data, lifecycle.toml: which event may happen in which state, where it leads, who holds the order after it.
States and clocks come from events only, never from a status column, so that the state of any past moment can be asked.

Events count in the order of their times; those of one moment in the order given. That is also what a database does with
"the last event up to this moment", and it makes the life up to a moment the beginning of the whole life. An event that
is not allowed still happened: the order goes where the event leads, and the fault is listed.
"""

import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Literal

FILE = Path(__file__).with_suffix(".toml")
FaultKind = Literal["unknown_event", "not_allowed", "out_of_order", "duplicate"]
_HOLDERS = ("receiver", "named", "centre", "lead", "nobody", "")


@dataclass(frozen=True)
class State:
    """A state by name. open: the order still waits for somebody's work."""

    zh: str
    en: str
    open: bool


@dataclass(frozen=True)
class Rule:
    """What an event does: `of` the states in which it may happen ('' before registration), `to` the state after it
    ('' as before), `holder` afterwards (see lifecycle.toml)."""

    zh: str
    en: str
    of: frozenset[str]
    to: str
    holder: str


@dataclass(frozen=True)
class Lifecycle:
    """All states and events, by name."""

    states: Mapping[str, State]
    events: Mapping[str, Rule]

    def allows(self, state: str, event: str, recorded: Collection[str] | None = None) -> bool:
        """Whether `event` may happen in `state`. `recorded`: the events that the source tells at all; steps that it
        never tells may have happened in between (only `registered` and `closed` is then no fault)."""
        rule = self.events[event]
        reached, todo = {state}, [state]
        while todo and recorded is not None:
            at = todo.pop()
            for name, step in self.events.items():
                if name not in recorded and step.to and at in step.of and step.to not in reached:
                    reached.add(step.to)
                    todo.append(step.to)
        return not rule.of.isdisjoint(reached)


@dataclass(frozen=True)
class Event:
    """One row of the event log. org: who received the order (registered, dispatched, reassigned, redo) or who acted."""

    name: str
    at: datetime
    org: str = ""


@dataclass(frozen=True)
class Stage:
    """A time spent in one state with one holder ('' nobody or unknown); end is None for the last one."""

    state: str
    org: str
    start: datetime
    end: datetime | None

    def hours(self, until: datetime) -> float:
        """Hours in the stage up to `until`; 0 before it began."""
        end = until if self.end is None else min(self.end, until)
        return max(end - self.start, timedelta()) / timedelta(hours=1)


@dataclass(frozen=True)
class Bounce:
    """An order that went from one organisation to another.

    returned (退单): from_org sent it back, to_org has it next ('' while nobody has; from_org itself when the return was
    refused, 退单不当). reassigned (改派): moved on without being sent back.
    """

    from_org: str
    to_org: str
    at: datetime
    kind: Literal["returned", "reassigned"]


@dataclass(frozen=True)
class Fault:
    """What is wrong with the log: the event, its time, and the state in which it came."""

    kind: FaultKind
    event: str
    at: datetime
    state: str


@dataclass(frozen=True)
class Clocks:
    """How long the steps of the first round took; None where a step has not ended (or never began).

    answer: registered to answered directly. dispatch (派单): registered to the first dispatch. sign (签收): the last
    dispatch or reassignment before the first signature to that signature, so that a bounce is not charged to who signs
    in the end. reply (办理): first signature to first reply. close (审核): first reply to the closure after it.
    callback (回访): first closure to the callback after it. redo (重办): first redo to the reply after it.
    """

    answer: timedelta | None
    dispatch: timedelta | None
    sign: timedelta | None
    reply: timedelta | None
    close: timedelta | None
    callback: timedelta | None
    redo: timedelta | None


@dataclass(frozen=True)
class Life:
    """All that the events tell. counts: how often each event happened (退单, 改派, 重办, 催办, 督办, 延期次数)."""

    stages: Sequence[Stage]
    clocks: Clocks
    bounces: Sequence[Bounce]
    faults: Sequence[Fault]
    counts: Mapping[str, int] = field(default_factory=dict)

    def stage_at(self, moment: datetime) -> Stage | None:
        """The stage of `moment`; None before the first event. A stage begins at the very moment of its event."""
        begun = [stage for stage in self.stages if stage.start <= moment]
        return begun[-1] if begun else None

    def state_at(self, moment: datetime) -> str:
        """The state at `moment`, '' before the order existed."""
        stage = self.stage_at(moment)
        return stage.state if stage else ""

    def holder_at(self, moment: datetime) -> str:
        """The organisation that held the order at `moment`; '' nobody or unknown."""
        stage = self.stage_at(moment)
        return stage.org if stage else ""


@cache
def lifecycle(path: Path = FILE) -> Lifecycle:
    """The rules in the file at `path`; ValueError says which entry to correct."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    states = {name: State(**entry) for name, entry in data["state"].items()}
    events = {}
    for name, entry in data["event"].items():
        rule = Rule(entry["zh"], entry["en"], frozenset(entry["from"]), entry.get("to", ""), entry.get("holder", ""))
        unknown = sorted({*rule.of, rule.to} - {*states, ""})
        if unknown:
            raise ValueError(f"{path.name}: event {name} names states that are not in [state]: {', '.join(unknown)}")
        if rule.holder not in _HOLDERS:
            raise ValueError(f"{path.name}: event {name}: holder {rule.holder!r} is none of {', '.join(_HOLDERS[:-1])}")
        events[name] = rule
    return Lifecycle(states, events)


def life(
    events: Iterable[Event],
    *,
    until: datetime | None = None,
    recorded: Collection[str] | None = None,
    table: Lifecycle | None = None,
) -> Life:
    """The life that `events` of one order tell, in the order of the log (its seq).

    until: only what happened up to that moment, the moment included. recorded: as in Lifecycle.allows. Faults:
    out_of_order (earlier than an event before it in the log), duplicate (the same event, moment and organisation again;
    it counts once), not_allowed in that state, unknown_event (changes nothing).
    """
    rules = table or lifecycle()
    logged = [event for event in events if until is None or event.at <= until]
    walk = _Walk(rules, recorded)
    latest = list(accumulate((event.at for event in logged), max))
    seen: set[Event] = set()
    for event, so_far in sorted(zip(logged, latest, strict=True), key=lambda each: each[0].at):
        if event.at < so_far:
            walk.fault("out_of_order", event)
        if event in seen:
            walk.fault("duplicate", event)
        elif event.name not in rules.events:
            walk.fault("unknown_event", event)
        else:
            walk.take(event)
        seen.add(event)
    return Life(walk.stages, _clocks(walk.taken), walk.bounces, walk.faults, Counter(e.name for e in walk.taken))


class _Walk:
    """Where the order is while its events are read one after the other."""

    def __init__(self, rules: Lifecycle, recorded: Collection[str] | None):
        self.rules, self.recorded = rules, recorded
        self.state = self.holder = self.centre = self.lead = ""
        self.taken: list[Event] = []
        self.stages: list[Stage] = []
        self.bounces: list[Bounce] = []
        self.faults: list[Fault] = []

    def fault(self, kind: FaultKind, event: Event) -> None:
        self.faults.append(Fault(kind, event.name, event.at, self.state))

    def take(self, event: Event) -> None:
        rule = self.rules.events[event.name]
        if not self.rules.allows(self.state, event.name, self.recorded):
            self.fault("not_allowed", event)
        if event.name == "registered":
            self.centre = event.org
        if event.name == "replied":
            self.lead = event.org or self.holder
        before, pending = self.holder, self._pending()
        self.holder = self._holder(rule, event)
        if event.name == "returned":
            self.bounces.append(Bounce(event.org or before, "", event.at, "returned"))
        elif pending is not None and event.name in ("dispatched", "reassigned"):
            self.bounces[-1] = Bounce(pending.from_org, self.holder, pending.at, "returned")
        elif event.name == "reassigned":
            self.bounces.append(Bounce(before, self.holder, event.at, "reassigned"))
        self._enter(rule.to or self.state, event.at)
        self.taken.append(event)

    def _pending(self) -> Bounce | None:
        """The return that nobody has taken up yet."""
        return self.bounces[-1] if self.state == "returned" and self.bounces else None

    def _holder(self, rule: Rule, event: Event) -> str:
        if rule.holder == "lead":
            return event.org if event.org not in ("", self.centre) else self.lead
        holders = {"receiver": event.org, "named": event.org or self.holder, "centre": self.centre, "nobody": ""}
        return holders.get(rule.holder, self.holder)

    def _enter(self, state: str, at: datetime) -> None:
        last = self.stages[-1] if self.stages else None
        if state == self.state and last and last.org == self.holder:
            return
        if last:
            self.stages[-1] = Stage(last.state, last.org, last.start, at)
        self.state = state
        if state:
            self.stages.append(Stage(state, self.holder, at, None))


def _clocks(events: Sequence[Event]) -> Clocks:
    def first(name: str, after: datetime | None = datetime.min) -> datetime | None:
        return next((e.at for e in events if e.name == name and after is not None and e.at >= after), None)

    def between(start: datetime | None, end: datetime | None) -> timedelta | None:
        return None if start is None or end is None or end < start else end - start

    sent, signed = None, first("signed")
    for event in events:
        if event.name == "signed":
            break
        if event.name in ("dispatched", "reassigned"):
            sent = event.at
    registered, replied, closed, redone = (first(name) for name in ("registered", "replied", "closed", "redo"))
    return Clocks(
        answer=between(registered, first("answered")),
        dispatch=between(registered, first("dispatched")),
        sign=between(sent, signed),
        reply=between(signed, replied),
        close=between(replied, first("closed", replied)),
        callback=between(closed, first("callback", closed)),
        redo=between(redone, first("replied", redone)),
    )


def urged_at(accept_at: datetime, due_at: datetime, share: float) -> datetime:
    """When the organisation is to be urged (催办): once `share` of the time until the limit has passed (handbook
    1.2)."""
    return accept_at + (due_at - accept_at) * share


def remaining(due_at: datetime | None, at: datetime) -> timedelta | None:
    """The time left at `at` until the limit (到期剩余); negative when overdue, None without a limit."""
    return None if due_at is None else due_at - at


def closed_on_time(due_at: datetime | None, close_at: datetime | None, at: datetime) -> bool | None:
    """Whether an order is closed by its limit (按期办结, handbook 1.4), as known at `at`; the limit itself is in time.

    None without a limit, and while neither the limit has passed nor the order is closed.
    """
    if due_at is None:
        return None
    if close_at is not None and close_at <= at:
        return close_at <= due_at
    return False if at > due_at else None
