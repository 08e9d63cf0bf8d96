"""Running sums of counts up to moments: the one question that nearly every number of a page is a difference of.

A count in [a, b) is its running sum at b less that at a; what waits at a moment is a difference of two running sums at
it. Whole days come from a cube in one statement, cut into segments at the days of all moments; the day that has begun
at a moment comes from the ticks, asked once whoever asks. What no cube and no tick tells apart is asked of the orders
themselves. Statements are built once for each shape and bound anew.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    Table,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from data_access.areas import Area
from data_access.cubes import ORDERS
from data_access.engine import rows
from data_access.facts import Clock, Facts
from data_access.remember import remembered
from data_access.where import ALL, Chosen, bound, inside
from domain.periods import Span

STREET = 2  # the level whose code every fact carries; deeper places are asked of the ticks
NAMES = ORDERS.names
Sums = list[int]  # one number for each count of the facts
Names = tuple[str, ...]
Parts = tuple[tuple[int, int], ...]


class Shape(NamedTuple):
    """What makes a statement: values are bound to it."""

    facts: Facts
    level: int
    by: str | None
    named: tuple[str, ...]


def midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time.min)


def added(some: Iterable[Sequence[int]], facts: Facts = ORDERS) -> Sums:
    """The sums of each count."""
    return [sum(column) for column in zip(*some, strict=True)] or [0] * len(facts.names)


def less(after: Sequence[int], before: Sequence[int]) -> Sums:
    """What came between two running sums."""
    return [a - b for a, b in zip(after, before, strict=True)]


def cube_of(area: Area, by: str | None, where: Chosen = ALL, facts: Facts = ORDERS) -> Table | None:
    """The cube that can answer, None when only the ticks or the facts can."""
    asked = where.columns | ({by} if by else set())
    apart = asked & (facts.cubes.keys() - {"street_code"})
    if asked - {"district_code", "street_code"} == apart:
        if not apart:
            return facts.cubes["street_code"] if area.level <= STREET else None
        if len(apart) == 1 and area.level <= 1 and "street_code" not in asked:
            return facts.cubes[next(iter(apart))]
    return None


def _within(column: ColumnElement, name: str, part: tuple[int, int]) -> ColumnElement[bool]:
    """In a part: (from, until) as numbers of bounds."""
    return and_(column >= bindparam(f"{name}{part[0]}"), column < bindparam(f"{name}{part[1]}"))


def _segment(column: ColumnElement, name: str, part: tuple[int, int]) -> ColumnElement[int]:
    """The number of the first bound in a part that the column lies before. Its constants are ours and are written out:
    a database must see that what is selected is what is grouped by."""
    first, last = part
    steps = [(column < bindparam(f"{name}{i}"), literal_column(str(i))) for i in range(first + 1, last)]
    return (case(*steps, else_=literal_column(str(last))) if steps else literal_column(str(last))).label("segment")


@cache
def _days_asked(cube: Table, shape: Shape, names: Names, count: int, parts: Parts) -> Select:
    """[by], segment, names: sums of the days before :day0, :day1 ..., of the parts only."""
    keys = [*([cube.c[shape.by]] if shape.by else []), _segment(cube.c.day, "day", (-1, count - 1))]
    query = select(*keys, *(func.sum(cube.c[n]).label(n) for n in names))
    within = or_(*(_within(cube.c.day, "day", part) for part in parts))
    query = query.where(within, *inside(shape.level, shape.named, cube))
    return query.group_by(*([shape.by] if shape.by else []), "segment")


@remembered
def _whole_days(
    area: Area, by: str | None, days: tuple[date, ...], parts: Parts, where: Chosen, *, names: Names, facts: Facts
) -> dict[str, list[Sums]]:
    """Value of `by` ('' without) -> running sums of the whole days before each of `days`."""
    cube = cube_of(area, by, where, facts)
    assert cube is not None
    query = _days_asked(cube, Shape(facts, area.level, by, where.named), names, len(days), parts)
    asked = bound(area, where) | {f"day{i}": day for i, day in enumerate(days)}
    places = [facts.names.index(n) for n in names]
    whole = names == facts.names
    known: dict[str, list[Sums]] = {}
    for row in rows(query, asked):
        key, segment, *sums = row if by else ("", *row)
        mine = known.get(key)
        if mine is None:
            mine = known[key] = [[0] * len(facts.names) for _ in days]
        for i in range(segment, len(days)):
            if whole:
                mine[i] = [a + b for a, b in zip(mine[i], sums, strict=True)]
            else:
                for place, n in zip(places, sums, strict=True):
                    mine[i][place] += n
    return known


def _happened(shape: Shape, clocks: tuple[Clock, ...], moment: Any, parts: Parts) -> Select | CompoundSelect:
    """[by], moment(clock, part), what, n: what was counted when, of the ticks, or of the facts by these of their
    clocks. Clock by clock and part by part: an engine does not see through an "or" (see parts). Rows may come twice."""
    facts, ticks = shape.facts, shape.facts.ticks
    sources: list[tuple[Table, ColumnElement, Any, Any, Any]] = []
    if clocks:
        counted = [(c, func.count() if c.n is None else func.sum(c.n)) for c in clocks]
        sources = [(facts.table, c.moment, c.what, n, c.where) for c, n in counted]
    elif ticks is not None:
        sources = [(ticks, ticks.c.moment, ticks.c.what, func.sum(ticks.c.n), ())]
    made = []
    for table, clock, what, n, own in sources:
        for part in parts:
            keys = (*([table.c[shape.by]] if shape.by else []), moment(clock, part), what.label("what"))
            within = (_within(clock, "moment", part), *own, *inside(shape.level, shape.named, table))
            made.append(select(*keys, cast(n, BigInteger).label("n")).where(*within).group_by(*(k.name for k in keys)))
    return union_all(*made) if len(made) > 1 else made[0]


@cache
def _moments_asked(shape: Shape, clocks: tuple[Clock, ...], parts: Parts) -> Select | CompoundSelect:
    """[by], segment, what, n: what was counted before :moment0, :moment1 ..., of the parts only."""
    return _happened(shape, clocks, lambda clock, part: _segment(clock, "moment", part), parts)


def _of_facts(by: str | None, where: Chosen, names: Names, facts: Facts) -> tuple[Clock, ...]:
    """The clocks by which the facts are to be asked, none when the ticks are: they tell less apart, and hold a row for
    each clock where one may be enough."""
    if set(names) == {facts.names[0]}:
        return (facts.alone,)
    clocks = tuple(clock for clock in facts.clocks if not set(names).isdisjoint(clock.names))
    told = facts.ticks is not None and (where.columns | ({by} if by else set())) <= facts.told
    return clocks if len(clocks) == 1 or not told else ()


@remembered
def _moments(
    area: Area,
    by: str | None,
    moments: tuple[datetime, ...],
    parts: Parts,
    where: Chosen,
    *,
    names: Names,
    facts: Facts,
) -> dict[str, list[Sums]]:
    """Value of `by` ('' without) -> running sums until each of `moments`, of the ticks or the facts."""
    if not parts:
        return {}
    query = _moments_asked(Shape(facts, area.level, by, where.named), _of_facts(by, where, names, facts), parts)
    asked = bound(area, where) | {f"moment{i}": m for i, m in enumerate(moments)}
    known: dict[str, list[Sums]] = {}
    for row in rows(query, asked):
        key, segment, what, n = row if by else ("", *row)
        mine = known.get(key)
        if mine is None:
            mine = known[key] = [[0] * len(facts.names) for _ in moments]
        for place in _places(facts, what):
            for i in range(segment, len(moments)):
                mine[i][place] += n
    return known


@cache
def _places(facts: Facts, what: int) -> tuple[int, ...]:
    return tuple(place for place, bit in enumerate(facts.bits.values()) if what & bit)


def running(
    area: Area,
    by: str | None,
    spans: Iterable[tuple[datetime, datetime]],
    where: Chosen = ALL,
    names: Names = NAMES,
    *,
    facts: Facts = ORDERS,
) -> dict[str, dict[datetime, Sums]]:
    """Value of `by` ('' when by is None) -> moment -> running sums at the ends of the spans. Only the difference within
    a span means anything, since what lies between spans is not read; a span from datetime.min reads everything before
    its end. by: a column of the facts that the area's cubes, the ticks or the facts know. names: the counts wanted;
    others may be 0."""
    ends = tuple(spans)
    when = tuple(sorted({moment for span in ends for moment in span}))
    if cube_of(area, by, where, facts) is None:
        found = _moments(area, by, when, _parts(when, ends), where, names=names, facts=facts)
        return {key: dict(zip(when, sums, strict=True)) for key, sums in found.items()}
    days = tuple(sorted({m.date() for m in when}))
    parts = _parts(days, ((a.date(), b.date()) for a, b in ends))
    found = _whole_days(area, by, days, parts, where, names=names, facts=facts) if parts else {}
    place = {m: days.index(m.date()) for m in when}
    known = {key: {m: sums[place[m]] for m in when} for key, sums in found.items()}
    for moment in when:
        if moment > midnight(moment):
            for key, (_, sums) in _begun(area, by, moment, where, names=names, facts=facts).items():
                mine = known.get(key)
                if mine is None:
                    mine = known[key] = {m: [0] * len(facts.names) for m in when}
                mine[moment] = [a + b for a, b in zip(mine[moment], sums, strict=True)]
    return known


def _begun(
    area: Area, by: str | None, moment: datetime, where: Chosen, *, names: Names, facts: Facts
) -> dict[str, list[Sums]]:
    """The sums of the day that has begun at a moment. With ticks of all counts, since others ask the same; each clock
    of the facts costs a question of its own."""
    asked = where.columns | ({by} if by else set())
    wanted = facts.names if facts.ticks is not None and asked <= facts.told else names
    return _moments(area, by, (midnight(moment), moment), ((0, 1),), where, names=wanted, facts=facts)


def _parts(when: tuple[Any, ...], spans: Iterable[tuple[Any, Any]]) -> Parts:
    """The spans as places in `when`, overlapping ones joined, empty ones left out."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted((when.index(a), when.index(b)) for a, b in spans if a < b):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return tuple(joined)


@cache
def _daily_days(cube: Table, shape: Shape, names: Names) -> Select:
    query = select(cube.c.day, *(func.sum(cube.c[n]).label(n) for n in names))
    where = (cube.c.day >= bindparam("first"), cube.c.day < bindparam("last"))
    return query.where(*where, *inside(shape.level, shape.named, cube)).group_by(cube.c.day)


@cache
def _daily_moments(shape: Shape, clocks: tuple[Clock, ...]) -> Select | CompoundSelect:
    return _happened(shape, clocks, lambda clock, _: cast(clock, Date).label("day"), ((0, 1),))


def by_day(
    area: Area, span: Span, where: Chosen, names: Names, *, by: str | None = None, facts: Facts = ORDERS
) -> dict[date, Sums]:
    """day -> the counts of `names`, for the days in which something happened, the last until the span's end. by: what
    others on the page ask the last day by."""
    shape, values = Shape(facts, area.level, None, where.named), bound(area, where)
    first, end = span.start, span.end
    cube = cube_of(area, None, where, facts)
    places = [facts.names.index(n) for n in names]
    if cube is None:
        found: dict[date, Sums] = {}
        query = _daily_moments(shape, _of_facts(None, where, names, facts))
        bits = [facts.bits[name] for name in names]
        asked = rows(query, values | {"moment0": first, "moment1": end})
        for day, what, n in asked:
            sums = found.setdefault(day, [0] * len(names))
            sums[:] = [old + (n if what & bit else 0) for old, bit in zip(sums, bits, strict=True)]
        return found
    asked = rows(_daily_days(cube, shape, names), values | {"first": first.date(), "last": end.date()})
    found = {day: list(sums) for day, *sums in asked}
    if end > midnight(end):
        by = by if by and cube_of(area, by, where, facts) is cube else None
        sums = added((sums for _, sums in _begun(area, by, end, where, names=names, facts=facts).values()), facts)
        found[end.date()] = [sums[place] for place in places]
    return found
