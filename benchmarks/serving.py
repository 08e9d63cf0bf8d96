"""The real server in a process of its own, over a copy of the benchmark's city that is as fresh as it was built."""

import contextlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from benchmarks.city import ROOT, environment


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextlib.contextmanager
def server(url: str) -> Iterator[str]:
    """The address of a cockpit that serves the database; stopped afterwards. Raises RuntimeError with its words."""
    port = free_port()
    environ = environment(url, COCKPIT_PORT=str(port))
    command = [sys.executable, "app.py"]
    words = tempfile.TemporaryFile()  # noqa: SIM115 - a pipe that nobody reads would stop the server when it is full
    running = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=words, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            if running.poll() is not None:
                words.seek(0)
                raise RuntimeError(f"the server did not start: {words.read().decode()[-500:]}")
            with contextlib.suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f"{address}/version", timeout=1).read()
                break
            time.sleep(0.1)
        yield address
    finally:
        running.terminate()
        try:
            running.wait(60)
        except subprocess.TimeoutExpired:
            running.kill()
