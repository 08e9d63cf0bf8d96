"""The panels of alarms and of data health, and what people may do with an alarm."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, func, insert, select

from components.markup import Element
from components.panel import look_of, panels
from components.view import View
from components.words import text
from data_access import engine
from data_access.flood import alarms
from data_access.flood.tables import flood_alarm_event as e
from data_access.flood.tables import flood_engine, flood_task
from tests.conftest import MOMENT
from tests.pages.flood_city import body, stations

PLACE = "http://localhost"


@pytest.fixture
def kept(client) -> Iterator[None]:
    """What the engine said, put back as it was."""
    tables = (e, flood_task, flood_engine)
    before = [[dict(row._mapping) for row in engine.rows(select(table))] for table in tables]
    yield
    with engine.committing() as connection:
        for table, rows in zip(tables, before, strict=True):
            connection.execute(delete(table))
            if rows:
                connection.execute(insert(table), rows)


def drawn(name: str, view: View) -> Element:
    panel = panels[f"flood.{name}"]
    return panel.draw(panel.answer(view), look_of(view))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("mode", ["desk", "wall"])
def test_each_list_is_drawn_with_a_word_for_everything(client, lang: str, mode: str):
    for state in ("", "past", "tasks"):
        panel = panels["flood.alarms"]
        view = View.from_query({"lang": lang, "mode": mode, "state": state})
        answer = panel.answer(view)
        if not answer.blank:
            said = json.dumps(panel.draw(answer, look_of(view)), ensure_ascii=False)
            assert "alarms." not in said and "alarm_state." not in said and "None" not in said
    said = json.dumps(drawn("health", View.from_query({"lang": lang, "mode": mode})), ensure_ascii=False)
    assert "health." not in said


def test_the_live_list_is_what_is_open_worst_first(client):
    told = body(client, "alarms")
    live = [one for one in alarms.alarms(MOMENT) if one.rule != "silent"]
    assert told["meta"]["definitions"][0]["value"] == len(live)
    levels = [row["level"] for row in told["data"]]
    assert levels == sorted(levels, reverse=True) and 0 not in levels
    assert {row["alarm"] for row in told["data"]} <= {one.alarm for one in live}


def test_an_alarm_opens_with_its_course(client):
    name = engine.rows(select(e.c.alarm).where(e.c.event == "raised", e.c.rule == "level").order_by(e.c.moment))[0][0]
    view = View.from_query({"alarm": name})
    said = json.dumps(drawn("alarm", view), ensure_ascii=False)
    for word in (text("alarm.course", "zh"), text("alarm.threshold", "zh"), text("alarm.replay", "zh")):
        assert word in said
    rows = body(client, "alarm", alarm=name)["data"]
    ((n,),) = engine.rows(select(func.count()).select_from(e).where(e.c.alarm == name, e.c.moment <= MOMENT))
    assert rows[0]["event"] == "raised" and len(rows) == n
    assert panels["flood.alarm"].answer(View()).blank == "empty"
    assert panels["flood.alarm"].answer(View.from_query({"alarm": "nothing"})).blank == "none"


def test_health_counts_every_station_once(client):
    rows = body(client, "health")["data"]
    kinds = {row["kind"]: row for row in rows if row["part"] == "kind"}
    known = stations()["kind"].value_counts().to_dict()
    assert {kind: row["stations"] for kind, row in kinds.items()} == known
    assert all(row["online"] <= row["stations"] and row["timely"] <= row["received"] for row in kinds.values())


# ---- people ----------------------------------------------------------------------------------------------------------
def post(client, what: str, told: dict[str, str], origin: str = PLACE):
    headers = {"Content-Type": "application/json", "Origin": origin}
    return client.post(f"/flood/{what}?lang=en", data=json.dumps(told), headers=headers)


@pytest.mark.usefixtures("kept")
def test_what_a_person_does_is_kept_with_the_name(client):
    name = alarms.alarms(MOMENT)[0].alarm
    reply = post(client, "alarm", {"alarm": name, "act": "acknowledged", "person": "Wang", "text": ""})
    assert reply.status_code == 200, reply.text
    rows = engine.rows(select(e.c.person, e.c.event).where(e.c.alarm == name, e.c.person == "Wang"))
    assert [tuple(row) for row in rows] == [("Wang", "acknowledged")]
    found = alarms.alarm(name, MOMENT)
    assert found is not None and found.acknowledged_by == "Wang"  # seen at once


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"person": ""}, 400),
        ({"act": "exploded"}, 400),
        ({"act": "assigned", "text": ""}, 400),
        ({"alarm": "no|such|alarm"}, 409),
        ({"person": "x" * 41}, 400),
        ({"text": "x" * 9000}, 413),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(client, told: dict[str, str], status: int):
    name = alarms.alarms(MOMENT)[0].alarm
    given = {"alarm": name, "act": "acknowledged", "person": "Wang", "text": ""} | told
    reply = post(client, "alarm", given)
    assert reply.status_code == status, reply.text
    assert not engine.rows(select(e.c.person).where(e.c.person == "Wang"))


@pytest.mark.usefixtures("kept")
def test_another_site_cannot_act(client):
    name = alarms.alarms(MOMENT)[0].alarm
    told = {"alarm": name, "act": "acknowledged", "person": "Wang", "text": ""}
    assert post(client, "alarm", told, "http://elsewhere.example").status_code == 403
    assert not engine.rows(select(e.c.person).where(e.c.person == "Wang"))
