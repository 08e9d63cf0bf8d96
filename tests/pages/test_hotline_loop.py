"""The closed loop, the returns and what is late, as the page says them: every part adds up to what others say."""

import json
from datetime import datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import select

from components import panel as mechanism
from components import words
from components.markup import Element
from components.panel import look_of, panels
from components.view import View
from data_access import engine
from data_access.schema import hotline_event, hotline_order
from pages import asking
from pages.hotline import loop
from tests.conftest import MOMENT
from tests.pages import asked
from tests.pages.asked import answered, elements
from tests.pages.test_overview import between, district_and_street, rows_in

NAMES = ("funnel", "bounces", "late")


def views() -> dict[str, dict[str, str]]:
    district, street = district_and_street()
    topic, org = engine.read(select(hotline_order.c.topic, hotline_order.c.org).where(hotline_order.c.org != "")).iloc[
        0
    ]
    return {
        "city": {},
        "ninety days": {"period": "90d", "compare": "mom"},
        "district": {"area": district, "late": "place"},
        "street": {"area": street, "late": "place", "period": "12m"},
        "filters": {"topic": topic, "org": org, "late": "hours"},
        "today": {"period": "today", "late": "mix"},
        "a past range": {"period": "2026-02-01..2026-03-15", "late": "mix", "compare": "none"},
        "the past": {"at": "2026-02-28T23:59", "area": district, "late": "hours"},
        "before any data": {"at": "2001-01-01T08:00"},
        "before all time": {"at": "0001-01-01T00:00", "period": "12m", "late": "hours"},
        "the end of time": {"period": "9999-12-30..9999-12-31", "late": "hours"},
        "nobody": {"org": "nobody", "late": "mix"},
        "a wall": {"mode": "wall"},
        "light": {"theme": "light", "late": "place"},
        "nonsense": {"late": "x", "org": "' OR 1=1; --", "mark": "y"},
    }


VIEWS = (
    "city", "ninety days", "district", "street", "filters", "today", "a past range", "the past", "before any data",
    "before all time", "the end of time", "nobody", "a wall", "light", "nonsense",
)  # fmt: skip


def get(client, name: str, **query: str) -> dict:
    return asked.body(client, f"hotline.{name}", **query)


def said(node: object) -> str:
    return "".join(said(child) for child in node.nodes) if isinstance(node, Element) else str(node)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("which", VIEWS)
def test_every_panel_answers_every_view_with_the_frame_it_draws(client, which, lang):
    query = views()[which] | {"lang": lang}
    view = View.from_query(query)
    for name in NAMES:
        panel = panels[f"hotline.{name}"]
        answer, _ = answered(client, panel.name, query)
        if not answer.blank:
            drawn = panel.draw(answer, look_of(view))
            assert not [e for e in elements(drawn) if "nan" in said(e).lower().split()]
        if which == "before any data":
            assert answer.blank == "none"
        if which == "nobody":
            assert answer.blank == "empty"


@pytest.mark.parametrize("which", ["city", "ninety days", "district", "today", "a past range", "the past"])
def test_what_came_in_less_what_went_out_is_what_is_open(client, which):
    view = View.from_query(views()[which])
    answer = panels["hotline.funnel"].answer(view)
    told = answer.facts["balance"]
    at = min(view.at or MOMENT, MOMENT)
    span = view.span(at)
    orders = rows_in(at)
    orders = orders[orders["tracked"]]
    if view.area:
        orders = orders[orders["district_code"] == view.area]

    def still(moment: datetime) -> int:
        closed = orders["close_at"] < pd.Timestamp(moment)
        return int(((orders["accept_at"] < pd.Timestamp(moment)) & ~closed).sum())

    assert told["opening"] == still(span.start)
    assert told["closing"] == still(span.end)
    assert told["arrivals"] == len(between(orders, "accept_at", span.start, span.end))
    assert told["closures"] == len(between(orders, "close_at", span.start, span.end))
    assert told["off"] == 0
    assert told["now"] == (span.end == at)
    stages = answer.frame.set_index("stage")
    if told["now"]:
        assert stages.loc[["dispatch", "sign", "reply", "close"], "waiting"].sum() == told["closing"]
    text = said(panels["hotline.funnel"].draw(answer, look_of(view)))
    assert words.text("funnel.balanced", "zh") in text
    assert (
        words.text(f"funnel.{'closing' if told['now'] else 'closing_then'}", "zh", n=words.exact(told["closing"]))
        in text
    )


def test_a_loss_is_said_where_the_books_do_not_balance(cockpit):
    view = View()
    answer = panels["hotline.funnel"].answer(view)
    broken = answer.facts | {"balance": answer.facts["balance"] | {"off": -7.0}}
    text = said(panels["hotline.funnel"].draw(type(answer)(answer.frame, (), broken), look_of(view)))
    assert words.text("funnel.broken", "zh", n="7") in text
    assert "≠" in text and words.text("funnel.balanced", "zh") not in text


def test_the_stages_are_those_of_the_orders(client):
    told = {row["stage"]: row for row in get(client, "funnel", period="90d")["data"]}
    span = View(period="90d").span(MOMENT)
    orders = rows_in()
    sent = orders[~orders["direct"].fillna(False).astype(bool)]
    assert told["accept"]["passed"] == len(between(orders, "accept_at", span.start, span.end))
    for stage, begun, ended in (("dispatch", "accept_at", "dispatch_at"), ("close", "reply_at", "close_at")):
        some = between(sent, ended, span.start, span.end)
        hours = (some[ended] - some[begun]).dt.total_seconds() / 3600
        assert told[stage]["passed"] == len(some)
        assert told[stage]["median_h"] == pytest.approx(hours.median(), abs=1e-6)
        assert told[stage]["p90_h"] == pytest.approx(hours.quantile(0.9), abs=1e-6)
        assert told[stage]["share"] == pytest.approx(told[stage]["median_h"] / told[stage]["limit_h"], abs=1e-6)
    replied = between(sent, "reply_at", span.start, span.end)
    share = (replied["reply_at"] - replied["sign_at"]) / (replied["due_at"] - replied["accept_at"])
    assert told["reply"]["share"] == pytest.approx(share.median(), abs=1e-6)
    assert told["reply"]["limit_h"] is None and told["callback"]["waiting"] is None
    assert told["redo"]["passed"] > 0


def test_returns_are_those_of_the_event_log(client):
    answer = get(client, "bounces", period="90d")
    span = View(period="90d").span(MOMENT)
    log = engine.read(select(hotline_event).where(hotline_event.c.happened_at < MOMENT))
    back = between(log[log["event"] == "returned"], "happened_at", span.start, span.end)
    frame = pd.DataFrame(answer["data"])
    returned = frame[frame["kind"] == "returned"]
    assert returned["n"].sum() == len(back) > 0
    assert returned.groupby("from_org")["n"].sum().to_dict() == back.groupby("org").size().to_dict()
    pairs = {(r.from_org, r.to_org): r.n for r in frame.itertuples()}
    for row in frame.itertuples():
        assert row.back == (pairs.get((row.to_org, row.from_org), 0) if row.from_org != row.to_org else 0)
    rate = answer["meta"]["definitions"][0]
    assert rate["key"] == "hotline.return_rate"
    sent = between(rows_in(), "dispatch_at", span.start, span.end)
    assert (rate["numerator"], rate["denominator"]) == (int((sent["returned_at"] < MOMENT).sum()), len(sent))
    assert words.exact(len(back)) in answer["meta"]["note"]


def test_organisations_of_the_flow_and_the_worst_order_are_links(cockpit):
    view = View(period="90d")
    answer = panels["hotline.bounces"].answer(view)
    links = [e.attributes for e in elements(panels["hotline.bounces"].draw(answer, look_of(view))) if e.tag == "a"]
    orgs = {one["data-value"] for one in links if one["data-set"] == "org"}
    assert orgs and orgs <= {*answer.frame["from_org"], *answer.frame["to_org"]}
    worst = [one["data-value"] for one in links if one["data-set"] == "order"]
    times = answer.frame["most"].max()
    assert times > 1
    assert worst[0] in set(answer.frame.loc[answer.frame["most"] == times, "order_id"])


@pytest.mark.parametrize("choice", ["", "place"])
@pytest.mark.parametrize("where", ["city", "district"])
def test_shares_late_add_up_to_the_due_cohort(client, choice, where):
    query = {"late": choice, "period": "90d"} | ({"area": district_and_street()[0]} if where == "district" else {})
    told = pd.DataFrame(get(client, "late", **query)["data"])
    span = View(period="90d").span(MOMENT)
    orders = rows_in()
    due = between(orders[orders["tracked"]], "due_at", span.start, span.end)
    due = due if where == "city" else due[due["district_code"] == query["area"]]
    missed = due[~(due["close_at"] <= due["due_at"])]
    whole = told[(told["row"] == "*") & (told["column"] == "*")].iloc[0]
    assert (whole["due"], whole["late"]) == (len(due), len(missed))
    inner = told[(told["row"] != "*") & (told["column"] != "*")]
    for axis in ("row", "column"):
        other = "column" if axis == "row" else "row"
        sums = inner.groupby(axis)[["due", "late"]].sum()
        totals = told[(told[other] == "*") & (told[axis] != "*")].set_index(axis)[["due", "late"]]
        pd.testing.assert_frame_equal(sums.sort_index(), totals.sort_index(), check_names=False)
    by = "org" if choice == "" else "district_code" if where == "city" else "street_code"
    for row in inner[~inner["row"].isin(["+"]) & ~inner["column"].isin(["+"])].itertuples():
        mine = (due["topic"] == row.row) & (due[by] == row.column)
        assert (row.due, row.late) == (int(mine.sum()), int((mine & due.index.isin(missed.index)).sum()))
        assert row.few == (row.due < 30)
        assert row.share == (pytest.approx(row.late / row.due) if row.due else None) or pd.isna(row.share)


def test_a_cell_sets_the_category_and_the_organisation_together(cockpit):
    view = View(period="90d")
    answer = panels["hotline.late"].answer(view)
    cells = [e for e in elements(panels["hotline.late"].draw(answer, look_of(view))) if "data-fields" in e.attributes]
    fields = [json.loads(cell.attributes["data-fields"]) for cell in cells]
    known = {(row.row, row.column) for row in answer.frame.itertuples() if row.due}
    assert fields and all((one["topic"], one["org"]) in known for one in fields)
    chosen = view.to(**fields[0])
    again = panels["hotline.late"].answer(chosen)
    drawn = elements(panels["hotline.late"].draw(again, look_of(chosen)))
    back = [json.loads(e.attributes["data-fields"]) for e in drawn if "data-fields" in e.attributes]
    assert back == [{"topic": "", "org": ""}]


def test_orders_by_the_hour_are_averages_over_the_hours_that_were(client):
    told = get(client, "late", late="hours")["data"]
    assert [(row["weekday"], row["hour"]) for row in told] == [(d, h) for d in range(1, 8) for h in range(24)]
    span = View().span(MOMENT)
    came = between(rows_in(), "accept_at", span.start, span.end)["accept_at"]
    assert sum(row["n"] for row in told) == len(came)
    assert sum(row["hours"] for row in told) == pytest.approx((span.end - span.start) / timedelta(hours=1))
    now = next(row for row in told if (row["weekday"], row["hour"]) == (MOMENT.isoweekday(), MOMENT.hour))
    n = ((came.dt.day_of_week + 1 == MOMENT.isoweekday()) & (came.dt.hour == MOMENT.hour)).sum()
    assert now["n"] == n and now["hours"] % 1 == 0.5
    assert now["per_hour"] == pytest.approx(n / now["hours"])


def test_the_mix_is_of_all_orders_and_says_what_moved(client):
    told = pd.DataFrame(get(client, "late", late="mix", compare="mom")["data"])
    view = View(compare="mom")
    span, base = view.span(MOMENT), view.base(MOMENT)
    assert base is not None
    orders = rows_in()
    orders["line"] = orders["line"].fillna("")
    assert {"", "enterprise", "talent"} == set(orders["line"])
    now, then = (between(orders, "accept_at", s.start, s.end) for s in (span, base.span))
    for kind, column in (("channel", "channel"), ("appeal", "appeal_type"), ("line", "line")):
        some = told[told["kind"] == kind].set_index("code")
        counts = now[column].value_counts().reindex(sorted({*now[column], *then[column]}), fill_value=0)
        assert some["n"].to_dict() == counts.to_dict()
        assert some["share"].sum() == pytest.approx(1)
        shares = now[column].value_counts(normalize=True) - then[column].value_counts(normalize=True)
        for code, change in shares.dropna().items():
            assert some.loc[code, "change"] == pytest.approx(change, abs=1e-9)


def test_a_source_without_a_field_is_told_and_the_choices_close_ranks(cockpit, monkeypatch):
    few = frozenset({"accept_at", "due_at", "close_at", "category", "topic"})
    monkeypatch.setattr(mechanism.outside(), "given", lambda _view: few)
    monkeypatch.setattr(loop, "given", lambda _view: few)
    monkeypatch.setattr(asking, "given", lambda _view: few)
    monkeypatch.setattr(mechanism.outside(), "version", lambda: "few fields")
    view = View()
    assert panels["hotline.bounces"].answer(view).note == words.text(
        "state.lacking", "zh", field=words.text("field.events", "zh")
    )
    answer = panels["hotline.late"].answer(view)
    assert answer.facts["chosen"] == "place"
    choices = panels["hotline.late"].choices
    assert choices is not None and [value for _, value, _ in choices(view)] == ["place", "hours"]
    funnel = panels["hotline.funnel"].answer(view)
    stages = funnel.frame
    assert list(stages["stage"]) == ["accept", "close"]
    assert stages["name"].iloc[1] == words.text("funnel.closed", "zh")  # all of handling, not the review alone
    assert stages["limit_h"].isna().all() and stages["share"].notna().tolist() == [False, True]  # each order's own
    assert funnel.facts["own"] == "close" and funnel.facts["direct"] is None
    assert stages["waiting"].iloc[1] == panels["hotline.funnel"].answer(view).facts["balance"]["closing"]
