"""Ticks and day sums stay what the orders call for, whatever is loaded, corrected or taken away, a part at a time."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import delete, func, insert, select, update

from data_access import cubes, engine
from data_access.schema import hotline_day_org, hotline_day_place, hotline_day_topic, hotline_order, hotline_tick
from tests.data_access.small_city import COUNTS, built, order, put_orders, some_orders, store_areas

CLOCKS = ("accept_at", "due_at", "close_at", "callback_at")
PLACE = ["district_code", "street_code", "community_code", "topic", "org"]


def moments_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Each counted moment of each order: moment, where, what of. Written from the handbook, not from the SQL."""
    tracked = rows[rows["tracked"]]
    finished = tracked.dropna(subset=["close_at", "due_at"])
    in_time = tracked["close_at"] <= tracked["due_at"]
    dispatched = rows[~rows["direct"].fillna(False).astype(bool)]
    said = {
        "received": (rows, "accept_at"),
        "direct": (rows[rows["direct"].fillna(False).astype(bool)], "accept_at"),
        "tracked": (tracked, "accept_at"),
        "closed": (tracked, "close_at"),
        "due": (tracked, "due_at"),
        "on_time": (tracked[in_time], "due_at"),
        "settled": (finished.assign(later=finished[["close_at", "due_at"]].max(axis=1)), "later"),
        "rated": (rows[rows["satisfaction"].notna()], "callback_at"),
        "satisfied": (rows[rows["satisfaction"].fillna(0) >= 3], "callback_at"),
        "asked": (rows[rows["resolved"].notna()], "callback_at"),
        "resolved": (rows[rows["resolved"].fillna(0) == 2], "callback_at"),
        "partly": (rows[rows["resolved"].fillna(0) == 1], "callback_at"),
        "basic": (rows[rows["satisfaction"].fillna(0) == 3], "callback_at"),
        "called": (rows, "callback_at"),
        "dispatched_called": (dispatched[dispatched["responded"].notna()], "callback_at"),
        "responded": (dispatched[dispatched["responded"].fillna(False).astype(bool)], "callback_at"),
        "redone": (rows[rows["redo_count"].fillna(0) > 0], "callback_at"),
    }
    parts = [
        some[[*PLACE, clock]].rename(columns={clock: "moment"}).dropna(subset=["moment"]).assign(count=name)
        for name, (some, clock) in said.items()
    ]
    return pd.concat(parts, ignore_index=True)


def summed(frame: pd.DataFrame, by: list[str]) -> pd.Series:
    totals = frame.groupby([*by, "count"])["n"].sum()
    return totals[totals != 0].sort_index()


def stored_orders() -> pd.DataFrame:
    return engine.read(select(hotline_order))


def assert_in_step() -> None:
    """Ticks and both cubes say what the stored orders say."""
    true = moments_of(stored_orders()).assign(n=1)
    ticks = engine.read(select(hotline_tick))
    held = pd.concat(
        [ticks[(ticks["what"] & bit) != 0].assign(count=name) for name, bit in cubes.BITS.items()], ignore_index=True
    )
    keys = ["moment", *PLACE]
    pd.testing.assert_series_equal(summed(held, keys), summed(true, keys), check_dtype=False, check_index_type=False)
    true["day"] = true["moment"].dt.normalize()
    for cube, by in (
        (hotline_day_place, ["day", "district_code", "street_code"]),
        (hotline_day_topic, ["day", "district_code", "topic"]),
        (hotline_day_org, ["day", "district_code", "org"]),
    ):
        frame = engine.read(select(cube))
        assert not frame.duplicated(by).any()
        names = [name for name in COUNTS if name in frame]
        long = frame.melt(by, names, var_name="count", value_name="n")
        wanted = true[true["count"].isin(names)]
        pd.testing.assert_series_equal(summed(long, by), summed(wanted, by), check_dtype=False, check_index_type=False)


def days_of(*frames: pd.DataFrame) -> tuple[date, date]:
    """The first and the last day that the orders touch."""
    every = pd.concat([frame[name] for frame in frames for name in CLOCKS]).dropna()
    return every.min().date(), every.max().date()


def test_every_count_has_a_bit_of_its_own():
    assert set(cubes.BITS) == set(COUNTS)
    assert [bin(bit).count("1") for bit in cubes.BITS.values()] == [1] * len(COUNTS)
    assert len(set(cubes.BITS.values())) == len(COUNTS)


def test_the_sums_are_those_of_the_orders(database):
    built(700, seed=3)
    assert_in_step()


def test_refreshing_again_changes_nothing(database):
    built(300, seed=4)
    count = select(func.count()).select_from(hotline_tick)
    before = engine.read(count).iloc[0, 0]
    for window in (
        (None, None),
        (date(2025, 8, 1), date(2025, 8, 31)),
        (None, date(2025, 9, 1)),
        (date(2026, 1, 1), None),
    ):
        with engine.committing() as connection:
            cubes.refresh(connection, *window)
        assert engine.read(count).iloc[0, 0] == before
    assert_in_step()


def test_loads_in_parts_are_one_load(database):
    """Chunks in no order of time, each refreshed for its own days only."""
    rows = some_orders(600, seed=6)
    with engine.committing() as connection:
        store_areas(connection)
    for chunk in np.array_split(np.random.default_rng(1).permutation(len(rows)), 3):
        part = rows.iloc[chunk]
        with engine.committing() as connection:
            put_orders(connection, part)
            cubes.refresh(connection, *days_of(part))
        assert_in_step()


def test_corrections_and_removals_leave_no_trace(database):
    """Orders move to other places and topics, close, reopen and vanish; each time only their own days are refreshed."""
    rows, _ = built(400, seed=1)
    rng = np.random.default_rng(1)
    for _ in range(4):
        ids = [int(n) for n in rng.choice(rows["order_id"], 20, replace=False)]
        before = stored_orders()
        before = before[before["order_id"].isin(ids)]
        with engine.committing() as connection:
            for n in ids:
                change = [
                    {"street_code": "w", "district_code": "q", "community_code": ""},
                    {"topic": "noise"},
                    {"org": "south"},
                    {"close_at": None, "callback_at": None},
                    {"close_at": datetime(2026, 6, 1, 9, 30), "tracked": True},
                    {"due_at": datetime(2026, 5, 1)},
                    {"tracked": False},
                    {"satisfaction": 1, "resolved": 0, "callback_at": datetime(2026, 6, 2)},
                    {"accept_at": datetime(2025, 12, 31, 23, 59)},
                    None,
                ][int(rng.integers(9))]
                mine = hotline_order.c.order_id == n
                connection.execute(
                    delete(hotline_order).where(mine)
                    if change is None
                    else update(hotline_order).where(mine).values(change)
                )
            after = pd.read_sql(select(hotline_order).where(hotline_order.c.order_id.in_(ids)), connection)
            for name in CLOCKS:
                after[name] = pd.to_datetime(after[name])
            cubes.refresh(connection, *days_of(before, after))
        assert_in_step()


def test_when_all_orders_are_taken_away_nothing_is_left_to_count(database):
    rows, _ = built(200, seed=8)
    with engine.committing() as connection:
        connection.execute(delete(hotline_order))
        cubes.refresh(connection, *days_of(rows))
    ticks = engine.read(select(hotline_tick))
    assert len(ticks) > len(rows)  # they are appended to, never rewritten
    assert not ticks.groupby(["moment", *PLACE, "what"])["n"].sum().any()
    for cube in (hotline_day_place, hotline_day_topic, hotline_day_org):
        assert not engine.read(select(cube))["received"].any()


def test_a_failed_load_leaves_orders_and_sums_as_they_were(database):
    built(100, seed=9)
    with pytest.raises(RuntimeError), engine.committing() as connection:
        connection.execute(insert(hotline_order), [order(9001, datetime(2026, 1, 1))])
        cubes.refresh(connection)
        raise RuntimeError
    assert 9001 not in set(stored_orders()["order_id"])
    assert_in_step()


def test_a_day_of_a_source_that_tells_only_dates_may_have_any_number_of_orders(database):
    """All of them at midnight, nowhere, of one kind: one counted moment with more than 32,767 orders."""
    midnight = datetime(2026, 2, 3)
    with engine.committing() as connection:
        connection.execute(insert(hotline_order), [order(1, midnight, street_code="", district_code="")])
        cubes.refresh(connection)
    many = pd.DataFrame([order(2, midnight, street_code="", district_code="")]).dropna(axis=1)
    many = many.loc[many.index.repeat(33_000)].assign(order_id=range(2, 33_002))
    many["accept_at"] = many["accept_at"].astype("datetime64[us]")
    with engine.committing() as connection:
        put_orders(connection, many)
        cubes.refresh(connection, midnight.date(), midnight.date())
    received = engine.read(select(func.sum(hotline_day_place.c.received)))
    assert int(received.iloc[0, 0]) == 33_001
    with engine.committing() as connection:
        connection.execute(delete(hotline_order).where(hotline_order.c.order_id > 1))
        cubes.refresh(connection, midnight.date(), midnight.date() + timedelta(days=0))
    assert_in_step()
