"""The connection and the commit, on both kinds of database."""

import pytest
from sqlalchemy import insert, select

from data_access import clock, engine, schema


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
