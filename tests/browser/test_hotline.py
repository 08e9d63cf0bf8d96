"""The hotline page in a browser: from a red district to the very order, and back."""

import json

import pytest

from tests.browser.test_accessibility import violations

HOTLINE = "/hotline"


def data(server, panel: str, search: str) -> dict:
    return json.loads(server.get(f"/data/hotline.{panel}.json{search}"))


def test_from_the_league_to_a_street_to_the_course_of_an_order_and_back(desk, cockpit) -> None:
    page = desk.open(path=HOTLINE)
    league = data(cockpit, "league", "")["data"]
    desk.click('.p-league a[data-set="area"]')
    district = desk.crumbs()[-1]
    assert district in {row["name"] for row in league}
    desk.click('.p-league a[data-set="area"]')
    assert len(desk.crumbs()) == 3
    before = desk.search
    assert not page.locator(".p-order").is_visible()
    desk.click('.p-records .rows a[data-set="order"]')
    shown = page.locator(".p-order")
    assert shown.is_visible()
    number = data(cockpit, "records", before)["data"][0]["order_no"]
    assert number in shown.inner_text()
    page.go_back()
    desk.ready()
    assert desk.search == before
    assert not shown.is_visible()


def test_the_number_of_overdue_orders_opens_their_list_and_brings_it_on_screen(desk, cockpit) -> None:
    page = desk.open(path=HOTLINE)
    chip = '.p-records a[data-set="state"][data-value="overdue"]'
    assert page.locator(chip).bounding_box()["y"] > 1080
    desk.click('[data-indicator="hotline.open"] a.warn')
    assert desk.search == "?state=overdue"
    assert page.locator(chip).get_attribute("aria-current") == "true"
    page.wait_for_function(
        "(q) => ((at) => at.top > 0 && at.bottom < 1080)(document.querySelector(q).getBoundingClientRect())",
        arg=chip,
    )
    listed = data(cockpit, "records", desk.search)["data"]
    assert page.locator(".p-records .rows > li").count() == len(listed) > 0
    page.go_back()
    desk.ready()
    assert desk.search == ""


def test_a_callout_on_the_map_opens_its_orders(desk) -> None:
    page = desk.open(path=HOTLINE)
    words = page.locator(".p-map text", has_text="预期").first
    box = words.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("location.search.includes('category=')")
    desk.ready()
    assert "area=" in desk.search
    assert page.locator(".p-records .rows > li").count() > 0
    assert page.locator(".p-bursts .rows > li.chosen").count() == 1


def test_a_filter_is_a_chip_and_every_panel_follows_it(desk, cockpit) -> None:
    page = desk.open("?org=nobody", path=HOTLINE)
    assert page.locator(".chip.set").count() == 1
    assert data(cockpit, "records", "?org=nobody")["data"] == []
    desk.click(".chip.set .clear")
    assert page.locator(".chip.set").count() == 0
    orgs = [row["code"] for row in data(cockpit, "league", "?by=org")["data"]]
    assert len(orgs) > 5
    told = data(cockpit, "records", f"?org={orgs[0]}")
    assert {row["org"] for row in told["data"]} == {orgs[0]}


def test_words_are_found_in_the_list_as_they_are_typed(desk, cockpit) -> None:
    page = desk.open(path=HOTLINE)
    page.locator(".p-records input").fill("停")
    page.wait_for_function("location.search.includes('q=')")
    desk.ready()
    rows = data(cockpit, "records", desk.search)["data"]
    assert rows
    assert page.locator(".p-records .rows > li").count() == len(rows)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 1080), (1080, 1920), (7680, 2160)])
def test_a_wall_shows_no_single_order_and_never_scrolls(visit, cockpit, size) -> None:
    wall = visit(cockpit.url, size)
    page = wall.open("?mode=wall", path=HOTLINE)
    for panel in ("records", "order", "cases", "bounces"):
        assert not page.locator(f".p-{panel}").is_visible()
    for panel in ("situation", "headline", "map", "league"):
        assert page.locator(f".p-{panel}").is_visible()
    fits = "[document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight]"
    assert page.evaluate(fits) == [True, True]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_page_has_no_serious_violation(desk, theme: str) -> None:
    desk.open(f"?theme={theme}", path=HOTLINE)
    assert violations(desk.page) == []
    desk.click('.p-records .rows a[data-set="order"]')
    assert violations(desk.page) == []
