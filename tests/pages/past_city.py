"""A city as its database would have been at an earlier moment: everything that happened or became known since is taken
out of it again, and what is summed up of it is summed up anew."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, and_, delete, func, or_, select, update
from sqlalchemy.sql import ColumnElement

from data_access import call_cube, cubes, engine, schema
from data_access.flood import cube as flood_cube
from data_access.flood import tables as flood
from data_access.services import counts
from data_access.services import tables as services
from data_access.services.catalogue import PUBLISHED_AFTER_DAYS

o, c = schema.hotline_order.c, services.service_case.c


def forget_since(at: datetime) -> None:
    """Of the connected database. Of an order and a case what is at the moment or later; of readings, alarms and what
    people wrote, what is later: the flood page counts what is of the very moment."""
    with engine.committing() as connection:
        _flood(connection, at)
        _hotline(connection, at)
        _services(connection, at)
        _gone(connection, schema.mark, schema.mark.c.start >= at)
        _gone(connection, schema.observation, schema.observation.c.as_of > at)
        _summed(connection, at)


def _gone(connection: Connection, table: Table, *where: ColumnElement[bool]) -> None:
    connection.execute(delete(table).where(*where))


def _unsaid(connection: Connection, table: Table, moment: str, at: datetime, **more: object) -> None:
    """What is told at a moment of a row's life, where that was not yet."""
    connection.execute(update(table).where(table.c[moment] >= at).values({moment: None} | more))


def _flood(connection: Connection, at: datetime) -> None:
    r = flood.flood_reading
    _gone(connection, r, or_(r.c.moment > at, r.c.received_at > at))
    connection.execute(update(r).where(r.c.superseded_at > at).values(superseded_at=None))
    for table in (flood.flood_alarm_event, flood.flood_task, flood.flood_advice):
        _gone(connection, table, table.c.moment > at)
    _gone(connection, flood.flood_rain_forecast, flood.flood_rain_forecast.c.made_at > at)
    _gone(connection, flood.flood_response, flood.flood_response.c.start_at > at)
    response = flood.flood_response
    connection.execute(update(response).where(response.c.end_at > at).values(end_at=None))


def _hotline(connection: Connection, at: datetime) -> None:
    orders, event = schema.hotline_order, schema.hotline_event
    _gone(connection, orders, o.accept_at >= at)
    _gone(connection, event, event.c.happened_at >= at)
    _gone(connection, schema.hotline_call, schema.hotline_call.c.started_at >= at)
    _gone(connection, schema.hotline_month, schema.hotline_month.c.frozen_at >= at)
    for moment in ("dispatch_at", "sign_at", "reply_at", "close_at", "returned_at", "extended_at", "supervised_at"):
        _unsaid(connection, orders, moment, at)
    _unsaid(connection, orders, "callback_at", at, responded=None, resolved=None, satisfaction=None)
    # That an order is redone follows from a callback: who knows of the callback knows of that, whenever it was logged.
    later = and_(o.redo_at >= at, o.callback_at.is_(None))
    redone = select(func.count()).where(event.c.order_id == o.order_id, event.c.event == "redo").scalar_subquery()
    known = or_(o.redo_at < at, later)
    connection.execute(update(orders).where(o.redo_count > 0, known).values(redo_count=redone))
    connection.execute(update(orders).where(later).values(redo_at=None))


def _services(connection: Connection, at: datetime) -> None:
    case, stop, item = services.service_case, services.service_stop, services.service_item
    _gone(connection, case, c.receive_at >= at)
    _unsaid(connection, case, "rating_at", at, rating=None, rating_default=None, bad_reason="", words=None,
            rectify_due_at=None, rectified_at=None)  # fmt: skip
    for moment in ("accept_at", "refuse_at", "decide_at", "deliver_at", "rectified_at"):
        _unsaid(connection, case, moment, at)
    _unsaid(connection, case, "finish_at", at, used_days=None, result="")
    _gone(connection, stop, stop.c.start_at >= at)
    _unsaid(connection, stop, "end_at", at)
    shift, ticket = services.service_shift, services.service_ticket
    _gone(connection, shift, shift.c.open_at > at)
    connection.execute(update(shift).where(shift.c.close_at > at).values(close_at=None))
    _gone(connection, ticket, ticket.c.take_at > at)
    called = and_(ticket.c.call_at.is_not(None), ticket.c.call_at <= at)
    connection.execute(update(ticket).where(~called | ticket.c.call_at.is_(None)).values(
        call_at=None, start_at=None, end_at=None, window="", no_show=False))  # fmt: skip
    for moment in ("start_at", "end_at"):
        connection.execute(update(ticket).where(ticket.c[moment] > at).values({moment: None}))
    _gone(connection, services.service_queue, services.service_queue.c.moment > at)
    _gone(connection, services.service_month, services.service_month.c.frozen_at >= at)
    _gone(connection, services.service_problem, services.service_problem.c.found_at >= at)
    _unsaid(connection, services.service_problem, "fixed_at", at)
    _gone(connection, item, item.c.valid_from > at.date())
    connection.execute(update(item).where(item.c.valid_to > at.date()).values(valid_to=None))
    rank = services.service_rank
    published = at.date() - timedelta(days=PUBLISHED_AFTER_DAYS)
    months = connection.execute(select(rank.c.month).distinct()).scalars()
    late = [month for month in months if (month + timedelta(days=32)).replace(day=1) > published]
    _gone(connection, rank, rank.c.month.in_(late))
    connection.execute(update(services.service_theme).where(services.service_theme.c.online_from > at.date()).values(
        online_from=None))  # fmt: skip


def _summed(connection: Connection, at: datetime) -> None:
    """What is kept of the facts, made anew of those that are left."""
    _gone(connection, schema.hotline_tick)
    cubes.refresh(connection)
    _gone(connection, schema.hotline_hour_call)
    call_cube.refresh_calls(connection)
    _gone(connection, services.service_tick)
    counts.refresh(connection)
    d, r, today = flood.flood_day, flood.flood_reading, at.date()
    _gone(connection, d, d.c.day >= today)
    begun = connection.execute(select(func.min(r.c.moment))).scalar()
    if begun is not None:  # days before the readings begin are told as days alone
        first = max(begun.date() + timedelta(days=1), today - timedelta(days=4))
        flood_cube.recount(connection, first, today + timedelta(days=1))
