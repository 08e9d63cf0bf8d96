"""Everything that is claimed about speed, in one run: python -m benchmarks [--orders N] [--rounds N] (= make bench)

Prints how busy the machine was before and after: figures of a busy machine are worth their ratios only. Intake and its
memory are measured apart (python -m benchmarks.intake), and so are flood questions over 80 million readings
(python -m benchmarks.flood), since they need databases of their own.
"""

import argparse
import os

from benchmarks import browser, panels, viewers
from benchmarks.city import database, services


def main() -> None:
    """Build the city if need be, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    url = database(given.orders)
    print(f"{given.orders:,} orders, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start")
    for name, path in (("overview", "/"), ("hotline", "/hotline"), ("services", "/services")):
        here = services() if name == "services" else url
        rows = panels.run(here, given.rounds, name)
        print(f"\n{name}: server, views that nobody asked for before", *panels.lines(rows), sep="\n", flush=True)
        times = browser.measure(here, given.rounds, path)
        print(f"\n{name}: browser", *browser.lines(*times), sep="\n", flush=True)
    print("\nMany viewers", *viewers.lines(viewers.measure(url, 30, 4)), sep="\n", flush=True)
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
