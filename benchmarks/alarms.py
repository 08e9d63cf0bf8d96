"""How fast the alarm engine reads: python -m benchmarks.alarms [--stations 400] [--days 60] [--live 5]

In bulk: a made-up past of all stations (quiet days, three floods, noise) by the fast path and, a tenth of it, each
reading by itself. Live: the same engine takes 2,000 readings a second of the following minutes, a part each tenth of a
second, and prints how much of the time that took. Times are of the processor: other programs do not count.
"""

import argparse
import time

import numpy as np

from domain.flood.alarms import Engine
from domain.flood.levels import Threshold
from domain.flood.rules import read
from domain.flood.track import Gauge, Readings

STEP, START, A_SECOND = 300, 1_784_332_800, 2000
LIMITS = (Threshold("warning", 20.0), Threshold("guarantee", 21.3), Threshold("record", 22.06))


def gauges(n: int) -> list[Gauge]:
    """Half rain gauges, a quarter rivers, a quarter roads."""
    kinds = ("rain", "river", "rain", "waterlogging")
    elements = {"rain": "rain", "river": "level", "waterlogging": "depth"}
    return [
        Gauge(f"S{i:04}", kinds[i % 4], elements[kinds[i % 4]], STEP, 0.01, "", f"C{i % 12}",
              LIMITS if kinds[i % 4] == "river" else ())
        for i in range(n)
    ]  # fmt: skip


def series(gauge: Gauge, n: int, seed: int) -> Readings:
    rng = np.random.default_rng(seed)
    moments = START + np.arange(n, dtype=np.int64) * STEP
    flood = sum(np.exp(-(((np.arange(n) - n * at) / 60) ** 2)) for at in (0.2, 0.55, 0.9))
    scale, base = {"rain": (4.0, -0.5), "level": (2.6, 17.5), "depth": (45.0, -2.0)}[gauge.element]
    values = np.round(np.maximum(base + scale * flood * rng.uniform(0.5, 1.2) + rng.normal(0, 0.01, n), 0), 2)
    return Readings(moments, moments, values, np.zeros(n, dtype=np.int64))


def bulk(known: list[Gauge], made: dict[str, Readings], *, fast: bool) -> tuple[float, int, Engine]:
    engine = Engine(known, read(), fast=fast)
    begun = time.process_time()
    for gauge in known:
        engine.feed(gauge.code, gauge.element, made[gauge.code])
    said = engine.advance(max(int(one.known[-1]) for one in made.values()))
    return time.process_time() - begun, len(said), engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=int, default=400)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--live", type=int, default=5, help="seconds")
    chosen = parser.parse_args()
    known, n = gauges(chosen.stations), chosen.days * 86400 // STEP
    made = {gauge.code: series(gauge, n, i) for i, gauge in enumerate(known)}
    spent, said, engine = bulk(known, made, fast=True)
    print(f"bulk            {n * len(known) / spent:12,.0f} readings/s  ({n * len(known):,} readings, {said:,} events)")
    few = known[: max(len(known) // 10, 4)]
    spent, _, _ = bulk(few, {gauge.code: made[gauge.code] for gauge in few}, fast=False)
    print(f"one by one      {n * len(few) / spent:12,.0f} readings/s")
    begun, end, moment = time.process_time(), START + n * STEP, START + n * STEP
    total = chosen.live * A_SECOND
    for first in range(0, total, A_SECOND // 10):
        for i in range(first, min(first + A_SECOND // 10, total)):
            gauge = known[i % len(known)]
            moment = end + i // len(known) * STEP
            one = np.array([moment], dtype=np.int64)
            last = made[gauge.code].value[-1:]
            engine.feed(gauge.code, gauge.element, Readings(one, one, last, np.zeros(1, dtype=np.int64)))
        engine.advance(moment)
    spent = time.process_time() - begun
    print(f"2,000/s as they come take {spent / chosen.live:.1%} of a core: at most {total / spent:,.0f} readings/s")
    begun = time.process_time()
    state = engine.dump()
    print(f"state: {len(state) / 1e3:,.0f} kB, written in {(time.process_time() - begun) * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
