"""A Chromium, a small demo city behind the real server, and pages that may not complain nor leave the house."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from playwright.sync_api import TimeoutError as NotInTime

STRICT = os.environ.get("CI") == "true"
FLAGS = [
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
OF_THE_MACHINE = ("GPU stall", "GL Driver")  # said by a browser without a graphics card
# The last is Dash's: a page whose layout got no answer has no title to set.
OF_NO_ANSWER = ("net::ERR", "Failed to fetch", "the server did not respond", "undefined (reading 'title')")


def _beside(name: str) -> ModuleType:
    """A module of this folder, which is no package."""
    found = importlib.util.spec_from_file_location(f"browser_{name}", Path(__file__).with_name(f"{name}.py"))
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


serving = _beside("serving")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    path = os.environ.get("COCKPIT_TEST_CHROMIUM") or shutil.which("chromium") or ""
    if not path:
        message = "NO CHROMIUM: the browser tests did not run (COCKPIT_TEST_CHROMIUM names one)"
        if STRICT:
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    root = [] if os.geteuid() else ["--no-sandbox"]
    with sync_playwright() as playwright:
        opened = _launch(playwright, chromium, root)
        yield opened
        opened.close()


def _launch(playwright: Playwright, chromium: str, more: list[str]) -> Browser:
    return playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *more])


@pytest.fixture(scope="session")
def city(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the small demo city; servers get copies."""
    database = tmp_path_factory.mktemp("city") / "city.duckdb"
    serving.build(database)
    return database


@pytest.fixture(scope="module")
def cockpit(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """The real server on the small demo city, in that city's time."""
    own = shutil.copy(city, tmp_path_factory.mktemp("cockpit") / "city.duckdb")
    server = serving.Server(Path(own))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def told(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """A server that does what it is told (see told.py), on a copy of the small demo city."""
    own = shutil.copy(city, tmp_path_factory.mktemp("told") / "city.duckdb")
    server = serving.Server(Path(own), "tests/browser/told.py")
    yield server
    server.stop()


@pytest.fixture
def servers() -> Iterator[Callable]:
    """Start real servers on databases of the test's own."""
    started: list = []

    def start(database: Path):
        started.append(serving.Server(database))
        return started[-1]

    yield start
    for server in started:
        server.stop()


# What stands between a page and being ready.
OPEN = """() => [location.search, ...[...document.querySelectorAll('section.panel')]
    .map(p => [p.dataset.panel, p.dataset.state, p.dataset.stamp, p.querySelector('.js-plotly-plot')?._drawnStamp])]"""


class Visitor:
    """Someone with a browser window: opens views and waits until they are drawn."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base, self.page = base, context.new_page()
        self.noise: list[str] = []
        self.outside: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.noise.append(f"page error: {error}"))
        self.page.on("request", self._see)

    def _hear(self, message) -> None:
        if message.type in ("error", "warning") and not any(s in message.text for s in OF_THE_MACHINE):
            self.noise.append(f"{message.type}: {message.text}")

    def forgive_no_answer(self) -> None:
        """Forget what the browser said of a server that did not answer, where the test kept it from answering."""
        self.noise = [said for said in self.noise if not any(words in said for words in OF_NO_ANSWER)]

    def _see(self, request) -> None:
        foreign = not request.url.startswith((self.base, "data:", "blob:"))
        if foreign or "/plotly/package_data/" in request.url:  # all of Plotly, which is three times what we draw with
            self.outside.append(request.url)

    def open(self, search: str = "", path: str = "/") -> Page:
        self.page.goto(self.base + path + search)
        return self.ready()

    def ready(self) -> Page:
        """Wait until everything is drawn; says which panels are not when it takes too long."""
        try:
            self.page.wait_for_selector('[data-ready="true"]', state="attached")
        except NotInTime as late:
            raise AssertionError(f"not ready: {self.page.evaluate(OPEN)}; console: {self.noise}") from late
        return self.page

    def click(self, selector: str) -> Page:
        """Click what changes the view, and wait until the new view is drawn."""
        self.page.locator(selector).first.click()
        return self.ready()

    @property
    def search(self) -> str:
        return self.page.evaluate("location.search")

    def texts(self) -> dict[str, str]:
        """What each panel says, by its name."""
        return self.page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll('section.panel')]
                .map(p => [p.dataset.panel, p.innerText.replace(/\\s+/g, ' ').trim()]))"""
        )

    def states(self) -> dict[str, str]:
        return self.page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll('section.panel')]
                .map(p => [p.dataset.panel, p.dataset.state]))"""
        )

    def crumbs(self) -> list[str]:
        return self.page.locator(".crumbs a, .crumbs strong").all_inner_texts()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Make visitors, each with a browser context of its own; at the end of the test none may have seen a complaint in
    the console or asked anyone but the server."""
    visitors: list[Visitor] = []

    def arrive(base: str, size: tuple[int, int] = (1920, 1080), **more) -> Visitor:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, accept_downloads=True, **more)
        context.set_default_timeout(40_000)
        visitor = Visitor(context, base)
        visitors.append(visitor)
        return visitor

    yield arrive
    noise = [n for visitor in visitors for n in visitor.noise]
    outside = [u for visitor in visitors for u in visitor.outside]
    for visitor in visitors:
        visitor.page.context.close()
    assert not noise
    assert not outside


@pytest.fixture
def desk(visit: Callable[..., Visitor], cockpit) -> Visitor:
    """A visitor of the real server at a desk."""
    return visit(cockpit.url)
