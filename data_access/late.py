"""Questions about what was late and when and how orders come, by two columns of the orders at once, which no sum tells
apart: all are asked of the orders themselves."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from sqlalchemy import (
    CompoundSelect,
    Integer,
    Select,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from data_access.areas import Area
from data_access.engine import columns, numbered, rows
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.schema import hotline_order as o
from data_access.where import ALL, END, FIRST, Where, bound, inside
from domain.periods import Base, Span


class Due(NamedTuple):
    """Orders due in a span by two of their columns, and those of them that were not closed by their limit (handbook
    1.4: the due cohort). due, late: a line for each of `rows`, in it a number for each of `columns`; both in the order
    of their codes."""

    rows: list[str]
    columns: list[str]
    due: np.ndarray
    late: np.ndarray


class Kind(NamedTuple):
    """Orders received of a channel, an appeal type and a line ('' the general one) in the span, and in the base."""

    channel: str
    appeal_type: str
    line: str
    now: int
    base: int


@cache
def _due_asked(level: int, named: tuple[str, ...], row: str, column: str) -> Select:
    late = case((or_(o.c.close_at.is_(None), o.c.close_at > o.c.due_at), 1))
    keys = (o.c[row].label("row"), o.c[column].label("column"))
    due = (o.c.tracked.is_(True), o.c.due_at >= FIRST, o.c.due_at < END)
    counts = (func.count().label("due"), func.count(late).label("late"))
    return select(*keys, *counts).where(*due, *inside(level, named)).group_by(o.c[row], o.c[column])


@remembered
def due_by(area: Area, span: Span, row: str, column: str, where: Where = ALL) -> Due:
    """The orders due in the span by two columns of the orders (topic, org, street_code ...)."""
    query = _due_asked(area.level, where.named, row, column)
    told = columns(query, bound(area, where, first=span.start, end=span.end))
    (down, i), (across, j) = numbered(told["row"]), numbered(told["column"])
    due, late = np.zeros((2, len(down), len(across)), np.int64)
    due[i, j], late[i, j] = told["due"], told["late"]
    return Due(down, across, due, late)


@cache
def _hours_asked(level: int, named: tuple[str, ...]) -> Select:
    weekday = cast(extract("isodow", o.c.accept_at), Integer).label("weekday")
    hour = cast(extract("hour", o.c.accept_at), Integer).label("hour")
    received = (o.c.accept_at >= FIRST, o.c.accept_at < END, *inside(level, named))
    return select(weekday, hour, func.count()).where(*received).group_by("weekday", "hour")


@remembered
def by_hour(area: Area, span: Span, where: Where = ALL) -> dict[tuple[int, int], int]:
    """(weekday, hour) -> orders received in the span. weekday: 1 Monday .. 7 Sunday; hour: 0 .. 23."""
    found = rows(_hours_asked(area.level, where.named), bound(area, where, first=span.start, end=span.end))
    return {(weekday, hour): n for weekday, hour, n in found}


@cache
def _kinds_asked(level: int, named: tuple[str, ...]) -> CompoundSelect:
    now = (o.c.accept_at >= FIRST, o.c.accept_at < END)
    base_first, base_end = (bindparam(name, type_=Moment) for name in ("base_first", "base_end"))
    before = (o.c.accept_at >= base_first, o.c.accept_at < base_end)
    keys = (o.c.channel, o.c.appeal_type, func.coalesce(o.c.line, ""))
    made = [
        select(*keys, literal_column(str(i)).label("part"), func.count().label("n"))
        .where(*which, *inside(level, named))
        .group_by(*keys)
        for i, which in enumerate((now, before))
    ]
    return union_all(*made)


@remembered
def kinds(area: Area, span: Span, base: Base | None, where: Where = ALL) -> Sequence[Kind]:
    """The orders received by channel, appeal type and line, in the order of codes; without a base all of
    its counts are 0."""
    before = base.span if base else Span(span.start, span.start)
    values = bound(area, where, first=span.start, end=span.end, base_first=before.start, base_end=before.end)
    found: dict[tuple[str, str, str], list[int]] = {}
    for *key, part, n in rows(_kinds_asked(area.level, where.named), values):
        found.setdefault(tuple(key), [0, 0])[part] += n
    return [Kind(*key, *counts) for key, counts in sorted(found.items())]
