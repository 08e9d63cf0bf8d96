"""Readings into a serving cockpit: python -m benchmarks.telemetry [--seconds 30] [--rate 2000] [--every 10]

The real server over 25 months of 400 stations (as benchmarks.flood). Every so many seconds a file with all readings of
those seconds goes in as the command line would hand it over: read, checked, stored, counted by day and judged by the
alarm engine, in one transaction; the last are of now, since the engine looks at these days only. Meanwhile somebody
looks at the flood page's panels. What counts: how much of the time the loads took (below 100 % the server keeps up),
that every reading is stored, and how long the panels took beside it.
"""

import argparse
import csv
import json
import shutil
import statistics
import tempfile
import threading
import time
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.flood import ELEMENT, KINDS, database
from benchmarks.serving import server
from data_access import handover

PANELS = ("situation", "map", "alarms", "rain")
DESCRIPTION = """
key = "flood"
name_zh = "遥测"
name_en = "Telemetry"
kind = "flood_readings"
cadence_minutes = 5
[columns]
station = "station"
moment = "moment"
element = "element"
value = "value"
[times]
formats = ["iso"]
[flood]
interval_minutes = 5
rain_minutes = 5
"""


def write(file: Path, first: datetime, steps: int) -> int:
    """A file of `steps` five-minute readings of all stations from `first` on; how many there are."""
    wanted = 0
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(("station", "moment", "element", "value"))
        for step in range(steps):
            moment = (first + step * timedelta(minutes=5)).isoformat(sep=" ")
            for kind, count in KINDS.items():
                for n in range(count):
                    value = 0 if kind == "rain" else 5 if kind == "waterlogging" else 19 + ((n * 7 + step) % 260) / 100
                    rows.writerow((f"{kind[:2].upper()}{n:04d}", moment, ELEMENT[kind], value))
                    wanted += 1
    return wanted


def look(address: str, stop: threading.Event, taken: list[float], newest: list[datetime]) -> None:
    """Ask the panels one after another, as of the newest reading, until told to stop."""
    while not stop.is_set():
        for panel in PANELS:
            began, at = time.perf_counter(), f"{newest[-1]:%Y-%m-%dT%H:%M}"
            with urllib.request.urlopen(f"{address}/data/flood.{panel}.json?at={at}", timeout=60) as answer:
                answer.read()
            taken.append(1000 * (time.perf_counter() - began))


def main() -> None:
    parser = argparse.ArgumentParser(description="Readings into a serving cockpit")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rate", type=int, default=2000, help="readings a second")
    parser.add_argument("--every", type=int, default=10, help="seconds of readings in one load")
    chosen = parser.parse_args()
    known = Path(database().removeprefix("duckdb:///"))
    steps = chosen.rate * chosen.every // sum(KINDS.values())
    with tempfile.TemporaryDirectory(dir=known.parent) as folder:
        copy, source = Path(folder) / "flood.duckdb", Path(folder) / "telemetry.toml"
        shutil.copy(known, copy)
        source.write_text(DESCRIPTION, encoding="utf-8")
        with server(f"duckdb:///{copy}") as address:
            loads = max(chosen.seconds // chosen.every, 1)
            begun = datetime.now().replace(second=0, microsecond=0) - loads * steps * timedelta(minutes=5)
            stop, taken, newest = threading.Event(), [], [begun]
            looking = threading.Thread(target=look, args=(address, stop, taken, newest))
            looking.start()
            spent, stored, sent, moment = [], 0, 0, begun
            for _ in range(loads):
                file = Path(folder) / "part.csv"
                sent += write(file, moment, steps)
                moment += steps * timedelta(minutes=5)
                began = time.perf_counter()
                done = handover.load(f"duckdb:///{copy}", source, [file], lambda _n: None, lambda _n: None)
                spent.append(time.perf_counter() - began)
                if "error" in done:
                    raise SystemExit(done["error"])
                newest.append(moment - timedelta(minutes=5))
                stored += sum(report["stored"] for report in done["reports"])
                time.sleep(max(chosen.every - spent[-1], 0))
            stop.set()
            looking.join()
            with urllib.request.urlopen(f"{address}/data/flood.alarms.json?at={newest[-1]:%Y-%m-%dT%H:%M}") as answer:
                alarms = json.load(answer)["meta"]["rows"]
    share = sum(spent) / (len(spent) * chosen.every)
    print(f"{sent:,} readings sent, {stored:,} stored; {chosen.rate:,}/s take {share:.0%} of the time")
    print(f"{alarms} alarms open at the end")
    print(f"loads of {chosen.every} s of readings: median {statistics.median(spent):.1f} s, worst {max(spent):.1f} s")
    print(f"panels beside it: median {statistics.median(taken):.0f} ms, worst {max(taken):.0f} ms, {len(taken)} asked")


if __name__ == "__main__":
    main()
