"""Halls live, windows to try out, the league, the list of cases and one case: over the demo city, counted another way,
in both languages."""

import csv
import io
import json
from datetime import datetime, time, timedelta

import pandas as pd
import pytest
from sqlalchemy import select

from components.panel import look_of, panels
from components.view import View
from data_access import engine
from data_access.areas import tree
from data_access.services import halls as data
from data_access.services import tables as t
from domain.periods import span_of
from domain.ranking import MINIMUM_CASES
from domain.services.queue import erlang_c, windows_for_wait
from domain.workdays import is_workday
from pages.services import halls as page
from pages.services import records as list_page
from tests.conftest import MOMENT
from tests.pages.asked import answered, between, body, catalogue_on, elements, get

MORNING = datetime(2026, 6, 15, 10, 30)  # a Monday
AT = MORNING.isoformat(timespec="minutes")
LANGS = ("zh", "en")


def tickets(at: datetime) -> pd.DataFrame:
    """The tickets of the day as known at the moment, straight from the table."""
    frame = engine.read(select(t.service_ticket))
    frame = frame[(frame["take_at"] >= pd.Timestamp(at.date())) & (frame["take_at"] < pd.Timestamp(at))].copy()
    for name in ("call_at", "start_at", "end_at"):
        frame[name] = frame[name].where(frame[name] < pd.Timestamp(at))
    return frame


@pytest.mark.parametrize("lang", LANGS)
def test_halls_are_their_tickets(client, lang):
    _, told = answered(client, "services.halls", {"at": AT, "lang": lang})
    some = tickets(MORNING)
    assert {row["hall"] for row in told["data"]} == set(some["hall"])
    for row in told["data"]:
        mine = some[some["hall"] == row["hall"]]
        waiting = mine[mine["call_at"].isna()]
        assert row["waiting"] == len(waiting)
        longest = (pd.Timestamp(MORNING) - waiting["take_at"]).max()
        assert (row["longest"] is None) == waiting.empty
        assert waiting.empty or row["longest"] == pytest.approx(longest.total_seconds() / 60)
        served = mine[mine["end_at"].notna() & ~mine["no_show"]]
        assert row["served"] == len(served)
        assert row["service"] == pytest.approx((served["end_at"] - served["start_at"]).mean().total_seconds() / 60)
        recent = mine[mine["take_at"] >= pd.Timestamp(MORNING - timedelta(hours=2))]
        hours = min(2.0, (pd.Timestamp(MORNING) - mine["take_at"].min()).total_seconds() / 3600)
        load = len(recent) / hours * row["service"] / 60 / row["open"]
        assert row["utilisation"] == pytest.approx(load)
        assert row["state"] == ("over" if load >= 1 else "tight" if load > 0.85 else "")
    loads = [row["utilisation"] for row in told["data"]]
    assert loads == sorted(loads, reverse=True)


@pytest.mark.parametrize("lang", LANGS)
def test_a_clock_that_is_behind_strikes_out_the_waits(client, lang):
    view = View.from_query({"at": MOMENT.isoformat(timespec="minutes"), "lang": lang})
    answer = panels["services.halls"].answer(view)
    doubtful = answer.frame[answer.frame["doubtful"]]["hall"].tolist()
    assert doubtful == ["H14"]
    drawn = str(panels["services.halls"].draw(answer, look_of(view)))
    assert drawn.count("h-wait struck") == 1
    assert ("' 存疑'" if lang == "zh" else "' clock off'") in drawn


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("windows", ["", "5", "7", "9"])
def test_windows_that_are_tried_are_erlangs(client, windows, lang):
    query = {"at": AT, "hall": "H12", "lang": lang} | ({"windows": windows} if windows else {})
    answer, told = answered(client, "services.whatif", query)
    (hall,) = [row for row in body(client, "services.halls", at=AT)["data"] if row["hall"] == "H12"]
    service = hall["service"] / 60
    facts = answer.facts
    assert facts["tried"] == (int(windows) if windows else hall["open"])
    rows = [row for row in told["data"] if row["kind"] == "windows"]
    assert sum(row["chosen"] for row in rows) == 1
    for row in rows:
        wait = erlang_c(hall["arrivals_h"], service, int(row["n"]))
        assert row["utilisation"] == pytest.approx(wait.utilisation)
        assert row["grows"] == (wait.utilisation >= 1)
        assert row["grows"] or row["wait"] == pytest.approx(wait.wait_h * 60)
    assert facts["enough"] == windows_for_wait(hall["arrivals_h"], service, 5 / 60)
    drawn = str(panels["services.whatif"].draw(answer, look_of(View.from_query(query))))
    assert "w-tried" in drawn
    if facts["after"] is not None:
        assert f"{facts['after']:.1f}" in drawn


def test_the_handbooks_vector_by_the_panels_own_way(monkeypatch):
    now = data.Now("H", 10, 12.0, 8, 0, None, 8.0, 48.0, None, 0, "tickets", MORNING)
    rows = page._compared(now, 8, None)
    (eight,) = [row for row in rows if row["n"] == 8]
    assert eight["utilisation"] == pytest.approx(0.8)
    assert eight["waits"] == pytest.approx(0.4576, abs=5e-5)
    assert eight["wait"] == pytest.approx(2.288, abs=5e-4)
    assert eight["current"] and eight["chosen"]
    (seven,) = [row for row in rows if row["n"] == 7]
    assert seven["wait"] > eight["wait"]
    assert page._clears(now) == pytest.approx(10 / (8 / 8 - 48 / 60))


def test_arrivals_by_the_hour_are_the_tickets(client):
    told = body(client, "services.whatif", at=AT, hall="H01")
    mine = tickets(MORNING)
    mine = mine[mine["hall"] == "H01"]
    hours = {int(row["n"]): row for row in told["data"] if row["kind"] == "hours"}
    for hour, n in mine.groupby(mine["take_at"].dt.hour).size().items():
        assert hours[int(str(hour))]["came"] == n
    assert hours[15]["came"] is None
    before = engine.read(select(t.service_ticket).where(t.service_ticket.c.hall == "H01"))
    weeks = []
    for n in range(1, data.DAYS + 1):
        day = before[before["take_at"].dt.date == MORNING.date() - timedelta(weeks=n)]
        if len(day):
            weeks.append(int((day["take_at"].dt.hour == 15).sum()))
    assert hours[15]["expected"] == pytest.approx(pd.Series(weeks).median())


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["halls", "whatif", "league", "records", "case", "standards"])
@pytest.mark.parametrize("query", [{"at": "2001-01-01T08:00"}, {"at": "2026-06-14T10:00"}, {"hall": "x"}], ids=str)
def test_panels_answer_every_view(client, name, query, lang):
    query = query | {"lang": lang}
    answer, _ = answered(client, f"services.{name}", query)
    if query.get("at", "").startswith("2001"):
        assert answer.blank == "none"
    if query.get("at", "").startswith("2026-06-14") and name in ("halls", "whatif"):
        assert answer.blank == "empty"  # a Sunday: nobody waits
    if not answer.blank:
        panel = panels[f"services.{name}"]
        assert panel.draw(answer, look_of(View.from_query(query))).nodes


# ---- the league ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("board", ["", "districts"])
def test_the_league_ranks_fairly(client, board, lang):
    span = span_of("90d", MOMENT)
    _, told = answered(client, "services.league", {"period": "90d", "board": board, "lang": lang})
    cases = engine.read(select(t.service_case).where(t.service_case.c.receive_at < MOMENT))
    due = between(cases, "due_at", span.start, min(span.end, MOMENT))
    column = "district_code" if board else "org"
    ranked = [row for row in told["data"] if row["rank"]]
    assert len(ranked) > 3
    for row in told["data"]:
        mine = due[due[column] == row["code"]]
        assert (row["denominator"] or 0) == len(mine)
        assert (row["numerator"] or 0) == int((mine["finish_at"] <= mine["due_at"]).sum())
        assert row["few"] == (len(mine) < MINIMUM_CASES) == (row["rank"] == "")
        if row["low"] is not None:
            assert row["low"] - 1e-9 <= row["value"] <= row["high"] + 1e-9
    values = [round(row["value"], 4) for row in ranked]
    assert values == sorted(values, reverse=True)
    assert all(("=" in row["rank"]) == (values.count(round(row["value"], 4)) > 1) for row in ranked)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("metric", ["instant_items", "compression", "online_items"])
def test_departments_are_ranked_by_their_items_too(client, metric, lang):
    query = {"metric": f"services.{metric}", "lang": lang, "period": "90d"}
    answer, told = answered(client, "services.league", query)
    last = View(period="90d", compare="mom").base(MOMENT)
    assert last is not None
    items, old = catalogue_on(MOMENT.date()), catalogue_on((last.span.end - timedelta(microseconds=1)).date())
    assert len(told["data"]) == items["org"].nunique() == 47

    def rates(some: pd.DataFrame) -> dict[str, tuple[float, float]]:
        found = {}
        for org, mine in some.groupby("org"):
            both = mine[mine["legal_days"].notna() & mine["promised_days"].notna()]
            found[org] = {
                "instant_items": ((mine["promised_days"] == 0).sum(), len(mine)),
                "online_items": ((mine["online"] | mine["online_excused"]).sum(), len(mine)),
                "compression": ((both["legal_days"] - both["promised_days"]).sum(), both["legal_days"].sum()),
            }[metric]
        return found

    now, then = rates(items), rates(old)
    shown = {org: round(top / below, 4) for org, (top, below) in now.items()}
    for row in told["data"]:
        assert (row["numerator"], row["denominator"]) == pytest.approx(now[row["code"]])
        assert int(row["rank"].strip("=")) == 1 + sum(value > shown[row["code"]] for value in shown.values())
        assert row["low"] is None and not row["few"]
        top, below = then[row["code"]]
        assert row["value_before"] == pytest.approx(top / below)
    drawn = str(panels["services.league"].draw(answer, look_of(View.from_query(query))))
    assert ("事项" if lang == "zh" else "Items") in drawn
    by_place = body(client, "services.league", **query, board="districts")  # no source tells items by district
    assert by_place["meta"]["definitions"][0]["key"] == "services.on_time_due"


@pytest.mark.parametrize("lang", LANGS)
def test_a_closed_month_says_so_and_the_ledger_is_counted(client, lang):
    query = {"period": "2026-04-01..2026-04-30", "lang": lang}
    answer, _ = answered(client, "services.league", query)
    assert "2026-05" in answer.facts["frozen"]
    rows = engine.read(select(t.service_problem))
    found = between(rows, "found_at", datetime(2026, 4, 1), datetime(2026, 5, 1))
    fixed = int((found["fixed_at"] < pd.Timestamp(MOMENT)).sum())
    assert (answer.facts["ledger"]["found"], answer.facts["ledger"]["fixed"]) == (len(found), fixed)
    assert len(found) > 10
    plain = panels["services.league"].answer(View.from_query({"period": "90d", "lang": lang}))
    assert plain.facts["frozen"] == ""


# ---- records ---------------------------------------------------------------------------------------------------------


def cells(response) -> tuple[list[str], list[dict[str, str]]]:
    """The notes and the rows of a CSV file."""
    lines = list(csv.reader(io.StringIO(response.get_data(as_text=True)[1:])))
    notes = [line[0] for line in lines if line[0].startswith("# ")]
    header, *rows = lines[len(notes) :]
    return notes, [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize("lang", LANGS)
def test_the_file_has_exactly_the_filtered_rows(client, lang):
    span = span_of("30d", MOMENT)
    cases = engine.read(select(t.service_case).where(t.service_case.c.receive_at < MOMENT))
    mine = between(cases, "receive_at", span.start, span.end)
    mine = mine[(mine["channel"] == "online") & mine["title"].str.contains("社会保险", regex=False)]
    _, rows = cells(get(client, "services.records", "csv", channel="online", q="社会保险", lang=lang, period="30d"))
    assert {row["case"] for row in rows} == {str(n) for n in mine["case_id"]}
    assert len(rows) == len(mine) > 5


def test_the_chips_say_how_long_the_lists_are(client):
    for field, value, said in list_page._chips(View(period="90d")):
        _, rows = cells(get(client, "services.records", "csv", period="90d", **{field: value}))
        assert said.split()[-1].replace(",", "") == str(len(rows)) or len(rows) >= 10_000


def test_a_file_that_is_cut_says_so(client, monkeypatch):
    monkeypatch.setattr(list_page, "settings", type("Settings", (), {"export_rows": 40}))
    notes, rows = cells(get(client, "services.records", "csv", period="90d"))
    assert len(rows) == 40
    assert any("40" in note for note in notes)


@pytest.mark.parametrize("lang", LANGS)
def test_a_case_has_its_clocks(client, lang):
    _, rows = cells(get(client, "services.records", "csv", period="90d", state="slow"))
    assert rows
    query = {"case": rows[0]["case"], "lang": lang}
    answer, told = answered(client, "services.case", query)
    assert [row["event"] for row in told["data"]][:2] == ["received", "accepted"]
    promised = answer.facts["clocks"][0]
    assert promised["name"] == "promised"
    assert promised["used"] == float(rows[0]["used_days"]) > promised["limit"] == float(rows[0]["promised_days"])
    drawn = json.dumps(panels["services.case"].draw(answer, look_of(View.from_query(query))), ensure_ascii=False)
    assert rows[0]["case_no"] in drawn
    assert body(client, "services.case", case="no-such", lang=lang)["meta"]["state"] == "ready"
    assert body(client, "services.case", mode="wall", case=rows[0]["case"])["meta"]["state"] == "none"
    assert {row["title"] for row in body(client, "services.records", mode="wall")["data"]} == {""}


def test_a_case_has_the_limits_of_its_stages(client):
    """Accepting within 5 working days, delivering within 10, rectifying a bad rating within 15: counted day by day."""

    def workdays(start: str, end: str) -> int:
        first, last = datetime.fromisoformat(start).date(), datetime.fromisoformat(end).date()
        days = (first + timedelta(days=n + 1) for n in range((last - first).days))
        return sum(is_workday(day) for day in days)

    _, rows = cells(get(client, "services.records", "csv", period="90d", state="bad"))
    seen = set()
    for row in rows[:40]:
        steps = body(client, "services.case", case=row["case"])["data"]
        by_event = {step["event"]: step for step in steps}
        limits = {step["event"]: step["limit_days"] for step in steps if step["limit_days"] is not None}
        seen |= limits.keys()
        assert limits.pop("received") == 5
        assert limits.pop("finished", 10) == 10
        assert by_event["received"]["days"] == workdays(by_event["received"]["at"], by_event["accepted"]["at"])
        if "delivered" in by_event:
            assert by_event["finished"]["days"] == workdays(by_event["finished"]["at"], by_event["delivered"]["at"])
        assert limits == {"rated": 15}
        if "rectified" in by_event:
            took = workdays(by_event["rated"]["at"], by_event["rectified"]["at"])
            assert by_event["rated"]["days"] == took
            assert by_event["rated"]["late"] == (took > 15)
    assert seen == {"received", "finished", "rated"}


def test_the_wait_that_windows_are_counted_for_is_chosen(client):
    (hall,) = [row for row in body(client, "services.halls", at=AT)["data"] if row["hall"] == "H12"]
    for wait in (3, 15):
        answer, _ = answered(client, "services.whatif", {"at": AT, "hall": "H12", "wait": str(wait)})
        needed = windows_for_wait(hall["arrivals_h"], hall["service"] / 60, wait / 60)
        assert (answer.facts["target"], answer.facts["enough"]) == (wait, needed)
        drawn = str(panels["services.whatif"].draw(answer, look_of(View.from_query({"wait": str(wait)}))))
        assert f"{wait} 分以内" in drawn
        shown = elements(panels["services.whatif"].draw(answer, look_of(View(wait=str(wait)))))
        (link,) = [e for e in shown if e.attributes.get("data-set") == "wait"]
        assert link.attributes["data-value"] == {3: "", 15: "3"}[wait]  # round and round
    assert page._waits(View(), MORNING.date()) == [("3", 3), ("", 5), ("10", 10), ("15", 15)]
    assert page._waits(View(wait="7"), MORNING.date())[2] == ("7", 7)


@pytest.mark.parametrize("lang", LANGS)
def test_two_windows_more_in_an_overloaded_hall_say_how_much_shorter_the_wait_is(client, lang):
    """Half past nine on a Monday: the hall with too few windows, whose mean wait has no end."""
    at = datetime(2026, 6, 15, 9, 30).isoformat(timespec="minutes")
    now = body(client, "services.halls", at=at)["data"][0]
    assert now["utilisation"] >= 1
    query = {"at": at, "hall": now["hall"], "windows": str(now["open"] + 2), "lang": lang}
    answer, _ = answered(client, "services.whatif", query)
    each = [(now["waiting"] + 1) * now["service"] / n for n in (now["open"], now["open"] + 2)]
    assert [answer.facts["next_before"], answer.facts["next_after"]] == pytest.approx(each)
    drawn = str(panels["services.whatif"].draw(answer, look_of(View.from_query(query))))
    for minutes in (*each, each[0] - each[1]):
        assert f"{minutes:.1f}" in drawn


def test_midnight_knows_no_queue(client):
    at = datetime.combine(MORNING.date(), time(0, 5)).isoformat(timespec="minutes")
    assert body(client, "services.halls", at=at)["meta"]["state"] == "empty"


@pytest.mark.parametrize("lang", LANGS)
def test_a_place_without_a_hall_shows_those_that_serve_it(client, lang):
    places = engine.read(select(t.service_hall))
    some = places[places["kind"] == "hall"]
    bare = next(
        area
        for area in tree().descendants("990100")
        if area.level == 2 and area.code not in set(some["street_code"]) and area.parent in set(some["district_code"])
    )
    serving = set(some.loc[some["district_code"] == bare.parent, "code"])
    answer, told = answered(client, "services.halls", {"at": AT, "lang": lang, "area": bare.code})
    _, district = answered(client, "services.halls", {"at": AT, "lang": lang, "area": bare.parent})
    assert told["data"] == district["data"]
    assert {row["hall"] for row in told["data"]} <= serving
    assert tree().get(bare.parent).label(lang) in answer.note
    _, tiles = answered(client, "services.headline", {"at": AT, "lang": lang, "area": bare.code})
    waiting = next(row for row in tiles["data"] if row["key"] == "services.waiting")
    assert waiting["aside"] == tree().get(bare.parent).label(lang)
    assert waiting["value"] == sum(row["waiting"] for row in district["data"])
