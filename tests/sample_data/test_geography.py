"""The made-up city: perfect coverages, known parents, distinct names, sums that hold, and a file that can be remade."""

import gzip
import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sample_data import geography
from sample_data.geography_names import CITY, DISTRICTS


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return geography.area_frame()


@pytest.fixture(scope="module")
def water() -> gpd.GeoDataFrame:
    return geography.water_frame()


@pytest.fixture(scope="module")
def remade() -> tuple[str, str]:
    return geography.make()


def shape_of(areas: gpd.GeoDataFrame, code: str) -> shapely.Geometry:
    return areas.geometry[areas.code == code].iloc[0]


def in_km2(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    return shapes.to_crs("EPSG:32650").area / 1e6


@pytest.mark.parametrize("level", [0, 1, 2])
def test_each_level_is_a_valid_coverage(areas: gpd.GeoDataFrame, level: int) -> None:
    shapes = areas.geometry[areas.level == level].to_numpy()
    assert len(shapes) == {0: 1, 1: 10, 2: 108}[level]
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)


def test_children_fill_their_parent_exactly(areas: gpd.GeoDataFrame) -> None:
    parents = areas.code[areas.level < 2].tolist()
    assert len(parents) == 11
    for code in parents:
        children = areas.geometry[areas.parent == code].to_numpy()
        union = shapely.coverage_union_all(children)
        assert shapely.equals(union, shape_of(areas, code)), code
        inner = set(map(tuple, shapely.get_coordinates(children)))
        assert set(map(tuple, shapely.get_coordinates(shape_of(areas, code)))) <= inner, code


def test_the_tree_is_complete(areas: gpd.GeoDataFrame) -> None:
    assert areas.code.is_unique
    assert areas.parent[areas.level == 0].isna().all()
    level_of = dict(zip(areas.code, areas.level, strict=True))
    below = areas[areas.level > 0]
    assert [level_of[parent] for parent in below.parent] == (below.level - 1).tolist()
    assert areas.code[0] == "990100"
    assert (areas.level == 2).sum() == sum(map(len, DISTRICTS))
    assert 95 <= (areas.level == 2).sum() <= 115


def test_codes_follow_the_kind_of_place(areas: gpd.GeoDataFrame) -> None:
    ranges = {"街道": (1, 99), "镇": (100, 199), "乡": (200, 399)}
    english = {"街道": "Subdistrict", "镇": "Town", "乡": "Township"}
    seen = set()
    for street in areas[areas.level == 2].itertuples():
        assert street.code.isdigit()
        assert len(street.code) == 9
        assert street.code[:6] == street.parent
        suffix = next(suffix for suffix in ranges if street.name.endswith(suffix))
        low, high = ranges[suffix]
        assert low <= int(street.code[6:]) <= high, street.name
        assert street.name_en.endswith(" " + english[suffix]), street.name_en
        seen.add(suffix)
    assert seen == set(ranges)
    assert "990101" not in set(areas.code)  # the statistical row of the city proper is no area


def test_districts_are_of_the_wanted_kinds(areas: gpd.GeoDataFrame) -> None:
    districts = areas[areas.level == 1].set_index("code")
    assert sorted(name[-1] for name in districts.name) == sorted("区区区区县县县市市市")
    zone = districts[districts.kind == "functional"]
    assert zone.name.tolist() == ["高新区"]
    official = zone.counts_in.iloc[0]
    assert districts.kind[official] == "statutory"
    assert official != zone.index[0]
    assert shapely.intersection(zone.geometry.iloc[0], districts.geometry[official]).length > 0  # neighbours
    assert (areas.kind != "functional").sum() == len(areas) - 1
    assert areas.counts_in.notna().sum() == 1


def test_names_are_distinct_city_wide(areas: gpd.GeoDataFrame) -> None:
    assert areas.name.is_unique
    assert areas.name_en.is_unique
    stems = [
        place.name for one in DISTRICTS for which in ("streets", "towns", "townships") for place in one.places(which)
    ]
    assert len(set(stems)) == len(stems) == 108
    assert areas.name[0] == CITY[1]


def test_people_add_up(areas: gpd.GeoDataFrame) -> None:
    people = areas.set_index("code").population
    for code in areas.code[areas.level < 2]:
        assert areas.population[areas.parent == code].sum() == people[code], code
    assert 5_900_000 < people["990100"] < 6_300_000
    streets = areas[areas.level == 2]
    assert streets.population.between(5_000, 150_000).all()
    density = streets.population / in_km2(streets.geometry)
    assert density[streets.parent == "990102"].min() > 10 * density[streets.parent == "990122"].median()


def test_shapes_have_no_crumbs_slivers_or_spikes(areas: gpd.GeoDataFrame) -> None:
    streets = areas[areas.level == 2]
    assert set(streets.geom_type) == {"Polygon"}
    plane = streets.to_crs("EPSG:32650")
    assert plane.area.min() > 3e6
    assert (4 * np.pi * plane.area / plane.length**2).min() > 0.18
    urban = streets.parent.isin(["990102", "990103"])
    assert plane.area[urban].median() * 5 < plane.area[~urban].median()
    for shape in plane.geometry:
        ring = shapely.get_coordinates(shape.exterior)[:-1]
        back, ahead = np.roll(ring, 1, axis=0) - ring, np.roll(ring, -1, axis=0) - ring
        cosine = (back * ahead).sum(axis=1) / np.hypot(*back.T) / np.hypot(*ahead.T)
        assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).min() > 10
        assert np.hypot(*ahead.T).max() < 3_000  # no long straight border
    multipart = areas[(areas.level == 1) & (areas.geom_type == "MultiPolygon")]
    assert multipart.name.tolist() == ["东浦市"]  # the island 云屿乡, on purpose
    assert len(shapely.get_parts(multipart.geometry.iloc[0])) == 2


def test_rivers_run_to_the_sea_and_tributaries_to_the_river(areas: gpd.GeoDataFrame, water: gpd.GeoDataFrame) -> None:
    shape = water.set_index("key").geometry
    kinds = water.kind.value_counts().to_dict()
    assert kinds == {"river": 3, "reservoir": 3, "lake": 1, "sea": 1}
    assert water.key.is_unique
    assert water.is_valid.all()
    main = shapely.get_coordinates(shape["yunshui"])
    assert main[0, 0] < main[-1, 0]
    assert main[0, 1] < main[-1, 1]  # from the south-west to the north-east
    assert shape["sea"].distance(shapely.Point(main[-1])) < 0.01
    assert shape["sea"].distance(shapely.Point(main[0])) > 0.8
    for key in ("qingxi", "baisha"):
        mouth = shapely.get_coordinates(shape[key])[-1]
        assert (main == mouth).all(axis=1).any()
        assert shape[key].is_simple
        assert shapely.intersection(shape[key], shape["yunshui"]).geom_type == "Point"
    city = shape_of(areas, "990100")
    assert shapely.intersection(city, shape["sea"]).area < 1e-9
    for key in water.key[water.kind.isin(["lake", "reservoir"])]:
        assert city.contains(shape[key]), key
    assert shape_of(areas, "990103").contains(shape["yunhu"])
    for reservoir, river in (("longtan", "yunshui"), ("shipan", "qingxi"), ("jiangyu", "baisha")):
        assert shapely.intersects(shape[reservoir], shape[river])


def test_some_borders_follow_the_river(areas: gpd.GeoDataFrame, water: gpd.GeoDataFrame) -> None:
    rivers = shapely.union_all(water.geometry[water.kind == "river"].to_numpy())
    borders = shapely.union_all(shapely.boundary(areas.geometry[areas.level == 1].to_numpy()))
    assert shapely.intersection(borders, rivers).length > 0.1 * rivers.length


def test_the_city_lies_where_it_should(areas: gpd.GeoDataFrame) -> None:
    west, south, east, north = areas.total_bounds
    assert 116 < west < east < 118.5
    assert 35.4 < south < north < 36.8
    assert 7_000 < in_km2(areas.geometry[areas.level == 0]).iloc[0] < 9_500
    coordinates = shapely.get_coordinates(areas.geometry.to_numpy())
    assert (coordinates == np.round(coordinates, 5)).all()


def test_the_files_are_small() -> None:
    features = json.loads(geography.AREAS.read_text("utf-8"))["features"]
    streets = json.dumps([one for one in features if one["properties"]["level"] == 2], separators=(",", ":"))
    assert len(streets.encode()) < 350_000
    assert len(gzip.compress(streets.encode())) < 80_000
    assert geography.AREAS.stat().st_size < 450_000
    assert geography.WATER.stat().st_size < 60_000


def test_making_it_again_gives_the_committed_files(remade: tuple[str, str]) -> None:
    assert remade[0] == geography.AREAS.read_text("utf-8")
    assert remade[1] == geography.WATER.read_text("utf-8")
