"""Whether a sensor can be believed (handbook 4.5). What is found is told beside the data, never dropped silently."""

from collections.abc import Iterable, Sequence
from math import asin, cos, hypot, radians, sin, sqrt
from typing import NamedTuple

from domain.flood.rules import Rules


class Reporting(NamedTuple):
    """Of stations of a kind: 在线率 online / stations, 到报率 received / expected, 及时率 timely / expected."""

    stations: int
    online: int
    expected: int
    received: int
    timely: int

    @property
    def online_share(self) -> float | None:
        return self.online / self.stations if self.stations else None

    @property
    def received_share(self) -> float | None:
        return min(self.received / self.expected, 1.0) if self.expected else None

    @property
    def timely_share(self) -> float | None:
        return min(self.timely / self.expected, 1.0) if self.expected else None


def stuck(low: float, high: float, neighbours: Iterable[float], rain_mm: float | None, rules: Rules) -> bool:
    """A level that stood still over the rules' hours while neighbours moved (each: highest minus lowest) or it rained
    on the catchment."""
    moved = any(one > rules.stuck_neighbour_m for one in neighbours)
    return high - low < rules.stuck_m and (moved or (rain_mm is not None and rain_mm >= rules.stuck_rain_mm))


def repeated(values: Sequence[float], rules: Rules) -> int:
    """How often a gauge's newest rain repeats itself; 0 where that may be rain. A light rain of one or two tips of the
    bucket does repeat, so what counts is the rules' number of equal amounts above 0."""
    if not values or values[-1] <= 0:
        return 0
    n = 0
    for value in reversed(values):
        if value != values[-1]:
            break
        n += 1
    return n if n >= rules.stuck_repeats else 0


def dry(mm: float, neighbours: Iterable[float], rules: Rules) -> bool:
    """A gauge without rain while enough of those near it have much, over the rules' hours."""
    return mm <= 0 and sum(one >= rules.dry_mm for one in neighbours) >= rules.dry_neighbours


def apart(video: float, gauge: float, rules: Rules) -> float | None:
    """How far a camera is off the gauge beside it; None when they agree."""
    off = video - gauge
    return off if abs(off) > rules.video_gauge_m + 1e-9 else None


def kilometres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Between two places on the ground."""
    half = hypot(
        sin(radians(other_lat - lat) / 2),
        sqrt(cos(radians(lat)) * cos(radians(other_lat))) * sin(radians(other_lon - lon) / 2),
    )
    return 2 * 6371.0 * asin(min(half, 1.0))
