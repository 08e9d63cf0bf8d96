"""The overview's panels: every number another way, in both languages, for every kind of view."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import delete, insert, select

from components import words
from components.markup import Element
from components.panel import Answer, look_of, panels
from components.view import View
from data_access import cubes, detours, engine
from data_access.areas import tree
from data_access.schema import hotline_order
from domain import hotline_rules
from domain.periods import span_of
from tests.conftest import MOMENT
from tests.pages import asked
from tests.pages.asked import answered, between, rows_in

NAMES = sorted(name for name in (
    "situation", "headline", "map", "ranking", "trend", "problems", "changed", "records", "sources",
))  # fmt: skip
CITY = "990100"


def district_and_street() -> tuple[str, str]:
    district = tree().children(CITY)[0].code
    return district, tree().children(district)[0].code


def views() -> dict[str, dict[str, str]]:
    district, street = district_and_street()
    topic = engine.read(select(hotline_order.c.topic).limit(1)).iloc[0, 0]
    return {
        "city": {},
        "district": {"area": district},
        "street": {"area": street},
        "topic": {"topic": topic},
        "street and topic": {"area": street, "topic": topic, "period": "90d"},
        "today": {"period": "today", "compare": "mom"},
        "week": {"period": "7d"},
        "year": {"period": "12m"},
        "range": {"period": "2026-02-01..2026-03-15", "compare": "mom"},
        "nothing to compare": {"compare": "none"},
        "the past": {"at": "2026-02-28T23:59", "area": district},
        "before any data": {"at": "2001-01-01T08:00"},
        "before all time": {"at": "0001-01-01T00:00", "period": "12m"},
        "the end of time": {"period": "9999-12-30..9999-12-31"},
        "another metric": {"metric": "hotline.on_time", "area": district},
        "a metric of others": {"metric": "water.supply_pressure_ok"},
        "overdue": {"state": "overdue"},
        "open": {"state": "open", "area": street},
        "a wall": {"mode": "wall"},
        "nonsense": {
            "area": "nowhere", "period": "soon", "compare": "?", "at": "yesterday", "metric": "x", "topic": "y",
            "state": "z", "theme": "pink", "lang": "xx", "mode": "hat",
        },
        "sql": dict.fromkeys(
            ("area", "period", "compare", "at", "metric", "topic", "state", "city", "domain", "q"),
            "' OR 1=1; DROP TABLE hotline_order; --",
        ),
    }  # fmt: skip


VIEWS = (
    "city", "district", "street", "topic", "street and topic", "today", "week", "year", "range", "nothing to compare",
    "the past", "before any data", "before all time", "the end of time", "another metric", "a metric of others",
    "overdue", "open", "a wall", "nonsense", "sql",
)  # fmt: skip


def get(client, name: str, kind: str = "json", **query: str):
    return asked.get(client, f"overview.{name}", kind, **query)


def body(client, name: str, **query: str) -> dict:
    return asked.body(client, f"overview.{name}", **query)


def defined(answer: dict, key: str) -> dict:
    return next(d for d in answer["meta"]["definitions"] if d["key"] == key)


def test_these_are_all_the_panels_of_the_page(cockpit):
    assert sorted(n.removeprefix("overview.") for n in panels if n.startswith("overview.")) == NAMES


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("which", VIEWS)
def test_every_panel_answers_every_view_with_the_frame_it_draws(client, which, lang):
    query = views()[which] | {"lang": lang}
    for name in NAMES:
        panel = panels[f"overview.{name}"]
        answer, told = answered(client, panel.name, query)
        assert isinstance(answer, Answer)
        assert told["meta"]["rows"] == len(answer.frame) == len(told["data"])
        assert told["meta"]["demo"]
        for one in told["meta"]["definitions"]:
            assert all(one[field] for field in ("name", "definition", "adds_up", "direction", "origin"))


@pytest.mark.parametrize("which", VIEWS)
def test_every_panel_is_drawn_in_every_look(cockpit, which):
    for name in NAMES:
        panel = panels[f"overview.{name}"]
        for lang, theme, mode in (("zh", "dark", "desk"), ("en", "light", "wall")):
            view = View.from_query(views()[which] | {"lang": lang, "theme": theme, "mode": mode})
            answer = panel.answer(view)
            if answer.blank:
                continue
            drawn = panel.draw(answer, look_of(view))
            if panel.chart:
                assert drawn["data"]
                json.dumps(drawn, default=str)
            else:
                assert isinstance(drawn, Element)
                assert drawn.attributes["class"]


@pytest.mark.parametrize("period", ["today", "30d", "12m", "2026-02-01..2026-03-15"])
def test_the_headline_is_what_the_orders_say(client, period):
    rows = rows_in()
    span = span_of(period, MOMENT)
    tracked = rows[rows["tracked"]]
    due = between(tracked, "due_at", span.start, span.end)
    on_time = due[due["close_at"] <= due["due_at"]]
    rated = between(rows, "callback_at", span.start, span.end).dropna(subset=["satisfaction"])
    answer = body(client, "headline", period=period)
    received = defined(answer, "hotline.received")
    assert received["value"] == len(between(rows, "accept_at", span.start, span.end)) > 0
    rate = defined(answer, "hotline.on_time")
    assert (rate["numerator"], rate["denominator"]) == (len(on_time), len(due))
    assert rate["value"] == pytest.approx(len(on_time) / len(due))
    said = defined(answer, "hotline.satisfaction")
    assert (said["numerator"], said["denominator"]) == ((rated["satisfaction"] >= 3).sum(), len(rated))
    still = tracked[~(tracked["close_at"] < pd.Timestamp(MOMENT))]
    assert defined(answer, "hotline.open")["value"] == len(still)


@pytest.mark.parametrize("metric", ["hotline.on_time", "", "hotline.received"])
def test_the_whole_is_its_children_and_what_is_on_no_map(client, metric):
    """Sums of numerators and denominators, never a mean of rates."""
    rows = rows_in()
    span = span_of("90d", MOMENT)
    for place in (CITY, district_and_street()[0]):
        answer = body(client, "map", area=place, metric=metric, period="90d")
        ranked = body(client, "ranking", area=place, metric=metric, period="90d")
        whole = answer["meta"]["definitions"][0]
        column = "district_code" if place == CITY else "street_code"
        inside = rows if place == CITY else rows[rows["district_code"] == place]
        lost = inside[~inside[column].isin([a.code for a in tree().children(place)])]
        if metric == "hotline.on_time":
            lost = between(lost[lost["tracked"]], "due_at", span.start, span.end)
            more = (int((lost["close_at"] <= lost["due_at"]).sum()), len(lost))
            assert whole["denominator"] == sum(r["denominator"] for r in answer["data"]) + more[1]
            assert whole["value"] == pytest.approx(whole["numerator"] / whole["denominator"])
        else:
            more = (len(between(lost, "accept_at", span.start, span.end)), 0)
            assert bool(more[0]) == bool(found := re.search(r"\d+", answer["meta"]["note"]))
            assert not found or int(found[0]) == more[0]
        assert whole["numerator"] == sum(r["numerator"] for r in answer["data"]) + more[0]
        assert ranked["meta"]["definitions"] == answer["meta"]["definitions"]
        assert {r["code"]: r["value"] for r in ranked["data"]} == {r["code"]: r["value"] for r in answer["data"]}


@pytest.mark.parametrize("query", [{"at": "2020-01-01T00:00"}, {"period": "2019-01-01..2019-01-31"}])
def test_a_period_without_a_load_is_missing_and_not_zero(client, query):
    """Handbook 6.4: nothing was loaded is not the same as nothing happened."""
    for name in ("trend", "problems", "changed"):
        assert body(client, name, **query)["meta"]["state"] == "none", name
    told = {row["key"]: row for row in body(client, "headline", **query)["data"]}
    for key in ("hotline.received", "hotline.on_time", "hotline.satisfaction"):
        assert [told[key][part] for part in ("value", "numerator", "denominator")] == [None] * 3
    for metric in ("hotline.received", "hotline.per_10k", "hotline.on_time"):
        for name in ("map", "ranking"):
            assert {row["value"] for row in body(client, name, metric=metric, **query)["data"]} == {None}
    assert body(client, "situation", **query)["data"][0]["kind"] == "note"


def test_the_trend_and_the_problems_add_up_to_what_was_received(client):
    rows = rows_in()
    span = span_of("30d", MOMENT)
    mine = between(rows, "accept_at", span.start, span.end)
    days = mine.groupby(mine["accept_at"].dt.normalize()).size()
    trend = {row["day"]: row["value"] for row in body(client, "trend")["data"]}
    for day, count in days.items():
        assert next(v for k, v in trend.items() if k.startswith(f"{day:%Y-%m-%d}")) == count
    problems = body(client, "problems")
    assert {r["topic"]: r["received"] for r in problems["data"]} == mine.groupby("topic").size().to_dict()
    assert sum(r["share"] for r in problems["data"]) == pytest.approx(1)
    assert defined(problems, "hotline.received")["value"] == len(mine)


def test_what_changed_is_the_difference_of_two_counts(client):
    rows = rows_in()
    answer = body(client, "changed", compare="mom")
    start, end = (datetime.fromisoformat(answer["meta"]["compare"][k]) for k in ("start", "end"))
    span = span_of("30d", MOMENT)
    for row in answer["data"]:
        mine = rows[rows["district_code" if row["kind"] == "place" else "topic"] == row["code"]]
        now, before = len(between(mine, "accept_at", span.start, span.end)), len(between(mine, "accept_at", start, end))
        assert (row["value"], row["base"], row["delta"]) == (now, before, now - before)


def test_records_are_orders_with_nothing_that_tells_who(client):
    district, street = district_and_street()
    answer = body(client, "records", area=street, period="12m")
    rows = rows_in()
    mine = rows[rows["street_code"] == street]
    assert {r["order_no"] for r in answer["data"]} <= set(mine["order_no"])
    assert len(answer["data"]) > 0
    assert not ({"caller_key", "lon", "lat"} & set(answer["data"][0]))
    for name in NAMES:
        for query in ({"area": street, "period": "12m"}, {"area": district}, {}):
            told = [r.get(c) or "" for r in body(client, name, **query)["data"] for c in ("title", "address")]
            assert not [said for said in told if re.search(r"(?<![\d*])1\d{10}(?!\d)", said)]


@pytest.fixture
def planted(cockpit) -> Iterator[str]:
    """An open order whose title a spreadsheet would run, in a street; taken away again."""
    _, street = district_and_street()
    row = engine.read(select(hotline_order).where(hotline_order.c.street_code == street).limit(1)).iloc[0]
    accept = MOMENT - timedelta(hours=1)
    new = row.astype(object).where(row.notna(), None).to_dict() | {
        "order_id": 10**12, "order_no": "+86", "accept_at": accept, "title": "=cmd|' /C calc'!A0", "address": "@SUM(1)",
        "due_at": MOMENT - timedelta(minutes=1), "close_at": None, "callback_at": None, "satisfaction": None,
        "resolved": None, "dispatch_at": None, "sign_at": None, "reply_at": None, "tracked": True,
    }  # fmt: skip
    new = {k: (v.item() if hasattr(v, "item") else v) for k, v in new.items()}
    with engine.committing() as connection:
        connection.execute(insert(hotline_order).values(new))
        cubes.refresh(connection, accept.date(), MOMENT.date())
        detours.follow(connection, [10**12])
    yield street
    with engine.committing() as connection:
        connection.execute(delete(hotline_order).where(hotline_order.c.order_id == 10**12))
        cubes.refresh(connection, accept.date(), MOMENT.date())
        detours.follow(connection, [10**12])


def test_a_spreadsheet_runs_nothing_of_an_export_and_the_screen_shows_text(client, planted):
    text = get(client, "records", "csv", area=planted, period="today").data.decode("utf-8")
    assert text.startswith("\ufeff# ")
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    head = next(n for n, line in enumerate(lines) if line[0] == "order_no")
    cells = [cell for line in lines[head:] for cell in line]
    assert "'=cmd|' /C calc'!A0" in cells
    assert "'@SUM(1)" in cells
    assert "'+86" in cells
    assert not [cell for line in lines for cell in line if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert {len(line) for line in lines[head:]} == {len(lines[head])}
    told = body(client, "records", area=planted, period="today")["data"]
    assert told[0]["title"] == "=cmd|' /C calc'!A0"


def test_an_answer_is_not_kept_when_data_changed(client, planted):
    """The planted order is the most overdue at once, and gone with its removal."""
    with_it = body(client, "headline", area=planted, period="today")
    assert defined(with_it, "hotline.received")["value"] == len(
        between(rows_in(), "accept_at", datetime(2026, 6, 18), MOMENT).query("street_code == @planted")
    )
    with engine.committing() as connection:
        connection.execute(delete(hotline_order).where(hotline_order.c.order_id == 10**12))
        cubes.refresh(connection, MOMENT.date(), MOMENT.date())
    without = body(client, "headline", area=planted, period="today")
    values = [defined(a, "hotline.received")["value"] for a in (with_it, without)]
    assert values[0] == values[1] + 1


@pytest.mark.parametrize("which", ["city", "district", "street", "nothing to compare", "before any data", "sql"])
def test_every_csv_can_be_read_and_is_the_json(client, which):
    for name in NAMES:
        query = views()[which] | {"lang": "en"}
        response = get(client, name, "csv", **query)
        assert response.status_code == 200
        assert f'filename="overview.{name}.csv"' in response.headers["Content-Disposition"]
        lines = list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"), newline="")))
        table = [line for line in lines if not line[0].startswith("# ")] if lines else []
        told = body(client, name, **query)["data"]
        assert len(table) == len(told) + 1
        if told:
            assert table[0] == list(told[0])
        assert any(line[0].startswith("# demo") for line in lines)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_has_a_place_for_every_panel(client, lang):
    page = client.get(f"/?lang={lang}")
    assert page.status_code == 200
    assert f'data-lang="{lang}"' in page.text


def test_the_words_of_both_languages_are_the_same():
    def keys(found: dict, before: str = "") -> set[str]:
        return {
            k
            for name, value in found.items()
            for k in (keys(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}"})
        }

    chinese, english = words._words("zh"), words._words("en")
    assert keys(chinese) == keys(english)
    for name in NAMES:
        assert {f"overview.{name}"} <= keys(chinese)


def test_satisfaction_follows_the_weights_of_the_city(cockpit, monkeypatch):
    """What the hotline page says, the overview says too: tile, line and map."""
    book = hotline_rules.read()
    half = replace(book, default={**book.default, "basically_satisfied": 0.5})
    monkeypatch.setattr(hotline_rules.SHELF, "read", lambda _path=None: half)
    view = View.from_query({"period": "30d", "metric": "hotline.satisfaction"})
    rows, span = rows_in(), view.span(MOMENT)
    rated = between(rows, "callback_at", span.start, span.end)["satisfaction"].dropna()
    expected = int((rated > 3).sum()) + 0.5 * int((rated == 3).sum())
    answers = [panels[name].query(view) for name in ("overview.headline", "hotline.headline")]
    for answer in answers:
        row = answer.frame.set_index("key").loc["hotline.satisfaction"]
        assert (row["numerator"], row["denominator"]) == (expected, len(rated))
    first, second = (answer.facts["sparks"]["hotline.satisfaction"] for answer in answers)
    day = rows[rows["callback_at"].dt.date == MOMENT.date() - timedelta(days=1)]["satisfaction"].dropna()
    assert first[-1] == second[-1] == ((day > 3).sum() + 0.5 * (day == 3).sum()) / len(day)
    whole = panels["hotline.map"].query(view).measured[0]
    assert (whole.numerator, whole.denominator) == (expected, len(rated))
