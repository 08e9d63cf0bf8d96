"""The flood page in a browser: from the city to a station, a district and a street, back through the day, on walls."""

import json

import pytest

from tests.browser.test_accessibility import violations

FLOOD = "/flood"


def data(server, panel: str, search: str) -> dict:
    return json.loads(server.get(f"/data/flood.{panel}.json{search}"))


def test_from_the_first_sentence_to_the_station_and_back(desk, cockpit) -> None:
    page = desk.open(path=FLOOD)
    before = desk.search
    assert page.locator(".p-station .title").inner_text()
    river = next(row for row in data(cockpit, "map", "")["data"] if row["role"] == "river")
    page.goto(f"{cockpit.url}{FLOOD}?station={river['code']}")
    desk.ready()
    assert page.locator(".p-station .title").inner_text() == river["name"]
    page.go_back()
    desk.ready()
    assert desk.search == before


def test_a_mark_on_the_map_sets_the_station_and_a_place_the_area(desk, cockpit) -> None:
    page = desk.open(path=FLOOD)
    stations = {row["code"]: row["name"] for row in data(cockpit, "map", "")["data"] if row["kind"] == "station"}
    graph = page.locator(".p-map .js-plotly-plot")
    click = """(graph, customdata) => graph.emit('plotly_click', { points: [{ customdata }] })"""
    code = next(iter(stations))
    graph.evaluate(click, json.dumps({"station": code}))
    desk.ready()
    assert f"station={code}" in desk.search
    assert page.locator(".p-station .title").inner_text() == stations[code]
    places = [row for row in data(cockpit, "map", "")["data"] if row["kind"] == "area"]
    graph.evaluate(click, places[0]["code"])
    desk.ready()
    assert desk.crumbs()[-1] == places[0]["name"]
    streets = [row for row in data(cockpit, "map", f"?area={places[0]['code']}")["data"] if row["kind"] == "area"]
    assert len(streets) > 3
    graph.evaluate(click, streets[0]["code"])
    desk.ready()
    assert len(desk.crumbs()) == 3


def test_an_hour_begins_a_replay_of_the_whole_page(desk, cockpit) -> None:
    page = desk.open(path=FLOOD)
    hours = page.locator(".p-replay .hours a")
    assert hours.count() == 24
    at = json.loads(hours.nth(4).get_attribute("data-fields") or "{}")["at"]
    hours.nth(4).click()
    desk.ready()
    assert "at=" in desk.search
    assert page.locator(".now .replay").count() == 1
    assert data(cockpit, "situation", desk.search)["meta"]["as_of"].startswith(at)
    assert page.locator("#replay .shown").inner_text() == at[5:].replace("T", " ")
    assert page.locator(".p-replay .hours a[aria-current]").get_attribute("aria-label").startswith(at[5:10])
    page.locator("#replay .leave").click()
    desk.ready()
    assert "at=" not in desk.search


def test_layers_change_the_ground_and_no_geometry_travels_with_it(desk) -> None:
    page = desk.open(path=FLOOD)
    for layer in ("rain1", "catchment", "ponding"):
        desk.click(f'.p-map .choices a[data-value="{layer}"]')
        assert f"layer={layer}" in desk.search
        shapes = page.locator(".p-map .choroplethlayer path").count()
        assert shapes > 5


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 1080), (5760, 1080), (1080, 1920), (7680, 2160)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_wall_shows_the_situation_and_never_scrolls(visit, cockpit, size, lang) -> None:
    wall = visit(cockpit.url, size)
    page = wall.open(f"?mode=wall&lang={lang}", path=FLOOD)
    for panel in ("situation", "map"):
        assert page.locator(f".p-{panel}").is_visible()
    assert not page.locator(".p-replay").is_visible()
    fits = "[document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight]"
    assert page.evaluate(fits) == [True, True]


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (390, 844)])
def test_a_desk_never_scrolls_sideways(visit, cockpit, size) -> None:
    page = visit(cockpit.url, size).open("?lang=en", path=FLOOD)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_page_has_no_serious_violation(desk, theme: str) -> None:
    desk.open(f"?theme={theme}", path=FLOOD)
    assert violations(desk.page) == []
