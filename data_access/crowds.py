"""Collective appeals (群体性诉求) at any moment: the rule is of domain.crowds, the orders are asked here.

Told once for all of the city, so that places add up: a crowd belongs to the place of the order in its middle. Nothing
accepted at or after the moment counts.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
from sqlalchemy import Select, String, bindparam, case, func, literal_column, select

from data_access import engine, hotline
from data_access.areas import Area
from data_access.bursts import let_through
from data_access.remember import remembered
from data_access.schema import hotline_order as o
from data_access.where import ALL, AT, FIRST, Where, conditions, place_column
from domain.bursts import UNKNOWN_CALLER
from domain.crowds import Crowd as Told
from domain.crowds import Orders, crowds, fullest, likeness
from domain.hotline_rules import Rules, rules

_NO_POINT = 999.0  # arrays of many rows know no NULL
_DIGITS = 3  # of a degree, some 100 m: no point is one house


class Crowd(NamedTuple):
    """People about one matter in one street, at one place or at several. spots: how many places. community: of the only
    one, '' where the sources do not tell. orders, callers (distinct): of the look-back; peak: callers of the fullest
    window; begin, last: the first order of it, and the last order of all. open: those not closed at the moment, None
    where no source tells closings. similar: orders of other categories there whose titles tell of the same. lon, lat:
    about where the first place is, NaN without points. keywords: watched words in category or titles."""

    category: str
    street: str
    district: str
    community: str
    spots: int
    orders: int
    callers: int
    peak: int
    begin: datetime
    last: datetime
    open: int | None
    similar: int
    lon: float
    lat: float
    keywords: tuple[str, ...]


@cache
def _asked(named: tuple[str, ...]) -> Select:
    """The orders of the look-back, nothing NULL. place: where one without a point stands."""
    road = case((o.c.address != "", func.concat(o.c.street_code, "|", o.c.address)), else_="")
    where = case((o.c.community_code != "", o.c.community_code), else_=road)
    point = (func.coalesce(o.c[name], literal_column(str(_NO_POINT))).label(name) for name in ("lon", "lat"))
    return select(
        o.c.order_id, o.c.accept_at, o.c.category, o.c.street_code, o.c.district_code, o.c.community_code, *point,
        case((o.c.lon.is_(None), where), else_="").label("place"),
        func.coalesce(o.c.caller_key, literal_column(str(UNKNOWN_CALLER))).label("caller"),
    ).where(o.c.accept_at >= FIRST, o.c.accept_at < AT, *conditions(o, named))  # fmt: skip


class _Said(NamedTuple):
    """What is read of the streets of crowds only."""

    title: str
    closed: bool | None


@cache
def _said_asked() -> Select:
    within = (o.c.accept_at >= FIRST, o.c.accept_at < AT)
    street = o.c.street_code.in_(bindparam("streets", expanding=True, type_=String()))
    closed = case((o.c.tracked, case((o.c.close_at < AT, 1), else_=0)), else_=-1)
    return select(o.c.order_id, o.c.title, closed.label("closed")).where(*within, street)


@remembered
def found(at: datetime, where: Where = ALL) -> tuple[Crowd, ...]:
    """All of the city at the moment, the most callers within a day first."""
    held = rules(at.date())
    values = {"first": at - timedelta(days=held.crowd_days), "at": at}
    asked = engine.columns(_asked(where.named), values | where.bound)
    lon, lat = (np.where(asked[name] == _NO_POINT, np.nan, asked[name]).astype(float) for name in ("lon", "lat"))
    moments = asked["accept_at"].astype("datetime64[us]")
    told = crowds(Orders(asked["category"], asked["place"], lon, lat, asked["caller"], moments), held)
    if not told:
        return ()
    streets = sorted({str(asked["street_code"][crowd.centre]) for crowd in told})
    said = {n: _Said(title, None if closed < 0 else bool(closed)) for n, title, closed in
            engine.rows(_said_asked(), values | {"streets": streets})}  # fmt: skip
    asked |= {"lon": lon, "lat": lat, "accept_at": moments}
    together: dict[tuple, list[Told]] = defaultdict(list)
    for one in told:
        together[tuple(asked[name][one.centre] for name in ("category", "street_code", "district_code"))].append(one)
    some = (_crowd(ones, asked, said, held) for ones in together.values())
    return tuple(sorted(some, key=lambda c: (-c.peak, -c.callers, c.category, c.street, c.district)))


def _crowd(told: list[Told], asked: dict[str, np.ndarray], said: dict[int, _Said], held: Rules) -> Crowd:
    """told: of one category in one street, the fullest first."""
    members = np.concatenate([one.members for one in told])
    members = members[np.argsort(asked["accept_at"][members], kind="stable")]
    centre = told[0].centre
    ids = asked["order_id"][members].tolist()
    titles = [said[n].title for n in ids if n in said]
    closed = [said[n].closed for n in ids if n in said]
    category, street, district, community = (
        str(asked[name][centre]) for name in ("category", "street_code", "district_code", "community_code")
    )
    name = hotline.category_names("zh").get(category, category)
    text = " ".join([name, *titles])
    placed = not np.isnan(asked["lon"][centre])
    first = told[0].members
    lon, lat = (float(np.round(asked[axis][first].mean(), _DIGITS)) if placed else np.nan for axis in ("lon", "lat"))
    at = asked["accept_at"][members]
    callers = asked["caller"][members]
    peak, window = fullest(callers, at.astype(np.int64), int(held.crowd_hours * 3_600_000_000))
    return Crowd(
        category, street, district, community if len(told) == 1 else "", len(told), len(members),
        len(np.unique(callers)), peak, at[window[0]].astype(datetime), at[-1].astype(datetime),
        None if None in closed or not closed else closed.count(False), _similar(told, asked, said, held),
        lon, lat, tuple(word for word in held.watch_words if word in text),
    )  # fmt: skip


def _similar(told: list[Told], asked: dict[str, np.ndarray], said: dict[int, _Said], held: Rules) -> int:
    """Orders of other categories near a middle, since it began, whose titles are like one of the crowd's."""
    ids, category = asked["order_id"], asked["category"]
    mine = {said[n].title for one in told for n in ids[one.members].tolist() if n in said}
    others = np.zeros(len(ids), bool)
    for one in told:
        centre = one.centre
        if np.isnan(asked["lon"][centre]):
            near = (asked["place"] == asked["place"][centre]) & (asked["place"][centre] != "")
        else:
            narrow = np.cos(np.radians(asked["lat"][centre]))
            east = (asked["lon"] - asked["lon"][centre]) * narrow
            near = np.hypot(east, asked["lat"] - asked["lat"][centre]) * 111_195 <= held.crowd_metres
        others |= near & (asked["accept_at"] >= asked["accept_at"][one.members[one.window[0]]])
    titles = [said[n].title for n in ids[others & (category != category[told[0].centre])].tolist() if n in said]
    like = {t: any(likeness(t, one) >= held.crowd_likeness for one in mine) for t in set(titles)}
    return sum(like[title] for title in titles)


def there(area: Area, at: datetime, where: Where = ALL) -> tuple[Crowd, ...]:
    """Those of a place (of a community: of its street) that a filter lets through. A mark narrows nothing."""
    here = area.code if area.level < 3 else (area.parent or "")
    column = place_column(min(area.level, 2)).removesuffix("_code")
    rest = replace(where, topic="", group=(), category="", mark="")
    some = (crowd for crowd in found(at, rest) if not area.level or getattr(crowd, column) == here)
    through = let_through(where)
    return tuple(crowd for crowd in some if through(crowd.category))
