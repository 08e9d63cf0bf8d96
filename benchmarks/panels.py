"""Server time of each panel against the bare engine: python -m benchmarks.panels [--page P] [--orders N] [--rounds N]

Of overview and hotline over a city of N orders; of services over 5 million cases and 3 million tickets, on a working
afternoon; of flood over 80 million readings. Each city is built once.

A panel's time is from the address to the JSON that goes to the browser, in a view that nobody asked for before:
`server`: by one who comes from another place and period (`elsewhere`), as whoever filters or drills does; what depends
on the data alone, such as names and what was loaded, is known by then. `new data`: when a minute's data has just come
and nothing at all is known. The bare engine's time is the very statements that the panel sent in `server`, with their
values, sent again on DuckDB's own connection and fetched, in the same round. `page` is all panels of the page one after
another, each question asked once, as on a visit; `in turn` is a panel's part of that; `tick` is a request to /version
that finds nothing new. For the hotline also: `bursts, next minute`: what sudden appeals cost over the whole city when a
minute has gone by; `search`: the first page of orders whose text holds a word.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from benchmarks import flood
from benchmarks.city import FAILED, ROOT, busy, database, elsewhere, environment, places, services

Sent = list[tuple[str, Any]]


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def _page(page: str) -> tuple[list[str], Callable[[str, str], object], Any]:
    """The page's panels in the order in which it draws them, one function that answers a panel for a view, and the
    server."""
    from app import create_app  # noqa: PLC0415
    from components import drawing, panel  # noqa: PLC0415

    server = create_app().server
    names = drawing.names_of("/" if page == "overview" else f"/{page}", "")

    def answer(name: str, search: str) -> object:
        told = panel.drawn(name, search)
        assert FAILED not in told, f"{name} {search} failed; the log says why"
        return told

    return names, answer, server


def measure(rounds: int, page: str) -> list[dict[str, Any]]:
    """One row a place and panel: place, panel, server, new, engine (ms, medians), questions, turns."""
    from sqlalchemy import event  # noqa: PLC0415

    from data_access import clock, engine, remember  # noqa: PLC0415

    names, answer, server = _page(page)
    come_from = elsewhere().search
    sent: Sent = []

    @event.listens_for(engine.reader(), "before_cursor_execute")
    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        sent.append((statement, values))

    bare = engine.engine().raw_connection().driver_connection
    assert bare is not None

    def again(statements: Sent) -> None:
        for statement, values in statements:
            bare.execute(statement, values).fetchall()

    def each(search: str, some: list[str]) -> list[float]:
        return [_timed(lambda n=name: answer(n, search)) for name in some]

    def one_round(search: str, some: list[str]) -> tuple[float, ...]:
        """Of all, of all with new data, of the bare engine, how many questions; then of each panel."""
        remember.forget()
        new = each(search, some)
        remember.forget()
        each(come_from, some)
        sent.clear()
        took = each(search, some)
        statements = list(sent)
        return sum(took), sum(new), _timed(lambda: again(statements)), len(statements), *took

    found = []
    with clock.held(_moment(page)):
        for place in places():
            for label, some in [*((n.partition(".")[2], [n]) for n in names), ("page", names)]:
                one_round(place.search, some)  # statements are built once
                runs = [one_round(place.search, some) for _ in range(rounds)]
                server_, new, engine_, questions, *turns = (median(column) for column in zip(*runs, strict=True))
                found.append({"place": place.level, "panel": label, "server": server_, "new": new, "engine": engine_})
                found[-1] |= {"questions": questions, "turns": turns if label == "page" else []}
        if page == "hotline":
            found += _hotline(rounds, answer)
    browser = server.test_client()
    ticks = [_timed(lambda: browser.get("/version")) for _ in range(200)]
    found.append({"place": "any", "panel": "tick", "server": median(ticks), "new": 0.0, "engine": 0.0, "questions": 0})
    return found


def _moment(page: str) -> datetime:
    """When the page is looked at."""
    from data_access import engine  # noqa: PLC0415

    if page == "flood":
        return flood.LAST
    fed = datetime.fromisoformat(engine.get("demo_fed_until"))
    return busy(fed) if page == "services" else fed


def _city(page: str, orders: int) -> str:
    """URL of the database that the page is measured on."""
    return {"services": services, "flood": flood.database}.get(page, lambda: database(orders))()


def _hotline(rounds: int, answer: Callable[[str, str], object]) -> list[dict[str, Any]]:
    """What the hotline page is asked besides its panels."""
    from data_access import bursts, clock, remember  # noqa: PLC0415

    now = clock.now()
    ticks = []
    for minute in range(rounds, 0, -1):
        remember.forget()
        ticks.append(_timed(lambda at=now - timedelta(minutes=minute): bursts.found(at)))
    searches = []
    for word in ("停暖", "电梯", "占道")[:rounds]:
        remember.forget()
        searches.append(_timed(lambda q=word: answer("hotline.records", f"?period=90d&q={q}")))
    said = (("bursts, next minute", ticks), ("search", searches))
    none = {"new": 0.0, "engine": 0.0, "questions": 0}
    return [{"place": "city", "panel": what, "server": median(t)} | none for what, t in said]


def run(url: str, rounds: int, page: str = "overview") -> list[dict[str, Any]]:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.panels", "--rounds", str(rounds), "--page", page, "--here"]
    environ = environment(url, COCKPIT_CACHE_URL="none")
    done = subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def lines(rows: list[dict[str, Any]]) -> list[str]:
    """The rows as a table for people."""
    heads = f"{'server ms':>10}{'in turn':>9}{'new data':>10}{'engine ms':>10}{'ratio':>7}{'questions':>11}"
    said = [f"{'place':10}{'panel':22}{heads}"]
    turns = {r["place"]: iter(r["turns"]) for r in rows if r["panel"] == "page"}
    for row in rows:
        ratio = f"{row['server'] / row['engine']:.1f}" if row["engine"] >= 0.1 else ""
        turn = next(turns[row["place"]], None) if row["panel"] != "page" and row["place"] in turns else None
        part = "" if turn is None else f"{turn:.1f}"
        new = f"{row['new']:.1f}" if row["new"] else ""
        numbers = f"{row['server']:>10.1f}{part:>9}{new:>10}{row['engine']:>10.1f}{ratio:>7}{row['questions']:>11.0f}"
        said.append(f"{row['place']:10}{row['panel']:22}{numbers}")
        if row["panel"] == "page":
            apart = [r for r in rows if r["place"] == row["place"] and r["panel"] != "page"]
            server, new, bare = (sum(r[k] for r in apart) for k in ("server", "new", "engine"))
            said.append(f"{'':10}{'each alone':22}{server:>10.1f}{'':9}{new:>10.1f}{bare:>10.1f}{server / bare:>7.1f}")
    return said


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--page", choices=("overview", "hotline", "services", "flood"), default="overview")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        print(json.dumps(measure(given.rounds, given.page)))
    else:
        print(*lines(run(_city(given.page, given.orders), given.rounds, given.page)), sep="\n")


if __name__ == "__main__":
    main()
