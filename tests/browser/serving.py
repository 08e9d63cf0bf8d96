"""Servers for the browser tests, each in a process of its own, and the small demo city they have copies of."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = (
    "from data_access import engine; from sample_data.build import build; "
    "engine.connect(); build(orders=40_000, days=420, flood_days=20)"
)


def environment(database: Path, port: int, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("COCKPIT_")}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "COCKPIT_DATABASE_URL": f"duckdb:///{database}",
        "COCKPIT_PORT": str(port),
        "COCKPIT_DEMO_FEED": "off",
        "COCKPIT_REPORTS": "none",
        "COCKPIT_TICK_SECONDS": "0.5",
        "COCKPIT_CHROMIUM": os.environ.get("COCKPIT_TEST_CHROMIUM", ""),
        "COCKPIT_EXPORT_DIR": str(database.parent / "exports"),
        **more,
    }


AFTER = 180  # seconds: what a test sends is newer than what the city has
_built = 0.0


def build(database: Path) -> None:
    """The small demo city that all servers of a session have a copy of."""
    global _built
    _built = time.time()
    subprocess.run([sys.executable, "-c", BUILD], cwd=ROOT, env=environment(database, 1), check=True)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Server:
    """One cockpit in a process of its own, with its log beside its database, that begins shortly after the small
    demo city was built, in the city's time."""

    def __init__(self, database: Path, script: str = "tests/browser/set_back.py") -> None:
        self.behind = time.time() - (_built or time.time()) - AFTER
        self.port, self.database, self.script = free_port(), database, script
        self.log = database.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, self.script],
                cwd=ROOT,
                env=environment(self.database, self.port, BEHIND=str(self.behind)),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.log.read_text(encoding='utf-8')[-2000:]}")
            try:
                self.get("/version")
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("the server did not answer within half a minute")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            return answer.read()

    def now(self) -> datetime:
        """What time it is in its city."""
        return datetime.fromisoformat(json.loads(self.get("/version"))["now"])

    def said(self) -> str:
        """The log so far."""
        return self.log.read_text(encoding="utf-8")
