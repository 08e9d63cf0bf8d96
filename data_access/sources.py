"""Where data came from and how fresh it is."""

from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, bindparam, func, select

from data_access.engine import rows
from data_access.remember import remembered
from data_access.schema import load_log, source
from domain.freshness import state

_WORST = {"stale": 0, "late": 1, "unknown": 2, "fresh": 3}


class Freshness(NamedTuple):
    """A source as it stood at a moment. cadence_minutes: 0 promises nothing. last_data_at, age_minutes: None when it
    never said anything. state: fresh | late | stale | unknown. fields: what of orders it fills."""

    key: str
    name_zh: str
    name_en: str
    cadence_minutes: int
    last_data_at: datetime | None
    age_minutes: int | None
    state: str
    fields: str


@cache
def _asked() -> Select:
    newest = (
        select(load_log.c.source, func.max(load_log.c.data_to).label("last_data_at"))
        .where(load_log.c.loaded_at <= bindparam("at"))
        .group_by(load_log.c.source)
        .subquery()
    )
    shown = (source.c.key, source.c.name_zh, source.c.name_en, source.c.cadence_minutes, newest.c.last_data_at)
    return select(*shown, source.c.fields).outerjoin(newest, newest.c.source == source.c.key)


@remembered
def freshness(at: datetime) -> tuple[Freshness, ...]:
    """Every source as it stood at the moment, worst first."""
    told = []
    for key, zh, en, cadence, last, filled in rows(_asked(), {"at": at}):
        last_at = None if last is None else min(last, at)
        age = None if last_at is None else int((at - last_at).total_seconds() // 60)
        said = state(last_at, at, int(cadence))
        told.append(Freshness(key, zh, en, int(cadence), last_at, age, said, filled))
    told.sort(key=lambda s: (_WORST[s.state], -(s.age_minutes or 0) / max(s.cadence_minutes, 1), s.key))
    return tuple(told)
