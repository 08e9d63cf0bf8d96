"""The rows of headline tiles: key, value, base, numerator, denominator (None where there is none), note, warn."""

from collections.abc import Mapping
from typing import Any

from components.rows import amount
from components.words import text
from data_access.hotline import Counts
from data_access.indicators import Indicator, indicators

TILE = ("key", "value", "base", "numerator", "denominator", "note", "warn")


def tile(
    key: str, value: Any = None, base: Any = None, *parts: Any, note: str = "", warn: bool = False
) -> dict[str, Any]:
    """A row. parts: numerator and denominator, where there are some."""
    numerator, denominator = parts or (None, None)
    return {
        "key": key,
        "value": amount(value),
        "base": amount(base),
        "numerator": amount(numerator),
        "denominator": amount(denominator),
        "note": note,
        "warn": warn,
    }


def counted(
    key: str, counts: Mapping[str, Counts], numerator: str, denominator: str | None, note: str
) -> dict[str, Any]:
    """The row of a count, or of a rate when there is a denominator. counts: 'now' and, where there is something to
    compare with, 'base'; none of either: the span is not known."""

    def value(which: str) -> float | None:
        if which not in counts:
            return None
        top = getattr(counts[which], numerator)
        return top if denominator is None else indicators()[key].of(top, getattr(counts[which], denominator))

    if "now" not in counts:
        return tile(key, note=note)
    below = None if denominator is None else getattr(counts["now"], denominator)
    return tile(key, value("now"), value("base"), getattr(counts["now"], numerator), below, note=note)


def goal(indicator: Indicator, given: bool, lang: str) -> str:
    """The target in words, or that the source does not give what it takes."""
    return target(indicator, lang) if given else text("tile.not_given", lang)


def target(indicator: Indicator, lang: str) -> str:
    """The target in words; '' where there is none."""
    if indicator.target is None:
        return ""
    said = f"{indicator.target * 100:g}%" if indicator.is_percent else f"{indicator.target:g}"
    return text("tile.target", lang, value=said)
