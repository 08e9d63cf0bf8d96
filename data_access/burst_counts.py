"""Distinct callers by category and place in windows that slide by the hour: what bursts are found in.

The orders of the last ten weeks lie here as arrays, a day at a time, and a day is read again only when its orders
changed. What windows of whole hours came to is kept as well, so that a tick counts its own last window and nothing
else. Both follow from the orders alone: the same data and moment give the same answer, whatever was asked before.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Date, Select, bindparam, cast, func, literal_column, select

from data_access import coverage, engine
from data_access.remember import remembered
from data_access.schema import hotline_order as o
from data_access.schema import load_log
from data_access.where import Where, conditions
from domain.bursts import NEVER, UNKNOWN_CALLER, Standing, baseline, count_callers, replay, score
from domain.hotline_rules import Rules

HOUR, DAY, WEEK = 3600, 86400, 604800
_PIECE = 512  # keys counted at once
_MOST_DAYS, _MOST_WINDOWS = 400, 12  # kept

Key = tuple[str, str, str]  # category, street ('' where the order has none), district


class Orders(NamedTuple):
    """Orders by time: seconds since 1970 of the city's wall clock, index into `keys`, caller."""

    second: NDArray[np.int64]
    key: NDArray[np.int32]
    caller: NDArray[np.int64]


def between(orders: Orders, start: int, end: int) -> Orders:
    """Those of [start, end), seconds."""
    a, b = np.searchsorted(orders.second, (start, end))
    return Orders(orders.second[a:b], orders.key[a:b], orders.caller[a:b])


def of(orders: Orders, which: NDArray[Any]) -> Orders:
    """Some of the orders, by a mask or by their places."""
    return Orders(orders.second[which], orders.key[which], orders.caller[which])


class Windows(NamedTuple):
    """Of some keys distinct callers `x` and what was expected `mu` in the last window (both NaN: not known), and where
    they stand after it; ends: of all windows that were replayed, seconds. Where x is too small to matter mu is the
    least there is."""

    keys: NDArray[np.int64]
    x: NDArray[np.float64]
    mu: NDArray[np.float64]
    ends: NDArray[np.int64]
    standing: Standing


@dataclass
class _Held:
    """What is kept for one filter."""

    keys: dict[Key, int] = field(default_factory=dict)
    days: dict[date, Orders] = field(default_factory=dict)
    said: dict[date, object] = field(default_factory=dict)  # what the orders of each day were when read
    stamp: dict[date, int] = field(default_factory=dict)
    windows: "OrderedDict[tuple, Windows]" = field(default_factory=OrderedDict)


_lock = threading.RLock()
_held: "OrderedDict[Where, _Held]" = OrderedDict()
_of: object = None
_read = 0


def seconds(moment: datetime) -> int:
    """Seconds since 1970 of a wall-clock moment."""
    return int(np.datetime64(moment, "s").astype(np.int64))


def moment(second: int) -> datetime:
    """The other way round."""
    return datetime(1970, 1, 1) + timedelta(seconds=int(second))


# ---- the orders ------------------------------------------------------------------------------------------------------


@cache
def _orders_asked(named: tuple[str, ...]) -> Select:
    caller = func.coalesce(o.c.caller_key, literal_column(str(UNKNOWN_CALLER))).label("caller")
    within = (o.c.accept_at >= bindparam("first"), o.c.accept_at < bindparam("end"))
    return select(o.c.accept_at, o.c.category, o.c.street_code, o.c.district_code, caller).where(
        *within, *conditions(o, named)
    )


@cache
def _said_asked(named: tuple[str, ...]) -> Select:
    day = cast(o.c.accept_at, Date).label("day")
    within = (o.c.accept_at >= bindparam("first"), o.c.accept_at < bindparam("end"))
    said = (func.count().label("n"), func.sum(o.c.order_id).label("sum"))
    return select(day, *said).where(*within, *conditions(o, named)).group_by(day)


@remembered
def _said(first: date, last: date, where: Where) -> tuple[dict[date, Any], Any]:
    """Of each day how many orders it has and which, told by their sum; and how many orders loads ever corrected: a
    correction can change an order in place, anything else adds one or takes it away."""
    values = {"first": datetime.combine(first, time.min), "end": datetime.combine(last + timedelta(days=1), time.min)}
    found = {day: (n, total) for day, n, total in engine.rows(_said_asked(where.named), values | where.bound)}
    return found, engine.rows(select(func.sum(load_log.c.updated)))[0][0]


def _read_days(held: _Held, first: date, last: date, where: Where) -> None:
    """Read the orders of the days first..last."""
    global _read
    values = {"first": datetime.combine(first, time.min), "end": datetime.combine(last + timedelta(days=1), time.min)}
    found = engine.columns(_orders_asked(where.named), values | where.bound)
    second = found["accept_at"].astype("datetime64[s]").astype(np.int64)
    parts = [pd.factorize(found[name]) for name in ("category", "street_code", "district_code")]
    (category, categories), (street, streets), (district, districts) = parts
    joint = (category.astype(np.int64) * max(len(streets), 1) + street) * max(len(districts), 1) + district
    own, distinct = pd.factorize(joint)
    numbers = np.empty(len(distinct), np.int32)
    for n, code in enumerate(distinct.tolist()):
        rest, d = divmod(code, max(len(districts), 1))
        c, s = divmod(rest, max(len(streets), 1))
        numbers[n] = held.keys.setdefault((str(categories[c]), str(streets[s]), str(districts[d])), len(held.keys))
    key = numbers[own] if len(own) else np.empty(0, np.int32)
    caller = found["caller"].astype(np.int64)
    order = np.argsort(second, kind="stable")
    second, key, caller = second[order], key[order], caller[order]
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        start = seconds(datetime.combine(day, time.min))
        a, b = np.searchsorted(second, (start, start + DAY))
        held.days[day] = Orders(second[a:b], key[a:b], caller[a:b])
        _read += 1
        held.stamp[day] = _read


def _current(first: date, last: date, where: Where) -> _Held:
    """What is kept, with the orders of first..last as they are now."""
    global _of
    if _of is not engine.engine():
        _held.clear()
        _of = engine.engine()
    held = _held.setdefault(where, _Held())
    _held.move_to_end(where)
    while len(_held) > 4:  # filters
        _held.popitem(last=False)
    if len(held.days) > _MOST_DAYS:
        held = _held[where] = _Held()
    said, corrected = _said(first, last, where)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    now = {day: (said.get(day), corrected) for day in days}
    changed = [day for day in days if day not in held.days or held.said[day] != now[day]]
    if changed:
        _read_days(held, changed[0], changed[-1], where)
        held.said |= {day: now[day] for day in days if changed[0] <= day <= changed[-1]}
    return held


def _together(held: _Held, first: date, last: date) -> Orders:
    days = [held.days[first + timedelta(days=n)] for n in range((last - first).days + 1)]
    second, key, caller = (np.concatenate(parts) for parts in zip(*days, strict=True))
    return Orders(second, key, caller)


# ---- windows ---------------------------------------------------------------------------------------------------------


def least(rules: Rules) -> int:
    """The smallest number of callers that can matter: fewer are neither a sign nor keep one from clearing, whatever was
    expected."""
    holds = (rules.clear_z / 2 + rules.burst_floor**0.5) ** 2
    x = 0
    while x < rules.watch_count and x < holds:
        x += 1
    return max(x, 1)


def _known(ends: NDArray[np.int64], hours: int) -> NDArray[np.bool_]:
    """For each window whether orders were loaded for all its days."""
    first, last = (ends - hours * HOUR) // DAY, (ends - 1) // DAY
    start = int(first.min())
    epoch = date(1970, 1, 1)
    days = [epoch + timedelta(days=start + n) for n in range(int(last.max()) - start + 1)]
    there = np.array(coverage.covered(days))
    lacking = np.concatenate([[0], np.cumsum(~there)])
    return lacking[last - start + 1] == lacking[first - start]


def _sliding(orders: Orders, following: NDArray[np.int64], base: int, shape: tuple[int, int], hours: int) -> NDArray:
    """Distinct callers in the windows that end at base, base + 1 h ...; shape: (keys, windows). following: the moment
    of the next order of the same key and caller: in a window it is the last order of a caller that counts."""
    since = (orders.second - base) // HOUR
    begin = np.maximum(since + 1, 0)
    end = np.minimum(np.minimum(since + hours, (following - base) // HOUR), shape[1] - 1) + 1
    counts = begin < end
    place, width = orders.key[counts].astype(np.int64) * (shape[1] + 1), shape[0] * (shape[1] + 1)
    steps = np.bincount(place + begin[counts], minlength=width) - np.bincount(place + end[counts], minlength=width)
    return np.cumsum(steps.reshape(shape[0], shape[1] + 1), axis=1)[:, :-1]


def _followed(orders: Orders) -> tuple[Orders, NDArray[np.int64]]:
    """The orders by key, and of each the moment of the next one of the same key and caller."""
    ordered = of(orders, np.lexsort((orders.second, orders.caller, orders.key)))
    second, key, caller = ordered
    following = np.full(len(key), np.iinfo(np.int64).max // 4)
    same = (key[1:] == key[:-1]) & (caller[1:] == caller[:-1]) & (caller[1:] != UNKNOWN_CALLER)
    following[:-1][same] = second[1:][same]
    return ordered, following


def _closed(orders: Orders, keys: int, hour: int, length: tuple[int, int], rules: Rules) -> Windows:
    """The windows that end on each hour of the look-back up to `hour`, of the keys that were a sign in any of them.

    length: hours of a window, days of look-back.
    """
    hours, count = length[0], length[1] * 24 + 1
    history = rules.burst_weeks * 168
    base = hour - (history + count - 1) * HOUR
    orders = between(orders, base - hours * HOUR, hour)
    smallest = least(rules)
    recent = np.searchsorted(orders.second, hour - (count - 1) * HOUR - hours * HOUR)
    few = np.bincount(orders.key[recent:], minlength=keys) >= smallest
    some = few[orders.key]
    orders, following = _followed(of(orders, some))
    ends = base + np.arange(history + count) * HOUR
    known = _known(ends, hours)
    weeks = np.arange(count)[:, None] + history - 168 * np.arange(1, rules.burst_weeks + 1)
    usual = np.where(known[weeks].any(axis=1), rules.burst_floor, np.nan)
    asked = np.flatnonzero(few)
    found = []
    for piece in (asked[n : n + _PIECE] for n in range(0, len(asked), _PIECE)):
        a, b = np.searchsorted(orders.key, (piece[0], piece[-1] + 1))
        own = Orders(orders.second[a:b], np.searchsorted(piece, orders.key[a:b]).astype(np.int32), orders.caller[a:b])
        counts = _sliding(own, following[a:b], base, (len(piece), len(ends)), hours)
        x = np.where(known[history:], counts[:, history:], np.nan)
        row, column = np.nonzero(x >= smallest)
        past = np.where(known[weeks[column]], counts[row[:, None], weeks[column]], np.nan)
        mu = np.tile(usual, (len(piece), 1))
        mu[row, column] = baseline(past, rules)
        sign = (x[row, column] >= rules.watch_count) & (score(x[row, column], mu[row, column]) >= rules.watch_z)
        kept = np.unique(row[sign])
        found.append((piece[kept], x[kept], mu[kept]))
    found.append((np.empty(0, np.int64), np.empty((0, count)), np.empty((0, count))))
    keys_, x_, mu_ = (np.concatenate(parts) for parts in zip(*found, strict=True))
    standing = replay(x_, mu_, rules).standing
    return Windows(keys_, x_[:, -1], mu_[:, -1], ends[history:], standing)


def _last(orders: Orders, keys: int, end: int, hours: int, rules: Rules) -> tuple[NDArray, NDArray]:
    """x and mu of each key in the window that ends at any moment."""
    ends = end - WEEK * np.arange(rules.burst_weeks + 1)
    known = _known(ends, hours)
    if not known[0]:
        return np.full(keys, np.nan), np.full(keys, np.nan)

    def within(until: int, some: NDArray[np.bool_] | None = None) -> NDArray:
        inside = between(orders, until - hours * HOUR, until)
        if some is not None:
            inside = of(inside, some[inside.key])
        return count_callers(inside.key, np.zeros(len(inside.key)), inside.caller, (keys, 1))[:, 0]

    x = within(end)
    matter = x >= least(rules)
    past = np.full((keys, rules.burst_weeks), np.nan)
    for week in np.flatnonzero(known[1:]):
        past[:, week] = within(int(ends[week + 1]), matter)
    mu = np.full(keys, rules.burst_floor if known[1:].any() else np.nan)
    mu[matter] = baseline(past[matter], rules)
    return x.astype(float), mu


class Counted(NamedTuple):
    """keys: all there are, by index. orders: all that were read, up to the moment. windows: by their length in
    hours."""

    keys: Sequence[Key]
    orders: Orders
    windows: dict[int, Windows]


def counted(at: datetime, where: Where, lengths: tuple[tuple[int, int], ...], rules: Rules) -> Counted:
    """All that bursts at the moment follow from. lengths: hours of a window, days of its look-back; windows end on each
    hour of the look-back, and one at the moment itself."""
    end = seconds(at)
    hour = end // HOUR * HOUR
    back = max(timedelta(days=days, hours=hours + 1) for hours, days in lengths)
    first, last = (at - back - timedelta(weeks=rules.burst_weeks)).date(), at.date()
    with _lock:
        held = _current(first, last, where)
        orders = _together(held, first, last)
        orders = between(orders, 0, end)
        closed = _state(held, orders, first, last, hour)
        windows = {}
        for length in lengths:
            key = (length, hour, rules, closed)
            found = held.windows.get(key)
            if found is None:
                found = held.windows[key] = _closed(orders, len(held.keys), hour, length, rules)
                while len(held.windows) > _MOST_WINDOWS:
                    held.windows.popitem(last=False)
            windows[length[0]] = found
        keys = list(held.keys)
    if end > hour:
        for hours, found in windows.items():
            windows[hours] = _with_last(found, _last(orders, len(keys), end, hours, rules), end, rules)
    return Counted(keys, orders, windows)


def _state(held: _Held, orders: Orders, first: date, last: date, hour: int) -> tuple:
    """What tells that windows up to the hour are still the same: the days as read, the last one up to the hour, and
    which days were loaded."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    today = slice(*np.searchsorted(orders.second, (seconds(datetime.combine(last, time.min)), hour)))
    so_far = hash(b"".join(part[today].tobytes() for part in orders))
    return tuple(held.stamp[day] for day in days[:-1]), so_far, tuple(coverage.covered(days))


def _with_last(found: Windows, last: tuple[NDArray, NDArray], end: int, rules: Rules) -> Windows:
    """The windows with one more, which ends at `end`, and the keys that are a sign in that one alone.

    last: its x and mu.
    """
    x, mu = last
    sign = (x >= rules.watch_count) & (score(x, mu) >= rules.watch_z)
    sign[found.keys] = False
    new = np.flatnonzero(sign)
    keys, was = np.concatenate([found.keys, new]), found.standing
    calm = np.zeros(len(new), np.int32)  # those had no sign before: nothing to remember
    after = Standing(
        np.concatenate([was.state, calm.astype(np.int8)]),
        np.concatenate([was.since, calm + NEVER]),
        np.concatenate([was.calm, calm]),
        was.windows,
    )
    standing = replay(x[keys][:, None], mu[keys][:, None], rules, after=after).standing
    return Windows(keys, x[keys], mu[keys], np.append(found.ends, end), standing)
