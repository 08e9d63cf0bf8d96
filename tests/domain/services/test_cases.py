"""Case-based rates and working days."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.services import cases
from domain.services.days import Calendar
from domain.workdays import is_workday

YEAR = Calendar(date(2025, 12, 1), date(2026, 12, 31))


def day(text: str) -> np.ndarray:
    return np.array([text], dtype="datetime64[D]")


def test_rates_are_parts_and_nothing_is_no_rate():
    assert cases.accepted_rate(4780, 214).value == pytest.approx(4780 / 4994)
    assert cases.on_time_rate(0, 0).value is None
    assert cases.good_rate(98, 100).value == 0.98
    assert cases.speed_up(72, 1000).value == pytest.approx(0.928)  # a city published 92.80 %
    assert cases.speed_up(12, 10).value == pytest.approx(-0.2)
    more = cases.active_rating_rate(9, 8)  # ratings of the day, of cases finished before it
    assert (more.numerator, more.denominator, more.value) == (9, 8, None)


def test_one_case_over_a_weekend_and_a_holiday():
    assert YEAR.between(day("2026-01-09"), day("2026-01-09"))[0] == 0  # a Friday
    assert YEAR.between(day("2026-01-09"), day("2026-01-12"))[0] == 1
    assert YEAR.last_day(day("2026-01-09"), np.array([1]))[0] == np.datetime64("2026-01-12")
    assert YEAR.between(day("2026-09-30"), day("2026-10-08"))[0] == 1  # the week of National Day
    assert YEAR.last_day(day("2026-01-10"), np.array([0]))[0] == np.datetime64("2026-01-10")


def test_a_calendar_says_when_it_is_too_short():
    with pytest.raises(ValueError, match="longer"):
        YEAR.between(day("2020-01-01"), day("2026-01-01"))
    with pytest.raises(ValueError, match="longer"):
        YEAR.last_day(day("2026-12-30"), np.array([20]))


@given(st.integers(0, 300), st.integers(1, 60))
def test_the_last_day_is_the_last_on_time(start, limit):
    accepted = date(2025, 12, 1) + timedelta(days=start)
    last = YEAR.last_day(day(str(accepted)), np.array([limit]))[0].astype(date)
    counted = sum(is_workday(accepted + timedelta(days=n + 1)) for n in range((last - accepted).days))
    assert counted == limit
    assert is_workday(last)
    assert YEAR.between(day(str(accepted)), day(str(last)))[0] == limit
