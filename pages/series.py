"""The days of a line: what was received on each, and on the day that it is compared with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from data_access import coverage, hotline
from domain.periods import Span
from pages.asking import Asked

DAY = timedelta(days=1)
YEAR = timedelta(days=364)  # so that weekdays agree


@dataclass(frozen=True)
class Series:
    """first, end: the moments between which days are shown, at least 90 of them. days: oldest first. counts: None where
    no orders were loaded. base: of the same day of last year or of the period before, None where there is none. whole:
    False for the day that still runs. before: the days before `first` and their counts, oldest first. year_before: what
    was received 364 days before each of `before` and of `days`; nothing where no days before were asked for."""

    first: datetime
    end: datetime
    days: list[date]
    counts: list[int | None]
    base: list[int | None]
    whole: list[bool]
    before: tuple[list[date], list[int | None]]
    year_before: list[int | None]

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
    since = first - timedelta(weeks=weeks)
    after = datetime.combine((end - timedelta(microseconds=1)).date(), time.min) + DAY
    shift = timedelta(days=round((asked.span.end - asked.base.span.end) / DAY)) if asked.base else None
    spans = [Span(since, end)]
    if shift is not None:
        spans.append(Span(first - shift, after - shift))
    if weeks:
        spans.append(Span(since - YEAR, after - YEAR))
    told = {day: n for span in _joined(spans) for day, n in zip(*_known(asked, span), strict=True)}
    every = [since.date() + timedelta(days=n) for n in range((after.date() - since.date()).days)]
    before, days = every[: 7 * weeks], every[7 * weeks :]
    return Series(
        first,
        end,
        days,
        [told[day] for day in days],
        [told[day - shift] if shift is not None else None for day in days],
        [datetime.combine(day, time.min) + DAY <= end for day in days],
        (before, [told[day] for day in before]),
        [told[day - YEAR] for day in every] if weeks else [],
    )


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The spans, those that meet or overlap as one: each costs a question."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _known(asked: Asked, span: Span) -> tuple[list[date], list[int | None]]:
    """(days, orders received on each): None where no orders were loaded."""
    dates, counts = hotline.daily(asked.area, span.start, span.end, asked.where)
    return dates, [n if there else None for n, there in zip(counts["received"], coverage.covered(dates), strict=True)]
