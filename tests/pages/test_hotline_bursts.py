"""Bursts, problems and cases of the hotline page: what they say, in both languages, for every kind of view."""

import json
from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import select

from components import words
from components.markup import Element
from components.panel import look_of, panels
from components.view import View
from data_access import bursts as sudden
from data_access import engine
from data_access.areas import tree
from data_access.schema import category, hotline_order
from domain.bursts import score
from tests.conftest import MOMENT
from tests.pages import asked
from tests.pages.asked import answered

NAMES = ("bursts", "problems", "cases")


def a_topic() -> str:
    return engine.rows(select(hotline_order.c.topic).where(hotline_order.c.topic != "").limit(1))[0][0]


def views() -> dict[str, dict[str, str]]:
    district = tree().children("990100")[0].code
    street = tree().children(district)[0].code
    topic = a_topic()
    group = engine.rows(select(category.c.parent).where(category.c.code == topic))[0][0]
    leaf = engine.rows(select(hotline_order.c.category).where(hotline_order.c.topic == topic).limit(1))[0][0]
    return {
        "city": {},
        "again": {"bursts": "again"},
        "crowds": {"bursts": "crowd"},
        "crowds of a street": {"bursts": "crowd", "area": street},
        "crowds of a topic": {"bursts": "crowd", "topic": topic},
        "emerging": {"problems": "emerging"},
        "district": {"area": district, "period": "90d", "bursts": "again"},
        "street": {"area": street, "problems": "emerging", "period": "today"},
        "group": {"group": group},
        "topic": {"topic": topic, "compare": "mom"},
        "category": {"category": leaf, "problems": "emerging"},
        "the only category": {"category": leaf, "compare": "none"},
        "a channel": {"channel": "phone", "org": "nobody"},
        "before any data": {"at": "2001-01-01T08:00"},
        "the past": {"at": "2026-02-28T23:59"},
        "a wall": {"mode": "wall", "bursts": "again"},
        "nonsense": {"bursts": "x", "problems": "x", "group": "x", "topic": "y", "category": "z", "mark": "w"},
    }


VIEWS = (
    "city", "again", "crowds", "crowds of a street", "crowds of a topic", "emerging", "district", "street", "group",
    "topic", "category", "the only category", "a channel", "before any data", "the past", "a wall", "nonsense",
)  # fmt: skip


def body(client, name: str, **query: str) -> dict:
    return asked.body(client, f"hotline.{name}", **query)


def rows_in(first, end=MOMENT) -> pd.DataFrame:
    within = (hotline_order.c.accept_at >= first, hotline_order.c.accept_at < end)
    return engine.read(select(hotline_order).where(*within))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("which", VIEWS)
def test_every_view_is_answered_with_the_frame_it_draws(client, which, lang):
    query = views()[which] | {"lang": lang}
    view = View.from_query(query)
    for name in NAMES:
        panel = panels[f"hotline.{name}"]
        answer, told = answered(client, panel.name, query)
        assert all(one["definition"] and one["origin"] for one in told["meta"]["definitions"])
        if which in ("before any data", "nonsense"):
            assert answer.blank
        if not answer.blank:
            for theme in ("dark", "light"):
                drawn = panel.draw(answer, look_of(view.to(theme=theme)))
                assert isinstance(drawn, Element)
                json.dumps(drawn)


def test_rows_of_the_list_add_up_to_what_is_sudden(cockpit):
    panel = panels["hotline.bursts"]
    root = tree().root
    assert root is not None
    found = sudden.bursts(root, MOMENT)
    answer = panel.answer(View())
    assert found
    assert not answer.blank
    frame = answer.frame
    assert frame["streets"].sum() == len(found)
    assert frame["callers"].sum() == sum(b.callers for b in found)
    assert frame["score"].tolist() == pytest.approx(score(frame["callers"], frame["expected"]))
    assert answer.measured[0].value == sum(b.state == "burst" for b in found)
    alone = next(i for i, n in enumerate(frame["streets"]) if n == 1)
    fields = answer.facts["links"][alone]
    assert fields["category"] == frame["category"][alone]
    inside = panel.answer(View(area=fields["area"]))
    assert set(inside.frame["category"]) == {b.category for b in found if fields["area"] in (b.street, b.district)}


def test_crowds_are_callers_of_one_matter_close_to_each_other(client):
    told = body(client, "bursts", bursts="crowd")
    assert told["meta"]["definitions"][0]["key"] == "hotline.crowds"
    rows = rows_in(MOMENT - timedelta(days=7))
    assert told["data"]
    for row in told["data"]:
        mine = rows[(rows["category"] == row["category"]) & (rows["street_code"] == row["area"])]
        assert 5 <= row["peak"] <= row["callers"] <= mine["caller_key"].nunique()
        assert row["callers"] <= row["orders"] <= len(mine)
        assert row["open"] <= row["orders"]
        seen = mine[
            (mine["accept_at"] >= row["since"]) & (mine["accept_at"] < pd.Timestamp(row["since"]) + timedelta(1))
        ]
        assert seen["caller_key"].nunique() >= row["peak"]
    peaks = [row["peak"] for row in told["data"]]
    assert peaks == sorted(peaks, reverse=True)
    district = tree().get(told["data"][0]["area"]).parent
    inside = body(client, "bursts", bursts="crowd", area=district)["data"]
    assert inside == [row for row in told["data"] if tree().get(row["area"]).parent == district]
    answer = panels["hotline.bursts"].answer(View(bursts="crowd"))
    assert answer.facts["links"][0] == {"category": told["data"][0]["category"], "area": told["data"][0]["area"]}
    wall = panels["hotline.bursts"].answer(View(bursts="crowd", mode="wall"))
    assert "crowd" not in set(wall.frame["kind"])


def test_a_short_list_shows_the_course_of_each_hour_by_hour(client):
    every = panels["hotline.bursts"].answer(View())
    assert len(every.facts["courses"]) == (len(every.frame) if len(every.frame) <= 3 else 0)
    alone = next(i for i, n in enumerate(every.frame["streets"]) if n == 1)
    view = View(**every.facts["links"][alone])
    answer = panels["hotline.bursts"].answer(view)
    (course,) = answer.facts["courses"]
    rows = rows_in(MOMENT - timedelta(hours=48))
    mine = rows[(rows["category"] == view.category) & (rows["street_code"] == view.area)]
    assert sum(course["hours"]) >= mine["caller_key"].nunique() > 0
    assert len(course["hours"]) == 48 and max(course["hours"]) <= len(mine)
    drawn = str(panels["hotline.bursts"].draw(answer, look_of(view)))
    assert words.exact(int(answer.frame["callers"][0])) in course["said"] and course["said"] in drawn
    wall = view.to(mode="wall")
    assert "course" not in str(panels["hotline.bursts"].draw(panels["hotline.bursts"].answer(wall), look_of(wall)))


def test_the_planted_bursts_are_found(cockpit):
    """What sample_data/plan.py plants at MOMENT and before is a burst then."""
    plan = json.loads(engine.get("demo_plan"))
    sharp = [planted for planted in plan["bursts"] if planted["key"] in ("supply", "water", "gas")]
    assert len(sharp) == 3
    for planted in sharp:
        end = min(pd.Timestamp(planted["end"]).to_pydatetime(), MOMENT)
        found = [b for b in sudden.found(end) if b.street == planted["street"] and b.state == "burst"]
        assert found, planted["key"]
        assert max(b.callers for b in found) >= 5


@pytest.mark.parametrize(("query", "column"), [({}, ""), ({"group": "?"}, "topic"), ({"topic": "?"}, "category")])
def test_problems_by_size_are_the_orders_themselves(client, query, column):
    topic = a_topic()
    parent = dict(engine.rows(select(category.c.code, category.c.parent)))
    known = {"group": parent[topic], "topic": topic}
    query = {name: known[name] for name in query}
    told = body(client, "problems", **query)
    start = pd.Timestamp(told["meta"]["period"]["start"]).to_pydatetime()
    rows = rows_in(start)
    groups = rows["topic"].map(parent)
    rows = rows.assign(group=groups.where(groups.notna(), rows["topic"]))
    for name, value in query.items():
        rows = rows[rows[name] == value]
    counts = rows.groupby(column or "group").size()
    assert {row["code"]: row["received"] for row in told["data"]} == counts.to_dict()
    assert sum(row["share"] for row in told["data"]) == pytest.approx(1)
    received = [row["received"] for row in told["data"]]
    assert received == sorted(received, reverse=True)
    assert {row["level"] for row in told["data"]} == {column or "group"}


def test_what_emerges_is_held_against_the_same_days_of_eight_weeks(client):
    told = body(client, "problems", problems="emerging", period="7d")["data"]
    assert told
    start = pd.Timestamp(MOMENT).normalize() - timedelta(days=6)
    by_week = []
    for week in range(9):
        shift = timedelta(weeks=week)
        by_week.append(rows_in((start - shift).to_pydatetime(), MOMENT - shift).groupby("category").size())
    expected = {}
    for code, now in by_week[0].items():
        past = sorted(week.get(code, 0) for week in by_week[1:])[:6]
        mean = max(sum(past) / 6, 0.5)
        if now > mean:
            expected[code] = (now, mean, 2 * (now**0.5 - mean**0.5))
    assert {row["code"] for row in told} <= expected.keys()
    assert len(told) == min(len(expected), 40)
    for row in told:
        assert (row["received"], row["expected"], row["score"]) == pytest.approx(expected[row["code"]])


def test_cases_are_the_orders_themselves(client):
    told = body(client, "cases")
    start = pd.Timestamp(told["meta"]["period"]["start"])
    rows, end = rows_in(pd.Timestamp("2000-01-01").to_pydatetime()), pd.Timestamp(MOMENT)
    cases = {row["kind"]: row for row in told["data"]}
    called = (rows["callback_at"] >= start) & (rows["callback_at"] < end)
    unhappy = rows["satisfaction"].fillna(9) <= 2
    assert cases["unhappy"]["came"] == (called & unhappy).sum() > 0
    again = called & (rows["callback_at"] > rows["redo_at"])
    rated = again & (rows["satisfaction"].fillna(0) > 0)
    assert cases["unhappy"]["handled"] == again.sum() > 0
    assert cases["unhappy"]["rated"] == rated.sum()
    assert cases["unhappy"]["converted"] == (rated & ~unhappy).sum()
    is_open = rows["tracked"] & ~(rows["close_at"] < end)
    supervised = rows[is_open & (rows["supervised_at"] < end)]
    assert cases["supervised"]["open"] == len(supervised)
    assert cases["supervised"]["came"] == ((rows["supervised_at"] >= start) & (rows["supervised_at"] < end)).sum()
    ages = pd.cut((end - supervised["accept_at"]) / timedelta(days=1), [-1, 3, 7, 15, 30, 1e9]).value_counts(sort=False)
    assert [cases["supervised"][name] for name in ("d3", "d7", "d15", "d30", "older")] == ages.tolist()
    under_way = (rows["redo_at"] < end) & ~((rows["callback_at"] > rows["redo_at"]) & (rows["callback_at"] < end))
    assert cases["unhappy"]["open"] == under_way.sum()
    redone = (rows["redo_at"] >= start) & (rows["redo_at"] < end)
    assert cases["hard"]["came"] == (redone & (rows["redo_count"].fillna(0) > 1)).sum()
    assert "hotline.converted" in {d["key"] for d in told["meta"]["definitions"]}
