"""Reports that make themselves: one run of all workers, what was missed is made up once and says so."""

import multiprocessing
import threading
from datetime import datetime, timedelta

import pytest

from briefing import reports as making
from briefing import worker
from briefing.schedule import parse
from briefing.templates import load
from briefing.worker import Plan, step
from data_access import engine, reports
from data_access.reports import Draft

NOW = datetime(2026, 6, 18, 7, 30, 20)  # a Thursday
ABOUT = {"title": {"zh": "日报", "en": "Daily"}, "numbering": {"zh": "{number}", "en": "{number}"}}


def made_up(loaded, period, *, lang, late=False):
    """A report of nothing: what it says is no matter here."""
    content = {"zh": [], "en": []}
    return Draft(
        loaded.kind, period.start, period.end, period.at, NOW, late, lang, loaded.digest, ABOUT, (), content, "released"
    )


def plan(schedule: str = "daily 07:30", *, past: bool = False) -> Plan:
    return Plan(parse(schedule), "zh", None, past, lambda now: 0)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(making, "make", made_up)
    monkeypatch.setattr(making, "period_of", _period)
    monkeypatch.setattr(worker, "load", _templates)


def _period(loaded, when, *, workdays=False):
    start, end = making.covered(loaded.template.covers, when, workdays=workdays)
    return making.Period(start, end, when)


def _templates(folder, _panels):
    """Those that are shipped, of panels that nobody asks here."""
    return load(folder)


def told() -> list[tuple[str, str, bool]]:
    found = reports.issues(datetime(2027, 1, 1))
    return sorted((one.key, f"{one.covers_from:%m-%d}", one.late) for one in found)


def test_a_report_is_made_when_it_is_due_and_once(database, quick):
    assert step(plan(), datetime(2026, 6, 18, 7, 29, 59)) == []
    assert step(plan(), NOW) == ["daily-2026-001"]
    assert step(plan(), NOW + timedelta(hours=3)) == []
    assert step(plan(), NOW + timedelta(days=1)) == ["daily-2026-002"]
    assert told() == [("daily-2026-001", "06-17", False), ("daily-2026-002", "06-18", False)]


def test_what_was_missed_is_made_up_once_and_says_so(database, quick):
    step(plan(), NOW)
    later = NOW + timedelta(days=3, hours=2)
    assert len(step(plan(), later)) == 3
    assert step(plan(), later) == []
    assert told() == [
        ("daily-2026-001", "06-17", False),
        ("daily-2026-002", "06-18", True),
        ("daily-2026-003", "06-19", True),
        ("daily-2026-004", "06-20", True),
    ]


def test_a_demo_city_has_some_from_the_start(duckdb_only, quick):
    assert len(step(plan("daily 07:30, weekly Mon 08:00", past=True), NOW + timedelta(hours=1))) == 4
    assert told() == [
        ("daily-2026-001", "06-15", True),
        ("daily-2026-002", "06-16", True),
        ("daily-2026-003", "06-17", True),
        ("weekly-2026-001", "06-08", True),
    ]


def test_one_that_fails_is_tried_again_and_the_others_are_made(duckdb_only, quick, monkeypatch):
    step(plan(), NOW)

    def sometimes(loaded, period, *, lang, late=False):
        if period.start.day == 18:
            raise RuntimeError("no data")
        return made_up(loaded, period, lang=lang, late=late)

    monkeypatch.setattr(making, "make", sometimes)
    later = NOW + timedelta(days=2)
    assert step(plan(), later) == ["daily-2026-002"]
    monkeypatch.setattr(making, "make", made_up)
    assert step(plan(), later + timedelta(minutes=5)) == []
    assert step(plan(), later + reports.DEAD) == ["daily-2026-003"]
    assert [covers for _, covers, _ in told()] == ["06-17", "06-19", "06-18"]


def test_a_schedule_of_no_template_says_so_and_the_others_go_on(duckdb_only, quick, caplog):
    worker._said.clear()
    assert step(plan("nothing 07:30, daily 07:30"), NOW) == ["daily-2026-001"]
    step(plan("nothing 07:30, daily 07:30"), NOW)
    assert caplog.text.count("there is no template nothing") == 1


def test_eight_threads_make_one_report(database, quick):
    gate, made = threading.Barrier(8), []

    def work() -> None:
        gate.wait()
        made.extend(step(plan(), NOW))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["daily-2026-001"]
    assert told() == [("daily-2026-001", "06-17", False)]


def _worker(url: str, gate) -> None:
    engine.connect(url)
    making.make, making.period_of, worker.load = made_up, _period, _templates
    gate.wait()
    threads = [threading.Thread(target=step, args=(plan(), NOW)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_processes_of_four_threads_make_one_report(database, database_url):
    spawn = multiprocessing.get_context("spawn")
    gate = spawn.Barrier(2)
    processes = [spawn.Process(target=_worker, args=(database_url, gate)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    assert told() == [("daily-2026-001", "06-17", False)]


def test_the_thread_goes_on_after_a_failure_and_ends_when_told(monkeypatch):
    seen, stop = [], threading.Event()

    def look(_plan, now):
        seen.append(now)
        if len(seen) == 1:
            raise RuntimeError("the database is away")
        stop.set()

    monkeypatch.setattr(worker, "step", look)
    monkeypatch.setattr(worker, "FIRST", 0.0)
    monkeypatch.setattr(worker, "TICK", 0.0)
    thread = worker.start(plan(), lambda: NOW, stop)
    thread.join(20)
    assert not thread.is_alive()
    assert len(seen) == 2
