"""Working days, public holidays and Spring Festival in mainland China.

From the `holidays` library: the State Council's yearly notices with the moved workdays (调休), the lunar new year for
1950 to 2100. The notice for a year comes out in the November before; until the library has it, `announced(year)` is
False, statutory holidays are still known, and moved workdays are not: weekends then count as free, all else as worked.
Outside 1950 to 2100 there is no calendar: every date is its weekday, and spring_festival raises ValueError.
"""

from datetime import date, timedelta
from functools import cache
from typing import Literal

import holidays as calendars

FIRST_YEAR, LAST_YEAR = 1950, 2100
DayKind = Literal["workday", "moved_workday", "weekend", "holiday"]

_NAMES = {  # (Chinese as the library says it, Chinese as shown, English); order decides when one day has two names
    "春节": ("春节", "Spring Festival"),
    "农历除夕": ("春节", "Spring Festival"),
    "国庆节": ("国庆节", "National Day"),
    "中秋节": ("中秋节", "Mid-Autumn Festival"),
    "劳动节": ("劳动节", "Labour Day"),
    "清明节": ("清明节", "Tomb-Sweeping Day"),
    "端午节": ("端午节", "Dragon Boat Festival"),
    "元旦": ("元旦", "New Year's Day"),
}


@cache
def _calendar(year: int) -> calendars.HolidayBase:
    return calendars.country_holidays("CN", years=year, language="zh_CN", expand=False)


def announced(year: int) -> bool:
    """Whether the moved workdays of `year` are known (the yearly notice is in the library)."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return False
    return any(day.year == year for day in _calendar(year).weekend_workdays)


def _free(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR and day in _calendar(day.year)


def is_moved_workday(day: date) -> bool:
    """A Saturday or Sunday that is worked so that another day can be free (调休)."""
    return FIRST_YEAR <= day.year <= LAST_YEAR and day in _calendar(day.year).weekend_workdays


def is_workday(day: date) -> bool:
    """Whether offices work on `day`."""
    return is_moved_workday(day) or (day.weekday() < 5 and not _free(day))


def day_kind(day: date) -> DayKind:
    """What kind of day it is for comparing like with like. A weekend within a holiday run is a holiday."""
    if is_moved_workday(day):
        return "moved_workday"
    if holiday_name(day, "zh") is not None:
        return "holiday"
    return "weekend" if day.weekday() >= 5 else "workday"


@cache
def _runs(year: int) -> tuple[tuple[date, date, str, str], ...]:
    """The holiday runs that begin in `year`: first day, last day (inclusive), name in Chinese and English.

    A run is named after the statutory holidays in it (国庆节、中秋节 in 2025); a weekend that touches it belongs to it
    unless it is worked. Runs that follow each other without a workday but are named differently stay one run.
    """
    found = []
    day, stop = date(year, 1, 1), date(year, 12, 31)
    if not is_workday(day - timedelta(days=1)):  # a run over New Year belongs to the year before
        while not is_workday(day):
            day += timedelta(days=1)
    while day <= stop:
        if is_workday(day):
            day += timedelta(days=1)
            continue
        last = day
        while not is_workday(last + timedelta(days=1)):
            last += timedelta(days=1)
        names = _names_within(day, last)
        if names:
            zh = "、".join(name for name, _ in names)
            found.append((day, last, zh, " and ".join(name for _, name in names)))
        day = last + timedelta(days=1)
    return tuple(found)


def _names_on(day: date) -> list[tuple[str, str]]:
    """The statutory holidays that `day` itself carries; a day off in lieu (补假, 调休) carries none."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return []
    said = (_calendar(day.year).get(day) or "").split("; ")
    return [name for key, name in _NAMES.items() if key in said]


def _names_within(first: date, last: date) -> list[tuple[str, str]]:
    """The statutory holidays from `first` to `last`, in order of their first day."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return list(dict.fromkeys(name for day in days for name in _names_on(day)))


def holidays_between(start: date, end: date) -> list[tuple[date, date, str, str]]:
    """The holiday runs that touch [start, end], oldest first: (first day, last day inclusive, name_zh, name_en)."""
    return [
        run
        for year in range(max(start.year - 1, FIRST_YEAR), min(end.year, LAST_YEAR) + 1)
        for run in _runs(year)
        if run[0] <= end and run[1] >= start
    ]


def holiday_name(day: date, lang: str = "zh") -> str | None:
    """The name of the holiday run that `day` belongs to, in Chinese ('zh') or English; None when it is none."""
    for _, _, zh, en in holidays_between(day, day):
        return zh if lang == "zh" else en
    return None


@cache
def spring_festival(year: int) -> date:
    """Lunar new year's day (正月初一) of a Gregorian `year` from 1950 to 2100. ValueError outside."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"Spring Festival is known for {FIRST_YEAR} to {LAST_YEAR}, not for {year}")
    found = calendars.China(years=year, language="zh_CN", expand=False).get_named("春节", lookup="icontains")
    statutory = [day for day in found if "（" not in _calendar(year)[day]]
    return min(statutory)


def statutory_day(day: date) -> tuple[str, date] | None:
    """The statutory holiday (Chinese name) that a free `day` belongs to, and that holiday's first statutory day.

    A run with two holidays (国庆节、中秋节) belongs to the one whose statutory day is nearest, the earlier on a tie.
    None for a day outside holidays.
    """
    for first, last, _, _ in holidays_between(day, day):
        anchors: dict[str, date] = {}
        at = first
        while at <= last:
            for name, _english in _names_on(at):
                anchors.setdefault(name, at)
            at += timedelta(days=1)
        return min(anchors.items(), key=lambda found: (abs((day - found[1]).days), found[1]))
    return None
