"""Going down into the city and back, and what a link is worth."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs

from playwright.sync_api import Page

# A point of the map that a place owns, where nothing lies above the map, and the place's code.
POINT = """(nth) => { const graph = document.querySelector('.p-map .js-plotly-plot');
    const own = [...graph.querySelectorAll('.choroplethlayer .trace:last-child path')];
    const path = own[nth], box = path.getBoundingClientRect(), back = path.getScreenCTM().inverse();
    for (let i = 1; i < 24; i++) for (let j = 1; j < 24; j++) {
        const x = box.left + box.width * i / 24, y = box.top + box.height * j / 24;
        const inside = [[0, 0], [5, 0], [-5, 0], [0, 5], [0, -5]].every(([a, b]) =>
            path.isPointInFill(new DOMPoint(x + a, y + b).matrixTransform(back)));
        const above = document.elementFromPoint(x, y);
        if (inside && above && graph.contains(above)) return { x, y, code: String(path.__data__.loc) };
    } return null }"""


def click_map(page: Page, nth: int = 0) -> tuple[str, str]:
    """Point at a place of the map, read what the hover says, click. Returns the place's code and the sentence."""
    at = page.evaluate(POINT, nth)
    assert at, "no clickable point of a place on the map"
    page.mouse.move(at["x"] - 2, at["y"])
    page.mouse.move(at["x"], at["y"])
    page.wait_for_selector(".p-map .hoverlayer .hovertext", state="attached")
    said = page.locator(".p-map .hoverlayer .hovertext").first.text_content() or ""
    page.mouse.click(at["x"], at["y"])
    page.wait_for_selector('[data-ready="true"]', state="attached")
    return at["code"], said


def area_of(visitor) -> str:
    return parse_qs(visitor.search.removeprefix("?")).get("area", [""])[0]


def ranked(visitor) -> list[str]:
    """The codes of the ranking's rows."""
    return visitor.page.locator(".p-ranking .rows a").evaluate_all("all => all.map(a => a.dataset.value)")


def data(server, panel: str, search: str) -> dict:
    return json.loads(server.get(f"/data/overview.{panel}.json{search}"))


def test_map_clicks_lead_to_a_street_and_back_and_forward_retrace_them(desk, cockpit) -> None:
    page = desk.open()
    names = {row["code"]: row["name"] for row in data(cockpit, "ranking", "")["data"]}
    seen = [(desk.search, desk.crumbs())]
    district, said = click_map(page)
    assert names[district] in said
    assert area_of(desk) == district
    assert desk.crumbs()[-1] == names[district]
    seen.append((desk.search, desk.crumbs()))
    street, _ = click_map(page)
    assert street in {row["code"] for row in data(cockpit, "ranking", seen[1][0])["data"]}
    assert area_of(desk) == street
    assert len(desk.crumbs()) == 3
    assert page.locator(".p-records .rows li").count() > 0
    seen.append((desk.search, desk.crumbs()))
    for back in (seen[1], seen[0]):
        page.go_back()
        desk.ready()
        assert (desk.search, desk.crumbs()) == back
        assert set(desk.states().values()) <= {"ready", "empty"}
    for forward in seen[1:]:
        page.go_forward()
        desk.ready()
        assert (desk.search, desk.crumbs()) == forward
    desk.click(".crumbs a >> nth=1")
    assert (desk.search, desk.crumbs()) == seen[1]
    desk.click(".crumbs a >> nth=0")
    assert (desk.search, desk.crumbs()) == seen[0]


# Frames come as far apart as a machine needs for them; counts how often the map is zoomed.
PACE = """(gap) => { const real = window.requestAnimationFrame.bind(window); let now = 0; window.flown = 0;
    window.requestAnimationFrame = (work) => real(() => work(now += gap));
    new MutationObserver((seen) => { for (const one of seen) if (one.target.matches('.geolayer') &&
        one.target.style.transform.includes('scale')) window.flown += 1;
    }).observe(document.body, { attributes: true, attributeFilter: ['style'], subtree: true }) }"""


def test_a_drill_flies_where_frames_come_fast(desk) -> None:
    page = desk.open()
    for _ in range(2):
        page.evaluate(PACE, 16)
        click_map(page)
        assert page.evaluate("window.flown") > 0
        page = desk.open()
    assert page.evaluate("sessionStorage.getItem('citydeck.still')") is None


def test_a_machine_that_draws_slowly_flies_once(desk) -> None:
    page = desk.open()
    page.evaluate(PACE, 200)
    click_map(page)
    assert page.evaluate("window.flown") > 0
    page.wait_for_function("!document.querySelector('.geolayer').style.transform")
    click_map(page)
    page = desk.open()
    page.evaluate(PACE, 200)
    click_map(page)
    assert page.evaluate("window.flown") == 0


def test_a_ranking_row_drills_by_mouse_and_by_keyboard(desk) -> None:
    page = desk.open()
    district = ranked(desk)[-1]
    desk.click(f'.p-ranking .rows a[data-value="{district}"]')
    assert area_of(desk) == district
    page.locator(".p-ranking button.menu").focus()
    page.keyboard.press("Tab")
    street = page.evaluate("document.activeElement.dataset.value")
    assert street == ranked(desk)[0]
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid", "the focused row is not marked"
    page.keyboard.press("Enter")
    desk.ready()
    assert area_of(desk) == street
    assert desk.crumbs()[-1] == page.locator(".p-ranking .chosen .name").inner_text()


def test_the_first_tab_offers_to_skip_to_the_content(desk) -> None:
    page = desk.open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_copied_link_shows_a_colleague_the_same(visit: Callable, told) -> None:
    mine = visit(told.url)
    mine.open("?period=90d&compare=mom&metric=hotline.on_time")
    district = ranked(mine)[0]
    mine.click(f'.p-ranking .rows a[data-value="{district}"]')
    yours = visit(told.url)
    yours.open(mine.search)
    assert yours.texts() == mine.texts()
    assert yours.crumbs() == mine.crumbs()
    assert yours.page.locator(".chips").inner_text() == mine.page.locator(".chips").inner_text()
    assert yours.search == mine.search
    asked = "&".join(sorted(mine.search.removeprefix("?").split("&")))
    assert data(told, "headline", "?" + asked)["data"] == data(told, "headline", mine.search)["data"]


def test_two_visitors_do_not_see_each_other(visit: Callable, cockpit) -> None:
    one, other = visit(cockpit.url), visit(cockpit.url)
    one.open()
    other.open("?theme=light")
    first, second = ranked(one)[0], ranked(one)[1]
    one.click(f'.p-ranking .rows a[data-value="{first}"]')
    assert (area_of(other), len(other.crumbs())) == ("", 1)
    other.click(f'.p-ranking .rows a[data-value="{second}"]')
    assert (area_of(one), area_of(other)) == (first, second)
    assert one.crumbs()[-1] != other.crumbs()[-1]
    assert one.page.locator("html").get_attribute("data-theme") == "dark"
