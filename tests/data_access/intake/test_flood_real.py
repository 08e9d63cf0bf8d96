"""Real flood files through the shipped descriptions; they are not ours to ship, and without them these tests skip."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import func, select

from data_access import engine, settings
from data_access.flood import line, readings, states, stations
from data_access.flood.tables import flood_reading, flood_threshold
from data_access.intake.load import load_files
from data_access.intake.report import Report
from data_access.schema import quarantine
from data_access.settings import ROOT
from domain.flood.levels import ORANGE, YELLOW, river_state
from domain.flood.rules import rules
from tests.conftest import RealFiles

SOURCES = ROOT / "sample_data" / "sources"


def load(name: str, *files: Path) -> list[Report]:
    """Load files, and again, which must change nothing."""
    first = load_files(SOURCES / f"{name}.toml", files)
    held = count(), engine.read(select(flood_threshold)).to_dict("records")
    for one, again in zip(first, load_files(SOURCES / f"{name}.toml", files), strict=True):
        assert isinstance(one, Report) and isinstance(again, Report)
        assert one.balanced() and again.balanced()
        assert (again.stored, again.updated, again.quarantined) == (0, 0, one.quarantined)
        assert again.rows_read == one.rows_read
    assert (count(), engine.read(select(flood_threshold)).to_dict("records")) == held
    return first  # type: ignore[return-value]


def count() -> int:
    return engine.rows(select(func.count()).select_from(flood_reading))[0][0]


# ---- the Yangtze, June 2020 ------------------------------------------------------------------------------------------
@pytest.fixture
def yangtze(duckdb_only, real: RealFiles) -> pd.DataFrame:
    """Loaded; the file as pandas reads it."""
    path = real("flood/yangtze_2020-06.csv")
    (report,) = load("flood_yangtze", path)
    assert (report.rows_read, report.stored, report.quarantined) == (2_056, 2_056, 0)
    frame = pd.read_csv(path, encoding="gbk")
    return frame.assign(moment=pd.to_datetime(frame["日期时间"], format="%d-%m-%Y %H:%M:%S"))


END = datetime(2020, 7, 1)


def test_yangtze_readings_are_the_files(yangtze):
    assert count() == 2 * len(yangtze) - 60  # 30 levels of each reservoir stand in both of its rows
    for code in ("寸滩", "宜昌", "大通"):
        mine = yangtze[yangtze["站点"] == code].sort_values("moment")
        for element, column in (("level", "水位"), ("flow", "流量")):
            moments, values, _ = readings.series(code, element, datetime(2020, 6, 1), END, END)
            assert (moments == mine["moment"].to_numpy().astype("datetime64[s]")).all()
            assert values == pytest.approx(mine[column].to_numpy())
    assert engine.rows(select(func.count()).where(func.extract("minute", flood_reading.c.moment) > 0))[0][0] > 30


def test_a_reservoir_under_two_names_is_one(yangtze):
    codes = {code for code, _ in stations.stations()}
    assert "三峡水库" in codes and "三峡水库(出库)" not in codes
    at = datetime(2020, 6, 28, 14)
    newest = readings.latest(at)
    assert newest["三峡水库", "inflow"].value == 40_000
    out = yangtze[(yangtze["站点"] == "三峡水库(出库)") & (yangtze["moment"] == at)]["流量"].iloc[0]
    assert newest["三峡水库", "outflow"].value == out
    assert ("三峡水库", "flow") not in newest


def test_without_thresholds_no_state(yangtze):
    for one in states.states(datetime(2020, 6, 30, 12)):
        assert (one.state.level, one.health) == (None, "no_threshold")
    for one in states.states(datetime(2020, 7, 20)):
        assert one.health == "offline"


def test_the_crest_goes_down_the_river(yangtze):
    way = [one.code for one in stations.line("长江")]
    assert way == ["寸滩", "三峡水库", "宜昌", "沙市", "汉口", "九江", "大通"]
    elements = {"三峡水库": "inflow"}
    start = datetime(2020, 6, 26)
    crest = {}
    for code in ("寸滩", "宜昌", "沙市"):
        moments, values, _ = readings.series(code, "level", start, END, END)
        crest[code] = moments[values.argmax()].item()
    assert crest["寸滩"] == datetime(2020, 6, 28, 20)
    assert crest["宜昌"] == datetime(2020, 6, 30, 6)
    assert crest["寸滩"] < crest["宜昌"] < crest["沙市"]
    # the low water before it goes the same way
    low = {}
    for code in ("寸滩", "三峡水库", "宜昌", "沙市"):
        moments, values, _ = readings.series(code, elements.get(code, "flow"), datetime(2020, 6, 25, 12), END, END)
        low[code] = moments[values.argmin()].item()
    assert low["寸滩"] <= low["宜昌"] < low["沙市"]
    # and a moment in between sees it between the two
    found = {one.station.code: one for one in states.states(datetime(2020, 6, 29, 12))}
    assert (found["寸滩"].trend or 0) < 0 < (found["沙市"].trend or 0)


def test_the_line_of_the_river_tells_of_the_crest(yangtze):
    def passed(at: datetime) -> dict[str, datetime]:
        return {
            one.station.code: one.crest.moment for one in line.of_river("长江", at) if one.crest and one.crest.passed
        }

    assert passed(datetime(2020, 6, 28, 8)) == {}
    assert set(passed(datetime(2020, 6, 29, 8))) == {"寸滩"}
    assert passed(datetime(2020, 6, 30, 12)) == {"寸滩": datetime(2020, 6, 28, 20), "宜昌": datetime(2020, 6, 30, 6)}


# ---- the United Kingdom, one day -------------------------------------------------------------------------------------
@pytest.fixture
def uk(duckdb_only, real: RealFiles) -> dict[str, Report]:
    """Loaded, lists before readings."""
    files = {
        "stations": "uk_stations.csv",
        "trafford": "uk_trafford_stations.csv",
        "readings": "uk_wet_day_readings.csv",
    }
    return {name: load(f"flood_uk_{name}", real(f"flood/{file}"))[0] for name, file in files.items()}


def test_uk_lists(uk):
    assert (uk["stations"].rows_read, uk["stations"].stored) == (2_026, 2_026)
    assert uk["trafford"].rows_read == 19
    rain = [one for one in stations.stations().values() if one.kind == "rain"]
    assert len(rain) >= 900
    assert stations.stations()["000008", "rain"].lat == pytest.approx(53.480556)  # its zeros are kept
    river = stations.station("692710")
    assert river is not None and (river.river, river.catchment) == ("River Mersey", "Upper Mersey")


def test_uk_readings(uk):
    report = uk["readings"]
    assert (report.rows_read, report.stored, report.already, report.quarantined) == (20_729, 20_482, 240, 7)
    assert report.reasons == Counter({"bad_number": 4, "other_datum": 2, "no_value": 1})
    said = {one.code: one.count for one in report.doubts}
    assert said["not_listed"] == 204
    raw = [raw for (raw,) in engine.rows(select(quarantine.c.raw).where(quarantine.c.reason.like("bad_number%")))]
    assert any("0.260|0.267" in one for one in raw)


def test_uk_millimetres_and_datums(uk, real: RealFiles):
    frame = pd.read_csv(real("flood/uk_wet_day_readings.csv"), dtype=str)
    some = frame[(frame["unitName"] == "mm") & (frame["parameter"] == "level")].iloc[0]
    station, at = some["stationReference"], datetime(2026, 1, 1)
    _, values, _ = readings.series(station, "level", datetime(2021, 5, 1), datetime(2021, 5, 9), at)
    mine = frame[(frame["stationReference"] == station) & (frame["parameter"] == "level")].drop_duplicates()
    assert values == pytest.approx(mine.sort_values("dateTime")["value"].astype(float).to_numpy() / 1000)
    datums = Counter(one.datum for one in stations.stations().values() if one.kind != "rain")
    assert datums["AOD"] > 100 and datums["ASD"] > 1000
    for one in states.states(datetime(2021, 5, 8, 7, 55)):  # only a record is known, and a record is no warning level
        assert one.state.level is None


# ---- Japan, snapshots of a storm -------------------------------------------------------------------------------------
@pytest.fixture
def japan(duckdb_only, real: RealFiles, monkeypatch) -> list[tuple[datetime, dict]]:
    """Loaded; (when it was made, record) of every record."""
    monkeypatch.setenv("COCKPIT_TIMEZONE", "Asia/Tokyo")
    settings.settings.cache_clear()
    folder = real("flood/japan_gauges")
    files = sorted(folder.glob("*.json"))
    reports = load("flood_japan", *files)
    found = []
    for path, report in zip(files, reports, strict=True):
        told = json.loads(path.read_text("utf-8"))
        made = datetime.fromisoformat(told["generatedAt"].replace("Z", "+00:00")) + timedelta(hours=9)
        found += [(made.replace(tzinfo=None), item) for item in told["items"]]
        assert report.rows_read == len(told["items"]) == report.stored + report.already
    yield found  # type: ignore[misc]
    monkeypatch.undo()
    settings.settings.cache_clear()


def test_japan_states_are_the_sources_own(japan):
    """Over all records: warning and flood are said where the source says so, and nothing is said without thresholds."""
    assert len(japan) == 5_474
    said: Counter[str] = Counter()
    for _, item in japan:
        limits = stations.limits(item["code"], datetime.fromisoformat(item["obsTime"]).date())
        state = river_state(item["level"], limits, rules(date(2026, 6, 3)))
        flood, warning = (state.level or 0) >= ORANGE, (state.level or 0) >= YELLOW
        assert flood == item["isFlood"], item
        if item["warnLevel"] is not None:
            assert state.level is not None
            assert warning == (item["isWarning"] or item["isFlood"]), item
        else:
            assert not item["isWarning"]
            assert (state.level is None) == (not item["isFlood"]), item
        said["flood" if flood else "warning" if warning else "none" if state.level is None else "normal"] += 1
    assert said["flood"] == sum(item["isFlood"] for _, item in japan)
    assert min(said.values()) > 50 and set(said) == {"flood", "warning", "none", "normal"}


def test_japan_states_as_of_each_snapshot(japan):
    """The same through the database: as-of each snapshot every gauge of it stands as the snapshot says."""
    moments = sorted({made for made, _ in japan})
    for at in moments:
        found = {one.station.code: one for one in states.states(at)}
        for item in (item for made, item in japan if made == at):
            one = found[item["code"]]
            obs = datetime.fromisoformat(item["obsTime"]).replace(tzinfo=None)
            assert one.reading is not None and one.reading.moment >= obs
            if one.reading.moment == obs:
                assert one.reading.value == pytest.approx(item["level"], abs=1e-3)
                assert ((one.state.level or 0) >= ORANGE) == item["isFlood"]
                assert one.age_minutes == int((at - obs).total_seconds() // 60)
                if at - obs > timedelta(days=1):  # years old, in a file of what is now
                    assert one.health == "offline"
                elif item["warnLevel"] is None and not item["isFlood"] and one.age_minutes < 30:
                    assert one.health == "no_threshold"


def test_japan_float_values_do_not_cross_thresholds(japan):
    """A level that equals its threshold is at it, though readings are kept in half the digits."""
    at_it = [item for _, item in japan if item["level"] in (item["warnLevel"], item["fladLevel"])]
    assert at_it
    for item in at_it:
        when = datetime.fromisoformat(item["obsTime"]).replace(tzinfo=None)
        ((one,),) = [[s for s in states.states(when) if s.station.code == item["code"]]]
        assert one.state.level is not None and one.state.level >= YELLOW
