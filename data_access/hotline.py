"""Questions about hotline orders. Each answers with a frame whose columns its docstring names.

Every count follows its own clock (see cubes.BITS), so that any moment in the past can be asked: what was open or
overdue *then* is a difference of running sums up to then. Whole days come from the cubes, the rest from the ticks.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from data_access import cubes
from data_access.areas import Area, tree
from data_access.engine import read
from data_access.remember import remembered
from data_access.schema import category, load_log, mark, source
from data_access.schema import hotline_day_place as dp
from data_access.schema import hotline_day_topic as dt
from data_access.schema import hotline_order as o
from data_access.schema import hotline_tick as tick
from domain.periods import Base, Span

PLACE = (
    "received",
    "direct",
    "tracked",
    "closed",
    "due",
    "on_time",
    "settled",
    "rated",
    "satisfied",
    "asked",
    "resolved",
)
TOPIC = ("received", "due", "on_time")
STREET = 2  # the level whose code every fact carries; deeper places are asked of the ticks


def place_column(level: int) -> str:
    """The column that holds the code of a place of this level."""
    return {1: "district_code", 2: "street_code"}.get(level, "community_code")


def _inside(table, area: Area) -> list[ColumnElement[bool]]:
    return [] if area.level == 0 else [table.c[place_column(area.level)] == area.code]


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time.min)


def _pieces(span: Span) -> tuple[Span | None, list[Span]]:
    """A span as its whole days and what is left at its ends."""
    first = _midnight(span.start) if span.start == _midnight(span.start) else _midnight(span.start) + timedelta(days=1)
    last = _midnight(span.end)
    if first >= last:
        return None, [span]
    rest = [Span(a, b) for a, b in ((span.start, first), (last, span.end)) if a < b]
    return Span(first, last), rest


def _summed(area: Area, spans: dict[str, Span], columns: Sequence[str], by: str | None, topic: str) -> pd.DataFrame:
    """span, part ('whole' days | 'rest'), [by], *columns: the counts inside area, for each span and value of `by`."""
    cube = dt if by == "topic" else dp
    cubed = not topic and area.level <= (1 if cube is dt else STREET) and by != "community_code"
    names = list(columns)
    parts: list[Select] = []
    for label, span in spans.items():
        whole, rest = _pieces(span) if cubed else (None, [span])
        if whole is not None:
            keys = [cube.c[by].label("by")] if by else []
            sums = (cast(func.coalesce(func.sum(cube.c[n]), 0), Integer).label(n) for n in names)
            part = select(literal(label).label("span"), literal("whole").label("part"), *keys, *sums)
            part = part.where(cube.c.day < whole.end.date(), *_inside(cube, area))
            if whole.start > datetime.min:
                part = part.where(cube.c.day >= whole.start.date())
            parts.append(part.group_by(*([cube.c[by]] if by else [])))
        for piece in rest:
            keys = [tick.c[by].label("by")] if by else []
            part = select(literal(label).label("span"), literal("rest").label("part"), *keys, *cubes.counts(names))
            part = part.where(tick.c.moment >= piece.start, tick.c.moment < piece.end, *_inside(tick, area))
            part = part.where(tick.c.topic == topic) if topic else part
            parts.append(part.group_by(*([tick.c[by]] if by else [])))
    frame = read(union_all(*parts) if len(parts) > 1 else parts[0])
    return frame.rename(columns={"by": by}) if by else frame


def _spans(frame: pd.DataFrame, spans: Iterable[str], columns: Sequence[str]) -> pd.DataFrame:
    """One row a span."""
    return frame.groupby("span")[list(columns)].sum().reindex(list(spans), fill_value=0)


@remembered
def totals(area: Area, span: Span, base: Base | None, topic: str = "") -> pd.DataFrame:
    """Rows 'now', 'today' (the as-of day so far) and, with a base, 'base' (the index); columns PLACE: the counts inside."""
    spans = {"now": span} | ({"base": base.span} if base else {})
    if topic or area.level > STREET:
        spans["today"] = Span(_midnight(span.end), span.end)
    frame = _summed(area, spans, PLACE, None, topic)
    totals = _spans(frame, spans, PLACE)
    if "today" not in spans:
        rest = frame[(frame["span"] == "now") & (frame["part"] == "rest")]
        totals.loc["today"] = rest[list(PLACE)].sum()
    return totals


@remembered
def stock(area: Area, at: datetime, before: datetime | None = None, topic: str = "") -> pd.DataFrame:
    """Rows 'now' and, with an earlier moment, 'base' (the index); columns open, overdue, tracked: orders waiting at the
    moment; overdue are past their limit then; tracked are all whose source tells when they close."""
    spans = {"now": Span(datetime.min, at)} | ({"base": Span(datetime.min, before)} if before else {})
    columns = ("tracked", "closed", "due", "settled")
    sums = _spans(_summed(area, spans, columns, None, topic), spans, columns)
    return pd.DataFrame(
        {"open": sums["tracked"] - sums["closed"], "overdue": sums["due"] - sums["settled"], "tracked": sums["tracked"]}
    )


CHILD = ("received", "due", "on_time")


@remembered
def _by_place(area: Area, span: Span, base: Base | None, topic: str) -> pd.DataFrame:
    spans = {"now": span} | ({"base": base.span} if base else {})
    by = place_column(area.level + 1)
    return _summed(area, spans, CHILD, by, topic).groupby(["span", by])[list(CHILD)].sum().reset_index()


def by_child(
    area: Area, span: Span, base: Base | None, topic: str = "", columns: Sequence[str] = CHILD
) -> tuple[pd.DataFrame, int]:
    """(frame, unplaced): one row a child of area in force, in code order, also those without any order; columns code,
    *columns, and base_* for the base. unplaced: orders of the span whose place is not one of the children."""
    children = tree().children(area.code)
    by = place_column(area.level + 1)
    sums = _by_place(area, span, base, topic)
    now = sums[sums["span"] == "now"].set_index(by)[list(columns)]
    frame = now.reindex([c.code for c in children], fill_value=0)
    unplaced = int(now["received"].sum() - frame["received"].sum()) if "received" in columns else 0
    if base:
        before = sums[sums["span"] == "base"].set_index(by)[list(columns)].reindex(frame.index, fill_value=0)
        frame = frame.join(before.add_prefix("base_"))
    return frame.rename_axis("code").reset_index(), unplaced


@remembered
def topics(area: Area, span: Span, base: Base | None) -> pd.DataFrame:
    """topic, name_zh, name_en, received, due, on_time and base_*: one row a level-2 category seen in either span."""
    spans = {"now": span} | ({"base": base.span} if base else {})
    sums = _summed(area, spans, TOPIC, "topic", "").groupby(["span", "topic"])[list(TOPIC)].sum().reset_index()
    now = sums[sums["span"] == "now"].set_index("topic")[list(TOPIC)]
    if base:
        before = sums[sums["span"] == "base"].set_index("topic")[list(TOPIC)].add_prefix("base_")
        now = now.join(before, how="outer")
    return now.fillna(0).astype(int).join(_names(), how="left").rename_axis("topic").reset_index()


@remembered
def _names() -> pd.DataFrame:
    return read(select(category.c.code, category.c.name_zh, category.c.name_en)).set_index("code")


def category_names(lang: str) -> dict[str, str]:
    """code -> name in the language (Chinese where there is no other)."""
    names = _names()
    shown = names["name_zh"] if lang == "zh" else names["name_en"].fillna(names["name_zh"])
    return shown.to_dict()


@remembered
def daily(
    area: Area, first: datetime, end: datetime, topic: str = "", columns: Sequence[str] = ("received",)
) -> pd.DataFrame:
    """day, *columns: one row a day from first to the day of end, oldest first, days without any order as 0; the last day
    only until `end`."""
    names = list(columns)
    whole_end = _midnight(end)
    day = cast(tick.c.moment, Date).label("day")
    ticks = select(day, *cubes.counts(names)).where(tick.c.moment < end, *_inside(tick, area)).group_by(day)
    if topic or area.level > STREET:
        frame = read(ticks.where(tick.c.moment >= first, *([tick.c.topic == topic] if topic else [])))
    else:
        days = (
            select(dp.c.day, *(cast(func.sum(dp.c[n]), Integer).label(n) for n in names))
            .where(dp.c.day >= first.date(), dp.c.day < whole_end.date(), *_inside(dp, area))
            .group_by(dp.c.day)
        )
        frame = read(union_all(days, ticks.where(tick.c.moment >= whole_end)))
    index = pd.date_range(first.date(), (end - timedelta(microseconds=1)).date(), freq="D", name="day")
    return frame.groupby("day")[names].sum().reindex(index, fill_value=0).reset_index()


def marks(first: datetime, end: datetime) -> pd.DataFrame:
    """start, end, kind, name_zh, name_en: storms, campaigns and outages that touch the span, oldest first."""
    return read(select(mark).where(mark.c.start < end, mark.c.end > first).order_by(mark.c.start))


def state_at(at: datetime) -> ColumnElement[str]:
    """The order's state at the moment, from its own times: closed | replied | signed | dispatched | accepted. What happens
    in the very minute has not happened yet, as in every count."""
    return case(
        (o.c.close_at < at, "closed"),
        (o.c.reply_at < at, "replied"),
        (o.c.sign_at < at, "signed"),
        (o.c.dispatch_at < at, "dispatched"),
        else_="accepted",
    )


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


@remembered
def orders(area: Area, span: Span, at: datetime, topic: str = "", *, state: str = "", limit: int = 200) -> pd.DataFrame:
    """The orders of the span as they stood at the moment: open ones first, the soonest due (most overdue) on top, then the
    newest. Columns ORDER_COLUMNS, state. At most `limit`. state: '' accepted in the span; 'open', 'overdue': whenever
    accepted."""
    opened = and_(o.c.tracked.is_(True), or_(o.c.close_at.is_(None), o.c.close_at >= at))
    where = [o.c.accept_at < min(span.end, at), *_inside(o, area), *([o.c.topic == topic] if topic else [])]
    if state == "":
        where.append(o.c.accept_at >= span.start)
    closed = case((o.c.close_at < at, o.c.close_at)).label("close_at")  # a later closing was not known then
    shown = [closed if name == "close_at" else o.c[name] for name in ORDER_COLUMNS]
    waiting = select(*shown, state_at(at).label("state")).where(opened, *where)
    if state == "overdue":
        waiting = waiting.where(o.c.due_at < at)
    first = read(waiting.order_by(o.c.due_at, o.c.accept_at, o.c.order_id).limit(limit))
    if state or len(first) >= limit:
        return first
    rest = select(*shown, state_at(at).label("state")).where(not_(opened), *where)
    newest = read(rest.order_by(o.c.accept_at.desc(), o.c.order_id).limit(limit - len(first)))
    return pd.concat([first, newest], ignore_index=True) if len(first) else newest


@remembered
def _covered() -> frozenset[date]:
    """The days that loads of orders reached over, from the first to the last accept time of each."""
    query = (
        select(load_log.c.data_from, load_log.c.data_to)
        .join(source, source.c.key == load_log.c.source)
        .where(source.c.fields != "", load_log.c.data_from.is_not(None), load_log.c.data_to.is_not(None))
    )
    days: set[date] = set()
    for row in read(query.distinct()).itertuples():
        days.update(d.date() for d in pd.date_range(row.data_from.normalize(), row.data_to.normalize()))
    return frozenset(days)


def covers(span: Span) -> bool:
    """Whether orders were loaded for every day of the span: a day without a load is missing, not zero."""
    days = pd.date_range(span.start.date(), (span.end - timedelta(microseconds=1)).date())
    return all(d.date() in _covered() for d in days)


def covered_days(days: pd.Series) -> pd.Series:
    """For each day whether orders were loaded for it."""
    known = _covered()
    return days.map(lambda d: d.date() in known).astype(bool)
