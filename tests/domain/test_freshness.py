"""Age against cadence."""

from datetime import datetime, timedelta

import pytest

from domain.freshness import WORST_FIRST, freshness, state

NOW = datetime(2026, 11, 21, 15)


@pytest.mark.parametrize(
    ("age", "expected"),
    [(0, "fresh"), (20, "fresh"), (21, "late"), (60, "late"), (61, "stale"), (-10, "fresh"), (-11, "unknown")],
)
def test_states_of_a_ten_minute_source(age, expected):
    found = freshness(NOW - timedelta(minutes=age), NOW, 10)
    assert found.state == expected
    assert found.age == timedelta(minutes=age)


def test_limits_can_be_set_and_must_be_in_order():
    last = NOW - timedelta(minutes=25)
    assert state(last, NOW, 10) == "late"
    assert state(last, NOW, 10, late_after=3, stale_after=4) == "fresh"
    assert state(last, NOW, 10, late_after=1, stale_after=2) == "stale"
    for limits in ({"late_after": 7}, {"late_after": 0}, {"stale_after": 1}):
        with pytest.raises(ValueError, match="limits"):
            state(last, NOW, 10, **limits)
    with pytest.raises(ValueError, match="cadence"):
        state(last, NOW, -1)


def test_what_cannot_be_judged_is_unknown_and_keeps_its_age():
    assert freshness(None, NOW, 10).age is None
    assert state(None, NOW, 10) == "unknown"
    promised_nothing = freshness(NOW - timedelta(days=300), NOW, 0)
    assert (promised_nothing.state, promised_nothing.age) == ("unknown", timedelta(days=300))
    assert set(WORST_FIRST) == {"stale", "late", "unknown", "fresh"}
