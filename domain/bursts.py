"""Sudden appeals (突发诉求): counts against what is usual for the hour, with hysteresis (handbook 1.5).

A key is what is watched, usually a category in a street; a window is one hour or one day. Expected number mu: the mean
of the same window of the same weekday in the weeks before, without the largest of them, with a floor. Score
z = 2 * (sqrt(X) - sqrt(mu)), which varies by about 1 whatever mu is. X counts distinct callers: one caller who calls
fifty times is no burst. All thresholds are in the rules (burst_*, watch_*, clear_*).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from domain.hotline_rules import Rules

Level = Literal["", "watch", "burst"]
LEVELS: tuple[Level, ...] = ("", "watch", "burst")  # replay() gives indices into these
UNKNOWN_CALLER = 0  # caller key of an order that names no caller
NEVER = -1


@dataclass(frozen=True)
class Standing:
    """Where each key stands after `windows` windows: its state, since when, for how many windows running it is calm."""

    state: NDArray[np.int8]
    since: NDArray[np.int32]
    calm: NDArray[np.int32]
    windows: int


@dataclass(frozen=True)
class Episodes:
    """states: index into LEVELS, one row a key, one column a window. since: the window in which the episode began that
    goes on there, NEVER where none does; windows are counted from the first that was ever replayed. standing: after
    the last of them."""

    states: NDArray[np.int8]
    since: NDArray[np.int32]
    standing: Standing


def score(x: ArrayLike, mu: ArrayLike) -> NDArray[np.float64]:
    """z of counts `x` where `mu` were expected; NaN where either is not known. A count of numbers gives one number."""
    return 2 * (np.sqrt(np.asarray(x, float)) - np.sqrt(np.asarray(mu, float)))


def baseline(weeks: ArrayLike, rules: Rules) -> NDArray[np.float64]:
    """mu from the counts of the same window in the weeks before, along the last axis; NaN: that week was not loaded.

    Of rules.burst_weeks weeks the largest rules.burst_drop are dropped, of fewer known weeks proportionally fewer. The
    result is at least rules.burst_floor, and NaN where no week is known.
    """
    counts = np.sort(np.asarray(weeks, float), axis=-1)  # NaN last
    known = np.isfinite(counts).sum(axis=-1, keepdims=True)
    kept = np.arange(counts.shape[-1]) < known - known * rules.burst_drop // rules.burst_weeks
    total = np.where(kept, counts, 0.0).sum(axis=-1)
    number = kept.sum(axis=-1)
    return np.where(number > 0, np.maximum(total / np.maximum(number, 1), rules.burst_floor), np.nan)


def judge(x: float, mu: float, rules: Rules, *, callers: int | None = None) -> Level:
    """What one window is by itself, without memory. callers: distinct callers behind the `x` orders, if `x` is not
    already their number."""
    return LEVELS[int(_levels(np.float64(x if callers is None else min(x, callers)), np.float64(mu), rules))]


def _levels(x: ArrayLike, mu: ArrayLike, rules: Rules) -> NDArray[np.int8]:
    count, expected = np.asarray(x, float), np.asarray(mu, float)
    z = score(count, expected)
    watch = (count >= rules.watch_count) & (z >= rules.watch_z)
    burst = (count >= rules.burst_count) & (z >= rules.burst_z) & (count >= rules.burst_ratio * expected)
    return np.where(burst, 2, np.where(watch, 1, 0)).astype(np.int8)


def replay(counts: ArrayLike, baselines: ArrayLike, rules: Rules, *, after: Standing | None = None) -> Episodes:
    """The episodes of all keys, window by window. counts: distinct callers, (keys, windows), oldest first, NaN where
    nothing was loaded; baselines: mu, the same shape or one that stretches to it.

    An episode begins in a window that is watch or burst, keeps the highest level that it reached, and ends with the
    second (rules.clear_windows) window running whose z is below rules.clear_z; that window is calm already. A window
    that is not known changes nothing. What a window says depends on nothing after it. after: where the windows before
    left each key; None: nothing was before.
    """
    x = np.asarray(counts, float)
    mu = np.broadcast_to(np.asarray(baselines, float), x.shape)
    levels, quiet = _levels(x, mu, rules), score(x, mu) < rules.clear_z
    known = np.isfinite(x) & np.isfinite(mu)
    states, since = np.zeros(x.shape, np.int8), np.full(x.shape, NEVER, np.int32)
    if after is None:
        after = Standing(np.zeros(len(x), np.int8), np.full(len(x), NEVER, np.int32), np.zeros(len(x), np.int32), 0)
    state, begun, calm = after.state.copy(), after.since.copy(), after.calm
    for window in range(x.shape[1]):
        level = levels[:, window]
        begun[(state == 0) & (level > 0)] = after.windows + window
        state = np.maximum(state, level)
        calm = np.where(known[:, window], np.where(quiet[:, window], calm + 1, 0), calm)
        over = calm >= rules.clear_windows
        state[over], begun[over] = 0, NEVER
        states[:, window], since[:, window] = state, begun
    return Episodes(states, since, Standing(state, begun, calm, after.windows + x.shape[1]))


def count_callers(
    keys: ArrayLike, steps: ArrayLike, callers: ArrayLike, shape: tuple[int, int], *, window: int = 1
) -> NDArray[np.int64]:
    """Distinct callers in each cell: shape (keys, steps). One element an order: its key, its step, its caller.

    window: a cell counts the orders of its step and of the window - 1 steps before (an hour, told every five minutes:
    12). Orders of UNKNOWN_CALLER count one each: a burst that is missed costs more than one that is looked at in vain.
    """
    key, step, caller = (np.asarray(each, np.int64) for each in (keys, steps, callers))
    if len(key) and (key.min() < 0 or step.min() < 0 or key.max() >= shape[0] or step.max() >= shape[1]):
        raise ValueError(f"keys and steps must lie in {shape}")
    known = caller != UNKNOWN_CALLER
    who = np.cumsum(~known)  # any number, one each
    who[known] = len(key) + np.unique(caller[known], return_inverse=True)[1]
    at = (step[:, None] + np.arange(window)).ravel()
    inside = at < shape[1]
    cell = (np.repeat(key, window) * shape[1] + at)[inside]
    most = 2 * len(key) + 1
    found = np.sort(cell * most + np.repeat(who, window)[inside])  # one number a pair sorts three times as fast as two
    first = np.ones(len(found), bool)
    first[1:] = found[1:] != found[:-1]
    return np.bincount(found[first] // most, minlength=shape[0] * shape[1]).reshape(shape)
