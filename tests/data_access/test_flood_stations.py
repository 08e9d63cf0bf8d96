"""The network as it was stored."""

from datetime import date

import pytest

from data_access.areas import Area
from data_access.flood import stations
from tests.data_access import flood_city


@pytest.fixture(scope="module", autouse=True)
def rows(module_database):
    """The flood city, connected; look, do not touch."""
    return flood_city.built(module_database)


def area(code: str, level: int) -> Area:
    return Area(code, code, None, None, level, "statutory", None, None, None, None, None, False, "")


def test_two_roles_of_one_code():
    assert len(stations.stations()) == len(flood_city.STATIONS)
    assert {kind for code, kind in stations.stations() if code == "R"} == {"reservoir", "rain"}
    found = stations.station("R")
    assert found is not None and found.kind == "reservoir"
    assert stations.station("nobody") is None


def test_stations_in_an_area():
    def codes(*asked) -> set[str]:
        return {one.code for one in stations.stations_in(*asked)}

    assert codes(None) == {row["code"] for row in flood_city.STATIONS}
    assert codes(area("city", 0)) == codes(None)
    assert codes(area("q", 1)) == {"A2", "B1", "G3", "W1"}
    assert codes(area("w", 2), ("river",)) == {"A2", "B1"}
    assert codes(area("nowhere", 1)) == set()


@pytest.mark.parametrize(
    ("code", "day", "name", "value"),
    [
        ("A1", date(2026, 6, 18), "warning", 41.0),
        ("A2", date(2025, 12, 31), "warning", 31.0),
        ("A2", date(2026, 1, 1), "warning", 30.5),
        ("R", date(2026, 6, 1), "limit", 66.0),
        ("R", date(2026, 9, 30), "limit", 66.0),
        ("R", date(2026, 10, 1), "limit", 67.0),
        ("R", date(2026, 1, 31), "limit", 67.0),  # over New Year
        ("R", date(2026, 2, 1), "limit", 68.0),  # between seasons: the normal level
        ("A3", date(2019, 12, 31), "warning", None),
        ("N1", date(2026, 6, 18), "warning", None),
    ],
)
def test_limits(code, day, name, value):
    assert stations.limits(code, day).get(name) == value


def test_the_newest_survey_of_a_curve_counts():
    found = stations.curves("R")
    assert set(found) == {"storage", "discharge"}
    assert found["storage"].at(65.0) == pytest.approx(37.0)
    assert found["discharge"].at(66.0) == pytest.approx(200.0)
    assert stations.curves("A1") == {}


def test_weights_of_a_place_add_up():
    for place in ("上游", "下游"):
        assert sum(stations.weights(place).values()) == pytest.approx(1)
    assert stations.weights("elsewhere") == {}


def test_downstream_in_the_order_of_arrival():
    found = [(one.station.code, one.hours) for one in stations.downstream_of("R")]
    assert found == [("A1", 2.0), ("A2", 4.5), ("A3", 8.5)]
    assert [one.station.code for one in stations.downstream_of("B1")] == ["A2", "A3"]
    assert stations.downstream_of("A3") == ()


def test_the_reach_of_a_flow():
    low, high = stations.reach_at("R", "A1", 150), stations.reach_at("R", "A1", 450)
    assert low is not None and high is not None
    assert (low.travel_h, high.travel_h) == (3.0, 2.0)
    assert stations.reach_at("A1", "R") is None


def test_a_river_as_a_line():
    assert [one.code for one in stations.line("甲")] == ["R", "A1", "A2", "A3"]
    assert stations.rivers()[0] == "甲"
    assert len(stations.gates()["R"]) == 3
