"""A small demo city that the tests of this folder look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select

from data_access import engine
from data_access.schema import hotline_event, hotline_order

UNTIL = datetime(2026, 11, 21, 14, 30)  # a Saturday, six days into the heating season
# which column of an order says when each event of its log happened; the others are in the log alone
EVENT_COLUMNS = {
    "registered": "accept_at", "dispatched": "dispatch_at", "signed": "sign_at", "closed": "close_at",
    "callback": "callback_at",
}  # fmt: skip


@contextmanager
def connected(folder: Path) -> Iterator[None]:
    """An empty DuckDB as the cockpit's own, for as long as the caller wants."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_engine", None)
        patch.setattr(engine, "_version", 0)
        engine.connect(f"duckdb:///{folder / 'city.duckdb'}")
        yield
        engine.engine().dispose()


def orders() -> pd.DataFrame:
    """All orders, by number."""
    return engine.read(select(hotline_order)).sort_values("order_id", ignore_index=True)


def assert_log_agrees(rows: pd.DataFrame) -> None:
    """The event log says the same as the orders' own times, and runs forward."""
    events = engine.read(select(hotline_event)).sort_values(["order_id", "seq"], ignore_index=True)
    assert not events.duplicated(["order_id", "seq"]).any()
    following = events["order_id"].eq(events["order_id"].shift())
    assert (events["happened_at"] >= events["happened_at"].shift())[following].all()
    assert (events["seq"] == events["seq"].shift() + 1)[following].all()
    assert (events["seq"][~following] == 1).all()
    by_order = rows.set_index("order_id")
    for event, column in EVENT_COLUMNS.items():
        logged = events[events["event"] == event].set_index("order_id")["happened_at"]
        pd.testing.assert_series_equal(logged, by_order[column].dropna(), check_names=False)
    places = events["order_id"].map(by_order["street_code"])
    assert (events["street_code"] == places).all()
