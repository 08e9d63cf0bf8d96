"""What a wall is told and who may tell it what."""

import json
from datetime import timedelta

import pytest

from data_access import clock, programmes
from data_access.flood import alarms
from domain.programme import parse
from pages.programme import remote, running
from pages.programme.running import Wall
from tests.conftest import MOMENT

HOME = "http://localhost"
TEXT = """
name = "{name}"
[options]
{options}
[[scene]]
page = "/flood"
seconds = 20
[[scene]]
page = "/"
view = "area=990102"
"""
WALL = "wall-0123456789abcdef"


@pytest.fixture
def saved(client):
    def save(name: str = "test", options: str = ""):
        return programmes.save(TEXT.format(name=name, options=options), "王").programme

    return save


def post(client, path: str, body: dict, origin: str = HOME):
    return client.post(path, data=json.dumps(body), content_type="application/json", headers={"Origin": origin})


def test_a_wall_is_told_its_scene_as_a_wall_of_ours(client, saved):
    saved()
    told = client.get("/play/now.json?programme=test&lang=en&theme=light&wall=3840x1080,p1.8,d8").get_json()
    assert told["scene"]["title"] in ("Flood", "City · " + told["scenes"][1]["title"].partition(" · ")[2])
    assert [one["key"] for one in told["scenes"]] == ["flood", "overview"]
    for one in told["scenes"]:
        assert one["url"].startswith(("/flood?", "/?"))
        assert {"mode=wall", "lang=en", "theme=light"} <= set(one["url"].partition("?")[2].split("&"))
        assert "3840x1080" in one["url"]
    assert 0 < told["remaining"] <= 20
    assert told["data"] == "ok"
    assert client.get("/play/now.json?programme=none").status_code == 404
    assert "none" in client.get("/play?programme=none").text


def test_the_page_has_no_script_in_it_and_nothing_of_the_query(client):
    text = client.get("/play?programme=default&wall=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in text
    assert text.count("<script") == 1


def test_an_alarm_has_the_wall_for_its_time_and_not_again(client, saved):
    programme = saved(options='takeover = "blue"\ntakeover_seconds = 60')
    some = [one for one in alarms.alarms(MOMENT) if one.rule != "silent" and one.state == "new"]
    assert some
    newest = max(event.moment for one in some for event in one.events if event.event in ("raised", "escalated"))
    wall = Wall("test")
    now = newest + timedelta(seconds=5)
    with clock.held(now):
        found = running.calling(programme, now, wall)
    assert found is not None
    taken, shown = found
    assert shown.key.startswith("flood|")
    assert "alarm=" in shown.url and "mode=wall" in shown.url
    later = now + taken.remaining * taken.count + timedelta(seconds=120)
    assert running.calling(programme, later, wall) is None  # as after a restart: what was seen is kept
    assert running.calling(saved("never", 'takeover = "none"'), now, wall) is None


def test_a_code_is_for_one_wall_and_one_phone_and_wrong_ones_are_slowed(client, monkeypatch):
    code = post(client, "/play/code", {"id": WALL}).get_json()
    assert code["code"] in code["picture"] or "<svg" in code["picture"]
    client.get(f"/play/now.json?id={WALL}&shown=flood&held=7")
    token = post(client, "/remote/pair", {"code": code["code"]}).get_json()["token"]
    assert post(client, "/remote/pair", {"code": code["code"]}).status_code == 403  # for one phone
    state = post(client, "/remote/state", {"token": token}).get_json()
    assert (state["shown"], state["held"]) == ("flood", 7)
    assert post(client, "/remote/do", {"token": token, "act": "next"}).status_code == 200
    assert [one["act"] for one in client.get(f"/play/now.json?id={WALL}").get_json()["commands"]] == ["next"]
    assert client.get("/play/now.json?id=wall-of-somebody-else").get_json()["commands"] == []
    for act in ("hold", "load", "", "acknowledge"):
        assert post(client, "/remote/do", {"token": token, "act": act}).status_code in (400, 409)
    assert post(client, "/remote/do", {"token": "x" * 32, "act": "next"}).status_code == 403
    tried = [post(client, "/remote/pair", {"code": f"{n:06}"}).status_code for n in range(8)]
    assert 403 in tried
    assert tried[-1] == 429
    fresh = post(client, "/play/code", {"id": WALL}).get_json()["code"]
    assert post(client, "/remote/pair", {"code": fresh}).status_code == 429  # locked: the right one too
    real = remote.time.time
    monkeypatch.setattr(remote.time, "time", lambda: real() + 61)
    assert post(client, "/remote/pair", {"code": fresh}).status_code == 200


@pytest.mark.parametrize("path", ["/play/code", "/play/do", "/remote/pair", "/remote/do", "/programme/save"])
def test_no_page_of_another_host_may_tell_a_wall_anything(client, path):
    assert post(client, path, {"id": WALL, "act": "next"}, "http://elsewhere.example").status_code == 403


def test_the_listener_for_phones_has_the_remote_and_nothing_else(client):
    phones = remote.listener().test_client()
    assert phones.get("/remote").status_code == 200
    assert phones.get("/assets/alone_remote.js").status_code == 200
    for path in ("/hotline", "/data/flood.alarms.json", "/health", "/version", "/play", "/play/now.json",
                 "/assets/cockpit.js", "/assets/../app.py", "/load", "/drawn/"):  # fmt: skip
        assert phones.get(path).status_code == 404
    rules = {rule.rule for rule in phones.application.url_map.iter_rules()}
    assert rules == {"/", "/remote", "/remote/pair", "/remote/state", "/remote/do", "/theme.css", "/assets/<name>",
                     "/assets/fonts.css"}  # fmt: skip


def test_a_programme_is_checked_in_words_and_saved_with_a_name(client):
    bad = 'name = "x"\n[[scene]]\npage = "/nowhere"\nview = "colour=red"\nseconds = 20\n'
    wrong = client.post("/programme/check?lang=en", json={"text": bad}, headers={"Origin": HOME}).get_json()["wrong"]
    assert any("/nowhere" in one or "/flood" in one for one in wrong)
    assert any("colour" in one for one in wrong)
    good = TEXT.format(name="mine", options="")
    told = client.post("/programme/check", json={"text": good}, headers={"Origin": HOME}).get_json()
    assert sum(one["share"] for one in told["shares"]) == pytest.approx(1, abs=0.01)
    assert len(told["coming"]) == 8
    assert client.post("/programme/save", json={"text": good}, headers={"Origin": HOME}).status_code == 400
    saved = client.post("/programme/save", json={"text": good, "person": "王"}, headers={"Origin": HOME})
    assert saved.get_json()["name"] == "mine"
    names = [one["name"] for one in client.get("/programme/list.json").get_json()["programmes"]]
    assert names[0] == "default" and "mine" in names


def test_a_form_tells_what_its_text_tells(client):
    def asked(what: str, **body):
        return client.post(f"/programme/{what}", json=body, headers={"Origin": HOME}).get_json()

    listed = client.get("/programme/list.json?lang=en").get_json()
    assert listed["pages"]["/flood"] == "Flood"
    default = next(one for one in listed["programmes"] if one["name"] == "default")
    form = asked("check", text=default["text"])["form"]
    assert form == default["form"]
    form["scene"].append({"key": "again", "page": "/flood", "seconds": 15, "title_zh": '再看 "防汛"'})
    form["shift"][0]["scenes"] = ["again"]
    told = asked("check", form=form)
    assert parse(told["text"]) == parse(json.dumps(form))
    assert told["form"] == form
    form["scene"][-1]["seconds"] = 2
    assert "scene 5.seconds" in asked("check", form=form)["wrong"][0]
    assert asked("save", form=form, person="王")["wrong"]
    form["scene"][-1]["seconds"] = 15
    assert asked("save", form=form | {"name": "formed"}, person="王")["name"] == "formed"
    kept = next(one for one in client.get("/programme/list.json").get_json()["programmes"] if one["name"] == "formed")
    assert kept["text"].startswith('name = "formed"')
    assert kept["form"] == form | {"name": "formed"}


def test_while_the_database_does_not_answer_the_last_programme_is_shown(client, saved, monkeypatch):
    saved()
    assert running.programme_of("test") is not None

    def broken(*_):
        raise RuntimeError("no database")

    monkeypatch.setattr(programmes, "named", broken)
    monkeypatch.setattr(running, "freshness", broken)
    told = client.get("/play/now.json?programme=test").get_json()
    assert told["data"] == "down"
    assert told["scene"]["key"] in ("flood", "overview")
