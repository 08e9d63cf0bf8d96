"""Alarms as they stood at a moment: the fold of what the engine and people said up to then."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select

from data_access.areas import Area
from data_access.engine import rows
from data_access.flood.tables import flood_alarm_event as e
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.where import AT, place_column
from domain.flood.rules import rules

OVER = ("cleared", "closed", "false_alarm")
_COLUMNS = (
    "alarm", "seq", "moment", "station", "district_code", "street_code", "kind", "rule", "event", "level", "value",
    "threshold", "threshold_name", "datum", "rules", "samples", "parent", "person", "text",
)  # fmt: skip


class Event(NamedTuple):
    """A row of flood_alarm_event without what its alarm says of all. samples: (moment, value) that decided it."""

    moment: datetime
    event: str
    level: int
    value: float | None
    threshold: float | None
    threshold_name: str
    rules: str
    samples: tuple[tuple[str, float], ...]
    person: str
    text: str


class Alarm(NamedTuple):
    """An alarm as it stood. level: now, highest: ever. state: new (nobody acknowledged) | acknowledged | assigned |
    shelved | clearing | cleared | closed | false_alarm. due: to whom it has gone, by the push chain: 0 the officer on
    duty, 1 the leader on duty, 2 the commander. children: alarms of a storm that are open. events: oldest first."""

    alarm: str
    station: str
    district_code: str
    street_code: str
    kind: str
    rule: str
    level: int
    highest: int
    value: float | None
    threshold: float | None
    threshold_name: str
    datum: str
    rules: str
    raised_at: datetime
    last_at: datetime
    state: str
    acknowledged_by: str
    acknowledged_at: datetime | None
    assigned: str
    shelved_until: str
    parent: str
    children: int
    repeated: int
    due: int
    events: tuple[Event, ...]
    peak: float | None = None  # the highest that was read when it spoke

    @property
    def open(self) -> bool:
        return self.state not in OVER


def _open_asked() -> Any:
    over = select(e.c.alarm).where(e.c.moment <= AT, e.c.event.in_(OVER))
    return select(*(e.c[name] for name in _COLUMNS)).where(e.c.moment <= AT, e.c.alarm.not_in(over))


def _raised_asked() -> Any:
    since = bindparam("since", type_=Moment)
    names = select(e.c.alarm).where(e.c.event == "raised", e.c.moment > since, e.c.moment <= AT)
    return select(*(e.c[name] for name in _COLUMNS)).where(e.c.moment <= AT, e.c.alarm.in_(names))


_OPEN = _open_asked().order_by(e.c.alarm, e.c.seq)
_RAISED = _raised_asked().order_by(e.c.alarm, e.c.seq)
_ONE = (
    select(*(e.c[name] for name in _COLUMNS))
    .where(e.c.moment <= AT, e.c.alarm == bindparam("alarm"))
    .order_by(e.c.alarm, e.c.seq)
)


@remembered
def _open(at: datetime) -> tuple[Alarm, ...]:
    return _folded(rows(_OPEN, {"at": at}), at)


@remembered
def _raised(since: datetime, at: datetime) -> tuple[Alarm, ...]:
    return _folded(rows(_RAISED, {"since": since, "at": at}), at)


def alarms(at: datetime, area: Area | None = None, history: timedelta | None = None) -> list[Alarm]:
    """The alarms that were open at a moment; history: all that were raised in so long before it. Worst first."""
    some = _open(at) if history is None else _raised(at - history, at)
    return [one for one in some if _inside(one, area)]


@remembered
def alarm(name: str, at: datetime) -> Alarm | None:
    """One alarm as it stood, None when it had not been raised."""
    found = _folded(rows(_ONE, {"alarm": name, "at": at}), at)
    return found[0] if found else None


def children(parent: str, at: datetime) -> list[Alarm]:
    """The open alarms of a storm."""
    return [one for one in _open(at) if one.parent == parent]


def _inside(one: Alarm, area: Area | None) -> bool:
    if area is None or not area.level:
        return True
    code = area.code if area.level < 3 else area.parent or ""
    return getattr(one, place_column(min(area.level, 2))) == code


def _folded(some: Iterable[Any], at: datetime) -> tuple[Alarm, ...]:
    by: dict[str, list[Any]] = {}
    for row in some:
        by.setdefault(row.alarm, []).append(row)
    found = [_alarm(told, at) for told in by.values()]
    families = Counter(one.parent for one in found if one.parent and one.open)
    found = [one._replace(children=families[one.alarm]) if families.get(one.alarm) else one for one in found]
    return tuple(sorted(found, key=lambda one: (not one.open, -one.level, one.raised_at, one.alarm)))


_STATE = {
    "raised": "new", "escalated": "new", "acknowledged": "acknowledged", "assigned": "assigned", "shelved": "shelved",
    "unshelved": "new", "cleared": "cleared", "closed": "closed", "false_alarm": "false_alarm",
}  # fmt: skip


def _alarm(told: Sequence[Any], at: datetime) -> Alarm:
    first = told[0]
    state, clearing, since = "new", False, first.moment
    by, when, assigned, until, parent, repeated = "", None, "", "", "", 0
    value, threshold, name, level, version = first.value, first.threshold, first.threshold_name, 0, first.rules
    highest = 0
    for row in told:
        if state not in OVER or row.event == "false_alarm":
            state = _STATE.get(row.event, state)
        if row.event == "unshelved" and by:
            state = "acknowledged"
        if row.event in ("raised", "escalated"):
            by, when, assigned, since = "", None, assigned if row.event == "escalated" else "", row.moment
        if row.event == "acknowledged":
            by, when = row.person, row.moment
        clearing = (clearing or row.event == "clearing") and row.event not in ("resumed", "escalated")
        assigned = row.text if row.event == "assigned" else assigned
        until = row.text if row.event == "shelved" else until
        parent = row.parent or parent
        repeated += row.event == "repeated"
        if not row.person and row.event != "grouped":
            value = row.value if row.value is not None else value
            if row.threshold is not None:
                threshold, name, version = row.threshold, row.threshold_name, row.rules
        level = row.level if row.level else level
        highest = max(highest, row.level)
    waited = (at - since).total_seconds() / 60
    due = sum(waited >= minutes for minutes in rules(at.date(), first.station).push_min) if state == "new" else 0
    shown = "clearing" if clearing and state not in (*OVER, "shelved") else state
    return Alarm(
        first.alarm, first.station, first.district_code, first.street_code, first.kind, first.rule, level, highest,
        value, threshold, name, first.datum, version, first.moment, told[-1].moment, shown, by, when, assigned, until,
        parent, 0, repeated, due, tuple(_event(row) for row in told),
        max((row.value for row in told if row.value is not None and not row.person), default=None),
    )  # fmt: skip


def _event(row: Any) -> Event:
    samples = tuple((moment, value) for moment, value in json.loads(row.samples or "[]"))
    return Event(
        row.moment, row.event, row.level, row.value, row.threshold, row.threshold_name, row.rules, samples, row.person,
        row.text,
    )  # fmt: skip


@remembered
def reviewed(since: datetime, at: datetime) -> tuple[int, int]:
    """Alarms that were raised after a moment, and how many of them people found false."""
    raised = (e.c.event == "raised", e.c.moment > bindparam("since", type_=Moment), e.c.moment <= AT)
    names = select(e.c.alarm).where(*raised)
    false = select(func.count(e.c.alarm.distinct())).where(
        e.c.event == "false_alarm", e.c.moment <= AT, e.c.alarm.in_(names)
    )
    values = {"since": since, "at": at}
    ((n,),) = rows(select(func.count()).select_from(e).where(*raised), values)
    ((wrong,),) = rows(false, values)
    return int(n), int(wrong)
