"""What was loaded over which days, and which fields the sources fill.

A source names the fields that it fills (source.fields). Those of orders stand by themselves, '*' is all of them; those
of another domain stand behind its name: services.cases, services.items, services.tickets, services.snapshots,
services.standards.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Date, cast, func, select

from data_access.engine import rows
from data_access.remember import remembered
from data_access.schema import load_log, source
from domain.periods import Span


def of_orders(field: str) -> bool:
    """Whether it is a field of orders."""
    return bool(field) and "." not in field


class _Load(NamedTuple):
    """Loads of sources that fill the same fields and reach over the same days."""

    fields: frozenset[str]
    first: datetime
    last: datetime


@remembered
def _loads() -> tuple[_Load, ...]:
    reached = (cast(load_log.c.data_from, Date), cast(load_log.c.data_to, Date))
    query = (
        select(source.c.fields, func.min(load_log.c.data_from), func.max(load_log.c.data_to))
        .join(source, source.c.key == load_log.c.source)
        .where(source.c.fields != "", load_log.c.data_from.is_not(None), load_log.c.data_to.is_not(None))
        .group_by(source.c.fields, *reached)
    )
    return tuple(_Load(frozenset(filter(None, told.split(","))), first, last) for told, first, last in rows(query))


@remembered
def given(span: Span) -> frozenset[str]:
    """The fields that the sources fill which loaded any of the span."""
    return frozenset().union(*(load.fields for load in _loads() if load.first < span.end and load.last >= span.start))


@remembered
def _loaded(field: str) -> frozenset[int]:
    """The days (ordinals) that loads reached over, from the first to the last moment of each, of sources that fill the
    field; '': of orders, whatever they fill of them."""
    found: set[int] = set()
    for load in _loads():
        if field in load.fields if field else any(map(of_orders, load.fields)):
            found.update(range(load.first.toordinal(), load.last.toordinal() + 1))
    return frozenset(found)


def ever(field: str = "") -> bool:
    """Whether anything of the field was ever loaded."""
    return bool(_loaded(field))


def covers(span: Span, field: str = "") -> bool:
    """Whether it was loaded for every day of the span: a day without a load is missing, not zero."""
    return all(covered(_days(span), field))


def known(span: Span, field: str = "") -> bool:
    """Whether it was loaded for any day of the span: what is counted in it can be told at all."""
    return any(covered(_days(span), field))


def _days(span: Span) -> list[date]:
    first, last = span.start.date(), (span.end - timedelta(microseconds=1)).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def covered(days: Iterable[date | datetime], field: str = "") -> list[bool]:
    """For each day whether it was loaded."""
    loaded = _loaded(field)
    return [day.toordinal() in loaded for day in days]
