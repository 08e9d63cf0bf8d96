"""How long cases took, who is close to the limit, ratings, flows and hours: counted another way, from the cases."""

from collections import Counter
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access.services import counts, crossing, flow, ratings, times
from data_access.services.counts import ALL, Where
from domain.periods import Span
from domain.workdays import is_workday
from tests.data_access import services_city
from tests.data_access.services_city import during, still_open, within
from tests.data_access.small_city import UNTIL, the

SPANS = {
    "all": Span(datetime(2026, 1, 1), UNTIL),
    "ninety days": Span(datetime(2026, 3, 21), UNTIL),
    "a past month": Span(datetime(2026, 2, 1), datetime(2026, 3, 1)),
    "a morning": Span(datetime(2026, 4, 2, 0, 0), datetime(2026, 4, 2, 12, 0)),
    "nothing": Span(datetime(2026, 4, 2), datetime(2026, 4, 2)),
    "before": Span(datetime(2020, 1, 1), datetime(2020, 2, 1)),
}
PLACES = ("city", "p", "x", "q", "r")
FILTERS = (ALL, Where(org="east"), Where(item="a4"), Where(channel="window", special="startup"), Where(org="nobody"))


@pytest.fixture(scope="module")
def cases(module_database: Engine) -> pd.DataFrame:
    return services_city.built()


@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_times_of_finished_cases_are_those_of_the_cases(cases, span, place, where):
    told = times.finished(the(place), span, where)
    some = during(within(cases, place, where), "finish_at", span.start, span.end)
    some = some[some["promised_days"] > 0]
    share = some["used_days"] / some["promised_days"]
    assert (told.n, told.late) == (len(some), int((share > 1).sum()))
    edges = [-np.inf, *(edge + 1e-9 for edge in times.EDGES), np.inf]
    assert list(told.bins) == np.histogram(share, bins=edges)[0].tolist()
    assert sum(told.bins[times.IN_TIME :]) == told.late
    by_law = times.finished(the(place), span, where, "legal")
    limited = some[some["legal_days"] > 0]
    share = limited["used_days"] / limited["legal_days"]
    assert (by_law.n, by_law.late, by_law.without) == (len(limited), int((share > 1).sum()), len(some) - len(limited))
    assert list(by_law.bins) == np.histogram(share, bins=edges)[0].tolist()
    for column in ("item", "org", "special"):
        groups = times.took(the(place), span, column, where)
        known = some[some[column] != ""] if column == "special" else some
        assert [one.code for one in groups] == sorted(known[column].unique())
        for one in groups:
            _same(one, known[known[column] == one.code])


@pytest.mark.parametrize("column", ["item", "org"])
@pytest.mark.parametrize("most", [1, 3, 99])
@pytest.mark.parametrize("few", [0, 20, 10_000])
def test_only_those_with_the_most_late_are_told_when_asked_for_so_many(cases, column, most, few):
    whole = times.took(the("city"), SPANS["all"], column)
    worst = sorted(whole, key=lambda one: (one.n < few, -one.late, -one.n, one.code))[:most]
    assert len({(one.late, one.n) for one in whole}) > 1
    assert times.took(the("city"), SPANS["nothing"], column, most=most, few=few) == ()
    assert times.took(the("city"), SPANS["all"], column, most=most, few=few) == tuple(worst)


def _same(one: times.Took, mine: pd.DataFrame) -> None:
    used, promised, legal = mine["used_days"], mine["promised_days"], mine["legal_days"]
    assert (one.n, one.late) == (len(mine), int((used > promised).sum()))
    found = (one.median, one.p90, one.of_promise, one.of_promise_p90)
    shares = used / promised
    wanted = (used.median(), used.quantile(0.9), shares.median(), shares.quantile(0.9))
    assert found == pytest.approx(wanted)
    of_legal = (used / legal).dropna()
    assert one.of_legal_p90 == (pytest.approx(of_legal.quantile(0.9)) if len(of_legal) else None)
    assert (promised == one.promised).sum() == promised.value_counts().max()
    usual = legal.fillna(-1).value_counts()
    assert usual[-1 if one.legal is None else one.legal] == usual.max()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_what_is_done_at_once_is_told_in_minutes(cases, span, place):
    told = times.at_once(the(place), span)
    some = during(within(cases, place), "finish_at", span.start, span.end)
    some = some[some["promised_days"] == 0]
    same = some[some["used_days"] <= 0]
    minutes = ((same["finish_at"] - same["accept_at"]).dt.total_seconds() // 60).astype(float)
    assert (told.n, told.same_day) == (len(some), len(same))
    if len(same):
        assert (told.median, told.p90) == pytest.approx((minutes.median(), minutes.quantile(0.9)))
    else:
        assert (told.median, told.p90) == (None, None)


@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_specials_are_counted_with_those_done_at_once(cases, span):
    some = during(cases, "finish_at", span.start, span.end)
    wanted = {
        code: (len(mine), (mine["used_days"] <= mine["promised_days"]).sum()) for code, mine in some.groupby("special")
    }
    told = times.by_special(the("city"), span, None)
    assert {row.code: (row.now.finished, row.now.in_time) for row in told} == wanted
    assert "" in wanted or not wanted  # all other cases are one row


MOMENTS = (  # the clock, a past evening, midnight, a Sunday, the eve of a holiday, before any case
    UNTIL, datetime(2026, 3, 3, 20, 0), datetime(2026, 3, 4), datetime(2026, 3, 8, 10, 0), datetime(2026, 4, 30, 17, 0),
    datetime(2025, 1, 1),
)  # fmt: skip


@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("at", MOMENTS)
def test_who_is_close_to_the_limit(cases, at, place, where):
    told = times.near(the(place), at, where)
    waiting = still_open(within(cases, place, where), at)
    ends = _ends(at.date())
    assert [one.org for one in told] == sorted(waiting["org"].unique())
    for one in told:
        due = waiting.loc[waiting["org"] == one.org, "due_at"]
        late, today, following = (
            (due >= a) & (due < b) for a, b in zip((pd.Timestamp.min, at, *ends), (at, *ends), strict=False)
        )
        assert one == (one.org, len(due), late.sum(), today.sum(), following.sum())
    stock = counts.stock(the(place), (at,), where)[0]
    assert (sum(one.open for one in told), sum(one.late for one in told)) == stock


def _ends(day: date) -> list[datetime]:
    """The beginnings of the next two working days."""
    after = (day + timedelta(days=n) for n in range(1, 40))
    worked = [d for d in after if is_workday(d)]
    return [datetime.combine(d, time.min) for d in worked[:2]]


def test_less_than_a_day_on_a_sunday_is_what_ends_before_monday():
    assert times.soon(datetime(2026, 3, 8, 10)) == (datetime(2026, 3, 9), datetime(2026, 3, 10))
    assert times.soon(datetime(2026, 3, 6, 17)) == (datetime(2026, 3, 9), datetime(2026, 3, 10))
    assert times.soon(datetime(2026, 9, 24, 9)) == (datetime(2026, 9, 28), datetime(2026, 9, 29))  # Mid-Autumn


@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_what_came_less_what_went_is_what_is_left(cases, span, place, where):
    for by in ("channel", "org"):
        told = flow.parts(the(place), span, by, where)
        mine = within(cases, place, where)
        for part in told:
            some = mine[mine[by] == part.code]
            before, after = (still_open(some, moment) for moment in (span.start, span.end))
            moved = [
                len(during(some, f"{clock}_at", span.start, span.end)) for clock in ("receive", "accept", "finish")
            ]
            overdue = (after["due_at"] < pd.Timestamp(span.end)).sum()
            assert part == (part.code, len(before), *moved, len(after), overdue)
            assert part.opening + part.accepted - part.finished == part.closing
        assert sum(part.closing for part in told) == len(still_open(mine, span.end))
        assert sum(part.received for part in told) == len(during(mine, "receive_at", span.start, span.end))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_hours_are_those_of_the_clocks(cases, span, place):
    mine, told = within(cases, place), flow.by_hour(the(place), span)
    for n, clock in enumerate(("receive_at", "finish_at")):
        hours = Counter(during(mine, clock, span.start, span.end)[clock].dt.hour)
        assert [pair[n] for pair in told] == [hours[hour] for hour in range(24)]


@pytest.mark.parametrize("at", [UNTIL, datetime(2026, 6, 18)])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_bad_ratings_their_reasons_and_what_was_rectified(cases, span, place, at):
    span = Span(span.start, min(span.end, at))
    told = ratings.bad(the(place), span, at)
    some = during(within(cases, place), "rating_at", span.start, span.end)
    some = some[some["rating"] <= 2]
    done = some["rectified_at"] < pd.Timestamp(at)
    overdue = ~done & (some["rectify_due_at"] < pd.Timestamp(at))
    assert (told.n, told.default) == (len(some), int(some["rating_default"].sum()))
    assert {r.code: r.n for r in told.reasons} == some["bad_reason"].value_counts().to_dict()
    assert sum(r.rectified for r in told.reasons) == done.sum()
    assert (told.overdue, told.waiting) == (overdue.sum(), len(some) - done.sum() - overdue.sum())
    assert [r.n for r in told.reasons] == sorted((r.n for r in told.reasons), reverse=True)
    total = counts.totals(the(place), span, None)["now"]
    assert told.n == total.bad
    assert told.told == some["words"].notna().sum()
    said = Counter(words for words in some["words"].dropna())
    wanted = Counter()
    for words, n in said.items():
        for phrase in ("等了很久", "排队太长") if "等了" in words else ("排队太长",) if "排队" in words else ():
            wanted[phrase] += n
    found = dict(told.words)
    assert {phrase: found.get(phrase, 0) for phrase in wanted} == wanted
    assert not any("13912345678" in phrase for phrase in found)


@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_flows_run_from_where_it_was_handed_in(cases, span, place, where):
    told = crossing.flows(the(place), span, where)
    some = during(within(cases, place, where), "accept_at", span.start, span.end)
    some = some[some["origin"] != ""]
    by = {"city": "district_code", "p": "street_code", "q": "street_code", "r": "street_code"}.get(place, "street_code")
    assert {(f.origin, f.place): f.n for f in told} == some.groupby(["origin", by]).size().to_dict()
    assert [f.n for f in told] == sorted((f.n for f in told), reverse=True)


def test_scopes_are_of_the_items_in_force(cases):
    assert crossing.scopes(date(2026, 6, 18)) == {"nation": 3, "delta": 1, "": 2}
    assert crossing.scopes(date(2026, 1, 31)) == {"nation": 2, "delta": 1, "city": 1, "": 2}
    assert crossing.scopes(date(2019, 1, 1)) == {}
    assert crossing.elsewhere() == {"o1": ("甲市", "Jia"), "o2": ("乙市", None)}
