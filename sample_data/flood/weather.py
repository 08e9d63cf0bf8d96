"""The demo city's rain: cells that move over the plane, as a function of seed, plan and moment.

A cell is an ellipse of rain that comes, moves and goes. Light weather is drawn day by day; the storms of the plan have
their own cells by kind. Moments are seconds since 1970, in local time as everywhere in the demo.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from sample_data.plan import Plan, Storm
from sample_data.randomness import normal, uniform

STEP = 300  # s
_HOUR = 3600
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Cell:
    """Rain of `peak` mm/h in its middle and at its height, from start to end, moving by (east, north) km/h."""

    start: float
    end: float
    x: float  # km, at the start
    y: float
    east: float
    north: float
    long: float  # km, radius along its axis
    wide: float
    turn: float  # rad, of the axis
    peak: float


def seconds(moment: datetime) -> int:
    """Seconds since 1970 of a local moment."""
    return int((moment - datetime(1970, 1, 1)).total_seconds())


def _cell(t: float, hours: float, at: tuple[float, float], peak: float, **more: float) -> Cell:
    said = {"east": 6.0, "north": 4.0, "long": 30.0, "wide": 22.0, "turn": 0.6} | more
    return Cell(t, t + hours * _HOUR, at[0], at[1], peak=peak, **said)


def _light(day: date, seed: int) -> list[Cell]:
    """What falls on an ordinary day: mostly nothing; in summer sometimes a shower, in winter a drizzle."""
    key = np.array([day.toordinal()])
    doy = day.timetuple().tm_yday
    summer = float(np.exp(-0.5 * ((doy - 205) / 50) ** 2))
    if uniform(key, 301, seed)[0] > 0.10 + 0.20 * summer:
        return []
    midnight = (day.toordinal() - _EPOCH) * 86400
    count = 2 + int(4 * uniform(key, 302, seed)[0])
    keys = day.toordinal() * 16 + np.arange(count)
    u = [uniform(keys, 303 + n, seed) for n in range(6)]
    begins = midnight + 20 * _HOUR * uniform(key, 310, seed)[0]
    heavy = 0.9 + 3.4 * summer
    found = []
    for n in range(count):
        peak = heavy * (0.3 + 2.2 * u[0][n] ** 2)
        small = summer * (0.4 + 0.6 * u[1][n])
        found.append(
            _cell(
                begins + 5 * _HOUR * u[2][n], 2 + 4 * u[3][n] * (1.4 - small), (10 + 95 * u[4][n], 5 + 85 * u[5][n]),
                peak, long=34 - 18 * small, wide=26 - 15 * small, east=8 + 8 * u[1][n], north=3 + 6 * u[0][n],
                turn=3 * u[2][n],
            )
        )  # fmt: skip
    return found


def _front(t: float, scale: float) -> list[Cell]:
    """Long and even: some 40 hours over the whole land, strongest in the hills."""
    found = []
    for n in range(9):
        at = (22 + 9 * (n % 5), 18 + 8 * ((n * 2) % 5))
        found.append(_cell(t + 4 * n * _HOUR, 9, at, 5.2 * scale, east=2.0, north=1.2, long=55, wide=34, turn=0.75))
    return found


def _local(t: float, scale: float) -> list[Cell]:
    """Short and violent: a thunderstorm over the city and its fringe."""
    begins = t + 1.5 * _HOUR
    return [
        _cell(begins, 1.7, (68, 61), 118 * scale, east=2.0, north=0.8, long=7.5, wide=5.5, turn=0.4),
        _cell(begins + 0.7 * _HOUR, 1.5, (76, 66), 96 * scale, east=5.0, north=2.0, long=6.5, wide=5.0, turn=0.4),
        _cell(begins - 0.6 * _HOUR, 1.3, (62, 53), 74 * scale, east=4.0, north=3.0, long=6.0, wide=5.0, turn=0.4),
        _cell(begins + 1.2 * _HOUR, 1.8, (44, 66), 48 * scale, east=6.0, north=2.0, long=6.0, wide=5.0, turn=0.4),
    ]


def _typhoon(t: float, scale: float) -> list[Cell]:
    """Bands that turn about a centre that comes from the sea and moves inland over 20 hours."""
    found = []
    for n in range(12):
        hour, angle = 1.7 * n, 0.9 * n
        centre = (118 - 4.4 * hour, 46 + 1.1 * hour)
        at = (centre[0] + 20 * np.cos(angle), centre[1] + 17 * np.sin(angle))
        found.append(
            _cell(
                t + hour * _HOUR, 4.2, (float(at[0]), float(at[1])), (14 + 10 * (n % 3)) * scale, east=-6.0, north=3.0,
                long=32, wide=12, turn=angle + 1.57,
            )
        )  # fmt: skip
    for hour, at, peak in ((7, (74, 62), 62), (9.5, (64, 58), 78), (11, (60, 66), 50)):  # squalls over the city
        found.append(_cell(t + hour * _HOUR, 2.4, at, peak * scale, east=-4.0, north=1.0, long=9, wide=6, turn=0.3))
    found.append(_cell(t + 5 * _HOUR, 14, (88, 52), 9 * scale, east=-3.0, north=0.5, long=48, wide=40, turn=0.0))
    return found


def _great(t: float, scale: float) -> list[Cell]:
    """Two pulses over all three rivers, the second on full ground and stronger: the flood that people remember."""
    found = []
    for n, (hour, peak) in enumerate(((0, 7.5), (5, 9.0), (10, 6.5), (17, 11.5), (22, 14.0), (27, 9.0))):
        at = (30 + 5 * (n % 3), 30 + 4 * (n % 3))
        found.append(_cell(t + hour * _HOUR, 9, at, peak * scale, east=2.2, north=1.8, long=58, wide=40, turn=0.7))
    for hour, at, peak in (
        (4, (16, 24), 34), (8, (14, 52), 30), (9, (66, 57), 60), (19, (20, 26), 46), (21, (48, 20), 52),
        (23, (18, 55), 48), (25, (58, 30), 42), (27, (64, 56), 95), (28, (72, 63), 80), (29, (48, 60), 40),
    ):  # fmt: skip
        found.append(_cell(t + hour * _HOUR, 4, at, peak * scale, east=3.0, north=2.0, long=15, wide=10, turn=0.7))
    return found


def _now(t: float, scale: float) -> list[Cell]:
    """The storm of now: on the southern hills first, then down 白沙河 to the city; 20 hours, the worst
    still to come."""
    found = []
    for hour, at, peak in ((0, (42, 12), 12.0), (3, (45, 15), 15.0), (6, (48, 18), 15.0), (10, (53, 24), 9.0),
                           (14, (60, 34), 7.0)):  # fmt: skip
        found.append(_cell(t + hour * _HOUR, 7, at, peak * scale, east=1.5, north=2.0, long=26, wide=18, turn=0.9))
    for hour, at, peak in ((2.5, (44, 14), 34.0), (6.0, (50, 20), 36.0), (9.5, (56, 26), 24.0)):
        found.append(_cell(t + hour * _HOUR, 3.5, at, peak * scale, east=2.0, north=2.5, long=12, wide=9, turn=0.9))
    # over the city, whatever the scale: before and around `until` (eleven hours on), and again three hours after it
    found.append(_cell(t + 8.9 * _HOUR, 2.9, (66, 59), 88, east=2.0, north=1.6, long=7.0, wide=5.5, turn=0.6))
    found.append(_cell(t + 10.0 * _HOUR, 2.6, (73, 64), 58, east=3.0, north=1.0, long=6.0, wide=5.0, turn=0.6))
    found.append(_cell(t + 13.5 * _HOUR, 3.0, (62, 56), 64, east=3.5, north=2.0, long=8.0, wide=6.0, turn=0.6))
    return found


_KINDS = {  # its cells, and what their rain is worth
    "front": (_front, 0.72), "local": (_local, 1.0), "typhoon": (_typhoon, 0.66), "great": (_great, 0.6),
    "now": (_now, 0.6),
}  # fmt: skip


def storm_cells(storm: Storm) -> list[Cell]:
    """The cells of one storm of the plan."""
    make, usual = _KINDS[storm.kind]
    return make(seconds(storm.start), storm.scale * usual)


def cells(plan: Plan, first: date, last: date) -> list[Cell]:
    """The cells of all weather that can rain on the days from first to before last."""
    found: list[Cell] = []
    for n in range((last - first).days + 2):
        found += _light(first + timedelta(days=n - 2), plan.seed)
    for storm in plan.storms:
        found += storm_cells(storm)
    start, end = (seconds(datetime(d.year, d.month, d.day)) for d in (first, last))
    return [c for c in found if c.end > start and c.start < end]


def rain(some: Iterable[Cell], points: np.ndarray, start: int, steps: int, seed: int) -> np.ndarray:
    """(steps, points) mm that fall in the STEP seconds before each of start + STEP, start + 2 STEP ..."""
    found = np.zeros((steps, len(points)), dtype=np.float32)
    for cell in some:
        first = max(int((cell.start - start) // STEP), 0)
        last = min(int((cell.end - start) // STEP) + 1, steps)
        if last <= first:
            continue
        t = start + (np.arange(first, last) + 0.5) * STEP
        part = np.clip((t - cell.start) / (cell.end - cell.start), 0, 1)
        hours = (t - cell.start) / _HOUR
        east = points[None, :, 0] - (cell.x + cell.east * hours)[:, None]
        north = points[None, :, 1] - (cell.y + cell.north * hours)[:, None]
        c, s = np.cos(cell.turn), np.sin(cell.turn)
        away = ((c * east + s * north) / cell.long) ** 2 + ((c * north - s * east) / cell.wide) ** 2
        fall = cell.peak * np.sin(np.pi * part)[:, None] ** 2 * np.exp(-0.5 * away)
        fall[fall < 0.02 * cell.peak] = 0.0
        # gusts: each place and ten minutes has its own, the same however the asking is cut
        keys = (t // 600).astype(np.int64)[:, None] * 4096 + np.arange(len(points))[None, :] + int(cell.peak * 7) * 7919
        fall *= np.exp(0.30 * normal(keys.ravel(), 320, seed).reshape(keys.shape) - 0.045)
        found[first:last] += (fall * (STEP / _HOUR)).astype(np.float32)
    return _uneven(found, start, seed)


def _uneven(fall: np.ndarray, start: int, seed: int) -> np.ndarray:
    """Rain comes unevenly from one five minutes to the next, light rain the more so; on average it is as much."""
    step, point = np.nonzero(fall)
    mm = fall[step, point]
    keys = (start // STEP + step) * 4096 + point
    share = 0.25 + 0.75 * np.exp(-mm / 0.8)
    fall[step, point] = mm * (1 + share * (-np.log(uniform(keys, 321, seed)) - 1))
    return fall
