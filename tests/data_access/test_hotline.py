"""Every count of the overview, asked of the cubes and ticks and counted from the orders themselves."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from data_access import clock, coverage, cubes, engine, hotline, records, remember
from data_access.records import Listing
from data_access.schema import hotline_order
from data_access.where import Where
from domain.periods import Base, Span, base_of, span_of
from tests.data_access.small_city import (
    COUNTS,
    FIRST,
    MINUTES,
    PLACES,
    TOPICS,
    UNTIL,
    built,
    counted,
    let_through,
    midnight,
    order,
    put_orders,
    store_areas,
    the,
    typed,
    waiting,
    within,
)

DAY = timedelta(days=1)
few = settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
places = st.sampled_from(sorted(PLACES))
topics = st.sampled_from(["", *TOPICS])
# any minute, and often midnight or a full hour, where events of the city happen
minutes = st.tuples(st.integers(-2000, MINUTES + 2000), st.sampled_from([1, 60, 1440]))
moments = minutes.map(lambda pair: FIRST + timedelta(minutes=pair[0] - pair[0] % pair[1]))
spans = st.tuples(moments, moments).map(lambda pair: Span(min(pair), max(pair)))
bases = st.none() | spans.map(lambda span: Base(span, "calendar"))
PERIODS = ("today", "7d", "30d", "90d", "12m", "2025-11-01..2026-02-28")


filters = st.builds(
    Where,
    topic=topics,
    org=st.sampled_from(["", "east", "west"]),
    appeal_type=st.sampled_from(["", "", "help", "none such"]),
    mark=st.sampled_from(["", "", "redo", "unhappy"]),
)


@few
@given(places, spans, bases, filters)
def test_totals_are_the_orders_counted_one_by_one(city, code, span, base, where):
    rows = let_through(within(city.orders, code), where)
    totals = hotline.totals(the(code), span, base, where)
    assert totals["now"]._asdict() == counted(rows, span.start, span.end)
    assert totals["today"]._asdict() == counted(rows, midnight(span.end), span.end)
    if base:
        assert totals["base"]._asdict() == counted(rows, base.span.start, base.span.end)
    alone = [s and counted(rows, s.start, s.end)["received"] for s in (span, base and base.span)]
    assert list(hotline.received(the(code), span, base, where)) == alone


@few
@given(
    code=places,
    period=st.sampled_from(PERIODS),
    comparison=st.sampled_from(["yoy", "mom", "none"]),
    at=st.integers(30 * 1440, MINUTES)
    .map(lambda n: FIRST + timedelta(minutes=n))
    .filter(lambda at: at > datetime(2025, 11, 2)),
    topic=topics,
)
def test_totals_of_the_periods_on_screen(city, *, code, period, comparison, at, topic):
    span = span_of(period, at)
    base = base_of(period, span, comparison, at)
    rows = within(city.orders, code, topic)
    totals = hotline.totals(the(code), span, base, Where(topic))
    assert totals["now"]._asdict() == counted(rows, span.start, span.end)
    assert ("base" in totals) == (base is not None)
    if base:
        assert totals["base"]._asdict() == counted(rows, base.span.start, base.span.end)


@few
@given(places, moments, moments, topics)
def test_what_is_open_and_overdue_at_any_moment(city, code, at, before, topic):
    rows = within(city.orders, code, topic)
    stock = hotline.stock(the(code), at, before, Where(topic))
    for row, moment in (("now", at), ("base", before)):
        still = waiting(rows, moment)
        assert stock[row].open == len(still)
        assert stock[row].overdue == (still["due_at"] < pd.Timestamp(moment)).sum()
        assert stock[row].tracked is bool((rows["tracked"] & (rows["accept_at"] < pd.Timestamp(moment))).any())


@few
@given(places, spans, topics)
def test_open_then_is_open_before_plus_received_less_closed(city, code, span, topic):
    before, after = (hotline.stock(the(code), at, None, Where(topic))["now"].open for at in (span.start, span.end))
    between = hotline.totals(the(code), span, None, Where(topic))["now"]
    assert after == before + between.tracked - between.closed


@few
@given(st.sampled_from(["city", "p", "q", "r", "x", "w"]), spans, bases, topics)
def test_children_are_counted_one_by_one_and_what_is_on_no_map_is_told(city, code, span, base, topic):
    found, unplaced = hotline.by_child(the(code), span, base, Where(topic))
    assert [row.code for row in found] == sorted(c for c, (parent, _) in PLACES.items() if parent == code)
    for row in found:
        rows = within(city.orders, row.code, topic)
        assert row.now._asdict() == counted(rows, span.start, span.end)
        assert (row.base and row.base._asdict()) == (counted(rows, base.span.start, base.span.end) if base else None)
    whole = counted(within(city.orders, code, topic), span.start, span.end)["received"]
    assert sum(row.now.received for row in found) + unplaced == whole
    assert unplaced >= 0


@few
@given(code=places, span=spans, base=bases, by=st.sampled_from(["topic", "org", "appeal_type"]), where=filters)
def test_values_of_any_column_are_counted_one_by_one(city, *, code, span, base, by, where):
    """From the cubes, the ticks or the orders, whichever can."""
    found = {row.code: row for row in hotline.by_value(the(code), span, base, by, where)}
    rows = let_through(within(city.orders, code), where)
    for value in {*rows[by], *found}:
        mine = rows[rows[by] == value]
        for part, span_asked in (("now", span), ("base", base.span if base else None)):
            true = counted(mine, span_asked.start, span_asked.end) if span_asked else None
            said = getattr(found.get(value, hotline.Row(value, hotline.NOTHING, hotline.NOTHING)), part)
            assert (said._asdict() if span_asked else None) == true
    assert list(found) == sorted(found)


@few
@given(code=places, span=spans, base=bases, where=filters)
def test_topics_are_what_was_received(city, code, span, base, where):
    whole = hotline.by_value(the(code), span, base, "topic", where)
    received = {r.code: (r.now.received, r.base and r.base.received) for r in whole}
    found = {r.code: (r.now.received, r.base and r.base.received) for r in hotline.topics(the(code), span, base, where)}
    assert found == {code: counts for code, counts in received.items() if any(counts)}


@few
@given(
    code=places,
    at=moments,
    by=st.sampled_from(["topic", "org", "district_code"]),
    topic=topics,
    since=st.sampled_from([timedelta(0), timedelta(hours=3), timedelta(days=90)]),
)
def test_what_waits_by_value(city, *, code, at, by, topic, since):
    """The same of a moment just now, from the open orders, as of one long ago, from sums."""
    with clock.held(at + since):
        remember.forget()
        found = hotline.stock_by(the(code), at, by, Where(topic))
    rows = within(city.orders, code, topic)
    still = waiting(rows, at)
    for value in {*rows[by], *found}:
        mine = still[still[by] == value]
        stock = found.get(value, hotline.Stock(0, 0, False))
        assert (stock.open, stock.overdue) == (len(mine), (mine["due_at"] < pd.Timestamp(at)).sum())


@few
@given(code=places, first=moments, length=st.integers(0, 30), minute=st.integers(0, 1439), where=filters)
def test_days_are_counted_one_by_one_and_the_last_until_its_minute(city, *, code, first, length, minute, where):
    first = midnight(first)
    end = first + length * DAY + timedelta(minutes=minute)
    dates, found = hotline.daily(the(code), first, end, where, COUNTS)
    rows = let_through(within(city.orders, code), where)
    days = [first + n * DAY for n in range(length + (minute > 0))]
    assert dates == [day.date() for day in days]
    for i, day in enumerate(days):
        assert {n: found[n][i] for n in COUNTS} == counted(rows, day, min(day + DAY, end))


def test_the_list_of_open_orders_is_as_long_as_the_stock_says(city):
    """Also when orders close or fall due in the very minute that is asked."""
    for at in (*city.orders["close_at"].dropna().head(20), *city.orders["due_at"].dropna().head(20)):
        moment = min(at.to_pydatetime(), UNTIL)
        stock = hotline.stock(the("city"), moment)["now"]
        everything = Span(FIRST, moment)
        for state in ("open", "overdue"):
            listing = Listing(the("city"), everything, moment, state=state)
            assert len(records.page(listing, size=5000).orders) == getattr(stock, state)


@pytest.mark.parametrize("topic", ["", "roads"])
@pytest.mark.parametrize("code", ["city", "p", "x", "m"])
def test_before_any_data_every_answer_is_an_honest_zero(city, code, topic):
    early = Span(datetime(2001, 1, 1), datetime(2001, 2, 1, 8, 30))
    base = Base(Span(datetime(2000, 1, 1), datetime(2000, 2, 1, 8, 30)), "calendar")
    where = Where(topic)
    totals = hotline.totals(the(code), early, base, where)
    assert totals == dict.fromkeys(("now", "today", "base"), hotline.NOTHING)
    stock = hotline.stock(the(code), early.end, base.span.end, where)
    assert stock == dict.fromkeys(("now", "base"), hotline.Stock(0, 0, False))
    found, unplaced = hotline.by_child(the(code), early, base, where)
    assert unplaced == 0
    assert {(row.now, row.base) for row in found} <= {(hotline.NOTHING, hotline.NOTHING)}
    assert hotline.topics(the(code), early, base) == ()
    assert hotline.daily(the(code), early.start, early.end, where)[1] == {"received": [0] * 32}
    assert records.page(Listing(the(code), early, early.end, where)).orders == ()
    assert not coverage.known(early)


def test_names_of_categories_in_both_languages(city):
    assert hotline.category_names("en") == {"heating": "Heating", "noise": "noise类", "roads": "Roads"}
    assert hotline.category_names("zh") == {"heating": "heating类", "noise": "noise类", "roads": "roads类"}


# ---- nothing that comes later changes what was ---------------------------------------------------------------------

EVENTS = ("dispatch_at", "sign_at", "reply_at", "close_at", "callback_at")
ASKED = [("city", ""), ("p", ""), ("x", "roads"), ("m", "")]


def known_at(rows: pd.DataFrame, moment: datetime) -> pd.DataFrame:
    """The orders as their source told them at the moment."""
    rows = rows[rows["accept_at"] < pd.Timestamp(moment)].copy()
    unsaid = ~(rows["callback_at"] < pd.Timestamp(moment))
    rows.loc[unsaid, ["satisfaction", "resolved", "responded", "redo_count"]] = pd.NA
    for name in EVENTS:
        rows[name] = rows[name].where(rows[name] < pd.Timestamp(moment))
    return typed(rows)


def everything_said(at: datetime) -> list[Any]:
    """All that can be asked of a moment."""
    answers = []
    for code, topic in ASKED:
        area, where = the(code), Where(topic)
        for period in ("today", "12m"):
            span = span_of(period, at)
            base = base_of(period, span, "mom", at)
            answers += [
                hotline.totals(area, span, base, where),
                hotline.received(area, span, base, where),
                hotline.stock(area, at, base.span.end if base else None, where),
                hotline.by_child(area, span, base, where),
                hotline.topics(area, span, base),
                hotline.by_value(area, span, base, "appeal_type", where),
                hotline.daily(area, span.start, at, where, COUNTS),
                records.page(Listing(area, span, at, where), size=200),
            ]
    return answers


def test_what_happens_later_does_not_change_what_was(database):
    cut = datetime(2026, 3, 14, 11, 20)
    asked = (cut, datetime(2026, 3, 1))
    rows, _ = built(600, seed=5)
    with engine.committing() as connection:
        connection.execute(delete(hotline_order))
        put_orders(connection, known_at(rows, cut))
        cubes.refresh(connection)
    before = [everything_said(at) for at in asked]
    assert before[0][0]["now"].received > 0
    with engine.committing() as connection:  # three months go by
        connection.execute(delete(hotline_order))
        put_orders(connection, rows)
        cubes.refresh(connection)
    for then, at in zip(before, asked, strict=True):
        for was, now in zip(then, everything_said(at), strict=True):
            assert was == now


# ---- single cases --------------------------------------------------------------------------------------------------


@pytest.fixture
def empty_city(database):
    with engine.committing() as connection:
        store_areas(connection)
        cubes.refresh(connection)
    return database


def store(*rows: dict) -> None:
    with engine.committing() as connection:
        connection.execute(insert(hotline_order), list(rows))
        cubes.refresh(connection)


NOON = datetime(2026, 3, 2, 12)


def test_an_order_closed_in_the_minute_it_is_due_is_on_time(empty_city):
    hour = timedelta(hours=1)
    store(
        order(1, NOON - hour, due_at=NOON, close_at=NOON),
        order(2, NOON - hour, due_at=NOON, close_at=NOON + timedelta(minutes=1)),
        order(3, NOON - hour, due_at=NOON),
    )
    day = Span(midnight(NOON), midnight(NOON) + DAY)
    now = hotline.totals(the("city"), day, None)["now"]
    assert (now.due, now.on_time) == (3, 1)


def test_open_overdue_orders_are_not_hidden_by_dividing_by_what_was_closed(empty_city):
    """Handbook 1.4: the due cohort, not what was closed in the period."""
    store(*(order(n, NOON, due_at=NOON + DAY, close_at=NOON if n < 4 else None) for n in range(10)))
    now = hotline.totals(the("city"), Span(NOON, NOON + 3 * DAY), None)["now"]
    assert (now.on_time, now.due, now.closed) == (4, 10, 4)


def test_a_source_that_never_says_when_orders_close_has_no_open_ones(empty_city):
    store(order(1, NOON, tracked=False, due_at=NOON), order(2, NOON, tracked=False, close_at=NOON + DAY))
    assert hotline.stock(the("city"), NOON + 2 * DAY)["now"] == hotline.Stock(open=0, overdue=0, tracked=False)
    now = hotline.totals(the("city"), Span(NOON, NOON + 2 * DAY), None)["now"]
    assert (now.received, now.due) == (2, 0)


def test_an_order_without_limit_is_never_overdue_and_never_due(empty_city):
    store(order(1, NOON))
    assert hotline.stock(the("city"), NOON + 400 * DAY)["now"] == hotline.Stock(open=1, overdue=0, tracked=True)
    assert hotline.totals(the("city"), Span(NOON, NOON + 400 * DAY), None)["now"].due == 0


@pytest.mark.parametrize("text", ["' OR 1=1 --", '"; DROP TABLE hotline_order; --', "%", "路面\\", "a\nb"])
def test_text_from_outside_is_a_value_and_never_sql(empty_city, text):
    store(order(1, NOON))
    span = Span(NOON, NOON + DAY)
    for field in ("topic", "category", "org", "channel", "appeal_type", "line", "mark"):
        where = Where(**{field: text if field != "mark" else "redo"})
        assert hotline.totals(the("city"), span, None, where)["now"].received == 0
        assert records.page(Listing(the("city"), span, NOON + DAY, where)).orders == ()
    assert hotline.totals(the("city"), span, None, Where(group=hotline.topics_of(text)))["now"].received == 0
    assert hotline.totals(the("city"), span, None)["now"].received == 1


def test_a_child_that_no_longer_is_one_counts_as_not_on_the_map(empty_city):
    store(order(1, NOON), order(2, NOON, street_code="gone"), order(3, NOON, street_code="", district_code="p"))
    found, unplaced = hotline.by_child(the("p"), Span(NOON, NOON + DAY), None)
    assert {row.code: row.now.received for row in found} == {"x": 1, "y": 0, "z": 0}
    assert unplaced == 2
