"""Figures of other domains, summed another way: parts before rates, newest correction known, last of stocks."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_access import bulk, engine, indicators, observations
from data_access.schema import observation
from domain.periods import Base, Span
from tests.data_access.small_city import FIRST, MINUTES, PLACES, REPORTED, built, midnight, store_areas, the

DAY = timedelta(days=1)
PARTS = ["numerator", "denominator", "value"]
few = settings(max_examples=10)
areas = st.sampled_from(sorted(PLACES))
keys = st.lists(st.sampled_from(sorted(REPORTED)), min_size=1, max_size=5, unique=True)
moments = st.integers(-3000, MINUTES + 3000).map(lambda n: FIRST + timedelta(minutes=n))
# spans begin at midnight, as all periods do
spans = st.tuples(moments, moments).map(lambda p: Span(midnight(min(p)), max(p))).filter(lambda s: s.start < s.end)


def below(code: str) -> set[str]:
    """The place and everything under it."""
    found = {code}
    while more := {c for c, (parent, _) in PLACES.items() if parent in found} - found:
        found |= more
    return found


def known(figures: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """What each figure was believed to be at the moment."""
    told = figures[figures["as_of"] <= pd.Timestamp(at)].sort_values("as_of")
    return told.groupby(["indicator", "area", "start", "end"], as_index=False).last()


def rolled(rows: pd.DataFrame, key: str, span: Span) -> tuple[float, float, float, float]:
    """numerator, denominator, value, amount of the whole days of a span; a span within one day: the day before."""
    last = midnight(span.end)
    first = span.start if span.start < last else last - DAY
    rows = rows[(rows["indicator"] == key) & (rows["start"] >= first) & (rows["end"] <= last)]
    if not len(rows):
        return (np.nan,) * 4
    if key in ("data.catalogued", "test.alarm"):
        newest = rows.sort_values("start").groupby("area").tail(1)["value"]
        value = newest.max() if key == "test.alarm" else newest.sum()
        return np.nan, np.nan, value, value
    if key == "services.accepted":
        return np.nan, np.nan, rows["value"].sum(), rows["value"].sum()
    numerator, denominator = rows["numerator"].sum(), rows["denominator"].sum()
    return numerator, denominator, np.nan, numerator / denominator if denominator else np.nan


def same(figure: observations.Figure, expected: tuple[float, float, float, float]) -> None:
    np.testing.assert_allclose(np.array(figure, dtype=float), expected, rtol=1e-12)


@few
@given(keys=keys, code=areas, span=spans, base=st.none() | spans.map(lambda s: Base(s, "calendar")), at=moments)
def test_totals_are_the_sums_of_what_was_known(city, *, keys, code, span, base, at):
    rows = known(city.figures, at)
    rows = rows[rows["area"].isin(below(code))]
    asked = observations.totals(keys, the(code), span, base, at)
    assert list(asked) == keys
    for key in keys:
        assert list(asked[key]) == (["now", "base"] if base else ["now"])
        same(asked[key]["now"], rolled(rows, key, span))
        if base:
            same(asked[key]["base"], rolled(rows, key, base.span))


@few
@given(
    key=st.sampled_from(sorted(REPORTED)), code=st.sampled_from(["city", "p", "q", "r", "x"]), span=spans, at=moments
)
def test_children_are_the_sums_of_what_is_under_them(city, *, key, code, span, at):
    rows = known(city.figures, at)
    found = observations.by_child(indicators.indicators()[key], the(code), span, at)
    assert list(found) == sorted(c for c, (parent, _) in PLACES.items() if parent == code)
    for child, figure in found.items():
        same(figure, rolled(rows[rows["area"].isin(below(child))], key, span))


@few
@given(keys=keys, code=areas, first=moments, length=st.integers(1, 40), at=moments)
def test_days_are_the_sums_of_each_day(city, *, keys, code, first, length, at):
    first = midnight(first)
    end = first + length * DAY
    rows = known(city.figures, at)
    rows = rows[rows["area"].isin(below(code))]
    for key, days in observations.daily(keys, the(code), first, end, at).items():
        mine = rows[(rows["indicator"] == key) & (rows["start"] >= first) & (rows["end"] <= end)]
        assert [day for day, _ in days] == sorted(mine["start"].unique())
        for day, figure in days:
            same(figure, rolled(mine, key, Span(day, day + DAY)))


def test_a_correction_changes_what_is_known_from_then_on_and_not_before(database):
    day, first, later = datetime(2026, 3, 1), datetime(2026, 3, 2, 6), datetime(2026, 3, 9, 6)
    built(1)
    row = {"indicator": "services.accepted", "area": "x", "start": day, "end": day + DAY}
    for as_of, value in ((first, 10.0), (later, 12.0)):
        with engine.committing() as connection:
            bulk.insert(connection, observation, pd.DataFrame([{**row, "as_of": as_of, "value": value}]))

    def said(at: datetime) -> float | None:
        asked = observations.totals(["services.accepted"], the("city"), Span(day, day + DAY), None, at)
        return asked["services.accepted"]["now"].value

    assert said(first - timedelta(minutes=1)) is None
    assert said(first) == said(later - timedelta(minutes=1)) == 10
    assert said(later) == said(later + 100 * DAY) == 12


def test_rates_are_divided_once_and_never_averaged(database):
    """Handbook 6.4, first mistake: 9 of 10 and 450 of 900 are 50.44 %, not 70 %."""
    day = datetime(2026, 3, 1)
    with engine.committing() as connection:
        store_areas(connection)
        parts = [("x", 9.0, 10.0), ("y", 450.0, 900.0)]
        rows = [
            {"indicator": "services.online_accepted", "area": a, "start": day, "end": day + DAY, "as_of": day + DAY,
             "numerator": n, "denominator": d}
            for a, n, d in parts
        ]  # fmt: skip
        bulk.insert(connection, observation, pd.DataFrame(rows))
    span = Span(day, day + DAY)
    key = "services.online_accepted"
    whole = observations.totals([key], the("p"), span, None, day + DAY)[key]
    assert whole["now"].amount == pytest.approx(459 / 910)


def test_stocks_are_not_summed_over_months(database):
    """Handbook 6.4, second mistake."""
    with engine.committing() as connection:
        store_areas(connection)
        rows = [
            {"indicator": "data.catalogued", "area": a, "start": s, "end": s + DAY, "as_of": s + DAY, "value": v}
            for a in ("p", "q")
            for s, v in ((datetime(2026, month, 1), 100.0 + month) for month in range(1, 7))
        ]
        bulk.insert(connection, observation, pd.DataFrame(rows))
    half = Span(datetime(2026, 1, 1), datetime(2026, 7, 1))
    whole = observations.totals(["data.catalogued"], the("city"), half, None, half.end)["data.catalogued"]
    assert whole["now"].amount == 212


def test_the_level_at_which_an_indicator_is_reported(city):
    assert {key: observations.level_of(key) for key in (*REPORTED, "power.load")} == {
        "services.accepted": 2, "services.online_accepted": 2, "data.catalogued": 1, "air.pm25": 1, "test.alarm": 1,
        "power.load": None,
    }  # fmt: skip


def test_a_figure_of_the_whole_beside_those_of_its_parts_is_not_counted_twice(database):
    told = {"city": 30, "p": 20, "x": 12, "y": 8, "q": 10}
    day = datetime(2026, 3, 2)
    with engine.committing() as connection:
        store_areas(connection)
        indicators.store(connection, indicators.shipped())
        frame = pd.DataFrame([{"area": code, "value": float(value)} for code, value in told.items()])
        frame = frame.assign(indicator="services.accepted", start=day, end=day + DAY, as_of=day + DAY)
        bulk.insert(connection, observation, frame)
    span, at = Span(day, day + DAY), day + 2 * DAY
    accepted = indicators.indicators()["services.accepted"]
    for code, value in told.items():
        assert observations.totals([accepted.key], the(code), span, None, at)[accepted.key]["now"].amount == value
    children = observations.by_child(accepted, the("city"), span, at)
    assert (children["p"].amount, children["q"].amount) == (20, 10)
    ((_, figure),) = observations.daily([accepted.key], the("city"), day, day + DAY, at)[accepted.key]
    assert figure.amount == 30
