"""Quantiles of counted values are those of the values one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.services.phrases import phrases, ranked
from domain.services.spread import quantiles

ROW = st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.5, 1.0, 2.0, 7.25, 40.0]), st.integers(1, 9))


@given(st.lists(ROW, min_size=1, max_size=40), st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_quantiles_of_counts_are_those_of_the_values(rows, parts):
    groups = sorted({group for group, _, _ in rows})
    group, values, counts = (np.array(column) for column in zip(*rows, strict=True))
    told = quantiles(np.searchsorted(groups, group), values, counts, parts)
    assert told.shape == (len(groups), len(parts))
    for n, code in enumerate(groups):
        mine = np.repeat(values[group == code], counts[group == code])
        np.testing.assert_allclose(told[n], np.quantile(mine, parts), rtol=1e-9, atol=1e-9)


def test_words_are_cut_at_their_signs_and_each_counts_once_a_text():
    assert phrases("等了很久, 排队太长。排队太长!a") == ("等了很久", "排队太长")
    assert phrases(" ,。") == ()
    told = ranked([("排队太长, 没人管", 2), ("排队太长", 3), ("态度差", 3)])
    assert told == (("排队太长", 5), ("态度差", 3), ("没人管", 2))
