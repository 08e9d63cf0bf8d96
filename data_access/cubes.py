"""The small sums that aggregated panels read, kept in step with the facts inside the writer's own transaction."""

from collections.abc import Sequence
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
    (o.c.due_at, o.c.tracked.is_(True), {"due": func.count(), "on_time": count(ON_TIME)}),
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


def counted(
    by: list[ColumnElement],
    columns: list[str],
    between: tuple[date, date] | None = None,
    where: Sequence[ColumnElement[bool]] = (),
    daily: bool = False,
) -> Select:
    """Every count of `columns` straight from the facts, one row a group of `by` (and a day, each count by its own clock,
    when daily). This is what the cubes hold; partial days and unusual filters ask the facts directly.

    between: (start, end), half-open, on each count's own clock; an end that is None is open.
    """
    parts = []
    for clock, condition, counts in CLOCKS:
        wanted = {name: expression for name, expression in counts.items() if name in columns}
        if not wanted:
            continue
        keys = [cast(clock, Date).label("day"), *by] if daily else by
        part = select(*keys, *(wanted.get(name, literal(0)).label(name) for name in columns))
        start, end = between or (None, None)
        bounds = [clock >= start] if start is not None else [clock.is_not(None)]
        bounds += [clock < end] if end is not None else []
        parts.append(part.where(*bounds, *where, *([] if condition is None else [condition])).group_by(*keys))
    every = union_all(*parts).subquery()
    keys = [*([every.c["day"]] if daily else []), *(every.c[b.name] for b in by)]
    return select(*keys, *(cast(func.sum(every.c[name]), Integer).label(name) for name in columns)).group_by(*keys)


def refresh(connection: Connection, first: date | None = None, last: date | None = None) -> None:
    """Recompute the cubes for the days first..last (both included; None: open), which must span every accept, due,
    close and callback day that the transaction touched, before and after."""
    after = None if last is None else last + timedelta(days=1)
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
        connection.execute(insert(cube).from_select(columns, counted(keys, names, (first, after), daily=True).order_by("day")))
