"""联动任务: what is to be done where the water comes, by whom and by when; written as alarms say so, and by people."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, insert, select

from data_access import bulk
from data_access.areas import Area
from data_access.engine import rows
from data_access.flood.tables import flood_reach, flood_station
from data_access.flood.tables import flood_task as t
from data_access.remember import remembered
from data_access.where import AT
from domain.flood.linkage import Linkage, Way
from domain.flood.linkage import Task as Linked
from domain.flood.rules import rules
from domain.flood.storms import Said

STEPS = ("accepted", "done")  # what people write
ENDED = ("done", "cancelled")
_NAMES = {
    "warning": ("警戒", "its warning level"), "guarantee": ("保证", "its guarantee level"),
    "record": ("历史最高", "its record"), "limit": ("汛限", "its flood limit"),
    "flood_high": ("防洪高", "its flood-high level"),
    "half_way": ("防洪高", "its flood-high level"), "design": ("设计", "its design level"),
    "check": ("校核", "its check level"),
}  # fmt: skip


class Task(NamedTuple):
    """A task as it stood. station: where the water comes; origin: the station whose alarm opened it. state: opened |
    moved | accepted | done | cancelled. person: who accepted it or did it."""

    task: str
    alarm: str
    origin: str
    station: str
    unit_zh: str
    unit_en: str
    state: str
    opened_at: datetime
    moment: datetime
    arrives_at: datetime | None
    due_at: datetime | None
    text_zh: str
    text_en: str
    person: str


def linkage(connection: Connection) -> Linkage:
    """The network with what is open."""
    ways = []
    seen: set[tuple[str, str]] = set()
    query = select(flood_reach).order_by(flood_reach.c.upstream, flood_reach.c.downstream, flood_reach.c.flow.desc())
    for one in connection.execute(query):  # of the classes of flow the largest: it is a flood
        if (one.upstream, one.downstream) in seen:
            continue
        seen.add((one.upstream, one.downstream))
        zh = [unit.strip() for unit in (one.notify_zh or "").split("、") if unit.strip()]
        en = [unit.strip() for unit in (one.notify_en or "").split(";") if unit.strip()]
        units = [(unit[:80], (en[n] if len(en) == len(zh) else unit)[:120]) for n, unit in enumerate(zh)]
        ways.append(Way(one.upstream, one.downstream, one.travel_h, units))
    found = Linkage(ways)
    last = select(t.c.task, func.max(t.c.seq).label("seq")).group_by(t.c.task).subquery()
    query = select(t).join(last, (t.c.task == last.c.task) & (t.c.seq == last.c.seq)).where(t.c.event.not_in(ENDED))
    for one in connection.execute(query):
        arrives, due = (int(moment.replace(tzinfo=UTC).timestamp()) for moment in (one.arrives_at, one.due_at))
        found.open[one.station, one.unit_zh] = Linked(
            one.task, 0, one.alarm, one.alarm.partition("|")[0], one.station, (one.unit_zh, one.unit_en), one.event,
            arrives, due, 0, "", None,
        )  # fmt: skip
    return found


def follow(connection: Connection, network: Linkage, said: Sequence[Said]) -> None:
    """Write what the events open, move and cancel."""
    made = [
        task
        for one in said
        if one.event.rule == "level"
        for task in network.take(one.event, rules(_moment(one.event.known).date()))
    ]
    if not made:
        return
    names = {one.code: (one.name, one.name_en or one.name) for one in connection.execute(select(flood_station))}
    seqs: dict[str, int] = {}
    known = [task.task for task in made if task.event != "opened"]
    if known:
        query = select(t.c.task, func.max(t.c.seq)).where(t.c.task.in_(known)).group_by(t.c.task)
        seqs = {name: int(seq) for name, seq in connection.execute(query)}
    lines = []
    for task in made:
        seqs[task.task] = seqs.get(task.task, 0) + 1
        zh, en = _said(task, names)
        lines.append(
            {
                "task": task.task, "seq": seqs[task.task], "moment": np.datetime64(_moment(task.known), "s"),
                "alarm": task.alarm, "station": task.station, "unit_zh": task.unit[0], "unit_en": task.unit[1],
                "event": task.event, "arrives_at": np.datetime64(_moment(task.arrives), "s"),
                "due_at": np.datetime64(_moment(task.due), "s"), "text_zh": zh, "text_en": en, "person": "",
            }
        )  # fmt: skip
    bulk.insert(connection, t, pd.DataFrame(lines))


def _said(task: Linked, names: dict[str, tuple[str, str]]) -> tuple[str, str]:
    if task.event == "cancelled":
        return "上游告警已解除", "The alarm upstream is over"
    there, from_ = names.get(task.station, (task.station,) * 2), names.get(task.origin, (task.origin,) * 2)
    over = _NAMES.get(task.name, ("阈值", "its threshold"))
    much = "" if task.margin is None else f" {task.margin:.2f} m"
    when = _moment(task.arrives).strftime("%H:%M")
    if task.station == task.origin:
        return f"{there[0]}超{over[0]}{much}", f"{there[1]} is{much} above {over[1]}"
    return (
        f"{from_[0]}超{over[0]}{much},约 {when} 到{there[0]}",
        f"{from_[1]} is{much} above {over[1]}; the water reaches {there[1]} at about {when}",
    )


def _moment(known: int) -> datetime:
    return datetime.fromtimestamp(known, UTC).replace(tzinfo=None)


@remembered
def _folded(at: datetime) -> tuple[Task, ...]:
    columns = (t.c[name] for name in ("task", "alarm", "station", "unit_zh", "unit_en", "event", "moment",
                                      "arrives_at", "due_at", "text_zh", "text_en", "person"))  # fmt: skip
    ended = select(t.c.task).where(t.c.moment <= AT, t.c.event.in_(ENDED))
    query = select(*columns).where(t.c.moment <= AT, t.c.task.not_in(ended)).order_by(t.c.task, t.c.seq)
    found: dict[str, Task] = {}
    for task, alarm, station, zh, en, event, moment, arrives, due, text_zh, text_en, person in rows(query, {"at": at}):
        before = found.get(task)
        found[task] = Task(
            task, alarm, alarm.partition("|")[0], station, zh, en, event, before.opened_at if before else moment,
            moment, arrives, due, text_zh, text_en, person or (before.person if before else ""),
        )  # fmt: skip
    return tuple(sorted(found.values(), key=lambda one: (one.due_at or one.moment, one.station, one.unit_zh)))


def tasks(at: datetime, area: Area | None = None) -> list[Task]:
    """The tasks that were open at a moment, in an area (None: all), the soonest due first."""
    if area is None or not area.level:
        return list(_folded(at))
    inside = _inside(area)
    return [one for one in _folded(at) if one.station in inside]


@remembered
def _inside(area: Area) -> set[str]:
    s = flood_station.c
    column = s.district_code if area.level == 1 else s.street_code
    code = area.code if area.level < 3 else (area.parent or "")
    return {one for (one,) in rows(select(s.code).where(column == code))}


def step(connection: Connection, task: str, what: str, person: str, now: datetime) -> bool:
    """A person accepted a task or did it; False when it is not open."""
    last = connection.execute(select(t).where(t.c.task == task).order_by(t.c.seq.desc()).limit(1)).first()
    if last is None or last.event in ENDED or what not in STEPS or last.event == what:
        return False
    values: dict[str, Any] = dict(last._mapping) | {
        "seq": last.seq + 1, "moment": now.replace(microsecond=0), "event": what, "person": person
    }  # fmt: skip
    connection.execute(insert(t).values(**values))
    return True
