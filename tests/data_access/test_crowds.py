"""Collective appeals at a moment: what is told of them, counted again from the rows; what a replay shows."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert

from data_access import cubes, engine
from data_access.crowds import found, there
from data_access.schema import category, hotline_order
from data_access.where import Where
from domain.hotline_rules import rules
from tests.data_access import small_city
from tests.data_access.small_city import order, the

AT = datetime(2026, 6, 18, 14, 30)
HELD = rules(AT.date())


def rows() -> list[dict]:
    made: list[dict] = []

    def add(hours: float, caller: int | None, lon: float | None = 115.0, lat: float | None = 30.0, **more) -> None:
        place = {"street_code": "x", "district_code": "p", "lon": lon, "lat": lat}
        told = {"category": "late", "topic": "homes", "title": "翡翠湾逾期交房", "caller_key": caller} | more
        made.append(order(len(made) + 1, AT - timedelta(hours=hours), **place | told))

    for n in range(9):  # one estate, within a day; the third called twice, the last is closed
        add(30 - 2 * n, n + 1, 115.0 + 0.0004 * n, close_at=AT - timedelta(hours=1) if n == 8 else None)
    add(20, 3)
    add(2, 77, title="翡翠湾逾期交房无人管", category="care", topic="homes")  # the same told under another category
    add(2, 78, title="路灯不亮", category="care", topic="homes")
    for n in range(8):  # one who calls again and again, people whom nobody knows, people far from each other
        add(1 + n, 500, lat=30.2)
        add(1 + n, None, lat=30.3)
        add(1 + n, 600 + n, lat=30.4 + 0.01 * n)
    for n in range(6):  # no points: the community tells, without one the road
        add(1 + n, 700 + n, None, None, community_code="m", street_code="y")
        add(
            1 + n,
            800 + n,
            None,
            None,
            address="和平路**号",
            street_code="y",
            category="care",
            tracked=False,
            title="含停水",
        )
    for n in range(6):
        add(30 * n, 900 + n, lat=30.1)  # never five in a day
        add(24 * 7 + 30, 950 + n, lat=29.9)  # before the look-back
    add(-1, 10)  # not yet
    return made


@pytest.fixture
def put(database):
    with engine.committing() as connection:
        small_city.store_areas(connection)
        leaves = [("homes", 2, None, "住房"), ("late", 3, "homes", "逾期交房"), ("care", 3, "homes", "物业")]
        for code, level, parent, name in leaves:
            values = {"code": code, "level": level, "parent": parent, "name_zh": name}
            connection.execute(insert(category).values(**values))
        made = small_city.typed(pd.DataFrame(rows()))
        records = made.astype(object).where(made.notna(), None).to_dict("records")
        connection.execute(insert(hotline_order), records)
        cubes.refresh(connection)
    return database


def test_what_is_told_of_each(put):
    some = found(AT)
    assert [(c.category, c.street, c.community, c.callers, c.peak, c.orders) for c in some] == [
        ("late", "x", "", 9, 9, 10), ("care", "y", "", 6, 6, 6), ("late", "y", "m", 6, 6, 6),
    ]  # fmt: skip
    estate, road, community = some
    assert estate.begin == AT - timedelta(hours=30) and estate.last == AT - timedelta(hours=14)
    assert (estate.open, estate.similar, estate.keywords) == (9, 1, ())
    assert (estate.lon, estate.lat) == (round(float(np.mean([115 + 0.0004 * n for n in [*range(9), 0]])), 3), 30.0)
    assert road.open is None and road.keywords == ("停水",) and np.isnan(road.lon)
    assert community.open == 6 and community.similar == 0


def test_a_replay_shows_what_was_known(put):
    assert [c.peak for c in found(AT - timedelta(hours=20)) if c.category == "late"] == [5]
    assert [c for c in found(AT - timedelta(hours=22)) if c.street == "x"] == []
    late = found(AT + timedelta(hours=2))[0]
    assert (late.callers, late.peak) == (10, 9)  # who came later than a day after the first
    assert found(AT - timedelta(days=300)) == ()


def test_places_add_up_and_filters_narrow(put):
    every = found(AT)
    assert there(the("city"), AT) == every == there(the("p"), AT)
    assert there(the("x"), AT) + tuple(c for c in there(the("y"), AT)) == every
    assert there(the("q"), AT) == ()
    assert there(the("m"), AT) == there(the("x"), AT)
    assert there(the("city"), AT, Where(topic="homes")) == every
    assert [c.category for c in there(the("city"), AT, Where(category="care"))] == ["care"]
    assert there(the("city"), AT, Where(group=("roads",))) == ()
    assert there(the("city"), AT, Where(channel="web")) == ()
    assert there(the("city"), AT, Where(mark="redo")) == every
