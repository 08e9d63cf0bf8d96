"""The sums of calls by hour are what a count of the calls says, whatever part is refreshed."""

from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import delete, select

from data_access import bulk, engine
from data_access.call_cube import refresh_calls
from data_access.schema import hotline_call, hotline_hour_call

NINE = datetime(2026, 6, 18, 9)
# line, minutes after nine, wait, talk
CALLS = (
    ("", 0, 3, 100), ("", 1, 15, 50), ("", 2, 16, 60), ("", 3, 4, None), ("", 4, 5, None), ("", 59, 90, None),
    ("enterprise", 30, 0, 0), ("", 60, 15, 7), ("talent", 61, 4, None), ("", 180, 600, 1000),
)  # fmt: skip


def _put(first_id: int = 1) -> None:
    rows = [
        {
            "call_id": first_id + n, "source": "hotline", "started_at": NINE + timedelta(minutes=minute), "line": line,
            "wait_seconds": wait, "talk_seconds": talk,
        }
        for n, (line, minute, wait, talk) in enumerate(CALLS)
    ]  # fmt: skip
    frame = pd.DataFrame(rows).astype({"talk_seconds": "Int64"})
    with engine.committing() as connection:
        bulk.insert(connection, hotline_call, frame)


def _held() -> list[tuple]:
    rows = engine.rows(select(hotline_hour_call).order_by(hotline_hour_call.c.hour, hotline_hour_call.c.line))
    return [((row[0] - NINE) // timedelta(hours=1), *row[1:]) for row in rows]


# hour, line, offered, answered, quick, short, waited, talked
WHOLE = [
    (0, "", 5, 3, 2, 1, 34, 210), (0, "enterprise", 1, 1, 1, 0, 0, 0), (1, "", 1, 1, 1, 0, 15, 7),
    (1, "talent", 0, 0, 0, 1, 0, 0), (3, "", 1, 1, 0, 0, 600, 1000),
]  # fmt: skip


def test_counts_of_each_hour(database) -> None:
    _put()
    with engine.committing() as connection:
        refresh_calls(connection)
    assert _held() == WHOLE


def test_only_the_hours_named_are_counted_again(database) -> None:
    _put()
    with engine.committing() as connection:
        refresh_calls(connection)
        connection.execute(delete(hotline_call))
        ten = NINE + timedelta(hours=1, minutes=20)
        refresh_calls(connection, ten, ten + timedelta(minutes=5))
    assert _held() == [row for row in WHOLE if row[0] != 1]
    with engine.committing() as connection:
        refresh_calls(connection, None, NINE + timedelta(minutes=1))
    assert _held() == [row for row in WHOLE if row[0] > 1]
    _put(100)
    with engine.committing() as connection:
        refresh_calls(connection, NINE, NINE + timedelta(hours=1))
    assert _held() == WHOLE
