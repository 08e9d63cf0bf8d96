"""Who calls again, and which problems come back."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.hotline_rules import rules
from domain.repeats import earlier, frequent, problems, repeated

RULES = rules(date(2026, 3, 1))
ZERO = np.datetime64("2026-01-01T08:00:00", "us")


def days(*numbers):
    return ZERO + (np.array(numbers, float) * 86400).astype("timedelta64[s]")


def test_the_same_caller_and_category_within_30_days():
    callers, categories = [7, 7, 7, 8, 7, 0, 0], ["a", "b", "a", "a", "a", "a", "a"]
    assert repeated(callers, categories, days(0, 1, 30, 2, 60.01, 3, 4), RULES).tolist() == [
        False, False, True, False, False, False, False,
    ]  # fmt: skip
    assert repeated([7, 7], ["a", "a"], days(5, 0), RULES).tolist() == [True, False]  # whatever their order
    assert repeated([], [], days(), RULES).tolist() == []


def test_the_fifth_order_of_any_category():
    callers = [7] * 6 + [0] * 6
    assert frequent(callers, days(*range(6), *range(6)), RULES).tolist() == [False] * 4 + [True] * 2 + [False] * 6
    assert not frequent([7] * 5, days(0, 8, 16, 24, 31), RULES).any()


def test_a_problem_that_comes_back():
    rows = [("heat", "c1", 1, 0), ("heat", "c1", 2, 10), ("heat", "c1", 2, 20), ("heat", "c1", 3, 89),
            ("heat", "c2", 4, 80), ("heat", "c2", 5, 80), ("lift", "c1", 6, 80), ("lift", "c2", 0, 80),
            ("lift", "c2", 0, 81), ("lift", "c2", 0, 82), ("heat", "", 7, 80), ("heat", "", 8, 80),
            ("heat", "", 9, 80)]  # fmt: skip
    categories, communities, callers, numbers = (np.array(column) for column in zip(*rows, strict=True))
    found = problems(categories, communities, callers, days(*numbers), at=days(89.5)[0], rules=RULES)
    assert (found.category.tolist(), found.community.tolist()) == (["heat"], ["c1"])
    assert (found.orders.tolist(), found.callers.tolist()) == ([4], [3])
    assert (found.first[0], found.last[0]) == (days(0)[0], days(89)[0])
    for moment in (88, 90, 90.5):  # the last has not happened, the first is too long ago
        found = problems(categories, communities, callers, days(*numbers), at=days(moment)[0], rules=RULES)
        assert found.category.tolist() == []


def test_the_problem_of_most_callers_comes_first():
    categories, communities = ["a"] * 3 + ["b"] * 4 + ["c"] * 3, ["x"] * 7 + ["w"] * 3
    found = problems(categories, communities, range(1, 11), days(*range(10)), at=days(9)[0], rules=RULES)
    assert found.category.tolist() == ["b", "a", "c"]
    assert found.callers.tolist() == [4, 3, 3]


def test_no_orders_no_problems():
    found = problems(np.array([], str), np.array([], str), [], days(), at=ZERO, rules=RULES)
    assert len(found.category) == len(found.first) == 0


rows = st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab"), st.integers(0, 100)), max_size=25)


@given(rows)
def test_property_as_counted_one_by_one(told):
    callers, categories, moments = ([row[i] for row in told] for i in range(3))
    found = repeated(callers, categories, days(*moments), RULES)
    often = frequent(callers, days(*moments), RULES)
    for at, (caller, category, moment) in enumerate(told):
        before = [
            row for i, row in enumerate(told)
            if row[0] == caller and (row[2], i) < (moment, at) and row[2] >= moment - 30
        ]  # fmt: skip
        assert found[at] == (caller != 0 and any(row[1] == category for row in before))
        assert often[at] == (caller != 0 and len(before) >= 4)


@given(rows, st.integers(0, 100))
def test_property_what_comes_later_changes_nothing(told, until):
    groups, moments = [row[0] for row in told], [row[2] for row in told]
    early = [at for at, moment in enumerate(moments) if moment <= until]
    whole = earlier(groups, days(*moments), 30)
    part = earlier([groups[at] for at in early], days(*(moments[at] for at in early)), 30)
    assert whole[early].tolist() == part.tolist()


@given(rows, st.integers(0, 120))
def test_property_problems_as_sets(told, until):
    callers, communities, moments = ([row[i] for row in told] for i in range(3))
    found = problems(["x"] * len(told), communities, callers, days(*moments), at=days(until)[0], rules=RULES)
    expected = {}
    for place in "ab":
        seen = {row[0] for row in told if row[1] == place and until - 90 < row[2] <= until and row[0]}
        if len(seen) >= 3:
            expected[place] = len(seen)
    assert dict(zip(found.community.tolist(), found.callers.tolist(), strict=True)) == expected
