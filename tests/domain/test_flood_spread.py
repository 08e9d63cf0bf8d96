"""What gauges count for at a place between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.flood.spread import FARTHEST_KM, NEAREST, near

points = st.dictionaries(st.text(min_size=1), st.tuples(st.floats(116, 118), st.floats(35, 37)), max_size=12)


@given(points, st.floats(116, 118), st.floats(35, 37))
def test_weights_are_shares_of_the_nearest(some, lon, lat):
    found = near(lon, lat, some)
    assert len(found) <= NEAREST
    assert not found or sum(found.values()) == pytest.approx(1)
    assert all(part > 0 for part in found.values())


def test_the_nearer_counts_for_more_by_the_square_of_its_distance():
    found = near(117.0, 36.0, {"one": (117.0, 36.02), "two": (117.0, 35.96)})
    assert found["one"] / found["two"] == pytest.approx(4)


def test_what_lies_too_far_away_tells_nothing():
    degrees = (FARTHEST_KM + 1) / 111.2
    assert near(117.0, 36.0, {"far": (117.0, 36.0 + degrees)}) == {}
