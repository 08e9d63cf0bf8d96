"""The adapter of SL 323 against a database with the traps of real ones (handbook 4.2)."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text

from data_access import clock, engine, sources
from data_access.flood import readings, states, stations
from data_access.flood.tables import flood_curve, flood_reading
from data_access.intake.description import IntakeError
from data_access.intake.load import load_files
from data_access.schema import quarantine
from data_access.settings import ROOT
from tests.data_access.intake import sl323_city
from tests.data_access.intake.conftest import NOW
from tests.data_access.intake.sl323_city import HOURS, START, TOTAL

END = START + timedelta(hours=HOURS)
GENERIC = ROOT / "sample_data" / "sources" / "sl323_generic.toml"


@pytest.fixture(params=["sqlite", "duckdb"])
def there(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch) -> str:
    """The URL of the small database, named in the environment."""
    url = f"{request.param}:///{tmp_path / 'sl323.db'}"
    sl323_city.make(url)
    monkeypatch.setenv("SL323_URL", url)
    return url


def load(path: Path = GENERIC) -> dict:
    """Load; the report of each table."""
    reports = load_files(path, [])
    assert all(one.balanced() for one in reports)
    return {one.file: one for one in reports}


def changed(url: str, statement: str) -> None:
    opened = create_engine(url)
    with opened.begin() as connection:
        connection.execute(text(statement))
    opened.dispose()


def count() -> int:
    return engine.rows(select(func.count()).select_from(flood_reading))[0][0]


def test_every_row_is_accounted_for_and_nothing_twice(duckdb_only, there):
    first = load()
    for table, rows in TOTAL.items():
        assert first[table].rows_read == rows
    assert {name: one.quarantined for name, one in first.items()} == {
        "ST_STBPRP_B": 1, "ST_RVFCCH_B": 2, "ST_RSVRFCCH_B": 0, "ST_RSVRFSR_B": 1, "ST_ZVARL_B": 1, "ST_FSDR_B": 1,
        "ST_PPTN_R": 2, "ST_RIVER_R": 3, "ST_RSVR_R": 0, "ST_WAS_R": 0,
    }  # fmt: skip
    held = count()
    refused = engine.rows(select(func.count()).select_from(quarantine))
    again = load()
    assert [(one.stored, one.updated) for one in again.values()] == [(0, 0)] * len(again)
    assert count() == held
    assert engine.rows(select(func.count()).select_from(quarantine)) == refused


def test_two_roles_and_a_station_that_is_not_listed(duckdb_only, there):
    report = load()["ST_PPTN_R"]
    assert {kind for code, kind in stations.stations() if code == "00100003"} == {"reservoir", "rain"}
    assert ("00100009", "rain") in stations.stations()
    assert {one.code: one.examples for one in report.doubts}["not_listed"] == ["00100009"]
    assert ("00100007", "river") not in stations.stations()
    stopped = stations.station("00100006")
    assert stopped is not None and not stopped.enabled(NOW.date()) and stopped.enabled(date(2025, 12, 31))
    assert stations.station("00100001").name == "上游"  # without the blanks of its fixed length


def test_missing_thresholds_are_not_normal(duckdb_only, there):
    load()
    found = {one.station.code: one for one in states.states(END) if one.station.kind == "river"}
    assert (found["00100001"].state.level, found["00100001"].health) == (0, "good")
    assert (found["00100002"].state.level, found["00100002"].health) == (None, "no_threshold")
    crest = {one.station.code: one for one in states.states(START + timedelta(hours=HOURS // 2))}["00100001"]
    assert (crest.state.level, crest.state.name) == (2, "warning")
    assert crest.state.margin == pytest.approx(1.4)
    limits = stations.limits("00100001", NOW.date())
    assert [limits.get(name) for name in ("forecast", "warning", "alert", "guarantee", "record", "bank")] == [
        40.5, 41.0, 42.0, 43.0, 44.2, 45.5,
    ]  # fmt: skip
    assert limits.get("warning", "flow") == 900.0


def test_datums_are_each_stations_own(duckdb_only, there):
    load()
    assert [stations.station(code).datum for code in ("00100001", "00100002")] == ["吴淞高程", "85高程"]
    assert stations.thresholds()["00100001"][0].datum == "吴淞高程"


@pytest.mark.parametrize(
    ("day", "limit"),
    [
        (date(2026, 6, 1), 66.0), (date(2026, 9, 30), 66.0), (date(2026, 10, 1), 68.0), (date(2026, 11, 1), 67.0),
        (date(2027, 1, 15), 67.0), (date(2027, 2, 28), 67.0), (date(2027, 3, 1), 68.0),
    ],
)  # fmt: skip
def test_the_limit_is_that_of_the_season(duckdb_only, there, day, limit):
    load()
    assert stations.limits("00100003", day).get("limit") == limit


def test_rain_counts_its_intervals_and_not_the_days_rain(duckdb_only, there):
    load()
    whole = readings.days("00100004", "rain08", START.date(), END.date())
    assert {one.day: one.total for one in whole} == {
        START.date(): 2.0,
        START.date() + timedelta(1): 48.0,
        END.date(): 48.0,
    }
    minutes = select(flood_reading.c.moment, flood_reading.c.minutes, flood_reading.c.value)
    mine = engine.rows(minutes.where(flood_reading.c.station == "00100003", flood_reading.c.element == "rain"))
    assert sorted((m, n) for m, n, _ in mine) == [(START + timedelta(hours=1), 5), (START + timedelta(hours=3), 90)]
    reasons = [one for (one,) in engine.rows(select(quarantine.c.reason).where(quarantine.c.file == "ST_PPTN_R"))]
    assert any(one.startswith("bad_interval") for one in reasons)
    assert any("DYP only" in one for one in reasons)


def test_storage_is_in_a_million_cubic_metres(duckdb_only, there):
    load()
    newest = readings.latest(END)
    assert newest["00100003", "storage"].value == pytest.approx(37 + 0.06 * HOURS, abs=1e-3)
    assert stations.curves("00100003")["storage"].at(60.0) == pytest.approx(22.0)
    surveys = engine.rows(select(flood_curve.c.surveyed).distinct())
    assert len(surveys) == 2
    assert newest["00100003", "below"].value == 40.0
    assert newest["00100005", "flow"].value == 55.0


def test_the_newest_is_the_newest_that_can_be(duckdb_only, there):
    load()
    assert readings.latest(NOW)["00100001", "level"].moment == END  # not the clock that was two weeks fast
    found = {one.station.code: one for one in states.states(NOW)}
    assert found["00100001"].age_minutes == int((NOW - END).total_seconds() // 60)


def test_reaches_by_class_of_flow(duckdb_only, there):
    load()
    assert [(one.station.code, one.hours) for one in stations.downstream_of("00100003")] == [
        ("00100001", 2.0), ("00100002", 8.0),
    ]  # fmt: skip
    low = stations.reach_at("00100003", "00100001", 120.0)
    assert low is not None and (low.travel_h, low.safe_flow) == (3.0, 400.0)


def test_trend_codes_are_compared_and_never_believed(duckdb_only, tmp_path, monkeypatch):
    for rising, expected in (("5", 0), ("4", HOURS)):
        url = f"sqlite:///{tmp_path / rising}.db"
        sl323_city.make(url, rising=rising)
        monkeypatch.setenv("SL323_URL", url)
        description = tmp_path / f"{rising}.toml"
        description.write_text(GENERIC.read_text("utf-8").replace('key = "sl323"', f'key = "source{rising}"'), "utf-8")
        said = {one.code: one for one in load(description)["ST_RIVER_R"].doubts}
        assert (said["trend"].count if "trend" in said else 0) == expected
        if expected:
            assert "opposite" in said["trend"].en
        # what is shown is what the level did
        trends = {one.station.code: one.trend for one in states.states(END - timedelta(hours=2))}
        assert trends["00100001"] == pytest.approx(-0.1)
        assert trends["00100003"] == pytest.approx(0.02)


def test_only_what_is_new_is_read(duckdb_only, there):
    load()
    opened = START + timedelta(hours=HOURS)
    changed(there, f"INSERT INTO ST_RIVER_R VALUES ('00100001', '{opened + timedelta(hours=1)}', 40.5, 600, '5')")
    changed(there, f"UPDATE ST_RIVER_R SET Z = 40.25 WHERE STCD = '00100001' AND TM = '{opened}'")
    changed(there, f"INSERT INTO ST_RIVER_R VALUES ('00100001', '{START - timedelta(days=20)}', 12.0, 600, '5')")
    later = NOW + timedelta(minutes=5)
    with clock.held(later):
        report = load()["ST_RIVER_R"]
    assert (report.stored, report.updated) == (1, 1)  # within again_days; what is older was never asked for
    assert readings.latest(later)["00100001", "level"].value == 40.5
    assert readings.latest(NOW)["00100001", "level"].moment == opened  # nobody knew more by then
    assert readings.latest(opened)["00100001", "level"].value == 40.0  # the correction came later
    assert {one.key: one.last_data_at for one in sources.freshness(later)}["sl323"] == opened + timedelta(hours=1)


def test_mistakes_are_sentences(duckdb_only, tmp_path, monkeypatch):
    monkeypatch.delenv("SL323_URL", raising=False)
    with pytest.raises(IntakeError, match="SL323_URL"):
        load_files(GENERIC, [])
    monkeypatch.setenv("SL323_URL", "postgresql+psycopg://user:secret@127.0.0.1:1/none")
    with pytest.raises(IntakeError, match="cannot be opened") as told:
        load_files(GENERIC, [])
    assert "secret" not in str(told.value)
    monkeypatch.setenv("SL323_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(IntakeError, match="ST_STBPRP_B"):
        load_files(GENERIC, [])
    with pytest.raises(IntakeError, match="without files"):
        load_files(GENERIC, [tmp_path / "x.csv"])


def test_a_table_without_its_columns(duckdb_only, there):
    changed(there, "ALTER TABLE ST_RIVER_R RENAME COLUMN TM TO WHEN_")
    with pytest.raises(IntakeError, match="ST_RIVER_R has no column TM"):
        load_files(GENERIC, [])
    assert count() == 0
