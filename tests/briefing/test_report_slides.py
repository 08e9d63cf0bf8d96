"""An archived report as slides: what they say is what was kept, whatever became of the data and of the panels."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from briefing import report_slides, templates
from briefing.exports import ReportSlides
from briefing.reports import EVIDENCE, period_of, publish
from briefing.routes import WISH
from components.panel import panels
from components.words import text
from data_access import reports
from data_access.kept_frames import reopened
from tests.briefing import slide_reading as reading
from tests.briefing.test_slides import PNG

WHEN = datetime(2026, 6, 15, 8)


@pytest.fixture
def issue(cockpit) -> reports.Issue:
    found, _ = templates.load(None, panels)
    found_ = reports.issue(publish(found["weekly"], period_of(found["weekly"], WHEN), lang="zh"))
    assert found_ is not None
    return found_


@pytest.fixture(params=["zh", "en"])
def lang(request) -> str:
    return request.param


def slides(issue: reports.Issue, lang: str, **more: Any) -> list[Any]:
    return list(reading.opened(report_slides.deck(issue, lang=lang, origin="http://host:1", **more)).slides)


def words(slide: Any) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def shown(issue: reports.Issue, lang: str) -> list[reports.Part]:
    return [p for _, p in reports.parts(issue.key, lang) if p.shown["kind"] in ("figure", "table", "tiles")]


def of_parts(some: list[Any]) -> Iterator[Any]:
    """The slides that show a panel: their shapes are called by it."""
    return (s for s in some if any(n.name.partition(" ")[0] in panels for n in s.shapes))


def test_each_part_has_a_slide_that_says_what_was_kept(issue, lang):
    told, kept = list(of_parts(slides(issue, lang))), shown(issue, lang)
    assert len(told) == len(kept) > 8
    kinds = set()
    for slide, part in zip(told, kept, strict=True):
        kinds.add(part.shown["kind"])
        match part.shown["kind"]:
            case "tiles":
                said = words(slide)
                for tile in part.shown["tiles"]:
                    assert tile["name"] in said
                    assert tile["value"] in said
            case "table":
                (table,) = [shape.table for shape in slide.shapes if shape.has_table]
                head, *rows = reading.cells_of(table)
                assert head == [one["words"] for one in part.shown["head"]]
                assert rows == [[cell["t"] for cell in row] for row in part.shown["rows"]][: len(rows)]
                left = part.shown["more"] + len(part.shown["rows"]) - len(rows)
                assert not left or text("slide.more", lang, n=left) in words(slide)
            case _:
                (chart,) = [shape.chart for shape in slide.shapes if shape.has_chart]
                value = chart.plots[0].series[0].values
                assert [None if v != v else v for v in reopened(part.frame)["value"]] == list(value)  # noqa: PLR0124
    assert kinds == {"tiles", "table", "figure"}


def test_all_sentences_stand_on_slides_and_titles_are_of_what_is_under_them(issue, lang):
    some = slides(issue, lang)
    said = {one["text"]: one["id"] for one in issue.text.content[lang]}
    everything = "\n".join(map(words, some))
    assert said
    for sentence in said:
        assert sentence in everything
    evidence = next(p for _, p in reports.parts(issue.key, lang) if p.panel == EVIDENCE)
    rests = set(reopened(evidence.frame)[["sentence", "panel"]].itertuples(index=False, name=None))
    titles = [
        (slide.shapes.title.text_frame.text, part)
        for slide, part in zip(of_parts(some), shown(issue, lang), strict=True)
    ]
    of_sentences = [(said[title], part.panel) for title, part in titles if title in said]
    assert len(of_sentences) >= 4
    assert set(of_sentences) <= rests
    assert all(title in said or title == part.shown["title"] for title, part in titles)


def test_what_a_person_wrote_is_what_the_slides_say(issue):
    content = {one: [dict(s) for s in some] for one, some in issue.text.content.items()}
    content["zh"][0] |= {"text": "本周总体平稳。", "edited": "王秘书"}
    reports.revise(issue.key, 1, content, person="王秘书", state="released", now=WHEN)
    newer = reports.issue(issue.key)
    assert newer is not None
    assert any("本周总体平稳。" in words(slide) for slide in slides(newer, "zh"))
    assert text("report.released", "zh") in words(slides(newer, "zh")[0])


def test_it_stays_the_same_when_panels_are_gone(issue, monkeypatch):
    before = [words(slide) for slide in slides(issue, "zh")]
    for name in list(panels):
        monkeypatch.delitem(panels, name)
    later = slides(issue, "zh")
    asked: list[int] = []

    def picture(place: int) -> bytes:
        asked.append(place)
        return PNG

    drawn = slides(issue, "zh", picture=picture)
    figures = [place for place, part in reports.parts(issue.key, "zh") if part.shown["kind"] == "figure"]
    assert asked == figures  # what had a native form is a picture now; without a browser a table
    assert [s.shapes.title.text_frame.text for s in later] == [s.shapes.title.text_frame.text for s in drawn]
    assert [told.splitlines()[0] for told in before] == [words(slide).splitlines()[0] for slide in later]
    assert sum(shape.shape_type == 13 for slide in drawn for shape in slide.shapes) == len(figures)
    tables = [sum(shape.has_table for slide in some for shape in slide.shapes) for some in (later, drawn)]
    assert tables[0] == tables[1] + len(figures)


def test_a_report_that_does_not_exist_is_refused_with_words(cockpit):
    wish = WISH.validate_python({"make": "report-pptx", "report": "daily-1999-001", "lang": "en"})
    assert isinstance(wish, ReportSlides)
    assert wish.wrong == text("report.unknown", "en")
