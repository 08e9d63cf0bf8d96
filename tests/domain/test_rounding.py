"""Half up, once, on the digits a person sees."""

import math
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rounding import half_up


@pytest.mark.parametrize(
    ("value", "digits", "result"),
    [
        (2.5, 0, 3),
        (0.5, 0, 1),
        (-2.5, 0, -3),
        (2.675, 2, 2.68),
        (1.005, 2, 1.01),
        (50.435, 2, 50.44),
        (12345, -2, 12300),
        (12350, -2, 12400),
        (1e22, 2, 1e22),
        (0.1, 5, 0.1),
        (4881 / 4883 * 100, 2, 99.96),
    ],
)
def test_half_up(value, digits, result):
    assert half_up(value, digits) == result


def test_mistake_9_python_rounds_half_to_even_and_we_do_not():
    assert round(2.5) == 2
    assert half_up(2.5, 0) == 3
    assert round(2.675, 2) == 2.67
    assert half_up(2.675, 2) == 2.68


def test_mistake_9_rounded_parts_do_not_make_the_total():
    parts = [33.335, 33.335, 33.33]
    assert half_up(sum(parts), 2) == 100.0
    assert half_up(sum(half_up(part, 2) for part in parts), 2) == 100.01


def test_what_is_no_number_stays():
    assert math.isnan(half_up(math.nan, 2))
    assert half_up(math.inf, 2) == math.inf
    assert math.copysign(1, half_up(-0.001, 2)) == 1, "no minus before a zero"


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
def test_property_agrees_with_decimal_and_is_idempotent(value, digits):
    expected = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    assert half_up(value, digits) == float(expected)
    assert half_up(half_up(value, digits), digits) == half_up(value, digits)
