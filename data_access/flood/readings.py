"""Questions about readings, as they were known at a moment: what came or was corrected later does not count."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Select, bindparam, case, func, or_, select

from data_access.engine import columns, engine, rows
from data_access.flood.cube import value_at_most
from data_access.flood.stations import station
from data_access.flood.tables import flood_day as d
from data_access.flood.tables import flood_reading as r
from data_access.remember import remembered
from data_access.where import AT, END, FIRST
from domain.flood.rain import whole
from domain.flood.rules import rules

Key = tuple[str, str]  # station, element
DIGITS = 3  # a level of 113.1 m is kept as 113.09999; to be at its threshold it has to be 113.1 again
_RECENT = timedelta(hours=3)  # most stations spoke within
_HOUR, _MINUTE, _SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
_LONG = timedelta(days=40)  # silent for longer is looked for apart
_EVER = datetime(1800, 1, 1)
_TRIES = 8  # days of a silent station that are looked into before all of them are
_GOOD = 0


class Reading(NamedTuple):
    """One reading; value in the unit of its element. confidence: video only."""

    moment: datetime
    value: float
    quality: int
    confidence: float | None


class Series(NamedTuple):
    """Readings of a station in the order of time, corrections applied, of any quality."""

    moments: np.ndarray  # datetime64[s]
    values: np.ndarray  # float
    quality: np.ndarray  # int

    @property
    def good(self) -> "Series":
        """Only the good ones."""
        kept = self.quality == _GOOD
        return Series(self.moments[kept], self.values[kept], self.quality[kept])


class Day(NamedTuple):
    """The good readings of a station's day, as they are known today."""

    day: date
    n: int
    total: float
    low: float
    high: float
    high_at: datetime
    last: float
    last_at: datetime


def counts(at: ColumnElement = AT) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a reading that counts as-of `at`."""
    return (
        r.c.moment <= at,
        or_(r.c.received_at.is_(None), r.c.received_at <= at),
        or_(r.c.superseded_at.is_(None), r.c.superseded_at > at),
    )


# ---- the newest ------------------------------------------------------------------------------------------------------
@cache
def _newest(of: bool = False, until: bool = False) -> Select:
    """The newest good reading of each station and element after :first; of :stations, up to :end only."""
    where = [*counts(), r.c.moment > FIRST, r.c.quality == _GOOD]
    if of:
        where.append(r.c.station.in_(bindparam("stations", expanding=True)))
    if until:
        where.append(r.c.moment <= END)
    told = (value_at_most(column, r.c.moment) for column in (r.c.value, r.c.quality, _CONFIDENCE))
    query = select(r.c.station, r.c.element, func.max(r.c.moment), *told).where(*where)
    return query.group_by(r.c.station, r.c.element)


_CONFIDENCE = func.coalesce(r.c.confidence, -1)  # NULL would let an older one through


@cache
def _spoke(since: bool) -> Select:
    """The last day before :day (and from :since on) on which each station said something good of an element."""
    where = [d.c.day < bindparam("day"), d.c.element != "rain08"]
    if since:
        where.append(d.c.day >= bindparam("since"))
    return select(d.c.station, d.c.element, func.max(d.c.day)).where(*where).group_by(d.c.station, d.c.element)


def _found(query: Select, values: dict[str, Any]) -> dict[Key, Reading]:
    return {
        (code, element): Reading(moment, round(value, DIGITS), quality, _sure(confidence))
        for code, element, moment, value, quality, confidence in rows(query, values)
    }


@cache
def _both() -> Select:
    """The newest good reading and the newest of any quality of each station and element after :first."""
    good = r.c.quality == _GOOD
    when = case((good, r.c.moment))
    best = (
        func.max(when),
        value_at_most(case((good, r.c.value)), when),
        value_at_most(case((good, _CONFIDENCE)), when),
    )
    told = (value_at_most(column, r.c.moment) for column in (r.c.value, r.c.quality, _CONFIDENCE))
    query = select(r.c.station, r.c.element, *best, func.max(r.c.moment), *told)
    return query.where(*counts(), r.c.moment > FIRST).group_by(r.c.station, r.c.element)


@remembered
def _recent(at: datetime) -> tuple[dict[Key, Reading], dict[Key, Reading]]:
    """The newest good readings of the last hours, and the newest where it is another one."""
    good, other = {}, {}
    for row in rows(_both(), {"at": at, "first": at - _RECENT}):
        code, element, moment, value, confidence, last, last_value, quality, last_confidence = row
        if moment is not None:
            good[code, element] = Reading(moment, round(value, DIGITS), _GOOD, _sure(confidence))
        if last != moment:
            other[code, element] = Reading(last, round(last_value, DIGITS), quality, _sure(last_confidence))
    return good, other


def _sure(confidence: float) -> float | None:
    return confidence if confidence >= 0 else None


def _since(at: datetime) -> dict[Key, Reading]:
    found = dict(_recent(at)[0])
    silent = {key: day for key, day in _last_days(at.date()).items() if key not in found}
    for _ in range(_TRIES):  # by the day they last spoke on; a day that was known later leads further back
        if not silent:
            return found
        found |= _on_their_days(silent, at)
        silent = _day_before({key: day for key, day in silent.items() if key not in found})
    codes = sorted({code for code, _ in silent})
    older = _found(_newest(of=True), {"at": at, "first": _EVER, "stations": codes})
    return found | {key: one for key, one in older.items() if key in silent}


def _last_days(day: date) -> dict[Key, date]:
    """The last day up to this one on which each station said something good of an element."""
    since, after = day - _LONG, day + timedelta(days=1)
    ((before,),) = rows(_DAYS_BEFORE, {"since": since})
    recent = {(code, element): last for code, element, last in rows(_spoke(True), {"day": after, "since": since})}
    return _long_ago(str(engine().url), since, before) | recent


_DAYS_BEFORE = select(func.count()).select_from(d).where(d.c.day < bindparam("since"))


@lru_cache(maxsize=8)
def _long_ago(_url: str, day: date, _days: int) -> dict[Key, date]:
    """The last day before this one of every station that ever spoke; asked again when days were added to that past."""
    return {(code, element): last for code, element, last in rows(_spoke(False), {"day": day})}


def _on_their_days(silent: Mapping[Key, date], at: datetime) -> dict[Key, Reading]:
    """The newest reading of each that lies on its day (or after it)."""
    by_day: dict[date, set[str]] = defaultdict(set)
    for (code, _), day in silent.items():
        by_day[day].add(code)
    if len(by_day) > 40:  # a file of old gauges: one question for all of them
        by_day = {min(by_day): {code for code, _ in silent}}
        span = timedelta.max
    else:
        span = timedelta(days=1)  # rain of a day ends at midnight
    found: dict[Key, Reading] = {}
    for day, codes in by_day.items():
        start = datetime.combine(day, time.min)
        until = at if span == timedelta.max else min(at, start + span)
        values = {"at": at, "first": start - _SECOND, "end": until, "stations": sorted(codes)}
        found |= {key: one for key, one in _found(_newest(of=True, until=True), values).items() if key in silent}
    return found


def _day_before(silent: Mapping[Key, date]) -> dict[Key, date]:
    """The day before its day on which each spoke; who never did is left out."""
    found: dict[Key, date] = {}
    for day in set(silent.values()):
        for code, element, earlier in rows(_spoke(False), {"day": day}):
            if silent.get((code, element)) == day:
                found[code, element] = earlier
    return found


@remembered
def latest(at: datetime) -> dict[Key, Reading]:
    """The newest good reading of each (station, element) as-of `at`, however old it is."""
    return _since(at)


@remembered
def latest_any(at: datetime) -> dict[Key, Reading]:
    """The newest reading of any quality: what the sensor says now, believed or not. What is older than three hours is
    the newest good one."""
    return {**latest(at), **_recent(at)[1]}


@remembered
def earlier(at: datetime, minutes: int) -> dict[Key, Reading]:
    """The newest good readings of `minutes` before and the three hours up to it, as they are known at `at`."""
    then = at - timedelta(minutes=minutes)
    return _found(_newest(until=True), {"at": at, "first": then - _RECENT, "end": then})


# ---- series ----------------------------------------------------------------------------------------------------------
@cache
def _series() -> Select:
    where = (*counts(), r.c.moment >= FIRST, r.c.moment <= END, r.c.element == bindparam("element"))
    query = select(r.c.station, r.c.moment, r.c.value, r.c.quality).where(*where)
    return query.where(r.c.station.in_(bindparam("stations", expanding=True)))


@cache
def _series_of_one() -> Select:
    where = (*counts(), r.c.moment >= FIRST, r.c.moment <= END, r.c.element == bindparam("element"))
    return select(r.c.moment, r.c.value, r.c.quality).where(*where, r.c.station == bindparam("station"))


def _sorted(moments: np.ndarray, values: np.ndarray, quality: np.ndarray) -> Series:
    moments = moments.astype("datetime64[s]")
    values, quality = np.round(values.astype(float), DIGITS), quality.astype(np.int16)
    if len(moments) > 1 and (moments[1:] < moments[:-1]).any():
        order = np.argsort(moments, kind="stable")
        moments, values, quality = moments[order], values[order], quality[order]
    return Series(moments, values, quality)


@remembered
def series(station: str, element: str, start: datetime, end: datetime, at: datetime) -> Series:
    """The readings of a station from start to end (both belong to it), as-of `at`."""
    values = {"station": station, "element": element, "first": start, "end": end, "at": at}
    some = columns(_series_of_one(), values)
    return _sorted(some["moment"], some["value"], some["quality"])


def series_of(stations: Sequence[str], element: str, start: datetime, end: datetime, at: datetime) -> dict[str, Series]:
    """The same of several stations in one question; a station that said nothing has an empty series."""
    return _series_of_some(tuple(sorted(set(stations))), element, start, end, at)


@remembered
def _series_of_some(
    stations: tuple[str, ...], element: str, start: datetime, end: datetime, at: datetime
) -> dict[str, Series]:
    if not stations:
        return {}
    values = {"stations": list(stations), "element": element, "first": start, "end": end, "at": at}
    some = columns(_series(), values)
    codes, order = some["station"].astype(str), np.arange(len(some["station"]))
    found: dict[str, Series] = {}
    if len(codes):
        names, which = np.unique(codes, return_inverse=True)
        order = np.argsort(which, kind="stable")
        ends = np.cumsum(np.bincount(which))
        for name, part in zip(names, np.split(order, ends[:-1]), strict=True):
            found[str(name)] = _sorted(*(some[column][part] for column in ("moment", "value", "quality")))
    empty = Series(np.array([], "datetime64[s]"), np.array([], float), np.array([], np.int16))
    return {code: found.get(code, empty) for code in stations}


# ---- rain ------------------------------------------------------------------------------------------------------------
_RAIN = (r.c.element == "rain", r.c.quality == _GOOD)


@cache
def _sums(windows: int) -> Select:
    sums = [func.sum(case((r.c.moment > bindparam(f"t{n}", type_=r.c.moment.type), r.c.value))) for n in range(windows)]
    query = select(r.c.station, func.max(r.c.moment), *sums)
    return query.where(*counts(), *_RAIN, r.c.moment > FIRST).group_by(r.c.station)


def rain_sums(at: datetime, hours: Sequence[int] = (1, 3, 6, 12, 24)) -> dict[str, tuple[float | None, ...]]:
    """Rain over the last hours, (at - h, at], mm, of every gauge that spoke in the longest of them; None where it was
    silent for too much of its end (`domain.flood.rain.whole`). Not rounded."""
    return {code: one.whole for code, one in _rain(at, _starts(at, hours)).items()}


def rain_since(start: datetime, at: datetime) -> dict[str, float | None]:
    """The same of (start, at]."""
    return {code: one.whole[0] for code, one in _rain(at, (start,)).items()}


def rain_at_least(at: datetime, hours: Sequence[int]) -> dict[str, tuple[float | None, ...]]:
    """What was told of the rain over the last hours: too much is too much, however long a gauge was silent."""
    return {code: one.told for code, one in _rain(at, _starts(at, hours)).items()}


class _Fallen(NamedTuple):
    told: tuple[float | None, ...]
    whole: tuple[float | None, ...]


def _starts(at: datetime, hours: Sequence[int]) -> tuple[datetime, ...]:
    return tuple(at - h * _HOUR for h in hours)


@remembered
def _rain(at: datetime, starts: tuple[datetime, ...]) -> dict[str, _Fallen]:
    values: dict[str, Any] = {f"t{n}": start for n, start in enumerate(starts)}
    found, day = {}, at.date()
    for code, last, *sums in rows(_sums(len(starts)), {**values, "at": at, "first": min(starts)}):
        told = tuple(None if one is None else round(float(one), DIGITS) for one in sums)
        gauge = station(code)
        silent, usual = (at - last) / _MINUTE, gauge.interval_minutes if gauge else 0
        share = rules(day, code).rain_silent_share
        kept = (whole(silent, usual, (at - start) / _HOUR, share) for start in starts)
        found[code] = _Fallen(told, tuple(mm if fresh else None for mm, fresh in zip(told, kept, strict=True)))
    return found


@cache
def _rain_by(of: bool, unit: str) -> Select:
    """Rain by station and hour (or 5 minutes ...) of (first, end]."""
    hour = func.date_trunc(unit, r.c.moment - _SECOND)
    where = [*counts(), *_RAIN, r.c.moment > FIRST, r.c.moment <= END]
    if of:
        where.append(r.c.station.in_(bindparam("stations", expanding=True)))
    return select(r.c.station, hour, func.sum(r.c.value)).where(*where).group_by(r.c.station, hour)


def rain_hours(
    stations: Sequence[str] | None, start: datetime, end: datetime, at: datetime
) -> dict[str, dict[datetime, float]]:
    """Rain of each hour of (start, end] by the end of the hour, mm; None: of every gauge. An hour without any reading
    is missing, which is not 0."""
    return _rain_hours(None if stations is None else tuple(sorted(set(stations))), start, end, at)


@remembered
def _rain_hours(
    stations: tuple[str, ...] | None, start: datetime, end: datetime, at: datetime
) -> dict[str, dict[datetime, float]]:
    values: dict[str, Any] = {"first": start, "end": end, "at": at}
    if stations is not None:
        values["stations"] = list(stations)
    found: dict[str, dict[datetime, float]] = defaultdict(dict)
    for code, hour, total in rows(_rain_by(stations is not None, "hour"), values):
        found[code][hour + _HOUR] = round(float(total), DIGITS)
    return dict(found)


# ---- days ------------------------------------------------------------------------------------------------------------
@cache
def _days() -> Select:
    shown = [d.c[name] for name in Day._fields]
    query = select(*shown).where(d.c.station == bindparam("station"), d.c.element == bindparam("element"))
    return query.where(d.c.day >= bindparam("first_day"), d.c.day <= bindparam("last_day")).order_by(d.c.day)


@remembered
def days(station: str, element: str, first: date, last: date) -> tuple[Day, ...]:
    """The days of a station from first to last; rain08 is the rain day, 08:00 to 08:00, named by its end."""
    values = {"station": station, "element": element, "first_day": first, "last_day": last}
    told = rows(_days(), values)
    return tuple(
        Day(
            day, n, round(total, DIGITS), round(low, DIGITS), round(high, DIGITS), high_at, round(last, DIGITS), last_at
        )
        for day, n, total, low, high, high_at, last, last_at in told
    )
