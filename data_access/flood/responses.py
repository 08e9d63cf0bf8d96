"""The response level (防汛应急响应) that people declared."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, or_, select

from data_access.engine import rows
from data_access.flood.tables import flood_response as r
from data_access.remember import remembered
from data_access.where import AT


class Response(NamedTuple):
    """A row of flood_response. level: 1 (I, the highest) to 4."""

    order_no: str
    level: int
    declared_by: str
    start_at: datetime
    end_at: datetime | None
    basis: str


@cache
def _in_force() -> Select[Any]:
    held = or_(r.c.end_at.is_(None), r.c.end_at > AT)
    shown = [r.c[name] for name in Response._fields]
    return select(*shown).where(r.c.start_at <= AT, held).order_by(r.c.level, r.c.start_at.desc())


@remembered
def in_force(at: datetime) -> Response | None:
    """The highest response in force at a moment, None when there is none."""
    found = rows(_in_force(), {"at": at})
    return Response(*found[0]) if found else None
