"""The one clock. Wall-clock time of the city, without a zone; tests and replay set it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from data_access.settings import settings

_reading: Callable[[], datetime] | None = None


def now() -> datetime:
    """This moment in the city (COCKPIT_TIMEZONE), naive, to the second."""
    return exact().replace(microsecond=0)


def exact() -> datetime:
    """The same to the microsecond, for what has to keep step."""
    if _reading is not None:
        return _reading()
    return datetime.now(ZoneInfo(settings().timezone)).replace(tzinfo=None)


@contextmanager
def held(moment: datetime) -> Iterator[None]:
    """Hold the clock at a moment, for tests and exact replays."""
    global _reading
    before, _reading = _reading, lambda: moment
    try:
        yield
    finally:
        _reading = before
