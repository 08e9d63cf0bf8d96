"""The page that describes a wall: what it says follows from the profile, and what is saved is what was shown."""

import json

import pytest

from data_access import walls

HALL = "5760x1080,mm3635.8x680.4,3x1,b3.5,d6"


def told(client, panel: str, **query: str) -> list[dict]:
    return client.get(f"/data/wall.{panel}.json", query_string=query).get_json()["data"]


def facts(client, wall: str, lang: str = "en") -> dict[str, str]:
    rows = told(client, "follows", wall=wall, lang=lang)
    return {row["key"]: row["value"] for row in rows}


def shown(client, panel: str, **query: str) -> str:
    """What the panel says, as the tree that the browser plants."""
    lines = client.get("/drawn/wall", query_string=query).get_data(as_text=True).splitlines()
    return next(one["tree"] for one in map(json.loads, lines) if one.get("panel") == f"wall.{panel}")


def test_what_follows_from_a_wall(client):
    said = facts(client, HALL)
    assert said["size"] == "3.64 × 0.68 m"
    assert said["body"] == "56 px · 35.3 mm"
    assert said["types"] == "72.8 / 89.6 / 140 px"
    assert said["seams"] == "upright at pixel 1920, 3840"
    assert said["viewing"] == "0.9 / 1.7 / 3.5 m"
    assert facts(client, "3840x1080,p1.8,d8")["seams"] == "none"


@pytest.mark.parametrize(
    ("wall", "words"),
    [
        ("3840x1080,p1.8,d8", "At 8 m on P1.8 body text is 26 px and can be read."),
        ("3840x1080,p1.8,d12", "farther than this pitch is made for (9.9 m)"),
        ("3840x1080,p1.8,d2", "Too close: at 2 m single pixels are seen; 2.5 m at least."),
        ("1920x1080,p0.63,d15", "text must be 139 px, which leaves 7 lines of 13 letters"),
        ("1920x1080,mm6912x1944,d8", "width to height 2.000"),
        ("5761x1080,p0.63,3x1,b3.5,d5", "5761 pixels cannot be shared by 3 displays"),
    ],
)
def test_warnings_in_words(client, wall, words):
    assert words in shown(client, "follows", wall=wall, lang="en")


@pytest.mark.parametrize(("lang", "words"), [("en", "Write the distance"), ("zh", "写最远观看距离")])
def test_a_profile_that_makes_no_sense_is_told_and_the_page_stands(client, lang, words):
    assert words in shown(client, "setup", wall="3840x1080,p1.8", lang=lang)
    assert facts(client, "3840x1080,p1.8") == facts(client, "")


def test_links_open_every_page_on_this_wall(client):
    links = {row["link"].split("?")[0]: row["link"] for row in told(client, "links", wall="3840x1080,p1.8,d8")}
    assert {"/", "/hotline", "/services", "/flood", "/play"} <= set(links)
    assert all("mode=wall" in link and "wall=3840x1080%2Cp1.8%2Cd8" in link for link in links.values())


def posted(client, **body: str):
    return client.post("/walls?lang=en", json=body, headers={"Origin": "http://localhost"})


def test_a_wall_is_saved_by_its_name(client):
    reply = posted(client, name="East hall", person="Wang", spec=HALL)
    assert reply.status_code == 200
    assert [one.spec for one in walls.saved() if one.name == "East hall"] == [HALL]
    assert facts(client, "East hall")["body"] == "56 px · 35.3 mm"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"name": "x", "person": "", "spec": HALL}, "your name"),
        ({"name": "a,b", "person": "Wang", "spec": HALL}, "name the wall"),
        ({"name": "x", "person": "Wang", "spec": "3840x1080"}, "distance"),
    ],
)
def test_what_cannot_be_saved_is_told(client, body, words):
    reply = posted(client, **body)
    assert reply.status_code == 400
    assert words in reply.get_json()["said"]


def test_another_site_saves_nothing(client):
    reply = client.post("/walls", json={"name": "x", "person": "y", "spec": HALL}, headers={"Origin": "http://evil"})
    assert reply.status_code == 403


def test_the_test_card_is_drawn_for_the_wall(client):
    rows = client.get("/data/testcard.card.json", query_string={"wall": HALL}).get_json()["data"]
    assert {row["what"]: row["value"] for row in rows} == {"width": 5760, "height": 1080, "body": 56, "distance": 6}
