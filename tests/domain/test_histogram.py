"""Quantiles of counted durations against those of the durations themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.histogram import buckets, quantiles, widths

values = st.lists(st.integers(0, 90_000_000), min_size=1, max_size=400)
PARTS = (0.0, 0.25, 0.5, 0.9, 1.0)


def counted(some: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return np.unique(buckets(np.array(some)), return_counts=True)


@given(values)
def test_a_bucket_holds_its_numbers_and_is_no_wider_than_a_64th_of_them(some):
    numbers = np.array([n for n in some if n < widths()[-1][0]], dtype=np.int64)
    lows = buckets(numbers)
    assert (lows <= numbers).all()
    assert ((numbers - lows) * 64 <= numbers).all()
    assert (buckets(lows) == lows).all()


@given(st.lists(st.integers(0, 127), min_size=1), st.sampled_from(PARTS))
def test_small_numbers_have_their_own_quantiles(some, part):
    assert quantiles(*counted(some), [part]) == [pytest.approx(np.quantile(some, part))]


@given(values, st.sampled_from(PARTS))
def test_a_quantile_errs_by_a_bucket_at_most(some, part):
    low, high = (float(np.quantile(some, part, method=m)) for m in ("lower", "higher"))
    (found,) = quantiles(*counted(some), [part]) or []
    widest = [max(1, v / 64, (v >= widths()[-1][0]) * widths()[-1][1]) for v in (low, high)]
    assert low - widest[0] <= found <= high + widest[1]


def test_many_even_numbers_err_far_less():
    rng = np.random.default_rng(3)
    some = np.exp(rng.normal(9, 1.2, 200_000)).astype(np.int64)
    for part, found in zip((0.5, 0.9), quantiles(*counted(some.tolist()), (0.5, 0.9)) or [], strict=True):
        assert found == pytest.approx(float(np.quantile(some, part)), rel=0.001)


def test_of_nothing_there_is_none():
    none = np.array([], dtype=np.int64)
    assert quantiles(none, none, PARTS) is None
    assert quantiles(np.array([7]), np.array([0]), PARTS) is None


@given(values, st.randoms())
def test_a_bucket_may_be_told_in_parts(some, random):
    parts = [(low, 1) for low in buckets(np.array(some)).tolist()]
    random.shuffle(parts)
    assert quantiles(*map(np.array, zip(*parts, strict=True)), PARTS) == quantiles(*counted(some), PARTS)


def test_what_is_not_known_stays_what_it_is():
    assert buckets(np.array([-1.0, 0.7, 128.9, 129.2])).tolist() == [-1, 0, 128, 128]
