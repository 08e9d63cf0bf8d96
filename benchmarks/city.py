"""The demo city that everything is measured on, and the places of it that are looked at."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PERIOD = "90d"


class Place(NamedTuple):
    """level: city, district or street; search: the View in the address."""

    level: str
    search: str


def database(orders: int) -> str:
    """URL of a demo city with so many orders; the first time it is built, which takes about 15 s a million."""
    file = ROOT / "var" / "bench" / f"city-{orders}.duckdb"
    url = f"duckdb:///{file}"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        print(
            f"Building a demo city of {orders:,} orders in {file.relative_to(ROOT)}, once", file=sys.stderr, flush=True
        )
        making = file.with_suffix(".making")
        making.unlink(missing_ok=True)
        command = [sys.executable, "-m", "data_access", "demo", "--orders", str(orders)]
        done = subprocess.run(command, cwd=ROOT, env=environment(f"duckdb:///{making}"), check=False)
        if done.returncode:
            making.unlink(missing_ok=True)
            raise SystemExit("benchmarks: the demo city could not be built; its own words are above")
        making.rename(file)
    return url


def environment(url: str, **more: str) -> dict[str, str]:
    """The environment of a process that measures: the defaults of every setting but the database."""
    import os  # noqa: PLC0415

    kept = {k: v for k, v in os.environ.items() if not k.startswith("COCKPIT_")}
    return kept | {"COCKPIT_DATABASE_URL": url, "COCKPIT_DEMO_FEED": "off"} | more


def places() -> list[Place]:
    """The city, its district with the most streets, that one's first street."""
    from data_access.areas import tree  # noqa: PLC0415

    root = tree().root
    assert root is not None, "the city has no areas"
    district = max(tree().children(root.code), key=lambda a: len(tree().children(a.code)))
    street = tree().children(district.code)[0]
    named = (("city", ""), ("district", f"&area={district.code}"), ("street", f"&area={street.code}"))
    return [Place(level, f"?period={PERIOD}{more}") for level, more in named]


def drills(deepest: int = 99) -> list[str]:
    """Views of every district and street, or of the places down to a level, for many viewers."""
    from data_access.areas import tree  # noqa: PLC0415

    root = tree().root
    assert root is not None, "the city has no areas"
    return [f"?period={PERIOD}&area={a.code}" for a in tree().descendants(root.code) if a.level <= deepest]
