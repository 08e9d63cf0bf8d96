"""Orders and the league on the hotline page: frames and files another way, in both languages, with nothing personal."""

import csv
import io
import json
import re
from datetime import timedelta

import pandas as pd
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from components import words
from components.panel import _head, look_of, panels
from components.panel_data import as_csv, as_xlsx
from components.rows import framed
from components.view import View
from data_access import coverage, engine
from data_access import league as league_data
from data_access.areas import tree
from data_access.schema import hotline_event, hotline_order
from domain.hotline_rules import rules
from domain.periods import span_of
from pages.hotline import records as page
from tests.conftest import MOMENT
from tests.pages import asked

CITY = "990100"
PERSONAL = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|\d{15}|\w@\w|(?<![\d*])\d+(号|栋|单元|室)(?![线])")  # 2号线 is a line


def get(client, name: str, kind: str = "json", **query: str):
    return asked.get(client, f"hotline.{name}", kind, **query)


def body(client, name: str, **query: str) -> dict:
    return asked.body(client, f"hotline.{name}", **query)


def district() -> str:
    return tree().children(CITY)[0].code


def rows_in() -> pd.DataFrame:
    return engine.read(select(hotline_order).where(hotline_order.c.accept_at < MOMENT))


def between(rows: pd.DataFrame, column: str, span) -> pd.DataFrame:
    return rows[(rows[column] >= pd.Timestamp(span.start)) & (rows[column] < pd.Timestamp(span.end))]


def cells(response) -> tuple[list[str], list[dict[str, str]]]:
    """The notes and the rows of a CSV file."""
    text = response.get_data(as_text=True)
    assert text.startswith("\ufeff")
    lines = list(csv.reader(io.StringIO(text[1:])))
    notes = [line[0] for line in lines if line[0].startswith("# ")]
    header, *rows = lines[len(notes) :]
    return notes, [dict(zip(header, row, strict=True)) for row in rows]


LISTS = [
    {}, {"period": "90d"}, {"state": "open"}, {"state": "overdue", "period": "7d"},
    {"state": "unhappy", "period": "90d"},
    {"state": "today"}, {"state": "soon"}, {"state": "returned", "period": "12m"}, {"state": "nonsense", "sort": "x"},
    {"q": "路", "period": "90d"}, {"sort": "longest", "period": "90d"}, {"sort": "newest", "at": "2026-02-28T23:59"},
    {"at": "2001-01-01T08:00"}, {"period": "9999-12-30..9999-12-31"}, {"after": "nonsense"}, {"q": "%"},
    {"q": "' OR 1=1; --"}, {"mark": "redo", "period": "12m"}, {"state": "open", "org": "none such"},
]  # fmt: skip


# ---- the list --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("query", LISTS, ids=str)
def test_the_list_answers_every_view_with_the_frame_it_draws(client, query, lang):
    query = query | {"lang": lang}
    view = View.from_query(query)
    for name in ("records", "order", "league"):
        panel = panels[f"hotline.{name}"]
        answer = panel.answer(view)
        told = body(client, name, **query)
        assert told["meta"]["title"] == words.text(f"hotline.{name}", lang)
        assert told["data"] == json.loads(answer.frame.to_json(orient="records", date_format="iso", date_unit="s"))
        if not answer.blank:
            assert panel.draw(answer, look_of(view)).nodes


def test_nothing_loaded_is_not_zero(client):
    assert body(client, "records", at="2001-01-01T08:00")["meta"]["state"] == "none"
    assert body(client, "league", at="2001-01-01T08:00")["meta"]["state"] == "none"
    assert body(client, "records", q="没有这样的")["meta"]["state"] == "empty"


@pytest.mark.parametrize("query", [{}, {"period": "90d"}, {"area": "district", "period": "90d"}])
def test_the_chips_say_how_long_the_lists_are(client, query):
    query = query | ({"area": district()} if "area" in query else {})
    view = View.from_query(query)
    chips = page._chips(view)
    assert [value for _, value, _ in chips] == list(page.LISTS)
    for field, value, said in chips:
        _, rows = cells(get(client, "records", "csv", **(query | {field: value})))
        assert said.endswith(f" {words.number(len(rows), 'zh')}")


def test_the_chip_of_the_list_on_screen_is_the_current_one(cockpit):
    for state in ("", "open", "returned"):
        view = View(state=state, order="1", period="90d")
        drawn = _head(page.records, view, MOMENT, page.records.answer(view), None)[0]
        current = [a.attributes["data-value"] for a in drawn.nodes if a.attributes["aria-current"] == "true"]
        assert current == [state]


def test_the_lists_are_what_the_orders_say(client):
    rows = rows_in()
    at, span = pd.Timestamp(MOMENT), span_of("90d", MOMENT)
    still = rows[rows["tracked"] & ~(rows["close_at"] < at)]
    expected = {
        "": between(rows, "accept_at", span),
        "open": still,
        "overdue": still[still["due_at"] < at],
        "soon": still[(still["due_at"] >= at) & (still["due_at"] < at + timedelta(hours=4))],
        "unhappy": between(rows[rows["satisfaction"] <= 2], "callback_at", span),
        "returned": between(rows, "returned_at", span),
    }
    for state, some in expected.items():
        _, found = cells(get(client, "records", "csv", state=state, period="90d"))
        assert {row["order"] for row in found} == {str(n) for n in some["order_id"]}
        assert len(found) == len(some)
        assert found or state in ("soon", "overdue")


def test_the_pages_follow_each_other_to_the_end(client):
    view = View.from_query({"state": "open", "period": "90d"})
    _, everything = cells(get(client, "records", "csv", state="open", period="90d"))
    seen: list[str] = []
    for _ in range(len(everything) // page.PAGE + 1):
        answer = page.records.answer(view)
        seen += list(answer.frame["order"])
        view = view.to(after=answer.facts["next"])
    assert not view.after
    assert seen == [row["order"] for row in everything]


def test_a_row_says_what_the_order_is(client):
    by_id = rows_in().set_index("order_id")
    places = tree()
    for row in body(client, "records", period="90d", lang="en")["data"]:
        order = by_id.loc[int(row["order"])]
        closed = order["tracked"] and order["close_at"] < MOMENT
        assert row["order_no"] == order["order_no"]
        assert row["title"] == order["title"]
        assert row["place_name"] == places.get(row["place"]).label("en")
        assert row["place"] in (order["street_code"], order["district_code"])
        assert (row["close_at"] is not None) == closed
        left = None if closed or pd.isna(order["due_at"]) else (order["due_at"] - MOMENT).total_seconds() / 60
        assert row["left_minutes"] == (None if left is None else pytest.approx(left, abs=0.02))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_orders_that_nobody_urged_in_time_are_marked(client, lang):
    """Four fifths of the limit have passed, the limit has not, and the log knows of no urging."""
    log = engine.read(select(hotline_event).where(hotline_event.c.happened_at < MOMENT))
    urged = set(log[log["event"] == "urged"]["order_id"])
    by_id = rows_in().set_index("order_id")
    _, found = cells(get(client, "records", "csv", state="open", lang=lang))
    expected = {}
    for row in found:
        order = by_id.loc[int(row["order"])]
        whole, passed = order["due_at"] - order["accept_at"], MOMENT - order["accept_at"]
        pressing = order["due_at"] >= MOMENT and passed / whole >= 0.8
        expected[row["order"]] = bool(pressing and int(row["order"]) not in urged)
    assert {row["order"]: row["urge"] == "True" for row in found} == expected
    assert 0 < sum(expected.values()) < len(found)
    answer = page.records.answer(View(state="open", lang=lang))
    drawn = str(page.records.draw(answer, look_of(View(lang=lang))))
    shown = [row["order"] for row in answer.frame.to_dict("records") if expected[row["order"]]]
    assert drawn.count("c-left urge") == len(shown)
    assert ("80%" in answer.note) == bool(shown)


@pytest.mark.parametrize(("lang", "name"), [("zh", "催办时点"), ("en", "To be urged from")])
def test_an_open_order_says_from_when_on_it_is_urged(client, lang, name):
    by_id = rows_in().set_index("order_id")
    _, found = cells(get(client, "records", "csv", state="open"))
    order = by_id.loc[int(found[0]["order"])]
    when = order["accept_at"] + 0.8 * (order["due_at"] - order["accept_at"])
    pairs = dict(page.order.answer(View(order=found[0]["order"], lang=lang)).facts["pairs"])
    assert pairs[name] == f"{when:%Y-%m-%d %H:%M}"
    _, over = cells(get(client, "records", "csv", state="returned", period="90d"))
    closed = next(row["order"] for row in over if row["close_at"])
    assert name not in dict(page.order.answer(View(order=closed, lang=lang)).facts["pairs"])


def test_what_people_wrote_is_masked_and_not_on_a_wall(client):
    _, rows = cells(get(client, "records", "csv", period="12m"))
    some = [body(client, "order", order=row["order"]) for row in rows[:20]]
    drawn = [str(page.order.draw(page.order.answer(View(order=row["order"])), look_of(View()))) for row in rows[:20]]
    assert len(rows) > 1000
    assert all(some)
    for text in [row["title"] for row in rows] + drawn:
        assert not PERSONAL.search(re.sub(r"990\d{17}|\d{4}-\d\d-\d\d", "", text)), text
    assert {row["title"] for row in body(client, "records", mode="wall")["data"]} == {""}
    assert body(client, "order", mode="wall", order=rows[0]["order"])["meta"]["state"] == "none"


@pytest.mark.parametrize(("lang", "said"), [("zh", "账户"), ("en", "accounts")])
def test_a_reveal_is_refused_in_words(client, lang, said):
    for order in ("1", "no-such", "990100"):
        response = client.get(f"/reveal/{order}?lang={lang}")
        assert response.status_code == 403
        assert response.headers["Cache-Control"] == "no-store"
        assert said in response.text
    assert client.post("/reveal/1").status_code == 405


# ---- files -----------------------------------------------------------------------------------------------------------


def test_a_file_that_is_cut_says_so(client, monkeypatch):
    whole = cells(get(client, "records", "csv", period="90d"))
    assert any(f"共 {len(whole[1]):,} 行" in note for note in whole[0])
    monkeypatch.setattr(page, "settings", type("Settings", (), {"export_rows": 60}))
    notes, rows = cells(get(client, "records", "csv", period="90d"))
    assert rows == whole[1][:60]
    assert any("60" in note and f"{len(whole[1]):,}" in note for note in notes)
    assert any(words.text("app.demo", "zh") in note for note in notes)


def test_the_workbook_has_the_rows_of_the_csv_and_says_what_they_mean(client):
    notes, rows = cells(get(client, "records", "csv", state="open"))
    response = get(client, "records", "xlsx", state="open")
    book = load_workbook(io.BytesIO(response.data))
    data, about = book.worksheets
    header, *found = [list(row) for row in data.iter_rows(values_only=True)]
    assert header == list(rows[0])
    assert [str(row[0]) for row in found] == [row["order"] for row in rows]
    assert found[0][header.index("accept_at")].isoformat(sep=" ") == rows[0]["accept_at"]
    assert [f"# {cell[0]}" for cell in about.iter_rows(values_only=True)] == notes


def test_any_panel_has_a_workbook(client):
    response = client.get("/data/overview.ranking.xlsx")
    assert response.status_code == 200
    csv_rows = cells(client.get("/data/overview.ranking.csv"))[1]
    assert load_workbook(io.BytesIO(response.data)).worksheets[0].max_row == len(csv_rows) + 1
    assert client.get("/data/overview.ranking.xls").status_code == 404


EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝cmd", "a\x0bb", "x" * 40_000, "ordinary")


def test_cells_are_text_never_formulas(cockpit):
    described = {"title": "a[b]:c/d*?", "lang": "zh", "definitions": [], "note": "=2+2"}
    described |= dict.fromkeys(("demo", "as_of", "view", "area", "period", "compare", "source"), "")
    frame = framed({"words": list(EVIL), "n": [1.5] * 8 + [None]}, ("n",))
    sheet = load_workbook(io.BytesIO(as_xlsx(described, frame))).worksheets[0]
    assert [row[0].data_type for row in sheet.iter_rows(min_row=2)] == ["s"] * len(EVIL)
    values = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert values[0] == "'=1+1"
    assert values[-1] == "ordinary"
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [1.5] * 8 + [None]
    lines = "".join(as_csv(described, frame.iloc[:6])).splitlines()
    assert not [line for line in lines[1:] if line.lstrip('"').startswith(("=", "+", "-", "@", "＝"))]


# ---- one order -------------------------------------------------------------------------------------------------------


def test_an_order_and_its_course(client):
    rows = rows_in()
    some = rows[rows["close_at"].notna() & rows["due_at"].notna()].iloc[-1]
    for lang in ("zh", "en"):
        told = body(client, "order", order=str(some["order_id"]), lang=lang)
        events = told["data"]
        assert events[0]["event"] == "registered"
        moments = [event["at"] for event in events]
        assert moments == sorted(moments)
        assert not [event for event in events if event["fault"]]
        for event in events:
            late = event["hours"] is not None and event["limit_hours"] is not None
            assert event["late"] == (late and event["hours"] > event["limit_hours"])
    by_number = body(client, "order", order=some["order_no"], lang="en")
    assert by_number["data"] == events


def test_the_course_has_the_limits_of_the_funnel(client):
    """Hours: dispatching 24, signing 2, reviewing a reply 24, a new reply after a failed callback 120."""
    rows = rows_in()
    redone = rows[(rows["redo_count"] > 0) & rows["dispatch_at"].notna()]["order_id"].tail(5)
    seen = {}
    for order in redone:
        for event in body(client, "order", order=str(order))["data"]:
            if event["state"] in ("accepted", "dispatched", "replied", "redo"):
                seen.setdefault(event["state"], set()).add(event["limit_hours"])
    assert seen == {"accepted": {24}, "dispatched": {2}, "replied": {24}, "redo": {120}}
    limits = {row["stage"]: row["limit_h"] for row in body(client, "funnel", period="90d")["data"]}
    told = [limits[stage] for stage in ("dispatch", "sign", "close", "redo")]
    assert told == [24, 2, 24, 120]


def test_an_order_as_it_was(client):
    rows = rows_in()
    some = rows[rows["close_at"].notna() & rows["due_at"].notna()].iloc[-1]
    then = some["accept_at"].ceil("min") + timedelta(minutes=1)
    events = body(client, "order", order=str(some["order_id"]), at=then.isoformat(timespec="minutes"))["data"]
    assert "closed" not in {event["event"] for event in events}
    assert all(event["at"] < then.isoformat() for event in events)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("number", ["no-such", "0", "9" * 30, "<b>", "' OR 1=1"])
def test_an_unknown_number_is_a_sentence(client, number, lang):
    view = View.from_query({"order": number, "lang": lang})
    answer = page.order.answer(view)
    assert not answer.blank
    assert words.text("order.unknown", lang, number=number) in str(page.order.draw(answer, look_of(view)))


def test_no_order_is_no_drawer(client):
    assert body(client, "order")["meta"]["state"] == "none"


# ---- the league -----------------------------------------------------------------------------------------------------


def rates_of(rows: pd.DataFrame, period: str) -> dict[str, float]:
    span, held = span_of(period, MOMENT), rules(MOMENT.date())
    called = between(rows, "callback_at", span)
    due = between(rows[rows["tracked"]], "due_at", span)
    asked, rated = called.dropna(subset=["resolved"]), called.dropna(subset=["satisfaction"])
    sent = called[called["responded"].notna() & ~called["direct"].fillna(False).astype(bool)]
    parts = {
        "on_time": ((due["close_at"] <= due["due_at"]).sum(), len(due)),
        "response": (sent["responded"].astype(bool).sum(), len(sent)),
        "resolution": ((asked["resolved"] == 2).sum(), len(asked)),
        "satisfaction": ((rated["satisfaction"] >= 3).sum(), len(rated)),
    }
    told = {name: n / of for name, (n, of) in parts.items() if of}
    if set(told) >= {"response", "resolution", "satisfaction"}:
        a, b, c = held.weights
        told["score"] = 100 * (a * told["response"] + b * told["resolution"] + c * told["satisfaction"])
    few = min(len(asked), len(rated))
    told["few"] = few < 30 or few < 0.3 * len(called)
    return told


@pytest.mark.parametrize("period", ["30d", "90d", "12m", "2026-05-01..2026-05-31"])
@pytest.mark.parametrize("by", ["", "org"])
def test_the_league_is_what_the_orders_say(client, by, period):
    rows = rows_in()
    data = body(client, "league", by=by, period=period)["data"]
    column = "org" if by else "district_code"
    assert len({row["code"] for row in data}) == len(data) > 3
    for row in data:
        told = rates_of(rows[rows[column] == row["code"]], period)
        for name in ("on_time", "response", "resolution", "satisfaction", "score"):
            assert row[name] == (pytest.approx(told[name]) if name in told else None)
        assert row["few"] == (told["few"] or "score" not in told)
    scores = [row["score"] for row in data if not row["few"]]
    assert scores == sorted(scores, key=lambda s: -round(s, 1)) or [round(s, 1) for s in scores] == sorted(
        (round(s, 1) for s in scores), reverse=True
    )
    assert all((row["rank"] == "") == row["few"] for row in data)
    assert [row["few"] for row in data] == sorted(row["few"] for row in data)


def test_an_organisation_stands_among_all_of_them(client):
    every = body(client, "league", by="org", period="12m")["data"]
    one = body(client, "league", by="org", period="12m", org=every[0]["code"])
    assert one["data"] == every


def test_the_footer_adds_up(client):
    for lang in ("zh", "en"):
        view = View.from_query({"period": "90d", "lang": lang})
        said = panels["hotline.league"].answer(view).facts["said"].replace("−", "-")
        change, rate, mix = (float(part) for part in re.findall(r"[-+]?\d+\.\d", said)[1:4])
        assert change == pytest.approx(rate + mix)


def test_the_lowest_place_stands_among_its_siblings(client):
    street = tree().children(district())[0].code
    siblings = {a.code for a in tree().children(district())}
    told = {row["code"] for row in body(client, "league", area=street, period="90d")["data"]}
    assert told == siblings or told == {a.code for a in tree().children(street)}


# ---- what a source does not tell, and what was frozen ---------------------------------------------------------------


@pytest.fixture
def told(monkeypatch, cockpit):
    """Says which fields of orders the sources fill."""

    def only(*fields: str) -> None:
        monkeypatch.setattr(coverage, "given", lambda _span: frozenset(fields))

    return only


DATES = ("order_no", "title", "accept_at", "due_at", "close_at", "category", "topic", "district_code", "org")


def asked_of(name: str, **query: str):
    """A panel's answer, not one that was kept from before."""
    panel = panels[f"hotline.{name}"]
    view = View.from_query(query)
    return panel._lacking(view) or panel.query(view)


def test_a_place_is_told_its_own_rank_among_those_beside_it(client):
    city = {row["code"]: row for row in body(client, "league", period="12m")["data"]}
    n = sum(row["rank"] != "" for row in city.values())
    assert n > 1
    said = {code: asked_of("league", period="12m", area=code).facts["own"] for code in city}
    for code, row in city.items():
        assert said[code] == (f"在云川市列第 {row['rank']} 位(共 {n})" if row["rank"] else "")
    assert asked_of("league", period="12m").facts["own"] == ""
    few = asked_of("league", period="today", area=next(iter(city)))
    assert few.facts.get("own", "") == ""
    drawn = panels["hotline.league"].draw(asked_of("league", period="12m", area=code, lang="en"), look_of(View()))
    assert f"of {n} in Yunchuan" in str(drawn)


def test_without_callbacks_the_league_keeps_what_it_can(told):
    told(*DATES)
    answer = asked_of("league", period="90d")
    assert answer.facts["rates"] == []
    assert answer.frame["score"].isna().all()
    assert answer.frame["response"].isna().all()
    ranked = answer.frame[~answer.frame["few"]]
    assert len(ranked) > 3
    assert list(ranked["on_time"].round(3)) == sorted(ranked["on_time"].round(3), reverse=True)
    assert (ranked["due"] >= 30).all()
    drawn = str(panels["hotline.league"].draw(answer, look_of(View())))
    assert words.text("league.on_time", "zh") in drawn
    assert words.text("league.satisfaction", "zh") not in drawn
    assert "hotline.composite" not in {m.key for m in answer.measured}


def test_without_limits_there_is_no_league(told):
    told(*(name for name in DATES if name != "due_at"))
    answer = asked_of("league")
    assert answer.blank == "none"
    assert words.text("field.due_at", "zh") in answer.note


def test_lists_that_a_source_cannot_tell_are_not_offered(told):
    told("order_no", "title", "accept_at", "category", "topic", "district_code")
    assert [value for _, value, _ in page._chips(View())] == [""]
    answer = asked_of("records", period="90d")
    assert answer.facts["columns"] == ["number", "title", "category", "place", "accepted"]
    assert len(answer.frame) == page.PAGE
    for state in ("overdue", "unhappy", "supervised"):
        answer = asked_of("records", state=state)
        assert answer.blank == "none"
        assert words.text(f"orders.s_{state}", "zh") in answer.note


def test_frozen_results_stay_and_say_what_counting_now_would_give(cockpit, monkeypatch):
    counted = league_data.league

    def frozen(*given, **named):
        found = counted(*given, **named)
        chosen = next(unit.code for unit in found.units if unit.code)
        units = tuple(
            unit._replace(live=unit.now._replace(rated=unit.now.rated + 500 * (unit.code == chosen)))
            for unit in found.units
        )
        return found._replace(units=units, frozen_at=MOMENT)

    before = asked_of("league", period="90d")
    monkeypatch.setattr(league_data, "league", frozen)
    answer = asked_of("league", period="90d")
    assert list(answer.frame["score"]) == list(before.frame["score"])
    moved = answer.frame[answer.frame["drift"] != 0]
    assert len(moved) == 1
    row = moved.iloc[0]
    c = rules(MOMENT.date()).weight_satisfaction
    lost = row["satisfied"] / row["rated"] - row["satisfied"] / (row["rated"] + 500)
    assert row["drift"] == pytest.approx(-100 * c * lost)
    assert answer.facts["frozen"].startswith("已冻结 2026-06-18 14:30")
    assert words.signed(row["drift"], 1) in answer.facts["frozen"]
    assert words.signed(row["drift"], 1) in str(panels["hotline.league"].draw(answer, look_of(View())))
