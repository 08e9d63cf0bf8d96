"""Questions about hotline orders. Each answers with a frame whose columns its docstring names.

Every count follows its own clock (see cubes.CLOCKS), so that any moment in the past can be asked: what was open or
overdue *then* is a difference of running sums up to then. Whole days come from the cubes, the rest from the facts.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import pandas as pd
from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, func, literal, or_, select, union_all

from data_access import cubes
from data_access.areas import Area, tree
from data_access.engine import read
from data_access.schema import category, mark
from data_access.schema import hotline_day_place as dp
from data_access.schema import hotline_day_topic as dt
from data_access.schema import hotline_order as o
from domain.periods import Base, Span

PLACE = ("received", "direct", "tracked", "closed", "due", "on_time", "settled", "rated", "satisfied", "asked", "resolved")
TOPIC = ("received", "due", "on_time")
STREET = 2  # the level whose code every fact carries; deeper places are asked of the facts


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
    """span, [by], *columns: the counts inside area, one row a span and a value of `by` (a column name)."""
    cube = dt if by == "topic" else dp
    cubed = not topic and area.level <= (1 if cube is dt else STREET) and by != "community_code"
    names = list(columns)
    parts: list[Select] = []
    for label, span in spans.items():
        whole, rest = _pieces(span) if cubed else (None, [span])
        if whole is not None:
            keys = [cube.c[by].label("by")] if by else []
            part = select(literal(label).label("span"), *keys, *(func.sum(cube.c[n]).label(n) for n in names))
            part = part.where(cube.c.day < whole.end.date(), *_inside(cube, area))
            if whole.start > datetime.min:
                part = part.where(cube.c.day >= whole.start.date())
            parts.append(part.group_by(*([cube.c[by]] if by else [])))
        where = [*_inside(o, area), *([o.c.topic == topic] if topic else [])]
        for piece in rest:
            facts = cubes.counted(
                [o.c[by].label("by")] if by else [], names, (piece.start, piece.end), where
            ).subquery()
            parts.append(
                select(literal(label).label("span"), *([facts.c["by"]] if by else []), *(facts.c[n] for n in names))
            )
    every = union_all(*parts).subquery()
    keys = [every.c["span"], *([every.c["by"]] if by else [])]
    sums = [cast(func.coalesce(func.sum(every.c[n]), 0), Integer).label(n) for n in names]
    frame = read(select(*keys, *sums).group_by(*keys))
    return frame.rename(columns={"by": by}) if by else frame


def totals(area: Area, span: Span, base: Base | None, topic: str = "") -> pd.DataFrame:
    """One row 'now' and, with a base, one row 'base' (the index); columns PLACE: the counts inside the span."""
    spans = {"now": span} | ({"base": base.span} if base else {})
    frame = _summed(area, spans, PLACE, None, topic).set_index("span")
    return frame.reindex(list(spans), fill_value=0)


def stock(area: Area, at: datetime, topic: str = "") -> dict[str, int]:
    """open, overdue, due_today: orders waiting at the moment; overdue are past their limit then."""
    everything = Span(datetime.min, at)
    today = Span(at, _midnight(at) + timedelta(days=1))
    sums = _summed(area, {"all": everything}, ("tracked", "closed", "due", "settled"), None, topic)
    due = read(
        select(func.count().label("n")).where(
            o.c.due_at >= today.start,
            o.c.due_at < today.end,
            o.c.accept_at <= at,
            or_(o.c.close_at.is_(None), o.c.close_at > at),
            *_inside(o, area),
            *([o.c.topic == topic] if topic else []),
        )
    )["n"].iloc[0]
    row = sums.iloc[0] if len(sums) else dict.fromkeys(("tracked", "closed", "due", "settled"), 0)
    return {
        "open": int(row["tracked"] - row["closed"]),
        "overdue": int(row["due"] - row["settled"]),
        "due_today": int(due),
        "tracked": int(row["tracked"]),
    }


def by_child(
    area: Area, span: Span, base: Base | None, topic: str = "", columns: Sequence[str] = PLACE
) -> tuple[pd.DataFrame, int]:
    """(frame, unplaced): one row a child of area in force, in code order, also those without any order; columns code,
    *columns, and base_* for the base. unplaced: orders of the span whose place is not one of the children."""
    children = tree().children(area.code)
    by = place_column(area.level + 1)
    spans = {"now": span} | ({"base": base.span} if base else {})
    sums = _summed(area, spans, columns, by, topic)
    now = sums[sums["span"] == "now"].set_index(by)[list(columns)]
    frame = now.reindex([c.code for c in children], fill_value=0)
    unplaced = int(now["received"].sum() - frame["received"].sum()) if "received" in columns else 0
    if base:
        before = sums[sums["span"] == "base"].set_index(by)[list(columns)].reindex(frame.index, fill_value=0)
        frame = frame.join(before.add_prefix("base_"))
    return frame.rename_axis("code").reset_index(), unplaced


def topics(area: Area, span: Span, base: Base | None) -> pd.DataFrame:
    """topic, name_zh, name_en, received, due, on_time and base_*: one row a level-2 category seen in either span."""
    spans = {"now": span} | ({"base": base.span} if base else {})
    sums = _summed(area, spans, TOPIC, "topic", "")
    now = sums[sums["span"] == "now"].set_index("topic")[list(TOPIC)]
    if base:
        before = sums[sums["span"] == "base"].set_index("topic")[list(TOPIC)].add_prefix("base_")
        now = now.join(before, how="outer")
    return now.fillna(0).astype(int).join(_names(), how="left").rename_axis("topic").reset_index()


def _names() -> pd.DataFrame:
    return read(select(category.c.code, category.c.name_zh, category.c.name_en)).set_index("code")


def category_names(lang: str) -> dict[str, str]:
    """code -> name in the language (Chinese where there is no other)."""
    names = _names()
    shown = names["name_zh"] if lang == "zh" else names["name_en"].fillna(names["name_zh"])
    return shown.to_dict()


def daily(area: Area, first: datetime, end: datetime, topic: str = "", columns: Sequence[str] = ("received",)) -> pd.DataFrame:
    """day, *columns: one row a day from first to the day of end, oldest first, days without any order as 0; the last day
    only until `end`."""
    names = list(columns)
    whole_end = _midnight(end)
    if topic or area.level > STREET:
        where = [*_inside(o, area), *([o.c.topic == topic] if topic else [])]
        frame = read(cubes.counted([], names, (first, end), where, daily=True))
    else:
        days = (
            select(dp.c.day, *(cast(func.sum(dp.c[n]), Integer).label(n) for n in names))
            .where(dp.c.day >= first.date(), dp.c.day < whole_end.date(), *_inside(dp, area))
            .group_by(dp.c.day)
        )
        rest = cubes.counted([], names, (whole_end, end), _inside(o, area), daily=True)
        frame = read(union_all(days, rest))
    index = pd.date_range(first.date(), (end - timedelta(microseconds=1)).date(), freq="D", name="day")
    return frame.groupby("day")[names].sum().reindex(index, fill_value=0).reset_index()


def marks(first: datetime, end: datetime) -> pd.DataFrame:
    """start, end, kind, name_zh, name_en: storms, campaigns and outages that touch the span, oldest first."""
    return read(select(mark).where(mark.c.start < end, mark.c.end > first).order_by(mark.c.start))


def state_at(at: datetime) -> ColumnElement[str]:
    """The order's state at the moment, from its own times: closed | replied | signed | dispatched | accepted."""
    return case(
        (o.c.close_at <= at, "closed"),
        (o.c.reply_at <= at, "replied"),
        (o.c.sign_at <= at, "signed"),
        (o.c.dispatch_at <= at, "dispatched"),
        else_="accepted",
    )


def orders(area: Area, span: Span, at: datetime, topic: str = "", state: str = "", limit: int = 200) -> tuple[pd.DataFrame, int]:
    """(frame, total): the orders of the span as they stood at the moment; open ones first, the most overdue first, then
    the newest. Columns order_no, accept_at, topic, category, title, address, state, due_at, close_at, tracked, place.
    Capped at limit; total says how many there are. state: '' all, 'open', 'overdue'."""
    opened = and_(o.c.tracked.is_(True), or_(o.c.close_at.is_(None), o.c.close_at > at))
    where = [o.c.accept_at < min(span.end, at), *_inside(o, area), *([o.c.topic == topic] if topic else [])]
    match state:
        case "open":
            where.append(opened)
        case "overdue":
            where += [opened, o.c.due_at < at]
        case _:
            where.append(o.c.accept_at >= span.start)
    rank = case((and_(opened, o.c.due_at < at), 0), (opened, 1), else_=2)
    found = (
        select(
            o.c.order_no,
            o.c.accept_at,
            o.c.topic,
            o.c.category,
            o.c.title,
            o.c.address,
            state_at(at).label("state"),
            o.c.due_at,
            o.c.close_at,
            o.c.tracked,
            o.c.district_code,
            o.c.street_code,
            func.count().over().label("total"),
        )
        .where(*where)
        .order_by(rank, case((opened, o.c.due_at)), o.c.accept_at.desc(), o.c.order_id)
        .limit(limit)
    )
    frame = read(found)
    total = int(frame["total"].iloc[0]) if len(frame) else 0
    return frame.drop(columns="total"), total


def reach() -> tuple[datetime | None, datetime | None]:
    """The first and the last accept time stored, (None, None) when there is no order."""
    row = read(select(func.min(o.c.accept_at).label("first"), func.max(o.c.accept_at).label("last"))).iloc[0]
    return tuple(None if pd.isna(v) else v.to_pydatetime() for v in (row["first"], row["last"]))  # type: ignore[return-value]
