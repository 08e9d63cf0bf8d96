"""The life of each order: dispatched, returned, signed, extended, answered, closed, called back, redone, archived.

A pure function of what stands on the order's row (handbook 1.2, 1.3), so the feed finds the same future that the build
would have written. Times are whole seconds since 1970 of the city's wall clock; NEVER means that it does not happen.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from sample_data.bounces import MOST, quarrelling, receivers, times_returned
from sample_data.plan import Plan
from sample_data.randomness import uniform, waiting
from sample_data.vocabulary import LIMIT_HOURS, TYPES, URGENT_HOURS, leaves
from sample_data.world import World, plant

NEVER = np.int64(2**62)
HOUR, DAY = 3600, 86400
URGED = 0.88  # of the orders that were to be urged
LIFE_DAYS = 105  # an order that is ever closed and archived is so within this many days


@dataclass(frozen=True)
class Known:
    """What an order's life follows from; one element an order."""

    order_id: np.ndarray
    accept: np.ndarray  # seconds since 1970
    leaf: np.ndarray  # index into vocabulary.leaves()
    street: np.ndarray  # index into the city's streets; UNPLACED: not on the map
    org: np.ndarray  # index into the city's organisations
    kind: np.ndarray  # index into TYPES
    direct: np.ndarray  # answered on the call


ROUNDS = 3  # of callbacks: the first, and one after each time of redoing


@dataclass(frozen=True)
class Lives:
    """One row an order; of what can happen more than once, a column each time."""

    dispatch: np.ndarray
    receivers: np.ndarray  # (n, MOST + 1) organisations: who has it first and after each return
    returned: np.ndarray  # (n, MOST)
    reassigned: np.ndarray  # (n, MOST)
    sign: np.ndarray
    extended: np.ndarray
    due: np.ndarray  # the limit as first set
    due_extended: np.ndarray  # the limit once it is extended
    urged: np.ndarray
    supervised: np.ndarray  # (n, 2): when late, when redone again
    reply: np.ndarray  # (n, ROUNDS), as the following
    close: np.ndarray
    callback: np.ndarray
    redo: np.ndarray  # (n, ROUNDS - 1)
    archived: np.ndarray
    responded: np.ndarray  # bool
    resolved: np.ndarray  # (n, ROUNDS): 2 1 0, -1: did not say
    satisfaction: np.ndarray  # (n, ROUNDS): 5..1, 0: did not say


Told = TypeVar("Told", "Known", "Lives")  # either of them


def chosen(of: Told, mask: np.ndarray) -> Told:
    """The same for some of the orders."""
    return replace(of, **{name: part[mask] for name, part in vars(of).items()})


def joined(first: Told, second: Told) -> Told:
    """Known or Lives of two lots of orders as one."""
    return replace(first, **{name: np.concatenate([part, vars(second)[name]]) for name, part in vars(first).items()})


def epoch(moment) -> int:
    """Seconds since 1970 of a naive wall-clock moment."""
    return int(np.datetime64(moment, "s").astype(np.int64))


def lives(plan: Plan, city: World, known: Known) -> Lives:
    """The whole life of each order, also what has not happened yet."""
    draw = _Draws(plan, known.order_id)
    accept, direct, kind = known.accept, known.direct, known.kind
    sent = ~direct
    urgent = np.array([each.urgent for each in leaves()])[known.leaf] & (kind != TYPES.index("consult"))
    urgent &= kind != TYPES.index("suggest")
    unfair = known.org == _index(city, plan.unfair)
    first_limit = np.where(urgent, URGENT_HOURS * HOUR, np.array(LIMIT_HOURS)[kind] * HOUR)
    extends = sent & ~urgent & ~unfair & (draw.uniform(23) < 0.024)
    limit = first_limit + np.where(extends, np.where(first_limit > 5 * DAY, 5, 3) * DAY, 0)

    to_dispatch = np.clip(draw.waiting(1, np.where(urgent, 5.0 * 60, 17.0 * 60), 2.2), 60, 6 * HOUR).astype(np.int64)
    passed, returned, reassigned = _passed_on(city, draw, known, unfair, (to_dispatch, first_limit))
    to_sign = np.clip(draw.waiting(5, 38.0 * 60, 2.0), 120, 4 * HOUR)
    signed = np.where(returned[:, 0] == NEVER, to_dispatch, np.where(reassigned == NEVER, 0, reassigned).max(axis=1))
    signed = signed + to_sign

    late = draw.uniform(6) < _late_share(plan, city, known) * np.where(unfair, 0.2, 1.0)
    earliest = np.where(extends, first_limit * 0.98, signed + 900)
    work = limit - np.maximum(earliest, signed + 900)
    in_time = np.maximum(earliest, signed + 900) + work * np.where(unfair, 0.25, 0.97) * draw.uniform(7) ** 1.35
    too_late = limit + np.clip(draw.waiting(8, 0.7 * DAY, 1.25), 900, 45 * DAY)
    took = np.where(late, too_late, in_time)
    took = np.where(direct, np.clip(draw.waiting(10, 6.0 * 60, 3.0), 60, 3 * HOUR), took).astype(np.int64)
    never = late & sent & (draw.uniform(9) < 0.004)
    close = np.where(never, NEVER, accept + took)
    review = np.minimum(draw.waiting(11, 1.2 * HOUR, 2.0), 0.3 * (took - signed)).astype(np.int64)
    reply = np.where(never, NEVER, np.where(direct, close, close - review))
    calls = draw.uniform(12) < np.where(direct, 0.55, 0.92)
    called = close + np.clip(draw.waiting(13, 19.0 * HOUR, 2.0), 900, 9 * DAY).astype(np.int64)
    callback = np.where(calls & (close != NEVER), called, NEVER)
    told = _told(draw, direct, late, unfair)
    rounds = _redone(draw, sent, unfair, (reply, close, callback), told)
    redo = rounds.redo

    extended = accept + (signed + (0.95 * first_limit - signed) * (0.45 + 0.55 * draw.uniform(22))).astype(np.int64)
    urge = accept + (0.8 * np.where(extends, limit, first_limit)).astype(np.int64)
    overdue = accept + limit + np.clip(draw.waiting(24, 5.0 * HOUR, 2.0), 600, 3 * DAY).astype(np.int64)
    hard = np.where(redo[:, 1] == NEVER, NEVER, redo[:, 1] + 1800)
    last = np.where(rounds.callback == NEVER, -1, rounds.callback).max(axis=1)
    last = np.where(last >= 0, last, np.where(close == NEVER, NEVER, close))
    return Lives(
        dispatch=_step(accept + to_dispatch, sent),
        receivers=passed,
        returned=np.where(returned == NEVER, NEVER, accept[:, None] + returned),
        reassigned=np.where(reassigned == NEVER, NEVER, accept[:, None] + reassigned),
        sign=_step(accept + signed.astype(np.int64), sent),
        extended=_step(np.minimum(extended, reply - 600), extends),
        due=_step(accept + first_limit, sent),
        due_extended=_step(accept + limit, sent),
        urged=_step(urge, sent & (urge < reply) & (draw.uniform(40) < URGED)),
        supervised=np.stack([_step(overdue, sent & late & (overdue < reply)), hard], axis=1),
        reply=rounds.reply,
        close=rounds.close,
        callback=rounds.callback,
        redo=redo,
        # by night, on the third day after the last word
        archived=np.where(last == NEVER, NEVER, (last // DAY + 3) * DAY + 2 * HOUR),
        responded=draw.uniform(21) < 0.972,
        resolved=rounds.resolved,
        satisfaction=rounds.satisfaction,
    )


@dataclass(frozen=True)
class _Draws:
    """The chances of the orders, by stream."""

    plan: Plan
    order_id: np.ndarray

    def uniform(self, stream: int) -> np.ndarray:
        return uniform(self.order_id, stream, self.plan.seed)

    def waiting(self, stream: int, median: float | np.ndarray, shape: float) -> np.ndarray:
        return waiting(self.order_id, stream, self.plan.seed, median, shape)

    def some(self, which: np.ndarray) -> "_Draws":
        return _Draws(self.plan, self.order_id[which])


def _step(moment: np.ndarray, happens: np.ndarray) -> np.ndarray:
    return np.where(happens, moment, NEVER)


def _passed_on(
    city: World, draw: _Draws, known: Known, unfair: np.ndarray, clock: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who has each order first and after each return, and when (seconds after it came) it is returned and goes on.

    clock: when it is dispatched, and its limit.
    """
    to_dispatch, limit = clock
    pair = quarrelling(city)[known.org]
    share = np.where(unfair, 0.15, np.where(pair, 0.047, 0.020))
    which = np.flatnonzero(~known.direct & (draw.uniform(2) < share))
    shape = (len(known.order_id), MOST)
    returned, reassigned = np.full(shape, NEVER), np.full(shape, NEVER)
    passed = np.repeat(known.org[:, None].astype(np.int32), MOST + 1, axis=1)
    few = draw.some(which)
    times = times_returned(few.uniform(25), pair[which])
    refused = unfair[which] | (few.uniform(26) < 0.10)
    passed[which] = receivers(city, known.org[which], times, few.uniform(27) < 0.2, refused)
    spent = np.zeros(len(which))
    back, on = np.empty((len(which), MOST)), np.empty((len(which), MOST))
    for n in range(MOST):
        back[:, n] = spent + np.clip(few.waiting(3 + 100 * n, 80.0 * 60, 2.5), 600, 4 * HOUR)
        on[:, n] = back[:, n] + np.clip(few.waiting(4 + 100 * n, 40.0 * 60, 2.5), 300, 3 * HOUR)
        spent = on[:, n]
    whole = on[np.arange(len(which)), times - 1]
    hurry = np.minimum(1.0, 0.4 * limit[which] / whole)[:, None]  # those who pass it on know the limit, too
    happened = np.arange(MOST)[None, :] < times[:, None]
    for held, moment in ((returned, back), (reassigned, on)):
        held[which] = np.where(happened, to_dispatch[which][:, None] + (moment * hurry).astype(np.int64), NEVER)
    return passed, returned, reassigned


def _told(draw: _Draws, direct: np.ndarray, late: np.ndarray, unfair: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the caller says when first called back: resolved and satisfaction."""
    bad = 0.045 * np.where(direct, 0.45, 1.35 * np.where(late, 2.2, 1.0) * np.where(unfair, 3.6, 1.0))
    v, w = draw.uniform(14), draw.uniform(17)
    resolved = np.where(v < bad, 0, np.where(v < 2 * bad, 1, 2))
    resolved = np.where(draw.uniform(15) < 0.9, resolved, -1)
    unhappy = draw.uniform(16) < np.where(v < 2 * bad, 0.47, 0.024)
    said = np.where(unhappy, np.where(w < 0.75, 2, 1), np.where(w < 0.54, 5, np.where(w < 0.88, 4, 3)))
    return resolved, np.where(draw.uniform(18) < 0.86, said, 0)


@dataclass(frozen=True)
class _Rounds:
    """(n, ROUNDS) each; redo has one column less."""

    reply: np.ndarray
    close: np.ndarray
    callback: np.ndarray
    redo: np.ndarray
    resolved: np.ndarray
    satisfaction: np.ndarray


def _redone(
    draw: _Draws,
    sent: np.ndarray,
    unfair: np.ndarray,
    first: tuple[np.ndarray, np.ndarray, np.ndarray],
    told: tuple[np.ndarray, np.ndarray],
) -> _Rounds:
    """What follows the first callback: half of the failures are sent back, some of them twice, about half converted."""
    shape = (len(sent), ROUNDS)
    times = [np.full(shape, NEVER) for _ in range(4)]
    reply, close, callback, redo = times
    for held, moment in zip(times, first, strict=False):
        held[:, 0] = moment
    resolved, said = np.full(shape, -1, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    resolved[:, 0], said[:, 0] = told
    opens, closes = (NEVER, NEVER) if (drive := draw.plan.drive) is None else (epoch(drive[0]), epoch(drive[1]))
    for n in range(1, ROUNDS):
        failed = ((said[:, n - 1] > 0) & (said[:, n - 1] < 3)) | (resolved[:, n - 1] == 0)
        which = np.flatnonzero(sent & (callback[:, n - 1] != NEVER) & failed)
        again = draw.some(which)
        redone = again.uniform(19 + 100 * n) < (0.5 if n == 1 else 0.55)
        which, again = which[redone], again.some(redone)
        begun = callback[which, n - 1] + np.clip(again.waiting(20 + 100 * n, 2.0 * HOUR, 2.5), 600, DAY).astype(int)
        redo[which, n - 1] = begun
        reply[which, n] = begun + np.clip(again.waiting(28 + 100 * n, 2.2 * DAY, 2.5), 3 * HOUR, 6 * DAY).astype(int)
        close[which, n] = reply[which, n] + np.clip(again.waiting(29 + 100 * n, HOUR, 2.5), 300, 6 * HOUR).astype(int)
        heard = close[which, n] + np.clip(again.waiting(30 + 100 * n, 14.0 * HOUR, 2.5), 900, 5 * DAY).astype(int)
        callback[which, n] = heard
        driven = (heard >= opens) & (heard < closes)  # 不满意件办理攻关月
        won = again.uniform(31 + 100 * n) < np.where(unfair[which], 0.15, np.where(driven, 0.82, 0.46))
        u = again.uniform(32 + 100 * n)
        resolved[which, n] = np.where(won, 2, np.where(u < 0.6, 0, 1))
        said[which, n] = np.where(won, np.where(u < 0.5, 4, np.where(u < 0.75, 5, 3)), np.where(u < 0.75, 2, 1))
    return _Rounds(reply, close, callback, redo[:, :-1], resolved, said)


def _index(city: World, code: str) -> int:
    found = np.flatnonzero(city.organisations["code"].to_numpy() == code)
    return int(found[0]) if len(found) else -1


def _late_share(plan: Plan, city: World, known: Known) -> np.ndarray:
    """The chance that an order is closed late, by its street, category and time."""
    accept, street = known.accept, known.street
    harder = np.array([1.35 if leaf.mix == "report" else 0.9 if leaf.urgent else 1.0 for leaf in leaves()])
    share = np.append(plant(plan, city), 0.02)[street] * harder[known.leaf]  # UNPLACED: the last
    if "worsening" in plan.streets:
        begun = epoch(plan.until) - plan.worsening_days * DAY
        progress = np.clip((accept - begun) / (plan.worsening_days * DAY), 0, 1)
        worsening = street == city.street(plan.streets["worsening"])
        share = np.where(worsening, 0.021 + 0.075 * progress, share)
    return share
