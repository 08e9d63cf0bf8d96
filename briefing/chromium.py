"""The machine's Chromium, which draws pictures and PDF of our own pages. It is driven from one thread of its own (as
Playwright wants it), started when it is first needed, started anew when it died, and closed when nobody needed it for a
few minutes. It opens this server's own addresses and nothing else."""

import atexit
import logging
import os
import queue
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from playwright.sync_api import Browser, Page, Playwright, Route, sync_playwright
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import TimeoutError as NotYet

from data_access.settings import settings

log = logging.getLogger("citydeck.chromium")
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
FLAGS = [
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
IDLE_SECONDS = 240.0
STEP_MS = 250  # how often somebody who waits looks whether it is still wanted
READY = '[data-ready="true"]'
OPEN = """() => [...document.querySelectorAll('section.panel')].filter(p => p.dataset.state !== 'failed'
    && (p.dataset.state === 'loading' || !p.dataset.stamp)).map(p => p.dataset.panel)"""
FAILED = """() => [...document.querySelectorAll('section.panel[data-state="failed"]')].filter(
    p => p.getClientRects().length).map(p => p.getAttribute('aria-label') || p.dataset.panel)"""
Still = Callable[[], None]  # raises when the picture is no longer wanted
T = TypeVar("T")


class NoBrowser(RuntimeError):
    """There is no Chromium on this machine, or it does not start."""


class NotDrawn(RuntimeError):
    """The page is not whole. panels: what failed or is not there; why: failed | late | outside | offline."""

    def __init__(self, why: str, panels: list[str]) -> None:
        super().__init__(f"{why}: {', '.join(panels)}")
        self.why, self.panels = why, panels


@dataclass(frozen=True)
class Window:
    """What a page is opened in: CSS pixels, and device pixels to one of them."""

    width: int
    height: int
    scale: float = 1.0


def executable() -> str | None:
    """The browser of the settings, or the first of the usual ones that the machine has; None: there is none."""
    wanted = settings().chromium
    return next((path for name in ([wanted] if wanted else NAMES) if (path := shutil.which(name))), None)


def address() -> str:
    """Where this server answers on this machine."""
    chosen = settings()
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(chosen.host, chosen.host)
    return f"http://{host}:{chosen.port}"


# ---- the thread of the browser ---------------------------------------------------------------------------------------
_work: "queue.Queue[tuple[Future[Any], Callable[[Browser], Any]] | None]" = queue.Queue()
_lock = threading.Lock()
_thread: threading.Thread | None = None


def use(work: Callable[[Browser], T]) -> T:
    """Have the browser do something, after what others asked of it. Raises NoBrowser, and what the work raises."""
    global _thread
    future: Future[T] = Future()
    with _lock:
        _work.put((future, work))
        if _thread is None:
            _thread = threading.Thread(target=_serve, name="chromium", daemon=True)
            _thread.start()
    return future.result()


def close() -> None:
    """Close the browser, if there is one. What asks next starts another."""
    with _lock:
        thread = _thread
        if thread is not None:
            _work.put(None)
    if thread is not None:
        thread.join(timeout=10)


atexit.register(close)


def _serve() -> None:
    global _thread
    playwright: Playwright | None = None
    browser: Browser | None = None
    while True:
        try:
            asked = _work.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            asked = None
        if asked is None:
            with _lock:
                if _work.empty():
                    _thread = None
                    break
            continue
        future, work = asked
        try:
            if browser is None or not browser.is_connected():
                _end(browser, playwright)
                playwright, browser = _start()
            future.set_result(work(browser))
        except BaseException as error:
            future.set_exception(error)
            if isinstance(error, BrowserError) and (browser is None or not browser.is_connected()):
                _end(browser, playwright)
                playwright = browser = None
    _end(browser, playwright)


def _start() -> tuple[Playwright, Browser]:
    path = executable()
    if path is None:
        raise NoBrowser(settings().chromium)
    root = ["--no-sandbox"] if _is_root() else []
    playwright = sync_playwright().start()
    try:
        return playwright, playwright.chromium.launch(executable_path=path, args=[*FLAGS, *root])
    except BrowserError as error:
        playwright.stop()
        log.exception("%s does not start", path)
        raise NoBrowser(path) from error


def _is_root() -> bool:  # for whom Chromium has no sandbox
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _end(browser: Browser | None, playwright: Playwright | None) -> None:
    for end in (browser.close if browser else None, playwright.stop if playwright else None):
        try:
            if end is not None:
                end()
        except Exception as error:  # it is gone already
            log.info("closing the browser: %s", error)


# ---- a page, in that thread ------------------------------------------------------------------------------------------
@contextmanager
def drawn(browser: Browser, path: str, window: Window, still: Still, seconds: float) -> Iterator[Page]:
    """One of our pages (its path with its query) when all of it is drawn. Raises NotDrawn when a panel failed, when it
    is not ready in so many seconds, or when it asked anybody but this server for anything; and what `still` raises."""
    until = time.monotonic() + seconds
    with opened(browser, path, window, seconds) as (page, outside):
        wait(page, still, until)
        whole(page)
        yield page
        wait(page, still, until)  # what was drawn anew meanwhile: the picture may have seen half of it
        whole(page)
        if outside:
            raise NotDrawn("outside", outside)


@contextmanager
def opened(browser: Browser, path: str, window: Window, seconds: float) -> Iterator[tuple[Page, list[str]]]:
    """One of our pages as soon as it begins to come, and what it asked others for, which it does not get."""
    ours, outside = address(), list[str]()
    context = browser.new_context(
        viewport={"width": window.width, "height": window.height},
        device_scale_factor=window.scale,
        reduced_motion="reduce",
        service_workers="block",
    )

    def guard(route: Route) -> None:
        if route.request.url.startswith((f"{ours}/", "data:", "blob:")):
            route.fallback()
        else:
            outside.append(route.request.url[:200])
            route.abort()

    try:
        context.set_default_timeout(seconds * 1000)
        context.route("**/*", guard)
        page = context.new_page()
        try:
            answer = page.goto(ours + path, wait_until="commit")
        except BrowserError as error:
            raise NotDrawn("offline", [ours]) from error
        if answer is None or answer.status >= 400:
            raise NotDrawn("failed", [path.split("?", maxsplit=1)[0]])
        yield page, outside
    finally:
        context.close()


def wait(page: Page, still: Still, until: float, selector: str = READY) -> None:
    """Until something is there, or a moment of time.monotonic. Raises NotDrawn, and what `still` raises."""
    while True:
        still()
        try:
            page.wait_for_selector(selector, state="attached", timeout=STEP_MS)
            return
        except NotYet:
            if time.monotonic() > until:
                raise NotDrawn("late", page.evaluate(OPEN)) from None


def whole(page: Page) -> None:
    """Nothing on the page failed, and its letters are there. Raises NotDrawn."""
    if failed := page.evaluate(FAILED):
        raise NotDrawn("failed", failed)
    page.evaluate("() => document.fonts.ready.then(() => true)")
