"""From a reading and a station's thresholds to its state (handbook 4.3, 4.4).

A station without a threshold has no state, which is not "normal". Levels of different datums are not comparable, so a
threshold of another datum than the station's counts as none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple, Protocol

NORMAL, BLUE, YELLOW, ORANGE, RED, BEYOND = range(6)  # BEYOND: a reservoir above its check flood level
RESERVOIR_ORDER = ("dead", "limit", "normal", "flood_high", "design", "check", "crest")
_MAY_EQUAL = {("limit", "normal"), ("normal", "flood_high"), ("flood_high", "design"), ("design", "check")}


class LevelRules(Protocol):
    """What of the rules of a day this file reads."""

    @property
    def river_near_m(self) -> float: ...  # blue: so near below the warning level
    @property
    def reservoir_near_m(self) -> float: ...  # blue: so near below the limit, and rising
    @property
    def depth_cm(self) -> tuple[float, float, float, float]: ...  # water on a road: blue, yellow, orange, red


class Threshold(NamedTuple):
    """A named value of a station. element: level (m), flow (m³/s) or depth (cm). season: 'MMDD', both included, may
    cross New Year, '' all year. valid_to: exclusive, None until further notice."""

    name: str
    value: float
    element: str = "level"
    season_from: str = ""
    season_to: str = ""
    valid_from: date = date.min
    valid_to: date | None = None
    datum: str = ""
    consequence_zh: str = ""
    consequence_en: str = ""

    def covers(self, day: date) -> bool:
        """Whether it holds on the day."""
        if day < self.valid_from or (self.valid_to is not None and day >= self.valid_to):
            return False
        if not self.season_from:
            return True
        mmdd = f"{day:%m%d}"
        if self.season_from <= self.season_to:
            return self.season_from <= mmdd <= self.season_to
        return mmdd >= self.season_from or mmdd <= self.season_to


@dataclass(frozen=True)
class Limits:
    """The thresholds of a station that hold on one day, by element and name."""

    known: Mapping[tuple[str, str], Threshold]

    @classmethod
    def on(cls, rows: Iterable[Threshold], day: date, datum: str = "") -> "Limits":
        """Those that hold on the day: a seasonal one before one of all year, then the latest. datum: the station's;
        thresholds of another are left out. Between seasons a reservoir's limit is its normal level."""
        held: dict[tuple[str, str], Threshold] = {}
        seasonal = False
        for row in rows:
            seasonal |= row.name == "limit"
            if not row.covers(day) or (row.element == "level" and datum and row.datum and row.datum != datum):
                continue
            key = (row.element, row.name)
            other = held.get(key)
            if other is None or _rank(row) > _rank(other):
                held[key] = row
        if seasonal and ("level", "limit") not in held and (normal := held.get(("level", "normal"))):
            held["level", "limit"] = normal
        return cls(held)

    def get(self, name: str, element: str = "level") -> float | None:
        """The value of a threshold, None where there is none."""
        found = self.known.get((element, name))
        return None if found is None else found.value

    def of(self, element: str = "level") -> list[Threshold]:
        """All of an element, lowest first."""
        return sorted((row for key, row in self.known.items() if key[0] == element), key=lambda row: row.value)

    def __bool__(self) -> bool:
        return bool(self.known)


def _rank(row: Threshold) -> tuple[bool, date]:
    return bool(row.season_from), row.valid_from


class State(NamedTuple):
    """level: NORMAL .. BEYOND, None: no threshold to judge by. name: the threshold that is exceeded or, where none is,
    the one that comes next. margin: the reading minus that threshold, in its unit."""

    level: int | None
    name: str = ""
    margin: float | None = None


NONE = State(None)


def river_state(level: float | None, limits: Limits, rules: LevelRules, flow: float | None = None) -> State:
    """Blue: near below the warning level; yellow: at it; orange: at the guarantee level; red: at the record. The flow
    counts where it has thresholds, and the worse of the two is the state. A record below the guarantee level (or, where
    that is unknown, the warning level) says only that the series is short, and is passed over."""
    found = [
        _river(value, limits, element, near)
        for value, element, near in ((level, "level", rules.river_near_m), (flow, "flow", 0.0))
        if value is not None
    ]
    known = [state for state in found if state.level is not None]
    if not known:
        return next((state for state in found if state.name), NONE)
    return max(known, key=lambda state: state.level or 0)


def _river(value: float, limits: Limits, element: str, near: float) -> State:
    warning, guarantee, record = (limits.get(name, element) for name in ("warning", "guarantee", "record"))
    floor = guarantee if guarantee is not None else warning
    if record is not None and floor is not None and record >= floor and value >= record:
        return State(RED, "record", value - record)
    if guarantee is not None and value >= guarantee:
        return State(ORANGE, "guarantee", value - guarantee)
    if warning is None:  # below the guarantee level nobody says whether it is normal
        return NONE if guarantee is None else State(None, "guarantee", value - guarantee)
    if value >= warning:
        return State(YELLOW, "warning", value - warning)
    return State(BLUE if value >= warning - near and near else NORMAL, "warning", value - warning)


def reservoir_state(level: float | None, limits: Limits, rising: bool, rules: LevelRules) -> State:
    """Blue: near below the limit and rising; yellow: above it; orange: at the flood-high level (where unknown, half
    way from the limit to the design level); red: at the design level; BEYOND: at the check level."""
    if level is None:
        return NONE
    for state, name in ((BEYOND, "check"), (RED, "design")):
        value = limits.get(name)
        if value is not None and level >= value:
            return State(state, name, level - value)
    limit = limits.get("limit")
    high = flood_high(limits)
    if high is not None and level >= high:
        known = limits.get("flood_high") is not None
        return State(ORANGE, "flood_high" if known else "half_way", level - high)
    if limit is None:
        return NONE
    if level > limit:
        return State(YELLOW, "limit", level - limit)
    near = rising and level >= limit - rules.reservoir_near_m
    return State(BLUE if near else NORMAL, "limit", level - limit)


def flood_high(limits: Limits) -> float | None:
    """A reservoir's flood-high level; where it is unknown, half way from the limit to the design level."""
    known, limit, design = (limits.get(name) for name in ("flood_high", "limit", "design"))
    if known is not None or limit is None or design is None:
        return known
    return limit + (design - limit) / 2


def depth_state(cm: float | None, limits: Limits, rules: LevelRules) -> State:
    """Water on a road, by the point's own depths; for a colour that it has none of, by the rules."""
    if cm is None:
        return NONE
    names = ("blue", "yellow", "orange", "red")
    depths = [
        own if (own := limits.get(name, "depth")) is not None else usual
        for name, usual in zip(names, rules.depth_cm, strict=True)
    ]
    for state, name, depth in zip((RED, ORANGE, YELLOW, BLUE), names[::-1], depths[::-1], strict=True):
        if cm >= depth:
            return State(state, name, cm - depth)
    return State(NORMAL, "blue", cm - depths[0])


def faults(limits: Limits, order: Sequence[str] = RESERVOIR_ORDER) -> list[tuple[str, str]]:
    """Pairs of neighbouring thresholds that contradict dead < limit <= normal <= flood_high <= design <= check <
    crest."""
    known = [(name, value) for name in order if (value := limits.get(name)) is not None]
    return [
        (one, other)
        for (one, low), (other, high) in pairwise(known)
        if low > high or (low == high and (one, other) not in _MAY_EQUAL)
    ]


def percentile(value: float, others: Sequence[float]) -> float | None:
    """The share (0 to 1) of other years' readings of the same day that lie below; equal ones count half. None: there
    are no others."""
    if not others:
        return None
    return sum(1.0 if other < value else 0.5 if other == value else 0.0 for other in others) / len(others)


def hours_to(value: float, threshold: float, rate: float) -> float | None:
    """Hours until a reading that moves by `rate` an hour reaches the threshold; 0 when it is there, None when it does
    not come nearer."""
    if value >= threshold:
        return 0.0
    return (threshold - value) / rate if rate > 0 else None
