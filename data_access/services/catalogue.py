"""Questions about the catalogue (事项目录): item-based rates at a day, and where they stand among the peers.

Items are counted as they were in force on the day asked; a rate is the domain's function over all of them and nothing
else (domain/services/items.py), so that it can be recomputed by hand.
"""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Select, bindparam, func, select

from data_access.engine import columns, rows
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.services.tables import service_department, service_item, service_rank, service_theme
from domain.services import items as rates
from domain.services.items import ItemRate, Items

VARIANTS: dict[str, tuple[str, ...]] = {  # indicator -> its variants, the one that is shown first
    "services.online_items": ("A", "B", "C"),
    "services.full_online_items": (),
    "services.mobile_items": ("A", "B"),
    "services.zero_visit_items": ("A", "C"),
    "services.instant_items": ("A", "C"),
    "services.compression": (),
    "services.electronic_materials": (),
}
_RATES: dict[str, Callable[..., ItemRate]] = {
    "services.online_items": rates.online_rate,
    "services.full_online_items": rates.full_online_rate,
    "services.mobile_items": rates.mobile_rate,
    "services.zero_visit_items": rates.zero_visit_rate,
    "services.instant_items": rates.instant_rate,
    "services.compression": rates.compression,
    "services.electronic_materials": rates.electronic_materials,
}
_COLUMNS = {  # of the table -> of Items
    "kind": "kind", "enabled": "enabled", "template": "template", "legal_days": "legal", "promised_days": "promised",
    "instant": "instant", "visits": "visits", "visits_excused": "visits_excused", "depth": "depth", "online": "online",
    "online_excused": "online_excused", "mobile": "mobile", "mobile_excused": "mobile_excused",
    "materials": "materials", "materials_electronic": "materials_electronic",
}  # fmt: skip
_REALS = ("legal_days", "promised_days", "visits")


class Rank(NamedTuple):
    """A place among peers as it was published. next_value: of the peer one place above, None for the first or when not
    published. values: of all peers, best first; () when not published."""

    month: date
    rank: int | None
    peers: int | None
    value: float | None
    next_value: float | None
    values: tuple[float, ...]


class Theme(NamedTuple):
    """A theme (一件事) and what it takes before and after: steps, materials, days, visits."""

    code: str
    name: str
    name_en: str | None
    online_from: date | None
    before: tuple[float | None, ...]
    after: tuple[float | None, ...]


class _Versions(NamedTuple):
    """Of the items that rates count. there: whether there are any items at all."""

    there: bool
    items: Items
    org: np.ndarray
    since: np.ndarray  # days
    until: np.ndarray  # days


@cache
def _versions_asked() -> Select:
    c = service_item.c
    told = (func.coalesce(c[n], float("nan")).label(n) if n in _REALS else c[n] for n in _COLUMNS)
    until = func.coalesce(c.valid_to, date.max).label("valid_to")
    return select(*told, c.org, c.valid_from, until)


@remembered
def _versions() -> _Versions:
    found = columns(_versions_asked())

    def told(name: str) -> np.ndarray:
        if name in ("depth", "materials", "materials_electronic"):
            return found[name].astype(int)
        kind = float if name in _REALS else str if name == "kind" else bool
        return found[name].astype(kind)

    items = Items(**{ours: told(name) for name, ours in _COLUMNS.items()})
    since, until = (found[name].astype("datetime64[D]") for name in ("valid_from", "valid_to"))
    told_apart = (found["org"], since, until)
    return _Versions(bool(len(items)), items.base, *(column[items.counts] for column in told_apart))


def there() -> bool:
    """Whether a catalogue is loaded."""
    return _versions().there


@remembered
def items(day: date, org: str = "") -> Items:
    """The versions in force on a day that rates count, of one department where it is named."""
    known, at = _versions(), np.datetime64(day, "D")
    valid = (known.since <= at) & (known.until > at)
    if org:
        valid &= known.org == org
    return known.items.some(valid)


def counted(day: date, org: str = "") -> int:
    """How many items the rates are of."""
    return len(rates.base(items(day, org)))


def rate(indicator: str, day: date, *, variant: str = "", org: str = "") -> ItemRate | None:
    """An item-based rate on a day; None where no catalogue is loaded or in force."""
    if not len(found := items(day, org)):
        return None
    variant = variant if variant in VARIANTS[indicator] else next(iter(VARIANTS[indicator]), "")
    return _RATES[indicator](found, variant) if variant else _RATES[indicator](found)


@remembered
def course(indicator: str, days: tuple[date, ...], variant: str = "", org: str = "") -> tuple[ItemRate | None, ...]:
    """The rate on each of the days."""
    return tuple(rate(indicator, day, variant=variant, org=org) for day in days)


PUBLISHED_AFTER_DAYS = 10  # from the end of a month


@remembered
def _ranks() -> dict[str, list[tuple[Any, ...]]]:
    """indicator -> month, rank, peers, value, next_value, values as they are stored, oldest first."""
    c = service_rank.c
    query = select(c.indicator, c.month, c.rank, c.peers, c.value, c.next_value, c["values"]).order_by(c.month)
    found: dict[str, list[tuple[Any, ...]]] = {}
    for key, *told in rows(query):
        found.setdefault(key, []).append(tuple(told))
    return found


def rank(indicator: str, at: datetime) -> Rank | None:
    """The newest place among the peers that was published by `at`; None when none was."""
    until = at.date() - timedelta(days=PUBLISHED_AFTER_DAYS)
    known = [told for told in _ranks().get(indicator, ()) if _following(told[0]) <= until]
    if not known:
        return None
    *told, values = known[-1]
    return Rank._make((*told, tuple(json.loads(values))))


def _following(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


@remembered
def departments() -> dict[str, tuple[str, str | None]]:
    """code -> name, English name."""
    found = rows(select(service_department.c.code, service_department.c.name, service_department.c.name_en))
    return {code: (zh, en) for code, zh, en in found}


@remembered
def themes(at: datetime) -> tuple[Theme, ...]:
    """The themes that were online at the moment, oldest first."""
    c = service_theme.c
    parts = [c[f"{what}_{when}"] for when in ("before", "after") for what in ("steps", "materials", "days", "visits")]
    query = select(c.code, c.name, c.name_en, c.online_from, *parts).where(
        c.online_from <= bindparam("at", type_=Moment)
    )
    found = rows(query.order_by(c.online_from), {"at": at})
    return tuple(Theme(code, zh, en, since, tuple(n[:4]), tuple(n[4:])) for code, zh, en, since, *n in found)


@remembered
def theme_names() -> dict[str, tuple[str, str | None]]:
    """code -> name, English name, of all themes."""
    c = service_theme.c
    return {code: (zh, en) for code, zh, en in rows(select(c.code, c.name, c.name_en))}


@remembered
def item_names() -> dict[str, tuple[str, str | None]]:
    """code -> name, English name, of the newest version of each item."""
    c = service_item.c
    return {code: (zh, en) for code, zh, en in rows(select(c.code, c.name, c.name_en).order_by(c.valid_from))}
