"""What was received by day against what was expected, and what moved the days that were not."""

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from components import figures
from components.panel import Answer, Measured, panel
from components.rows import amount, framed
from components.view import View
from components.words import days as said_days
from components.words import exact, signed, text
from data_access import hotline, order_facts
from data_access.areas import tree
from data_access.where import place_column
from domain import expected, workdays
from pages import series
from pages.asking import Asked, ask
from pages.days import free, happened, lasting
from pages.series import Series

WEEKS = 8  # of history that a day's band is made of
EXPLAINED = 8  # days outside, the furthest first
NAMED = 3  # that carry words; the script hides those that meet
SUDDEN = ("storm", "outage")  # no history for other days
NUMBERS = ("value", "base", "low", "middle", "high", "topic_delta", "place_delta")


class Cause(NamedTuple):
    """What moved a day most in the direction in which it left its band: orders above what is usual there."""

    code: str
    name: str
    delta: float


class Day(NamedTuple):
    """A day shown. usual: orders in the middle of its band."""

    at: int
    day: date
    value: float
    usual: float
    topic: Cause | None
    place: Cause | None

    @property
    def excess(self) -> float:
        return self.value - self.usual


class Judged(NamedTuple):
    """The days before and in the series as domain.expected needs them. sudden: kind of mark on a day. start: the index
    of the first day shown."""

    days: list[date]
    kinds: list[str]
    known: list[int | None]
    sudden: dict[date, str]
    start: int


def _judged(told: Series) -> Judged:
    begin = told.first - timedelta(weeks=WEEKS)
    marks = [mark for mark in hotline.marks(begin, told.end) if mark.kind in SUDDEN]
    dates, counts = [*told.before[0], *told.days], [*told.before[1], *told.counts]
    sudden: dict[date, str] = {}
    for mark in marks:
        for n in range((mark.end - mark.start.replace(hour=0, minute=0, second=0)).days + 1):
            sudden[mark.start.date() + timedelta(days=n)] = mark.kind

    def kind(day: date) -> str:
        if workdays.day_kind(day) in ("holiday", "moved_workday"):
            return "special"
        return "marked" if day in sudden else "ordinary"

    return Judged(dates, [kind(day) for day in dates], counts, sudden, len(dates) - len(told.days))


def _band(told: Series, judged: Judged) -> expected.Band:
    """Of the days shown."""
    values = [None if n is None else float(n) for n in judged.known]
    if not told.whole[-1]:
        values[-1] = None  # the day still runs
    found = expected.band(
        np.array(values, float),
        judged.kinds,
        last_year=np.array([None if n is None else float(n) for n in told.year_before], float),
    )
    return expected.Band(*(part[judged.start :] for part in (found.low, found.middle, found.high)))


def _causes(
    asked: Asked, judged: Judged, days: dict[int, int], by: str, names: dict[str, str]
) -> dict[int, Cause | None]:
    """What moved each day most. days: index into the days judged -> 1 above the band, -1 below."""
    history = {
        i: [
            judged.days[then]
            for then in range(i - 7, max(i - 7 * WEEKS, 0) - 1, -7)
            if judged.kinds[then] == "ordinary" and judged.known[then] is not None
        ]
        for i in days
    }
    wanted = {judged.days[i] for i in days}.union(*history.values())
    found = order_facts.received_on(asked.area, wanted, by, asked.where)
    causes: dict[int, Cause | None] = {}
    for i, way in days.items():
        moved = [
            (way * (counts.get(judged.days[i], 0) - median(counts.get(then, 0) for then in history[i])), code)
            for code, counts in found.items()
            if code and history[i]
        ]
        most, code = max(moved, default=(0, ""))
        causes[i] = Cause(code, names.get(code, code), way * most) if most > 0 else None
    return causes


def _runs(outside: Sequence[int]) -> list[list[int]]:
    """Indices of days outside, those side by side and on the same side together."""
    runs: list[list[int]] = []
    for i, way in enumerate(outside):
        if way and runs and runs[-1][-1] == i - 1 and outside[i - 1] == way:
            runs[-1].append(i)
        elif way:
            runs.append([i])
    return runs


@panel(figures.trend, about="hotline.received", source="hotline")
def trend(view: View) -> Answer:
    """day, value, base (the same day of last year or of the period before), whole (False: the day still runs), low,
    middle, high (where it was expected), outside (1 above, -1 below, 0 within or not judged), topic, topic_name,
    topic_delta, place, place_name, place_delta (what moved a day outside most, and by how many orders), why (the same
    in words), oldest first; NaN where no orders were loaded for a day or nothing is known."""
    asked = ask(view)
    lang, told = asked.lang, series.received(asked, WEEKS)
    judged = _judged(told)
    band = _band(told, judged)
    seen = np.array(
        [n if whole and n is not None else np.nan for n, whole in zip(told.counts, told.whole, strict=True)]
    )
    outside = [int(way) for way in expected.outside(seen.astype(float), band)]
    topics, places = _explained(asked, judged, band, seen, outside)
    low, middle, high = (part.tolist() for part in (band.low, band.middle, band.high))
    columns: dict[str, list[Any]] = {
        "day": told.begun, "value": told.counts, "base": told.base, "whole": told.whole,
        "low": low, "middle": middle, "high": high, "outside": outside,
    }  # fmt: skip
    for name, causes in (("topic", topics), ("place", places)):
        columns |= {
            name: [cause.code if cause else "" for cause in causes],
            f"{name}_name": [cause.name if cause else "" for cause in causes],
            f"{name}_delta": [cause.delta if cause else None for cause in causes],
        }
    days = [
        Day(i, day, float(told.counts[i] or 0), amount(middle[i]) or 0.0, topics[i], places[i])
        for i, day in enumerate(told.days)
    ]
    columns["why"] = [_why(day, lang) if outside[day.at] else "" for day in days]
    frame = framed(columns, NUMBERS)
    if not told.any:
        return Answer(frame, blank="empty" if told.known else "none")
    words = [_words([days[i] for i in run], judged.sudden, lang) for run in _runs(outside)]
    named = _spaced([one for one in words if one], len(days))
    base_name = text("trend.last_year" if view.compare == "yoy" else "trend.last_period", lang)
    explained = {(one["peak"].day - timedelta(days=n)).isoformat() for one in named for n in (0, 1)}
    marks = [one for one in happened(told.first, told.end, lang, SUDDEN) if one["start"] not in explained]
    facts = {
        "first": told.first,
        "marks": marks,
        "holidays": free(told.first.date(), told.end.date(), lang),
        "until": asked.at.strftime("%H:%M"),
        "base_name": base_name if asked.base else "",
        "focus": asked.span.start.strftime("%Y-%m-%d") if asked.span.start > told.first else None,
        "unit": text("trend.per_day", lang),
        "told": named,
        "bars": lasting(told.first, told.end, lang, "campaign"),
        "ticks": happened(told.first, told.end, lang, ("leader",)),
    }
    # of one count alone: the page's totals are seventeen
    now, base = hotline.received(asked.area, asked.span, asked.base, asked.where)
    measured = (Measured.of("hotline.received", now if asked.known else None, base=base),)
    parts = [text("trend.per_day", lang), said_days(told.first, told.end)]
    if not np.isnan(band.middle).all():
        parts.append(text("trend.band", lang))
    return Answer(frame, measured, facts, note=" · ".join(parts))


def _far(value: float, band: expected.Band, i: int) -> float:
    """How far outside, in half widths of the band."""
    return abs(value - band.middle[i]) / max(band.high[i] - band.middle[i], 1e-9)


def _explained(
    asked: Asked, judged: Judged, band: expected.Band, seen: np.ndarray, outside: list[int]
) -> tuple[list[Cause | None], list[Cause | None]]:
    """The category and the place that moved each day outside most, of the furthest days only."""
    lang = asked.lang
    far = sorted((i for i, way in enumerate(outside) if way), key=lambda i: (-_far(seen[i], band, i), i))[:EXPLAINED]
    days = {i + judged.start: outside[i] for i in far}
    by = "category" if asked.where.topic or asked.where.category else "topic"
    topics = _causes(asked, judged, days, by, hotline.category_names(lang)) if far else {}
    names = {area.code: area.label(lang) for area in tree().children(asked.area.code)}
    column = place_column(asked.area.level + 1)
    places = _causes(asked, judged, days, column, names) if far and names else {}
    indices = range(judged.start, judged.start + len(outside))
    return [topics.get(i) for i in indices], [places.get(i) for i in indices]


def _why(day: Day, lang: str) -> str:
    """2026-10-22: 464 orders, 250 expected; 道路积水 +120; 石桥市 +88. Lines of Plotly's HTML."""
    usual = exact(round(day.usual))
    lines = [text("trend.outside", lang, day=day.day.isoformat(), n=exact(day.value), expected=usual)]
    lines += [
        text("trend.cause", lang, name=one.name, delta=signed(one.delta, 0)) for one in (day.topic, day.place) if one
    ]
    return "<br>".join(lines)


def _words(run: list[Day], marked: dict[date, str], lang: str) -> dict[str, Any] | None:
    """The words of a run of days outside, at its furthest day; None where nothing explains it."""
    peak = max(run, key=lambda day: abs(day.excess))
    sudden = marked.get(peak.day)
    causes = [one.name for one in (peak.topic, peak.place) if one]
    if not causes:
        return None
    if sudden:
        said = f"{peak.day:%m-%d} {text(f'kind.{sudden}', lang)}"
    elif len(run) > 2:
        said = text("trend.run", lang, day=run[0].day.strftime("%m-%d"), n=len(run))
    else:
        said = f"{peak.day:%m-%d}"
    lines = [f"{said} {signed(peak.excess, 0)}", " · ".join(causes)]
    return {"day": peak.day.isoformat(), "lines": lines, "full": _why(peak, lang), "peak": peak}


def _spaced(words: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    """The furthest few that lie apart, the furthest first: where room is short the script keeps the first."""
    kept: list[dict[str, Any]] = []
    for one in sorted(words, key=lambda one: -abs(one["peak"].excess)):
        at = one["peak"].at
        if len(kept) < NAMED and all(abs(at - other["peak"].at) > size * 0.2 for other in kept):
            kept.append(one)
    return kept
