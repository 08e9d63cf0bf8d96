"""What explains a change adds up to the change."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contribution import of_counts, of_rates


def test_counts():
    found = of_counts({"a": 100, "b": 50, "gone": 10}, {"a": 150, "b": 40, "new": 20})
    assert [(row.key, row.delta) for row in found] == [("a", 50), ("new", 20), ("b", -10), ("gone", -10)]
    assert [row.share for row in found] == [1.0, 0.4, -0.2, -0.2]


def test_no_change_has_no_shares():
    assert [row.share for row in of_counts({"a": 1, "b": 2}, {"a": 2, "b": 1})] == [None, None]


def test_a_rate_that_falls_although_every_part_improves():
    before = {"good": (90, 100), "bad": (10, 20)}
    after = {"good": (92, 100), "bad": (104, 200)}
    found = of_rates(before, after)
    assert found is not None
    assert all(row.rate > 0 for row in found)
    assert sum(row.total for row in found) == pytest.approx(196 / 300 - 100 / 120)
    assert sum(row.mix for row in found) < 0


def test_rates_without_cases_and_nonsense():
    assert of_rates({}, {"a": (1, 2)}) is None
    assert of_rates({"a": (0, 0)}, {"a": (1, 2)}) is None
    with pytest.raises(ValueError, match="without a denominator"):
        of_rates({"a": (3, 0), "b": (1, 2)}, {"a": (1, 2)})


keys = st.sampled_from("abcdefg")


@given(st.dictionaries(keys, st.integers(0, 10**6)), st.dictionaries(keys, st.integers(0, 10**6)))
def test_property_counts_sum_to_the_change(before, after):
    found = of_counts(before, after)
    total = sum(after.values()) - sum(before.values())
    assert sum(row.delta for row in found) == total
    if total:
        assert math.fsum(row.share or 0.0 for row in found) == pytest.approx(1)


cases = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(sorted).map(tuple)


@given(st.dictionaries(keys, cases), st.dictionaries(keys, cases))
def test_property_rates_sum_to_the_change(before, after):
    found = of_rates(before, after)
    whole0, whole1 = (sum(d for _, d in side.values()) for side in (before, after))
    if not whole0 or not whole1:
        assert found is None
        return
    assert found is not None
    change = sum(n for n, _ in after.values()) / whole1 - sum(n for n, _ in before.values()) / whole0
    assert math.fsum(row.total for row in found) == pytest.approx(change, abs=1e-12)
