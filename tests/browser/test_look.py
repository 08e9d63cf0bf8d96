"""Walls that fit, text that can be read, a phone that does not scroll sideways."""

from collections.abc import Callable

import pytest

WALLS = [(1366, 768), (1920, 1080), (3840, 1080), (1080, 1920)]

# What does not fit: scroll bars, panels outside the window or over each other, text that is cut.
MISFITS = """() => { const W = innerWidth, H = innerHeight, out = [], page = document.scrollingElement;
    if (page.scrollWidth > W + 1 || page.scrollHeight > H + 1)
        out.push(`scrolls ${page.scrollWidth}x${page.scrollHeight}`);
    const boxes = [...document.querySelectorAll('section.panel')]
        .map(e => [e.dataset.panel, e.getBoundingClientRect()])
        .filter(([, r]) => r.width > 0);
    if (boxes.length < 3) out.push(`only ${boxes.length} panels`);
    for (const [name, r] of boxes)
        if (r.left < -1 || r.top < -1 || r.right > W + 1 || r.bottom > H + 1) out.push(name + ' outside');
    boxes.forEach(([one, a], i) => boxes.slice(i + 1).forEach(([other, b]) => {
        const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (w > 2 && h > 2) out.push(one + ' over ' + other); }));
    for (const e of document.querySelectorAll('section.panel *, #frame *, #foot *')) {
        if (e.children.length || !e.textContent.trim() || getComputedStyle(e).overflow === 'visible') continue;
        if (e.scrollWidth > e.clientWidth + 2 && e.clientWidth) out.push('cut: ' + e.textContent.trim().slice(0, 30)); }
    for (const e of document.querySelectorAll('section.panel .rows > li')) {
        const r = e.getBoundingClientRect(), end = e.closest('.picture').getBoundingClientRect().bottom;
        if (r.height && r.bottom > end + 2) out.push('half a row: ' + e.textContent.trim().slice(0, 20)); }
    return out }"""

# The size on screen of every text that is seen, HTML and SVG: [size, text], smallest first.
SIZES = """() => { const out = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode());) {
        const words = node.textContent.trim(), e = node.parentElement;
        if (!words || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        if (e.closest('script, style, .skip')) continue;
        const range = document.createRange(); range.selectNode(node);
        const r = range.getBoundingClientRect();
        if (!r.width || !r.height) continue;
        const svg = e.closest('svg') && e.getScreenCTM ? Math.abs(e.getScreenCTM().d) || 1 : 1;
        out.push([Math.round(parseFloat(getComputedStyle(e).fontSize) * svg * 100) / 100, words.slice(0, 30)]); }
    return out.sort((a, b) => a[0] - b[0]) }"""


def too_small(visitor, floor: float) -> list:
    sizes = visitor.page.evaluate(SIZES)
    assert len(sizes) > 30
    return [found for found in sizes if found[0] < floor]


@pytest.mark.parametrize("size", WALLS, ids=lambda s: f"{s[0]}x{s[1]}")
def test_a_wall_fits_its_window_and_is_read_from_afar(visit: Callable, cockpit, size: tuple[int, int]) -> None:
    visitor = visit(cockpit.url, size)
    visitor.open("?mode=wall")
    assert visitor.page.evaluate(MISFITS) == []
    assert too_small(visitor, 24) == []
    assert "演示数据" in visitor.page.inner_text("body")


def test_a_drilled_wall_in_english_fits(visit: Callable, cockpit) -> None:
    """Long English names may end in dots (their whole name is in the title); nothing else may be cut."""
    visitor = visit(cockpit.url)
    visitor.open("?mode=wall&lang=en&area=990102&metric=hotline.on_time&theme=light")
    assert [m for m in visitor.page.evaluate(MISFITS) if not m.startswith("cut: ")] == []
    assert too_small(visitor, 24) == []


@pytest.mark.parametrize("search", ["", "?lang=en&area=990102&metric=hotline.on_time"], ids=["zh", "en"])
def test_text_at_a_desk_is_13_px_at_least(visit: Callable, cockpit, search: str) -> None:
    visitor = visit(cockpit.url, (1366, 768))
    page = visitor.open(search)
    assert too_small(visitor, 13) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 1366


def test_a_phone_scrolls_down_only(visit: Callable, cockpit) -> None:
    visitor = visit(cockpit.url, (390, 844))
    page = visitor.open()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert too_small(visitor, 13) == []
    wide = """() => [...document.querySelectorAll('section.panel, .tile, .frame *, .foot *')]
        .filter(e => !e.closest('details:not([open]) .options'))
        .map(e => [e.className, e.getBoundingClientRect()])
        .filter(([, r]) => r.width && (r.right > 391 || r.left < -1)).map(([name]) => String(name))"""
    assert page.evaluate(wide) == []
    page.locator('[data-chip="area"] > summary').click()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    box = page.locator('[data-chip="area"] .options').bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 391
    page.keyboard.press("Escape")
    visitor.click(".p-ranking .rows a")
    assert len(visitor.crumbs()) == 2
