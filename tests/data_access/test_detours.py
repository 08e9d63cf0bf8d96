"""What is told again of the orders that leave the straight way is in step with their logs, however it came about."""

from datetime import timedelta

import numpy as np
import pandas as pd
from sqlalchemy import delete, select, update

from data_access import bulk, cubes, detours, engine
from data_access.schema import hotline_event, hotline_order
from data_access.schema import hotline_move as move
from data_access.schema import hotline_order as o
from data_access.schema import hotline_redo as redo
from domain.lifecycle import Event
from tests.data_access import small_city
from tests.data_access.small_city import UNTIL
from tests.data_access.test_loop import Told, stored, told

CHANGING = ("dispatch_at", "sign_at", "reply_at", "close_at", "callback_at", "returned_at", "redo_at", "redo_count")


def some_orders(count: int) -> list[Told]:
    rng = np.random.default_rng(11)
    return [told(n, rng) for n in range(1, count)]


def until(one: Told, moment) -> Told:
    """The order as it stood before the moment."""
    row = dict(one.row)
    for name in CHANGING[:-1]:
        row[name] = None if row[name] is None or row[name] >= moment else row[name]
    events = [event for event in one.events if event.at < moment]
    row["callback_at"] = next((e.at for e in reversed(events) if e.name == "callback"), None)
    row["redo_count"] = sum(event.name == "redo" for event in events)
    return Told(row, events)


def held(table) -> list[tuple]:
    with engine.engine().connect() as connection:
        return sorted(map(tuple, connection.execute(select(table)).fetchall()), key=repr)


def test_moves_are_those_of_each_life(database):
    some = some_orders(400)
    stored(some)
    rows = held(move)
    by_order = {n: [row for row in rows if row[0] == n] for n in {row[0] for row in rows}}
    passed_on = 0
    for one in some:
        mine = sorted((row[1:8] for row in by_order.get(one.row["order_id"], [])), key=lambda r: r[0])
        bounces = one.life(UNTIL).bounces
        assert [(m, kind, a, b) for m, kind, _, a, b, _, _ in mine] == [
            (b.at, b.kind, b.from_org, b.to_org) for b in bounces
        ]
        for _, kind, nth, _, to_org, passed_at, sign_at in mine:
            assert sign_at == one.row["sign_at"]
            assert (passed_at is None) == (kind == "returned" and to_org == "")
            passed_on += nth > 1
    assert passed_on > 10


def test_times_of_redoing_are_those_of_each_log(database):
    some = some_orders(400)
    stored(some)
    names = [column.name for column in redo.columns]
    rows = [dict(zip(names, row, strict=True)) for row in held(redo)]
    expected = {}
    for one in some:
        sent = [event.at for event in one.events if event.name == "redo"]
        for n, moment in enumerate(sent, 1):
            reply = next((e.at for e in one.events if e.name == "replied" and e.at >= moment), None)
            expected[one.row["order_id"], n] = (moment, reply, one.row["callback_at"], one.row["street_code"])
    assert {
        (r["order_id"], r["nth"]): (r["moment"], r["replied_at"], r["callback_at"], r["street_code"]) for r in rows
    } == expected
    assert max(n for _, n in expected) == 3


def test_some_orders_followed_are_as_all_orders_told_anew(database):
    some = some_orders(400)
    then = UNTIL - timedelta(days=9)
    stored([until(one, then) for one in some if one.row["accept_at"] < then])
    before = held(move), held(redo)
    changed = [one for one in some if any(event.at >= then for event in one.events)]
    which = [one.row["order_id"] for one in changed]
    with engine.committing() as connection:
        connection.execute(delete(o).where(o.c.order_id.in_(which)))
        connection.execute(delete(hotline_event).where(hotline_event.c.order_id.in_(which)))
        small_city.put_orders(connection, small_city.typed(pd.DataFrame([one.row for one in changed])))
        log = [
            (one.row["order_id"], one.row["street_code"], seq, event.name, event.at, event.org)
            for one in changed
            for seq, event in enumerate(one.events, 1)
        ]
        frame = pd.DataFrame(log, columns=[column.name for column in hotline_event.columns])
        bulk.insert(connection, hotline_event, frame.astype({"happened_at": "datetime64[us]"}))
        detours.follow(connection, which, min(one.row["accept_at"] for one in changed))
    followed = held(move), held(redo)
    with engine.committing() as connection:
        cubes.refresh(connection)
    assert followed == (held(move), held(redo))
    assert followed[0] != before[0]
    assert followed[1] != before[1]


def test_a_source_without_a_log_tells_the_first_redo_by_its_row(database):
    at = UNTIL - timedelta(days=5)
    row = small_city.order(7, at, redo_at=at + timedelta(days=1), redo_count=2, callback_at=UNTIL - timedelta(days=1))
    stored([Told(row, []), Told(small_city.order(8, at), [Event("registered", at)])])
    assert [found[:6] for found in held(redo)] == [(7, row["redo_at"], 1, None, at, row["callback_at"])]
    with engine.committing() as connection:
        connection.execute(update(hotline_order).values(redo_at=None).where(hotline_order.c.order_id == 7))
        detours.follow(connection, [7], at)
    assert held(redo) == []
