"""Questions about the closed loop: how long orders take from step to step, what waits where, whether what came in and
went out explains what is open, and who sends orders back to whom.

All of the orders and their events themselves, so that medians are of the very rows. What happens at the moment asked
for has not happened yet, as in every count.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    DateTime,
    Double,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from data_access import cases
from data_access.areas import Area
from data_access.engine import columns, rows
from data_access.parts import among, each, open_at, under_way
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.schema import hotline_event as e
from data_access.schema import hotline_order as o
from data_access.where import ALL, END, FIRST, Where, bound, inside
from domain.periods import Span

# step: the moment on the order that ends it, and the step that it waits for until then
STEPS = {
    "dispatch": "dispatch_at",
    "sign": "sign_at",
    "reply": "reply_at",
    "close": "close_at",
    "callback": "callback_at",
}
REDO = "redo"


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


def _of(table: Any = e) -> ColumnElement[bool]:
    """The event belongs to the order. By its identity alone: comparing texts as well takes twice as long."""
    return table.c.order_id == o.c.order_id


def _seconds(start: ColumnElement, end: ColumnElement) -> ColumnElement[float]:
    """From start to end; NULL where the order of the two is wrong."""
    return case((end >= start, cast(extract("epoch", cast(end, DateTime) - cast(start, DateTime)), Double)))


def told_steps(told: frozenset[str]) -> tuple[str, ...]:
    """The steps whose moments the sources fill. told: fields of orders, '*' is all."""
    known = tuple(step for step, column in STEPS.items() if "*" in told or column in told)
    return known + ((REDO,) if "*" in told or {"events", "redo_at"} <= told else ())


def handling(steps: tuple[str, ...]) -> str:
    """The step that ends what the order's own limit is for: the reply; the closing where no reply is told."""
    return "reply" if "reply" in steps else "close"


def _begun(step: str, steps: tuple[str, ...]) -> ColumnElement:
    """The moment from which the order waits for the step: the end of the step before it that is told."""
    names = list(STEPS)
    before = [s for s in names[: names.index(step)] if s in steps]
    return o.c[STEPS[before[-1]]] if before else o.c.accept_at


def _step_ended(step: str, steps: tuple[str, ...], here: list[ColumnElement[bool]]) -> Select:
    """seconds, share: one row an order that ended the step in the span and was not answered on the call."""
    ended, begun = o.c[STEPS[step]], _begun(step, steps)
    source: Any = o
    where = [ended >= FIRST, ended < END, *here]
    share: ColumnElement = cast(null(), Double)
    if step != "callback":
        where.append(o.c.direct.is_not(True))
    else:  # the wait after a redone order was closed again is not that of its first closing
        begun = case((or_(o.c.redo_at.is_(None), o.c.redo_at >= ended), begun))
    if step == "sign" and REDO in steps:  # who signs in the end is not charged with what others had it for
        moved = _moved(here)
        source = o.outerjoin(moved, _of(moved))
        begun = case((moved.c.moved_at > begun, moved.c.moved_at), else_=begun)
    if step == handling(steps):
        limit = _seconds(o.c.accept_at, o.c.due_at)
        share = case((limit > 0, _seconds(begun, ended) / limit))
    took = _seconds(begun, ended).label("seconds")
    return select(took, share.label("share")).select_from(source).where(*where)


def _moved(here: list[ColumnElement[bool]]) -> Any:
    """order_id, moved_at: the last time that an order signed for in the span was passed on before that."""
    # the first dispatch comes first in a log, at most after the registration; one kind of event at a time: a list of
    # kinds is several times slower on DuckDB
    kinds = ((e.c.event == "reassigned",), (e.c.event == "dispatched", e.c.seq > 2))
    moves = (select(e.c.order_id, e.c.happened_at).where(*kind, *_known("signed_from")) for kind in kinds)
    every = union_all(*moves).subquery()
    signed = (o.c.sign_at >= FIRST, o.c.sign_at < END, every.c.happened_at <= o.c.sign_at, *here)
    last = func.max(every.c.happened_at).label("moved_at")
    return select(every.c.order_id, last).join(o, _of(every)).where(*signed).group_by(every.c.order_id).subquery()


def _known(low: str) -> tuple[ColumnElement[bool], ...]:
    """Of the events from the moment bound as `low` on: none of the orders asked can have earlier ones (see _lows)."""
    return (e.c.happened_at >= bindparam(low, type_=Moment), e.c.happened_at < END)


def _redone_lately(here: list[ColumnElement[bool]]) -> Subquery:
    """order_id, redo_at: sent back before :end, and not called back again before :first: then the redoing was over by
    then."""
    return each((o.c.order_id, o.c.redo_at), under_way(FIRST, END), *here)


@cache
def _lows(level: int, named: tuple[str, ...]) -> Select:
    """signed_from, redone_from: before them no event matters to what _step_ended and _redo_ended ask. Events lie in
    the order of time, so most of them need not be read."""
    here = inside(level, named)
    signed = select(func.min(o.c.accept_at)).where(o.c.sign_at >= FIRST, o.c.sign_at < END, *here)
    redone = select(func.min(_redone_lately(here).c.redo_at))
    return select(signed.scalar_subquery(), redone.scalar_subquery())


def _redo_ended(here: list[ColumnElement[bool]]) -> Select:
    """seconds, share: one row an order whose first redoing ended in the span, with the reply after it."""
    sent = _redone_lately(here)
    replied = (
        select(sent.c.redo_at, func.min(e.c.happened_at).label("done"))
        .join(e, e.c.order_id == sent.c.order_id)
        .where(*_known("redone_from"), e.c.event == "replied", e.c.happened_at >= sent.c.redo_at)
        .group_by(sent.c.order_id, sent.c.redo_at)
    ).subquery()
    seconds = _seconds(replied.c.redo_at, replied.c.done).label("seconds")
    return select(seconds, cast(null(), Double).label("share")).where(replied.c.done >= FIRST)


@cache
def _passed_asked(level: int, named: tuple[str, ...], steps: tuple[str, ...]) -> CompoundSelect:
    here = inside(level, named)
    both = literal_column("ARRAY[0.5, 0.9]")  # in one pass; both databases know it
    parts = []
    for step in steps:
        one = (_redo_ended(here) if step == REDO else _step_ended(step, steps, here)).subquery()
        times = func.percentile_cont(both).within_group(one.c.seconds)
        shares = func.percentile_cont(both).within_group(one.c.share) if step == handling(steps) else null()
        key = literal_column(f"'{step}'", String)
        parts.append(select(key, func.count(), func.count(one.c.seconds), times, cast(shares, ARRAY(Double))))
    return union_all(*parts)


@remembered
def passed(area: Area, span: Span, where: Where = ALL, steps: tuple[str, ...] = (*STEPS, REDO)) -> dict[str, Passed]:
    """What each of the steps took for the orders that ended it in the span; orders answered on the call count only in
    the callback. A step's time begins where the step before it of `steps` ended; that of the signature with the last
    passing on (改派) before it."""
    if not steps:
        return {}
    values = bound(area, where, first=span.start, end=span.end)
    if REDO in steps:
        lows = rows(_lows(area.level, where.named), values)[0]
        values |= {"signed_from": lows[0] or span.end, "redone_from": lows[1] or span.end}
    query = _passed_asked(area.level, where.named, steps)
    nothing = (None, None)
    return {
        step: Passed(count, timed, *(times or nothing), *(shares or nothing))
        for step, count, timed, times, shares in rows(query, values)
    }


@cache
def _waiting_asked(level: int, named: tuple[str, ...], steps: tuple[str, ...]) -> Select:
    # the last told step that has happened decides: who skips a step does not wait for it
    told = [step for step in STEPS if step in steps and step != "callback"]
    following = dict(pairwise(told))
    done = [(o.c[STEPS[step]] < END, literal_column(f"'{following[step]}'", String)) for step in reversed(told[:-1])]
    first = literal_column(f"'{told[0] if told else 'close'}'", String)
    step = (case(*done, else_=first) if done else first).label("step")
    some = each((step,), open_at(END), *inside(level, named))
    return select(some.c.step, func.count()).group_by(some.c.step)


@cache
def _sent_back_asked(level: int, named: tuple[str, ...]) -> Select:
    """order_id, begun: orders sent back more than once, by the events of the last half year, and by their row not
    called back since the last time."""
    last = (
        select(e.c.order_id, func.max(e.c.happened_at).label("begun"))
        .where(e.c.event == "redo", *_known("low"))
        .group_by(e.c.order_id)
    ).subquery()
    begun = last.c.begun
    waits = or_(o.c.callback_at.is_(None), o.c.callback_at <= begun, o.c.callback_at >= END)
    again = select(*last.c).join(o, _of(last))
    return again.where(o.c.redo_count > 1, waits, *inside(level, named))


@cache
def _replied_asked() -> Select:
    replied = select(e.c.order_id, func.max(e.c.happened_at))
    return replied.where(among(e.c.order_id), e.c.event == "replied", *_known("low")).group_by(e.c.order_id)


REDO_DAYS = 183  # an order sent back again and again that nobody replied to for longer is not found


def _redoing(area: Area, at: datetime, where: Where) -> int:
    """How many orders are being redone: sent back and not replied to since."""
    values = bound(area, where, low=at - min(timedelta(days=REDO_DAYS), at - datetime.min), end=at)
    begun: dict[int, datetime] = dict(map(tuple, rows(_sent_back_asked(area.level, where.named), values)))
    # of those sent back once the row tells when
    begun |= {row.order_id: row.redo_at for row in cases.under_way_at(area, at, where) if row.redo_count == 1}
    values = {"which": list(begun), "low": min(begun.values(), default=at), "end": at}
    replies = rows(_replied_asked(), values) if begun else []
    return len(begun) - sum(replied >= begun[order] for order, replied in replies)


@remembered
def waiting(area: Area, at: datetime, where: Where = ALL, steps: tuple[str, ...] = (*STEPS, REDO)) -> Waiting:
    """The open orders at the moment by the step that they wait for, counted from the orders themselves; being redone:
    orders that were closed before and are not open in the sense of any other count."""
    values = bound(area, where, end=at)
    known = dict.fromkeys((s for s in steps if s not in ("callback", REDO)), 0)
    known |= dict(map(tuple, rows(_waiting_asked(area.level, where.named, steps), values)))
    everything = sum(known.values())
    if REDO in steps:
        known[REDO] = _redoing(area, at, where)
    return Waiting(everything, known)


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


@cache
def _moved_asked(level: int, named: tuple[str, ...]) -> Select:
    """order_id, accept_at: orders that were moved in the span; an order moved twice comes twice."""
    span = (e.c.happened_at >= FIRST, e.c.happened_at < END)
    # one kind of event at a time: a list of kinds is several times slower on DuckDB
    moved = union_all(
        *(select(e.c.order_id).where(e.c.event == kind, *span) for kind in ("returned", "reassigned"))
    ).subquery()
    return select(o.c.order_id, o.c.accept_at).join(moved, _of(moved)).where(*inside(level, named))


@cache
def _bounces_asked() -> Select:
    """Of the orders :which, to which nothing happened before :low: the events before need not be read."""
    which = select(func.unnest(bindparam("which", type_=ARRAY(BigInteger))).label("order_id")).cte("which")
    known = and_(e.c.happened_at < bindparam("at", type_=Moment), e.c.happened_at >= bindparam("low", type_=Moment))
    mine = e.c.order_id == which.c.order_id
    steps = union_all(
        *(
            select(e.c.order_id, e.c.seq, e.c.event, e.c.happened_at, e.c.org)
            .join(which, mine)
            .where(e.c.event == kind, known)
            for kind in ("dispatched", "returned", "reassigned")
        )
    ).subquery()

    def beside(function: Any, column: ColumnElement) -> ColumnElement:
        order = (steps.c.happened_at, steps.c.seq)
        return function(column).over(partition_by=steps.c.order_id, order_by=order)

    told = select(
        *steps.c,
        beside(func.lag, steps.c.event).label("last_event"),
        beside(func.lag, steps.c.org).label("last_org"),
        beside(func.lead, steps.c.event).label("next_event"),
        beside(func.lead, steps.c.org).label("next_org"),
    ).subquery()
    back = told.c.event == "returned"
    holder = func.coalesce(told.c.last_org, "")
    bounce = (
        select(
            told.c.order_id,
            case((and_(back, told.c.org != ""), told.c.org), else_=holder).label("from_org"),
            case(
                (and_(back, told.c.next_event != "returned"), func.coalesce(told.c.next_org, "")),
                (back, literal_column("''", String)),
                else_=told.c.org,
            ).label("to_org"),
            told.c.event.label("kind"),
        )
        .where(told.c.happened_at >= FIRST, told.c.happened_at < END)
        .where(or_(back, and_(told.c.event == "reassigned", func.coalesce(told.c.last_event, "") != "returned")))
    ).subquery()
    times = func.count().over(partition_by=bounce.c.order_id).label("times")
    counted = select(bounce, times).subquery()
    worst = (
        func.first_value(counted.c.order_id)
        .over(
            partition_by=(counted.c.from_org, counted.c.to_org, counted.c.kind),
            order_by=(counted.c.times.desc(), counted.c.order_id),
        )
        .label("worst")
    )
    every = select(counted, worst).subquery()
    pair = (every.c.from_org, every.c.to_org, every.c.kind)
    distinct = func.count(every.c.order_id.distinct())
    return select(*pair, func.count(), distinct, func.max(every.c.times), func.min(every.c.worst)).group_by(*pair)


@remembered
def bounces(area: Area, span: Span, at: datetime, where: Where = ALL) -> Sequence[Bounce]:
    """The moves of orders between organisations that began in the span, as known at the moment, the most frequent
    first."""
    values = bound(area, where, first=span.start, end=span.end, at=at)
    moved = columns(_moved_asked(area.level, where.named), values)
    if not len(moved["order_id"]):
        return []
    low: datetime = moved["accept_at"].min().astype("datetime64[us]").item()
    which: list[int] = np.unique(moved["order_id"]).tolist()
    asked = {"first": span.start, "end": span.end, "at": at, "low": low, "which": which}
    found = [Bounce(*row) for row in rows(_bounces_asked(), asked)]
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
