"""What people call about, counted again with pandas, for each level of the tree."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from data_access import engine, problems
from data_access.schema import load_log
from data_access.where import Where
from domain.periods import Base, Span
from tests.data_access import small_city
from tests.data_access.small_city import UNTIL, the
from tests.data_access.test_bursts import loaded

SPAN = Span(UNTIL - timedelta(days=40), UNTIL)
BASE = Base(Span(SPAN.start - timedelta(days=40), SPAN.start), "calendar")


def counts(rows, place, span, by, topic=""):
    inside = small_city.within(rows, place, topic)
    return inside[(inside["accept_at"] >= span.start) & (inside["accept_at"] < span.end)].groupby(by).size().to_dict()


def there(week: Span) -> bool:
    """Loaded in full: the eighth week of a long span was not, that of a day was."""
    return week.start.date() >= (UNTIL - timedelta(days=60)).date()


@pytest.mark.parametrize("place", ["city", "p", "x", "m"])
def test_each_level_is_the_orders_themselves(city, place):
    for question, by in (
        (problems.by_topic, "topic"),
        (problems.by_category, "category"),
        (problems.by_group, "topic"),
    ):
        found = question(the(place), SPAN, BASE)
        assert {r.code: r.now for r in found if r.now} == counts(city.orders, place, SPAN, by)
        assert {r.code: r.base for r in found if r.base} == counts(city.orders, place, BASE.span, by)
    assert all(r.base is None for r in problems.by_category(the(place), SPAN, None))
    only = problems.by_category(the(place), SPAN, None, Where(topic="roads", org="east"))
    assert {r.code for r in only} <= {"roads"}


def test_what_is_unusual_is_held_against_the_weeks_before(database):
    rows, _ = small_city.built(4000, seed=5)
    assert problems.emerging(the("city"), SPAN) == ()  # nothing is known to have been loaded
    with engine.committing() as connection:
        connection.execute(insert(load_log).values(loaded(UNTIL - timedelta(days=60), UNTIL)))
    for span in (SPAN, Span(UNTIL.replace(hour=0, minute=0), UNTIL)):
        window = problems.window(span)
        assert window == Span(max(span.start, UNTIL - timedelta(days=7)), UNTIL)
        weeks = [Span(window.start - timedelta(weeks=k), window.end - timedelta(weeks=k)) for k in range(9)]
        past = [counts(rows, "city", week, "category") for week in weeks]
        told = {row.code: row for row in problems.emerging(the("city"), span)}
        for code, now in past[0].items():
            known = sorted(past[k].get(code, 0) for k in range(1, 9) if there(weeks[k]))
            mean = max(sum(known[:6]) / 6, 0.5)
            if now <= mean:
                assert code not in told
                continue
            assert told[code].expected == pytest.approx(mean)
            assert told[code].z == pytest.approx(2 * (now**0.5 - mean**0.5))
            each = (past[k].get(code, 0) if there(weeks[k]) else None for k in range(8, 0, -1))
            assert told[code].weeks == tuple(each)
    assert problems.emerging(the("city"), Span(datetime(2001, 1, 1), datetime(2001, 1, 2))) == ()
