"""The hotline page's trend: days, their band, and what moved the days outside it."""

import math
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from statistics import median

import numpy as np
import pandas as pd
import pytest

from components.panel import look_of, panels
from components.view import View
from data_access import hotline
from domain import expected, workdays
from tests.conftest import MOMENT
from tests.pages.hotline_city import body, rows_in


def test_the_days_are_what_was_received_and_the_last_one_still_runs(client):
    rows = rows_in()
    counts = rows.groupby(rows["accept_at"].dt.strftime("%Y-%m-%d")).size()
    days = body(client, "trend")["data"]
    assert len(days) == 90
    for row in days:
        assert row["value"] == counts.get(row["day"][:10], 0)
    assert [row["whole"] for row in days] == [True] * 89 + [False]
    assert days[-1]["outside"] == 0


def daily(rows: pd.DataFrame, first: date, count: int) -> list[float]:
    counts = rows.groupby(rows["accept_at"].dt.date).size()
    return [float(counts.get(first + timedelta(days=n), 0)) for n in range(count)]


@pytest.mark.parametrize(
    ("query", "before"),
    [
        ({"compare": "mom", "period": "7d"}, 7),
        ({"compare": "mom", "period": "30d"}, 30),
        ({"compare": "yoy", "period": "7d"}, 364),
    ],
)
def test_each_day_is_drawn_over_the_day_that_it_is_compared_with(client, query, before):
    """Also where that day is itself among the days shown."""
    rows = rows_in()
    days = body(client, "trend", **query)["data"]
    first, loaded = date.fromisoformat(days[0]["day"][:10]), rows["accept_at"].min().date()
    shifted = first - timedelta(days=before)
    told = daily(rows, shifted, len(days))
    assert len(days) == 90
    for n, (row, base) in enumerate(zip(days, told, strict=True)):
        assert row["base"] == (base if shifted + timedelta(days=n) >= loaded else None), row["day"]


def test_the_band_is_that_of_the_same_weekdays_and_the_season(client):
    """Taken again from the orders, for a stretch without holidays or storms before it."""
    rows = rows_in()
    answer = body(client, "trend")
    days = [date.fromisoformat(row["day"][:10]) for row in answer["data"]]
    first = days[0] - timedelta(days=56)
    marks = [m for m in hotline.marks(datetime.combine(first, time.min), MOMENT) if m.kind in ("storm", "outage")]

    def kind(day: date) -> str:
        if workdays.day_kind(day) in ("holiday", "moved_workday"):
            return "special"
        return "marked" if any(m.start.date() <= day <= m.end.date() for m in marks) else "ordinary"

    count = 56 + len(days)
    values = daily(rows, first, count)
    values[-1] = math.nan
    kinds = [kind(first + timedelta(days=n)) for n in range(count)]
    before = daily(rows, first - timedelta(days=364), count)
    loaded = rows["accept_at"].min().date()
    before = [n if first - timedelta(days=364 - i) >= loaded else math.nan for i, n in enumerate(before)]
    band = expected.band(values, kinds, last_year=before)
    for i, row in enumerate(answer["data"]):
        for name in ("low", "middle", "high"):
            value = getattr(band, name)[56 + i]
            assert row[name] == (None if np.isnan(value) else pytest.approx(value)), (row["day"], name)
        if row["middle"] is not None and row["whole"]:
            assert row["outside"] == (row["value"] > row["high"]) - (row["value"] < row["low"])


def outside(client, **query: str) -> list[dict]:
    return [row for row in body(client, "trend", **query)["data"] if row["outside"]]


def test_a_day_outside_is_explained_by_what_moved_it_most(client):
    """By category and by place, against the same weekdays before; counted again from the orders."""
    rows = rows_in()
    on = rows["accept_at"].dt.date
    found = [row for query in ({}, {"period": "12m"}) for row in outside(client, **query) if row["topic"]]
    assert found

    def ordinary(day: date) -> bool:
        begun = datetime.combine(day, time.min)
        marks = [m for m in hotline.marks(begun - timedelta(days=3), begun + timedelta(days=1))
                 if m.kind in ("storm", "outage") and m.start.date() <= day <= m.end.date()]  # fmt: skip
        return not marks and workdays.day_kind(day) not in ("holiday", "moved_workday")

    loaded = rows["accept_at"].min().date()
    for row in found:
        day = date.fromisoformat(row["day"][:10])
        history = [day - timedelta(days=7 * week) for week in range(1, 9)]
        history = [then for then in history if then >= loaded and ordinary(then)]
        for by, key in (("topic", "topic"), ("district_code", "place")):
            counts = pd.crosstab(rows[by], on)
            delta = {
                code: row["outside"] * (some.get(day, 0) - median(some.get(then, 0) for then in history))
                for code, some in counts.iterrows()
                if code
            }
            assert row["outside"] * row[f"{key}_delta"] == pytest.approx(max(delta.values())), row["day"]
            assert delta[row[key]] == pytest.approx(max(delta.values()))
            assert row[f"{key}_name"] in row["why"]


def test_words_of_days_stand_apart_and_storms_are_named_once(cockpit):
    view = View(period="12m")
    answer = panels["hotline.trend"].answer(view)
    named = answer.facts["told"]
    frame = answer.frame.set_index(answer.frame["day"].dt.strftime("%Y-%m-%d"))
    excess = [abs(frame.loc[one["day"], "value"] - frame.loc[one["day"], "middle"]) for one in named]
    assert excess == sorted(excess, reverse=True)
    days = sorted(date.fromisoformat(one["day"]) for one in named)
    assert len(days) > 1
    assert all((b - a).days > 0.2 * 365 for a, b in pairwise(days))
    assert {one["day"] for one in named}.isdisjoint(mark["start"] for mark in answer.facts["marks"])
    drawn = panels["hotline.trend"].draw(answer, look_of(view))
    dots = next(t for t in drawn["data"] if len(t.get("text", [])) == int((answer.frame["outside"] != 0).sum()) > 0)
    assert dots["mode"] == "markers"
    notes = [note["text"] for note in drawn["layout"]["annotations"]]
    for one in named:
        assert any(one["lines"][0] in note for note in notes)


def test_the_overview_draws_no_band(cockpit):
    view = View()
    answer = panels["overview.trend"].answer(view)
    assert list(answer.frame.columns) == ["day", "value", "base", "whole"]
    drawn = panels["overview.trend"].draw(answer, look_of(view))
    assert not any(trace.get("fill") == "toself" for trace in drawn["data"])
