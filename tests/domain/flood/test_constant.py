"""Constant releases: the handbook's own numbers, and everything else counted with plain loops."""

import dataclasses
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from domain.flood import release
from domain.flood.plan import HOLD
from domain.flood.release import Control, Setting
from domain.flood.routing import Reach
from domain.flood.rules import FILE, rules
from domain.flood.storage import Curve
from tests import flood_by_hand as by_hand

LEVELS = (60, 62, 64, 65, 66, 68, 70, 72)  # the handbook's curves
STORAGE = Curve(LEVELS, (1.0, 3.2, 7.5, 10.6, 14.2, 23.1, 34.0, 47.2))
CAPACITY = Curve(LEVELS, (0, 0, 40, 90, 150, 310, 520, 780))
INFLOW = np.array([80, 150, 320, 520, 610, 560, 430, 300, 210, 150, 120, 100, 90], float)
RULES = SimpleNamespace(band=(0.8, 1.2), ramp_share=0.25, ramp_minutes=30, notify_h=1.0, offset_h=2.0)


def handbook(**more):
    """The handbook's reservoir with two stations below it and a tributary."""
    past = 24
    given = {
        "node": "dam", "storage": STORAGE, "capacity": CAPACITY, "level": 65.0, "current": 30.0, "inflow": INFLOW,
        "past": np.full(past, 30.0), "reaches": (Reach("dam", "bridge", 2.0), Reach("brook", "bridge", 1.0),
                                                 Reach("bridge", "city", 3.0)),
        "own": {"brook": np.concatenate([np.full(past, 20.0), 20 + 0.2 * INFLOW]),
                "city": np.full(past + len(INFLOW), 15.0)},
        "controls": (Control("bridge", 240.0), Control("city", 300.0)), "limit": 66.0, "target": 67.0, "dt": 1.0,
        "rules": RULES,
    }  # fmt: skip
    return Setting(**(given | more))


@pytest.mark.parametrize(("flow", "peak"), [(60, 67.484), (120, 66.994), (200, 66.743)])
def test_published_peaks(flow, peak):
    found = release.constant(handbook(), flow)
    assert found.peak[1] == pytest.approx(peak, abs=0.0005)


@pytest.mark.parametrize("flow", [0.0, 3.5, 30.0, 60.0, 120.0, 200.0, 240.0, 780.0])
@pytest.mark.parametrize("more", [{}, {"capacity": None}, {"steady": frozenset({"brook"})}, {"level": 62.5}])
def test_every_number_by_plain_loops(flow, more):
    setting = handbook(**more)
    told, found = by_hand.counted(setting, flow), release.constant(setting, flow)
    for n in range(3):
        levels, out = told.levels[n], told.out[n]
        assert found.course.level[n] == pytest.approx(levels, abs=1e-9)
        assert found.course.release[n] == pytest.approx(out, abs=1e-9)
        assert found.peak[n] == pytest.approx(max(levels))
        assert levels[found.step[n]] == pytest.approx(max(levels))
        assert found.hours_over_limit[n] == by_hand.hours(levels, 66.0, 1.0)
        assert found.hours_over_target[n] == by_hand.hours(levels, 67.0, 1.0)
        assert found.final[n] == pytest.approx(levels[-1])
        assert found.most[n] == pytest.approx(max(out))
        assert not found.beyond[n]
        for one in found.passages:
            flows = told.below[one.code][n]
            assert one.flow[n] == pytest.approx(flows, abs=1e-6)
            assert one.peak[n] == pytest.approx(max(flows))
            assert one.left[n] == pytest.approx(one.safe - max(flows))
            assert one.hours_over[n] == by_hand.hours(flows, one.safe, 1.0)


def test_a_constant_knows_no_ramp_and_no_notice():
    setting = handbook(level=68.0)
    found = release.constant(setting, 200.0)
    assert setting.ramp == 120.0
    assert found.course.release[1].tolist() == [200.0] * len(INFLOW)


def test_as_now_is_holding():
    setting = handbook()
    held, same = release.outcome(setting, HOLD), release.constant(setting, setting.current)
    for one, other in zip(held.course, same.course, strict=True):
        assert np.array_equal(one, other)
    assert same.peak == held.peak


def test_the_six_constants_of_the_handbook():
    setting = handbook()
    told = release.constant_flows(setting, 3.5)
    assert list(told) == ["zero", "current", "ecological", "half_safe", "safe", "capacity"]
    assert list(told.values()) == [0.0, 30.0, 3.5, 120.0, 240.0, 780]
    full = release.constant(setting, 780)
    can = [by_hand.between(z, LEVELS, CAPACITY.values) for z in full.course.level[1]]
    assert full.course.release[1] == pytest.approx(can)
    bare = dataclasses.replace(setting, capacity=None, controls=())
    assert list(release.constant_flows(bare, None).values()) == [0.0, 30.0, None, None, None, None]


def test_hours_above_a_level_that_nobody_knows():
    assert release.hours_over(np.array([[1.0, 2.0, 3.0]]), None, 0.5) == (None,)
    assert release.hours_over(np.array([[1.0, 2.0, 3.0]]), 1.0, 0.5) == (1.0,)


def test_an_ecological_flow_is_laid_down_for_a_station_and_from_a_day(tmp_path):
    own = tmp_path / "rules.toml"
    change = '\n[[change]]\nfrom = 2026-05-01\nstation = "R1"\necological_flow = 3.5\n'
    own.write_text(FILE.read_text(encoding="utf-8") + change, encoding="utf-8")
    told = {
        (day, station): rules(day, station, own).ecological_flow
        for day in (date(2026, 4, 30), date(2026, 5, 1))
        for station in ("R1", "R2")
    }
    assert [key for key, flow in told.items() if flow] == [(date(2026, 5, 1), "R1")]
    assert told[date(2026, 5, 1), "R1"] == 3.5
