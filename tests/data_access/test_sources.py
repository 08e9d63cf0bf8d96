"""How fresh each source is, as it stood at any moment."""

from datetime import datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import insert

from data_access import engine, sources
from data_access.schema import load_log, source

NOON = datetime(2026, 3, 2, 12)
HOUR = timedelta(hours=1)


def load(number: int, key: str, loaded_at: datetime, data_to: datetime | None) -> dict:
    return {
        "load_id": str(number), "source": key, "file": "f.csv", "digest": "", "loaded_at": loaded_at, "rows_read": 1,
        "stored": 1, "updated": 0, "already": 0, "quarantined": 0, "unplaced": 0, "data_from": data_to,
        "data_to": data_to, "report": "{}",
    }  # fmt: skip


@pytest.fixture
def loads(database):
    with engine.committing() as connection:
        names = {"hourly": 60, "daily": 1440, "slow": 60, "silent": 60, "never": 60, "no_promise": 0}
        connection.execute(
            insert(source),
            [
                {"key": k, "name_zh": k, "name_en": k.title(), "cadence_minutes": c, "fields": ""}
                for k, c in names.items()
            ],
        )
        connection.execute(
            insert(load_log),
            [
                load(1, "hourly", NOON - 3 * HOUR, NOON - 3 * HOUR),
                load(2, "hourly", NOON, NOON - timedelta(minutes=20)),
                load(3, "hourly", NOON + HOUR, NOON + HOUR),
                load(4, "daily", NOON - 2 * HOUR, NOON - 30 * HOUR),
                load(5, "slow", NOON - HOUR, NOON - timedelta(minutes=100)),
                load(6, "silent", NOON - 240 * HOUR, NOON - 240 * HOUR),
                load(7, "no_promise", NOON - 900 * HOUR, NOON - 900 * HOUR),
                load(8, "never", NOON - HOUR, None),
            ],
        )
    return database


def table(at: datetime) -> pd.DataFrame:
    return pd.DataFrame(sources.freshness(at), columns=pd.Index(sources.Freshness._fields))


def told(at: datetime) -> pd.DataFrame:
    return table(at).set_index("key")


def test_a_source_is_as_old_as_its_newest_data_not_as_its_last_load(loads):
    frame = told(NOON)
    assert frame.loc["hourly", "age_minutes"] == 20
    assert frame.loc["daily", "age_minutes"] == 1800
    assert frame.loc["slow", "last_data_at"] == pd.Timestamp(NOON - timedelta(minutes=100))


def test_every_source_is_told_the_worst_first(loads):
    frame = table(NOON)
    assert sorted(frame["key"]) == ["daily", "hourly", "never", "no_promise", "silent", "slow"]
    rank = frame["state"].map({"stale": 0, "late": 1, "unknown": 2, "fresh": 3})
    assert rank.is_monotonic_increasing
    assert frame["key"].iloc[0] == "silent"
    assert frame.set_index("key")["state"].loc[["silent", "never", "hourly"]].tolist() == ["stale", "unknown", "fresh"]


def test_a_source_without_a_promise_is_never_late(loads):
    assert told(NOON).loc["no_promise", "state"] not in ("late", "stale")


def test_loads_after_the_moment_are_not_known_at_the_moment(loads):
    early = told(NOON - timedelta(minutes=1))
    assert early.loc["hourly", "last_data_at"] == pd.Timestamp(NOON - 3 * HOUR)
    assert pd.isna(told(NOON - 900 * HOUR - HOUR)["last_data_at"]).all()
    assert told(NOON + HOUR).loc["hourly", "age_minutes"] == 0


def test_a_source_without_any_data_says_so(loads):
    row = told(NOON).loc["never"]
    assert pd.isna(row["last_data_at"])
    assert pd.isna(row["age_minutes"])


def test_a_replay_of_history_rests_on_what_was_loaded_later(loads):
    before = NOON - 1000 * HOUR
    with engine.committing() as connection:
        history = load(9, "daily", NOON, NOON - 500 * HOUR) | {"data_from": NOON - 2000 * HOUR}
        connection.execute(insert(load_log), [history])
    row = told(before).loc["daily"]
    assert pd.isna(row["last_data_at"]) and row["state"] == "unknown"
    assert row["reaches_to"] == pd.Timestamp(before)
    assert told(NOON - 400 * HOUR).loc["daily", "reaches_to"] == pd.Timestamp(NOON - 500 * HOUR)
    assert pd.isna(told(before)["reaches_to"].drop("daily")).all()
    assert pd.isna(told(NOON - 2001 * HOUR).loc["daily", "reaches_to"])


def test_no_source_at_all_is_none(database):
    assert sources.freshness(NOON) == ()
