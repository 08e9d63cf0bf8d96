from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.flood.levels import (
    BEYOND,
    BLUE,
    NORMAL,
    ORANGE,
    RED,
    YELLOW,
    Limits,
    State,
    Threshold,
    depth_state,
    faults,
    hours_to,
    percentile,
    reservoir_state,
    river_state,
)  # fmt: skip

DAY = date(2026, 7, 18)
RIVER = Limits.on([Threshold("warning", 20.0), Threshold("guarantee", 21.3), Threshold("record", 22.06)], DAY)
RESERVOIR = Limits.on(
    [
        Threshold(name, value)
        for name, value in {
            "dead": 142, "limit": 158.5, "flood_high": 160.3, "design": 161.8, "check": 163.6, "crest": 165.2
        }.items()
    ],
    DAY,
)  # fmt: skip


@pytest.mark.parametrize(
    ("level", "state", "name", "margin"),
    [
        (19.49, NORMAL, "warning", -0.51),
        (19.5, BLUE, "warning", -0.5),
        (20.0, YELLOW, "warning", 0.0),
        (20.88, YELLOW, "warning", 0.88),
        (21.3, ORANGE, "guarantee", 0.0),
        (22.06, RED, "record", 0.0),
    ],
)
def test_a_river_against_its_thresholds(rules, level, state, name, margin):
    found = river_state(level, RIVER, rules)
    assert (found.level, found.name) == (state, name)
    assert found.margin == pytest.approx(margin)


def test_without_a_threshold_there_is_no_state(rules):
    assert river_state(19.0, Limits({}), rules) == State(None)
    assert river_state(None, RIVER, rules) == State(None)
    only = Limits.on([Threshold("guarantee", 21.3)], DAY)
    below = river_state(21.0, only, rules)
    assert below.level is None
    assert below.name == "guarantee"
    assert river_state(21.4, only, rules).level == ORANGE


def test_a_short_series_has_no_red(rules):
    short = Limits.on([Threshold("warning", 20.0), Threshold("guarantee", 21.3), Threshold("record", 20.5)], DAY)
    assert river_state(20.6, short, rules).level == YELLOW
    assert river_state(25.0, short, rules).level == ORANGE


def test_the_flow_counts_where_it_is_worse(rules):
    both = Limits.on([Threshold("warning", 20.0), Threshold("guarantee", 1000.0, "flow")], DAY)
    assert river_state(19.0, both, rules, flow=1100.0) == State(ORANGE, "guarantee", 100.0)
    assert river_state(19.0, both, rules, flow=900.0) == State(NORMAL, "warning", -1.0)


@pytest.mark.parametrize(
    ("level", "rising", "state", "name"),
    [
        (158.1, True, NORMAL, "limit"),
        (158.3, False, NORMAL, "limit"),
        (158.3, True, BLUE, "limit"),
        (158.5, True, BLUE, "limit"),
        (158.51, False, YELLOW, "limit"),
        (160.3, False, ORANGE, "flood_high"),
        (161.8, False, RED, "design"),
        (163.6, False, BEYOND, "check"),
    ],
)
def test_a_reservoir_against_its_thresholds(rules, level, rising, state, name):
    found = reservoir_state(level, RESERVOIR, rising, rules)
    assert (found.level, found.name) == (state, name)


def test_an_unknown_flood_high_level_is_half_way(rules):
    limits = Limits.on([Threshold("limit", 100.0), Threshold("design", 104.0)], DAY)
    assert reservoir_state(101.9, limits, False, rules).level == YELLOW
    assert reservoir_state(102.0, limits, False, rules) == State(ORANGE, "half_way", 0.0)
    assert reservoir_state(102.0, Limits({}), False, rules) == State(None)


def test_depths_of_the_point_before_those_of_the_rules(rules):
    own = Limits.on([Threshold("yellow", 20.0, "depth")], DAY)
    states = [depth_state(cm, own, rules).level for cm in (2.9, 3, 15, 20, 27, 40)]
    assert states == [NORMAL, BLUE, BLUE, YELLOW, ORANGE, RED]
    assert depth_state(15.0, Limits({}), rules) == State(YELLOW, "yellow", 0.0)
    assert depth_state(None, own, rules) == State(None)


SEASONS = [
    Threshold("limit", 158.5, season_from="0501", season_to="0731"),
    Threshold("limit", 159.5, season_from="0801", season_to="0930"),
    Threshold("limit", 161.0, season_from="1115", season_to="0215"),
    Threshold("normal", 162.0),
]


@pytest.mark.parametrize(
    ("day", "limit"),
    [
        (date(2026, 7, 31), 158.5),
        (date(2026, 8, 1), 159.5),
        (date(2026, 12, 31), 161.0),
        (date(2027, 1, 1), 161.0),
        (date(2027, 2, 15), 161.0),
        (date(2027, 2, 16), 162.0),  # between seasons: the normal level
        (date(2026, 10, 5), 162.0),
    ],
)
def test_the_limit_of_the_season(day, limit):
    assert Limits.on(SEASONS, day).get("limit") == limit


def test_thresholds_have_days_and_a_datum():
    old = Threshold("warning", 20.0, valid_to=date(2026, 1, 1), datum="wusong")
    new = Threshold("warning", 20.5, valid_from=date(2026, 1, 1), datum="wusong")
    assert Limits.on([new, old], date(2025, 12, 31)).get("warning") == 20.0
    assert Limits.on([old, new], date(2026, 1, 1)).get("warning") == 20.5
    assert not Limits.on([new], DAY, "yellow_sea_85")
    assert Limits.on([new], DAY, "wusong").get("warning") == 20.5


def test_thresholds_that_contradict_each_other():
    assert faults(RESERVOIR) == []
    equal = Limits.on([Threshold("limit", 100.0), Threshold("normal", 100.0), Threshold("dead", 100.0)], DAY)
    assert faults(equal) == [("dead", "limit")]
    wrong = Limits.on([Threshold("design", 100.0), Threshold("check", 99.0)], DAY)
    assert faults(wrong) == [("design", "check")]


def test_percentile_among_other_years():
    assert percentile(5.0, [1, 2, 3, 9]) == 0.75
    assert percentile(5.0, [5.0, 5.0]) == 0.5
    assert percentile(5.0, []) is None


def test_hours_to_a_threshold():
    assert hours_to(20.88, 21.30, 0.39) == pytest.approx(0.42 / 0.39)
    assert hours_to(21.4, 21.3, -1.0) == 0.0
    assert hours_to(20.0, 21.0, 0.0) is None


@given(st.lists(st.floats(10, 30), min_size=3, max_size=3), st.floats(5, 35), st.floats(0, 5))
def test_a_higher_river_is_never_better(rules, values, level, more):
    limits = Limits.on(
        [Threshold(n, v) for n, v in zip(("warning", "guarantee", "record"), sorted(values), strict=True)], DAY
    )
    low, high = river_state(level, limits, rules).level, river_state(level + more, limits, rules).level
    assert low is not None
    assert high is not None
    assert low <= high
