"""The band in which a day's count is expected, from days like it, and the days outside it (handbook 1.5, 6.4).

For a day t with values v, its history is H = v[t - 7k] for k = 1..weeks: the same weekday, without days that are not
known or not ordinary. Both ends of the band come from medians, so that neither a past spike nor a past gap moves them
far, and nothing from t or after it is used: a spike does not widen its own band.

    middle = median(H) * season
    season = median(y[t - 7], y[t], y[t + 7]) / median(y[t - 7k], k = 1..weeks), y the series of 52 weeks before; kept
             within 1/2 to 2; 1 where last year is not known or was zero
    spread = max(1.4826 * median(|H - median(H)|) * season, 0.05 * middle, sqrt(max(middle, 1)))
    band   = middle - width * spread (not below 0) .. middle + width * spread

1.4826 makes the median deviation (MAD) comparable with a standard deviation. A twentieth of the middle keeps a very
even history from calling everything unusual. The square root is the chance variation of a count (Poisson); it is left
out, and so is the limit at 0, for measured values (counts=False), whose band scales with their unit. A day needs a
history of `minimum` days, else its band is NaN. Design choices of ours: weeks 8, minimum 4, width 3.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Kind = Literal["ordinary", "marked", "special"]
MAD_TO_SIGMA = 1.4826
LEAST_SPREAD = 0.05  # of the middle
SEASON_LIMIT = 2.0


@dataclass(frozen=True)
class Band:
    """low, middle, high: one element a day, in the unit of the values; NaN where too little history is known."""

    low: NDArray[np.float64]
    middle: NDArray[np.float64]
    high: NDArray[np.float64]


def band(
    values: ArrayLike,
    kinds: ArrayLike | None = None,
    *,
    last_year: ArrayLike | None = None,
    weeks: int = 8,
    minimum: int = 4,
    width: float = 3.0,
    counts: bool = True,
) -> Band:
    """The expected band of each day of a daily series without missing days; NaN: the day was not loaded.

    kinds: one word a day. ordinary; marked (a storm, an outage: judged, but no history for other days); special (a
    holiday, a moved workday: neither, no band, for its weekday says nothing about it). Default: all ordinary.
    last_year: the values of 364 days before each day, so that weekdays agree; NaN where not known.
    ValueError if an array has another length, or a kind is not one of these.
    """
    series = np.asarray(values, float)
    kind = np.full(len(series), "ordinary") if kinds is None else np.asarray(kinds)
    before = np.full(len(series), np.nan) if last_year is None else np.asarray(last_year, float)
    if not len(series) == len(kind) == len(before):
        raise ValueError(f"{len(series)} values, {len(kind)} kinds, {len(before)} values of last year: one a day each")
    unknown = sorted(set(kind.tolist()) - {"ordinary", "marked", "special"})
    if unknown:
        raise ValueError(f"kinds {', '.join(map(str, unknown))}: a day is ordinary, marked or special")
    steps = [-7 * week for week in range(1, weeks + 1)]
    history = _shifted(np.where(kind == "ordinary", series, np.nan), steps)
    judged = (kind != "special") & (np.isfinite(history).sum(axis=1) >= minimum)
    usual = _median(history)
    deviation = _median(np.abs(history - usual[:, None]))
    season = _season(before, steps)
    middle = np.where(judged, usual * season, np.nan)
    spread = np.fmax(MAD_TO_SIGMA * deviation * season, LEAST_SPREAD * np.abs(middle))
    if counts:
        spread = np.fmax(spread, np.sqrt(np.fmax(middle, 1.0)))  # never below one order
    low = middle - width * spread
    return Band(np.fmax(low, 0.0) + 0 * middle if counts else low, middle, middle + width * spread)


def outside(values: ArrayLike, of: Band) -> NDArray[np.int8]:
    """1 for days above their band, -1 below, 0 within or not known."""
    series = np.asarray(values, float)
    return (series > of.high).astype(np.int8) - (series < of.low).astype(np.int8)


def _season(last_year: NDArray[np.float64], steps: list[int]) -> NDArray[np.float64]:
    """How this time of the year stood against the weeks before it, a year ago."""
    now, then = _median(_shifted(last_year, [-7, 0, 7])), _median(_shifted(last_year, steps))
    known = np.isfinite(now) & (then > 0)
    ratio = np.divide(now, then, out=np.ones_like(now), where=known)
    return np.clip(ratio, 1 / SEASON_LIMIT, SEASON_LIMIT)


def _shifted(series: NDArray[np.float64], steps: list[int]) -> NDArray[np.float64]:
    """(days, steps): for each day the values of the days that lie `steps` from it, NaN outside the series."""
    at = np.arange(len(series))[:, None] + np.array(steps)
    return np.where((at >= 0) & (at < len(series)), np.append(series, np.nan)[np.clip(at, 0, len(series))], np.nan)


def _median(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median of the known values of each row, NaN where none is."""
    ordered = np.sort(rows, axis=1)  # NaN last
    known = np.isfinite(ordered).sum(axis=1)
    row = np.arange(len(rows))
    low, high = np.maximum(known - 1, 0) // 2, np.minimum(known // 2, rows.shape[1] - 1)
    return np.where(known > 0, (ordered[row, low] + ordered[row, high]) / 2, np.nan)
