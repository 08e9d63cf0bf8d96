"""The sums of calls by hour and line, kept in step with the calls inside the writer's own transaction."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, and_, case, cast, delete, func, insert, literal_column, or_, select
from sqlalchemy.sql import ColumnElement

from data_access.in_force import in_force
from data_access.schema import hotline_call as call
from data_access.schema import hotline_hour_call as cube

COUNTS = ("offered", "answered", "quick", "short", "waited_seconds", "talked_seconds")


def refresh_calls(
    connection: Connection, first_hour: datetime | None = None, last_hour: datetime | None = None
) -> None:
    """Bring the sums in step with the calls that started in first_hour..last_hour (both included; None: open).

    short: given up sooner than rules.short_abandon_s; offered: all others; answered: somebody spoke with the caller;
    quick: answered within rules.service_level_s; waited_seconds and talked_seconds: of the answered ones. The rules are
    those of the day of the call.
    """
    start = None if first_hour is None else hour_of(first_hour)
    end = None if last_hour is None else hour_of(last_hour) + timedelta(hours=1)

    def inside(column: ColumnElement) -> list[ColumnElement[bool]]:
        return [*([] if start is None else [column >= start]), *([] if end is None else [column < end])]

    def count(condition: ColumnElement[bool], value: ColumnElement | int = 1) -> ColumnElement[int]:
        return cast(func.sum(case((condition, value), else_=0)), BigInteger)

    connection.execute(delete(cube).where(*inside(cube.c.hour)))
    hour = func.date_trunc(literal_column("'hour'"), call.c.started_at).label("hour")
    answered = call.c.talk_seconds.is_not(None)
    short = call.c.wait_seconds < in_force("short_abandon_s", call.c.started_at)
    quick = call.c.wait_seconds <= in_force("service_level_s", call.c.started_at)
    counts = (
        count(or_(answered, ~short)),
        count(answered),
        count(and_(answered, quick)),
        count(and_(~answered, short)),
        count(answered, call.c.wait_seconds),
        count(answered, call.c.talk_seconds),
    )
    sums = select(hour, call.c.line, *counts).where(*inside(call.c.started_at))
    filled = sums.group_by(hour, call.c.line).order_by(hour, call.c.line)
    connection.execute(insert(cube).from_select(["hour", "line", *COUNTS], filled))


def hour_of(moment: datetime) -> datetime:
    """The full hour in which a moment lies."""
    return moment.replace(minute=0, second=0, microsecond=0)
