"""What only the orders can answer, counted again with pandas."""

from datetime import datetime, time, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import update

from data_access import cubes, engine, hotline, order_facts
from data_access.schema import hotline_order
from data_access.where import ALL, Where
from domain.periods import Span
from tests.data_access import small_city
from tests.data_access.small_city import UNTIL, let_through, the, within

PLACES = ("city", "p", "x", "m")
FILTERS = (ALL, Where(topic="roads"), Where(org="east"), Where(topic="noise", mark="redo"))
SPAN = Span(UNTIL - timedelta(days=200), UNTIL)


def mine(city, place: str, where: Where) -> pd.DataFrame:
    return let_through(within(city.orders, place), where)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("where", FILTERS)
def test_what_falls_due_before_midnight(city, place, where):
    found = 0
    for at in (UNTIL, datetime(2026, 3, 4, 9), datetime(2025, 12, 1)):
        until = datetime.combine(at.date(), time.min) + timedelta(days=1)
        still = small_city.waiting(mine(city, place, where), at)
        soon = still[(still["due_at"] >= pd.Timestamp(at)) & (still["due_at"] < pd.Timestamp(until))]
        assert order_facts.due_until(the(place), at, until, where) == len(soon)
        found += len(soon)
    assert found or where != ALL or place == "m"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("by", ["org", "street_code"])
def test_who_has_the_late_ones(city, place, where, by):
    rows = mine(city, place, where)
    due = rows[
        rows["tracked"] & (rows["due_at"] >= pd.Timestamp(SPAN.start)) & (rows["due_at"] < pd.Timestamp(SPAN.end))
    ]
    late = due[~(due["close_at"] <= due["due_at"])]
    told = hotline.by_value(the(place), SPAN, None, by, where, names=("due", "on_time"))
    assert {r.code: n for r in told if (n := r.now.due - r.now.on_time)} == late.groupby(by).size().to_dict()
    waiting = small_city.waiting(rows, UNTIL)
    over = waiting[waiting["due_at"] < pd.Timestamp(UNTIL)]
    stock = hotline.stock_by(the(place), UNTIL, by, where)
    assert {code: one.overdue for code, one in stock.items() if one.overdue} == over.groupby(by).size().to_dict()
    assert len(late) >= len(over)


@pytest.mark.parametrize("place", ["city", "p", "x"])
@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("by", ["topic", "category", "street_code"])
def test_what_made_up_a_few_days(city, place, where, by):
    """The same whether a cube or the orders answer; a day in between is not asked and not there."""
    rows = mine(city, place, where)
    on = rows["accept_at"].dt.date
    days = [datetime(2026, 5, 1).date(), datetime(2026, 5, 3).date(), datetime(2026, 1, 20).date()]
    some = rows[on.isin(days)]
    expected: dict[str, dict] = {}
    for (key, day), n in some.groupby([by, on]).size().items():
        expected.setdefault(key, {})[day] = n
    assert order_facts.received_on(the(place), days, by, where) == expected
    assert order_facts.received_on(the(place), [], by, where) == {}


BOUNDS = (120.0, 30.0, 120.05, 30.03)


@pytest.fixture
def placed(database) -> pd.DataFrame:
    """The small city with points: of street x in BOUNDS, some just outside, a quarter without."""
    rows, _ = small_city.built(400)
    rng = np.random.default_rng(1)
    with engine.committing() as connection:
        for n, order in enumerate(rows["order_id"].tolist()):
            lon, lat = 120 + 0.06 * rng.random(), 30 + 0.03 * rng.random()
            rows.loc[n, ["lon", "lat"]] = (None, None) if n % 4 == 0 else (lon, lat)
            point = {"lon": None, "lat": None} if n % 4 == 0 else {"lon": lon, "lat": lat}
            connection.execute(update(hotline_order).where(hotline_order.c.order_id == order).values(**point))
        cubes.refresh(connection)
    return rows


def test_the_dots_of_a_street_are_its_orders(placed):
    span = Span(datetime(2025, 6, 1), UNTIL)
    rows = within(placed, "x")
    rows = rows[(rows["accept_at"] >= pd.Timestamp(span.start)) & (rows["accept_at"] < pd.Timestamp(span.end))]
    told = order_facts.spots(the("x"), span, BOUNDS)
    known = rows.dropna(subset=["lon"])
    inside = known[known["lon"] < BOUNDS[2]]
    assert (told.placed, told.unplaced) == (len(known), rows["lon"].isna().sum())
    assert told.outside == pytest.approx(len(known) - len(inside), abs=1)  # the last cell may reach over the edge
    assert sum(spot.n for spot in told.spots) == told.placed - told.outside
    assert len(inside) > 0 < told.outside
    assert [spot.n for spot in told.spots] == sorted((spot.n for spot in told.spots), reverse=True)
    for spot in told.spots:  # each order lies within the cell whose middle is told
        assert BOUNDS[0] < spot.lon < BOUNDS[2] + 0.001
        assert BOUNDS[1] < spot.lat < BOUNDS[3] + 0.001
        near = (known["lon"] - spot.lon).abs().lt(0.0009) & (known["lat"] - spot.lat).abs().lt(0.0009)
        assert near.sum() >= spot.n
    topic = order_facts.spots(the("x"), span, BOUNDS, Where(topic="roads"))
    assert topic.placed + topic.unplaced == (rows["topic"] == "roads").sum()


def test_a_dot_is_never_one_house(placed):
    """However small the street, cells are not smaller than about 100 m."""
    told = order_facts.spots(the("x"), Span(datetime(2025, 4, 1), UNTIL), (120.0, 30.0, 120.002, 30.002))
    lats = sorted({round(spot.lat, 9) for spot in told.spots})
    assert all(b - a > 0.00099 for a, b in pairwise(lats))
    assert len(told.spots) <= 6
