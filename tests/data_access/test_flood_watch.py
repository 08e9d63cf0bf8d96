"""The engine among the data: one transaction, restarts, late readings, people, tasks; and the alarms as they stood."""

from collections import Counter
from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine, Row, delete, select, update

from data_access import engine
from data_access.__main__ import main
from data_access.flood import alarms, health, store, tasks, watch
from data_access.flood.tables import flood_alarm_event as e
from data_access.flood.tables import flood_task
from tests.data_access import flood_city
from tests.data_access.flood_city import AT

HOUR = timedelta(hours=1)


def said() -> list[Row]:
    columns = [column for column in e.columns if column.name not in ("rules",)]
    return list(engine.rows(select(*columns).order_by(e.c.moment, e.c.alarm, e.c.seq)))


def advance(upto) -> int:
    with engine.committing() as connection:
        return watch.advance(connection, upto)


def rebuilt(*cuts) -> list[Row]:
    with engine.committing() as connection:
        watch.rebuild(connection, cuts[0])
    for cut in cuts[1:]:
        advance(cut)
        watch._kept = None  # as after a restart
    return said()


@pytest.fixture
def network(database: Engine) -> Engine:
    flood_city.built(database)
    return database


def test_any_cut_and_restart_writes_the_same_alarms(network: Engine):
    whole = rebuilt(AT)
    assert whole
    assert rebuilt(*[AT - n * HOUR for n in range(40, -1, -3)], AT) == whole


def test_an_alarm_is_raised_once_and_kept_with_what_decided_it(network: Engine):
    rebuilt(AT)
    raised = Counter(row.alarm for row in engine.rows(select(e.c.alarm).where(e.c.event == "raised")))
    assert raised and set(raised.values()) == {1}
    row = engine.rows(select(e).where(e.c.event == "raised", e.c.rule == "level").limit(1))[0]
    assert row.threshold is not None and row.rules and row.samples != "[]" and row.district_code


def test_an_alarm_is_of_the_kind_of_what_told_it(network: Engine):
    """R is a reservoir and a rain gauge under one code."""
    rebuilt(AT + timedelta(days=2))
    kinds = {(row.rule, row.kind) for row in said() if row.station == "R"}
    assert kinds == {("level", "reservoir"), ("predicted", "reservoir"), ("silent", "rain"), ("silent", "reservoir")}


def test_as_of_a_moment_nothing_later_is_seen(network: Engine):
    rebuilt(AT)
    first = min(row.moment for row in engine.rows(select(e.c.moment)))
    assert alarms.alarms(first - timedelta(seconds=1)) == []
    for at in (first, AT - 3 * HOUR, AT):
        found = alarms.alarms(at)
        assert all(one.raised_at <= at and all(event.moment <= at for event in one.events) for one in found)
        assert [one.level for one in found] == sorted((one.level for one in found), reverse=True)


def test_what_comes_late_is_received_now_and_changes_nothing_said(network: Engine):
    rebuilt(AT)
    before = said()
    frame = pd.DataFrame({"moment": [AT - 2 * HOUR], "station": ["A2"], "element": ["level"], "value": [99.0]})
    with engine.committing() as connection:
        stamped = watch.received(connection, frame, AT + timedelta(minutes=1))
    assert stamped["received_at"].iloc[0] == AT + timedelta(minutes=1)
    advance(AT + timedelta(minutes=2))
    assert said()[: len(before)] == before


def test_what_a_sensor_tells_after_a_silence_is_heard_in_its_order(network: Engine):
    """B1 was silent, part of what it tells is from before than the last look. No alarm waits for one reading more."""
    rebuilt(AT)
    moments = [AT + timedelta(minutes=5 * n) for n in range(-4, 2)]
    told = {"moment": moments, "station": "B1", "element": "level", "value": 36.3}
    now = AT + timedelta(minutes=7)
    with engine.committing() as connection:
        store.place_readings(connection, pd.DataFrame(told), now, AT - timedelta(days=7))
        watch.advance(connection, now)
    assert [one.rule for one in alarms.alarms(now) if one.station == "B1" and one.rule == "level"] == ["level"]


def test_people_act_and_are_named(network: Engine):
    rebuilt(AT)
    one = alarms.alarms(AT)[0]
    with engine.committing() as connection:
        watch.act(connection, one.alarm, "acknowledged", "王值班", now=AT + timedelta(minutes=1))
        watch.act(connection, one.alarm, "assigned", "王值班", text="城管", now=AT + timedelta(minutes=2))
    later = AT + timedelta(minutes=3)
    found = alarms.alarm(one.alarm, later)
    assert found is not None
    assert (found.acknowledged_by, found.assigned) == ("王值班", "城管")
    then = alarms.alarm(one.alarm, AT)
    assert then is not None and then.acknowledged_by == ""
    with engine.committing() as connection:
        watch.act(connection, one.alarm, "false_alarm", "李", text="探头被树枝挡住", now=later)
    found = alarms.alarm(one.alarm, later)
    assert found is not None and not found.open and found.state == "false_alarm"
    assert alarms.reviewed(AT - timedelta(days=30), later)[1] == 1
    with pytest.raises(watch.NotOpen), engine.committing() as connection:
        watch.act(connection, one.alarm, "acknowledged", "李", now=later)


def test_a_transaction_that_fails_leaves_the_engine_where_it_stood(network: Engine):
    rebuilt(AT - 3 * HOUR)
    before = said()
    with pytest.raises(RuntimeError), engine.committing() as connection:
        watch.advance(connection, AT)
        raise RuntimeError
    assert said() == before
    advance(AT)
    after = said()
    assert after == rebuilt(AT)


def test_tasks_reach_every_unit_downstream_once_and_follow_the_alarm(network: Engine):
    rebuilt(AT)
    opened = engine.rows(select(flood_task).where(flood_task.c.event == "opened"))
    for row in opened:
        assert row.due_at <= row.arrives_at and row.moment <= row.due_at
    now = tasks.tasks(AT)
    assert len({(one.station, one.unit_zh) for one in now}) == len(now)
    if now:
        with engine.committing() as connection:
            assert tasks.step(connection, now[0].task, "accepted", "赵", AT + timedelta(minutes=1))
            assert tasks.step(connection, now[0].task, "done", "赵", AT + timedelta(minutes=2))
            assert not tasks.step(connection, now[0].task, "done", "赵", AT + timedelta(minutes=3))
        assert len(tasks.tasks(AT + timedelta(minutes=3))) == len(now) - 1


def test_who_is_silent_is_told(network: Engine):
    rates = health.reporting(AT)
    assert rates["rain"].stations == 4 and rates["rain"].received <= rates["rain"].expected
    told = {(one.fault, one.station) for one in health.faults(AT)}
    assert {("offline", "B1"), ("offline", "N1")} <= told


def test_the_alarms_command_compares_the_past_with_what_was_said(network: Engine, monkeypatch, capsys):
    monkeypatch.setattr("data_access.__main__.engine.connect", lambda _url=None: None)  # the network's database is open
    rebuilt(AT - 5 * HOUR, AT)
    kept = said()
    assert main(["alarms"]) == 0
    assert capsys.readouterr().out == (
        f"recorded: {len(kept)} events; said again: {len(kept)}\nThe same, event by event.\n"
    )
    lost = next(row for row in kept if row.event == "raised")
    with engine.committing() as connection:
        own = (e.c.alarm == lost.alarm, e.c.seq == lost.seq)
        connection.execute(delete(e).where(*own))
        connection.execute(update(e).where(e.c.alarm == kept[-1].alarm, e.c.seq == kept[-1].seq).values(level=0))
    short = said()
    assert main(["alarms"]) == 1
    out = capsys.readouterr().out
    assert f"recorded, not said again: 1\n  {kept[-1].moment:%Y-%m-%d %H:%M} {kept[-1].event} {kept[-1].alarm}\n" in out
    assert "said now, not recorded: 2\n" in out
    assert f"  {lost.moment:%Y-%m-%d %H:%M} raised {lost.alarm}\n" in out
    assert "Nothing was changed" in out
    assert said() == short
    assert main(["alarms", "--keep"]) == 0
    assert said() == kept


def test_a_past_with_years_of_silence_is_looked_at(network: Engine):
    """Readings that end ten years before now: what was open stays, and each sensor is silent once."""
    until = AT.replace(year=AT.year + 10)
    rebuilt(AT, until)
    later = [row for row in said() if row.moment > AT]
    assert later
    assert {row.event for row in later} <= {"raised", "repeated", "grouped", "escalated", "clearing", "cleared"}
    raised = Counter(row.alarm for row in later if row.event == "raised")
    assert set(raised.values()) == {1}
    silent = Counter((row.station, row.kind) for row in later if (row.rule, row.event) == ("silent", "raised"))
    assert set(silent.values()) == {1}
    assert {("R", "rain"), ("R", "reservoir")} <= silent.keys()  # one code, two roles


def test_what_people_did_is_done_again_when_the_past_is_looked_at_again(network: Engine):
    rebuilt(AT)
    one = tasks.tasks(AT)[0]
    alarm = next(row for row in alarms.alarms(AT) if row.state == "new")
    with engine.committing() as connection:
        assert tasks.step(connection, one.task, "accepted", "赵", AT + timedelta(minutes=1))
        assert watch.act(connection, alarm.alarm, "acknowledged", "钱", now=AT + timedelta(minutes=2))
    later = AT + timedelta(minutes=5)
    advance(later)
    before, kept = said(), tasks.tasks(later)
    assert [row.person for row in kept if row.task == one.task] == ["赵"]
    assert rebuilt(later) == before
    assert tasks.tasks(later) == kept
