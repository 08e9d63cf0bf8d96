"""Real files of services through the shipped descriptions; they are not ours to ship, and without them these tests
skip."""

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import func, select

from data_access import coverage, engine
from data_access.intake.description import IntakeError
from data_access.intake.load import load_files
from data_access.intake.report import Report
from data_access.schema import quarantine
from data_access.services import halls, standards
from data_access.services.tables import service_queue, service_standard
from data_access.settings import ROOT
from domain.periods import Span
from tests.conftest import RealFiles

SOURCES = ROOT / "sample_data" / "sources"


def load(name: str, table, path: Path) -> Report:
    """Load a file, and again, which must change nothing."""
    (first,) = load_files(SOURCES / f"{name}.toml", [path])
    held = engine.rows(select(func.count()).select_from(table))[0][0]
    (again,) = load_files(SOURCES / f"{name}.toml", [path])
    assert isinstance(first, Report) and isinstance(again, Report)
    assert first.balanced() and again.balanced()
    assert (again.stored, again.updated, again.already) == (0, 0, first.stored)
    assert engine.rows(select(func.count()).select_from(table))[0][0] == held == first.stored
    assert engine.rows(select(func.count()).select_from(quarantine))[0][0] == first.quarantined
    return first


def test_warsaw_drives_the_halls(duckdb_only, real: RealFiles):
    path = real("services/warsaw_queues_2020-01-08_to_10.csv")
    report = load("services_warsaw", service_queue, path)
    assert (report.rows_read, report.stored, report.quarantined) == (132_495, 132_495, 0)
    file = pd.read_csv(path, encoding="utf-8-sig")
    moments = pd.to_datetime(file["date"] + " " + file["time"])
    at = datetime(2020, 1, 9, 10, 2)
    told = halls.snapshots(at)
    recent = file[(moments <= at) & (moments > pd.Timestamp(at) - halls.STALE)].assign(moment=moments)
    newest = recent[recent["moment"] == recent.groupby("name")["moment"].transform("max")]
    assert set(told) == set(newest["name"]) and len(told) > 10
    for hall, rows in told.items():
        mine = newest[newest["name"] == hall]
        assert sum(row[3] for row in rows) == mine["liczbaKlwKolejce"].sum()
        assert max(row[4] for row in rows) == mine["liczbaCzynnychStan"].max()
    assert {place.code for place in halls.places().values()} == set(file["name"])
    day = Span(datetime(2020, 1, 9), datetime(2020, 1, 10))
    assert coverage.known(day, "services.snapshots")
    assert not coverage.known(day, "services.cases")
    unset = int((file["czasObslugi"] == 0).sum())
    assert [(one.code, one.count) for one in report.doubts] == [("unset", unset)]
    stored = select(func.count()).where(service_queue.c.service_minutes.is_(None))
    assert engine.rows(stored)[0][0] == unset


def test_canada_flags_and_averages_nothing_away(duckdb_only, real: RealFiles):
    path = real("services/canada_service_standards_2024.csv")
    report = load("services_canada", service_standard, path)
    assert (report.rows_read, report.stored, report.quarantined) == (2_341, 2_340, 1)
    assert dict(report.reasons) == {"no_standard": 1}  # the one whose number is NA
    doubts = {one.code: one.count for one in report.doubts}
    file = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False, na_values=["", "NA", "ND"])
    file = file[file["service_standard_id"].notna()]
    met, total = (pd.to_numeric(file[name]) for name in ("volume_meeting_target", "total_volume"))
    assert doubts["above"] == int((met > total).sum()) == 9
    assert doubts["missing"] == int((met.isna() | total.isna()).sum())
    assert doubts["nothing"] == int(((total == 0) & (met <= total) & (file["type"] == "TML")).sum())
    found = standards.standards(datetime(2024, 6, 1))
    timed = file["type"] == "TML"
    assert doubts["other"] == int((~timed & (met <= total)).sum()) > 200
    good = (file["fiscal_yr"] == "2023-2024") & (met <= total) & (total > 0) & timed
    told = [one for one in found if one.counts]
    assert len(told) == int(good.sum())
    assert sum(one.met or 0 for one in told) == pytest.approx(met[good].sum())
    assert sum(one.total or 0 for one in told) == pytest.approx(total[good].sum())
    assert all(one.met > one.total for one in found if one.flag == "above" and one.met and one.total is not None)
    assert {one.flag for one in found} == {"", "above", "missing", "other"}
    assert standards.standards(datetime(2021, 1, 1)) == ()


def test_a_description_is_told_what_is_wrong_with_it(tmp_path):
    for columns, words in (
        ('hall = "a"\nmoment = "b"\nwaiting = "c"', "business"),
        ('hall = "a"\nbusiness = "d"\nmoment = "b"\nwaiting = "c"\nqueue = "e"', "no field queue"),
    ):
        path = tmp_path / "one.toml"
        path.write_text(
            f'key = "one"\nname_zh = "一"\nname_en = "One"\nkind = "service_queues"\n[columns]\n{columns}\n', "utf-8"
        )
        with pytest.raises(IntakeError, match=words):
            load_files(path, [tmp_path / "none.csv"])


def test_snapshots_that_cannot_be_are_put_aside(duckdb_only, tmp_path):
    path = tmp_path / "queues.csv"
    lines = [
        "name,date,time,idGrupy,nazwaGrupy,liczbaKlwKolejce,liczbaCzynnychStan,czasObslugi,aktualnyNumer",
        "A,2020-01-08,08:00,1,One,3,2,10,A1",
        "A,2020-01-08,08:00,1,One,3,2,10,A1",  # the same again
        "A,2020-01-08,08:00,1,One,4,2,10,A1",  # and otherwise
        "A,2020-01-08,08:05,1,One,,2,10,A1",
        "A,2020-13-08,08:05,1,One,1,2,10,A1",
        ",2020-01-08,08:05,1,One,1,2,10,A1",
        "A,2020-01-08,08:05,1,One,-1,2,10,A1",
        "A,2999-01-08,08:05,1,One,1,2,10,A1",
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    (report,) = load_files(SOURCES / "services_warsaw.toml", [path])
    assert isinstance(report, Report)
    assert (report.rows_read, report.stored, report.already, report.quarantined) == (8, 1, 1, 6)
    assert dict(report.reasons) == {
        "contradiction": 1, "no_count": 1, "bad_time": 1, "no_hall": 1, "bad_number": 1, "future": 1,
    }  # fmt: skip
    path.write_text("\n".join([lines[0], lines[1].replace(",3,2,", ",5,2,")]) + "\n", "utf-8")
    (changed,) = load_files(SOURCES / "services_warsaw.toml", [path])
    assert isinstance(changed, Report)
    assert (changed.stored, changed.updated) == (0, 1)
    assert engine.rows(select(service_queue.c.waiting)) == [(5,)]
