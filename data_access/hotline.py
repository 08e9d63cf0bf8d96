"""Questions about hotline orders. Each answers with a frame whose columns its docstring names.

Every count follows its own clock (see cubes.BITS), so that any moment in the past can be asked: what was open or
overdue *then* is a difference of running sums up to then. Whole days come from the cubes, the rest from the ticks.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import repeat

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Date, DateTime, Integer, Select, and_, bindparam, case, cast, not_, or_, select

from data_access.areas import Area, tree
from data_access.engine import read, rows
from data_access.remember import remembered
from data_access.running import NAMES, added, by_day, cube_of, less, midnight, place_column, running
from data_access.schema import category, load_log, mark, source
from data_access.schema import hotline_order as o
from domain.periods import Base, Span

TOPIC = ("received", "due", "on_time")
_COLUMNS = pd.Index(NAMES)


def _by(area: Area, topic: str) -> str | None:
    """What a page asks a place by: its children, where the same cube tells them apart."""
    by = place_column(area.level + 1)
    return by if cube_of(area, by, topic) is not None else None


def _spans(span: Span, base: Base | None) -> dict[str, tuple[datetime, datetime]]:
    spans = {"now": (span.start, span.end), "today": (midnight(span.end), span.end)}
    return spans | ({"base": (base.span.start, base.span.end)} if base else {})


@remembered
def totals(area: Area, span: Span, base: Base | None, topic: str = "") -> pd.DataFrame:
    """Rows 'now', 'today' (the as-of day so far) and, with a base, 'base' (the index); columns NAMES: the counts."""
    spans = _spans(span, base)
    places = running(area, _by(area, topic), spans.values(), topic).values()
    counts = [added(less(sums[end], sums[start]) for sums in places) for start, end in spans.values()]
    return pd.DataFrame(np.array(counts, dtype=np.int64), index=pd.Index(list(spans)), columns=_COLUMNS)


STOCK = ("tracked", "closed", "due", "settled")


@remembered
def stock(area: Area, at: datetime, before: datetime | None = None, topic: str = "") -> pd.DataFrame:
    """Rows 'now' and, with an earlier moment, 'base' (the index); columns open, overdue, tracked: orders waiting at the
    moment; overdue are past their limit then; tracked are all whose source tells when they close."""
    moments = {"now": at} | ({"base": before} if before else {})
    places = running(area, _by(area, topic), [(datetime.min, m) for m in moments.values()], topic, STOCK).values()
    rows = []
    for moment in moments.values():
        said = dict(zip(NAMES, added(sums[moment] for sums in places), strict=True))
        rows.append((said["tracked"] - said["closed"], said["due"] - said["settled"], said["tracked"]))
    return pd.DataFrame(np.array(rows, dtype=np.int64), index=pd.Index(list(moments)), columns=_STOCKS)


_STOCKS = pd.Index(["open", "overdue", "tracked"])
CHILD = ("received", "due", "on_time")


def _frame(keys: list[str], key: str, counts: Sequence[Sequence[int]], names: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame(np.array(counts, dtype=np.int64).reshape(len(keys), len(names)), columns=pd.Index(names))
    frame.insert(0, key, pd.Series(keys, dtype=object).astype("str"))
    return frame


@remembered
def _children(area: Area, span: Span, base: Base | None, topic: str) -> tuple[pd.DataFrame, int]:
    by = place_column(area.level + 1)
    named = _spans(span, base)
    sums = running(area, by, named.values(), topic)
    spans = [named[name] for name in ("now", "base") if name in named]
    wanted = [NAMES.index(n) for n in CHILD]
    nothing = dict.fromkeys([moment for ends in spans for moment in ends], [0] * len(NAMES))
    codes = [c.code for c in tree().children(area.code)]

    def counts(code: str) -> list[int]:
        mine = sums.get(code, nothing)
        return [mine[end][i] - mine[start][i] for start, end in spans for i in wanted]

    frame = _frame(codes, "code", [counts(c) for c in codes], [*CHILD, *(f"base_{n}" for n in CHILD if base)])
    return frame, sum(counts(key)[0] for key in sums.keys() - set(codes))


def by_child(area: Area, span: Span, base: Base | None, topic: str = "") -> tuple[pd.DataFrame, int]:
    """(frame, unplaced): one row a child of area in force, in code order, also those without any order; columns code,
    received, due, on_time, and base_* for the base. unplaced: orders of the span whose place is not one of them."""
    frame, unplaced = _children(area, span, base, topic)
    return frame.copy(), unplaced


@remembered
def topics(area: Area, span: Span, base: Base | None) -> pd.DataFrame:
    """topic, received, due, on_time, base_* (with a base), name_zh, name_en: one row a level-2 category with orders in
    either span, in code order."""
    spans = [(span.start, span.end), *([(base.span.start, base.span.end)] if base else [])]
    sums = running(area, "topic", spans, "", TOPIC)
    wanted = [NAMES.index(n) for n in TOPIC]
    counts = {t: [mine[b][i] - mine[a][i] for a, b in spans for i in wanted] for t, mine in sorted(sums.items())}
    seen = [t for t in counts if any(counts[t])]
    frame = _frame(seen, "topic", [counts[t] for t in seen], [*TOPIC, *(f"base_{n}" for n in TOPIC if base)])
    names = _names()
    for i, column in enumerate(("name_zh", "name_en")):
        frame[column] = pd.Series([names[t][i] if t in names else None for t in seen], dtype="str")
    return frame


@remembered
def _names() -> dict[str, tuple[str, str | None]]:
    found = rows(select(category.c.code, category.c.name_zh, category.c.name_en))
    return {code: (zh, en) for code, zh, en in found}


def category_names(lang: str) -> dict[str, str]:
    """code -> name in the language (Chinese where there is no other)."""
    return {code: zh if lang == "zh" else en or zh for code, (zh, en) in _names().items()}


DAILY = ("received", "due", "on_time", "rated", "satisfied")


@remembered
def daily(
    area: Area, first: datetime, end: datetime, topic: str = "", columns: tuple[str, ...] = ("received",)
) -> pd.DataFrame:
    """day, *columns: one row a day from first to the day of end, oldest first, days without any order as 0; the last
    day only until `end`."""
    found = by_day(area, first, end, topic, columns, by=_by(area, topic))
    last = (end - timedelta(microseconds=1)).date()
    days = [first.date() + timedelta(days=n) for n in range((last - first.date()).days + 1)]
    counts = np.array([found.get(day) or [0] * len(columns) for day in days], dtype=np.int64)
    frame = pd.DataFrame(counts.reshape(len(days), len(columns)), columns=pd.Index(columns))
    frame.insert(0, "day", pd.date_range(first.date(), periods=len(days), freq="D", unit="us"))
    return frame


def marks(first: datetime, end: datetime) -> pd.DataFrame:
    """start, end, kind, name_zh, name_en: storms, campaigns and outages that touch the span, oldest first."""
    return read(select(mark).where(mark.c.start < end, mark.c.end > first).order_by(mark.c.start))


_AT = bindparam("at", type_=DateTime())


def _state() -> ColumnElement[str]:
    """The order's state at :at, from its own times: closed | replied | signed | dispatched | accepted. What happens in
    the very minute has not happened yet, as in every count."""
    steps = {"closed": o.c.close_at, "replied": o.c.reply_at, "signed": o.c.sign_at, "dispatched": o.c.dispatch_at}
    return case(*((moment < _AT, name) for name, moment in steps.items()), else_="accepted")


ORDER_COLUMNS = (
    "order_no",
    "accept_at",
    "topic",
    "category",
    "title",
    "address",
    "due_at",
    "close_at",
    "tracked",
    "district_code",
    "street_code",
)
_MOMENTS = ("accept_at", "due_at", "close_at")


@cache
def _listed(level: int, topic: bool, state: str, opened: bool) -> Select:
    """Orders accepted before :end, those open at :at or the others, in the order of the list; at most :most."""
    where = [o.c.accept_at < bindparam("end"), *([o.c.accept_at >= bindparam("first")] if state == "" else [])]
    where += [o.c[place_column(level)] == bindparam("place")] if level else []
    where += [o.c.topic == bindparam("topic")] if topic else []
    where += [o.c.due_at < _AT] if state == "overdue" else []
    is_open = and_(o.c.tracked.is_(True), or_(o.c.close_at.is_(None), o.c.close_at >= _AT))
    closed = case((o.c.close_at < _AT, o.c.close_at)).label("close_at")  # a later closing was not known then
    shown = [closed if name == "close_at" else o.c[name] for name in ORDER_COLUMNS]
    order = (o.c.due_at, o.c.accept_at, o.c.order_id) if opened else (o.c.accept_at.desc(), o.c.order_id)
    query = select(*shown, _state().label("state")).where(is_open if opened else not_(is_open), *where)
    return query.order_by(*order).limit(bindparam("most", type_=Integer()))


@remembered
def orders(area: Area, span: Span, at: datetime, topic: str = "", *, state: str = "", limit: int = 200) -> pd.DataFrame:
    """The orders of the span as they stood at the moment: open ones first, the soonest due (most overdue) on top, then
    the newest. Columns ORDER_COLUMNS, state. At most `limit`. state: '' accepted in the span; 'open', 'overdue':
    whenever accepted."""
    asked = {"at": at, "end": min(span.end, at)}
    asked |= {"first": span.start} if state == "" else {}
    asked |= ({"place": area.code} if area.level else {}) | ({"topic": topic} if topic else {})
    shape = (area.level, bool(topic), state)
    found = list(rows(_listed(*shape, True), asked | {"most": limit}))
    if state == "" and len(found) < limit:
        found += rows(_listed(*shape, False), asked | {"most": limit - len(found)})
    columns = dict(zip((*ORDER_COLUMNS, "state"), zip(*found, strict=True) if found else repeat(()), strict=False))
    frame = pd.DataFrame({name: list(values) for name, values in columns.items()})
    return frame.astype(dict.fromkeys(_MOMENTS, "datetime64[us]"))


@remembered
def _covered() -> frozenset[int]:
    """The days (ordinals) that loads of orders reached over, from the first to the last accept time of each."""
    first, last = cast(load_log.c.data_from, Date), cast(load_log.c.data_to, Date)
    query = (
        select(first, last)
        .join(source, source.c.key == load_log.c.source)
        .where(source.c.fields != "", load_log.c.data_from.is_not(None), load_log.c.data_to.is_not(None))
    )
    return frozenset(n for a, b in rows(query.distinct()) for n in range(a.toordinal(), b.toordinal() + 1))


def covers(span: Span) -> bool:
    """Whether orders were loaded for every day of the span: a day without a load is missing, not zero."""
    known = _covered()
    last = (span.end - timedelta(microseconds=1)).toordinal()
    return all(n in known for n in range(span.start.toordinal(), last + 1))


def covered_days(days: pd.Series) -> pd.Series:
    """For each day whether orders were loaded for it."""
    known = _covered()
    return pd.Series([day.toordinal() in known for day in days.dt.date], index=days.index, dtype=bool)
