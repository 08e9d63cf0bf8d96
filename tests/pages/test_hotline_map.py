"""The hotline page's map: parts and whole, and where the orders of a street lie."""

import json

import pandas as pd
import pytest

from components import words
from components.panel import look_of, panels
from components.view import View
from data_access import bursts
from data_access.areas import tree
from domain.periods import span_of
from pages import asking
from pages.hotline.map import METRICS
from tests.conftest import MOMENT
from tests.pages.hotline_city import CITY, between, body, rows_in, street_of


@pytest.mark.parametrize("metric", ["", "hotline.satisfaction", "hotline.per_10k", "hotline.overdue"])
def test_the_whole_is_its_parts_and_what_is_on_no_map(client, metric):
    rows, span = rows_in(), span_of("90d", MOMENT)
    answer = body(client, "map", metric=metric, period="90d")
    whole = answer["meta"]["definitions"][0]
    assert whole["key"] == (metric or METRICS[0])
    lost = rows[~rows["district_code"].isin([a.code for a in tree().children(CITY)])]
    match metric:
        case "":
            more = between(lost[lost["tracked"]], "due_at", span.start, span.end)
            top, below = int((more["close_at"] <= more["due_at"]).sum()), len(more)
        case "hotline.satisfaction":
            more = between(lost, "callback_at", span.start, span.end)
            top, below = int((more["satisfaction"] >= 3).sum()), int(more["satisfaction"].notna().sum())
        case "hotline.per_10k":
            top, below = len(between(lost, "accept_at", span.start, span.end)), None
        case _:
            still = lost[lost["tracked"] & ~(lost["close_at"] < pd.Timestamp(MOMENT))]
            top, below = int((still["due_at"] < pd.Timestamp(MOMENT)).sum()), None
    assert whole["numerator"] == sum(row["numerator"] for row in answer["data"]) + top
    if below is not None:
        assert whole["denominator"] == sum(row["denominator"] for row in answer["data"]) + below
    assert {row["kind"] for row in answer["data"]} == {"place"}


@pytest.mark.parametrize("mode", ["desk", "wall"])
def test_a_place_that_misses_the_target_is_named_first(cockpit, mode):
    """Where two names have no room the browser keeps the earlier one."""
    view = View(period="90d", mode=mode)
    answer = panels["hotline.map"].query(view)
    target = answer.facts["target"]
    figure = panels["hotline.map"].draw(answer, look_of(view))
    rows = [row for row in answer.frame.to_dict("records") if row["kind"] == "place"]
    names = {row["name"] for row in rows}
    off = {row["name"] for row in rows if row["value"] < target}
    inks = [
        found
        for trace in figure["data"]
        if trace.get("mode") == "text"
        and (found := [name for text in trace["text"] if (name := text.partition("<br><b>")[0]) in names])
    ]
    assert sorted(name for ink in inks for name in ink) == sorted(names)
    assert 0 < len(off) < len(names)
    assert inks[0][0] in off
    for ink in inks:
        missed = [name in off for name in ink]
        assert missed == sorted(missed, reverse=True)


def test_the_bursts_of_a_district_are_those_of_its_streets(client):
    found = {row["code"]: row["value"] for row in body(client, "map", metric="hotline.bursts")["data"]}
    for district, n in found.items():
        inside = body(client, "map", metric="hotline.bursts", area=district)["data"]
        some = [one for one in bursts.found(MOMENT) if one.district == district and one.state == "burst"]
        assert n == len(some) >= sum(row["value"] for row in inside if row["kind"] == "place")


@pytest.mark.parametrize("at", ["city", "district"])
def test_places_with_bursts_are_marked_and_the_worst_called_out(client, at):
    area = {} if at == "city" else {"area": tree().children(CITY)[0].code}
    column = "district" if at == "city" else "street"
    data = body(client, "map", **area)["data"]
    some = [one for one in bursts.found(MOMENT) if one.state == "burst"]
    for row in data:
        mine = [one for one in some if getattr(one, column) == row["code"]]
        assert row["bursts"] == len(mine)
        assert (row["burst"] == "") == (not mine)
        if mine:
            callers: dict[str, int] = {}
            for one in mine:
                callers[one.category] = callers.get(one.category, 0) + one.callers
            assert row["burst_callers"] in callers.values()
    view = View(**area)
    answer = panels["hotline.map"].answer(view)
    told = answer.facts["callouts"]
    assert 0 < len(told) <= 3 and len({one["name"] for one in told}) == len(told)
    drawn = panels["hotline.map"].draw(answer, look_of(view))
    clicked = [t["customdata"][0] for t in drawn["data"] if t.get("meta") and "customdata" in t]
    assert {json.dumps(one["fields"]) for one in told} == set(clicked)
    for one in told:
        inside = body(client, "bursts", area=one["fields"]["area"], category=one["fields"]["category"])["data"]
        assert inside and {row["category"] for row in inside} == {one["fields"]["category"]}
        assert one["sentence"].startswith("▲ 突发")
    words_ = [word for t in drawn["data"] if t.get("mode") == "markers+text" for word in t["text"]]
    assert len(words_) == sum(row["bursts"] > 0 for row in data)
    assert all(word.startswith("▲ 突发 ") for word in words_)


def test_a_calm_moment_marks_nothing(client):
    view = View.from_search("?at=2001-01-01T08:00")
    answer = panels["hotline.map"].answer(view)
    assert not answer.facts.get("callouts")


def test_the_metrics_are_those_that_the_sources_tell(cockpit, monkeypatch):
    def offered(query: str) -> list[str]:
        choices = panels["hotline.map"].choices
        assert choices is not None
        return [said for _, _, said in choices(View.from_search(query))]

    every = ["按期率", "满意率", "万人量", "逾期", "突发"]
    assert offered("") == every
    assert offered("?at=2001-01-01T00:00") == every  # nothing is loaded, so none is missed
    told = {"accept_at", "due_at", "close_at", "category", "satisfaction"}
    without = {"due_at": "按期率 逾期", "close_at": "按期率 逾期", "category": "突发", "satisfaction": "满意率"}
    for field, lost in without.items():
        monkeypatch.setattr(asking, "given", lambda _view, field=field: frozenset(told - {field}))
        assert offered("") == [word for word in every if word not in lost.split()]


def test_at_a_street_the_map_shows_where_its_orders_lie(client):
    street, span = street_of(), span_of("90d", MOMENT)
    rows = rows_in()
    mine = between(rows[rows["street_code"] == street], "accept_at", span.start, span.end)
    answer = body(client, "map", area=street, period="90d")
    spots = [row for row in answer["data"] if row["kind"] == "spot"]
    assert len(spots) > 5
    assert sum(row["received"] for row in spots) == mine["lon"].notna().sum()
    placed, without = mine["lon"].notna().sum(), mine["lon"].isna().sum()
    assert answer["meta"]["note"].startswith(
        words.text("map.points", "zh", n=words.exact(placed), lost=words.exact(without))
    )
    view = View(area=street, period="90d")
    drawn = panels["hotline.map"].draw(panels["hotline.map"].answer(view), look_of(view))
    dots = next(t for t in drawn["data"] if t["type"] == "scattergeo" and t["mode"] == "markers")
    assert len(dots["lon"]) == len(dots["marker"]["size"]) == len(spots)
    assert not any(t.get("type", "").endswith(("map", "mapbox", "gl")) for t in drawn["data"])  # no GPU, no tiles
    sizes = {row["received"]: size for row, size in zip(spots, dots["marker"]["size"], strict=True)}
    assert [sizes[n] for n in sorted(sizes)] == sorted(sizes.values())
