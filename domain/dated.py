"""Rules with effective dates: a TOML file with [default] and any number of [[change]], each from a day and perhaps to
one. What the values are, and what they may be, is said by who reads them (hotline_rules, services.rules, flood.rules).
"""

import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")
Kept = TypeVar("Kept")


class RulesError(ValueError):
    """The rules cannot be used; the message says what to correct, and in which entry."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """Values that replace the defaults from `start` to `end`, both included; None: until further notice. of: whom they
    are for; '' is all."""

    start: date
    end: date | None
    values: Mapping[str, Any]
    of: str = ""

    def covers(self, day: date, of: str = "") -> bool:
        return self.of in ("", of) and self.start <= day and (self.end is None or day <= self.end)


def read(file: Path, make: Callable[[Mapping[str, Any]], Made]) -> Made:
    """What `make` makes of the file's content. Raises RulesError, the file's name before what is wrong."""
    try:
        return make(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{file.name} is not TOML: {error}") from None
    except RulesError as error:
        raise RulesError(f"{file.name}: {error}") from None


def parts(
    data: Mapping[str, Any],
    names: Iterable[str],
    values: Callable[[Mapping[str, Any], str], Mapping[str, Any]],
    of: str = "",
) -> tuple[Mapping[str, Any], tuple[Change, ...]]:
    """The defaults and the changes of a file. names: of the values that need a default. values: checks those of an
    entry and returns them as they are kept. of: the field of a change that says whom it is for, '' when all are."""
    only(data, ("default", "change"), "the file")
    default = values(data.get("default", {}), "[default]")
    if missing := sorted(set(names) - default.keys()):
        raise RulesError(f"[default] lacks {', '.join(missing)}: every value needs a default")
    return default, tuple(_change(entry, n, values, of) for n, entry in enumerate(data.get("change", []), 1))


def _change(
    entry: Mapping[str, Any], number: int, values: Callable[[Mapping[str, Any], str], Mapping[str, Any]], of: str
) -> Change:
    where = f"[[change]] {number}"
    start, end, whom = entry.get("from"), entry.get("to"), entry.get(of, "")
    kept = values({key: value for key, value in entry.items() if key not in ("from", "to", of)}, where)
    if type(start) is not date or type(end) not in (date, type(None)):
        raise RulesError(f"{where} needs 'from', and if it ends 'to', as dates like 2026-01-01 without quotes")
    if end is not None and end < start:
        raise RulesError(f"{where}: 'to' ({end}) is before 'from' ({start})")
    if not isinstance(whom, str):
        raise RulesError(f"{where}: '{of}' = {whom!r} is a code in quotes")
    return Change(start=start, end=end, values=kept, of=whom)


def turns(changes: Iterable[Change]) -> list[date]:
    """The days from which on other rules may hold than before, oldest first; the first is the beginning of time."""
    some = tuple(changes)
    ends = {date.fromordinal(one.end.toordinal() + 1) for one in some if one.end and one.end < date.max}
    return sorted({date.min, *(one.start for one in some)} | ends)


def tried(days: Iterable[date], on: Callable[[date], object], said: str = "") -> None:
    """That there are rules on each of the days. Raises RulesError with the day; said: for whom."""
    for day in days:
        try:
            on(day)
        except RulesError as error:
            raise RulesError(f"from {'the beginning' if day == date.min else day}{said}: {error}") from None


def only(found: Iterable[str], known: Iterable[str], where: str) -> None:
    """That nothing is named which nobody knows. Raises RulesError."""
    if unknown := sorted(set(found) - set(known)):
        raise RulesError(
            f"{where} names {', '.join(unknown)}, which nothing uses: known are {', '.join(sorted(known))}"
        )


def number(name: str, value: Any, where: str, *, whole: bool, positive: bool, share: bool) -> None:
    """That a value is a number within its bounds. Raises RulesError."""
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise RulesError(f"{where}: {name} = {value!r} must be a {'whole ' if whole else ''}number")
    if not 0 <= value < float("inf") or (positive and value == 0):
        raise RulesError(f"{where}: {name} = {value} must be {'above 0' if positive else '0 or more'}")
    if share and value > 1:
        raise RulesError(f"{where}: {name} = {value} is a share: write 0.3 for 30 %")


@dataclass(frozen=True)
class Book(Generic[Made]):
    """All rules of one file, for all alike. make: the rules of the values of one day."""

    default: Mapping[str, Any]
    changes: tuple[Change, ...]
    make: Callable[[Mapping[str, Any]], Made]

    def on(self, day: date) -> Made:
        """The rules of `day`."""
        values = dict(self.default)
        for change in self.changes:
            if change.covers(day):
                values |= change.values
        return self.make(values)

    @property
    def turns(self) -> list[date]:
        """The days from which on other rules may hold than before, oldest first; the first is the beginning of time."""
        return turns(self.changes)

    def since(self, name: str) -> list[tuple[date, Any]]:
        """What a value was, and from which day on: oldest first, the first from the beginning of time."""
        found: list[tuple[date, Any]] = []
        for day in self.turns:
            value = getattr(self.on(day), name)
            if not found or found[-1][1] != value:
                found.append((day, value))
        return found


def book(
    data: Mapping[str, Any],
    names: Collection[str],
    values: Callable[[Mapping[str, Any], str], Mapping[str, Any]],
    make: Callable[[Mapping[str, Any]], Made],
) -> Book[Made]:
    """The rules of a file's content, tried for every day. Raises RulesError, also where two changes of the same value
    overlap. names, values: see parts."""
    default, changes = parts(data, names, values)
    for (one, first), (other, second) in combinations(enumerate(changes, 1), 2):
        both = sorted(first.values.keys() & second.values.keys())
        if both and (second.covers(first.start) or first.covers(second.start)):
            raise RulesError(
                f"[[change]] {one} (from {first.start}) and {other} (from {second.start}) overlap and both set"
                f" {', '.join(both)}: give the earlier one a 'to' before the later one's 'from'"
            )
    found = Book(default, changes, make)
    tried(found.turns, found.on)  # nothing changes between these days
    return found


class Shelf(Generic[Kept]):
    """The rules of one kind: the default ones in `file`, or those of a city's own file of the same form. make: the
    rules of a file, or RulesError. edition: goes up when others are put here."""

    def __init__(self, file: Path, make: Callable[[Path], Kept]) -> None:
        self.default = self.file = file
        self.make = make
        self.edition = 0
        self.read = cache(self._read)

    def _read(self, path: Path | None = None) -> Kept:
        """The rules in the file at `path` (None: those that were put here). RulesError names the entry and what to
        correct there; a file that is read without an error gives rules for every day."""
        return self.make(path or self.file)

    def put(self, file: Path | None = None) -> None:
        """From now on the rules in `file` (None: the default ones)."""
        self.file = file or self.default
        self.edition += 1
        self.read.cache_clear()


class ForAll(Shelf[Book[Made]]):
    """The rules of one kind that are for all alike."""

    def rules(self, on: date, path: Path | None = None) -> Made:
        """The rules that hold on a day."""
        return self.read(path).on(on)

    def since(self, name: str, path: Path | None = None) -> list[tuple[date, Any]]:
        """What a value was, and from which day on: oldest first, the first from the beginning of time."""
        return self.read(path).since(name)
