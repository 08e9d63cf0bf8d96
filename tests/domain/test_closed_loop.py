"""What comes in and goes out explains what is open; a funnel is one cohort."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.closed_loop import Step, discrepancy, funnel


def test_discrepancy():
    assert discrepancy(100, 50, 60, 90) == 0
    assert discrepancy(100, 50, 60, 88) == -2
    assert discrepancy(100, 50, 60, 93, reopened=3) == 0


def test_funnel():
    assert funnel([("received", 200), ("dispatched", 100), ("signed", 100), ("closed", 0), ("called", 0)]) == [
        Step("received", 200, 1, None),
        Step("dispatched", 100, 0.5, 0.5),
        Step("signed", 100, 0.5, 1),
        Step("closed", 0, 0, 0),
        Step("called", 0, 0, None),
    ]
    assert funnel([("received", 0), ("closed", 0)])[0] == Step("received", 0, None, None)
    for wrong in ([("received", 1), ("closed", 2)], [("received", -1)]):
        with pytest.raises(ValueError, match="not one cohort"):
            funnel(wrong)


orders = st.lists(st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30)), max_size=30)


@given(orders, st.integers(0, 30), st.integers(0, 30))
def test_property_orders_that_are_counted_right_agree_and_a_lost_one_shows(lives, one, other):
    start, end = sorted((one, other))
    lives = [(a, None if c is None else max(a, c)) for a, c in lives]

    def open_at(moment, of):
        return sum(a <= moment and (c is None or c > moment) for a, c in of)

    arrivals = sum(start < a <= end for a, _ in lives)
    closures = sum(c is not None and start < c <= end for _, c in lives)
    opening, closing = open_at(start, lives), open_at(end, lives)
    assert discrepancy(opening, arrivals, closures, closing) == 0
    for lost in range(len(lives)):
        kept = lives[:lost] + lives[lost + 1 :]
        was_open = open_at(end, [lives[lost]])
        assert discrepancy(opening, arrivals, closures, open_at(end, kept)) == -was_open
