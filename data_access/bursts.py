"""Sudden appeals (突发诉求) at any moment, repeated appeals and problems that come back (handbook 1.5).

Watched is each category in each street, in windows of an hour and of a day; the counts are of burst_counts, the rules
of domain.bursts. Nothing accepted at or after the moment counts, so that a replay shows what was shown then.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Double, Integer, Select, bindparam, case, cast, func, or_, select

from data_access import hotline
from data_access.areas import Area, tree
from data_access.burst_counts import DAY, HOUR, Counted, between, counted, moment, seconds
from data_access.engine import rows
from data_access.remember import remembered
from data_access.schema import hotline_order as o
from data_access.where import ALL, AT, FIRST, Where, bound, inside, place_column
from domain.bursts import LEVELS, Level, count_callers, score
from domain.hotline_rules import Rules, rules

WINDOWS = {24: 14, 1: 3}  # hours: days of look-back, before which no beginning is told; of equals the first is told
SPARK_DAYS = 15
COURSE_HOURS = 48


class Mark(NamedTuple):
    """What happened meanwhile: a storm, an outage."""

    kind: str
    name_zh: str
    name_en: str


class Burst(NamedTuple):
    """A category in a street that is sudden, or near it. orders, callers (distinct), expected (callers) and z are of
    the window of `window_hours` that ends at the moment. since: the end of the window in which it began; capped: it may
    have begun earlier."""

    category: str
    street: str
    district: str
    state: Level
    window_hours: int
    orders: int
    callers: int
    expected: float
    z: float
    since: datetime
    capped: bool


class Told(NamedTuple):
    """What is said of a burst. related: what happened meanwhile. keywords: words of rules.watch_words in the category
    or the titles of the window, the most frequent first."""

    related: tuple[Mark, ...]
    keywords: tuple[str, ...]


def _rest(where: Where) -> Where:
    """What is asked of the orders; categories are told apart afterwards, and a mark comes later in an order's life than
    a burst."""
    return replace(where, topic="", group=(), category="", mark="")


@remembered
def _counted(at: datetime, where: Where) -> Counted:
    return counted(at, where, tuple(WINDOWS.items()), rules(at.date()))


@remembered
def found(at: datetime, where: Where = ALL) -> tuple[Burst, ...]:
    """All of the city at the moment: bursts before watches, the most unusual first."""
    some = _active(_counted(at, _rest(where)), seconds(at))
    return tuple(sorted(some, key=lambda b: (-LEVELS.index(b.state), -b.z, b.category, b.street, b.district)))


def bursts(area: Area, at: datetime, where: Where = ALL) -> tuple[Burst, ...]:
    """Those of a place (of a community: of its street) that a filter lets through. A mark narrows nothing."""
    here = area.code if area.level < 3 else (area.parent or "")
    column = place_column(min(area.level, 2)).removesuffix("_code")
    through = let_through(where)
    some = (b for b in found(at, _rest(where)) if not area.level or getattr(b, column) == here)
    return tuple(b for b in some if through(b.category))


def let_through(where: Where) -> Callable[[str], bool]:
    """Whether the filters let a category through."""
    topics = hotline.topic_by_category()

    def through(code: str) -> bool:
        topic = topics.get(code, code)
        return (
            (not where.category or code == where.category)
            and (not where.topic or topic == where.topic)
            and (not where.group or topic in where.group or code in where.group)
        )

    return through


def _active(told: Counted, end: int) -> list[Burst]:
    """The episodes that go on at the end, one a key: the stronger of its windows."""
    best: dict[int, Burst] = {}
    for hours in WINDOWS:
        windows = told.windows[hours]
        state, since = windows.standing.state, windows.standing.since
        a = np.searchsorted(told.orders.second, end - hours * 3600)
        orders = np.bincount(told.orders.key[a:], minlength=len(told.keys))
        for n in np.flatnonzero((state > 0) & np.isfinite(windows.x) & np.isfinite(windows.mu)):
            key, x, mu = int(windows.keys[n]), windows.x[n], windows.mu[n]
            level = LEVELS[state[n]]
            if key in best and LEVELS.index(best[key].state) >= state[n]:
                continue
            begun, own = int(since[n]), told.keys[key]
            best[key] = Burst(
                own[0], own[1], own[2], level, hours, int(orders[key]), int(x), float(mu), float(score(x, mu)),
                moment(windows.ends[begun]), begun == 0,
            )  # fmt: skip
    return list(best.values())


def told(some: Sequence[Burst], at: datetime) -> list[Told]:
    """What happened while each of some bursts of the moment went on, and the words in them."""
    if not some:
        return []
    day = rules(at.date())
    first = min(b.since - timedelta(hours=b.window_hours) for b in some)
    meanwhile = [m for m in hotline.marks(first, at) if m.kind in ("storm", "outage")]
    words = _words(at)
    names = hotline.category_names("zh")
    described = []
    for b in some:
        name = names.get(b.category, b.category)
        said = [w for w in day.watch_words if w in name]
        titles = words.get((b.category, b.street, b.district), {})
        said += sorted((w for w in titles if w not in said), key=lambda w: -titles[w])
        begun = b.since - timedelta(hours=b.window_hours)
        related = tuple(Mark(m.kind, m.name_zh, m.name_en) for m in meanwhile if m.end > begun and _akin(m, name, day))
        described.append(Told(related, tuple(said)))
    return described


def days(some: Sequence[Burst], at: datetime, where: Where = ALL) -> list[tuple[int, ...]]:
    """Distinct callers of each in each of the last SPARK_DAYS spans of 24 hours, oldest first."""
    return _course(some, at, where, (SPARK_DAYS, DAY))


def hours(some: Sequence[Burst], at: datetime, where: Where = ALL) -> list[tuple[int, ...]]:
    """Distinct callers of each in each of the last COURSE_HOURS hours, oldest first."""
    return _course(some, at, where, (COURSE_HOURS, HOUR))


def _course(some: Sequence[Burst], at: datetime, where: Where, spans: tuple[int, int]) -> list[tuple[int, ...]]:
    """Distinct callers of each in the spans up to the moment, the oldest first. spans: how many, seconds of each."""
    if not some:
        return []
    known, end = _counted(at, _rest(where)), seconds(at)
    count, length = spans
    place = {key: n for n, key in enumerate(known.keys)}
    own = np.full(len(known.keys), -1)
    own[[place[b.category, b.street, b.district] for b in some]] = np.arange(len(some))
    recent = between(known.orders, end - count * length, end)
    which = own[recent.key]
    mine = which >= 0
    step = count - 1 - (end - 1 - recent.second[mine]) // length
    return list(map(tuple, count_callers(which[mine], step, recent.caller[mine], (len(some), count)).tolist()))


def _akin(happened, name: str, day: Rules) -> bool:
    """Whether a category is of what happened: what storms bring; of an outage, the supply that both name."""
    if happened.kind == "storm":
        return any(word in name for word in day.storm_words)
    return any(word in name and word in happened.name_zh for word in day.watch_words)


@cache
def _words_asked(words: tuple[str, ...]) -> Select:
    said = or_(*(o.c.title.contains(word, autoescape=True) for word in words))
    within = (o.c.accept_at >= bindparam("first"), o.c.accept_at < bindparam("at"))
    return select(o.c.category, o.c.street_code, o.c.district_code, o.c.title).where(*within, said)


@remembered
def _words(at: datetime) -> dict[tuple[str, str, str], dict[str, int]]:
    """Which of the watched words stand how often in the titles of the last day."""
    counts: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    watched = rules(at.date()).watch_words
    if not watched:
        return counts
    for code, street, district, title in rows(_words_asked(watched), {"first": at - timedelta(days=1), "at": at}):
        for word in watched:
            if word in title:
                counts[code, street, district][word] += 1
    return counts


# ---- what repeats ----------------------------------------------------------------------------------------------------


class Repeats(NamedTuple):
    """Of the rules' days up to the moment. orders: those that follow another of the same caller and category, pairs:
    (caller, category) pairs that have any; callers: those with many orders of any category. Never who."""

    orders: int
    pairs: int
    callers: int


def _lately(area: Area, named: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [o.c.accept_at >= FIRST, o.c.accept_at < AT, *inside(area.level, named)]


def _values(area: Area, where: Where, at: datetime, days: int) -> dict[str, Any]:
    return bound(area, where, first=at - timedelta(days=days), at=at)


@cache
def _repeats_asked(area: Area, named: tuple[str, ...]) -> Select:
    n = func.count().label("n")
    told = (o.c.caller_key.is_not(None), o.c.caller_key != 0)
    pair = (
        select(o.c.caller_key, o.c.category, n)
        .where(*told, *_lately(area, named))
        .group_by(o.c.caller_key, o.c.category)
    )
    pairs = pair.subquery()
    least = bindparam("least", type_=Integer())
    caller = (
        select(
            func.sum(pairs.c.n).label("n"),
            func.sum(case((pairs.c.n >= least, pairs.c.n - least + 1), else_=0)).label("orders"),
            func.sum(case((pairs.c.n >= least, 1), else_=0)).label("pairs"),
        )
        .group_by(pairs.c.caller_key)
        .subquery()
    )
    many = func.sum(case((caller.c.n >= bindparam("many", type_=Integer()), 1), else_=0))
    return select(func.sum(caller.c.orders), func.sum(caller.c.pairs), many)


@remembered
def repeats(area: Area, at: datetime, where: Where = ALL) -> Repeats:
    """Repeated appeals (重复诉求) and callers who call often (高频诉求人)."""
    of = rules(at.date())
    where = replace(where, mark="")
    values = _values(area, where, at, of.repeat_days) | {"least": of.repeat_n, "many": of.frequent_n}
    return Repeats(*(int(n or 0) for n in rows(_repeats_asked(area, where.named), values)[0]))


class Recurring(NamedTuple):
    """A problem that comes back in a community. expected: orders, had the category its usual share there; z: how far
    from that."""

    category: str
    community: str
    street: str
    district: str
    orders: int
    callers: int
    expected: float
    z: float
    first: datetime
    last: datetime


CONSIDERED = 60  # pairs, the most unusual, whose callers are counted: to tell callers apart for all costs far more


@cache
def _unusual_asked(area: Area, named: tuple[str, ...]) -> Select:
    """Pairs of category and community; expected is category total x community total / total."""
    pair = (
        select(o.c.category, o.c.community_code, func.count().label("n"))
        .where(o.c.community_code != "", *_lately(area, named))
        .group_by(o.c.category, o.c.community_code)
        .cte("pair")
    )

    def total(name: str):
        return select(pair.c[name], func.sum(pair.c.n).label("n")).group_by(pair.c[name]).subquery()

    of_category, of_place = total("category"), total("community_code")
    whole = select(func.sum(pair.c.n)).scalar_subquery()
    expected = cast(of_category.c.n, Double) * of_place.c.n / whole
    z = 2 * (func.sqrt(cast(pair.c.n, Double)) - func.sqrt(expected))
    return (
        select(pair, expected.label("expected"))
        .join(of_category, of_category.c.category == pair.c.category)
        .join(of_place, of_place.c.community_code == pair.c.community_code)
        .where(pair.c.n >= bindparam("least", type_=Integer()))
        .order_by(z.desc(), pair.c.category, pair.c.community_code)
        .limit(CONSIDERED)
    )


@cache
def _callers_asked(area: Area, named: tuple[str, ...]) -> Select:
    among = [o.c[c].in_(bindparam(f"some_{c}", expanding=True)) for c in ("category", "community_code")]
    return (
        select(
            o.c.category, o.c.community_code, func.min(o.c.street_code), func.min(o.c.district_code),
            func.count(func.nullif(o.c.caller_key, 0).distinct()), func.min(o.c.accept_at), func.max(o.c.accept_at),
        )
        .where(*_lately(area, named), *among)
        .group_by(o.c.category, o.c.community_code)
    )  # fmt: skip


@remembered
def recurring(area: Area, at: datetime, where: Where = ALL) -> tuple[Recurring, ...]:
    """Problems that come back (反复发生): a category in a community with several distinct callers in the rules' days;
    those whose community has most beyond the category's usual share there first. Of the
    CONSIDERED most unusual pairs."""
    of = rules(at.date())
    where = replace(where, mark="")
    values = _values(area, where, at, of.problem_days)
    pairs = rows(_unusual_asked(area, where.named), values | {"least": of.problem_callers})
    if not pairs:
        return ()
    among = {"some_category": sorted({p[0] for p in pairs}), "some_community_code": sorted({p[1] for p in pairs})}
    told = {(r[0], r[1]): r[2:] for r in rows(_callers_asked(area, where.named), values | among)}
    many = []
    for code, community, n, expected in pairs:
        street, district, callers, first, last = told[code, community]
        if callers >= of.problem_callers:
            z = float(score(n, expected))
            many.append(Recurring(code, community, street, district, n, callers, expected, z, first, last))
    return tuple(many)


def place_of(street: str, district: str) -> Area | None:
    """The street, or the district where the street is not known."""
    return tree().get(street) or tree().get(district)
