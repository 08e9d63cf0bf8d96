"""Bursts at a moment, counted again from the orders with pandas; what a replay shows; what repeats."""

from bisect import bisect_left
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert, update

from data_access import burst_counts, bursts, clock, cubes, engine, remember
from data_access.schema import category, hotline_order, load_log, mark
from data_access.where import Where
from domain.hotline_rules import rules
from domain.repeats import frequent, problems, repeated
from tests.data_access import small_city
from tests.data_access.small_city import order, the

AT = datetime(2026, 6, 18, 14, 30)
RULES = rules(AT.date())
DAYS = 80
PLACES = {"x": "p", "y": "p", "w": "q"}


def lots(seed: int = 3) -> list[dict]:
    """Orders of ten weeks: a few a day everywhere, sometimes many at once, by few callers or by none that is named."""
    rng = np.random.default_rng(seed)
    rows = []

    def add(at: datetime, leaf: str, street: str, caller: int | None, **more) -> None:
        place = {"district_code": PLACES.get(street, "q"), "street_code": street}
        more = place | {"topic": leaf[:2], "category": leaf, "caller_key": caller} | more
        rows.append(order(len(rows) + 1, at, **more))

    for n in range(2600):
        minute = int(rng.integers(DAYS * 1440))
        minute -= minute % int(rng.choice([1, 1, 60, 1440]))
        street = str(rng.choice(["x", "y", "w", ""], p=[0.5, 0.3, 0.15, 0.05]))
        leaf = str(rng.choice(["a1x", "a1y", "b2z"], p=[0.7, 0.2, 0.1]))
        caller = None if rng.random() < 0.1 else int(rng.integers(1, 400))
        community = str(rng.choice(["m", "n", ""])) if street == "x" else ""
        add(AT - timedelta(days=DAYS) + timedelta(minutes=minute + 30), leaf, street, caller, community_code=community)
        if n % 40 == 0:
            for k in range(int(rng.integers(4, 12))):
                at = AT - timedelta(days=float(rng.random() * 16), minutes=k)
                add(at, leaf, street, int(rng.integers(1, 9)))
    for k in range(14):  # a burst now, and one caller who calls as often
        add(AT - timedelta(minutes=3 + 2 * k), "b2z", "y", 1000 + k, title="小区燃气泄漏气味大")
        add(AT - timedelta(minutes=3 + 2 * k), "c3k", "w", 77)
    return rows


def put(rows: list[dict], *, since: int = 200) -> pd.DataFrame:
    frame = small_city.typed(pd.DataFrame(rows))
    with engine.committing() as connection:
        small_city.store_areas(connection)
        leaves = [("a1", 2, None), ("b2", 2, None), ("a1x", 3, "a1"), ("a1y", 3, "a1"), ("b2z", 3, "b2")]
        for code, level, parent in leaves:
            connection.execute(insert(category).values(code=code, level=level, parent=parent, name_zh=code))
        small_city.put_orders(connection, frame)
        connection.execute(insert(load_log).values(loaded(AT - timedelta(days=since))))
        cubes.refresh(connection)
    return frame


def loaded(first: datetime, last: datetime = AT, *, load_id: str = "1", updated: int = 0) -> dict:
    counts = dict.fromkeys(("rows_read", "stored", "already", "quarantined", "unplaced"), 0)
    return counts | {
        "load_id": load_id, "source": "hotline", "file": "f", "digest": load_id, "loaded_at": AT, "updated": updated,
        "data_from": first, "data_to": last, "report": "{}",
    }  # fmt: skip


# ---- counted again ---------------------------------------------------------------------------------------------------


class Told(NamedTuple):
    """The orders of one key, by time."""

    at: list[datetime]
    caller: list[int | None]


def told_of(rows: pd.DataFrame) -> dict[tuple[str, str, str], Told]:
    ordered = rows.sort_values("accept_at")
    return {
        key: Told(own["accept_at"].tolist(), [None if pd.isna(c) else int(c) for c in own["caller_key"]])
        for key, own in ordered.groupby(["category", "street_code", "district_code"])
    }


def distinct(own: Told, end: datetime, hours: int) -> int:
    """Callers in the window that ends there; one that is not named is one each time."""
    inside = own.caller[bisect_left(own.at, end - timedelta(hours=hours)) : bisect_left(own.at, end)]
    return len({c for c in inside if c is not None}) + inside.count(None)


def expected(own: Told, end: datetime, hours: int) -> float:
    """The mean of the eight weeks before without the two largest, at least one half."""
    weeks = sorted(distinct(own, end - timedelta(weeks=k), hours) for k in range(1, 9))
    return max(sum(weeks[:6]) / 6, 0.5)


def episode(own: Told, at: datetime, hours: int) -> tuple[str, datetime | None]:
    """State and beginning, window by window, as the handbook says it."""
    hour = at.replace(minute=0)
    ends = [hour - timedelta(hours=n) for n in range(bursts.WINDOWS[hours] * 24, -1, -1)]
    ends += [at] if at > hour else []
    state, since, calm = "", None, 0
    order_of = ["", "watch", "burst"]
    for end in ends:
        x, mu = distinct(own, end, hours), expected(own, end, hours)
        z = 2 * (x**0.5 - mu**0.5)
        level = "burst" if x >= 5 and z >= 3 and x >= 2 * mu else "watch" if x >= 3 and z >= 2 else ""
        since = end if not state and level else since
        state = max(state, level, key=order_of.index)
        calm = calm + 1 if z < 1.5 else 0
        if calm >= 2:
            state, since = "", None
    return state, since


def test_bursts_are_those_of_the_handbook_recomputed_from_the_orders(database):
    rows = put(lots())
    for at in (AT, AT - timedelta(days=2, minutes=30)):
        found = {(b.category, b.street, b.district): b for b in bursts.found(at)}
        assert any(b.state == "burst" for b in found.values())
        for key, own in told_of(rows).items():
            states = {hours: episode(own, at, hours) for hours in bursts.WINDOWS}
            if not any(state for state, _ in states.values()):
                assert key not in found
                continue
            burst = found[key]
            hours = 24 if states[24][0] == states[1][0] or states[24][0] == "burst" or not states[1][0] else 1
            assert (burst.state, burst.since, burst.window_hours) == (*states[hours], hours)
            assert burst.callers == distinct(own, at, hours)
            assert burst.expected == pytest.approx(expected(own, at, hours))
            assert burst.z == pytest.approx(2 * (burst.callers**0.5 - burst.expected**0.5))
            assert burst.orders >= burst.callers
            (daily,), (lately,) = bursts.days([burst], at), bursts.hours([burst], at)
            days = [distinct(own, at - timedelta(days=14 - n), 24) for n in range(bursts.SPARK_DAYS)]
            assert list(daily) == days
            hourly = [distinct(own, at - timedelta(hours=47 - n), 1) for n in range(bursts.COURSE_HOURS)]
            assert list(lately) == hourly


def test_one_caller_is_no_burst_and_words_raise_it(duckdb_only):
    put(lots())
    found = {(b.category, b.street): b for b in bursts.found(AT)}
    assert found["b2z", "y"].state == "burst"
    assert bursts.told([found["b2z", "y"]], AT)[0].keywords == ("燃气泄漏",)
    assert found["b2z", "y"].since == AT
    assert ("c3k", "w") not in found  # fourteen orders of one caller


def test_what_comes_later_changes_nothing_that_was_shown(duckdb_only):
    rows = lots()
    early = [row for row in rows if row["accept_at"] < AT - timedelta(days=3)]
    put(early)
    moments = [AT - timedelta(days=3), AT - timedelta(days=4, hours=5, minutes=13)]
    shown = [bursts.found(at) for at in moments]
    assert any(shown)
    late = [row for row in rows if row["accept_at"] >= AT - timedelta(days=3)]
    with engine.committing() as connection:
        small_city.put_orders(connection, small_city.typed(pd.DataFrame(late)))
        connection.execute(insert(mark).values(
            start=AT - timedelta(days=3), end=AT, kind="storm", name_zh="雨", name_en="Rain",
        ))  # fmt: skip
    bursts.found(AT)
    assert [bursts.found(at) for at in moments] == shown


def test_a_tick_says_the_same_as_all_counted_at_once(duckdb_only):
    rows = sorted(lots(), key=lambda row: row["accept_at"])
    put([row for row in rows if row["accept_at"] < AT - timedelta(hours=5)])
    step = AT - timedelta(hours=5)
    told = {}
    while step < AT:
        following = step + timedelta(minutes=25)
        some = [row for row in rows if step <= row["accept_at"] < following]
        if some:
            with engine.committing() as connection:
                small_city.put_orders(connection, small_city.typed(pd.DataFrame(some)))
        step = following
        told[step] = bursts.found(step)
    burst_counts._held.clear()
    remember.forget()
    assert {at: bursts.found(at) for at in told} == told
    assert len({len(found) for found in told.values()}) > 1


def test_corrections_are_seen(duckdb_only):
    put(lots())
    assert ("b2z", "y") in {(b.category, b.street) for b in bursts.found(AT)}
    with engine.committing() as connection:
        wrong = (hotline_order.c.category == "b2z", hotline_order.c.street_code == "y")
        connection.execute(update(hotline_order).where(*wrong).values(street_code="x"))
        connection.execute(insert(load_log).values(loaded(AT, load_id="2", updated=14)))
    streets = {b.street: b.callers for b in bursts.found(AT) if b.category == "b2z" and b.state == "burst"}
    assert streets["x"] >= 14
    assert "y" not in streets


def test_weeks_without_a_load_are_not_zero(duckdb_only):
    put(lots(), since=20)  # two of the eight weeks
    known = {(b.category, b.street): b.expected for b in bursts.found(AT)}
    assert known
    with clock.held(AT), engine.committing() as connection:
        connection.execute(update(load_log).values(data_from=AT - timedelta(days=3)))
    assert bursts.found(AT) == ()


def test_places_filters_and_streets_agree(duckdb_only):
    put(lots())
    city = bursts.bursts(the("city"), AT)
    assert city == bursts.found(AT)
    for code in ("p", "q"):
        assert bursts.bursts(the(code), AT) == tuple(b for b in city if b.district == code)
    assert bursts.bursts(the("m"), AT) == bursts.bursts(the("x"), AT) == tuple(b for b in city if b.street == "x")
    for where in (Where(topic="b2"), Where(category="b2z"), Where(group=("b2",))):
        assert bursts.bursts(the("city"), AT, where) == tuple(b for b in city if b.category == "b2z")
    assert bursts.bursts(the("city"), AT, Where(channel="none of them")) == ()


def test_what_happened_meanwhile_is_told(duckdb_only):
    put(lots())
    with engine.committing() as connection:
        connection.execute(update(category).where(category.c.code == "b2z").values(name_zh="道路积水"))
        storm = {"start": AT - timedelta(hours=2), "end": AT, "kind": "storm", "name_zh": "暴雨", "name_en": "Storm"}
        connection.execute(insert(mark).values(storm))
        connection.execute(insert(mark).values(storm | {"start": AT, "name_zh": "还没有来"}))
    found = {(b.category, b.street): b for b in bursts.found(AT)}
    told = dict(zip(found, bursts.told(list(found.values()), AT), strict=True))
    assert [m.name_zh for m in told["b2z", "y"].related] == ["暴雨"]
    assert told["b2z", "y"].keywords == ("积水", "燃气泄漏")
    assert len(told) > 1
    assert all(not one.related for key, one in told.items() if key[0] != "b2z")


# ---- repeats ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["city", "p", "x"])
def test_repeats_as_the_rules_count_them(database, place):
    rows = put(lots())
    inside = small_city.within(rows[(rows["accept_at"] < AT) & (rows["accept_at"] >= AT - timedelta(days=30))], place)
    caller = inside["caller_key"].fillna(0).astype("int64").to_numpy()
    moments = inside["accept_at"].to_numpy()
    told = bursts.repeats(the(place), AT)
    follows = repeated(caller, inside["category"].to_numpy(), moments, RULES)
    pairs = inside[follows].groupby(["caller_key", "category"])
    assert told == (int(follows.sum()), pairs.ngroups, len(set(caller[frequent(caller, moments, RULES)])))
    assert told.orders


def test_problems_that_come_back_as_the_rules_count_them(database):
    rows = put(lots())
    told = bursts.recurring(the("city"), AT)
    columns = [rows[c].to_numpy() for c in ("category", "community_code")]
    caller = rows["caller_key"].fillna(0).astype("int64").to_numpy()
    moments = rows["accept_at"].to_numpy()
    again = problems(*columns, caller, moments, at=np.datetime64(AT), rules=RULES)
    theirs = zip(again.category, again.community, again.orders.tolist(), again.callers.tolist(), strict=True)
    assert sorted((t.category, t.community, t.orders, t.callers) for t in told) == sorted(theirs)
    some = rows[(rows["community_code"] != "") & (rows["accept_at"] < AT)]
    for t in told:
        shares = (some["category"] == t.category).mean() * (some["community_code"] == t.community).sum()
        assert t.expected == pytest.approx(shares)
        own = some[(some["category"] == t.category) & (some["community_code"] == t.community)]["accept_at"]
        assert (t.first, t.last, t.street, t.district) == (own.min(), own.max(), "x", "p")
    assert [t.z for t in told] == sorted((t.z for t in told), reverse=True)
    assert bursts.recurring(the("q"), AT) == ()


def test_before_any_data(city):
    assert bursts.found(datetime(2001, 1, 1)) == ()
    assert bursts.told((), datetime(2001, 1, 1)) == bursts.days((), datetime(2001, 1, 1)) == []
    assert bursts.repeats(the("city"), datetime(2001, 1, 1)) == (0, 0, 0)
    assert bursts.recurring(the("city"), datetime(2001, 1, 1)) == ()
