"""One small city a module and kind of database, for tests that only look."""

from typing import NamedTuple

import pandas as pd
import pytest
from hypothesis import settings
from sqlalchemy import Engine

from tests.data_access import small_city

settings.register_profile("citydeck", deadline=None)
settings.load_profile("citydeck")


class City(NamedTuple):
    """What the connected database holds."""

    orders: pd.DataFrame
    figures: pd.DataFrame


@pytest.fixture(scope="module")
def city(module_database: Engine) -> City:
    """The small city, connected. Look, do not touch: a whole module looks at it."""
    return City(*small_city.built(figures=True))
