"""Many people at once: python -m benchmarks.viewers [--orders N] [--viewers 30] [--drills 4]

Each viewer is a thread that drills into places, one after another; in the first run each into places of its own, in the
second, after the data moved on, each into one of the city's districts, as people do who look at the same screen. It
asks what a browser asks, all panels of the overview in one answer, of the real server, and waits for the last. Printed:
median and worst drill, tick under that load and alone, errors.
"""

import argparse
import http.client
import sys
import threading
import time
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from benchmarks.city import database, drills
from benchmarks.serving import server


class Viewer:
    """A browser's connections to the server."""

    def __init__(self, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=60)

    def _ask(self, path: str) -> bytes:
        self.connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {said[:200]!r}")
        return said

    def tick(self) -> float:
        """Milliseconds of one question whether the data moved."""
        begun = time.perf_counter()
        self._ask("/version")
        return (time.perf_counter() - begun) * 1000

    def drill(self, search: str) -> float:
        """Milliseconds until all panels of the view have come."""
        begun = time.perf_counter()
        if b'"{\\"stamp\\":\\"failed|' in self._ask(f"/drawn/{search}"):
            raise RuntimeError(f"a panel of {search} failed")
        return (time.perf_counter() - begun) * 1000


def _at_once(
    address: str, views: list[str], size: tuple[int, int], errors: list[str]
) -> tuple[list[float], list[float]]:
    """Milliseconds of each drill and of each tick after it, of so many viewers who drill so often."""
    viewers, each = size
    times: list[float] = []
    ticks: list[float] = []
    start = threading.Barrier(viewers)

    def look(number: int) -> None:
        viewer = Viewer(address)
        start.wait()
        for n in range(each):
            try:
                times.append(viewer.drill(views[(number + n * viewers) % len(views)]))
                ticks.append(viewer.tick())
            except Exception as error:
                errors.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=look, args=(number,)) for number in range(viewers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, ticks


def measure(url: str, viewers: int, each: int) -> list[tuple[str, float]]:
    """(what, number): milliseconds, and how many errors."""
    from data_access import engine  # noqa: PLC0415

    opened = engine.connect(url)
    views, districts = drills(), drills(1)
    opened.dispose()
    errors: list[str] = []
    ticks: list[float] = []
    with server(url) as address:
        first = Viewer(address)
        alone_tick = median(first.tick() for _ in range(100))
        alone = median(first.drill(view) for view in views[-5:])
        apart, ticks = _at_once(address, views, (viewers, each), errors)
    with server(url) as address:
        together, _ = _at_once(address, districts, (viewers, 1), errors)
    for message in sorted(set(errors))[:3]:
        print(f"viewers: {message}", file=sys.stderr)
    if not ticks:
        raise SystemExit("benchmarks: no viewer was served")
    said: list[tuple[str, Any]] = [("one viewer: drill", alone), ("one viewer: tick", alone_tick)]
    said += [(f"{viewers} viewers: drill, median", median(apart)), (f"{viewers} viewers: drill, worst", max(apart))]
    said += [
        (f"{viewers} viewers, districts: median", median(together)),
        (f"{viewers} viewers, districts: worst", max(together)),
    ]
    return [*said, (f"{viewers} viewers: tick, median", median(ticks)), (f"{viewers} viewers: errors", len(errors))]


def lines(rows: list[tuple[str, float]]) -> list[str]:
    """As a table for people."""
    return [f"{what:36}{number:>8.1f}" + ("" if what.endswith("errors") else " ms") for what, number in rows]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=5_000_000)
    parser.add_argument("--viewers", type=int, default=30)
    parser.add_argument("--drills", type=int, default=4)
    given = parser.parse_args()
    print(*lines(measure(database(given.orders), given.viewers, given.drills)), sep="\n")


if __name__ == "__main__":
    main()
