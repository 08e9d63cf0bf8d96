"""Questions about service halls at a moment: who waits, how long, at how many windows, and whether the clocks agree.

Of tickets where a source tells them (every wait is known), of snapshots where it tells only those (waiting, windows
open, minutes of service as the source says). Everything as-of: a ticket called later than the moment is waiting.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Select, bindparam, case, func, or_, select

from data_access.areas import Area
from data_access.engine import rows
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.services.tables import service_business, service_hall, service_queue, service_shift, service_ticket
from domain.services.queue import Little, little

HOUR = timedelta(hours=1)
RECENT = timedelta(hours=2)  # over which arrivals and service are measured for the load of now
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
    """A hall at a moment. Minutes; None is not known. wait, service: means of today so far; arrivals_h: of the last two
    hours. little: today's check, None with too few calls or of snapshots. told: 'tickets' or 'snapshots'."""

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


class Ticket(NamedTuple):
    hall: str
    business: str
    take_at: datetime
    call_at: datetime | None
    start_at: datetime | None
    end_at: datetime | None
    no_show: bool


@cache
def _tickets_asked() -> Select:
    t, at = service_ticket.c, bindparam("at", type_=Moment)

    def by_then(column: Any) -> Any:
        return case((column < at, column)).label(column.name)

    told = (by_then(t.call_at), by_then(t.start_at), by_then(t.end_at), t.no_show)
    query = select(t.hall, t.business, t.take_at, *told).where(
        t.take_at >= bindparam("first", type_=Moment), t.take_at < at
    )
    return query.order_by(t.take_at)


@remembered
def tickets(first: datetime, at: datetime) -> tuple[Ticket, ...]:
    """The tickets taken in [first, at), as they stood at `at`."""
    return tuple(Ticket(*row) for row in rows(_tickets_asked(), {"first": first, "at": at}))


@cache
def _windows_asked() -> Select:
    s, at = service_shift.c, bindparam("at", type_=Moment)
    still = or_(s.close_at.is_(None), s.close_at > at)
    since = s.open_at >= bindparam("first", type_=Moment)
    return select(s.hall, func.count()).where(since, s.open_at <= at, still).group_by(s.hall)


@remembered
def windows(at: datetime) -> dict[str, int]:
    """hall -> windows open at the moment."""
    found = rows(_windows_asked(), {"first": datetime.combine(at.date(), time.min), "at": at})
    return {hall: int(n) for hall, n in found}


def _minutes(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds() / 60


def _mean(values: Iterable[float]) -> float | None:
    listed = [v for v in values if v >= 0]
    return sum(listed) / len(listed) if listed else None


def _of_tickets(hall: str, some: list[Ticket], at: datetime, opened: int) -> Now:
    waiting = [t for t in some if t.call_at is None]
    called = [(t, t.call_at) for t in some if t.call_at is not None]
    ended = [_minutes(t.end_at, t.start_at) for t in some if t.start_at and t.end_at and not t.no_show]
    recent = [t for t in some if t.take_at >= at - RECENT]
    first = some[0].take_at
    hours = min(RECENT, at - first) / HOUR
    return Now(
        hall, len(waiting), max((_minutes(at, t.take_at) for t in waiting), default=None), opened, len(ended),
        _mean(_minutes(c, t.take_at) for t, c in called), _mean(ended),
        len(recent) / hours if hours > 0.25 else None, _law(called, at) if len(called) >= FEWEST else None,
        sum(t.no_show for t in some), "tickets", max(some[-1].take_at, *(c for _, c in called), some[-1].take_at),
    )  # fmt: skip


def _law(called: list[tuple[Ticket, datetime]], at: datetime) -> Little:
    midnight = datetime.combine(at.date(), time.min)
    taken = np.array([(t.take_at - midnight) / HOUR for t, _ in called])
    calls = np.array([(c - midnight) / HOUR for _, c in called])
    return little(taken, calls, float(taken.min()), float(max(taken.max(), calls.max())) + 1e-9)


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
    midnight = datetime.combine(at.date(), time.min)
    of: dict[str, list[Ticket]] = {}
    for ticket in tickets(midnight, at):
        of.setdefault(ticket.hall, []).append(ticket)
    opened, told = windows(at), snapshots(at)
    found = []
    for place in inside(area):
        if place.code in of:
            found.append(_of_tickets(place.code, of[place.code], at, opened.get(place.code, 0)))
        elif place.code in told:
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
    first = datetime.combine(at.date(), time.min) - timedelta(weeks=DAYS)
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
