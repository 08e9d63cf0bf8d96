"""The bar of a replay and the incidents to choose from: what is listed is seen when it is replayed."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pandas as pd
import pytest
from sqlalchemy import select

from components import replay
from components.panel import panels
from components.replay import Incident
from components.view import View, written
from data_access import engine
from data_access.flood.tables import flood_alarm_event
from data_access.schema import hotline_order
from domain.periods import Span
from pages import incidents
from tests.conftest import MOMENT

SPAN = Span(MOMENT - timedelta(hours=20), MOMENT - timedelta(hours=2))


def _nodes(node: list) -> list[list]:
    """All elements of a tree as it is sent: tag, attributes, nodes."""
    return [node, *(one for child in node[2] if isinstance(child, list) for one in _nodes(child))]


def _told(client, page: str, **query: str) -> list[list]:
    response = client.get(f"{page}?{urlencode(query)}")
    assert response.status_code == 200
    return [one for node in json.loads(response.text)["places"]["here"] for one in _nodes(node)]


def _of(found: list[list], css: str) -> list[list]:
    return [one for one in found if css in one[1].get("class", "").split()]


@pytest.fixture
def listed(client) -> list[Incident]:
    return incidents.incidents(View(), MOMENT)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_bar_has_a_slider_over_the_span_a_minute_a_step(client, lang):
    found = _told(client, "/replay", replay=written(SPAN), lang=lang)
    bar = found[0][1]
    assert (bar["data-start"], bar["data-end"]) == tuple(written(SPAN).split(".."))
    slider = next(one[1] for one in found if one[0] == "input")
    assert (slider["min"], slider["max"], slider["step"]) == ("0", str(18 * 60), "1")
    assert [one[1]["data-speed"] for one in _of(found, "r-speed")] == ["1", "10", "60", "120", "300", "600"]
    for one in found:
        if one[0] in ("button", "input") and "apply" not in one[1].get("class", ""):
            assert one[1]["aria-label"]


def test_what_is_still_to_come_is_not_replayed(client):
    start, end = MOMENT - timedelta(hours=3), MOMENT + timedelta(hours=9)
    bar = _told(client, "/replay", replay=written(Span(start, end)))[0][1]
    assert bar["data-end"] == f"{MOMENT:%Y-%m-%dT%H:%M}"
    assert _told(client, "/replay", replay=written(Span(end, end + timedelta(hours=1)))) == []
    assert _told(client, "/replay") == _told(client, "/replay", replay="yesterday") == []


def test_marks_are_the_alarms_that_the_engine_raised(client):
    marks = [one for one in incidents.marks(View(), SPAN) if one.kind == "raised"]
    told = engine.read(select(flood_alarm_event).where(flood_alarm_event.c.event == "raised"))
    inside = told[(told["moment"] > SPAN.start) & (told["moment"] <= SPAN.end) & (told["rule"] != "silent")]
    assert len(inside) > 5
    assert sorted(one.at for one in marks) == sorted(inside["moment"].dt.to_pydatetime().tolist())


def test_marks_that_would_cover_each_other_are_told_by_the_worst(client):
    marks = [one for one in incidents.marks(View(), SPAN) if one.kind == "raised"]
    pins = _of(_told(client, "/replay/marks", replay=written(SPAN)), "pin-raised")
    assert 0 < len(pins) <= min(len(marks), replay.PLACES)
    level = {name: n for n, name in enumerate(("normal", "blue", "yellow", "orange", "red", "beyond"))}
    shown = [level[pin[2][0][1]["class"].split()[-1]] for pin in pins]
    assert max(shown) == max(one.level for one in marks)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_incident_is_a_link_with_a_lead(client, lang):
    view = View(lang=lang)
    some = incidents.incidents(view, MOMENT)
    assert {one.kind for one in some} >= {"flood", "burst"}
    links = [one[1] for one in _told(client, "/replay/incidents", lang=lang, path="/flood") if one[0] == "a"]
    assert len(links) == len(some)
    for one in some:
        shown = View.from_search(replay.link(one, view))
        assert shown.replayed is not None
        assert shown.replayed.start == shown.at <= one.at.replace(second=0) <= shown.replayed.end <= MOMENT
        assert shown.lang == lang
        assert one.name and one.said
    for link in links:
        assert ("data-go" in link) == link["href"].startswith("/flood?")  # without a reload on its own page


def test_a_flood_is_seen_when_it_is_replayed(listed):
    floods = [one for one in listed if one.kind == "flood"]
    assert floods
    told = engine.read(select(flood_alarm_event))
    for one in floods:
        inside = told[(told["moment"] >= one.at) & (told["moment"] <= one.end) & ~told["rule"].isin(["silent", "rise"])]
        assert inside["level"].max() == one.level >= 3
        assert (inside["event"] == "raised").sum() > 0
        at = inside.loc[inside["level"] == one.level, "moment"].min().ceil("min")
        frame = panels["flood.alarms"].answer(View(at=at.to_pydatetime())).frame
        assert frame["level"].max() >= one.level


def test_a_burst_is_seen_when_it_is_replayed(listed):
    some = [one for one in listed if one.kind == "burst"]
    assert some
    for one in some:
        seen = set()
        at = one.at.replace(second=0)
        while at <= one.end:
            frame = panels["hotline.bursts"].answer(View(at=at, area=one.fields["area"])).frame
            seen |= set(frame.loc[frame["kind"] == "burst", "category"]) if len(frame) else set()
            at += timedelta(hours=6)
        assert one.fields["category"] in seen


def test_the_days_of_most_overdue_orders_are_counted_from_the_orders(listed):
    some = [one for one in listed if one.kind == "overdue"]
    rows: pd.DataFrame = engine.read(select(hotline_order).where(hotline_order.c.tracked.is_(True)))

    def overdue(at: datetime) -> int:
        late = (rows["accept_at"] < at) & (rows["due_at"] < at) & ~(rows["close_at"] < at)
        return int(late.sum())

    midnight = datetime.combine(MOMENT.date(), datetime.min.time())
    ends = [min(midnight - timedelta(days=n - 1), MOMENT) for n in range(91)]
    most = max(overdue(end) for end in ends)
    assert some
    assert max(overdue(one.end) for one in some) == most
    for one in some:
        assert str(overdue(one.end)) in one.said
