"""The demo feed: what it adds and changes is what the build would have made."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select

from data_access import cubes, engine
from data_access.schema import hotline_day_place, hotline_day_topic, hotline_order, load_log, observation
from sample_data import feed
from sample_data.build import build
from tests.sample_data.demo_city import UNTIL, assert_log_agrees, connected, orders


@pytest.fixture
def city(tmp_path: Path) -> Iterator[None]:
    with connected(tmp_path):
        build(orders=20_000, days=30, until=UNTIL)
        yield


def _cubes() -> list[pd.DataFrame]:
    frames = [engine.read(select(cube)) for cube in (hotline_day_place, hotline_day_topic)]
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
    moved = ["dispatch_at", "sign_at", "reply_at", "close_at", "callback_at"]
    for column in moved:
        was = before[column].notna()
        pd.testing.assert_series_equal(old[column][was], before[column][was])
        new = old[column][~was].dropna()
        assert (new >= UNTIL).all()
        assert (new < UNTIL + timedelta(hours=30)).all()
    unchanged = [c for c in before.columns if c not in (*moved, "responded", "resolved", "satisfaction", "redo_count")]
    pd.testing.assert_frame_equal(old[unchanged], before[unchanged])
    assert_log_agrees(rows)


def test_the_cubes_stay_in_step(city: None) -> None:
    for hours in (1, 20, 80):
        feed.step(UNTIL + timedelta(hours=hours))
    kept = _cubes()
    with engine.committing() as connection:
        cubes.refresh(connection)
    for left, right in zip(kept, _cubes(), strict=True):
        pd.testing.assert_frame_equal(left, right)


def test_many_small_steps_make_what_one_makes(tmp_path: Path) -> None:
    made = []
    for steps in (1, 6):
        (tmp_path / str(steps)).mkdir()
        with connected(tmp_path / str(steps)):
            build(orders=20_000, days=30, until=UNTIL)
            for n in range(1, steps + 1):
                feed.forget()  # as after a restart
                feed.step(UNTIL + timedelta(minutes=120 * n / steps))
            made.append(orders())
    pd.testing.assert_frame_equal(made[0], made[1])


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
