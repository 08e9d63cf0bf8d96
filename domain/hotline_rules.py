"""What a city decides for its hotline: weights, limits, thresholds, each with effective dates (handbook 1.2, 1.4, 1.5).

The values and where they come from are in hotline_rules.toml; a city's own file of the same form can take its place
(COCKPIT_RULES).
`rules(day)` is what held on that day, so that a frozen month is scored by the rules of its time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from domain import dated
from domain.dated import Book, RulesError

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The values of one day. _h hours, _s seconds, weights and shares fractions, _words lists of words; each is
    explained in the file.

    Raises RulesError when the values contradict each other.
    """

    weight_response: float
    weight_resolution: float
    weight_satisfaction: float
    partly_resolved: float
    basically_satisfied: float
    dispatch_life_h: float
    dispatch_utility_h: float
    dispatch_ordinary_h: float
    sign_h: float
    return_h: float
    review_h: float
    redo_h: float
    response_h: float
    urge_share: float
    minimum_n: int
    minimum_coverage: float
    short_abandon_s: float
    service_level_s: float
    target_answered: float
    target_callback: float
    burst_weeks: int
    burst_drop: int
    burst_floor: float
    burst_count: int
    burst_z: float
    burst_ratio: float
    watch_count: int
    watch_z: float
    clear_z: float
    clear_windows: int
    watch_words: tuple[str, ...]
    storm_words: tuple[str, ...]
    crowd_callers: int
    crowd_hours: float
    crowd_metres: float
    crowd_days: int
    crowd_likeness: float
    repeat_days: int
    repeat_n: int
    frequent_n: int
    problem_days: int
    problem_callers: int
    hard_redo: int
    hard_moves: int

    def __post_init__(self) -> None:
        total = sum(self.weights)
        if abs(total - 1) > 1e-9:
            raise RulesError(
                f"the weights of the composite score add up to {total:g}: make the three weight_* add up to 1"
            )
        if not self.clear_z <= self.watch_z <= self.burst_z or self.watch_count > self.burst_count:
            raise RulesError("bursts: keep clear_z <= watch_z <= burst_z and watch_count <= burst_count")
        if self.burst_drop >= self.burst_weeks:
            raise RulesError("bursts: burst_drop leaves no week of burst_weeks: make it smaller")

    @property
    def weights(self) -> tuple[float, float, float]:
        """Of response, resolution and satisfaction in the composite score."""
        return self.weight_response, self.weight_resolution, self.weight_satisfaction


def _made(values: Mapping[str, Any]) -> Rules:
    words: dict[str, Any] = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return Rules(**dict(values) | words)


def _book(data: Mapping[str, Any]) -> Book[Rules]:
    return dated.book(data, [each.name for each in fields(Rules)], _values, _made)


def _values(values: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    """The values, each a known one, of its type and within its bounds."""
    dated.only(values, [each.name for each in fields(Rules)], where)
    for each in fields(Rules):
        if each.name.endswith("_words"):
            words = values.get(each.name, [])
            if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
                raise RulesError(f"{where}: {each.name} = {words!r} must be a list of words in quotes")
            continue
        positive = each.name.endswith(
            ("_h", "_days", "_n", "_floor", "_count", "_windows", "_weeks", "_callers", "_hours", "_metres")
        )
        value = values.get(each.name, 1)
        share = each.name in _SHARES
        dated.number(each.name, value, where, whole=each.type is int, positive=positive, share=share)
    return values


_SHARES = {each.name for each in fields(Rules) if each.name.startswith(("weight_", "target_"))} | {
    "partly_resolved",
    "basically_satisfied",
    "urge_share",
    "minimum_coverage",
    "crowd_likeness",
}


SHELF = dated.ForAll(FILE, lambda file: dated.read(file, _book))
read, rules, since = SHELF.read, SHELF.rules, SHELF.since
