"""The list of cases and the league of departments: counted another way, over pandas."""

from datetime import date, datetime, time, timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine, update

from data_access import bulk, engine, months
from data_access.services import counts, league, records
from data_access.services.counts import ALL, Where
from data_access.services.tables import service_case, service_problem, service_stop
from domain.periods import Base, Span
from domain.workdays import is_workday
from tests.data_access import services_city
from tests.data_access.services_city import during, still_open, within
from tests.data_access.small_city import UNTIL, the

SPAN = Span(datetime(2026, 2, 1), datetime(2026, 4, 1))
MARCH = Span(datetime(2026, 3, 1), datetime(2026, 4, 1))
FEBRUARY = Base(Span(datetime(2026, 2, 1), datetime(2026, 3, 1)), "calendar")
MOMENTS = (datetime(2026, 3, 17, 11), UNTIL)


@pytest.fixture(scope="module")
def cases(module_database: Engine) -> pd.DataFrame:
    return services_city.built()


def next_workday(day: date) -> date:
    day += timedelta(days=1)
    return day if is_workday(day) else next_workday(day)


def expected(cases: pd.DataFrame, state: str, at: datetime) -> pd.DataFrame:
    """The cases of a list, straight from its docstring."""
    known = cases[cases["receive_at"] < pd.Timestamp(at)]
    end = min(SPAN.end, at)
    waits = still_open(known, at)
    first = pd.Timestamp(datetime.combine(next_workday(at.date()), time.min))
    second = pd.Timestamp(datetime.combine(next_workday(first.date()), time.min))
    finished = during(known, "finish_at", SPAN.start, end)
    rated = during(known, "rating_at", SPAN.start, end)
    return {
        "": during(known, "receive_at", SPAN.start, end),
        "open": waits,
        "late": waits[waits["due_at"] < pd.Timestamp(at)],
        "today": waits[(waits["due_at"] >= pd.Timestamp(at)) & (waits["due_at"] < first)],
        "next": waits[(waits["due_at"] >= first) & (waits["due_at"] < second)],
        "slow": finished[finished["used_days"] > finished["promised_days"]],
        "refused": during(known, "refuse_at", SPAN.start, end),
        "bad": rated[rated["rating"] <= 2],
    }[state]


def all_of(listing: records.Listing, size: int = 37) -> list[records.Case]:
    found: list[records.Case] = []
    after = ""
    while True:
        page = records.page(listing, after, size)
        found += page.cases
        if not (after := page.after):
            return found


@pytest.mark.parametrize("state", list(records.STATES))
@pytest.mark.parametrize("where", [ALL, Where(org="west"), Where(channel="window", special="startup")], ids=str)
def test_the_lists_are_the_cases(cases, state, where):
    seen = 0
    for at in MOMENTS:
        for area in ("city", "p", "x"):
            listing = records.Listing(the(area), SPAN, at, where, state)
            mine = set(expected(within(cases, area, where), state, at)["case_id"])
            found = all_of(listing)
            assert len(found) == len({one.case_id for one in found}) == records.size(listing)
            assert {one.case_id for one in found} == mine
            assert records.sizes(listing, (state,)) == {state: len(mine)}
            seen += len(mine)
    assert seen or where != ALL


@pytest.mark.parametrize("sort", ["", "newest", "oldest"])
def test_pages_follow_each_other_in_order(cases, sort):
    at = MOMENTS[0]
    listing = records.Listing(the("city"), SPAN, at, sort=sort)
    found = all_of(listing)
    mine = expected(cases, "", at)
    if sort:
        mine = mine.sort_values(["receive_at", "case_id"], ascending=[sort == "oldest", True])
        assert [one.case_id for one in found] == mine["case_id"].tolist()
    else:
        waits = [one for one in found if one.open]
        assert found[: len(waits)] == waits
        assert [one.due_at for one in waits] == sorted(one.due_at for one in waits if one.due_at)
    assert [one.case_id for part in records.every(listing, 55, 20) for one in part] == [
        one.case_id for one in found[:55]
    ]
    assert records.page(listing, "nonsense").first


def test_a_case_is_told_as_it_stood(cases):
    at = MOMENTS[0]
    by_id = cases.set_index("case_id")
    for one in all_of(records.Listing(the("city"), SPAN, at, state="open")) + all_of(
        records.Listing(the("city"), SPAN, at, state="slow")
    ):
        row = by_id.loc[one.case_id]
        for name in ("accept_at", "finish_at", "rating_at", "rectified_at"):
            happened = pd.notna(row[name]) and row[name] < pd.Timestamp(at)
            assert getattr(one, name) == (row[name].to_pydatetime() if happened else None)
        assert (one.used_days is None) == (one.finish_at is None)
        assert one.result == ("granted" if one.finish_at else "")


def test_a_search_finds_letter_for_letter(cases):
    at = UNTIL
    for text in ("a2事项", "事项", "C0001", "c0001", "排队", "%", "_", "没有"):
        listing = records.Listing(the("city"), SPAN, at, q=text)
        mine = expected(cases, "", at)
        told = mine[["title", "words", "case_no"]].fillna("").agg(" ".join, axis=1).str.lower()
        assert records.size(listing) == int(told.str.contains(text.lower(), regex=False).sum())
    assert records.size(records.Listing(the("city"), SPAN, at, q="a2事项")) > 30


def test_one_case_with_its_stops(cases):
    number = int(cases[cases["finish_at"].notna()]["case_id"].iloc[0])
    row = cases.set_index("case_id").loc[number]
    accepted = row["accept_at"].to_pydatetime()
    stop = {"case_id": number, "street_code": row["street_code"], "seq": 1, "reason": "hearing",
            "start_at": accepted + timedelta(minutes=1), "end_at": accepted + timedelta(days=4)}  # fmt: skip
    with engine.committing() as connection:
        bulk.insert(connection, service_stop, pd.DataFrame([stop]))
    told = records.whole(str(number), accepted + timedelta(days=1))
    assert told is not None
    assert told[1] == (records.Stop("hearing", stop["start_at"], None),)
    assert (told[0].standing and told[0].stops == 1) or told[0].finish_at
    later = records.whole(row["case_no"], UNTIL)
    assert later is not None and later[0].case_id == number and later[1][0].end == stop["end_at"]
    assert records.whole(str(number), row["receive_at"].to_pydatetime()) is None
    assert records.whole("no such", UNTIL) is None


# ---- the league ------------------------------------------------------------------------------------------------------


def test_the_league_is_the_cases_and_adds_up(cases):
    found = league.league(the("city"), MARCH, FEBRUARY, UNTIL, by="org")
    for unit in found.units:
        mine = cases[cases["org"] == unit.code]
        due = during(mine, "due_at", MARCH.start, MARCH.end)
        assert unit.now.due == len(due)
        assert unit.now.due_in_time == int((due["finish_at"] <= due["due_at"]).sum())
        assert unit.last is not None
        assert unit.last.received == len(during(mine, "receive_at", FEBRUARY.span.start, FEBRUARY.span.end))
    assert found.whole.now.due == sum(unit.now.due for unit in found.units) > 100
    assert found.frozen_at is None


def test_problems_are_of_their_span_and_fixed_by_the_moment(cases):
    rows = [
        {"number": str(n), "found_at": datetime(2026, 3, 1 + n), "district_code": "p" if n % 2 else "q",
         "fixed_at": datetime(2026, 3, 10 + n) if n % 3 else None, "org": "east", "kind": "queue", "text": ""}
        for n in range(12)
    ]  # fmt: skip
    with engine.committing() as connection:
        bulk.insert(connection, service_problem, pd.DataFrame(rows))
    at = datetime(2026, 3, 15)
    (told,) = league.problems(the("city"), MARCH, at)
    assert (told.found, told.fixed) == (12, sum(bool(r["fixed_at"]) and r["fixed_at"] < at for r in rows))
    (mine,) = league.problems(the("p"), MARCH, UNTIL, "east")
    assert (mine.found, mine.fixed) == (6, 4)
    assert league.problems(the("x"), MARCH, UNTIL) == ()
    assert league.problems(the("city"), MARCH, UNTIL, "nobody") == ()


def test_a_closed_month_stays_as_it_was(cases):
    before = league.league(the("city"), MARCH, FEBRUARY, UNTIL, by="org")
    frozen_at = datetime(2026, 4, 3)
    with engine.committing() as connection:
        for day in (date(2026, 2, 1), date(2026, 3, 1)):
            assert months.freeze(connection, day, at=frozen_at, of=league.KEPT) > 2
        with pytest.raises(months.FrozenError):
            months.freeze(connection, date(2026, 3, 9), of=league.KEPT)
        assert not months.frozen(connection, date(2026, 3, 1))  # the hotline's own months are not touched
        changed = service_case.c.org == "east"
        connection.execute(update(service_case).where(changed).values(due_at=datetime(2026, 3, 20), finish_at=None))
        counts.refresh(connection)
    after = league.league(the("city"), MARCH, FEBRUARY, UNTIL, by="org")
    assert after.frozen_at == frozen_at and after.last_frozen
    assert {u.code: u.now for u in after.units} == {u.code: u.now for u in before.units if u.code}
    (east,) = [unit for unit in after.units if unit.code == "east"]
    assert east.live is not None and east.live.due > east.now.due
    assert league.league(the("city"), MARCH, FEBRUARY, frozen_at, by="org").frozen_at is None
