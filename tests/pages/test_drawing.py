"""What a page's panels come to the browser as."""

import json
import threading
import zlib

import pytest

from components import drawing
from components.panel import panels
from tests.conftest import MOMENT, on_its_own

SEARCH = "?period=7d&q=%E7%94%B5%E6%A2%AF&area="


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(("path", "page"), [("", "overview"), ("hotline", "hotline"), ("figures", "figures")])
def test_every_panel_of_a_page_comes_once_with_the_address_as_it_was_asked(client, path, page):
    told = lines(client.get(f"/drawn/{path}{SEARCH}").text)
    assert [one["id"] for one in told[:2]] == ["frame", "foot"]
    names = [one["panel"] for one in told[2:]]
    assert sorted(names) == sorted(name for name in panels if name.startswith(f"{page}."))
    stamps = [json.loads(one["tree"])["stamp"].split("|", 2) for one in told if one.get("id") != "foot"]
    assert {stamp[2] for stamp in stamps} == {SEARCH}
    charts = {one["panel"] for one in told[2:] if one["figure"] is not None}
    assert charts <= {name for name in names if panels[name].chart}
    assert charts or page == "figures"


def test_one_panel_alone_comes_alone(client):
    told = lines(client.get("/drawn/solo?panel=hotline.trend&period=7d").text)
    assert [one["panel"] for one in told if "panel" in one] == ["hotline.trend"]
    assert [one for one in lines(client.get("/drawn/solo?panel=nothing").text) if "panel" in one] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", ["reports", "wall", "figures", "testcard"])
def test_what_needs_no_city_is_drawn_before_there_is_one(client, tmp_path, page, lang):
    with on_its_own(tmp_path, f"none.{page}.{lang}", MOMENT):
        told = lines(client.get(f"/drawn/{page}?lang={lang}").text)
        none = lines(client.get(f"/drawn/hotline?lang={lang}").text)
    drawn = {one["panel"]: json.loads(one["tree"])["stamp"].split("|")[0] for one in told if "panel" in one}
    assert sorted(drawn) == sorted(name for name in panels if name.startswith(f"{page}."))
    assert set(drawn.values()) <= {"ready", "empty"}
    assert [one for one in none if "panel" in one] == []


@pytest.mark.parametrize("path", ["nowhere", "nowhere/at/all"])
def test_a_page_that_is_none_has_no_panels(client, path):
    assert [one["id"] for one in lines(client.get(f"/drawn/{path}?period=7d").text)] == ["frame", "foot"]


def test_each_line_can_be_read_before_the_next_is_there(client):
    plain = client.get("/drawn/?period=7d").text
    packed = client.get("/drawn/?period=7d", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert sorted(zlib.decompress(packed.data, zlib.MAX_WBITS | 16).decode().splitlines()) == sorted(plain.splitlines())
    reading = zlib.decompressobj(zlib.MAX_WBITS | 16)
    parts = drawing._packed(iter(["one", "two"]))
    assert reading.decompress(next(parts)) == b"one\n"
    assert reading.decompress(next(parts)) == b"two\n"


def test_what_is_quick_does_not_wait_for_what_is_slow():
    go_on = threading.Event()

    def draw(name: str) -> str:
        if name == "slow":
            assert go_on.wait(10)
        return name

    coming = drawing._as_drawn(draw, ["slow", "a", "b", "c"])
    assert [next(coming) for _ in range(3)] == ["a", "b", "c"]
    go_on.set()
    assert list(coming) == ["slow"]


def test_who_stops_listening_is_not_drawn_for():
    drawn: list[str] = []
    coming = drawing._as_drawn(lambda name: drawn.append(name) or name, [str(n) for n in range(100)])
    next(coming)
    coming.close()
    assert len(drawn) <= 1 + 2 * drawing.AT_ONCE
