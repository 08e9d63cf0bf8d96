"""Collective appeals: the handbook's thresholds, and what holds for any orders, counted another way."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.crowds import Crowd, Orders, crowds, fullest, likeness
from domain.hotline_rules import rules

RULES = rules(date(2026, 3, 1))
START = np.datetime64("2026-03-01T08:00")
METRE = 1 / 111_195.0  # of latitude, degrees


def told(rows: list[tuple], held=RULES) -> list[Crowd]:
    """rows: (kind, place, metres north or None, caller, hours after the start)."""
    lat = [float("nan") if m is None else 30 + m * METRE for _, _, m, _, _ in rows]
    lon = [float("nan") if m is None else 115.0 for _, _, m, _, _ in rows]
    at = [START + np.timedelta64(int(h * 3600), "s") for *_, h in rows]
    kinds, places, _, callers, _ = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return crowds(Orders(kinds, places, lon, lat, callers, np.array(at, "datetime64[us]")), held)


def five(**changed) -> list[tuple]:
    rows = [("heat", "", 100.0 * n, n + 1, 5.0 * n) for n in range(5)]
    for n, row in changed.items():
        rows[int(n[1:])] = row
    return rows


def test_five_callers_within_500_metres_and_a_day_are_one():
    (crowd,) = told(five())
    assert (crowd.callers, crowd.peak, crowd.members.tolist(), crowd.window) == (5, 5, [0, 1, 2, 3, 4], (0, 4))


@pytest.mark.parametrize(
    "row",
    [
        ("heat", "", 400.0, 4, 20.0),  # a caller who calls again
        ("heat", "", 400.0, 0, 20.0),  # nobody knows who
        ("heat", "", 1101.0, 5, 20.0),  # too far from all that are near each other
        ("heat", "", 400.0, 5, 24.0),  # a day later
        ("lift", "", 400.0, 5, 20.0),  # of something else
        ("heat", "m", None, 5, 20.0),  # nobody knows where
    ],
)
def test_one_that_does_not_belong_makes_it_none(row):
    assert told(five(n4=row)) == []


def test_without_points_the_community_tells_where():
    rows = [("heat", "m", None, n, n) for n in range(1, 6)]
    assert [c.peak for c in told(rows)] == [5]
    assert told([*rows[:4], ("heat", "k", None, 5, 5)]) == []
    assert told([("heat", "", None, n, n) for n in range(1, 9)]) == []
    assert told([("", "m", None, n, n) for n in range(1, 9)]) == []


def test_who_comes_later_belongs_to_it_but_not_to_its_window():
    rows = [*five(), ("heat", "", 0.0, 6, 70.0), ("heat", "", 50.0, 1, 71.0)]
    (crowd,) = told(rows)
    assert (crowd.callers, crowd.peak, len(crowd.members), crowd.window) == (6, 5, 7, (0, 4))


def test_thresholds_are_the_rules():
    assert told(five(), replace(RULES, crowd_callers=6)) == []
    assert told(five(), replace(RULES, crowd_metres=199)) == []
    assert told(five(), replace(RULES, crowd_metres=200)) != []
    assert told(five(), replace(RULES, crowd_hours=20)) == []


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["heat", "lift", ""]),
        st.sampled_from(["", "m", "k"]),
        st.one_of(st.none(), st.integers(0, 2500).map(float)),
        st.integers(0, 12),
        st.integers(0, 96).map(float),
    ),
    max_size=60,
)
FEW = replace(RULES, crowd_callers=3)


@given(ROWS)
def test_property_what_is_told_is_true(rows):
    found = told(rows, FEW)
    seen: set[int] = set()
    for crowd in found:
        mine = [rows[n] for n in crowd.members]
        centre = rows[crowd.centre]
        assert not seen & set(crowd.members.tolist()) and crowd.centre in crowd.members
        seen |= set(crowd.members.tolist())
        assert {r[0] for r in mine} == {centre[0]} and centre[0] != ""
        assert 0 not in {r[3] for r in mine}
        assert crowd.callers == len({r[3] for r in mine}) >= crowd.peak >= 3
        if centre[2] is None:
            assert {r[1] for r in mine} == {centre[1]} and all(r[2] is None for r in mine)
        else:
            assert all(r[2] is not None and abs(r[2] - centre[2]) <= 500.001 for r in mine)
        first, last = crowd.window
        assert mine[last][4] - mine[first][4] < 24
        assert len({r[3] for r in mine[first : last + 1]}) == crowd.peak
    assert [c.peak for c in found] == sorted((c.peak for c in found), reverse=True)


@given(ROWS)
def test_property_nothing_is_missed(rows):
    """What is left has no three callers of a kind within a day and 500 m of any of them."""
    left = set(range(len(rows))) - {n for crowd in told(rows, FEW) for n in crowd.members.tolist()}
    free = [rows[n] for n in left if rows[n][3] and rows[n][0] and (rows[n][2] is not None or rows[n][1])]
    for kind, place, m, _, _ in free:
        near = [
            r
            for r in free
            if r[0] == kind
            and (r[2] is None) == (m is None)
            and (r[1] == place if m is None else abs(r[2] - m) <= 499.999)
        ]
        for start in near:
            assert len({r[3] for r in near if start[4] <= r[4] < start[4] + 24}) < 3


@given(ROWS, st.randoms(use_true_random=False))
def test_property_the_order_of_the_orders_does_not_matter(rows, random):
    mixed = list(rows)
    random.shuffle(mixed)

    def shape(some: list[tuple]) -> list[tuple]:
        return sorted((c.peak, c.callers, sorted(some[n][2:] for n in c.members)) for c in told(some, FEW))

    if all(r[2] is not None for r in rows):
        assert shape(rows) == shape(mixed)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 40)), max_size=25), st.integers(1, 15))
def test_property_the_fullest_window_counted_one_by_one(rows, width):
    rows = sorted(rows, key=lambda row: row[1])
    peak, (first, last) = fullest([r[0] for r in rows], [r[1] for r in rows], width)
    each = [len({c for c, t in rows if start <= t < start + width}) for _, start in rows]
    assert peak == max(each, default=0)
    if rows:
        assert len({c for c, _ in rows[first : last + 1]}) == peak and rows[last][1] - rows[first][1] < width


def test_likeness():
    assert likeness("小区停暖", "小区停暖") == 1
    assert likeness("小区停暖", "路面积水") == 0
    assert likeness("", "") == 1 and likeness("", "停暖") == 0 and likeness("水", "水") == 1
    assert likeness("金桂园小区停暖无人处理", "金桂园小区停暖三天") == pytest.approx(6 / 12)


@given(st.text(), st.text())
def test_property_likeness_is_a_share_and_goes_both_ways(one, other):
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1
    assert likeness(one, one) == 1
