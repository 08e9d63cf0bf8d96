"""A storm of the demo city replayed minute by minute through the address: the list of alarms tells every alarm once,
from the minute in which it was raised to the one in which it was over, as the engine recorded it."""

from collections import defaultdict
from datetime import datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import select

from data_access import engine
from data_access.flood.tables import flood_alarm_event
from tests.conftest import MOMENT
from tests.pages.flood_city import body

MINUTE = timedelta(minutes=1)
HOURS = 5
OVER = ("cleared", "closed", "false_alarm")


def _ceiled(moment: datetime) -> datetime:
    """The first minute that knows of it."""
    floor = moment.replace(second=0)
    return floor if floor == moment else floor + MINUTE


@pytest.fixture(scope="module")
def span() -> tuple[datetime, datetime]:
    """The hours in which the storm comes."""
    return MOMENT - timedelta(hours=HOURS), MOMENT


def _recorded(start: datetime, end: datetime) -> dict[str, tuple[datetime, datetime | None]]:
    """alarm -> when it was raised, and over; of those that were open in the span, what is silent left out."""
    e = flood_alarm_event
    told: pd.DataFrame = engine.read(select(e.c.alarm, e.c.event, e.c.moment, e.c.rule).where(e.c.moment <= end))
    told = told[told["rule"] != "silent"]
    raised = told[told["event"] == "raised"].groupby("alarm")["moment"].min()
    over = told[told["event"].isin(OVER)].groupby("alarm")["moment"].min()
    found = {str(name): (moment, over.get(name)) for name, moment in raised.items()}
    return {name: (a, b) for name, (a, b) in found.items() if b is None or b > start}


@pytest.fixture
def minutes(client, span) -> dict[datetime, list[str]]:
    """The alarms that each minute of the span lists."""
    start, end = span
    replay = f"{start:%Y-%m-%dT%H:%M}..{end:%Y-%m-%dT%H:%M}"
    told, at = {}, start
    while at <= end:
        rows = body(client, "alarms", replay=replay, at=f"{at:%Y-%m-%dT%H:%M}")["data"]
        told[at] = [row["alarm"] for row in rows]
        at += MINUTE
    return told


def test_a_storm_minute_by_minute_tells_each_alarm_once_as_it_was_recorded(client, minutes, span):
    start, end = span
    shown: dict[str, list[datetime]] = defaultdict(list)
    for at, names in minutes.items():
        assert len(names) == len(set(names)), at  # once in each list
        for name in names:
            shown[name].append(at)
    recorded = _recorded(start, end)
    assert sum(raised > start for raised, _ in recorded.values()) > 20  # there was a storm
    assert any(over is not None and over < end for _, over in recorded.values())
    assert shown.keys() == {name for name, (raised, over) in recorded.items() if over is None or _ceiled(over) > start}
    for name, seen in shown.items():
        raised, over = recorded[name]
        last = end if over is None else min(end, _ceiled(over) - MINUTE)
        first = max(start, _ceiled(raised))
        assert seen == [first + n * MINUTE for n in range(len(seen))], name  # it comes, stays, goes, and never returns
        assert (seen[0], seen[-1]) == (first, last), name


def test_what_is_over_is_in_the_history_once(client, span):
    start, end = span
    rows = body(client, "alarms", at=f"{end:%Y-%m-%dT%H:%M}", state="past")["data"]
    names = [row["alarm"] for row in rows]
    over = {name for name, (raised, over) in _recorded(start, end).items() if over is not None}
    assert over
    assert len(names) == len(set(names))
    assert over <= set(names)
    for row in rows:
        if row["alarm"] in over:
            assert datetime.fromisoformat(row["raised_at"]) == _recorded(start, end)[row["alarm"]][0]
