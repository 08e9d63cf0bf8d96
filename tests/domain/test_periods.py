"""The comparison calendar: the same elapsed part, Spring Festival, like days, February 29."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain import workdays
from domain.periods import Base, Span, base_of, span_of

PERIODS = ["today", "7d", "30d", "90d", "12m"]
moments = st.datetimes(datetime(2003, 1, 1), datetime(2099, 12, 31))


def base(period: str, at: datetime, comparison="yoy", **kwargs) -> Base:
    found = base_of(period, span_of(period, at), comparison, at, **kwargs)
    assert found is not None
    return found


def test_spans():
    at = datetime(2026, 11, 21, 15, 7, 30)
    assert span_of("today", at) == Span(datetime(2026, 11, 21), at)
    assert span_of("7d", at) == Span(datetime(2026, 11, 15), at)
    assert span_of("30d", at) == Span(datetime(2026, 10, 23), at)
    assert span_of("90d", at) == Span(datetime(2026, 8, 24), at)
    assert span_of("12m", at) == Span(datetime(2025, 12, 1), at)
    assert span_of("2026-01-01..2026-03-31", at) == Span(datetime(2026, 1, 1), datetime(2026, 4, 1))
    assert span_of("2026-11-01..2026-11-30", at) == Span(datetime(2026, 11, 1), at)
    assert span_of("2026-11-21..2026-11-21", at) == Span(datetime(2026, 11, 21), at)


def test_at_midnight_today_is_empty_and_ranges_stay_whole():
    at = datetime(2026, 11, 1)
    assert span_of("today", at) == Span(at, at)
    assert base("today", at, "mom").span == Span(datetime(2026, 10, 31), datetime(2026, 10, 31))
    assert base("7d", at, "mom").span == Span(datetime(2026, 10, 19), datetime(2026, 10, 25))
    assert span_of("2026-10-01..2026-10-31", at) == Span(datetime(2026, 10, 1), at)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8d",
        "TODAY",
        "2026-01-01",
        "2026-02-01..2026-01-01",
        "2026-02-30..2026-03-01",
        "2026-13-01..2026-13-02",
        "2026-11-22..2026-11-23",
        "20260101..20260201",
        "2026-W01-1..2026-W01-2",
        "a..b",
        "..",
        "2026-01-01...2026-01-02",
    ],
)
def test_nonsense_is_refused(text):
    with pytest.raises(ValueError, match="period"):
        span_of(text, datetime(2026, 11, 21, 12))


@pytest.mark.parametrize("period", [*PERIODS, "0001-01-01..2026-01-01", "1899-12-31..2026-01-01"])
def test_before_all_cities_is_refused(period):
    with pytest.raises(ValueError, match="1900"):
        span_of(period, datetime(1, 1, 5) if period in PERIODS else datetime(2026, 11, 21))


@given(st.datetimes(datetime(1900, 1, 1)), st.sampled_from(PERIODS), st.dates(date(1900, 1, 1)), st.dates())
def test_property_every_period_has_its_bases(at, period, first, last):
    periods = [period]
    if first <= last and datetime.combine(first, time.min) <= at:
        if last.year - first.year > 100:
            with pytest.raises(ValueError, match="longer than 100 years"):
                span_of(f"{first}..{last}", at)
        else:
            periods.append(f"{first}..{last}")
    for each in periods:
        for comparison in ("yoy", "mom"):
            found = base(each, at, comparison).span
            assert found.start <= found.end
            assert found.start < span_of(each, at).start


def test_a_zone_or_a_span_beyond_the_moment_is_refused():
    at = datetime(2026, 11, 21, 12)
    with pytest.raises(ValueError, match="zone"):
        span_of("today", at.astimezone())
    with pytest.raises(ValueError, match="beyond"):
        base_of("today", Span(datetime(2026, 11, 21), at + timedelta(minutes=1)), "mom", at)


def test_none_compares_with_nothing():
    at = datetime(2026, 11, 21, 12)
    assert base_of("7d", span_of("7d", at), "none", at) is None


def test_mistake_3_partial_month_against_the_same_days_not_the_whole_month():
    at = datetime(2026, 11, 21, 15)
    period = "2026-11-01..2026-11-30"
    assert base(period, at, "mom").span == Span(datetime(2026, 10, 1), datetime(2026, 10, 21, 15))
    assert base(period, at, "yoy") == Base(Span(datetime(2025, 11, 1), datetime(2025, 11, 21, 15)), "calendar")


def test_mistake_3_today_until_the_same_minute():
    at = datetime(2026, 11, 21, 15, 7)
    assert base("today", at, "mom").span == Span(datetime(2026, 11, 20), datetime(2026, 11, 20, 15, 7))


def test_mom_whole_months_and_missing_days():
    at = datetime(2026, 11, 21, 15)
    march = base("2026-03-01..2026-03-31", at, "mom").span
    assert march == Span(datetime(2026, 2, 1), datetime(2026, 3, 1))
    quarter = base("2026-04-01..2026-06-30", at, "mom").span
    assert quarter == Span(datetime(2026, 1, 1), datetime(2026, 4, 1))
    clipped = base("2026-03-01..2026-03-30", at, "mom").span
    assert clipped == Span(datetime(2026, 2, 1), datetime(2026, 3, 1))
    partly = base("2026-03-01..2026-03-31", datetime(2026, 3, 30, 9), "mom").span
    assert partly == Span(datetime(2026, 2, 1), datetime(2026, 3, 1))
    inner = base("2026-03-05..2026-03-14", at, "mom").span
    assert inner == Span(datetime(2026, 2, 23), datetime(2026, 3, 5))
    year = base("12m", at, "mom").span
    assert year == Span(datetime(2024, 12, 1), datetime(2025, 11, 21, 15))


def test_february_29():
    at = datetime(2024, 2, 29, 15, 30)
    today = base("today", at, align=False).span
    assert today == Span(datetime(2023, 2, 28), datetime(2023, 2, 28, 15, 30))
    week = base("7d", at, align=False).span
    assert week == Span(datetime(2023, 2, 22), datetime(2023, 2, 28, 15, 30))
    month = base("2024-02-01..2024-02-29", datetime(2024, 6, 1), align=False).span
    assert month == Span(datetime(2023, 2, 1), datetime(2023, 3, 1))
    after = base("2025-02-01..2025-02-28", datetime(2025, 6, 1), align=False).span
    assert after == Span(datetime(2024, 2, 1), datetime(2024, 2, 29)), "the same days, not a 29th more"
    over = base("7d", datetime(2024, 3, 2, 9), align=False).span
    assert over == Span(datetime(2023, 2, 24), datetime(2023, 3, 2, 9)), "rolling periods keep their length"


def test_mistake_4_spring_festival_days_beside_each_other():
    at = datetime(2026, 2, 20, 9)  # 正月初四; new year's day 2026-02-17, the year before 2025-01-29
    found = base("7d", at)
    assert found == Base(Span(datetime(2025, 1, 26), datetime(2025, 2, 1, 9)), "spring_festival")
    assert base("today", datetime(2026, 2, 17, 9)).span.start == datetime(2025, 1, 29)
    assert base("7d", at, align=False) == Base(Span(datetime(2025, 2, 14), datetime(2025, 2, 20, 9)), "calendar")


def test_spring_festival_also_when_only_the_base_would_hold_it():
    found = base("7d", datetime(2025, 2, 22, 9))  # 24 days after the festival; the year before, 2024-02-22 is day 12
    assert found.aligned == "spring_festival"
    assert found.span.last_day == date(2024, 2, 10) + timedelta(days=24)


def test_a_full_quarter_and_long_periods_keep_their_dates():
    at = datetime(2026, 5, 10, 9)
    assert base("2026-01-01..2026-03-31", at) == Base(Span(datetime(2025, 1, 1), datetime(2025, 4, 1)), "calendar")
    assert base("12m", datetime(2026, 2, 18, 9)).aligned == "calendar"
    january = base("2026-01-20..2026-02-19", at)
    assert january == Base(Span(datetime(2025, 1, 1), datetime(2025, 2, 1)), "spring_festival")


def test_mistake_4_today_like_days():
    monday = base("today", datetime(2026, 11, 23, 15))
    assert monday == Base(Span(datetime(2025, 11, 24), datetime(2025, 11, 24, 15)), "workday")
    moved = base("today", datetime(2026, 10, 10, 8))  # a Saturday that is worked, as 2025-10-11 was
    assert moved.span.first_day == date(2025, 10, 11)
    dragon = base("today", datetime(2026, 6, 19, 8))  # 端午节 itself; 2025: May 31
    assert dragon.span.first_day == date(2025, 5, 31)
    autumn = base("today", datetime(2026, 9, 25, 8))  # 中秋节 itself; 2025: October 6, inside the national holiday
    assert autumn.span.first_day == date(2025, 10, 6)
    third = base("today", datetime(2026, 10, 3, 8))
    assert third == Base(Span(datetime(2025, 10, 3), datetime(2025, 10, 3, 8)), "calendar")


def test_a_week_is_compared_by_whole_weeks():
    found = base("7d", datetime(2026, 11, 21, 9))
    assert found == Base(Span(datetime(2025, 11, 16), datetime(2025, 11, 22, 9)), "workday")


@given(moments, st.sampled_from(["today", "7d", "30d", "90d"]))
def test_property_rolling_bases_keep_length_and_elapsed_part(at, period):
    span = span_of(period, at)
    for comparison in ("yoy", "mom"):
        for align in (True, False):
            found = base(period, at, comparison, align=align)
            assert found.span.length == span.length
            assert found.span.start.time() == time.min
            assert found.span.end.time() == at.time()
            assert found.span.end <= span.start


@given(moments)
def test_property_today_to_the_very_minute(at):
    for comparison in ("yoy", "mom"):
        found = base("today", at, comparison).span
        assert found.end - datetime.combine(found.first_day, time.min) == at - datetime.combine(at.date(), time.min)
        assert found.first_day == found.end.date()


@given(moments, st.integers(1, 400), st.integers(0, 300), st.sampled_from(["yoy", "mom"]), st.booleans())
def test_property_ranges_never_overlap_their_base_nor_lose_the_minute(at, back, length, comparison, align):
    first = at.date() - timedelta(days=back)
    last = first + timedelta(days=length)
    period = f"{first}..{last}"
    span = span_of(period, at)
    assert span.end <= at
    found = base(period, at, comparison, align=align).span
    assert found.start < found.end <= span.start + (timedelta(0) if comparison == "mom" else timedelta(days=1000))
    assert found.start < span.start
    assert found.end.time() in (span.end.time(), time.min)
    if comparison == "mom" and first.day != 1:
        days = (span.last_day - span.first_day).days + 1
        assert found == Span(span.start - timedelta(days=days), span.end - timedelta(days=days))
    if comparison == "yoy":
        assert abs(found.length - span.length) <= timedelta(days=1)


@given(st.integers(2004, 2099), st.integers(-7, 21), st.sampled_from(["today", "7d"]), st.times())
def test_property_spring_festival_falls_on_the_same_offset(year, offset, period, clock):
    assume(clock > time.min)
    festival, before = workdays.spring_festival(year), workdays.spring_festival(year - 1)
    at = datetime.combine(festival + timedelta(days=offset), clock)
    span = span_of(period, at)
    assume(span.first_day <= festival + timedelta(days=15))
    found = base(period, at)
    assert found.aligned == "spring_festival"
    assert span.start.date() - festival == found.span.start.date() - before
    assert span.end - datetime.combine(festival, time.min) == found.span.end - datetime.combine(before, time.min)


@given(st.dates(date(2003, 1, 1), date(2026, 12, 31)))
def test_property_today_is_compared_with_a_day_of_the_same_kind(day):
    found = base("today", datetime.combine(day, time(15)))
    if found.aligned == "workday" and workdays.day_kind(day) in ("workday", "weekend"):
        assert workdays.is_workday(found.span.first_day) == workdays.is_workday(day)
    assert 300 < (day - found.span.first_day).days < 430


@given(moments, st.sampled_from(PERIODS))
def test_property_unaligned_year_before_ends_on_the_same_date(at, period):
    assume(at.time() > time.min)
    found = base(period, at, align=False)
    assert found.aligned == "calendar"
    assert (found.span.end.month, min(found.span.end.day, 28)) == (at.month, min(at.day, 28))
    assert found.span.end.year == at.year - 1
