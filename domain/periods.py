"""Periods and what they are compared with (同比, 环比), always over the same elapsed part. Pure calendar arithmetic.

Periods: 'today', '7d', '30d', '90d', '12m', or 'YYYY-MM-DD..YYYY-MM-DD' with both days included. Times are the naive
wall-clock time of the city; spans are half-open. The current day counts only up to the moment `at`.

同比 (yoy), one year earlier:
  * The last day is moved one year back (Feb 29 to Feb 28) and the base ends at the same time of that day. Rolling
    periods (today, 7d, 30d, 90d) keep their length; '12m' and ranges of dates keep their dates.
  * Spring Festival: when a period of at most 120 days, or its calendar base, touches the festival window (7 days before
    lunar new year's day to 15 days after it) the base is moved by whole days so that the two new year's days coincide.
    Not when both contain their whole window: a full first quarter is compared with a full first quarter.
  * Otherwise today and 7d are compared with like days. today: the nearest day of the same kind (workday, moved workday,
    weekend, the same day of the same holiday), of the same weekday if there is one. 7d: whole weeks back (51, 52, 53),
    or the calendar base where that matches working and free days better.
环比 (mom), the period before: as long as this one and ending at the same time of day. '12m': the twelve months before.
A range that begins on the first of a month: as many months earlier, same days (1-21 November with 1-21 October), whole
months with whole months; where the earlier month has no such day, to the end of that month.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from domain import workdays

Comparison = Literal["yoy", "mom", "none"]
Alignment = Literal["calendar", "spring_festival", "workday"]

LONGEST_YEARS = 100  # so that every period has one before it
ROLLING_DAYS = {"today": 1, "7d": 7, "30d": 30, "90d": 90}
EARLIEST_YEAR = 1900  # a typing error, not a question; and every base is still a date
FESTIVAL_BEFORE, FESTIVAL_AFTER = 7, 15  # days around lunar new year's day in which a city does not behave as usual
FESTIVAL_LONGEST = timedelta(days=120)  # longer periods average the festival out and keep their dates
_RANGE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})")
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Span:
    """A half-open stretch of wall-clock time."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def first_day(self) -> date:
        return self.start.date()

    @property
    def last_day(self) -> date:
        """The last day that the span touches."""
        return (self.end - _TICK).date() if self.end > self.start else self.end.date()

    def moved(self, by: timedelta) -> "Span":
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True)
class Base:
    """What a span is compared with, and which days were made to coincide."""

    span: Span
    aligned: Alignment


def span_of(period: str, at: datetime) -> Span:
    """The span that `period` means at the moment `at`; never beyond it. ValueError for what is no period."""
    if at.tzinfo is not None:
        raise ValueError("at must be the city's wall-clock time, without a zone")
    if at.year < EARLIEST_YEAR:
        raise ValueError(f"no period ends before {EARLIEST_YEAR}")
    if period in ROLLING_DAYS:
        return Span(_midnight(at.date() - (ROLLING_DAYS[period] - 1) * _DAY), at)
    if period == "12m":
        return Span(_midnight(_months_later(at.date().replace(day=1), -11)), at)
    first, last = _range(period)
    if last < first:
        raise ValueError(f"the period {period} ends before it begins")
    if first.year < EARLIEST_YEAR:
        raise ValueError(f"the period {period} begins before {EARLIEST_YEAR}")
    if last.year - first.year > LONGEST_YEARS:
        raise ValueError(f"the period {period} is longer than {LONGEST_YEARS} years")
    start = _midnight(first)
    if start > at:
        raise ValueError(f"the period {period} begins after {at:%Y-%m-%d %H:%M}")
    return Span(start, at if last >= at.date() else _midnight(last + _DAY))


def base_of(period: str, span: Span, comparison: Comparison, at: datetime, *, align: bool = True) -> Base | None:
    """What `span` (= span_of(period, at)) is compared with; None when nothing is. `align=False`: dates only."""
    if span.end > at:
        raise ValueError("the span reaches beyond the moment it is asked at")
    if comparison == "none":
        return None
    if comparison == "mom":
        return Base(_preceding(period, span), "calendar")
    plain = _year_before(period, span)
    return _aligned(period, span, plain) if align else Base(plain, "calendar")


def _aligned(period: str, span: Span, plain: Span) -> Base:
    """The base of 同比 with like days beside each other, from the base by the calendar alone."""
    if span.length <= FESTIVAL_LONGEST and (festival := _festival_base(span, plain)):
        return festival
    if period == "today":
        return _like_day(span, plain)
    if period == "7d":
        return _like_week(span, plain)
    return Base(plain, "calendar")


def _range(period: str) -> tuple[date, date]:
    if found := _RANGE.fullmatch(period):
        try:
            return date.fromisoformat(found[1]), date.fromisoformat(found[2])
        except ValueError:
            pass
    raise ValueError(f"not a period: {period!r}; today, 7d, 30d, 90d, 12m or 2026-01-01..2026-03-31 are")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)


def _months_later(day: date, months: int) -> date:
    """The same day `months` later; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _moved_end(span: Span, last_day: date) -> datetime:
    """The end of a base whose last day is `last_day`: after as much of that day as the span has of its own."""
    return _midnight(last_day) + (span.end - _midnight(span.last_day))


# ---- 环比 ------------------------------------------------------------------------------------------------------------
def _preceding(period: str, span: Span) -> Span:
    if period in ROLLING_DAYS:
        return span.moved(-ROLLING_DAYS[period] * _DAY)
    if period == "12m":
        return Span(_midnight(_months_later(span.first_day, -12)), _moved_end(span, _months_later(span.last_day, -12)))
    if span.first_day.day == 1:
        return _months_before(span)
    return span.moved(-((span.last_day - span.first_day).days + 1) * _DAY)


def _months_before(span: Span) -> Span:
    """The base of a span that begins on the first of a month: as many months earlier as the span touches."""
    last = span.last_day
    months = (last.year - span.first_day.year) * 12 + last.month - span.first_day.month + 1
    start = _midnight(_months_later(span.first_day, -months))
    if span.end == _midnight(_months_later(last.replace(day=1), 1)):  # whole months
        return Span(start, span.start)
    earlier = _months_later(last, -months)
    if earlier.day < last.day:  # the earlier month has no such day: all of it
        return Span(start, _midnight(earlier + _DAY))
    return Span(start, _moved_end(span, earlier))


# ---- 同比 ------------------------------------------------------------------------------------------------------------
def _year_before(period: str, span: Span) -> Span:
    end = _moved_end(span, _months_later(span.last_day, -12))
    if period in ROLLING_DAYS:
        return Span(end - span.length, end)
    return Span(_midnight(_months_later(span.first_day, -12)), end)


def _festival_base(span: Span, plain: Span) -> Base | None:
    """The base moved so that lunar new year's days coincide; None where the festival plays no part."""
    for year in range(span.first_day.year, span.last_day.year + 1):
        if not workdays.FIRST_YEAR < year <= workdays.LAST_YEAR:
            continue
        now, before = workdays.spring_festival(year), workdays.spring_festival(year - 1)
        here, there = _overlap(span, now), _overlap(plain, before)
        if (here or there) and not (here == there == FESTIVAL_BEFORE + FESTIVAL_AFTER + 1):
            return Base(span.moved(before - now), "spring_festival")
    return None


def _overlap(span: Span, festival: date) -> int:
    """How many days of the festival window the span touches."""
    first = max(span.first_day, festival - FESTIVAL_BEFORE * _DAY)
    last = min(span.last_day, festival + FESTIVAL_AFTER * _DAY)
    return max((last - first).days + 1, 0)


def _like_day(span: Span, plain: Span) -> Base:
    """The day nearest to the calendar base that is the same kind of day, of the same weekday if there is one."""
    day, around = span.last_day, plain.last_day
    kind, holiday = workdays.day_kind(day), _place_in_holiday(day)
    reach = 35 if holiday else 14  # lunar festivals wander by a month

    def unlike(candidate: date) -> tuple[bool, bool, bool, bool, int, date]:
        theirs = _place_in_holiday(candidate)
        return (
            workdays.is_workday(candidate) != workdays.is_workday(day),
            workdays.day_kind(candidate) != kind,
            bool(holiday) and (theirs is None or theirs != holiday),
            not holiday and candidate.weekday() != day.weekday(),
            abs((candidate - around).days),
            candidate,
        )

    best = min((around + n * _DAY for n in range(-reach, reach + 1)), key=unlike)
    return Base(span.moved(best - day), "calendar" if best == around else "workday")


def _place_in_holiday(day: date) -> tuple[str, int] | None:
    """The holiday that a free day belongs to and its distance in days from the statutory day."""
    anchor = workdays.statutory_day(day)
    return anchor and (anchor[0], (day - anchor[1]).days)


def _like_week(span: Span, plain: Span) -> Base:
    """Whole weeks back, or the calendar base if more of its days are worked and free as in the span."""
    days = [span.first_day + n * _DAY for n in range(7)]
    calendar_shift = span.last_day - plain.last_day

    def alike(shift: timedelta) -> tuple[int, bool, timedelta]:
        same = sum(workdays.is_workday(day) == workdays.is_workday(day - shift) for day in days)
        return same, shift == timedelta(weeks=52), -abs(shift - calendar_shift)

    weekly = max((timedelta(weeks=n) for n in (51, 52, 53)), key=alike)
    if alike(calendar_shift)[0] > alike(weekly)[0]:
        return Base(plain, "calendar")
    return Base(span.moved(-weekly), "workday")
