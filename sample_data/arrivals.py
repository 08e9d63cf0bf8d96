"""Which appeals come: moment, category and street of each, for any stretch of time.

Three parts: what is usual (courses.intensity, Poisson), what storms bring, and the planted bursts.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from sample_data.courses import HOURS, MINUTES, hour_curves, intensity
from sample_data.flood.appeals import LEAVES, appeals
from sample_data.flood.sites import ponding_points
from sample_data.geography_names import CITY
from sample_data.lives import DAY, HOUR, epoch
from sample_data.plan import PER_DAY, REGULARS, Burst, Plan, Regular, Storm, storm_weights
from sample_data.randomness import normal, scattered, uniform
from sample_data.vocabulary import leaf_named, leaves
from sample_data.world import World


@dataclass(frozen=True)
class Arrivals:
    """One element an appeal, in order of time."""

    seconds: np.ndarray  # since 1970
    leaf: np.ndarray
    street: np.ndarray
    burst: np.ndarray  # index into plan.bursts; -1: none; -2 - n: one of plan.regulars

    def __len__(self) -> int:
        return len(self.seconds)

    def within(self, start: int, end: int) -> "Arrivals":
        first, last = np.searchsorted(self.seconds, [start, end])
        return self.some(slice(int(first), int(last)))

    def some(self, which: slice | np.ndarray) -> "Arrivals":
        return Arrivals(self.seconds[which], self.leaf[which], self.street[which], self.burst[which])


def together(parts: list[Arrivals]) -> Arrivals:
    """Several as one, in order of time."""
    seconds = np.concatenate([p.seconds for p in parts])
    order = np.argsort(seconds, kind="stable")
    return Arrivals(
        seconds[order],
        np.concatenate([p.leaf for p in parts])[order],
        np.concatenate([p.street for p in parts])[order],
        np.concatenate([p.burst for p in parts])[order],
    )


class Generator:
    """Draws appeals for a plan and a city; keeps the curves it needs more than once."""

    def __init__(self, plan: Plan, city: World):
        self.plan, self.city = plan, city
        self.curves = hour_curves()
        known = leaves()
        self.curve_of = np.array([HOURS.index(leaf.hours) for leaf in known])
        self.rural = np.array([leaf.rural for leaf in known])
        keen = np.exp(0.22 * normal(np.arange(len(city.streets)), 70, plan.seed))
        town = city.population * city.urban * keen
        country = city.population * np.where(city.urban > 0.9, 0.12, 1.2) * keen
        self.street_curves = [np.cumsum(w) / w.sum() for w in (town, country)]

    def _streets(self, rng: np.random.Generator, leaf: np.ndarray) -> np.ndarray:
        u = rng.random(len(leaf))
        rural = self.rural[leaf]
        found = np.searchsorted(self.street_curves[0], u, side="right")
        if rural.any():
            found[rural] = np.searchsorted(self.street_curves[1], u[rural], side="right")
        return np.minimum(found, len(self.city.streets) - 1)

    def expected(self, start: datetime, end: datetime) -> tuple[list[date], np.ndarray]:
        """The days that [start, end) touches and the expected appeals of each category on the part of each inside."""
        days = [start.date() + timedelta(days=n) for n in range((end - timedelta(seconds=1) - start).days + 2)]
        days = [d for d in days if d < end.date() or (d == end.date() and end > _midnight(d))]
        rates = intensity(days, leaves(), self.plan.seed) * (self.plan.norm or 1.0)
        if self.plan.campaign:  # 集中整治: half as much street trading while it lasts and a month after
            first, last = (moment.date() for moment in self.plan.campaign)
            calm = [first <= d <= last + timedelta(days=30) for d in days]
            for zh in ("流动摊贩", "店外经营", "夜市扰民"):
                rates[calm, leaf_named(zh)] *= 0.5
        shares = np.stack([self._share(d, start, end) for d in days])
        return days, rates * shares[:, self.curve_of]

    def _share(self, day: date, start: datetime, end: datetime) -> np.ndarray:
        return np.diff(np.array([self._come(day, start), self._come(day, end)]), axis=0)[0]

    def _come(self, day: date, moment: datetime) -> np.ndarray:
        """For each curve, the share of the day's appeals that came before the moment."""
        minute = (moment - _midnight(day)).total_seconds() / 60
        return np.array([np.interp(minute, np.arange(MINUTES + 1), curve) for curve in self.curves])

    def usual(self, rng: np.random.Generator, start: datetime, end: datetime, total: int | None = None) -> Arrivals:
        """What is usual in [start, end); exactly `total` appeals when given."""
        days, expected = self.expected(start, end)
        counts = (
            rng.poisson(expected)
            if total is None
            else rng.multinomial(total, (expected / expected.sum()).ravel()).reshape(expected.shape)
        )
        day_index, leaf = (np.repeat(part.ravel(), counts.ravel()) for part in np.indices(counts.shape))
        seconds = np.empty(len(leaf), dtype=np.int64)
        first_day = epoch(_midnight(days[0]))
        u = rng.random(len(leaf))
        bounds = np.array([[self._come(d, max(start, _midnight(d))), self._come(d, min(end, _next(d)))] for d in days])
        for c, curve in enumerate(self.curves):
            mine = self.curve_of[leaf] == c
            d = day_index[mine]
            low, high = bounds[d, 0, c], bounds[d, 1, c]
            minute = np.interp(low + (high - low) * u[mine], curve, np.arange(MINUTES + 1))
            seconds[mine] = first_day + d * DAY + (minute * 60).astype(np.int64)
        seconds = np.clip(seconds, epoch(start), epoch(end) - 1)
        return together([Arrivals(seconds, leaf, self._streets(rng, leaf), np.full(len(leaf), -1))])

    def storm(self, rng: np.random.Generator, storm: Storm) -> Arrivals:
        """What one storm brings, most of it in its first half."""
        expected = storm.share * PER_DAY * self.plan.size
        weights = np.array(storm_weights())
        count = int(rng.poisson(expected))
        leaf = rng.choice(len(weights), size=count, p=weights / weights.sum())
        hours = storm.hours * rng.beta(1.4, 2.6, size=count)
        seconds = epoch(storm.start) + (hours * HOUR).astype(np.int64)
        hit = np.exp(0.9 * normal(np.arange(len(self.city.districts)) + epoch(storm.start) % 9973, 71, self.plan.seed))
        weight = self.city.population * self.city.urban * hit[self.city.district_of]
        street = rng.choice(len(weight), size=count, p=weight / weight.sum())
        return together([Arrivals(seconds, leaf, street, np.full(count, -1))])

    def burst(self, rng: np.random.Generator, number: int, burst: Burst) -> Arrivals:
        """One planted burst, whole."""
        count = int(max(round(burst.orders * 0.4), rng.poisson(burst.orders * max(self.plan.size, 0.4))))
        start, end = epoch(burst.start), epoch(burst.end)
        if burst.nights:  # 22:00 to 06:00 of each night
            nights = max(1, round((end - start) / DAY))
            seconds = start + rng.integers(nights, size=count) * DAY + rng.integers(8 * HOUR, size=count)
        else:
            seconds = start + (rng.beta(1.3, 1.5, size=count) * (end - start)).astype(np.int64)
        street = np.full(count, self.city.street(burst.street))
        return together([Arrivals(seconds, np.full(count, burst.leaf), street, np.full(count, number))])

    def regular(self, number: int, regular: Regular) -> Arrivals:
        """The appeals of one caller who calls again and again, by day and within four weeks."""
        rng = np.random.default_rng([self.plan.seed, 7, number])
        days = rng.integers(28, size=regular.orders)
        seconds = epoch(regular.start) + days * DAY + rng.integers(11 * HOUR, size=regular.orders)
        street = np.full(regular.orders, self.city.street(regular.street))
        leaf = np.full(regular.orders, regular.leaf)
        return together([Arrivals(seconds, leaf, street, np.full(regular.orders, -2 - number))])

    def flooded(self) -> list[Arrivals]:
        """What comes from the streets in which water stands, the more the deeper; Yunchuan's, whose rain is known."""
        if self.city.city != CITY[0]:
            return []
        street = np.array([self.city.street(point.street.code) for point in ponding_points()])
        parts = []
        for number, seconds, point in appeals(self.plan):
            rng = np.random.default_rng([self.plan.seed, 9, number])
            leaf = rng.choice([leaf_named(zh) for zh, _ in LEAVES], size=len(point), p=[share for _, share in LEAVES])
            parts.append(together([Arrivals(seconds, leaf, street[point], np.full(len(point), -1))]))
        return parts

    def planted(self) -> Arrivals:
        """All storms, bursts and regular callers, whole: the same every time, also the part still to come."""
        seed = self.plan.seed
        parts = [self.storm(np.random.default_rng([seed, 1, n]), s) for n, s in enumerate(self.plan.storms)]
        parts += [self.burst(np.random.default_rng([seed, 2, n]), n, b) for n, b in enumerate(self.plan.bursts)]
        parts += [self.regular(n, r) for n, r in enumerate(self.plan.regulars)]
        parts += self.flooded()
        none = np.empty(0, dtype=np.int64)
        return together([Arrivals(none, none, none, none), *parts])


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _next(day: date) -> datetime:
    return _midnight(day) + timedelta(days=1)


STRANGERS = 2**20  # callers of bursts, who are many people and not one


def callers(order_id: np.ndarray, street: np.ndarray, burst: np.ndarray, city: World, seed: int) -> np.ndarray:
    """A key of the caller of each order: people call about their own street, a few of them again and again."""
    people = np.maximum(city.population * 0.45, 50).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(people)])
    u = uniform(order_id, 30, seed)
    often = (uniform(order_id, 31, seed) < 0.3) & (burst < 0)
    person = first[street] + (np.where(often, u**2.2, u) * people[street]).astype(np.int64)
    person = np.where(burst >= 0, first[-1] + order_id % STRANGERS, person)
    person = np.where(burst <= -2, first[-1] + STRANGERS - 2 - burst, person)
    return 1 + scattered(person, int(first[-1]) + STRANGERS + REGULARS, seed)
