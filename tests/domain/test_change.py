"""Changes: percent, points, absolute, or nothing to say."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.change import Change, change
from domain.published import expected

numbers = st.one_of(st.none(), st.floats())


@pytest.mark.parametrize(
    ("value", "base", "kind", "amount", "reason"),
    [
        (110, 100, "percent", 0.10, ""),
        (0, 100, "percent", -1.0, ""),
        (33, 30, "percent", 0.1, ""),
        (35, 29, "absolute", 6, "small_base"),
        (5, 0, "none", None, "zero_base"),
        (0, 0, "none", None, "zero_base"),
        (5, None, "none", None, "no_base"),
        (5, math.nan, "none", None, "no_base"),
        (None, 100, "none", None, "no_value"),
        (5, -100, "absolute", 105, "negative_base"),
        (-20, -100, "absolute", 80, "negative_base"),
    ],
)
def test_mistake_3_counts(value, base, kind, amount, reason):
    found = change(value, base, ratio=False)
    assert (found.kind, found.reason) == (kind, reason)
    assert found.amount == (None if amount is None else pytest.approx(amount))


def test_mistake_5_points_are_not_percent():
    assert change(0.94, 0.92, ratio=True) == Change("points", pytest.approx(2.0), "")
    relative = change(94, 92, ratio=False).amount
    assert relative == pytest.approx(0.0217, abs=5e-5), "+2.17 %, which is not what is shown for a rate"
    assert change(0.01, 0.0, ratio=True) == Change("points", pytest.approx(1.0), ""), "a rate of zero is a base"
    assert change(None, 0.9, ratio=True).reason == "no_value"


def test_a_measured_value_may_have_a_small_base():
    assert change(3.0, 2.0, ratio=False, minimum_base=0) == Change("percent", 0.5, "")
    assert change(3.0, -2.0, ratio=False, minimum_base=0).kind == "absolute"


def test_mistakes_6_and_7_doublings_and_grown_by():
    assert 1 + float(expected("growth", [1])) / 100 == 2, "翻一番"
    assert 1 + float(expected("growth", [2])) / 100 == 4, "翻两番"
    assert 1 + float(expected("growth", [4])) / 100 == 16, "翻四番"
    assert change(220, 100, ratio=False).amount == pytest.approx(1.2), "增长120% is 2.2 times the base"


@given(numbers, numbers, st.booleans(), st.sampled_from([0.0, 30.0]))
def test_property_never_infinite_and_always_explained(value, base, ratio, minimum):
    found = change(value, base, ratio=ratio, minimum_base=minimum)
    assert found.amount is None or math.isfinite(found.amount)
    assert (found.amount is None) == (found.kind == "none")
    assert bool(found.reason) == (found.kind in ("none", "absolute"))


@given(st.floats(30, 1e9), st.floats(0, 1e9))
def test_property_the_change_leads_from_base_to_value(base, value):
    amount = change(value, base, ratio=False).amount
    assert amount is not None
    assert base * (1 + amount) == pytest.approx(value, abs=1e-6)
