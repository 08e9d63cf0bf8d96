"""Rain: grades, sums, the rain day, areal means (handbook 4.2, 4.4). Amounts in mm."""

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

GRADES = ("trace", "light", "moderate", "heavy", "rainstorm", "heavy_rainstorm", "extreme_rainstorm")
_FROM = {  # GB/T 28592-2012: mm from which each grade after the first counts
    24: (0.1, 10.0, 25.0, 50.0, 100.0, 250.0),
    12: (0.1, 5.0, 15.0, 30.0, 70.0, 140.0),
}
DAY_STARTS = time(8)  # 08:00 to 08:00, labelled by the day on which it ends


def grade(mm: float, hours: int = 24) -> str:
    """The grade of a sum over 24 or 12 hours, judged after rounding to 0.1 mm. Raises ValueError for a negative sum or
    another span."""
    if hours not in _FROM:
        raise ValueError(f"grades are defined over 12 and 24 h, not {hours}")
    if not mm >= 0:
        raise ValueError(f"{mm} mm is no rain")
    rounded = math.floor(mm * 10 + 0.5 + 1e-9) / 10
    return GRADES[sum(rounded >= least for least in _FROM[hours])]


def interval_minutes(hours_minutes: float) -> int:
    """INTV and PDR are written hours.minutes: 1.00 an hour, 0.05 five minutes, 1.30 an hour and a half. Raises
    ValueError for 60 minutes or more, and for no time at all."""
    hundredths = round(hours_minutes * 100)
    hours, minutes = divmod(hundredths, 100)
    if hundredths <= 0 or minutes >= 60 or abs(hours_minutes * 100 - hundredths) > 1e-6:
        raise ValueError(f"{hours_minutes} is not hours.minutes")
    return hours * 60 + minutes


def rain_day(moment: datetime) -> date:
    """The day by whose label rain counts that fell until `moment`: (08:00 of the day before, 08:00]."""
    day = moment.date()
    return day if moment <= datetime.combine(day, DAY_STARTS) else day + timedelta(days=1)


def rain_day_span(day: date) -> tuple[datetime, datetime]:
    """(start, end] of a rain day."""
    end = datetime.combine(day, DAY_STARTS)
    return end - timedelta(days=1), end


def total(readings: Iterable[tuple[datetime, float]], start: datetime, end: datetime) -> float | None:
    """The sum of readings, each told at the end of its interval, over (start, end]; None: nothing was told."""
    found = [mm for moment, mm in readings if start < moment <= end]
    return math.fsum(found) if found else None


def whole(silent_min: float, interval_min: float, hours: float, share: float) -> bool:
    """Whether a sum over the last hours may be told: what is missing at its end, since the gauge spoke last (minutes)
    and beyond its own interval, is at most that share of it."""
    return silent_min - interval_min <= share * hours * 60


class Areal(NamedTuple):
    """mm: mean of the gauges that reported, by weights made to add up to 1 again; None when none did. reported: the
    weight that reported, of 1."""

    mm: float | None
    reported: float


def areal(values: Mapping[str, float | None], weights: Mapping[str, float]) -> Areal:
    """The areal mean of a place. values: by gauge, None or absent when it is silent. Raises ValueError where weights
    are negative or add up to nothing."""
    whole = math.fsum(weights.values())
    if whole <= 0 or min(weights.values()) < 0:
        raise ValueError("weights of a place are 0 or more, and some above")
    told = [(weight, mm) for gauge, weight in weights.items() if weight and (mm := values.get(gauge)) is not None]
    reported = math.fsum(weight for weight, _ in told)
    if not told:
        return Areal(None, 0.0)
    return Areal(math.fsum(weight * mm for weight, mm in told) / reported, min(reported / whole, 1.0))
