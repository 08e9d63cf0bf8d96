"""Faults in files of areas: each is named, what is safe is repaired, the rest is left alone or set aside."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon, shape
from sqlalchemy import Engine, select

from data_access import areas, engine
from data_access.intake.area_report import AreaLoadError
from data_access.schema import area, quarantine
from domain import coordinates
from tests.data_access.area_samples import SIDE, city, count, feature, kinds, load, of, square, stored

pytestmark = pytest.mark.usefixtures("at")


# ---- faults of the tree ----------------------------------------------------------------------------------------------


def test_faults_of_the_tree_are_set_aside_by_name_and_number(database: Engine, tmp_path: Path) -> None:
    features = [
        *city(),
        feature("A", "冒名区", "c", square(8, 0)),  # 12
        feature("", "无码街道", "A", None),  # 13
        feature("n1", "", "A", None),  # 14
        feature("u1", "孤儿街道", "ghost", None),  # 15
        feature("u2", "孤儿社区", "u1", None),  # 16
        feature("l1", "甲街道", "l2", None),  # 17
        feature("l2", "乙街道", "l1", None),  # 18
        feature("1" * 21, "长码街道", "A", None),  # 19
        feature("s1", "市辖区", "c", None),  # 20
        deepcopy(city()[3]),  # 21
    ]
    report = load(features, tmp_path)
    assert report.stored == 11
    found = {(one.kind, one.line, one.name) for one in report.findings}
    assert found == {
        ("duplicate_code", 12, "冒名区"),
        ("no_code", 13, "无码街道"),
        ("no_name", 14, ""),
        ("unknown_parent", 15, "孤儿街道"),
        ("parent_set_aside", 16, "孤儿社区"),
        ("cycle", 17, "甲街道"),
        ("cycle", 18, "乙街道"),
        ("long_code", 19, "长码街道"),
        ("statistical_row", 20, "市辖区"),
        ("same_row_twice", 21, city()[3]["properties"]["name"]),
    }
    with engine.engine().connect() as connection:
        rows = connection.execute(select(quarantine).order_by(quarantine.c.line)).all()
    assert [row.line for row in rows] == list(range(12, 22))
    assert "ghost" in rows[3].reason
    assert json.loads(rows[3].raw)["name"] == "孤儿街道"
    text = report.to_text("en")
    assert "number 15 孤儿街道 (u1) names the parent ghost" in text
    assert "第 12 条 冒名区 (A)" in report.to_text("zh")


def test_the_topmost_area_is_the_root_although_its_parent_is_elsewhere(duckdb_only: Engine, tmp_path: Path) -> None:
    features = city()
    features[0]["properties"]["parent"] = "440000"
    features.append(feature("u1", "孤儿街道", "999", None))
    report = load(features, tmp_path)
    assert areas.tree().root == areas.tree().get("c")
    assert report.of("root")[0].detail == {"parent": "440000"}
    assert report.of("unknown_parent")[0].name == "孤儿街道"


def test_a_file_without_its_city_says_what_to_write(duckdb_only: Engine, tmp_path: Path) -> None:
    districts = [one for one in city() if one["properties"]["parent"] == "c"]
    with pytest.raises(AreaLoadError, match=r"\[root\]"):
        load(districts, tmp_path)
    assert count(area) == 0
    root = {"code": "c", "name": "云川市", "name_en": "Yunchuan"}
    report = load(districts, tmp_path, root=root)
    assert report.stored == 3
    assert [one.kind for one in report.findings] == ["dissolved"]
    assert stored("c").area == pytest.approx(square(0, 0, 4, 2).area)
    assert load(districts, tmp_path, root=root).already == 3


def test_all_in_a_circle_is_refused(duckdb_only: Engine, tmp_path: Path) -> None:
    with pytest.raises(AreaLoadError, match="circle"):
        load([feature("a", "甲", "b", None), feature("b", "乙", "a", None)], tmp_path)


def test_functional_zones_keep_where_they_count(duckdb_only: Engine, tmp_path: Path) -> None:
    zone = feature("Z", "高新区", "c", square(0, 0, 1, 1), kind="功能区", counts_in="A")
    stray = feature("Y", "空港区", "c", None, kind="functional", counts_in="nowhere")
    columns = {"parent": "parent", "kind": "kind", "counts_in": "counts_in"}
    report = load([*city(), zone, stray], tmp_path, columns=columns)
    found = areas.tree().get("Z")
    assert found is not None
    assert (found.kind, found.counts_in) == ("functional", "A")
    assert "overlap" not in kinds(report)  # drawn on top of its district on purpose
    assert [one.name for one in report.of("unknown_counts_in")] == ["空港区"]


def test_same_names_among_siblings_and_odd_populations_are_said(duckdb_only: Engine, tmp_path: Path) -> None:
    features = city()
    of(features, "y8")["properties"]["name"] = "龙华街道"
    of(features, "A")["properties"]["population"] = "约十万"
    of(features, "B")["properties"]["population"] = "1,234,567"
    report = load(features, tmp_path, columns={"parent": "parent", "population": "population"})
    assert report.of("same_name")[0].detail["other_code"] == "x9"
    assert report.of("bad_population")[0].name == "东山区"
    found = areas.tree().get("B")
    assert found is not None
    assert found.population == 1234567


# ---- faults of shapes ------------------------------------------------------------------------------------------------


def test_a_slight_overlap_is_repaired_and_named(duckdb_only: Engine, tmp_path: Path) -> None:
    features = city()
    of(features, "x9")["geometry"] = feature("", "", None, square(0, 0, 1.004))["geometry"]
    (found,) = load(features, tmp_path).of("overlap")
    assert (found.name, found.detail["other"], found.line, found.repaired) == ("龙华街道", "和平镇", 4, True)
    assert found.detail["m2"] == pytest.approx(0.004 * 0.02 * 90_120 * 0.02 * 110_950, rel=0.01)
    assert stored("x9").intersection(stored("y8")).area == 0
    assert stored("x9").union(stored("y8")).area == pytest.approx(square(0, 0, 2).area)


def test_a_large_overlap_is_named_and_left_alone(duckdb_only: Engine, tmp_path: Path) -> None:
    features = city()
    of(features, "x9")["geometry"] = feature("", "", None, square(0, 0, 1.5))["geometry"]
    report = load(features, tmp_path)
    (found,) = report.of("overlap")
    assert not found.repaired
    assert found.detail["share"] == pytest.approx(0.5, rel=0.01)
    assert stored("x9").area == pytest.approx(1.5 * square(0, 0).area)
    assert "left as it is" in report.to_text("en")


def test_a_narrow_gap_is_closed_and_a_wide_one_only_named(duckdb_only: Engine, tmp_path: Path) -> None:
    features = city()
    crack = Polygon(
        [(117 + SIDE, 36.002), (117 + SIDE + 1e-4, 36.01), (117 + SIDE, 36.018), (117 + SIDE - 1e-5, 36.01)]
    )
    for code in ("x9", "y8"):
        old = shape(of(features, code)["geometry"])
        of(features, code)["geometry"] = feature("", "", None, old.difference(crack))["geometry"]
    pond = square(2.4, 0.4, 0.2, 0.2)
    of(features, "x5")["geometry"] = feature("", "", None, square(2, 0).difference(pond))["geometry"]
    report = load(features, tmp_path)
    (found,) = report.of("gap")
    assert found.repaired
    assert {found.name, found.detail["other"]} == {"龙华街道", "和平镇"}
    assert stored("x9").union(stored("y8")).area == pytest.approx(square(0, 0, 2).area, rel=1e-9)
    (open_land,) = report.of("not_covered")
    assert open_land.name == "西湖县"
    assert open_land.detail["share"] == pytest.approx(0.01, rel=0.01)
    assert len(stored("x5").interiors) == 1


def test_children_outside_their_parent_are_named(duckdb_only: Engine, tmp_path: Path) -> None:
    features = city()
    of(features, "z7")["geometry"] = feature("", "", None, square(0, 1, 1, 1.25))["geometry"]
    (found,) = load(features, tmp_path).of("outside_parent")
    assert (found.code, found.detail["parent"]) == ("z7", "A")
    assert found.detail["share"] == pytest.approx(0.2, rel=0.01)


def test_invalid_rings_are_repaired_into_polygons(duckdb_only: Engine, tmp_path: Path) -> None:
    features = city()
    x, y = 117.0, 36.0
    # a spike that runs out and back on itself, and a corner cut by a bow tie
    ring = [(x, y), (x + SIDE, y), (x + SIDE, y + SIDE), (x, y + SIDE), (x, y + 0.5 * SIDE), (x - 0.01, y + 0.5 * SIDE)]
    ring += [(x, y + 0.5 * SIDE), (x, y)]
    of(features, "x9")["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    (found,) = load(features, tmp_path).of("invalid_ring")
    assert (found.name, found.line, found.repaired) == ("龙华街道", 4, True)
    assert "Self-intersection" in found.detail["why"]
    assert stored("x9").is_valid
    assert stored("x9").area == pytest.approx(square(0, 0).area)


def test_slivers_go_and_specks_are_named(duckdb_only: Engine, tmp_path: Path) -> None:
    features = city()
    sliver = shapely.box(117.05, 36.1, 117.05002, 36.10002)
    of(features, "z7")["geometry"] = feature("", "", None, shapely.union(square(0, 1), sliver))["geometry"]
    features.append(feature("t1", "小街道", "A", shapely.box(117.01, 36.05, 117.0102, 36.0502)))
    report = load(features, tmp_path)
    (found,) = report.of("sliver_part")
    assert (found.code, found.detail["count"], found.repaired) == ("z7", 1, True)
    assert stored("z7").geom_type == "Polygon"
    assert [one.name for one in report.of("tiny_area")] == ["小街道"]


def swapped(one: dict[str, Any]) -> dict[str, Any]:
    turned = shapely.transform(shape(one["geometry"]), lambda points: points[:, ::-1])
    return feature(shape=turned, **{word: one["properties"][word] for word in ("code", "name", "parent")})


def test_reversed_axes_are_recognised_for_a_file_and_for_one_area(duckdb_only: Engine, tmp_path: Path) -> None:
    features = [swapped(one) for one in city()]
    features[-1] = city()[-1]
    report = load(features, tmp_path)
    assert len(report.of("reversed_axes")) == 10
    assert stored("A").equals(square(0, 0, 2, 2))
    assert stored("w2").equals(square(3, 1))


def test_reversed_axes_below_ninety_degrees_are_recognised_by_the_neighbours(
    duckdb_only: Engine, tmp_path: Path
) -> None:
    def moved(one: dict[str, Any]) -> dict[str, Any]:  # to Lisbon: both ways round these are degrees
        there = shapely.transform(shape(one["geometry"]), lambda points: points + np.array([-126.1, 2.7]))
        return feature(shape=there, **{word: one["properties"][word] for word in ("code", "name", "parent")})

    lisbon = [moved(one) for one in city()]
    report = load([*lisbon[:-1], swapped(lisbon[-1])], tmp_path)
    assert [one.code for one in report.of("reversed_axes")] == ["w2"]
    assert not report.of("outside_parent")


def test_a_whole_file_reversed_below_ninety_degrees_needs_a_point_nearby(duckdb_only: Engine, tmp_path: Path) -> None:
    there = shapely.box(-9.2, 38.6, -9.1, 38.8)
    report = load([swapped(feature("c", "Lisboa", None, there))], tmp_path, near=[-9.1, 38.7])
    assert len(report.of("reversed_axes")) == 1
    assert stored("c").equals(there)


@pytest.mark.parametrize(
    ("crs", "forth"), [("gcj02", coordinates.wgs84_to_gcj02), ("BD-09", coordinates.wgs84_to_bd09)]
)
def test_a_declared_chinese_datum_is_converted(duckdb_only: Engine, tmp_path: Path, crs: str, forth: Any) -> None:
    def shifted(points: np.ndarray) -> np.ndarray:
        return np.column_stack(forth(points[:, 0], points[:, 1]))

    features = city()
    for one in features:
        one["geometry"] = feature("", "", None, shapely.transform(shape(one["geometry"]), shifted))["geometry"]
    assert shape(features[0]["geometry"]).hausdorff_distance(square(0, 0, 4, 2)) > 0.002  # hundreds of metres
    report = load(features, tmp_path, crs=crs)
    assert len(report.of("converted")) == 1
    assert stored("c").hausdorff_distance(square(0, 0, 4, 2)) < 2e-6


def test_metres_need_their_reference_system(duckdb_only: Engine, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame.from_features(city(), crs="EPSG:4326").to_crs("EPSG:4548")
    features = json.loads(frame.to_json())["features"]
    with pytest.raises(AreaLoadError, match="EPSG"):
        load(features, tmp_path)
    report = load(features, tmp_path, crs="EPSG:4548")
    assert len(report.of("converted")) == 1
    assert stored("c").hausdorff_distance(square(0, 0, 4, 2)) < 1e-5


def test_shapes_that_are_no_polygons_leave_the_area_without_shape(duckdb_only: Engine, tmp_path: Path) -> None:
    features = city()
    of(features, "x9")["geometry"] = {"type": "Point", "coordinates": [117.01, 36.01]}
    of(features, "y8")["geometry"] = {"type": "Polygon", "coordinates": [[[117, 36], [117.1, 36]]]}
    of(features, "z7")["geometry"] = {"type": "Polygon", "coordinates": [[[500, 36], [501, 36], [501, 37], [500, 36]]]}
    report = load(features, tmp_path)
    assert {"not_polygon", "unreadable_shape", "off_the_globe", "no_shape"} <= kinds(report)
    assert report.stored == 11
    assert report.levels[2] == (8, 5)
    point = areas.tree().get("x9")
    assert point is not None
    assert (point.shaped, point.lon, point.lat) == (False, 117.01, 36.01)


def test_missing_districts_are_dissolved_from_their_streets(duckdb_only: Engine, tmp_path: Path) -> None:
    features = city()
    for code in ("c", "A", "B"):
        of(features, code)["geometry"] = None
    report = load(features, tmp_path)
    assert {one.code: one.detail["count"] for one in report.of("dissolved")} == {"A": 4, "B": 4, "c": 2}
    assert stored("A").symmetric_difference(square(0, 0, 2, 2)).area < 1e-13
    assert stored("c").symmetric_difference(square(0, 0, 4, 2)).area < 1e-13
