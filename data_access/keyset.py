"""Long lists a page at a time (keyset): a list is sections, each sorted by one key and then by identity, and a page
begins right after the last row of the one before. A cursor says which list, which section, the key and the identity of
the last row, in base 36; one of another list is as none."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, DateTime

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MICROSECOND = timedelta(microseconds=1)


class Begin(NamedTuple):
    """After which row a page begins."""

    section: int
    key: datetime | int
    identity: int


def _base36(n: int) -> str:
    digits = ""
    while n:
        n, rest = divmod(n, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"


def cursor(mark: str, last: Begin) -> str:
    """mark: which list it is of."""
    number = (last.key - datetime.min) // _MICROSECOND if isinstance(last.key, datetime) else last.key
    signed = f"n{_base36(-number)}" if number < 0 else _base36(number)
    return ".".join((mark, str(last.section), signed, _base36(last.identity)))


def read(mark: str, keys: list[ColumnElement[Any]], after: str) -> Begin | None:
    """What a cursor says; keys: of the list's sections. None for one of another list, or none at all."""
    parts = after.split(".")
    if len(parts) != 4 or parts[0] != mark:
        return None
    try:
        section, identity = int(parts[1]), int(parts[3], 36)
        number = -int(parts[2][1:], 36) if parts[2].startswith("n") else int(parts[2], 36)
        timed = isinstance(keys[section].type, DateTime)
        return Begin(section, datetime.min + number * _MICROSECOND if timed else number, identity)
    except (ValueError, IndexError, OverflowError):
        return None


def paged(
    sections: Iterable[int], begin: Begin | None, size: int, ask: Callable[[int, dict[str, Any], bool], Iterable[Any]]
) -> tuple[list[Any], Begin | None]:
    """(rows, after which the next page begins; None: there is none). ask(section, values, begun): the section's rows,
    the key first and the identity second, at most :most, when begun those after :key, :last."""
    found: list[tuple[int, Any]] = []
    for number in sections:
        if begin and number < begin.section:
            continue
        begun = begin is not None and number == begin.section
        values: dict[str, Any] = {"most": size + 1 - len(found)}
        if begin is not None and begun:
            values |= {"key": begin.key, "last": begin.identity}
        found += [(number, row) for row in ask(number, values, begun)]
        if len(found) > size:
            break
    shown = found[:size]
    more = Begin(shown[-1][0], shown[-1][1][0], shown[-1][1][1]) if len(found) > size else None
    return [row for _, row in shown], more
