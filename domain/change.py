"""By how much a number changed against its base, and when that must not be said as a percentage.

Counts and amounts: (value - base) / base, a fraction. Rates: the difference in percentage points (百分点), never a
percentage of a percentage. No base, or a base of zero: no change is stated (never infinite, never 100 %). A base below
30, or below zero: the absolute difference instead of a percentage.
"""

import math
from dataclasses import dataclass
from typing import Literal

Kind = Literal["percent", "points", "absolute", "none"]
Reason = Literal["", "no_value", "no_base", "zero_base", "small_base", "negative_base"]


@dataclass(frozen=True)
class Change:
    """kind: percent (amount is a fraction: 0.05 = 5 %), points (amount in percentage points), absolute (amount in the
    unit of the value), none. reason: why it is not a plain percentage; '' when it is, or when points are."""

    kind: Kind
    amount: float | None
    reason: Reason = ""


def change(value: float | None, base: float | None, *, ratio: bool, minimum_base: float = 30) -> Change:
    """The change from `base` to `value`. `ratio`: both are fractions (0.92), the change is in percentage points.

    `minimum_base` guards counts against percentages of next to nothing; pass 0 for measured values such as minutes.
    """
    if value is None or not math.isfinite(value):
        return Change("none", None, "no_value")
    if base is None or not math.isfinite(base):
        return Change("none", None, "no_base")
    if ratio:
        return _stated("points", (value - base) * 100)
    if base == 0:
        return Change("none", None, "zero_base")
    if base < minimum_base or base < 0:
        return _stated("absolute", value - base, "negative_base" if base < 0 else "small_base")
    return _stated("percent", (value - base) / base)


def _stated(kind: Kind, amount: float, reason: Reason = "") -> Change:
    """A change whose amount is a number; overflow of absurd magnitudes is not a number and so not stated."""
    return Change(kind, amount, reason) if math.isfinite(amount) else Change("none", None, reason or "small_base")
