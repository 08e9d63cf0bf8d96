"""Dissatisfied, supervised and hard cases (不满意件、督办件、难办件): how many, how old, and what became of them.

An order's row tells its first closing, its first return to be redone (重办) and its last callback. A second handling
goes on from the redo until the callback after it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, func, or_, select

from data_access.areas import Area
from data_access.engine import rows
from data_access.remember import remembered
from data_access.running import place_column
from data_access.schema import Moment
from data_access.schema import hotline_event as event
from data_access.schema import hotline_order as o
from data_access.where import ALL, Where, conditions
from domain.hotline_rules import rules
from domain.periods import Span

HARD_REDO = 2  # as the mark 'hard' of where.MARKS has it
AGES = (3, 7, 15, 30)  # days: up to 3, up to 7 ... and beyond
_AT = bindparam("at", type_=Moment)
_FIRST, _END = bindparam("first", type_=Moment), bindparam("end", type_=Moment)
_IS_OPEN = and_(o.c.tracked.is_(True), func.coalesce(o.c.close_at, _AT) >= _AT, o.c.accept_at < _AT)
_UNDER_WAY = and_(
    o.c.redo_at < _AT, or_(o.c.callback_at.is_(None), o.c.callback_at <= o.c.redo_at, o.c.callback_at >= _AT)
)


class Waiting(NamedTuple):
    """Cases of a kind that are not done at the moment. ages: how many are up to 3, 7, 15, 30 days old and older, from
    the moment they were accepted."""

    open: int
    ages: tuple[int, ...]


class Became(NamedTuple):
    """Second handlings (二次办理) whose callback lies in a span. rated: of them gave a rating; converted: rated
    basically satisfied or better (转满意)."""

    handled: int
    rated: int
    converted: int


def _here(area: Area, named: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [*([o.c[place_column(area.level)] == bindparam("place")] if area.level else []), *conditions(o, named)]


def _values(area: Area, where: Where) -> dict:
    return ({"place": area.code} if area.level else {}) | where.bound


@cache
def _supervised_asked(area: Area, named: tuple[str, ...]) -> Select:
    return select(o.c.accept_at).where(o.c.supervised_at < _AT, _IS_OPEN, *_here(area, named))


@cache
def _under_way_asked(area: Area, named: tuple[str, ...]) -> Select:
    return select(o.c.accept_at, o.c.redo_count).where(_UNDER_WAY, *_here(area, named))


@cache
def _bounced_asked(area: Area, named: tuple[str, ...]) -> Select:
    """Open orders that were sent back often."""
    some = select(o.c.order_id, o.c.accept_at).where(o.c.returned_at < _AT, _IS_OPEN, *_here(area, named)).subquery()
    times = (
        select(event.c.order_id)
        .where(event.c.event == "returned", event.c.happened_at < _AT, event.c.order_id.in_(select(some.c.order_id)))
        .group_by(event.c.order_id)
        .having(func.count() >= bindparam("moves", type_=Integer()))
    )
    return select(some.c.accept_at).where(some.c.order_id.in_(times))


def _waiting(accepted: Sequence[datetime], at: datetime) -> Waiting:
    ages = [0] * (len(AGES) + 1)
    for moment in accepted:
        days = (at - moment).total_seconds() / 86400
        ages[sum(days > limit for limit in AGES)] += 1
    return Waiting(len(accepted), tuple(ages))


@remembered
def waiting(area: Area, at: datetime, where: Where = ALL) -> dict[str, Waiting]:
    """What is not done: unhappy (a second handling goes on), supervised (not closed), hard (redone at least HARD_REDO
    times and not called back since, or sent back rules.hard_moves times and not closed)."""
    values = _values(area, where) | {"at": at}
    supervised = [row.accept_at for row in rows(_supervised_asked(area, where.named), values)]
    redone = rows(_under_way_asked(area, where.named), values)
    moves = {"moves": rules(at.date()).hard_moves}
    bounced = [row.accept_at for row in rows(_bounced_asked(area, where.named), values | moves)]
    hard = [row.accept_at for row in redone if (row.redo_count or 0) >= HARD_REDO]
    found = {"unhappy": [row.accept_at for row in redone], "supervised": supervised, "hard": hard + bounced}
    return {kind: _waiting(accepted, at) for kind, accepted in found.items()}


def _within(moment: ColumnElement) -> tuple[ColumnElement[bool], ...]:
    return moment >= _FIRST, moment < _END


@cache
def _came_asked(area: Area, named: tuple[str, ...], kind: str) -> Select:
    which = {
        "unhappy": (o.c.satisfaction <= 2, *_within(o.c.callback_at)),
        "supervised": _within(o.c.supervised_at),
        "hard": (o.c.redo_count >= HARD_REDO, *_within(o.c.redo_at)),
    }
    return select(func.count()).select_from(o).where(*which[kind], *_here(area, named))


@remembered
def came(area: Area, span: Span, where: Where = ALL) -> dict[str, int]:
    """How many became such a case in the span: unhappy (their last callback says so), supervised, hard (redone at least
    HARD_REDO times, by the first)."""
    values = _values(area, where) | {"first": span.start, "end": span.end}
    return {
        kind: rows(_came_asked(area, where.named, kind), values)[0][0] for kind in ("unhappy", "supervised", "hard")
    }


@cache
def _became_asked(area: Area, named: tuple[str, ...]) -> Select:
    rated = func.sum(case((o.c.satisfaction > 0, 1), else_=0))
    converted = func.sum(case((o.c.satisfaction >= 3, 1), else_=0))
    redone = (*_within(o.c.callback_at), o.c.callback_at > o.c.redo_at)
    return select(func.count(), rated, converted).where(*redone, *_here(area, named))


@remembered
def became(area: Area, span: Span, where: Where = ALL) -> Became:
    """What became of second handlings."""
    values = _values(area, where) | {"first": span.start, "end": span.end}
    return Became(*(int(n or 0) for n in rows(_became_asked(area, where.named), values)[0]))
