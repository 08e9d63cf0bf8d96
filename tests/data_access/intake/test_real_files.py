"""The real exports beside the project (they are not ours to ship; without them these tests skip)."""

import pytest
from sqlalchemy import func, select

from data_access import engine
from data_access.intake.areas import load_area_file
from data_access.intake.description import raw_description
from data_access.intake.load import load_files
from data_access.schema import hotline_order
from data_access.settings import ROOT
from tests.conftest import RealFiles
from tests.data_access.intake.conftest import stored

SOURCES = ROOT / "sample_data" / "sources"
TAIPEI = {  # month: rows, quarantined
    "202005": (12_691, 2),
    "202506": (13_684, 0),
    "202512": (14_590, 0),
    "202604": (13_266, 0),
}


def test_taipei_months_with_their_areas(duckdb_only, real: RealFiles) -> None:
    load_area_file(raw_description(SOURCES / "areas_taipei.toml"), real("areas/taipei.geojson"))
    files = [real(f"hotline/taipei_{month}.csv") for month in TAIPEI]
    reports = load_files(SOURCES / "hotline_taipei.toml", files)
    for report, (rows, refused) in zip(reports, TAIPEI.values(), strict=True):
        assert (report.rows_read, report.quarantined, report.already) == (rows, refused, 0)
        assert report.stored == rows - refused
        assert report.unplaced <= 0.05 * report.stored
        assert report.placed_by["address"] == report.stored - report.unplaced
    total = sum(report.stored for report in reports)
    again = load_files(SOURCES / "hotline_taipei.toml", [real("hotline/taipei_202604_again_with_bom.csv"), *files])
    assert [(one.stored, one.updated) for one in again] == [(0, 0)] * 5
    assert again[0].already == TAIPEI["202604"][0]
    orders = engine.read(
        select(func.count().label("n"), func.count(func.distinct(hotline_order.c.order_id)).label("ids"))
    )
    assert orders.iloc[0].tolist() == [total, total]
    house = engine.read(select(func.count().label("n")).where(hotline_order.c.address.regexp_match("[0-9０-９]+號")))
    assert house["n"].tolist() == [0]


def test_baltimore(duckdb_only, real: RealFiles) -> None:
    (report,) = load_files(SOURCES / "hotline_baltimore.toml", [real("hotline/baltimore_311_sample.csv")])
    assert (report.rows_read, report.stored, report.unplaced) == (10_000, 10_000, 10_000)
    said = {one.code: one.count for one in report.doubts}
    assert said["rounded_points"] == 892
    assert said["empty_columns"] == 3
    orders = stored("close_at", "due_at", "lon")
    assert orders["close_at"].isna().sum() == 208
    assert (orders["close_at"] > orders["due_at"]).sum() == 1_567
    assert orders["lon"].notna().sum() == 10_000 - 892 - 590


def test_messages_with_dates_in_three_forms(duckdb_only, real: RealFiles) -> None:
    (report,) = load_files(SOURCES / "hotline_messages.toml", [real("hotline/messages_2017-2020.xlsx")])
    assert (report.rows_read, report.stored, report.quarantined) == (4_326, 4_326, 0)
    assert str(report.data_from) == "2017-06-08 17:31:20"


@pytest.mark.parametrize("wrong", ["flood/yangtze_2020-06.csv", "services/canada_service_standards_2024.csv"])
def test_another_kind_of_file_is_refused_with_its_columns(duckdb_only, real: RealFiles, wrong: str) -> None:
    with pytest.raises(ValueError, match="has no column"):
        load_files(SOURCES / "hotline_taipei.toml", [real(wrong)])
