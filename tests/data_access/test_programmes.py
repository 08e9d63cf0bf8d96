"""Programmes are kept append-only; what walls learned outlives a restart."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from data_access import clock, engine, programmes
from data_access.programme_tables import programme
from domain.programme import ProgrammeError

AT = datetime(2026, 6, 18, 14, 30)
TEXT = 'name = "{name}"\n[[scene]]\npage = "/flood"\nseconds = {seconds}\n'


def test_an_empty_database_has_a_programme(database: Engine):
    (only,) = programmes.programmes()
    assert only.version == 0
    assert {scene.page for scene in only.programme.scenes} == {"/", "/hotline", "/services", "/flood"}
    assert len(only.programme.timetable) == 2


def test_the_newest_version_counts_and_the_older_stay(database: Engine):
    with clock.held(AT):
        for seconds in (10, 20, 30):
            programmes.save(TEXT.format(name="night", seconds=seconds), "王")
    found = programmes.named("night")
    assert found is not None
    assert (found.version, found.person, found.moment) == (3, "王", AT)
    assert found.programme.scenes[0].seconds == 30
    assert engine.rows(select(func.count()).select_from(programme))[0][0] == 3
    assert [one.programme.name for one in programmes.programmes()] == ["default", "night"]


def test_the_shipped_one_is_replaced_by_one_of_its_name(database: Engine):
    programmes.save(TEXT.format(name="default", seconds=10), "王")
    assert [(one.programme.name, one.version) for one in programmes.programmes()] == [("default", 1)]


def test_what_is_no_programme_is_not_kept(database: Engine):
    before = engine.data_version()
    with pytest.raises(ProgrammeError):
        programmes.save(TEXT.format(name="night", seconds=1), "王")
    assert engine.data_version() == before
    assert programmes.named("night") is None


def test_what_was_learned_first_is_kept_and_moves_no_data(database: Engine):
    before = engine.data_version()
    programmes.note("flood|a|3", "seen", AT)
    programmes.note("flood|a|3", "seen", AT + timedelta(minutes=5))
    programmes.note("flood|a|3", "acknowledged", AT + timedelta(minutes=1), "王")
    engine.connect(engine.engine().url)  # as after a restart
    assert programmes.calls(["flood|a|3", "other"]) == {
        "flood|a|3": {"seen": AT, "acknowledged": AT + timedelta(minutes=1)}
    }
    assert programmes.calls([]) == {}
    assert engine.data_version() == before
