"""Slides: what they say is what /data says; they hold together as files, and as pictures."""

import io
import math
import re
import shutil
import subprocess
from collections import Counter
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import openpyxl
import pytest
from dash import Dash
from flask.testing import FlaskClient

from briefing import slide_frame
from briefing.natives import FORMS
from briefing.slides import Item, deck
from components.panel import Answer, panels
from components.panel_data import meta
from components.view import View
from tests.briefing import slide_reading as reading
from tests.conftest import MOMENT
from tests.pages import asked

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000010000000090802000000b4483b650000001449444154789c636858708024c430aa61506800007a"
    "510e10c4bd92400000000049454e44ae426082"
)
PAGES = ("figures", "flood", "hotline", "overview", "services")
OPTIONS = (
    ("hotline.late", "late=hours"), ("hotline.late", "late=mix"), ("hotline.late", "late=place"),
    ("hotline.bursts", "bursts=crowd"), ("hotline.bursts", "bursts=again"), ("hotline.problems", "problems=emerging"),
    ("hotline.league", "by=org"), ("overview.ranking", "metric=hotline.on_time"),
    ("services.throughput", "flow=hour"), ("services.throughput", "flow=channel"), ("services.throughput", "flow=org"),
    ("services.times", "times=org"), ("services.times", "times=near"), ("services.ratings", "period=12m"),
    ("services.ratings", "period=12m&bad=words"), ("services.league", "board=districts"),
    ("flood.board", "reservoir=99303020"), ("flood.station", "station=99103030"), ("flood.map", "layer=rain1"),
    ("overview.trend", "compare=none&period=7d"), ("overview.changed", "compare=none"),
)  # fmt: skip
PIVOTS = {"flood.situation", "hotline.late", "flood.release", "flood.board"}  # a cell a row of the data
# said in words of their own, which the data has as codes
IN_WORDS = {
    "state", "kind", "level", "role", "fault", "event", "left", "moved", "age_minutes", "weekday",
    "cadence_minutes",
}  # fmt: skip
NO_NAMES = {"flood.replay", "flood.station", "services.calendar", "services.throughput", "services.whatif"}


@pytest.fixture
def client(cockpit: Dash) -> FlaskClient:
    return cockpit.server.test_client()


def items() -> list[Item]:
    """Every panel as its page shows it first, the ways of looking that change its form, and one of each detail."""
    own = [Item(name) for name in sorted(panels) if name.startswith(PAGES)]
    own += [Item(name, f"?{query}") for name, query in OPTIONS]
    for name, list_of, field, column in (
        ("hotline.order", "hotline.records", "order", "order"), ("services.case", "services.records", "case", "case"),
        ("flood.alarm", "flood.alarms", "alarm", "alarm"),
    ):  # fmt: skip
        first = panels[list_of].answer(View()).frame[column].iloc[0]
        own.append(Item(name, View().to(**{field: str(first)}).search))
    return own


@cache
def made(lang: str) -> tuple[tuple[Item, ...], bytes]:
    """The deck of everything, in a language; made once."""
    some = tuple(items())
    return some, deck(some, lang=lang, picture=lambda _item, _kind: PNG)


def pairs(client: FlaskClient, lang: str) -> list[tuple[Item, Any, dict[str, Any]]]:
    """Each item with its slide and what /data says for the same view."""
    some, file = made(lang)
    told = list(reading.opened(file).slides)[1:]
    assert len(told) == len(some)
    return [
        (item, slide, asked.body(client, item.panel, **dict(parse_qsl(item.search[1:])), lang=lang))
        for item, slide in zip(some, told, strict=True)
    ]


def rounded(values: Any) -> tuple[float | None, ...]:
    return tuple(None if v is None else float(f"{v:.7g}") for v in values)


def test_every_way_of_drawing_has_a_form(cockpit):
    some = {name: panel for name, panel in panels.items() if name.startswith(PAGES)}
    assert {name for name, panel in some.items() if panel.draw not in FORMS} == set()
    assert len(some) >= 44


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_charts_say_what_the_data_says(client, lang):
    seen = set()
    for item, slide, told in pairs(client, lang):
        for shape in slide.shapes:
            if not shape.has_chart:
                continue
            columns = reading.columns_of(shape.name)
            if shape.chart.chart_type.name.startswith("XY"):
                assert_curves(item, shape.chart, columns, told["data"])
                continue
            drawn = reading.chart_rows(shape.chart)
            drawn = [(name, values[: len(columns)]) for name, values in drawn]  # behind them are lines of limits
            assert drawn, item
            data = Counter(rounded(row[column] for column in columns) for row in told["data"])
            shown = Counter(rounded(values) for _, values in drawn)
            assert shown <= data, (item, shape.name, shown - data)
            if item.panel not in NO_NAMES and not item.panel.endswith("trend"):
                assert_named(item, drawn, columns, told["data"])
            seen.add(item.panel)
    assert len(seen) >= 22, seen


def assert_named(item: Item, drawn: Any, columns: list[str], data: list[dict[str, Any]]) -> None:
    """Each bar's name stands in a row that has its values."""
    for name, values in drawn:
        rows = [row for row in data if rounded(row[column] for column in columns) == rounded(values)]
        begins = name.removesuffix("…")
        words = [[v for v in row.values() if isinstance(v, str) and v] for row in rows]
        assert any(any(begins in v or v in name for v in some) for some in words), (item, name, values)


def assert_curves(item: Item, chart: Any, columns: list[str], data: list[dict[str, Any]]) -> None:
    """The points of each curve are those of a part of the data."""
    curves = list(reading.scatter_points(chart))
    assert len(curves) >= len(columns)
    for column, (_, points) in zip(columns, curves, strict=False):
        known = {(row["moment"][:16], rounded([row[column]])) for row in data if row[column] is not None}
        assert len(points) > 5, item
        for at, value in points:
            assert ((at.replace(microsecond=0)).isoformat()[:16], rounded([value])) in known or any(
                v[0] is not None and abs(value - v[0]) < 1e-6
                for _, v in known  # a moment of seconds is a fraction of a day
            ), (item, column, at, value)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_charts_carry_their_workbook_with_the_same_numbers(client, lang):
    n = 0
    for item, slide, _ in pairs(client, lang):
        for shape in slide.shapes:
            if shape.has_chart and not shape.chart.chart_type.name.startswith("XY"):
                book = openpyxl.load_workbook(io.BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob))
                cells = list(book.worksheets[0].iter_rows(min_row=2, min_col=2, values_only=True))
                drawn = [values for _, values in reading.chart_rows(shape.chart)]
                assert [rounded(row) for row in cells] == [rounded(row) for row in drawn], item
                n += 1
    assert n >= 30


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tables_say_what_the_data_says(client, lang):
    seen: Counter[str] = Counter()
    for item, slide, told in pairs(client, lang):
        for shape in slide.shapes:
            if not shape.has_table:
                continue
            head, *body = reading.cells_of(shape.table)
            assert len(body) > 0, item
            names = [name if name not in IN_WORDS else "" for name in reading.columns_of(shape.name)]
            if item.panel in PIVOTS:
                assert_pivot(item, names, body, told["data"])
            else:
                checked = [
                    name
                    for name in names
                    if name and all(part in told["data"][0] for part in name.replace("→", "/").split("/"))
                ]
                assert len(checked) >= min(1, len(names)), (item, names)
                for cells in body:
                    assert any(reading.row_says(names, cells, row) for row in told["data"]), (item, cells)
            assert not [word for word in head if word in told["data"][0] and lang == "zh"], (item, head)
            seen[item.panel] += 1
    assert len(seen) >= 20, seen


def assert_pivot(item: Item, names: list[str], body: list[list[str]], data: list[dict[str, Any]]) -> None:
    """Every cell says the value of some row of its column."""
    for name, cells in zip(names, zip(*body, strict=True), strict=True):
        column = name.partition(" ")[0].partition("/")[0]
        if column not in data[0]:
            continue
        for cell in cells:
            first = cell.partition(" (")[0]
            first = first.partition("/")[0] if "/" in name else first
            assert first in ("", "—") or any(reading.says(first, row[column]) for row in data), (item, name, cell)


def only_table(client: FlaskClient, item: Item) -> tuple[list[str], list[list[str]], list[dict[str, Any]]]:
    """Head and rows of the table of an item's slide, and the rows of its data."""
    slide = list(reading.opened(deck([item], lang="zh")).slides)[1]
    (table,) = [shape.table for shape in slide.shapes if shape.has_table]
    head, *body = reading.cells_of(table)
    return head, body, asked.body(client, item.panel, **dict(parse_qsl(item.search[1:])))["data"]


def test_plans_of_release_stand_in_their_columns(client):
    head, body, data = only_table(client, Item("flood.release"))
    assert len(head) > 4
    for cells in body:
        for name, cell in zip(head[3:], cells[3:], strict=True):
            (row,) = [row for row in data if (row["place_name"], row["name"]) == (cells[0], name)]
            said = zip(re.split(r" \(|—|\)", cell), ("expected", "low", "high"), strict=False)
            assert all(reading.says(one, row[key]) for one, key in said), cell


def test_hours_stand_under_their_weekday_and_hour(client):
    head, body, data = only_table(client, Item("hotline.late", "?late=hours"))
    assert (len(body), len(head)) == (7, 25)
    known = {(row["weekday"], row["hour"]): row["per_hour"] for row in data}
    wrong = [(day, hour) for day, cells in enumerate(body, 1) for hour, cell in enumerate(cells[1:])
             if not reading.says(cell, known[(day, hour)])]  # fmt: skip
    assert wrong == []


def test_shares_late_stand_under_their_organisation(client):
    head, body, data = only_table(client, Item("hotline.late"))
    rows_of = list(dict.fromkeys(row["row"] for row in data))
    columns = list(dict.fromkeys(row["column"] for row in data))
    assert (len(body), len(head)) == (len(rows_of), len(columns) + 1)
    known = {(row["row"], row["column"]): row for row in data}
    for code, cells in zip(rows_of, body, strict=True):
        for column, cell in zip(columns, cells[1:], strict=True):
            row = known.get((code, column))
            if row is None or not row["due"]:
                assert cell in ("", "—")
            elif column == "*":
                assert cell == f"{row['late']:.0f}/{row['due']:.0f}"
            else:
                assert reading.says(cell, row["share"])


def test_bars_begin_at_zero_and_the_worst_has_its_own_colour(cockpit):
    file = deck([Item("overview.ranking", "?metric=hotline.on_time")], lang="zh")
    (frame,) = [shape for shape in list(reading.opened(file).slides)[1].shapes if shape.has_chart]
    assert frame.chart.value_axis.minimum_scale == 0
    answer = panels["overview.ranking"].answer(View.from_search("?metric=hotline.on_time"))
    fair = answer.frame.loc[~answer.frame["few"]]
    worst = answer.frame.index.get_loc(fair["value"].idxmin())
    fill = frame.chart.plots[0].series[0].points[worst].format.fill
    assert fill.fore_color.theme_color.name == "ACCENT_2"
    assert frame.chart.plots[0].series[0].format.fill.fore_color.theme_color.name == "ACCENT_4"


def test_days_without_a_load_are_gaps(cockpit):
    """The first days of the demo's year have no base: the curve has no points there, not zeros."""
    file = deck([Item("overview.trend")], lang="zh")
    (frame,) = [shape for shape in list(reading.opened(file).slides)[1].shapes if shape.has_chart]
    blank = frame.chart._chartSpace.xpath(".//c:dispBlanksAs/@val")
    assert blank == ["gap"]
    answer = panels["overview.trend"].answer(View())
    base = [None if math.isnan(v) else v for v in answer.frame["base"]]
    assert list(frame.chart.plots[0].series[1].values) == base


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_foot_and_notes_say_what_it_is(client, lang):
    for item, slide, told in pairs(client, lang):
        about = told["meta"]
        words = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        notes = slide.notes_slide.notes_text_frame.text
        (foot,) = [shape for shape in slide.shapes if shape.name == "foot"]
        runs = [run for paragraph in foot.text_frame.paragraphs for run in paragraph.runs]
        links = [run.hyperlink.address for run in runs if run.hyperlink.address]
        assert len(links) == 1, item
        assert "at=2026-06-18T14%3A30" in links[0], item
        assert about["period"]["words"] in words, item
        assert MOMENT.strftime("%Y-%m-%d %H:%M") in words, item
        assert about["demo"] in words, item
        assert slide.shapes.title.text_frame.text, item
        if about["source"].get("name"):
            assert about["source"]["name"] in words, item
        for one in about["definitions"]:
            assert one["definition"] in notes, item
            assert one["is_not"] in notes, item
            assert one["origin"] in notes, item


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_fonts_are_set_for_both_kinds_of_letters(cockpit, lang):
    with reading.parts(made(lang)[1]) as told:
        for name in told.namelist():
            if name.startswith(("ppt/slides/slide", "ppt/charts/chart")) and name.endswith(".xml"):
                wrong = {fonts for fonts in reading.fonts_in(told.read(name)) if fonts != ("Microsoft YaHei",) * 2}
                assert not wrong, (name, wrong)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_shapes_stay_on_the_slide_and_apart(client, lang):
    show = reading.opened(made(lang)[1])
    right, bottom = show.slide_width.inches, show.slide_height.inches
    assert round(right / bottom, 3) == round(16 / 9, 3)
    for n, slide in enumerate(show.slides):
        shapes = list(slide.shapes)
        for shape in shapes:
            x, y, to_x, to_y = reading.box_of(shape)
            assert min(x, y) >= 0, (n, shape.name)
            assert to_x <= right + 0.01, (n, shape.name)
            assert to_y <= bottom + 0.01, (n, shape.name)
        solid = [
            s
            for s in shapes
            if not s.name.endswith(("limit", "limit words")) and "line" not in s.name and s.name != "mark"
        ]
        for at, one in enumerate(solid):
            for other in solid[at + 1 :]:
                assert reading.overlap(one, other) < 0.04, (n, one.name, other.name)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_words_fit_their_boxes(cockpit, lang):
    for n, slide in enumerate(reading.opened(made(lang)[1]).slides):
        for shape in slide.shapes:
            if shape.has_text_frame and shape.text_frame.text:
                _, y, _, to_y = reading.box_of(shape)
                width = shape.width.inches - 2 * shape.text_frame.margin_left.inches
                needed = reading.tall(shape.text_frame, width)
                assert needed <= to_y - y + 0.06, (n, shape.name, shape.text_frame.text, needed)
            if shape.has_table:
                for row in list(shape.table.rows)[1:]:
                    for cell, column in zip(row.cells, shape.table.columns, strict=True):
                        room = column.width.inches - cell.margin_left.inches - cell.margin_right.inches
                        assert reading.tall(cell.text_frame, room) <= row.height.inches + 0.01, (
                            n,
                            shape.name,
                            cell.text,
                        )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_file_holds_together(cockpit, lang):
    file = made(lang)[1]
    with reading.parts(file) as told:
        names = told.namelist()
        assert len(names) == len(set(names))
        assert told.testzip() is None
        charts = [name for name in names if name.startswith("ppt/charts/chart")]
        books = [name for name in names if name.startswith("ppt/embeddings/")]
        assert len(charts) == len(books) > 20
    assert reading.lacking(file) == []


def test_cover_and_properties(cockpit):
    file = deck([Item("overview.trend"), Item("overview.map")], lang="en", name="Monday", titles={1: "My own words"})
    show = reading.opened(file)
    told = show.core_properties
    assert (told.title, told.author, told.language) == ("Monday", "Citydeck", "en-US")
    assert told.last_modified_by == "Citydeck"
    cover, _, second = show.slides
    assert cover.shapes.title.text_frame.text == "Monday"
    words = "\n".join(shape.text_frame.text for shape in cover.shapes if shape.has_text_frame)
    assert "2026-06-18 14:30" in words
    assert "Demo data" in words
    assert second.shapes.title.text_frame.text == "My own words"


def test_progress_is_told(cockpit):
    steps: list[tuple[int, int]] = []
    deck(
        [Item("overview.trend"), Item("overview.sources")],
        lang="zh",
        progress=lambda done, of: steps.append((done, of)),
    )
    assert steps == [(0, 2), (1, 2), (2, 2)]


def words_on(file: bytes) -> str:
    slide = list(reading.opened(file).slides)[1]
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def test_a_map_without_a_browser_is_a_table_that_says_so(cockpit):
    file = deck([Item("overview.map")], lang="en")
    slide = list(reading.opened(file).slides)[1]
    assert [shape for shape in slide.shapes if shape.has_table]
    assert not [shape for shape in slide.shapes if shape.shape_type == 13]
    assert "no Chromium" in words_on(file)


def test_a_picture_that_fails_costs_no_more_than_itself(cockpit):
    def fails(_item: Item, _kind: str) -> bytes:
        raise RuntimeError("not drawn")

    file = deck([Item("overview.map")], lang="en", picture=fails)
    assert "could not be made" in words_on(file)


def test_pictures_are_asked_for_light_and_at_the_moment_of_the_deck(cockpit):
    told: list[tuple[Item, str]] = []

    def picture(item: Item, kind: str) -> bytes:
        told.append((item, kind))
        return PNG

    file = deck([Item("hotline.map", "?theme=dark")], lang="en", picture=picture)
    ((item, kind),) = told
    view = View.from_search(item.search)
    assert (item.panel, kind, view.theme, view.lang, view.at) == ("hotline.map", "png", "light", "en", MOMENT)
    pictures = [shape for shape in list(reading.opened(file).slides)[1].shapes if shape.shape_type == 13]
    assert pictures[0].image.blob == PNG


def test_a_panel_that_fails_is_a_slide_that_says_so(cockpit, monkeypatch):
    def fails(_answer: Answer, _lang: str) -> list:
        raise RuntimeError("broken")

    monkeypatch.setitem(FORMS, panels["overview.trend"].draw, fails)
    file = deck([Item("overview.trend"), Item("overview.sources")], lang="en")
    assert len(reading.opened(file).slides) == 3
    assert "could not be updated" in words_on(file).lower() or "not" in words_on(file)


def test_an_unknown_panel_is_refused_before_any_work(cockpit):
    with pytest.raises(KeyError):
        deck([Item("overview.trend"), Item("overview.nothing")], lang="zh", progress=lambda _a, _b: pytest.fail("work"))


def test_an_item_keeps_its_own_moment(cockpit):
    file = deck([Item("overview.trend", "?at=2026-05-01T09:00")], lang="zh")
    assert "2026-05-01 09:00" in words_on(file)


def test_the_foot_cuts_what_is_too_long(cockpit):
    view = View(lang="en")
    about = meta(panels["overview.trend"], view, panels["overview.trend"].answer(view))
    about["note"] = "very long words " * 40
    show = slide_frame.blank_show()
    slide = show.slides.add_slide(show.slide_layouts.get_by_name("Title Only"))
    slide_frame.foot(slide, about, "http://host/" + "x" * 300, "en")
    (foot,) = [shape for shape in slide.shapes if shape.name == "foot"]
    assert reading.tall(foot.text_frame, foot.width.inches) <= foot.height.inches
    assert "…" in foot.text_frame.text


def test_opens_in_libreoffice(cockpit, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not here to open the file")
    told = tmp_path / "deck.pptx"
    some = [Item("overview.trend"), Item("overview.ranking"), Item("overview.map"), Item("flood.station")]
    told.write_bytes(deck(some, lang="zh", picture=lambda _item, _kind: PNG))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    done = subprocess.run([office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(told)],
                          capture_output=True, timeout=180, check=False)  # fmt: skip
    pdf = (tmp_path / "deck.pdf").read_bytes()
    assert done.returncode == 0
    assert (
        pdf.count(b"/Type/Page\n") + pdf.count(b"/Type/Page/") + pdf.count(b"/Type /Page\n") == len(some) + 1
        or b"/Count 5" in pdf
    )
