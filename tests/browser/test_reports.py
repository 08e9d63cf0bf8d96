"""Reports in the browser: made by hand while the cockpit serves, read as a document, changed by a person, printed."""

import io
import subprocess
import sys

import pytest
from PIL import Image
from pptx import Presentation
from pptx.shapes.autoshape import Shape

from briefing import chromium as driver
from briefing import pictures
from data_access.settings import Settings
from tests.browser.conftest import serving


@pytest.fixture(scope="module")
def made(cockpit) -> str:
    """The key of a report that the command line had the running server make."""
    done = subprocess.run(
        [sys.executable, "-m", "briefing", "report", "weekly"],
        cwd=serving.ROOT,
        env=serving.environment(cockpit.database, cockpit.port),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return done.stdout.partition(":")[0]


def test_a_report_is_read_changed_and_printed(made, desk):
    page = desk.open(f"?report={made}", "/reports")
    assert page.locator(".archived .main-svg").count() > 0  # ready means that pictures are drawn
    assert page.locator(".doc-section").count() == 4
    sentence = page.locator("[data-sentence]").first
    page.locator('[data-report-act="edit"]').click()
    page.locator(".report-form input").fill("王芳")
    sentence.fill("本周受理 98,765 件。")
    page.locator('[data-report-act="save"]').click()
    page.locator(".said .edited").wait_for()
    desk.ready()
    assert page.locator("[data-sentence]").first.inner_text() == "本周受理 98,765 件。"
    assert "98765" in page.locator(".said .unbacked").inner_text()
    assert page.locator(".masthead .state").inner_text() == "待审"
    assert page.pdf(prefer_css_page_size=True, print_background=True)[:5] == b"%PDF-"
    page.emulate_media(media="print")
    assert not page.locator("#frame").is_visible()
    assert page.locator(".document").is_visible()


DESKS = [("desk", size) for size in ((1366, 768), (1920, 1080), (390, 844))]
WALLS = [("wall", size) for size in ((1366, 768), (1920, 1080), (3840, 1080), (1080, 1920), (7680, 2160))]


@pytest.mark.parametrize(("mode", "size"), [*DESKS, *WALLS])
def test_nothing_of_a_report_stands_out_sideways(made, cockpit, visit, mode, size):
    visitor = visit(cockpit.url, size)
    page = visitor.open(f"?report={made}&mode={mode}&lang=en&theme=light", "/reports")
    out = page.evaluate(
        """() => [...document.querySelectorAll('.document *')].filter(e => !e.closest('.archived, .doc-table')
            && e.getBoundingClientRect().right > document.querySelector('.document').getBoundingClientRect().right + 1)
            .map(e => e.className || e.tagName)"""
    )
    assert out == []
    document = page.locator(".document").bounding_box()
    assert document is not None
    assert document["width"] > size[0] * 0.25
    assert document["x"] + document["width"] <= size[0]


def test_a_report_becomes_slides(made, desk):
    page = desk.open(f"?report={made}&theme=dark", "/reports")
    with page.expect_download(timeout=150_000) as coming:
        page.locator('[data-report-act="slides"]').click()
    assert coming.value.suggested_filename.endswith(".pptx")
    slides = Presentation(str(coming.value.path())).slides
    told = [[one.text_frame.text for one in slide.shapes if isinstance(one, Shape)] for slide in slides]
    assert page.locator(".document h1").inner_text() in told[0]
    for sentence in page.locator("[data-sentence]").all_inner_texts():
        assert any(sentence in words for slide in told for words in slide), sentence


def test_an_archived_figure_is_photographed_in_light(made, cockpit, chromium, desk, monkeypatch):
    page = desk.open(f"?report={made}&theme=dark", "/reports")
    first = page.locator(".archived[data-paper]").first
    place = int((first.get_attribute("data-paper") or "").rpartition("/")[2].partition(".")[0])
    here = Settings.from_environment({"COCKPIT_CHROMIUM": chromium, "COCKPIT_PORT": str(cockpit.port)})
    monkeypatch.setattr(driver, "settings", lambda: here)
    image = Image.open(io.BytesIO(pictures.archived_png(made, place, "zh", scale=2))).convert("L")
    assert image.width > 1000
    shades = image.histogram()
    assert shades[255] == max(shades), "paper is not white"
    assert sum(shades[:128]) > 1000, "nothing is written on it"
