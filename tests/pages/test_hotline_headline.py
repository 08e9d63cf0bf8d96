"""Why the hotline page is red, and its headline: every number another way, for every kind of view."""

import json
import re
from datetime import datetime, time, timedelta

import pandas as pd
import pytest
from sqlalchemy import select, update

from components import words
from components.markup import Element
from components.panel import look_of, panels
from components.view import View
from data_access import engine, hotline, remember
from data_access.areas import tree
from data_access.indicators import indicators
from data_access.schema import hotline_call, source
from domain.hotline_rules import rules
from domain.periods import span_of
from tests.conftest import MOMENT
from tests.pages.hotline_city import CITY, between, body, rows_in, street_of

NAMES = ("situation", "headline", "trend", "map")


def views() -> dict[str, dict[str, str]]:
    district = tree().children(CITY)[0].code
    return {
        "city": {},
        "district": {"area": district},
        "street": {"area": street_of(), "period": "90d"},
        "topic": {"topic": "0101", "area": district},
        "organisation": {"org": "C-heat"},
        "line": {"line": "enterprise"},
        "mark": {"mark": "redo", "period": "90d"},
        "today": {"period": "today", "compare": "mom"},
        "year": {"period": "12m"},
        "range": {"period": "2026-02-01..2026-03-15", "compare": "mom"},
        "nothing to compare": {"compare": "none"},
        "the past": {"at": "2026-02-28T23:59", "area": district},
        "before any data": {"at": "2001-01-01T08:00"},
        "the end of time": {"period": "9999-12-30..9999-12-31"},
        "overdue now": {"metric": "hotline.overdue"},
        "bursts": {"metric": "hotline.bursts", "area": district},
        "satisfaction": {"metric": "hotline.satisfaction", "area": street_of()},
        "a wall": {"mode": "wall"},
        "nonsense": {"area": "nowhere", "topic": "y", "org": "z", "metric": "x", "mark": "q", "line": "l"},
    }


VIEWS = (
    "city", "district", "street", "topic", "organisation", "line", "mark", "today", "year", "range",
    "nothing to compare", "the past", "before any data", "the end of time", "overdue now", "bursts", "satisfaction",
    "a wall", "nonsense",
)  # fmt: skip


def told(answer: dict) -> dict[str, dict]:
    return {row["key"]: row for row in answer["data"]}


def sentences(answer: dict) -> list[str]:
    said: list[str] = []
    for row in answer["data"]:
        part = f"{row['before']}{row['name']}{row['after']}"
        if row["joined"]:
            said[-1] += part
        else:
            said.append(part)
    return said


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("which", VIEWS)
def test_every_panel_answers_every_view_and_draws_it(client, which, lang):
    query = views()[which] | {"lang": lang}
    for name in NAMES:
        panel, view = panels[f"hotline.{name}"], View.from_query(query)
        answer = panel.answer(view)
        given = body(client, name, **query)
        assert given["data"] == json.loads(answer.frame.to_json(orient="records", date_format="iso", date_unit="s"))
        assert given["meta"]["state"] == (answer.blank or "ready")
        assert given["meta"]["title"] == words.text(f"hotline.{name}", lang)
        for theme, mode in (("dark", "desk"), ("light", "wall")):
            if answer.blank:
                continue
            drawn = panel.draw(answer, look_of(view.to(theme=theme, mode=mode)))
            if panel.chart:
                assert drawn["data"]
                json.dumps(drawn)
            else:
                assert isinstance(drawn, Element)


# ---- headline ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", ["30d", "today", "12m", "2026-02-01..2026-03-15"])
@pytest.mark.parametrize("place", ["city", "district"])
def test_the_headline_is_what_the_orders_say(client, place, period):
    area = CITY if place == "city" else tree().children(CITY)[0].code
    rows, span = rows_in(), span_of(period, MOMENT)
    rows = rows if place == "city" else rows[rows["district_code"] == area]
    tracked = rows[rows["tracked"]]
    due = between(tracked, "due_at", span.start, span.end)
    called = between(rows, "callback_at", span.start, span.end)
    closed = between(tracked, "close_at", span.start, span.end)
    sent = called[~called["direct"].fillna(False).astype(bool) & called["responded"].notna()]
    still = tracked[~(tracked["close_at"] < pd.Timestamp(MOMENT))]
    midnight = datetime.combine(MOMENT.date() + timedelta(days=1), time.min)
    expected_parts = {
        "hotline.on_time": (int((due["close_at"] <= due["due_at"]).sum()), len(due)),
        "hotline.response": (int(sent["responded"].astype(bool).sum()), len(sent)),
        "hotline.resolution": (int((called["resolved"] == 2).sum()), int(called["resolved"].notna().sum())),
        "hotline.satisfaction": (int((called["satisfaction"] >= 3).sum()), int(called["satisfaction"].notna().sum())),
        "hotline.callback": (len(called), len(closed)),
        "hotline.redo": (int((called["redo_count"] > 0).sum()), len(called)),
    }
    found = told(body(client, "headline", area=area, period=period))
    for key, (top, below) in expected_parts.items():
        assert (found[key]["numerator"], found[key]["denominator"]) == (top, below), key
        value = top / below if below and top <= below else None
        assert found[key]["value"] == (pytest.approx(value) if value is not None else None), key
    assert found["hotline.received"]["value"] == len(between(rows, "accept_at", span.start, span.end))
    assert found["hotline.open"]["value"] == len(still) > 0
    assert found["hotline.overdue"]["value"] == (still["due_at"] < pd.Timestamp(MOMENT)).sum()
    assert found["hotline.due_today"]["value"] == len(between(still, "due_at", MOMENT, midnight))


def test_few_callbacks_are_grey_and_never_judged(client):
    """Fewer than 30, or less than 30 % of the callbacks with an answer (handbook 1.4)."""
    street, held, seen = street_of(), rules(MOMENT.date()), set()
    for query in ({"area": street, "period": "7d"}, {"period": "90d"}):
        answer = body(client, "headline", **query)
        for row in answer["data"]:
            if row["key"] in ("hotline.on_time", "hotline.response", "hotline.redo", "hotline.callback"):
                assert row["few"] == (0 < row["denominator"] < held.minimum_n), row
                seen.add(row["few"])
            elif row["key"] in ("hotline.resolution", "hotline.satisfaction"):
                called = told(answer)["hotline.redo"]["denominator"]
                few = row["denominator"] < held.minimum_n or row["denominator"] < held.minimum_coverage * called
                assert row["few"] == (bool(row["denominator"]) and few)
    assert seen == {True, False}
    view = View(area=street, period="7d")
    drawn = str(panels["hotline.headline"].draw(panels["hotline.headline"].answer(view), look_of(view)))
    assert words.text("ranking.few", "zh") in drawn


def test_calls_are_those_of_the_whole_city_and_say_so(client):
    calls = engine.read(select(hotline_call))
    over = calls["started_at"] + pd.to_timedelta(calls["wait_seconds"], unit="s") < pd.Timestamp(MOMENT)
    mine = between(calls[over], "started_at", MOMENT - timedelta(hours=24), MOMENT)
    answered = mine[mine["talk_seconds"].notna()]
    offered = len(answered) + int((mine["talk_seconds"].isna() & (mine["wait_seconds"] >= 5)).sum())
    assert offered > 0
    for area, aside in ((CITY, ""), (tree().children(CITY)[0].code, words.text("tile.whole_city", "zh"))):
        found = told(body(client, "headline", area=area))
        rate, quick = found["hotline.answered"], found["hotline.answered_quick"]
        assert (rate["numerator"], rate["denominator"], rate["aside"]) == (len(answered), offered, aside)
        assert (quick["numerator"], quick["denominator"]) == ((answered["wait_seconds"] <= 15).sum(), offered)
        assert quick["under"] == "hotline.answered"
        assert found["hotline.queue"]["value"] == (~over & (calls["started_at"] < pd.Timestamp(MOMENT))).sum()
    line = told(body(client, "headline", line="enterprise"))["hotline.answered"]
    assert 0 < line["denominator"] < offered
    assert line["aside"] == ""


def test_a_period_without_a_load_is_missing_and_not_zero(client):
    found = told(body(client, "headline", at="2020-01-01T00:00"))
    for key in ("hotline.received", "hotline.on_time", "hotline.satisfaction", "hotline.redo"):
        assert (found[key]["value"], found[key]["denominator"]) == (None, None)
    assert body(client, "trend", at="2020-01-01T00:00")["meta"]["state"] == "none"
    assert {row["value"] for row in body(client, "map", at="2020-01-01T00:00")["data"]} == {None}
    assert [row["kind"] for row in body(client, "situation", at="2020-01-01T00:00")["data"]] == ["note"]


@pytest.fixture
def few_fields(cockpit):
    """The demo city as if its source gave neither closing times nor callbacks."""
    with engine.engine().begin() as connection:
        before = connection.execute(select(source.c.fields).where(source.c.key == "hotline")).scalar()
        connection.execute(update(source).where(source.c.key == "hotline").values(fields="accept_at,topic,due_at"))
    remember.forget()
    yield
    with engine.engine().begin() as connection:
        connection.execute(update(source).where(source.c.key == "hotline").values(fields=before))
    remember.forget()


def test_what_a_source_does_not_give_is_said_to_be_missing(client, few_fields):
    at = "2026-06-01T08:00"  # asked by no other test
    found = told(body(client, "headline", at=at))
    said = words.text("tile.not_given", "zh")
    for key in ("hotline.on_time", "hotline.response", "hotline.resolution", "hotline.satisfaction", "hotline.redo"):
        assert (found[key]["value"], found[key]["note"]) == (None, said)
    assert found["hotline.received"]["value"] > 0
    view = View.from_query({"at": at})
    drawn = str(panels["hotline.headline"].draw(panels["hotline.headline"].answer(view), look_of(view)))
    for field in ("close_at", "callback_at", "satisfaction"):
        assert words.text(f"field.{field}", "zh") in drawn
    assert said not in drawn  # told once, not tile by tile
    assert "hotline.received" in drawn


# ---- why ---------------------------------------------------------------------------------------------------------


def failing() -> tuple[str, pd.DataFrame]:
    """A district below the target and its orders due in 90 days."""
    span, rows = span_of("90d", MOMENT), rows_in()
    target = indicators()["hotline.on_time"].target or 0
    for district in tree().children(CITY):
        mine = rows[(rows["district_code"] == district.code) & rows["tracked"]]
        due = between(mine, "due_at", span.start, span.end)
        if len(due) and (due["close_at"] <= due["due_at"]).mean() < target:
            return district.code, due
    raise AssertionError("no district of the demo city fails")


def test_a_red_district_is_told_why(client):
    """How many orders short, which organisation had most of the late ones, and which streets hold half of them."""
    district, due = failing()
    answer = body(client, "situation", area=district, period="90d")
    late = due[~(due["close_at"] <= due["due_at"])]
    target = indicators()["hotline.on_time"].target or 0
    short = next(n for n in range(len(due)) if (len(due) - len(late) + n) / len(due) >= target - 1e-12)
    first = sentences(answer)[0]
    assert words.percent(1 - len(late) / len(due)) in first
    assert re.search(rf"差 {short} 件", first)
    owners = [row for row in answer["data"] if row["field"] == "org"]
    by_org = late[late["org"] != ""].groupby("org").size()
    assert by_org[owners[0]["code"]] == by_org.max()
    assert owners[0]["after"].strip() == str(by_org.max())
    places = [row for row in answer["data"] if row["field"] == "area"]
    by_street = late.groupby("street_code").size()
    held = by_street[[row["code"] for row in places]]
    assert held.min() >= by_street.drop(held.index).max()
    assert held.sum() * 2 >= len(late) or len(places) == 3
    assert f"{held.sum()} 件" in places[-1]["after"]
    assert {row["kind"] for row in answer["data"]} <= {"bad", "note"}


def test_the_names_of_a_sentence_are_links(cockpit):
    view = View(area=failing()[0], period="90d")
    drawn = panels["hotline.situation"].draw(panels["hotline.situation"].answer(view), look_of(view))

    def links(element: Element) -> list[tuple[str, str]]:
        own = [(element.attributes["data-set"], element.attributes["data-value"])] if element.tag == "a" else []
        return own + [pair for node in element.nodes if isinstance(node, Element) for pair in links(node)]

    found = links(drawn)
    assert {field for field, _ in found} == {"org", "area"}
    assert all(tree().get(code) for field, code in found if field == "area")


def test_where_orders_have_no_closing_time_that_is_said(client, few_fields, monkeypatch):
    """Open and overdue cannot be told then, and neither is claimed to be zero."""
    stock = hotline.stock
    monkeypatch.setattr(
        hotline, "stock", lambda *asked: {k: v._replace(tracked=0, open=0, overdue=0) for k, v in stock(*asked).items()}
    )
    said = sentences(body(client, "situation", at="2026-06-02T08:00"))
    lacking = words.text("state.lacking", "zh", field=words.text("field.close_at", "zh"))
    assert lacking in said
    assert not any("逾期" in one for one in said)
