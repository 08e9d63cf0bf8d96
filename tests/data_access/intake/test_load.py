"""Files into tables: what is stored, refused, recognised again, updated and said."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from data_access import engine
from data_access.intake.description import IntakeError, read_description
from data_access.intake.load import load_files
from data_access.schema import (
    category,
    hotline_day_place,
    hotline_event,
    hotline_open,
    hotline_order,
    load_log,
    organisation,
    quarantine,
    source,
)
from tests.data_access.intake.conftest import FULL, SOURCE, Load, stored

HEAD = "no,what,where,at\n"
FULL_HEAD = "no,what,where,at,closed,phone,rating\n"


def codes(report) -> set[str]:
    return {one.code for one in report.doubts}


def test_a_clean_file(city, load: Load) -> None:
    report = load(
        HEAD
        + "1,噪音,中山区江宁街道人民路5号,2026-06-01 08:00\n"
        + "2,路灯,大安区某处,2026-06-02 09:30\n3,路灯,,2026-06-02 09:31\n"
    )
    assert (report.rows_read, report.stored, report.unplaced, report.to_street) == (3, 3, 1, 1)
    assert dict(report.placed_by) == {"address": 2}
    orders = stored()
    assert orders["district_code"].tolist() == ["D1", "D2", ""]
    assert orders["street_code"].tolist() == ["S11", "", ""]
    assert orders["placed_by"].tolist() == ["address", "address", ""]
    assert orders["address"].iloc[0] == "中山区江宁街道人民路**号"
    assert not orders["tracked"].any()
    kinds = engine.read(select(category.c.code, category.c.name_zh, category.c.level))
    assert set(kinds["name_zh"]) == {"噪音", "路灯"}
    assert set(kinds["code"]) == set(orders["category"]) == set(orders["topic"])
    sources = engine.read(select(source))
    assert sources["fields"].tolist() == ["accept_at,address,category,district_code,order_no,street_code,title,topic"]
    log = engine.read(select(load_log))
    assert log["data_to"].iloc[0] == orders["accept_at"].max()
    assert json.loads(log["report"].iloc[0])["stored"] == 3
    cube = engine.read(select(func.sum(hotline_day_place.c.received).label("n")))
    assert cube["n"].tolist() == [3]
    events = engine.read(select(hotline_event.c.event))
    assert events["event"].tolist() == ["registered"] * 3


def test_codes_events_and_progress(city, load: Load) -> None:
    report = load(
        FULL_HEAD
        + "1,a,x,2026-06-01 08:00,2026-06-02 08:00,138 1234 5678,good\n2,a,x,2026-06-01 09:00,,13812345678,odd\n",
        FULL,
    )
    assert report.stored == 2
    orders = stored()
    assert orders["satisfaction"].fillna(-1).tolist() == [4, -1]
    assert orders["caller_key"].nunique() == 1
    assert orders["tracked"].all()
    assert sorted(engine.read(select(hotline_event.c.event))["event"]) == ["closed", "registered", "registered"]
    (odd,) = [one for one in report.doubts if one.code == "unknown_satisfaction"]
    assert odd.examples == ["odd ×1"]


def test_loading_again_changes_nothing(city, load: Load) -> None:
    text = HEAD + "1,噪音,x,2026-06-01 08:00\n2,噪音,x,2026-06-01 08:00\n-,,,\n3,路灯,y,not a time\n"
    first = load(text)
    before = stored()
    again = load("\ufeff" + text.replace("\n", "\r\n"), name="again.csv")
    assert (first.stored, first.quarantined) == (2, 2)
    assert (again.stored, again.already, again.quarantined) == (0, 2, 2)
    assert stored().equals(before)
    assert len(engine.read(select(quarantine.c.line))) == 2
    assert "loaded_before" in codes(again)
    assert "same_file" in codes(load(text))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("9,a,x,", "no_accept"),
        ("9,a,x,nan", "no_accept"),
        ("9,a,x,gestern", "bad_time"),
        ("9,a,x,2026-06-19 08:00", "future"),
        ("9,a,x,1899-01-01", "year"),
        ("9,a,x,9999-12-31", "year"),
        ("9,extra,a,2026-06-01,x", "ragged"),
        ("9,a", "ragged"),
        ("no,what,where,at", "header"),
        ("9,a,2026-06-01 08:00,x", "slid"),
    ],
)
def test_rows_that_cannot_be_believed_go_to_quarantine_whole(duck_city, load: Load, row: str, reason: str) -> None:
    report = load(HEAD + "1,a,x,2026-06-01 08:00\n" + row + "\n2,a,x,2026-06-01 09:00\n")
    assert (report.stored, report.quarantined, dict(report.reasons)) == (2, 1, {reason: 1})
    kept = engine.read(select(quarantine))
    assert kept["line"].tolist() == [3]
    assert kept["file"].tolist() == ["orders.csv"]
    assert kept["reason"].iloc[0].startswith(reason)
    assert all(value in kept["raw"].iloc[0] for value in row.split(",") if value)


def test_closed_before_accepted(duck_city, load: Load) -> None:
    report = load(
        FULL_HEAD + "1,a,x,2026-06-02 08:00,2026-06-01 08:00,,\n2,a,x,2026-06-01 08:00,2026-06-01 08:00,,\n", FULL
    )
    assert dict(report.reasons) == {"closed_first": 1}


def test_numbers_that_lost_their_digits_lose_no_order(city, load: Load) -> None:
    rows = [f"{i},a,x{i},2026-06-01 08:00:{i:02d}\n" for i in range(30)]
    lost = [row.replace(row.split(",")[0], "2.02606E+12", 1) for row in rows]
    report = load(HEAD + "".join(lost))
    assert report.stored == 30
    assert "lossy_numbers" in codes(report)
    assert load(HEAD + "".join(reversed(lost)), name="b.csv").already == 30
    whole = load(HEAD + "".join(f"20260601{row}" for row in rows), name="whole.csv")  # the same month with its numbers
    assert (whole.stored, whole.updated, whole.already) == (0, 30, 0)
    assert "2.02606E+12" not in set(stored()["order_no"])
    assert load(HEAD + "".join(lost), name="c.csv").already == 30


def test_rows_that_cannot_be_told_apart_are_orders_each(city, load: Load) -> None:
    for number in ("", "1E+12"):
        three = HEAD + f"{number},a,x{number},2026-06-01 08:00\n" * 3
        assert load(three).stored == 3
        assert load(three).already == 3
        four = load(three + f"{number},a,x{number},2026-06-01 08:00\n")
        assert (four.stored, four.already) == (1, 3)


def test_one_number_on_one_order_written_twice_counts_once(city, load: Load) -> None:
    report = load(HEAD + "7,a,x,2026-06-01 08:00\n7,a,x,2026-06-01 08:00\n8,a,x,2026-06-01 08:00\n")
    assert (report.stored, report.already) == (2, 1)
    assert "repeated_rows" in codes(report)


def test_a_number_on_everything_is_no_number(city, load: Load) -> None:
    text = HEAD + "2026000,a,x,2026-06-01 08:00\n2026000,a,x,2026-06-01 08:00\n2026000,a,y,2026-06-01 08:01\n"
    report = load(text)
    assert (report.stored, report.already) == (3, 0)
    assert "repeated_numbers" in codes(report)
    assert load(text).already == 3


def test_the_same_content_with_another_number_is_another_order(city, load: Load) -> None:
    load(HEAD + "1,a,x,2026-06-01 08:00\n")
    assert load(HEAD + "2,a,x,2026-06-01 08:00\n").stored == 1
    assert load(HEAD + "1,a,x,2026-06-01 08:00\n2,a,x,2026-06-01 08:00\n").already == 2


def test_closing_later_updates_in_place_and_an_older_file_changes_nothing(city, load: Load) -> None:
    old = FULL_HEAD + "1,a,x,2026-06-01 08:00,,,\n"
    new = FULL_HEAD + "1,a,x,2026-06-01 08:00,2026-06-03 08:00,,good\n"
    load(old, FULL)
    identity = stored()["order_id"].tolist()
    assert engine.read(select(hotline_open)).equals(stored())  # not closed: it lies there once more
    report = load(new, FULL)
    assert engine.read(select(hotline_open)).empty
    assert (report.stored, report.updated) == (0, 1)
    assert load(old, FULL).already == load(new, FULL).already == 1
    orders = stored()
    assert orders["order_id"].tolist() == identity
    assert str(orders["close_at"].iloc[0]) == "2026-06-03 08:00:00"
    assert sorted(engine.read(select(hotline_event.c.event))["event"]) == ["closed", "registered"]
    cube = engine.read(select(func.sum(hotline_day_place.c.closed).label("n")))
    assert cube["n"].tolist() == [1]


@pytest.mark.parametrize("revises", [True, False])
def test_other_content_under_a_known_number(city, load: Load, revises: bool) -> None:
    described = SOURCE + f"[identity]\nrevises = {str(revises).lower()}\n"
    load(HEAD + "1,a,x,2026-06-01 08:00\n", described)
    report = load(HEAD + "1,b,x,2026-06-01 08:00\n", described)
    assert (report.updated, report.stored) == ((1, 0) if revises else (0, 1))
    assert len(stored()) == (1 if revises else 2)
    assert load(HEAD + "1,b,x,2026-06-01 08:00\n", described).already == 1


def test_two_sources_do_not_meet(city, load: Load) -> None:
    text = HEAD + "1,a,x,2026-06-01 08:00\n"
    load(text)
    assert load(text, SOURCE.replace('"test"', '"other"')).stored == 1
    assert stored()["order_id"].nunique() == 2


def test_what_is_odd_is_said(duck_city, load: Load) -> None:
    rows = "".join(f"{i},a,x,2026-06-{1 + i % 15:02d} 08:00:{i:02d},\n" for i in range(40))
    report = load("no,what,where,at,empty\n" + rows + "99,a,x,2019-06-01 08:00,\n")
    far = next(one for one in report.doubts if one.code == "far_dates")
    assert (far.count, far.examples) == (1, ["2019-06-01"])
    assert next(one for one in report.doubts if one.code == "empty_columns").examples == ["empty"]


def test_points_rounded_missing_outside_swapped(duck_city, load: Load) -> None:
    described = SOURCE.replace('[place]\naddress = "where"', '[place]\nlon = "x"\nlat = "y"')
    rows = ["1,a,,2026-06-01,120,30", "2,a,,2026-06-01,,", "3,a,,2026-06-01,120.5,30.5", "4,a,,2026-06-01,30.5,120.5"]
    report = load("no,what,where,at,x,y\n" + "\n".join([*rows, "5,a,,2026-06-01,abc,1"]), described)
    assert report.stored == report.unplaced == 5
    said = {one.code: one.count for one in report.doubts}
    assert said["rounded_points"] == said["outside_points"] == said["swapped_points"] == said["broken_points"] == 1
    assert stored()["lon"].notna().sum() == 1


def test_status_against_times(duck_city, load: Load) -> None:
    described = FULL.replace("[place]", 'status = "state"\n[status]\nopen = ["open"]\n[place]')
    rows = "1,a,x,2026-06-01,2026-06-02,,,open\n2,a,x,2026-06-01,,,,closed\n3,a,y,2026-06-01,,,,open\n"
    report = load(FULL_HEAD.strip() + ",state\n" + rows, described)
    said = {one.code: one.count for one in report.doubts}
    assert (said["open_closed"], said["closed_open"]) == (1, 1)


def test_nothing_personal_in_report_or_tables(duck_city, load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "13812345678"
    rows = f"1,联系人：张三丰 {secret},中山区人民路7号502室,2026-06-01 08:00,,{secret},{secret}\n2,a,x,{secret},,,\n"
    report = load(FULL_HEAD + rows, FULL)
    shown = report.to_text("zh") + report.to_text("en") + report.to_json() + capsys.readouterr().err
    assert secret not in shown
    assert secret not in stored().to_csv()
    assert "502" not in stored()["address"].iloc[0]
    assert secret in engine.read(select(quarantine.c.raw))["raw"].iloc[0]  # the whole row, in the database only


def test_a_failure_leaves_nothing_behind(city, load: Load, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(HEAD + "1,a,x,2026-06-01\n", encoding="utf-8")
    bad.write_text("other\n1\n", encoding="utf-8")
    (tmp_path / "s.toml").write_text(SOURCE, encoding="utf-8")
    version = engine.data_version()
    with pytest.raises(IntakeError, match="has no column"):
        load_files(tmp_path / "s.toml", [good, bad])
    assert engine.data_version() == version
    for table in (hotline_order, quarantine, load_log, source, category, organisation):
        assert engine.read(select(table)).empty


def test_progress_covers_the_whole_file(duck_city, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(HEAD + "1,a,x,2026-06-01\n" * 1000, encoding="utf-8")
    (tmp_path / "s.toml").write_text(SOURCE, encoding="utf-8")
    read: list[int] = []
    load_files(tmp_path / "s.toml", [file], progress=read.append)
    assert sum(read) == file.stat().st_size


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("key = ", "not valid TOML"),
        (SOURCE.replace('key = "test"', 'key = "Not Good"'), "key"),
        (SOURCE.replace('accept_at = "at"', ""), "accept_at"),
        (SOURCE + "[wrong]\n", "wrong"),
        (SOURCE.replace("category =", "kategorie ="), "kategorie"),
        (SOURCE + '[times]\nzone = "Mars/Olympus"\n', "time zone"),
        (SOURCE.replace('"at"', '{ join = ["a", "b"], pad = [1] }'), "pad"),
    ],
)
def test_descriptions_that_make_no_sense(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "s.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IntakeError, match=sentence):
        read_description(path)


def test_content_keys_stay_what_they_are(duck_city, load: Load) -> None:
    """Databases keep these: a change of the hash would count every order twice at the next load."""
    load(HEAD + "1,噪音,中山区江宁街道,2026-06-01 08:00:00\n")
    assert stored()["order_id"].tolist() == [PINNED]


PINNED = 4956702332636889088
