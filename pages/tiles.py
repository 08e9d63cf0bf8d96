"""The rows of headline tiles: key, value, base, numerator, denominator (None where there is none), note, warn."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from components.rows import NAN, amount
from components.words import text
from data_access import coverage, hotline
from data_access.hotline import Counts
from data_access.indicators import Indicator
from domain.hotline_rules import Rules, rules
from pages.asking import Asked
from pages.rates import of_counts

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


def counted(key: str, counts: Mapping[str, Counts], held: Rules, note: str) -> dict[str, Any]:
    """The row of an indicator of orders. counts: 'now' and, where there is something to compare with, 'base'; none of
    either: the span is not known."""
    now, base = (of_counts(key, counts.get(name), held) for name in ("now", "base"))
    return tile(key, now.value, base.value, now.numerator, now.denominator, note=note)


DAYS = 30  # of a small line


def sparks(asked: Asked) -> dict[str, list[float]]:
    """key -> its value of each of the last whole days, NaN where there is none."""
    keys = ("hotline.received", "hotline.on_time", "hotline.satisfaction")
    names = ("received", "due", "on_time", "called", "rated", "satisfied", "basic")
    first = asked.midnight - timedelta(days=DAYS - 1)
    days, history = hotline.daily(asked.area, first, asked.midnight, asked.where, names)
    held, there = rules(asked.at.date()), coverage.covered(days)
    counts = [Counts(**{name: history[name][n] for name in names}) for n in range(len(days))]

    def value(key: str, n: int) -> float:
        told = of_counts(key, counts[n], held).value if there[n] or key != "hotline.received" else None
        return NAN if told is None else told

    return {key: [value(key, n) for n in range(len(days))] for key in keys}


def goal(indicator: Indicator, given: bool, lang: str) -> str:
    """The target in words, or that the source does not give what it takes."""
    return target(indicator, lang) if given else text("tile.not_given", lang)


def target(indicator: Indicator, lang: str) -> str:
    """The target in words; '' where there is none."""
    if indicator.target is None:
        return ""
    said = f"{indicator.target * 100:g}%" if indicator.is_percent else f"{indicator.target:g}"
    return text("tile.target", lang, value=said)
