"""Daily figures of the demo city's other domains: water, air, traffic, power and data resources. Those of services are
counted of its cases.

Every complete day up to yesterday; by street where the domain has streets, else by district. Ratios and means are kept
as numerator and denominator. A figure becomes known at 02:00 of the next day. The silent source's figures stop.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa

from data_access.indicators import Indicator
from domain.workdays import is_workday
from sample_data.plan import Plan
from sample_data.randomness import normal
from sample_data.vocabulary import SILENT_DAYS, SOURCES
from sample_data.world import World

KNOWN_AFTER = timedelta(hours=2)


@dataclass(frozen=True)
class Course:
    """What the figures of some days depend on; arrays over days."""

    days: Sequence[date]
    ordinal: np.ndarray
    doy: np.ndarray
    work: np.ndarray  # 1 on working days, else 0
    growth: np.ndarray  # years since 2026
    storm: np.ndarray  # share of a storm on the day
    seed: int

    def bump(self, centre: float, width: float) -> np.ndarray:
        away = np.abs(self.doy - centre)
        return np.exp(-0.5 * (np.minimum(away, 365.25 - away) / width) ** 2)

    def noise(self, places: int, stream: int, width: float) -> np.ndarray:
        """(days, places) factors about 1."""
        keys = self.ordinal[:, None] * 1009 + np.arange(places)[None, :]
        return np.exp(width * normal(keys.ravel(), stream, self.seed)).reshape(keys.shape)

    def habit(self, places: int, stream: int, width: float) -> np.ndarray:
        """(1, places) lasting differences about 1."""
        return np.exp(width * normal(np.arange(places), stream, self.seed))[None, :]


def course(days: Sequence[date], plan: Plan) -> Course:
    """The course of some days."""
    ordinal = np.array([d.toordinal() for d in days])
    storm = np.zeros(len(days))
    for s in plan.storms:
        for n in range(2):
            storm += np.where(ordinal == s.start.toordinal() + n, s.share * (1 - 0.6 * n), 0)
    return Course(
        days, ordinal,
        np.array([float(d.timetuple().tm_yday) for d in days]), np.array([float(is_workday(d)) for d in days]),
        (ordinal - date(2026, 1, 1).toordinal()) / 365.25, storm, plan.seed,
    )  # fmt: skip


Parts = tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]  # numerator, denominator, value: (days, places)


def _share(of: np.ndarray, rate: np.ndarray) -> Parts:
    whole = np.maximum(np.round(of), 0)
    return np.round(whole * np.clip(rate, 0, 1)), whole, None


def _consumption(c: Course, people: np.ndarray) -> Parts:
    litres = 0.165 * (1 + 0.16 * c.bump(205, 45) - 0.05 * c.bump(40, 12)) * 1.015**c.growth
    return (
        None,
        None,
        np.round(people[None, :] * litres[:, None] * c.noise(len(people), 206, 0.03) * c.habit(len(people), 207, 0.1)),
    )


def _pressure(c: Course, people: np.ndarray) -> Parts:
    readings = np.broadcast_to(np.maximum(np.round(people / 6e3), 4)[None, :] * 24, (len(c.days), len(people)))
    strain = 0.008 * c.bump(205, 30) + 0.01 * c.storm
    return _share(readings, 0.989 - strain[:, None] - 0.008 * np.clip(c.noise(len(people), 208, 0.8) - 1, 0, 4))


def _buses(c: Course, people: np.ndarray) -> Parts:
    planned = people[None, :] / 1e4 * 95 * np.where(c.work > 0, 1.0, 0.82)[:, None]
    rate = 0.908 - 0.05 * c.storm - 0.012 * c.work
    return _share(
        planned,
        rate[:, None] - 0.03 * (c.noise(len(people), 209, 0.4) - 1) - 0.02 * (c.habit(len(people), 210, 0.5) - 1),
    )


def _energy(c: Course, people: np.ndarray) -> Parts:
    kwh = 14.0 * (1 + 0.28 * c.bump(207, 28) + 0.16 * c.bump(15, 30)) * np.where(c.work > 0, 1.0, 0.88) * 1.05**c.growth
    use = people[None, :] * kwh[:, None] / 1e3 * c.noise(len(people), 211, 0.03) * c.habit(len(people), 212, 0.25)
    return None, None, np.round(use, 1)


def _outage(c: Course, people: np.ndarray) -> Parts:
    homes = np.broadcast_to(np.round(people / 2.9)[None, :], (len(c.days), len(people)))
    minutes = 0.16 * c.noise(len(people), 213, 1.1) * (1 + 14 * c.storm + 0.8 * c.bump(207, 25))[:, None]
    return np.round(homes * minutes), homes, None


def _winter(c: Course, places: int, stream: int) -> np.ndarray:
    spells = np.exp(0.45 * normal(c.ordinal // 3, stream, c.seed))
    level = (19 + 29 * c.bump(10, 48)) * spells * np.exp(-0.05 * c.growth) * (1 - 0.25 * np.minimum(c.storm, 1))
    return np.clip(level[:, None] * c.noise(places, stream + 1, 0.12) * c.habit(places, stream + 2, 0.1), 4, 280)


def _particles(c: Course, people: np.ndarray) -> Parts:
    hours = np.full((len(c.days), len(people)), 24.0)
    return np.round(_winter(c, len(people), 220) * hours, 1), hours, None


def _good_air(c: Course, people: np.ndarray) -> Parts:
    level = _winter(c, len(people), 220)
    ozone = 0.22 * c.bump(165, 35)[:, None]
    return _share(
        np.full(level.shape, 24.0), 1 / (1 + np.exp((level - 78) / 9)) - ozone * c.noise(len(people), 224, 0.5)
    )


def _congestion(c: Course, people: np.ndarray) -> Parts:
    free = np.broadcast_to(np.round(people / 12)[None, :], (len(c.days), len(people)))
    town = 0.16 * (c.habit(len(people), 226, 0.6) - 1)
    index = 1.22 + 0.24 * c.work[:, None] + town + 0.30 * c.storm[:, None] + 0.015 * c.growth[:, None]
    return np.round(free * np.maximum(index * c.noise(len(people), 227, 0.03), 1.02)), free, None


def _calls(c: Course, people: np.ndarray) -> Parts:
    calls = people[None, :] * 0.055 * np.where(c.work > 0, 1.2, 0.45)[:, None] * (1.3**c.growth)[:, None]
    return None, None, np.round(calls * c.noise(len(people), 228, 0.1))


def _catalogue(c: Course, people: np.ndarray) -> Parts:
    entries = np.sqrt(people / people.sum())[None, :] * 900 * (1 + 0.14 * (c.growth[:, None] + 1.2))
    return None, None, np.floor(entries * c.habit(len(people), 229, 0.1))


STREET: dict[str, Callable[[Course, np.ndarray], Parts]] = {
    "water.consumption": _consumption,
    "water.supply_pressure_ok": _pressure,
    "traffic.bus_on_time": _buses,
    "power.load": _energy,
    "power.outage_minutes": _outage,
}
DISTRICT: dict[str, Callable[[Course, np.ndarray], Parts]] = {
    "air.good_hours": _good_air,
    "air.pm25": _particles,
    "traffic.congestion": _congestion,
    "data.shared_calls": _calls,
    "data.catalogued": _catalogue,
}


def silent_from(until: datetime) -> date:
    """The first day without figures of the silent source."""
    return until.date() - timedelta(days=SILENT_DAYS)


def figures(plan: Plan, city: World, days: Sequence[date], vocabulary: dict[str, Indicator]) -> pa.Table:
    """The observations of some complete days, as rows of the table `observation`: by indicator, then in time order."""
    streets = np.array(city.streets)
    real = streets != ""  # a district without streets reports as itself
    codes = np.where(real, streets, np.array(city.districts)[city.district_of])
    by_district = np.bincount(city.district_of, weights=city.population, minlength=len(city.districts))
    parts = []
    for made, places, people in ((STREET, codes, city.population), (DISTRICT, np.array(city.districts), by_district)):
        for key, make in made.items():
            silent = SOURCES[vocabulary[key].source][3] is None
            known = [d for d in days if not silent or d < silent_from(plan.until)]
            if known:
                parts.append(_rows(key, make(course(known, plan), people), known, places))
    return pa.concat_tables(parts) if parts else pa.table({})


def _rows(key: str, parts: Parts, days: Sequence[date], places: np.ndarray) -> pa.Table:
    start = np.repeat(np.array(days, dtype="datetime64[us]"), len(places))
    day = np.timedelta64(1, "D")
    count = len(start)
    columns = {
        name: pa.nulls(count, pa.float64())
        if part is None
        else pa.array(np.ascontiguousarray(part).ravel().astype(float))
        for name, part in zip(("numerator", "denominator", "value"), parts, strict=True)
    }
    area = pa.DictionaryArray.from_arrays(
        pa.array(np.tile(np.arange(len(places), dtype=np.int32), len(days))), pa.array(places.tolist(), pa.string())
    )
    return pa.table({
        "indicator": pa.array([key], pa.string()).dictionary_encode().take(pa.array(np.zeros(count, dtype=np.int32))),
        "area": area.cast(pa.string()),
        "start": start,
        "end": start + day,
        **columns,
        "as_of": start + day + np.timedelta64(int(KNOWN_AFTER.total_seconds()), "s"),
    })  # fmt: skip
