"""The connection and the commit, on both kinds of database."""

import threading

import pytest
from sqlalchemy import insert, select

from data_access import clock, engine, schema
from data_access.__main__ import main
from data_access.settings import settings


def test_a_commit_raises_the_version_by_one(database):
    assert engine.data_version() == 0
    with engine.committing() as connection:
        engine.put(connection, "city", "990100")
    assert engine.data_version() == 1
    assert engine.get("city") == "990100"


def test_a_value_is_replaced_and_not_doubled(database):
    for name in ("一", "二"):
        with engine.committing() as connection:
            engine.put(connection, "name_zh", name)
    rows = engine.read(select(schema.deployment.c.value).where(schema.deployment.c.key == "name_zh"))
    assert rows["value"].tolist() == ["二"]


def test_a_failed_commit_leaves_nothing(database):
    with pytest.raises(RuntimeError), engine.committing() as connection:
        engine.put(connection, "city", "990100")
        raise RuntimeError
    assert engine.get("city") == ""
    assert engine.data_version() == 0


def test_the_version_survives_a_new_connection(database, database_url):
    with engine.committing() as connection:
        engine.put(connection, "city", "990100")
    engine.connect(database_url)
    assert engine.data_version() == 1


def test_dates_and_times_come_back_as_times(database, at):
    with engine.committing() as connection:
        connection.execute(
            insert(schema.mark).values(start=clock.now(), kind="storm", end=at, name_zh="暴雨", name_en="Storm")
        )
    frame = engine.read(select(schema.mark.c.start, schema.mark.c.name_zh))
    assert frame["start"].dtype.kind == "M"
    assert frame["start"].iloc[0] == at


def test_several_commits_at_once_each_move_the_version(database):
    def commit(n: int) -> None:
        with engine.committing() as connection:
            engine.put(connection, f"key{n}", str(n))

    threads = [threading.Thread(target=commit, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert engine.data_version() == 8
    assert [engine.get(f"key{n}") for n in range(8)] == [str(n) for n in range(8)]


def test_what_is_not_committed_is_not_seen(database):
    with engine.committing() as connection:
        engine.put(connection, "city", "990100")
        assert engine.get("city") == ""
        assert engine.data_version() == 0
    assert engine.get("city") == "990100"


def test_an_empty_answer_still_has_its_columns(database):
    frame = engine.read(select(schema.mark.c.start, schema.mark.c.name_zh))
    assert frame.empty
    assert frame.columns.tolist() == ["start", "name_zh"]
    assert frame["start"].dtype.kind == "M"


def _of_another_version(url: str, demo: str) -> None:
    with engine.committing() as connection:
        engine.put(connection, "form", "0")
        engine.put(connection, "demo", demo)
    engine.engine().dispose()


def test_a_database_of_another_version_is_refused_with_what_to_do(database, database_url):
    _of_another_version(database_url, "")
    with pytest.raises(engine.DatabaseOutdated, match="Load your files again") as caught:
        engine.connect(database_url)
    assert not caught.value.demo


def test_a_demo_city_of_another_version_is_kept_aside_and_made_anew(duckdb_only, tmp_path, monkeypatch, capsys):
    file = tmp_path / "old.duckdb"
    url = f"duckdb:///{file}"
    engine.connect(url)
    _of_another_version(url, "yes")
    monkeypatch.setenv("COCKPIT_DATABASE_URL", url)
    settings.cache_clear()
    try:
        assert main(["demo", "--if-empty", "--orders", "300", "--days", "40"]) == 0
        assert engine.get("demo") == "yes"
    finally:
        engine.engine().dispose()
        monkeypatch.undo()
        settings.cache_clear()
    assert (tmp_path / "old.duckdb.old").is_file()
    assert "made anew" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["nonsense://x", "postgresql+psycopg://u:secret@127.0.0.1:1/none", "duckdb:////proc/x"])
def test_a_database_that_cannot_be_used_is_said_without_its_password(url, monkeypatch):
    monkeypatch.setattr(engine, "_engine", None)
    with pytest.raises(engine.DatabaseError) as caught:
        engine.connect(url)
    assert "COCKPIT_DATABASE_URL" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
