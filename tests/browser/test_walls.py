"""Walls of every shape: nothing overlaps, scrolls or is cut; circles are round; no number stands across a seam."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from domain.wall import parse_profile

PAGES = ("/", "/hotline", "/services", "/flood")
SHAPES = [
    "1920x1080,p1.25,d8",
    "3840x1080,p1.25,d8",
    "5760x1080,p1.25,d8",
    "7680x2160,p1.25,d8",
    "6656x1792,p1.25,d8",
    "3840x2160,p1.25,d8",
    "1080x1920,p1.25,d8",
]
WALLS = [(1366, 768), *((wall.width, wall.height) for wall in map(parse_profile, SHAPES))]
JOINED = [
    "5760x1080,p0.63,3x1,b3.5,d6",
    "3840x2160,p1.26,2x2,b3.5,d8",
    "7680x2160,p1.26,4x2,b1.8h,d8",
    "5760x1080,p1.25,3x1,b3.5,d10",
]
STRETCHED = ["1920x1080,mm4800x1350,d8", "1920x1080,mm2400x2700,d8", "3840x1080,p1.25,d8"]

# Texts across a seam, word by word: [axis, word, text].
ACROSS = """() => { const all = JSON.parse(document.documentElement.dataset.seams), out = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode());) {
        const words = node.textContent, e = node.parentElement;
        if (!words.trim() || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        if (e.closest('script, style, .skip')) continue;
        for (const found of words.matchAll(/[-+−.,:%\\d]*\\d[-+−.,:%\\d]*|[^\\s\\d]/g)) {
            const range = document.createRange();
            range.setStart(node, found.index); range.setEnd(node, found.index + found[0].length);
            const near = parseFloat(getComputedStyle(e).fontSize) / 4;  // a line is higher than its letters
            for (const box of range.getClientRects()) {
                if (!box.width) continue;
                for (const [at, behind] of all.x)
                    if (box.left < innerWidth * (at + behind / 2) - 1 && box.right > innerWidth * (at - behind / 2) + 1)
                        out.push(['x', found[0], words.trim().slice(0, 30)]);
                for (const [at, behind] of all.y)
                    if (box.top + near < innerHeight * (at + behind / 2) - 1
                        && box.bottom - near > innerHeight * (at - behind / 2) + 1)
                        out.push(['y', found[0], words.trim().slice(0, 30)]); } } }
    return out }"""

# Words that end at the edge of their place without dots, and words over other words. A list may hide whole rows.
CUT = """() => { const out = [];
    for (const panel of document.querySelectorAll('section.panel')) {
        if (!panel.getBoundingClientRect().width) continue;
        const walk = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT), shown = [];
        for (let node; (node = walk.nextNode());) {
            const said = node.textContent.trim(), e = node.parentElement, range = document.createRange();
            if (!said || e.closest('svg') || !e.checkVisibility({ visibilityProperty: true })) continue;
            if (getComputedStyle(e).clipPath !== 'none') continue;  // said, not shown
            range.selectNodeContents(node);
            for (const box of range.getClientRects()) {
                let { left, right, top, bottom } = box, cut = '', gone = !box.width;
                for (let around = e; around !== panel.parentElement && !gone; around = around.parentElement) {
                    const style = getComputedStyle(around), room = around.getBoundingClientRect();
                    const [from, to] = style.overflowY === 'visible' ? [top, bottom] : [room.top, room.bottom];
                    top = Math.max(top, from); bottom = Math.min(bottom, to);
                    if (style.overflowX === 'visible') continue;
                    if (box.left >= room.right || !room.width) gone = true;
                    if (style.textOverflow === 'ellipsis') right = Math.min(right, room.right);
                    else if (right > room.right + 2 || box.left < room.left - 2) cut = 'cut';
                }
                if (gone || bottom - top < 0.25 * box.height) continue;
                // a line is higher than its letters; some reach below it
                const below = /[gjpqy]/.test(said) ? 0.09 : /\\p{Script=Han}/u.test(said) ? 0.14 : 0.24;
                if (top > box.top + 0.24 * box.height || bottom < box.bottom - below * box.height) cut = 'half';
                if (cut) out.push(`${panel.dataset.panel} ${cut}: ${said.slice(0, 30)}`);
                shown.push([left, right, top, bottom, said.slice(0, 20), e]);
            }
        }
        for (const [i, a] of shown.entries()) for (const b of shown.slice(i + 1)) {
            const wide = Math.min(a[1], b[1]) - Math.max(a[0], b[0]);
            const high = Math.min(a[3], b[3]) - Math.max(a[2], b[2]), line = Math.min(a[3] - a[2], b[3] - b[2]);
            if (a[5] !== b[5] && wide > 3 && high > 0.4 * line)
                out.push(`${panel.dataset.panel} over: ${a[4]} | ${b[4]}`);
        }
    }
    return [...new Set(out)] }"""

# Panels whose heads do not say how many rows their lists leave out.
UNTOLD = """() => [...document.querySelectorAll('section.panel')].filter(e => e.checkVisibility()).filter(panel => {
    const out = [...panel.querySelectorAll('.fits > *')].filter(row => row.style.display === 'none').length;
    const said = getComputedStyle(panel.querySelector('.head'), '::after').content;
    return out ? !said.match(/\\d+/g)?.includes(String(out)) : /\\d/.test(said) }).map(panel => panel.dataset.panel)"""

# All panels shown are of another version of the data.
ALL_NEW = """was => [...document.querySelectorAll('section.panel[data-stamp]')].filter(e => e.checkVisibility())
    .every(e => e.dataset.stamp.split('|')[1] !== was)"""


def _look():
    """The measures of test_look.py, which is no module of a package."""
    found = importlib.util.spec_from_file_location("browser_look", Path(__file__).with_name("test_look.py"))
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


look = _look()


def opened(visit: Callable, cockpit, spec: str):
    wall = parse_profile(spec)
    visitor = visit(cockpit.url, (wall.width, wall.height))
    return visitor, wall


def search(spec: str, **more: str) -> str:
    return "?" + urlencode({"mode": "wall", "wall": spec, **more})


@pytest.mark.parametrize("spec", SHAPES, ids=lambda spec: spec.split(",")[0])
def test_every_page_fits_every_wall_and_is_read_from_the_last_row(visit: Callable, cockpit, spec: str) -> None:
    visitor, wall = opened(visit, cockpit, spec)
    wrong = []
    for path in PAGES:
        visitor.open(search(spec), path)
        found = visitor.page.evaluate(look.MISFITS)
        wrong += [(path, one) for one in [*found, *look.too_small(visitor, wall.body - 0.5)]]
    assert wrong == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", WALLS, ids=lambda size: f"{size[0]}x{size[1]}")
def test_no_wall_cuts_words_nor_lays_them_over_each_other(visit: Callable, cockpit, size, lang: str) -> None:
    visitor, wrong = visit(cockpit.url, size), []
    for path in PAGES:
        page = visitor.open(f"?mode=wall&lang={lang}", path)
        assert page.locator("section.panel").count() > 3
        wrong += page.evaluate(CUT)
    assert wrong == []


def test_a_wall_fits_as_well_when_new_data_have_come(visit: Callable, told) -> None:
    """Rows and words that were left out are drawn anew with the data, and left out again."""
    visitor = visit(told.url, (1920, 1080))
    for path in ("/hotline", "/services"):
        page = visitor.open("?mode=wall", path)
        assert page.evaluate(look.MISFITS) == []
        hidden = "document.querySelectorAll('section.panel .fits > [style*=none], .head [style*=none]').length"
        assert page.evaluate(hidden) > 0
        assert page.evaluate(UNTOLD) == []
        stamp = page.evaluate("document.querySelector('section.panel').dataset.stamp")
        told.get("/told/step/5")
        page.wait_for_function(ALL_NEW, arg=stamp.split("|")[1])
        visitor.ready()
        assert page.evaluate(hidden) > 0
        assert page.evaluate(look.MISFITS) == []
        assert page.evaluate(UNTOLD) == []


@pytest.mark.parametrize("spec", JOINED)
def test_no_number_stands_across_a_seam(visit: Callable, cockpit, spec: str) -> None:
    visitor, _ = opened(visit, cockpit, spec)
    numbers, texts = [], 0
    for path in PAGES:
        visitor.open(search(spec), path)
        assert len(visitor.page.evaluate(look.SIZES)) > 30
        across = visitor.page.evaluate(ACROSS)
        texts += len(across)
        numbers += [(path, *one) for one in across if any(c.isdigit() for c in one[1])]
        assert [one for one in visitor.page.evaluate(look.MISFITS) if not one.startswith("cut: ")] == [], path
    assert numbers == []
    assert texts <= 3


def test_the_same_page_comes_to_the_same_place_again(visit: Callable, cockpit) -> None:
    boxes = """() => [...document.querySelectorAll('section.panel')].map(e => e.getBoundingClientRect())
        .map(r => [r.left, r.top, r.right, r.bottom].map(Math.round))"""
    visitor, _ = opened(visit, cockpit, JOINED[0])
    first = visitor.open(search(JOINED[0])).evaluate(boxes)
    visitor.open("")
    assert visitor.open(search(JOINED[0])).evaluate(boxes) == first
    plain = visitor.open(search("5760x1080,p0.63,d6")).evaluate(boxes)
    assert plain != first


@pytest.mark.parametrize("spec", STRETCHED)
def test_circles_are_round_on_the_wall(visit: Callable, cockpit, spec: str) -> None:
    """As wide as high in millimetres, within one percent, and the same size on pages of charts."""
    visitor, wall = opened(visit, cockpit, spec)
    page = visitor.open(search(spec), "/testcard")
    boxes = page.evaluate(
        "() => [...document.querySelectorAll('.wall-card .circle')].map(e => e.getBoundingClientRect())"
        ".map(r => [r.width, r.height, r.left, r.top, r.right, r.bottom])"
    )
    across, down = wall.pixel_mm
    assert len(boxes) == 5
    for width, height, left, top, right, bottom in boxes:
        assert width * across == pytest.approx(height * down, rel=0.01)
        assert min(left, top) >= 0
        assert right <= wall.width
        assert bottom <= wall.height
    tall = max(box[1] for box in boxes)
    assert max(tall / wall.height, max(box[0] for box in boxes) / wall.width) > 0.9
    visitor.open(search(spec))
    assert [one for one in visitor.page.evaluate(look.MISFITS) if not one.startswith("cut: ")] == []


def test_the_card_says_whether_the_browser_has_what_the_wall_needs(visit: Callable, cockpit) -> None:
    spec = "1920x1080,p1.8,2x1,d8"
    visitor, wall = opened(visit, cockpit, spec)
    page = visitor.open(search(spec, lang="en"), "/testcard")
    said = page.locator(".card-measured")
    assert said.inner_text() == "The browser's own: 1920 × 1080 pixels, scale 1.00 · as the wall's profile says"
    read = page.locator(".card-reads")
    assert read.evaluate("e => getComputedStyle(e).fontSize") == f"{wall.body}px"
    line = page.locator(".seam-line").bounding_box()
    assert line["x"] <= 960 <= line["x"] + line["width"] + 1
    page.set_viewport_size({"width": 1280, "height": 720})
    page.wait_for_function("() => document.querySelector('.card-measured').classList.contains('differs')")
    assert "1280 × 720" in said.inner_text()
    assert "1920×1080" in said.inner_text()


def test_a_wall_is_described_by_hand_saved_and_shown(visit: Callable, cockpit) -> None:
    visitor = visit(cockpit.url)
    page = visitor.open("?lang=en", "/wall")
    visitor.click('.presets a:text-is("5760×1080")')
    page.locator('.wall-form [name="pitch"]').fill("1.8")
    page.locator('.wall-form [name="pitch"]').press("Tab")
    page.wait_for_function("() => location.search.includes('p1.8')")
    visitor.ready()
    assert "5760x1080%2Cp1.8%2Cd8" in visitor.search
    facts = page.locator('.wall-facts [data-key="body"] b')
    assert facts.inner_text() == "26 px · 46.8 mm"
    page.locator('.wall-form [name="distance"]').fill("12")
    page.locator('.wall-form [name="distance"]').press("Enter")
    page.wait_for_function("() => location.search.includes('d12')")
    visitor.ready()
    assert facts.inner_text() == "39 px · 70.2 mm"
    assert "farther than this pitch is made for (9.9 m)" in page.locator(".wall-follows").inner_text()
    page.locator('.wall-save-form [name="name"]').fill("Main hall")
    page.locator('.wall-save-form [name="person"]').fill("Wang")
    page.locator(".wall-save").click()
    page.locator('.wall-saved a:text-is("Main hall")').wait_for()
    visitor.open("?mode=wall&wall=Main+hall")
    assert page.evaluate("document.documentElement.style.getPropertyValue('--u')") == "39px"
