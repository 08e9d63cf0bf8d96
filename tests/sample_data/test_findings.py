"""What sample_data/README.md promises about the hotline's life: each finding can be found in the rows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from data_access import crowds, engine
from data_access.schema import (
    category,
    hotline_call,
    hotline_event,
    hotline_hour_call,
    hotline_month,
    mark,
    organisation,
)
from domain.lifecycle import Event, life
from sample_data.arrivals import Generator
from sample_data.build import build
from sample_data.flood.fitting import fitted
from sample_data.flood.sites import ponding_points
from sample_data.lives import epoch
from sample_data.plan import PER_DAY
from sample_data.randomness import uniform
from sample_data.wording import KEYWORDS
from sample_data.world import world
from tests.sample_data.demo_city import UNTIL, assert_lives_follow_the_rules, connected, orders

COUNT, DAYS = 80_000, 300


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    """A demo city of 80,000 orders over 300 days, and what its builder said."""
    with connected(tmp_path_factory.mktemp("demo")):
        yield build(orders=COUNT, days=DAYS, until=UNTIL, flood_days=0)


@pytest.fixture(scope="module")
def rows(city: dict) -> pd.DataFrame:
    return orders()


@pytest.fixture(scope="module")
def events(city: dict) -> pd.DataFrame:
    return engine.read(select(hotline_event).order_by(hotline_event.c.order_id, hotline_event.c.seq))


def test_all_lives_follow_the_rules(city: dict, events: pd.DataFrame) -> None:
    assert_lives_follow_the_rules(every=9)
    assert events["event"].nunique() == 14


def test_each_event_is_as_frequent_as_in_a_city(rows: pd.DataFrame, events: pd.DataFrame) -> None:
    sent = (~rows["direct"].astype(bool)).sum()
    share = events.groupby("event")["order_id"].nunique() / sent
    assert 0.025 < share["returned"] < 0.04
    assert 0.015 < share["extended"] < 0.025
    assert 0.08 < share["urged"] < 0.2
    assert 0.01 < share["supervised"] < 0.05
    assert 0.03 < share["redo"] < 0.06
    due = rows[rows["due_at"].notna()].set_index("order_id")
    urged = events[events["event"] == "urged"].set_index("order_id")["happened_at"]
    limit, came = due.loc[urged.index, "due_at"], due.loc[urged.index, "accept_at"]
    plain = due.loc[urged.index, "extended_at"].isna()
    part = ((urged - came) / (limit - came))[plain]
    assert part.between(0.79, 0.81).all()
    extended = due[due["extended_at"].notna()]
    assert (extended["extended_at"] < extended["due_at"]).all()
    limits = ((extended["due_at"] - extended["accept_at"]) / timedelta(days=1)).round(6)
    assert set(limits) == {1 + 3, 5 + 3, 10 + 5}


def test_two_bureaus_quarrel_and_some_orders_bounce_again_and_again(events: pd.DataFrame) -> None:
    times = events[events["event"] == "returned"].groupby("order_id").size()
    assert times.max() == 5
    assert 0.5 < (times == 1).mean() < 0.9
    pairs: dict[frozenset, int] = {}
    few = events[events["order_id"].isin(times.index)]
    for _, logged in few.groupby("order_id"):
        told = life([Event(e.event, e.happened_at, e.org) for e in logged.itertuples()])
        for bounce in told.bounces:
            pair = frozenset(org.rpartition("-")[2] for org in (bounce.from_org, bounce.to_org))
            pairs[pair] = pairs.get(pair, 0) + 1
    ranked = sorted(pairs, key=lambda pair: -pairs[pair])
    assert ranked[0] == {"jsj", "cgj"}
    assert pairs[ranked[0]] > 3 * pairs[ranked[2]]


def test_the_unfair_organisation_returns_what_is_its_own(city: dict, rows: pd.DataFrame, events: pd.DataFrame) -> None:
    unfair = city["plan"].unfair
    back = events[events["event"] == "returned"]
    assert back["org"].value_counts().idxmax() == unfair
    mine = back[back["org"] == unfair]["order_id"]
    assert (rows.set_index("order_id").loc[mine, "org"] == unfair).mean() > 0.7  # and yet it has them in the end


def test_redoing_converts_some_and_the_drive_converts_more(
    city: dict, rows: pd.DataFrame, events: pd.DataFrame
) -> None:
    assert set(rows["redo_count"]) == {0, 1, 2}
    called = events[events["event"] == "callback"].groupby("order_id").size()
    again = rows[rows["order_id"].isin(called[called > 1].index)]
    assert len(again) > 1000
    first, last = city["plan"].drive
    known = again[again["resolved"].notna()]
    driven = known["callback_at"].between(first, last)
    assert 0.55 < (known["resolved"] == 2)[~driven].mean() < 0.75  # of the first and of the second time together
    assert (known["resolved"] == 2)[driven].mean() > 0.8
    marks = engine.read(select(mark).where(mark.c.kind == "campaign"))
    assert (first, last) in set(zip(marks["start"], marks["end"], strict=True))


def test_a_leader_answers_one_morning_a_month(city: dict) -> None:
    days = engine.read(select(mark).where(mark.c.kind == "leader").order_by(mark.c.start))
    assert (days["start"].dt.day_of_week == 3).all()
    assert ((days["end"] - days["start"]) == timedelta(hours=3)).all()
    assert days["start"].dt.to_period("M").is_unique
    assert days["start"].max() > UNTIL + timedelta(days=300)
    assert (days["start"] < UNTIL).sum() >= DAYS // 31


def test_callers_wait_longer_at_peak_hours_and_in_storms(city: dict) -> None:
    hours = engine.read(select(hotline_hour_call))
    calls = engine.read(select(hotline_call))
    assert len(calls) == city["calls"] == hours["offered"].sum() + hours["short"].sum()
    assert hours["answered"].sum() == calls["talk_seconds"].notna().sum()
    day = hours["hour"].dt.normalize()
    stormy = day.isin([pd.Timestamp(storm.start).normalize() for storm in city["plan"].storms])

    def rates(which: pd.Series) -> tuple[float, float]:
        total = hours.loc[which, ["offered", "answered", "quick"]].sum()
        return total["answered"] / total["offered"], total["quick"] / total["offered"]

    answered, quick = rates(~stormy)
    assert 0.960 < answered < 0.976
    assert 0.92 < quick < 0.95
    assert rates(stormy)[0] < answered - 0.015
    assert rates(stormy)[1] < quick - 0.04
    nine, noon = (rates(~stormy & (hours["hour"].dt.hour == hour)) for hour in (9, 12))
    assert nine[1] < noon[1] - 0.02
    assert set(hours["line"]) == {"", "enterprise", "talent"}
    assert 0.005 < hours["short"].sum() / len(calls) < 0.02
    assert (calls["started_at"] + pd.to_timedelta(calls["wait_seconds"], unit="s") < UNTIL).all()


def test_lines_have_their_shares(rows: pd.DataFrame) -> None:
    share = rows["line"].value_counts(normalize=True)
    assert 0.03 < share["enterprise"] < 0.07
    assert 0.005 < share["talent"] < 0.02


def test_the_gas_leak_is_short_and_many_call(city: dict, rows: pd.DataFrame) -> None:
    leak = next(burst for burst in city["plan"].bursts if burst.key == "gas")
    codes = engine.read(select(category.c.code).where(category.c.name_zh == "燃气泄漏"))["code"]
    inside = rows[rows["category"].isin(codes) & rows["accept_at"].between(leak.start, leak.end)]
    inside = inside[inside["street_code"] == leak.street]
    assert len(inside) >= 12
    assert leak.end - leak.start == timedelta(hours=4)
    assert inside["caller_key"].nunique() == len(inside)


def test_buyers_of_one_estate_complain_together(city: dict, rows: pd.DataFrame) -> None:
    """群体性诉求: told by the cockpit as well, and all of them within 600 m."""
    planted = next(burst for burst in city["plan"].bursts if burst.key == "estate")
    late = rows[(rows["category"] == "010203") & (rows["street_code"] == planted.street)]
    inside = late[late["accept_at"].between(planted.start, planted.end)]
    assert inside["caller_key"].nunique() >= 18
    near = np.hypot((inside["lon"] - inside["lon"].median()) * 0.8, inside["lat"] - inside["lat"].median()) * 111_195
    assert (near <= 600).sum() >= 18
    told = [crowd for crowd in crowds.found(UNTIL) if crowd.category == "010203"]
    assert [crowd.street for crowd in told] == [planted.street]
    assert told[0].callers >= 18 and told[0].peak >= 5
    assert planted.start <= told[0].begin < told[0].last <= planted.end


def test_lifts_fail_again_and_again_in_one_community(city: dict, rows: pd.DataFrame) -> None:
    lifts = rows[(rows["topic"] == "0101") & (rows["category"] == "010103") & (rows["community_code"] != "")]
    recent = lifts[lifts["accept_at"] > UNTIL - timedelta(days=90)]
    callers = recent.groupby("community_code")["caller_key"].nunique().sort_values()
    planted = next(burst for burst in city["plan"].bursts if burst.key == "lift").community
    assert callers.index[-1] == planted
    assert callers.iloc[-1] >= 12
    assert callers.iloc[-2] <= callers.iloc[-1] / 2


def test_communities_lie_in_their_streets(rows: pd.DataFrame) -> None:
    placed = rows["street_code"] != ""
    assert (rows.loc[~placed, "community_code"] == "").all()
    codes = rows.loc[placed, "community_code"]
    assert codes.str.fullmatch(r"\d{12}").all()
    assert (codes.str[:9] == rows.loc[placed, "street_code"]).all()
    each = rows[placed].groupby("street_code")["community_code"].nunique()
    assert each.between(2, 7).all()


def test_a_few_dozen_callers_call_again_and_again(rows: pd.DataFrame) -> None:
    day = rows["accept_at"].dt.normalize()
    per_day = rows.groupby(["caller_key", day]).size().rename("n").reset_index().set_index("accept_at")
    often = per_day.groupby("caller_key")["n"].rolling("30D").sum().groupby("caller_key").max()
    frequent = often[often >= 5].index
    assert 24 <= len(frequent) <= 120
    theirs = rows[rows["caller_key"].isin(frequent)]
    same = theirs.groupby(["caller_key", "category"]).size()
    assert (same >= 5).sum() >= 24
    late = theirs[theirs["accept_at"] > UNTIL - timedelta(days=30)]
    assert (late.groupby("caller_key").size() >= 5).sum() >= 6


def test_what_callers_said_names_dangers_outside_their_category(city: dict, rows: pd.DataFrame) -> None:
    names = engine.read(select(category.c.code, category.c.name_zh)).set_index("code")["name_zh"]
    title = rows["category"].map(names)
    assert rows["content"].isna().eq(rows["direct"]).all()  # answered on the call: the title says it
    rows = rows.dropna(subset=["content"])
    assert rows["content"].str.len().between(10, 90).all()
    assert not rows["content"].str.contains(r"\d{5,}|[{}]").any()
    draw = uniform(rows["order_id"].to_numpy(), 44, city["plan"].seed)  # one an order: what it adds, if anything
    below = np.zeros(len(rows))
    for word, (sentence, topics, share) in KEYWORDS.items():
        above = below + np.where(rows["topic"].isin(topics), share, 0.0)
        planted = (below <= draw) & (draw < above)
        below = above
        assert (rows["content"].str.contains(sentence, regex=False) == planted).all(), word
        expected = share * rows["topic"].isin(topics).sum()
        assert abs(planted.sum() - expected) <= 3 * expected**0.5, word
        elsewhere = planted & ~title[rows.index].str.contains(word)
        assert elsewhere.sum() >= 0.8 * planted.sum() >= 8, word


def test_the_storm_of_now_does_not_hide_what_else_happens(city: dict) -> None:
    now = next(storm for storm in city["plan"].storms if storm.kind == "now")
    alone = fitted(replace(city["plan"], size=1.0, storms=[now], bursts=[], regulars=[]))
    with engine.engine().connect() as connection:
        place = world(connection, alone.seed, UNTIL.date())
    came = Generator(alone, place).planted().within(epoch(now.start), epoch(UNTIL))
    assert 100 < len(came) < 0.12 * PER_DAY
    sudden = [key for key, n in Counter(zip(came.leaf, came.street, strict=True)).items() if n >= 5]
    assert 2 <= len(sudden) <= 10
    wet = {place.street(point.street.code) for point in ponding_points()}
    assert {street for _, street in sudden} <= wet


def test_organisations_have_their_districts(city: dict) -> None:
    known = engine.read(select(organisation))
    assert set(known["kind"]) == {"district", "department", "company", "street"}
    local = known["kind"].isin(["district", "street"])
    assert (known.loc[~local, "district_code"] == "").all()
    assert known.loc[local, "district_code"].str.fullmatch(r"\d{6}").all()
    assert (known[local]["code"].str.extract(r"(\d{6})")[0] == known[local]["district_code"]).all()


def test_past_months_are_frozen(city: dict, rows: pd.DataFrame) -> None:
    held = engine.read(select(hotline_month))
    months = sorted(held["month"].unique())
    assert months[-1] == pd.Timestamp(2026, 10, 1)
    assert months[0] == pd.Timestamp(2026, 2, 1)  # January began before the demo city
    assert len(months) == 9
    assert (held["frozen_at"] == held["month"] + pd.offsets.MonthBegin(1) + timedelta(days=2)).all()
    received = held[(held["kind"] == "street") & (held["month"] == months[-1])].set_index("code")["received"]
    came = rows[(rows["accept_at"] >= datetime(2026, 10, 1)) & (rows["accept_at"] < datetime(2026, 11, 1))]
    counted = came[came["street_code"] != ""].groupby("street_code").size()
    assert received[received > 0].to_dict() == counted.to_dict()
    assert set(held["kind"]) == {"district", "street", "org"}
