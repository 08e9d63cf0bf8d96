"""A briefing as PDF: a sheet of 16:9 for each panel, light, lines and letters as such. A panel that failed is a sheet
that says so; the others are made nevertheless."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page

from briefing import chromium, pictures
from briefing.chromium import FAILED, READY, STEP_MS, NotDrawn, NotYet, Still, Window
from briefing.findings import headline
from components.panel import panels
from components.view import View
from components.words import text

LEAF = (Path(__file__).parent / "sheets.js").read_text("utf-8")
STYLE = (Path(__file__).parent / "sheets.css").read_text("utf-8")
WIDE, HIGH = 960, 540  # CSS pixels of a sheet: text of 14 px is text of 14 pt on a slide
PAPER = "/briefing/paper"  # an empty page of ours, see routes
ONE_SECONDS = 30.0


def pdf(
    slides: Sequence[tuple[str, str, str]],
    *,
    lang: str,
    base: str,
    still: Still = lambda: None,
    said: Callable[[int, int], None] = lambda _done, _of: None,
) -> bytes:
    """slides: (panel, search, sentence or '' for its finding). base: where the cockpit is reached, for the links.
    said: told (done, of). Raises chromium.NoBrowser, NotDrawn when not even the paper came, and what `still` raises."""

    def work(browser: Browser) -> bytes:
        paper = f"{PAPER}?lang={lang}"
        with chromium.opened(browser, paper, Window(WIDE, HIGH), ONE_SECONDS) as (page, outside):
            page.wait_for_load_state()
            for n, (panel, search, sentence) in enumerate(slides):
                said(n, len(slides))
                view = pictures.pinned(search, theme="light", mode="desk", lang=lang)
                link = pictures.permalink(base, pictures.page_path(panel), view)
                page.evaluate(LEAF, [sentence or _sentence(panel, view), pictures.solo(panel, view), link])
                if why := _waited(page, lang, still):
                    page.evaluate("() => document.body.lastElementChild.remove()")
                    page.evaluate(LEAF, [sentence or panels[panel].title(lang), "", why])
            if outside:
                raise NotDrawn("outside", outside)
            return pictures.printed(page, WIDE, HIGH, sheets="")

    return chromium.use(work)


def _sentence(panel: str, view: View) -> str:
    """What stands above the panel; its title where that fails, as the sheet will say."""
    try:
        return headline(panels[panel], view, panels[panel].answer(view))
    except Exception:
        return panels[panel].title(view.lang)


def _waited(page: Page, lang: str, still: Still) -> str:
    """'' once the last sheet's panel is drawn, else why it is not."""
    frame = page.query_selector("section.leaf:last-child iframe")
    inside = frame.content_frame() if frame else None
    until = time.monotonic() + ONE_SECONDS
    while inside is not None and time.monotonic() < until:
        still()
        try:
            inside.wait_for_selector(READY, state="attached", timeout=STEP_MS)
        except NotYet:
            continue
        failed = inside.evaluate(FAILED)
        inside.evaluate("() => document.fonts.ready.then(() => true)")
        return text("exporting.e_failed", lang, panels=", ".join(failed)) if failed else ""
    return text("exporting.e_late", lang, panels="—")
