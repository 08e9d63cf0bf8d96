"""Who is told when water comes (联动任务, handbook 4.7): an alarm upstream opens a task for every unit downstream, due
before the water arrives. Pure; moments in seconds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.flood.course import Event
from domain.flood.levels import YELLOW
from domain.flood.rules import Rules

SOONER = 15 * 60  # water that comes so much earlier moves a task


class Way(NamedTuple):
    """From one station to the next. units: those who are to be told there, in both languages."""

    upstream: str
    downstream: str
    hours: float
    units: Sequence[tuple[str, str]]


class Task(NamedTuple):
    """event: opened | moved | cancelled. origin: the station with the alarm; station: where the water comes."""

    task: str
    known: int
    alarm: str
    origin: str
    station: str
    unit: tuple[str, str]
    event: str
    arrives: int
    due: int
    level: int
    name: str
    margin: float | None


@dataclass
class Linkage:
    """The network, and what is open: (station, unit) -> its task. One open task tells a unit of one place."""

    ways: Iterable[Way]
    open: dict[tuple[str, str], Task] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._from: dict[str, list[Way]] = {}
        self._units: dict[str, dict[str, tuple[str, str]]] = {}
        for way in self.ways:
            self._from.setdefault(way.upstream, []).append(way)
            self._units.setdefault(way.downstream, {}).update({unit[0]: unit for unit in way.units})

    def reached(self, origin: str, most: float) -> Mapping[str, float]:
        """Stations that water of this one reaches, itself first, and after how many hours."""
        hours, front = {origin: 0.0}, [origin]
        while front:
            here = front.pop()
            for way in self._from.get(here, ()):
                later = hours[here] + way.hours
                if later <= most and later < hours.get(way.downstream, float("inf")):
                    hours[way.downstream] = later
                    front.append(way.downstream)
        return hours

    def take(self, event: Event, rules: Rules) -> list[Task]:
        """What an event of an alarm opens, moves or cancels."""
        if event.rule != "level":
            return []
        if event.event in ("cleared", "closed", "false_alarm"):
            ended = [(key, task) for key, task in self.open.items() if task.alarm == event.alarm]
            for key, _ in ended:
                del self.open[key]
            return [task._replace(event="cancelled", known=event.known) for _, task in ended]
        if event.event not in ("raised", "escalated") or event.level < YELLOW:
            return []
        margin = None if event.value is None or event.threshold is None else event.value - event.threshold
        made = []
        for station, hours in self.reached(event.station, rules.task_reach_h).items():
            arrives = event.known + int(hours * 3600)
            due = max(arrives - int(rules.task_lead_h * 3600), event.known)
            for unit in self._units.get(station, {}).values():
                before = self.open.get((station, unit[0]))
                if before is not None and arrives >= before.arrives - SOONER:
                    continue
                name = before.task if before else f"{event.alarm}|{station}|{len(made)}"
                task = Task(
                    name, event.known, event.alarm, event.station, station, unit, "moved" if before else "opened",
                    arrives, due, event.level, event.name, margin,
                )  # fmt: skip
                self.open[station, unit[0]] = task
                made.append(task)
        return made
