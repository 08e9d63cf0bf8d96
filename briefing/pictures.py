"""Panels and pages as files: PNG and PDF, drawn by Chromium from the very pages that people look at. The moment is
fixed to the minute in which somebody asked, so that the picture is what was on the screen, however long it takes."""

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from briefing import chromium
from briefing.chromium import Still, Window
from components.panel import moment_of, outside, panels, period_words, place_of
from components.view import View
from components.words import moment, text

STILL = (Path(__file__).parent / "still.js").read_text("utf-8")
SLIDE = (960, 540)  # CSS pixels of a slide of 16:9: text of 14 px on it is text of 14 pt on the slide
PAPER = (1240, 1600)  # CSS pixels of the window in which an archived report is drawn
EDGE = 16_000  # pixels that Chromium draws in one picture in either direction
READY_SECONDS = 45.0
NOT_IN_A_NAME = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Made:
    """A file that was made: its name for people, its content."""

    name: str
    content: bytes


class TooLarge(ValueError):
    """A picture of so many pixels is not drawn. most: the scale that would be."""

    def __init__(self, most: float) -> None:
        super().__init__(str(most))
        self.most = most


def pinned(search: str, **changes: object) -> View:
    """The view of an address with its moment fixed: the one it names, or this minute."""
    view = View.from_search(search)
    return view.to(at=moment_of(view), **changes)


def page_path(name: str) -> str:
    """Where the page of a panel, or a page by its name, is."""
    page = name.split(".", maxsplit=1)[0]
    return "/" if page == "overview" else f"/{page}"


def permalink(base: str, path: str, view: View) -> str:
    """The address of what was drawn. base: 'http://host:port' as people reach it, '' for the path alone."""
    return f"{base}{path}{view.search}"


def file_name(name: str, view: View, ending: str) -> str:
    """citydeck_hotline.trend_云川市_30d_20261122-0516.png"""
    place = place_of(view)
    parts = ("citydeck", name, place.label(view.lang) if place else "", view.period, f"{moment_of(view):%Y%m%d-%H%M}")
    return "_".join(NOT_IN_A_NAME.sub("-", part).strip("-") for part in parts if part) + f".{ending}"


def described(title: str, view: View, link: str) -> dict[str, str]:
    """What a file says of itself: title, scope, period, moment, source, address; that it is of a demo."""
    at, lang, place = moment_of(view), view.lang, place_of(view)
    said = [
        place.label(lang) if place else "—",
        period_words(view, at),
        text("solo.as_of", lang, at=moment(at, lang, year=True)),
    ]
    return {
        "Title": title,
        "Description": " · ".join(said),
        "Creation Time": at.isoformat(timespec="minutes"),
        "Software": "Citydeck",
        "URL": link,
        **({"Comment": text("app.demo", lang)} if outside().demo() else {}),
    }


def panel_png(
    name: str,
    search: str,
    *,
    size: tuple[int, int] = SLIDE,
    scale: float = 2.0,
    theme: str = "light",
    base: str = "",
    still: Still = lambda: None,
    seconds: float = READY_SECONDS,
    bare: bool = False,
) -> Made:
    """A panel alone. size: CSS pixels. scale: 1 to 4 pixels of the picture to one of these. base: see permalink.
    bare: without its foot, where something else says of what and when it is. Raises KeyError for no such panel;
    chromium.NotDrawn and NoBrowser; TooLarge; what `still` raises."""
    asked = panels[name]
    view = pinned(search, theme=theme, mode="desk")
    source = next((s for s in outside().freshness(moment_of(view)) if s.key == asked.source), None)
    said = described(asked.title(view.lang), view, permalink(base, page_path(name), view))
    if source is not None:
        said["Source"] = getattr(source, f"name_{view.lang}")

    def photograph(page: Page) -> bytes:
        return _png(page, scale, whole=False)

    picture = _drawn(solo(name, view) + ("&bare=yes" if bare else ""), Window(*size, scale), photograph, still, seconds)
    return Made(file_name(name, view, "png"), with_words(picture, said))


def solo(name: str, view: View) -> str:
    """The address of a panel alone."""
    return f"/solo?panel={name}{view.search.replace('?', '&', 1)}"


def page_png(
    path: str,
    search: str,
    *,
    title: str,
    window: Window,
    base: str = "",
    still: Still = lambda: None,
    seconds: float = READY_SECONDS,
) -> Made:
    """A page as its view shows it in a window: on a wall the window, at a desk all of its height. Raises as
    panel_png."""
    view = pinned(search)

    def photograph(page: Page) -> bytes:
        return _png(page, window.scale, whole=view.mode == "desk")

    picture = _drawn(f"{path}{view.search}", window, photograph, still, seconds)
    said = described(title, view, permalink(base, path, view))
    return Made(file_name(path.strip("/") or "overview", view, "png"), with_words(picture, said))


def page_pdf(
    path: str,
    search: str,
    *,
    title: str,
    window: Window,
    base: str = "",
    still: Still = lambda: None,
    seconds: float = READY_SECONDS,
) -> Made:
    """A page as PDF of one sheet of the page's own size, lines and letters as such. Raises as panel_png."""
    view = pinned(search)
    said = described(title, view, permalink(base, path, view))
    words = " · ".join([said["Title"], said["Description"], said.get("Comment", ""), said["URL"]])

    def print_out(page: Page) -> bytes:
        high = window.height if view.mode == "wall" else _still(page)
        page.evaluate("words => { document.title = words; }", words)
        return printed(page, window.width, high)

    content = _drawn(f"{path}{view.search}", Window(window.width, window.height), print_out, still, seconds)
    return Made(file_name(path.strip("/") or "overview", view, "pdf"), content)


def archived(key: str, lang: str) -> str:
    """The address of an archived report, in light."""
    return f"/reports{View().to(report=key, lang=lang, theme='light').search}"


def archived_png(
    key: str, place: int, lang: str, *, scale: float = 3.0, still: Still = lambda: None, seconds: float = READY_SECONDS
) -> bytes:
    """A figure of an archived report, as it was kept. Raises as panel_png."""

    def photograph(page: Page) -> bytes:
        figure = page.locator(f'.archived[data-paper="/reports/figure/{key}/{place}.light.json"]')
        return figure.screenshot(animations="disabled", caret="hide")

    return _drawn(archived(key, lang), Window(*PAPER, scale), photograph, still, seconds)


def printed(page: Page, width: int, height: int, sheets: str = "1") -> bytes:
    """A page as it looks on screen, as PDF; sheets of so many CSS pixels, and which of them ('' all)."""
    page.emulate_media(media="screen")
    return page.pdf(width=f"{width}px", height=f"{height}px", print_background=True, page_ranges=sheets)


def _drawn(path: str, window: Window, take: Callable[[Page], bytes], still: Still, seconds: float) -> bytes:
    def work(browser: Browser) -> bytes:
        with chromium.drawn(browser, path, window, still, seconds) as page:
            return take(page)

    return chromium.use(work)


def _still(page: Page) -> int:
    """Hold the layout of the page's window; the height of all of it."""
    return page.evaluate(STILL)


def _png(page: Page, scale: float, *, whole: bool) -> bytes:
    if whole:
        high = _still(page)
        if high * scale > EDGE:
            raise TooLarge(EDGE // high)
    return page.screenshot(full_page=whole, animations="disabled", caret="hide")


def with_words(png: bytes, said: dict[str, str]) -> bytes:
    """The picture with texts (PNG specification, iTXt: keyword, plain, no language, UTF-8) after its header."""
    head = 8 + 4 + 4 + 13 + 4  # signature; length, type, content and checksum of IHDR
    chunks = b"".join(
        _chunk(b"iTXt", key.encode("latin-1") + b"\0\0\0\0\0" + words.encode("utf-8")) for key, words in said.items()
    )
    return png[:head] + chunks + png[head:]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
