"""Where data came from and how fresh it is."""

from datetime import datetime
from functools import cache

import pandas as pd
from sqlalchemy import Select, bindparam, func, select

from data_access.engine import rows
from data_access.remember import remembered
from data_access.schema import load_log, source
from domain.freshness import state

_WORST = {"stale": 0, "late": 1, "unknown": 2, "fresh": 3}
_COLUMNS = ("key", "name_zh", "name_en", "cadence_minutes", "last_data_at", "age_minutes", "state", "fields")


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
def freshness(at: datetime) -> pd.DataFrame:
    """key, name_zh, name_en, cadence_minutes, last_data_at, age_minutes, state (fresh | late | stale | unknown),
    fields: one row a source as it stood at the moment, worst first."""
    told = []
    for key, zh, en, cadence, last, filled in rows(_asked(), {"at": at}):
        last_at = None if last is None else min(last, at)
        age = None if last_at is None else int((at - last_at).total_seconds() // 60)
        told.append((key, zh, en, int(cadence), last_at, age, state(last_at, at, int(cadence)), filled))
    told.sort(key=lambda row: (_WORST[row[6]], -(row[5] or 0) / max(row[3], 1), row[0]))
    frame = pd.DataFrame(told, columns=pd.Index(_COLUMNS))
    return frame.astype({"last_data_at": "datetime64[us]", "age_minutes": "float64", "cadence_minutes": "int64"})
