"""What aggregated panels read, kept in step with the facts inside the writer's own transaction: ticks (every counted
moment, in the order of time) and small sums of them by day, and how long the steps took that ended on a day. What is
told again of single orders is in step with all orders here, with some in `detours.follow`."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from sqlalchemy import (
    Connection,
    Date,
    Integer,
    Select,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.sql import ColumnElement

from data_access import detours, steps
from data_access.schema import hotline_day_org, hotline_day_place, hotline_day_topic
from data_access.schema import hotline_order as o
from data_access.schema import hotline_tick as tick

# The counts, each a bit of tick.what, and the clock it follows. Handbook 1.4: on-time closure is counted in the period
# in which the order was due, not in that of its closing.
BITS = {
    "received": 1,  # accept_at
    "direct": 2,
    "tracked": 4,  # the source tells when orders close
    "closed": 8,  # close_at
    "due": 16,  # due_at
    "on_time": 32,
    "settled": 64,  # the later of due_at and close_at: from then on it is no longer overdue
    "rated": 128,  # callback_at
    "satisfied": 256,
    "asked": 512,
    "resolved": 1024,
    "partly": 2048,
    "basic": 4096,  # 基本满意, which some cities do not count in full
    "called": 8192,
    "dispatched_called": 16384,  # called back, of an order that an organisation had
    "responded": 32768,  # of these, the organisation had contacted the caller
    "redone": 65536,
}


def _if(condition: ColumnElement[bool], *names: str) -> ColumnElement[int]:
    return case((condition, sum(BITS[n] for n in names)), else_=0)


# clock, what a row at that moment adds to, and which orders have it. An order is settled at the later of its limit and
# its closing: with its limit when it closed in time, else with its closing.
CLOCKS: tuple[tuple[ColumnElement, ColumnElement[int], list[ColumnElement[bool]]], ...] = (
    (o.c.accept_at, BITS["received"] + _if(o.c.direct.is_(True), "direct") + _if(o.c.tracked.is_(True), "tracked"), []),
    (o.c.close_at, BITS["closed"] + _if(o.c.close_at > o.c.due_at, "settled"), [o.c.tracked.is_(True)]),
    (o.c.due_at, BITS["due"] + _if(o.c.close_at <= o.c.due_at, "on_time", "settled"), [o.c.tracked.is_(True)]),
    (
        o.c.callback_at,
        BITS["called"]
        + _if(o.c.satisfaction.is_not(None), "rated")
        + _if(o.c.satisfaction >= 3, "satisfied")
        + _if(o.c.satisfaction == 3, "basic")
        + _if(o.c.resolved.is_not(None), "asked")
        + _if(o.c.resolved == 2, "resolved")
        + _if(o.c.resolved == 1, "partly")
        + _if(and_(o.c.responded.is_not(None), o.c.direct.is_not(True)), "dispatched_called")
        + _if(and_(o.c.responded.is_(True), o.c.direct.is_not(True)), "responded")
        + _if(o.c.redo_count > 0, "redone"),
        [],
    ),
)
SLICE = 200_000  # orders
CUBES = ((hotline_day_place, "street_code"), (hotline_day_topic, "topic"), (hotline_day_org, "org"))
_KEYS = ("moment", "district_code", "street_code", "community_code", "topic", "org", "what")


def _made(start: datetime | None, end: datetime | None) -> Select:
    """The ticks that the facts call for between two moments (None: open), one row each, n = 1."""
    parts = []
    for clock, what, where in CLOCKS:
        bounds = [clock.is_not(None), *([clock >= start] if start else []), *([clock < end] if end else [])]
        places = (o.c.district_code, o.c.street_code, o.c.community_code, o.c.topic, o.c.org)
        row = (clock.label("moment"), *places, cast(what, Integer).label("what"))
        parts.append(select(*row, cast(literal(1), Integer).label("n")).where(*bounds, *where))
    made = union_all(*parts).subquery()
    return select(*(made.c[k] for k in _KEYS), made.c.n).where(made.c.what != 0)


def _within(column: ColumnElement, start: object | None, end: object | None) -> list[ColumnElement[bool]]:
    return [*([column >= start] if start else []), *([column < end] if end else [])]


def _slices(connection: Connection, start: datetime | None, end: datetime | None) -> list[datetime | None]:
    """The bounds of stretches of days with about SLICE orders each, so that memory is bounded whatever is refreshed."""
    day = cast(o.c.accept_at, Date).label("day")
    held = select(day, func.count().label("n")).where(*_within(o.c.accept_at, start, end)).group_by(day)
    bounds: list[datetime | None] = [start]
    size = 0
    for begun, n in connection.execute(held.order_by(day)).fetchall():
        if size and size + n > SLICE:
            bounds.append(datetime.combine(begun, time.min))
            size = 0
        size += n
    return [*bounds, end]


def refresh(connection: Connection, first: date | None = None, last: date | None = None) -> None:
    """Bring ticks and cubes in step with the facts for the days first..last (both included; None: open), which must
    span every day of CLOCKS and of the steps between that the transaction touched, before and after. With neither
    everything is made anew; else the orders that `detours.follow` tells of come first."""
    start = None if first is None else datetime.combine(first, time.min)
    end = None if last is None else datetime.combine(last + timedelta(days=1), time.min)
    for cube, _ in CUBES:
        connection.execute(delete(cube).where(*_within(cube.c.day, first, None if end is None else end.date())))
    bounds = _slices(connection, start, end)
    for begin, until in pairwise(bounds):
        _follow(connection, begin, until)
        _sum_up(connection, begin, until)
    if first is None and last is None:
        detours.follow(connection)
    steps.refresh(connection, first, last)


def _follow(connection: Connection, start: datetime | None, end: datetime | None) -> None:
    """Append the ticks that the facts call for and that are not there; only the difference is written."""
    there = connection.execute(select(tick.c.moment).where(*_within(tick.c.moment, start, end)).limit(1)).fetchall()
    if not there:
        connection.execute(insert(tick).from_select([*_KEYS, "n"], _made(start, end).order_by("moment")))
        return
    held = select(*(tick.c[k] for k in _KEYS), (-tick.c.n).label("n")).where(*_within(tick.c.moment, start, end))
    both = union_all(_made(start, end), held).subquery()
    keys = [both.c[k] for k in _KEYS]
    step = func.sum(both.c.n)
    moved = select(*keys, cast(step, Integer).label("n")).group_by(*keys).having(step != 0).order_by(both.c.moment)
    connection.execute(insert(tick).from_select([*_KEYS, "n"], moved))


def _sum_up(connection: Connection, start: datetime | None, end: datetime | None) -> None:
    """Fill the cubes of the days from the ticks: first by kind of tick, of which there are few, then by count."""
    day = cast(tick.c.moment, Date).label("day")
    for cube, by in CUBES:
        keys = [day, tick.c.district_code, tick.c[by], tick.c.what]
        few = select(*keys, func.sum(tick.c.n).label("n")).where(*_within(tick.c.moment, start, end)).group_by(*keys)
        kinds = few.subquery()
        sums = [
            cast(func.sum(case((kinds.c.what.bitwise_and(bit) != 0, kinds.c.n), else_=0)), Integer).label(name)
            for name, bit in BITS.items()
        ]
        keys = [kinds.c.day, kinds.c.district_code, kinds.c[by]]
        filled = select(*keys, *sums).group_by(*keys).order_by(*keys)
        connection.execute(insert(cube).from_select([*(k.name for k in keys), *BITS], filled))
