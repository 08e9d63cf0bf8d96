"""Counts of cases, what waits, and their parts: counted another way, from the cases."""

from datetime import date, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine, select, update

from data_access import coverage, engine
from data_access.services import counts
from data_access.services.counts import ALL, CASES, Counts, Where
from data_access.services.tables import service_case, service_day_once, service_open, service_tick, service_took
from domain.periods import Base, Span
from tests.data_access import services_city
from tests.data_access.services_city import FIRST, during, still_open, within
from tests.data_access.small_city import PLACES, UNTIL, the

SPANS = {
    "all": Span(datetime(2026, 1, 1), UNTIL),
    "a past month": Span(datetime(2026, 2, 1), datetime(2026, 3, 1)),
    "across parts of days": Span(datetime(2026, 3, 3, 9, 30), datetime(2026, 3, 20, 17, 45)),
    "a morning": Span(datetime(2026, 4, 2), datetime(2026, 4, 2, 12)),
    "nothing": Span(datetime(2026, 4, 2), datetime(2026, 4, 2)),
    "before": Span(datetime(2020, 1, 1), datetime(2020, 2, 1)),
}
AREAS = ("city", "p", "x", "q", "r")
FILTERS = (ALL, Where(org="east"), Where(channel="window"), Where(item="a4"), Where(special="startup", org="west"))


@pytest.fixture(scope="module")
def cases(module_database: Engine) -> pd.DataFrame:
    return services_city.built()


def told(cases: pd.DataFrame, span: Span) -> Counts:
    """Every count by its own clock, as the docstring of counts says it."""

    def some(clock: str) -> pd.DataFrame:
        return during(cases, clock, span.start, span.end)

    accepted, finished, due, rated = (some(name) for name in ("accept_at", "finish_at", "due_at", "rating_at"))
    mended, limited = some("rectify_due_at"), finished[finished["legal_days"].notna()]
    settled = cases[["finish_at", "due_at"]].max(axis=1).where(cases["finish_at"].notna())
    return Counts(
        received=len(some("receive_at")),
        accepted=len(accepted),
        online=int(accepted["channel"].isin(["online", "mobile"]).sum()),
        full_online=int(accepted["online_full"].sum()),
        refused=len(some("refuse_at")),
        finished=len(finished),
        in_time=int((finished["used_days"] <= finished["promised_days"]).sum()),
        in_legal_time=int((finished["used_days"] <= finished["legal_days"]).sum()),
        due=len(due),
        due_in_time=int((due["finish_at"] <= due["due_at"]).sum()),
        settled=int(((settled >= pd.Timestamp(span.start)) & (settled < pd.Timestamp(span.end))).sum()),
        used_days=int(limited["used_days"].sum()),
        legal_days=int(limited["legal_days"].sum()),
        rated=len(rated),
        rated_actively=int((~rated["rating_default"].fillna(False)).sum()),
        good=int((rated["rating"] >= 3).sum()),
        bad=int((rated["rating"] <= 2).sum()),
        rectify_due=len(mended),
        rectified=int((mended["rectified_at"] <= mended["rectify_due_at"]).sum()),
    )


@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("place", AREAS)
@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_totals_are_the_cases(cases, span, place, where):
    base = Base(Span(span.start - timedelta(days=20), span.end - timedelta(days=20)), "days")
    found = counts.totals(the(place), span, base, where)
    some = within(cases, place, where)
    assert found["now"] == told(some, span)
    assert found["base"] == told(some, base.span)
    midnight = span.end.replace(hour=0, minute=0)
    assert found["today"] == told(some, Span(midnight, span.end))


@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("place", AREAS)
def test_what_waited_is_what_was_accepted_and_not_finished_then(cases, place, where):
    some = within(cases, place, where)
    moments = (datetime(2026, 2, 3), datetime(2026, 3, 20, 17, 45), UNTIL)
    for moment, stock in zip(moments, counts.stock(the(place), moments, where), strict=True):
        waiting = still_open(some, moment)
        assert stock == (len(waiting), int((waiting["due_at"] < pd.Timestamp(moment)).sum()))


@pytest.mark.parametrize("place", ["city", "p"])
@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_places_and_what_lies_in_none_of_them_are_the_whole(cases, span, place):
    rows, lost = counts.by_child(the(place), span, None)
    for row in rows:
        assert row.now == told(within(cases, row.code), span)
    whole = len(during(within(cases, place), "receive_at", span.start, span.end))
    assert sum(row.now.received for row in rows) + lost == whole
    assert {row.code for row in rows} == {code for code, (parent, _) in PLACES.items() if parent == place}


@pytest.mark.parametrize("by", ["org", "channel", "item"])
def test_departments_channels_and_items_are_the_whole(cases, by):
    for span in SPANS.values():
        rows = counts.by_value(the("p"), span, None, by)
        for row in rows:
            assert row.now == told(within(cases, "p")[within(cases, "p")[by] == row.code], span)
        if rows:
            total = [sum(row.now[i] for row in rows) for i in range(len(Counts._fields))]
            assert Counts(*total) == told(within(cases, "p"), span)


def test_days_and_months_add_up_to_their_span(cases):
    span = SPANS["across parts of days"]
    days = counts.daily(the("p"), Span(span.start.replace(hour=0, minute=0), span.end), CASES.names)
    first = min(days)
    assert first >= span.start.date()
    for day, sums in days.items():
        begin = datetime.combine(day, datetime.min.time())
        assert Counts(*sums) == told(within(cases, "p"), Span(begin, min(begin + timedelta(days=1), span.end))), day
    months = (Span(datetime(2026, 1, 1), datetime(2026, 2, 1)), SPANS["a past month"], SPANS["before"])
    assert counts.monthly(the("p"), months) == tuple(told(within(cases, "p"), month) for month in months)


def test_days_without_a_load_are_not_known_and_orders_are_another_matter(cases):
    past = Span(FIRST - timedelta(days=9), FIRST - timedelta(days=5))
    assert not coverage.known(past, "services.cases")
    assert coverage.known(SPANS["a past month"], "services.cases")
    assert coverage.covers(SPANS["all"], "services.cases")
    assert not coverage.covers(Span(past.start, UNTIL), "services.cases")
    assert coverage.covered([date(2025, 12, 31), date(2026, 1, 1)], "services.cases") == [False, True]
    assert not coverage.ever() and not coverage.ever("services.tickets")
    assert coverage.given(SPANS["all"]) == {"services.cases", "services.items"}
    assert coverage.given(past) == frozenset()


def test_a_correction_moves_the_counts_of_its_days_alone(database):
    cases = services_city.built(count=300)
    span = SPANS["all"]
    before = counts.totals(the("city"), span, None)["now"]
    late = cases[(cases["finish_at"].notna()) & (cases["promised_days"] > 0)].iloc[0]
    day = late["finish_at"].date()
    with engine.committing() as connection:
        mine = service_case.c.case_id == int(late["case_id"])
        connection.execute(update(service_case).where(mine).values(used_days=float(late["promised_days"]) + 9))
        counts.refresh(connection, day, day)
    cases.loc[cases["case_id"] == late["case_id"], "used_days"] = float(late["promised_days"]) + 9
    after = counts.totals(the("city"), span, None)["now"]
    assert after == told(cases, span)
    assert after != before
    assert after.finished == before.finished


def test_ticks_and_open_cases_are_in_step_with_the_cases(database):
    cases = services_city.built(count=300)
    changed = cases[cases["finish_at"].isna() & cases["accept_at"].notna()].iloc[0]
    finished = UNTIL - timedelta(minutes=90)
    rows = len(engine.read(select(service_tick)))
    with engine.committing() as connection:
        mine = service_case.c.case_id == int(changed["case_id"])
        connection.execute(update(service_case).where(mine).values(finish_at=finished, used_days=1.0))
        counts.refresh(connection, finished.date())
    cases.loc[cases["case_id"] == changed["case_id"], ["finish_at", "used_days"]] = [pd.Timestamp(finished), 1.0]
    stored = engine.read(select(service_case).order_by(service_case.c.case_id))
    opened = engine.read(select(service_open).order_by(service_open.c.case_id))
    left = still_open(stored, datetime.max.replace(year=2200))
    assert 0 < len(opened) == len(left)
    known = left.columns[left.notna().any()]
    pd.testing.assert_frame_equal(opened[known], left[known].reset_index(drop=True), check_dtype=False)
    done = cases[cases["finish_at"].notna() & cases["used_days"].notna()]
    took = engine.read(select(service_took))
    had_days = done[done["promised_days"] > 0]
    assert sorted(took["finish_at"]) == sorted(had_days["finish_at"]) and took["used_days"].sum() == (
        had_days["used_days"].sum()
    )
    assert engine.read(select(service_day_once))["n"].sum() == (done["promised_days"] == 0).sum()
    ticks = engine.read(select(service_tick))
    assert len(ticks) > rows  # they are appended to, never rewritten
    ends = [UNTIL + timedelta(days=400), finished + timedelta(hours=1), finished]
    for end in ends:
        before = ticks[ticks["moment"] < end]
        sums = [int(before.loc[(before["what"] & bit) != 0, "n"].sum()) for bit in CASES.bits.values()]
        assert Counts(*sums) == told(cases, Span(datetime(2020, 1, 1), end))
