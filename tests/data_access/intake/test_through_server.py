"""A DuckDB file has one owner: while the cockpit serves, the command line hands its loads over to it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from data_access import engine, handover
from data_access.settings import ROOT
from pages import loading
from tests.data_access.intake.conftest import SOURCE, put_areas

ROWS = "no,what,where,at\n1,噪音,中山区江宁街道5号,2026-06-01 08:00:00\n2,路灯,大安区,2026-06-01 09:00:00\n"


@dataclass
class Serving:
    """A cockpit in a process of its own, over a temporary database."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def note(self) -> Path:
        return self.folder / "city.duckdb.serving"

    def token(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/version") as answer:
            return json.load(answer)["token"]

    def post(self, body: object, token: str) -> int:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/load", json.dumps(body).encode(), {"Authorization": f"Bearer {token}"}
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code


def environment(folder: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COCKPIT_")}
    return {**kept, "COCKPIT_DATABASE_URL": f"duckdb:///{folder / 'city.duckdb'}", "COCKPIT_PORT": str(port)}


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("serving")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_engine", None)
        patch.setattr(engine, "_version", 0)
        engine.connect(f"duckdb:///{folder / 'city.duckdb'}")
        put_areas()
        engine.engine().dispose()
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment(folder, port), stdout=log, stderr=log
        )
    server = Serving(folder, port, process)
    for _ in range(240):
        if process.poll() is not None:
            pytest.fail(f"the server ended: {(folder / 'log').read_text()}")
        try:
            server.token()
            break
        except OSError:
            time.sleep(0.25)
    yield server
    if process.poll() is None:
        process.terminate()
        process.wait(30)


@pytest.fixture
def run(serving: Serving) -> Callable[..., subprocess.CompletedProcess[str]]:
    (serving.folder / "s.toml").write_text(SOURCE, encoding="utf-8")
    (serving.folder / "a.csv").write_text(ROWS, encoding="utf-8")

    def load(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "data_access", "load", *arguments]
        return subprocess.run(
            command,
            cwd=ROOT,
            env=environment(serving.folder, serving.port),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return load


def test_the_server_loads_and_its_pages_move(serving: Serving, run) -> None:
    before = serving.token()
    files = (str(serving.folder / "s.toml"), str(serving.folder / "a.csv"))
    done = run(*files)
    assert done.returncode == 0, done.stderr
    assert "2 rows read: 2 stored" in done.stdout
    assert "读取 2 行" in done.stdout
    assert "running cockpit" in done.stderr
    assert serving.token().split(".")[0] != before.split(".")[0]
    again = run("--json", *files)
    (report,) = json.loads(again.stdout)
    assert (report["stored"], report["already"]) == (0, 2)


def test_mistakes_come_back_as_sentences(serving: Serving, run) -> None:
    done = run(str(serving.folder / "s.toml"), str(serving.folder / "gone.csv"))
    assert done.returncode == 2
    assert "gone.csv: there is no such file" in done.stderr
    assert "Traceback" not in done.stderr


def test_only_with_the_token_of_the_note(serving: Serving, run) -> None:
    assert serving.note.stat().st_mode & 0o777 == 0o600
    token = json.loads(serving.note.read_text())["token"]
    assert len(token) >= 32
    body = {"source": str(serving.folder / "s.toml"), "files": [str(serving.folder / "a.csv")]}
    assert serving.post(body, "") == 403
    assert serving.post(body, token[:-1]) == 403
    assert serving.post({"source": 1}, token) == 400


def test_stopping_takes_the_note_away(serving: Serving, run) -> None:
    serving.process.terminate()
    assert serving.process.wait(30) == 0
    assert not serving.note.exists()
    done = run(str(serving.folder / "s.toml"), str(serving.folder / "a.csv"))
    assert done.returncode == 0, done.stderr
    assert "running cockpit" not in done.stderr
    assert "2 already there" in done.stdout


def test_only_from_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Flask("test")
    loading.routes(server)
    monkeypatch.setattr(handover, "_token", "t" * 43)
    headers = {"Authorization": "Bearer " + "t" * 43}
    for address, status in (("192.0.2.7", 403), ("127.0.0.1", 400), ("::1", 400)):
        answer = server.test_client().post("/load", headers=headers, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status
