"""A wall left alone: python -m benchmarks.endurance [--hours 72] [--speed 60] [--dwell 120] [--minutes N]

The real player in a real Chromium before the real cockpit over a small demo city, with the city's clock running `speed`
times as fast: `hours` of it pass in hours / speed. What happens in that time happens in full: every scene of `dwell`
seconds of the city is loaded, drawn, shown and dropped (hours x 3600 / dwell changes), the data's version moves once a
scene, so that what is shown is drawn anew, dates change, and the demo city brings what happened every ten minutes.
What is not compressed, the questions of the player and of its pages (every 2 and 0.5 s), happens 1 / speed as often.

The server has answered some thousand questions before: DuckDB notes each buffer that a question freed, and looks
through its notes only when there are some ten thousand; they are 45 MB, which a server has after a day or two and never
more.

Sampled whenever the first scene stands alone, at least `every` scene changes apart, after garbage was collected: the
page's JavaScript heap, nodes, documents and listeners (Chromium's own counters, of all its frames; a picture that is
SVG counts as a document as long as Chromium keeps it), memory of all of Chromium's processes and of the server (PSS
without pages of files, which the system takes and gives as it likes), and how much of the server's the database says it
holds, which rises with the city's data. Written: benchmarks/results/endurance.csv, .svg and .txt. Verdict: flat when
after the first quarter a figure rises by at most a tenth of its level in as long as the run was.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import which
from typing import Any
from urllib.request import urlopen

import numpy as np

from benchmarks.city import ROOT, environment
from benchmarks.serving import free_port

RESULTS = ROOT / "benchmarks" / "results"
NAMES = {
    "heap_mb": "JavaScript heap, MB",
    "nodes": "DOM nodes",
    "documents": "documents",
    "listeners": "event listeners",
    "chromium_mb": "Chromium, all processes, MB",
    "server_mb": "server, MB",
    "database_mb": "of it the database, MB",
}
TOLD = ("database_mb",)  # without a verdict
MOST_RISE = 0.1  # of the level
HELD = "/benchmark/held"  # where the server tells what its database holds
DAY = 24  # hours, after which a city does the same again
LEAD = 0.5  # of a scene's time, in which the next is loaded
ALONE = """() => [document.documentElement.dataset.showing, Number(document.documentElement.dataset.changes || 0),
    document.querySelectorAll("iframe").length]"""
PROGRAMME = """
name = "endurance"
[options]
skip_late = false
takeover = "none"
shift_px = 4
"""
AGED = 14_000  # questions before the run: more change nothing
ONE_OF_MANY = """SELECT o.topic, p.day, count(*) FROM hotline_order o
    JOIN (SELECT DISTINCT day, district_code FROM hotline_day_place) p
    ON p.day = CAST(o.accept_at AS DATE) AND p.district_code = o.district_code
    WHERE o.order_id % 50 = 7 GROUP BY 1, 2"""
SCENES = (("/", "period=today"), ("/hotline", "period=7d"), ("/services", ""), ("/flood", ""))


# ---- the server, whose clock runs fast -------------------------------------------------------------------------------
def serve(speed: float, dwell: int) -> None:
    """The cockpit with a fast clock, until it is stopped."""
    from sqlalchemy import text  # noqa: PLC0415
    from waitress import serve as serving  # noqa: PLC0415

    from app import create_app, few_heaps, give_back  # noqa: PLC0415
    from data_access import clock, engine, programmes  # noqa: PLC0415
    from pages.programme import running  # noqa: PLC0415
    from sample_data.build import build  # noqa: PLC0415
    from sample_data.feed import step  # noqa: PLC0415

    few_heaps()
    engine.connect()
    if engine.get("demo") != "yes":
        build(orders=20_000, days=120, flood_days=10)
    app = create_app()
    for _ in range(AGED):
        engine.rows(text(ONE_OF_MANY))
    begun, real = clock.now(), time.monotonic()
    clock._reading = lambda: begun + timedelta(seconds=(time.monotonic() - real) * speed)

    @app.server.route(HELD)
    def held() -> str:
        asked = text("SELECT coalesce(sum(memory_usage_bytes), 0) FROM duckdb_memory()")
        return str(engine.rows(asked)[0][0])

    scenes = [f'[[scene]]\npage = "{page}"\nview = "{view}"\nseconds = {dwell}\n' for page, view in SCENES]
    programmes.save(PROGRAMME + "".join(scenes), "benchmark")
    exactly = running.showing

    def hurried(*asked: Any) -> Any:
        found = exactly(*asked)
        return replace(found, remaining=found.remaining / speed)  # the player counts in seconds of its own

    running.showing = hurried

    def live() -> None:
        fed = clock.now()
        while True:
            time.sleep(dwell / speed)
            if clock.now() - fed >= timedelta(minutes=10):
                fed = clock.now()
                step(fed)
            else:
                with engine.committing():
                    pass

    threading.Thread(target=live, daemon=True).start()
    threading.Thread(target=give_back, args=(threading.Event(),), daemon=True).start()
    serving(app.server, host="127.0.0.1", port=int(os.environ["COCKPIT_PORT"]), threads=8)


# ---- what is sampled -------------------------------------------------------------------------------------------------
def pss_mb(process: Path) -> float:
    """Memory of a process of /proc without pages of files, MB; pages that several share count for their share. 0: it
    has ended."""
    try:
        told = (process / "smaps_rollup").read_text()
    except OSError:
        return 0
    own = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
    return sum(int(line.split()[1]) for line in told.splitlines() if line.startswith(own)) * 1024 / 1e6


def database_mb(address: str) -> float:
    """Memory that the server's database says it holds, MB."""
    with urlopen(f"{address}{HELD}", timeout=60) as answer:
        return float(answer.read()) / 1e6


def chromium_mb(profile: str) -> float:
    """Memory of all processes of the Chromium with this profile, MB."""
    own = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if profile in (place / "cmdline").read_text(errors="replace"):
                own.append(place)
    return sum(pss_mb(place) for place in own)


def sample(kiosk: "Kiosk", profile: str, address: str, server: int) -> dict[str, float]:
    """All of NAMES."""
    for _ in range(2):  # what a finalizer lets go of is collected by the second
        kiosk.send("HeapProfiler.collectGarbage")
    told = {one["name"]: one["value"] for one in kiosk.send("Performance.getMetrics")["metrics"]}
    return {
        "heap_mb": told["JSHeapUsedSize"] / 1e6,
        "nodes": told["Nodes"],
        "documents": told["Documents"],
        "listeners": told["JSEventListeners"],
        "chromium_mb": chromium_mb(profile),
        "server_mb": pss_mb(Path(f"/proc/{server}")),
        "database_mb": database_mb(address),
    }


def slope(rows: Sequence[dict[str, float]], name: str) -> tuple[float, float]:
    """How much a figure rises in as long as the run was, of the samples after the first quarter; and its level there.
    Of two days and more by what each sample differs from that of the same time a day before: a page of today is short
    at midnight and long in the evening. Of less by least squares."""
    late = [row for row in rows if row["changes"] >= rows[-1]["changes"] / 4]
    x, y = (np.array([row[key] for row in late]) for key in ("hours", name))
    level, length = float(y.mean()), rows[-1]["hours"]
    if len(late) < 3:
        return 0.0, level
    if length >= 2 * DAY:
        before = np.abs(x[:, None] - DAY - x[None, :])
        pairs = [(n, m) for n, m in enumerate(before.argmin(axis=1)) if before[n, m] <= 0.5]
        if pairs:
            return float(np.mean([(y[n] - y[m]) / (x[n] - x[m]) for n, m in pairs]) * length), level
    return float(np.polyfit(x, y, 1)[0] * length), level


def drawing(rows: Sequence[dict[str, float]]) -> str:
    """The curves as SVG, one below the other over hours of the city."""
    wide, high, left, last = 900, 120, 70, rows[-1]["hours"] or 1
    parts = []
    for n, (name, words) in enumerate(NAMES.items()):
        top = max(row[name] for row in rows) * 1.15 or 1
        points = " ".join(
            f"{left + row['hours'] / last * (wide - left - 20):.1f},{n * high + 100 - row[name] / top * 70:.1f}"
            for row in rows
        )
        parts.append(
            f'<text x="{left}" y="{n * high + 22}">{words}</text>'
            f'<text x="{left - 8}" y="{n * high + 34}" text-anchor="end">{top:,.0f}</text>'
            f'<text x="{left - 8}" y="{n * high + 103}" text-anchor="end">0</text>'
            f'<path d="M{left} {n * high + 100}H{wide - 20}" stroke="#b8c4d0"/>'
            f'<polyline points="{points}" fill="none" stroke="#0a66b5" stroke-width="2"/>'
        )
    foot = f'<text x="{wide - 20}" y="{len(NAMES) * high + 16}" text-anchor="end">{last:.1f} h</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {len(NAMES) * high + 26}" '
        f'font-family="sans-serif" font-size="14" fill="#0f2233"><rect width="100%" height="100%" fill="#fff"/>'
        f"{''.join(parts)}{foot}</svg>\n"
    )


# ---- the run ---------------------------------------------------------------------------------------------------------
class Kiosk:
    """A Chromium as a wall runs it, spoken to by its own protocol over two pipes. Programs that drive browsers have it
    keep the answers of all requests for them, up to 100 MB, which is no memory of ours."""

    def __init__(self, profile: str):
        hears, self._told = os.pipe()
        self._heard, says = os.pipe()
        chromium = os.environ.get("COCKPIT_TEST_CHROMIUM") or which("chromium")
        if chromium is None:
            raise SystemExit("no chromium here; COCKPIT_TEST_CHROMIUM names one")
        flags = ["--headless=new", "--disable-background-networking", "--no-first-run", "--window-size=1920,1080"]
        root = [] if os.geteuid() else ["--no-sandbox"]
        command = [chromium, *flags, *root, f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]
        self._process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" 3<&{hears} 4>&{says}', "sh", *command],
            pass_fds=(hears, says),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(hears)
        os.close(says)
        self._rest, self._asked, self._session = b"", 0, ""
        pages: list[Any] = []
        while not pages:
            pages = [one for one in self.send("Target.getTargets")["targetInfos"] if one["type"] == "page"]
        attached = self.send("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)
        self._session = attached["sessionId"]

    def send(self, method: str, **params: Any) -> Any:
        """What a command comes to. Raises RuntimeError with Chromium's words."""
        self._asked += 1
        message = {"id": self._asked, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._told, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self._rest:
                read = os.read(self._heard, 1 << 20)
                if not read:
                    raise RuntimeError("Chromium ended")
                self._rest += read
            line, self._rest = self._rest.split(b"\0", 1)
            answer = json.loads(line)
            if answer.get("id") == self._asked:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]

    def evaluate(self, function: str) -> Any:
        """What a function of the page returns."""
        told = self.send("Runtime.evaluate", expression=f"({function})()", returnByValue=True)
        return told["result"].get("value")

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(30)
        os.close(self._told)
        os.close(self._heard)


def watch(address: str, server: int, wanted: int, given: argparse.Namespace) -> list[dict[str, float]]:
    """Open the player and sample it until so many scenes were changed."""
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        kiosk = Kiosk(profile)
        kiosk.send("Performance.enable")
        lead = given.dwell / given.speed * LEAD
        kiosk.send("Page.navigate", url=f"{address}/play?programme=endurance&lead={lead:.2f}&patience=60")
        begun, done, due, first = time.monotonic(), 0, 0, ""
        while done < wanted and time.monotonic() - begun < given.minutes * 60:
            time.sleep(0.05)
            showing, done, frames = kiosk.evaluate(ALONE) or ["", 0, 0]
            first = first or showing
            if not first or done < due or showing != first or frames > 1:  # the same scene each time, alone
                continue
            due = done + given.every
            rows.append(
                {"changes": done, "hours": done * given.dwell / 3600, **sample(kiosk, profile, address, server)}
            )
            print(" ".join(f"{name} {value:,.1f}" for name, value in rows[-1].items()), flush=True)
        kiosk.close()
    return rows


def verdict(rows: Sequence[dict[str, float]], given: argparse.Namespace) -> tuple[str, bool]:
    """The verdict on each figure; whether all are flat."""
    done, hours = rows[-1]["changes"], rows[-1]["hours"]
    said = [
        f"{done:.0f} scene changes, {hours:.1f} hours of the city, {given.speed:g} times as fast; {len(rows)} samples",
        f"{'':34}{'level':>10}{'rise':>10}{'of level':>10}",
    ]
    flat = True
    for name, words in NAMES.items():
        rise, level = slope(rows, name)
        fine = rise <= MOST_RISE * level
        flat = flat and (fine or name in TOLD)
        judged = "" if name in TOLD else "flat" if fine else "RISES"
        said.append(f"{words:34}{level:10,.1f}{rise:10,.1f}{rise / level:10.1%}  {judged}".rstrip())
    return "\n".join(said) + "\n", flat


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--hours", type=float, default=72, help="of the city")
    parser.add_argument("--speed", type=float, default=60, help="seconds of the city in a second")
    parser.add_argument("--dwell", type=int, default=120, help="seconds of the city a scene")
    parser.add_argument("--every", type=int, default=4, help="least scene changes between two samples")
    parser.add_argument("--minutes", type=float, default=1e6, help="at most, of real time")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.speed, given.dwell)
        return 0
    wanted = int(given.hours * 3600 / given.dwell)
    port = free_port()
    least = given.hours / given.speed * 60
    print(f"{given.hours:g} h of the city, {given.speed:g} times as fast: {wanted} scene changes, {least:.0f} minutes")
    print(f"at least, from {datetime.now():%H:%M}")
    with tempfile.TemporaryDirectory() as folder:
        environ = environment(f"duckdb:///{folder}/city.duckdb", COCKPIT_PORT=str(port), COCKPIT_TICK_SECONDS="0.5")
        command = [
            sys.executable,
            "-m",
            "benchmarks.endurance",
            "--serve",
            f"--speed={given.speed}",
            f"--dwell={given.dwell}",
        ]
        with (Path(folder) / "log").open("wb") as log:
            running = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=subprocess.STDOUT)
        try:
            _answering(port, running, Path(folder) / "log")
            rows = watch(f"http://127.0.0.1:{port}", running.pid, wanted, given)
        finally:
            running.terminate()
            running.wait(60)
    if not rows:
        raise SystemExit("no scene ever stood alone: this machine is too slow for this speed")
    given.out.mkdir(exist_ok=True)
    with (given.out / "endurance.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, rows[0])
        out.writeheader()
        out.writerows({name: round(value, 2) for name, value in row.items()} for row in rows)
    (given.out / "endurance.svg").write_text(drawing(rows), encoding="utf-8")
    said, flat = verdict(rows, given)
    (given.out / "endurance.txt").write_text(said, encoding="utf-8")
    print(said, end="")
    return 0 if flat else 1


def _answering(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the server. Raises RuntimeError with its words."""
    for _ in range(1800):
        if running.poll() is not None:
            raise RuntimeError(log.read_text(errors="replace")[-1500:])
        try:
            urlopen(f"http://127.0.0.1:{port}/play/now.json?programme=endurance", timeout=5).read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the server does not answer")


if __name__ == "__main__":
    sys.exit(main())
