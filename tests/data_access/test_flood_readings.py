"""Readings as-of a moment, each answer counted another way over the rows of the flood city."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from data_access.flood import readings
from tests.data_access import flood_city
from tests.data_access.flood_city import AT, LATE_AT, LATE_FROM, OLD, RIGHT_AT, SILENT_FROM, WRONG_AT

MOMENTS = [
    AT, datetime(2026, 6, 18, 12, 59, 59), RIGHT_AT, datetime(2026, 6, 18, 13, 30), datetime(2026, 6, 16, 9, 0),
    datetime(2026, 6, 17, 0, 0), datetime(2026, 6, 18, 14, 27, 31), datetime(2020, 7, 7), datetime(2020, 7, 6, 20, 59),
]  # fmt: skip


@pytest.fixture(scope="module")
def rows(module_database) -> pd.DataFrame:
    """The flood city, connected; look, do not touch."""
    return flood_city.built(module_database)


def newest(at: datetime, good: bool = True) -> dict:
    """The newest reading of each, by pandas."""
    frame = flood_city.known(at)
    frame = frame[frame["quality"] == 0] if good else frame
    frame = frame.sort_values("moment").drop_duplicates(["station", "element"], keep="last")
    return {(one.station, one.element): (one.moment, one.value) for one in frame.itertuples()}


@pytest.mark.parametrize("at", MOMENTS)
def test_latest(rows, at):
    found = {key: (one.moment, pytest.approx(one.value, rel=1e-6)) for key, one in readings.latest(at).items()}
    assert found == newest(at)


def test_latest_says_what_is_hard(rows):
    found = readings.latest(AT)
    assert found["N1", "level"].moment == OLD
    assert found["B1", "level"].moment == SILENT_FROM - timedelta(hours=1)
    assert found["G3", "rain"].moment == AT - timedelta(minutes=10)  # two suspicious ones are held
    assert ("V1", "level") not in found  # video that nothing confirmed
    before = readings.latest(LATE_AT - timedelta(seconds=1))
    assert before["A3", "level"].moment == LATE_FROM - timedelta(minutes=5)


def test_latest_of_any_quality(rows):
    found = readings.latest_any(AT)
    assert {key: one.moment for key, one in found.items()} == {
        key: one[0] for key, one in newest(AT, good=False).items()
    }
    assert found["V1", "level"].quality == 3
    assert found["V1", "level"].confidence == pytest.approx(0.9)
    assert found["G3", "rain"].quality == 1


@pytest.mark.parametrize("minutes", [30, 60, 24 * 60])
def test_earlier(rows, minutes):
    then = AT - timedelta(minutes=minutes)
    frame = flood_city.known(AT)
    frame = frame[(frame["quality"] == 0) & (frame["moment"] <= then) & (frame["moment"] > then - timedelta(hours=3))]
    frame = frame.sort_values("moment").drop_duplicates(["station", "element"], keep="last")
    assert {key: one.moment for key, one in readings.earlier(AT, minutes).items()} == {
        (one.station, one.element): one.moment for one in frame.itertuples()
    }


@pytest.mark.parametrize("at", [AT, datetime(2026, 6, 18, 12, 30)])
@pytest.mark.parametrize("code", ["A1", "A2", "A3", "B1", "V1"])
def test_series(rows, code, at):
    start = datetime(2026, 6, 15, 8)
    found = readings.series(code, "level", start, AT, at)
    frame = flood_city.known(at)
    frame = frame[(frame["station"] == code) & (frame["element"] == "level") & (frame["moment"] >= start)]
    frame = frame.sort_values("moment")
    assert (found.moments == frame["moment"].to_numpy().astype("datetime64[s]")).all()
    assert np.allclose(found.values, frame["value"])
    assert (found.quality == frame["quality"]).all()
    assert len(found.good.moments) == int((frame["quality"] == 0).sum())


def test_a_correction_counts_from_when_it_came(rows):
    def at_twelve(at: datetime) -> float:
        _, values, _ = readings.series("A2", "level", WRONG_AT, WRONG_AT, at)
        assert len(values) == 1
        return float(values[0])

    assert at_twelve(RIGHT_AT - timedelta(seconds=1)) == 20.0
    assert at_twelve(RIGHT_AT) > 29


def test_series_of_several_stations(rows):
    start = datetime(2026, 6, 16)
    found = readings.series_of(["A1", "B1", "unknown", "A3"], "level", start, AT, AT)
    assert set(found) == {"A1", "B1", "A3", "unknown"}
    assert len(found["unknown"].moments) == 0
    for code in ("A1", "B1", "A3"):
        alone = readings.series(code, "level", start, AT, AT)
        for one, other in zip(found[code], alone, strict=True):
            assert (one == other).all()
    assert readings.series_of([], "level", start, AT, AT) == {}


@pytest.mark.parametrize("at", [AT, datetime(2026, 6, 18, 12, 0), datetime(2026, 6, 17, 0, 0)])
def test_rain_sums(rows, at):
    frame = flood_city.known(at)
    frame = frame[(frame["element"] == "rain") & (frame["quality"] == 0)]
    hours = (1, 3, 6, 12, 24)
    told, kept = {}, {}
    for code in flood_city.GAUGES:
        spoke = frame.loc[frame["station"] == code, "moment"].max()
        windows = [frame[(frame["station"] == code) & (frame["moment"] > at - timedelta(hours=h))] for h in hours]
        sums = [pytest.approx(some["value"].sum()) if len(some) else None for some in windows]
        if len(windows[-1]):  # gauges speak every 5 minutes; a quarter of a window may be missing at its end
            told[code] = tuple(sums)
            missing = (at - spoke).total_seconds() / 60 - 5
            kept[code] = tuple(mm if missing <= h * 15 else None for h, mm in zip(hours, sums, strict=True))
    assert readings.rain_at_least(at, hours) == told
    assert readings.rain_sums(at) == kept
    start = at.replace(hour=3)
    day = {code: one[0] for code, one in readings.rain_at_least(at, ((at - start) / timedelta(hours=1),)).items()}
    assert {code: mm for code, mm in readings.rain_since(start, at).items() if mm is not None}.items() <= day.items()


def test_a_silent_gauge_has_no_sum_rather_than_none_fallen(rows):
    at = datetime(2026, 6, 18, 12, 0)
    assert readings.rain_sums(at)["G2"] == (None,) * 5
    one, three, six, twelve, day = readings.rain_at_least(at, (1, 3, 6, 12, 24))["G2"]
    assert (one, three, six) == (None, None, None)
    assert twelve is not None and day is not None and twelve < day


def test_rain_by_hour(rows):
    start, end = datetime(2026, 6, 16, 20), datetime(2026, 6, 18, 14, 10)
    frame = flood_city.known(AT)
    frame = frame[(frame["element"] == "rain") & (frame["quality"] == 0)]
    frame = frame[(frame["moment"] > start) & (frame["moment"] <= end)]
    hour = frame["moment"].dt.ceil("h")
    expected = {
        str(code): {ends.to_pydatetime(): pytest.approx(mm) for ends, mm in some.groupby(hour)["value"].sum().items()}
        for code, some in frame.groupby("station")
    }
    assert readings.rain_hours(None, start, end, AT) == expected
    assert readings.rain_hours(["G1", "G2"], start, end, AT) == {code: expected[code] for code in ("G1", "G2")}
    assert datetime(2026, 6, 18, 5) not in readings.rain_hours(["G2"], start, end, AT)["G2"]


def test_days(rows):
    first, last = date(2026, 6, 10), date(2026, 6, 18)
    frame = flood_city.known(AT)
    frame = frame[frame["quality"] == 0].sort_values("moment")
    rain = frame["element"] == "rain"
    frame["day"] = np.where(rain, frame["moment"] - timedelta(seconds=1), frame["moment"]).astype("M8[D]")
    for code, element in (("A2", "level"), ("G2", "rain"), ("R", "inflow"), ("B1", "level")):
        some = frame[(frame["station"] == code) & (frame["element"] == element)]
        some = some[some["day"] >= np.datetime64(first)]
        found = readings.days(code, element, first, last)
        assert [one.day for one in found] == [pd.Timestamp(day).date() for day, _ in some.groupby("day")]
        for one, (_, day) in zip(found, some.groupby("day"), strict=True):
            assert (one.n, one.low, one.high) == (
                len(day),
                *map(pytest.approx, (day["value"].min(), day["value"].max())),
            )
            assert one.total == pytest.approx(day["value"].sum(), rel=1e-6)
            assert (one.last_at, one.last) == (day["moment"].iloc[-1], pytest.approx(day["value"].iloc[-1]))
            peaks = day[np.isclose(day["value"], one.high)]["moment"]
            assert one.high_at in set(peaks)


def test_rain_days_end_at_eight(rows):
    frame = flood_city.known(AT)
    some = frame[(frame["element"] == "rain") & (frame["station"] == "G1")]
    for one in readings.days("G1", "rain08", date(2026, 6, 11), date(2026, 6, 18)):
        end = datetime.combine(one.day, datetime.min.time()) + timedelta(hours=8)
        day = some[(some["moment"] > end - timedelta(days=1)) & (some["moment"] <= end)]
        assert (one.n, one.total) == (len(day), pytest.approx(day["value"].sum()))


def test_before_any_data(rows):
    at = datetime(2019, 1, 1)
    assert readings.latest(at) == {}
    assert readings.latest_any(at) == {}
    assert readings.rain_sums(at) == {}
    assert len(readings.series("A1", "level", at - timedelta(days=30), at, at).moments) == 0
