"""The demo feed: what it adds and changes is what the build would have made."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Table, select

from data_access import call_cube, cubes, detours, engine
from data_access.schema import (
    hotline_call,
    hotline_day_place,
    hotline_day_step,
    hotline_day_topic,
    hotline_event,
    hotline_hour_call,
    hotline_month,
    hotline_order,
    load_log,
    observation,
)
from sample_data import feed
from sample_data.arrivals import Generator
from sample_data.build import build
from sample_data.calls import Calls
from sample_data.world import world
from tests.sample_data.demo_city import UNTIL, assert_lives_follow_the_rules, assert_log_agrees, connected, orders

MARKS = ("returned_at", "extended_at", "supervised_at", "redo_at")


@pytest.fixture
def city(tmp_path: Path) -> Iterator[None]:
    with connected(tmp_path):
        build(orders=20_000, days=30, until=UNTIL, flood_days=0)
        yield


def _all(table: Table) -> pd.DataFrame:
    frame = engine.read(select(table))
    return frame.sort_values(list(frame.columns), ignore_index=True)


def _cubes() -> list[pd.DataFrame]:
    told = (hotline_day_place, hotline_day_topic, hotline_day_step, hotline_hour_call, *detours.TABLES)
    frames = [engine.read(select(cube)) for cube in told]
    return [frame.sort_values(list(frame.columns), ignore_index=True) for frame in frames]


def test_a_step_adds_and_the_same_minute_adds_nothing(city: None) -> None:
    assert feed.step(UNTIL) == 0
    version = engine.data_version()
    added = feed.step(UNTIL + timedelta(minutes=60, seconds=20))
    assert 30 < added < 150  # some 670 a day
    assert engine.data_version() == version + 1
    before = orders()
    assert feed.step(UNTIL + timedelta(minutes=60, seconds=59)) == 0
    assert engine.data_version() == version + 1
    pd.testing.assert_frame_equal(orders(), before)


def test_old_orders_go_on_and_the_log_agrees(city: None) -> None:
    before = orders()
    feed.step(UNTIL + timedelta(hours=30))
    rows = orders()
    assert rows["order_id"].tolist() == list(range(1, len(rows) + 1))
    assert rows["accept_at"].is_monotonic_increasing
    assert rows["order_no"].is_unique
    old = rows.iloc[: len(before)]
    assert (before["close_at"].isna() & old["close_at"].notna()).sum() > 50
    assert (before["callback_at"].isna() & old["callback_at"].notna()).sum() > 50
    once = ["dispatch_at", "sign_at", "reply_at", "close_at", *MARKS]
    for column in once:
        was = before[column].notna()
        pd.testing.assert_series_equal(old[column][was], before[column][was])
        new = old[column][~was].dropna()
        assert (new >= UNTIL).all()
        assert (new < UNTIL + timedelta(hours=30)).all()
    again = old["callback_at"][before["callback_at"].notna()] != before["callback_at"].dropna()
    assert 3 < again.sum() < 100  # redone and called back again
    assert (old["redo_count"][again[again].index] > 0).all()
    later = (old["due_at"] != before["due_at"]) & before["due_at"].notna()
    pd.testing.assert_series_equal(later, old["extended_at"] >= UNTIL, check_names=False)
    assert later.any()
    said = ("due_at", "callback_at", "responded", "resolved", "satisfaction", "redo_count")
    unchanged = [c for c in before.columns if c not in (*once, *said)]
    pd.testing.assert_frame_equal(old[unchanged], before[unchanged])
    assert_log_agrees(rows)
    assert_lives_follow_the_rules(every=7)


def test_the_cubes_stay_in_step(city: None) -> None:
    for hours in (1, 20, 80, 200):
        feed.step(UNTIL + timedelta(hours=hours))
    kept = _cubes()
    with engine.committing() as connection:
        cubes.refresh(connection)
        call_cube.refresh_calls(connection)
    assert all(len(frame) for frame in kept)
    for left, right in zip(kept, _cubes(), strict=True):
        pd.testing.assert_frame_equal(left, right)


def test_steps_leave_nothing_behind(city: None) -> None:
    """SQLAlchemy keeps what it compiled for every table it saw: a table made in each step would stay in memory."""
    held = []
    for n in range(1, 13):
        feed.step(UNTIL + timedelta(minutes=30 * n))
        held.append(len(engine.engine()._compiled_cache))  # type: ignore[arg-type]
    assert held[-1] == held[5]


def test_many_small_steps_make_what_one_makes(tmp_path: Path) -> None:
    made = []
    for steps in (1, 6):
        (tmp_path / str(steps)).mkdir()
        with connected(tmp_path / str(steps)):
            build(orders=20_000, days=30, until=UNTIL, flood_days=0)
            for n in range(1, steps + 1):
                feed.forget()  # as after a restart
                feed.step(UNTIL + timedelta(minutes=120 * n / steps))
            made.append([orders(), _all(hotline_event), _all(hotline_call), *_cubes()])
    for one, many in zip(*made, strict=True):
        pd.testing.assert_frame_equal(one, many)


def test_what_becomes_of_an_order_does_not_depend_on_the_steps(tmp_path: Path) -> None:
    """Of those that the build made: what arrives while the feed sleeps is drawn by the hour and not by the minute."""
    made = []
    for steps in ((21,), (1, 2, 9, 21)):
        (tmp_path / str(len(steps))).mkdir()
        with connected(tmp_path / str(len(steps))):
            build(orders=6_000, days=30, until=UNTIL, flood_days=0)
            for days in steps:
                feed.forget()
                feed.step(UNTIL + timedelta(days=days))
            made.append([
                orders().query("order_id <= 6000"), _all(hotline_event).query("order_id <= 6000"), _all(hotline_call),
            ])  # fmt: skip
    for one, many in zip(*made, strict=True):
        pd.testing.assert_frame_equal(one, many)


def test_the_calls_are_those_that_a_later_build_makes(tmp_path: Path) -> None:
    made = []
    for fed in (timedelta(hours=30), timedelta(0)):
        (tmp_path / str(fed)).mkdir()
        with connected(tmp_path / str(fed)):
            plan = build(orders=3_000, days=30, until=UNTIL, flood_days=0)["plan"]
            feed.step(UNTIL + fed)
            until = UNTIL + timedelta(hours=30)
            with engine.engine().connect() as connection:
                calls = Calls(Generator(plan, world(connection, plan.seed, UNTIL.date())))
            made.append(_all(hotline_call) if fed else calls.made(plan.start, until))
    columns = ["call_id", "wait_seconds", "talk_seconds"]
    fed_ones, later = (frame.sort_values("call_id", ignore_index=True)[columns].astype(float) for frame in made)
    pd.testing.assert_frame_equal(fed_ones, later)


def test_a_month_is_frozen_two_days_after_its_end(city: None) -> None:
    def held() -> pd.DataFrame:
        return engine.read(select(hotline_month.c.month, hotline_month.c.frozen_at).distinct())

    assert held().empty  # 23 October to 21 November: no whole month
    feed.step(datetime(2026, 12, 2, 23, 59))
    assert held().empty
    feed.step(datetime(2026, 12, 3, 0, 0))
    feed.step(datetime(2026, 12, 3, 0, 5))
    frozen = held()
    assert frozen["month"].tolist() == [pd.Timestamp("2026-11-01")]
    assert frozen["frozen_at"].tolist() == [pd.Timestamp("2026-12-03")]


def test_a_day_later_its_figures_are_known_and_the_log_goes_on(city: None) -> None:
    later = UNTIL + timedelta(days=1)
    feed.step(later)
    feed.step(later + timedelta(minutes=3))
    last = engine.read(select(observation.c.indicator, observation.c.end)).groupby("indicator")["end"].max()
    today = later.replace(hour=0, minute=0)
    assert (last.drop("traffic.bus_on_time") == today).all()
    newest = engine.read(select(load_log)).groupby("source")["data_to"].max()
    assert newest["hotline"] == later + timedelta(minutes=3)
    assert later - newest["power"] > timedelta(minutes=30)
    assert later - newest["bus"] > timedelta(days=5)


def test_nothing_happens_without_a_demo_city(duckdb_only) -> None:
    assert feed.step(UNTIL) == 0
    assert len(engine.read(select(hotline_order))) == 0
