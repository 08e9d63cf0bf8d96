"""The sheet behind a panel: what the number means, the table, the files."""

import csv
import io
from pathlib import Path


def sheet(visitor, panel: str):
    """Open a panel's sheet and wait until it is filled."""
    visitor.page.locator(f".p-{panel} button.menu").click()
    visitor.page.locator("dialog.sheet table").wait_for()
    return visitor.page.locator("dialog.sheet")


def test_a_sheet_defines_the_number_and_shows_the_table(desk) -> None:
    page = desk.open("?metric=hotline.on_time")
    opened = sheet(desk, "ranking")
    text = opened.inner_text()
    assert "演示数据" in text
    for word in ("定义", "分子", "分母", "汇总", "方向", "来源", "截至", "数据时间"):
        assert word in text, word
    value = opened.locator(".formula strong").first.inner_text()
    numerator, denominator = (
        int(part.replace(",", "")) for part in opened.locator(".fraction").first.locator("span").all_inner_texts()
    )
    assert value == f"{round(numerator / denominator * 100, 2):g}%"
    shown = page.locator(".p-ranking .rows li").count()
    assert opened.locator("tbody tr").count() == shown
    assert opened.locator("thead th").first.inner_text() == "code"


def test_escape_closes_the_sheet_and_focus_returns(desk) -> None:
    page = desk.open()
    menu = page.locator(".p-problems button.menu")
    menu.focus()
    page.keyboard.press("Enter")
    page.locator("dialog.sheet table").wait_for()
    assert page.evaluate("document.activeElement.closest('dialog') !== null"), "focus is not in the sheet"
    page.keyboard.press("Escape")
    assert page.locator("dialog").count() == 0
    assert page.evaluate("document.activeElement.closest('section').dataset.panel") == "overview.problems"
    sheet(desk, "problems").locator("button.close").click()
    assert page.locator("dialog").count() == 0


def test_csv_is_what_the_panel_shows(desk) -> None:
    page = desk.open()
    opened = sheet(desk, "problems")
    with page.expect_download() as coming:
        opened.get_by_text("CSV", exact=True).click()
    assert coming.value.suggested_filename == "overview.problems.csv"
    text = Path(coming.value.path()).read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].startswith("# demo: 演示数据")
    rows = list(csv.DictReader(io.StringIO("\n".join(r for r in text.splitlines() if not r.startswith(("#", '"#'))))))
    assert [r["name"] for r in rows] == page.locator(".p-problems .rows .name").all_inner_texts()


def test_panels_are_saved_as_png(desk) -> None:
    page = desk.open()
    for panel in ("trend", "map", "ranking"):
        opened = sheet(desk, panel)
        opened.locator(".png-menu summary").click()
        with page.expect_download(timeout=90_000) as coming:
            opened.locator('button.png[data-scale="1"]').click()
        content = Path(coming.value.path()).read_bytes()
        assert content[:8] == b"\x89PNG\r\n\x1a\n"
        assert len(content) > 10_000
        page.keyboard.press("Escape")


def test_every_panel_has_its_table(desk) -> None:
    page = desk.open()
    names = page.locator("section.panel").evaluate_all("all => all.map(p => p.dataset.panel.split('.')[1])")
    assert len(names) >= 8
    for name in names:
        assert sheet(desk, name).locator("tbody tr").count() > 0, name
        page.keyboard.press("Escape")
