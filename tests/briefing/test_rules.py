"""Rules on answers made for them: what they say, and what they do not say."""

from datetime import datetime

import pandas as pd
import pytest

from briefing.rules import RULES
from briefing.sentences import Asked, Context
from components.panel import Answer, Measured
from components.view import View
from data_access.indicators import Indicator, shipped
from domain.periods import Base, Span

AT = datetime(2026, 6, 18, 7, 30)
SPAN, BEFORE = Span(datetime(2026, 6, 17), datetime(2026, 6, 18)), Span(datetime(2026, 6, 16), datetime(2026, 6, 17))


@pytest.fixture(autouse=True)
def vocabulary(monkeypatch):
    known: dict[str, Indicator] = {one.key: one for one in shipped()}
    for place in ("briefing.rules", "briefing.sentences"):
        monkeypatch.setattr(f"{place}.indicators", lambda: known)


def context(name: str, rows: list[dict], measured=(), *, unlike: bool = False) -> Context:
    answer = Answer(pd.DataFrame(rows), tuple(measured))
    made = Context("zh", None, AT, SPAN, Base(BEFORE, "calendar"), "前一日", unlike)  # type: ignore[arg-type]
    made.section, made.parts = "s", {name: Asked(name, View(), answer)}
    return made


def tile(key: str, value, base=None, numerator=None, denominator=None, *, few=False) -> dict:
    return {"key": key, "value": value, "base": base, "numerator": numerator, "denominator": denominator, "few": few}


def said(rule: str, made: Context, **options) -> list[tuple[str, str]]:
    return [(one.tone, one.phrase.text) for one in RULES[rule](made, options)]


RATE = {"of": "p", "keys": ["hotline.on_time"]}


@pytest.mark.parametrize(
    ("row", "tone", "text"),
    [
        (tile("hotline.on_time", 0.9615, 0.974, 100, 104), "bad",
         "按期办结率 96.15%（100 / 104），低于目标 97%，比前一日降 1.25 个百分点。"),
        (tile("hotline.on_time", 0.9712, 0.97119, 101, 104), "good",
         "按期办结率 97.12%（101 / 104），达到目标 97%，与前一日持平。"),
        (tile("hotline.on_time", 0.98, None, 98, 100), "good", "按期办结率 98.00%（98 / 100），达到目标 97%。"),
        (tile("hotline.on_time", None, None, 0, 0), "note", "按期办结率：这一期没有要计算的件，没有比率。"),
        (tile("hotline.on_time", None, None, None, None), "note", "按期办结率：没有收到这一期的数据，不作判断。"),
    ],
)  # fmt: skip
def test_a_rate_has_its_parts_target_and_points(row, tone, text):
    assert said("rates", context("p", [row]), **RATE) == [(tone, text)]


def test_a_rate_of_few_cases_is_not_said():
    assert said("rates", context("p", [tile("hotline.on_time", 0.5, 1.0, 1, 2, few=True)]), **RATE) == []


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (170, 211, "热线受理量 170 件，比前一日少 41 件（−19.4%）。"),
        (22, 12, "热线受理量 22 件，比前一日多 10 件。"),  # no percentage of next to nothing
        (50, 50, "热线受理量 50 件，与前一日相同。"),
        (50, None, "热线受理量 50 件，没有可比的前期数据。"),
    ],
)
def test_a_volume_and_its_change(now, before, text):
    made = context("p", [tile("hotline.received", now, before)])
    assert said("volume", made, of="p", key="hotline.received") == [("note", text)]


def test_days_of_another_kind_are_no_headline():
    row = tile("hotline.received", 100, 300)
    (alike,) = RULES["volume"](context("p", [row]), {"of": "p", "key": "hotline.received"})
    (unlike,) = RULES["volume"](context("p", [row], unlike=True), {"of": "p", "key": "hotline.received"})
    assert unlike.weight < alike.weight
    assert "不宜直接相比" in unlike.phrase.text


def part(kind: str, name: str, value: float, base: float, share: float = 0.5) -> dict:
    return {
        "kind": kind,
        "code": name,
        "name": name,
        "delta": value - base,
        "share": share,
        "value": value,
        "base": base,
    }


def test_movers_are_those_beyond_chance():
    rows = [
        part("topic", "燃气", 18, 3),
        part("topic", "供水", 62, 58),
        part("topic", "停车", 9, 2),
        part("topic", "暖气", 20, 45),
    ]
    assert said("movers", context("overview.changed", rows)) == [
        ("note", "与前一日相比明显增加的类别：燃气 3 → 18 件（多 15）。"),
        ("note", "与前一日相比明显减少的类别：暖气 45 → 20 件（少 25）。"),
    ]
    assert said("movers", context("overview.changed", rows[1:3])) == [
        ("note", "与前一日相比，没有哪个类别的变化超出正常波动。")
    ]


def test_a_share_is_said_only_of_a_change_that_is_one():
    rows = [part("place", "东区", 90, 40, 0.625), part("place", "西区", 100, 70, 0.375)]
    clear = context("overview.changed", rows, [Measured("hotline.received", 190, base=110)])
    assert said("where", clear) == [("note", "增加最多的地方是东区：40 → 90 件（多 50），占全部变化的 62.5%。")]
    level = context(
        "overview.changed", [rows[0], part("place", "西区", 100, 145)], [Measured("hotline.received", 190, base=185)]
    )
    assert said("where", level) == [("note", "增加最多的地方是东区：40 → 90 件（多 50）。")]


def place(name: str, numerator: int, denominator: int) -> dict:
    return {
        "kind": "place",
        "name": name,
        "value": numerator / denominator,
        "numerator": numerator,
        "denominator": denominator,
    }


def test_places_with_few_cases_are_not_judged():
    options = {"of": "p", "key": "hotline.on_time", "who": {"zh": "区县", "en": "districts"}}
    rows = [place("东区", 30, 40), place("西区", 99, 100), place("南区", 100, 100), place("北区", 0, 29)]
    assert said("below", context("p", rows), **options) == [
        ("bad", "样本足够的 3 个区县中 1 个按期办结率没有达到目标 97%，最差的是东区 75.00%（30 / 40）。")
    ]
    assert said("below", context("p", rows[1:]), **options) == []  # two say nothing of places
    assert said("below", context("p", [*rows[1:3], place("中区", 50, 50)]), **options)[0][0] == "good"


def test_alarms_of_one_station_are_told_once_and_false_ones_apart():
    def alarm(name: str, day: int, level: int, state: str = "cleared") -> dict:
        return {
            "alarm": f"{name}{day}", "name": name, "place": "云水河", "highest": level, "words": "超警戒",
            "state": state,
            "raised_at": pd.Timestamp(2026, 6, day, 3), "minutes": 60.0, "said": "已解除",
        }  # fmt: skip

    rows = [alarm("甲", 17, 3), alarm("甲", 17, 2), alarm("乙", 17, 4, "false_alarm"), alarm("丙", 15, 4)]
    made = context("past", rows)
    made.parts = {**made.parts, "open": Asked("open", View(), Answer(pd.DataFrame(), blank="empty"))}
    (past, live) = said("alarms", made, past="past", open="open")
    assert past == (
        "bad",
        "本期内有过并已解除的报警 2 条，最高为橙色(Ⅱ)：甲(云水河)橙色(Ⅱ)，超警戒，06-17 03:00 起历时 60 分钟，已解除，"
        "同站共 2 次。另有误报 1 条。",
    )
    assert live == ("good", "截至 06-18 07:30 没有未解除的报警。")
