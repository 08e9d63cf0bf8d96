"""The league's counts another way: over pandas, over frozen months, and what adds up."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from data_access import cubes, engine, league, months
from data_access.hotline import Counts
from data_access.schema import hotline_order
from data_access.where import Where
from domain.periods import Base, Span
from tests.data_access.small_city import FIRST, MINUTES, UNTIL, built, counted, let_through, the, within

few = settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
moments = st.integers(0, MINUTES).map(lambda n: FIRST + timedelta(minutes=n - n % 60))
spans = st.tuples(moments, moments).map(lambda pair: Span(min(pair), max(pair)))
MAY = Span(datetime(2026, 5, 1), datetime(2026, 6, 1))
APRIL = Base(Span(datetime(2026, 4, 1), datetime(2026, 5, 1)), "calendar")
WHERES = (Where(), Where(topic="roads"), Where(mark="redo"))


@few
@given(
    code=st.sampled_from(["city", "p", "x"]),
    span=spans,
    last=spans,
    where=st.sampled_from(WHERES),
    by_org=st.booleans(),
)
def test_units_are_the_orders_counted_one_by_one_and_add_up_to_the_whole(city, *, code, span, last, where, by_org):
    by = "org" if by_org else {"city": "district_code", "p": "street_code", "x": "community_code"}[code]
    found = league.league(the(code), span, Base(last, "calendar"), UNTIL, where, by=by)
    rows = let_through(within(city.orders, code), where)
    for unit in found.units:
        mine = rows[rows[by] == unit.code]
        assert unit.now._asdict() == counted(mine, span.start, span.end)
        assert unit.last is not None
        assert unit.last._asdict() == counted(mine, last.start, last.end)
    assert found.whole.now._asdict() == counted(rows, span.start, span.end)
    assert found.whole.last is not None
    assert found.whole.last._asdict() == counted(rows, last.start, last.end)
    assert found.frozen_at is None


def test_whole_months():
    assert league.months_of(MAY) == (date(2026, 5, 1),)
    assert league.months_of(Span(datetime(2025, 11, 1), datetime(2026, 2, 1))) == (
        date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1),
    )  # fmt: skip
    for begin, end in ((datetime(2026, 5, 2), MAY.end), (MAY.start, datetime(2026, 5, 31)), (MAY.start, MAY.start),
                       (MAY.start, datetime(2026, 6, 1, 0, 1))):  # fmt: skip
        assert league.months_of(Span(begin, end)) == ()


@pytest.fixture
def closed(database):
    """A small city whose April and May are frozen; then all roads of May turn out to be rated worst."""
    rows, _ = built()
    frozen = datetime(2026, 6, 3, 9)
    with engine.committing() as connection:
        for month in (date(2026, 4, 1), date(2026, 5, 1)):
            months.freeze(connection, month, at=frozen)
    changed = (rows["topic"] == "roads") & rows["satisfaction"].notna()
    with engine.committing() as connection:
        told = update(hotline_order).where(hotline_order.c.topic == "roads", hotline_order.c.satisfaction.is_not(None))
        connection.execute(told.values(satisfaction=1))
        cubes.refresh(connection)
    after = rows.copy()
    after.loc[changed, "satisfaction"] = 1
    return rows, after, frozen


@pytest.mark.parametrize(("code", "by"), [("city", "district_code"), ("p", "street_code"), ("city", "org")])
def test_frozen_months_stand_and_say_what_counting_now_gives(closed, code, by):
    before, after, frozen = closed
    found = league.league(the(code), MAY, APRIL, UNTIL, by=by)
    assert found.frozen_at == frozen
    assert found.last_frozen
    assert found.units
    moved = 0
    for unit in found.units:
        assert unit.code
        then, now = ((within(rows, code), by) for rows in (before, after))
        then, now = then[0][then[0][by] == unit.code], now[0][now[0][by] == unit.code]
        assert unit.now._asdict() == counted(then, MAY.start, MAY.end)
        assert unit.live is not None
        assert unit.live._asdict() == counted(now, MAY.start, MAY.end)
        assert unit.last is not None
        assert unit.last._asdict() == counted(then, APRIL.span.start, APRIL.span.end)
        moved += unit.live.satisfied != unit.now.satisfied
    assert moved
    assert found.whole.now == Counts(*(sum(n) for n in zip(*(u.now for u in found.units), strict=True)))


@pytest.mark.parametrize(
    ("span", "at", "where", "code", "by"),
    [
        (MAY, datetime(2026, 6, 3, 9), Where(), "city", "district_code"),  # frozen in that very minute
        (MAY, UNTIL, Where(topic="noise"), "city", "district_code"),  # filters were not frozen
        (MAY, UNTIL, Where(), "p", "org"),  # organisations are frozen for the whole city
        (Span(MAY.start, MAY.end - timedelta(days=1)), UNTIL, Where(), "city", "org"),
        (Span(datetime(2026, 3, 1), MAY.end), UNTIL, Where(), "city", "org"),  # March is not frozen
    ],
)
def test_what_is_not_frozen_in_full_is_counted_now(closed, *, span, at, where, code, by):
    _, after, _ = closed
    found = league.league(the(code), span, None, at, where, by=by)
    assert found.frozen_at is None
    rows = let_through(within(after, code), where)
    assert found.whole.now._asdict() == counted(rows, span.start, span.end)
    assert all(unit.live is None for unit in found.units)


def test_several_frozen_months_are_added(closed):
    before, _, _ = closed
    both = Span(APRIL.span.start, MAY.end)
    found = league.league(the("city"), both, None, UNTIL, by="district_code")
    assert found.frozen_at is not None
    for unit in found.units:
        mine = before[before["district_code"] == unit.code]
        assert unit.now._asdict() == counted(mine, both.start, both.end)
