"""One sensor as the alarm engine follows it: which of its readings are believed, and what they say of its alarms."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from domain.flood.course import Course, Delays, Event, Told
from domain.flood.ladder import Ahead, Ladder, Step, ahead, ladder, rain_steps, rise_steps, step_at
from domain.flood.levels import Limits, Threshold
from domain.flood.rules import Book, Rules
from domain.flood.slopes import Fit, fitted

EPOCH = date(1970, 1, 1).toordinal()
GOOD, UNCONFIRMED = 0, 3
SAMPLES = 3


class Gauge(NamedTuple):
    """What the engine knows of a sensor. group: the catchment (or district) whose storms it belongs to."""

    code: str
    kind: str
    element: str  # level | depth | rain | flow
    interval_s: int = 300
    resolution: float = 0.0
    datum: str = ""
    group: str = ""
    thresholds: tuple[Threshold, ...] = ()


class Readings(NamedTuple):
    """Readings of one sensor in the order of being known, then of their moments: seconds, seconds, values, quality."""

    known: np.ndarray
    moment: np.ndarray
    value: np.ndarray
    quality: np.ndarray

    def part(self, first: int, end: int) -> "Readings":
        """Those from first up to end."""
        return Readings(*(column[first:end] for column in self))


class Held(NamedTuple):
    """What readings of one day are held against."""

    rules: Rules
    steps: Ladder
    ahead: tuple[Ahead, ...]
    rise: Ladder


@dataclass(slots=True)
class Track:
    """A sensor. Of rain `moments` and `values` are those above 0 of the longest window; else the believed ones."""

    gauge: Gauge
    book: Book
    mark: str = ""  # tells its silence from that of another sensor of the station
    moments: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    newest: int = -1 << 60  # moment of the newest reading of any quality
    heard: int = -1  # when anything was known last; -1 never
    back: int = 0  # good readings since it was missed
    regime: int = -1 << 60  # readings before this moment say nothing about jumps
    held: tuple[int, float] | None = None  # a jump that waits for its confirmation
    seen: tuple[int, float] | None = None  # of a camera: the set of frames before
    courses: dict[str, Course] = field(default_factory=dict)
    days: dict[int, Held] = field(default_factory=dict)

    # ---- what holds on a day -----------------------------------------------------------------------------------------
    def on(self, moment: int) -> Held:
        """What holds on the day of a moment."""
        day = moment // 86400
        found = self.days.get(day)
        if found is None:
            when = date.fromordinal(EPOCH + day)
            rules, g = self.book.on(when, self.gauge.code), self.gauge
            key = -1 if self._constant(when) else day
            found = self.days.get(key)
            if found is None:
                steps: Ladder = ()
                if g.element != "rain":
                    steps = ladder(g.kind, g.element, Limits.on(g.thresholds, when, g.datum), rules)
                found = self.days[key] = Held(
                    rules, steps, ahead(g.kind, steps, rules) if g.element != "flow" else (),
                    rise_steps(g.kind, g.element, rules) if g.element != "rain" else (),
                )  # fmt: skip
            self.days[day] = found
        return found

    def _constant(self, day: date) -> bool:
        fixed = all(not t.season_from and t.valid_to is None and t.valid_from <= day for t in self.gauge.thresholds)
        return fixed and self.book.constant(self.gauge.code)

    def silent_s(self, rules: Rules) -> int:
        """Silent for so long it is missed."""
        return int(max(rules.silent_min * 60, rules.missing_intervals * self.gauge.interval_s))

    def course(self, rule: str) -> Course:
        """Its course of a quantity, begun on first use."""
        found = self.courses.get(rule)
        if found is None:
            found = self.courses[rule] = Course(self.gauge.code, rule)
        return found

    @property
    def quiet(self) -> bool:
        """Nothing is open or waits, so that a reading within its limits changes nothing."""
        return self.held is None and self.seen is None and not self.back and all(c.quiet for c in self.courses.values())

    def open(self) -> list[Course]:
        return [course for course in self.courses.values() if course.level]

    # ---- time --------------------------------------------------------------------------------------------------------
    def due(self, until: int, inclusive: bool) -> list[Event]:
        """What time alone brings."""
        made: list[Event] = []
        if self.heard >= 0 and self.gauge.element != "flow":
            rules = self.on(self.heard).rules
            deadline = self.heard + self.silent_s(rules)
            course = self.courses.get("silent")
            if (course is None or not course.level) and (deadline < until or (inclusive and deadline == until)):
                step, last = Step(1, "silent", self.silent_s(rules) / 60, 0), self._samples()
                told = Told(deadline, deadline, self.silent_s(rules) / 60, step, step, last)
                again = int(rules.silent_again_min * 60)
                silent = self.course("silent")
                silent.mark = self.mark
                made += silent.step(told, Delays(1, 0, 0, again, again))
                self.back = 0
        for course in self.courses.values():
            if course.level or course.waiting:
                made += course.due(until, inclusive)
        return made

    def _samples(self, most: int = SAMPLES) -> tuple[tuple[int, float], ...]:
        return tuple(zip(self.moments[-most:], self.values[-most:], strict=True))

    # ---- readings ----------------------------------------------------------------------------------------------------
    def read(self, known: int, moment: int, value: float, quality: int) -> list[Event]:
        """A reading, in the order of being known. One that is older than the newest is late: it says that the sensor
        lives, and never changes what was said."""
        made = self.due(known, False)
        late = moment <= self.newest
        self.heard = max(self.heard, known)
        self.newest = max(self.newest, moment)
        made += self._returns(known, quality)
        if late or not self._believed(moment, value, quality):
            return made
        jumped = self._jumps(moment, value)
        if jumped:
            return made
        if self.held is not None and self.regime == self.held[0]:  # confirmed: the jump counts, and this one
            first, self.held = self.held, None
            made += self._accept(known, *first)
        self.held = None
        return made + self._accept(known, moment, value)

    def _returns(self, known: int, quality: int) -> list[Event]:
        course = self.courses.get("silent")
        if course is None or not course.level:
            return []
        self.back += quality == GOOD
        if self.back < self.on(known).rules.silent_back:
            return []
        self.back = 0
        return course.end(known, None, ())

    def _believed(self, moment: int, value: float, quality: int) -> bool:
        rules = self.on(moment).rules
        if quality == UNCONFIRMED:
            before, self.seen = self.seen, (moment, value)
            return (
                before is not None
                and moment - before[0] <= rules.video_min * 60
                and abs(value - before[1]) <= rules.video_agree_m
            )
        if quality != GOOD:
            return False
        self.seen = None
        low, high = self.range(rules)
        return low <= value <= high

    def range(self, rules: Rules) -> tuple[float, float]:
        element = self.gauge.element
        return rules.range_m if element == "level" else rules.range_cm if element == "depth" else (-1e9, 1e9)

    def spike(self, rules: Rules) -> float:
        """How far a reading may jump before it is doubted; rain and flow do jump."""
        return {"level": rules.spike_m, "depth": rules.spike_cm}.get(self.gauge.element, 1e9)

    def _jumps(self, moment: int, value: float) -> bool:
        """Whether a reading is off what was read before and is held; the next one near it confirms it."""
        rules = self.on(moment).rules
        most, since = self.spike(rules), max(self.regime, moment - int(rules.spike_min * 60))
        if most > 1e8:
            return False
        n = len(self.moments)
        first = n
        while first > max(0, n - rules.spike_points) and self.moments[first - 1] >= since:
            first -= 1
        some = self.values[first:]
        if len(some) < 3:
            return False
        middle = median(some)
        off = abs(value - middle)
        if off <= most or off <= rules.spike_mad * 1.4826 * median(abs(v - middle) for v in some):
            return False
        if self.held is not None and abs(value - self.held[1]) <= most:
            self.regime = self.held[0]
            return False
        self.held = (moment, value)
        return True

    def _accept(self, known: int, moment: int, value: float) -> list[Event]:
        held = self.on(moment)
        if self.gauge.element == "rain":
            return self._rain(known, moment, value, held.rules)
        self.moments.append(moment)
        self.values.append(value)
        self._forget(moment - self.reach(held.rules))
        if not held.steps and not held.rise:
            return []
        return self._evaluate(known, moment, value, held)

    def reach(self, rules: Rules) -> int:
        """For how long a reading matters, in seconds."""
        if self.gauge.element == "rain":
            return int(max(rules.rain_hours) * 3600)
        return int(max(rules.spike_min, rules.rise_min, rules.depth_rise_min) * 60)

    def _forget(self, before: int) -> None:
        if first := bisect_right(self.moments, before):
            del self.moments[:first], self.values[:first]

    # ---- alarms ------------------------------------------------------------------------------------------------------
    def window(self, rules: Rules) -> int:
        """The window of a rate of rise, in seconds."""
        return int((rules.depth_rise_min if self.gauge.element == "depth" else rules.rise_min) * 60)

    def fit(self, rules: Rules) -> Fit | None:
        """The rate of rise now."""
        return fitted(self.moments, self.values, self.window(rules), rules.rise_points, rules.rise_span)

    def _evaluate(self, known: int, moment: int, value: float, held: Held) -> list[Event]:
        rules, depth, made = held.rules, self.gauge.element == "depth", []
        fit = self.fit(rules) if held.rise or held.ahead else None
        if fit is not None and fit.change < rules.rise_steps * self.gauge.resolution:
            fit = None
        delays = self._delays(rules)
        rule, samples = self.gauge.element, self._samples()
        if held.steps:
            band = rules.depth_deadband_cm if depth else rules.level_deadband_m
            if self.gauge.element == "flow":
                band = held.steps[-1].threshold * 0.05
            up = step_at(held.steps, value, self._rising(moment))
            keep = step_at(held.steps, value + band)
            made += self._told(rule, Told(known, moment, value, up, keep, samples), delays)
        own = self.courses.get(rule)
        standing = own.level if own is not None and not own.closed else 0
        off = delays._replace(on_samples=rules.rise_confirm, on_s=0)
        if held.rise:
            rate = fit.rate if fit is not None else 0.0
            up, keep = step_at(held.rise, rate), step_at(held.rise, rate / (1 - rules.rise_deadband))
            if up is not None and up.level <= standing and "rise" not in self._opened():
                up = None  # suppressed: the water itself has said as much
            window = self._samples(1 + self.window(rules) // max(self.gauge.interval_s, 60))
            made += self._told("rise", Told(known, moment, rate, up, keep, window), off)
        if held.ahead:
            made += self._predict(Told(known, moment, value, None, None, samples), held, fit, standing, off)
        return made

    def _opened(self) -> set[str]:
        return {rule for rule, course in self.courses.items() if course.level}

    def _told(self, rule: str, told: Told, delays: Delays) -> list[Event]:
        if rule not in self.courses and told.up is None:
            return []
        return self.course(rule).step(told, delays)

    def _predict(self, told: Told, held: Held, fit: Fit | None, standing: int, delays: Delays) -> list[Event]:
        """The next thresholds, at this rate."""
        made: list[Event] = []
        course = self.courses.get("predicted")
        if course is not None and course.level and course.threshold is not None and told.value >= course.threshold:
            made += course.end(told.known, told.value, told.samples, text="crossed")
        rate = fit.rate if fit is not None else 0.0
        up, keep = (self._ahead(held.ahead, told.value, rate, more) for more in (1.0, 1.25))
        if up is not None and up.level < standing and (course is None or not course.level):
            up = None
        return made + self._told("predicted", told._replace(up=up, keep=keep), delays)

    @staticmethod
    def _ahead(some: Sequence[Ahead], value: float, rate: float, more: float) -> Step | None:
        for one in some:
            if rate > 0 and value < one.threshold <= value + one.hours * more * rate:
                return Step(one.level, one.name, one.threshold, 0)
        return None

    def _rising(self, moment: int) -> bool:
        """Whether it stands higher than an hour ago."""
        return self.values[-1] > self.values[bisect_left(self.moments, moment - 3600)]

    def _delays(self, rules: Rules) -> Delays:
        if self.gauge.element == "depth":
            samples, minutes = rules.depth_on_samples, (rules.depth_on_min, rules.depth_off_min, rules.depth_again_min)
        else:
            samples, minutes = rules.level_on_samples, (rules.level_on_min, rules.level_off_min, rules.level_again_min)
        on, off, again = (int(some * 60) for some in minutes)
        return Delays(samples, on, off, again, min(again, int(rules.red_again_min * 60)))

    def _rain(self, known: int, moment: int, value: float, rules: Rules) -> list[Event]:
        if value > 0:
            self.moments.append(moment)
            self.values.append(value)
        if self.moments:
            if self.moments[-1] <= moment - self.reach(rules):
                self.moments, self.values = [], []
            else:
                self._forget(moment - self.reach(rules))
        sums = [sum(self.values[bisect_right(self.moments, moment - hours * 3600) :]) for hours in rules.rain_hours]
        up, keep = rain_steps(sums, rules), rain_steps(sums, rules, 1 - rules.rain_deadband)
        course = self.courses.get("rain")
        window = float(course.name[4:]) if course is not None and course.level else 0.0
        again = int(rules.rain_again_min * 60)
        delays = Delays(
            1, 0, int(window * 3600 * rules.rain_off_share), again, min(again, int(rules.red_again_min * 60))
        )
        said = up[1] if up else keep[1] if keep else sums[0]
        told = Told(known, moment, round(said, 3), up and up[0], keep and keep[0], self._samples())
        return self._told("rain", told, delays)

    # ---- keeping -----------------------------------------------------------------------------------------------------
    def dump(self) -> list[Any]:
        """As JSON has it."""
        return [
            self.moments, self.values, self.newest, self.heard, self.back, self.regime, self.held, self.seen,
            [course.dump() for course in self.courses.values()],
        ]  # fmt: skip

    def load(self, kept: list[Any]) -> None:
        """Go on from what was dumped."""
        self.moments, self.values, self.newest, self.heard, self.back, self.regime, held, seen, courses = kept
        self.moments, self.values = list(self.moments), list(self.values)
        self.held, self.seen = held and (held[0], held[1]), seen and (seen[0], seen[1])
        made = [Course(*one) for one in courses]
        self.courses = {course.rule: course for course in made}
