"""What tests of pages ask through."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path

import pytest
from dash import Dash
from flask.testing import FlaskClient
from sqlalchemy import insert

from data_access import engine
from data_access.intake.load import load_files
from data_access.schema import area
from data_access.settings import ROOT
from tests.conftest import on_its_own

SOURCES = ROOT / "sample_data" / "sources"


@pytest.fixture
def client(cockpit: Dash) -> FlaskClient:
    return cockpit.server.test_client()


@pytest.fixture
def of_file(app: Dash, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., FlaskClient]]:
    """Make the app stand, at a moment, over a database that holds one place and what a description reads of a file."""

    def stand(description: str, file: Path, at: datetime) -> FlaskClient:
        stack.enter_context(on_its_own(tmp_path, request.node.nodeid, at))
        root = {"code": "C", "valid_from": date(2000, 1, 1), "parent": None, "level": 0, "name": "市"}
        with engine.committing() as connection:
            connection.execute(insert(area), [root | {"kind": "statutory", "shaped": False}])
        load_files(SOURCES / f"{description}.toml", [file])
        return app.server.test_client()

    with ExitStack() as stack:
        yield stand
