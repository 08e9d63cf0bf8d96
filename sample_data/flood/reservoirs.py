"""The demo city's three reservoirs: curves, limits, gates, and the people who let water out of them.

Their rule is plain and not clever: below the season's limit only what the river needs; near it the more, the nearer;
above it what comes in and some of the surplus, up to what is safe downstream; above the flood-high level all that the
gates can. Gates are moved on the hour, in steps.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import numpy as np

from sample_data.flood import sites
from sample_data.flood.weather import STEP
from sample_data.plan import NOW_BEFORE, Plan

PER_HOUR = 3600 // STEP
PER_DAY = 24 * PER_HOUR


@dataclass(frozen=True)
class Reservoir:
    """Levels m in the river's datum, storage 10⁶ m³, flows m³/s. seasons: (from, to, limit) as 'MMDD'."""

    name: str
    bottom: float
    factor: float  # storage = factor * (level - bottom) ** power
    power: float
    dead: float
    normal: float
    flood_high: float
    design: float
    check: float
    crest: float
    seasons: tuple[tuple[str, str, float], ...]
    sill: float  # of the spillway
    spill: float  # m³/s per m^1.5
    outlet: float  # m³/s of the bottom outlet
    ecological: float
    safe: float  # release that the river below bears
    gates: tuple[tuple[str, str, float], ...]

    def storage(self, level: float) -> float:
        return float(np.interp(level, *self.curve))

    @property
    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        return _curve(self)

    def capacity(self, level: float) -> float:
        """What the gates can let out at a level."""
        head = min(max((level - self.dead + 3) / 12, 0.0), 1.6)
        return self.outlet * head**0.5 + self.spill * max(level - self.sill, 0.0) ** 1.5

    def limit(self, day: date) -> float:
        """The level not to be exceeded on a day: the season's, else the normal one."""
        text = f"{day:%m%d}"
        for start, end, value in self.seasons:
            if start <= text <= end if start <= end else text >= start or text <= end:
                return value
        return self.normal


@cache
def _curve(reservoir: Reservoir) -> tuple[np.ndarray, np.ndarray]:
    levels = np.unique(np.append(np.arange(np.ceil(reservoir.bottom + 2), reservoir.crest, 1.0), reservoir.crest))
    return levels, np.round(reservoir.factor * (levels - reservoir.bottom) ** reservoir.power, 3)


RESERVOIRS = {
    "龙潭水库": Reservoir(
        "龙潭水库", 122.5, 0.115, 2.20, 134.0, 148.5, 151.0, 152.6, 154.4, 156.5,
        (("0615", "0831", 146.5), ("0901", "0930", 147.5)), 142.0, 62.0, 90.0, 3.5, 900.0,
        (("泄洪闸1号", "Spillway gate 1", 420.0), ("泄洪闸2号", "Spillway gate 2", 420.0),
         ("泄洪闸3号", "Spillway gate 3", 420.0), ("放水洞", "Bottom outlet", 90.0)),
    ),
    "石盘水库": Reservoir(
        "石盘水库", 131.5, 0.130, 2.15, 142.0, 155.0, 157.2, 158.8, 160.6, 162.5,
        (("0615", "0831", 153.2), ("0901", "0930", 154.2)), 149.5, 55.0, 70.0, 3.2, 700.0,
        (("溢洪道闸1号", "Spillway gate 1", 500.0), ("溢洪道闸2号", "Spillway gate 2", 500.0),
         ("放水洞", "Bottom outlet", 70.0)),
    ),
    "蒋峪水库": Reservoir(
        "蒋峪水库", 96.0, 0.125, 2.15, 105.5, 117.5, 119.6, 121.0, 122.6, 124.5,
        (("0615", "0831", 115.8), ("0901", "0930", 116.8), ("1015", "0415", 116.2)), 112.5, 48.0, 55.0, 2.4, 330.0,
        (("溢洪闸1号", "Spillway gate 1", 380.0), ("溢洪闸2号", "Spillway gate 2", 380.0),
         ("放水洞", "Bottom outlet", 55.0)),
    ),
}  # fmt: skip
REPAIR = ("1015", "0415")  # 蒋峪水库 is kept low while its spillway is repaired, over New Year


@dataclass(frozen=True)
class Held:
    """A reservoir at a moment: 10⁶ m³, and the release that its gates are set to."""

    storage: float
    release: float


@dataclass(frozen=True)
class Pool:
    """A reservoir's course. daily: how it stood on each midnight, the first one included."""

    level: np.ndarray
    storage: np.ndarray
    release: np.ndarray
    daily: list[Held]


def usual(reservoir: Reservoir, day: date) -> Held:
    """How a reservoir stands when nothing has happened for long."""
    return Held(reservoir.storage(reservoir.limit(day) - 0.9), reservoir.ecological)


def standing(day: date, plan: Plan) -> dict[str, Held]:
    """How the reservoirs stand, by code, on a day before which nothing is known."""
    found = {sites.node_codes()[name]: usual(r, day) for name, r in RESERVOIRS.items()}
    for code, offset in plan.flood.items():
        reservoir = RESERVOIRS[sites.nodes()[code].name]
        if (plan.until.date() - day).days < 40:
            found[code] = Held(reservoir.storage(reservoir.limit(day) - offset), reservoir.ecological)
    return found


def kept_below(code: str, at: int, plan: Plan) -> float:
    """m below the limit that people keep a reservoir at before the storm of now."""
    offset = plan.flood.get(code, 0.0)
    begins = int((plan.until.replace(minute=0) - NOW_BEFORE - datetime(1970, 1, 1)).total_seconds())
    return offset if offset and begins - 40 * 86400 <= at < begins else 0.25


def _spared(code: str, plan: Plan) -> tuple[int, int]:
    """From when to when the river below is spared (错峰): from the storm of now until its peak has passed, only what
    the river needs leaves the reservoir that is to be discussed, if it has room."""
    until = int((plan.until.replace(minute=0) - datetime(1970, 1, 1)).total_seconds())
    return (until - int(NOW_BEFORE.total_seconds()), until + 14 * 3600) if code in plan.flood else (0, 0)


def operate(code: str, inflow: np.ndarray, start: int, held: Held, plan: Plan) -> Pool:
    """A reservoir through time. inflow: m³/s by step after `start`, a midnight; held: how it stands there."""
    reservoir, steps = RESERVOIRS[sites.nodes()[code].name], len(inflow)
    storage, release = held.storage, held.release
    found, out, daily = np.empty(steps), np.empty(steps), [held]
    per = STEP / 1e6
    hourly = inflow.reshape(-1, PER_HOUR)
    cumulated, means = np.cumsum(hourly, axis=1) * per, hourly.mean(axis=1).tolist()
    setting = np.arange(1, PER_HOUR + 1) * per
    zs, ws = reservoir.curve
    limit, spared, room = 0.0, _spared(code, plan), reservoir.flood_high - 0.6
    for hour in range(len(hourly)):
        if hour % 24 == 0:
            at = start + hour * 3600
            day = date(1970, 1, 1) + timedelta(days=at // 86400)
            if hour:
                daily.append(Held(storage, release))
            limit = reservoir.limit(day)
        seen = float(np.interp(storage, ws, zs))
        offset = kept_below(code, start + hour * 3600, plan)
        if spared[0] <= start + hour * 3600 < spared[1] and seen < room:
            release = reservoir.ecological
        else:
            release = _setting(reservoir, seen, limit - offset, means[max(hour - 1, 0)], release)
        first, last = hour * PER_HOUR, (hour + 1) * PER_HOUR
        found[first:last] = storage + cumulated[hour] - release * setting
        out[first:last] = release
        storage = float(found[last - 1])
    daily.append(Held(storage, release))
    return Pool(np.interp(found, ws, zs), found, out, daily)


def _setting(r: Reservoir, level: float, target: float, coming: float, before: float) -> float:
    """The release of the next hour."""
    over = level - target
    if over <= -0.8:
        wanted = min(r.ecological, max(coming, 0.8))
    elif over <= 0:
        wanted = max(min(r.ecological, coming), coming * (1 + over / 0.8) ** 2)
    else:
        wanted = max(r.ecological, coming + over * 45.0)
    wanted = min(wanted, r.safe)
    if level > r.flood_high - 0.4:
        wanted = max(wanted, min(coming * 1.05, r.safe * 2.2))
    step = 0.35 * r.safe
    wanted = min(max(wanted, before - step), before + step)
    if wanted > 12:
        wanted = round(wanted / 5) * 5
    return min(wanted, r.capacity(level))
