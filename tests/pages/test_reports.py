"""The page of reports: the list, an issue as a document, and what a person may change of it."""

import json
from datetime import datetime, timedelta

import pytest

from briefing import templates
from briefing.reports import period_of, publish
from components import markup
from components.panel import look_of, panels
from components.view import View
from data_access import clock, report_deliveries, reports
from tests.conftest import MOMENT

ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture
def key(cockpit):
    loaded = templates.load(None, panels)[0]["daily"]
    return publish(loaded, period_of(loaded, datetime(2026, 6, 18, 7, 30)), lang="zh")


def tree(name: str, **fields) -> str:
    view = View(**fields)
    panel = panels[name]
    return markup.tree(here=panel.draw(panel.query(view), look_of(view)))


def post(client, body, **headers):
    return client.post("/reports/text?lang=zh", json=body, headers={**ORIGIN, **headers})


def body(key: str, **more):
    return {"report": key, "version": 1, "person": "王芳", "sentences": {}, "release": False, **more}


def test_the_list_says_what_there_is(key, client):
    answer = panels["reports.list"].query(View(lang="zh"))
    row = answer.frame[answer.frame["key"] == key].iloc[0]
    issue = reports.issue(key)
    assert (row["numbered"], row["covers"], row["state"]) == (f"2026年第{issue.number}期", "06-17", "released")
    assert issue.title("zh") in tree("reports.list")
    before = panels["reports.list"].query(View(at=MOMENT - timedelta(days=2)))
    assert key not in set(before.frame.get("key", ()))


def test_the_newest_opens_without_being_named(key, client):
    assert panels["reports.issue"].query(View()).facts["key"] == reports.issues(MOMENT)[0].key


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_issue_is_a_document(key, client, lang):
    drawn = tree("reports.issue", report=key, lang=lang)
    issue = reports.issue(key)
    for said in issue.text.content[lang]:
        assert json.dumps(said["text"], ensure_ascii=False)[1:-1] in drawn
    for _, part in reports.parts(key, lang):
        for row in part.shown.get("rows", ()):
            assert all(json.dumps(cell["t"], ensure_ascii=False)[1:-1] in drawn for cell in row)
    assert issue.hash[:16] in drawn
    assert "at=2026-06-18T07%3A30" in drawn  # as it was then


def test_pictures_come_from_the_archive(key, client):
    facts = panels["reports.issue"].query(View(report=key, theme="light")).facts
    (part,) = [one for one in facts["parts"] if one["kind"] == "figure"]
    assert client.get(part["picture"]).get_json()["data"]
    assert client.get(part["picture"].replace("light", "pink")).status_code == 404
    assert client.get("/reports/figure/none/0.light.json").status_code == 404
    assert client.get("/reports/shapes/none.json").status_code == 404


def test_what_does_not_exist_is_said(key, client):
    answer = panels["reports.issue"].query(View(report="daily-1999-001"))
    assert (answer.blank, answer.note) == ("none", "没有这一期专报")
    assert client.get("/data/reports.issue.json?report=daily-1999-001").status_code == 200


def test_a_person_changes_a_sentence_and_releases(key, client):
    first = reports.issue(key).text.content["zh"]
    changed, gone = first[0]["id"], first[1]["id"]
    answer = post(client, body(key, sentences={changed: "受理量 98,765 件，见下。", gone: ""}))
    assert (answer.status_code, answer.get_json()["said"]) == (200, "已存为待审。")
    issue = reports.issue(key)
    assert (issue.text.version, issue.text.state, issue.text.person) == (2, "draft", "王芳")
    said = {one["id"]: one for one in issue.text.content["zh"]}
    assert gone not in said
    assert said[changed]["edited"] == "王芳"
    assert said[changed]["unbacked"] == ["98765"]  # no data of the issue has it
    assert issue.texts[0].content["zh"] == first
    assert "98765" in tree("reports.issue", report=key)
    answer = post(client, body(key, version=2, release=True))
    assert answer.get_json()["said"] == "已发布。"
    assert reports.issue(key).released.version == 3
    assert reports.altered(key) == []


def test_a_number_of_the_issue_itself_is_backed(key, client):
    (part,) = [p for _, p in reports.parts(key, "zh") if p.panel == "flood.reservoirs"]
    number = part.shown["rows"][0][1]["t"]
    first = reports.issue(key).text.content["zh"][0]["id"]
    post(client, body(key, sentences={first: f"水位 {number} 米"}))
    said = reports.issue(key).text.content["zh"][0]
    assert said["text"] == f"水位 {number} 米"
    assert "unbacked" not in said


@pytest.mark.parametrize(
    ("change", "headers", "status"),
    [
        ({"person": " "}, {}, 400),
        ({"report": "daily-1999-001"}, {}, 404),
        ({"version": "1"}, {}, 404),
        ({"version": 7}, {}, 409),
        ({"release": True}, {}, 409),  # nothing was changed and it is released
        ({}, {"Origin": "http://elsewhere.test"}, 403),
        ({"sentences": {"x": "a" * 300_000}}, {}, 413),
    ],
)
def test_what_may_not_be_written_is_refused(key, client, change, headers, status):
    assert post(client, body(key) | change, **headers).status_code == status
    assert reports.issue(key).text.version == 1


def test_deliveries_are_shown_with_what_to_do(key, client):
    report_deliveries.begin(key, 1, "webhook", 1, MOMENT)
    report_deliveries.end(key, 1, "webhook", 1, "failed", detail="answered 503", now=MOMENT)
    drawn = tree("reports.issue", report=key)
    assert "answered 503" in drawn
    assert "COCKPIT_WEBHOOK_" in drawn
    assert "未送达：接口推送" in tree("reports.list")
    report_deliveries.begin(key, 1, "webhook", 2, MOMENT)
    report_deliveries.end(key, 1, "webhook", 2, "done", detail="200", now=MOMENT)
    row = panels["reports.list"].query(View()).frame.set_index("key").loc[key]
    assert row["delivery"] == "done"


def test_a_report_is_made_only_by_who_has_the_token(client):
    assert client.post("/reports/make", json={"kind": "daily", "date": "", "again": True}).status_code == 403
    assert clock.now() == MOMENT
