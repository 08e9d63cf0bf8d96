"""Flood questions over 400 stations and 25 months of 5-minute readings: about 80 million rows.

The network and its readings are made by the database itself, as fast as it can write; what they look like matters
(levels that wander, rain that mostly does not fall, a few silent gauges, a few corrections), what they mean does not.
"""

import math
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, insert, text

from benchmarks.city import FAILED

ROOT = Path(__file__).parents[1]
KINDS = {"rain": 200, "river": 120, "waterlogging": 60, "reservoir": 12, "video": 8}
ELEMENT = {"rain": "rain", "river": "level", "waterlogging": "depth", "reservoir": "level", "video": "level"}
MONTHS, LAST = 25, datetime(2026, 7, 18, 17, 30)
FIRST = datetime(2024, 6, 18)
_WEEK = timedelta(days=7)
SILENT = 5  # of every hundred stations, one so many days
REPEATS = 15
DISTRICTS = 8


def database(months: int = MONTHS) -> str:
    """URL of a city with such readings; the first time it is built, which takes some minutes and about 1 GB."""
    file = ROOT / "var" / "bench" / f"flood-{months}.duckdb"
    url = f"duckdb:///{file}"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        print(f"Building {months} months of readings in {file.relative_to(ROOT)}, once", file=sys.stderr, flush=True)
        making = file.with_suffix(".making")
        making.unlink(missing_ok=True)
        build(f"duckdb:///{making}", months)
        making.rename(file)
    return url


def build(url: str, months: int) -> None:
    """Make the network, the readings week by week, and count the days."""
    from data_access import engine  # noqa: PLC0415
    from data_access.flood import store  # noqa: PLC0415

    engine.connect(url)
    codes = _network()
    first = LAST - timedelta(days=round(months * 30.4375))
    start = first.replace(hour=0, minute=0)
    while start < LAST:
        end = min(start + _WEEK, LAST + timedelta(minutes=5))
        with engine.committing() as connection:
            connection.execute(text(_READINGS.format(start=start, end=end, stations=_values(codes))))
        start += _WEEK
    with engine.committing() as connection:
        month = first.date()
        while month <= LAST.date():
            store.count_days(connection, month, min(month + timedelta(days=27), LAST.date() + timedelta(days=1)))
            month += timedelta(days=28)
    engine.engine().dispose()


def _network() -> list[tuple[int, str, str]]:
    """The stations: (number, code, element). Every third rain gauge stands beside a river station."""
    from data_access import engine  # noqa: PLC0415
    from data_access.flood import store  # noqa: PLC0415

    rows, limits, codes = [], [], []
    for kind, count in KINDS.items():
        for n in range(count):
            code, number = f"{kind[:2].upper()}{n:04d}", len(codes)
            angle = number * 2.399963  # a sunflower: everywhere, nowhere twice
            far = 0.3 * math.sqrt(number / sum(KINDS.values()))
            row = {"code": code, "kind": kind, "source": "flood", "name": f"{code}站", "interval_minutes": 5}
            row |= {"lon": 117.0 + far * math.cos(angle), "lat": 31.0 + far * math.sin(angle), "datum": "吴淞"}
            row |= {"district_code": f"D{number % DISTRICTS}"}
            row |= {"river": f"河{n % 6}", "km": float(n)} if kind in ("river", "reservoir") else {}
            rows.append(row)
            codes.append((number, code, ELEMENT[kind]))
            named = {
                "river": (("warning", 20.8), ("guarantee", 21.5)),
                "reservoir": (("limit", 20.5), ("design", 22.0)),
            }
            limits += [
                {"station": code, "name": name, "element": "level", "valid_from": FIRST.date(), "value": value}
                for name, value in named.get(kind, ())
            ]
    with engine.committing() as connection:
        store.replace_network(connection, stations=rows, thresholds=limits)
        _areas(connection)
    return codes


def _areas(connection: Connection) -> None:
    """A city of some districts, so that the page has a place."""
    from data_access.schema import area  # noqa: PLC0415

    connection.execute(delete(area))
    day = FIRST.date()
    rows = [{"code": "C", "parent": None, "level": 0, "name": "城"}]
    rows += [{"code": f"D{n}", "parent": "C", "level": 1, "name": f"{n}区"} for n in range(DISTRICTS)]
    shared = {"valid_from": day, "kind": "statutory", "shaped": False, "lon": 117.0, "lat": 31.0}
    connection.execute(insert(area), [row | shared for row in rows])


def _values(codes: list[tuple[int, str, str]]) -> str:
    return ", ".join(f"({number}, '{code}', '{element}')" for number, code, element in codes)


_READINGS = f"""
INSERT INTO flood_reading (moment, station, element, value, minutes, quality, confidence, received_at, superseded_at)
SELECT t::TIMESTAMP_S, s.code, s.element,
    CASE s.element
        WHEN 'rain' THEN CASE WHEN hash(t, s.n // 20) % 40 = 0 THEN (hash(t, s.n) % 8) * 0.5 ELSE 0 END
        WHEN 'depth' THEN greatest(0, round(18 * sin(epoch(t) / 90000 + s.n), 0))
        ELSE round(20 + 0.6 * sin(epoch(t) / 400000 + s.n) + 0.3 * sin(epoch(t) / 30000 + s.n), 2) END::FLOAT,
    CASE WHEN s.element = 'rain' THEN 5 ELSE 0 END, CASE WHEN hash(s.n, t, 3) % 5000 = 0 THEN 1 ELSE 0 END,
    NULL, NULL, NULL
FROM range(TIMESTAMP '{{start}}', TIMESTAMP '{{end}}', INTERVAL 5 MINUTE) moments(t),
    (VALUES {{stations}}) s(n, code, element)
WHERE NOT (s.n % 100 = {SILENT} AND t > TIMESTAMP '{LAST - timedelta(days=9)}')
ORDER BY t, s.n
"""


def _measured(ask: Callable[[int], object], repeats: int = REPEATS) -> tuple[float, float, float]:
    """Median and worst ms, and the processors' ms, of some askings with another argument each, after one that does not
    count. On a busy machine the processors' time says what it would take on a quiet one."""
    ask(-1)
    taken, busy = [], []
    for n in range(repeats):
        began, worked = time.perf_counter(), time.process_time()
        ask(n)
        taken.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (time.process_time() - worked))
    return statistics.median(taken), max(taken), statistics.median(busy)


def questions() -> dict[str, Callable[[int], object]]:
    """What is asked; n makes every asking another one, so that nothing is remembered."""
    from data_access.flood import readings, states  # noqa: PLC0415

    def days_ago(n: int) -> datetime:
        return LAST - timedelta(days=(37 * (n + 2)) % 700, minutes=5 * n)

    def month(n: int, back: int) -> object:
        end = LAST - timedelta(days=(back * (n + 2)) % 700, minutes=n)
        return readings.series(f"RI{(7 * n) % 100:04d}", "level", end - timedelta(days=30), end, LAST)

    return {
        "map state of all stations, now": lambda n: states.states(LAST - timedelta(seconds=n)),
        "map state of all stations, any moment": lambda n: states.states(days_ago(n)),
        "newest of all stations, now": lambda n: readings.latest(LAST - timedelta(seconds=60 + n)),
        "hydrograph, last 30 days": lambda n: month(n, 0),
        "hydrograph, any 30 days": lambda n: month(n, 37),
        "rain of 1, 3, 6, 12, 24 h, all gauges": lambda n: readings.rain_sums(LAST - timedelta(seconds=n)),
        "rain by hour of 3 days, all gauges": lambda n: readings.rain_hours(
            None, LAST - timedelta(days=3, seconds=n), LAST, LAST
        ),
        "days of a year of a station": lambda n: readings.days(
            f"RI{n + 1:04d}", "level", (LAST - timedelta(days=365)).date(), LAST.date()
        ),
    }


def page() -> dict[str, Callable[[int], object]]:
    """The page's panels one after another, each question asked once, as on a visit; and then with all answers known."""
    from app import create_app  # noqa: PLC0415
    from components import panel  # noqa: PLC0415
    from data_access import remember  # noqa: PLC0415

    client = create_app(database()).server.test_client()
    names = [name for name in panel.panels if name.startswith("flood.")]

    def visit(moment: datetime, forgetting: bool) -> None:
        if forgetting:
            remember.forget()
        for name in names:
            told = panel.drawn(name, f"?at={moment:%Y-%m-%dT%H:%M}")
            assert FAILED not in told, f"{name} failed; the log says why"

    assert client.get("/flood").status_code == 200
    return {
        f"page: {len(names)} panels, nothing known": lambda n: visit(LAST - timedelta(minutes=5 * (n + 1)), True),
        "page: warm": lambda _n: visit(LAST, False),
    }


def main() -> None:
    """Build where needed, ask, print a table."""
    from data_access import clock, engine  # noqa: PLC0415
    from data_access.areas import tree  # noqa: PLC0415
    from data_access.flood.tables import flood_reading  # noqa: PLC0415

    os.environ["COCKPIT_CACHE_URL"] = "none"
    engine.connect(database())
    if tree().root is None:
        _network()
    with engine.engine().connect() as connection:
        rows = connection.execute(text(f"SELECT count(*) FROM {flood_reading.name}")).scalar()
    print(
        f"{rows:,} readings of {sum(KINDS.values())} stations; {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f} at the start"
    )
    print(f"{'question':<45}{'median ms':>11}{'worst ms':>10}{'processors ms':>15}")
    with clock.held(LAST):
        for asked, repeats in ((questions, REPEATS), (page, 5)):
            for name, ask in asked().items():
                middle, worst, busy = _measured(ask, repeats)
                print(f"{name:<45}{middle:>11.1f}{worst:>10.1f}{busy:>15.1f}", flush=True)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
