"""Queues against the handbook's vectors, Erlang's formula as it stands in books, and a simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.services.queue import (
    Little,
    erlang_c,
    hours_to_clear,
    little,
    utilisation,
    wait_of_next,
    windows_for_load,
    windows_for_wait,
)


def by_the_book(arrivals: float, service: float, windows: int) -> float:
    load = arrivals * service
    last = load**windows / math.factorial(windows) / (1 - load / windows)
    return last / (sum(load**k / math.factorial(k) for k in range(windows)) + last)


def test_vector_of_the_handbook():
    found = erlang_c(48, 8 / 60, 8)
    assert found.utilisation == pytest.approx(0.8)
    assert found.waits == pytest.approx(0.4576, abs=5e-5)
    assert found.wait_h * 60 == pytest.approx(2.288, abs=5e-4)


@given(st.floats(1, 120), st.floats(0.02, 0.5), st.integers(1, 30))
def test_the_recursion_is_the_formula(arrivals, service, windows):
    found = erlang_c(arrivals, service, windows)
    if arrivals * service < windows * 0.999:
        assert found.waits == pytest.approx(by_the_book(arrivals, service, windows), rel=1e-9)
    elif arrivals * service >= windows:
        assert (found.waits, found.wait_h) == (1.0, math.inf)


@given(st.floats(1, 120), st.floats(0.02, 0.5), st.floats(0.01, 0.5))
def test_the_windows_for_a_wait_are_enough_and_one_fewer_is_not(arrivals, service, wait):
    windows = windows_for_wait(arrivals, service, wait)
    assert erlang_c(arrivals, service, windows).wait_h <= wait
    assert windows == 1 or erlang_c(arrivals, service, windows - 1).wait_h > wait


def test_load():
    assert utilisation(48, 8 / 60, 6) == pytest.approx(1.0667, abs=1e-4)
    assert utilisation(48, 8 / 60, 0) is None
    assert windows_for_load(48, 8 / 60, 0.8) == 8
    assert windows_for_load(48, 8 / 60, 0.85) == 8  # 6.4 / 0.85 = 7.53


@given(st.integers(1, 20), st.floats(0.02, 0.5), st.floats(0.1, 0.95))
def test_the_mean_wait_is_that_of_all_who_find_a_queue(windows, service, load):
    """PASTA: Erlang's mean is the wait of the next, over all queues that one may find (geometric: all busy)."""
    found = erlang_c(load * windows / service, service, windows)
    lengths = np.arange(0, 2000)
    odds = found.waits * (1 - load) * load**lengths
    waits = [wait_of_next(int(n), service, windows) for n in lengths[1:]]
    of_none = service / windows  # all windows busy, nobody waits yet
    assert odds[0] * of_none + odds[1:] @ waits == pytest.approx(found.wait_h, rel=1e-6)


def test_the_next_waits_as_long_as_the_queue_is_and_no_window_is_an_error():
    assert wait_of_next(9, 8 / 60, 5) * 60 == pytest.approx(16)
    assert wait_of_next(9, 8 / 60, 8) * 60 == pytest.approx(10)
    assert wait_of_next(0, 8 / 60, 5) == 0
    with pytest.raises(ValueError, match="one window"):
        wait_of_next(3, 0.1, 0)


def test_who_waits_now_is_gone_when_more_windows_open():
    assert hours_to_clear(13, 48, 8 / 60, 6) == math.inf
    assert hours_to_clear(13, 48, 8 / 60, 8) * 60 == pytest.approx(65)
    assert hours_to_clear(0, 48, 8 / 60, 6) == 0


def test_littles_law_on_the_handbooks_numbers():
    assert Little(10.0, 48 * 12.5 / 60, 0.1).off == 0
    assert Little(10.0, 11.5, 0.1).doubtful
    assert not Little(10.0, 11.5, 0.2).doubtful
    assert not Little(0.2, 0.25, 0.1).doubtful  # a queue of nobody: less than a tenth of one person


def test_a_day_in_order_keeps_the_law_and_a_wrong_clock_does_not():
    rng = np.random.default_rng(3)
    taken = np.sort(rng.uniform(9, 16, 300))
    called = taken + rng.exponential(0.2, 300)
    assert not little(taken, called, 9, 18, 0.1).doubtful
    assert little(taken, called - 0.35, 9, 18, 0.1).doubtful  # the windows' clock is 21 minutes behind


def test_littles_law_needs_a_span():
    with pytest.raises(ValueError, match="no length"):
        little(np.array([9.0]), np.array([9.1]), 9, 9, 0.1)
    assert little(np.array([]), np.array([]), 9, 17, 0.1) == Little(0.0, 0.0, 0.1)
