"""What a catchment will bring: a plain model of runoff, fitted to what it brought (flows m³/s, rain mm, times h).

Rain runs off through three equal storages in a row (Nash), the more of it the wetter the ground. How much and how fast
is not assumed but fitted to the flow of the last day; what the fit leaves over at its end dies away. Where there is
neither rain nor a forecast of it, the flow is taken to stay what it is.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Flows = NDArray[np.float64]
FAST = (0.6, 1.0, 1.6, 2.5)  # times the usual storage time of a catchment of its size
WET_MM = 80.0  # of rain before, at which all of the fitted share runs off
DRY_SHARE = 0.15  # of it that runs off dry ground
FADES_H = 6.0  # in which what the fit leaves over falls to a third
USUAL_SHARE = 0.35  # of rain that runs off, where nothing can be fitted
LEAST_RAIN = 1.0  # mm in all; less is no rain to reckon with


class Expected(NamedTuple):
    """flow: from now on by step. basis: 'rain' (runoff of fallen and forecast rain) or 'persistence' (as it is now).
    share: of the rain that runs off wet ground; None where no rain was reckoned with."""

    flow: Flows
    basis: Literal["rain", "persistence"]
    share: float | None


def storage_hours(area_km2: float) -> float:
    """The time that water stays in each of the three storages of a catchment, as a rule of thumb."""
    return 0.25 * area_km2**0.35


def response(k: float, dt: float, steps: int) -> Flows:
    """What one mm in one step becomes, as shares of it by step; they add up to at most 1."""
    hours = (np.arange(steps) + 0.5) * dt
    return np.asarray(hours**2 * np.exp(-hours / k) / (2 * k**3) * dt, float)


def runoff(rain: Flows, area_km2: float, k: float, dt: float) -> Flows:
    """Flow from rain (mm in each step) if all that falls on wet ground ran off."""
    before = np.concatenate([[0.0], np.cumsum(rain)[:-1]])
    wet = DRY_SHARE + (1 - DRY_SHARE) * np.clip(before / WET_MM, 0, 1)
    size = 1 << int(2 * len(rain) - 1).bit_length()
    unit = response(k, dt, len(rain))
    told = np.fft.irfft(np.fft.rfft(rain * wet, size) * np.fft.rfft(unit, size), size)[: len(rain)]
    return np.maximum(told, 0) * area_km2 / (3.6 * dt)


def expected(observed: Flows, rain: Flows, area_km2: float, dt: float, steps: int) -> Expected:
    """The flow of the `steps` steps from now on. observed: until now, its last value is now's. rain: mm by step, from
    as long ago as it is known to the end of what is asked; the last `steps` - 1 are forecast."""
    now = float(np.median(observed[-max(round(1 / dt), 1) :]))
    if rain.sum() < LEAST_RAIN or area_km2 <= 0:
        return Expected(np.full(steps, now), "persistence", None)
    today = len(rain) - steps  # the step that is now
    seen = min(len(observed), today + 1)
    past = observed[-seen:]
    base = min(float(np.quantile(past, 0.1)), now)
    best: tuple[float, float, Flows] | None = None
    for fast in FAST:
        model = runoff(rain, area_km2, storage_hours(area_km2) * fast, dt)
        made = model[today + 1 - seen : today + 1]
        weight = float((made**2).sum())
        share = float(((past - base) * made).sum()) / weight if weight > 0.01 * seen else USUAL_SHARE
        share = min(max(share, 0.0), 1.5)
        error = float(((past - base - share * made) ** 2).sum())
        if best is None or error < best[0]:
            best = error, share, model
    assert best is not None
    _, share, model = best
    left = now - base - share * float(model[today])
    coming = base + share * model[today:] + left * np.exp(-np.arange(steps) * dt / FADES_H)
    return Expected(coming if now < 0 else np.maximum(coming, 0), "rain", share)
