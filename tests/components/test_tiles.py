"""How a tile says that its number moved."""

import pandas as pd
import pytest

from components.bodies.tiles import change_mark
from components.panel import Answer
from components.theme import Look
from data_access.indicators import shipped

SHIPPED = {indicator.key: indicator for indicator in shipped()}


def mark(key: str, value: float, base: float) -> tuple[str, str]:
    """The arrow and the classes of a change."""
    answer = Answer(pd.DataFrame(), facts={"against": "同比"})
    made = change_mark(SHIPPED[key], value, base, answer, Look("zh", "dark", False, 14))
    assert made is not None
    arrow = made.nodes[0]
    return arrow.nodes[0], made.attributes["class"]


@pytest.mark.parametrize(
    ("value", "arrow", "css"),
    [
        (0.97, "=", "change level"),
        (0.97004, "=", "change level"),  # 0.004 points are said as 0.00: no move, and nothing to praise
        (0.96996, "=", "change level"),
        (0.97006, "▲", "change better"),
        (0.96994, "▼", "change worse"),
    ],
)
def test_what_rounds_to_nothing_is_level(value, arrow, css):
    assert mark("hotline.response", value, 0.97) == (arrow, css)


@pytest.mark.parametrize(("value", "arrow"), [(100_040, "="), (99_960, "="), (100_060, "▲"), (99_940, "▼")])
def test_a_count_as_a_rate(value, arrow):
    assert mark("hotline.received", value, 100_000)[0] == arrow
