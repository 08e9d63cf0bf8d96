"""What of a load concerns the alarm engine: only what is of these days. A past that was loaded is known at its own
moments and raises no alarms (`python -m data_access alarms --keep` looks at it)."""

from datetime import datetime

from sqlalchemy import Connection

from data_access.flood import watch
from data_access.intake.report import Report


def since(now: datetime) -> datetime:
    """From when on readings are of these days."""
    return now - watch.LATEST


def look(connection: Connection, reports: list[Report], now: datetime) -> None:
    """Let the engine look at what was loaded."""
    newest = max((one.data_to for one in reports if one.data_to and one.stored + one.updated), default=None)
    if newest is not None and newest > since(now):
        watch.advance(connection, now, begin=since(now))
