"""Fits two storms and one reservoir of a plan to what the demo must show, whatever the day it is built on.

The storm of now brings 铁炉 a little above its warning level at `until` and 蒋峪水库 to just below its limit; the great
flood comes near the record.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np

from sample_data.flood import sites
from sample_data.flood.basins import POOL_BEFORE, Basin, Water
from sample_data.flood.limits import UNKNOWN, stages
from sample_data.flood.reservoirs import RESERVOIRS, standing
from sample_data.flood.weather import STEP, seconds
from sample_data.plan import Plan, Storm

WARNED = "铁炉"  # this station is above its warning level at `until`
ABOVE = 0.12  # m
POOL = "蒋峪水库"  # this reservoir is below its limit at `until`
BELOW = 0.10  # m
SHORT_OF_RECORD = 0.06  # m that the great flood stays below the record where it comes nearest


def fitted(plan: Plan, great: bool = True) -> Plan:
    """The plan with the scales of its great storm and of the storm of now, and how low the reservoir was kept."""
    for storm in plan.storms:
        if storm.kind == "great" and great:
            plan = _with(plan, storm, _scale_of_record(plan, storm))
        elif storm.kind == "now":
            plan = _now(plan, storm)
    return plan


def _with(plan: Plan, storm: Storm, scale: float) -> Plan:
    changed = [replace(s, scale=round(scale, 4)) if s.start == storm.start else s for s in plan.storms]
    return replace(plan, storms=changed)


def _scale_of_record(plan: Plan, storm: Storm) -> float:
    first = storm.start.date()
    columns = [n for n, node in enumerate(sites.nodes().values()) if node.kind == "river" and node.name not in UNKNOWN]
    record = np.array([s.record for c, s in stages().items()])
    codes = list(stages())
    wanted = np.array([record[codes.index(list(sites.nodes())[n])] for n in columns])

    def over(scale: float) -> float:
        tried = _with(plan, storm, scale)
        water = Basin(tried).run(first, first + timedelta(days=4), standing(first, plan))
        return float((water.level[:, columns].max(axis=0) - wanted).max()) + SHORT_OF_RECORD

    return _root(over, 0.5, 2.0)


def _now(plan: Plan, storm: Storm) -> Plan:
    code = sites.node_codes()[WARNED]
    day = plan.until.date()

    def water(tried: Plan) -> Water:
        first = min(storm.start.date(), day)
        return Basin(tried).run(first, day + timedelta(days=1), standing(first - timedelta(days=POOL_BEFORE), tried))

    pool = sites.node_codes()[POOL]
    plan = replace(plan, flood={pool: 0.6})  # nobody has decided on its release yet

    def over(scale: float) -> float:
        tried = water(_with(plan, storm, scale))
        return float(_at(tried, tried.level[:, tried.nodes.index(code)], plan)) - stages()[code].warning - ABOVE

    plan = _with(plan, storm, _root(over, 0.3, 2.5))
    limit = RESERVOIRS[POOL].limit(day)

    def short(offset: float) -> float:
        tried = water(replace(plan, flood={pool: offset}))
        return limit - BELOW - float(_at(tried, tried.level[:, tried.nodes.index(pool)], plan))

    return replace(plan, flood={pool: round(_root(short, 0.02, 3.5), 3)})


def _at(water: Water, course: np.ndarray, plan: Plan) -> float:
    return course[(seconds(plan.until) - water.start) // STEP - 1]


def _root(of: Callable[[float], float], low: float, high: float, turns: int = 9) -> float:
    """Where a rising function is 0, or the nearer end (regula falsi, Illinois)."""
    at_low, at_high = of(low), of(high)
    if at_low >= 0 or at_high <= 0:
        return low if abs(at_low) < abs(at_high) else high
    middle, side = low, 0
    for _ in range(turns):
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        value = of(middle)
        if abs(value) < 0.012:
            break
        if value > 0:
            high, at_high = middle, value
            at_low *= 0.5 if side == 1 else 1
            side = 1
        else:
            low, at_low = middle, value
            at_high *= 0.5 if side == -1 else 1
            side = -1
    return middle
