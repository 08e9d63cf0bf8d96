"""What was measured at points, said of a place between them."""

import math
from collections.abc import Mapping

NEAREST = 4
FARTHEST_KM = 30.0
KM_PER_DEGREE = 111.2


def km_between(here: tuple[float, float], there: tuple[float, float]) -> float:
    """The distance of two points (lon, lat) within a city."""
    narrow = math.cos(math.radians(here[1]))
    return math.hypot((there[0] - here[0]) * narrow, there[1] - here[1]) * KM_PER_DEGREE


def near(lon: float, lat: float, points: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """What each of the nearest points (lon, lat) counts for at a place of which no weights are known: one over the
    square of its distance; {} when none is within FARTHEST_KM."""
    away = {code: km_between((lon, lat), point) for code, point in points.items()}
    nearest = sorted((km, code) for code, km in away.items() if km <= FARTHEST_KM)[:NEAREST]
    parts = {code: 1 / max(km, 0.5) ** 2 for km, code in nearest}
    whole = math.fsum(parts.values())
    return {code: part / whole for code, part in parts.items()}
