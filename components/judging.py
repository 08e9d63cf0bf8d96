"""Better or worse: by the direction an indicator declares, never by up and down."""

from typing import Literal

from data_access.indicators import Indicator


def misses(value: float | None, target: float | None, better: str) -> bool:
    """Whether a value is on the wrong side of its target. better: higher | lower | neutral, as indicators declare it.
    False where there is no value, no target or no good direction."""
    if value is None or target is None:
        return False
    return (better == "higher" and value < target) or (better == "lower" and value > target)


def tone(indicator: Indicator | None, change: float) -> Literal["better", "worse", "level"]:
    """What a change of an indicator by this amount is."""
    if not change or indicator is None or indicator.better == "neutral":
        return "level"
    return "better" if (change > 0) == (indicator.better == "higher") else "worse"
