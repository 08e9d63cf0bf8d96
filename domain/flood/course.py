"""The course of one alarm (handbook 4.5): raised after a delay, escalated at once, lowered and cleared after a delay
below a deadband, said again while nobody acknowledges, shelved for a while, closed by people. Pure: moments come with
what is told (seconds since 1970)."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from domain.flood.ladder import Step
from domain.flood.levels import RED

Samples = Sequence[tuple[int, float]]  # moment, value


class Event(NamedTuple):
    """What was said. known: when, in seconds; n: the how manieth of its course. samples: what decided it."""

    known: int
    station: str
    rule: str
    n: int
    alarm: str
    event: str
    level: int
    value: float | None
    threshold: float | None
    name: str
    samples: Samples = ()
    person: str = ""
    text: str = ""


class Delays(NamedTuple):
    """Of a quantity, in seconds. on_s 0: raised by samples alone."""

    on_samples: int
    on_s: int
    off_s: int
    again_s: int
    red_again_s: int


class Told(NamedTuple):
    """A sample held against its steps. up: the step it is on; keep: the step that it still holds, by the deadband."""

    known: int
    moment: int
    value: float
    up: Step | None
    keep: Step | None
    samples: Samples


def stamp(seconds: int) -> str:
    """20260718T1430 05: a moment in a name."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%S")


@dataclass(slots=True)
class Course:
    """One alarm of a station and a quantity. level 0: none is open. mark: ends the names of its alarms, where another
    sensor of the station can tell the same of itself at the same moment."""

    station: str
    rule: str
    n: int = 0
    alarm: str = ""
    level: int = 0
    name: str = ""
    threshold: float | None = None
    value: float | None = None
    waiting: int = 0  # samples in a row that would raise it
    waiting_known: int = 0  # when the first of them was known
    waiting_level: int = 0
    waiting_name: str = ""
    waiting_threshold: float = 0.0
    waiting_samples: Samples = ()
    on_s: int = 0
    below_since: int = -1  # moment from which on it is below what it holds, -1: it is not
    below_level: int = 0  # the most that was held since
    below_name: str = ""
    below_threshold: float | None = None
    clearing: bool = False
    said: int = 0
    again_s: int = 0
    acknowledged: bool = False
    shelved: int = 0  # until
    closed: bool = False  # by people, while it still holds
    mark: str = ""

    def dump(self) -> list[Any]:
        return list(astuple(self))

    @property
    def quiet(self) -> bool:
        """Nothing is open, and nothing waits."""
        return not self.level and not self.waiting

    def step(self, told: Told, delays: Delays) -> list[Event]:
        """A sample."""
        if not self.level:
            return self._wait(told, delays)
        made: list[Event] = []
        if told.up is not None and told.up.level > self.level:
            return self._escalate(told, delays)
        held = told.keep.level if told.keep is not None else 0
        if held >= self.level:
            if self.clearing:
                self.said = told.known
            if self.clearing and not self.closed:
                made.append(self._say("resumed", told.known, told.value, told.samples))
            self.below_since, self.below_level, self.clearing, self.value = -1, 0, False, told.value
            return made
        self.value = told.value
        if self.below_since < 0:
            self.below_since, self.below_level = told.moment, 0
        if told.keep is not None and held > self.below_level:
            self._holds(told.keep)
        if told.moment - self.below_since >= delays.off_s:
            return made + self._lower(told, delays)
        clearing = not self.below_level
        if self.clearing and not clearing:
            self.said = told.known
        if clearing != self.clearing and not self.closed:
            made.append(self._say("clearing" if clearing else "resumed", told.known, told.value, told.samples))
        self.clearing = clearing
        return made

    def _wait(self, told: Told, delays: Delays) -> list[Event]:
        if told.up is None:
            self.waiting, self.waiting_samples = 0, ()
            return []
        if not self.waiting or told.up.level < self.waiting_level:
            lower = told.up
        else:
            lower = Step(self.waiting_level, self.waiting_name, self.waiting_threshold, 0)
        if not self.waiting:
            self.waiting_known = told.known
        self.waiting += 1
        self.waiting_level, self.waiting_name, self.waiting_threshold = lower.level, lower.name, lower.threshold
        self.on_s, self.value, self.waiting_samples = delays.on_s, told.value, told.samples
        self.again_s = delays.red_again_s if self.waiting_level >= RED else delays.again_s
        if self.waiting >= delays.on_samples:
            return self._raise(told.known, told.samples)
        return []

    def _raise(self, known: int, samples: Samples) -> list[Event]:
        self.alarm = "|".join([self.station, self.rule, stamp(known), *filter(None, [self.mark])])
        self.level, self.name, self.threshold = self.waiting_level, self.waiting_name, self.waiting_threshold
        self.waiting, self.said, self.below_since, self.below_level, self.waiting_samples = 0, known, -1, 0, ()
        self.acknowledged, self.shelved, self.closed, self.clearing = False, 0, False, False
        return [self._say("raised", known, self.value, samples)]

    def _escalate(self, told: Told, delays: Delays) -> list[Event]:
        assert told.up is not None
        made: list[Event] = []
        if self.closed:  # what people closed is over; this is more than they closed
            self.value, self.waiting = told.value, 1
            self.waiting_level, self.waiting_name, self.waiting_threshold = told.up[:3]
            self.again_s = delays.red_again_s if told.up.level >= RED else delays.again_s
            return self._raise(told.known, told.samples)
        self.level, self.name, self.threshold, self.value = told.up.level, told.up.name, told.up.threshold, told.value
        self.again_s = delays.red_again_s if self.level >= RED else delays.again_s
        if self.shelved:
            made.append(self._say("unshelved", told.known, told.value, ()))
        self.said, self.below_since, self.below_level = told.known, -1, 0
        self.acknowledged, self.shelved, self.clearing = False, 0, False
        return [*made, self._say("escalated", told.known, told.value, told.samples)]

    def _lower(self, told: Told, delays: Delays) -> list[Event]:
        if not self.below_level:
            return self.end(told.known, told.value, told.samples)
        self.level, self.name, self.threshold = self.below_level, self.below_name, self.below_threshold
        self.said = told.known
        self.below_since, self.below_level = -1, 0
        if told.keep is None or told.keep.level < self.level:  # on its way farther down
            self.below_since = told.moment
            if told.keep is not None:
                self._holds(told.keep)
        self.again_s = delays.red_again_s if self.level >= RED else delays.again_s
        self.clearing = False
        return [] if self.closed else [self._say("lowered", told.known, told.value, told.samples)]

    def _holds(self, step: Step) -> None:
        self.below_level, self.below_name, self.below_threshold = step.level, step.name, step.threshold

    def end(self, known: int, value: float | None, samples: Samples, text: str = "") -> list[Event]:
        """It is over."""
        self.level, self.value = 0, value
        made = [] if self.closed else [self._say("cleared", known, value, samples, text=text)]
        self.alarm, self.name, self.threshold = "", "", None
        self.below_since, self.below_level, self.clearing, self.closed, self.shelved = -1, 0, False, False, 0
        return made

    def due(self, until: int, inclusive: bool) -> list[Event]:
        """What time alone brings, up to a moment."""
        made: list[Event] = []
        while (deadline := self._deadline()) is not None and (deadline < until or (inclusive and deadline == until)):
            if self.waiting:
                made += self._raise(deadline, self.waiting_samples)
            elif self.shelved:
                self.shelved, self.said = 0, deadline
                made.append(self._say("unshelved", deadline, self.value, ()))
            else:
                self.said, self.again_s = deadline, 2 * self.again_s  # each time later, or nobody listens
                made.append(self._say("repeated", deadline, self.value, ()))
        return made

    def _deadline(self) -> int | None:
        if self.waiting:
            return self.waiting_known + self.on_s if self.on_s else None
        if not self.level or self.closed:
            return None
        if self.shelved:
            return self.shelved
        return None if self.acknowledged or self.clearing or not self.again_s else self.said + self.again_s

    def act(self, known: int, action: str, person: str, text: str = "", until: int = 0) -> list[Event]:
        """What a person did with the open alarm: acknowledged, shelved, unshelved, assigned, noted, closed,
        false_alarm."""
        if action == "acknowledged":
            self.acknowledged = True
        elif action == "shelved":
            self.shelved = max(until, known + 1)
        elif action == "unshelved":
            self.shelved, self.said = 0, known
        elif action in ("closed", "false_alarm"):
            self.closed, self.shelved = True, 0
        return [self._say(action, known, self.value, (), person=person, text=text)]

    def _say(
        self, event: str, known: int, value: float | None, samples: Samples, *, person: str = "", text: str = ""
    ) -> Event:
        self.n += 1
        level = 0 if event == "cleared" else self.level
        return Event(
            known, self.station, self.rule, self.n, self.alarm, event, level, value, self.threshold, self.name,
            tuple((moment, read) for moment, read in samples), person, text,
        )  # fmt: skip
