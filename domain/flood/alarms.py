"""The alarm engine (handbook 4.5): pure, and replayable. It is fed readings in the order of being known; the same input
makes the same alarms, however it is cut into parts, and a state that was dumped as JSON goes on as if nothing had been.

    engine.feed(...)             readings of sensors that became known after the last `advance`, up to a moment
    engine.advance(moment)       what has been said up to that moment, in order
    engine.act(moment, ...)      what a person did at the moment that was advanced to

A reading that is older than the sensor's newest is late: it says that the sensor lives, and is counted again elsewhere,
but what was said stays said. A replay therefore goes by the order of being known.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from domain.flood import screen
from domain.flood.course import Event
from domain.flood.rules import Book, Rules
from domain.flood.storms import Said, Storms
from domain.flood.track import EPOCH, Gauge, Readings, Track

ACTIONS = ("acknowledged", "shelved", "unshelved", "assigned", "noted", "closed", "false_alarm")
FORM = 2  # of the dumped state
RAIN = "rain"  # a station's code may be that of a rain gauge too: what one of them tells of itself is not the other's

Key = tuple[str, str]  # station, element


class Engine:
    """Every sensor's track, and the storms that they make together."""

    def __init__(self, gauges: Iterable[Gauge], book: Book, *, fast: bool = True) -> None:
        self.book, self.fast = book, fast
        self.tracks: dict[Key, Track] = {}
        self.upto = -1  # everything up to here is said
        self.storms = Storms()
        self._waiting: list[Event] = []
        self.renew(gauges)

    def renew(self, gauges: Iterable[Gauge]) -> None:
        """Take the network as it is now: thresholds may have changed, sensors come and gone. What is open stays
        open."""
        before = self.tracks
        self.tracks = {}
        network = list(gauges)
        sensors = Counter(gauge.code for gauge in network if gauge.element != "flow")
        for gauge in network:
            key = gauge.code, gauge.element
            track = before.get(key)
            if track is None:
                track = Track(gauge, self.book)
            elif track.gauge != gauge:
                track.gauge, track.days = gauge, {}
            track.mark = RAIN if gauge.element == RAIN and sensors[gauge.code] > 1 else ""
            self.tracks[key] = track

    # ---- readings ----------------------------------------------------------------------------------------------------
    def feed(self, station: str, element: str, readings: Readings) -> None:
        """Readings of one sensor; those of a sensor that nobody watches are passed over."""
        track = self.tracks.get((station, element))
        if track is not None and len(readings.known):
            way = screen.feed if self.fast else screen.slowly
            self._waiting += way(track, readings)

    def advance(self, until: int) -> list[Said]:
        """Let time go on; what has been said since the last time. Everything known up to then has to be fed before."""
        for track in self.tracks.values():
            self._waiting += track.due(until, True)
        self.upto = max(self.upto, until)
        events, self._waiting = self._waiting, []
        return self._say(events)

    def _say(self, events: list[Event]) -> list[Said]:
        events.sort(key=lambda e: (e.known, e.station, e.rule, e.n, e.alarm))
        made: list[Said] = []
        for event in events:
            made += self.storms.take(event, self._group(event.station), self._rules)
        return made

    def _group(self, station: str) -> str:
        for element in ("level", "depth", "rain", "flow"):
            track = self.tracks.get((station, element))
            if track is not None:
                return track.gauge.group
        return ""

    def _rules(self, known: int) -> Rules:
        return self.book.on(date.fromordinal(EPOCH + known // 86400))

    # ---- people ------------------------------------------------------------------------------------------------------
    def act(self, known: int, alarm: str, action: str, person: str, *, text: str = "", until: int = 0) -> list[Said]:
        """What a person did with an open alarm, at the moment that was advanced to; a storm's alarms are done with
        together. [] when it is not open."""
        children = list(self.storms.parents.get(alarm, ()))
        if children:
            made = (
                [] if action in ("closed", "false_alarm") else self._say_of_parent(known, alarm, action, person, text)
            )
            for child in children if action not in ("noted", "assigned") else ():
                made += self.act(known, child, action, person, text=text, until=until)
            return made
        station, rule = [*alarm.split("|"), ""][:2]
        for (code, _), track in self.tracks.items():
            course = track.courses.get(rule) if code == station else None
            if course is not None and course.level and course.alarm == alarm and not course.closed:
                return self._say(course.act(known, action, person, text, until))
        return []

    def _say_of_parent(self, known: int, alarm: str, action: str, person: str, text: str) -> list[Said]:
        group, rule = alarm.split("|")[:2]
        level = self.storms.levels[alarm]
        event = Event(known, group[:20], rule, 0, alarm, action, level, None, None, "", (), person, text)
        return self.storms.take(event, group, self._rules)

    # ---- keeping -----------------------------------------------------------------------------------------------------
    def dump(self) -> str:
        """The state as JSON."""
        tracks = [[*key, track.dump()] for key, track in self.tracks.items() if track.newest >= 0]
        waiting = [list(event) for event in self._waiting]
        state = {"form": FORM, "upto": self.upto, "tracks": tracks, "storms": self.storms.dump(), "waiting": waiting}
        return json.dumps(state, separators=(",", ":"))

    def load(self, text: str) -> None:
        """Go on from a dumped state. Raises ValueError when it is of another form."""
        state: Mapping[str, Any] = json.loads(text)
        if state.get("form") != FORM:
            raise ValueError("the engine's state was written by another version")
        self.upto = state["upto"]
        for station, element, kept in state["tracks"]:
            if (station, element) in self.tracks:
                self.tracks[station, element].load(kept)
        self.storms = Storms.loaded(state["storms"])
        self._waiting = [
            Event._make(one)._replace(samples=tuple((m, v) for m, v in one[10])) for one in state["waiting"]
        ]
