"""Questions about hotline orders. Each answers with plain rows whose fields its docstring names, or with a frame.

Every count follows its own clock (see cubes.BITS), so that any moment in the past can be asked: what was open or
overdue *then* is a difference of running sums up to then. Whole days come from the cubes, the rest from the ticks.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, select

from data_access import clock
from data_access.areas import Area, tree
from data_access.engine import rows
from data_access.parts import each, open_at
from data_access.remember import remembered
from data_access.running import NAMES, added, by_day, cube_of, less, midnight, running
from data_access.schema import category, mark, organisation
from data_access.schema import hotline_order as o
from data_access.where import ALL, AT, Where, bound, inside, place_column
from domain.periods import Base, Span

LATELY = timedelta(days=1)


class Counts(NamedTuple):
    """The counts of orders in a span, each by its own clock (see cubes.BITS)."""

    received: int = 0
    direct: int = 0
    tracked: int = 0
    closed: int = 0
    due: int = 0
    on_time: int = 0
    settled: int = 0
    rated: int = 0
    satisfied: int = 0
    asked: int = 0
    resolved: int = 0
    partly: int = 0
    basic: int = 0
    called: int = 0
    dispatched_called: int = 0
    responded: int = 0
    redone: int = 0


assert Counts._fields == NAMES
NOTHING = Counts()


class Row(NamedTuple):
    """Counts of one place, category, organisation ...: of the span, and of the base where there is one."""

    code: str
    now: Counts
    base: Counts | None


class Stock(NamedTuple):
    """What waited at a moment. overdue: past their limit then. tracked: there are orders by then whose source tells
    when they close; without any, nothing is known of what waits."""

    open: int
    overdue: int
    tracked: bool


def _by(area: Area, where: Where) -> str | None:
    """What a page asks a place by: its children, where the same cube tells them apart."""
    by = place_column(area.level + 1)
    return by if cube_of(area, by, where) is not None else None


def counted(
    area: Area,
    spans: Mapping[str, Span],
    where: Where = ALL,
    *,
    by: str | None = None,
    names: tuple[str, ...] = NAMES,
) -> dict[str, dict[str, Counts]]:
    """Value of `by` (a column of the orders; '' when by is None) -> name of the span -> counts. A value without any
    order in the spans is not there. names: the counts wanted; others may be 0."""
    ends = {name: (span.start, span.end) for name, span in spans.items()}
    sums = running(area, by, ends.values(), where, names)
    return {
        key: {name: Counts._make(less(mine[end], mine[start])) for name, (start, end) in ends.items()}
        for key, mine in sums.items()
    }


def _spans(span: Span, base: Base | None) -> dict[str, Span]:
    spans = {"now": span, "today": Span(midnight(span.end), span.end)}
    return spans | ({"base": base.span} if base else {})


@remembered
def totals(area: Area, span: Span, base: Base | None, where: Where = ALL) -> dict[str, Counts]:
    """Counts of the span ('now'), of the as-of day so far ('today') and, with a base, of it ('base')."""
    spans = _spans(span, base)
    parts = counted(area, spans, where, by=_by(area, where)).values()
    return {name: Counts._make(added(part[name] for part in parts)) for name in spans}


@remembered
def received(area: Area, span: Span, base: Base | None, where: Where = ALL) -> tuple[int, int | None]:
    """Orders received in the span and, with a base, in it (else None): of `totals` this count alone."""
    spans = {"now": span} | ({"base": base.span} if base else {})
    parts = counted(area, spans, where, by=_by(area, where), names=("received",)).values()
    return sum(part["now"].received for part in parts), sum(part["base"].received for part in parts) if base else None


STOCK = ("tracked", "closed", "due", "settled")


@cache
def _open_asked(level: int, by: str | None, named: tuple[str, ...]) -> Select:
    """[by], open, overdue: of the orders themselves."""
    keys = [by] if by else []
    some = each((*(o.c[key] for key in keys), o.c.due_at), open_at(AT), *inside(level, named))
    late = func.sum(case((some.c.due_at < AT, 1), else_=0))
    return select(*(some.c[key] for key in keys), func.count(), late).group_by(*(some.c[key] for key in keys))


@cache
def _tracked_asked(level: int, named: tuple[str, ...]) -> Select:
    return select(o.c.order_id).where(o.c.tracked.is_(True), o.c.accept_at < AT, *inside(level, named)).limit(1)


def _open(area: Area, at: datetime, by: str | None, where: Where) -> dict[str, tuple[int, int, bool]]:
    """Value of `by` ('' without) -> open, overdue, tracked, of the few orders that are open at the moment."""
    some = rows(_open_asked(area.level, by, where.named), bound(area, where, at=at))
    return {key: (n, int(late or 0), n > 0) for key, n, late in (r if by else ("", *r) for r in some)}


def _waiting(
    area: Area, moments: tuple[datetime, ...], by: str | None, where: Where
) -> list[dict[str, tuple[int, int, bool]]]:
    """Of each moment, value of `by` ('' without) -> open, overdue, tracked. Where no cube has the sums: the few that
    are open are sooner found than counted as a difference."""
    if cube_of(area, by, where) is None:
        return [_open(area, at, by, where) for at in moments]
    sums = running(area, by, [(datetime.min, moment) for moment in moments], where, STOCK)
    told = [{key: Counts._make(mine[at]) for key, mine in sums.items()} for at in moments]
    return [{k: (n.tracked - n.closed, n.due - n.settled, n.tracked > 0) for k, n in some.items()} for some in told]


@remembered
def stock(area: Area, at: datetime, before: datetime | None = None, where: Where = ALL) -> dict[str, Stock]:
    """What waited 'now' (at the moment) and, with an earlier moment, at the 'base'."""
    moments = {"now": at} | ({"base": before} if before else {})
    found = {}
    told = _waiting(area, tuple(moments.values()), _by(area, where), where)
    for (name, moment), some in zip(moments.items(), told, strict=True):
        n, late, tracked = (sum(column) for column in zip((0, 0, False), *some.values(), strict=True))
        if not tracked and cube_of(area, None, where) is None:
            tracked = bool(rows(_tracked_asked(area.level, where.named), bound(area, where, at=moment)))
        found[name] = Stock(n, late, bool(tracked))
    return found


@remembered
def stock_by(area: Area, at: datetime, by: str, where: Where = ALL) -> dict[str, Stock]:
    """What waited at the moment, for each value of `by` (a column of the orders) that something waited of. Of a moment
    not long ago the open orders are sooner read than all days summed; long ago, most of the orders since were open."""
    lately = clock.now() - at < LATELY
    found = _open(area, at, by, where) if lately else _waiting(area, (at,), by, where)[0]
    return {key: Stock(*told) for key, told in found.items() if told[0]}


def _row(code: str, counts: Mapping[str, Counts]) -> Row:
    return Row(code, counts["now"], counts.get("base"))


@remembered
def by_child(area: Area, span: Span, base: Base | None, where: Where = ALL) -> tuple[tuple[Row, ...], int]:
    """(rows, unplaced): one row a child of area in force, in code order, also those without any order. unplaced: orders
    of the span whose place is not one of them."""
    spans = _spans(span, base)
    codes = [c.code for c in tree().children(area.code)]
    if not codes:
        return (), totals(area, span, base, where)["now"].received
    found = counted(area, spans, where, by=place_column(area.level + 1))
    nothing = dict.fromkeys(spans, NOTHING)
    others = found.keys() - set(codes)
    return tuple(_row(c, found.get(c, nothing)) for c in codes), sum(found[c]["now"].received for c in others)


@remembered
def by_value(
    area: Area, span: Span, base: Base | None, by: str, where: Where = ALL, *, names: tuple[str, ...] = NAMES
) -> tuple[Row, ...]:
    """One row a value of `by` (topic, org, channel ...: a column of the orders) with orders in either span, in code
    order. names: the counts wanted; others may be 0."""
    spans = {"now": span} | ({"base": base.span} if base else {})
    found = counted(area, spans, where, by=by, names=names)
    return tuple(_row(code, found[code]) for code in sorted(found) if any(map(any, found[code].values())))


def topics(area: Area, span: Span, base: Base | None, where: Where = ALL) -> tuple[Row, ...]:
    """One row a level-2 category with orders received in either span, in code order; no other count is filled."""
    return by_value(area, span, base, "topic", where, names=("received",))


class _Category(NamedTuple):
    code: str
    parent: str
    level: int
    zh: str
    en: str | None


@remembered
def _categories() -> dict[str, _Category]:
    c = category.c
    asked = select(c.code, func.coalesce(c.parent, ""), c.level, c.name_zh, c.name_en)
    return {row[0]: _Category(*row) for row in rows(asked)}


@remembered
def parents() -> dict[str, str]:
    """category -> the one above it, '' for none."""
    return {one.code: one.parent for one in _categories().values()}


@remembered
def topic_by_category() -> dict[str, str]:
    """category -> the level-2 category of it; itself where there is none above."""
    known = _categories()

    def topic(code: str) -> str:
        one = known[code]
        return topic(one.parent) if one.level > 2 and one.parent in known else code

    return {code: topic(code) for code in known}


def topic_of(code: str) -> str:
    """The level-2 category of a category; itself where there is none above."""
    return topic_by_category().get(code, code)


def group_of(topic: str) -> str:
    """The level-1 category of a topic; itself where there is none above."""
    return parents().get(topic) or topic


def topics_of(group: str) -> tuple[str, ...]:
    """The level-2 categories of a level-1 one; itself where it has none: an unknown code lets nothing through."""
    return tuple(sorted(code for code, parent in parents().items() if parent == group)) or (group,)


@remembered
def category_names(lang: str) -> dict[str, str]:
    """code -> name in the language (Chinese where there is no other)."""
    return {one.code: one.zh if lang == "zh" else one.en or one.zh for one in _categories().values()}


@remembered
def organisation_names(lang: str) -> dict[str, str]:
    """code -> name of each organisation in the language (Chinese where there is no other)."""
    found = rows(select(organisation.c.code, organisation.c.name_zh, organisation.c.name_en))
    return {code: zh if lang == "zh" else en or zh for code, zh, en in found}


@remembered
def daily(
    area: Area, first: datetime, end: datetime, where: Where = ALL, columns: tuple[str, ...] = ("received",)
) -> tuple[list[date], dict[str, list[int]]]:
    """(days, columns): one entry a day from first to the day of end, oldest first, days without any order as 0; the
    last day only until `end`."""
    found = by_day(area, Span(first, end), where, columns, by=_by(area, where))
    last = (end - timedelta(microseconds=1)).date()
    days = [first.date() + timedelta(days=n) for n in range((last - first.date()).days + 1)]
    nothing = [0] * len(columns)
    counts = [found.get(day, nothing) for day in days]
    return days, {name: [row[i] for row in counts] for i, name in enumerate(columns)}


@remembered
def _all_marks() -> Sequence[Any]:
    return rows(select(mark).order_by(mark.c.start))


def marks(first: datetime, end: datetime) -> Sequence[Any]:
    """start, end, kind, name_zh, name_en: storms, campaigns and outages that touch the span, oldest first."""
    return [row for row in _all_marks() if row.start < end and row.end > first]
