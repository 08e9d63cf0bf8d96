"""Loading areas: formats, validity dates, lists without shapes, real cities; a second load changes nothing."""

import gzip
import json
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import Engine, select

from data_access import areas, clock, engine, shapes
from data_access.intake.area_report import WORDS, AreaLoadError, AreaReport
from data_access.intake.areas import load_area_file, load_areas, true_km2
from data_access.schema import area, area_alias, boundary, load_log, shape_file, source, water
from tests.data_access.area_samples import (
    DESCRIPTION,
    SIDE,
    city,
    count,
    feature,
    kinds,
    load,
    of,
    square,
    stored,
)

SOURCES = Path(__file__).parents[2] / "sample_data" / "sources"
pytestmark = pytest.mark.usefixtures("at")


# ---- a good file -----------------------------------------------------------------------------------------------------


def test_a_good_file_loads_without_a_word(database: Engine, tmp_path: Path) -> None:
    report = load(city(), tmp_path)
    assert (report.rows_read, report.stored, report.quarantined, report.findings) == (11, 11, [], [])
    assert report.levels == {0: (1, 1), 1: (2, 2), 2: (8, 8)}
    tree = areas.tree()
    assert tree.root is not None
    assert (tree.root.code, tree.root.pinyin, engine.get("city")) == ("c", "yunchuan shi|ycs", "c")
    east = tree.get("A")
    assert east is not None
    assert (east.level, east.name_en, east.population, east.shaped) == (1, "Dongshan District", 1000, True)
    assert east.area_km2 == pytest.approx(4 * 0.02 * 90.12 * 0.02 * 110.95, rel=0.002)  # at 36 N, km a degree
    assert east.lon is not None
    assert east.lat is not None
    assert square(0, 0, 2, 2).contains(shapely.Point(east.lon, east.lat))
    assert [one.code for one in areas.resolve_name("东山", within="c")] == ["A", "x5"]
    assert count(load_log) == 1
    assert count(source) == 1


def test_a_second_load_changes_nothing(database: Engine, tmp_path: Path) -> None:
    load(city(), tmp_path)
    before = {table.name: count(table) for table in (area, area_alias, boundary, shape_file)}
    address = shapes.shapes_url("c")
    report = load(city(), tmp_path)
    assert (report.stored, report.updated, report.already) == (0, 0, 11)
    assert {table.name: count(table) for table in (area, area_alias, boundary, shape_file)} == before
    assert shapes.shapes_url("c") == address
    assert "already" in report.to_text("en")


def test_repaired_faults_are_also_already_there_the_second_time(duckdb_only: Engine, tmp_path: Path) -> None:
    features = city()
    of(features, "x9")["geometry"] = feature("", "", None, square(0, 0, 1.004))["geometry"]
    assert load(features, tmp_path).stored == 11
    assert load(features, tmp_path).already == 11


# ---- changes in time -------------------------------------------------------------------------------------------------


def test_a_change_closes_the_old_row_and_begins_a_new_one(database: Engine, tmp_path: Path) -> None:
    load(city(), tmp_path)
    features = city()
    of(features, "A")["properties"]["name"] = "东岭区"
    of(features, "z7")["geometry"] = feature("", "", None, square(0, 1, 1, 0.9))["geometry"]
    report = load(features, tmp_path, valid_from=date(2026, 7, 1))
    assert (report.stored, report.updated, report.already) == (0, 2, 9)
    with engine.engine().connect() as connection:
        rows = connection.execute(select(area).where(area.c.code == "A").order_by(area.c.valid_from)).all()
    assert [(row.name, row.valid_from, row.valid_to) for row in rows] == [
        ("东山区", date(1900, 1, 1), date(2026, 7, 1)),
        ("东岭区", date(2026, 7, 1), None),
    ]
    gone = [117 + SIDE / 2], [36 + 1.95 * SIDE]
    assert shapes.locate(*gone) == ["z7"]
    assert [one.code for one in areas.resolve_name("东山区")] == ["A"]
    with clock.held(datetime(2026, 7, 1)):
        assert [one.name for one in areas.tree().children("c")] == ["东岭区", "西湖县"]
        assert shapes.locate(*gone) == ["A"]
        assert [one.code for one in areas.resolve_name("东山区")] == ["A"]  # people still say the old name


def test_two_changes_on_one_day_leave_the_last(database: Engine, tmp_path: Path) -> None:
    load(city(), tmp_path)
    for population in (700, 800):
        features = city()
        of(features, "B")["properties"]["population"] = population
        assert load(features, tmp_path).updated == 1
    found = areas.tree().get("B")
    assert found is not None
    assert found.population == 800
    assert count(area) == 12


def test_what_a_partial_file_lacks_stays_and_is_counted(duckdb_only: Engine, tmp_path: Path) -> None:
    load(city(), tmp_path)
    streets = [one for one in city() if one["properties"]["parent"] == "A"]
    report = load(streets, tmp_path)
    assert (report.already, report.missing, report.closed) == (4, 7, 0)
    assert len(areas.tree()) == 11


def test_a_complete_file_ends_what_it_lacks_and_says_into_what(duckdb_only: Engine, tmp_path: Path) -> None:
    load(city(), tmp_path)
    rest = [one for one in city() if one["properties"]["code"] != "x5"]
    report = load(rest, tmp_path, complete=True, merged={"x5": "w2"})
    assert report.closed == 1
    assert areas.tree().get("x5") is None
    with engine.engine().connect() as connection:
        ended = connection.execute(select(area).where(area.c.code == "x5")).one()
    assert (ended.valid_to, ended.merged_into) == (clock.now().date(), "w2")


def test_another_city_is_refused(duckdb_only: Engine, tmp_path: Path) -> None:
    load(city(), tmp_path)
    with pytest.raises(AreaLoadError, match="fresh database"):
        load([feature("k", "别的市", None, square(9, 9)), feature("k1", "某区", "k", square(9, 9))], tmp_path)
    assert len(areas.tree()) == 11


# ---- without shapes --------------------------------------------------------------------------------------------------


def test_a_list_without_shapes_loads_and_does_not_take_shapes_away(duckdb_only: Engine, tmp_path: Path) -> None:
    rows = [one["properties"] for one in city()]
    path = tmp_path / "list.csv"
    path.write_bytes(pd.DataFrame(rows)[["code", "name", "parent"]].to_csv(index=False).encode("gb18030"))
    report = load_area_file(DESCRIPTION, path)
    assert report.levels == {0: (1, 0), 1: (2, 0), 2: (8, 0)}
    assert kinds(report) == {"encoding", "no_shape"}
    assert shapes.shapes_url("c") is None
    tree = areas.tree()
    assert [one.name for one in tree.children("A")] == ["白沙街道", "龙华街道", "和平镇", "青石乡"]
    assert len(shapes.tile_grid(tree.children("A"))) == 4
    assert load(city(), tmp_path).updated == 11
    again = load_area_file(DESCRIPTION, path)
    assert again.updated == 2  # the list knows no population and English name; that is a change
    assert areas.tree().children("c")[0].shaped
    assert shapes.shapes_url("c") is not None


def test_lines_of_a_csv_are_counted_as_an_editor_does(duckdb_only: Engine, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('code,name,parent,note\nc,云川市,,"two\nlines"\nA,东山区,c,\nA,西湖县,c,\n', "utf-8-sig")
    (found,) = load_area_file(DESCRIPTION, path).of("duplicate_code")
    assert (found.line, found.detail["other_line"]) == (5, 4)


def test_a_csv_may_have_points_for_the_tiles(duckdb_only: Engine, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    rows = [("c", "市", "", "", ""), *((f"k{i}", f"第{i}区", "c", 117 + i % 2, 36 - i // 2) for i in range(4))]
    pd.DataFrame(rows, columns=["code", "name", "parent", "x", "y"]).to_csv(path, index=False)
    load_area_file({**DESCRIPTION, "columns": {"parent": "parent", "lon": "x", "lat": "y"}}, path)
    assert shapes.tile_grid(areas.tree().children("c")) == [("k0", 0, 0), ("k1", 1, 0), ("k2", 0, 1), ("k3", 1, 1)]


# ---- formats ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "parquet", "geojson"])
def test_every_format_says_the_same(duckdb_only: Engine, tmp_path: Path, suffix: str) -> None:
    frame = geopandas.GeoDataFrame.from_features(city(), crs="EPSG:4326")
    path = tmp_path / f"city.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, encoding="utf-8")
    report = load_area_file(DESCRIPTION, path)
    assert (report.stored, report.quarantined) == (11, [])
    assert stored("z3").equals_exact(square(2, 1), 1e-9, normalize=True)
    assert [one.name for one in areas.tree().children("c")] == ["东山区", "西湖县"]


def test_a_geopackage_may_have_a_layer_a_level_and_metres(duckdb_only: Engine, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame.from_features(city(), crs="EPSG:4326").to_crs("EPSG:4548")
    path = tmp_path / "city.gpkg"
    for layer, part in (("city", frame[:1]), ("district", frame[1:3]), ("street", frame[3:])):
        part.to_file(path, layer=layer)
    report = load_area_file(DESCRIPTION, path)
    assert report.levels == {0: (1, 1), 1: (2, 2), 2: (8, 8)}
    assert stored("A").hausdorff_distance(square(0, 0, 2, 2)) < 1e-6


def test_a_shapefile_in_gbk_reads_with_its_encoding(duckdb_only: Engine, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame.from_features(city(), crs="EPSG:4326")
    frame.to_file(tmp_path / "city.shp", encoding="gbk")
    (tmp_path / "city.cpg").unlink()
    load_area_file({**DESCRIPTION, "encoding": "gbk"}, tmp_path / "city.shp")
    assert areas.tree().children("c")[0].name == "东山区"


def test_codes_that_came_as_numbers_stay_codes(duckdb_only: Engine) -> None:
    frame = pd.DataFrame({"id": [10.0, 101.0], "label": ["市", "区"], "up": [np.nan, 10.0]})
    with engine.committing() as connection:
        load_areas(frame, connection=connection, columns={"code": "id", "name": "label", "parent": "up"})
    assert [one.code for one in areas.tree().path("101")] == ["10", "101"]


def test_water_is_loaded_beside_the_areas(database: Engine, tmp_path: Path) -> None:
    river = {"type": "LineString", "coordinates": [[117, 36], [117.05, 36.03]]}
    features = [
        *city(),
        feature("r1", "云河", None, river, water="river"),
        feature("r2", "云湖", None, None, water="lake"),
    ]
    features.append(feature("r3", "云水库", None, square(1, 1, 0.1, 0.1), water="reservoir"))
    settings = {"columns": {"parent": "parent", "water": "water"}}
    report = load(features, tmp_path, **settings)
    assert (report.water, len(report.quarantined), count(water), len(areas.tree())) == (2, 1, 2, 11)
    with engine.engine().connect() as connection:
        rows = connection.execute(select(water).order_by(water.c.key)).all()
    assert [(row.kind, json.loads(row.geojson)["type"]) for row in rows] == [
        ("river", "LineString"),
        ("reservoir", "Polygon"),
    ]
    assert load(features, tmp_path, **settings).already == 13


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.geojson", b"<!DOCTYPE html><html>", "HTML page"),
        ("a.geojson", b'{"type": "FeatureCollection",', "not JSON"),
        ("a.geojson", b'{"a": 1}', "no GeoJSON"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "no areas"),
        ("a.csv", b"id,label\n1,x\n", "no column 'code'"),
        ("a.csv", b"\xff\xff\xff,\x80\n", "neither UTF-8 nor GBK"),
        ("a.parquet", b"nonsense", "not a Parquet"),
        ("a.gpkg", b"nonsense", "cannot be read"),
        ("a.shp", b"nonsense", "lacks its .dbf and .shx"),
        ("a.pdf", b"", "cannot read .pdf"),
    ],
)
def test_garbage_gets_a_sentence(duckdb_only: Engine, tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AreaLoadError, match=says):
        load_area_file(DESCRIPTION, tmp_path / name)
    assert count(area) == 0
    assert count(load_log) == 0


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"crs": "mars"}, "gcj02"),
        ({"colour": 1}, "colour"),
        ({"near": 5}, "near"),
        ({"valid_from": "2026-01-01"}, "valid_from"),
        ({"root": {"code": "c"}}, "root"),
        ({"columns": {"codes": "code"}}, "codes"),
    ],
)
def test_mistakes_in_a_description_get_a_sentence(
    duckdb_only: Engine, tmp_path: Path, settings: dict[str, Any], says: str
) -> None:
    with pytest.raises(AreaLoadError, match=says):
        load(city(), tmp_path, **settings)
    with pytest.raises(AreaLoadError, match="no such file"):
        load_area_file(DESCRIPTION, tmp_path / "missing.csv")


def test_every_kind_of_finding_has_words_in_both_languages() -> None:
    assert all(set(words) == {"zh", "en"} and all(map(all, words.values())) for words in WORDS.values())


# ---- real cities and the demo ----------------------------------------------------------------------------------------


def described(name: str) -> dict[str, Any]:
    return tomllib.loads((SOURCES / f"{name}.toml").read_text("utf-8"))


def check_files(report: AreaReport, root: str) -> None:
    tree = areas.tree()
    assert report.shape_files[root] <= 150_000
    assert max(report.shape_files.values()) <= 300_000
    for parent, size in report.shape_files.items():
        url = shapes.shapes_url(parent)
        assert url is not None
        packed = shapes.shapes(parent, url.removesuffix(".json").rsplit("-", 1)[1])
        assert packed is not None
        assert len(packed) == size
        features = json.loads(gzip.decompress(packed))["features"]
        assert [one["id"] for one in features] == [one.code for one in tree.children(parent)]
        for one in features:
            full = stored(one["id"])
            drawn = shapely.make_valid(shape(one["geometry"]))
            assert drawn.symmetric_difference(full).area < 0.05 * full.area


def test_shenzhen_loads(duckdb_only: Engine, real: Any) -> None:
    path = real("areas", "shenzhen.geojson")
    report = load_area_file(described("areas_shenzhen"), path)
    assert (report.rows_read, report.stored, report.quarantined) == (84, 84, [])
    assert report.levels == {0: (1, 1), 1: (9, 9), 2: (74, 74)}
    assert [one.kind for one in report.findings] == ["root"]
    check_files(report, "440300")
    tree = areas.tree()
    assert tree.root is not None
    assert tree.root.name == "深圳市"
    assert tree.root.area_km2 == pytest.approx(1997, rel=0.03)
    assert shapes.locate([114.0545], [22.5446])[0].startswith("440304")  # the Civic Centre, in Futian
    assert load_area_file(described("areas_shenzhen"), path).already == 84


def test_taipei_loads(duckdb_only: Engine, real: Any) -> None:
    path = real("areas", "taipei.geojson")
    report = load_area_file(described("areas_taipei"), path)
    assert (report.rows_read, report.stored, report.quarantined) == (469, 469, [])
    assert report.levels == {0: (1, 1), 1: (12, 12), 2: (456, 456)}
    assert report.of("invalid_ring")
    assert all(one.repaired for one in report.findings)
    check_files(report, "63000")
    tree = areas.tree()
    assert tree.root is not None
    assert tree.root.area_km2 == pytest.approx(271.8, rel=0.02)
    assert [one.code for one in areas.resolve_name("臺北市")] == ["63000"]
    assert [one.name for one in areas.resolve_name("中正", within="63000")] == ["中正區", "中正里"]
    found = tree.get(shapes.locate([121.5170], [25.0478])[0])  # the main station
    assert found is not None
    assert tree.get(found.parent) == areas.resolve_name("中正區")[0]
    assert load_area_file(described("areas_taipei"), path).already == 469


def test_the_demo_city_loads_without_a_fault(duckdb_only: Engine) -> None:
    folder = SOURCES.parent / "yunchuan"
    report = load_area_file(described("areas_yunchuan"), folder / "areas.geojson")
    assert report.findings == []
    check_files(report, "990100")
    assert load_area_file(described("water_yunchuan"), folder / "water.geojson").water == count(water) > 0
    zone = next(one for one in areas.tree().children("990100") if one.kind == "functional")
    assert areas.tree().get(zone.counts_in) is not None
    assert zone.area_km2 == pytest.approx(true_km2(stored(zone.code)))
