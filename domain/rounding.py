"""Rounding once, at the end, half up as a reader of official figures expects.

Python's own round() rounds halves to even and sees binary fractions (round(2.675, 2) is 2.67); here the decimal digits
that a person would see are rounded, halves away from zero. Parts are never rounded before they are added.
"""

import math
from decimal import ROUND_HALF_UP, Decimal


def half_up(value: float, digits: int = 0) -> float:
    """`value` rounded to `digits` decimals, halves away from zero; NaN and infinities come back as they are."""
    if not math.isfinite(value):
        return value
    if digits >= 0 and float(value).is_integer():
        return float(value) + 0.0
    number = Decimal(repr(float(value)))
    if -int(number.as_tuple().exponent) <= digits:  # nothing to round away
        return float(value)
    return float(number.scaleb(digits).to_integral_value(rounding=ROUND_HALF_UP).scaleb(-digits)) + 0.0  # never -0.0
