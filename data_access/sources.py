"""Where data came from and how fresh it is."""

from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, bindparam, case, func, select

from data_access.engine import rows
from data_access.remember import remembered
from data_access.schema import Moment, load_log, source
from domain.freshness import state

_WORST = {"stale": 0, "late": 1, "unknown": 2, "fresh": 3}


class Freshness(NamedTuple):
    """A source as it stood at a moment. cadence_minutes: 0 promises nothing. last_data_at, age_minutes: None when it
    never said anything. state: fresh | late | stale | unknown. fields: what of orders it fills. reaches_to: up to when
    its data say something of the time before the moment, those that were loaded later included: what a replay of
    history rests on."""

    key: str
    name_zh: str
    name_en: str
    cadence_minutes: int
    last_data_at: datetime | None
    age_minutes: int | None
    state: str
    fields: str
    reaches_to: datetime | None


@cache
def _asked() -> Select:
    at, data_to = bindparam("at", type_=Moment), load_log.c.data_to
    known, touching = load_log.c.loaded_at <= at, func.coalesce(load_log.c.data_from, data_to) <= at
    newest = (
        select(
            load_log.c.source,
            func.max(case((known, data_to))).label("last_data_at"),
            func.max(case((touching, data_to))).label("reaches_to"),
        )
        .group_by(load_log.c.source)
        .subquery()
    )
    shown = (source.c.key, source.c.name_zh, source.c.name_en, source.c.cadence_minutes, newest.c.last_data_at)
    query = select(*shown, source.c.fields, newest.c.reaches_to)
    return query.outerjoin(newest, newest.c.source == source.c.key)


@remembered
def freshness(at: datetime) -> tuple[Freshness, ...]:
    """Every source as it stood at the moment, worst first."""
    told = []
    for key, zh, en, cadence, last, filled, reach in rows(_asked(), {"at": at}):
        last_at = None if last is None else min(last, at)
        age = None if last_at is None else int((at - last_at).total_seconds() // 60)
        said = state(last_at, at, int(cadence))
        told.append(Freshness(key, zh, en, int(cadence), last_at, age, said, filled, reach and min(reach, at)))
    told.sort(key=lambda s: (_WORST[s.state], -(s.age_minutes or 0) / max(s.cadence_minutes, 1), s.key))
    return tuple(told)
