"""What people call about where water stands in their street: the more appeals, the deeper it is."""

from collections.abc import Iterator

import numpy as np

from sample_data.flood import sites
from sample_data.flood.ponding import depths
from sample_data.flood.weather import STEP, rain, storm_cells
from sample_data.plan import Plan

LEAVES = (("路面积水", 0.68), ("小区积水", 0.18), ("排水不畅", 0.14))
PER_HOUR = 9.0  # appeals an hour at the default size where RED cm stand
RED, FELT = 40.0, 5.0  # cm; less than FELT nobody calls about
NOW = 0.5  # the storm of now brings so much of it: a few streets stand out and do not hide what else happens


def ponded(plan: Plan) -> Iterator[tuple[int, np.ndarray]]:
    """For each storm of the plan, when it begins (seconds since 1970) and the (steps, points) depth in cm that its own
    rain brings with free drains."""
    points = sites.ponding_points()
    places = np.array([(p.x, p.y) for p in points])
    for storm in plan.storms:
        some = storm_cells(storm)
        start = int(min(cell.start for cell in some)) // STEP * STEP
        steps = int(max(cell.end for cell in some) - start) // STEP + 3 * 3600 // STEP
        fallen = rain(some, places, start, steps, plan.seed)
        yield start, depths(fallen, np.zeros(fallen.shape, dtype=bool))[0]


def appeals(plan: Plan) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """For each storm, seconds since 1970 and waterlogging point of each appeal; its number among the storms first."""
    for number, (start, depth) in enumerate(ponded(plan)):
        rng = np.random.default_rng([plan.seed, 8, number])
        busy = PER_HOUR * (NOW if plan.storms[number].kind == "now" else 1.0)
        rate = busy * plan.size * STEP / 3600 * np.where(depth > FELT, depth / RED, 0.0)
        step, point = np.nonzero(rate)
        counts = rng.poisson(rate[step, point])
        step, point = np.repeat(step, counts), np.repeat(point, counts)
        yield number, start + step * STEP + rng.integers(STEP, size=len(step)), point
