"""What the pages' panels say, asked as a browser does, and the orders that they say it of."""

import json
from datetime import datetime
from urllib.parse import urlencode

import pandas as pd
from sqlalchemy import select

from components import words
from components.markup import Element
from components.panel import Answer, panels
from components.view import View
from data_access import engine
from data_access.schema import hotline_order
from data_access.services import tables as t
from domain.services.items import APPLIED
from tests.conftest import MOMENT


def get(client, panel: str, kind: str = "json", **query: str):
    return client.get(f"/data/{panel}.{kind}?{urlencode(query)}")


def body(client, panel: str, **query: str) -> dict:
    response = get(client, panel, **query)
    assert response.status_code == 200, response.text
    return response.get_json()


def answered(client, panel: str, query: dict[str, str]) -> tuple[Answer, dict]:
    """A panel's answer and its JSON, which says the same: state, frame and title."""
    view = View.from_query(query)
    answer, told = panels[panel].answer(view), body(client, panel, **query)
    assert told["meta"]["state"] == (answer.blank or "ready")
    assert told["data"] == json.loads(answer.frame.to_json(orient="records", date_format="iso", date_unit="s"))
    assert told["meta"]["title"] == words.text(panel, view.lang)
    return answer, told


def rows_in(at: datetime = MOMENT) -> pd.DataFrame:
    return engine.read(select(hotline_order).where(hotline_order.c.accept_at < at))


def between(rows: pd.DataFrame, column: str, start: datetime, end: datetime) -> pd.DataFrame:
    return rows[(rows[column] >= pd.Timestamp(start)) & (rows[column] < pd.Timestamp(end))]


def elements(node: object):
    """The element and all within."""
    if isinstance(node, Element):
        yield node
        for child in node.nodes:
            yield from elements(child)


def catalogue_on(day) -> pd.DataFrame:
    """The items that rates count, of a day."""
    items = engine.read(select(t.service_item))
    since, until = pd.to_datetime(items["valid_from"]), pd.to_datetime(items["valid_to"])
    moment = pd.Timestamp(day)
    items = items[(since <= moment) & (until.isna() | (until > moment))]
    return items[items["kind"].isin(APPLIED) & items["enabled"] & ~items["template"]]
