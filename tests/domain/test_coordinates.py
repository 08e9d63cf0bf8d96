"""GCJ-02 and BD-09: published vectors, round trips, the outside untouched."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import coordinates
from domain.coordinates import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

inside = st.tuples(st.floats(73, 137), st.floats(1.5, 55))


def metres(one, other) -> float:
    """Distance of two near points."""
    east = (one[0] - other[0]) * math.cos(math.radians(float(one[1])))
    return float(math.hypot(east, one[1] - other[1])) * 111_320


def test_published_vectors():  # as printed by the coordtransform libraries
    assert wgs84_to_gcj02(116.404, 39.915) == (
        pytest.approx(116.41024449916938, abs=1e-9),
        pytest.approx(39.91640428150164, abs=1e-9),
    )
    assert gcj02_to_bd09(116.404, 39.915) == (
        pytest.approx(116.41036949371029, abs=1e-9),
        pytest.approx(39.92133699351021, abs=1e-9),
    )
    # their inverses are one step of ours: near, not equal
    assert metres(gcj02_to_wgs84(116.404, 39.915), (116.39775550083061, 39.91359571849836)) < 2
    assert metres(bd09_to_gcj02(116.404, 39.915), (116.39762729119315, 39.90865673957631)) < 5


@given(inside)
def test_property_round_trips_within_half_a_metre(point):
    assert metres(point, gcj02_to_wgs84(*wgs84_to_gcj02(*point))) < 0.5
    assert metres(point, bd09_to_gcj02(*gcj02_to_bd09(*point))) < 0.5
    assert metres(point, bd09_to_wgs84(*wgs84_to_bd09(*point))) < 0.5


@given(st.tuples(st.floats(75, 135), st.floats(18, 53)))
def test_property_the_shift_is_of_the_known_size(point):
    assert 10 < metres(point, wgs84_to_gcj02(*point)) < 1500


@given(
    st.one_of(st.tuples(st.floats(-180, 72), st.floats(-90, 90)), st.tuples(st.floats(-180, 180), st.floats(56, 90)))
)
def test_property_outside_stays(point):
    for convert in (wgs84_to_gcj02, gcj02_to_wgs84, gcj02_to_bd09, bd09_to_gcj02):
        x, y = convert(*point)
        assert (float(x), float(y)) == point


def test_arrays_missing_and_swapped_points():
    lon, lat = np.array([116.404, 2.35, np.nan, np.inf, 39.9]), np.array([39.915, 48.85, 30.0, 30.0, 116.4])
    x, y = gcj02_to_wgs84(lon, lat)
    assert metres((x[0], y[0]), gcj02_to_wgs84(116.404, 39.915)) < 0.001
    np.testing.assert_array_equal(x[1:], lon[1:])
    np.testing.assert_array_equal(y[1:], lat[1:])


def test_by_name():
    assert to_wgs84(116.404, 39.915, "wgs84") == (116.404, 39.915)
    assert to_wgs84(116.404, 39.915, "gcj02") == gcj02_to_wgs84(116.404, 39.915)
    assert to_wgs84(116.404, 39.915, "bd09") == bd09_to_wgs84(116.404, 39.915)
    with pytest.raises(ValueError, match="mars"):
        to_wgs84(116.404, 39.915, "mars")  # pyright: ignore[reportArgumentType]
    assert coordinates.outside_china(116.4, 39.9) == np.False_
