"""Pictures and slides as a person makes them: from a panel's menu, from the header, from the briefing's page."""

import io
import json
import os
import re
import signal
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from pptx import Presentation

from briefing import chromium as driver
from data_access.settings import Settings

PANEL = "hotline.trend"


def post(server, path: str, body: dict) -> dict:
    """What the server says to a page of its own."""
    headers = {"Content-Type": "application/json", "Origin": server.url}
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def ended(server, body: dict, lang: str = "en") -> dict:
    job = post(server, f"/jobs?lang={lang}", body)
    until = time.monotonic() + 150
    while job["state"] in ("waiting", "working"):
        assert time.monotonic() < until, job
        time.sleep(0.2)
        job = json.loads(server.get(f"/jobs/{job['id']}.json?lang={lang}"))
    return job


def content(server, job: dict) -> bytes:
    assert job["state"] == "done", job
    return server.get(job["files"][0]["href"])


def sheet(visitor, panel: str):
    visitor.page.locator(f".p-{panel} button.menu").click()
    visitor.page.locator("dialog.sheet table").wait_for()
    return visitor.page.locator("dialog.sheet")


def add(visitor, panel: str) -> str:
    """Put a panel into the briefing; what the button says then."""
    button = sheet(visitor, panel).locator("button.add")
    before = button.inner_text()
    button.click()
    visitor.page.wait_for_function(f"document.querySelector('dialog.sheet button.add').textContent !== {before!r}")
    said = button.inner_text()
    visitor.page.keyboard.press("Escape")
    return said


@pytest.fixture
def told_well(told) -> Iterator:
    yield told
    told.get("/told/mend")
    told.get("/told/step/5")


# ---- pictures ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("scale", "theme"), [(1, "light"), (4, "dark")])
def test_a_panel_as_png_has_its_size_its_theme_and_its_words(cockpit, scale, theme):
    wish = {"make": "panel-png", "panel": PANEL, "search": "?period=7d", "scale": scale, "theme": theme}
    image = Image.open(io.BytesIO(content(cockpit, ended(cockpit, {**wish, "width": 640, "height": 360}))))
    assert image.size == (640 * scale, 360 * scale)
    corner = image.convert("RGB").getpixel((0, image.height - 1))
    assert isinstance(corner, tuple)
    assert (sum(corner) > 384) == (theme == "light")
    assert len(image.convert("RGB").resize((160, 90)).getcolors(160 * 90) or []) > 20, "nothing is drawn"
    link = image.info["URL"]
    assert link.startswith(f"{cockpit.url}/hotline?")
    assert re.search(r"at=\d{4}-\d\d-\d\dT\d\d%3A\d\d", link), "the moment is not named"
    assert "demo" in image.info["Comment"].lower()


def test_a_picture_is_what_is_on_the_screen(cockpit, visit: Callable) -> None:
    """Same view, same window: the same pixels, but for the clock and the links."""
    visitor = visit(cockpit.url, size=(1280, 720))
    at = json.loads(cockpit.get("/version"))["now"][:16]
    page = visitor.open(f"?at={at}&theme=light")
    page.evaluate("document.fonts.ready.then(() => true)")
    shown = Image.open(io.BytesIO(page.screenshot(animations="disabled", full_page=True))).convert("RGB")
    wish = {"make": "page-png", "path": "/", "search": f"?at={at}&theme=light", "width": 1280, "height": 720}
    made = Image.open(io.BytesIO(content(cockpit, ended(cockpit, wish)))).convert("RGB")
    assert made.size == shown.size
    top = 120
    pair = [image.crop((0, top, image.width, image.height)).resize((320, 160)) for image in (shown, made)]
    away = ImageChops.difference(*pair).convert("L").histogram()
    assert sum(away[40:]) < sum(away) * 0.01


def _pdf_text_shown(pdf: bytes) -> bool:
    """Whether letters are drawn as letters: a font, and text operators in some stream."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, flags=re.DOTALL)
    for stream in streams:
        try:
            if b" Tf" in zlib.decompress(stream.strip(b"\r\n")):
                return b"/Font" in pdf
        except zlib.error:
            continue
    return False


@pytest.mark.parametrize(("search", "window", "high"), [
    ("?mode=wall", (1920, 540), 540),
    ("?period=7d", (1366, 700), 900),
])  # fmt: skip
def test_a_page_as_pdf_is_one_sheet_of_its_own_size(cockpit, search, window, high):
    wish = {"make": "page-pdf", "path": "/hotline", "search": search, "width": window[0], "height": window[1]}
    pdf = content(cockpit, ended(cockpit, wish))
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    left, top, wide, tall = (float(n) for n in re.findall(rb"/MediaBox\s*\[([^]]+)\]", pdf)[0].split())
    assert (left, top) == (0, 0)
    assert wide == pytest.approx(window[0] * 0.75, abs=1)
    assert tall >= high * 0.75 - 1
    if "wall" in search:
        assert tall == pytest.approx(window[1] * 0.75, abs=1)
    assert _pdf_text_shown(pdf)


def test_nothing_half_drawn_is_saved(told_well, visit: Callable) -> None:
    told_well.get(f"/told/fail/{PANEL}")
    told_well.get("/told/step/5")
    for wish in ({"make": "panel-png", "panel": PANEL}, {"make": "page-pdf", "path": "/hotline"}):
        failed = ended(told_well, wish)
        assert failed["state"] == "failed"
        assert failed["files"] == []
        assert "these panels failed" in failed["words"]
        assert "SELECT" not in failed["words"]
    whole = ended(told_well, {"make": "panel-png", "panel": "hotline.league"})
    assert whole["state"] == "done", "its neighbours go on"
    slides = [{"panel": PANEL, "search": "", "title": ""}, {"panel": "hotline.league", "search": "", "title": ""}]
    show = Presentation(io.BytesIO(content(told_well, ended(told_well, {"make": "deck-pptx", "items": slides}))))
    assert len(list(show.slides)) == 3, "a panel that failed took the deck with it"
    pdf = content(told_well, ended(told_well, {"make": "deck-pdf", "items": slides}))
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2


def test_an_export_is_cancelled_while_it_is_made(cockpit):
    slides = [{"panel": "flood.map", "search": f"?period={n}d", "title": ""} for n in (7, 30, 90)] * 8
    job = post(cockpit, "/jobs", {"make": "deck-pdf", "items": slides})
    until = time.monotonic() + 60
    while json.loads(cockpit.get(f"/jobs/{job['id']}.json"))["state"] == "waiting":
        assert time.monotonic() < until
        time.sleep(0.05)
    post(cockpit, f"/jobs/{job['id']}/cancel", {})
    while (found := json.loads(cockpit.get(f"/jobs/{job['id']}.json")))["state"] == "working":
        assert time.monotonic() < until
        time.sleep(0.05)
    assert found["state"] == "cancelled"
    assert ended(cockpit, {"make": "panel-png", "panel": PANEL})["state"] == "done"


def test_a_strange_panel_alone_is_said_in_words(desk) -> None:
    page = desk.open("?panel=hotline.nothing", "/solo")
    assert "hotline.nothing" in page.locator("#main").inner_text()


@pytest.mark.parametrize("panel", ["overview.situation", "hotline.headline", "flood.map", "services.league"])
def test_a_panel_alone_fills_the_window_and_says_what_it_is(visit: Callable, cockpit, panel) -> None:
    visitor = visit(cockpit.url, size=(960, 540))
    page = visitor.open(f"?panel={panel}&theme=light", "/solo")
    box = page.locator("section.panel").bounding_box()
    assert box is not None
    assert box["width"] > 900
    assert box["height"] > 440
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [960, 540]
    foot = page.locator("#foot").inner_text()
    assert "截至" in foot
    assert "云川市" in foot
    assert "演示数据" in foot
    assert not page.locator("#frame .top").is_visible()


# ---- on screen ---------------------------------------------------------------------------------------------------
def test_a_panel_s_menu_makes_a_picture(desk) -> None:
    page = desk.open("?theme=light", "/hotline")
    opened = sheet(desk, "trend")
    opened.locator(".png-menu summary").click()
    with page.expect_download(timeout=90_000) as coming:
        opened.locator('button.png[data-scale="2"]').click()
        page.locator(".export-line progress").wait_for()  # the screen goes on meanwhile
    assert re.fullmatch(r"citydeck_hotline.trend_云川市_30d_\d{8}-\d{4}\.png", coming.value.suggested_filename)
    image = Image.open(io.BytesIO(Path(coming.value.path()).read_bytes()))
    panel = page.locator(".p-trend").bounding_box()
    assert panel is not None
    assert image.width == pytest.approx(2 * panel["width"], abs=60)
    page.locator('.export-line[data-state="done"] a').wait_for()


def test_the_header_exports_the_page(desk) -> None:
    page = desk.open("?theme=light", "/services")
    page.locator("details.export summary").click()
    with page.expect_download(timeout=120_000) as coming:
        page.locator('button[data-export="page-pdf"]').click()
    assert Path(coming.value.path()).read_bytes().startswith(b"%PDF-")


def test_two_panels_become_slides_in_the_order_that_was_chosen(desk, cockpit) -> None:
    at = json.loads(cockpit.get("/version"))["now"][:16]  # a slow test is not another minute
    page = desk.open(f"?period=7d&at={at}", "/hotline")
    assert "(1)" in add(desk, "trend")
    assert "(2)" in add(desk, "league")
    assert "已有" in add(desk, "league")
    page = desk.open("", "/briefing")
    page.locator(".slide").nth(1).wait_for()
    names = page.locator(".slide strong")
    assert names.all_inner_texts()[0] == "受理趋势"
    found = page.locator(".slide textarea").first
    page.wait_for_function("document.querySelector('.slide textarea').placeholder.includes('受理')")
    sentence = found.get_attribute("placeholder")
    page.locator(".slide").nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")
    assert names.all_inner_texts()[1] == "受理趋势"
    assert "2 页" in page.locator(".told").inner_text()
    page.locator(".slide .down").first.click()
    page.locator(".slide .up").nth(1).click()
    page.locator(".slide textarea").first.fill("高新区领先,临江区垫底")
    page.reload()
    desk.ready()
    page.locator(".slide").nth(1).wait_for()
    assert names.all_inner_texts()[1] == "受理趋势", "the tray was forgotten"
    page.locator("input.deck-name").fill("周一会")
    with page.expect_download(timeout=120_000) as coming:
        page.locator("button.pptx").click()
    assert coming.value.suggested_filename == "周一会.pptx"
    show = Presentation(str(coming.value.path()))
    titles = [slide.shapes.title.text_frame.text if slide.shapes.title else "" for slide in show.slides]
    assert titles == ["周一会", "高新区领先,临江区垫底", sentence]
    page.locator(".slide .remove").first.click()
    assert names.all_inner_texts() == ["受理趋势"]
    assert page.evaluate("JSON.parse(localStorage.getItem('citydeck.tray')).length") == 1


def test_a_ready_made_briefing_is_two_clicks(desk) -> None:
    page = desk.open("?lang=en", "/briefing")
    page.locator(".ready-made a", has_text="Monday meeting").click()
    page.locator(".slide").nth(6).wait_for()
    count = page.locator(".slide").count()
    with page.expect_download(timeout=150_000) as coming:
        page.locator("button.pptx").click()
    assert coming.value.suggested_filename == "Monday meeting.pptx"
    assert len(list(Presentation(str(coming.value.path())).slides)) == count + 1
    assert page.evaluate("localStorage.getItem('citydeck.tray')") is None, "a ready-made list is not one's own"
    assert "deck=monday" in page.url


def test_a_briefing_is_a_link(desk) -> None:
    items = [["hotline.league", "?period=7d", "League", "Ours"], ["flood.map", "", "Map", ""]]
    page = desk.open(f"?lang=en#{json.dumps(items)}", "/briefing")
    page.locator(".slide").nth(1).wait_for()
    assert page.locator(".slide strong").all_inner_texts() == ["League", "Map"]
    assert page.locator(".slide textarea").first.input_value() == "Ours"


def test_a_browser_that_died_or_was_idle_is_started_anew(chromium, monkeypatch) -> None:
    monkeypatch.setattr(driver, "settings", lambda: Settings.from_environment({"COCKPIT_CHROMIUM": chromium}))
    monkeypatch.setattr(driver, "IDLE_SECONDS", 0.5)

    def who(browser) -> int:
        told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
        return next(int(process["id"]) for process in told if process["type"] == "browser")

    first = driver.use(who)
    os.kill(first, signal.SIGKILL)
    until = time.monotonic() + 30
    while True:  # what was under way when it died may fail; the next is served
        try:
            second = driver.use(who)
            break
        except driver.BrowserError:
            assert time.monotonic() < until
    assert second != first
    while Path(f"/proc/{second}").exists():
        assert time.monotonic() < until + 30, "an idle browser is kept"
        time.sleep(0.1)
    assert driver.use(who) != second
    driver.close()
