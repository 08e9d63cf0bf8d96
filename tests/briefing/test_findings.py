"""Findings: one sentence that holds nothing which the answer does not, and whose arithmetic is right."""

import math
import re
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from briefing import findings, saying
from briefing.findings import finding
from briefing.standing import Found, Stand, outstanding
from components import bodies, figures
from components.bodies import services_crossing, services_halls
from components.panel import Answer, Measured, Panel
from components.view import View

NAN = math.nan
RATE = "hotline.on_time"  # a share, higher is better, target 97 %
COUNT = "hotline.received"  # a flow without a good direction
OPEN = "hotline.open"  # a stock, lower is better


@pytest.fixture(autouse=True)
def no_city(duckdb_only):
    """No place: sentences begin with the indicator."""


def panel(draw: Any = bodies.tiles, name: str = "hotline.headline") -> Panel:
    return Panel(name, lambda _view: Answer(pd.DataFrame()), draw, False, (), "hotline", "", None, "", ())


def said(
    answer: Answer, draw: Any = bodies.tiles, *, lang: str = "zh", name: str = "hotline.headline", **query: str
) -> str:
    return finding(panel(draw, name), View().to(lang=lang, **query), answer)


def one(key: str, value: float | None, *parts: float | None, base: float | None = None) -> Answer:
    numerator, denominator = parts or (None, None)
    return Answer(pd.DataFrame({"key": [key]}), (Measured(key, value, numerator, denominator, base),))


def places(*rows: tuple[str, float, float, bool], **facts: Any) -> Answer:
    """name, value, denominator, few."""
    frame = pd.DataFrame(
        {
            "name": [row[0] for row in rows],
            "value": [row[1] for row in rows],
            "numerator": [row[1] * row[2] for row in rows],
            "denominator": [row[2] for row in rows],
            "few": [row[3] for row in rows],
        }
    )
    return Answer(frame, (Measured(RATE, 0.95, 95, 100),), {"ratio": True, "better": "higher"} | facts)


def test_a_rate_with_its_parts_base_and_target():
    words = said(one(RATE, 0.96, 480, 500, base=0.975))
    assert words == "按期办结率 96.00%(480/500),比去年同期 97.50% 低 1.50 个百分点,向差,未达目标 97%"


def test_the_same_in_english():
    words = said(one(RATE, 0.98, 490, 500, base=0.975), lang="en")
    assert words == (
        "Closed on time 98.00% (490/500), 0.50 percentage points above last year (97.50%), better, target 97% kept"
    )


def test_a_count_says_how_many_more_and_per_cent():
    words = said(one(COUNT, 865, base=448))
    assert words == "热线受理量 865 件,比去年同期 448 件 多 417 件(+93.1%)"  # 865 - 448 = 417; 417 / 448
    assert "好" not in words
    assert "差" not in words


def test_fewer_open_orders_are_better():
    assert said(one(OPEN, 60, base=80), compare="mom").endswith("比上期 80 件 少 20 件(−25.0%),向好")


def test_a_small_base_gives_no_percentage():
    assert said(one(COUNT, 12, base=8)) == "热线受理量 12 件,比去年同期 8 件 多 4 件"


def test_what_rounds_to_nothing_is_level():
    assert "持平" in said(one(RATE, 0.980001, 500, 510, base=0.98))
    assert "持平" in said(one(COUNT, 400, base=400))


def test_a_missing_base_is_said_where_one_is_expected():
    assert "去年同期无可比基数" in said(one(COUNT, 400))
    assert "可比" not in said(one(COUNT, 400), compare="none")
    assert "可比" not in said(one(COUNT, 400), bodies.flood_health)


def test_a_zero_base_is_told_and_no_percentage():
    assert said(one(COUNT, 5, base=0)) == "热线受理量 5 件,去年同期为 0 件"


def test_zero_is_said_as_zero():
    assert said(one(COUNT, 0, base=50)) == "热线受理量 0 件,比去年同期 50 件 少 50 件(−100.0%)"


def test_a_small_sample_is_not_judged():
    words = said(one(RATE, 0.5, 5, 10))
    assert "样本仅 10,不评判" in words
    assert "目标" not in words


def test_of_several_the_one_that_misses_its_target_is_told():
    good, bad = Measured(COUNT, 100, base=100), Measured(RATE, 0.9, 90, 100)
    small = Measured("hotline.satisfaction", 0.1, 1, 10)
    told = Answer(pd.DataFrame({"key": ["a"]}), (good, small, bad))
    assert said(told).startswith("按期办结率 90.00%(90/100)")


def test_nothing_with_a_value_is_a_list():
    told = Answer(pd.DataFrame({"name": ["甲", "乙"]}), (Measured(RATE, None),))
    assert said(told, bodies.ledger, name="figures.ledger") == "公开数据台账 2 项,首位 甲"


def test_empty_none_and_lacking_are_told_apart():
    nothing = pd.DataFrame()
    empty = said(Answer(nothing, blank="empty"))
    none = said(Answer(nothing, blank="none"))
    lacking = said(Answer(nothing, blank="none", note="来源没有提供渠道", facts={"lacking": ["channel"]}))
    assert "是零,不是缺数" in empty
    assert "来源没有给出" in none
    assert "来源没有提供渠道" in lacking
    assert len({empty, none, lacking}) == 3


def test_a_late_source_is_said():
    words = finding(panel(), View(lang="zh"), one(COUNT, 5), late=timedelta(minutes=51))
    assert words.endswith(";数据迟到 51 分钟")


def test_the_lowest_of_fair_samples_stands_out():
    told = places(("甲", 0.99, 100, False), ("乙", 0.91, 200, False), ("丙", 0.20, 5, True))
    assert said(told, bodies.ranking).endswith("乙最低:91.00%(182/200)")


def test_equal_ones_are_named_together_or_counted():
    two = places(("甲", 0.9, 100, False), ("乙", 0.9, 100, False), ("丙", 0.99, 100, False))
    assert said(two, bodies.ranking).endswith("甲、乙并列最低:90.00%")
    three = places(*((name, 0.9, 100, False) for name in "甲乙丙"), ("丁", 1.0, 100, False))
    assert said(three, bodies.ranking).endswith("3 个并列最低:90.00%")


def test_nothing_stands_out_of_one_or_of_equals():
    assert "最低" not in said(places(("甲", 0.9, 100, False)), bodies.ranking)
    assert "最低" not in said(places(("甲", 0.9, 100, False), ("乙", 0.9, 100, False)), bodies.ranking)
    assert "最低" not in said(places(("甲", 0.9, 100, False), ("乙", NAN, 100, False)), bodies.ranking)


def test_lower_is_better_names_the_highest():
    told = places(("甲", 0.9, 100, False), ("乙", 0.95, 100, False), better="lower")
    assert outstanding(told, Stand(parts=("numerator", "denominator"))) == Found((1,), highest=True)


def test_samples_without_a_mark_need_thirty():
    told = places(("甲", 0.9, 29, False), ("乙", 0.95, 30, False), ("丙", 0.99, 31, False))
    without = Answer(told.frame.drop(columns="few"), facts=told.facts)
    assert outstanding(without, Stand(parts=("numerator", "denominator"))) == Found((1,), highest=False)


def sentences(*rows: tuple[str, str, str, str, bool]) -> Answer:
    names = ("kind", "before", "name", "after", "joined")
    return Answer(pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows]))


def test_situations_speak_for_themselves():
    told = sentences(
        ("bad", "逾期 2 件,最多", "公安局", "1", False),
        ("bad", ",地方", "甲区", "1", True),
        ("note", "晴", "", "", False),
    )
    assert said(told, bodies.situation) == "逾期 2 件,最多公安局1,地方甲区1;晴"
    assert [words for _, words in saying.sentences(told)] == ["逾期 2 件,最多公安局1,地方甲区1", "晴"]


def test_long_sentences_stand_alone():
    told = sentences(("bad", "长" * 50, "", "", False), ("bad", "长" * 50, "", "", False))
    assert said(told, bodies.situation) == "长" * 50


def test_a_panel_with_a_sentence_is_taken_at_its_word():
    assert said(Answer(pd.DataFrame({"a": [1]}), facts={"sentence": "一句话"}), bodies.changes) == "一句话"


def test_the_wettest_hour_and_the_sum():
    hours = pd.date_range("2026-06-18 01:00", periods=3, freq="h")
    frame = pd.DataFrame(
        {"moment": [*hours, hours[-1]], "mm": [1.0, 2.5, NAN, 9.0], "part": ["past"] * 3 + ["forecast"]}
    )
    assert said(Answer(frame), bodies.flood_replay) == "近 2 小时面雨量 3.5 mm,最大 06-18 02:00 的一小时 2.5 mm"
    dry = frame.assign(mm=[0.0, 0.0, NAN, 9.0])
    assert said(Answer(dry), bodies.flood_replay) == "近 2 小时没有下雨"


def test_a_river_counts_what_is_above():
    frame = pd.DataFrame({"name": ["甲站", "乙站", "丙站"], "margin": [0.2, 0.9, NAN]})
    assert said(Answer(frame), bodies.flood_line) == "2 站中 2 站超阈值,乙站最高:+0.90 m"


def test_a_station_says_its_level_and_what_that_means():
    facts = {
        "title": "白石站",
        "figures": {"value": "92.97", "unit": "m", "against": "距警戒 −0.33", "cells": [("涨率", "↑")]},
    }
    assert (
        said(Answer(pd.DataFrame({"part": ["water"]}), facts=facts), figures.hydrograph)
        == "白石站 92.97 m,距警戒 −0.33,涨率 ↑"
    )


def test_a_reservoir_says_how_far_it_is_from_its_limit():
    row = {"name": "甲库", "level": 116.08, "margin": 0.28, "threshold": "limit", "inflow": 421.9, "outflow": 2.0}
    assert (
        said(Answer(pd.DataFrame([row])), bodies.flood_reservoirs)
        == "甲库 116.08 m,超汛限 0.28 m,入库 422、出库 2 m³/s"
    )
    below = pd.DataFrame([row | {"margin": -0.5, "inflow": NAN}])
    assert said(Answer(below), bodies.flood_reservoirs) == "甲库 116.08 m,距汛限 0.50 m"


def test_windows_say_their_load_and_how_many_would_do():
    facts = {"load_before": 0.9999, "open": 4, "target": 5.0, "enough": 6}
    words = said(Answer(pd.DataFrame({"kind": ["windows"]}), facts=facts, note="甲厅 · 到达"), services_halls.whatif)
    assert words.startswith("甲厅现开 4 个窗口,利用率 100%")
    assert "6" in words.partition("100%")[2]


def test_nobody_from_elsewhere_is_a_list_again():
    frame = pd.DataFrame({"from_name": ["甲城"], "cases": [2]})
    facts = {"crossed": 11, "share": 0.0229, "places": 6}
    assert "11" in said(Answer(frame, facts=facts), services_crossing.crossing)
    assert (
        said(Answer(frame, facts={}), services_crossing.crossing, name="services.crossing")
        == "跨域与一件事 1 项,首位 甲城"
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_sentence_holds_nan_or_braces(lang):
    for value, base in ((None, None), (0.0, 0.0), (1e9, 1e-9), (0.5, None), (NAN, NAN)):
        for key in (RATE, COUNT, OPEN, "flood.margin"):
            words = said(Answer(pd.DataFrame({"key": [key]}), (Measured.of(key, value, base=base),)), lang=lang)
            assert words.strip()
            assert not re.search(r"nan|None|[{}]", words), words


def test_values_have_their_unit():
    known = findings.indicators()
    assert findings.value_said(known[COUNT], 12_345, "zh") == "1.23万 件"
    assert findings.value_said(known[RATE], 0.9787, "en") == "97.87%"
