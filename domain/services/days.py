"""Working days of cases (工作日): how many a case took, and the last day of its limit.

The day of acceptance does not count: a case accepted and finished on one day took 0, one finished on the next working
day took 1 [K]. What arrives on a free day counts as if it had come on the working day before.
"""

from datetime import date, timedelta
from functools import cache

import numpy as np

from domain.workdays import is_workday

DAY = np.timedelta64(1, "D")


@cache
def _counted(first: date, last: date) -> np.ndarray:
    """Working days from `first` up to and including each day."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return np.cumsum([is_workday(day) for day in days], dtype=np.int64)


class Calendar:
    """Working days between `first` and `last`; dates outside raise ValueError."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = np.datetime64(first, "D"), np.datetime64(last, "D")
        self._upto = _counted(first, last)
        worked = np.diff(self._upto, prepend=0) > 0
        self._worked = self.first + np.flatnonzero(worked) * DAY

    def _number(self, days: np.ndarray) -> np.ndarray:
        """How many working days lie up to and including each of the days."""
        days = np.asarray(days, dtype="datetime64[D]")
        if days.size and (days.min() < self.first or days.max() > self.last):
            raise ValueError(f"dates outside {self.first} to {self.last}: make the calendar longer")
        return self._upto[(days - self.first).astype(np.int64)]

    def between(self, accepted: np.ndarray, finished: np.ndarray) -> np.ndarray:
        """Working days after the day of acceptance, up to and including that of finishing."""
        return self._number(finished) - self._number(accepted)

    def last_day(self, accepted: np.ndarray, limit: np.ndarray) -> np.ndarray:
        """The last day of a limit of whole working days: on it a case is still on time."""
        place = self._number(accepted) + np.asarray(limit, dtype=np.int64) - 1
        worked = self._worked
        if place.size and place.max() >= worked.size:
            raise ValueError(f"limits that end after {self.last}: make the calendar longer")
        return np.where(
            np.asarray(limit) > 0, worked[np.maximum(place, 0)], np.asarray(accepted, dtype="datetime64[D]")
        )
