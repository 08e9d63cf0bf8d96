"""How well the sensors report, and which of them are not to be believed, as it was known at a moment."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import Interval, Select, bindparam, case, func, or_, select

from data_access.areas import Area
from data_access.engine import rows
from data_access.flood import readings, states, stations
from data_access.flood.readings import counts
from data_access.flood.states import ELEMENT, StationState
from data_access.flood.tables import flood_reading as r
from data_access.remember import remembered
from data_access.schema import load_log, quarantine
from data_access.where import AT, FIRST
from domain.flood import health
from domain.flood.health import Reporting
from domain.flood.rules import Rules, rules

DAY = timedelta(days=1)
KINDS = ("rain", "river", "weir", "tide", "reservoir", "waterlogging", "pump", "video")
FAULTS = ("offline", "missing", "stuck", "spike", "repeated", "dry", "apart", "skewed", "late")


class Fault(NamedTuple):
    """Something wrong with a sensor: one of FAULTS. since: when it began or was seen last. value, other: what tells
    (minutes silent; mm; metres; how many)."""

    fault: str
    station: str
    kind: str
    since: datetime | None
    value: float | None
    other: float | None = None


@cache
def _counted() -> Select:
    """Messages of a day by station: all that were known, and those in time."""
    late = func.coalesce(r.c.received_at, r.c.moment) > r.c.moment + bindparam("allowed", type_=Interval)
    return (
        select(r.c.station, r.c.element, func.count(), func.sum(case((late, 0), else_=1)),
               func.max(case((late, r.c.moment))), func.sum(case((r.c.quality == 2, 1), else_=0)),
               func.max(case((r.c.quality == 2, r.c.moment))), func.max(case((r.c.quality == 2, r.c.value))))
        .where(*counts(), r.c.moment > FIRST)
        .group_by(r.c.station, r.c.element)
    )  # fmt: skip


class Counted(NamedTuple):
    """Of a sensor over a day. late_at, wrong_at: the newest such message; wrong: what could not be; wrong_value: the
    highest."""

    n: int
    timely: int
    late_at: datetime | None
    wrong: int
    wrong_at: datetime | None
    wrong_value: float | None


@remembered
def _day(at: datetime) -> dict[tuple[str, str], Counted]:
    allowed = timedelta(minutes=rules(at.date()).timely_min)
    found = rows(_counted(), {"at": at, "first": at - DAY, "allowed": allowed})
    return {(code, element): Counted(*told) for code, element, *told in found}


def reporting(at: datetime, area: Area | None = None) -> dict[str, Reporting]:
    """By kind, over the 24 hours before; kinds without a station in use are missing."""
    told = _day(at)
    made: dict[str, Reporting] = {}
    for kind in KINDS:
        some = [one for one in states.states(at, area) if one.station.kind == kind]
        if not some:
            continue
        allowed = rules(at.date())
        online = sum(
            one.age_minutes is not None and one.age_minutes <= allowed.online_intervals * one.station.interval_minutes
            for one in some
        )
        counted = [told.get((one.station.code, one.element)) for one in some]
        expected = sum(24 * 60 // max(one.station.interval_minutes, 1) for one in some)
        made[kind] = Reporting(
            len(some), online, expected, sum(c.n for c in counted if c), sum(c.timely for c in counted if c)
        )
    return made


def faults(at: datetime, area: Area | None = None) -> list[Fault]:
    """What is wrong at the moment, in an area (None: everywhere), in the order of FAULTS."""
    inside = {(one.code, one.kind) for one in stations.stations_in(area)}
    found = [one for one in _faults(at) if (one.station, one.kind) in inside]
    return sorted(found, key=lambda one: (FAULTS.index(one.fault), one.kind, one.station))


@remembered
def _faults(at: datetime) -> tuple[Fault, ...]:
    every, ruled = states.states(at), rules(at.date())
    return tuple(
        one
        for some in (_silent(every), _stuck(every, at, ruled), _rain(every, at, ruled), _video(every, at, ruled),
                     _messages(every, at), _skewed(every, at))
        for one in some
    )  # fmt: skip


def _silent(every: list[StationState]) -> Iterator[Fault]:
    for one in every:
        if one.health in ("missing", "offline"):
            moment = one.reading.moment if one.reading else None
            yield Fault(one.health, one.station.code, one.station.kind, moment, one.age_minutes)


@cache
def _spans() -> Select:
    where = (*counts(), r.c.moment > FIRST, r.c.element == "level", r.c.quality == 0)
    return (
        select(r.c.station, func.min(r.c.value), func.max(r.c.value), func.count()).where(*where).group_by(r.c.station)
    )


def _stuck(every: list[StationState], at: datetime, ruled: Rules) -> Iterator[Fault]:
    """Levels that stand still while those above and below them on the river move."""
    since = at - timedelta(hours=ruled.stuck_h)
    moved = {code: (float(low), float(high), n) for code, low, high, n in rows(_spans(), {"at": at, "first": since})}
    beside: dict[str, list[str]] = defaultdict(list)
    for river in {one.station.river for one in every if one.station.river}:
        for above, below in pairwise(stations.line(river)):
            beside[above.code].append(below.code)
            beside[below.code].append(above.code)
    rain = _catchment_rain(at, ruled.stuck_h)
    for one in every:
        code = one.station.code
        if one.station.kind not in ("river", "weir", "tide") or code not in moved or moved[code][2] < 4:
            continue
        low, high, _ = moved[code]
        near = [moved[other][1] - moved[other][0] for other in beside[code] if other in moved]
        if health.stuck(low, high, near, rain.get(one.station.catchment), ruled):
            yield Fault("stuck", code, one.station.kind, since, ruled.stuck_h, max(near, default=None))


def _catchment_rain(at: datetime, hours: float) -> dict[str, float]:
    sums = {code: one[0] for code, one in readings.rain_sums(at, (int(hours),)).items() if one[0] is not None}
    found = {}
    for code in stations.catchments():
        weights = {gauge: w for gauge, w in stations.weights(code).items() if gauge in sums}
        if total := sum(weights.values()):
            found[code] = sum(sums[gauge] * w for gauge, w in weights.items()) / total
    return found


def _rain(every: list[StationState], at: datetime, ruled: Rules) -> Iterator[Fault]:
    gauges = [one.station for one in every if one.station.kind == "rain"]
    sums = {code: one[0] for code, one in readings.rain_sums(at, (int(ruled.dry_h),)).items() if one[0] is not None}
    wet = [g for g in gauges if sums.get(g.code, 0.0) >= ruled.dry_mm and g.lon is not None and g.lat is not None]
    if wet:
        for one in gauges:
            if one.code not in sums or one.lon is None or one.lat is None:
                continue
            near = [
                sums[other.code]
                for other in wet
                if health.kilometres(one.lon, one.lat, other.lon or 0, other.lat or 0) <= ruled.dry_km
            ]
            if health.dry(sums[one.code], near, ruled):
                yield Fault("dry", one.code, "rain", at - timedelta(hours=ruled.dry_h), 0.0, max(near))
    steps = {one.code: one.resolution or 0.1 for one in gauges}
    lately = readings.series_of([g.code for g in gauges], "rain", at - timedelta(hours=3), at, at)
    for code, some in lately.items():
        good = some.good
        n = health.repeated(good.values.tolist(), ruled)
        if n and good.values[-1] > 2 * steps.get(code, 0.1):  # a drizzle of single tips is no fault
            yield Fault("repeated", code, "rain", good.moments[-n].item(), n, float(good.values[-1]))


def _video(every: list[StationState], at: datetime, ruled: Rules) -> Iterator[Fault]:
    newest, seen = readings.latest(at), readings.latest_any(at)
    for one in every:
        if one.station.kind != "video" or not one.station.twin:
            continue
        camera, gauge = seen.get((one.station.code, "level")), newest.get((one.station.twin, "level"))
        if camera is None or gauge is None or abs(camera.moment - gauge.moment) > timedelta(minutes=30):
            continue
        if (off := health.apart(camera.value, gauge.value, ruled)) is not None:
            yield Fault("apart", one.station.code, "video", camera.moment, off, camera.confidence)


def _messages(every: list[StationState], at: datetime) -> Iterator[Fault]:
    told = _day(at)
    for one in every:
        counted = told.get((one.station.code, one.element))
        if counted is None:
            continue
        if counted.wrong:
            yield Fault("spike", one.station.code, one.station.kind, counted.wrong_at, counted.wrong,
                        counted.wrong_value)  # fmt: skip
        if counted.n - counted.timely > 2:
            yield Fault("late", one.station.code, one.station.kind, counted.late_at, counted.n - counted.timely)


@cache
def _refused() -> Select:
    q = quarantine.c
    loaded = select(load_log.c.load_id).where(load_log.c.loaded_at <= AT, load_log.c.loaded_at > FIRST)
    return select(q.raw).where(q.reason == "future", or_(q.load_id == "demo-flood", q.load_id.in_(loaded)))


def _skewed(every: list[StationState], at: datetime) -> Iterator[Fault]:
    """Messages that were refused because they came from the future, in the last day."""
    seen: dict[str, list[datetime]] = defaultdict(list)
    for (raw,) in rows(_refused(), {"at": at, "first": at - DAY}):
        try:
            told = json.loads(raw)
            moment = datetime.fromisoformat(str(told["moment"])).replace(tzinfo=None)
        except (KeyError, TypeError, ValueError):
            continue
        if at - DAY < moment <= at + DAY:
            seen[str(told.get("station", ""))].append(moment)
    for one in every:
        if (moments := seen.get(one.station.code)) and one.element == ELEMENT.get(one.station.kind):
            yield Fault("skewed", one.station.code, one.station.kind, max(moments), len(moments))
