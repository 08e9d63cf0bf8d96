"""The one way in: nothing twice, corrections that are remembered, refusals that are kept."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sqlalchemy import func, select

from data_access import engine
from data_access.flood import readings, stations, store
from data_access.flood.tables import flood_day, flood_reading, flood_station
from data_access.schema import quarantine
from tests.data_access import flood_city
from tests.data_access.flood_city import AT

NOON = datetime(2026, 6, 18, 12)


def add(*some: tuple, now: datetime = AT, **more: Any) -> store.Added:
    """Add (station, element, moment, value[, received_at]) rows."""
    frame = pd.DataFrame(
        [(*row, None)[:5] for row in some], columns=["station", "element", "moment", "value", "received_at"]
    ).assign(**more)
    with engine.committing() as connection:
        return store.add_readings(connection, frame, now=now)


def count(table, *where) -> int:
    return engine.rows(select(func.count()).select_from(table).where(*where))[0][0]


def days() -> list[tuple]:
    """All days as they stand, in one order."""
    frame = engine.read(select(flood_day))
    return sorted(frame.drop(columns=["high_at"]).itertuples(index=False, name=None))


def test_the_same_again_changes_nothing(database):
    frame = flood_city.built(database)
    before, rows = days(), count(flood_reading)
    assert rows == len(frame)
    with engine.committing() as connection:
        added = store.add_readings(connection, frame, now=AT + timedelta(days=1))
    assert (added.stored, added.updated, added.already, added.refused) == (0, 0, len(frame), [])
    assert count(flood_reading) == rows
    assert days() == before


def test_in_any_pieces_and_order_the_days_are_the_same(database):
    frame = flood_city.built(database)
    whole = days()
    with engine.committing() as connection:
        connection.execute(flood_reading.delete())
        connection.execute(flood_day.delete())
    shuffled = frame.sample(frac=1, random_state=7)
    for part in np.array_split(np.arange(len(shuffled)), 7):
        with engine.committing() as connection:
            store.add_readings(connection, shuffled.iloc[part], now=AT)
    assert count(flood_reading) == len(frame)
    found = days()
    assert [row[:4] for row in found] == [row[:4] for row in whole]
    for one, other in zip(found, whole, strict=True):
        assert [float(x) for x in one[4:8]] == pytest.approx([float(x) for x in other[4:8]])
    after = AT + timedelta(minutes=1)  # what came after the engine had looked at AT was received then
    assert {key: one.value for key, one in readings.latest(after).items()}["A2", "level"] > 29


def test_another_value_later_is_a_correction(database):
    assert add(("A1", "level", NOON, 40.0), now=NOON).stored == 1
    changed = add(("A1", "level", NOON, 41.0), now=NOON + timedelta(hours=2))
    assert (changed.stored, changed.updated) == (0, 1)
    assert readings.latest(NOON + timedelta(hours=1))["A1", "level"].value == 40.0
    assert readings.latest(NOON + timedelta(hours=2))["A1", "level"].value == 41.0
    assert readings.days("A1", "level", NOON.date(), NOON.date())[0].high == 41.0
    # the first file again is no news
    assert add(("A1", "level", NOON, 40.0), now=AT).already == 1
    assert readings.latest(AT)["A1", "level"].value == 41.0


def test_a_correction_of_a_correction(database):
    for value, minutes in ((40.0, 0), (41.0, 10), (40.0, 20)):
        later = NOON + timedelta(minutes=minutes)
        add(("A1", "level", NOON, value, later if minutes else None), now=later)
    seen = [readings.latest(NOON + timedelta(minutes=m))["A1", "level"].value for m in (0, 9, 10, 19, 20, 60)]
    assert seen == [40.0, 40.0, 41.0, 41.0, 40.0, 40.0]


def test_what_comes_after_the_engine_looked_was_received_then(database):
    """It cannot have been known before, whatever it says; and once more it is no news."""
    later = NOON + timedelta(minutes=30)
    add(("A1", "level", NOON, 40.0), now=NOON)
    early = (
        ("A1", "level", NOON - timedelta(minutes=5), 39.0),
        ("A1", "level", NOON - timedelta(minutes=10), 38.0, NOON),
    )
    assert add(*early, now=later).stored == 2
    for at, n in ((NOON, 1), (later - timedelta(seconds=1), 1), (later, 3)):
        moments, _, _ = readings.series("A1", "level", NOON - timedelta(hours=1), NOON, at)
        assert len(moments) == n
    assert add(*early, now=later + timedelta(hours=1)).already == 2


def test_versions_in_one_frame(database):
    later = NOON + timedelta(minutes=30)
    added = add(("A1", "level", NOON, 40.5, later), ("A1", "level", NOON, 40.0), ("A1", "level", NOON, 40.0))
    assert (added.stored, added.updated, added.already) == (1, 1, 1)
    assert readings.latest(NOON)["A1", "level"].value == 40.0
    assert readings.latest(later)["A1", "level"].value == 40.5


def test_two_words_at_once_contradict_each_other(database):
    added = add(("A1", "level", NOON, 40.0), ("A1", "level", NOON, 41.0))
    assert (added.stored, added.refused) == (1, [(1, "contradiction")])
    assert count(quarantine, quarantine.c.reason == "contradiction") == 1


def test_a_revoked_reading_gives_way_to_the_one_before(database):
    five, twenty = NOON + timedelta(minutes=5), NOON + timedelta(minutes=20)
    add(("A1", "level", NOON, 40.0), ("A1", "level", five, 99.0), now=five)
    add(("A1", "level", five, 99.0, twenty), now=twenty, quality=2)
    assert readings.latest(NOON + timedelta(minutes=19))["A1", "level"].value == 99.0
    assert readings.latest(NOON + timedelta(minutes=20))["A1", "level"].value == 40.0
    assert readings.days("A1", "level", NOON.date(), NOON.date())[0].n == 1


def test_a_fast_clock_is_refused_and_kept(database):
    added = add(("A1", "level", AT + timedelta(minutes=6), 40.0), ("A1", "level", AT + timedelta(minutes=5), 40.0))
    assert (added.stored, added.refused) == (1, [(0, "future")])
    ((raw, reason),) = engine.rows(select(quarantine.c.raw, quarantine.c.reason))
    assert reason == "future" and '"A1"' in raw


@pytest.mark.parametrize(
    ("element", "value", "minutes", "quality"),
    [
        ("rain", 20.0, 5, 0), ("rain", 20.1, 5, 2), ("rain", -0.5, 5, 2), ("level", 9999.0, 0, 2),
        ("depth", -1.0, 0, 2), ("level", -1.5, 0, 0), ("flow", -300.0, 0, 0), ("pump", 2.0, 0, 2),
    ],
)  # fmt: skip
def test_what_cannot_be_counts_for_nothing(database, element, value, minutes, quality):
    added = add(("X", element, NOON, value), minutes=minutes)
    assert added.stored == 1
    assert readings.latest_any(NOON)["X", element].quality == quality
    assert (("X", element) in readings.latest(NOON)) == (quality == 0)
    assert count(flood_day) == (0 if quality else 2 if element == "rain" else 1)


def test_no_value_no_time_no_element(database):
    added = add(("A1", "level", NOON, None), ("A1", "level", None, 3.0), ("A1", "taste", NOON, 3.0))
    assert added.refused == [(0, "no_value"), (1, "no_time"), (2, "element")]
    assert count(flood_reading) == 0


def test_a_failed_load_leaves_nothing(database):
    with pytest.raises(RuntimeError), engine.committing() as connection:
        store.add_readings(connection, flood_city.rows(), now=AT)
        raise RuntimeError
    assert count(flood_reading) == 0
    assert add(("A1", "level", NOON, 40.0)).stored == 1  # what a transaction made for itself is gone with it


def test_the_network_is_merged(database):
    with engine.committing() as connection:
        flood_city.store_network(connection)
        again = store.merge_network(connection, stations=flood_city.STATIONS, thresholds=flood_city.THRESHOLDS)
        assert again == {"already": len(flood_city.STATIONS) + len(flood_city.THRESHOLDS)}
        moved = store.merge_network(
            connection, stations=[flood_city.station("A1", "river", km=43.0), flood_city.station("new", "rain")]
        )
        assert moved == {"updated": 1, "stored": 1}
    assert count(flood_station) == len(flood_city.STATIONS) + 1
    assert stations.stations()["A1", "river"].km == 43.0


def test_appended_rows_are_counted(database):
    frame = flood_city.known(AT).sort_values("moment")
    names = ["moment", "station", "element", "value", "minutes", "quality"]
    with engine.committing() as connection:
        store.append(connection, pa.Table.from_pandas(frame[names], preserve_index=False))
        store.count_days(connection, date(2020, 1, 1), date(2026, 6, 19))
    counted = days()
    with engine.committing() as connection:
        connection.execute(flood_reading.delete())
        connection.execute(flood_day.delete())
        store.add_readings(connection, frame[names], now=AT)
    assert [row[:4] for row in days()] == [row[:4] for row in counted]
