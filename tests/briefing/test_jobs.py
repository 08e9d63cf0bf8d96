"""Exports as jobs: bounded, cancelled, limited in time, told by any process, cleaned up."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from briefing import jobs
from briefing.jobs import Failed, Full, Job, Jobs, Status

ROOT = Path(__file__).parents[2]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Jobs]]:
    """Jobs in a folder of the test's own; another call is another process, as far as the folder goes."""

    def made(**changes: float) -> Jobs:
        limits = {"open_most": 4, "seconds": 20, "keep_hours": 1, "keep_mb": 1, **changes}
        return Jobs(tmp_path / "exports", **limits)  # type: ignore[arg-type]

    yield made


def told(error: BaseException) -> str:
    return f"told: {type(error).__name__} {error}"


def ended(of: Jobs, name: str) -> Status:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = of.status(name)
        assert found is not None
        if found.state not in jobs.OPEN:
            return found
        time.sleep(0.02)
    raise AssertionError(f"still {of.status(name)}")


def begun(of: Jobs, name: str) -> None:
    until = time.monotonic() + 20
    while (found := of.status(name)) is None or found.state == "waiting":
        assert time.monotonic() < until
        time.sleep(0.02)


def held(gate: threading.Event) -> Callable[[Job], None]:
    """Work that goes on until a gate opens, and looks whether it is still wanted."""

    def work(job: Job) -> None:
        while not gate.wait(0.02):
            job.still()

    return work


def test_a_job_says_how_far_it_is_and_leaves_files(make):
    ours, gate = make(), threading.Event()

    def work(job: Job) -> None:
        job.said(1, 3, "one of three")
        gate.wait(20)
        job.keep("云川市 周报.pptx", b"slides")
        job.keep("云川市 周报.pptx", b"more")

    name = ours.submit(work, told, "waiting for its turn")
    begun(ours, name)
    while (found := ours.status(name)) is None or not found.done:
        time.sleep(0.02)
    assert (found.state, found.done, found.of, found.words) == ("working", 1, 3, "one of three")
    gate.set()
    done = ended(ours, name)
    assert done.state == "done"
    assert [one.called for one in done.files] == ["云川市 周报.pptx"] * 2
    contents = []
    for one in done.files:
        assert one.name.isascii()
        path, _ = ours.path(name, one.name) or pytest.fail("no file")
        contents.append(path.read_bytes())
    assert contents == [b"slides", b"more"]
    assert len(name) >= 20
    assert ours.path(name, "status.json") is None


@pytest.mark.parametrize("name", ["", "..", "../../etc", "x" * 24, ".owners", "a/b"])
def test_what_is_no_job_is_none(make, name):
    ours = make()
    assert ours.status(name) is None
    assert ours.path(name, "status.json") is None
    assert ours.cancel(name) is None


def test_as_many_as_may_wait_and_no_more(make):
    ours, gate = make(open_most=2), threading.Event()
    first, second = (ours.submit(held(gate), told) for _ in range(2))
    with pytest.raises(Full):
        ours.submit(held(gate), told)
    with pytest.raises(Full):  # of all processes together
        make(open_most=2).submit(held(gate), told)
    gate.set()
    assert [ended(ours, name).state for name in (first, second)] == ["done", "done"]
    assert ended(ours, ours.submit(held(gate), told)).state == "done"


def test_what_is_being_made_is_cancelled_and_the_next_has_its_turn(make):
    ours, never, now = make(), threading.Event(), threading.Event()
    now.set()
    first, second = ours.submit(held(never), told), ours.submit(held(now), told)
    begun(ours, first)
    make().cancel(first)  # another process does
    assert ended(ours, first).state == "cancelled"
    assert ended(ours, second).state == "done"


def test_what_waits_is_cancelled_at_once_and_never_made(make):
    ours, gate, made = make(), threading.Event(), []
    first, second = ours.submit(held(gate), told), ours.submit(lambda _: made.append(1), told)
    cancelled = ours.cancel(second)
    assert cancelled is not None
    assert cancelled.state == "cancelled"
    gate.set()
    ended(ours, first)
    assert ended(ours, ours.submit(lambda _: None, told)).state == "done"
    assert made == []


def test_what_takes_too_long_fails_with_words(make):
    ours = make(seconds=0.1)
    failed = ended(ours, ours.submit(held(threading.Event()), told))
    assert failed.state == "failed"
    assert failed.words == "told: TooLate "


def test_work_that_does_not_listen_is_given_up(make, monkeypatch):
    monkeypatch.setattr(jobs, "GIVEN_UP_SECONDS", 0.2)
    ours, deaf, wrote = make(seconds=0.1), threading.Event(), []

    def work(job: Job) -> None:
        deaf.wait(20)
        try:
            job.keep("late.png", b"x")
        except jobs.TooLate:
            wrote.append("refused")

    name = ours.submit(work, told)
    assert ended(ours, name).state == "failed"
    assert ended(ours, ours.submit(lambda _: None, told)).state == "done"
    deaf.set()
    while not wrote:
        time.sleep(0.02)
    found = ours.status(name)
    assert found is not None
    assert (found.state, found.files) == ("failed", ())


def test_what_cannot_be_made_says_why(make, caplog):
    ours = make()

    def work(_job: Job) -> None:
        raise Failed("the map is not there")

    failed = ended(ours, ours.submit(work, told))
    assert failed.words == "told: Failed the map is not there"
    assert "Traceback" not in caplog.text

    def broken(_job: Job) -> None:
        raise ZeroDivisionError("1/0")

    assert ended(ours, ours.submit(broken, told)).state == "failed"
    assert "ZeroDivisionError" in caplog.text


def test_old_results_go_and_the_newest_stays_however_large(make, tmp_path):
    ours = make(keep_mb=0.001)

    def work(job: Job) -> None:
        job.keep("large.png", b"x" * 800)

    names = []
    for _ in range(3):
        names.append(ours.submit(work, told))
        ended(ours, names[-1])
    until = time.monotonic() + 20
    while [ours.status(name) is not None for name in names] != [False, False, True]:
        assert time.monotonic() < until
        time.sleep(0.02)
    young = make(keep_mb=10)
    recent = young.submit(work, told)
    ended(young, recent)
    old = tmp_path / "exports" / recent / "status.json"
    old.write_text(old.read_text().replace(f'"ended": {young.status(recent).ended}', '"ended": 1.0'))  # type: ignore[union-attr]
    ended(young, young.submit(lambda _: None, told))
    assert young.status(recent) is None


OTHER = """
import sys, time
from pathlib import Path
from briefing.jobs import Jobs
ours = Jobs(Path(sys.argv[1]), open_most=4, seconds=60, keep_hours=1, keep_mb=1)
def work(job):
    job.keep("half.png", b"half")
    while True:
        job.said(1, 2, "half")
        time.sleep(0.05)
print(ours.submit(work, str), flush=True)
time.sleep(60)
"""


def test_the_death_of_a_process_is_seen_by_another(make, tmp_path):
    ours = make()
    (tmp_path / "exports").mkdir()
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path / "exports")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert other.stdout is not None
        name = other.stdout.readline().strip()
        begun(ours, name)
        seen = ours.status(name)
        assert seen is not None
        assert seen.state == "working"
        other.kill()
        other.wait(timeout=20)
    finally:
        other.kill()
        other.wait(timeout=20)
        if other.stdout is not None:
            other.stdout.close()
    dead = ours.status(name)
    assert dead is not None
    assert (dead.state, dead.files) == ("failed", ())
    assert ours.path(name, "half.png") is None
    assert ended(ours, ours.submit(lambda _: None, told)).state == "done"


def test_another_process_cancels_what_is_made_here(make, tmp_path):
    ours, never = make(), threading.Event()
    name = ours.submit(held(never), told)
    begun(ours, name)
    script = (
        "import sys; from pathlib import Path; from briefing.jobs import Jobs\n"
        "Jobs(Path(sys.argv[1]), open_most=4, seconds=9, keep_hours=1, keep_mb=1).cancel(sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "exports"), name], cwd=ROOT, check=True)
    assert ended(ours, name).state == "cancelled"
