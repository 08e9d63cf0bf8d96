"""Reports: no number is said that is not in what is kept; they open again as they were; hands change words only."""

import json
import math
import re
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from briefing import reports as making
from briefing import templates
from briefing.reports import EVIDENCE, Period, make, period_of, publish
from briefing.sentences import changed, difference, phrase, points, rate, significant
from components.panel import panels
from components.view import View
from components.words import section
from data_access import reports
from data_access.kept_frames import reopened
from tests.conftest import MOMENT

KINDS = {
    "daily": datetime(2026, 6, 18, 7, 30),
    "weekly": datetime(2026, 6, 15, 8),
    "monthly": datetime(2026, 6, 1, 8, 30),
}
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@pytest.fixture(scope="module")
def shipped():
    found, wrong = templates.load(None, panels)
    assert wrong == []
    return found


@pytest.fixture(params=KINDS)
def made(request, cockpit, shipped):
    loaded = shipped[request.param]
    return make(loaded, period_of(loaded, KINDS[request.param]), lang="zh")


def numbers_of(parts) -> set[float]:
    """Every number of some parts: of frames, and measured."""
    found: set[float] = set()
    for part in parts:
        frame = reopened(part.frame)
        for name in frame.select_dtypes(include=[np.number]).columns:
            found |= {float(v) for v in frame[name].dropna()}
        for one in part.measured:
            found |= {float(v) for k, v in one.items() if k != "key" and v is not None}
    return found | {abs(v) for v in found}


def said_as(text: str, value: float) -> bool:
    """Whether a text says the number, rounded to the decimals it shows, half up."""
    shown = NUMBER.search(text.replace("−", ""))
    if shown is None:
        return False
    plain = shown[0].replace(",", "")
    digits = len(plain.partition(".")[2])
    return abs(float(plain) - abs(value)) <= 0.5 * 10**-digits * (1 + 1e-9)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_of_a_sentence_is_in_what_is_kept(made, lang):
    parts = [part for part in made.parts if part.lang == lang]
    evidence = reopened(next(part.frame for part in parts if part.panel == EVIDENCE))
    by_panel = {part.panel: numbers_of([part]) for part in parts}
    rows = {part.panel: len(reopened(part.frame)) for part in parts}
    targets = {one["target"] for part in parts for one in part.meta.get("definitions", ())}
    fixed = {n for words in section("report_says", lang).values() for n in NUMBER.findall(words)}
    sentences = made.content[lang]
    assert len(sentences) > 12
    checked = 0
    for sentence in sentences:
        left = sentence["text"]
        mine = evidence[evidence["sentence"] == sentence["id"]]
        for said in sorted(mine["said"], key=len, reverse=True):
            assert said in sentence["text"]
            left = left.replace(said, "|", 1)
        assert set(NUMBER.findall(left)) <= fixed, sentence["text"]
        for row in mine.itertuples():
            if row.how == "name":
                continue
            checked += 1
            known = by_panel[row.panel]
            match row.how:
                case "cell":
                    assert row.value in known
                    assert said_as(row.said, row.value)
                case "percent":
                    assert row.value in known
                    assert said_as(row.said, row.value * 100)
                case "difference":
                    assert {row.a, row.b} <= known
                    assert said_as(row.said, row.a - row.b)
                case "change":
                    assert {row.a, row.b} <= known
                    assert said_as(row.said, (row.a - row.b) / row.b * 100)
                    assert row.said[0] == ("+" if row.a > row.b else "−")
                case "points":
                    assert {row.a, row.b} - {0.0} <= known
                    assert said_as(row.said, (row.a - row.b) * 100)
                case "target":
                    assert row.value in targets
                    assert said_as(row.said, row.value * 100)
                case "count":
                    assert 0 < row.value <= rows[row.panel]
                    assert said_as(row.said, row.value)
                case other:
                    raise AssertionError(other)
    assert checked > 20


def test_the_number_test_sees():
    assert said_as("1,180", 1180.0)
    assert said_as("97.36%", 97.3637)
    assert not said_as("97.37%", 97.3637)
    assert not said_as("1,181", 1180.0)


def test_both_languages_say_the_same(made):
    told = {lang: [part for part in made.parts if part.lang == lang] for lang in ("zh", "en")}
    assert [part.panel for part in told["zh"]] == [part.panel for part in told["en"]]
    ids = {lang: [one["id"] for one in made.content[lang]] for lang in told}
    assert ids["zh"] == ids["en"]
    for zh, en in zip(made.content["zh"], made.content["en"], strict=True):
        assert (zh["tone"], zh["weight"], zh["section"]) == (en["tone"], en["weight"], en["section"])


def test_what_is_kept_is_what_the_panels_answer(made, cockpit):
    """Asked again through the address that is kept."""
    asked = [part for part in made.parts if part.meta]
    assert len(asked) > 20
    for part in asked:
        name = part.shown["panel"]
        view = View.from_search(part.search)
        assert view.at is not None
        pd.testing.assert_frame_equal(
            reopened(part.frame), panels[name].answer(view).frame.reset_index(drop=True), check_dtype=False
        )


def test_a_report_opens_as_it_was_when_data_and_code_change(cockpit, shipped, monkeypatch):
    loaded = shipped["daily"]
    key = publish(loaded, period_of(loaded, KINDS["daily"]), lang="zh")
    client = cockpit.server.test_client()
    before = panels["reports.issue"].answer(View(report=key))
    figures = [part["picture"] for part in before.facts["parts"] if part["kind"] == "figure"]
    drawn = [client.get(one).get_data(as_text=True) for one in figures]
    assert figures
    assert all(json.loads(one)["data"] for one in drawn)
    for name in list(panels):
        if not name.startswith("reports."):
            monkeypatch.delitem(panels, name)
    monkeypatch.setattr(templates, "SHIPPED", templates.SHIPPED / "nowhere")
    made_again = panels["reports.issue"].query(View(report=key))
    assert [client.get(one).get_data(as_text=True) for one in figures] == drawn
    kept = [{k: v for k, v in one.items() if k not in ("then", "today")} for one in before.facts["parts"]]
    assert [{k: v for k, v in one.items() if k not in ("then", "today")} for one in made_again.facts["parts"]] == kept
    assert made_again.facts["altered"] == []
    pd.testing.assert_frame_equal(made_again.frame, before.frame)


def test_a_panel_that_fails_is_said_and_the_rest_is_there(cockpit, shipped, monkeypatch):
    def broken(view):
        raise RuntimeError("no database")

    monkeypatch.setitem(panels, "flood.rain", replace(panels["flood.rain"], query=broken))
    loaded = shipped["daily"]
    draft = make(loaded, period_of(loaded, datetime(2026, 6, 16, 7, 30)), lang="zh")
    said = [one["text"] for one in draft.content["zh"]]
    assert any("没有取到" in one and "24 小时雨量" in one for one in said)
    assert any("水库" in one for one in said)


def test_a_period_never_reaches_beyond_now(cockpit, shipped):
    period = period_of(shipped["daily"], MOMENT + timedelta(hours=5))
    assert period == Period(datetime(2026, 6, 17), datetime(2026, 6, 18), MOMENT)
    assert period.words == "2026-06-17..2026-06-17"


def test_without_a_city_there_is_no_report(cockpit, shipped, monkeypatch):
    class Nowhere:
        root = None

        def get(self, _code):
            return None

    monkeypatch.setattr(making, "tree", Nowhere)
    with pytest.raises(making.NoCity):
        make(shipped["daily"], Period(MOMENT, MOMENT, MOMENT), lang="zh")


@pytest.mark.parametrize(
    ("before", "after", "clear"),
    [(3, 18, True), (0, 9, False), (0, 10, True), (100, 120, False), (100, 131, True), (1000, 1060, False)],
)
def test_a_change_is_told_from_chance(before, after, clear):
    assert significant(before, after) is clear
    assert significant(after, before) is clear


def test_arithmetic_of_what_is_said():
    assert difference(170, 211, "p").text == "41"
    assert changed(170, 211, "p").text == "−19.4%"
    assert changed(12, 3, "p") is None  # a percentage of next to nothing
    assert points(0.9236, 0.9271, "p").text == "0.35"
    assert rate(0.97365, "p").text == "97.37%"
    told = phrase("held_by", "zh", name="市公安局", n=difference(5, 2, "p"))
    assert told.text == "市公安局 3 件"
    assert [one.how for one in told.evidence] == ["name", "difference"]
    assert math.isnan(told.evidence[0].value)


def test_what_stands_on_top_is_the_weightiest_and_not_all_of_one_section():
    some = [{"id": str(i), "section": "a" if i < 4 else "b", "weight": w} for i, w in enumerate((9, 8, 7, 0, 1, 0))]
    assert [one["id"] for one in reports.on_top(some)] == ["0", "1", "4"]
    assert [one["id"] for one in reports.on_top(some, most=1)] == ["0"]


def test_a_report_is_small_enough_to_keep_for_years(cockpit, shipped):
    draft = make(shipped["weekly"], period_of(shipped["weekly"], KINDS["weekly"]), lang="zh")
    size = sum(len(part.frame) + len(json.dumps(part.shown)) + len(json.dumps(part.meta)) for part in draft.parts)
    assert size < 1_500_000
    assert reports.Draft is type(draft)
