"""What tests of pages ask through."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import date, datetime
from pathlib import Path

import pytest
from dash import Dash
from flask.testing import FlaskClient
from sqlalchemy import insert

from components import panel as mechanism
from data_access import clock, engine, sources
from data_access.intake.load import load_files
from data_access.schema import area
from data_access.settings import ROOT

SOURCES = ROOT / "sample_data" / "sources"


@pytest.fixture
def client(cockpit: Dash) -> FlaskClient:
    return cockpit.server.test_client()


@pytest.fixture
def of_file(app: Dash, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., FlaskClient]]:
    """Make the app stand, at a moment, over a database that holds one place and what a description reads of a file."""

    def stand(description: str, file: Path, at: datetime) -> FlaskClient:
        patch = pytest.MonkeyPatch()
        stack.callback(patch.undo)
        held: AbstractContextManager = clock.held(at)
        stack.enter_context(held)
        patch.setattr(engine, "_engine", None)
        patch.setattr(engine, "_reader", None)
        patch.setattr(engine, "_version", 0)
        patch.setattr(mechanism.outside(), "version", lambda: f"{request.node.nodeid}.{engine.data_version()}")
        patch.setattr(mechanism.outside(), "freshness", sources.freshness)
        engine.connect(f"duckdb:///{tmp_path / 'city.duckdb'}")
        stack.callback(lambda: engine.engine().dispose())
        root = {"code": "C", "valid_from": date(2000, 1, 1), "parent": None, "level": 0, "name": "市"}
        with engine.committing() as connection:
            connection.execute(insert(area), [root | {"kind": "statutory", "shaped": False}])
        load_files(SOURCES / f"{description}.toml", [file])
        return app.server.test_client()

    with ExitStack() as stack:
        yield stand
