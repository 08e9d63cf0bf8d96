"""What the gauges say of the water: rounded, a little noisy, and some of them wrong.

Readings are a function of the water, the moment and the seed. The faults that are planted count back from `until`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pyarrow as pa

from sample_data.flood import sites
from sample_data.flood.basins import Water
from sample_data.flood.reservoirs import RESERVOIRS
from sample_data.flood.rows import GAUGED
from sample_data.flood.weather import STEP, seconds
from sample_data.plan import Plan
from sample_data.randomness import uniform

ELEMENTS = ("rain", "level", "flow", "inflow", "outflow", "storage", "opening", "below", "depth", "pump")
# what is planted; see README.md
STUCK, STUCK_FOR = "官桥", timedelta(hours=7)
SILENT, SILENT_FOR = "石门", timedelta(hours=31)
SILENT_POINT, SILENT_POINT_FOR = "JS038", timedelta(hours=2, minutes=10)
SPIKING, SPIKES = "990121103", (timedelta(hours=26), timedelta(hours=3, minutes=40))  # the gauge of 马店镇
SPIKE = 98.5  # mm in five minutes
SKEWED, SKEWED_FOR, SKEW = "990181104", timedelta(hours=24), timedelta(minutes=47)  # of 丁庄镇
DRY, DRY_FOR = "990182105", timedelta(hours=40)  # of 铁炉镇
DISAGREEING, DISAGREEING_FOR, APART = "SP005", timedelta(hours=4), 0.46  # the camera of 光明
FALSE, FALSE_BEFORE, FALSE_FOR, FALSE_BY = "洛滨", timedelta(days=12, hours=3), timedelta(minutes=50), 1.75
LATE, LATE_FROM, LATE_TO, LATE_AT = "高庙", timedelta(hours=50), timedelta(hours=47), timedelta(hours=46)


def gauge_of(street: str) -> str:
    """The code of the rain gauge of a street."""
    return next(g.code for g in sites.rain_gauges() if g.street.code == street and g.code.startswith("9920"))


@dataclass(frozen=True)
class Channel:
    """One series: station and element, with the column of its values in what `_truth` makes."""

    station: str
    element: str


@cache
def channels() -> tuple[Channel, ...]:
    """All series, in the order of the columns."""
    found = [Channel(g.code, "rain") for g in sites.rain_gauges()]
    found += [Channel(n.code, "level") for n in sites.nodes().values()]
    found += [Channel(n.code, "flow") for n in sites.nodes().values() if n.name in GAUGED or n.kind == "weir"]
    for r in RESERVOIRS:
        found += [Channel(sites.node_codes()[r], e) for e in ("inflow", "outflow", "storage", "opening")]
    found += [Channel(n.code, e) for n in sites.nodes().values() if n.kind == "weir" for e in ("below", "opening")]
    found += [Channel(p.code, "depth") for p in sites.ponding_points()]
    found += [Channel(p.code, "pump") for p in sites.ponding_points() if p.kind == "underpass"]
    found += [Channel(c.code, "level") for c in sites.cameras()]
    return tuple(found)


_DIGITS = {
    "rain": 1, "level": 2, "flow": 0, "inflow": 0, "outflow": 0, "storage": 3, "opening": 2, "below": 2, "depth": 0,
    "pump": 0,
}  # fmt: skip
_NOISE = {"level": 0.006, "below": 0.006, "depth": 0.4}


def _truth(water: Water, which: np.ndarray, minutes: np.ndarray) -> np.ndarray:
    """(moments, channels) as it is at the steps `which`; rain of the `minutes` before."""
    column = {code: n for n, code in enumerate(water.nodes)}
    early = max(int(which[0]) - 12, 0)
    mine = water.rain[early : which[-1] + 1]
    summed = np.concatenate([np.zeros((1, mine.shape[1])), np.cumsum(mine, axis=0, dtype=float)])
    before = np.maximum(which + 1 - minutes // 5, early)
    parts = [summed[which + 1 - early] - summed[before - early], water.level[which]]
    flow = water.flow[which]
    nodes = sites.nodes()
    parts.append(flow[:, [column[n.code] for n in nodes.values() if n.name in GAUGED or n.kind == "weir"]])
    for name, r in RESERVOIRS.items():
        code = sites.node_codes()[name]
        out = water.released[code][which]
        full = np.array([r.capacity(z) for z in r.curve[0]])
        opening = 6.0 * np.clip(out / np.interp(water.level[which, column[code]], r.curve[0], full), 0, 1)
        parts.append(np.stack([flow[:, column[code]], out, water.storage[code][which], opening], axis=1))
    for node in nodes.values():
        if node.kind == "weir":
            level = water.level[which, column[node.code]]
            lower = sites.bed(node.river, node.from_source) + (level - sites.bed(node.river, node.from_source)) * 0.55
            if node.name.startswith("滨河"):
                lower = np.maximum(water.tide[which], level - 2.2)
            parts.append(
                np.stack(
                    [np.minimum(lower, level - 0.02), 0.4 + np.clip(flow[:, column[node.code]] / 260, 0, 7)], axis=1
                )
            )
    parts.append(water.depth[which])
    parts.append(water.pump[which][:, [n for n, p in enumerate(sites.ponding_points()) if p.kind == "underpass"]])
    parts.append(water.level[which][:, [column[c.twin] for c in sites.cameras()]])
    return np.concatenate(parts, axis=1)


@dataclass
class Told:
    """What the gauges say: (moments, channels). missing: said nothing. minutes by moment, of rain."""

    moments: np.ndarray  # seconds since 1970
    minutes: np.ndarray
    values: np.ndarray
    quality: np.ndarray
    confidence: np.ndarray  # of video, else NaN
    received: np.ndarray  # seconds, 0 at once
    missing: np.ndarray


def told(water: Water, plan: Plan, which: np.ndarray, minutes: np.ndarray) -> Told:
    """The readings of the steps `which` of the water."""
    values = _truth(water, which, minutes)
    moments = water.moments[which]
    keys = (moments // STEP)[:, None] * 4096 + np.arange(values.shape[1])[None, :]
    known = channels()
    for element, width in _NOISE.items():
        mine = np.flatnonzero([c.element == element for c in known])
        chance = uniform(keys[:, mine].ravel(), 330, plan.seed).reshape(len(moments), len(mine)) - 0.5
        values[:, mine] += 2 * width * chance * (values[:, mine] > 1 if element == "depth" else 1)
    shape = values.shape
    said = Told(
        moments, minutes, values, np.zeros(shape, np.int8), np.full(shape, np.nan, np.float32),
        np.zeros(shape, np.int64), np.zeros(shape, bool),
    )  # fmt: skip
    _cameras(said, keys, plan)
    _faults(said, plan)
    for element, digits in _DIGITS.items():
        mine = np.flatnonzero([c.element == element for c in known])
        values[:, mine] = np.round(values[:, mine], digits)
    values[:, [c.element in ("rain", "depth") for c in known]] = np.maximum(
        values[:, [c.element in ("rain", "depth") for c in known]], 0
    )
    return said


def column(station: str, element: str) -> int:
    """Where a series stands among the channels."""
    return channels().index(Channel(station, element))


def _cameras(said: Told, keys: np.ndarray, plan: Plan) -> None:
    """Cameras see less well, worst at night."""
    hour = (said.moments % 86400) / 3600
    night = ((hour < 6) | (hour > 19))[:, None]
    mine = np.arange(len(channels()) - len(sites.cameras()), len(channels()))
    u = uniform(keys[:, mine].ravel(), 331, plan.seed).reshape(len(keys), len(mine))
    sure = np.clip(0.95 - 0.16 * night - 0.22 * u**2, 0.3, 0.99)
    said.values[:, mine] += (
        (uniform(keys[:, mine].ravel(), 332, plan.seed).reshape(u.shape) - 0.5) * 0.14 * (1.15 - sure)
    )
    said.confidence[:, mine] = np.round(sure, 2)
    said.quality[:, mine] = np.where(sure < 0.62, 3, 0)


def _faults(said: Told, plan: Plan) -> None:
    until = seconds(plan.until)

    def since(back: timedelta) -> np.ndarray:
        return said.moments > until - back.total_seconds()

    codes = sites.node_codes()
    rivers = sites.nodes()
    # stuck: the same level again and again while the river rises
    stuck = column(codes[STUCK], "level")
    said.values[since(STUCK_FOR), stuck] = round(sites.bed("baisha", rivers[codes[STUCK]].from_source) + 0.37, 2)
    for code, back in ((codes[SILENT], SILENT_FOR), (SILENT_POINT, SILENT_POINT_FOR)):
        for n, channel in enumerate(channels()):
            if channel.station == code:
                said.missing[since(back), n] = True
    spiking = column(gauge_of(SPIKING), "rain")
    for back in SPIKES:
        at = until - int(back.total_seconds())
        hit = np.flatnonzero((said.moments >= at) & (said.moments < at + STEP))
        said.values[hit, spiking] = SPIKE
        said.quality[hit, spiking] = 2
    said.missing[since(SKEWED_FOR), column(gauge_of(SKEWED), "rain")] = True  # refused: see build
    said.values[since(DRY_FOR), column(gauge_of(DRY), "rain")] = 0.0
    camera = column(DISAGREEING, "level")
    said.values[since(DISAGREEING_FOR), camera] += APART
    said.confidence[since(DISAGREEING_FOR), camera] = 0.71
    begins = until - FALSE_BEFORE.total_seconds()
    hit = (said.moments > begins) & (said.moments <= begins + FALSE_FOR.total_seconds())
    said.values[hit, column(codes[FALSE], "level")] += FALSE_BY
    late = (said.moments > until - LATE_FROM.total_seconds()) & (said.moments <= until - LATE_TO.total_seconds())
    for n, channel in enumerate(channels()):
        if channel.station == codes[LATE]:
            said.received[late, n] = until - int(LATE_AT.total_seconds())


@cache
def _names() -> tuple[pa.Array, pa.Array, np.ndarray, np.ndarray]:
    stations = sorted({c.station for c in channels()})
    station = np.array([stations.index(c.station) for c in channels()], dtype=np.int32)
    element = np.array([ELEMENTS.index(c.element) for c in channels()], dtype=np.int32)
    return pa.array(stations), pa.array(ELEMENTS), station, element


def table(said: Told) -> pa.Table:
    """Rows of flood_reading, in the order of time."""
    stations, elements, station, element = _names()
    there = ~said.missing
    row, col = np.nonzero(there)
    rain = element[col] == ELEMENTS.index("rain")
    confidence, received = said.confidence[there], said.received[there]
    return pa.table({
        "moment": pa.array(said.moments[row].astype("datetime64[s]").astype("datetime64[us]")),
        "station": pa.DictionaryArray.from_arrays(pa.array(station[col]), stations),
        "element": pa.DictionaryArray.from_arrays(pa.array(element[col]), elements),
        "value": pa.array(said.values[there].astype(np.float32)),
        "minutes": pa.array(np.where(rain, said.minutes[row], 0).astype(np.int16)),
        "quality": pa.array(said.quality[there].astype(np.int16)),
        "confidence": pa.array(confidence, mask=np.isnan(confidence)),
        "received_at": pa.array(received.astype("datetime64[s]").astype("datetime64[us]"), mask=received == 0),
    })  # fmt: skip


def skewed(plan: Plan, since: datetime, to: datetime) -> list[datetime]:
    """The moments that the gauge whose clock is ahead gives its messages of (since, to]."""
    begins = max(since, plan.until - SKEWED_FOR)
    first = seconds(begins) // STEP + 1
    return [datetime(1970, 1, 1) + timedelta(seconds=n * STEP) + SKEW for n in range(first, seconds(to) // STEP + 1)]
