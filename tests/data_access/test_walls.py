"""Walls by name: the newest counts, nothing is lost, and what makes no sense falls back."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from data_access import engine, settings, walls
from data_access.settings import Settings, SettingsError
from data_access.wall_tables import wall_profile
from domain.wall import Profile, SpecError, parse_profile

AT = datetime(2026, 6, 18, 14, 30)
HALL = "5760x1080,p0.63,3x1,b3.5,d6"


def saved(name: str, spec: str, minutes: int = 0) -> Profile:
    return walls.save(name, spec, person="王工", note="", now=AT + timedelta(minutes=minutes))


def test_the_newest_of_a_name_counts_and_the_older_is_kept(database):
    saved("指挥大厅", "3840x1080,p1.8,d8")
    saved("Lobby", "1080x1920, d3, p1.25", 1)
    saved("指挥大厅", HALL, 1)
    assert [(one.name, one.spec, one.person) for one in walls.saved()] == [
        ("Lobby", "1080x1920,p1.25,d3", "王工"),
        ("指挥大厅", HALL, "王工"),
    ]
    assert walls.profile("指挥大厅") == parse_profile(HALL)
    with engine.engine().connect() as connection:
        assert connection.execute(select(func.count()).select_from(wall_profile)).scalar() == 3


def test_what_makes_no_sense_falls_back_to_the_default(database):
    assert walls.profile("no such wall") == walls.profile("1x1,p0") == walls.profile("") == walls.default()
    assert walls.profile("3840x1080,p1.8,d12").body == 39
    with pytest.raises(SpecError, match="write the signal first"):
        walls.meant("no such wall")


@pytest.mark.parametrize("name", ["", "3840x1080", "a,b", "12", "x" * 41, "  "])
def test_names_that_could_be_a_profile_or_say_nothing(duckdb_only, name):
    with pytest.raises(walls.BadName):
        saved(name, HALL)
    assert walls.saved() == ()


def test_a_bad_profile_is_not_kept(duckdb_only):
    with pytest.raises(SpecError):
        saved("hall", "3840x1080,p1.8")
    assert walls.saved() == ()


def test_the_wall_of_the_settings(duckdb_only, monkeypatch):
    def use(**given: str) -> None:
        chosen = Settings.from_environment({f"COCKPIT_{name}": value for name, value in given.items()})
        monkeypatch.setattr(walls, "settings", lambda: chosen)

    use()
    assert walls.default().body == 38  # 8 m, 1.25 mm
    use(WALL_DISTANCE_M="12", WALL_PITCH_MM="1.8")
    assert walls.default().body == 39
    use(WALL=HALL, WALL_DISTANCE_M="12")
    assert str(walls.default()) == HALL
    with pytest.raises(SettingsError, match=r"COCKPIT_WALL=3840x1080,p1.8: .*d8"):
        settings.Settings.from_environment({"COCKPIT_WALL": "3840x1080,p1.8"})
