"""Rain and water on the streets: every number another way."""

import math
from datetime import datetime, time, timedelta

import pandas as pd
import pytest

from data_access import engine
from data_access.flood import stations as network
from data_access.schema import hotline_order
from domain.flood.rain import areal, grade
from tests.conftest import MOMENT
from tests.pages.flood_city import CITY, body, newest, readings, stations


def rained(hours: float, until: datetime = MOMENT) -> pd.Series:
    """Rain of each gauge over the last hours."""
    told = readings(until).query("element == 'rain'")
    return told[told["moment"] > pd.Timestamp(until - timedelta(hours=hours))].groupby("station")["value"].sum()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["rain", "waterlogging"])
@pytest.mark.parametrize("view", [{}, {"area": "990102"}, {"mode": "wall"}, {"at": "2026-06-17T03:20"}])
def test_the_panels_stand_in_both_languages(client, name, view, lang):
    told = body(client, name, lang=lang, **view)
    assert told["meta"]["state"] in ("ready", "late", "empty", "none")


def test_rain_of_each_gauge_is_the_sum_of_its_readings(client):
    rows = {row["code"]: row for row in body(client, "rain")["data"] if row["kind"] == "gauge"}
    assert set(rows) == set(stations().query("kind == 'rain'")["code"])
    for hours in (1, 3, 6, 12, 24):
        sums = rained(hours)
        for code, row in rows.items():
            if row[f"h{hours}"] is not None:
                assert row[f"h{hours}"] == pytest.approx(sums.get(code, 0.0), abs=0.06), (code, hours)
    assert any(row["h24"] for row in rows.values())


def test_the_rain_day_begins_at_eight(client):
    start = datetime.combine(MOMENT.date(), time(8))
    start = start if start < MOMENT else start - timedelta(days=1)
    sums = rained((MOMENT - start) / timedelta(hours=1))
    for row in body(client, "rain")["data"]:
        if row["kind"] == "gauge" and row["day"] is not None:
            assert row["day"] == pytest.approx(sums.get(row["code"], 0.0), abs=0.06)


def test_places_have_areal_means_and_not_means_of_gauges(client):
    rows = body(client, "rain")["data"]
    sums = rained(24)
    spoke = {row["code"] for row in rows if row["kind"] == "gauge" and row["h24"] is not None}
    for row in rows:
        if row["kind"] == "catchment":
            weights = network.weights(row["code"])
            mean = areal({code: float(sums.get(code, 0.0)) for code in spoke}, weights)
            assert row["h24"] == pytest.approx(mean.mm, abs=0.06)
            assert row["reported"] == pytest.approx(mean.reported, abs=1e-6)
            assert row["grade"] == grade(row["h24"])
    assert rows[0]["kind"] == "whole"
    assert rows[0]["code"] == CITY


def test_a_depth_is_the_newest_reading_and_its_colour_that_of_the_points_own_steps(client):
    rows = body(client, "waterlogging")["data"]
    assert [row["station"] for row in rows if row["depth"] is None] == [
        row["station"] for row in rows[sum(row["depth"] is not None for row in rows) :]
    ]  # who says nothing stands at the end
    last = newest().query("element == 'depth'").set_index("station")
    day = MOMENT.date()
    for row in rows:
        if row["depth"] is None:
            continue
        assert row["depth"] == pytest.approx(last.loc[row["station"], "value"], abs=1e-4)
        limits = network.limits(row["station"], day)
        steps = [limits.get(name, "depth") for name in ("blue", "yellow", "orange", "red")]
        assert row["state"] == sum(step is not None and row["depth"] >= step for step in steps)


def test_a_drain_is_blocked_when_the_river_is_as_high_as_its_mouth(client):
    last = newest().query("element == 'level'").set_index("station")["value"]
    told = stations().query("kind == 'waterlogging'").set_index("code")
    seen = set()
    for row in body(client, "waterlogging")["data"]:
        point = told.loc[row["station"]]
        if point["twin"] in last.index and not math.isnan(point["outfall_level"]):
            assert row["blocked"] == bool(last[point["twin"]] >= point["outfall_level"])
            seen.add(row["blocked"])
    assert False in seen


def test_calls_are_those_of_three_hours_within_500_m(client):
    orders = engine.read(
        hotline_order.select().where(
            hotline_order.c.accept_at >= MOMENT - timedelta(hours=3), hotline_order.c.accept_at < MOMENT
        )
    ).dropna(subset=["lon"])
    wet = orders[orders["title"].str.contains("积水|内涝|排水", regex=True)]
    told = stations().query("kind == 'waterlogging'").set_index("code")
    for row in body(client, "waterlogging")["data"]:
        point = told.loc[row["station"]]
        narrow = math.cos(math.radians(point["lat"]))
        away = (((wet["lon"] - point["lon"]) * narrow) ** 2 + (wet["lat"] - point["lat"]) ** 2) ** 0.5 * 111.2
        assert row["calls"] == int((away <= 0.5).sum())


def test_the_overview_says_what_the_flood_page_says(client):
    told = client.get("/data/overview.headline.json").get_json()["data"]
    tile = next(row for row in told if row["key"] == "flood.over")
    counts = [row for row in body(client, "situation")["data"] if row["part"] == "count" and row["role"] != "rain"]
    assert tile["value"] == sum(row["n"] for row in counts if row["level"] >= 2)
    said = client.get("/data/overview.situation.json").get_json()["data"]
    worst = [row for row in said if row["field"] == "page"]
    assert bool(worst) == (tile["value"] > 0)
    for row in worst:
        assert row["code"].startswith("/flood?")
        assert f"station={body(client, 'situation')['data'][0]['station']}" in row["code"]
