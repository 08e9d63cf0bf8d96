"""Areal weights against counting points by their nearest gauge."""

from datetime import date

import numpy as np
import pytest
import shapely
from sqlalchemy import insert

from data_access import engine
from data_access.flood import stations, store, thiessen
from data_access.schema import area, boundary
from tests.data_access.flood_city import station

SQUARE = shapely.box(117.0, 31.0, 117.2, 31.2)


def counted(gauges: dict, shape, steps: int = 400) -> dict[str, float]:
    """Shares of the points of a grid inside a shape, by their nearest gauge."""
    west, south, east, north = shape.bounds
    x, y = np.meshgrid(np.linspace(west, east, steps), np.linspace(south, north, steps))
    inside = shapely.contains_xy(shape, x, y)
    scale = np.cos(np.radians(np.mean([lat for _, lat in gauges.values()])))
    far = [((x[inside] - lon) * scale) ** 2 + (y[inside] - lat) ** 2 for lon, lat in gauges.values()]
    nearest = np.argmin(far, axis=0)
    return {code: float((nearest == n).mean()) for n, code in enumerate(gauges)}


@pytest.mark.parametrize("seed", range(4))
def test_shares_are_those_of_nearest_points(seed):
    random = np.random.default_rng(seed)
    gauges = {f"G{n}": (117 + 0.3 * a - 0.05, 31 + 0.3 * b - 0.05) for n, (a, b) in enumerate(random.random((9, 2)))}
    ring = shapely.Polygon([(117.0, 31.0), (117.2, 31.03), (117.12, 31.1), (117.18, 31.2), (117.02, 31.15)])
    for shape in (SQUARE, ring):
        found = thiessen.weights(gauges, {"place": shape})["place"]
        expected = counted(gauges, shape)
        assert sum(found.values()) == pytest.approx(1)
        for code in gauges:
            assert found.get(code, 0) == pytest.approx(expected[code], abs=0.01)


def test_few_gauges():
    assert thiessen.weights({}, {"place": SQUARE}) == {}
    assert thiessen.weights({"G": (117.1, 31.3)}, {"place": SQUARE}) == {"place": {"G": 1.0}}
    two = thiessen.weights({"G": (117.05, 31.1), "H": (117.15, 31.1)}, {"place": SQUARE})["place"]
    assert two == {"G": pytest.approx(0.5), "H": pytest.approx(0.5)}
    line = thiessen.weights({"G": (117.0, 31.1), "H": (117.1, 31.1), "I": (117.2, 31.1)}, {"place": SQUARE})["place"]
    assert [line[code] for code in "GHI"] == [pytest.approx(share, abs=1e-6) for share in (0.25, 0.5, 0.25)]


def test_gauges_at_one_point_share():
    found = thiessen.weights({"G": (117.05, 31.1), "G2": (117.05, 31.1), "H": (117.15, 31.1)}, {"p": SQUARE})["p"]
    assert found == {"G": pytest.approx(0.25), "G2": pytest.approx(0.25), "H": pytest.approx(0.5)}


def test_a_place_far_away_has_no_mean():
    assert thiessen.weights({"G": (120.0, 31.1)}, {"far": SQUARE}) == {}


def test_recount_from_what_is_stored(database):
    with engine.committing() as connection:
        for code, level, shape in (("p", 1, SQUARE), ("x", 2, shapely.box(117.0, 31.0, 117.1, 31.2))):
            row = {"code": code, "valid_from": date(2000, 1, 1), "parent": None, "level": level, "name": code}
            connection.execute(insert(area), [row | {"kind": "statutory", "shaped": True}])
            connection.execute(
                insert(boundary), [{"code": code, "valid_from": date(2000, 1, 1), "wkb": shapely.to_wkb(shape)}]
            )
        store.replace_network(
            connection,
            stations=[
                station("G", "rain", lon=117.05, lat=31.1),
                station("H", "rain", lon=117.15, lat=31.1),
                station("old", "rain", lon=117.1, lat=31.1, enabled_to=date(2020, 1, 1)),
                station("river", "river", lon=117.1, lat=31.1),
            ],
            catchments=[
                {"code": "basin", "name": "b", "river": "", "area_km2": 1.0, "outlet": "river",
                 "geojson": shapely.to_geojson(shapely.box(117.1, 31.0, 117.2, 31.2))}
            ],
        )  # fmt: skip
        thiessen.recount(connection, date(2026, 6, 18))
    assert stations.weights("p") == {"G": pytest.approx(0.5), "H": pytest.approx(0.5)}
    assert stations.weights("x") == {"G": pytest.approx(1.0)}
    assert stations.weights("basin") == {"H": pytest.approx(1.0)}
