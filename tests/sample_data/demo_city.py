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
from domain import lifecycle

UNTIL = datetime(2026, 11, 21, 14, 30)  # a Saturday, six days into the heating season
# which column of an order says when an event of its log happened first; the others are in the log alone
FIRST = {
    "registered": "accept_at", "dispatched": "dispatch_at", "signed": "sign_at", "returned": "returned_at",
    "extended": "extended_at", "supervised": "supervised_at", "redo": "redo_at",
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


def _of(events: pd.DataFrame, event: str) -> pd.Series:
    """When it happened, by order."""
    return events[events["event"] == event].set_index("order_id")["happened_at"]


def assert_lives_follow_the_rules(every: int) -> None:
    """The events of each so many-th order follow the lifecycle without a fault."""
    events = engine.read(select(hotline_event).order_by(hotline_event.c.order_id, hotline_event.c.seq))
    events = events[events["order_id"] % every == 0]
    for order, logged in events.groupby("order_id"):
        life = lifecycle.life([lifecycle.Event(e.event, e.happened_at, e.org) for e in logged.itertuples()])
        assert not life.faults, (order, life.faults)


def assert_log_agrees(rows: pd.DataFrame) -> None:
    """The event log says the same as the orders' own times, and runs forward."""
    events = engine.read(select(hotline_event)).sort_values(["order_id", "seq"], ignore_index=True)
    assert not events.duplicated(["order_id", "seq"]).any()
    following = events["order_id"].eq(events["order_id"].shift())
    assert (events["happened_at"] >= events["happened_at"].shift())[following].all()
    assert (events["seq"] == events["seq"].shift() + 1)[following].all()
    assert (events["seq"][~following] == 1).all()
    by_order = rows.set_index("order_id")
    direct = by_order["direct"].astype(bool)
    for event, column in FIRST.items():
        logged = _of(events, event).groupby(level=0).first()
        pd.testing.assert_series_equal(logged, by_order[column].dropna(), check_names=False)
    closed = pd.concat([_of(events, "closed").groupby(level=0).first(), _of(events, "answered")]).sort_index()
    pd.testing.assert_series_equal(closed, by_order["close_at"].dropna(), check_names=False)
    assert direct[_of(events, "answered").index].all()
    assert not direct[_of(events, "closed").index].any()
    replied = _of(events, "replied").groupby(level=0).first()
    pd.testing.assert_series_equal(replied, by_order.loc[~direct, "reply_at"].dropna(), check_names=False)
    called = _of(events, "callback").groupby(level=0).last()
    pd.testing.assert_series_equal(called, by_order["callback_at"].dropna(), check_names=False)
    redone = _of(events, "redo").groupby(level=0).size().reindex(by_order.index, fill_value=0)
    pd.testing.assert_series_equal(redone, by_order["redo_count"], check_names=False, check_dtype=False)
    handled = events[events["event"].isin(["signed", "replied", "closed", "redo", "extended"])]
    assert (handled["org"] == handled["order_id"].map(by_order["org"])).all()
    places = events["order_id"].map(by_order["street_code"])
    assert (events["street_code"] == places).all()
