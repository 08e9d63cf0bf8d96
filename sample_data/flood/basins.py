"""From rain to rivers: runoff by wetness, unit hydrographs, reservoirs by level pool, Muskingum down the network.

Everything is a function of plan and days: `Basin.run(first, last, held)` gives the same for the same arguments, so the
feed goes on exactly where it stood. Arrays are (steps, ...) at STEP seconds; element i is of the moment start + (i + 1)
STEP.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np

from domain.flood.routing import routed
from sample_data.flood import sites
from sample_data.flood.ponding import depths
from sample_data.flood.reservoirs import Held, operate
from sample_data.flood.weather import STEP, cells, rain, seconds
from sample_data.plan import Plan

PER_DAY = 86400 // STEP
WET_DAYS = 30  # how far back rain counts for wetness
UNIT_DAYS = 6  # length of a unit hydrograph
SPARE = 10  # days of rain before what is asked that still run off
BEFORE = WET_DAYS + SPARE
POOL_BEFORE = 3  # days that the reservoirs are followed before what is asked
_KEEP = 0.90  # of the wetness is left after a day
MUSKINGUM_X = 0.2
INITIAL, SOIL = 12.0, 120.0  # mm: what wets the land first; what fills it
_DRY = 0.03  # runoff of dry land


@dataclass(frozen=True)
class Water:
    """The water of some days. start: seconds since 1970; columns as said by `nodes`, `gauges`, `points`."""

    start: int
    nodes: tuple[str, ...]  # codes
    rain: np.ndarray  # (steps, gauges) mm in each step, as it truly fell
    depth: np.ndarray  # (steps, waterlogging points) cm
    pump: np.ndarray  # (steps, waterlogging points) 1 where a pump runs
    flow: np.ndarray  # (steps, nodes) m³/s; at a reservoir what comes in
    level: np.ndarray  # (steps, nodes) m; at a reservoir its own
    released: dict[str, np.ndarray]  # by reservoir
    storage: dict[str, np.ndarray]
    tide: np.ndarray  # (steps,) m, at the mouth
    areal: np.ndarray  # (steps, catchments) mm
    held: dict[str, Held]  # of the reservoirs on the midnight after the last step but POOL_BEFORE days
    wet: np.ndarray  # (steps, catchments) runoff coefficient of the moment

    @property
    def moments(self) -> np.ndarray:
        return self.start + STEP * np.arange(1, len(self.rain) + 1)


class Fallen(NamedTuple):
    """Rain of some days and what runs off of it: (steps, gauges and points), (steps, catchments) three times."""

    start: int
    places: np.ndarray  # mm
    areal: np.ndarray  # mm
    lateral: np.ndarray  # m³/s
    share: np.ndarray  # runoff coefficient


def wetness(fallen: np.ndarray) -> np.ndarray:
    """The rain of the last WET_DAYS, older rain counting less, at each step."""
    daily = _KEEP ** (np.arange(PER_DAY + 1) / PER_DAY)
    days = fallen.reshape(-1, PER_DAY, fallen.shape[1]).astype(float)
    inside = np.cumsum(days / daily[1:, None], axis=1) * daily[1:, None]
    carried = np.zeros((len(days) + 1, fallen.shape[1]))
    for n in range(len(days)):
        carried[n + 1] = carried[n] * _KEEP + inside[n, -1]
    whole = (inside + carried[:-1, None] * daily[None, 1:, None]).reshape(fallen.shape)
    old = np.zeros_like(whole)
    old[WET_DAYS * PER_DAY :] = whole[: -WET_DAYS * PER_DAY] * _KEEP**WET_DAYS
    return whole - old


@cache
def _units() -> np.ndarray:
    """(steps, catchments) unit hydrographs: most runs off within hours, a part seeps out over two days."""
    hours = (np.arange(UNIT_DAYS * PER_DAY) + 0.5) * STEP / 3600
    found = []
    for c in sites.catchments():
        k = 0.20 * c.area**0.36  # of each of three storages in a row
        quick = hours**2 * np.exp(-hours / k)
        slow = np.exp(-hours / 36) * (1 - np.exp(-hours / (2 * k)))
        found.append(0.84 * quick / quick.sum() + 0.16 * slow / slow.sum())
    return np.array(found).T


def convolved(of: np.ndarray, answer: np.ndarray) -> np.ndarray:
    """Each column of `of` answered by the column of `answer`, from rest; as long as `of`."""
    size = 1 << int(len(of) + len(answer) - 1).bit_length()
    found = np.fft.irfft(np.fft.rfft(of, size, axis=0) * np.fft.rfft(answer, size, axis=0), size, axis=0)
    return found[: len(of)]


def travel_hours(upper: sites.Node, lower: sites.Node) -> float:
    """Hours of a flood wave between neighbouring nodes: 3 m/s in the hills, 1.7 on the plain."""
    if upper.river == lower.river:
        length, steep = lower.from_source - upper.from_source, sites.slope(lower.river, lower.from_source)
    else:
        length = upper.to_mouth + lower.from_source - sites.rivers()[upper.river].at_km
        steep = sites.slope(lower.river, lower.from_source)
    speed = 1.6 + 1.4 * min(steep / 0.0025, 1.0)
    return max(round(length / (3.6 * speed), 2), 0.15)


@cache
def _answer(hours: float) -> np.ndarray:
    """What a pulse of one step becomes on its way, over a day."""
    pulse = np.zeros(PER_DAY)
    pulse[1] = 1.0
    return routed(pulse, hours, MUSKINGUM_X, STEP / 3600)[1:]


def depth(node: sites.Node, flow: np.ndarray) -> np.ndarray:
    """Water depth, m, of a wide channel that fits its drainage (Manning)."""
    width = 4.0 * node.drainage**0.52
    return (np.maximum(flow, 0.05) * 0.034 / (width * np.sqrt(sites.slope(node.river, node.from_source)))) ** 0.6


def rating(node: sites.Node, flow: np.ndarray) -> np.ndarray:
    """Level of a flow, m above the river's datum."""
    return sites.bed(node.river, node.from_source) + depth(node, flow)


def tide(moments: np.ndarray) -> np.ndarray:
    """Level of the sea, m: twice a day, springs and neaps."""
    hours = moments / 3600
    spring = 1 + 0.35 * np.cos(2 * np.pi * hours / (24 * 14.765))
    return 0.25 + 1.05 * spring * np.cos(2 * np.pi * hours / 12.42) + 0.15 * np.cos(2 * np.pi * hours / 24.84)


def _season(moments: np.ndarray) -> np.ndarray:
    doy = (moments / 86400) % 365.25
    return 0.5 + np.exp(-0.5 * ((doy - 225) / 60) ** 2)


class Basin:
    """The land and its rivers under one plan."""

    def __init__(self, plan: Plan, outfalls: Sequence[float] | None = None) -> None:
        """outfalls: the level of the drain's mouth of each waterlogging point; None: no river ever stands above one."""
        self.plan = plan
        self.nodes = sites.nodes()
        gauges = [(g.x, g.y) for g in sites.rain_gauges()]
        self.places = np.array(gauges + [(g.x, g.y) for g in sites.ponding_points()])
        self.gauges = len(gauges)
        self.weights = np.array([sites.weights()[c.code] for c in sites.catchments()]).T.astype(np.float32)
        self.areas = np.array([c.area for c in sites.catchments()])
        self.alpha = np.array([c.runoff for c in sites.catchments()])
        self.outfalls = np.array(outfalls if outfalls is not None else [np.inf] * len(sites.ponding_points()))

    def fall(self, first: date, last: date, plan: Plan | None = None) -> np.ndarray:
        """(steps, gauges and points) rain of the days from first to before last."""
        plan = plan or self.plan
        start = seconds(datetime.combine(first, time.min))
        return rain(cells(plan, first, last), self.places, start, (last - first).days * PER_DAY, plan.seed)

    def runoff(self, areal: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
        """(steps, catchments) m³/s from rain, and the runoff coefficient of each moment."""
        wet = wetness(areal)
        share = _DRY + (self.alpha - _DRY) * np.clip((wet - INITIAL) / SOIL, 0, 1)
        quick = convolved(areal * share * self.areas * (1000 / STEP), _units())
        moments = start + STEP * np.arange(1, len(areal) + 1)
        base = self.areas * (0.0035 * _season(moments)[:, None] + 0.00009 * wet)
        return np.maximum(quick, 0) + base, share

    def run(self, first: date, last: date, held: dict[str, Held], plan: Plan | None = None) -> Water:
        """The water of the days from first to before last. held: the reservoirs POOL_BEFORE days before first."""
        plan = plan or self.plan
        origin = first - timedelta(days=BEFORE)
        start = seconds(datetime.combine(origin, time.min))
        fallen = self.fall(origin, last, plan)
        areal = fallen[:, : self.gauges] @ self.weights
        lateral, share = self.runoff(areal, start)
        cut = WET_DAYS * PER_DAY  # before that the wetness is not whole
        fallen, areal, lateral, share = fallen[cut:], areal[cut:], lateral[cut:], share[cut:]
        start += cut * STEP
        return self.routed(Fallen(start, fallen, areal, lateral, share), held, plan)

    def routed(self, rained: Fallen, held: dict[str, Held], plan: Plan) -> Water:
        """The water that rain brings, but for the SPARE days at its beginning."""
        start, fallen, areal, lateral, share = rained
        moments = start + STEP * np.arange(1, len(areal) + 1)
        column = {c.code: n for n, c in enumerate(sites.catchments())}
        flows: dict[str, np.ndarray] = {}
        leaving: dict[str, np.ndarray] = {}
        released, stored, levels, kept = {}, {}, {}, {}
        for code, node in self.nodes.items():
            flow = np.zeros(len(areal))
            for catchment, part in node.lateral.items():
                flow += part * lateral[:, column[catchment]]
            for above in node.above:
                answer = _answer(travel_hours(self.nodes[above], node))
                first = leaving[above][0]
                flow += first + convolved((leaving[above] - first)[:, None], answer[:, None])[:, 0]
            flows[code] = leaving[code] = flow
            if node.kind == "reservoir":
                skip = (SPARE - POOL_BEFORE) * PER_DAY
                pool = operate(code, flow[skip:], start + skip * STEP, held[code], plan)
                leaving[code] = np.concatenate([np.full(skip, pool.release[0]), pool.release])
                released[code], stored[code] = (
                    leaving[code],
                    np.concatenate([np.full(skip, pool.storage[0]), pool.storage]),
                )
                levels[code], kept[code] = np.concatenate([np.full(skip, pool.level[0]), pool.level]), pool.daily
        sea = tide(moments)
        cut = SPARE * PER_DAY
        level = np.stack([self._level(n, flows[c], levels, sea) for c, n in self.nodes.items()], axis=1)
        column = {code: n for n, code in enumerate(self.nodes)}
        points, early = sites.ponding_points(), cut - PER_DAY
        river = level[early:, [column[p.twin] for p in points]]
        depth, pump = depths(fallen[early:, self.gauges :], river > self.outfalls)
        level = level[cut:]
        days = (len(areal) - cut) // PER_DAY
        return Water(
            start + cut * STEP, tuple(self.nodes), fallen[cut:, : self.gauges], depth[PER_DAY:], pump[PER_DAY:],
            np.stack([flow[cut:] for flow in flows.values()], axis=1), level,
            {c: v[cut:] for c, v in released.items()}, {c: v[cut:] for c, v in stored.items()}, sea[cut:], areal[cut:],
            {c: v[days] for c, v in kept.items()}, share[cut:],
        )  # fmt: skip

    def _level(self, node: sites.Node, flow: np.ndarray, levels: dict[str, np.ndarray], sea: np.ndarray) -> np.ndarray:
        if node.kind == "reservoir":
            return levels[node.code]
        found = rating(node, flow)
        if node.kind == "weir":
            pool = 4.2 if node.name.startswith("望江") else 3.1  # m of water that the gates hold back
            found = np.maximum(found, sites.bed(node.river, node.from_source) + pool)
        if node.river == "yunshui" and node.from_source > 109.5:  # the sea holds the water up
            found = np.maximum(found, sea + 0.3 * (found - sites.bed(node.river, node.from_source)) ** 0.5)
        return found
