"""Dissatisfied, supervised and hard cases from a few orders whose counts are plain to see."""

from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import insert

from data_access import bulk, cases, cubes, engine
from data_access.schema import hotline_event
from data_access.where import Where
from domain.periods import Span
from tests.data_access import small_city
from tests.data_access.small_city import order, the

AT = datetime(2026, 6, 18, 14, 30)
MONTH = Span(AT - timedelta(days=30), AT)


def ago(days: float) -> datetime:
    return AT - timedelta(days=days)


def put() -> None:
    redone = {"close_at": ago(9), "callback_at": ago(8), "redo_at": ago(7), "redo_count": 1, "satisfaction": 2}
    won = {"close_at": ago(20), "redo_at": ago(15), "callback_at": ago(10), "redo_count": 1, "satisfaction": 4}
    rows = [
        order(1, ago(2), supervised_at=ago(1)),  # supervised, open
        order(2, ago(40), supervised_at=ago(35), close_at=AT),  # closes at the moment: still open before it
        order(3, ago(12), supervised_at=ago(11), close_at=ago(5)),
        order(4, ago(5), supervised_at=AT),  # not yet
        order(5, ago(10), **redone),  # second handling goes on
        order(6, ago(33), **(redone | {"redo_count": 2}), org="east"),  # and again: hard
        order(7, ago(21), **won),
        order(8, ago(22), **(won | {"satisfaction": 2}), street_code="y"),
        order(9, ago(23), **(won | {"satisfaction": None})),
        order(10, ago(23), **(won | {"callback_at": AT})),  # called back at the moment: not yet
        order(11, ago(4), returned_at=ago(3)),  # sent back three times, open: hard
        order(12, ago(4), returned_at=ago(3)),  # twice
        order(13, ago(4), returned_at=ago(3), close_at=ago(1)),  # three times, closed
        order(14, ago(30), close_at=ago(6), callback_at=ago(5), satisfaction=1),
    ]
    events = [
        {
            "order_id": number,
            "street_code": "x",
            "seq": n,
            "event": "returned",
            "happened_at": ago(3 - n / 10),
            "org": "a",
        }
        for number, times in ((11, 3), (12, 2), (13, 3))
        for n in range(times)
    ]
    with engine.committing() as connection:
        small_city.store_areas(connection)
        small_city.put_orders(connection, small_city.typed(pd.DataFrame(rows)))
        bulk.insert(connection, hotline_event, pd.DataFrame(events))
        late = {"order_id": 12, "street_code": "x", "seq": 9, "event": "returned", "happened_at": AT, "org": "a"}
        connection.execute(insert(hotline_event).values(late))
        cubes.refresh(connection)


def test_what_waits_how_old_it_is_and_what_became_of_the_rest(database):
    put()
    city = the("city")
    assert cases.waiting(city, AT) == {
        "supervised": (2, (1, 0, 0, 0, 1)),
        "unhappy": (3, (0, 0, 1, 1, 1)),
        "hard": (2, (0, 1, 0, 0, 1)),
    }
    assert cases.came(city, MONTH) == {"supervised": 2, "unhappy": 4, "hard": 1}
    assert cases.became(city, (MONTH,)) == ((3, 2, 1),)
    assert cases.became(the("y"), (MONTH,)) == ((1, 1, 0),)
    assert cases.waiting(city, AT, Where(org="east"))["hard"] == (1, (0, 0, 0, 0, 1))


def test_a_moment_sees_nothing_after_it(database):
    put()
    then = ago(12)
    assert cases.waiting(the("city"), then)["supervised"].open == 1
    assert cases.waiting(the("city"), then)["unhappy"].open == 4
    assert cases.became(the("city"), (Span(ago(40), then),)) == ((0, 0, 0),)
    nothing = dict.fromkeys(("supervised", "unhappy", "hard"), (0, (0, 0, 0, 0, 0)))
    assert cases.waiting(the("city"), datetime(2001, 1, 1)) == nothing
