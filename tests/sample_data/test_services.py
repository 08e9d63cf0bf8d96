"""What is said of the demo city's services: how many items, departments and halls; when people come; the hall with too
few windows and the one with a wrong clock."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from domain.workdays import is_workday
from sample_data.services import catalogue, halls

DAYS = [date(2026, 3, 2) + timedelta(days=n) for n in range(60)]


@pytest.fixture(scope="module")
def told() -> pd.DataFrame:
    """The tickets of sixty days, with minutes waited and served."""
    codes = [hall.code for hall in halls.halls()]
    frame = halls.tickets(codes, DAYS, 1, datetime(2026, 6, 1)).to_pandas()
    frame["waited"] = (frame["call_at"] - frame["take_at"]).dt.total_seconds() / 60
    frame["day"] = frame["take_at"].dt.date
    return frame


def test_some_six_thousand_items_of_47_departments():
    made = catalogue.catalogue(1, date(2026, 11, 20))
    now = made.frame[made.frame["valid_to"].isna()]
    assert 5_500 <= now["code"].nunique() == len(now) <= 6_500
    assert now["org"].nunique() == len(catalogue.departments()) == 47


def test_fourteen_halls_minute_by_minute_on_working_days_alone(told):
    assert told["hall"].nunique() == len(halls.halls()) == 14
    assert set(told["day"]) == {day for day in DAYS if is_workday(day)}
    minutes = told["take_at"].dt.hour * 60 + told["take_at"].dt.minute
    assert minutes.between(halls.OPENS, halls.CLOSES).all() and minutes.nunique() > 470


def test_most_come_on_mondays_and_before_holidays(told):
    by_day = told.groupby("day").size()
    weekday = pd.Series([day.weekday() for day in by_day.index], index=by_day.index)
    mondays, others = by_day[weekday == 0], by_day[weekday.between(1, 4)]
    assert mondays.median() > 1.12 * others.median()
    # Tomb-Sweeping Day is on Sunday 5 April, Saturday to Monday are free; Labour Day from Friday 1 May on
    for before in (date(2026, 4, 3), date(2026, 4, 30)):
        assert not is_workday(before + timedelta(days=1))
        same = [by_day[day] for day in by_day.index if day.weekday() == before.weekday() and day != before]
        assert by_day[before] > 1.08 * np.median(same)
    plain = date(2026, 3, 13)  # a Friday before a mere weekend
    assert by_day[plain] < 1.08 * by_day[weekday == 4].median()


def test_one_hall_has_too_few_windows_and_one_a_clock_that_is_behind(told):
    waited = told.groupby("hall")["waited"].median()
    assert waited.drop(halls.WRONG_CLOCK).idxmax() == halls.CROWDED
    assert waited[halls.CROWDED] > 3 * waited.drop(halls.CROWDED).max()
    early = told["waited"] < 0
    assert set(told[early]["hall"]) == {halls.WRONG_CLOCK}
