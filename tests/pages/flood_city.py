"""The demo city's waters, and questions to the flood page, for its tests."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from sqlalchemy import select

from data_access import engine
from data_access.flood.tables import flood_reading, flood_station
from tests.conftest import MOMENT

CITY = "990100"
JUDGED = {"river": "level", "weir": "level", "tide": "level", "reservoir": "level", "waterlogging": "depth"}


def body(client, name: str, **query: str) -> dict[str, Any]:
    response = client.get(f"/data/flood.{name}.json?{urlencode(query)}")
    assert response.status_code == 200, response.text
    return response.get_json()


def stations() -> pd.DataFrame:
    return engine.read(select(flood_station))


def readings(at: datetime = MOMENT) -> pd.DataFrame:
    """All good readings known at a moment, later corrections left out."""
    told = engine.read(select(flood_reading).where(flood_reading.c.moment <= at, flood_reading.c.quality == 0))
    known = told["received_at"].isna() | (told["received_at"] <= pd.Timestamp(at))
    standing = told["superseded_at"].isna() | (told["superseded_at"] > pd.Timestamp(at))
    return told[known & standing]


def newest(at: datetime = MOMENT) -> pd.DataFrame:
    """The newest of each station and element."""
    return readings(at).sort_values("moment").groupby(["station", "element"], as_index=False).last()
