"""The flood page's first answer, map, station and replay: every number another way, for every kind of view."""

import json
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from components.markup import Element
from components.panel import look_of, panels
from components.view import View
from components.words import text
from data_access.areas import tree
from data_access.flood import stations as network
from data_access.flood.readings import Series
from domain.flood.rain import areal
from pages.flood.map import along
from pages.flood.station import MOST, thinned
from tests.conftest import MOMENT
from tests.pages.flood_city import CITY, JUDGED, body, newest, readings, stations

NAMES = ("situation", "map", "station", "replay")


def district() -> str:
    known = stations()
    return known[known["kind"] == "river"]["district_code"].mode().iloc[0]


def judged_river() -> str:
    """A river station with a warning level that spoke within the hour."""
    last = newest()
    lately = set(last[last["moment"] > pd.Timestamp(MOMENT - timedelta(hours=1))]["station"])
    codes = stations().query("kind == 'river'")["code"]
    return next(c for c in codes if c in lately and network.limits(c, MOMENT.date()).get("guarantee") is not None)


def street() -> str:
    known = stations()
    return known[known["kind"] == "waterlogging"]["street_code"].mode().iloc[0]


VIEWS = {
    "city": lambda: {},
    "district": lambda: {"area": district()},
    "street": lambda: {"area": street()},
    "catchments": lambda: {"layer": "catchment"},
    "one hour": lambda: {"layer": "rain1", "area": district()},
    "ponding": lambda: {"layer": "ponding"},
    "a wall": lambda: {"mode": "wall"},
    "the past": lambda: {"at": "2026-06-17T03:20"},
    "played": lambda: {"at": "2026-06-18T02:00", "replay": "2026-06-17T14:00..2026-06-18T14:00"},
    "thirty days": lambda: {"back": "30d"},
    "before any data": lambda: {"at": "2001-01-01T08:00"},
    "nonsense": lambda: {"area": "nowhere", "station": "x", "layer": "y", "back": "z", "replay": "9"},
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", NAMES)
def test_every_view_is_drawn_and_its_frame_is_its_json(client, name, view, lang):
    query = VIEWS[view]() | {"lang": lang}
    seen = View.from_query(query)
    with client.application.test_request_context():
        answer = panels[f"flood.{name}"].answer(seen)
        drawn = None if answer.blank else panels[f"flood.{name}"].draw(answer, look_of(seen))
    told = body(client, name, **query)
    assert len(told["data"]) == len(answer.frame)
    assert [list(row) for row in told["data"][:1]] == [list(answer.frame.columns)] * min(1, len(answer.frame))
    if drawn is not None:
        assert json.dumps(drawn, default=str)
        kinds = {trace["type"] for trace in drawn["data"]} if isinstance(drawn, dict) else set()
        assert kinds <= {"scatter", "bar", "scattergeo", "choropleth"}


# ---- situation ---------------------------------------------------------------------------------------------------


def _levels(client, **query: str) -> pd.DataFrame:
    told = pd.DataFrame(body(client, "map", layer="ponding", **query)["data"])
    return told[(told["kind"] == "station") & told["role"].isin([*JUDGED, "rain"])]


@pytest.mark.parametrize("at", ["2026-06-18T14:30", "2026-06-17T06:00"])
def test_the_counts_of_the_situation_are_the_stations_of_the_map(client, at):
    counted = [row for row in body(client, "situation", at=at)["data"] if row["part"] == "count"]
    shown = _levels(client, at=at)
    for row in counted:
        kinds = ["river", "weir", "tide"] if row["role"] == "river" else [row["role"]]
        mine = shown[shown["role"].isin(kinds)]
        assert row["n"] == int((mine["state"] == row["level"]).sum())
    districts = [body(client, "situation", at=at, area=area.code)["data"] for area in tree().children(CITY)]
    outside = stations()
    assert (outside["district_code"] != "").all()
    for i, row in enumerate(counted):
        parts = [[r for r in some if r["part"] == "count"][i]["n"] for some in districts]
        assert row["n"] == sum(parts)


def test_who_reports_is_who_spoke_within_two_intervals(client):
    told = next(row for row in body(client, "situation")["data"] if row["part"] == "reporting")
    known, last = stations(), newest()
    element = known["kind"].map(JUDGED | {"rain": "rain", "video": "level", "pump": "pump"})
    spoke = known.assign(element=element).merge(
        last, left_on=["code", "element"], right_on=["station", "element"], how="left"
    )
    age = (pd.Timestamp(MOMENT) - spoke["moment"]) / pd.Timedelta(minutes=1)
    fine = (age <= 2 * spoke["interval_minutes"]) & (spoke["kind"] != "video")
    videos = int((known["kind"] == "video").sum())
    assert told["of"] == len(known)
    assert fine.sum() <= told["n"] <= fine.sum() + videos  # what a camera sees counts also where it is not confirmed
    newest_said = datetime.fromisoformat(told["moment"])
    assert newest_said >= last[last["station"].isin(known["code"])]["moment"].max() - timedelta(minutes=5)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sentences_name_stations_of_the_place_with_their_numbers(client, lang):
    said = [row for row in body(client, "situation", lang=lang)["data"] if row["part"] == "says"]
    assert said
    assert len({row["words"] for row in said}) == len(said)
    last = newest().set_index(["station", "element"])["value"]
    for row in said:
        if row["role"] == "waterlogging":
            assert f"{last[row['station'], 'depth']:.0f} cm" in row["words"]
        if row["station"]:
            one = network.station(row["station"])
            assert one is not None
            assert row["words"].startswith(one.label(lang))


# ---- map ---------------------------------------------------------------------------------------------------------


def test_the_rain_of_a_catchment_is_the_weighted_mean_of_its_gauges(client):
    told = body(client, "map", layer="catchment")["data"]
    rain = readings()
    rain = rain[(rain["element"] == "rain") & (rain["moment"] > pd.Timestamp(MOMENT - timedelta(hours=24)))]
    fell = rain.groupby("station")["value"].sum()
    catchments = [row for row in told if row["kind"] == "catchment"]
    assert len(catchments) == len(network.catchments()) > 5
    for row in catchments:
        weights = pd.Series(network.weights(row["code"]))
        known = weights[weights.index.isin(fell.index)]
        assert row["value"] == pytest.approx((known * fell[known.index]).sum() / known.sum(), abs=1e-6)
    values = [row["value"] for row in catchments]
    assert values == sorted(values, reverse=True)


def test_a_map_holds_the_stations_of_its_place(client):
    known = stations()
    here = district()
    told = [row for row in body(client, "map", area=here)["data"] if row["kind"] == "station"]
    mine = known[known["district_code"] == here]
    assert {(r["code"], r["role"]) for r in told} == set(zip(mine["code"], mine["kind"], strict=True))
    whole = [row for row in body(client, "map")["data"] if row["kind"] == "station"]
    assert {r["role"] for r in whole} >= {"river", "reservoir", "weir", "rain"}
    assert {r["code"] for r in whole if r["role"] == "rain"} == set(known[known["kind"] == "rain"]["code"])


def test_a_station_is_clicked_and_an_alarm_has_shape_and_letter(client):
    view = View(at=MOMENT)
    with client.application.test_request_context():
        answer = panels["flood.map"].answer(view)
        drawn = panels["flood.map"].draw(answer, look_of(view))
    marks = [t for t in drawn["data"] if t.get("meta") in ("mark", "quiet", "gauge") and t.get("geo") is None]
    fields = [json.loads(one) for trace in marks for one in trace["customdata"]]
    assert {one["station"] for one in fields} == set(answer.frame[answer.frame["kind"] == "station"]["code"])
    for trace in drawn["data"]:
        if trace.get("meta") == "mark":
            shapes, colours = trace["marker"]["symbol"], trace["marker"]["color"]
            assert len({(s, c) for s, c in zip(shapes, colours, strict=True)}) == len(set(shapes))
    assert not any(t["type"].endswith(("map", "mapbox", "gl")) for t in drawn["data"])


def test_arrows_lie_on_their_line_and_point_along_it():
    arrows = along([117.0, 117.0, 117.5], [36.0, 36.5, 36.5])
    assert len(arrows) > 3
    north = [a for a in arrows if a[1] < 36.499]
    east = [a for a in arrows if a[0] > 117.001]
    assert all(lon == pytest.approx(117.0) and bearing == pytest.approx(0) for lon, _, bearing in north)
    assert all(lat == pytest.approx(36.5) and bearing == pytest.approx(90) for _, lat, bearing in east)


# ---- station -----------------------------------------------------------------------------------------------------


def test_a_station_is_drawn_with_its_own_readings(client):
    code = judged_river()
    told = body(client, "station", station=code)
    water = [row for row in told["data"] if row["part"] == "water" and row["value"] is not None]
    mine = readings()
    mine = mine[(mine["station"] == code) & (mine["element"] == "level")]
    mine = mine[mine["moment"] >= pd.Timestamp(MOMENT - timedelta(days=1))].set_index("moment")["value"]
    assert len(water) == len(mine) > 100
    for row in water[:: len(water) // 20]:
        assert row["value"] == pytest.approx(mine[pd.Timestamp(row["moment"])], abs=1e-3)


def test_where_no_station_is_named_the_worst_of_the_place_is_shown(client):
    for query in ({}, {"area": district()}):
        shown = _levels(client, **query).query("role != 'rain'")
        with client.application.test_request_context():
            title = panels["flood.station"].answer(View(**query)).facts["title"]
        worst = shown.sort_values("state", ascending=False)
        assert title in set(worst[worst["state"] == worst["state"].max()]["name"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_ladder_has_each_threshold_with_what_it_means(client, lang):
    code = judged_river()
    with client.application.test_request_context():
        ladder = panels["flood.station"].answer(View(station=code, lang=lang)).facts["ladder"]
    limits = network.limits(code, MOMENT.date())
    named = {rung["name"]: rung for rung in ladder}
    for name, level in (("warning", 2), ("guarantee", 3)):
        rung = named[text(f"threshold.{name}", lang)]
        assert (rung["value"], rung["level"]) == (limits.get(name), level)
        assert rung["means"]
    assert [rung["value"] for rung in ladder] == sorted(rung["value"] for rung in ladder)


def test_a_thinned_line_keeps_its_peaks():
    values = np.sin(np.arange(9000) / 700) * 3
    values[4321], values[7000] = 9.9, -9.9
    moments = np.datetime64("2026-06-01", "s") + np.arange(9000) * np.timedelta64(300, "s")
    told = thinned(Series(moments, values, np.zeros(9000, int)))
    assert len(told.moments) <= MOST + 1
    assert (max(told[1]), min(told[1])) == (9.9, -9.9)
    assert (np.diff(told.moments) > np.timedelta64(0, "s")).all()
    assert told.moments[-1] == moments[-1]


# ---- replay ------------------------------------------------------------------------------------------------------


def test_the_replay_goes_back_a_day_and_tells_nothing_that_had_not_fallen(client):
    told = body(client, "replay", at="2026-06-18T02:00")["data"]
    hours = [datetime.fromisoformat(row["moment"]) for row in told if row["part"] == "past"]
    assert (hours[0], hours[-1], len(hours)) == (datetime(2026, 6, 17, 3), datetime(2026, 6, 18, 2), 24)
    ahead = [datetime.fromisoformat(row["moment"]) for row in told if row["part"] == "forecast"]
    assert ahead[0] == datetime(2026, 6, 18, 3)


def test_an_hour_of_the_replay_is_the_mean_of_the_gauges(client):
    told = body(client, "replay", at="2026-06-18T14:00")["data"]
    rain = readings(datetime(2026, 6, 18, 14))
    rain = rain[rain["element"] == "rain"]
    weights = network.weights(CITY) or dict.fromkeys(stations().query("kind == 'rain'")["code"], 1.0)
    for row in told[:24:5]:
        end = pd.Timestamp(row["moment"])
        some = rain[(rain["moment"] > end - pd.Timedelta(hours=1)) & (rain["moment"] <= end)]
        fell = some.groupby("station")["value"].sum().to_dict()
        assert row["mm"] == pytest.approx(areal(fell, weights).mm, abs=1e-6)


def _links(node) -> list[Element]:
    if not isinstance(node, Element):
        return []
    found = [node] if node.tag == "a" else []
    return found + [one for child in node.nodes for one in _links(child)]


def _hours(client, view: View) -> tuple[list[dict[str, str]], list[str]]:
    """The fields that each hour of the list sets, and the hour that is current."""
    with client.application.test_request_context():
        drawn = panels["flood.replay"].draw(panels["flood.replay"].answer(view), look_of(view))
    links = [link for link in _links(drawn) if link.attributes["class"] == "hour"]
    fields = [json.loads(link.attributes["data-fields"]) for link in links]
    return fields, [f["at"] for f, link in zip(fields, links, strict=True) if "aria-current" in link.attributes]


def test_each_hour_is_a_link_that_replays_the_day_from_there(client):
    fields, current = _hours(client, View(at=datetime(2026, 6, 18, 14)))
    assert len(fields) == 24
    assert {f["replay"] for f in fields} == {"2026-06-17T14:00..2026-06-18T14:00"}
    assert [View.from_query(f).at for f in fields] == [
        datetime(2026, 6, 17, 15) + timedelta(hours=n) for n in range(24)
    ]
    assert current == ["2026-06-18T14:00"]
    assert _hours(client, View())[1] == []  # it is now


def test_an_hour_of_a_replay_keeps_its_span_where_it_lies_in_it(client):
    span = "2026-06-17T20:00..2026-06-18T14:00"
    fields, _ = _hours(client, View.from_query({"replay": span, "at": "2026-06-18T02:00"}))
    inside = [f for f in fields if f["at"] >= "2026-06-17T20:00"]
    assert {f["replay"] for f in inside} == {span}
    assert len(inside) == 7
    for f in fields[:-7]:
        view = View.from_query(f)
        assert view.replayed is not None
        assert view.replayed.end == view.at
