from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.flood.routing import (
    Cyclic,
    Reach,
    Unstable,
    arrivals,
    coefficients,
    downstream,
    level_pools,
    muskingum,
    of_flow,
    order,
    routed,
    subreaches,
    suited,
    through,
    wave_hours,
)  # fmt: skip
from domain.flood.storage import CUBIC, HOUR, Curve

STORAGE = Curve((60, 62, 64, 65, 66, 68, 70, 72), (1.0, 3.2, 7.5, 10.6, 14.2, 23.1, 34.0, 47.2))
CAPACITY = Curve((60, 62, 64, 65, 66, 68, 70, 72), (0, 0, 40, 90, 150, 310, 520, 780))
INFLOW = [80, 150, 320, 520, 610, 560, 430, 300, 210, 150, 120, 100, 90]


def test_published_muskingum():
    assert coefficients(6.0, 0.2, 3.0) == pytest.approx((0.047619, 0.428571, 0.523810), abs=1e-6)
    found = muskingum([50, 120, 260, 400, 360, 270, 180, 120, 80, 60, 50], 6.0, 0.2, 3.0, 50.0)
    told = [50, 53.33, 91.75, 178.53, 282.09, 314.90, 289.24, 234.36, 178.00, 130.38, 96.39]
    assert found == pytest.approx(told, abs=0.005)


@pytest.mark.parametrize(("release", "peak"), [(60, 67.484), (120, 66.994), (200, 66.743)])
def test_published_level_pool(release, peak):
    found = level_pools(STORAGE, CAPACITY, 65.0, INFLOW, [release] * len(INFLOW), 1.0)
    assert found.level.max() == pytest.approx(peak, abs=0.0005)
    assert found.beyond == -1


def test_published_wave():
    assert wave_hours(18, 1.5) == pytest.approx(2.0)


def test_steps_that_do_not_suit_a_reach():
    with pytest.raises(Unstable):
        coefficients(6.0, 0.2, 2.0)
    with pytest.raises(Unstable):
        coefficients(1.0, 0.2, 2.0)
    with pytest.raises(Unstable):
        subreaches(0.5, 0.2, 1.0)
    with pytest.raises(ValueError, match="K"):
        coefficients(0, 0.2, 1.0)


flows = st.lists(st.floats(0, 2000), min_size=2, max_size=30)
reaches = st.tuples(st.floats(0.05, 20), st.floats(0, 0.5))


@given(reaches)
def test_parts_of_a_reach_are_stable(reach):
    k, x = suited(*reach, 0.25)
    assert k == max(reach[0], 0.125)
    assert x <= reach[1]
    n = subreaches(k, x, 0.25)
    found = coefficients(k / n, x, 0.25)
    assert sum(found) == pytest.approx(1)
    assert min(found) >= -1e-9


@given(flows, reaches)
def test_no_water_is_made_or_lost_and_no_peak_grows(flow, reach):
    k, x = suited(*reach, 0.25)
    rest = flow[0]
    wave = np.array([rest, *flow, *[rest] * (int(60 * k) + 200)])  # until all of it has passed
    found = routed(wave, k, x, 0.25)
    assert (found - rest).sum() == pytest.approx((wave - rest).sum(), abs=1e-6 * (1 + wave.sum()))
    assert found.max() <= wave.max() + 1e-6
    assert found.min() >= wave.min() - 1e-6


@given(flows, reaches)
def test_all_steps_at_once_are_as_step_by_step(flow, reach):
    k, x = suited(*reach, 0.25)
    n = subreaches(k, x, 0.25)
    slow = np.array(flow)
    for _ in range(n):
        slow = muskingum(slow, k / n, x, 0.25)
    assert routed(flow, k, x, 0.25) == pytest.approx(slow, abs=1e-6)


@given(
    st.lists(st.floats(0, 900), min_size=3, max_size=40),
    st.floats(0, 700),
    st.floats(62.1, 69),
    st.sampled_from([0.25, 0.5, 1.0]),
)
def test_the_reservoir_keeps_its_balance(inflow, release, level, dt):
    found = level_pools(STORAGE, CAPACITY, level, inflow, [release] * len(inflow), dt)
    assume(found.beyond == -1)
    come = 0.5 * (np.array(inflow[1:]) + np.array(inflow[:-1]))
    change = (come - found.release[:-1]).sum() * dt * HOUR / CUBIC
    assert found.storage[-1] - found.storage[0] == pytest.approx(change, abs=1e-9)
    assert found.storage == pytest.approx([STORAGE.at(z) for z in found.level], abs=1e-6)
    assert (found.release <= release + 1e-9).all()
    can = [CAPACITY.at(z) for z in found.level]
    assert (found.release <= np.array(can) + 1e-6).all()


def plainly(level, inflow, release, dt):
    """Level by level, as the formula is written."""
    w, levels = STORAGE.at(level), [level]
    for before, after in pairwise(inflow):
        q = min(release, CAPACITY.at(STORAGE.level(w)))
        w += (0.5 * (before + after) - q) * dt * HOUR / CUBIC
        levels.append(STORAGE.level(w))
    return levels


def test_many_at_once_are_as_each_alone():
    inflows = [INFLOW, [0.5 * flow for flow in INFLOW]]
    found = level_pools(STORAGE, CAPACITY, 65.0, inflows, [[90.0] * 13, [150.0] * 13], 1.0)
    assert found.level[0] == pytest.approx(plainly(65.0, inflows[0], 90.0, 1.0))
    assert found.level[1] == pytest.approx(plainly(65.0, inflows[1], 150.0, 1.0))


@given(st.lists(st.floats(0, 900), min_size=3, max_size=40), st.floats(0, 300), st.floats(0, 300))
def test_releasing_more_is_never_a_higher_level(inflow, release, more):
    levels = [
        level_pools(STORAGE, CAPACITY, 65.0, inflow, [one] * len(inflow), 0.25).level.max()
        for one in (release, release + more)
    ]
    assert levels[1] <= levels[0] + 1e-9


def test_water_that_would_leave_the_curve_is_told():
    found = level_pools(STORAGE, CAPACITY, 71.9, [3000] * 10, [0] * 10, 1.0)
    assert found.beyond == 1
    empty = level_pools(STORAGE, None, 60.0, [10, 10, 10], [50, 50, 50], 1.0)
    assert empty.release[:2].tolist() == [10, 10]
    assert empty.level.tolist() == [60, 60, 60]


NETWORK = (
    Reach("dam", "bridge", 2.0), Reach("brook", "bridge", 1.0), Reach("bridge", "city", 3.0), Reach("city", "sea", 1.5)
)  # fmt: skip


def test_water_finds_its_way():
    assert order(NETWORK) == ["brook", "dam", "bridge", "city", "sea"]
    assert arrivals(NETWORK, "dam") == {"dam": 0.0, "bridge": 2.0, "city": 5.0, "sea": 6.5}
    assert downstream(NETWORK, "bridge") == [("city", 3.0), ("sea", 4.5)]
    with pytest.raises(Cyclic, match="city"):
        order((*NETWORK, Reach("sea", "city", 1.0)))


def test_flows_of_all_nodes_add_up():
    wave = np.array([100.0] * 4 + [400.0] * 8 + [100.0] * 200)
    still = np.full(len(wave), 50.0)
    own = {"dam": wave, "brook": still, "city": still}
    found = through(NETWORK, own, 0.25)
    assert found["bridge"][0] == 150
    assert found["sea"][-1] == pytest.approx(200, abs=1e-6)
    assert found["sea"].sum() - 200 * len(wave) == pytest.approx((wave - 100).sum())
    assert found["bridge"].argmax() < found["city"].argmax() < found["sea"].argmax()
    both = through(NETWORK, {node: np.stack([flow, 2 * flow]) for node, flow in own.items()}, 0.25)
    assert both["sea"][1] == pytest.approx(2 * found["sea"])


def test_the_class_of_discharge_nearest_to_the_flow():
    classes = [Reach("a", "b", 6.0, flow=100), Reach("a", "b", 4.0, flow=500), Reach("b", "c", 2.0)]
    assert [one.hours for one in of_flow(classes, {"a": 290})] == [6.0, 2.0]
    assert [one.hours for one in of_flow(classes, 310)] == [4.0, 2.0]
