"""A link that names a wall: its root element says how the page is laid out, and charts are drawn with the same type."""

import html
import json
import re

import pytest

from components.panel import look_of
from components.view import View
from data_access import clock, walls

STRETCHED = "1920x1080,mm6912x1944,d8"
JOINED = "5760x1080,mm3635.8x680.4,3x1,b3.5h,d6,s20"


def root(cockpit, query: dict[str, str]) -> dict[str, str]:
    """The attributes of the root element."""
    page = cockpit.server.test_client().get("/", query_string=query).get_data(as_text=True)
    tag = re.search(r"<html ([^>]*)>", page)
    assert tag is not None
    return {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag[1])}


@pytest.mark.parametrize(
    ("wall", "px"),
    [("3840x1080,p1.8,d12", 39), ("", 38), ("nonsense", 38), ("3840x1080,p1.8", 38), ("5760x1080,p0.63,d6", 56)],
)
def test_text_of_pages_and_of_charts_has_the_size_of_the_wall(cockpit, wall, px):
    told = root(cockpit, {"mode": "wall", "wall": wall})
    assert told["style"] == f"--u:{px}px"
    assert look_of(View(mode="wall", wall=wall)).px == px
    assert "data-seams" not in told
    assert "data-stretched" not in told


def test_a_saved_wall_is_named_by_links(cockpit):
    walls.save("大厅 East", "3840x1080,p1.8,d12", person="王工", note="", now=clock.now())
    assert root(cockpit, {"mode": "wall", "wall": "大厅 East"})["style"] == "--u:39px"
    walls.save("大厅 East", "3840x1080,p1.8,d15", person="王工", note="", now=clock.now())
    assert root(cockpit, {"mode": "wall", "wall": "大厅 East"})["style"] == "--u:49px"


def test_at_a_desk_a_wall_changes_nothing(cockpit):
    told = root(cockpit, {"wall": STRETCHED})
    assert told["style"] == "--u:14px"
    assert look_of(View(wall=STRETCHED)).px == 14


def test_pixels_that_are_not_square_are_told(cockpit):
    told = root(cockpit, {"mode": "wall", "wall": STRETCHED})
    assert told["data-stretched"] == "true"
    assert told["style"] == "--u:24px;--wide:1;--high:2"


def test_seams_and_margins_are_told_as_shares_of_the_signal(cockpit):
    told = root(cockpit, {"mode": "wall", "wall": JOINED})
    seams = json.loads(told["data-seams"])
    behind = 3.5 / 3635.8
    first, second = (1209.6 + 1.75) / 3635.8, (2422.7 + 1.75) / 3635.8
    assert seams["x"] == [pytest.approx([first, behind]), pytest.approx([second, behind])]
    assert seams["y"] == []
    assert "--safe-x:20px;--safe-y:20px" in told["style"]


def test_a_wall_stays_when_pages_change(cockpit):
    lines = cockpit.server.test_client().get("/drawn/hotline?mode=wall&wall=hall").get_data(as_text=True).splitlines()
    frame = json.loads(lines[0])["tree"]
    assert re.findall(r'"href":"(/flood\?[^"]*)"', frame) == ["/flood?mode=wall&wall=hall"]
