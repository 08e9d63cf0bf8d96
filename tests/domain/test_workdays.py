"""Working days and holidays of mainland China against the published notices."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import workdays
from domain.workdays import day_kind, holiday_name, holidays_between, is_workday, spring_festival, statutory_day

NOTICES = {  # State Council notices: holidays from and to, and the weekend days worked
    2024: (
        ["0101-0101", "0210-0217", "0404-0406", "0501-0505", "0608-0610", "0915-0917", "1001-1007"],
        ["0204", "0218", "0407", "0428", "0511", "0914", "0929", "1012"],
    ),
    2025: (
        ["0101-0101", "0128-0204", "0404-0406", "0501-0505", "0531-0602", "1001-1008"],
        ["0126", "0208", "0427", "0928", "1011"],
    ),
    2026: (
        ["0101-0103", "0215-0223", "0404-0406", "0501-0505", "0619-0621", "0925-0927", "1001-1007"],
        ["0104", "0214", "0228", "0509", "0920", "1010"],
    ),
}


def _day(year: int, text: str) -> date:
    return date(year, int(text[:2]), int(text[2:]))


@pytest.mark.parametrize("year", NOTICES)
def test_notices(year):
    runs, worked = NOTICES[year]
    free = set()
    for run in runs:
        day, last = (_day(year, text) for text in run.split("-"))
        while day <= last:
            free.add(day)
            day += timedelta(days=1)
    moved = {_day(year, text) for text in worked}
    day = date(year, 1, 1)
    while day.year == year:
        expected = day in moved or (day.weekday() < 5 and day not in free)
        assert is_workday(day) == expected, day
        assert (day_kind(day) == "moved_workday") == (day in moved), day
        if day in free:
            assert day_kind(day) == "holiday" and holiday_name(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    "day",
    [
        "1985-02-20",
        "2000-02-05",
        "2023-01-22",
        "2024-02-10",
        "2025-01-29",
        "2026-02-17",
        "2027-02-06",
        "2033-01-31",
        "2034-02-19",
    ],
)
def test_spring_festival(day):
    assert spring_festival(int(day[:4])).isoformat() == day


@given(st.integers(1951, 2100))
def test_property_lunar_years_have_twelve_or_thirteen_months(year):
    assert (spring_festival(year) - spring_festival(year - 1)).days in (353, 354, 355, 383, 384, 385)
    assert date(year, 1, 21) <= spring_festival(year) <= date(year, 2, 21)


def test_years_without_a_notice_say_so_and_fall_back():
    assert workdays.announced(2026)
    assert not workdays.announced(2060)
    assert not is_workday(date(2060, 10, 1)), "statutory days are known"
    assert is_workday(date(2060, 10, 12))
    assert not is_workday(date(2060, 10, 9)), "a Saturday: nothing is known to be moved"


def test_beyond_every_table_the_weekday_decides():
    assert not workdays.announced(2150)
    assert is_workday(date(2150, 10, 1)) == (date(2150, 10, 1).weekday() < 5)
    assert holiday_name(date(2150, 10, 1)) is None
    assert is_workday(date(1900, 1, 1))
    with pytest.raises(ValueError, match="1950 to 2100"):
        spring_festival(2101)


def test_runs_have_names_in_both_languages_and_cross_new_year():
    assert holidays_between(date(2023, 9, 1), date(2023, 10, 31)) == [
        (date(2023, 9, 29), date(2023, 10, 6), "中秋节、国庆节", "Mid-Autumn Festival and National Day")
    ]
    assert holidays_between(date(2023, 1, 2), date(2023, 1, 2)) == [
        (date(2022, 12, 31), date(2023, 1, 2), "元旦", "New Year's Day")
    ]
    assert [run[2] for run in holidays_between(date(2026, 1, 1), date(2026, 12, 31))] == [
        *("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
    ]
    assert holiday_name(date(2026, 2, 20), "en") == "Spring Festival"
    assert holiday_name(date(2026, 2, 24)) is None


def test_statutory_day_of_a_free_day():
    assert statutory_day(date(2025, 10, 6)) == ("中秋节", date(2025, 10, 6))
    assert statutory_day(date(2025, 10, 2)) == ("国庆节", date(2025, 10, 1))
    assert statutory_day(date(2026, 5, 5)) == ("劳动节", date(2026, 5, 1))
    assert statutory_day(date(2026, 5, 6)) is None
