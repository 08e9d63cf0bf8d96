"""Lists of orders: every page another way, over pandas; what a search finds; one order as of a moment."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from data_access import cubes, engine, records, remember
from data_access.records import OPEN, SORTS, STATES, Listing
from data_access.schema import hotline_event, hotline_order
from data_access.where import Where
from domain.periods import Span
from tests.data_access.small_city import (
    FIRST,
    MINUTES,
    PLACES,
    TOPICS,
    UNTIL,
    let_through,
    midnight,
    order,
    put_orders,
    some_orders,
    store_areas,
    the,
    typed,
    waiting,
    within,
)

few = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
some = settings(few, max_examples=30)
TEXTS = ("100%达标", "50_50", "路灯_不亮", "百分之一百", "Wi-Fi信号", "wi-fi", "供水\\停水", "", "雨水 漫街")
moments = st.integers(0, MINUTES).map(lambda n: FIRST + timedelta(minutes=n - n % 60))
spans = st.tuples(moments, moments).map(lambda pair: Span(min(pair), max(pair)))
filters = st.builds(
    Where,
    topic=st.sampled_from(["", *TOPICS]),
    org=st.sampled_from(["", "", "east"]),
    mark=st.sampled_from(["", "", "redo", "unhappy"]),
)


@pytest.fixture(scope="module")
def orders(module_database) -> pd.DataFrame:
    """A small city whose orders have texts and marks."""
    frame = some_orders(700, seed=5)
    frame["title"] = [TEXTS[n % len(TEXTS)] for n in range(len(frame))]
    frame["content"] = [None if n % 3 else TEXTS[(n * 7) % len(TEXTS)] for n in range(len(frame))]
    frame["order_id"] = [n * 7919 % 100_003 + 2**40 * (n % 2) for n in frame["order_id"]]  # in no order of time
    for name, nth, hours in (("returned_at", 5, 3), ("supervised_at", 7, 50), ("redo_at", 11, 100)):
        marked = [
            when + timedelta(hours=hours) if n % nth == 0 else None
            for n, when in enumerate(frame["accept_at"].dt.to_pydatetime())
        ]
        frame[name] = pd.to_datetime(pd.Series(marked)).astype("datetime64[us]")
    with engine.committing() as connection:
        store_areas(connection)
        put_orders(connection, frame)
        cubes.refresh(connection)
    return frame


def among(rows: pd.DataFrame, column: str, start: datetime, end: datetime) -> pd.DataFrame:
    return rows[(rows[column] >= pd.Timestamp(start)) & (rows[column] < pd.Timestamp(end))]


def shown(rows: pd.DataFrame, listing: Listing) -> pd.DataFrame:
    """The orders of a list, without the database."""
    at, span = listing.at, Span(listing.span.start, min(listing.span.end, listing.at))
    rows = let_through(within(rows, listing.area.code), listing.where)
    rows = rows[rows["accept_at"] < pd.Timestamp(at)]
    if listing.q:
        rows = rows[[listing.q.lower() in "\n".join(t).lower() for t in texts_of(rows)]]
    if listing.state == "":
        return among(rows, "accept_at", span.start, span.end)
    if listing.state == "unhappy":
        return among(rows[rows["satisfaction"].fillna(9) <= 2], "callback_at", span.start, span.end)
    if listing.state not in OPEN:
        return among(rows, f"{listing.state}_at", span.start, span.end)
    still = waiting(rows, at)
    limits: dict[str, tuple[datetime, datetime]] = {
        "open": (datetime(1900, 1, 1), datetime(2200, 1, 1)),
        "overdue": (datetime(1900, 1, 1), at),
        "today": (midnight(at), midnight(at) + timedelta(days=1)),
        "soon": (at, at + timedelta(hours=4)),
    }
    return still if listing.state == "open" else among(still, "due_at", *limits[listing.state])


def texts_of(rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    return [(t, c if isinstance(c, str) else "", n) for t, c, n in rows[["title", "content", "order_no"]].to_numpy()]


def in_order(rows: pd.DataFrame, listing: Listing) -> list[int]:
    """The order_ids of a list as it is sorted, without the database."""
    at = pd.Timestamp(listing.at)

    def key(row: Any) -> tuple[int, float, int]:
        accepted = row.accept_at.timestamp()
        is_open = row.tracked and not row.close_at < at
        oldest, newest = (0, accepted, row.order_id), (0, -accepted, row.order_id)
        if listing.sort in ("newest", "oldest"):
            return newest if listing.sort == "newest" else oldest
        if listing.sort == "longest":
            if is_open or not row.tracked:
                return (0 if is_open else 2), *oldest[1:]
            return 1, -(row.close_at - row.accept_at).total_seconds(), row.order_id
        if is_open and not pd.isna(row.due_at):
            return 0, row.due_at.timestamp(), row.order_id
        return (1, *oldest[1:]) if is_open else (2, *newest[1:])

    return [row.order_id for row in sorted(rows.itertuples(), key=key)]


def paged(listing: Listing, size: int) -> list[records.Order]:
    """All pages of a list, one after the other."""
    found, after = [], ""
    for _ in range(2000):
        page = records.page(listing, after, size)
        found += page.orders
        assert len(page.orders) == size or not page.after
        after = page.after
        assert len(after) <= 40  # it has to fit into the address
        if not after:
            return found
    raise AssertionError("the pages never end")


@some
@given(
    code=st.sampled_from(sorted(PLACES)),
    at=moments,
    span=spans,
    where=filters,
    state=st.sampled_from(sorted(STATES)),
    sort=st.sampled_from(sorted(SORTS)),
    size=st.sampled_from([1, 3, 50]),
)
def test_pages_visit_every_order_of_a_list_once_and_in_its_order(orders, *, code, at, span, where, state, sort, size):
    listing = Listing(the(code), span, at, where, state, sort=sort)
    rows = shown(orders, listing)
    size = size if len(rows) < 60 else 50
    assert [one.order_id for one in paged(listing, size)] == in_order(rows, listing)
    assert records.size(listing) == len(rows)


@pytest.mark.parametrize("sort", sorted(SORTS))
@pytest.mark.parametrize("state", ["", "open"])
def test_a_long_list_is_paged_in_full(orders, state, sort):
    listing = Listing(the("city"), Span(FIRST, UNTIL), UNTIL - timedelta(days=20), state=state, sort=sort)
    rows = shown(orders, listing)
    assert len(rows) > 50
    assert [one.order_id for one in paged(listing, 7)] == in_order(rows, listing)


def test_orders_of_one_moment_are_told_apart(orders):
    same = orders.groupby("accept_at")["order_id"].transform("size")
    assert (same > 1).sum() > 20  # else this shows nothing
    listing = Listing(the("city"), Span(FIRST, UNTIL), UNTIL, sort="newest")
    assert len({one.order_id for one in paged(listing, 1)}) == len(orders)


@few
@given(moments, st.sampled_from(["city", "p", "x"]), filters)
def test_the_numbers_on_the_chips_are_the_lengths_of_the_lists(orders, at, code, where):
    listing = Listing(the(code), Span(at - timedelta(days=30), at), at, where)
    states = tuple(sorted(STATES))
    expected = {s: len(shown(orders, Listing(listing.area, listing.span, at, where, s))) for s in states}
    assert records.sizes(listing, states) == expected


@pytest.mark.parametrize("q", ["%", "_", "100%", "50_50", "_不", "\\", "\\停", "达标", "水", "WI-FI", "wi-fi信",
                               "no12", "'", "%%", " ", "没有这样的"])  # fmt: skip
@pytest.mark.parametrize("state", ["", "open"])
def test_a_search_finds_what_contains_the_text_and_nothing_else(orders, q, state):
    listing = Listing(the("city"), Span(FIRST, UNTIL), UNTIL, state=state, q=q)
    rows = shown(orders, listing)
    assert {one.order_id for one in paged(listing, 50)} == set(rows["order_id"])
    assert records.size(listing) == len(rows)
    assert (len(rows) > 0) == (q not in ("'", "%%", "没有这样的"))


def test_a_search_of_too_many_orders_reads_the_newest_days_and_says_since_when(orders, monkeypatch):
    monkeypatch.setattr(records, "SEARCHED", 100)
    monkeypatch.setattr(records, "SEARCHED_ROWS", 100)
    remember.forget()
    listing = Listing(the("city"), Span(FIRST, UNTIL), UNTIL, q="水")
    _, since = records.searched(listing)
    assert since is not None
    read = among(orders, "accept_at", since, UNTIL)
    assert 0 < len(read) <= 100 < len(among(orders, "accept_at", since - timedelta(days=1), UNTIL))
    found = paged(listing, 50)
    assert {one.order_id for one in found} == set(shown(read, listing)["order_id"])
    assert records.size(listing) == len(found) < len(shown(orders, listing))
    remember.forget()


@few
@given(spans, moments, st.sampled_from(sorted(SORTS)), st.sampled_from([1, 40, 10_000]))
def test_everything_is_handed_out_in_order_until_the_cap(orders, span, at, sort, most):
    listing = Listing(the("city"), span, at, sort=sort)
    parts = list(records.every(listing, most, size=33))
    assert all(0 < len(part) <= 33 for part in parts)
    assert [o.order_id for part in parts for o in part] == in_order(shown(orders, listing), listing)[:most]


@pytest.mark.parametrize(
    "after",
    ["x", "....", "a.b.c.d", "abcde.0.1.1", "%", "{mark}.9.1.1", "{mark}.0.zzzzzzzzzzzzzzz.1", "{mark}.0.-.-",
     "{mark}.-1.1.1"],
)  # fmt: skip
def test_a_cursor_that_makes_no_sense_is_as_none(orders, after):
    listing = Listing(the("city"), Span(FIRST, UNTIL), UNTIL)
    found = records.page(listing, after.format(mark=listing.mark), 10)
    assert len(found.orders) == 10


def test_a_cursor_of_another_list_is_as_none(orders):
    one = Listing(the("city"), Span(FIRST, UNTIL), UNTIL)
    after = records.page(one, "", 10).after
    for other in (
        Listing(the("p"), one.span, UNTIL),
        Listing(the("city"), one.span, UNTIL, Where(topic="noise")),
        Listing(the("city"), one.span, UNTIL, sort="newest"),
        Listing(the("city"), one.span, UNTIL, q="水"),
    ):
        assert records.page(other, after, 10) == records.page(other, "", 10)
    assert records.page(one, after, 10).orders != records.page(one, "", 10).orders


@few
@given(moments)
def test_orders_are_shown_as_they_stood(orders, at):
    by_id = orders.set_index("order_id")
    for one in records.page(Listing(the("city"), Span(FIRST, UNTIL), at, sort="newest"), "", 50).orders:
        row = by_id.loc[one.order_id]
        closed = pd.notna(row["close_at"]) and row["close_at"] < pd.Timestamp(at)
        assert one.accept_at < at
        assert one.close_at == (row["close_at"].to_pydatetime() if closed else None)
        assert one.returned == int(pd.notna(row["returned_at"]) and row["returned_at"] < pd.Timestamp(at))
        assert (one.state == "closed") == closed


# ---- events, and one order -----------------------------------------------------------------------------------------

DAY = datetime(2026, 6, 1, 9)
COURSE = (
    ("registered", 0, "centre"), ("dispatched", 1, "east"), ("returned", 2, "east"), ("reassigned", 4, "west"),
    ("signed", 5, "west"), ("urged", 20, "centre"), ("replied", 30, "west"), ("closed", 31, "centre"),
    ("callback", 40, "centre"), ("redo", 41, "west"),
)  # fmt: skip


@pytest.fixture
def course(database) -> None:
    """One order with a course, its twin of the same number, and one of tomorrow."""
    times = {"close_at": DAY + timedelta(hours=31), "due_at": DAY + timedelta(hours=48), "redo_count": 1}
    times |= {"callback_at": DAY + timedelta(hours=40), "satisfaction": 1, "resolved": 0, "responded": True}
    rows = [
        order(77, DAY, order_no="A-1", org="west", **times),
        order(78, DAY + timedelta(hours=1), order_no="twice"),
        order(79, DAY + timedelta(hours=2), order_no="twice"),
    ]
    with engine.committing() as connection:
        store_areas(connection)
        put_orders(connection, typed(pd.DataFrame(rows)))
        for seq, (event, hours, org) in enumerate(COURSE, 1):
            said = {"order_id": 77, "street_code": "x", "seq": seq, "event": event, "org": org}
            connection.execute(insert(hotline_event).values(**said, happened_at=DAY + timedelta(hours=hours)))
        cubes.refresh(connection)


@pytest.mark.parametrize(
    ("hours", "state", "returned", "redone"),
    [(1, "accepted", 0, 0), (1.5, "dispatched", 0, 0), (3, "returned", 1, 0), (4.5, "dispatched", 1, 0),
     (25, "signed", 1, 0), (32, "closed", 1, 0), (41, "called_back", 1, 0), (50, "redo", 1, 1)],
)  # fmt: skip
def test_states_and_courses_come_from_the_events_before_the_moment(course, hours, state, returned, redone):
    at = DAY + timedelta(hours=hours)
    listing = Listing(the("city"), Span(DAY - timedelta(days=1), at), at, sort="oldest")
    one = records.page(listing, "", 10).orders[0]
    assert (one.order_id, one.state, one.returned, one.redone) == (77, state, returned, redone)
    found = records.whole("77", at)
    assert found is not None
    assert len(found[1]) == sum(when < hours for _, when, _ in COURSE)
    assert (found[0].satisfaction is None) == (hours <= 40)
    assert (found[0].close_at is None) == (hours <= 31)


def test_an_order_is_found_by_either_number_once_it_is_there(course):
    late = DAY + timedelta(days=3)
    by_number = records.whole("A-1", late)
    assert by_number is not None
    assert by_number == records.whole("77", late)
    newest = records.whole("twice", late)
    assert newest is not None
    assert newest[0].order_id == 79
    for number in ("77", "A-1"):
        assert records.whole(number, DAY) is None  # it came in that very minute
    for number in ("", "0", "-77", "A", "99999999999999999999999", "'", "77.0", "７７"):
        assert records.whole(number, late) is None


def test_an_order_moves_from_open_to_closed_between_two_commits(course):
    late = DAY + timedelta(days=3)
    listing = Listing(the("city"), Span(DAY, late), late, state="open")
    assert {one.order_id for one in paged(listing, 1)} == {78, 79}
    with engine.committing() as connection:
        closed = update(hotline_order).where(hotline_order.c.order_id == 78)
        connection.execute(closed.values(close_at=DAY + timedelta(hours=9)))
        cubes.refresh(connection)
    assert {one.order_id for one in paged(listing, 1)} == {79}
