"""The demo city that everything is measured on, and the places of it that are looked at."""

import subprocess
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PERIOD = "90d"
FAILED = r"\"stamp\":\"failed"  # in what the browser is told of a panel


class Place(NamedTuple):
    """level: city, district or street; search: the View in the address."""

    level: str
    search: str


def database(orders: int) -> str:
    """URL of a demo city with so many orders; the first time it is built, which takes about 15 s a million."""
    return _built(
        f"city-{orders}", f"a demo city of {orders:,} orders", [["data_access", "demo", "--orders", str(orders)]]
    )


def services(cases: int = 5_000_000, tickets: int = 3_000_000) -> str:
    """URL of a demo city with so many cases and about so many tickets; the first time it is built, which takes about a
    minute."""
    demo = ["data_access", "demo", "--orders", "100000", "--flood-days", "0", "--cases", str(cases)]
    said = f"a demo city of {cases:,} cases and {tickets:,} tickets"
    return _built(f"services-{cases}-{tickets}", said, [demo, ["benchmarks.city", str(tickets)]])


def _built(name: str, said: str, commands: list[list[str]]) -> str:
    """URL of the database that the commands, modules with their arguments, build once."""
    file = ROOT / "var" / "bench" / f"{name}.duckdb"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        print(f"Building {said} in {file.relative_to(ROOT)}, once", file=sys.stderr, flush=True)
        making = file.with_suffix(".making")
        making.unlink(missing_ok=True)
        for command in commands:
            whole = [sys.executable, "-m", *command]
            done = subprocess.run(whole, cwd=ROOT, env=environment(f"duckdb:///{making}"), check=False)
            if done.returncode:
                making.unlink(missing_ok=True)
                raise SystemExit("benchmarks: the demo city could not be built; its own words are above")
        making.rename(file)
    return f"duckdb:///{file}"


def more_tickets(wanted: int) -> None:
    """Give the halls of the connected demo city about so many tickets, over all of its time instead of its last weeks
    only: as many times more come each day, and as many times more windows serve them."""
    from sqlalchemy import delete, select  # noqa: PLC0415

    from data_access import bulk, engine  # noqa: PLC0415
    from data_access.services.tables import service_hall, service_ticket  # noqa: PLC0415
    from domain.workdays import is_workday  # noqa: PLC0415
    from sample_data.plan import Plan  # noqa: PLC0415
    from sample_data.services import halls  # noqa: PLC0415

    plan = Plan.loads(engine.get("demo_plan"))
    days = [plan.start.date() + timedelta(days=n) for n in range((plan.until - plan.start).days + 1)]
    known = [row[0] for row in engine.rows(select(service_hall.c.code).where(service_hall.c.kind == "hall"))]
    arrivals = sum(hall.arrivals for hall in halls.halls() if hall.code in known) * sum(map(is_workday, days))
    with engine.committing() as connection:
        connection.execute(delete(service_ticket))
        made = halls.tickets(known, days, plan.seed, plan.until, wanted / arrivals)
        bulk.insert(connection, service_ticket, made)


def environment(url: str, **more: str) -> dict[str, str]:
    """The environment of a process that measures: the defaults of every setting but the database."""
    import os  # noqa: PLC0415

    kept = {k: v for k, v in os.environ.items() if not k.startswith("COCKPIT_")}
    return kept | {"COCKPIT_DATABASE_URL": url, "COCKPIT_DEMO_FEED": "off"} | more


def places() -> list[Place]:
    """The city, its district with the most streets, that one's first street; as far down as there are any."""
    from data_access.areas import tree  # noqa: PLC0415

    root = tree().root
    assert root is not None, "the city has no areas"
    found = [Place("city", f"?period={PERIOD}")]
    districts = tree().children(root.code)
    if districts:
        district = max(districts, key=lambda a: len(tree().children(a.code)))
        named = [("district", district), *(("street", street) for street in tree().children(district.code)[:1])]
        found += [Place(level, f"?period={PERIOD}&area={area.code}") for level, area in named]
    return found


def elsewhere() -> Place:
    """Where one looks who then goes to one of the places: the district with the fewest streets, a month."""
    from data_access.areas import tree  # noqa: PLC0415

    root = tree().root
    assert root is not None, "the city has no areas"
    districts = tree().children(root.code)
    code = min(districts, key=lambda a: len(tree().children(a.code))).code if districts else root.code
    return Place("elsewhere", f"?period=30d&area={code}")


def busy(until: datetime) -> datetime:
    """Half past two on the last working day before: halls are open, and half of the day has begun."""
    from domain.workdays import is_workday  # noqa: PLC0415

    day = until.date() - timedelta(days=1)
    while not is_workday(day):
        day -= timedelta(days=1)
    return datetime.combine(day, time(14, 30))


def drills(deepest: int = 99) -> list[str]:
    """Views of every district and street, or of the places down to a level, for many viewers."""
    from data_access.areas import tree  # noqa: PLC0415

    root = tree().root
    assert root is not None, "the city has no areas"
    return [f"?period={PERIOD}&area={a.code}" for a in tree().descendants(root.code) if a.level <= deepest]


if __name__ == "__main__":
    more_tickets(int(sys.argv[1]))
