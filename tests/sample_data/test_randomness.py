"""Chance that is a function."""

import numpy as np
import pandas as pd
import pytest

from sample_data.bounces import MOST, receivers, times_returned
from sample_data.randomness import scattered
from sample_data.vocabulary import leaves
from sample_data.wording import said, texts


@pytest.mark.parametrize("count", [2, 3, 1000, 65_536, 100_001])
def test_scattered_numbers_are_each_their_own_and_small(count: int) -> None:
    found = scattered(np.arange(count), count, 7)
    assert len(np.unique(found)) == count
    assert found.min() >= 0
    assert found.max() < 2 * count
    if count >= 1000:
        assert np.corrcoef(np.arange(count), found)[0, 1] < 0.3  # neighbours do not stay together
        assert (scattered(np.arange(count), count, 8) != found).mean() > 0.9


def test_times_returned_are_between_one_and_most() -> None:
    u = np.linspace(1e-6, 1 - 1e-6, 1000)
    for pair in (False, True):
        times = times_returned(u, np.full(1000, pair))
        assert (times.min(), times.max()) == (1, MOST)
    assert times_returned(u, np.full(1000, True)).mean() > times_returned(u, np.full(1000, False)).mean()


class _City:
    """Two organisations of a district that are mistaken for each other, and two others."""

    def __init__(self) -> None:
        codes = ["d-jsj", "d-cgj", "d-sjj", "d-hbj"]
        self.organisations = pd.DataFrame({"code": codes, "kind": "district", "district_code": "d"})


def test_who_has_an_order_first_and_after_each_return() -> None:
    """jsj = 0 has it in the end; cgj = 1 is the likely mistake, sjj = 2 the other."""
    returns, refused = np.array([0, 1, 1, 2, 3, 5]), np.array([False, False, True, False, False, False])
    none = np.zeros(6, dtype=bool)
    found = receivers(_City(), np.zeros(6, dtype=np.int64), returns, none, refused)  # type: ignore[arg-type]
    assert found.tolist() == [
        [0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [2, 1, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0],
        [1, 0, 1, 0, 1, 0],
    ]  # fmt: skip


def test_a_title_that_says_what_it_is_knows_better_than_the_type() -> None:
    praised = said(np.array([105]), np.array([_title("表扬")]), np.array([2]), np.array([0]), np.array([0.99]))
    assert texts()[praised[0]].startswith("市民来电表扬：本辖区便民服务中心工作人员")


def _title(verb: str) -> int:
    titles = [title for leaf in leaves() for title in leaf.titles]
    return next(n for n, (before, _, _) in enumerate(titles) if before.startswith(verb))
