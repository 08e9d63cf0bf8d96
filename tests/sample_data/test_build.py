"""The demo city: the same by seed, consistent, free of personal data, and everything planted can be found."""

import hashlib
import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import insert, select, update

from data_access import engine
from data_access.flood.tables import flood_station
from data_access.schema import (
    area,
    boundary,
    category,
    hotline_event,
    hotline_order,
    indicator,
    load_log,
    mark,
    observation,
    organisation,
    source,
)
from sample_data.build import build
from sample_data.plan import Plan
from sample_data.world import DemoError
from tests.sample_data.demo_city import UNTIL, assert_log_agrees, connected, orders

COUNT, DAYS = 60_000, 400


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    """A demo city of 60,000 orders over 400 days, and what its builder said."""
    with connected(tmp_path_factory.mktemp("demo")):
        yield build(orders=COUNT, days=DAYS, until=UNTIL, flood_days=0)


@pytest.fixture(scope="module")
def rows(city: dict) -> pd.DataFrame:
    return orders()


def _digest(folder: Path, seed: int) -> str:
    folder.mkdir()
    digest = hashlib.sha256()
    with connected(folder):
        build(orders=3000, days=40, until=UNTIL, seed=seed, flood_days=0)
        for table in (hotline_order, hotline_event, observation, mark, organisation, category):
            frame = engine.read(select(table))
            frame = frame.sort_values(list(frame.columns), ignore_index=True)
            digest.update(frame.to_csv().encode())
    return digest.hexdigest()


def test_the_seed_says_everything(tmp_path: Path) -> None:
    first = _digest(tmp_path / "a", 7)
    assert _digest(tmp_path / "b", 7) == first
    assert _digest(tmp_path / "c", 8) != first


def test_exactly_as_many_orders_as_asked_in_time_order(city: dict, rows: pd.DataFrame) -> None:
    assert len(rows) == city["orders"] == COUNT
    assert rows["order_id"].tolist() == list(range(1, COUNT + 1))
    assert rows["accept_at"].is_monotonic_increasing
    assert rows["accept_at"].min() >= city["start"]
    assert rows["accept_at"].max() < UNTIL
    assert rows["accept_at"].dt.date.nunique() == DAYS
    assert rows["order_no"].is_unique
    assert rows["order_no"].str.fullmatch(r"\d{20}").all()
    assert (rows["order_no"].str[6:14] == rows["accept_at"].dt.strftime("%Y%m%d")).all()


def test_times_follow_each_other_and_none_lies_ahead(rows: pd.DataFrame) -> None:
    steps = ["accept_at", "dispatch_at", "sign_at", "reply_at", "close_at", "callback_at"]
    for earlier, later in itertools.pairwise(steps):
        both = rows[earlier].notna() & rows[later].notna()
        assert (rows[earlier] <= rows[later])[both].all(), (earlier, later)
    assert (rows[steps] < UNTIL).where(rows[steps].notna(), True).all(axis=None)
    direct = rows["direct"].astype(bool)
    assert rows.loc[direct, ["dispatch_at", "sign_at", "due_at"]].isna().all(axis=None)
    assert rows.loc[~direct, "due_at"].notna().all()
    assert (rows["due_at"] > rows["accept_at"])[~direct].all()
    not_called = rows["callback_at"].isna()
    assert rows.loc[not_called, ["responded", "resolved", "satisfaction"]].isna().all(axis=None)


def test_events_agree_with_the_orders(rows: pd.DataFrame) -> None:
    assert_log_agrees(rows)


def test_rates_are_those_of_a_city(rows: pd.DataFrame) -> None:
    due = rows[rows["due_at"] < UNTIL]
    assert 0.970 < (due["close_at"] <= due["due_at"]).mean() < 0.981
    assert 0.43 < rows["direct"].mean() < 0.50
    assert 0.72 < rows.loc[rows["close_at"].notna(), "callback_at"].notna().mean() < 0.78
    assert 0.925 < (rows["satisfaction"].dropna() >= 3).mean() < 0.95
    assert 0.895 < (rows["resolved"].dropna() == 2).mean() < 0.92
    assert (due["close_at"].isna()).sum() > 0


def test_places_are_those_of_the_tree(rows: pd.DataFrame) -> None:
    parents = engine.read(select(area.c.code, area.c.parent)).set_index("code")["parent"]
    placed = rows[rows["street_code"] != ""]
    assert (placed["street_code"].map(parents) == placed["district_code"]).all()
    assert placed["street_code"].nunique() == len(engine.read(select(area.c.code).where(area.c.level == 2)))
    nowhere, district_only = rows["district_code"] == "", (rows["street_code"] == "") & (rows["district_code"] != "")
    assert 0.004 < nowhere.mean() < 0.008
    assert 0.002 < district_only.mean() < 0.006
    assert rows.loc[rows["street_code"] == "", ["lon", "lat"]].isna().all(axis=None)
    assert (rows.loc[nowhere, ["address", "placed_by"]] == "").all(axis=None)
    shapes = {r.code: shapely.from_wkb(bytes(r.wkb)) for r in engine.read(select(boundary)).itertuples()}
    for row in placed.sample(300, random_state=1).itertuples():
        assert shapes[row.street_code].distance(shapely.Point(row.lon, row.lat)) < 2e-5  # points are rounded


def test_words_are_complete_and_known(rows: pd.DataFrame) -> None:
    known = engine.read(select(category)).set_index("code")
    assert set(rows["category"]) == set(known.index[known["level"] == 3])
    assert (rows["category"].map(known["parent"]) == rows["topic"]).all()
    assert known["name_zh"].str.len().gt(0).all()
    assert known["name_en"].str.len().gt(0).all()
    assert (known["valid_from"] <= rows["accept_at"].min()).all()
    assert set(rows["org"]) <= set(engine.read(select(organisation.c.code))["code"])
    assert (rows["title"].str.len() >= 4).all()
    assert not rows["title"].str.contains(r"[{}]").any()


def test_no_personal_data(rows: pd.DataFrame) -> None:
    for column in ("title", "address"):
        assert not rows[column].str.contains(r"\d{7,}|\d+[号號室栋]").any()
    placed = rows["street_code"] != ""
    assert rows.loc[placed, "address"].str.endswith("**号").all()


def test_some_callers_call_again_and_most_do_not(rows: pd.DataFrame) -> None:
    calls = rows["caller_key"].value_counts()
    assert (rows["caller_key"] > 0).all()
    assert (calls == 1).mean() > 0.7
    assert calls.max() >= 5
    assert calls.max() < len(rows) * 0.005


def test_the_storms_stand_out_and_are_marked(city: dict, rows: pd.DataFrame) -> None:
    storms = city["plan"].storms
    assert len(storms) >= 3
    marked = engine.read(select(mark).where(mark.c.kind == "storm"))
    assert sorted(marked["start"]) == [storm.start for storm in storms]
    water = engine.read(select(category.c.code).where(category.c.name_zh == "道路积水"))["code"].iloc[0]
    by_day = rows[rows["topic"] == water].groupby(rows["accept_at"].dt.normalize()).size()
    for storm in storms:
        day = pd.Timestamp(storm.start).normalize()
        before = by_day.reindex(pd.date_range(day - timedelta(days=14), day - timedelta(days=1)), fill_value=0).mean()
        times = 2 if storm.kind == "now" else 6  # the one of now is felt in a few streets, and has only begun
        assert by_day.reindex([day, day + timedelta(days=1)], fill_value=0).sum() > times * max(before, 1)


def test_the_bursts_stand_out(city: dict, rows: pd.DataFrame) -> None:
    codes = engine.read(select(category.c.code).where(category.c.level == 3).order_by(category.c.code))["code"]
    planted = {"supply", "water", "noise", "odour", "gas", "lift", "estate"}
    assert {burst.key for burst in city["plan"].bursts} == planted
    for burst in city["plan"].bursts:
        if burst.key == "lift":  # recurs in one community, no burst
            continue
        of_kind = rows[(rows["category"] == codes[burst.leaf]) & (rows["street_code"] == burst.street)]
        length = (min(burst.end, UNTIL) - burst.start).total_seconds()
        inside = of_kind["accept_at"].between(burst.start, burst.end)
        usual = (~inside).sum() * length / ((UNTIL - city["start"]).total_seconds() - length)
        assert inside.sum() >= 15 + 4 * usual, burst.key
        assert of_kind.loc[inside, "caller_key"].nunique() > 0.9 * inside.sum()  # many people, not one


def test_the_failing_district_is_last(city: dict, rows: pd.DataFrame) -> None:
    due = rows[(rows["due_at"] < UNTIL) & (rows["district_code"] != "")]
    rate = (due["close_at"] <= due["due_at"]).groupby(due["district_code"]).mean()
    assert rate.idxmin() == city["plan"].districts["failing"] == "990181"
    assert 0.93 < rate.min() < 0.953
    assert rate.drop("990181").min() > 0.96


def test_the_worsening_street_worsens(city: dict, rows: pd.DataFrame) -> None:
    due = rows[(rows["due_at"] < UNTIL) & (rows["street_code"] == city["plan"].streets["worsening"])]
    late = ~(due["close_at"] <= due["due_at"])
    recent = due["due_at"] > UNTIL - timedelta(days=120)
    old = due["due_at"] < UNTIL - timedelta(days=270)
    assert recent.sum() > 100
    assert late[recent].mean() > 0.045
    assert late[old].mean() < 0.035


def test_the_unfair_organisation_is_quick_and_resolves_little(city: dict, rows: pd.DataFrame) -> None:
    sent = rows[rows["due_at"] < UNTIL]
    by_org = sent.groupby("org").agg(
        count=("order_id", "size"), resolved=("resolved", lambda v: (v.dropna() == 2).mean())
    )
    large = by_org[by_org["count"] >= 200]
    assert large["resolved"].idxmin() == city["plan"].unfair
    assert large["resolved"].min() < 0.7
    mine = sent[sent["org"] == city["plan"].unfair]
    assert (mine["close_at"] <= mine["due_at"]).mean() > 0.985
    returned = engine.read(select(hotline_event.c.order_id).where(hotline_event.c.event == "returned"))["order_id"]
    assert mine["order_id"].isin(returned).mean() > 2 * sent["order_id"].isin(returned).mean()


def test_one_source_is_late_and_one_silent(city: dict) -> None:
    newest = engine.read(select(load_log)).set_index("source")["data_to"]
    age = (UNTIL - newest).dt.total_seconds() / 60
    assert age["hotline"] == 0
    assert 15 * 2 < age["power"] < 15 * 6
    assert age["bus"] > 1440 * 4
    last = engine.read(select(observation.c.indicator, observation.c.end)).groupby("indicator")["end"].max()
    assert last["traffic.bus_on_time"] < UNTIL - timedelta(days=4)
    assert (last.drop("traffic.bus_on_time") == datetime(2026, 11, 21)).all()


def test_observations_have_the_parts_their_kind_needs(city: dict) -> None:
    known = engine.read(select(indicator)).set_index("key")
    seen = engine.read(select(observation))
    kind = seen["indicator"].map(known["kind"])
    parts = kind.isin(["ratio", "mean"])
    assert (seen["denominator"][parts] > 0).mean() > 0.99
    assert seen["value"][parts].isna().all()
    assert seen["value"][~parts].ge(0).all()
    ratio = seen[kind == "ratio"]
    assert (ratio["numerator"] <= ratio["denominator"]).all()
    assert set(seen["indicator"]) == set(known.index[~known["domain"].isin(["hotline", "flood", "services"])])
    assert not seen.duplicated(["indicator", "area", "start"]).any()


def test_the_database_says_that_it_is_a_demo(city: dict) -> None:
    assert engine.get("demo") == "yes"
    assert (engine.get("city"), engine.get("name_zh"), engine.get("name_en")) == ("990100", "云川市", "Yunchuan")
    plan: Plan = city["plan"]
    assert Plan.loads(engine.get("demo_plan")) == plan


def _other_city() -> None:
    names = ("code", "parent", "level", "name")
    tree = [
        ("X", None, 0, "Elsewhere"), ("X-1", "X", 1, "North"), ("X-2", "X", 1, "South"), ("X-3", "X", 1, "Island"),
        ("a", "X-1", 2, "Hill"), ("b", "X-1", 2, "Dale"), ("c", "X-2", 2, "Port"),
    ]  # fmt: skip
    fixed = {"valid_from": datetime(2020, 1, 1), "kind": "statutory", "shaped": False}
    with engine.committing() as connection:
        connection.execute(insert(area), [{**dict(zip(names, row, strict=True)), **fixed} for row in tree])


def test_orders_for_another_city(database) -> None:
    """Codes that are no numbers, no populations, no shapes, a district without streets."""
    _other_city()
    build(orders=1500, days=30, until=UNTIL)
    rows = orders()
    assert len(rows) == 1500
    assert set(rows["street_code"]) == {"a", "b", "c", ""}
    assert set(rows["district_code"]) == {"X-1", "X-2", "X-3", ""}
    assert rows["lon"].isna().all()
    assert_log_agrees(rows)
    assert (engine.get("demo"), engine.get("city"), engine.get("name_zh")) == ("yes", "X", "Elsewhere")
    assert engine.read(select(flood_station)).empty  # nothing is known of its rivers, and no source promises it
    assert not engine.read(select(source))["key"].str.startswith("flood_").any()
    with pytest.raises(DemoError, match="another city's areas"):
        build(orders=100, days=10, until=UNTIL, areas=True, flood_days=0)
    assert len(orders()) == 1500


def test_building_again_replaces_and_real_orders_are_safe(duckdb_only) -> None:
    build(orders=800, days=20, until=UNTIL, flood_days=0)
    build(orders=900, days=20, until=UNTIL, seed=3, flood_days=0)
    assert len(orders()) == 900
    with engine.committing() as connection:
        connection.execute(update(hotline_order).where(hotline_order.c.order_id == 5).values(source="elsewhere"))
    with pytest.raises(DemoError, match="not demo orders"):
        build(orders=100, days=10, until=UNTIL, flood_days=0)
    with engine.committing() as connection:
        connection.execute(update(hotline_order).values(source="hotline"))
        engine.put(connection, "demo", "")
    with pytest.raises(DemoError, match="not demo orders"):
        build(orders=100, days=10, until=UNTIL, flood_days=0)
    assert len(orders()) == 900


def test_an_empty_database_needs_areas(duckdb_only) -> None:
    with pytest.raises(DemoError, match="No areas"):
        build(orders=100, days=10, until=UNTIL, areas=False)
    assert engine.get("demo") == ""


def test_progress_only_goes_forward(duckdb_only) -> None:
    said: list[float] = []
    build(orders=500, days=10, until=UNTIL, flood_days=1, progress=lambda _, done: said.append(done))
    assert said == sorted(said)
    assert said[0] == 0
    assert said[-1] == 1
    assert np.all(np.array(said) <= 1)
