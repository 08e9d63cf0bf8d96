"""Rolling up by kind, and the classic mistakes that it must not make."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.aggregate import CannotAggregate, Part, counted_once, increase, over_places, over_places_and_time, over_time


def ratio(numerator, denominator) -> Part:
    return Part(numerator=numerator, denominator=denominator)


def values(*numbers) -> list[Part]:
    return [Part(value=number) for number in numbers]


def test_mistake_1_averaging_rates():
    parts = [ratio(9, 10), ratio(450, 900)]
    total = over_places("ratio", parts)
    mean_of_rates = (9 / 10 + 450 / 900) / 2
    assert mean_of_rates == pytest.approx(0.70), "the wrong way"
    assert (total.part.numerator, total.part.denominator) == (459, 910)
    assert total.value == pytest.approx(0.5044, abs=5e-5)
    assert over_time("ratio", parts).value == total.value


def test_mistake_2_summing_stocks_over_months():
    months = values(*range(100, 112))
    assert over_time("stock", months).value == 111
    assert over_time("flow", months).value == sum(range(100, 112))
    assert over_places("stock", months).value == sum(range(100, 112))
    assert over_places_and_time("stock", {"a": values(5, 7), "b": values(1, 2)}).value == 9


def test_mistake_8_nothing_of_nothing_is_no_data():
    assert over_places("ratio", [ratio(0, 0), ratio(0, 0)]).value is None
    assert over_places("ratio", []).value is None
    assert over_places("flow", []).value is None
    assert over_places("flow", values(0, 0)).value == 0
    assert over_places("ratio", [ratio(0, 0), ratio(3, 4)]).value == 0.75


def test_mistake_10_districts_and_functional_zones_counted_once():
    counts_in = {"zone": "east"}
    assert counted_once(["east", "west", "zone"], counts_in) == ["east", "west"]
    assert counted_once(["west", "zone"], counts_in) == ["west", "zone"]
    assert counted_once(["east"], {"east": "east"}) == ["east"]


def test_mistake_12_counters_that_reset_and_readings_delivered_twice():
    assert increase([100, 130, 5, 25]) == 30 + 5 + 20
    assert increase([100, 130, 130, 130, 140]) == 40
    assert increase([65_000, 200], modulus=65_536) == 736
    assert increase([100, None, 110]) == 10
    assert increase([100]) is None
    assert over_time("counter", values(100, 130, 5)).value == 35
    two = over_places_and_time("counter", {"a": values(0, 10), "b": values(50, 3)})
    assert two.value == 13


def test_mistake_13_items_and_cases_have_their_own_parts():
    by_item, by_case = ratio(90, 100), ratio(1, 900)
    assert over_places("ratio", [by_item]).value == 0.9
    assert over_places("ratio", [by_item, by_case]).part.denominator == 1000, (
        "adding them is visible in the denominator"
    )


@pytest.mark.parametrize("kind", ["percentile", "distinct", "rank", "score"])
def test_what_cannot_be_added_refuses_and_says_what_to_do(kind):
    for roll_up in (over_places, over_time):
        with pytest.raises(CannotAggregate, match=r"again|recompute"):
            roll_up(kind, values(1, 2))


def test_means_by_their_cases_and_areal_rainfall_by_area():
    assert over_places("mean", [Part(value=10, weight=90), Part(value=100, weight=10)]).value == pytest.approx(19)
    empty = over_places("mean", [Part(value=None, weight=0), Part(value=4, weight=2)])
    assert (empty.value, empty.complete) == (4, True)
    assert over_places("mean", [Part(value=None, weight=3), Part(value=4, weight=2)]).known == 1
    assert over_places("mean", [Part(value=None, weight=0)]).value is None


def test_levels_show_the_worst_place_and_the_last_time():
    assert over_places("level", values(1, 4, 2)).value == 4
    assert over_places("level", values(1, 4, 2), worst="low").value == 1
    assert over_time("level", values(1, 4, 2)).value == 2
    assert over_time("level", values(1, 4, 2), worst="high").value == 4


def test_missing_is_left_out_and_counted():
    total = over_places("stock", values(5, None, math.nan, 7))
    assert (total.value, total.known, total.of, total.complete) == (12, 2, 4, False)
    assert over_time("stock", values(5, 6, None)).value == 6
    one_sided = over_places("ratio", [ratio(5, None), ratio(1, 2)])
    assert (one_sided.value, one_sided.known) == (0.5, 1)


counts = st.integers(0, 10**9)
pairs = st.tuples(counts, counts).map(sorted).map(lambda pair: ratio(*map(float, pair)))
means = st.tuples(st.floats(0, 1e6), st.integers(0, 10**6)).map(lambda pair: Part(value=pair[0], weight=float(pair[1])))
flows = counts.map(lambda count: Part(value=float(count)))


@pytest.mark.parametrize(("kind", "parts"), [("flow", flows), ("stock", flows), ("ratio", pairs), ("mean", means)])
def test_property_the_same_whatever_the_grouping(kind, parts):
    @given(st.lists(st.lists(parts, min_size=1, max_size=5), min_size=1, max_size=6), st.randoms())
    def holds(groups, random):
        flat = [part for group in groups for part in group]
        random.shuffle(flat)
        at_once = over_places(kind, flat).value
        by_group = over_places(kind, [over_places(kind, group).part for group in groups]).value
        assert by_group == (None if at_once is None else pytest.approx(at_once, rel=1e-9))

    holds()


@given(st.lists(pairs, min_size=1))
def test_property_the_ratio_of_the_union_is_between_its_parts(parts):
    rates = [part.numerator / part.denominator for part in parts if part.denominator]
    whole = over_places("ratio", parts).value
    if not rates:
        assert whole is None
    else:
        assert whole is not None
        assert min(rates) - 1e-12 <= whole <= max(rates) + 1e-12


@given(st.lists(st.integers(0, 1000), min_size=2), st.data())
def test_property_a_counter_rises_by_its_steps_whatever_the_cut(readings, data):
    cut = data.draw(st.integers(0, len(readings) - 1))
    left, right = increase(readings[: cut + 1]) or 0, increase(readings[cut:]) or 0
    whole = increase(readings)
    assert whole == left + right
    assert whole >= 0


@given(st.lists(st.integers(0, 10**6), min_size=2).map(sorted))
def test_property_without_a_reset_a_counter_is_last_minus_first(readings):
    assert increase(readings) == readings[-1] - readings[0]
