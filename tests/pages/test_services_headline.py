"""The services page's headline, situation, scorecard and map, over the demo city: counted another way, from its cases
and its catalogue; and the same numbers on the overview."""

from datetime import datetime, time, timedelta

import pandas as pd
import pytest
from sqlalchemy import select

from components import words
from data_access import engine
from data_access.areas import tree
from data_access.services import tables as t
from domain.periods import span_of
from tests.conftest import MOMENT
from tests.pages.asked import answered, between, body, catalogue_on, rows_in

CITY = "990100"
LANGS = ("zh", "en")


@pytest.fixture
def cases(cockpit) -> pd.DataFrame:
    return engine.read(select(t.service_case).where(t.service_case.c.receive_at < MOMENT))


def district() -> str:
    return tree().children(CITY)[0].code


def inside(cases: pd.DataFrame, area: str) -> pd.DataFrame:
    return cases[cases["district_code"] == area] if area else cases


def row_of(told: dict, key: str) -> dict:
    (found,) = [row for row in told["data"] if row["key"] == key]
    return found


def parts(cases: pd.DataFrame, key: str, start: datetime, end: datetime) -> tuple[int, int]:
    """numerator, denominator of a rate, straight from the cases."""
    accepted, finished = between(cases, "accept_at", start, end), between(cases, "finish_at", start, end)
    rated, due = between(cases, "rating_at", start, end), between(cases, "due_at", start, end)
    limited = finished[finished["legal_days"].notna()]
    legal, used = int(limited["legal_days"].sum()), int(limited["used_days"].sum())
    due = due[due["due_at"] < pd.Timestamp(MOMENT)]
    return {
        "services.accepted_rate": (len(accepted), len(accepted) + len(between(cases, "refuse_at", start, end))),
        "services.online_accepted": (int(accepted["channel"].isin(["online", "mobile"]).sum()), len(accepted)),
        "services.full_online_cases": (int(accepted["online_full"].fillna(False).sum()), len(accepted)),
        "services.on_time_finished": (int((finished["used_days"] <= finished["promised_days"]).sum()), len(finished)),
        "services.on_time_due": (int((due["finish_at"] <= due["due_at"]).sum()), len(due)),
        "services.speed_up": (legal - used, legal),
        "services.good_rating": (int((rated["rating"] >= 3).sum()), len(rated)),
        "services.active_rating": (int((~rated["rating_default"].astype(bool)).sum()), len(finished)),
    }[key]


FLOWS = (
    "services.online_accepted", "services.full_online_cases", "services.on_time_finished", "services.on_time_due",
    "services.speed_up", "services.good_rating", "services.active_rating",
)  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("where", ["city", "district"])
@pytest.mark.parametrize("period", ["30d", "90d", "today"])
def test_the_headline_is_counted_of_the_cases(client, cases, lang, where, period):
    area = district() if where == "district" else ""
    _, told = answered(client, "services.headline", {"lang": lang, "area": area, "period": period})
    span, some = span_of(period, MOMENT), inside(cases, area)
    for key, clock in (("received", "receive_at"), ("accepted", "accept_at"), ("finished", "finish_at")):
        assert row_of(told, f"services.{key}")["value"] == len(between(some, clock, span.start, span.end))
    for key in ("services.accepted_rate", *FLOWS):
        if key == "services.full_online_cases":
            continue  # of the scorecard
        row, (top, below) = row_of(told, key), parts(some, key, span.start, span.end)
        assert (row["numerator"], row["denominator"]) == (top, below), key
        assert row["value"] == (pytest.approx(top / below) if below and top <= below else None), key
    waiting = some[(some["accept_at"] < pd.Timestamp(MOMENT)) & ~(some["finish_at"] < pd.Timestamp(MOMENT))]
    assert row_of(told, "services.open_cases")["value"] == len(waiting)
    late = int((waiting["due_at"] < pd.Timestamp(MOMENT)).sum())
    assert row_of(told, "services.overdue_cases")["value"] == late
    assert row_of(told, "services.overdue_cases")["under"] == "services.on_time_due"
    assert row_of(told, "services.active_rating")["under"] == "services.good_rating"


def test_those_who_wait_now_are_the_tickets_not_called(client, cases):
    _, told = answered(client, "services.headline", {})
    tickets = engine.read(select(t.service_ticket).where(t.service_ticket.c.take_at < MOMENT))
    today = tickets[tickets["take_at"] >= pd.Timestamp(datetime.combine(MOMENT.date(), time.min))]
    waiting = today[~(today["call_at"] < pd.Timestamp(MOMENT))]
    assert row_of(told, "services.waiting")["value"] == len(waiting) > 0


def test_filters_are_those_of_cases(client, cases):
    span, some = span_of("90d", MOMENT), cases[(cases["channel"] == "window") & (cases["special"] == "startup")]
    _, told = answered(client, "services.headline", {"period": "90d", "channel": "window", "special": "startup"})
    assert row_of(told, "services.received")["value"] == len(between(some, "receive_at", span.start, span.end)) > 0
    looked = body(client, "services.headline", period="90d", hall="H01")  # looked at, and filters nothing
    whole = body(client, "services.headline", period="90d")
    assert row_of(looked, "services.received") == row_of(whole, "services.received")


@pytest.mark.parametrize("panel", ["services.headline", "services.scorecard"])
def test_a_period_without_a_load_is_missing_and_not_zero(client, panel):
    _, told = answered(client, panel, {"period": "2020-01-01..2020-01-31"})
    found = [row for row in told["data"] if row["key"] in (*FLOWS, "services.received")]
    assert found
    assert {row["value"] for row in found} == {None}


@pytest.mark.parametrize("lang", LANGS)
def test_the_situation_names_the_department_that_is_late_most(client, cases, lang):
    answer, told = answered(client, "services.situation", {"lang": lang, "period": "90d"})
    span = span_of("90d", MOMENT)
    due = between(cases, "due_at", span.start, span.end)
    kept = (due["finish_at"] <= due["due_at"]).groupby(due["org"]).agg(["sum", "count"])
    rates = (kept["sum"] / kept["count"])[kept["count"] >= 30]
    (named,) = [row for row in told["data"] if row["field"] == "org"]
    assert rates[named["code"]] == rates.min() < 0.99
    measured = {one.key: one for one in answer.measured}["services.on_time_due"]
    assert (measured.numerator, measured.denominator) == (kept["sum"].sum(), kept["count"].sum())
    kinds = [row["kind"] for row in told["data"]]
    assert kinds == sorted(kinds, key=("bad", "good", "note").index)


# ---- the overview --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("where", ["city", "district"])
@pytest.mark.parametrize("period", ["7d", "30d", "90d"])
def test_the_overview_says_what_the_services_page_says(client, lang, where, period):
    query = {"lang": lang, "area": district() if where == "district" else "", "period": period}
    here = row_of(body(client, "services.headline", **query), "services.online_accepted")
    there = row_of(body(client, "overview.headline", **query), "services.online_accepted")
    assert {name: there[name] for name in ("value", "base", "numerator", "denominator")} == {
        name: here[name] for name in ("value", "base", "numerator", "denominator")
    }
    filtered = row_of(body(client, "overview.headline", **query, channel="phone"), "services.online_accepted")
    assert filtered == there  # a channel of orders is none of cases


@pytest.mark.parametrize("where", ["city", "district"])
def test_the_overviews_places_are_those_of_the_services_map(client, where):
    query = {"metric": "services.online_accepted", "area": district() if where == "district" else ""}
    here = [row for row in body(client, "services.map", **query)["data"] if row["kind"] == "place"]
    there = body(client, "overview.map", **query)["data"]
    pick = ("code", "value", "numerator", "denominator")
    assert [[row[name] for name in pick] for row in there] == [[row[name] for name in pick] for row in here]


def test_the_daily_figures_hold_no_services_of_their_own(client):
    kept = engine.read(select(t.metadata.tables["observation"].c.indicator).distinct())
    assert not [key for key in kept["indicator"] if key.startswith("services.")]
    assert len(rows_in())  # the demo city has orders, and figures of others
    assert len(kept)


# ---- scorecard -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("score", ["", "B", "C"])
def test_rates_of_items_can_be_recomputed_by_hand(client, lang, score):
    _, told = answered(client, "services.scorecard", {"lang": lang, "score": score})
    items = catalogue_on(MOMENT.date())
    both = items[items["legal_days"].notna() & items["promised_days"].notna()]
    legal, promised = both["legal_days"].sum(), both["promised_days"].sum()
    suited = items[~items["online_excused"]] if score == "B" else items
    online = suited["depth"].between(2, 7) if score == "C" else suited["online"] | suited["online_excused"]
    zero = items if score == "C" else items[~items["visits_excused"]]
    stays = (zero["visits"] == 0) | (zero["depth"].between(5, 7) if score == "C" else False)
    instant = items["instant"] if score == "C" else items["promised_days"] == 0
    phone = items[~items["mobile_excused"]] if score == "B" else items
    wanted = {
        "services.online_items": (online.sum(), len(suited)),
        "services.full_online_items": (items["depth"].between(5, 7).sum(), len(items)),
        "services.mobile_items": ((phone["mobile"] | phone["mobile_excused"]).sum(), len(phone)),
        "services.zero_visit_items": (stays.sum(), len(zero)),
        "services.instant_items": (instant.sum(), len(items)),
        "services.compression": (legal - promised, legal),
        "services.electronic_materials": (items["materials_electronic"].sum(), items["materials"].sum()),
    }
    for key, (top, below) in wanted.items():
        row = row_of(told, key)
        assert (row["kind"], row["numerator"], row["denominator"]) == ("item", top, below), key
        assert row["value"] == pytest.approx(top / below)
        assert float(row["trend"].split()[-1]) == pytest.approx(row["value"], rel=1e-5)
    definitions = {one["key"]: one for one in told["meta"]["definitions"]}
    for key, (top, below) in wanted.items():
        assert (definitions[key]["numerator"], definitions[key]["denominator"]) == (top, below)
    for key in ("services.online_items", "services.mobile_items"):  # the card says what each variant counts
        assert all(f" {name}" in definitions[key]["definition"] for name in "AB")


@pytest.mark.parametrize("lang", LANGS)
def test_rates_of_cases_stand_apart_and_are_of_the_period(client, cases, lang):
    _, told = answered(client, "services.scorecard", {"lang": lang, "period": "90d"})
    span = span_of("90d", MOMENT)
    kinds = [row["kind"] for row in told["data"]]
    assert kinds == sorted(kinds, key=("item", "case").index)
    month = datetime(MOMENT.year, MOMENT.month, 1)
    for key in FLOWS:
        row, (top, below) = row_of(told, key), parts(cases, key, span.start, span.end)
        assert (row["kind"], row["variant"], row["numerator"], row["denominator"]) == ("case", "", top, below), key
        top, below = parts(cases, key, month, MOMENT)
        assert float(row["trend"].split()[-1]) == pytest.approx(top / below, rel=1e-5), key
        assert len(row["trend"].split()) == 12


def test_ranks_are_published_and_what_is_not_is_missing(client):
    told = body(client, "services.scorecard")
    newest = engine.read(select(t.service_rank))
    month = (MOMENT.replace(day=1) - timedelta(days=1)).replace(day=1).date()
    for row in told["data"]:
        mine = newest[(newest["indicator"] == row["key"]) & (pd.to_datetime(newest["month"]).dt.date == month)]
        assert row["rank"] == (mine["rank"].iloc[0] if len(mine) else None)
        if row["gap"] is not None:
            assert row["gap"] == pytest.approx(row["next_value"] - row["rank_value"])
            assert row["gap_said"]
    assert row_of(told, "services.full_online_items")["rank"] is None
    assert any(row["rank"] is not None for row in told["data"])
    for other in ({"area": district()}, {"org": "G-zj"}):  # peers are ranked with the whole city, by variant A
        assert {row["rank"] for row in body(client, "services.scorecard", **other)["data"]} == {None}
    assert row_of(body(client, "services.scorecard", score="B"), "services.online_items")["rank"] is None


# ---- map -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("where", ["city", "district", "street"])
@pytest.mark.parametrize("metric", ["", "services.on_time_due", "services.good_rating", "services.per_1000"])
def test_the_map_is_its_places_and_what_is_on_no_map(client, cases, lang, where, metric):
    area = {"city": "", "district": district(), "street": tree().children(district())[0].code}[where]
    answer, told = answered(client, "services.map", {"lang": lang, "area": area, "metric": metric, "period": "90d"})
    span = span_of("90d", MOMENT)
    column = "district_code" if where == "city" else "street_code"
    places = [row for row in told["data"] if row["kind"] == "place"]
    parent = CITY if where == "city" else district()
    assert [row["code"] for row in places] == sorted(child.code for child in tree().children(parent))
    for row in places:
        mine = cases[cases[column] == row["code"]]
        if metric == "services.per_1000":
            people = tree().get(row["code"]).population
            n = len(between(mine, "receive_at", span.start, span.end))
            assert (row["numerator"], row["denominator"]) == (n, people)
            assert row["value"] == pytest.approx(n / people * 1000)
        else:
            top, below = parts(mine, metric or "services.online_accepted", span.start, span.end)
            assert (row["numerator"], row["denominator"]) == (top, below)
    if where != "street":
        some = inside(cases, area)
        lost = len(between(some[~some[column].isin([row["code"] for row in places])], "receive_at", *_ends(span)))
        assert (words.text("map.not_on_map", lang, n=f"{lost:,}") in answer.note) == (lost > 0)
        whole = answer.measured[0]
        if metric == "" and lost == 0:
            assert whole.numerator == sum(row["numerator"] for row in places)


def _ends(span) -> tuple[datetime, datetime]:
    return span.start, span.end


def test_halls_and_kiosks_lie_where_they_are_with_their_load(client):
    told = body(client, "services.map")["data"]
    stored = engine.read(select(t.service_hall)).set_index("code")
    points = [row for row in told if row["kind"] != "place"]
    assert {row["code"] for row in points} == set(stored.index)
    for row in points:
        assert (row["lon"], row["lat"]) == tuple(stored.loc[row["code"], ["lon", "lat"]])
    live = {row["hall"]: row for row in body(client, "services.halls")["data"]}
    halls = [row for row in points if row["kind"] == "hall"]
    for row in halls:
        mine = live.get(row["code"])
        assert (row["waiting"], row["state"]) == ((mine["waiting"], mine["state"]) if mine else (None, ""))
    near = body(client, "services.map", area=district())["data"]
    assert {row["code"] for row in near if row["kind"] != "place"} == set(
        stored[stored["district_code"] == district()].index
    )
