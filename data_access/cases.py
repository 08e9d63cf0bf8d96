"""Dissatisfied, supervised and hard cases (不满意件、督办件、难办件): how many, how old, and what became of them.

An order's row tells its first closing, its first return to be redone (重办) and its last callback. A second handling
goes on from the redo until the callback after it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from data_access import hotline
from data_access.areas import Area
from data_access.engine import rows
from data_access.parts import among, chosen, open_at
from data_access.remember import remembered
from data_access.running import cube_of
from data_access.schema import Moment
from data_access.schema import hotline_move as move
from data_access.schema import hotline_order as o
from data_access.schema import hotline_redo as redo
from data_access.where import ALL, AT, END, FIRST, Where, bound, inside, often_redone, source
from domain.hotline_rules import rules
from domain.periods import Base, Span

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
    table, here = source(redo, area.level, named)
    columns = (redo.c.order_id, redo.c.accept_at, redo.c.moment, redo.c.redo_count, often_redone(redo).label("often"))
    uncalled = or_(redo.c.callback_at.is_(None), redo.c.callback_at <= redo.c.moment, redo.c.callback_at >= AT)
    return select(*columns).select_from(table).where(redo.c.nth == 1, redo.c.moment < AT, uncalled, *here)


@remembered
def under_way_at(area: Area, at: datetime, where: Where = ALL) -> Sequence[Any]:
    """order_id, accept_at, moment (of the first time), redo_count, often (a hard case) of the orders sent back before
    `at` and not called back since the first time."""
    return rows(_under_way_asked(area, where.named), bound(area, where) | {"at": at})


@cache
def _often_asked() -> Select:
    """Which of some orders were sent back often; none before :first."""
    of = (move.c.kind == "returned", move.c.nth == bindparam("moves", type_=Integer()), among(move.c.order_id))
    return select(move.c.order_id).where(*of, move.c.moment >= FIRST, move.c.moment < AT)


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
    """What is not done: unhappy (a second handling goes on), supervised (not closed), hard (redone as
    often as rules.hard_redo and not called back since, or sent back rules.hard_moves times and not closed)."""
    marked = rows(_marked_asked(area, where.named), bound(area, where) | {"at": at})
    supervised = [row.accept_at for row in marked if row.supervised_at and row.supervised_at < at]
    bounced = _bounced((row for row in marked if row.returned_at and row.returned_at < at), at)
    redone = under_way_at(area, at, where)
    hard = [row.accept_at for row in redone if row.often]
    found = {"unhappy": [row.accept_at for row in redone], "supervised": supervised, "hard": hard + bounced}
    return {kind: _waiting(accepted, at) for kind, accepted in found.items()}


def _within(moment: ColumnElement) -> tuple[ColumnElement[bool], ...]:
    return moment >= FIRST, moment < END


@cache
def _came_asked(area: Area, named: tuple[str, ...], kinds: tuple[str, ...]) -> CompoundSelect:
    """How many of each kind, in their order."""
    table, here = source(redo, area.level, named)
    mine = inside(area.level, named)
    of = {
        "unhappy": (o, (o.c.satisfaction <= 2, *_within(o.c.callback_at), *mine)),
        "supervised": (o, (*_within(o.c.supervised_at), *mine)),
        "hard": (table, (redo.c.nth == 1, often_redone(redo), *_within(redo.c.moment), *here)),
    }
    parts = ((n, *of[kind]) for n, kind in enumerate(kinds))
    return union_all(
        *(select(literal_column(str(n)), func.count()).select_from(some).where(*where) for n, some, where in parts)
    )


@remembered
def came(area: Area, span: Span, where: Where = ALL, base: Base | None = None) -> dict[str, int]:
    """How many became such a case in the span: unhappy (their last callback says so), supervised, hard (redone as often
    as rules.hard_redo, by the first). base: what the page compares with, so that totals are asked once."""
    kinds = ("unhappy", "supervised", "hard")
    found: dict[str, int] = {}
    if cube_of(area, None, where) is not None:  # what is rated and not satisfied
        told = hotline.totals(area, span, base, where)["now"]
        found["unhappy"] = told.rated - told.satisfied
    asked = tuple(kind for kind in kinds if kind not in found)
    values = bound(area, where, first=span.start, end=span.end)
    found |= {asked[n]: count for n, count in rows(_came_asked(area, where.named, asked), values)}
    return {kind: found[kind] for kind in kinds}


@cache
def _became_asked(area: Area, named: tuple[str, ...], spans: int) -> CompoundSelect:
    """n, handled, rated, converted in the span from :from<n> until :until<n>."""
    rated = func.sum(case((redo.c.satisfaction > 0, 1), else_=0))
    converted = func.sum(case((redo.c.satisfaction >= 3, 1), else_=0))
    table, here = source(redo, area.level, named)
    called = redo.c.callback_at
    each = []
    for n in range(spans):
        within = (called >= bindparam(f"from{n}", type_=Moment), called < bindparam(f"until{n}", type_=Moment))
        query = select(literal_column(str(n)), func.count(), rated, converted).select_from(table)
        each.append(query.where(redo.c.nth == 1, called > redo.c.moment, *within, *here))
    return union_all(*each)


@remembered
def became(area: Area, spans: tuple[Span, ...], where: Where = ALL) -> tuple[Became, ...]:
    """What became of second handlings in each of the spans."""
    values = bound(area, where)
    for n, span in enumerate(spans):
        values |= {f"from{n}": span.start, f"until{n}": span.end}
    told = sorted(rows(_became_asked(area, where.named, len(spans)), values)) if spans else []
    return tuple(Became(*(int(count or 0) for count in counts)) for _, *counts in told)
