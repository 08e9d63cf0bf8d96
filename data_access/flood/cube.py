"""The cube of days: what questions about months and years are answered from, and what finds the last word of a station
that has long been silent. Recounted from the readings wherever they change.

The one dialect-only corner of flood: "the value at the greatest moment" is arg_max on DuckDB, an ordered array on
PostgreSQL.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Date,
    Select,
    String,
    Table,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from data_access.flood.tables import flood_day as d
from data_access.flood.tables import flood_reading as r

_SECOND, _EIGHT = timedelta(seconds=1), timedelta(hours=8)


class value_at_most(FunctionElement):
    """value_at_most(value, by): the value where `by` is greatest."""

    inherit_cache = True


@compiles(value_at_most)
def _ordered(element: value_at_most, compiler: Any, **kw: Any) -> str:
    value, by = (compiler.process(one, **kw) for one in element.clauses)
    return f"(array_agg({value} ORDER BY {by} DESC NULLS LAST))[1]"


@compiles(value_at_most, "duckdb")
def _arg_max(element: value_at_most, compiler: Any, **kw: Any) -> str:
    value, by = (compiler.process(one, **kw) for one in element.clauses)
    return f"arg_max({value}, {by})"


def day_of(moment: ColumnElement, element: ColumnElement) -> ColumnElement:
    """The day a reading counts in: rain in that of the interval it ends."""
    return cast(case((element == "rain", moment - _SECOND), else_=moment), Date)


def rain_day_of(moment: ColumnElement) -> ColumnElement:
    """The rain day, 08:00 to 08:00, named by the day it ends on."""
    return cast(moment - _EIGHT - _SECOND + timedelta(days=1), Date)


def _figures(day: ColumnElement, element: ColumnElement) -> tuple[Any, ...]:
    return (
        day.label("day"),
        r.c.station,
        element.label("element"),
        func.count().label("n"),
        func.sum(r.c.value).label("total"),
        func.min(r.c.value).label("low"),
        func.max(r.c.value).label("high"),
        value_at_most(r.c.moment, r.c.value).label("high_at"),
        value_at_most(r.c.value, r.c.moment).label("last"),
        func.max(r.c.moment).label("last_at"),
    )


def _counted(start: datetime, end: datetime, touched: Table | None) -> Select:
    """The days' figures of the good readings of [start, end]; touched: only days named there."""
    good = (r.c.quality == 0, r.c.superseded_at.is_(None), r.c.moment >= start, r.c.moment <= end)
    day, rain_day = day_of(r.c.moment, r.c.element), rain_day_of(r.c.moment)
    rain08 = cast(literal("rain08"), String)
    parts = [
        select(*_figures(day, r.c.element)).where(*good).group_by(day, r.c.station, r.c.element),
        select(*_figures(rain_day, rain08)).where(*good, r.c.element == "rain").group_by(rain_day, r.c.station),
    ]
    both = union_all(*parts).subquery()
    if touched is None:
        return select(both)
    k = touched.c
    return select(both).join(
        touched, (k.day == both.c.day) & (k.station == both.c.station) & (k.element == both.c.element)
    )


def _span(first: date, last: date) -> tuple[datetime, datetime]:
    """The readings that days and rain days of these names are made of."""
    return datetime.combine(first, time.min) - timedelta(hours=16), datetime.combine(last, time(23, 59, 59)) + _SECOND


def recount(connection: Connection, first: date, last: date) -> None:
    """Count all days (and rain days) from first to last anew."""
    connection.execute(delete(d).where(d.c.day >= first, d.c.day <= last))
    counted = _counted(*_span(first, last), None).subquery()
    chosen = select(counted).where(counted.c.day >= first, counted.c.day <= last).order_by(counted.c.day)
    connection.execute(insert(d).from_select([c.name for c in counted.c], chosen))


def recount_touched(connection: Connection, touched: Table, first: date, last: date) -> None:
    """Count anew the days of a table (day, station, element) which lie from first to last."""
    k = touched.c
    there = select(literal(1)).where(k.day == d.c.day, k.station == d.c.station, k.element == d.c.element)
    connection.execute(delete(d).where(d.c.day >= first, d.c.day <= last, there.exists()))
    counted = _counted(*_span(first, last), touched).subquery()
    connection.execute(insert(d).from_select([c.name for c in counted.c], select(counted).order_by(counted.c.day)))
