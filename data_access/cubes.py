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
    Table,
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
from data_access.facts import Clock, Facts
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


# An order is settled at the later of its limit and its closing: with its limit when it closed in time, else with its
# closing.
_CLOCKS = (
    Clock(
        o.c.accept_at,
        ("received", "direct", "tracked"),
        BITS["received"] + _if(o.c.direct.is_(True), "direct") + _if(o.c.tracked.is_(True), "tracked"),
    ),
    Clock(
        o.c.close_at,
        ("closed", "settled"),
        BITS["closed"] + _if(o.c.close_at > o.c.due_at, "settled"),
        (o.c.tracked.is_(True),),
    ),
    Clock(
        o.c.due_at,
        ("due", "on_time", "settled"),
        BITS["due"] + _if(o.c.close_at <= o.c.due_at, "on_time", "settled"),
        (o.c.tracked.is_(True),),
    ),
    Clock(
        o.c.callback_at,
        tuple(BITS)[tuple(BITS).index("rated") :],
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
    ),
)
ORDERS = Facts(
    o,
    BITS,
    _CLOCKS,
    {"street_code": hotline_day_place, "topic": hotline_day_topic, "org": hotline_day_org},
    tick,
    frozenset({"district_code", "street_code", "community_code", "topic", "org"}),
)
SLICE = 200_000  # facts


def _keys(facts: Facts) -> tuple[str, ...]:
    """What the sums of these facts are told apart by."""
    return tuple(sorted(facts.told or {"district_code", *facts.cubes}))


def _made(facts: Facts, start: datetime | None, end: datetime | None) -> Select:
    """What the facts call for between two moments (None: open): moment, keys, what, n, one row each."""
    parts = []
    for clock in facts.clocks:
        keys = (facts.table.c[name] for name in _keys(facts))
        n = literal(1) if clock.n is None else clock.n
        row = (
            clock.moment.label("moment"),
            *keys,
            cast(clock.what, Integer).label("what"),
            cast(n, Integer).label("n"),
        )
        parts.append(select(*row).where(clock.moment.is_not(None), *_within(clock.moment, start, end), *clock.where))
    made = union_all(*parts).subquery()
    return select(*made.c).where(made.c.what != 0)


def _within(column: ColumnElement, start: object | None, end: object | None) -> list[ColumnElement[bool]]:
    return [*([column >= start] if start else []), *([column < end] if end else [])]


def _slices(
    connection: Connection, facts: Facts, start: datetime | None, end: datetime | None
) -> list[datetime | None]:
    """The bounds of stretches of days with about SLICE facts each, so that memory is bounded whatever is refreshed."""
    came = facts.clocks[0].moment
    day = cast(came, Date).label("day")
    held = select(day, func.count().label("n")).where(*_within(came, start, end)).group_by(day)
    bounds: list[datetime | None] = [start]
    size = 0
    for begun, n in connection.execute(held.order_by(day)).fetchall():
        if size and size + n > SLICE:
            bounds.append(datetime.combine(begun, time.min))
            size = 0
        size += n
    return [*bounds, end]


def refresh(connection: Connection, first: date | None = None, last: date | None = None) -> None:
    """Bring ticks and cubes of the orders in step for the days first..last (both included; None: open), which must
    span every day of their clocks and of the steps between that the transaction touched, before and after. With neither
    everything is made anew; else the orders that `detours.follow` tells of come first."""
    sum_days(connection, ORDERS, first, last)
    if first is None and last is None:
        detours.follow(connection)
    steps.refresh(connection, _slices(connection, ORDERS, *_midnights(first, last)))


def _midnights(first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """Where the days first..last begin and end."""
    start = None if first is None else datetime.combine(first, time.min)
    return start, None if last is None else datetime.combine(last + timedelta(days=1), time.min)


def sum_days(connection: Connection, facts: Facts, first: date | None = None, last: date | None = None) -> None:
    """Bring the ticks and the cubes of some facts in step for the days first..last (both included; None: open), which
    must span every day of their clocks that the transaction touched, before and after."""
    start, end = _midnights(first, last)
    for cube in facts.cubes.values():
        connection.execute(delete(cube).where(*_within(cube.c.day, first, None if end is None else end.date())))
    for begin, until in pairwise(_slices(connection, facts, start, end)):
        if facts.ticks is not None:
            _follow(connection, facts, facts.ticks, begin, until)
        _sum_up(connection, facts, begin, until)


def _follow(connection: Connection, facts: Facts, ticks: Table, start: datetime | None, end: datetime | None) -> None:
    """Append the ticks that the facts call for and that are not there; only the difference is written."""
    names = ["moment", *_keys(facts), "what"]
    within = _within(ticks.c.moment, start, end)
    there = connection.execute(select(ticks.c.moment).where(*within).limit(1)).fetchall()
    if not there:
        made = _made(facts, start, end).order_by("moment")
        connection.execute(insert(ticks).from_select([*names, "n"], made))
        return
    held = select(*(ticks.c[k] for k in names), (-ticks.c.n).label("n")).where(*within)
    both = union_all(_made(facts, start, end), held).subquery()
    keys = [both.c[k] for k in names]
    step = func.sum(both.c.n)
    moved = select(*keys, cast(step, Integer).label("n")).group_by(*keys).having(step != 0).order_by(both.c.moment)
    connection.execute(insert(ticks).from_select([*names, "n"], moved))


def _sum_up(connection: Connection, facts: Facts, start: datetime | None, end: datetime | None) -> None:
    """Fill the cubes of the days: first by kind of what happened, of which there are few, then by count."""
    told = _made(facts, start, end).subquery() if facts.ticks is None else facts.ticks
    day = cast(told.c.moment, Date).label("day")
    for by, cube in facts.cubes.items():
        keys = [day, told.c.district_code, told.c[by], told.c.what]
        few = select(*keys, func.sum(told.c.n).label("n")).where(*_within(told.c.moment, start, end)).group_by(*keys)
        kinds = few.subquery()
        sums = [
            cast(func.sum(case((kinds.c.what.bitwise_and(bit) != 0, kinds.c.n), else_=0)), Integer).label(name)
            for name, bit in facts.bits.items()
        ]
        keys = [kinds.c.day, kinds.c.district_code, kinds.c[by]]
        filled = select(*keys, *sums).group_by(*keys).order_by(*keys)
        connection.execute(insert(cube).from_select([*(k.name for k in keys), *facts.bits], filled))
