"""Dissatisfied, supervised and hard cases (不满意件、督办件、难办件): how many, how old, and what became of them.

An order's row tells its first closing, its first return to be redone (重办) and its last callback. A second handling
goes on from the redo until the callback after it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, bindparam, case, func, or_, select

from data_access.areas import Area
from data_access.engine import rows
from data_access.parts import among, chosen, open_at, under_way
from data_access.remember import remembered
from data_access.schema import hotline_event as event
from data_access.schema import hotline_order as o
from data_access.where import ALL, AT, END, FIRST, Where, bound, inside
from domain.hotline_rules import rules
from domain.periods import Span

HARD_REDO = 2  # as the mark 'hard' of where.MARKS has it
AGES = (3, 7, 15, 30)  # days: up to 3, up to 7 ... and beyond


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


@cache
def _marked_asked(area: Area, named: tuple[str, ...]) -> Select:
    """Open orders that were ever supervised or sent back."""
    columns = (o.c.order_id, o.c.accept_at, o.c.supervised_at, o.c.returned_at)
    either = or_(o.c.supervised_at < AT, o.c.returned_at < AT)
    return chosen(columns, open_at(AT), either, *inside(area.level, named))


@cache
def _under_way_asked(area: Area, named: tuple[str, ...]) -> Select:
    columns = (o.c.order_id, o.c.accept_at, o.c.redo_at, o.c.redo_count)
    return chosen(columns, under_way(AT, AT), *inside(area.level, named))


@remembered
def under_way_at(area: Area, at: datetime, where: Where = ALL) -> Sequence[Any]:
    """order_id, accept_at, redo_at (the first), redo_count of the orders sent back before the moment and not called
    back since the first time."""
    return rows(_under_way_asked(area, where.named), bound(area, where) | {"at": at})


@cache
def _often_asked() -> Select:
    """Which of some orders were sent back often; none before :first."""
    of = (event.c.event == "returned", among(event.c.order_id))
    query = select(event.c.order_id).where(*of, event.c.happened_at >= FIRST, event.c.happened_at < AT)
    return query.group_by(event.c.order_id).having(func.count() >= bindparam("moves", type_=Integer()))


def _bounced(returned: Iterable[Any], at: datetime) -> list[datetime]:
    """When those of some returned orders that were sent back often were accepted."""
    some = list(returned)
    if not some:
        return []
    accepted = {row.order_id: row.accept_at for row in some}
    moves = {"at": at, "moves": rules(at.date()).hard_moves, "first": min(row.returned_at for row in some)}
    return [accepted[row.order_id] for row in rows(_often_asked(), moves | {"which": list(accepted)})]


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
    marked = rows(_marked_asked(area, where.named), bound(area, where) | {"at": at})
    supervised = [row.accept_at for row in marked if row.supervised_at and row.supervised_at < at]
    bounced = _bounced((row for row in marked if row.returned_at and row.returned_at < at), at)
    redone = under_way_at(area, at, where)
    hard = [row.accept_at for row in redone if (row.redo_count or 0) >= HARD_REDO]
    found = {"unhappy": [row.accept_at for row in redone], "supervised": supervised, "hard": hard + bounced}
    return {kind: _waiting(accepted, at) for kind, accepted in found.items()}


def _within(moment: ColumnElement) -> tuple[ColumnElement[bool], ...]:
    return moment >= FIRST, moment < END


@cache
def _came_asked(area: Area, named: tuple[str, ...], kind: str) -> Select:
    which = {
        "unhappy": (o.c.satisfaction <= 2, *_within(o.c.callback_at)),
        "supervised": _within(o.c.supervised_at),
        "hard": (o.c.redo_count >= HARD_REDO, *_within(o.c.redo_at)),
    }
    return select(func.count()).select_from(o).where(*which[kind], *inside(area.level, named))


@remembered
def came(area: Area, span: Span, where: Where = ALL) -> dict[str, int]:
    """How many became such a case in the span: unhappy (their last callback says so), supervised, hard (redone at least
    HARD_REDO times, by the first)."""
    values = bound(area, where) | {"first": span.start, "end": span.end}
    return {
        kind: rows(_came_asked(area, where.named, kind), values)[0][0] for kind in ("unhappy", "supervised", "hard")
    }


@cache
def _became_asked(area: Area, named: tuple[str, ...]) -> Select:
    rated = func.sum(case((o.c.satisfaction > 0, 1), else_=0))
    converted = func.sum(case((o.c.satisfaction >= 3, 1), else_=0))
    redone = (*_within(o.c.callback_at), o.c.redo_at.is_not(None), o.c.callback_at > o.c.redo_at)
    return select(func.count(), rated, converted).where(*redone, *inside(area.level, named))


@remembered
def became(area: Area, span: Span, where: Where = ALL) -> Became:
    """What became of second handlings."""
    values = bound(area, where) | {"first": span.start, "end": span.end}
    return Became(*(int(n or 0) for n in rows(_became_asked(area, where.named), values)[0]))
