"""Water in the streets: rain beyond what the drains take stands and goes slowly, the more so when the river is above
the drain's mouth. Underpasses have pumps."""

import numpy as np

from sample_data.flood import sites
from sample_data.flood.weather import STEP

_PER_STEP = STEP / 3600
_BLOCKED = 0.30  # what a drain takes when the river is above its mouth
_SLOW = 0.45  # of the capacity, when standing water runs off
_PUMP = 18.0  # mm/h
_ON, _OFF = 8.0, 2.0  # cm at which a pump starts and stops


def depths(rain: np.ndarray, blocked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(steps, points) depth in cm and whether a pump runs, from dry. rain: mm in each step; blocked: the river is above
    the drain's mouth."""
    points = sites.ponding_points()
    capacity = np.array([p.capacity for p in points]) * _PER_STEP
    bowl = np.array([p.bowl for p in points])
    pumped = np.array([p.kind == "underpass" for p in points])
    depth = np.zeros(rain.shape, dtype=np.float32)
    running = np.zeros(rain.shape, dtype=bool)
    standing, on = np.zeros(len(points)), np.zeros(len(points), dtype=bool)
    exceeding = (rain > capacity * _BLOCKED).any(axis=1)
    wet, step, steps = np.flatnonzero(exceeding), 0, len(rain)
    while step < steps:
        if not standing.any():
            following = np.searchsorted(wet, step)
            if following == len(wet):
                break
            step = int(wet[following])
        takes = np.where(blocked[step], capacity * _BLOCKED, capacity) + on * (_PUMP * _PER_STEP)
        left = rain[step] - takes
        standing = np.maximum(standing + np.where(left > 0, left, left * _SLOW), 0.0)
        deep = standing * bowl
        on = pumped & ((deep > _ON) | on & (deep > _OFF))
        depth[step], running[step] = deep, on
        step += 1
    return depth, running
