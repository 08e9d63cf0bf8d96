"""Every word on screen, in both languages, and how numbers and times are said."""

import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from components.rows import given
from domain.rounding import half_up

DASH = "—"


@cache
def _words(lang: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{lang}.toml").read_text(encoding="utf-8"))


def text(key: str, lang: str, **values: object) -> str:
    """The words under 'section.key' with {values} filled in. KeyError when a language lacks them."""
    found: Any = _words(lang)
    for part in key.split("."):
        found = found[part]
    return found.format(**values) if values else found


def section(key: str, lang: str) -> dict[str, str]:
    """All words of a section."""
    return _words(lang)[key]


def number(value: float | None, lang: str, digits: int | None = None) -> str:
    """A number as the city says it (handbook 7.1): 8,765; 12.35万; 1.13亿; in English 123.5K, 113M. None is a dash.
    digits: decimals under ten thousand (default: none for whole numbers, else what makes three digits). Rounded once,
    then the unit."""
    if not given(value):
        return DASH
    if digits is None:
        digits = 0 if float(value).is_integer() or abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    # from, scale, unit, decimals: a number moves to a unit when, rounded in the unit below, it reaches it
    steps = (
        [(1e4, 1e4, "万", 2), (1e8, 1e8, "亿", 2)]
        if lang == "zh"
        else [(1e5, 1e3, "K", 1), (1e6, 1e6, "M", 2), (1e9, 1e9, "B", 2)]
    )
    scale, unit, places = 1.0, "", digits
    for start, next_scale, next_unit, next_places in steps:
        if abs(half_up(value / scale, places)) * scale < start:
            break
        scale, unit, places = next_scale, next_unit, next_places
    return _grouped(value / scale, places) + unit


def _grouped(value: float, digits: int) -> str:
    return f"{half_up(value, digits):,.{digits}f}".replace("-", "−")


def exact(value: float | None) -> str:
    """The whole number, grouped, for hover."""
    return f"{half_up(value, 2):,.2f}".removesuffix(".00").replace("-", "−") if given(value) else DASH


def percent(value: float | None, digits: int = 2) -> str:
    """A fraction as percent without the sign: 0.9261 -> '92.61'. None is a dash."""
    return f"{half_up(value, digits + 2) * 100:.{digits}f}".replace("-", "−") if given(value) else DASH


def signed(value: float, digits: int) -> str:
    return f"{'+' if value > 0 else ''}{half_up(value, digits):,.{digits}f}".replace("-", "−")


def fitting_unit(minutes: int) -> tuple[str, int]:
    """A length of time in the largest unit that fits: ('minutes' | 'hours' | 'days', how many)."""
    if minutes < 120:
        return "minutes", minutes
    return ("hours", minutes // 60) if minutes < 2880 else ("days", minutes // 1440)


def age(duration: timedelta | None, lang: str, *, plain: bool = False) -> str:
    """How old, in the largest fitting unit: '14 分钟前'; plain: the length alone, '14 分钟'."""
    if duration is None:
        return DASH
    minutes = max(0, int(duration.total_seconds() // 60))
    if minutes < 1 and not plain:
        return text("age.now", lang)
    unit, n = fitting_unit(minutes)
    return text(f"{'cadence' if plain else 'age'}.{unit}", lang, n=n)


def cadence_words(minutes: int, lang: str) -> str:
    """Every how long, in words."""
    if not minutes:
        return text("cadence.none", lang)
    if minutes < 120:
        return text("cadence.minutes", lang, n=minutes)
    if minutes < 2880:
        return text("cadence.hours", lang, n=minutes // 60)
    return text("cadence.days", lang, n=minutes // 1440)


def moment(at: datetime | None, lang: str, *, year: bool = False) -> str:
    """11-21 14:28, with the year when asked."""
    return DASH if at is None else at.strftime("%Y-%m-%d %H:%M" if year else "%m-%d %H:%M")


def days(first: datetime, end: datetime, now: datetime | None = None) -> str:
    """A span of days as '10-23—11-21', with years where it lies in two or not in that of now; the end is exclusive at
    midnight."""
    last = end - timedelta(seconds=1)
    form = "%m-%d" if first.year == last.year == (now or last).year else "%Y-%m-%d"
    if first.date() == last.date():
        return first.strftime(form)
    return f"{first.strftime(form)}—{last.strftime(form)}"
