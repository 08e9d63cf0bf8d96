"""Questions about observed indicators (other domains' figures). Parts are summed, never rates (handbook 6.3)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, Subquery, and_, bindparam, func, literal_column, select, union_all

from data_access.areas import Area, tree
from data_access.engine import data_version, engine, rows
from data_access.indicators import Indicator, indicators
from data_access.remember import remembered
from data_access.schema import observation as ob
from domain.periods import Base, Span

PARTS = ("numerator", "denominator", "value")
LAST = ("stock", "level")  # over time the last counts, not the sum
Parts = tuple[float | None, ...]  # one for each of PARTS
_NONE: Parts = (None, None, None)


@remembered
def _mark() -> tuple[int, datetime | None]:
    """Moves with the observations and with nothing else: what is kept below outlives other commits of data."""
    ((count, newest),) = rows(select(func.count(), func.max(ob.c.as_of)))
    return int(count), newest


@lru_cache(maxsize=4)
def _corrected(_mark: object, _url: str) -> bool:
    """Whether any figure was ever corrected; while none was, the newest row need not be looked for."""
    keys = (ob.c.indicator, ob.c.area, ob.c.start, ob.c.end)
    return bool(rows(select(*keys).group_by(*keys).having(func.count() > 1).limit(1)))


@lru_cache(maxsize=4)
def _reporting(_mark: object, _url: str) -> tuple[tuple[str, str], ...]:
    """(indicator, place) that ever had a figure."""
    return tuple((key, code) for key, code in rows(select(ob.c.indicator, ob.c.area).distinct()))


@lru_cache(maxsize=4)
def _levels(_mark: object, _version: int, _url: str) -> dict[str, int]:
    found: dict[str, int] = {}
    places = tree()
    for key, code in _reporting(_mark, _url):
        if (place := places.get(code)) is not None:
            found[key] = max(found.get(key, 0), place.level)
    return found


def level_of(key: str) -> int | None:
    """The deepest level at which the indicator is reported, None when it is not."""
    return _levels(_mark(), data_version(), str(engine().url)).get(key)


def _known() -> tuple[Any, tuple[Any, ...]]:
    """The observations as they were known at :at (the newest version of each), and the conditions that say so."""
    if not _corrected(_mark(), str(engine().url)):
        return ob, _BY_THEN
    return _newest(), ()


_BY_THEN = (ob.c.as_of <= bindparam("at"),)


@cache
def _newest() -> Subquery:
    newest = func.row_number().over(
        partition_by=(ob.c.indicator, ob.c.area, ob.c.start, ob.c.end), order_by=ob.c.as_of.desc()
    )
    ranked = select(ob, newest.label("version")).where(ob.c.as_of <= bindparam("at")).subquery()
    return select(ranked).where(ranked.c.version == 1).subquery()


def _whole_days(span: Span) -> Span:
    """Figures come a day at a time: the whole days of a span, or the day before when it has none yet."""
    last = datetime.combine(span.end.date(), time.min)
    return Span(span.start, last) if span.start < last else Span(last - timedelta(days=1), last)


@lru_cache(maxsize=4)
def _mixed(_mark: object, _version: int, _url: str) -> dict[str, frozenset[str]]:
    """Indicators that a place and a place inside it both report, with the places that then count: the innermost, since
    the outer figure has theirs in it and would count them twice."""
    places = tree()
    reporters: dict[str, set[str]] = {}
    for key, code in _reporting(_mark, _url):
        reporters.setdefault(key, set()).add(code)
    found = {}
    for key, codes in reporters.items():
        outer = {step.code for code in codes for step in places.path(code)[:-1]}
        if codes & outer:
            found[key] = frozenset(codes - outer)
    return found


def _groups(keys: Sequence[str], area: Area) -> list[tuple[list[str], list[str] | None]]:
    """Which indicators can be asked together, and of which places (None: all)."""
    mixed = _mixed(_mark(), data_version(), str(engine().url))
    inside = [area.code, *(a.code for a in tree().descendants(area.code))]
    groups: list[tuple[list[str], list[str] | None]] = []
    if plain := [key for key in keys if key not in mixed]:
        groups.append((plain, None if area.level == 0 else inside))
    groups += [([key], [code for code in inside if code in mixed[key]]) for key in keys if key in mixed]
    return groups


def _inside(known: Any, *, placed: bool) -> list[Any]:
    where = [known.c.indicator.in_(bindparam("keys", expanding=True))]
    return [*where, *([known.c.area.in_(bindparam("places", expanding=True))] if placed else [])]


def _in_span(known: Any, i: int) -> Any:
    return and_(known.c.start >= bindparam(f"start{i}"), known.c.end <= bindparam(f"end{i}"))


def _bound(keys: Iterable[str], spans: Sequence[Span], places: list[str] | None, at: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"keys": list(keys), "at": at} | ({} if places is None else {"places": places})
    for i, span in enumerate(spans):
        values |= {f"start{i}": span.start, f"end{i}": span.end}
    return values


@lru_cache(maxsize=64)
def _flows_asked(known: Any, when: tuple[Any, ...], count: int, *, placed: bool, by_place: bool) -> Select:
    """indicator, [area], number of the span, numerator, denominator, value: sums. Span by span, since DuckDB skips no
    block through an "or"."""
    keys = [known.c.indicator, *([known.c.area] if by_place else [])]
    parts = [known.c[part] for part in PARTS]
    inside = (*when, *_inside(known, placed=placed))
    each = [
        select(*keys, literal_column(str(i)).label("span"), *parts).where(_in_span(known, i), *inside)
        for i in range(count)
    ]
    every = (union_all(*each) if count > 1 else each[0]).subquery()
    keys = [every.c[key.name] for key in keys]
    return select(*keys, every.c.span, *(func.sum(every.c[part]) for part in PARTS)).group_by(*keys, every.c.span)


@lru_cache(maxsize=64)
def _last_asked(known: Any, when: tuple[Any, ...], *, placed: bool) -> Select:
    """indicator, area, numerator, denominator, value: the last of the span."""
    where = (_in_span(known, 0), *when, *_inside(known, placed=placed))
    by = (known.c.indicator, known.c.area)
    last = select(*by, func.max(known.c.end).label("end")).where(*where).group_by(*by).subquery()
    same = and_(last.c.indicator == known.c.indicator, last.c.area == known.c.area, last.c.end == known.c.end)
    return select(*by, *(known.c[p] for p in PARTS)).join(last, same).where(*where)


@remembered
def _asked(
    keys: tuple[str, ...], spans: tuple[Span, ...], area: Area, at: datetime, *, by_place: bool = False
) -> dict[str, dict[str, list[Parts]]]:
    """indicator -> place ('' when all are together) -> for each span its parts."""
    known, when = _known()
    kinds = {key: indicators()[key].kind for key in keys}
    found: dict[str, dict[str, list[Parts]]] = {key: {} for key in keys}
    for some, places in _groups(keys, area):
        placed = places is not None
        if flows := [key for key in some if kinds[key] not in LAST]:
            query = _flows_asked(known, when, len(spans), placed=placed, by_place=by_place)
            for key, *row in rows(query, _bound(flows, spans, places, at)):
                place = row.pop(0) if by_place else ""
                number, *parts = row
                found[key].setdefault(place, [_NONE] * len(spans))[number] = tuple(parts)
        if last := [key for key in some if kinds[key] in LAST]:
            query = _last_asked(known, when, placed=placed)
            for i, span in enumerate(spans):
                for key, place, *parts in rows(query, _bound(last, [span], places, at)):
                    mine = found[key].setdefault(place if by_place else "", [_NONE] * len(spans))
                    mine[i] = _together(kinds[key], [mine[i], tuple(parts)])
    return found


def _together(kind: str, some: Iterable[Parts]) -> Parts:
    """The parts of several places: sums, of levels the highest; None where none has any."""
    columns = ([v for v in column if v is not None] for column in zip(*some, strict=True))
    return tuple((max(c) if kind == "level" else sum(c)) if c else None for c in columns) or _NONE


class Figure(NamedTuple):
    """An indicator's parts and what they come to; None where there is nothing."""

    numerator: float | None
    denominator: float | None
    value: float | None
    amount: float | None


def _figure(indicator: Indicator, parts: Parts) -> Figure:
    amount = indicator.of(parts[0], parts[1]) if indicator.kind in ("ratio", "mean") else parts[2]
    return Figure(parts[0], parts[1], parts[2], amount)


def totals(
    keys: Sequence[str], area: Area, span: Span, base: Base | None, at: datetime
) -> dict[str, dict[str, Figure]]:
    """Per indicator its figure 'now' and, with a base, at the 'base'. Whole days only."""
    spans = (_whole_days(span), *([_whole_days(base.span)] if base else []))
    asked, known = _asked(tuple(keys), spans, area, at), indicators()
    nothing = [_NONE] * len(spans)
    return {
        key: {
            name: _figure(known[key], parts)
            for name, parts in zip(("now", "base"), asked[key].get("", nothing), strict=False)
        }
        for key in keys
    }


def by_child(indicator: Indicator, area: Area, span: Span, at: datetime) -> dict[str, Figure]:
    """The figure of each child of area, by its code."""
    children = tree().children(area.code)
    asked = _asked((indicator.key,), (_whole_days(span),), area, at, by_place=True)[indicator.key]
    inside = {child.code: [child, *tree().descendants(child.code)] for child in children}
    return {
        code: _figure(
            indicator, _together(indicator.kind, [_NONE, *(asked[a.code][0] for a in places if a.code in asked)])
        )
        for code, places in inside.items()
    }


def daily(
    keys: Sequence[str], area: Area, first: datetime, end: datetime, at: datetime
) -> dict[str, list[tuple[datetime, Figure]]]:
    """Per indicator (day, figure) of each day that has figures, oldest first."""
    asked, known = _daily(tuple(keys), area, first, end, at), indicators()
    return {key: [(day, _figure(known[key], parts)) for day, parts in asked[key]] for key in keys}


@lru_cache(maxsize=64)
def _daily_asked(known: Any, when: tuple[Any, ...], *, placed: bool) -> Select:
    keys = (known.c.indicator, known.c.start)
    sums = [kind(known.c[part]) for kind in (func.sum, func.max) for part in PARTS]
    return select(*keys, *sums).where(_in_span(known, 0), *when, *_inside(known, placed=placed)).group_by(*keys)


@remembered
def _daily(
    keys: tuple[str, ...], area: Area, first: datetime, end: datetime, at: datetime
) -> dict[str, list[tuple[datetime, Parts]]]:
    known, when = _known()
    found: dict[str, list[tuple[datetime, Parts]]] = {key: [] for key in keys}
    for some, places in _groups(keys, area):
        query = _daily_asked(known, when, placed=places is not None)
        for key, day, *parts in rows(query, _bound(some, [Span(first, end)], places, at)):
            found[key].append((day, tuple(parts[3:] if indicators()[key].kind == "level" else parts[:3])))
    return {key: sorted(days) for key, days in found.items()}
