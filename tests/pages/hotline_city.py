"""The demo city's orders, and questions to the hotline page, for its tests."""

from datetime import datetime
from urllib.parse import urlencode

import pandas as pd
from sqlalchemy import select

from data_access import engine
from data_access.areas import tree
from data_access.schema import hotline_order
from tests.conftest import MOMENT

CITY = "990100"


def street_of(area: str = CITY) -> str:
    while children := tree().children(area):
        area = children[0].code
    return area


def body(client, name: str, **query: str) -> dict:
    response = client.get(f"/data/hotline.{name}.json?{urlencode(query)}")
    assert response.status_code == 200, response.text
    return response.get_json()


def rows_in(at: datetime = MOMENT) -> pd.DataFrame:
    return engine.read(select(hotline_order).where(hotline_order.c.accept_at < at))


def between(rows: pd.DataFrame, column: str, start: datetime, end: datetime) -> pd.DataFrame:
    return rows[(rows[column] >= pd.Timestamp(start)) & (rows[column] < pd.Timestamp(end))]
