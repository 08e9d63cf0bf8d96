"""Bulk appends say the same as row-wise inserts, on both kinds of database."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sqlalchemy import func, select

from data_access import bulk, engine
from data_access.schema import area_alias, hotline_day_place, hotline_order, mark, observation
from tests.data_access import small_city

ODD = ["a\tb", 'say "no"', "it's", "\\N", "\\", "", "行\n行", "NULL", "'; DROP TABLE mark; --", "=cmd|' /C calc'!A0"]


def put(table, rows) -> int:
    with engine.committing() as connection:
        return bulk.insert(connection, table, rows)


@pytest.mark.parametrize("made", [lambda f: f, lambda f: pa.Table.from_pandas(f, preserve_index=False)])
def test_texts_come_back_as_they_were(database, made):
    frame = pd.DataFrame({"alias": ODD, "code": [str(n) for n in range(len(ODD))]})
    assert put(area_alias, made(frame)) == len(ODD)
    back = engine.read(select(area_alias)).assign(n=lambda f: f["code"].astype(int)).sort_values("n")
    assert back["alias"].tolist() == ODD


def test_columns_go_by_name_and_missing_ones_are_null(database):
    rows = pd.DataFrame({
        "value": [1.5, None], "area": ["x", "y"], "indicator": ["k", "k"], "end": [datetime(2026, 1, 2)] * 2,
        "start": [datetime(2026, 1, 1)] * 2, "as_of": [datetime(2026, 1, 3, 6, 30)] * 2,
    })  # fmt: skip
    put(observation, rows)
    back = engine.read(select(observation).order_by(observation.c.area))
    assert back["area"].tolist() == ["x", "y"]
    assert back["value"].iloc[0] == 1.5
    assert back[["numerator", "denominator", "document"]].isna().all().all()
    assert pd.isna(back["value"].iloc[1])
    assert back["as_of"].tolist() == [pd.Timestamp(2026, 1, 3, 6, 30)] * 2


def test_an_unknown_column_is_named_and_nothing_is_stored(database):
    with pytest.raises(KeyError, match="weather"):
        put(mark, pd.DataFrame({"weather": [1]}))
    assert engine.data_version() == 0


def test_no_rows_are_no_rows(database):
    assert put(area_alias, pd.DataFrame({"alias": [], "code": []})) == 0


def test_several_batches_and_several_inserts_append(database):
    days = pd.DataFrame({"day": [date(2026, 1, 1)] * 60_000, "district_code": "p", "street_code": "x"})
    for name in (c.name for c in hotline_day_place.columns if c.name not in days):
        days[name] = 1
    put(hotline_day_place, pa.Table.from_pandas(days, preserve_index=False))
    put(hotline_day_place, days.head(5))
    count = engine.read(select(func.count(), func.sum(hotline_day_place.c.received)))
    assert count.iloc[0].astype(int).tolist() == [60_005, 60_005]


def test_orders_of_a_week_lie_together_by_street(database):
    """What a columnar engine reads in one go, whatever order they came in."""
    rng, count = np.random.default_rng(4), 300
    came = [datetime(2026, 6, 1) + timedelta(minutes=int(minute)) for minute in rng.integers(0, 60 * 24 * 21, count)]
    streets = rng.choice(["w", "x", "y"], count).tolist()
    some = enumerate(zip(came, streets, strict=True))
    put(hotline_order, small_city.typed(pd.DataFrame([small_city.order(n, at, street_code=s) for n, (at, s) in some])))
    back = engine.read(select(hotline_order.c.accept_at, hotline_order.c.street_code, hotline_order.c.order_id))
    assert sorted(back["order_id"]) == list(range(count))
    if engine.is_duckdb():  # PostgreSQL has indices, and no order of its own
        week = (back["accept_at"] - pd.Timestamp(2026, 6, 1)) // pd.Timedelta(days=7)
        lies = list(zip(week, back["street_code"], back["accept_at"], strict=True))
        assert lies == sorted(lies)
        assert len(set(lies)) > 200


def test_a_failed_append_leaves_nothing(database):
    row = {"alias": ["路"], "code": ["x"]}
    with pytest.raises(RuntimeError), engine.committing() as connection:
        bulk.insert(connection, area_alias, pd.DataFrame(row))
        raise RuntimeError
    assert engine.read(select(area_alias)).empty
