"""The small sums that aggregated panels read, kept in step with the facts inside the writer's own transaction."""

from datetime import date, timedelta

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

from data_access.schema import hotline_day_place, hotline_day_topic
from data_access.schema import hotline_order as o

# A day's counts by the clock they follow. Handbook 1.4: on-time closure is counted in the period the order was due.
RATED = o.c.satisfaction.is_not(None)
ASKED = o.c.resolved.is_not(None)
ON_TIME = o.c.close_at <= o.c.due_at
SETTLED_AT = case((o.c.close_at > o.c.due_at, o.c.close_at), else_=o.c.due_at)  # when a due order stops being overdue


def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows meet a condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


CLOCKS: tuple[tuple[ColumnElement, ColumnElement[bool] | None, dict[str, ColumnElement[int]]], ...] = (
    (
        o.c.accept_at,
        None,
        {"received": func.count(), "direct": count(o.c.direct.is_(True)), "tracked": count(o.c.tracked.is_(True))},
    ),
    (o.c.close_at, None, {"closed": func.count()}),
    (o.c.due_at, None, {"due": func.count(), "on_time": count(ON_TIME)}),
    (SETTLED_AT, and_(o.c.close_at.is_not(None), o.c.due_at.is_not(None)), {"settled": func.count()}),
    (
        o.c.callback_at,
        None,
        {
            "rated": count(RATED),
            "satisfied": count(o.c.satisfaction >= 3),
            "asked": count(ASKED),
            "resolved": count(o.c.resolved == 2),
        },
    ),
)


def counted(by: list[ColumnElement], between: tuple | None, columns: list[str]) -> Select:
    """Every count of `columns` straight from the facts, one row a group of `by`.

    between: (start, end) half-open, on each count's own clock; None: all of time. This is what the cubes hold day by
    day, and what partial days (today until the minute) and unusual filters ask of the facts directly.
    """
    parts = []
    for clock, condition, counts in CLOCKS:
        wanted = {name: expression for name, expression in counts.items() if name in columns}
        if not wanted:
            continue
        part = select(*by, *(wanted.get(name, literal(0)).label(name) for name in columns))
        if between is not None:
            part = part.where(clock >= between[0], clock < between[1])
        else:
            part = part.where(clock.is_not(None))
        parts.append((part if condition is None else part.where(condition)).group_by(*by))
    every = union_all(*parts).subquery()
    keys = [every.c[b.name] for b in by]
    return select(*keys, *(cast(func.sum(every.c[name]), Integer).label(name) for name in columns)).group_by(*keys)


def _by_day(by: list[ColumnElement], first: date | None, last: date | None, columns: list[str]) -> Select:
    parts = []
    for clock, condition, counts in CLOCKS:
        wanted = {name: expression for name, expression in counts.items() if name in columns}
        if not wanted:
            continue
        day = cast(clock, Date).label("day")
        part = select(day, *by, *(wanted.get(name, literal(0)).label(name) for name in columns)).where(
            clock.is_not(None)
        )
        if first is not None:
            part = part.where(clock >= first)
        if last is not None:
            part = part.where(clock < last + timedelta(days=1))
        parts.append((part if condition is None else part.where(condition)).group_by(day, *by))
    every = union_all(*parts).subquery()
    keys = [every.c["day"], *(every.c[b.name] for b in by)]
    sums = [cast(func.sum(every.c[name]), Integer).label(name) for name in columns]
    return select(*keys, *sums).group_by(*keys).order_by(every.c["day"])


def refresh(connection: Connection, first: date | None = None, last: date | None = None) -> None:
    """Recompute the cubes for the days first..last (both included; None: open), which must span every accept, due,
    close and callback day that the transaction touched, before and after."""
    for cube, keys in (
        (hotline_day_place, [o.c.district_code, o.c.street_code]),
        (hotline_day_topic, [o.c.district_code, o.c.topic]),
    ):
        names = [c.name for c in cube.columns if isinstance(c.type, Integer)]
        gone = delete(cube)
        if first is not None:
            gone = gone.where(cube.c.day >= first)
        if last is not None:
            gone = gone.where(cube.c.day <= last)
        connection.execute(gone)
        columns = ["day", *(k.name for k in keys), *names]
        connection.execute(insert(cube).from_select(columns, _by_day(keys, first, last, names)))
