"""What is asked for as an export, over the app's own addresses; and files that say what they are. No browser here: the
pictures themselves are in tests/browser/test_briefing.py."""

import io
import struct
import time
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from dash import Dash
from flask.testing import FlaskClient
from pptx import Presentation

from briefing import chromium, decks, exports, pictures, sheets
from briefing.jobs import OPEN, TooLate
from briefing.slides import Item, deck
from components.panel import outside, panels
from components.view import View
from components.words import age, text
from data_access import clock
from data_access.settings import Settings
from tests.conftest import MOMENT

OURS = {"Origin": "http://localhost"}


@pytest.fixture
def client(cockpit: Dash) -> FlaskClient:
    return cockpit.server.test_client()


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "executable", lambda: None)


def asked(client: FlaskClient, body: dict, lang: str = "en") -> dict:
    """Ask for an export and wait until it ended."""
    answer = client.post(f"/jobs?lang={lang}", json=body, headers=OURS)
    assert answer.status_code == 202, answer.text
    until, found = time.monotonic() + 60, answer.get_json()
    while found["state"] in OPEN:
        assert time.monotonic() < until
        time.sleep(0.05)
        found = client.get(f"/jobs/{found['id']}.json?lang={lang}").get_json()
    return found


def set_to(**given: object) -> Settings:
    return Settings.from_environment({f"COCKPIT_{name}": str(value) for name, value in given.items()})


def slides(*names: str) -> list[dict]:
    return [{"panel": name, "search": "?period=7d", "title": ""} for name in names]


# ---- asking ------------------------------------------------------------------------------------------------------
def test_a_briefing_is_made_without_a_browser_and_fetched(client, no_browser):
    items = slides("overview.headline", "hotline.trend")
    items[1]["title"] = "Calls doubled on Monday"
    done = asked(client, {"make": "deck-pptx", "items": items, "name": "周一例会"})
    assert done["state"] == "done", done
    (file,) = done["files"]
    assert file["name"] == "周一例会.pptx"
    with client.get(file["href"]) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        content = answer.data
    assert len(content) == file["size"]
    show = Presentation(io.BytesIO(content))
    titles = [slide.shapes.title.text_frame.text if slide.shapes.title else "" for slide in show.slides]
    assert len(titles) == 3  # a cover and two
    assert titles[0] == "周一例会"
    assert titles[2] == "Calls doubled on Monday"


@pytest.mark.parametrize("body", [
    {"make": "panel-png", "panel": "hotline.trend"},
    {"make": "page-pdf", "path": "/flood"},
    {"make": "deck-pdf", "items": slides("hotline.trend")},
])  # fmt: skip
def test_where_no_browser_is_pictures_say_what_to_install(client, no_browser, body):
    failed = asked(client, body)
    assert failed["state"] == "failed"
    assert "install chromium or set COCKPIT_CHROMIUM" in failed["words"]
    assert failed["files"] == []
    assert client.get("/jobs?lang=en").get_json() == {"pictures": False, "words": failed["words"]}


@pytest.mark.parametrize(("body", "words"), [
    ({}, "No such export"),
    ({"make": "everything"}, "No such export"),
    ({"make": "panel-png", "panel": "hotline.nothing"}, "No such panel: hotline.nothing"),
    ({"make": "panel-png", "panel": "hotline.trend", "scale": 5}, "No such export"),
    ({"make": "panel-png", "panel": "hotline.trend", "theme": "blue"}, "No such export"),
    ({"make": "panel-png", "panel": "hotline.trend", "width": 8000, "height": 8000, "scale": 4}, "too large"),
    ({"make": "page-png", "path": "/nowhere"}, "No such page"),
    ({"make": "page-png", "path": "http://example.org/"}, "No such page"),
    ({"make": "page-pdf", "path": "/", "more": 1}, "No such export"),
    ({"make": "deck-pptx", "items": []}, "No such export"),
    ({"make": "deck-pptx", "items": slides("hotline.trend", "no.panel")}, "No such panel: no.panel"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(client, body, words):
    answer = client.post("/jobs?lang=en", json=body, headers=OURS)
    assert answer.status_code == 400
    assert words in answer.get_json()["said"]


@pytest.mark.parametrize("path", ["/jobs", "/jobs/abc/cancel"])
def test_only_our_own_pages_may_ask(client, path):
    body = {"make": "deck-pptx", "items": slides("hotline.trend")}
    for headers in ({}, {"Origin": "http://example.org"}, {**OURS, "Sec-Fetch-Site": "cross-site"}):
        assert client.post(path, json=body, headers=headers).status_code == 403
    assert client.post(path, data=b"x" * 300_000, headers=OURS).status_code == 413
    assert client.post(path, data="make=panel-png", headers=OURS).status_code == 400


@pytest.mark.parametrize("path", ["/jobs/none.json", "/jobs/" + "x" * 24 + ".json",
                                  "/jobs/" + "x" * 24 + "/status.json"])  # fmt: skip
def test_what_is_no_export_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_a_full_queue_says_so(client, monkeypatch):
    def full(*_args: object) -> str:
        raise exports_jobs.Full

    from briefing import jobs as exports_jobs  # noqa: PLC0415

    monkeypatch.setattr(exports_jobs.Jobs, "submit", full)
    answer = client.post("/jobs?lang=en", json={"make": "panel-png", "panel": "hotline.trend"}, headers=OURS)
    assert answer.status_code == 429
    assert "Too many exports" in answer.get_json()["said"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reason_has_words(lang):
    reasons = [
        chromium.NoBrowser(),
        chromium.NotDrawn("late", ["hotline.trend"]),
        chromium.NotDrawn("failed", ["Trend", "Map"]),
        chromium.NotDrawn("outside", ["http://example.org"]),
        chromium.NotDrawn("offline", ["http://127.0.0.1:1"]),
        pictures.TooLarge(3),
        TooLate(),
        ZeroDivisionError("secret"),
    ]
    said = [exports.explained(reason, lang) for reason in reasons]
    assert len(set(said)) == len(said)
    assert not [words for words in said if "exporting." in words or "secret" in words]
    assert "Map" in said[2]


# ---- ready-made lists and sentences ------------------------------------------------------------------------------
def test_ready_made_lists_are_of_one_moment_and_of_calendar_weeks(client):
    named = [one["deck"] for one in client.get("/briefing/decks.json?lang=en").get_json()]
    assert "monday" in named
    for name in named:
        told = client.get(f"/briefing/deck/{name}.json?lang=en").get_json()
        views = [parse_qs(urlsplit(item["search"]).query) for item in told["items"]]
        assert {view["at"][0] for view in views} == {MOMENT.isoformat(timespec="minutes")}
        assert {item["panel"] for item in told["items"]} <= panels.keys()
    monday = client.get("/briefing/deck/monday.json?lang=en").get_json()["items"]
    assert parse_qs(monday[0]["search"][1:])["period"] == ["2026-06-08..2026-06-14"]  # MOMENT is a Thursday
    other = client.get("/briefing/deck/monday.json?period=7d&area=990102&at=2026-06-01T08:00").get_json()["items"]
    for item in other:
        view = View.from_search(item["search"])
        assert (view.period, view.area, view.at) == ("7d", "990102", datetime(2026, 6, 1, 8))
    assert client.get("/briefing/deck/none.json").status_code == 404


@pytest.mark.parametrize(("words", "dates"), [
    ("last_week", "2026-06-08..2026-06-14"), ("this_week", "2026-06-15..2026-06-18"),
    ("last_month", "2026-05-01..2026-05-31"), ("this_month", "2026-06-01..2026-06-18"), ("90d", "90d"),
])  # fmt: skip
def test_periods_of_the_calendar(words, dates):
    assert decks.calendar_period(words, MOMENT) == dates


def test_the_week_before_new_year():
    assert decks.calendar_period("last_week", datetime(2026, 1, 1, 9)) == "2025-12-22..2025-12-28"
    assert decks.calendar_period("last_month", datetime(2026, 1, 1, 9)) == "2025-12-01..2025-12-31"


@pytest.mark.parametrize(("text", "wrong"), [
    ('zh = "a"\nen = "b"\n[[slide]]\npanel = "no.panel"', "no panel no.panel"),
    ('zh = "a"\nen = "b"\n[[slide]]\npanel = "hotline.trend"\nperoid = "7d"', "no field peroid"),
])  # fmt: skip
def test_a_list_that_names_what_is_not_there_is_refused(cockpit, tmp_path, text, wrong):
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=f"mine.toml: {wrong}"):
        decks._read(path)


def test_the_sentence_of_a_slide(client):
    told = client.get("/briefing/finding?panel=hotline.trend&period=7d&lang=en").get_json()
    figure = client.get("/data/hotline.trend.json?period=7d&lang=en").get_json()["meta"]["definitions"][0]["value"]
    assert f"{figure:,.0f}" in told["title"]
    assert client.get("/briefing/finding?panel=none").status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sentence_over_a_panel_says_that_its_source_is_late(client, lang):
    source = next(one for one in outside().freshness(MOMENT) if one.key == panels["hotline.trend"].source)
    view = View(lang=lang)
    for hours in (0, 9):
        moment = MOMENT + timedelta(hours=hours)
        said = text("finding.late", lang, age=age(moment - source.last_data_at, lang, plain=True))
        with clock.held(moment):
            told = client.get(f"/briefing/finding?lang={lang}&panel=hotline.trend").get_json()["title"]
            show = Presentation(io.BytesIO(deck([Item("hotline.trend", "")], lang=lang)))
            assert show.slides[1].shapes.title.text_frame.text == told
            assert sheets._sentence("hotline.trend", view) == told
        assert (said in told) is (hours > 0)


# ---- files that say what they are --------------------------------------------------------------------------------
def test_what_is_exported_is_of_the_minute_that_was_asked(cockpit):
    assert pictures.pinned("?period=7d").at == MOMENT
    assert pictures.pinned("?at=2026-06-01T08:00").at == datetime(2026, 6, 1, 8)
    assert pictures.pinned("?at=2030-01-01T08:00").at == MOMENT  # never later than now
    name = pictures.file_name("hotline.trend", pictures.pinned("?period=7d&lang=en"), "png")
    assert name == "citydeck_hotline.trend_Yunchuan_7d_20260618-1430.png"


def test_a_picture_carries_its_words_and_stays_a_picture(cockpit):
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    pixel = chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    plain = b"\x89PNG\r\n\x1a\n" + head + pixel + chunk(b"IEND", b"")
    from PIL import Image  # noqa: PLC0415  (the library reads what our own code wrote)

    view = pictures.pinned("?period=7d&lang=zh")
    said = pictures.described("受理趋势", view, "http://city/hotline?period=7d")
    image = Image.open(io.BytesIO(pictures.with_words(plain, said)))
    image.load()
    assert image.info["Title"] == "受理趋势"
    assert image.info["URL"] == "http://city/hotline?period=7d"
    assert "云川市" in image.info["Description"]
    assert "2026-06-18 14:30" in image.info["Description"]
    assert "演示数据" in image.info["Comment"]
    assert image.getpixel((0, 0)) == (255, 0, 0)


def test_the_browser_is_the_one_of_the_settings_or_the_machine_s(monkeypatch, tmp_path):
    mine = tmp_path / "my-chrome"
    mine.write_text("#!/bin/sh\n")
    mine.chmod(0o755)
    monkeypatch.setattr(chromium, "settings", lambda: set_to(CHROMIUM=mine))
    assert chromium.executable() == str(mine)
    monkeypatch.setattr(chromium, "settings", lambda: set_to(CHROMIUM=tmp_path / "none"))
    assert chromium.executable() is None
    monkeypatch.setattr(chromium, "settings", set_to)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "NAMES", ("chromium", "my-chrome"))
    assert chromium.executable() == str(mine)


@pytest.mark.parametrize(("host", "address"), [
    ("127.0.0.1", "http://127.0.0.1:8050"), ("0.0.0.0", "http://127.0.0.1:8050"), ("::", "http://[::1]:8050"),
])  # fmt: skip
def test_it_opens_this_machine(monkeypatch, host, address):
    monkeypatch.setattr(chromium, "settings", lambda: set_to(HOST=host))
    assert chromium.address() == address


def test_a_browser_that_does_not_start_is_said(monkeypatch, tmp_path: Path, caplog):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(chromium, "settings", lambda: set_to(CHROMIUM=broken))
    with pytest.raises(chromium.NoBrowser):
        chromium.use(lambda browser: browser.version)
    chromium.close()
    assert "does not start" in caplog.text
