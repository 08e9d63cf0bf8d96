"""The days of a line: what was received on each, and on the day that it is compared with."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from data_access import coverage, hotline
from pages.asking import Asked


@dataclass(frozen=True)
class Series:
    """first, end: the moments between which days are shown, at least 90 of them. days: oldest first. counts: None where
    no orders were loaded. base: of the same day of last year or of the period before, None where there is none. whole:
    False for the day that still runs. before: the days before `first` and their counts, oldest first."""

    first: datetime
    end: datetime
    days: list[date]
    counts: list[int | None]
    base: list[int | None]
    whole: list[bool]
    before: tuple[list[date], list[int | None]]

    @property
    def begun(self) -> list[datetime]:
        return [datetime.combine(day, time.min) for day in self.days]

    @property
    def any(self) -> bool:
        return any(self.counts)

    @property
    def known(self) -> bool:
        return any(value is not None for value in self.counts)


def received(asked: Asked, weeks: int = 0) -> Series:
    """The days of the period; of a short one the 90 days that it ends. weeks: also told of before them."""
    long = asked.span.end - asked.span.start > timedelta(days=90)
    first = asked.span.start if long else datetime.combine((asked.at - timedelta(days=89)).date(), time.min)
    end = asked.span.end if long else max(asked.span.end, min(asked.at, asked.span.end + timedelta(days=30)))
    first = min(first, asked.span.start)
    dates, counts = known(asked, first - timedelta(weeks=weeks), end)
    before = dates[: 7 * weeks], counts[: 7 * weeks]
    dates, counts = dates[7 * weeks :], counts[7 * weeks :]
    base: list[int | None] = [None] * len(dates)
    if asked.base:
        shift = asked.span.end - asked.base.span.end
        shift = timedelta(days=round(shift / timedelta(days=1)))
        until = datetime.combine(end.date(), time.min) - shift + timedelta(days=1)
        base = [*known(asked, first - shift, until)[1], *base][: len(dates)]
    whole = [datetime.combine(day, time.min) + timedelta(days=1) <= end for day in dates]
    return Series(first, end, dates, counts, base, whole, before)


def known(asked: Asked, first: datetime, end: datetime) -> tuple[list[date], list[int | None]]:
    """(days, orders received on each): None where no orders were loaded."""
    dates, counts = hotline.daily(asked.area, first, end, asked.where)
    return dates, [n if there else None for n, there in zip(counts["received"], coverage.covered(dates), strict=True)]
