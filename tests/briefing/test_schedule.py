"""When reports are due: once a day and never twice, over time changes, months' ends and days without anybody."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.schedule import MOST, Entry, ScheduleError, before, covered, due, parse
from domain.workdays import is_workday

ENTRIES = st.builds(
    Entry,
    st.just("daily"),
    st.integers(0, 23),
    st.integers(0, 59),
    st.none(),
    st.none(),
    st.booleans(),
) | st.one_of(
    st.builds(
        Entry, st.just("weekly"), st.integers(0, 23), st.integers(0, 59), st.integers(0, 6), st.none(), st.just(False)
    ),
    st.builds(
        Entry, st.just("monthly"), st.integers(0, 23), st.integers(0, 59), st.none(), st.integers(1, 31), st.just(False)
    ),
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31))


def test_a_schedule_as_people_write_it():
    assert parse(" daily 07:30 workdays,weekly  Mon 08:00, monthly 31 00:05 ") == (
        Entry("daily", 7, 30, workdays=True),
        Entry("weekly", 8, 0, weekday=0),
        Entry("monthly", 0, 5, day=31),
    )
    assert parse("") == parse("none") == ()


@pytest.mark.parametrize("text", ["daily", "daily 7:30", "daily 25:00", "weekly Montag 08:00", "monthly 32 08:00"])
def test_what_makes_no_sense_says_what_to_write(text):
    with pytest.raises(ScheduleError, match="write KIND"):
        parse(text)


def test_a_kind_has_one_time():
    with pytest.raises(ScheduleError, match="daily is there twice"):
        parse("daily 07:30, daily 18:00")


@given(ENTRIES, st.dates(date(2024, 1, 1), date(2026, 12, 1)), st.integers(0, 39), st.integers(0, 1439))
def test_each_day_that_fits_is_due_once(entry, last, days, minute):
    now = datetime.combine(last + timedelta(days=days), datetime.min.time()) + timedelta(minutes=minute)
    expected = []
    for n in range(1, days + 1):
        day = last + timedelta(days=n)
        fits = (entry.weekday is None or day.isoweekday() == entry.weekday + 1) and (
            not entry.workdays or is_workday(day)
        )
        if entry.day is not None:
            length = monthrange(day.year, day.month)[1]
            fits = fits and (day.day == entry.day or (day.day == length and entry.day > length))
        when = datetime(day.year, day.month, day.day, entry.hour, entry.minute)
        if fits and when <= now:
            expected.append(when)
    assert due(entry, last, now) == expected


@given(ENTRIES, st.dates(date(2024, 1, 1), date(2024, 6, 1)), st.lists(st.integers(1, 5000), min_size=1, max_size=40))
def test_looking_often_or_seldom_makes_the_same_reports(entry, last, steps):
    now, seen, done = datetime.combine(last, datetime.max.time()), [], last
    for minutes in steps:
        now += timedelta(minutes=minutes)
        for when in due(entry, done, now):
            seen.append(when)
            done = when.date()
    assert len(seen) == len({when.date() for when in seen})
    assert seen[-MOST:] == due(entry, last, now)


@pytest.mark.parametrize("change", [datetime(2026, 3, 8, 4, tzinfo=UTC), datetime(2026, 11, 1, 3, tzinfo=UTC)])
@pytest.mark.parametrize("hour", [1, 2, 3])
def test_a_clock_that_is_put_forward_or_back_makes_one_report(change, hour):
    """In New York the hour from two does not exist on one of these nights and the hour from one comes twice on the
    other."""
    zone, entry = ZoneInfo("America/New_York"), Entry("daily", hour, 30)
    done, made = date(2026, 3, 7) if change.month == 3 else date(2026, 10, 31), []
    for minute in range(0, 12 * 60, 5):
        now = (change + timedelta(minutes=minute)).astimezone(zone).replace(tzinfo=None)
        for when in due(entry, done, now):
            made.append(when)
            done = when.date()
    assert [when.day for when in made] == [8 if change.month == 3 else 1]


def test_a_long_silence_is_made_up_with_the_newest():
    found = due(Entry("daily", 7, 30), date(2025, 1, 1), datetime(2026, 1, 1, 12))
    assert len(found) == MOST
    assert found[-1] == datetime(2026, 1, 1, 7, 30)


@given(ENTRIES, MOMENTS, st.integers(0, 5))
def test_the_newest_few_come_after_a_day(entry, now, count):
    if entry.day is not None or entry.weekday is not None or entry.workdays:
        count = min(count, 3)
    assert len(due(entry, before(entry, now, count), now)) == count


@given(MOMENTS)
def test_what_a_report_covers(when):
    first, end = covered("day", when)
    assert (end - first, end.date()) == (timedelta(days=1), when.date())
    first, end = covered("week", when)
    assert (first.isoweekday(), end - first) == (1, timedelta(days=7))
    assert timedelta() <= when - end < timedelta(days=7)
    first, end = covered("month", when)
    assert (first.day, end.day) == (1, 1)
    assert end <= when < end + timedelta(days=31)
    assert (end - first).days == monthrange(first.year, first.month)[1]


@given(st.dates(date(2025, 1, 3), date(2026, 12, 1)).filter(is_workday))
def test_on_workdays_every_day_is_covered_once(day):
    nxt = day + timedelta(days=1)
    while not is_workday(nxt):
        nxt += timedelta(days=1)
    one = covered("day", datetime.combine(day, datetime.min.time()), workdays=True)
    other = covered("day", datetime.combine(nxt, datetime.min.time()), workdays=True)
    assert one[1] == other[0]
