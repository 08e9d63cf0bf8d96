"""Thresholds of the demo city's rivers, from design rains over all its land: the same for every seed and day.

A rain of WARNING mm in a day on moist ground brings the rivers to their warning levels, one of GUARANTEE mm to their
guarantee levels, one of RECORD mm to the highest ever seen.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import numpy as np

from sample_data.flood import sites
from sample_data.flood.basins import BEFORE, PER_DAY, WET_DAYS, Basin, Fallen
from sample_data.flood.reservoirs import RESERVOIRS, usual
from sample_data.flood.weather import STEP, seconds
from sample_data.plan import Plan

WARNING, ALERT, GUARANTEE, RECORD = 72.0, 92.0, 118.0, 185.0
_MOIST = 45.0  # mm in the ten days before
_DAY = date(2024, 7, 20)
UNKNOWN = ("虎头崖", "孟坪", "杏花", "海滨")  # stations without any threshold
WARNING_ONLY = ("竹溪口", "高庙")  # of these only the warning level is known


@dataclass(frozen=True)
class Stage:
    """Levels m and flows m³/s of one river station."""

    forecast: float
    warning: float
    alert: float
    guarantee: float
    record: float
    bank: float
    warning_flow: float
    guarantee_flow: float


@cache
def _design() -> dict[float, tuple[np.ndarray, np.ndarray]]:
    """For each rain, the highest level and flow at each node."""
    moment = datetime(_DAY.year, _DAY.month, _DAY.day)
    plan = Plan(0, moment - timedelta(days=60), moment + timedelta(days=60))
    basin = Basin(plan)
    first = _DAY - timedelta(days=BEFORE)
    start = seconds(datetime(first.year, first.month, first.day))
    found = {}
    for total in (WARNING, ALERT, GUARANTEE, RECORD):
        areal = np.zeros(((BEFORE + 3) * PER_DAY, len(sites.catchments())))
        hours = 24 * PER_DAY // 24
        areal[(BEFORE - 10) * PER_DAY : BEFORE * PER_DAY] = _MOIST / (10 * PER_DAY)
        shape = np.sin(np.pi * (np.arange(hours) + 0.5) / hours) ** 2
        areal[BEFORE * PER_DAY : BEFORE * PER_DAY + hours] = (total * shape / shape.sum())[:, None]
        lateral, share = basin.runoff(areal, start)
        cut = WET_DAYS * PER_DAY
        dry = np.zeros((len(areal) - cut, len(basin.places)), dtype=np.float32)
        held = {c: usual(RESERVOIRS[n.name], _DAY) for c, n in basin.nodes.items() if n.kind == "reservoir"}
        rained = Fallen(start + cut * STEP, dry, areal[cut:], lateral[cut:], share[cut:])
        water = basin.routed(rained, held, plan)
        found[total] = (water.level.max(axis=0), water.flow.max(axis=0))
    return found


@cache
def stages() -> dict[str, Stage]:
    """The thresholds of every river station and weir by code, known or not."""
    design = _design()
    found = {}
    for n, node in enumerate(sites.nodes().values()):
        if node.kind == "reservoir":
            continue
        warning, alert, guarantee, record = (
            round(float(design[mm][0][n]), 1) for mm in (WARNING, ALERT, GUARANTEE, RECORD)
        )
        if node.kind == "weir":
            warning = max(warning, round(sites.bed(node.river, node.from_source) + 4.9, 1))
        alert, guarantee = max(alert, warning + 0.3), max(guarantee, warning + 0.7)
        record = max(record, guarantee + 0.4)
        found[node.code] = Stage(
            round(warning - 0.7, 1), warning, round(alert, 1), round(guarantee, 1), round(record, 2),
            round(guarantee + 1.3, 1), float(design[WARNING][1][n]), float(design[GUARANTEE][1][n]),
        )  # fmt: skip
    return found


@cache
def outfalls() -> tuple[float, ...]:
    """The level of the drain's mouth of each waterlogging point, in the datum of the river station it drains to."""
    return tuple(
        round(stages()[p.twin].warning - 0.9 + 0.25 * (n % 7), 2) for n, p in enumerate(sites.ponding_points())
    )
