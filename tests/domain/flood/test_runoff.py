import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.flood.runoff import expected, response, runoff, storage_hours

DT = 0.25
PAST, STEPS = 4 * 72, 4 * 36 + 1


def storm(mm, starts, hours, n=PAST + STEPS):
    rain = np.zeros(n)
    first = PAST + round(starts / DT)
    rain[first : first + round(hours / DT)] = mm * DT / hours
    return rain


@given(st.floats(0.3, 4))
def test_a_response_gives_all_of_the_water_in_time(k):
    told = response(k, DT, 1000)
    assert (told >= 0).all()
    assert told.sum() == pytest.approx(1, abs=0.02)


@given(st.floats(1, 200), st.floats(1, 12), st.floats(5, 900))
def test_no_more_runs_off_than_falls(mm, hours, area):
    rain = storm(mm, -60, hours)
    flow = runoff(rain, area, storage_hours(area), DT)
    assert 0 < flow.sum() * DT * 3.6 / area <= mm * 1.02


def test_without_rain_it_stays_as_it_is():
    told = expected(np.full(96, 40.0), np.zeros(PAST + STEPS), 480.0, DT, STEPS)
    assert told.basis == "persistence"
    assert told.flow.tolist() == [40.0] * STEPS


def test_the_fit_finds_a_catchment_like_its_own():
    rain = storm(90, -10, 8) + storm(20, 0, 4)
    true = 15 + 0.6 * runoff(rain, 300, storage_hours(300) * 1.6, DT)
    told = expected(true[: PAST + 1][-96:], rain, 300, DT, STEPS)
    assert told.basis == "rain"
    assert told.share == pytest.approx(0.6, abs=0.1)
    assert told.flow == pytest.approx(true[PAST:], rel=0.12)


def test_it_starts_from_what_flows_now():
    rain = storm(50, -3, 6)
    seen = np.linspace(30, 90, 96)
    told = expected(seen, rain, 200, DT, STEPS)
    assert told.flow[0] == pytest.approx(np.median(seen[-4:]))


@given(st.floats(2, 100), st.floats(1, 100))
def test_more_rain_to_come_is_never_less_water(mm, more):
    seen = 20 + 10 * np.sin(np.linspace(0, 1, 96))
    known = storm(30, -12, 6)
    less, full = (expected(seen, known + storm(amount, 1, 6), 200, DT, STEPS).flow for amount in (mm, mm + more))
    assert (full >= less - 1e-9).all()
