"""Shapes for the browser, the schematic layout, and points in areas."""

import gzip
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape
from sqlalchemy import Engine

from data_access import areas, shapes, tiles
from data_access.intake import area_shapes
from data_access.intake.areas import load_area_file
from tests.data_access.area_samples import DESCRIPTION, SIDE, city, square, write


@pytest.fixture
def loaded(duckdb_only: Engine, tmp_path: Path) -> Engine:
    load_area_file(DESCRIPTION, write(tmp_path / "city.geojson", city()))
    return duckdb_only


def content(parent: str) -> dict:
    url = shapes.shapes_url(parent)
    assert url is not None
    assert url.startswith(f"/shapes/{parent}-")
    assert url.endswith(".json")
    packed = shapes.shapes(parent, url.removesuffix(".json").rsplit("-", 1)[1])
    assert packed is not None
    return json.loads(gzip.decompress(packed))


def test_the_children_of_an_area_have_one_address(loaded: Engine) -> None:
    found = content("c")
    assert [one["id"] for one in found["features"]] == ["A", "B"]
    assert found["features"][0]["properties"] == {"name": "东山区"}
    assert len(content("A")["features"]) == 4


def test_leaves_and_strangers_have_no_shapes(loaded: Engine) -> None:
    assert shapes.shapes_url("x9") is None
    assert shapes.shapes_url("nowhere") is None
    assert shapes.shapes("c", "0" * 16) is None


def doubled(ring: list) -> float:
    x, y = np.array(ring, dtype=float).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def test_rings_wind_the_way_that_d3_fills_the_area_and_not_the_globe(loaded: Engine) -> None:
    for parent in ("c", "A", "B"):
        for one in content(parent)["features"]:
            assert doubled(one["geometry"]["coordinates"][0]) < 0  # outer rings clockwise
    holed = square(0, 0, 3, 3).difference(square(1, 1))
    for turned in (holed, shapely.reverse(holed)):
        outer, hole = area_shapes.geometry_of(turned)["coordinates"]
        assert doubled(outer) < 0 < doubled(hole)


def wiggly(cells: int, seed: int) -> list:
    """A coverage with rough shared borders: the Voronoi cells of many points, joined by their nearest seed."""
    rng = np.random.default_rng(seed)
    seeds, points = rng.random((cells, 2)), rng.random((6000, 2))
    extent = shapely.box(0, 0, 1, 1)
    pieces = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=extent, ordered=True))
    nearest = ((points[:, None, :] - seeds[None]) ** 2).sum(axis=2).argmin(axis=1)
    joined = [shapely.coverage_union_all(pieces[nearest == index]) for index in range(cells)]
    return [(str(index), f"区{index}", one) for index, one in enumerate(joined)]


def test_simplified_shapes_keep_their_shared_edges_and_the_limit() -> None:
    children = wiggly(12, 7)
    loose, _ = area_shapes.build(children, 10**9)
    packed, tolerance = area_shapes.build(children, len(loose) // 3)
    assert len(packed) <= len(loose) // 3
    assert tolerance > 0
    polygons = [shape(one["geometry"]) for one in json.loads(gzip.decompress(packed))["features"]]
    common = sum(one.intersection(other).area for one, other in itertools.combinations(polygons, 2))
    assert common < 1e-6
    total = shapely.union_all(polygons)
    assert total.area == pytest.approx(sum(one.area for one in polygons), abs=1e-6)
    assert not any(len(part.interiors) for part in shapely.get_parts(total))


def test_coordinates_have_five_decimals_and_the_file_is_the_same_each_time() -> None:
    children = wiggly(5, 3)
    first, _ = area_shapes.build(children, 10**9)
    again, _ = area_shapes.build(children, 10**9)
    assert area_shapes.digest_of(first) == area_shapes.digest_of(again)
    for one in json.loads(gzip.decompress(first))["features"]:
        points = shapely.get_coordinates(shape(one["geometry"]))
        assert np.array_equal(points, np.round(points, 5))


def test_a_shape_too_small_for_the_precision_of_the_map_does_not_vanish() -> None:
    speck = shapely.box(117.5, 36.5, 117.5001, 36.5001)
    packed, _ = area_shapes.build([("big", "大", square(0, 0, 40, 40)), ("speck", "小", speck)], 10**6)
    found = {one["id"]: one["geometry"] for one in json.loads(gzip.decompress(packed))["features"]}
    assert shape(found["speck"]).area > 0


def test_points_find_the_deepest_area(loaded: Engine) -> None:
    def middle(column: float, row: float) -> tuple[float, float]:
        return 117 + (column + 0.5) * SIDE, 36 + (row + 0.5) * SIDE

    lons, lats = zip(middle(0, 0), middle(3, 1), (0.0, 0.0), (float("nan"), 36.0), (36.01, 117.01), strict=True)
    assert shapes.locate(lons, lats) == ["x9", "w2", "", "", ""]
    assert shapes.locate([], []) == []


def test_a_point_on_a_border_belongs_to_one_area_always_the_same(loaded: Engine) -> None:
    on_border = shapes.locate([117 + SIDE] * 3, [36 + SIDE / 2] * 3)
    assert len(set(on_border)) == 1
    assert on_border[0] in ("x9", "y8")


def test_a_point_outside_every_street_is_still_in_its_district(duckdb_only: Engine, tmp_path: Path) -> None:
    features = [one for one in city() if one["properties"]["code"] != "x9"]
    load_area_file(DESCRIPTION, write(tmp_path / "city.geojson", features))
    assert shapes.locate([117 + SIDE / 2], [36 + SIDE / 2]) == ["A"]


def area_at(code: str, lon: float | None, lat: float | None) -> areas.Area:
    return areas.Area(code, code, None, "c", 1, "statutory", None, None, lon, lat, None, False, "")


def test_tiles_keep_the_lie_of_the_land() -> None:
    children = [area_at(f"{row}{column}", 117 + column, 36 - row) for row in range(3) for column in range(3)]
    assert sorted(shapes.tile_grid(children)) == [(f"{r}{c}", c, r) for r in range(3) for c in range(3)]


def test_tiles_without_geography_are_nearly_square_in_code_order() -> None:
    children = [area_at(code, None, None) for code in "gfedcba"]
    assert shapes.tile_grid(children) == [
        ("a", 0, 0), ("b", 1, 0), ("c", 2, 0), ("d", 0, 1), ("e", 1, 1), ("f", 2, 1), ("g", 0, 2),
    ]  # fmt: skip
    assert shapes.tile_grid([]) == []
    assert shapes.tile_grid(children[:1]) == [("g", 0, 0)]


@given(st.lists(st.tuples(st.floats(100, 130), st.floats(-60, 60)), min_size=1, max_size=60))
def test_every_place_has_its_own_tile_on_a_compact_grid(points: list[tuple[float, float]]) -> None:
    cells = tiles.grid(points)
    assert len(set(cells)) == len(points)
    columns, rows = max(column for column, _ in cells) + 1, max(row for _, row in cells) + 1
    assert columns * rows <= len(points) + max(columns, rows) + 2


@given(st.integers(1, 6), st.integers(0, 2), st.randoms(use_true_random=False))
def test_the_assignment_is_the_cheapest(rows: int, spare: int, random) -> None:
    cost = np.array([[random.random() for _ in range(rows + spare)] for _ in range(rows)])
    found = tiles._assign(cost)
    assert len(set(found)) == rows
    best = min(
        sum(cost[row, column] for row, column in enumerate(chosen))
        for chosen in itertools.permutations(range(rows + spare), rows)
    )
    assert sum(cost[row, column] for row, column in enumerate(found)) == pytest.approx(best)


def test_a_thousand_places_have_tiles_too() -> None:
    rng = np.random.default_rng(1)
    cells = tiles.grid([(float(x), float(y)) for x, y in rng.random((1000, 2))])
    assert len(set(cells)) == 1000
