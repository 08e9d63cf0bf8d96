"""Fixtures that all tests share: a database of each kind, the real files, a held clock."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from dash import Dash
from sqlalchemy import Engine, create_engine, make_url, text

from app import create_app
from components import panel as mechanism
from data_access import clock, engine, sources
from data_access.settings import settings
from sample_data.build import build

# Before anything asks for the settings: tests see the defaults and never the database of this machine's cockpit.
for _name in [name for name in os.environ if name.startswith("COCKPIT_") and not name.startswith("COCKPIT_TEST_")]:
    del os.environ[_name]
os.environ["COCKPIT_DATABASE_URL"] = "duckdb:///:memory:"

POSTGRES = os.environ.get("COCKPIT_TEST_POSTGRES", "")
STRICT = os.environ.get("CI") == "true"
REAL = Path(__file__).parents[2] / "shared" / "real"
MOMENT = datetime(2026, 6, 18, 14, 30)  # a Thursday in the wet season, no holiday


@pytest.fixture
def at() -> Iterator[datetime]:
    """The clock, held at MOMENT."""
    with clock.held(MOMENT):
        yield MOMENT


def _new_schema() -> tuple[str, str]:
    """A fresh PostgreSQL schema: its name and a URL in which it is the only one."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(POSTGRES)
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    admin.dispose()
    url = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={name}"})
    return name, url.render_as_string(hide_password=False)


def _drop_schema(name: str) -> None:
    admin = create_engine(POSTGRES)
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    admin.dispose()


@contextmanager
def _postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL schema; where there is no PostgreSQL the test skips, or fails in CI."""
    if not POSTGRES:
        message = "COCKPIT_TEST_POSTGRES names no PostgreSQL test database (postgresql+psycopg://USER@HOST/DATABASE)"
        if STRICT:
            pytest.fail(message)
        pytest.skip(message)
    name, url = _new_schema()
    yield url
    _drop_schema(name)


@contextmanager
def _fresh(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of a kind."""
    if kind == "duckdb":
        yield f"duckdb:///{folder / 'city.duckdb'}"
        return
    with _postgres() as url:
        yield url


@pytest.fixture(params=["duckdb", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of each kind."""
    with _fresh(request.param, tmp_path) as url:
        yield url


@pytest.fixture(scope="module", params=["duckdb", "postgresql"])
def module_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An empty database of each kind, connected as the cockpit's own for a module whose tests only look."""
    with _fresh(request.param, tmp_path_factory.mktemp("module")) as url, _connected(url) as connected:
        yield connected


@contextmanager
def _connected(url: str) -> Iterator[Engine]:
    """The cockpit's own database for a while; whatever is connected then (a test may reconnect) is closed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_engine", None)
        patch.setattr(engine, "_reader", None)
        patch.setattr(engine, "_version", 0)
        yield engine.connect(url)
        engine.engine().dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """An empty database of each kind, connected as the cockpit's own."""
    with _connected(database_url) as connected:
        yield connected


@pytest.fixture
def duckdb_only(tmp_path: Path) -> Iterator[Engine]:
    """An empty DuckDB, for what does not depend on the kind of database and need not run twice."""
    with _connected(f"duckdb:///{tmp_path / 'city.duckdb'}") as connected:
        yield connected


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dash]:
    """The app over a small demo city as it is at MOMENT. One a session: Dash gives its callbacks to the first app of a
    process only. Use `cockpit`, which also connects its database and holds the clock."""
    url = f"duckdb:///{tmp_path_factory.mktemp('demo') / 'city.duckdb'}"
    with _connected(url):
        build(orders=9000, days=500, until=MOMENT, flood_days=4)
    with _connected(url), pytest.MonkeyPatch.context() as patch:
        patch.setenv("COCKPIT_EXPORT_DIR", str(tmp_path_factory.mktemp("exports")))
        settings.cache_clear()
        made = create_app(url)
        made.server.extensions["test_city"] = (engine.engine(), engine.data_version())
        made.server.extensions["test_reader"] = engine.reader()
    settings.cache_clear()
    yield made
    made.server.extensions["test_city"][0].dispose()


@pytest.fixture
def cockpit(app: Dash) -> Iterator[Dash]:
    """The app, with its demo city connected and the clock held at MOMENT, in all threads of this process."""
    connected, version = app.server.extensions["test_city"]
    with pytest.MonkeyPatch.context() as patch, clock.held(MOMENT):
        patch.setattr(engine, "_engine", connected)
        patch.setattr(engine, "_reader", app.server.extensions["test_reader"])
        patch.setattr(engine, "_version", version)
        yield app
        app.server.extensions["test_city"] = (connected, engine.data_version())


@contextmanager
def on_its_own(folder: Path, name: str, at: datetime) -> Iterator[None]:
    """The app over an empty database of its own, connected, at a moment; its answers do not mix with those of others.

    name: of the test.
    """
    with pytest.MonkeyPatch.context() as patch, clock.held(at):
        patch.setattr(engine, "_engine", None)
        patch.setattr(engine, "_reader", None)
        patch.setattr(engine, "_version", 0)
        patch.setattr(mechanism.outside(), "version", lambda: f"{name}.{engine.data_version()}")
        patch.setattr(mechanism.outside(), "freshness", sources.freshness)
        engine.connect(f"duckdb:///{folder / 'city.duckdb'}")
        yield
        engine.engine().dispose()


@pytest.fixture
def real() -> "RealFiles":
    """The files of real cities, which are not ours to ship: `real("hotline/taipei_202604.csv")`, or the test skips."""
    return RealFiles()


class RealFiles:
    def __call__(self, *parts: str) -> Path:
        path = REAL.joinpath(*parts)
        if not path.exists():
            pytest.skip(f"real file missing: {path.relative_to(REAL.parents[1])} beside the project")
        return path
