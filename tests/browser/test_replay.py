"""A replay in a browser: it plays at its own speed whatever the machine can draw, stops, jumps, and is a link."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlencode

import pytest

from tests.browser.test_accessibility import violations

# every frame that is drawn from the click on: the moment in the address (none: the first of the span), when it was
# drawn, which panels were not ready, the moment that the bar says
WATCHED = """() => {
    window.frames_drawn = [];
    document.addEventListener('click', () => { window.clicked = window.clicked || performance.now(); }, true);
    const seen = () => {
        if (!window.clicked || document.documentElement.dataset.ready !== 'true') return;
        const at = new URLSearchParams(location.search).get('at');
        const open = [...document.querySelectorAll('section.panel[data-state="loading"]')].map(p => p.dataset.panel);
        window.frames_drawn.push([at, performance.now(), open, document.querySelector('#replay .shown').textContent]);
    };
    new MutationObserver(seen).observe(document.documentElement, { attributes: true, attributeFilter: ['data-ready'] });
}"""
MINUTE, PATIENCE = 60_000, 10_000  # ms
SEEN = "window.frames_drawn"
AT = "new URLSearchParams(location.search).get('at')"


@pytest.fixture
def day() -> tuple[datetime, datetime]:
    """A day of the demo city that is over: it ends in the present."""
    end = (datetime.now() - timedelta(days=2)).replace(hour=20, minute=0, second=0, microsecond=0)
    return end - timedelta(hours=36), end


def _search(day: tuple[datetime, datetime], **more: str) -> str:
    return "?" + urlencode({"replay": f"{day[0]:%Y-%m-%dT%H:%M}..{day[1]:%Y-%m-%dT%H:%M}"} | more)


def _at(page) -> datetime:
    return datetime.fromisoformat(page.evaluate(AT))


@pytest.mark.parametrize("path", ["/", "/hotline", "/services", "/flood"])
def test_playing_moves_the_moment_by_the_clock_and_every_frame_is_whole(desk, day, path) -> None:
    page = desk.open(_search(day, speed="600"), path=path)
    page.wait_for_selector("#replay .replaying")
    page.evaluate(WATCHED)
    page.locator(".r-play").click()
    page.wait_for_function(f"{SEEN}.length >= 5", timeout=60_000)
    page.locator(".r-play").click()  # paused
    desk.ready()
    frames = [
        (datetime.fromisoformat(at) if at else day[0], real, open_, said)
        for at, real, open_, said in page.evaluate(SEEN)
    ]
    moments = [at for at, *_ in frames]
    assert moments == sorted(moments)
    assert len(set(moments)) >= 5
    assert not any(open_ for _, _, open_, _ in frames)
    assert all(said == f"{at:%m-%d %H:%M}" for at, _, _, said in frames)
    began = page.evaluate("window.clicked")
    for (_, before, *_), (at, real, *_) in pairwise(frames):
        due = began + (at - day[0]) / timedelta(milliseconds=600)  # when this moment was due
        assert due <= real  # never ahead of its clock
        if real - before > PATIENCE:
            break  # who was away that long goes on from what he saw
        assert due >= before - MINUTE / 600 - 300  # and behind by no more than the frame before took
    still = page.evaluate(AT)
    page.wait_for_timeout(700)
    assert page.evaluate(AT) == still


def test_a_link_reopened_shows_the_same(desk, day) -> None:
    search = _search(day, at=f"{day[0] + timedelta(hours=9, minutes=17):%Y-%m-%dT%H:%M}")
    page = desk.open(search, path="/flood")
    page.wait_for_selector("#replay .replaying")
    first = desk.texts()
    assert page.locator("#replay .shown").inner_text() == f"{day[0] + timedelta(hours=9, minutes=17):%m-%d %H:%M}"
    page.reload()
    desk.ready()
    assert desk.texts() == first
    assert desk.search == search


def test_the_slider_jumps_by_hand_and_by_keys_and_the_steps_step(desk, day) -> None:
    page = desk.open(_search(day), path="/hotline")
    slider = page.locator("#replay input[type=range]")
    assert slider.get_attribute("max") == str(36 * 60)
    assert slider.get_attribute("aria-valuetext") == f"{day[0]:%Y-%m-%d %H:%M}"
    slider.fill("600")
    desk.ready()
    assert _at(page) == day[0] + timedelta(hours=10)
    slider.focus()
    page.keyboard.press("ArrowRight")
    desk.ready()
    assert _at(page) == day[0] + timedelta(hours=10, minutes=1)
    page.keyboard.press("End")
    desk.ready()
    assert _at(page) == day[1]
    page.locator(".r-back").click()
    desk.ready()
    assert _at(page) == day[1] - timedelta(minutes=5)
    page.locator(".r-on").click()
    desk.ready()
    assert _at(page) == day[1]


def test_it_stops_at_the_end_and_a_loop_begins_anew(desk, day) -> None:
    near = f"{day[1] - timedelta(minutes=3):%Y-%m-%dT%H:%M}"
    page = desk.open(_search(day, at=near, speed="600", play="1"), path="/flood")
    page.wait_for_function(f"{AT} === '{day[1]:%Y-%m-%dT%H:%M}'")
    page.wait_for_selector("html:not([data-playing])")
    page.goto(desk.base + "/flood" + _search(day, at=near, speed="600", play="1", loop="1"))
    page.wait_for_function(f"{AT} < '{near}'")
    assert page.locator("html[data-playing]").count() == 1


def test_an_incident_is_chosen_and_left_again(desk) -> None:
    page = desk.open()
    page.locator("a[data-replays]").click()
    desk.ready()
    page.locator(".r-choose summary").click()
    chosen = page.locator(".incidents a")
    chosen.first.wait_for()
    assert chosen.count() >= 3
    some = page.locator('.incidents a[href^="/flood"]').first
    said = parse_qs((some.get_attribute("href") or "").partition("?")[2])
    some.click()
    page.wait_for_url(re.compile("/flood"))
    desk.ready()
    page.wait_for_selector("#replay .pin")
    assert said["replay"][0].startswith(said["at"][0])
    assert _at(page) == datetime.fromisoformat(said["at"][0])
    raised = page.locator(".pin-raised").first
    raised.click()
    desk.ready()
    assert page.evaluate(AT) == raised.get_attribute("data-at")
    page.locator("a[data-leave]").click()
    desk.ready()
    assert not {"replay", "at", "speed"} & set(parse_qs(desk.search[1:]))
    assert page.locator("#replay .replaying").count() == 0


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 1080), (1080, 1920)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_wall_the_bar_takes_its_room_and_nothing_scrolls(visit: Callable, cockpit, day, size, lang) -> None:
    wall = visit(cockpit.url, size)
    for path in ("/", "/flood"):
        page = wall.open(_search(day, mode="wall", lang=lang), path=path)
        page.wait_for_selector("#replay .replaying")
        fits = (
            "[document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight]"
        )
        assert page.evaluate(fits) == [True, True]
        assert page.locator("#replay .shown").is_visible()
        box, foot = (page.locator(one).bounding_box() for one in ("#replay", "#foot"))
        panels = page.evaluate("Math.max(...[...document.querySelectorAll('section.panel')].filter(p => p.offsetParent)"
                               ".map(p => p.getBoundingClientRect().bottom))")  # fmt: skip
        assert box["y"] >= panels - 1
        assert max(box["y"] + box["height"], foot["y"] + foot["height"]) <= size[1] + 1


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_bar_has_no_serious_violation(desk, theme: str) -> None:
    """Over the storm that began half a day before the present, which raised alarms."""
    end = datetime.now().replace(second=0, microsecond=0) - timedelta(hours=1)
    page = desk.open(_search((end - timedelta(hours=30), end), theme=theme), path="/flood")
    page.wait_for_selector("#replay .pin")
    assert violations(page) == []
