"""What is told again of some cases, so that a question about them need not read all there are: the open ones, those
that had days to be done in by their finishing, and those done at once by day and minutes. Kept in step inside the
writer's own transaction."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Double,
    Integer,
    Select,
    Table,
    case,
    cast,
    delete,
    extract,
    func,
    insert,
    literal_column,
    select,
)

from data_access.bulk import lies_by
from data_access.parts import of_table
from data_access.services.tables import service_case, service_day_once, service_open, service_took
from data_access.where import AT

c = service_case.c
NO_LIMIT = -1.0  # of service_took.legal_days
HAD_DAYS = (c.promised_days > 0, c.used_days >= 0)
AT_ONCE = (c.promised_days <= 0, c.accept_at <= c.finish_at)
MINUTES = cast(func.floor(cast(extract("epoch", c.finish_at - c.accept_at), Double) / 60), Integer).label("minutes")
SAME = case((c.used_days <= 0, 1), else_=0).label("same")


def follow(connection: Connection, first: date | None, last: date | None) -> None:
    """Bring the tables in step with the cases finished on the days first..last (None: open), and the open cases with
    all."""
    _fill(connection, service_open, select(service_case).where(c.finish_at.is_(None), c.accept_at.is_not(None)))
    start = [] if first is None else [datetime.combine(first, time.min)]
    end = [] if last is None else [datetime.combine(last + timedelta(days=1), time.min)]
    within = (*(c.finish_at >= moment for moment in start), *(c.finish_at < moment for moment in end))
    gone = (
        *(service_took.c.finish_at >= moment for moment in start),
        *(service_took.c.finish_at < moment for moment in end),
    )
    took = {"legal_days": func.coalesce(c.legal_days, literal_column(str(NO_LIMIT)))}
    told = (took.get(column.name, c[column.name]) for column in service_took.columns)
    finished = (c.finish_at.is_not(None), *within)
    made = select(*told).where(*finished, *HAD_DAYS).order_by(*lies_by(service_took))
    _fill(connection, service_took, made, *gone)
    day = cast(c.finish_at, Date).label("day")
    gone = (
        *(service_day_once.c.day >= moment.date() for moment in start),
        *(service_day_once.c.day < moment.date() for moment in end),
    )
    keys = (day, c.district_code, MINUTES, SAME)
    once = select(*keys, cast(func.count(), Integer)).where(*finished, *AT_ONCE).group_by(*keys).order_by(day)
    _fill(connection, service_day_once, once, *gone)


def _fill(connection: Connection, table: Table, made: Select, *gone: ColumnElement[bool]) -> None:
    """Replace the rows of a table; gone: which."""
    connection.execute(delete(table).where(*gone))
    connection.execute(insert(table).from_select([column.name for column in table.columns], made))


def open_at(columns: Sequence[ColumnElement[Any]], *where: ColumnElement[bool]) -> tuple[Select, Select]:
    """The columns of the cases that were accepted and not finished :at the moment and meet all of `where`, in two parts
    that a case is in at most one of: those that are not finished at all lie in a table of their own, and of the others
    an engine skips what it cannot skip with an "or"."""
    still, later = (c.accept_at < AT, *where), (c.finish_at >= AT, c.accept_at < AT, *where)
    opened = (of_table(told, service_case, service_open) for told in columns)
    return (
        select(*opened).where(*(of_table(told, service_case, service_open) for told in still)),
        select(*columns).where(*later),
    )
