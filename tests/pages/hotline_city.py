"""The demo city's orders, and questions to the hotline page, for its tests."""

from data_access.areas import tree
from tests.pages import asked
from tests.pages.asked import between, rows_in

__all__ = ["CITY", "between", "body", "rows_in", "street_of"]

CITY = "990100"


def street_of(area: str = CITY) -> str:
    while children := tree().children(area):
        area = children[0].code
    return area


def body(client, name: str, **query: str) -> dict:
    return asked.body(client, f"hotline.{name}", **query)
