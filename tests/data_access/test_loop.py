"""The closed loop, counted another way: by the life that each order's own events tell, one order at a time."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from data_access import bulk, cubes, engine, hotline, loop, remember, steps
from data_access.schema import hotline_event
from data_access.where import ALL, Where
from domain.closed_loop import discrepancy
from domain.lifecycle import Event, Life, life
from domain.periods import Span
from tests.data_access import small_city
from tests.data_access.small_city import UNTIL, the

ORGS = ("east", "west", "north")
SPANS = (
    Span(datetime(2026, 6, 1), UNTIL),
    Span(datetime(2026, 5, 20), datetime(2026, 6, 10)),
    Span(datetime(2026, 6, 12), datetime(2026, 6, 12, 9, 30)),
    Span(datetime(2020, 1, 1), datetime(2020, 2, 1)),
)
MINUTE = timedelta(minutes=1)


class Told(NamedTuple):
    """An order as it is stored, and its event log."""

    row: dict[str, Any]
    events: list[Event]

    def life(self, until: datetime) -> Life:
        """What happened before the moment."""
        return life(self.events, until=until - MINUTE)


def told(n: int, rng: np.random.Generator) -> Told:
    """One order: returned and passed on up to four times, signed for (now and then sent back even then), redone up to
    three times; all at whole minutes, cut off at UNTIL."""
    at = UNTIL - timedelta(minutes=int(rng.integers(1, 60 * 24 * 40)))
    district, street = (("p", "x"), ("p", "y"), ("q", "w"))[int(rng.integers(3))]
    row = small_city.order(n, at, district_code=district, street_code=street, redo_count=0)
    log = [Event("registered", at, "centre")]

    def step(name: str, org: str, most: int) -> None:
        nonlocal at
        at += timedelta(minutes=int(rng.integers(1, most)))
        log.append(Event(name, at, org))

    if rng.random() < 0.2:
        row["direct"] = True
        step("answered", "centre", 30)
        step("closed", "centre", 2)
    else:
        org = str(rng.choice(ORGS))
        step("dispatched", org, 300)
        signed = False
        while rng.random() < 0.4:
            if not signed and rng.random() < 0.3:
                step("signed", org, 200)
                signed = True
            if rng.random() < 0.8:
                step("returned", org, 300)
            org = str(rng.choice(ORGS))
            step(
                str(rng.choice(["reassigned", "dispatched"])) if log[-1].name == "returned" else "reassigned", org, 300
            )
        step("signed", org, 200)
        row["due_at"] = row["accept_at"] + timedelta(minutes=int(rng.choice([60, 1440, 7200])))
        row["org"] = org
        step("replied", org, 9000)
        step("closed", org, 400)
    if rng.random() < 0.7:
        step("callback", "centre", 3000)
        for _ in range(3):
            if row["direct"] or rng.random() < 0.5:
                break
            step("redo", row["org"], 900)
            step("replied", row["org"], 6000)
            step("closed", row["org"], 100)
            if rng.random() < 0.2:
                break
            step("callback", "centre", 2000)
    log = [event for event in log if event.at < UNTIL]
    for name, column in (
        ("dispatched", "dispatch_at"), ("signed", "sign_at"), ("replied", "reply_at"), ("closed", "close_at"),
        ("returned", "returned_at"), ("redo", "redo_at"),
    ):  # fmt: skip
        row[column] = next((event.at for event in log if event.name == name), None)
    row["callback_at"] = next((event.at for event in reversed(log) if event.name == "callback"), None)
    row["redo_count"] = sum(event.name == "redo" for event in log)
    return Told(row, log)


def stored(some: list[Told]) -> None:
    logged = [
        {
            "order_id": one.row["order_id"], "street_code": one.row["street_code"], "seq": seq, "event": event.name,
            "happened_at": event.at, "org": event.org,
        }
        for one in some
        for seq, event in enumerate(one.events, 1)
    ]  # fmt: skip
    with engine.committing() as connection:
        small_city.store_areas(connection)
        small_city.put_orders(connection, small_city.typed(pd.DataFrame([one.row for one in some])))
        bulk.insert(connection, hotline_event, pd.DataFrame(logged).astype({"happened_at": "datetime64[us]"}))
        cubes.refresh(connection)


@pytest.fixture(scope="module")
def orders(module_database: Engine) -> list[Told]:
    """Orders with their events, stored. Look, do not touch."""
    rng = np.random.default_rng(5)
    some = [told(n, rng) for n in range(1, 900)]
    stored(some)
    return some


def of(some: list[Told], place: str, org: str = "") -> list[Told]:
    level = small_city.PLACES[place][1]
    inside = [one for one in some if not level or one.row[small_city.COLUMN[level]] == place]
    return [one for one in inside if not org or one.row["org"] == org]


ASKED = [("city", ""), ("p", ""), ("x", ""), ("city", "east"), ("w", "west")]
ENDS = {
    "dispatch": "dispatch_at", "sign": "sign_at", "reply": "reply_at", "close": "close_at", "callback": "callback_at",
}  # fmt: skip


@pytest.mark.parametrize("span", SPANS, ids=lambda span: f"{span.start:%m%d}-{span.end:%m%d}")
@pytest.mark.parametrize(("place", "org"), ASKED)
def test_times_in_each_step_are_the_quantiles_of_the_orders_own_clocks(orders, place, org, span):
    found = loop.passed(the(place), span, Where(org=org) if org else ALL)
    mine = of(orders, place, org)
    for step, column in ENDS.items():
        ended = [
            one
            for one in mine
            if one.row[column] is not None
            and span.start <= one.row[column] < span.end
            and (step == "callback" or not one.row["direct"])
        ]
        timed = ended
        if step == "callback":  # of a redone order it is the callback after the last time
            timed = [one for one in ended if one.row["redo_at"] is None or one.row["redo_at"] >= one.row[column]]
        seconds = [getattr(one.life(UNTIL).clocks, step).total_seconds() for one in timed]
        told_of = found[step]
        assert (told_of.passed, told_of.timed) == (len(ended), len(seconds)), step
        for part, value in ((0.5, told_of.median), (0.9, told_of.p90)):
            assert value == (pytest.approx(pd.Series(seconds).quantile(part)) if seconds else None), step
    shares = [
        (one.row["reply_at"] - one.row["sign_at"]) / (one.row["due_at"] - one.row["accept_at"])
        for one in mine
        if one.row["reply_at"] is not None and span.start <= one.row["reply_at"] < span.end
    ]
    assert found["reply"].of_limit == (pytest.approx(pd.Series(shares).median()) if shares else None)
    assert found["reply"].of_limit_p90 == (pytest.approx(pd.Series(shares).quantile(0.9)) if shares else None)


@pytest.mark.parametrize("span", SPANS, ids=lambda span: f"{span.start:%m%d}-{span.end:%m%d}")
@pytest.mark.parametrize(("place", "org"), ASKED)
def test_redoing_takes_from_the_first_redo_to_the_reply_after_it(orders, place, org, span):
    found = loop.passed(the(place), span, Where(org=org) if org else ALL)["redo"]
    seconds = []
    for one in of(orders, place, org):
        took = one.life(UNTIL).clocks.redo
        if took is not None and span.start <= one.row["redo_at"] + took < span.end:
            seconds.append(took.total_seconds())
    assert (found.passed, found.timed) == (len(seconds), len(seconds))
    assert found.median == (pytest.approx(pd.Series(seconds).median()) if seconds else None)
    assert found.p90 == (pytest.approx(pd.Series(seconds).quantile(0.9)) if seconds else None)


@pytest.mark.parametrize("at", [UNTIL, datetime(2026, 6, 9), datetime(2026, 5, 30, 12, 7), datetime(2001, 1, 1)])
@pytest.mark.parametrize(("place", "org"), ASKED)
def test_each_open_order_waits_for_one_step(orders, place, org, at):
    expected: Counter[str] = Counter()
    redone = 0
    for one in of(orders, place, org):
        if one.row["accept_at"] >= at:
            continue
        redone += one.life(at).state_at(at) == "redo"
        done = {step for step, column in ENDS.items() if one.row[column] is not None and one.row[column] < at}
        if "close" not in done:
            expected[
                next(s for s in ("close", "reply", "sign", "dispatch") if s == "dispatch" or _before(s) in done)
            ] += 1
    found = loop.waiting(the(place), at, Where(org=org) if org else ALL)
    assert found.by_step == {s: expected[s] for s in ("dispatch", "sign", "reply", "close")} | {"redo": redone}
    assert found.open == sum(expected.values())
    assert found.open == hotline.stock(the(place), at, None, Where(org=org) if org else ALL)["now"].open


def _before(step: str) -> str:
    names = list(ENDS)
    return names[names.index(step) - 1]


def test_orders_were_being_redone_at_some_moment(orders):
    assert loop.waiting(the("city"), datetime(2026, 6, 9)).by_step["redo"] > 0


def test_a_step_that_no_source_tells_is_passed_over(orders):
    at, some = UNTIL, steps.told_steps(frozenset({"reply_at", "close_at"}))
    assert some == ("reply", "close")
    found = loop.waiting(the("city"), at, ALL, some)
    everything = loop.waiting(the("city"), at)
    assert found.open == everything.open
    assert found.by_step["close"] == everything.by_step["close"]
    assert found.by_step["reply"] == everything.open - everything.by_step["close"]
    took = loop.passed(the("city"), SPANS[0], ALL, some)
    ended = [o.row for o in orders if o.row["reply_at"] and SPANS[0].start <= o.row["reply_at"] < UNTIL]
    waits = pd.Series([(row["reply_at"] - row["accept_at"]).total_seconds() for row in ended])
    assert took["reply"].median == pytest.approx(waits.median())
    assert steps.told_steps(frozenset({"*"})) == (*ENDS, "redo")
    assert loop.passed(the("city"), SPANS[0], ALL, ()) == {}
    every = loop.passed(the("city"), SPANS[0])
    assert loop.passed(the("city"), SPANS[0], ALL, ("redo",)) == {"redo": every["redo"]}


@pytest.mark.parametrize("at", [UNTIL, datetime(2026, 6, 12)])
@pytest.mark.parametrize("span", SPANS[:3], ids=lambda span: f"{span.start:%m%d}-{span.end:%m%d}")
@pytest.mark.parametrize(("place", "org"), ASKED)
def test_orders_go_from_organisation_to_organisation_as_each_log_tells(orders, place, org, span, at):
    span = Span(span.start, min(span.end, at))
    expected: Counter[tuple[str, str, str]] = Counter()
    most: dict[tuple[str, str, str], list[int]] = {}
    for one in of(orders, place, org):
        mine = [b for b in one.life(at).bounces if span.start <= b.at < span.end]
        for bounce in mine:
            key = (bounce.from_org, bounce.to_org, bounce.kind)
            expected[key] += 1
            most.setdefault(key, []).append(len(mine))
    found = loop.bounces(the(place), span, at, Where(org=org) if org else ALL)
    assert {(b.from_org, b.to_org, b.kind): b.n for b in found} == dict(expected)
    assert [b.n for b in found] == sorted((b.n for b in found), reverse=True)
    by_id = {one.row["order_id"]: one for one in orders}
    for b in found:
        assert b.most == max(most[b.from_org, b.to_org, b.kind])
        worst = [x for x in by_id[b.order_id].life(at).bounces if span.start <= x.at < span.end]
        assert len(worst) == b.most
        assert any((x.from_org, x.to_org, x.kind) == (b.from_org, b.to_org, b.kind) for x in worst)


def test_the_sample_has_every_kind_of_bounce(orders):
    found = loop.bounces(the("city"), SPANS[0], UNTIL)
    kinds = {("waiting" if not b.to_org else "refused" if b.to_org == b.from_org else b.kind) for b in found}
    assert kinds == {"waiting", "refused", "returned", "reassigned"}
    assert max(b.most for b in found) > 2


@pytest.mark.parametrize("span", SPANS, ids=lambda span: f"{span.start:%m%d}-{span.end:%m%d}")
def test_the_return_rate_is_of_the_orders_dispatched_in_the_span(orders, span):
    sent = [o.row for o in orders if o.row["dispatch_at"] and span.start <= o.row["dispatch_at"] < span.end]
    back = [row for row in sent if row["returned_at"] is not None and row["returned_at"] < span.end]
    assert loop.returned(the("city"), span, span.end) == (len(sent), len(back))


moments = st.integers(0, 60 * 24 * 45).map(lambda minutes: UNTIL - timedelta(minutes=minutes))


@given(first=moments, second=moments, place=st.sampled_from(["city", "p", "x", "w"]))
def test_what_came_in_and_went_out_explains_what_is_open(orders, first, second, place):
    start, end = sorted((first, second))
    flows = hotline.totals(the(place), Span(start, end), None)["now"]
    opening, closing = (loop.waiting(the(place), moment, ALL, ()).open for moment in (start, end))
    assert discrepancy(opening, flows.tracked, flows.closed, closing) == 0


def test_an_order_closed_before_it_came_does_not_add_up(database):
    good = small_city.order(1, datetime(2026, 6, 2), close_at=datetime(2026, 6, 3))
    bad = small_city.order(2, datetime(2026, 6, 5), close_at=datetime(2026, 5, 1))
    stored([Told(row, [Event("registered", row["accept_at"])]) for row in (good, bad)])
    flows = hotline.totals(the("city"), Span(datetime(2026, 6, 1), UNTIL), None)["now"]
    opening, closing = (loop.waiting(the("city"), at, ALL, ()).open for at in (datetime(2026, 6, 1), UNTIL))
    assert (opening, flows.tracked, flows.closed, closing) == (0, 2, 1, 0)
    assert discrepancy(opening, flows.tracked, flows.closed, closing) == -1


def test_of_a_street_orders_of_any_age_are_told_and_those_of_others_do_not_matter(database):
    """Also one that was closed two years after it came, and one before it came; the street beside is none of it."""
    day, old = datetime(2026, 6, 10), datetime(2024, 6, 1, 8)
    ends = {"dispatch_at": old, "sign_at": old + MINUTE, "reply_at": day + 10 * MINUTE, "close_at": day + 20 * MINUTE}
    early = {"accept_at": datetime(2026, 6, 17, 9), "reply_at": day + 2 * MINUTE, "close_at": day + 3 * MINUTE}
    here = {"district_code": "p", "street_code": "x", "direct": False}
    late = small_city.order(1, old, **here, **ends, due_at=old + timedelta(days=10))
    wrong = small_city.order(2, **here, **early)
    beside = small_city.order(3, day - MINUTE, **here | {"street_code": "y"}, close_at=day + 20 * MINUTE)
    stored([Told(row, [Event("registered", row["accept_at"])]) for row in (late, wrong, beside)])
    found = loop.passed(the("x"), Span(day, day + timedelta(days=1)))
    waited = (day + 10 * MINUTE - ends["sign_at"]).total_seconds()
    limit = timedelta(days=10).total_seconds()
    assert found["reply"] == (2, 1, waited, waited, waited / limit, waited / limit)
    assert found["close"][:4] == (2, 2, pytest.approx(330), pytest.approx(60 + 0.9 * 540))
    assert found["dispatch"] == found["callback"] == loop.Passed()
    assert loop.passed(the("y"), Span(day, day + timedelta(days=1)))["close"][:2] == (1, 0)
    before = loop.passed(the("x"), Span(old, old + timedelta(days=1)))
    assert (before["dispatch"][:3], before["sign"][:3], before["close"].passed) == ((1, 1, 0), (1, 1, 60), 0)
    assert loop.passed(the("w"), Span(old, UNTIL)) == dict.fromkeys(steps.ALL_STEPS, loop.Passed())


CUT = (
    Span(datetime(2026, 5, 20, 10, 7), datetime(2026, 6, 10, 15, 30)),
    Span(datetime(2026, 6, 12, 8), datetime(2026, 6, 12, 9, 30)),
    Span(datetime(2026, 5, 20), datetime(2026, 6, 10)),
    Span(datetime(2020, 1, 1), datetime(2020, 2, 1)),
)


@pytest.mark.parametrize("area", ["city", "p", "q"])
@pytest.mark.parametrize("span", CUT, ids=lambda span: f"{span.start:%m%d%H}-{span.end:%m%d%H}")
def test_of_very_many_orders_buckets_tell_nearly_the_same(orders, span, area, monkeypatch):
    exact = loop.passed(the(area), span)
    monkeypatch.setattr(loop, "EXACT", -1)
    remember.forget()
    found = loop.passed(the(area), span)
    remember.forget()
    assert list(found) == list(exact)
    for step, one in found.items():
        assert (one.passed, one.timed) == (exact[step].passed, exact[step].timed), step
        for name in ("median", "p90", "of_limit", "of_limit_p90"):
            value = getattr(exact[step], name)
            # few lie between the two orders that a quantile is between: each of them may be a bucket off
            assert getattr(one, name) == (value if value is None else pytest.approx(value, rel=1 / 64, abs=1)), step


@pytest.mark.parametrize(("place", "org"), [("x", ""), ("city", "east"), ("p", "east")])
def test_of_streets_and_filtered_orders_none_are_counted_by_size(orders, place, org, monkeypatch):
    exact = loop.passed(the(place), CUT[0], Where(org=org))
    monkeypatch.setattr(loop, "EXACT", -1)
    monkeypatch.setattr(loop, "_Sizes", None)
    remember.forget()
    assert loop.passed(the(place), CUT[0], Where(org=org)) == exact
    remember.forget()


@pytest.mark.parametrize("after", [0, 1])
def test_a_day_counts_as_a_whole_when_nothing_of_it_is_later(orders, after, monkeypatch):
    """The orders of its begun part are read only where some of the day's steps ended after it."""
    ends = [one.row[column] for one in orders for column in ENDS.values() if one.row[column] is not None]
    last = max(end for end in ends if end.date() == date(2026, 6, 10))
    span = Span(datetime(2026, 5, 20), last + timedelta(seconds=after))
    exact = loop.passed(the("city"), span)
    read, ask = [], steps.of_orders
    monkeypatch.setattr(loop, "EXACT", -1)
    monkeypatch.setattr(steps, "of_orders", lambda level: read.append(level) or ask(level))
    remember.forget()
    found = loop.passed(the("city"), span)
    remember.forget()
    assert [one.passed for one in found.values()] == [one.passed for one in exact.values()]
    assert read == ([] if after else [0])
