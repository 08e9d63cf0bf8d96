"""Standards of service (服务标准): what a source tells of a period as a whole, by service. Volumes are added, rates are
not: what is flagged stands apart."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Date, Select, bindparam, func, select

from data_access.engine import rows
from data_access.remember import remembered
from data_access.services.tables import service_standard as t


class Standard(NamedTuple):
    """One standard over a period (end exclusive). flag: above (more met than there were), missing (a volume), other
    (not about time), ''."""

    source: str
    standard: str
    service: str
    name: str
    org: str
    start: date
    end: date
    target: float | None
    met: float | None
    total: float | None
    flag: str

    @property
    def counts(self) -> bool:
        """Whether it has a rate: what is flagged has none, nor has what had nothing to do."""
        return not self.flag and bool(self.total)


@cache
def _asked() -> Select:
    """Of each source the period that began last by the day."""
    newest = (
        select(t.c.source, func.max(t.c.start).label("start"))
        .where(t.c.start <= bindparam("day", type_=Date))
        .group_by(t.c.source)
        .subquery()
    )
    same = (t.c.source == newest.c.source) & (t.c.start == newest.c.start)
    return select(*(t.c[name] for name in Standard._fields)).join_from(t, newest, same)


def volumes(some: Sequence[Standard]) -> tuple[float, float]:
    """met, total: the volumes of those that have a rate."""
    told = [one for one in some if one.counts]
    return sum(one.met or 0.0 for one in told), sum(one.total or 0.0 for one in told)


@remembered
def standards(at: datetime) -> tuple[Standard, ...]:
    """The standards of the newest period that had begun, of each source."""
    found = [Standard(*row) for row in rows(_asked(), {"day": at.date()})]
    return tuple(sorted(found, key=lambda one: (one.source, one.service, one.standard)))
