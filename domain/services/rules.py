"""What a city decides for its government services: lines of load, waits, limits, what counts as good, each with
effective dates (handbook 3.3, 3.4).

The values and where they come from are in rules.toml; a city's own file of the same form can take its place
(COCKPIT_RULES).
`rules(day)` is what held on that day.
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
    """The values of one day, each explained in the file. _min minutes, _h hours, _workdays working days; tight,
    overloaded (utilisation) and little_tolerance fractions. Raises RulesError when they contradict each other."""

    tight: float
    overloaded: float
    target_wait_min: float
    recent_h: float
    little_tolerance: float
    accept_workdays: int
    deliver_workdays: int
    good_from: int
    rectify_workdays: int

    def __post_init__(self) -> None:
        if self.tight > self.overloaded:
            raise RulesError("halls: keep tight <= overloaded")
        if not 3 <= self.good_from <= 5:
            raise RulesError("good_from: a rating of 1 or 2 is bad (差评); good begins at 3, 4 or 5")


def _book(data: Mapping[str, Any]) -> Book[Rules]:
    return dated.book(data, [each.name for each in fields(Rules)], _values, lambda values: Rules(**values))


def _values(values: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    dated.only(values, [each.name for each in fields(Rules)], where)
    for each in fields(Rules):
        share = each.name == "little_tolerance"
        whole = each.type is int
        dated.number(each.name, values.get(each.name, 1), where, whole=whole, positive=not share, share=share)
    return values


SHELF = dated.ForAll(FILE, lambda file: dated.read(file, _book))
read, rules, since = SHELF.read, SHELF.rules, SHELF.since
