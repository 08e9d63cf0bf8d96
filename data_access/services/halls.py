"""Questions about service halls at a moment: who waits, how long, at how many windows, and whether the clocks agree.

Of tickets where a source tells them (every wait is known), of snapshots where it tells only those (waiting, windows
open, minutes of service as the source says). Everything as-of: a ticket called later than the moment is waiting.
"""

from datetime import datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Select, bindparam, func, or_, select

from data_access.areas import Area, tree
from data_access.engine import columns, numbered, rows
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.services.tables import service_business, service_hall, service_queue, service_shift, service_ticket
from data_access.where import AT, FIRST
from domain.services.queue import Little, little
from domain.services.rules import rules

FEWEST = 10  # calls of a day without which Little's law says nothing
STALE = timedelta(minutes=30)  # a snapshot older than this is not now
DAYS = 8  # weeks of the same weekday that expected arrivals are the median of


class Place(NamedTuple):
    """A hall or kiosk. windows: in all."""

    code: str
    name: str
    name_en: str | None
    kind: str
    district_code: str
    street_code: str
    lon: float | None
    lat: float | None
    windows: int | None


class Now(NamedTuple):
    """A hall at a moment. Minutes; None is not known. wait, service: means of today so far; arrivals_h: of the last
    hours (rules: recent_h). little: today's check, None with too few calls or of snapshots. told: 'tickets' or
    'snapshots'."""

    hall: str
    waiting: int
    longest: float | None
    open: int
    served: int
    wait: float | None
    service: float | None
    arrivals_h: float | None
    little: Little | None
    no_shows: int
    told: str
    at: datetime  # the newest of what is known


@remembered
def places() -> dict[str, Place]:
    """All halls and kiosks by code."""
    found = rows(select(*(service_hall.c[name] for name in Place._fields)).order_by(service_hall.c.code))
    return {row[0]: Place(*row) for row in found}


def inside(area: Area, kind: str = "hall") -> list[Place]:
    """The halls, or kiosks, of an area."""
    column = {0: None, 1: "district_code"}.get(area.level, "street_code")
    return [p for p in places().values() if p.kind == kind and (not column or getattr(p, column) == area.code)]


@remembered
def business_names() -> dict[tuple[str, str], tuple[str, str | None]]:
    """(hall or '', code) -> name, English name."""
    c = service_business.c
    return {(hall, code): (zh, en) for hall, code, zh, en in rows(select(c.hall, c.code, c.name, c.name_en))}


class Tickets(NamedTuple):
    """The tickets of a hall in the order of time: minutes of the day at which each was taken, called, started and
    ended; what had not happened by then NaN."""

    take: np.ndarray
    call: np.ndarray
    start: np.ndarray
    end: np.ndarray
    no_show: np.ndarray


@cache
def _tickets_asked() -> Select:
    """What had not happened at the moment is told as at it."""
    t = service_ticket.c
    told = (func.coalesce(moment, AT).label(moment.name) for moment in (t.call_at, t.start_at, t.end_at))
    query = select(t.hall, t.take_at, *told, t.no_show).where(t.take_at >= FIRST, t.take_at < AT)
    return query.order_by(t.take_at)


def serving(area: Area) -> Area:
    """The area whose halls serve it: itself, or the nearest above it in which a hall stands."""
    return next((one for one in reversed(tree().path(area.code)) if inside(one)), area)


@remembered
def tickets(at: datetime) -> dict[str, Tickets]:
    """hall -> the tickets taken on the day of the moment, as they stood at it."""
    told = columns(_tickets_asked(), {"first": _midnight(at), "at": at})
    end = _minutes(at, _midnight(at))

    def minutes(name: str) -> np.ndarray:
        found = (told[name] - np.datetime64(_midnight(at))) / np.timedelta64(60, "s")
        return found if name == "take_at" else np.where(found < end, found, np.nan)

    halls, which = numbered(told["hall"])
    parts = (*(minutes(name) for name in ("take_at", "call_at", "start_at", "end_at")), told["no_show"].astype(bool))
    return {hall: Tickets(*(part[which == n] for part in parts)) for n, hall in enumerate(halls)}


@cache
def _windows_asked() -> Select:
    s, at = service_shift.c, bindparam("at", type_=Moment)
    still = or_(s.close_at.is_(None), s.close_at > at)
    since = s.open_at >= bindparam("first", type_=Moment)
    return select(s.hall, func.count()).where(since, s.open_at <= at, still).group_by(s.hall)


@remembered
def windows(at: datetime) -> dict[str, int]:
    """hall -> windows open at the moment."""
    found = rows(_windows_asked(), {"first": _midnight(at), "at": at})
    return {hall: int(n) for hall, n in found}


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.date(), time.min)


def _minutes(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds() / 60


def _mean(values: np.ndarray) -> float | None:
    sound = values[values >= 0]
    return float(sound.mean()) if sound.size else None


def _of_tickets(hall: str, some: Tickets, at: datetime, opened: int) -> Now:
    midnight = _midnight(at)
    now = _minutes(at, midnight)
    called = ~np.isnan(some.call)
    waiting = some.take[~called]
    ended = (some.end - some.start)[~(np.isnan(some.start) | np.isnan(some.end) | some.no_show)]
    held = rules(at.date())
    hours = min(held.recent_h, (now - float(some.take[0])) / 60)
    recent = np.count_nonzero(some.take >= now - held.recent_h * 60)
    last = max(some.take[-1], some.call[called].max(initial=0.0))
    law = _law(some.take[called], some.call[called], held.little_tolerance) if called.sum() >= FEWEST else None
    return Now(
        hall, waiting.size, float(now - waiting.min()) if waiting.size else None, opened, ended.size,
        _mean((some.call - some.take)[called]), _mean(ended), recent / hours if hours > 0.25 else None,
        law, int(np.count_nonzero(some.no_show & called)), "tickets",
        midnight + timedelta(seconds=round(float(last) * 60)),
    )  # fmt: skip


def _law(taken: np.ndarray, calls: np.ndarray, tolerance: float) -> Little:
    """Of minutes."""
    last = float(max(taken.max(), calls.max()))
    return little(taken / 60, calls / 60, float(taken.min()) / 60, last / 60 + 1e-9, tolerance)


@cache
def _snapshots_asked() -> Select:
    q = service_queue.c
    newest = (
        select(q.hall, func.max(q.moment).label("moment"))
        .where(q.moment <= bindparam("at", type_=Moment), q.moment > bindparam("first", type_=Moment))
        .group_by(q.hall)
        .subquery()
    )
    same = (q.hall == newest.c.hall) & (q.moment == newest.c.moment)
    return select(q.hall, q.moment, q.business, q.waiting, q.windows, q.service_minutes).join_from(
        service_queue, newest, same
    )


@remembered
def snapshots(at: datetime) -> dict[str, list[Any]]:
    """hall -> rows (hall, moment, business, waiting, windows, service_minutes) of its newest snapshot by then."""
    found: dict[str, list[Any]] = {}
    for row in rows(_snapshots_asked(), {"at": at, "first": at - STALE}):
        found.setdefault(row[0], []).append(row)
    return found


def _of_snapshots(hall: str, some: list[Any]) -> Now:
    """A window may serve several kinds of business; a source that counts it for each is believed as it stands, so the
    open windows are the most of any one kind."""
    timed = [(row[5], max(row[3], 1)) for row in some if row[5] is not None]
    weight = sum(n for _, n in timed)
    service = sum(minutes * n for minutes, n in timed) / weight if weight else None
    waiting, opened = sum(row[3] for row in some), max(row[4] for row in some)
    return Now(hall, waiting, None, opened, 0, None, service, None, None, 0, "snapshots", some[0][1])


@remembered
def live(area: Area, at: datetime) -> tuple[Now, ...]:
    """The halls of an area that something is known of today, the most loaded first."""
    of, opened = tickets(at), windows(at)
    found = []
    for place in inside(area):
        if place.code in of:
            found.append(_of_tickets(place.code, of[place.code], at, opened.get(place.code, 0)))
        elif place.code in (told := snapshots(at)):
            found.append(_of_snapshots(place.code, told[place.code]))
    return tuple(sorted(found, key=lambda now: (-(now.waiting / max(now.open, 1)), now.hall)))


CLOSED_DAYS = 12  # that the longest run of holidays keeps halls closed


@cache
def _last_asked() -> Select:
    t = service_ticket.c
    within = (t.take_at >= bindparam("first", type_=Moment), t.take_at < bindparam("at", type_=Moment))
    return select(func.max(t.take_at)).where(*within)


@remembered
def last_open(at: datetime) -> datetime | None:
    """When the last ticket before `at` was taken; None when that is long ago. On a free day halls are closed."""
    ((found,),) = rows(_last_asked(), {"first": at - timedelta(days=CLOSED_DAYS), "at": at})
    return found


@cache
def _arrivals_asked() -> Select:
    t = service_ticket.c
    hour = func.date_trunc("hour", t.take_at).label("hour")
    within = (t.take_at >= bindparam("first", type_=Moment), t.take_at < bindparam("at", type_=Moment))
    return select(hour, func.count()).where(*within, t.hall == bindparam("hall")).group_by(hour)


@remembered
def arrivals(hall: str, at: datetime) -> dict[datetime, int]:
    """hour -> tickets taken in it, of today so far and the same weekday of the weeks before."""
    first = _midnight(at) - timedelta(weeks=DAYS)
    return {hour: int(n) for hour, n in rows(_arrivals_asked(), {"first": first, "at": at, "hall": hall})}


def expected(hall: str, at: datetime) -> dict[int, float]:
    """Hour of the day -> arrivals to expect today: the median of the same weekday of the weeks before that had any."""
    known = arrivals(hall, at)
    days = [at.date() - timedelta(weeks=n) for n in range(1, DAYS + 1)]
    days = [day for day in days if any(hour.date() == day for hour in known)]
    hours = sorted({hour.hour for hour in known})
    if not days:
        return {}
    return {h: float(np.median([known.get(datetime.combine(day, time(h)), 0) for day in days])) for h in hours}
