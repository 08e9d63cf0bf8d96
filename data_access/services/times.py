"""How long cases took against what was promised and what the law allows, and who is close to the limit now.

Working days without the days that the clock stood still (特别程序). What is promised to be done at once (即办) has no
share of a limit and is told apart, in minutes. Finished cases are counted by their days, so that medians and 90th
percentiles are exact and no case is read one by one.
"""

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Date,
    Double,
    Integer,
    Select,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from data_access.areas import Area
from data_access.engine import columns, numbered, rows
from data_access.remember import remembered
from data_access.running import midnight
from data_access.schema import Moment
from data_access.services.again import AT_ONCE, MINUTES, SAME, open_at
from data_access.services.counts import ALL, Row, Where, by_value
from data_access.services.tables import service_case, service_day_once, service_took
from data_access.where import AT, END, FIRST, bound, inside
from domain.periods import Base, Span
from domain.services.spread import quantiles
from domain.workdays import is_workday

c = service_case.c
PARTS = (0.5, 0.9)
EDGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0)  # shares of the limit; and beyond
IN_TIME = EDGES.index(1.0) + 1  # bins within it


class Took(NamedTuple):
    """How long the finished cases of an item, a department or a special took. median, p90: working days; of_promise,
    of_promise_p90: as a share of each case's own promise; of_legal_p90: of its legal limit, of those that have one;
    promised, legal: the limit that most of them had (legal None: none has one); late: finished later than promised."""

    code: str
    n: int
    late: int
    median: float
    p90: float
    of_promise: float
    of_promise_p90: float
    of_legal_p90: float | None
    promised: float
    legal: float | None


class Times(NamedTuple):
    """Of the cases finished in a span that had days to be done in: how they stand to a limit. late: beyond it; bins:
    how many took up to each of EDGES of their limit, and more; without: cases that have none."""

    n: int
    late: int
    bins: tuple[int, ...]
    without: int = 0


class AtOnce(NamedTuple):
    """Of the cases finished in a span that were promised to be done at once. same_day: those done on the working day of
    acceptance; median, p90: minutes that these took; special: the same by special."""

    n: int
    same_day: int
    median: float | None
    p90: float | None


class Near(NamedTuple):
    """Open cases of a department. late: past their promise; today: it ends before the next working day begins; next:
    it ends with the next working day; open: all, also those with more time."""

    org: str
    open: int
    late: int
    today: int
    next: int


@cache
def _finished_asked(level: int, named: tuple[str, ...]) -> Select:
    t = service_took.c
    keys = (t.org, t.item, t.special, t.promised_days, t.legal_days.label("legal"), t.used_days)
    query = select(*keys[:3], *(cast(k, Double).label(k.name) for k in keys[3:]), func.count().label("n"))
    within = (t.finish_at >= FIRST, t.finish_at < END)
    return query.where(*within, *inside(level, named, service_took)).group_by(*keys)


def _most(group: np.ndarray, values: np.ndarray, n: np.ndarray, size: int) -> np.ndarray:
    """The value that most cases of each group have."""
    distinct, place = np.unique(values, return_inverse=True)
    counts = np.zeros((size, len(distinct)))
    np.add.at(counts, (group, place), n)
    return distinct[counts.argmax(axis=1)]


def _worst(codes: list[str], group: np.ndarray, told: dict[str, np.ndarray], few: int) -> np.ndarray:
    """The numbers of the groups, those with the most late cases first; those with fewer cases than `few` come last."""
    n, late = (
        np.bincount(group, weights=told["n"] * of, minlength=len(codes))
        for of in (1, told["used_days"] > told["promised_days"])
    )
    return np.lexsort((-n, -late, n < few))


def _took(codes: list[str], group: np.ndarray, told: dict[str, np.ndarray]) -> tuple[Took, ...]:
    """One row a group, in the order of `codes`."""
    if not codes:
        return ()
    n, used, promised, legal = (told[name] for name in ("n", "used_days", "promised_days", "legal"))
    size = len(codes)
    total = np.bincount(group, weights=n, minlength=size)
    late = np.bincount(group, weights=n * (used > promised), minlength=size)
    days, shares = quantiles(group, used, n, PARTS), quantiles(group, used / promised, n, PARTS)
    legal_p90: dict[int, float] = {}
    with_limit = legal > 0
    if with_limit.any():
        which, place = np.unique(group[with_limit], return_inverse=True)
        of_legal = quantiles(place, (used / np.where(with_limit, legal, 1))[with_limit], n[with_limit], PARTS[1:])
        legal_p90 = dict(zip(which.tolist(), of_legal[:, 0].tolist(), strict=True))
    usual, usual_legal = _most(group, promised, n, size), _most(group, legal, n, size)
    spread = zip(*days.T.tolist(), *shares.T.tolist(), strict=True)
    return tuple(
        Took(
            code, int(total[i]), int(late[i]), median, p90, share, share_p90, legal_p90.get(i), float(usual[i]),
            float(usual_legal[i]) if usual_legal[i] > 0 else None,
        )
        for i, (code, (median, p90, share, share_p90)) in enumerate(zip(codes, spread, strict=True))
    )  # fmt: skip


@remembered
def _told(area: Area, span: Span, where: Where) -> dict[str, np.ndarray]:
    """org, item, special, promised_days, legal, used_days, n: finished cases with days to be done in, counted."""
    query = _finished_asked(area.level, where.named)
    told = columns(query, bound(area, where, first=span.start, end=span.end))
    return told | {"n": told["n"].astype(np.int64)}


@remembered
def finished(area: Area, span: Span, where: Where = ALL, limit: str = "promised_days") -> Times:
    """How long the cases took that were finished in the span and had days to be done in. limit: promised_days or
    legal."""
    told = _told(area, span, where)
    limited = told[limit] > 0
    without = int(told["n"][~limited].sum())
    n, share = told["n"][limited], told["used_days"][limited] / told[limit][limited]
    edges = np.searchsorted(np.array(EDGES) + 1e-9, share, side="left")
    bins = np.bincount(edges, weights=n, minlength=len(EDGES) + 1)
    return Times(int(n.sum()), int(n[share > 1].sum()), tuple(int(count) for count in bins), without)


@remembered
def took(
    area: Area, span: Span, by: str, where: Where = ALL, *, most: int | None = None, few: int = 0
) -> tuple[Took, ...]:
    """The same cases, one row an item, department (org) or special, by code. most: not more of them than so many, those
    with the most late cases first; those with fewer cases than `few` come last."""
    told = _told(area, span, where)
    if by == "special":
        told = _of(told, told["special"] != "")
    codes, group = numbered(told[by])
    if most is None or not codes:
        return _took(codes, group, told)
    worst = _worst(codes, group, told, few)[:most]
    place = np.full(len(codes), -1)
    place[worst] = np.arange(len(worst))
    mine = place[group] >= 0
    return _took([codes[n] for n in worst], place[group][mine], _of(told, mine))


def _of(told: dict[str, np.ndarray], which: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[which] for name, values in told.items()}


@cache
def _at_once_asked(level: int, named: tuple[str, ...], summed: bool) -> Select:
    """minutes, same, n. summed: of the sums by day, and of the cases from :since on, the day that has begun."""
    since = bindparam("since", type_=Moment) if summed else FIRST
    within = (c.finish_at >= since, c.finish_at < END, *AT_ONCE, *inside(level, named, service_case))
    made: Select | CompoundSelect = select(MINUTES, SAME, literal_column("1", Integer).label("n")).where(*within)
    if summed:
        t = service_day_once.c
        days = (t.day >= bindparam("day", type_=Date), t.day < bindparam("last", type_=Date))
        made = union_all(select(t.minutes, t.same, t.n).where(*days, *inside(level, named, service_day_once)), made)
    each = made.subquery()
    keys = (each.c.minutes, each.c.same)
    return select(*keys, cast(func.sum(each.c.n), BigInteger).label("n")).group_by(*keys)


@remembered
def at_once(area: Area, span: Span, where: Where = ALL) -> AtOnce:
    """How long the cases took that were finished in the span and promised to be done at once; to the whole minute."""
    since = midnight(span.end)
    summed = area.level <= 1 and not where.named and span.start == midnight(span.start) <= since
    values = bound(area, where, first=span.start, end=span.end)
    values |= {"day": span.start.date(), "last": since.date(), "since": since} if summed else {}
    told = columns(_at_once_asked(area.level, where.named, summed), values)
    n, same = told["n"].astype(np.int64), told["same"] > 0
    done, total = int(n[same].sum()), int(n.sum())
    if not done:
        return AtOnce(total, 0, None, None)
    minutes = told["minutes"][same].astype(float)
    median, p90 = quantiles(np.zeros(len(minutes), np.int64), minutes, n[same], PARTS)[0].tolist()
    return AtOnce(total, done, median, p90)


def by_special(area: Area, span: Span, base: Base | None, where: Where = ALL) -> tuple[Row, ...]:
    """One row a special, and one ('') for all other cases: how many were finished, and of these within their
    promise; no other count is filled."""
    return by_value(area, span, base, "special", where, names=("finished", "in_time"))


_SOON, _LATER = bindparam("soon", type_=Moment), bindparam("later", type_=Moment)


@cache
def _near_asked(level: int, named: tuple[str, ...]) -> Select:
    """org, how near, n."""
    some = union_all(*open_at((c.org, c.due_at), *inside(level, named, service_case))).subquery()
    steps = ((some.c.due_at < AT, 0), (some.c.due_at < _SOON, 1), (some.c.due_at < _LATER, 2))
    near = case(*((when, literal_column(str(then))) for when, then in steps), else_=literal_column("3")).label("near")
    return select(some.c.org, near, func.count()).group_by(some.c.org, near)


def next_workdays(day: date, count: int) -> list[date]:
    """The working days after a day."""
    found: list[date] = []
    while len(found) < count:
        day += timedelta(days=1)
        if is_workday(day):
            found.append(day)
    return found


def soon(at: datetime) -> tuple[datetime, datetime]:
    """Limits before the first of these moments leave less than one working day, those before the second one day: what
    ends before the next working day begins, and what ends with that day."""
    first, second = (datetime.combine(day, time.min) for day in next_workdays(at.date(), 2))
    return first, second


@remembered
def near(area: Area, at: datetime, where: Where = ALL) -> tuple[Near, ...]:
    """One row a department with open cases at the moment, by code."""
    first, second = soon(at)
    values: dict[str, Any] = bound(area, where, at=at, soon=first, later=second)
    counts: dict[str, list[int]] = {}
    for org, how, n in rows(_near_asked(area.level, where.named), values):
        counts.setdefault(org, [0, 0, 0, 0])[int(how)] += int(n)
    return tuple(Near(org, sum(told), *told[:3]) for org, told in sorted(counts.items()))
