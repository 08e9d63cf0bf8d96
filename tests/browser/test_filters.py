"""Every filter changes the link, the chip that says it, and the numbers."""

import json
from datetime import date, datetime, timedelta
from urllib.parse import parse_qs

import pytest


def query(visitor) -> dict[str, str]:
    return {k: v[0] for k, v in parse_qs(visitor.search.removeprefix("?")).items()}


def meta(server, visitor, panel: str = "headline") -> dict:
    return json.loads(server.get(f"/data/overview.{panel}.json{visitor.search}"))["meta"]


def choose(visitor, chip: str, value: str) -> None:
    visitor.page.locator(f'[data-chip="{chip}"] > summary').click()
    visitor.click(f'[data-chip="{chip}"] .options a[data-value="{value}"]')


def chip(visitor, name: str) -> str:
    return visitor.page.locator(f'[data-chip="{name}"] > summary .value').inner_text()


def test_period_comparison_and_clearing(desk, cockpit) -> None:
    desk.open()
    before = desk.texts()["overview.headline"]
    choose(desk, "period", "7d")
    assert query(desk) == {"period": "7d"}
    assert chip(desk, "period").startswith("近 7 天")
    assert desk.texts()["overview.headline"] != before
    choose(desk, "compare", "none")
    assert query(desk) == {"period": "7d", "compare": "none"}
    assert meta(cockpit, desk)["compare"] is None
    assert "同比" not in desk.texts()["overview.headline"]
    assert desk.states()["overview.changed"] == "empty"
    choose(desk, "compare", "mom")
    assert "环比" in desk.texts()["overview.headline"]
    desk.click(".clear-all")
    assert query(desk) == {}
    assert desk.page.locator("details[open]").count() == 0


def test_dates_of_ones_own(desk, cockpit) -> None:
    page = desk.open()
    last = date.fromisoformat(json.loads(cockpit.get("/version"))["now"][:10]) - timedelta(days=3)
    first = last - timedelta(days=9)
    page.locator('[data-chip="period"] > summary').click()
    for place, day in zip(page.locator('[data-form="period"] input').all(), (first, last), strict=True):
        place.fill(day.isoformat())
    desk.click('[data-form="period"] .apply')
    assert query(desk) == {"period": f"{first}..{last}"}
    period = meta(cockpit, desk)["period"]
    assert period["start"] == f"{first}T00:00:00"
    assert period["end"] == f"{last + timedelta(days=1)}T00:00:00"
    assert f"{first:%m-%d}" in chip(desk, "period")


def test_as_of_replays_an_earlier_moment(desk, cockpit) -> None:
    page = desk.open()
    now = datetime.fromisoformat(json.loads(cockpit.get("/version"))["now"])
    moment = (now - timedelta(days=20)).strftime("%Y-%m-%dT12:00")
    page.locator('[data-chip="at"] > summary').click()
    page.locator('[data-form="at"] input').fill(moment)
    desk.click('[data-form="at"] .apply')
    assert query(desk) == {"at": moment}
    assert page.locator(".replay").is_visible()
    assert page.locator(".clock").inner_text() == "12:00:00"
    assert meta(cockpit, desk)["as_of"] == f"{moment}:00"
    choose(desk, "at", "")
    assert query(desk) == {}
    assert page.locator(".live").is_visible()


@pytest.mark.parametrize("typed", ["石桥", "sqs", "Shiqiao"])
def test_a_place_is_found_by_name_and_by_pinyin(desk, typed: str) -> None:
    page = desk.open()
    page.locator('[data-chip="area"] > summary').click()
    found = page.locator('[data-chip="area"] .found a', has_text="石桥市").first
    page.locator(".find-area input").press_sequentially(typed)
    found.wait_for()
    with page.expect_response("**/areas?*"):
        page.locator(".find-area input").press("Backspace")
    with page.expect_response("**/areas?*"):
        page.locator(".find-area input").press_sequentially(typed[-1])
    found.click()
    desk.ready()
    assert desk.crumbs()[-1] == "石桥市"
    assert chip(desk, "area") == "石桥市"


def test_a_place_that_is_not_there_is_said(desk) -> None:
    page = desk.open()
    page.locator('[data-chip="area"] > summary').click()
    page.locator(".find-area input").press_sequentially("qqqqq")
    page.get_by_text("没有匹配的地方").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("details[open]").count() == 0
    assert page.evaluate("document.activeElement.parentElement.dataset.chip") == "area"


def test_a_topic_filters_every_panel_until_it_is_cleared(desk, cockpit) -> None:
    page = desk.open()
    whole = desk.texts()
    row = page.locator(".p-problems .rows a").nth(1)
    name, topic = row.locator(".name").inner_text(), row.get_attribute("data-value")
    desk.click(f'.p-problems .rows a[data-value="{topic}"]')
    assert query(desk) == {"topic": topic}
    assert page.locator(".chip.set .value").inner_text() == name
    assert page.locator(".p-problems .chosen .name").inner_text() == name
    received = page.locator(".p-problems .chosen .n").inner_text()
    assert page.locator('[data-indicator="hotline.received"] .figure').inner_text() == received
    moved = {k for k, v in desk.texts().items() if v != whole[k]}
    assert {"overview.headline", "overview.ranking", "overview.map", "overview.records", "overview.trend"} <= moved
    desk.click(".chip.set .clear")
    assert query(desk) == {}
    desk.click(f'.p-problems .rows a[data-value="{topic}"]')
    desk.click(".p-problems .chosen a")
    assert query(desk) == {}, "a second click on the chosen topic takes it back"


def test_the_metric_switch_changes_map_and_ranking(desk, cockpit) -> None:
    page = desk.open()
    for metric in ("hotline.on_time", "water.supply_pressure_ok"):
        desk.click(f'.p-map .choice[data-value="{metric}"]')
        assert query(desk) == {"metric": metric}
        assert page.locator('.p-map .choice[aria-current="true"]').get_attribute("data-value") == metric
        assert meta(cockpit, desk, "map")["definitions"][0]["key"] == metric
        rows = json.loads(cockpit.get(f"/data/overview.ranking.json{desk.search}"))["data"]
        shown = page.locator(".p-ranking .rows .name").all_inner_texts()
        assert shown == [row["name"] for row in rows]
        assert page.locator(".p-ranking .scope").inner_text().split(" ")[0] in page.locator(".p-map").inner_text()


def test_orders_by_their_state(desk, cockpit) -> None:
    page = desk.open()
    desk.click('.p-records .choice[data-value="open"]')
    assert query(desk) == {"state": "open"}
    assert page.locator('.p-records .choice[aria-current="true"]').get_attribute("data-value") == "open"
    rows = json.loads(cockpit.get(f"/data/overview.records.json{desk.search}"))["data"]
    assert rows
    assert all(row["close_at"] is None for row in rows)
    assert page.locator(".p-records .rows li").count() == len(rows)


def test_language_and_theme_links_keep_the_view(desk) -> None:
    page = desk.open("?period=7d")
    desk.click('.links a[lang="en"]')
    assert query(desk) == {"period": "7d", "lang": "en"}
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator(".p-ranking h2").inner_text().isascii()
    assert "Demo data" in page.locator(".now .demo").inner_text()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    desk.click(".links a[href*='theme=light']")
    assert query(desk) == {"period": "7d", "lang": "en", "theme": "light"}
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark


NONSENSE = (
    "?area=nowhere&period=banana&compare=sideways&at=yesterday&lang=fr&theme=pink&mode=cinema"
    "&metric=%3Cscript%3Ealert(1)%3C/script%3E&state=gone&city=%00&domain=%F0%9F&unknown=1&period="
)


def test_nonsense_in_the_address_is_as_if_it_were_not_there(desk) -> None:
    desk.open()
    plain = desk.texts()
    page = desk.open(NONSENSE)
    assert set(desk.states().values()) == {"ready"}
    assert desk.texts()["overview.ranking"] == plain["overview.ranking"]
    desk.click(".p-ranking .rows a")
    assert len(desk.crumbs()) == 2
    desk.open("?topic=no-such-topic&period=2999-01-01..2999-02-01")
    assert "failed" not in desk.states().values()
    assert desk.states()["overview.problems"] in ("empty", "ready")
    assert page.locator("section.panel").count() == len(plain)


def test_an_unknown_address_says_so_and_leads_back(desk) -> None:
    page = desk.open(path="/nowhere")
    assert "没有这个页面" in page.locator("#main").inner_text()
    page.locator("#main a").click()
    page.wait_for_selector("section.panel", state="attached")
    desk.ready()
