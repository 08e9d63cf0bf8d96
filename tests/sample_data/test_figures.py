"""The published figures: all of them, each where its locator says, against the documents where they are at hand."""

import csv
import re
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select

from data_access import engine
from data_access.schema import published_figure
from sample_data import figures

DOCUMENTS = Path(__file__).parents[3] / "shared"
SOURCE = DOCUMENTS / "domain" / "seed_figures_ext.csv"
needs_documents = pytest.mark.skipif(not SOURCE.exists(), reason=f"the documents are not at hand: {SOURCE} is missing")
FACTS = ["row_id", "city", "adcode", "domain", "indicator_zh", "value", "unit", "value_base", "unit_base"]


def _source() -> dict[int, dict[str, str]]:
    with SOURCE.open(encoding="utf-8-sig", newline="") as file:
        return {int(row["row_id"]): row for row in csv.DictReader(file)}


def test_all_figures_of_five_cities():
    table = figures.table()
    assert list(table["row_id"]) == list(range(1, 251))
    assert table["adcode"].value_counts().to_dict() == {
        "330600": 107,
        "340600": 65,
        "211200": 41,
        "370700": 35,
        "340200": 2,
    }
    assert table.groupby("adcode")[["city", "document"]].nunique().eq(1).all(axis=None)
    assert set(table["qualifier"]) == {"=", ">", "<"}
    assert table["as_of_precision"].str.fullmatch("(day|month|year) (stated|document|inferred)").all()
    assert table["locator"].str.fullmatch(r"第\d+段第\d+–\d+字").all()
    for column in published_figure.columns:
        if length := getattr(column.type, "length", None):
            assert table[column.name].str.len().max() <= length


def test_base_value_follows_from_the_unit():
    table = figures.table()
    scale = table["unit"].str[:1].map({"万": 1e4, "亿": 1e8}).fillna(1.0)
    assert (table["value"] * scale - table["value_base"]).abs().max() < 1e-3
    assert (table["unit"].str.replace("^[万亿]", "", regex=True) == table["unit_base"]).all()


def test_a_bound_is_printed_as_a_bound():
    table = figures.table()
    bound = table["printed"].str.contains("超|余|多|近|不到|前|以上")
    assert (bound == (table["qualifier"] != "=")).all()


def test_loading_twice_changes_nothing(database):
    for _ in range(2):
        with engine.committing() as connection:
            assert figures.load(connection) == 250
    stored = engine.read(select(published_figure).order_by(published_figure.c.row_id))
    pd.testing.assert_frame_equal(stored, figures.table(), check_dtype=False)


@needs_documents
def test_no_fact_is_lost_or_changed():
    source = _source()
    with figures.FILE.open(encoding="utf-8", newline="") as file:
        ours = {int(row["row_id"]): row for row in csv.DictReader(file)}
    assert ours.keys() == source.keys()
    for row_id, row in ours.items():
        kept = [*FACTS, "qualifier", "kind", "as_of"]
        assert {key: row[key] for key in kept} == {key: source[row_id][key] for key in kept}
        assert row["as_of_precision"].split()[0] == source[row_id]["as_of_precision"]
        assert source[row_id]["indicator_en"].startswith(row["indicator_en"])


@needs_documents
def test_each_figure_stands_where_the_locator_says():
    source = _source()
    for row in figures.table().to_dict("records"):
        file = DOCUMENTS / "seeds" / source[row["row_id"]]["source_document"]
        paragraphs = [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
        found = re.fullmatch(r"第(\d+)段第(\d+)–(\d+)字", row["locator"])
        assert found is not None
        paragraph, first, last = map(int, found.groups())
        assert paragraphs[paragraph - 1][first - 1 : last] == row["printed"], row["row_id"]
        phrase = source[row["row_id"]]["phrase"]
        assert row["printed"] in phrase
        at = paragraphs[paragraph - 1].index(phrase)
        assert at < first <= last <= at + len(phrase)
        printed_number = re.search(r"\d+(\.\d+)?", row["printed"])
        if printed_number and row["row_id"] not in {41, 107, 151, 152}:  # 7×24 and 8+13 print two numbers
            assert float(printed_number[0]) * (1e4 if row["row_id"] == 123 else 1) in {
                row["value"],
                row["value"] * 1e4,
            }, row["row_id"]


@needs_documents
def test_no_sentence_of_the_documents_is_kept():
    phrases = {row["phrase"] for row in _source().values() if len(row["phrase"]) > 20}
    kept = figures.FILE.read_text(encoding="utf-8")
    assert phrases and not [phrase for phrase in phrases if phrase in kept]
