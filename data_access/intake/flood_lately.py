"""What of a load concerns the alarm engine: only what is of these days. A past that was loaded is known at its own
moments and raises no alarms (watch.rebuild looks at it on request)."""

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from data_access.flood import watch
from data_access.intake.report import Report


def received(connection: Connection, frame: Any, now: datetime) -> Any:
    """The readings; those of these days that the engine had passed before they came were received now."""
    lately = (pd.to_datetime(frame["moment"]) > now - watch.LATEST).to_numpy()
    if not lately.any():
        return frame
    told = watch.received(connection, frame[lately], now)
    if "received_at" not in told:
        return frame
    at = pd.Series(pd.NaT, index=frame.index) if "received_at" not in frame else pd.to_datetime(frame["received_at"])
    at = at.astype("datetime64[s]")
    at[lately] = told["received_at"].astype("datetime64[s]")
    return frame.assign(received_at=at)


def look(connection: Connection, reports: list[Report], now: datetime) -> None:
    """Let the engine look at what was loaded."""
    newest = max((one.data_to for one in reports if one.data_to and one.stored + one.updated), default=None)
    if newest is not None and newest > now - watch.LATEST:
        watch.advance(connection, now, begin=now - watch.LATEST)
