"""Calls answered over any 24 hours: each count taken again from the calls one by one, at moments that hurt."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert

from data_access import call_cube, calls, engine
from data_access.calls import Calls, Waiting
from data_access.schema import hotline_call
from domain import hotline_rules
from domain.periods import Span

FIRST, AT = datetime(2026, 6, 10), datetime(2026, 6, 18, 14, 30)
LINES = ("", "enterprise", "talent")


def some_calls(seed: int = 3, count: int = 4000) -> pd.DataFrame:
    """Calls of eight days, many of them on the full hour and some of them still waiting at AT."""
    rng = np.random.default_rng(seed)
    seconds = rng.integers(0, int((AT - FIRST).total_seconds()) + 7200, count)
    seconds = np.where(rng.random(count) < 0.1, seconds // 3600 * 3600, seconds)
    seconds[:40] = int((AT - FIRST).total_seconds()) - rng.integers(0, 120, 40)
    return pd.DataFrame(
        {
            "call_id": np.arange(count),
            "source": "hotline",
            "started_at": [FIRST + timedelta(seconds=int(s)) for s in seconds],
            "line": rng.choice(LINES, count),
            "wait_seconds": rng.choice([0, 3, 4, 5, 6, 14, 15, 16, 90, 1800], count),
            "talk_seconds": [None if r < 0.15 else int(60 + r * 100) for r in rng.random(count)],
        }
    )


def store(rows: pd.DataFrame) -> None:
    with engine.committing() as connection:
        connection.execute(insert(hotline_call), rows.astype(object).where(rows.notna(), None).to_dict("records"))
        call_cube.refresh_calls(connection)


def counted(
    rows: pd.DataFrame, start: datetime, end: datetime, at: datetime, line: str, *, quick: int = 15, short: int = 5
) -> Calls:
    """The handbook's counts (1.4), from the calls themselves."""
    over = rows["started_at"] + pd.to_timedelta(rows["wait_seconds"], unit="s") < at
    mine = rows[(rows["started_at"] >= start) & (rows["started_at"] < end) & (rows["started_at"] < at) & over]
    mine = mine[mine["line"] == line] if line else mine
    answered = mine[mine["talk_seconds"].notna()]
    lost = mine[mine["talk_seconds"].isna()]
    return Calls(
        len(answered) + int((lost["wait_seconds"] >= short).sum()), len(answered),
        int((answered["wait_seconds"] <= quick).sum()), int((lost["wait_seconds"] < short).sum()),
        int(answered["wait_seconds"].sum()), int(answered["talk_seconds"].sum()),
    )  # fmt: skip


MOMENTS = (
    AT, datetime(2026, 6, 18, 14), datetime(2026, 6, 18, 13, 59), datetime(2026, 6, 12), datetime(2026, 6, 11, 0, 1),
    datetime(2026, 6, 10, 3, 7), datetime(2026, 6, 17, 23, 59),
)  # fmt: skip


def test_any_24_hours_are_what_their_calls_say(database):
    rows = some_calls()
    store(rows)
    for at in MOMENTS:
        for line in LINES:
            expected = counted(rows, at - timedelta(hours=24), at, at, line)
            assert calls.rolling(at, line) == expected, (at, line)
    now = calls.rolling(AT)
    assert 0 < now.quick < now.answered < now.offered
    assert now.short > 0


@pytest.mark.parametrize("minutes", [0, 1, 20, 59, 60, 61, 119, 180, 1500])
def test_a_span_of_any_length_from_any_minute(duckdb_only, minutes):
    rows = some_calls()
    store(rows)
    for start in (datetime(2026, 6, 15, 7), datetime(2026, 6, 15, 7, 12), AT - timedelta(minutes=30)):
        end = start + timedelta(minutes=minutes)
        expected = counted(rows, start, end, AT, "")
        assert calls.counted(Span(start, end), AT) == expected, start


def test_who_still_waits_is_neither_answered_nor_given_up(database):
    rows = some_calls()
    store(rows)
    ends = rows["started_at"] + pd.to_timedelta(rows["wait_seconds"], unit="s")
    there = rows[(rows["started_at"] < AT) & (ends >= AT)]
    assert len(there) > 0
    longest = int((AT - there["started_at"].min()).total_seconds())
    assert calls.waiting(AT) == Waiting(len(there), longest)
    assert calls.waiting(FIRST - timedelta(days=1)) == Waiting(0, 0)


def test_the_rolling_series_moves_hour_by_hour(database):
    rows = some_calls()
    store(rows)
    told = calls.rolled(AT, days=3, every=6)
    assert [until for until, _ in told] == [
        datetime(2026, 6, 18, 14) - timedelta(hours=6 * n) for n in range(12, -1, -1)
    ]
    for until, sums in told:
        assert sums == counted(rows, until - timedelta(hours=24), until, datetime.max, "")


def test_without_calls_nothing_is_given(database):
    assert not calls.given()
    assert calls.rolling(AT) == calls.NOTHING
    store(some_calls(count=50))
    assert calls.given()


def test_a_call_is_judged_by_the_rules_of_its_own_day(duckdb_only, tmp_path):
    """From the 16th on within 10 seconds, and short below 6; until then within 15, and short below 5."""
    turn = datetime(2026, 6, 16)
    book = tmp_path / "rules.toml"
    change = "\n[[change]]\nfrom = 2026-06-16\nservice_level_s = 10\nshort_abandon_s = 6\n"
    book.write_text(hotline_rules.FILE.read_text("utf-8") + change, "utf-8")
    hotline_rules.SHELF.put(book)
    try:
        rows = some_calls()
        store(rows)
        for at in (datetime(2026, 6, 16, 9, 20), datetime(2026, 6, 17, 12), AT):
            for start in (datetime(2026, 6, 15, 12), datetime(2026, 6, 15, 23, 30)):
                old = counted(rows, start, turn, at, "")
                new = counted(rows, turn, at, at, "", quick=10, short=6)
                assert calls.counted(Span(start, at), at) == old.plus(new)
                assert new != counted(rows, turn, at, at, "")
    finally:
        hotline_rules.SHELF.put()
