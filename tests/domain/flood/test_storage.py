import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.flood.storage import (
    CUBIC,
    HOUR,
    Curve,
    OutsideCurve,
    back_calculated,
    hours_to_level,
    noise,
    rain_capacity,
    required_release,
    room,
)  # fmt: skip

STORAGE = Curve((60, 62, 64, 65, 66, 68, 70, 72), (1.0, 3.2, 7.5, 10.6, 14.2, 23.1, 34.0, 47.2))


def test_published_hours_to_the_limit():
    assert hours_to_level(STORAGE, 65, 66, 180, 80) == pytest.approx(10.0)
    assert hours_to_level(STORAGE, 65, 66, 80, 100) == math.inf
    assert hours_to_level(STORAGE, 66.5, 66, 180, 80) == 0.0


def test_published_rain_capacity():
    assert rain_capacity(1.80, 0.6, 150) == pytest.approx(20.0)  # 180 万 m³
    assert rain_capacity(-0.2, 0.6, 150) == 0.0
    with pytest.raises(ValueError, match="catchment"):
        rain_capacity(1.0, 0.6, 0)


def test_published_noise_floor():
    assert noise(5.0, 0.01, 1.0) == pytest.approx(13.9, abs=0.05)


def test_inflow_is_calculated_back():
    found = back_calculated(STORAGE, 65.0, 65.1, outflow=80.0, hours=1.0)
    assert found.flow == pytest.approx(80 + 0.36e6 / 3600)
    assert found.noise == pytest.approx(3.6e6 * 0.01 / 3600)
    assert back_calculated(STORAGE, 65.1, 65.0, 20.0, 1.0).flow == pytest.approx(-80.0)  # shown as 0, known as it is
    with pytest.raises(ValueError, match="time"):
        back_calculated(STORAGE, 65.0, 65.1, 80.0, 0)


def test_required_release_uses_the_room_up():
    assert required_release(180, 3.6, 10) == pytest.approx(80.0)
    assert required_release(50, 3.6, 10) == 0.0
    assert required_release(180, -3.6, 10) == pytest.approx(280.0)


def test_a_curve_is_never_continued():
    for level in (59.99, 72.01):
        with pytest.raises(OutsideCurve):
            STORAGE.at(level)
        with pytest.raises(OutsideCurve):
            STORAGE.slope(level)
    with pytest.raises(OutsideCurve):
        STORAGE.level(47.3)
    assert (STORAGE.at(60), STORAGE.at(72)) == (1.0, 47.2)
    assert STORAGE.slope(72) == pytest.approx(6.6)


def test_curves_that_are_none():
    with pytest.raises(ValueError, match="two points"):
        Curve.of([(1, 1)])
    with pytest.raises(ValueError, match="rise"):
        Curve.of([(1, 1), (1, 2)])
    with pytest.raises(ValueError, match="fall"):
        Curve.of([(1, 2), (2, 1)])
    assert Curve.of([(2, 5), (1, 4), (2, 5)]) == Curve((1, 2), (4, 5))


def test_a_flat_curve_is_read_at_its_lowest_level():
    gates = Curve((60, 62, 64, 66), (0, 0, 40, 40))
    assert gates.level(0) == 60
    assert gates.level(40) == 64
    assert gates.at(61) == 0


@st.composite
def curves(draw):
    steps = draw(st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.01, 20)), min_size=2, max_size=8))
    level, value, points = 50.0, 1.0, [(50.0, 1.0)]
    for up, more in steps:
        level, value = level + up, value + more
        points.append((level, value))
    return Curve.of(points)


@given(curves(), st.floats(0, 1), st.floats(0, 1))
def test_a_curve_is_monotone_and_reads_both_ways(curve, one, other):
    low, high = sorted(min(curve.low + share * (curve.high - curve.low), curve.high) for share in (one, other))
    assert curve.at(low) <= curve.at(high) + 1e-9
    assert curve.level(curve.at(low)) == pytest.approx(low, abs=1e-6)


@given(curves(), st.floats(0, 0.9), st.floats(0.01, 1), st.floats(1, 900), st.floats(0, 900))
def test_inflow_for_these_hours_fills_exactly_that_room(curve, start, share, net, outflow):
    level = curve.low + start * (curve.high - curve.low)
    target = min(level + share * (curve.high - level), curve.high)
    hours = hours_to_level(curve, level, target, outflow + net, outflow)
    assert hours * net * HOUR / CUBIC == pytest.approx(room(curve, level, target), abs=1e-6)
