"""The ledger of published figures: search, marks, checks and words."""

import pytest

from data_access import engine, ledger
from sample_data import figures

CONTRADICTIONS = {
    "shaoxing-calls",
    "shaoxing-calls-growth",
    "shaoxing-doublings-twice",
    "shaoxing-indicators",
    "shaoxing-inspections",
}


@pytest.fixture
def filled(database):
    with engine.committing() as connection:
        figures.load(connection)


def _rows(**asked: str) -> list[int]:
    return ledger.figures(**asked)["row_id"].tolist()


def test_all_figures_in_order(filled):
    assert _rows() == list(range(1, 251))
    assert _rows(city="", domain="", text="  ") == list(range(1, 251))


def test_by_city_and_domain(filled):
    assert len(_rows(city="340600")) == len(_rows(city="淮北市")) == 65
    assert _rows(city="淮北市", domain="data_open") == [21, 22]
    assert _rows(city="nowhere") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pue", [71]),
        ("PUE", [71]),
        ("超534.4万", [20]),
        ("超５３４．４万", [20]),
        ("金融超脑", [24, 25]),
        ("（第一批）", [36]),
        ("EXTRANET, administrative", [11]),
        ("沆", [114]),
        ("' or 1=1 --", []),
        ("_", []),
        ("\\", []),
        ("/%", []),
    ],
)
def test_search(filled, text, found):
    assert _rows(text=text) == found


def test_a_percent_sign_is_a_percent_sign(filled):
    found = ledger.figures(text="%")
    assert 0 < len(found) < 250
    assert found["printed"].str.contains("%").all()


def test_what_the_screen_says_of_a_figure(filled):
    row = ledger.figures(text="超534.4万次").iloc[0]
    assert (row["printed"], row["value"], row["unit"], row["value_base"], row["unit_base"]) == (
        "超534.4万次",
        534.4,
        "万次",
        5344000,
        "次",
    )
    assert (row["as_of"], row["as_of_precision"], row["as_of_basis"]) == ("2022", "year", "inferred")
    assert row["date_zh"] == "2022（到年，推断，原文未注日期）"
    assert row["date_en"] == "2022 (to the year, inferred, the document is undated)"
    assert (row["city_en"], row["domain_en"], row["kind_en"]) == ("Huaibei", "Data resources", "flow")
    assert row["locator_en"].startswith("paragraph 8, characters ")
    assert (row["mark"], row["mark_zh"], row["remark_en"]) == ("", "", "")
    assert "沆" in ledger.figures(text="沆").iloc[0]["remark_zh"]


def test_contradicting_figures_are_marked_even_when_others_are_filtered_away(filled):
    everything = ledger.figures()
    assert everything.loc[everything["mark"] == "contradiction", "row_id"].tolist() == [
        *(148, 150, 159, 161, 162, 173, 188, 189, 190, 191, 192, 202),
    ]
    row = ledger.figures(city="330600", text="26.8").iloc[0]
    assert "24.96" in row["mark_zh"] and "24.96" in row["mark_en"]


def test_checks(filled):
    checks = ledger.checks().set_index("check")
    assert len(checks) == len(ledger.words()["checks"])
    assert set(checks.index[checks["state"] == "contradiction"]) == CONTRADICTIONS
    assert set(checks.index[: len(CONTRADICTIONS)]) == CONTRADICTIONS
    for check, left, right in [
        ("shaoxing-records", "80 + 23 = 103", "103亿条"),
        ("shaoxing-systems", "567 + 339 = 906", "906套"),
        ("shaoxing-plans", "507 + 69 = 576", "576个"),
        ("shaoxing-activation", "4881 ÷ 4883 = 99.96", "99.96%"),
        ("shaoxing-calls", "2398 + 2901 + 490 = 5789", "超4500万次"),
        ("shaoxing-inspections", "121809 ÷ 4881 = 24.96", "26.8户次"),
        ("huaibei-cross-province", "96 + 28 = 124", "124项"),
        ("huaibei-credit", "40.85亿元", "76.94亿元"),
        ("tieling-resources", "1101 + 663 + 104 = 1868", "1868个"),
        ("tieling-one-thing", "104 + 336 = 440", "440项"),
        ("tieling-racks", "2 × 1500 = 3000", "3000个"),
    ]:
        assert (checks.loc[check, "left"], checks.loc[check, "right"]) == (left, right)
    assert "53.09%" in checks.loc["huaibei-credit", "sentence_en"]
    assert checks.loc["shaoxing-calls", "row_ids"] == "190,191,192,188"
    said = checks.loc["shaoxing-calls", "sentence_en"]
    assert "= 57,890,000 calls, printed over 45,000,000 calls: contradiction." in said
    assert checks["sentence_zh"].str.contains("自相矛盾|相符").all()


def test_cities(filled):
    cities = ledger.cities().set_index("adcode")
    assert cities["figures"].to_dict() == {"211200": 41, "330600": 107, "340200": 2, "340600": 65, "370700": 35}
    assert (cities.loc["340600", "first"], cities.loc["340600", "last"]) == ("2016", "2022-06")
    assert cities.loc["330600", "city_en"] == "Shaoxing"


def test_every_word_is_there_in_both_languages(filled):
    found = ledger.figures()
    known = ledger.words()
    assert set(found["domain"]) == set(known["domains"])
    assert set(found["kind"]) == set(known["kinds"])
    assert set(found["adcode"]) == set(known["cities"])
    assert set(found["as_of_basis"]) == set(known["basis"])
    assert not found.loc[:, ["date_zh", "date_en", "domain_en", "kind_en", "document_en"]].eq("").any(axis=None)
    assert ledger.NOTE_EN == "Different years and definitions; not a ranking."
    assert "不是排名" in ledger.NOTE_ZH


def test_an_empty_ledger(database):
    assert ledger.figures().empty and ledger.checks().empty and ledger.cities().empty
    assert {"mark", "date_zh", "printed"} <= set(ledger.figures().columns)
    assert {"state", "sentence_en"} <= set(ledger.checks().columns)


def test_a_check_whose_figures_are_missing_is_left_out(database):
    half = figures.table().query("adcode == '211200'")
    with engine.committing() as connection:
        figures.bulk.insert(connection, ledger.t, half)
    assert set(ledger.checks()["check"]) == {"tieling-racks", "tieling-resources", "tieling-one-thing"}
