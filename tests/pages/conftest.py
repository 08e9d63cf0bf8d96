"""Pages are asked through the app's own test client."""

import pytest
from dash import Dash
from flask.testing import FlaskClient


@pytest.fixture
def client(cockpit: Dash) -> FlaskClient:
    """Requests to the app; errors become responses, as when it is served."""
    return cockpit.server.test_client()
