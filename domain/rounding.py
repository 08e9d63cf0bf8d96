"""Rounding and the way numbers are written: once, at the end, half up as a reader of official figures expects.

Python's own round() rounds halves to even and sees binary fractions (round(2.675, 2) is 2.67); here the decimal digits
that a person would see are rounded, halves away from zero. Parts are never rounded before they are added.
"""

import math
from decimal import ROUND_HALF_UP, Decimal

MISSING = "—"


def half_up(value: float, digits: int = 0) -> float:
    """`value` rounded to `digits` decimals, halves away from zero; NaN and infinities come back as they are."""
    if not math.isfinite(value):
        return value
    return float(_half_up(value, digits))


def _half_up(value: float, digits: int) -> Decimal:
    number = Decimal(repr(float(value)))
    if -int(number.as_tuple().exponent) <= digits:  # nothing to round away
        return number
    shifted = number.scaleb(digits).to_integral_value(rounding=ROUND_HALF_UP)
    return shifted.scaleb(-digits)


def _grouped(number: Decimal, digits: int, *, trim: bool) -> str:
    text = f"{number:,.{digits}f}"
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def written(value: float | None, *, digits: int = 2, trim: bool = True) -> str:
    """`value` in full with thousands grouped, at most `digits` decimals; '—' when it is missing."""
    if value is None or not math.isfinite(value):
        return MISSING
    return _grouped(_half_up(value, digits), digits, trim=trim)


def in_ten_thousands(value: float | None, *, digits: int = 2) -> tuple[str, str]:
    """The short Chinese form as (figure, unit): 123500 is ('12.35', '万'), 1.13e8 is ('1.13', '亿').

    At most `digits` decimals. The unit is chosen after rounding, so 9,999.9996 becomes 1万 and never 10,000.
    """
    if value is None or not math.isfinite(value):
        return MISSING, ""
    if abs(_half_up(value, digits)) < 10_000:
        return written(value, digits=digits), ""
    if abs(_half_up(value / 1e4, digits)) < 10_000:
        return written(value / 1e4, digits=digits), "万"
    return written(value / 1e8, digits=digits), "亿"


def percent(fraction: float | None, *, digits: int = 2) -> str:
    """A fraction as a percentage with a fixed number of decimals: 0.9261 -> '92.61%'."""
    if fraction is None or not math.isfinite(fraction):
        return MISSING
    # the product is taken in decimal, so that 0.5044 * 100 does not become 50.44000000000001
    return f"{_half_up(float(Decimal(repr(float(fraction))) * 100), digits):,.{digits}f}%"
