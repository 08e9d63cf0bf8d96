"""What was late and how orders come, by two columns at once, counted from the orders with pandas."""

from datetime import datetime

import pandas as pd
import pytest

from data_access import hotline, late
from data_access.where import ALL, Where
from domain.periods import Base, Span
from tests.data_access.small_city import UNTIL, let_through, the, within

SPANS = (
    Span(datetime(2026, 3, 1), UNTIL),
    Span(datetime(2025, 11, 3), datetime(2026, 1, 5)),
    Span(datetime(2026, 6, 18), UNTIL),
    Span(datetime(2020, 1, 1), datetime(2020, 2, 1)),
)
ASKED = [("city", ALL), ("p", ALL), ("x", Where(topic="noise")), ("q", Where(org="west")), ("city", Where(mark="redo"))]


def inside(moments: pd.Series, span: Span) -> pd.Series:
    return (moments >= pd.Timestamp(span.start)) & (moments < pd.Timestamp(span.end))


@pytest.mark.parametrize("span", SPANS, ids=lambda span: f"{span.start:%y%m%d}")
@pytest.mark.parametrize(("place", "where"), ASKED)
@pytest.mark.parametrize("column", ["org", "street_code"])
def test_late_orders_are_those_due_and_not_closed_by_their_limit(city, place, where, span, column):
    rows = let_through(within(city.orders, place), where)
    due = rows[rows["tracked"] & inside(rows["due_at"], span)]
    missed = ~(due["close_at"] <= due["due_at"])
    expected = {}
    for key, some in missed.groupby([due["topic"], due[column]]):
        expected[key] = (len(some), int(some.sum()))
    found = late.due_by(the(place), span, "topic", column, where)
    told = {
        (row, column): (found.due[i, j], found.late[i, j])
        for i, row in enumerate(found.rows)
        for j, column in enumerate(found.columns)
    }
    assert {key: counts for key, counts in told.items() if any(counts)} == expected
    assert (found.rows, found.columns) == tuple(sorted({key[k] for key in expected}) for k in (0, 1))
    whole = hotline.totals(the(place), span, None, where)["now"]
    assert (found.due.sum(), found.late.sum()) == (whole.due, whole.due - whole.on_time)


@pytest.mark.parametrize("span", SPANS, ids=lambda span: f"{span.start:%y%m%d}")
@pytest.mark.parametrize(("place", "where"), ASKED)
def test_orders_by_hour_and_weekday(city, place, where, span):
    rows = let_through(within(city.orders, place), where)
    came = rows[inside(rows["accept_at"], span)]["accept_at"]
    expected = came.groupby([came.dt.day_of_week + 1, came.dt.hour]).size().to_dict() if len(came) else {}
    assert late.by_hour(the(place), span, where) == expected


@pytest.mark.parametrize("span", SPANS, ids=lambda span: f"{span.start:%y%m%d}")
@pytest.mark.parametrize(("place", "where"), ASKED)
@pytest.mark.parametrize("compared", [True, False])
def test_kinds_of_orders_now_and_then(city, place, where, span, compared):
    before = Span(datetime(2025, 5, 1), datetime(2025, 12, 1))
    base = Base(before, "calendar") if compared else None
    rows = let_through(within(city.orders, place), where)
    rows = rows.assign(line=rows["line"].fillna(""))
    keys = ["channel", "appeal_type", "line"]
    now, then = (rows[inside(rows["accept_at"], s)].groupby(keys).size() for s in (span, before))
    expected = {
        key: (int(now.get(key, 0)), int(then.get(key, 0)) if compared else 0) for key in {*now.index, *then.index}
    }
    expected = {key: counts for key, counts in expected.items() if any(counts)}
    found = late.kinds(the(place), span, base, where)
    assert {(f.channel, f.appeal_type, f.line): (f.now, f.base) for f in found} == expected
