"""Many alarms of one kind in one catchment within minutes are one storm: a parent alarm with children (handbook 4.5).
Pure; takes the events of all courses in their order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from domain.flood.course import Event, stamp
from domain.flood.rules import Rules


class Said(NamedTuple):
    """An event with its place in its alarm. parent: the storm that it belongs to."""

    event: Event
    seq: int
    parent: str
    group: str


@dataclass
class Storms:
    """Follows events; see `take`."""

    recent: dict[str, list[tuple[int, str, int]]] = field(default_factory=dict)  # key -> (known, alarm, level)
    growing: dict[str, tuple[str, int]] = field(default_factory=dict)  # key -> parent, when the last child joined
    parents: dict[str, dict[str, int]] = field(default_factory=dict)  # open parent -> open children and their level
    levels: dict[str, int] = field(default_factory=dict)  # of open parents
    of: dict[str, str] = field(default_factory=dict)  # open child -> parent
    seqs: dict[str, int] = field(default_factory=dict)  # of open alarms

    def take(self, event: Event, group: str, rules: Callable[[int], Rules]) -> list[Said]:
        """An event, and what follows from it. group: catchment of its station."""
        alarm, made = event.alarm, []
        if event.event == "raised":
            made.append(self._said(event, group))
            made += self._storm(event, group, rules(event.known)) if group else []
        else:
            made.append(self._said(event, group))
        parent = self.of.get(alarm)
        if event.event == "escalated" and parent in self.parents:
            self.parents[parent][alarm] = event.level
            made += self._raises(parent, event, group)
        if event.event in ("cleared", "closed", "false_alarm"):
            if parent in self.parents:
                self.parents[parent].pop(alarm, None)
                if not self.parents[parent]:
                    made.append(self._parent_says(parent, "cleared", event, group, 0))
                    del self.parents[parent], self.levels[parent], self.seqs[parent]
                    self.growing = {k: g for k, g in self.growing.items() if g[0] != parent}
            self.of.pop(alarm, None)
            self.seqs.pop(alarm, None)
        return made

    def _said(self, event: Event, group: str) -> Said:
        self.seqs[event.alarm] = seq = self.seqs.get(event.alarm, 0) + 1
        return Said(event, seq, self.of.get(event.alarm, ""), group)

    def _storm(self, event: Event, group: str, rules: Rules) -> list[Said]:
        key, within = f"{group}|{event.rule}", int(rules.storm_min * 60)
        parent, last = self.growing.get(key, ("", 0))
        if parent in self.parents and event.known - last <= within:
            self.growing[key] = parent, event.known
            return [self._join(parent, event.alarm, event.level, event, group), *self._raises(parent, event, group)]
        recent = [one for one in self.recent.get(key, ()) if event.known - one[0] <= within and one[1] in self.seqs]
        recent.append((event.known, event.alarm, event.level))
        self.recent[key] = recent
        if len(recent) <= rules.storm_count:
            return []
        del self.recent[key]
        parent = f"{group}|storm-{event.rule}|{stamp(event.known)}"
        self.parents[parent], self.growing[key] = {}, (parent, event.known)
        self.levels[parent] = max(level for _, _, level in recent)
        made = [self._parent_says(parent, "raised", event, group, self.levels[parent])]
        return made + [self._join(parent, alarm, level, event, group) for _, alarm, level in recent]

    def _join(self, parent: str, alarm: str, level: int, event: Event, group: str) -> Said:
        self.of[alarm] = parent
        self.parents[parent][alarm] = level
        station, rule = alarm.split("|")[:2]
        joined = Event(event.known, station, rule, 0, alarm, "grouped", level, None, None, "")
        return self._said(joined, group)

    def _raises(self, parent: str, event: Event, group: str) -> list[Said]:
        if event.level <= self.levels[parent]:
            return []
        self.levels[parent] = event.level
        return [self._parent_says(parent, "escalated", event, group, event.level)]

    def _parent_says(self, parent: str, what: str, event: Event, group: str, level: int) -> Said:
        n = float(len(self.parents[parent]) or 1)
        rule = f"storm-{event.rule}"
        return self._said(Event(event.known, group[:20], rule, 0, parent, what, level, n, None, "", ()), group)

    def dump(self) -> dict[str, Any]:
        """As JSON has it."""
        return dict(vars(self))

    @classmethod
    def loaded(cls, kept: dict[str, Any]) -> "Storms":
        """What was dumped."""
        recent = {key: [(one[0], one[1], one[2]) for one in some] for key, some in kept["recent"].items()}
        growing = {key: (one[0], one[1]) for key, one in kept["growing"].items()}
        return cls(recent, growing, kept["parents"], kept["levels"], kept["of"], kept["seqs"])
