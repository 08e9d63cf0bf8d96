"""What a screen does when something is wrong: nothing there yet, a panel that fails, data that is late, no server."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TREND = 'section[data-panel="overview.trend"]'


def test_an_empty_database_is_ready_and_says_what_to_do(visit: Callable, servers: Callable, tmp_path: Path) -> None:
    server = servers(tmp_path / "empty.duckdb")
    visitor = visit(server.url)
    for path in ("/", "/hotline", "/services", "/flood"):
        page = visitor.open(path=path)
        assert "make run" in page.locator("#main").inner_text()
    visitor.open("?lang=en&area=990100&period=7d")
    assert "make run" in page.locator("#main").inner_text()
    for path, panel, state in (
        ("/briefing", None, None),
        ("/programme", None, None),
        ("/figures", "figures.ledger", "ready"),
        ("/wall", "wall.setup", "ready"),
        ("/testcard", "testcard.card", "ready"),
        ("/reports", "reports.issue", "empty"),
    ):
        visitor.open(path=path)  # waits until it is ready: what needs no city is there without one
        assert panel is None or visitor.states()[panel] == state
    assert "Traceback" not in server.said()


@pytest.fixture
def told_well(told) -> Iterator:
    """The told server, whole and with fresh data before and after."""
    yield told
    told.get("/told/mend")
    told.get("/told/step/5")


def test_a_failing_panel_fails_alone(visit: Callable, told_well) -> None:
    visitor = visit(told_well.url)
    page = visitor.open()
    whole = visitor.states()
    assert set(whole.values()) == {"ready"}
    told_well.get("/told/fail/overview.trend")
    told_well.get("/told/step/5")
    page.wait_for_selector(f'{TREND}[data-state="failed"]')
    visitor.ready()
    assert visitor.states() == {**whole, "overview.trend": "failed"}
    said = page.locator(f"{TREND} .cover").inner_text()
    reference = re.search(r"\b[0-9a-f]{8}\b", said)
    assert reference, said
    assert "SELECT" not in page.content()
    assert "/var/lib" not in page.content()
    assert f"reference {reference[0]}" in told_well.said()
    assert "old" in page.locator(TREND).get_attribute("class").split(), "the figure of before is not marked as old"
    assert page.locator(f"{TREND} .js-plotly-plot .scatterlayer path").count() > 0
    visitor.click(".p-ranking .rows a")
    assert visitor.states()["overview.trend"] == "failed"
    assert "old" not in page.locator(TREND).get_attribute("class").split(), "this figure was of another place"
    assert visitor.states()["overview.map"] == "ready"
    told_well.get("/told/mend")
    told_well.get("/told/step/5")
    page.wait_for_selector(f'{TREND}[data-state="ready"]')
    assert not page.locator(f"{TREND} .cover").is_visible()


def test_a_map_is_ready_with_its_shapes_and_not_before(visit: Callable, cockpit) -> None:
    visitor = visit(cockpit.url)
    came: list = []

    def held(route) -> None:
        came.append(route)

    visitor.page.route("**/shapes/**", held)
    visitor.page.goto(cockpit.url)
    visitor.page.wait_for_selector('section[data-panel="overview.problems"][data-state="ready"]')
    visitor.page.wait_for_timeout(500)
    map_ = visitor.page.locator('section[data-panel="overview.map"]')
    assert came
    assert map_.get_attribute("data-state") == "loading"
    assert visitor.page.locator("[data-ready]").count() == 0
    for route in came:
        route.continue_()
    visitor.page.unroute("**/shapes/**")
    visitor.ready()
    assert map_.locator(".choroplethlayer path").count() >= 10


def test_a_panel_that_never_worked_shows_its_reference(visit: Callable, told_well) -> None:
    told_well.get("/told/fail/overview.problems")
    told_well.get("/told/step/5")
    visitor = visit(told_well.url)
    page = visitor.open("?lang=en")
    states = visitor.states()
    assert states.pop("overview.problems") == "failed"
    assert set(states.values()) == {"ready"}
    cover = page.locator(".p-problems .cover")
    assert cover.is_visible()
    assert re.search(r"\b[0-9a-f]{8}\b", cover.inner_text())


def test_late_data_is_said(visit: Callable, told_well) -> None:
    told_well.get("/told/later/45")
    visitor = visit(told_well.url)
    page = visitor.open()
    states = visitor.states()
    assert states.pop("overview.sources") == "ready"
    assert set(states.values()) == {"late"}
    assert page.locator(".p-trend .late").inner_text() == "迟到 45 分钟"
    behind = page.locator(".p-sources .word.stale, .p-sources .word.late").locator("..").all_inner_texts()
    assert any("12345" in one and "45" in one for one in behind)
    told_well.get("/told/step/5")
    page.wait_for_selector(f'{TREND}[data-state="ready"]')
    assert page.locator(".p-trend .late").count() == 0


def test_new_data_is_drawn_and_nothing_is_asked_while_there_is_none(visit: Callable, told_well) -> None:
    visitor = visit(told_well.url)
    page = visitor.open()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/drawn/" in request.url else None)
    for _ in range(4):
        page.wait_for_event("response", lambda response: response.url.endswith("/version"))
    assert asked == []
    before, stamp = visitor.texts(), page.locator(TREND).get_attribute("data-stamp")
    told_well.get("/told/step/300")
    page.wait_for_selector(f'{TREND}[data-state="ready"]:not([data-stamp="{stamp}"])')
    page.wait_for_selector('section.panel[data-state="late"]', state="detached")  # late until the feed has come
    visitor.ready()
    assert asked
    moved = {name for name, text in visitor.texts().items() if text != before[name]}
    assert {"overview.headline", "overview.records"} <= moved
    assert set(visitor.states().values()) == {"ready"}


def test_a_page_lives_through_a_restart_of_the_server(
    visit: Callable, servers: Callable, city: Path, tmp_path: Path
) -> None:
    server = servers(Path(shutil.copy(city, tmp_path / "city.duckdb")))
    visitor = visit(server.url)
    page = visitor.open()
    assert page.locator(".offline").count() == 0
    server.stop()
    page.wait_for_selector("html[data-offline]", state="attached")
    assert page.locator(".offline").is_visible()
    assert "连接中断" in page.locator(".offline").inner_text()
    assert page.locator(".p-ranking .rows a").count() > 0, "what was last received stays"
    page.locator(".p-ranking .rows a").first.click()  # asked while nobody answers
    server.start()
    page.wait_for_selector("html:not([data-offline])", state="attached")
    visitor.ready()
    assert page.locator(".offline").count() == 0
    assert len(visitor.crumbs()) == 2
    assert set(visitor.states().values()) <= {"ready", "late"}
    visitor.forgive_no_answer()
