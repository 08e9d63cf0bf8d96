"""Figures of other domains: read, placed, checked; corrections are later rows; a file loaded again changes nothing."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, select

from data_access import clock, engine, observations
from data_access.areas import tree
from data_access.intake.description import IntakeError, read_description
from data_access.intake.load import load_files
from data_access.schema import load_log, observation, quarantine
from data_access.schema import source as sources
from data_access.settings import ROOT
from tests.data_access.intake.conftest import NOW, Load

GENERIC = (ROOT / "sample_data" / "sources" / "observations_generic.toml").read_text("utf-8")
HEAD = "指标,日期,区域代码,区县,分子,分母,数值,发布时间\n"
GOOD = (
    HEAD + '供水量,2026-06-01,D1,,,,"1,200",2026-06-02 06:00\n'
    "water.consumption,2026/06/01,,大安区,,,0.3万,2026-06-02 06:00\n"
    "网上办件率,2026年06月01日,S11,,80,100,80%,2026-06-02 06:00\n"
)


def kept() -> pd.DataFrame:
    c = observation.c
    return engine.read(select(*c).order_by(c.indicator, c.area, c.start, c.as_of))


def test_the_template_loads(city: Engine, load: Load) -> None:
    report = load(GOOD, source=GENERIC)
    assert (report.stored, report.quarantined) == (3, 0)
    assert report.placed_by == {"code": 2, "name": 1}
    figures = kept()
    assert figures["area"].tolist() == ["S11", "D1", "D2"]
    assert figures["value"].tolist()[1:] == [1200, 3000]
    assert pd.isna(figures["value"][0])  # a ratio is its parts
    assert (figures["numerator"][0], figures["denominator"][0]) == (80, 100)
    assert ((figures["end"] - figures["start"]) == timedelta(days=1)).all()
    assert (figures["as_of"] == pd.Timestamp("2026-06-02 06:00")).all()
    (logged,) = engine.read(select(load_log.c.rows_read, load_log.c.data_to)).itertuples(index=False)
    assert (logged.rows_read, logged.data_to) == (3, pd.Timestamp("2026-06-02"))
    assert engine.read(select(sources.c.key))["key"].tolist() == ["figures"]


def test_loaded_figures_are_what_pages_read(city: Engine, load: Load) -> None:
    load(GOOD, source=GENERIC)
    root = tree().root
    assert root is not None
    day = pd.Timestamp("2026-06-01").to_pydatetime()
    found = observations.daily(["water.consumption"], root, day, day + timedelta(days=1), NOW)["water.consumption"]
    assert [figure.amount for _, figure in found] == [4200]


def test_again_changes_nothing_and_a_correction_is_a_later_row(city: Engine, load: Load) -> None:
    load(GOOD, source=GENERIC)
    again = load(GOOD, source=GENERIC)
    assert (again.already, again.stored, again.updated) == (3, 0, 0)
    corrected = load(GOOD.replace("1,200", "1,300").replace("2026-06-02 06:00", "2026-06-05 06:00"), source=GENERIC)
    assert corrected.updated == 3  # the other two were published again
    silent = GOOD.replace("1,200", "1,250").replace("2026-06-02 06:00", "2026-06-05 06:00")
    unsaid = load(silent, source=GENERIC)  # another figure under a moment that has one
    assert (unsaid.updated, unsaid.already) == (1, 2)
    assert load(silent, source=GENERIC).already == 3
    waters = kept().query("area == 'D1'")
    assert waters["value"].tolist() == [1200, 1300, 1250]
    assert waters["as_of"].tolist() == [pd.Timestamp("2026-06-02 06:00"), pd.Timestamp("2026-06-05 06:00"), NOW]
    assert "corrections" in {one.code for one in unsaid.doubts}


def test_without_a_moment_it_is_known_from_now(duck_city: Engine, load: Load) -> None:
    rows = "indicator,day,code,value\nwater.consumption,2026-06-01,D1,5\n"
    assert load(rows, source=GENERIC).stored == 1
    with clock.held(NOW + timedelta(hours=1)):
        assert load(rows, source=GENERIC).already == 1
        assert load(rows.replace(",5", ",6"), source=GENERIC).updated == 1
    assert kept()["as_of"].tolist() == [NOW, NOW + timedelta(hours=1)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("nonsense,2026-06-01,D1,,,,1,", "no_indicator"),
        ("供水量,2026-06-01,XX,,,,1,", "no_place"),
        ("供水量,2026-06-01,,,,,1,", "no_place"),
        ("供水量,,D1,,,,1,", "no_period"),
        ("供水量,yesterday,D1,,,,1,", "bad_time"),
        ("供水量,2027-06-01,D1,,,,1,", "future"),
        ("供水量,1899-06-01,D1,,,,1,", "year"),
        ("供水量,2026-06-01,D1,,,,many,", "bad_number"),
        ("供水量,2026-06-01,D1,,,,,", "no_figure"),
        ("网上办件率,2026-06-01,D1,,,,0.8,", "no_parts"),
        ("供水量,2026-06-01,D1,,,,1201,2026-06-02 06:00", "contradiction"),
        ("供水量,2026-06-01", "ragged"),
    ],
)
def test_what_cannot_be_believed_is_refused(duck_city: Engine, load: Load, row: str, reason: str) -> None:
    report = load(GOOD + row + "\n", source=GENERIC)
    assert (report.stored, report.quarantined) == (3, 1)
    assert dict(report.reasons) == {reason: 1}
    refused = engine.read(select(quarantine.c.line, quarantine.c.reason))
    assert refused["line"].tolist() == [5]
    assert refused["reason"][0].startswith(reason)
    assert len(kept()) == 3


def test_months_and_spans_of_the_whole_city(duck_city: Engine, load: Load) -> None:
    month = """
key = "m"
name_zh = "月"
name_en = "Months"
kind = "observations"
[columns]
indicator = { constant = "services.accepted" }
month = "month"
value = "n"
document = { constant = "Monthly report" }
[times]
formats = ["%Y-%m"]
"""
    load("month,n\n2026-02,10\n2026-05,20\n", source=month)
    span = month.replace('month = "month"', 'start = "from"\nend = "to"').replace('"%Y-%m"', '"iso"')
    report = load("from,to,n\n2026-06-01,2026-06-03,5\n2026-06-03,2026-06-01,5\n", source=span)
    assert dict(report.reasons) == {"period_order": 1}
    figures = kept()
    assert figures["area"].unique().tolist() == ["C"]
    assert figures["document"].unique().tolist() == ["Monthly report"]
    assert [str(one.date()) for one in figures["end"]] == ["2026-03-01", "2026-06-01", "2026-06-03"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("indicator = [", "indicators = [", "no field indicators"),
        ('day = ["日期", "day"]', "", "period"),
        ("value = {", "# value = {", "figures"),
        ("code = { column", "address = { column", "knows code, district and street"),
    ],
)
def test_mistakes_in_the_description_are_sentences(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    text = GENERIC.replace(old, new)
    if sentence == "figures":
        text = text.replace("numerator = {", "# numerator = {")
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    with pytest.raises(IntakeError, match=sentence):
        read_description(tmp_path / "s.toml")


def test_one_bad_file_undoes_all(duck_city: Engine, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(GENERIC, encoding="utf-8")
    (tmp_path / "a.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(IntakeError, match=r"b\.csv has no column"):
        load_files(tmp_path / "s.toml", [tmp_path / "a.csv", tmp_path / "b.csv"])
    assert kept().empty
