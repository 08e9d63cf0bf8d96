"""What the duty officers did with the alarms: acknowledged, gave to somebody, closed; one never; one was false.

The alarm engine is run over the readings from deed to deed, so what it says next follows from what people did.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from data_access.flood import tasks, watch
from data_access.flood.tables import flood_alarm_event as e
from data_access.flood.tables import flood_task
from sample_data.flood import sites
from sample_data.flood.sensors import FALSE, FALSE_BEFORE, FALSE_FOR
from sample_data.plan import Plan

OFFICERS = ("值班员 周敏", "值班员 陈立", "带班领导 孙卫国")
NEVER = "凤凰"  # an alarm of this station in the great flood nobody ever acknowledged
MOST = 7  # alarms dealt with at a time
_GREAT = (5, 13, 21, 27, 36)  # hours after the storm's start at which somebody looks
_OTHER = (7,)
_NOW = (timedelta(hours=2), timedelta(minutes=25))  # before `until`
_TEXTS = ("已通知属地街道和水利站，安排巡查。", "已核实，加密监测。", "泵车已到场，交警实施临时管制。")


@dataclass
class _Open:
    """An alarm of the last two days, as far as it matters here."""

    alarm: str
    station: str
    level: int = 0
    raised: datetime | None = None
    done: str = ""  # the last of acknowledged, assigned, closed, cleared


def run(connection: Connection, plan: Plan, first: datetime) -> None:
    """Run the alarm engine over the readings up to the plan's `until`, with people's deeds on the way. first: when the
    readings begin."""
    for n, (moment, kind) in enumerate(sorted(_moments(plan))):
        if moment <= first:
            continue
        watch.advance(connection, moment)
        if kind == "false":
            _say_false(connection, moment)
        else:
            _look(connection, moment, n)
    watch.advance(connection, plan.until)


def _moments(plan: Plan) -> Iterator[tuple[datetime, str]]:
    for storm in plan.storms:
        if storm.kind == "now":
            yield from ((plan.until - back, "now") for back in _NOW)
        else:
            hours = _GREAT if storm.kind == "great" else _OTHER
            yield from ((storm.start + timedelta(hours=hour, minutes=7), storm.kind) for hour in hours)
    yield plan.until - FALSE_BEFORE + FALSE_FOR - timedelta(minutes=5), "false"


def _recent(connection: Connection, moment: datetime) -> list[_Open]:
    """The alarms that are open, worst and oldest first."""
    columns = (e.c.alarm, e.c.station, e.c.event, e.c.level, e.c.moment, e.c.parent)
    said = connection.execute(
        select(*columns)
        .where(e.c.moment > moment - timedelta(days=2), e.c.moment <= moment)
        .order_by(e.c.alarm, e.c.seq)
    ).fetchall()
    found: dict[str, _Open] = {}
    for row in said:
        one = found.setdefault(row.alarm, _Open(row.alarm, row.station))
        one.level = max(row.level, one.level)
        one.raised = one.raised or row.moment
        if row.event in ("acknowledged", "assigned", "closed", "cleared", "false_alarm"):
            one.done = row.event
    alive = [one for one in found.values() if one.done not in ("closed", "cleared", "false_alarm")]
    return sorted(alive, key=lambda one: (-one.level, one.raised or moment, one.alarm))


def _look(connection: Connection, moment: datetime, turn: int) -> None:
    """Somebody looks at the list: acknowledges the worst, gives the first of them to the unit there, closes old ones;
    and units say that they took a task, or did it."""
    alive, officer = _recent(connection, moment), OFFICERS[turn % 2]
    fresh = [one for one in alive if not one.done and one.level >= 2 and one.station != sites.node_codes()[NEVER]]
    deeds = [
        (one.alarm, watch.Deed("acknowledged", officer, _TEXTS[(turn + n) % len(_TEXTS)]))
        for n, one in enumerate(fresh[:MOST])
    ]
    if fresh:
        deeds.append((fresh[0].alarm, watch.Deed("assigned", OFFICERS[2], "属地水利站")))
    dealt = [one for one in alive if one.done in ("acknowledged", "assigned")]
    old = [one for one in dealt if one.raised and moment - one.raised > timedelta(hours=8)]
    deeds += [(one.alarm, watch.Deed("closed", officer, "险情解除，现场复核后关闭。")) for one in old[:2]]
    watch.act_all(connection, deeds, moment)
    for what, person, names in (("accepted", "属地水利站", 3), ("done", "属地街道", 1)):
        for task in _tasks(connection, moment)[:names]:
            tasks.step(connection, task, what, person, moment + timedelta(minutes=1))


def _tasks(connection: Connection, moment: datetime) -> list[str]:
    """The tasks opened in the last six hours."""
    t = flood_task.c
    asked = select(t.task).where(t.event == "opened", t.moment > moment - timedelta(hours=6), t.moment <= moment)
    return [row.task for row in connection.execute(asked.order_by(t.due_at, t.task))]


def _say_false(connection: Connection, moment: datetime) -> None:
    text = "现场核实无涨水，水位计受漂浮物干扰，已清理。"
    mine = [one.alarm for one in _recent(connection, moment) if one.station == sites.node_codes()[FALSE]]
    watch.act_all(connection, [(alarm, watch.Deed("false_alarm", OFFICERS[0], text)) for alarm in mine], moment)
