"""Files of flood data: every trap in a few rows, and the promise that every row is accounted for once."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from data_access import clock, engine
from data_access.flood import readings, states, stations
from data_access.flood.tables import flood_alarm_event, flood_day, flood_reading
from data_access.intake.description import IntakeError
from data_access.intake.load import load_files
from data_access.intake.report import Report
from data_access.schema import quarantine
from tests.data_access.intake.conftest import NOW, put_areas

HEAD = """
key = "test"
name_zh = "测试"
name_en = "Test"
"""
READINGS = (
    HEAD
    + """
kind = "flood_readings"
[columns]
station = "code"
moment = "at"
level = "z"
flow = "q"
rain = "p"
interval = "h"
warning = "warn"
[flood]
kind = "river"
interval_minutes = 60
rain_minutes = 60
interval = "hours_minutes"
[flood.aliases."dam out"]
station = "dam"
elements = { flow = "outflow" }
"""
)
COLUMNS = "code,at,z,q,p,h,warn"
STATIONS = (
    HEAD
    + """
kind = "flood_stations"
[columns]
station = "code"
name = "name"
kind = "type"
river = "river"
km = "km"
warning = "warn"
[codes.kind]
PP = "rain"
[place]
street = "street"
lon = "lon"
lat = "lat"
"""
)
LONG = (
    HEAD
    + """
kind = "flood_readings"
[columns]
station = "code"
moment = "at"
element = "what"
value = "value"
unit = "unit"
[codes.element]
"stage" = "level"
[flood.units.level]
mAOD = { datum = "AOD" }
mASD = { datum = "ASD" }
mm = { factor = 0.001 }
"""
)


@pytest.fixture
def load(tmp_path: Path):
    """Load rows under a header with a description; the report."""

    def loaded(description: str, header: str, *rows: str, name: str = "file.csv") -> Report:
        (tmp_path / "source.toml").write_text(description, encoding="utf-8")
        (tmp_path / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        (report,) = load_files(tmp_path / "source.toml", [tmp_path / name])
        assert isinstance(report, Report) and report.balanced()
        return report

    return loaded


def said(report: Report) -> tuple[int, int, int, int]:
    return report.stored, report.updated, report.already, report.quarantined


def count(table: Any) -> int:
    return engine.rows(select(func.count()).select_from(table))[0][0]


def test_rows_and_their_traps(database, load):
    rows = [
        "007,2026-06-18 08:00:00,1.20,300,,,1.50",
        "007,2026-06-18 09:00:00,0.260|0.267,,,,1.50",  # two values
        "007,2026-06-18 10:00:00,,,,,1.50",  # none
        "007,not a time,1.3,,,,1.50",
        ",2026-06-18 10:00:00,1.3,,,,",
        "007,2026-06-18 15:00:00,1.3,,,,1.50",  # half an hour ahead
        "007,1889-06-18 15:00:00,1.3,,,,1.50",
        "007,2026-06-18 11:00:00,1.25,,,,1.50",
        "007,2026-06-18 11:00:00,1.26,,,,1.50",  # another word at once
        "007,2026-06-18 11:00:00,1.25,,,,1.50",  # the same again
        "G,2026-06-18 08:00:00,,,2.5,1.30,",
        "G,2026-06-18 09:00:00,,,2.5,1.75,",  # 75 minutes
        "dam,2026-06-18 08:00:00,65.1,100,,,",
        "dam out,2026-06-18 08:00:00,65.1,80,,,",
    ]
    report = load(READINGS, COLUMNS, *rows)
    assert said(report) == (5, 0, 1, 8)
    assert report.reasons == {
        "bad_number": 1, "no_value": 1, "bad_time": 1, "no_station": 1, "future": 1, "year": 1, "contradiction": 1,
        "bad_interval": 1,
    }  # fmt: skip
    newest = readings.latest(NOW)
    assert newest["007", "level"] == readings.Reading(datetime(2026, 6, 18, 11), 1.25, 0, None)
    assert (newest["dam", "flow"].value, newest["dam", "outflow"].value) == (100.0, 80.0)
    minutes = engine.rows(select(flood_reading.c.minutes).where(flood_reading.c.element == "rain"))
    assert minutes == [(90,)]
    assert {key for key in stations.stations() if key[0] != "dam"} == {("007", "river"), ("G", "rain")}
    again = load(READINGS, COLUMNS, *rows)
    assert (again.stored, again.updated, again.quarantined) == (0, 0, 8)
    assert count(quarantine) == 8
    assert {one.station.code: one.state.margin for one in states.states(NOW)}["007"] == pytest.approx(-0.25)


def test_a_list_of_stations(database, load):
    put_areas()
    rows = [
        "01,甲,ZZ,甲河,42.5,1.5,江宁街道,,",
        "02,雨,PP,,,,江宁镇,,",
        "02,雨二,PP,,,,江宁镇,,",
        "02,雨,PP,,,,江宁镇,,",
    ]
    header = "code,name,type,river,km,warn,street,lon,lat"
    report = load(STATIONS, header, *rows)
    assert said(report) == (2, 0, 1, 1)
    one, gauge = stations.stations()["01", "river"], stations.stations()["02", "rain"]
    assert (one.name, one.river, one.km, one.street_code, one.district_code) == ("甲", "甲河", 42.5, "S11", "D1")
    assert gauge.street_code == "S21"
    assert load(STATIONS, header, *rows).already == 3
    # what is not said any more stays, what is said otherwise is new
    changed = load(STATIONS, header, "01,甲站,ZZ,,,1.7,,,")
    assert said(changed) == (0, 1, 0, 0)
    one = stations.stations()["01", "river"]
    assert (one.name, one.river) == ("甲站", "甲河")
    day = NOW.date()
    assert [stations.limits("01", d).get("warning") for d in (day - timedelta(days=1), day)] == [1.5, 1.7]


def test_readings_leave_what_a_list_said(database, load):
    load(STATIONS, "code,name,type,river,km,warn,street,lon,lat", "007,甲,ZZ,甲河,42.5,,,,", "G,雨,PP,,,,,,")
    report = load(
        READINGS,
        COLUMNS,
        "007,2026-06-18 08:00:00,1.2,,,,",
        "G,2026-06-18 08:00:00,,,1,,",
        "new,2026-06-18 08:00,1,,,,",
    )
    assert {one.code: one.examples for one in report.doubts}["not_listed"] == ["new"]
    assert stations.stations()["007", "river"].name == "甲"
    assert set(stations.stations()) == {("007", "river"), ("G", "rain"), ("new", "river")}


def test_datums_are_not_mixed(database, load):
    rows = [
        "A,2026-06-18 08:00,stage,9.9,mASD",  # the odd one comes first
        *(f"A,2026-06-18 {hour:02}:00,stage,1.{hour},mAOD" for hour in range(9, 13)),
        "B,2026-06-18 08:00,stage,1500,mm",
        "B,2026-06-18 09:00,stage,1.5,furlong",
        "B,2026-06-18 10:00,taste,1.5,mm",
    ]
    report = load(LONG, "code,at,what,value,unit", *rows)
    assert said(report) == (5, 0, 0, 3)
    assert report.reasons == {"other_datum": 1, "no_unit": 1, "no_element": 1}
    assert stations.stations()["A", "river"].datum == "AOD"
    assert readings.latest(NOW)["B", "level"].value == 1.5
    later = load(LONG, "code,at,what,value,unit", "A,2026-06-18 13:00,stage,9.9,mASD", name="later.csv")
    assert later.reasons == {"other_datum": 1}


def test_a_threshold_that_changes_keeps_its_days(database, load):
    load(READINGS, COLUMNS, "007,2026-06-10 08:00:00,1.4,,,,1.50")
    report = load(READINGS, COLUMNS, "007,2026-06-12 08:00:00,1.4,,,,1.30", name="next.csv")
    assert report.stored == 1
    level = {day: stations.limits("007", date(2026, 6, day)).get("warning") for day in (1, 10, 11, 12, 13)}
    assert level == {1: 1.5, 10: 1.5, 11: 1.5, 12: 1.3, 13: 1.3}
    # the older file again is no news
    load(READINGS, COLUMNS, "007,2026-06-10 08:00:00,1.4,,,,1.50")
    assert stations.limits("007", date(2026, 6, 13)).get("warning") == 1.3


def test_a_corrected_file(database, load):
    load(READINGS, COLUMNS, "007,2026-06-18 08:00:00,1.2,,,,", "007,2026-06-18 09:00:00,1.3,,,,")
    later = NOW + timedelta(minutes=5)
    with clock.held(later):
        rows = ("007,2026-06-18 08:00:00,1.2,,,,", "007,2026-06-18 09:00:00,1.9,,,,")
        report = load(READINGS, COLUMNS, *rows, name="b.csv")
    assert said(report) == (0, 1, 1, 0)
    assert readings.latest(NOW)["007", "level"].value == 1.3
    assert readings.latest(later)["007", "level"].value == 1.9


def test_alarms_of_these_days_and_none_of_a_past(database, load):
    """What is loaded of today is looked at; what is years old is known at its own moments and raises nothing."""
    rows = [f"007,{day} 0{hour}:00:00,2.{hour},,,,1.50" for day in ("2020-06-18", "2026-06-18") for hour in range(1, 6)]
    load(READINGS, COLUMNS, *rows[:5])
    assert count(flood_alarm_event) == 0
    assert readings.latest(datetime(2020, 6, 18, 3))["007", "level"].moment == datetime(2020, 6, 18, 3)
    load(READINGS, COLUMNS, *rows[5:], name="today.csv")
    raised = engine.rows(select(flood_alarm_event.c.event, flood_alarm_event.c.moment, flood_alarm_event.c.rule))
    assert [moment.year for event, moment, rule in raised if (event, rule) == ("raised", "level")] == [2026]
    held = count(flood_alarm_event)
    load(READINGS, COLUMNS, *rows, name="both.csv")
    assert count(flood_alarm_event) == held
    late = load(READINGS, COLUMNS, "007,2020-06-18 09:00:00,3,,,,", name="late.csv")
    assert late.stored == 1
    assert readings.latest(datetime(2020, 6, 18, 9))["007", "level"].value == 3.0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (('moment = "at"', ""), "moment"),
        (('station = "code"', ""), "station"),
        (('level = "z"', 'taste = "z"'), "no field taste"),
        (('kind = "river"', 'kind = "canal"'), "canal"),
        (('kind = "flood_readings"', 'kind = "flood_stations"'), "list of stations"),
        (('flow = "outflow"', 'flow = "taste"'), "no element taste"),
    ],
)
def test_mistakes_in_a_description_are_sentences(duckdb_only, load, change, sentence):
    with pytest.raises(IntakeError, match=sentence):
        load(READINGS.replace(*change), COLUMNS, "007,2026-06-18 08:00:00,1.2,,,,")


CELL = st.sampled_from(["", "1.2", "1.3", "-", "1|2", "x", "99999", "-0.5", "１．５"])
ROW = st.tuples(
    st.sampled_from(["007", "7", "G", "dam out", ""]),
    st.sampled_from(["2026-06-18 08:00:00", "2026-06-18 09:00:00", "2031-01-01", "soon", ""]),
    CELL, CELL, CELL, st.sampled_from(["", "1.00", "0.05", "1.75"]), CELL,
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, max_size=8))
def test_every_row_is_accounted_for(duckdb_only, load, rows):
    """Whatever the rows: read = stored + updated + already + quarantined, and a second time nothing is new."""
    lines = [",".join(row) for row in rows]
    first = load(READINGS, COLUMNS, *lines)
    assert first.rows_read == len([line for line in lines if line.strip(",")])
    held, kept = count(flood_reading), count(flood_day)
    again = load(READINGS, COLUMNS, *lines)
    assert (again.stored, again.updated, count(flood_reading), count(flood_day)) == (0, 0, held, kept)
    assert again.quarantined == first.quarantined
