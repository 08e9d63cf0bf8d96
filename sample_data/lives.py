"""The life of each order: when it is dispatched, signed, answered, closed and called back, and what the caller says.

A pure function of what stands on the order's row (handbook 1.2, 1.3), so the feed finds the same future that the build
would have written. Times are whole seconds since 1970 of the city's wall clock; NEVER means that it does not happen.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from sample_data.plan import Plan
from sample_data.randomness import uniform, waiting
from sample_data.vocabulary import LIMIT_HOURS, TYPES, URGENT_HOURS, leaves
from sample_data.world import World, plant

NEVER = np.int64(2**62)
HOUR, DAY = 3600, 86400
LIFE_DAYS = 75  # an order that is ever closed and called back is so within this many days


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


@dataclass(frozen=True)
class Lives:
    """One element an order."""

    dispatch: np.ndarray
    returned: np.ndarray
    reassigned: np.ndarray
    sign: np.ndarray
    due: np.ndarray
    reply: np.ndarray
    close: np.ndarray
    callback: np.ndarray
    redo: np.ndarray
    extended: np.ndarray
    supervised: np.ndarray
    responded: np.ndarray  # bool
    resolved: np.ndarray  # 2 1 0, -1: did not say
    satisfaction: np.ndarray  # 5..1, 0: did not say
    redo_count: np.ndarray


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
    order_id, accept, leaf, direct = known.order_id, known.accept, known.leaf, known.direct
    kind, org = known.kind, known.org

    def draw(stream: int) -> np.ndarray:
        return uniform(order_id, stream, plan.seed)

    def wait(stream: int, median, shape: float) -> np.ndarray:
        return waiting(order_id, stream, plan.seed, median, shape)

    urgent = np.array([each.urgent for each in leaves()])[leaf] & (kind != TYPES.index("consult"))
    urgent &= kind != TYPES.index("suggest")
    unfair = org == _index(city, plan.unfair)
    limit = np.where(urgent, URGENT_HOURS * HOUR, np.array(LIMIT_HOURS)[kind] * HOUR)

    to_dispatch = np.clip(wait(1, np.where(urgent, 5.0 * 60, 17.0 * 60), 2.2), 60, 6 * HOUR)
    sent_back = draw(2) < np.where(unfair, 0.11, 0.028)
    to_return = np.clip(wait(3, 80.0 * 60, 2.5), 600, 4 * HOUR)
    to_reassign = np.clip(wait(4, 40.0 * 60, 2.5), 300, 3 * HOUR)
    to_sign = np.clip(wait(5, 38.0 * 60, 2.0), 120, 4 * HOUR)
    signed = to_dispatch + np.where(sent_back, to_return + to_reassign, 0) + to_sign

    late_share = _late_share(plan, city, known) * np.where(unfair, 0.2, 1.0)
    late = draw(6) < late_share
    work = limit - signed - 900
    in_time = signed + 900 + work * np.where(unfair, 0.25, 0.97) * draw(7) ** 1.35
    too_late = limit + np.clip(wait(8, 0.7 * DAY, 1.25), 900, 45 * DAY)
    never = late & (draw(9) < 0.004)
    took = np.where(late, too_late, in_time)
    took = np.where(direct, np.clip(wait(10, 6.0 * 60, 3.0), 60, 3 * HOUR), took).astype(np.int64)
    review = np.minimum(wait(11, 1.2 * HOUR, 2.0), 0.3 * (took - signed))

    close = np.where(never & ~direct, NEVER, accept + took)
    calls = draw(12) < np.where(direct, 0.55, 0.92)
    callback = np.where(
        calls & (close != NEVER), close + np.clip(wait(13, 19.0 * HOUR, 2.0), 900, 9 * DAY).astype(np.int64), NEVER
    )
    worse = np.where(direct, 0.45, 1.35 * np.where(late, 2.2, 1.0) * np.where(unfair, 3.6, 1.0))
    v = draw(14)
    bad = 0.041 * worse
    resolved = np.where(v < bad, 0, np.where(v < 2 * bad, 1, 2))
    resolved = np.where(draw(15) < 0.9, resolved, -1)
    unhappy = draw(16) < np.where(v < 2 * bad, 0.47, 0.021)
    w = draw(17)
    said = np.where(unhappy, np.where(w < 0.75, 2, 1), np.where(w < 0.54, 5, np.where(w < 0.88, 4, 3)))
    said = np.where(draw(18) < 0.86, said, 0)
    again = draw(19)
    failed = (said > 0) & (said < 3) | (resolved == 0)
    redo_count = np.where(failed & (again < 0.45), 1, np.where(failed & (again < 0.5), 2, 0))
    redo_count = np.where(direct | (callback == NEVER), 0, redo_count)

    def step(moment: np.ndarray, happens: np.ndarray) -> np.ndarray:
        return np.where(happens, moment, NEVER)

    sent = ~direct
    return Lives(
        dispatch=step(accept + to_dispatch.astype(np.int64), sent),
        returned=step(accept + (to_dispatch + to_return).astype(np.int64), sent & sent_back),
        reassigned=step(accept + (to_dispatch + to_return + to_reassign).astype(np.int64), sent & sent_back),
        sign=step(accept + signed.astype(np.int64), sent),
        due=step(accept + limit, sent),
        reply=np.where(close == NEVER, NEVER, np.where(direct, close, accept + (took - review).astype(np.int64))),
        close=close,
        callback=callback,
        redo=step(callback + np.clip(wait(20, 2.0 * HOUR, 2.5), 600, DAY).astype(np.int64), redo_count > 0),
        extended=step(
            accept + (signed + (0.9 * limit - signed) * (0.4 + 0.6 * draw(22))).astype(np.int64),
            sent & ~urgent & (took > 0.9 * limit) & (draw(23) < 0.12),
        ),
        supervised=step(
            accept + limit + np.clip(wait(24, 5.0 * HOUR, 2.0), 600, 3 * DAY).astype(np.int64), sent & late
        ),
        responded=draw(21) < 0.972,
        resolved=resolved,
        satisfaction=said,
        redo_count=redo_count,
    )


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
        share = np.where(worsening, 0.021 + 0.046 * progress, share)
    return share
