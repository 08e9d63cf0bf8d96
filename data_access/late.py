"""Questions about what was late and when and how orders come, by two columns of the orders at once, which no sum tells
apart: all are asked of the orders themselves."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

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
from data_access.engine import rows
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.schema import hotline_order as o
from data_access.where import ALL, END, FIRST, Where, bound, inside
from domain.periods import Base, Span


class Due(NamedTuple):
    """Orders due in a span, and those of them that were not closed by their limit (handbook 1.4: the due cohort)."""

    row: str
    column: str
    due: int
    late: int


class Kind(NamedTuple):
    """Orders received of a channel and an appeal type in the span, and in the base."""

    channel: str
    appeal_type: str
    now: int
    base: int


@cache
def _due_asked(level: int, named: tuple[str, ...], row: str, column: str) -> Select:
    late = case((or_(o.c.close_at.is_(None), o.c.close_at > o.c.due_at), 1))
    keys = (o.c[row], o.c[column])
    due = (o.c.tracked.is_(True), o.c.due_at >= FIRST, o.c.due_at < END)
    return select(*keys, func.count(), func.count(late)).where(*due, *inside(level, named)).group_by(*keys)


@remembered
def due_by(area: Area, span: Span, row: str, column: str, where: Where = ALL) -> Sequence[Due]:
    """The orders due in the span by two columns of the orders (topic, org, street_code ...), in the order of codes."""
    query = _due_asked(area.level, where.named, row, column)
    return sorted(Due(*told) for told in rows(query, bound(area, where, first=span.start, end=span.end)))


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
    keys = (o.c.channel, o.c.appeal_type)
    made = [
        select(*keys, literal_column(str(i)).label("part"), func.count().label("n"))
        .where(*which, *inside(level, named))
        .group_by(*keys)
        for i, which in enumerate((now, before))
    ]
    return union_all(*made)


@remembered
def kinds(area: Area, span: Span, base: Base | None, where: Where = ALL) -> Sequence[Kind]:
    """The orders received by channel and appeal type, in the order of codes; without a base all of its counts are 0."""
    before = base.span if base else Span(span.start, span.start)
    values = bound(area, where, first=span.start, end=span.end, base_first=before.start, base_end=before.end)
    found: dict[tuple[str, str], list[int]] = {}
    for channel, kind, part, n in rows(_kinds_asked(area.level, where.named), values):
        found.setdefault((channel, kind), [0, 0])[part] += n
    return [Kind(*key, *counts) for key, counts in sorted(found.items())]
