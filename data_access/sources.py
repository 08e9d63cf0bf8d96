"""Where data came from and how fresh it is."""

from datetime import datetime

import pandas as pd
from sqlalchemy import func, select

from data_access.engine import read
from data_access.schema import load_log, source
from domain.freshness import state


def freshness(at: datetime) -> pd.DataFrame:
    """key, name_zh, name_en, cadence_minutes, last_data_at, age_minutes, state (fresh | late | stale | unknown), fields:
    one row a source as it stood at the moment, worst first."""
    newest = (
        select(load_log.c.source, func.max(load_log.c.data_to).label("last_data_at"))
        .where(load_log.c.loaded_at <= at)
        .group_by(load_log.c.source)
        .subquery()
    )
    frame = read(
        select(
            source.c.key,
            source.c.name_zh,
            source.c.name_en,
            source.c.cadence_minutes,
            source.c.fields,
            newest.c.last_data_at,
        ).outerjoin(newest, newest.c.source == source.c.key)
    )
    last = [None if pd.isna(moment) else min(moment.to_pydatetime(), at) for moment in frame["last_data_at"]]
    frame["last_data_at"] = pd.Series(last, dtype="datetime64[us]")
    frame["age_minutes"] = [None if moment is None else int((at - moment).total_seconds() // 60) for moment in last]
    frame["state"] = [
        state(moment, at, int(cadence)) for moment, cadence in zip(last, frame["cadence_minutes"], strict=True)
    ]
    worst = {"stale": 0, "late": 1, "unknown": 2, "fresh": 3}
    frame["_rank"] = frame["state"].map(worst)
    frame["_over"] = pd.to_numeric(frame["age_minutes"]) / frame["cadence_minutes"].clip(lower=1)
    return (
        frame.sort_values(["_rank", "_over"], ascending=[True, False])
        .drop(columns=["_rank", "_over"])
        .reset_index(drop=True)
    )
