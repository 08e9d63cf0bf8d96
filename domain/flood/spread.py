"""What was measured at points, said of a place between them."""

import math
from collections.abc import Sequence

NEAREST = 4
FARTHEST_KM = 30.0


def near(lon: float, lat: float, measured: Sequence[tuple[float, float, float]]) -> float | None:
    """The mean of the nearest points (lon, lat, value), each by one over the square of its distance; None when none is
    within FARTHEST_KM. For places that no weights are known of."""
    narrow = math.cos(math.radians(lat))
    away = sorted((math.hypot((x - lon) * narrow, y - lat) * 111.2, value) for x, y, value in measured)[:NEAREST]
    some = [(max(km, 0.5), value) for km, value in away if km <= FARTHEST_KM]
    if not some:
        return None
    return sum(value / km**2 for km, value in some) / sum(1 / km**2 for km, _ in some)
