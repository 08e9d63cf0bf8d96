"""Bursts: the handbook's vectors, hysteresis, and what one caller alone cannot do."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from domain.bursts import LEVELS, NEVER, baseline, count_callers, judge, replay, score
from domain.hotline_rules import rules

RULES = rules(date(2026, 3, 1))


@pytest.mark.parametrize(
    ("x", "mu", "z", "level"),
    [(14, 4, 3.48, "burst"), (12, 4, 2.93, "watch"), (30, 15, 3.21, "burst"), (5, 1, 2.47, "watch"), (4, 4, 0, "")],
)
def test_vectors_of_the_handbook(x, mu, z, level):
    assert float(score(x, mu)) == pytest.approx(z, abs=0.005)
    assert judge(x, mu, RULES) == level


def test_each_condition_is_needed():
    assert judge(4, 0.01, RULES) == "watch"  # z 3.8, but fewer than five
    assert judge(2, 0.01, RULES) == ""  # z 2.6, but fewer than three
    assert judge(150, 100, RULES) == "watch"  # z 4.5, but less than twice what is usual
    assert judge(float("nan"), 1, RULES) == judge(9, float("nan"), RULES) == ""


def test_one_caller_alone_is_no_burst():
    assert judge(50, 1, RULES) == "burst"
    assert judge(50, 1, RULES, callers=1) == ""
    assert judge(50, 1, RULES, callers=6) == "watch"
    calls = count_callers([0] * 50, [0] * 50, [7] * 50, (1, 1))
    assert calls.tolist() == [[1]]
    assert replay(calls, 1.0, RULES).states.tolist() == [[0]]


def test_baseline():
    assert float(baseline([1, 2, 3, 4, 5, 6, 70, 80], RULES)) == 3.5
    assert float(baseline([0] * 8, RULES)) == 0.5
    assert float(baseline([4, 4, 4, np.nan, 4, 90, np.nan, np.nan], RULES)) == 4  # of five known weeks one is dropped
    assert float(baseline([4, 90, *[np.nan] * 6], RULES)) == 47
    assert np.isnan(baseline([np.nan] * 8, RULES))
    assert baseline(np.arange(48).reshape(2, 3, 8), RULES).shape == (2, 3)


def said(counts, mu, of=RULES):
    told = replay([counts], mu, of)
    return [LEVELS[state] for state in told.states[0]], told.since[0].tolist()


def test_an_episode_rises_holds_and_clears():
    counts = [1, 5, 14, 4, 9, 4, 4, 5, 14]  # mu 4: watch is from 12, calm up to 7
    states, since = said(counts, [4.0] * 9)
    assert states == ["", "", "burst", "burst", "burst", "burst", "", "", "burst"]
    assert since == [NEVER, NEVER, 2, 2, 2, 2, NEVER, NEVER, 8]
    assert said([12, 4, 12, 14, 4, 4], 4.0) == (["watch"] * 3 + ["burst"] * 2 + [""], [0] * 5 + [NEVER])


def test_a_window_that_is_not_known_changes_nothing():
    states, since = said([14, np.nan, 4, np.nan, 4, np.nan], 4.0)
    assert states == ["burst"] * 4 + [""] * 2
    assert since == [0] * 4 + [NEVER] * 2


def test_the_rules_decide():
    slow = replace(RULES, clear_windows=3)
    assert said([14, 4, 4, 4], 4.0, slow)[0] == ["burst", "burst", "burst", ""]


def test_callers_by_window():
    keys, steps, callers = [0, 0, 0, 1, 0, 0], [0, 0, 1, 1, 3, 3], [5, 5, 5, 5, 0, 0]
    assert count_callers(keys, steps, callers, (2, 4)).tolist() == [[1, 1, 0, 2], [0, 1, 0, 0]]
    assert count_callers(keys, steps, callers, (2, 4), window=2).tolist() == [[1, 1, 1, 2], [0, 1, 1, 0]]
    assert count_callers([], [], [], (1, 2)).tolist() == [[0, 0]]
    with pytest.raises(ValueError, match="must lie in"):
        count_callers([2], [0], [1], (2, 4))


def by_hand(counts, mus):
    """One key, one window after the other, from judge() and the handbook's sentence."""
    state, since, calm, told = "", NEVER, 0, []
    for window, (x, mu) in enumerate(zip(counts, mus, strict=True)):
        level = judge(x, mu, RULES)
        if not state and level:
            since = window
        state = max(state, level, key=LEVELS.index)
        calm = calm + 1 if float(score(x, mu)) < 1.5 else 0
        if calm >= 2:
            state, since = "", NEVER
        told.append((state, since))
    return told


matrices = arrays.arrays(
    float,
    st.tuples(st.integers(1, 4), st.integers(1, 14)),
    elements=st.one_of(st.integers(0, 20).map(float), st.just(np.nan)),
)


@given(matrices, st.data())
def test_property_a_prefix_says_the_same(counts, data):
    mus = data.draw(arrays.arrays(float, counts.shape, elements=st.floats(0.5, 12)))
    cut = data.draw(st.integers(0, counts.shape[1]))
    whole, part = replay(counts, mus, RULES), replay(counts[:, :cut], mus[:, :cut], RULES)
    assert np.array_equal(whole.states[:, :cut], part.states)
    assert np.array_equal(whole.since[:, :cut], part.since)
    assert ((whole.since == NEVER) == (whole.states == 0)).all()


@given(matrices, st.floats(0.5, 12), st.data())
def test_property_in_two_parts_as_in_one(counts, mu, data):
    cut = data.draw(st.integers(0, counts.shape[1]))
    whole, first = replay(counts, mu, RULES), replay(counts[:, :cut], mu, RULES)
    rest = replay(counts[:, cut:], mu, RULES, after=first.standing)
    assert np.array_equal(np.hstack([first.states, rest.states]), whole.states)
    assert np.array_equal(np.hstack([first.since, rest.since]), whole.since)
    assert rest.standing.windows == counts.shape[1]


@given(matrices, st.floats(0.5, 12))
def test_property_each_key_is_as_by_hand(counts, mu):
    counts = np.nan_to_num(counts)
    told = replay(counts, mu, RULES)
    for row, states, since in zip(counts, told.states, told.since, strict=True):
        found = [(LEVELS[state], begun) for state, begun in zip(states, since.tolist(), strict=True)]
        assert found == by_hand(row, [mu] * len(row))


@given(st.lists(st.integers(0, 500), min_size=8, max_size=8), st.integers(0, 10**6))
def test_property_two_wild_weeks_hardly_matter(weeks, wild):
    usual = float(baseline(weeks, RULES))
    assert 0.5 <= usual <= max(0.5, *weeks)
    spiked = [*sorted(weeks)[:6], max(weeks) + wild, max(weeks) + 2 * wild]
    assert float(baseline(spiked, RULES)) == usual


orders = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), st.integers(0, 4)), max_size=40)


@given(orders, st.integers(1, 4))
def test_property_callers_as_sets(rows, window):
    keys, steps, callers = np.array(rows, int).reshape(-1, 3).T
    found = count_callers(keys, steps, callers, (3, 6), window=window)
    for key in range(3):
        for step in range(6):
            here = [caller for k, s, caller in rows if k == key and step - window < s <= step]
            assert found[key, step] == len({c for c in here if c}) + here.count(0)
