"""What people call about: orders received by category, of any level, and what was expected of each."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, case, func, literal_column, select

from data_access import coverage, hotline
from data_access.areas import Area
from data_access.engine import rows
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.schema import hotline_order as o
from data_access.where import ALL, Where, bound, inside
from domain.bursts import baseline, score
from domain.hotline_rules import rules
from domain.periods import Base, Span

MOST_DAYS = 7  # of a period are held against the weeks before; weeks of longer windows would overlap


class Received(NamedTuple):
    """Orders of a category in a span and in its base (None: no base)."""

    code: str
    now: int
    base: int | None


class Emerging(NamedTuple):
    """Orders of a category in the window, what was expected and how unusual that is; weeks: the same window in each of
    the weeks before, oldest first, None where orders were not loaded."""

    code: str
    topic: str
    now: int
    expected: float
    z: float
    weeks: tuple[int | None, ...]


def _inside(name: str) -> ColumnElement[bool]:
    start, end = (bindparam(f"{name}_{edge}", type_=Moment) for edge in ("first", "end"))
    return (o.c.accept_at >= start) & (o.c.accept_at < end)


def _received(rows_: Iterable[hotline.Row]) -> tuple[Received, ...]:
    return tuple(Received(row.code, row.now.received, row.base.received if row.base else None) for row in rows_)


def by_category(area: Area, span: Span, base: Base | None, where: Where = ALL) -> tuple[Received, ...]:
    """One row a deepest category with orders in either span, in code order."""
    return _received(hotline.by_value(area, span, base, "category", where, names=("received",)))


def by_topic(area: Area, span: Span, base: Base | None, where: Where = ALL) -> tuple[Received, ...]:
    """One row a level-2 category."""
    return _received(hotline.topics(area, span, base, where))


def by_group(area: Area, span: Span, base: Base | None, where: Where = ALL) -> tuple[Received, ...]:
    """One row a level-1 category."""
    sums: dict[str, list[int]] = {}
    for row in by_topic(area, span, base, where):
        mine = sums.setdefault(hotline.group_of(row.code), [0, 0])
        mine[0] += row.now
        mine[1] += row.base or 0
    return tuple(Received(code, now, before if base else None) for code, (now, before) in sorted(sums.items()))


# ---- what is unusual -------------------------------------------------------------------------------------------------


def window(span: Span) -> Span:
    """The part of a span that is held against the weeks before: its last days, no more than MOST_DAYS."""
    return Span(max(span.start, span.end - timedelta(days=MOST_DAYS)), span.end)


@cache
def _weeks_asked(area: Area, named: tuple[str, ...], weeks: int, whole: bool) -> Select:
    """category, week (0: the window itself), orders. whole: windows are as long as weeks."""
    within = [_inside(f"week{k}") for k in range(weeks + 1)]
    if whole:  # they touch: the first that begins early enough
        within = [o.c.accept_at >= bindparam(f"week{k}_first", type_=Moment) for k in range(weeks + 1)]
    number = case(*((inside, literal_column(str(k))) for k, inside in enumerate(within))).label("week")
    some = (
        select(o.c.category, number)
        .where(
            o.c.accept_at >= bindparam("since", type_=Moment),
            o.c.accept_at < bindparam("week0_end", type_=Moment),
            *inside(area.level, named),
        )
        .subquery()
    )
    keys = (some.c.category, some.c.week)
    return select(*keys, func.count()).where(some.c.week.is_not(None)).group_by(*keys)


@remembered
def emerging(area: Area, span: Span, where: Where = ALL) -> tuple[Emerging, ...]:
    """Deepest categories whose orders in window(span) are more than expected, the most unusual first. Expected: the
    mean of the same window in the rules' weeks before without the largest, as for bursts."""
    of, now = rules(span.end.date()), window(span)
    spans = [Span(now.start - timedelta(weeks=k), now.end - timedelta(weeks=k)) for k in range(of.burst_weeks + 1)]
    values = bound(area, where) | {"since": spans[-1].start}
    for k, some in enumerate(spans):
        values |= {f"week{k}_first": some.start, f"week{k}_end": some.end}
    counts: dict[str, list[int]] = {}
    for code, week, n in rows(
        _weeks_asked(area, where.named, of.burst_weeks, now.end - now.start == timedelta(weeks=1)), values
    ):
        counts.setdefault(code, [0] * len(spans))[week] = n
    known = [coverage.covers(some) for some in spans[1:]]
    if not any(known):
        return ()
    found = []
    for code, (n, *past) in counts.items():
        weeks = tuple(w if there else None for w, there in zip(past, known, strict=True))
        expected = float(baseline([float("nan") if w is None else w for w in weeks], of))
        z = float(score(n, expected))
        if z > 0:
            found.append(Emerging(code, hotline.topic_of(code), n, expected, z, weeks[::-1]))
    return tuple(sorted(found, key=lambda e: (-e.z, e.code)))
