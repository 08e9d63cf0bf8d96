"""Rates and score against the handbook's formulas; published figures where the counts are known."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import hotline_rates as rates
from domain.hotline_rates import (
    Rate,
    answered_rate,
    composite,
    dispatch_limit,
    resolution_rate,
    satisfaction_rate,
    service_level,
    too_few,
    urge_at,
)
from domain.hotline_rules import rules
from domain.rounding import half_up

RULES = rules(date(2026, 3, 1))


def value(rate: Rate | None) -> float:
    assert rate is not None
    return rate.value


def test_calls_with_and_without_short_abandons():
    assert answered_rate(9500, 600, 100) == Rate(9500, 10000, "requests")
    assert value(answered_rate(9500, 600)) == pytest.approx(9500 / 10100)
    assert rates.abandoned_rate(9500, 600, 100) == Rate(500, 10000, "requests")


def test_the_level_of_service_says_what_it_divides_by():
    assert service_level(8500, 9000, 1000) == Rate(8500, 10000, "requests")
    assert service_level(8500, 9000, 1000, of="answered") == Rate(8500, 9000, "answered")
    # a city published 94.84 % within 15 s and 88.94 % answered: only the second way of dividing allows that
    assert value(service_level(8435, 8894, 1106, of="answered")) > value(answered_rate(8894, 1106))


def test_partly_and_basically_count_as_the_rules_say():
    assert value(resolution_rate(70, 20, 100, RULES)) == 0.7
    assert value(resolution_rate(70, 20, 100, replace(RULES, partly_resolved=0.5))) == 0.8
    assert value(satisfaction_rate(90, 40, 100, RULES)) == 0.9
    assert value(satisfaction_rate(90, 40, 100, replace(RULES, basically_satisfied=0.6))) == pytest.approx(0.74)


def test_composite():
    assert composite(1.0, 1.0, 1.0, RULES) == pytest.approx(100)
    assert composite(Rate(98, 100, "due_callbacks"), 0.9, 0.92, RULES) == pytest.approx(29.4 + 31.5 + 32.2)
    assert composite(0.98, None, 0.92, RULES) is None
    other = replace(RULES, weight_response=0.0, weight_resolution=0.5, weight_satisfaction=0.5)
    assert composite(None, 0.9, 0.8, other) == pytest.approx(85)  # what has no weight need not be known
    with pytest.raises(ValueError, match="fractions"):
        composite(98.0, 0.9, 0.9, RULES)


def test_nothing_to_divide_by_is_no_data():
    plain = [
        rates.direct_rate, rates.dispatched_in_time, rates.signed_in_time, rates.dispatch_accuracy, rates.return_rate,
        rates.closed_rate, rates.on_time, rates.callback_rate, rates.valid_callback_rate, rates.redo_rate,
        rates.response_rate,
    ]  # fmt: skip
    assert [rate(0, 0) for rate in plain] == [None] * len(plain)
    assert answered_rate(0, 3, 3) is rates.abandoned_rate(0, 0) is service_level(0, 0, 0) is None
    assert resolution_rate(0, 0, 0, RULES) is satisfaction_rate(0, 0, 0, RULES) is None
    for rate in plain:
        with pytest.raises(ValueError, match="do not belong together"):
            rate(3, 2)


def test_each_rate_counts_what_it_says():
    assert rates.dispatch_accuracy(3, 100) == Rate(97, 100, "dispatched")
    assert rates.on_time(8, 10) == Rate(8, 10, "due")
    assert rates.redo_rate(2, 50) == Rate(2, 50, "called_back")
    assert rates.callback_rate(2, 50) == Rate(2, 50, "closed")
    assert rates.response_rate(2, 50) == Rate(2, 50, "due_callbacks")
    assert half_up(100 * value(rates.closed_rate(4881, 4883)), 2) == 99.96  # handbook, published figures


@pytest.mark.parametrize(
    "call",
    [
        lambda: answered_rate(5, 1, 2),
        lambda: service_level(6, 5, 10),
        lambda: resolution_rate(70, 40, 100, RULES),
        lambda: satisfaction_rate(50, 60, 100, RULES),
        lambda: satisfaction_rate(101, 0, 100, RULES),
        lambda: rates.on_time(-1, 10),
    ],
)
def test_counts_that_contradict_each_other(call):
    with pytest.raises(ValueError, match="do not belong together"):
        call()


def test_too_few():
    assert [too_few(*counts, RULES) for counts in ((30, 100), (29, 90), (30, 101), (0, 0))] == [False, True, True, True]


def test_limits():
    assert [dispatch_limit(of, RULES) / timedelta(hours=1) for of in ("life", "utility", "ordinary")] == [1, 2, 24]
    start = datetime(2026, 3, 1, 8)
    assert urge_at(start, start + timedelta(hours=10), RULES) == start + timedelta(hours=8)


shares = st.floats(0, 1)
counts = st.integers(0, 10**7)


@given(shares, shares, shares, shares, st.integers(0, 2))
def test_property_a_better_rate_never_lowers_the_score(a, b, c, better, which):
    three = [a, b, c]
    before = composite(a, b, c, RULES)
    three[which] = max(three[which], better)
    after = composite(three[0], three[1], three[2], RULES)
    assert before is not None and after is not None
    assert 100 * min(a, b, c) - 1e-9 <= before <= 100 * max(a, b, c) + 1e-9
    assert before <= after <= 100


@given(st.lists(counts, min_size=3, max_size=3).map(sorted), shares, shares)
def test_property_weights_of_half_answers(numbers, w, other):
    some, more, all_of_them = numbers
    low, high = sorted((w, other))
    for name, rate in (
        ("basically_satisfied", lambda r: satisfaction_rate(more, some, all_of_them, r)),
        ("partly_resolved", lambda r: resolution_rate(some, more - some, all_of_them, r)),
    ):
        found = [rate(replace(RULES, **{name: weight})) for weight in (0.0, low, high, 1.0)]
        if not all_of_them:
            assert found == [None] * 4
            continue
        ordered = [value(one) for one in found]
        assert ordered == sorted(ordered)
        plain, full = (more - some, more) if name == "basically_satisfied" else (some, more)
        assert (ordered[0], ordered[-1]) == (plain / all_of_them, full / all_of_them)


@given(counts, counts, counts)
def test_property_answered_and_abandoned_are_the_whole(answered, abandoned, short):
    short = min(short, abandoned)
    one, other = answered_rate(answered, abandoned, short), rates.abandoned_rate(answered, abandoned, short)
    if one is None or other is None:
        assert one is other is None
        assert answered == abandoned - short == 0
    else:
        assert one.numerator + other.numerator == one.denominator == other.denominator
