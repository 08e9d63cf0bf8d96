"""Forecast, reservoir's balance, releases and advice sheets over the flood city, each counted by hand."""

import dataclasses
import json
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert

from data_access import engine
from data_access.flood import forecast, line, release, reservoirs
from data_access.flood.tables import flood_rain_forecast
from domain.flood.plan import Step
from domain.flood.rules import rules
from tests.data_access import flood_city
from tests.data_access.flood_city import AT

HOUR = timedelta(hours=1)
LEVELS, STORED = (50.0, 60.0, 70.0, 75.0), (10.0, 22.0, 52.0, 72.0)  # of the newer survey


@pytest.fixture(scope="module", autouse=True)
def known(module_database) -> pd.DataFrame:
    """The flood city with a forecast of rain for the reservoir's catchment; what is known of its readings."""
    flood_city.built(module_database)
    with engine.committing() as connection:
        for made_at, mm in ((AT - 5 * HOUR, 1.0), (AT - HOUR / 2, 4.0), (AT + HOUR, 9.0)):
            for n in range(1, 25):
                values = {"made_at": made_at, "place": "上游", "moment": AT.replace(minute=0) + n * HOUR, "mm": mm}
                connection.execute(insert(flood_rain_forecast).values(**values))
    return flood_city.known()


def one() -> reservoirs.Reservoir:
    found = reservoirs.reservoir("R", AT)
    assert found is not None
    return found


def test_the_newest_forecast_that_was_known_counts():
    assert forecast.forecast_rain("上游", AT) == 4.0 * 24
    assert forecast.forecast_rain("上游", AT - HOUR) == 1.0 * 23  # the last hour lies beyond
    assert forecast.forecast_rain("下游", AT) is None
    assert forecast.forecast_rain("上游", AT + 2 * HOUR, 3) == 27.0


def test_the_balance_of_the_reservoir(known):
    mine = known[(known["station"] == "R")].set_index(["element", "moment"])["value"]
    level = mine["level", pd.Timestamp(AT)]
    found = one()
    assert found.level == pytest.approx(level, abs=1e-4)
    assert found.storage == pytest.approx(np.interp(level, LEVELS, STORED), abs=1e-3)
    assert found.room == pytest.approx(np.interp(66, LEVELS, STORED) - np.interp(level, LEVELS, STORED), abs=1e-3)
    span = found.span_h
    before = mine["level", pd.Timestamp(AT - span * HOUR)]
    out = mine["outflow"][AT - span * HOUR + timedelta(minutes=1) : AT].mean()
    change = (np.interp(level, LEVELS, STORED) - np.interp(before, LEVELS, STORED)) * 1e6 / (span * 3600)
    assert found.inflow is not None
    assert found.inflow.flow == pytest.approx(out + change, abs=0.5)
    assert found.inflow.noise == pytest.approx(3e6 * 0.01 / (span * 3600), abs=0.01)
    assert found.capacity_mm == pytest.approx(max(found.room, 0) * 1000 / (0.6 * 150), abs=0.05)
    assert found.rain_24h == 96.0
    assert found.capacity == pytest.approx(np.interp(level, (60, 66, 75), (0, 200, 900)), abs=0.05)


def test_inflow_of_the_last_day_is_storage_and_release(known):
    told = reservoirs.inflow_until("R", AT)
    assert told is not None
    assert len(told) == forecast.NOW + 1
    mine = known[known["station"] == "R"].set_index(["element", "moment"])["value"]
    for back in (0, 8, 16):
        end = AT - back * forecast.STEP_H * HOUR
        change = np.diff(np.interp([mine["level", end - 2 * HOUR], mine["level", end]], LEVELS, STORED))[0]
        out = mine["outflow"][end - 2 * HOUR + timedelta(minutes=1) : end].mean()
        assert told[-1 - back] == pytest.approx(max(out + change * 1e6 / 7200, 0), abs=1.0)


def test_before_any_reading_nothing_is_known():
    early = datetime(2026, 6, 1)
    found = reservoirs.reservoir("R", early)
    assert found is None or (found.level is None and found.inflow is None and found.hours is None)
    assert release.board("R", early) is None
    assert release.board("A1", AT) is None
    assert release.board("nowhere", AT) is None


def test_the_network_carries_the_release_down():
    now = forecast.rounded(AT)
    network = forecast.network(now)
    assert set(network.flow) == {"R", "A1", "A2", "A3", "B1"}
    assert network.measured == {"R", "A1"}
    assert network.basis["A2"] == "none"
    assert network.flow["R"][1, forecast.NOW :] == pytest.approx(one().outflow, abs=0.05)  # nobody moves a gate
    assert network.flow["R"][0] == pytest.approx(network.flow["R"][2])
    assert network.flow["A1"][1, forecast.NOW] == pytest.approx(forecast.network(now).flow["A1"][1, forecast.NOW])
    told = forecast.of_station("A1", AT)
    assert told is not None
    assert told.level is None  # without a rating curve
    assert told.moments[0] == now
    assert (told.flow[0] <= told.flow[2] + 1e-9).all()


def test_what_is_seen_later_changes_nothing_before():
    """As-of: the same questions of an earlier moment, with what was known then."""
    before = AT - 3 * HOUR
    first = forecast.network(forecast.rounded(before)).flow["A1"][:, : forecast.NOW].copy()
    later = forecast.network(forecast.rounded(AT)).flow["A1"]
    steps = round(3 / forecast.STEP_H)
    seen = forecast.NOW - steps
    assert later[1, 24:seen] == pytest.approx(first[1, 24 + steps :], rel=0.05)


def test_the_line_is_in_the_order_of_the_water():
    told = line.of_river("甲", AT)
    assert [stop.station.code for stop in told] == ["R", "A1", "A2", "A3"]
    assert [stop.hours for stop in told[1:3]] == [2.5, 4.0]
    assert told[0].hours in (2.0, 3.0)
    state = {stop.station.code: stop for stop in told}
    assert state["A1"].margin == pytest.approx(state["A1"].state.reading.value - 41.0)
    assert state["R"].margin == pytest.approx(state["R"].state.reading.value - 66.0)
    assert [stop.station.code for stop in line.of_river("乙", AT)] == ["B1", "A2", "A3"]
    far = [stop.km for stop in line.of_river("乙", AT)]
    assert far == [24.0 + 18.0, 24.0, 3.0]
    assert line.of_river("nowhere", AT) == []


def test_candidates_are_held_staged_and_at_once():
    board = release.board("R", AT)
    assert board is not None
    assert [each.key for each in board.candidates] == ["hold", "staged", "at_once"]
    assert board.setting.limit == 66.0
    assert board.setting.target == 69.0
    assert [each.code for each in board.setting.controls] == ["A1", "A2", "A3"]
    assert {each.safe for each in board.setting.controls} == {400.0}
    assert board.first == 1.0
    for each in board.candidates:
        assert [step.hours for step in each.plan] == sorted(step.hours for step in each.plan)
        assert all(step.hours >= board.first for step in each.plan)
    mine = release.board("R", AT, (Step(2.0, 150.0),))
    assert mine is not None
    assert [each.key for each in mine.candidates] == ["hold", "own", "at_once"]
    assert mine.held == board.held
    assert mine.candidates[1].outcome.most[1] <= 150.0 + 1e-9


def test_an_ecological_flow_needs_a_record_that_is_long_enough(known, monkeypatch):
    mine = known[
        (known["station"] == "R") & (known["element"] == "outflow") & (known["moment"] < pd.Timestamp(AT.date()))
    ]
    daily = mine.groupby(mine["moment"].dt.date)["value"].mean()
    assert reservoirs.ecological("R", AT) == (None, "", len(daily))
    board = release.board("R", AT)
    assert board is not None
    lacking = next(each for each in release.compared(board).lines if each.key == "ecological")
    assert lacking == ("ecological", None, (), None, None)

    def ruled(**values):
        monkeypatch.setattr(reservoirs, "rules", lambda day, code: dataclasses.replace(rules(day, code), **values))

    ruled(ecological_days=len(daily))
    found = reservoirs.ecological("R", AT)
    assert found.flow == pytest.approx(daily.mean() / 10, abs=0.006)
    assert found[1:] == ("share", len(daily))
    ruled(ecological_days=len(daily) + 1)
    assert reservoirs.ecological("R", AT).flow is None
    ruled(ecological_days=1, ecological_share=0)
    assert reservoirs.ecological("R", AT).flow is None
    ruled(ecological_days=1, ecological_flow=3.5)
    assert reservoirs.ecological("R", AT) == (3.5, "rule", 0)


def test_constants_are_compared_and_advise_nothing():
    board = release.board("R", AT)
    assert board is not None
    flows = {each.key: each.flow for each in release.compared(board).lines}
    assert flows == {
        "zero": 0.0, "current": board.setting.current, "ecological": None, "half_safe": 200.0, "safe": 400.0,
        "capacity": 900.0,
    }  # fmt: skip
    mine = release.board("R", AT, (Step(2.0, 150.0),))
    assert mine is not None
    assert release.compared(mine) == release.compared(board)
    for each in release.compared(board).lines:
        if each.outcome is not None:
            assert each.plan == ((board.first, each.flow),)
            assert each.outcome.course.level[1][0] == pytest.approx(board.setting.level)


def test_an_advice_sheet_and_its_course():
    board = release.board("R", AT)
    assert board is not None
    number = release.propose(board, board.held, person="张三", text="维持", link="/flood?reservoir=R", now=AT)
    assert number == "2026-0618-01"
    assert release.propose(board, board.held, person="李四", text="再议", link="", now=AT) == "2026-0618-02"
    with pytest.raises(release.NotNow) as refused:
        release.record(number, "order", person="王五", order_no="7", text="x", now=AT)
    assert refused.value.needs == "approval"
    for step, order_no in (("opinion", ""), ("opinion", ""), ("approval", ""), ("order", "防指7号"), ("receipt", "")):
        release.record(number, step, person="王五", order_no=order_no, text="同意", now=AT + HOUR)
    told = release.sheet(number, AT + HOUR)
    assert [each.step for each in told] == ["advice", "opinion", "opinion", "approval", "order", "receipt"]
    assert [each.seq for each in told] == [1, 2, 3, 4, 5, 6]
    assert told[4].number == "防指7号"
    kept = json.loads(told[0].content)
    assert kept["reservoir"] == "R"
    assert kept["peak"][1] == pytest.approx(board.held.outcome.peak[1], abs=1e-3)
    assert [each["station"] for each in kept["below"]] == ["A1", "A2", "A3"]
    assert len(release.sheet(number, AT)) == 1  # what was written later was not there yet
    assert release.newest("R", AT + HOUR)[0].advice == "2026-0618-02"
    assert release.newest("R", AT + timedelta(days=9)) == []
    for bad in ("nothing", "advice"):
        with pytest.raises(release.NotNow):
            release.record(number, bad, person="x", order_no="", text="x", now=AT)
    with pytest.raises(release.NotNow):
        release.record("2020-0101-01", "opinion", person="x", order_no="", text="x", now=AT)
    assert date(2026, 6, 18) == AT.date()
