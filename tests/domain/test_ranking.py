"""Ranks: ties tied, tiny denominators left out, places gained."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ranking import Item, interval, places, ranked


def test_mistake_10_tiny_denominators_and_ties():
    items = [Item("a", 0.90, 500), Item("b", 1.00, 2), Item("c", 0.95, 80), Item("d", 0.90, 40), Item("e", 0.80, 90)]
    items.append(Item("f", None, 900))
    found = ranked(items)
    assert [(row.key, row.rank, row.label) for row in found] == [
        ("c", 1, "1"),
        ("a", 2, "=2"),
        ("d", 2, "=2"),
        ("e", 4, "4"),
        ("f", None, ""),
        ("b", None, ""),
    ]


def test_lower_is_better_and_places_gained():
    items = [Item("a", 3.0), Item("b", 1.0), Item("c", 2.0)]
    found = ranked(items, better="lower", previous={"a": 1, "b": 3, "c": None})
    assert [(row.key, row.rank, row.rise) for row in found] == [("b", 1, 2), ("c", 2, None), ("a", 3, -2)]


def test_values_that_look_equal_tie():
    items = [Item("a", 0.92612), Item("b", 0.92614), Item("c", 0.92616)]
    assert [row.label for row in ranked(items, digits=4)] == ["1", "=2", "=2"]
    assert [row.label for row in ranked(items)] == ["1", "2", "3"]


rows = st.lists(
    st.builds(Item, st.uuids().map(str), st.one_of(st.none(), st.integers(0, 5)), st.integers(0, 60)), max_size=12
)


@given(rows, st.sampled_from(["higher", "lower", "neutral"]))
def test_property_rank_is_one_more_than_the_number_that_are_better(items, better):
    found = ranked(items, better=better)
    assert sorted(row.key for row in found) == sorted(item.key for item in items)
    placed = [row for row in found if row.rank is not None]
    for row in placed:
        ahead = [o for o in placed if (o.value < row.value if better == "lower" else o.value > row.value)]
        tied = [other for other in placed if other.value == row.value]
        assert row.rank == len(ahead) + 1
        assert row.label == (f"={row.rank}" if len(tied) > 1 else str(row.rank))
    assert all(row.value is None or row.n < 30 for row in found if row.rank is None)


@given(st.lists(st.integers(0, 9)))
def test_a_place_is_one_more_than_how_many_are_higher(values):
    assert places(values) == [1 + sum(other > value for other in values) for value in values]


def test_a_share_of_few_cases_says_less():
    low, high = interval(81, 263) or (0, 0)  # the textbook's example of Wilson's interval
    assert (low, high) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert interval(0, 0) is None
    few, many = interval(9, 10), interval(900, 1000)
    assert few and many and few[0] < many[0] < 0.9 < many[1] < few[1]
    assert (interval(10, 10) or (0, 0))[1] == pytest.approx(1.0)
    with pytest.raises(ValueError, match="part"):
        interval(3, 2)
