"""The expected band: from days like it, unmoved by spikes, without a claim where little is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from domain.expected import band, outside

WEEK = [113, 106, 103, 102, 103, 80, 74]


def test_an_even_series_by_hand():
    values = np.array(WEEK * 10, float)
    found = band(values)
    assert np.isnan(found.middle[:28]).all()  # four days of history are needed
    assert found.middle[28:].tolist() == WEEK * 6
    assert found.high[28] == pytest.approx(113 + 3 * np.sqrt(113))
    assert found.low[28] == pytest.approx(113 - 3 * np.sqrt(113))
    assert not outside(values, found).any()
    measured = band(values, counts=False, width=2)
    assert measured.high[28] == pytest.approx(113 * 1.1)  # an even history: a twentieth, twice


def test_the_spread_is_that_of_the_same_weekday():
    mondays = [100, 130, 90, 120, 110, 80, 140, 100]  # median 105; deviations 5 25 15 15 5 25 35 5, median 15
    values = np.full(57, 10.0)
    values[0:56:7] = mondays
    found = band(values, width=1)
    assert found.middle[56] == 105
    assert found.high[56] == pytest.approx(105 + 1.4826 * 15)


def test_a_spike_and_a_gap_are_seen_and_marked_days_are_judged():
    values = np.array(WEEK * 10, float)
    values[60], values[62], values[64] = 300, 20, np.nan
    kinds = np.full(70, "ordinary")
    kinds[60] = "marked"
    said = outside(values, band(values, kinds))
    assert {day: int(said[day]) for day in np.flatnonzero(said)} == {60: 1, 62: -1}


def test_special_days_have_no_band_and_are_no_history():
    values = np.array(WEEK * 10, float)
    kinds = np.full(70, "ordinary", dtype="<U8")
    values[35:42], kinds[35:42] = 1, "special"
    found = band(values, kinds)
    assert np.isnan(found.middle[35:42]).all()
    assert found.middle[42:].tolist() == WEEK * 4
    assert not outside(values, found).any()
    values[0:28:7] = np.nan  # five known weeks less the special one leave too few Mondays
    assert np.isnan(band(values, kinds).middle[42])


def test_the_season_of_last_year():
    values, last_year = np.full(80, 100.0), np.full(80, 50.0)
    last_year[56:] = 75  # last year the season began here
    found = band(values, last_year=last_year)
    assert found.middle[55] == 100
    assert found.middle[63] == pytest.approx(150)
    last_year[56:] = 500
    assert band(values, last_year=last_year).middle[63] == 200  # not more than twice
    values[0:63:7] = [100, 160, 40, 160, 40, 160, 40, 160, 40]  # median 100 of the last eight, deviations 60
    last_year[:56], last_year[56:] = 50, 75
    assert band(values, last_year=last_year, width=1).high[63] == pytest.approx(150 + 1.4826 * 60 * 1.5)
    last_year[63] = 500  # one wild day of last year is no season
    assert band(values, last_year=last_year).middle[63] == 150
    last_year[:] = 0
    assert band(values, last_year=last_year).middle[63] == 100


def test_zeros_are_usual_where_they_are_usual():
    values = np.zeros(60)
    values[57], values[58] = 3, 4
    found = band(values)
    assert (found.low[57], found.middle[57], found.high[57]) == (0, 0, 3)
    assert outside(values, found)[[57, 58]].tolist() == [0, 1]


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="one a day each"):
        band([1.0, 2.0], ["ordinary"])
    with pytest.raises(ValueError, match="kinds storm"):
        band([1.0], ["storm"])
    assert band([]).low.tolist() == []


series = arrays.arrays(float, st.integers(30, 100), elements=st.one_of(st.integers(0, 500).map(float), st.just(np.nan)))
kind = st.sampled_from(["ordinary", "ordinary", "ordinary", "marked", "special"])


def drawn(data, values):
    kinds = np.array(data.draw(st.lists(kind, min_size=len(values), max_size=len(values))))
    last_year = data.draw(arrays.arrays(float, len(values), elements=st.integers(0, 500).map(float)))
    return kinds, last_year


@given(series, st.data(), st.booleans())
def test_property_order_and_where_a_band_is_known(values, data, counts):
    kinds, last_year = drawn(data, values)
    found = band(values, kinds, last_year=last_year, counts=counts)
    known = np.isfinite(found.middle)
    assert (np.isfinite(found.low) == known).all() and (np.isfinite(found.high) == known).all()
    assert (found.low[known] <= found.middle[known]).all() and (found.middle[known] <= found.high[known]).all()
    for day in range(len(values)):
        past = [day - 7 * k for k in range(1, 9) if day - 7 * k >= 0]
        usable = [at for at in past if kinds[at] == "ordinary" and np.isfinite(values[at])]
        assert known[day] == (len(usable) >= 4 and kinds[day] != "special")


@given(series, st.data(), st.floats(0.01, 100))
def test_property_another_unit_scales_the_band(values, data, factor):
    kinds, last_year = drawn(data, values)
    one = band(values, kinds, last_year=last_year, counts=False)
    other = band(values * factor, kinds, last_year=last_year, counts=False)
    for name in ("low", "middle", "high"):
        assert vars(other)[name] == pytest.approx(vars(one)[name] * factor, nan_ok=True)


@given(series, st.data(), st.integers(0, 10**6))
def test_property_a_day_moves_no_band_up_to_its_own(values, data, spike):
    kinds, last_year = drawn(data, values)
    day = data.draw(st.integers(0, len(values) - 1))
    other = values.copy()
    other[day] = spike
    one, two = band(values, kinds, last_year=last_year), band(other, kinds, last_year=last_year)
    for name in ("low", "middle", "high"):
        assert np.array_equal(vars(one)[name][: day + 1], vars(two)[name][: day + 1], equal_nan=True)


@given(arrays.arrays(float, 100, elements=st.integers(0, 500).map(float)), st.integers(0, 99), st.integers(1, 1000))
def test_property_how_high_a_spike_was_does_not_matter_later(values, day, more):
    high, higher = values.copy(), values.copy()
    high[day], higher[day] = 2000, 2000 + more * 1000
    one, two = band(high), band(higher)
    for name in ("low", "middle", "high"):
        assert np.array_equal(vars(one)[name], vars(two)[name], equal_nan=True)
