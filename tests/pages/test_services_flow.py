"""What came in and went out, half a year of days, times, ratings, cases from elsewhere and themes: as the page says
them, every part adds up to what the cases say."""

from datetime import datetime, time, timedelta

import pandas as pd
import pytest
from sqlalchemy import select

from components import words
from components.markup import Element
from components.panel import look_of, panels
from components.view import View
from data_access import engine
from data_access.areas import tree
from data_access.services import times
from data_access.services.tables import service_case, service_theme
from domain.workdays import day_kind
from pages.services.asked import ask
from tests.conftest import MOMENT
from tests.pages.asked import answered, between, body, elements

NAMES = ("throughput", "calendar", "times", "ratings", "crossing")
VIEWS = {
    "city": {},
    "ninety days": {"period": "90d", "compare": "mom", "flow": "hour", "times": "org"},
    "channels": {"flow": "channel", "times": "near", "bad": "words"},
    "departments": {"flow": "org", "period": "7d"},
    "district": {"area": "990181", "flow": "channel"},
    "street": {"area": "990102001", "flow": "org", "period": "12m", "times": "near"},
    "a department": {"org": "G-zj", "times": "org", "bad": "words"},
    "an item": {"special": "construction", "channel": "online"},
    "a theme": {"matter": "start", "applicant": "company"},
    "today": {"period": "today"},
    "one day": {"period": "2026-06-10..2026-06-10"},
    "a past range": {"period": "2026-02-01..2026-03-15", "compare": "none"},
    "the past": {"at": "2026-02-28T23:59", "times": "near"},
    "before any data": {"at": "2001-01-01T08:00"},
    "the end of time": {"period": "9999-12-30..9999-12-31"},
    "nobody": {"org": "nobody"},
    "a wall": {"mode": "wall"},
    "light": {"theme": "light"},
    "nonsense": {"flow": "x", "times": "y", "bad": "z", "org": "' OR 1=1; --"},
}


def said(node: object) -> str:
    return "".join(said(child) for child in node.nodes) if isinstance(node, Element) else str(node)


def drawn(name: str, view: View) -> Element:
    panel = panels[f"services.{name}"]
    return panel.draw(panel.answer(view), look_of(view))


@pytest.fixture
def cases(cockpit) -> pd.DataFrame:
    return engine.read(select(service_case))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("which", VIEWS)
def test_every_panel_answers_every_view_with_the_frame_it_draws(client, which, lang):
    query = VIEWS[which] | {"lang": lang}
    view = View.from_query(query)
    for name in NAMES:
        panel = panels[f"services.{name}"]
        answer, _ = answered(client, panel.name, query)
        if not answer.blank:
            assert not [e for e in elements(drawn(name, view)) if "nan" in said(e).lower().split()]
        if which == "before any data":
            assert answer.blank == "none"
        if which == "nobody" and name != "crossing":  # themes are there whoever handles them
            assert answer.blank == "empty"


@pytest.mark.parametrize(
    "which", ["city", "ninety days", "district", "a department", "today", "a past range", "the past"]
)
def test_opening_and_accepted_less_finished_is_what_is_open(cases, which):
    view = View.from_query({k: v for k, v in VIEWS[which].items() if k != "flow"})
    at = min(view.at or MOMENT, MOMENT)
    span = view.span(at)
    if view.area:
        cases = cases[cases["district_code"] == view.area]
    if view.org:
        cases = cases[cases["org"] == view.org]

    def still(moment: datetime) -> int:
        return int(((cases["accept_at"] < moment) & ~(cases["finish_at"] < moment)).sum())

    answer = panels["services.throughput"].answer(view)
    told = answer.facts["balance"]
    assert (told["opening"], told["closing"]) == (still(span.start), still(span.end))
    assert told["arrivals"] == len(between(cases, "accept_at", span.start, span.end)) > 0
    assert told["closures"] == len(between(cases, "finish_at", span.start, span.end))
    assert told["off"] == 0 and told["now"] == (span.end == at)
    assert words.text("throughput.balanced", "zh") in said(drawn("throughput", view))
    for row in answer.frame.itertuples():
        day = row.day.to_pydatetime()
        end = min(day + timedelta(days=1), span.end)
        assert row.open == still(end)
        assert row.received == len(between(cases, "receive_at", day, end))
        assert (row.accepted, row.finished) == tuple(
            len(between(cases, c, day, end)) for c in ("accept_at", "finish_at")
        )
        assert row.kind == day_kind(day.date()) and row.whole == (end == day + timedelta(days=1))


def test_a_loss_is_said_where_the_books_do_not_balance(cockpit):
    view = View()
    answer = panels["services.throughput"].answer(view)
    broken = answer.facts | {"balance": answer.facts["balance"] | {"off": -7}}
    text = said(panels["services.throughput"].draw(type(answer)(answer.frame, (), broken), look_of(view)))
    assert words.text("throughput.broken", "zh", n="7") in text and "≠" in text


@pytest.mark.parametrize("by", ["channel", "org"])
def test_parts_add_up_to_the_whole(client, by):
    whole = panels["services.throughput"].answer(View()).facts["balance"]
    told = pd.DataFrame(body(client, "services.throughput", flow=by)["data"])
    assert told["opening"].sum() == whole["opening"] and told["closing"].sum() == whole["closing"]
    assert (told["opening"] + told["accepted"] - told["finished"] == told["closing"]).all()
    hours = pd.DataFrame(body(client, "services.throughput", flow="hour")["data"])
    assert hours["received"].sum() == told["received"].sum()
    assert hours["finished"].sum() == whole["closures"]
    assert hours["hour"].tolist() == list(range(24))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_calendar_has_whole_weeks_and_names_the_holidays(client, cases, lang):
    told = body(client, "services.calendar", lang=lang)["data"]
    frame = pd.DataFrame(told)
    days = pd.to_datetime(frame["day"])
    assert days.iloc[0].isoweekday() == 1 and days.iloc[-1].date() == MOMENT.date()
    assert frame["week"].max() == 25 and (days.diff().dropna() == pd.Timedelta(days=1)).all()
    for row, day in zip(told, days, strict=True):
        end = min(day.to_pydatetime() + timedelta(days=1), MOMENT)
        assert row["received"] == len(between(cases, "receive_at", day.to_pydatetime(), end))
        assert row["weekday"] == day.isoweekday() and row["kind"] == day_kind(day.date())
    spring = frame[frame["day"].str.startswith("2026-02-17")].iloc[0]
    assert (spring["kind"], spring["name"]) == ("holiday", "春节" if lang == "zh" else "Spring Festival")
    assert set(frame.loc[frame["kind"] == "moved_workday", "day"].str[:10]) >= {"2026-02-14", "2026-02-28"}


def test_a_day_of_the_calendar_is_the_period_and_stays_where_it_is(cockpit):
    view = View()
    links = [e.attributes for e in elements(drawn("calendar", view)) if e.tag == "a"]
    assert {one["data-set"] for one in links} == {"period"}
    day = next(one for one in links if one["data-value"].startswith("2026-06-10"))
    assert day["data-value"] == "2026-06-10..2026-06-10"
    chosen = view.to(period=day["data-value"])
    before, after = (panels["services.calendar"].answer(v).frame["day"].tolist() for v in (view, chosen))
    assert before == after
    back = [e.attributes for e in elements(drawn("calendar", chosen)) if "chosen" in e.attributes.get("class", "")]
    assert [one["data-value"] for one in back] == [""]


def test_near_the_limit_leads_to_the_records(cockpit, cases):
    view = View(times="near")
    answer = panels["services.times"].answer(view)
    waiting = cases[(cases["accept_at"] < MOMENT) & ~(cases["finish_at"] < MOMENT)]
    tomorrow = datetime.combine((MOMENT + timedelta(days=1)).date(), time.min)
    assert answer.frame["open"].sum() == len(waiting)
    assert answer.facts["pressing"]["late"] == (waiting["due_at"] < MOMENT).sum() == answer.frame["late"].sum()
    today = (waiting["due_at"] >= MOMENT) & (waiting["due_at"] < times.soon(MOMENT)[0])
    assert times.soon(MOMENT)[0] >= tomorrow
    assert answer.facts["pressing"]["today"] == today.sum() == answer.frame["today"].sum()
    links = [e.attributes["href"] for e in elements(drawn("times", view)) if "data-go" in e.attributes]
    assert [View.from_search(link).state for link in links] == ["late", "today", "next"]


@pytest.mark.parametrize("fields", [{}, {"area": "990102"}, {"area": "990102001"}, {"channel": "online"}])
def test_what_was_in_time_is_counted_in_both_periods(cases, fields):
    view = View(period="90d", compare="mom", **fields)
    asked, told = ask(view), panels["services.times"].answer(view).measured[0]
    column = {"990102": "district_code", "990102001": "street_code"}.get(view.area)
    mine = cases[cases[column] == view.area] if column else cases
    mine = mine[mine["channel"] == view.channel] if view.channel else mine
    assert asked.base is not None
    shares = []
    for span in (asked.span, asked.base.span):
        done = between(mine, "finish_at", span.start, span.end)
        shares.append((done["used_days"] <= done["promised_days"]).mean())
    assert [told.value, told.base] == pytest.approx(shares, abs=1e-9)


def test_the_distribution_is_of_cases_with_days_and_the_late_stand_beyond_the_limit(client, cases):
    view = View(period="90d")
    span, facts = view.span(MOMENT), panels["services.times"].answer(view).facts
    done = between(cases, "finish_at", span.start, span.end)
    some = done[done["promised_days"] > 0]
    assert facts["n"] == sum(n for _, n in facts["bins"]) == len(some) > 0
    late = (some["used_days"] > some["promised_days"]).sum()
    assert facts["late"] == sum(n for _, n in facts["bins"][facts["in_time"] :]) == late > 0
    legal, law = panels["services.times"].answer(view.to(times="legal")).facts, some[some["legal_days"] > 0]
    assert (legal["n"], legal["without"]) == (len(law), len(some) - len(law))
    assert legal["late"] == (law["used_days"] > law["legal_days"]).sum() < late
    rows = pd.DataFrame(body(client, "services.times", period="90d", times="org")["data"])
    assert rows["n"].sum() == len(some) and rows["late"].sum() == late
    on_time = body(client, "services.times", period="90d")["meta"]["definitions"][0]
    in_time = (done["used_days"] <= done["promised_days"]).sum()
    assert (on_time["numerator"], on_time["denominator"]) == (in_time, len(done))
    kept = pd.DataFrame(body(client, "services.times", period="90d")["data"])
    for row in kept[kept["kind"] == "special"].itertuples():
        mine = done[done["special"] == row.code]
        assert row.kept == pytest.approx((mine["used_days"] <= mine["promised_days"]).mean(), abs=1e-6)


def test_good_ratings_are_told_with_and_without_those_by_default(client, cases):
    view = View(period="90d")
    span, facts = view.span(MOMENT), panels["services.ratings"].answer(view).facts
    some = between(cases, "rating_at", span.start, span.end)
    active = some[~some["rating_default"].astype(bool)]
    assert facts["good"] == pytest.approx((some["rating"] >= 3).mean())
    assert facts["actively"] == pytest.approx((active["rating"] >= 3).mean())
    assert facts["by_default"] == len(some) - len(active)
    reasons = pd.DataFrame(body(client, "services.ratings", period="90d")["data"])
    bad = some[some["rating"] <= 2]
    assert reasons.set_index("code")["n"].to_dict() == bad["bad_reason"].value_counts().to_dict()
    assert reasons["share"].sum() == pytest.approx(1, abs=1e-4)
    due = between(cases, "rectify_due_at", span.start, span.end)
    rate = body(client, "services.ratings", period="90d")["meta"]["definitions"][2]
    assert (rate["numerator"], rate["denominator"]) == ((due["rectified_at"] <= due["rectify_due_at"]).sum(), len(due))
    phrases = pd.DataFrame(body(client, "services.ratings", period="90d", bad="words")["data"])
    assert phrases["n"].is_monotonic_decreasing
    for row in phrases.itertuples():
        assert row.n == bad["words"].str.contains(row.phrase, regex=False).sum()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_flows_and_themes_add_up(client, cases, lang):
    view = View(period="90d", lang=lang)
    span, answer = view.span(MOMENT), panels["services.crossing"].answer(view)
    some = between(cases, "accept_at", span.start, span.end)
    flows = answer.frame[answer.frame["kind"] == "flow"]
    crossed = some[some["origin"] != ""]
    assert flows["cases"].sum() == answer.facts["crossed"] == len(crossed) > 0
    assert set(flows["to_code"]) <= {"", *(child.code for child in tree().children("990100"))}
    assert not set(flows["from_name"]) & set(flows["from_code"])  # places are named
    assert answer.facts["share"] == pytest.approx(len(crossed) / len(some))
    themes = answer.frame[answer.frame["kind"] == "theme"].set_index("from_code")
    known = engine.read(select(service_theme)).set_index("code")
    counts = some["theme"].value_counts()
    before = after = 0.0
    for code, row in themes.iterrows():
        assert row["cases"] == counts.get(code, 0)
        told = known.loc[code]
        assert told["online_from"] <= pd.Timestamp(MOMENT)
        assert row["steps_saved"] == pytest.approx(1 - told["steps_after"] / told["steps_before"])
        before += row["cases"] * told["days_before"]
        after += row["cases"] * told["days_after"]
    assert answer.facts["saved"]["days"]["saved"] == pytest.approx(1 - after / before)
