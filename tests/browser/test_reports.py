"""Reports in the browser: made by hand while the cockpit serves, read as a document, changed by a person, printed."""

import subprocess
import sys

import pytest

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


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (390, 844)])
def test_nothing_of_a_report_stands_out_sideways(made, cockpit, visit, size):
    visitor = visit(cockpit.url, size)
    page = visitor.open(f"?report={made}&lang=en&theme=light", "/reports")
    wide = page.evaluate(
        """() => [...document.querySelectorAll('.document *')].filter(e => !e.closest('.archived, .doc-table')
            && e.getBoundingClientRect().right > document.querySelector('.document').getBoundingClientRect().right + 1)
            .map(e => e.className || e.tagName)"""
    )
    assert wide == []
