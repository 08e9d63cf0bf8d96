"""States of the flood city, each said by hand."""

from datetime import datetime, timedelta

import pytest

from data_access.flood import readings, states, stations
from tests.data_access import flood_city
from tests.data_access.flood_city import AT
from tests.data_access.test_flood_stations import area


@pytest.fixture(scope="module", autouse=True)
def rows(module_database):
    """The flood city, connected; look, do not touch."""
    return flood_city.built(module_database)


def found(at: datetime = AT) -> dict:
    return {(one.station.code, one.station.kind): one for one in states.states(at)}


def test_every_role_stands():
    assert set(found()) == {(row["code"], row["kind"]) for row in flood_city.STATIONS}
    assert {one.station.code for one in states.states(AT, area("q", 1))} == {"A2", "B1", "G3", "W1"}


def test_health():
    health = {key: one.health for key, one in found().items()}
    assert health["A1", "river"] == "good"
    assert health["B1", "river"] == "offline"  # silent since two days
    assert health["N1", "river"] == "offline"
    assert health["G3", "rain"] == "suspicious"
    assert health["V1", "video"] == "good"  # judged by the gauge beside it
    early = found(datetime(2026, 6, 18, 13, 59))  # three hours of A3 had not come by then
    assert early["A3", "river"].health == "missing"
    assert early["A3", "river"].age_minutes == 184


def test_without_threshold_nothing_is_normal():
    at = flood_city.OLD + timedelta(minutes=5)
    one = found(at)["N1", "river"]
    assert (one.health, one.state.level) == ("no_threshold", None)


def test_states_are_those_of_the_thresholds():
    for (code, kind), one in found().items():
        if kind != "river" or one.reading is None:
            continue
        warning = stations.limits(code, one.reading.moment.date()).get("warning")
        if warning is None:
            assert one.state.level is None
            continue
        assert one.state.margin == pytest.approx(one.reading.value - warning, abs=1e-5)
        level = 2 if one.reading.value >= warning else 1 if one.reading.value >= warning - 0.5 else 0
        assert one.state.level == level
    video = found()["V1", "video"]
    assert (video.state.level, video.state.name) == (2, "warning")  # 41.3 against A1's 41.0


def test_depths_by_the_points_own_limits():
    for code, red in (("W1", 30), ("W2", 40)):
        one = found()[code, "waterlogging"]
        cm = one.reading.value
        assert one.state.level == (4 if cm >= red else 3 if cm >= 27 else 2 if cm >= 15 else 1 if cm >= 3 else 0)


def test_trend_is_the_last_hours():
    one = found()["A1", "river"]
    moments, values, _ = readings.series("A1", "level", AT - timedelta(hours=1), AT, AT)
    assert one.trend == pytest.approx(values[-1] - values[0], abs=1e-4)
    assert len(moments) == 13
    assert one.flow is not None
