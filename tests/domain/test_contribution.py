"""What explains a change adds up to the change."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contribution import of_counts, of_rates, of_score


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


def test_only_the_mix_moves_a_rate_whose_parts_stay():
    found = of_rates({"a": (90, 100), "b": (50, 100)}, {"a": (45, 50), "b": (75, 150)})
    assert found is not None
    assert [effect.rate for effect in found] == [0, 0]
    assert sum(effect.mix for effect in found) == pytest.approx(0.6 - 0.7)


def test_the_score_of_a_district_by_street_and_rate():
    weights = {"response": 0.3, "resolution": 0.35, "satisfaction": 0.35}
    before = {
        "response": {"s1": (98, 100), "s2": (95, 100)},
        "resolution": {"s1": (45, 50), "s2": (40, 50)},
        "satisfaction": {"s1": (48, 50), "s2": (45, 50)},
    }
    after = {**before, "satisfaction": {"s1": (48, 50), "s2": (30, 50)}}
    found = of_score(before, after, weights)
    assert found is not None
    assert found.change == pytest.approx(-100 * 0.35 * 15 / 100)
    worst = found.parts[0]
    assert (worst.component, worst.key, worst.mix) == ("satisfaction", "s2", 0)
    assert worst.total == pytest.approx(found.change)
    assert [part.total for part in found.parts[1:]] == [0] * 5
    assert found.weights == {"response": 0, "resolution": 0, "satisfaction": 0}


def test_new_weights_move_a_score_whose_rates_stay():
    rates = {"a": {"x": (9, 10)}, "b": {"x": (5, 10)}}
    found = of_score(rates, rates, {"a": 0.5, "b": 0.5}, {"a": 0.7, "b": 0.3})
    assert found is not None
    assert found.change == pytest.approx(20 * 0.9 - 20 * 0.5)
    assert found.weights == {"a": pytest.approx(18), "b": pytest.approx(-10)}
    assert [part.total for part in found.parts] == [0, 0]


def test_a_score_needs_cases_where_it_has_weight():
    full, empty = {"a": {"x": (1, 2)}, "b": {"x": (1, 2)}}, {"a": {"x": (1, 2)}, "b": {"x": (0, 0)}}
    assert of_score(full, empty, {"a": 0.5, "b": 0.5}) is None
    assert of_score(full, {"a": {"x": (1, 2)}}, {"a": 0.5, "b": 0.5}) is None
    assert of_score(full, empty, {"a": 1.0, "b": 0.0}) is not None


components = st.fixed_dictionaries({name: st.dictionaries(keys, cases, max_size=4) for name in ("a", "b", "c")})
weights = st.tuples(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 1)).map(
    lambda parts: dict(zip("abc", (part / sum(parts) for part in parts), strict=True))
)


@given(components, components, weights, weights)
def test_property_score_effects_sum_to_the_change(before, after, weights0, weights1):
    def score(side, by):
        sums = {name: [sum(part[i] for part in parts.values()) for i in (0, 1)] for name, parts in side.items()}
        return None if not all(d for _, d in sums.values()) else sum(100 * by[k] * n / d for k, (n, d) in sums.items())

    found, was, became = of_score(before, after, weights0, weights1), score(before, weights0), score(after, weights1)
    if found is None:
        assert None in (was, became)
        return
    assert was is not None and became is not None
    assert found.change == pytest.approx(became - was, abs=1e-9)
    effects = [part.total for part in found.parts] + list(found.weights.values())
    assert math.fsum(effects) == pytest.approx(found.change, abs=1e-9)
