"""The fast path of the alarm engine: which readings of a series could change anything while a sensor is quiet. The
others are only remembered, as the slow path would remember them; it may name too many, never too few (tested: both
paths say the same)."""

import numpy as np

from domain.flood.course import Event
from domain.flood.slopes import rates
from domain.flood.track import GOOD, Readings, Track

BLOCK = 8192
FEW = 12  # readings, below which looking costs more than it saves
CLOSE = 0.8  # a rate that is so near to a step is looked at: running sums are not exact


def feed(track: Track, readings: Readings) -> list[Event]:
    """Readings of one sensor."""
    made: list[Event] = []
    for first in range(0, len(readings.known), BLOCK):
        made += _block(track, readings.part(first, first + BLOCK))
    return made


def slowly(track: Track, readings: Readings) -> list[Event]:
    """The same, each reading by itself."""
    made: list[Event] = []
    for known, moment, value, quality in zip(*(column.tolist() for column in readings), strict=True):
        made += track.read(known, moment, value, quality)
    return made


def _block(track: Track, readings: Readings) -> list[Event]:
    n = len(readings.known)
    if n < FEW:
        return slowly(track, readings)
    looked = np.flatnonzero(flagged(track, readings)).tolist()
    made: list[Event] = []
    columns = [column.tolist() for column in readings]
    i, at = 0, 0
    while i < n:
        if track.quiet:
            while at < len(looked) and looked[at] < i:
                at += 1
            j = looked[at] if at < len(looked) else n
            if j > i:
                _skip(track, readings.part(i, j))
                i = j
                continue
        made += track.read(*(column[i] for column in columns))
        i += 1
    return made


def _skip(track: Track, readings: Readings) -> None:
    """Remember readings that change nothing."""
    known, moment, value, _ = readings
    last = int(moment[-1])
    track.heard, track.newest = max(track.heard, int(known[-1])), last
    before = last - track.reach(track.on(last).rules)
    if track.gauge.element == "rain":
        wet = value > 0
        moment, value = moment[wet], value[wet]
    first = int(np.searchsorted(moment, before, side="right"))
    kept = 0
    while kept < len(track.moments) and track.moments[kept] <= before:
        kept += 1
    track.moments = track.moments[kept:] + moment[first:].tolist()
    track.values = track.values[kept:] + value[first:].tolist()


def flagged(track: Track, readings: Readings) -> np.ndarray:
    """Which readings could raise something, or are not to be believed, if the sensor is quiet before each."""
    known, moment, value, quality = readings
    days, of_day = np.unique(moment // 86400, return_inverse=True)
    held = [track.on(int(day) * 86400) for day in days]
    heard = np.concatenate([[track.heard if track.heard >= 0 else known[0]], known[:-1]])
    newest = np.maximum.accumulate(np.concatenate([[track.newest], moment[:-1]]))
    silent = np.array([track.silent_s(one.rules) for one in held], dtype=np.int64)
    unused = (quality != GOOD) | (moment <= newest) | ~np.isfinite(value)
    found = unused | (known - heard >= silent.min())
    if track.gauge.element == "rain":
        return found | _heavy(track, moment, value, held)
    # what was read before counts for jumps and rates of the first readings
    m = np.concatenate([np.array(track.moments, dtype=np.int64), moment])
    v = np.concatenate([np.array(track.values, dtype=float), value])
    start = len(track.moments)
    low = np.array([min((s.least for s in one.steps), default=np.inf) for one in held])[of_day]
    found |= value >= low
    bounds = [track.range(one.rules) for one in held]
    unused |= (value < max(low for low, _ in bounds)) | (value > min(high for _, high in bounds))
    most = min(track.spike(one.rules) for one in held)
    if most < 1e8:
        unused |= _moved(v, max(one.rules.spike_points for one in held) + 1)[start:] > most * 0.999
    # one that may not have been believed is in these running sums, but not in the window
    last = np.maximum.accumulate(np.where(unused, np.maximum(moment, newest), -(1 << 60)))
    found |= unused | (moment - last <= max(track.reach(one.rules) for one in held))
    if any(one.rise or one.ahead for one in held):
        found |= _rising(track, m, v, held, of_day)[start:]
    return found


def _moved(values: np.ndarray, points: int) -> np.ndarray:
    """Between the lowest and the highest of the last so many readings."""
    low = high = values
    for back in range(1, min(points, len(values))):
        shifted = np.concatenate([values[:1].repeat(back), values[:-back]])
        low, high = np.minimum(low, shifted), np.maximum(high, shifted)
    return high - low


def _rising(track: Track, m: np.ndarray, v: np.ndarray, held: list, of_day: np.ndarray) -> np.ndarray:
    """Where the rate is near a step, or leads to a threshold in time."""
    start = len(m) - len(of_day)
    if np.any(np.diff(m) < 0):
        m = np.maximum.accumulate(m)  # late ones are looked at by themselves
    found = np.zeros(len(m), dtype=bool)
    settings = {(track.window(one.rules), one.rules.rise_points, one.rules.rise_span) for one in held}
    rate = np.maximum.reduce([rates(m, v, *setting) for setting in settings])
    least = min((s.least for one in held for s in one.rise), default=np.inf)
    found |= rate >= least * CLOSE
    nearest = np.array([min((a.threshold for a in one.ahead), default=np.inf) for one in held])[of_day]
    hours = max((a.hours for one in held for a in one.ahead), default=0.0)
    ahead = (nearest - v[start:]) <= hours * np.maximum(rate[start:], 0) / CLOSE + 1e-6
    found[start:] |= ahead & (rate[start:] > 0)
    return found


def _heavy(track: Track, moment: np.ndarray, value: np.ndarray, held: list) -> np.ndarray:
    """Where the rain of a window is near its threshold."""
    m = np.concatenate([np.array(track.moments, dtype=np.int64), np.maximum.accumulate(moment)])
    v = np.concatenate([np.array(track.values, dtype=float), np.where(np.isfinite(value), value, 0.0)])
    start = len(track.moments)
    run = np.concatenate([[0.0], np.cumsum(v)])
    found = np.zeros(len(moment), dtype=bool)
    for rules in {one.rules for one in held}:
        for hours, mm in zip(rules.rain_hours, rules.rain_mm, strict=True):
            first = np.searchsorted(m, m - int(hours * 3600), side="right")
            found |= (run[1:] - run[first])[start:] >= mm * 0.95
    return found
