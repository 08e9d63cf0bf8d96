"""Exports that take seconds: asked for, waited for elsewhere, fetched as files. What is known of a job lies in small
files in its own folder, so that any process of the server can tell it and cancel it; the process that makes it holds a
lock as long as it lives, so that the others see when it died.

    <folder>/<id>/status.json      id, state, done, of, words, files, asked, started, ended, owner
    <folder>/<id>/cancel           somebody wants it no more
    <folder>/<id>/<file>           results
    <folder>/.owners/<owner>       locked by the process that makes the jobs of this owner
"""

import atexit
import fcntl
import json
import logging
import os
import queue
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

log = logging.getLogger("citydeck.jobs")
State = Literal["waiting", "working", "done", "failed", "cancelled"]
OPEN = ("waiting", "working")
GIVEN_UP_SECONDS = 5.0  # that work which should stop has to notice it
ID = re.compile(r"[\w-]{20,40}")
NOT_IN_A_FILE = re.compile(r"[^\w.-]+", re.ASCII)


class Full(RuntimeError):
    """As many exports as may be are being made or wait."""


class Cancelled(RuntimeError):
    """Somebody wants it no more."""


class TooLate(RuntimeError):
    """It took longer than it may."""


class Failed(RuntimeError):
    """It cannot be made; the message says to a person why."""


@dataclass(frozen=True)
class File:
    """A result. name: on disk, for the address. called: what people get it as."""

    name: str
    called: str
    size: int


@dataclass(frozen=True)
class Status:
    """What is known of a job. done, of: steps; words: what it is doing, or why it failed, in the language it was asked
    in. Times are seconds since 1970."""

    id: str
    state: State = "waiting"
    done: int = 0
    of: int = 0
    words: str = ""
    files: tuple[File, ...] = ()
    asked: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    owner: str = ""


@dataclass
class Job:
    """What the work is handed: where it says how far it is and leaves its results, and learns that it should stop."""

    folder: Path
    status: Status
    until: float  # time.monotonic
    closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def still(self) -> None:
        """Raises Cancelled or TooLate when there is no more use in going on."""
        if (self.folder / "cancel").exists():
            raise Cancelled
        if time.monotonic() > self.until:
            raise TooLate

    @property
    def seconds(self) -> float:
        """How long it may still take."""
        return max(0.0, self.until - time.monotonic())

    def said(self, done: int, of: int, words: str = "") -> None:
        """How far it is. Raises as still()."""
        self.still()
        self._write(done=done, of=of, words=words)

    def keep(self, called: str, content: bytes) -> str:
        """A result, by the name that people know it by; the name of its file."""
        self.still()
        stem, dot, ending = called.rpartition(".")
        name = (NOT_IN_A_FILE.sub("-", stem).strip(".-")[:80] or "file") + dot + NOT_IN_A_FILE.sub("", ending)
        taken = {one.name for one in self.status.files}
        name = f"{len(taken)}-{name}" if name in taken or name in ("status.json", "cancel") else name
        _replace(self.folder / name, content)
        self._write(files=(*self.status.files, File(name, called, len(content))))
        return name

    def end(self, state: State, words: str = "") -> None:
        self._write(state=state, words=words, ended=time.time())
        self.closed = True

    def begin(self) -> None:
        self._write(state="working", started=time.time())

    def _write(self, **changes: Any) -> None:
        with self._lock:
            if self.closed:  # given up by others; what it still says is nobody's
                raise Cancelled
            self.status = replace(self.status, **changes)
            _replace(self.folder / "status.json", json.dumps(asdict(self.status), ensure_ascii=False).encode())


Work = Callable[[Job], None]
Explain = Callable[[BaseException], str]  # why it failed, in words for a person


class Jobs:
    """Jobs in a folder, made one after the other by a thread of this process. Other processes with the same folder see
    them all. open_most: how many may wait or be made at once, in all processes. seconds: how long one may take."""

    def __init__(self, folder: Path, *, open_most: int, seconds: float, keep_hours: float, keep_mb: float) -> None:
        self.folder, self.open_most, self.seconds = folder, open_most, seconds
        self.keep_seconds, self.keep_bytes = keep_hours * 3600, keep_mb * 1_000_000
        self.owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._queue: queue.Queue[tuple[Job, Work, Explain] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._alive: Any = None
        self._starting = threading.Lock()

    def submit(self, work: Work, explain: Explain, words: str = "") -> str:
        """Have something made; the id by which it is asked for. Raises Full."""
        self._start()
        with self._alone():
            self._clean()
            if sum(one.state in OPEN for one in self._all()) >= self.open_most:
                raise Full
            status = Status(secrets.token_urlsafe(18), words=words, asked=time.time(), owner=self.owner)
            job = Job(self.folder / status.id, status, float("inf"))
            job.folder.mkdir(mode=0o700)
            job._write()
        self._queue.put((job, work, explain))
        return status.id

    def status(self, name: str) -> Status | None:
        """What is known of a job; None when there is none of this id. One whose process died has failed."""
        try:
            known = json.loads((self._home(name) / "status.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        found = Status(**{**known, "files": tuple(File(**one) for one in known["files"])})
        if found.state in OPEN and not self._lives(found.owner):
            return replace(found, state="failed", words="", files=())
        if found.state == "waiting" and (self._home(name) / "cancel").exists():
            return replace(found, state="cancelled")
        return found

    def cancel(self, name: str) -> Status | None:
        """Stop a job that waits or is being made, in whatever process; what it then is."""
        found = self.status(name)
        if found is not None and found.state in OPEN:
            (self._home(name) / "cancel").touch()
            return self.status(name)
        return found

    def path(self, name: str, file: str) -> tuple[Path, File] | None:
        """A result of a job that is done, None when there is none."""
        found = self.status(name)
        kept = next((one for one in found.files if one.name == file), None) if found else None
        if found is None or kept is None or found.state != "done":
            return None
        return self._home(name) / file, kept

    # ---- making ------------------------------------------------------------------------------------------------------
    def _start(self) -> None:
        with self._starting:
            if self._thread is not None:
                return
            owners = self.folder / ".owners"
            owners.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._alone():  # nobody clears it away before it is held
                self._alive = (owners / self.owner).open("w")
                fcntl.flock(self._alive, fcntl.LOCK_EX)
            self._thread = threading.Thread(target=self._serve, name="exports", daemon=True)
            self._thread.start()
            atexit.register(self._end)

    def _end(self) -> None:
        """The process ends: a job that is being made is seen as dead by the others."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join(timeout=1)

    def _serve(self) -> None:
        while (asked := self._queue.get()) is not None:
            job, work, explain = asked
            try:
                self._make(job, work, explain)
            except Exception:
                log.exception("job %s", job.status.id)
            with self._alone():
                self._clean()

    def _make(self, job: Job, work: Work, explain: Explain) -> None:
        """Do it in a thread of its own: one that hangs is given up, and the next has its turn."""
        job.until = time.monotonic() + self.seconds
        if (job.folder / "cancel").exists():
            return job.end("cancelled")
        job.begin()
        failed: list[BaseException] = []

        def attempt() -> None:
            try:
                work(job)
            except BaseException as error:
                failed.append(error)

        doing = threading.Thread(target=attempt, name=f"export {job.status.id[:6]}", daemon=True)
        doing.start()
        gone: float | None = None  # since when nobody wants it
        while doing.is_alive() and (gone is None or time.monotonic() < gone + GIVEN_UP_SECONDS):
            doing.join(0.1)
            try:
                job.still()
            except (Cancelled, TooLate) as error:
                gone = gone or time.monotonic()
                if doing.is_alive() and time.monotonic() >= gone + GIVEN_UP_SECONDS:
                    failed.append(error)
        if not failed:
            return job.end("done")
        error = failed[0]
        if isinstance(error, Cancelled):
            return job.end("cancelled")
        if not isinstance(error, Failed | TooLate):
            log.error("job %s failed", job.status.id, exc_info=error)
        return job.end("failed", explain(error))

    # ---- the folder --------------------------------------------------------------------------------------------------
    def _home(self, name: str) -> Path:
        return self.folder / (name if ID.fullmatch(name) else "-")

    def _all(self) -> list[Status]:
        names = [one.name for one in self.folder.iterdir() if one.is_dir() and ID.fullmatch(one.name)]
        return [one for name in names if (one := self.status(name)) is not None]

    def _lives(self, owner: str) -> bool:
        if owner == self.owner:
            return True
        try:
            with (self.folder / ".owners" / owner).open("r+") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time, for what counts or removes."""
        with (self.folder / ".lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def _clean(self) -> None:
        """Remove what is too old, then the oldest until the rest is not too large."""
        kept: list[tuple[float, int, Path]] = []
        for one in self._all():
            home = self._home(one.id)
            if one.state in OPEN:
                continue
            ended = one.ended or home.stat().st_mtime
            if time.time() - ended > self.keep_seconds:
                shutil.rmtree(home, ignore_errors=True)
            else:
                kept.append((ended, sum(f.stat().st_size for f in home.iterdir()), home))
        total = sum(size for _, size, _ in kept)
        for _, size, home in sorted(kept)[:-1]:  # the newest may be larger than all that is kept
            if total <= self.keep_bytes:
                break
            shutil.rmtree(home, ignore_errors=True)
            total -= size
        for note in (self.folder / ".owners").iterdir():
            if not self._lives(note.name):
                note.unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that who reads it sees the old or the new one, never half of it."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    partial.write_bytes(content)
    partial.replace(path)
