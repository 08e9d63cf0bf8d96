"""Dissatisfied, supervised and hard cases (不满意件、督办件、难办件): how many, how old, and what became of them.

An order's row tells its first closing, its first return to be redone (重办) and its last callback. A second handling
goes on from the redo until the callback after it.
"""

from datetime import datetime
from functools import cache
from typing import NamedTuple

import numpy as np
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
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
from data_access.engine import columns, rows
from data_access.parts import chosen, each, open_at
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
def _supervised_asked(area: Area, named: tuple[str, ...]) -> Select:
    """accept_at of open orders that were ever supervised."""
    return chosen((o.c.accept_at,), open_at(AT), o.c.supervised_at < AT, *inside(area.level, named))


@cache
def _bounced_asked(area: Area, named: tuple[str, ...]) -> Select:
    """accept_at of open orders that were sent back :moves times."""
    some = each((o.c.order_id, o.c.accept_at), open_at(AT), o.c.returned_at < AT, *inside(area.level, named))
    often = (move.c.kind == "returned", move.c.nth == bindparam("moves", type_=Integer()), move.c.moment < AT)
    return select(some.c.accept_at).join(move, move.c.order_id == some.c.order_id).where(*often)


@cache
def _under_way_asked(area: Area, named: tuple[str, ...]) -> Select:
    """accept_at, often (1: a hard case) of the orders sent back before `at`, not called back since the first time."""
    table, here = source(redo, area.level, named)
    uncalled = or_(redo.c.callback_at.is_(None), redo.c.callback_at <= redo.c.moment, redo.c.callback_at >= AT)
    often = case((often_redone(redo), 1), else_=0).label("often")
    told = select(redo.c.accept_at, often).select_from(table)
    return told.where(redo.c.nth == 1, redo.c.moment < AT, uncalled, *here)


def _waiting(accepted: np.ndarray, at: datetime) -> Waiting:
    days = (np.datetime64(at, "s") - accepted.astype("datetime64[s]")).astype(np.int64) / 86400
    ages = np.bincount(np.searchsorted(AGES, days, side="left"), minlength=len(AGES) + 1)
    return Waiting(len(accepted), tuple(ages.tolist()))


@remembered
def waiting(area: Area, at: datetime, where: Where = ALL) -> dict[str, Waiting]:
    """What is not done: unhappy (a second handling goes on), supervised (not closed), hard (redone as often as
    rules.hard_redo and not called back since, or sent back rules.hard_moves times and not closed)."""
    values = bound(area, where, at=at)
    redone = columns(_under_way_asked(area, where.named), values)
    bounced = columns(_bounced_asked(area, where.named), values | {"moves": rules(at.date()).hard_moves})
    often = redone["accept_at"][redone["often"] > 0]
    found = {
        "unhappy": redone["accept_at"],
        "supervised": columns(_supervised_asked(area, where.named), values)["accept_at"],
        "hard": np.concatenate([often, bounced["accept_at"]]),
    }
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
def _handled_asked(area: Area, named: tuple[str, ...], spans: int) -> Select:
    """callback_at, satisfaction (0: none told) of second handlings called back from :from<n> until :until<n>."""
    table, here = source(redo, area.level, named)
    called = redo.c.callback_at
    within = (
        and_(called >= bindparam(f"from{n}", type_=Moment), called < bindparam(f"until{n}", type_=Moment))
        for n in range(spans)
    )
    query = select(called, func.coalesce(redo.c.satisfaction, 0).label("satisfaction")).select_from(table)
    return query.where(redo.c.nth == 1, called > redo.c.moment, or_(*within), *here)


@remembered
def became(area: Area, spans: tuple[Span, ...], where: Where = ALL) -> tuple[Became, ...]:
    """What became of second handlings in each of the spans."""
    if not spans:
        return ()
    values = bound(area, where)
    for n, span in enumerate(spans):
        values |= {f"from{n}": span.start, f"until{n}": span.end}
    told = columns(_handled_asked(area, where.named, len(spans)), values)
    called, said = told["callback_at"], told["satisfaction"]
    in_span = [said[(called >= np.datetime64(s.start)) & (called < np.datetime64(s.end))] for s in spans]
    return tuple(Became(len(mine), int((mine > 0).sum()), int((mine >= 3).sum())) for mine in in_span)
