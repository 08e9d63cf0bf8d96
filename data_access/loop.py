"""Questions about the closed loop: how long orders take from step to step, what waits where, whether what came in and
went out explains what is open, and who sends orders back to whom.

Medians are of the very rows; of very many orders they follow from counts by day and size (see steps). What happens at
the moment asked for has not happened yet, as in every count.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    Subquery,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from data_access import steps
from data_access.areas import Area
from data_access.engine import columns, rows
from data_access.parts import each, open_at
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.schema import hotline_move as move
from data_access.schema import hotline_order as o
from data_access.schema import hotline_redo as redo
from data_access.steps import ALL_STEPS, LAST, REDO, SHARE, STEPS, UNTOLD, WHOLE
from data_access.where import ALL, AT, END, FIRST, Where, bound, inside, source
from domain.histogram import buckets, quantiles
from domain.periods import Span


class Passed(NamedTuple):
    """The orders that ended a step in a span. timed: those of them whose time in the step is known; median, p90: of
    these, in seconds; of_limit, of_limit_p90: as a share of the order's own limit, of those that have one."""

    passed: int = 0
    timed: int = 0
    median: float | None = None
    p90: float | None = None
    of_limit: float | None = None
    of_limit_p90: float | None = None


class Waiting(NamedTuple):
    """Orders that waited for each step at a moment. open: all of them but those being redone, counted by themselves."""

    open: int
    by_step: dict[str, int]


# ---- how long steps took ---------------------------------------------------------------------------------------------

EXACT = 20_000  # closings: of more of them in the city or a district the times are those of buckets


@cache
def _passed_asked(level: int, named: tuple[str, ...], told: tuple[str, ...], asked: tuple[str, ...]) -> Select:
    """Of each step its place in ALL_STEPS, and the fields of Passed. told: the steps that there are, asked: those
    wanted. Seconds are told of all steps at once: of each by itself takes twice as long to plan."""
    here = inside(level, named)
    each = steps.numbered({s: steps.ended(s, told, here) for s in asked}).subquery()
    took = select(each.c.step, steps.seconds(each).label("seconds"), steps.share(each).label("share")).subquery()
    both = literal_column("ARRAY[0.5, 0.9]")  # in one pass; both databases know it
    times, shares = (func.percentile_cont(both).within_group(took.c[name]) for name in ("seconds", "share"))
    return select(took.c.step, func.count(), func.count(took.c.seconds), times, shares).group_by(took.c.step)


def _exactly(area: Area, span: Span, where: Where, told: tuple[str, ...], asked: tuple[str, ...]) -> dict[str, Passed]:
    nothing = (None, None)
    values = bound(area, where, first=span.start, end=span.end)
    found = {
        ALL_STEPS[step]: Passed(count, timed, *(times or nothing), *(shares or nothing))
        for step, count, timed, times, shares in rows(_passed_asked(area.level, where.named, told, asked), values)
    }
    return {step: found.get(step, Passed()) for step in asked}


def _redone(area: Area, span: Span, where: Where) -> Passed:
    """Of the few orders that were redone: read as they are, since to have the database count takes longer to plan."""
    found = columns(steps.redone(area.level, where.named), bound(area, where, first=span.start, end=span.end))
    took = (found["ended"] - found["begun"]).astype("timedelta64[s]").astype(np.int64)
    return _told(len(took), took[took >= 0])


def _told(count: int, seconds: np.ndarray, shares: np.ndarray | None = None) -> Passed:
    parts = (
        np.quantile(of, (0.5, 0.9)).tolist() if of is not None and len(of) else (None, None) for of in (seconds, shares)
    )
    return Passed(count, len(seconds), *next(parts), *next(parts))


class _Sizes:
    """How many orders of a place took how long in a span, in buckets, by step: of whole days as counted, of parts of
    days by the orders themselves."""

    def __init__(self, area: Area, span: Span) -> None:
        self.area, self.span = area, span
        begin, self.today = (datetime.combine(moment.date(), time.min) for moment in (span.start, span.end))
        self.after = begin if begin == span.start else begin + timedelta(days=1)
        place = area.code if area.level else steps.CITY
        days = {"in_place": place, "day": self.after.date(), "until": self.today.date()}
        self.days = columns(steps.of_days(), days)

    @property
    def closed(self) -> int:
        """On whole days."""
        return int(self.days["n"][self.days["step"] == "close"].sum())

    def passed(self) -> dict[str, Passed]:
        """Their quantiles err by a 64th at most, far less as a rule."""
        step, seconds, n, today = (self.days[name] for name in ("step", "seconds", "n", "today"))
        lasts = seconds[(step == LAST) & (today > 0)]
        until = self.today
        if not len(lasts) or until + timedelta(seconds=int(lasts.max()) + 1) <= self.span.end:
            until += timedelta(days=1)  # nothing of the day is later
            n = n + today
        told = [(step, seconds, n)]
        for first, end in (self.span.start, min(self.after, self.span.end)), (max(until, self.after), self.span.end):
            if first < end:
                values = bound(self.area, ALL, first=first, end=end)
                told += _one_by_one(columns(steps.of_orders(self.area.level), values))
        return _quantiles(*(np.concatenate(some) for some in zip(*told, strict=True)))


def _one_by_one(found: dict[str, np.ndarray]) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """step, seconds, n of some orders that were read."""
    names, each = np.array(ALL_STEPS), np.ones(len(found["step"]), np.int64)
    mine = found["step"] == ALL_STEPS.index(steps.handling(ALL_STEPS))
    share = found["share"][mine]
    whole = buckets(np.where(share < 0, share, share * WHOLE))
    took = (names[found["step"]], buckets(found["seconds"]), each)
    return [took, (np.full(len(share), SHARE), whole, each[mine])]


def _quantiles(step: np.ndarray, seconds: np.ndarray, n: np.ndarray) -> dict[str, Passed]:
    found, timed, halves = {}, seconds >= 0, (0.5, 0.9)
    for name in STEPS:
        mine = step == name
        known = mine & timed
        told = quantiles(seconds[known], n[known], halves) or (None, None)
        found[name] = Passed(int(n[mine].sum()), int(n[known].sum()), *told)
    shares = (step == SHARE) & timed
    told = quantiles(seconds[shares], n[shares], halves)
    own = steps.handling(ALL_STEPS)
    if told:
        found[own] = found[own]._replace(of_limit=told[0] / WHOLE, of_limit_p90=told[1] / WHOLE)
    return found


def _of_street(
    area: Area, span: Span, where: Where, told: tuple[str, ...], asked: tuple[str, ...]
) -> dict[str, Passed]:
    """The same of a street: its orders are read once, from the first to the last that came in and ended a step."""
    days = {"in_place": area.code, "day": span.start.date(), "until": span.end.date()}
    oldest, newest = rows(steps.came(), days)[0]
    if oldest is None:
        return dict.fromkeys(asked, Passed())
    since, until = (datetime(1970, 1, 1) + timedelta(days=day) for day in (oldest, newest + 1))
    values = bound(area, where, first=span.start, end=span.end, since=since, until=until)
    found = columns(steps.lives(area.level, where.named), values)
    lived = {
        name: told.astype("datetime64[s]").astype(np.int64) if name != "direct" else told.astype(bool)
        for name, told in found.items()
    }
    return {step: _one_step(lived, span, step, told) for step in asked}


def _one_step(lived: dict[str, np.ndarray], span: Span, step: str, told: tuple[str, ...]) -> Passed:
    """As steps.ended, of orders that were read: their moments in seconds."""
    before = [STEPS[s] for s in list(STEPS)[: list(STEPS).index(step)] if s in told]
    begun, end = lived[before[-1] if before else "accept_at"], lived[STEPS[step]]
    first, last, untold = (np.datetime64(moment, "s").astype(np.int64) for moment in (span.start, span.end, UNTOLD))
    mine = (end >= first) & (end < last)
    known = begun != untold
    if step == "callback":
        known &= (lived["redo_at"] == untold) | (lived["redo_at"] >= end)
    else:
        mine &= ~lived["direct"]
    if step == "sign" and REDO in told:
        begun = np.maximum(begun, lived["moved_at"])
    timed = mine & known & (end >= begun)
    seconds = (end - begun)[timed]
    shares = np.empty(0)
    if step == steps.handling(told):
        limit = (lived["due_at"] - lived["accept_at"])[timed]
        shares = seconds[limit > 0] / limit[limit > 0]
    return _told(int(mine.sum()), seconds, shares)


@remembered
def passed(area: Area, span: Span, where: Where = ALL, told: tuple[str, ...] = ALL_STEPS) -> dict[str, Passed]:
    """What each of the steps took for the orders that ended it in the span; orders answered on the call count only in
    the callback. A step's time begins where the step before it of `told` ended; that of the signature with the last
    passing on (改派) before it. Of the city and of a district the times of more than EXACT closings are told by
    buckets."""
    redone = {REDO: _redone(area, span, where)} if REDO in told else {}
    if told == ALL_STEPS and area.level <= 1 and where == ALL:
        sizes = _Sizes(area, span)
        if sizes.closed > EXACT:
            return sizes.passed() | redone
    some = tuple(step for step in told if step != REDO)
    if not some:
        return redone
    return (_of_street if area.level == 2 else _exactly)(area, span, where, told, some) | redone


# ---- what waits ------------------------------------------------------------------------------------------------------


@cache
def _waiting_asked(level: int, named: tuple[str, ...], told: tuple[str, ...]) -> Select | CompoundSelect:
    """step, n."""
    # the last told step that has happened decides: who skips a step does not wait for it
    known = [step for step in STEPS if step in told and step != "callback"]
    following = dict(pairwise(known))
    done = [(o.c[STEPS[step]] < END, literal_column(f"'{following[step]}'", String)) for step in reversed(known[:-1])]
    first = literal_column(f"'{known[0] if known else 'close'}'", String)
    step = (case(*done, else_=first) if done else first).label("step")
    some = each((step,), open_at(END), *inside(level, named))
    waiting = select(some.c.step, func.count().label("n")).group_by(some.c.step)
    return union_all(waiting, _redoing(level, named)) if REDO in told else waiting


def _redoing(level: int, named: tuple[str, ...]) -> Select:
    table, here = source(redo, level, named)
    unanswered = or_(redo.c.replied_at.is_(None), redo.c.replied_at >= END)
    uncalled = or_(redo.c.callback_at.is_(None), redo.c.callback_at <= redo.c.moment, redo.c.callback_at >= END)
    query = select(literal_column(f"'{REDO}'", String), func.count(redo.c.order_id.distinct())).select_from(table)
    return query.where(redo.c.moment < END, unanswered, uncalled, *here)


@remembered
def waiting(area: Area, at: datetime, where: Where = ALL, told: tuple[str, ...] = ALL_STEPS) -> Waiting:
    """The open orders at the moment by the step that they wait for, counted from the orders themselves; being redone
    (sent back and not replied to since): orders that were closed before and are not open in the sense of any other
    count."""
    known = dict.fromkeys((step for step in told if step != "callback"), 0)
    asked = rows(_waiting_asked(area.level, where.named, told), bound(area, where, end=at))
    known |= dict(map(tuple, asked))
    return Waiting(sum(n for step, n in known.items() if step != REDO), known)


# ---- who sends orders back to whom -----------------------------------------------------------------------------------


class Bounce(NamedTuple):
    """Orders that went from one organisation to another. to_org: '' while nobody has them; from_org itself where the
    return was refused (退单不当). kind: returned (退单, then passed on) | reassigned (改派 without a return).
    orders: distinct ones; most: how often the one of them that was moved most often was, in the span; order_id: it."""

    from_org: str
    to_org: str
    kind: str
    n: int
    orders: int
    most: int
    order_id: int


_SPAN = (move.c.moment >= FIRST, move.c.moment < END, move.c.kind != "dispatched")


def _begun(level: int, named: tuple[str, ...]) -> Subquery:
    """from_org, to_org, kind, order_id of the moves that began between :first and :end, as known at :at."""
    table, here = source(move, level, named)
    to_org = case((move.c.passed_at < AT, move.c.to_org), else_=literal_column("''", String)).label("to_org")
    one = select(move.c.from_org, to_org, move.c.kind, move.c.order_id).select_from(table)
    return one.where(*_SPAN, *here).subquery()


def _pair(of: Any) -> tuple[ColumnElement, ...]:
    return of.c.from_org, of.c.to_org, of.c.kind


@cache
def _bounces_asked(level: int, named: tuple[str, ...]) -> Select:
    """from_org, to_org, kind, moves, the least order_id."""
    one = _begun(level, named)
    return select(*_pair(one), func.count(), func.min(one.c.order_id)).group_by(*_pair(one))


@cache
def _often_asked(level: int, named: tuple[str, ...]) -> Select:
    """from_org, to_org, kind, times, moves, orders, the least order_id: of the few orders that were moved more than
    once, by how often."""
    again = func.count() > 1
    often = select(move.c.order_id, func.count().label("times")).where(*_SPAN).group_by(move.c.order_id).having(again)
    few = often.subquery()
    one = _begun(level, named)
    keys = (*_pair(one), few.c.times)
    counts = (func.count(), func.count(one.c.order_id.distinct()), func.min(one.c.order_id))
    return select(*keys, *counts).join(few, few.c.order_id == one.c.order_id).group_by(*keys)


@remembered
def bounces(area: Area, span: Span, at: datetime, where: Where = ALL) -> Sequence[Bounce]:
    """The moves of orders between organisations that began in the span, as known at the moment, the most frequent
    first."""
    values = bound(area, where, first=span.start, end=span.end, at=at)
    often: dict[tuple[str, ...], list[tuple[int, ...]]] = defaultdict(list)
    for *pair, times, moves, orders, least in rows(_often_asked(area.level, where.named), values):
        often[tuple(pair)].append((times, moves, orders, least))
    found = []
    for a, b, kind, n, least in rows(_bounces_asked(area.level, where.named), values):
        some = often[a, b, kind]
        most, _, _, worst = max(some, default=(1, 0, 0, least))
        orders = n + sum(orders - moves for _, moves, orders, _ in some)
        found.append(Bounce(a, b, kind, n, orders, most, worst))
    return sorted(found, key=lambda b: (-b.n, b.from_org, b.to_org, b.kind))


@cache
def _returned_asked(level: int, named: tuple[str, ...]) -> Select:
    back = case((o.c.returned_at < bindparam("at", type_=Moment), 1))
    return select(func.count(), func.count(back)).where(
        o.c.dispatch_at >= FIRST, o.c.dispatch_at < END, *inside(level, named)
    )


@remembered
def returned(area: Area, span: Span, at: datetime, where: Where = ALL) -> tuple[int, int]:
    """(dispatched, returned): the orders dispatched in the span, and those of them that were sent back at least once
    by the moment: the parts of the return rate (退单率)."""
    values = bound(area, where, first=span.start, end=span.end, at=at)
    dispatched, back = rows(_returned_asked(area.level, where.named), values)[0]
    return dispatched, back
