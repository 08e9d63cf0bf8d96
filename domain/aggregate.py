"""How numbers add up over places and over time: it follows from their kind and from nothing else.

    kind        over places                 over time
    flow        sum                         sum
    counter     sum of increases            increase: last - first, plus what resets hid
    stock       sum                         the last known
    ratio       sum of numerators / sum of denominators, both ways; never the mean of rates
    mean        sum(mean * n) / sum(n), both ways (areal rainfall: n is the area)
    level       the worst                   the last known (the worst, if asked)
    percentile, distinct    refuse: recompute from the records
    rank, score             refuse: rank again, score again

No data is not zero: a missing part is left out and counted, so that a caller can say "9 of 10 districts", and a result
of nothing, or a ratio of 0/0, is None.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Kind = Literal["flow", "counter", "stock", "ratio", "mean", "level", "percentile", "distinct", "rank", "score"]

_REFUSALS = {
    "percentile": "a percentile of percentiles means nothing: recompute it from the records",
    "distinct": "distinct counts overlap: count again from the records",
    "rank": "a rank is not added up: rank again on the level wanted",
    "score": "a score is not added up: score again from its parts",
}


class CannotAggregate(ValueError):
    """The kind of number has no sum or mean; the message says what to do instead."""


@dataclass(frozen=True)
class Part:
    """One number of one place and time. flow, counter (a reading), stock, level: `value`. ratio: `numerator` and
    `denominator`. mean: `value` and its `weight` (the number of cases, or the area)."""

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    weight: float | None = None


@dataclass(frozen=True)
class Total:
    """The sum `part`, in a form that can be summed again, from `known` of `of` parts."""

    part: Part
    known: int
    of: int

    @property
    def complete(self) -> bool:
        return self.known == self.of

    @property
    def value(self) -> float | None:
        """The number itself: for a ratio, numerator / denominator (a fraction), None when there were no cases."""
        if self.part.value is None and self.part.denominator:
            return (self.part.numerator or 0.0) / self.part.denominator
        return self.part.value


def over_places(kind: Kind, parts: Iterable[Part], *, worst: Literal["high", "low"] = "high") -> Total:
    """Children into their parent, for one time. Counters: the parts are increases (see `increase`), not readings.

    Raises CannotAggregate for percentiles, distinct counts, ranks and scores.
    """
    listed = list(parts)
    if kind == "level":
        return _worst(listed, worst)
    if kind in ("flow", "counter", "stock"):
        return _sum(listed)
    return _recomputed(kind, listed)


def over_time(
    kind: Kind, parts: Sequence[Part], *, worst: Literal["high", "low"] | None = None, modulus: float | None = None
) -> Total:
    """One place over time, parts oldest first. `worst`: for a level the worst instead of the last. `modulus`: where a
    counter wraps round instead of starting again at zero.

    Raises CannotAggregate for percentiles, distinct counts, ranks and scores.
    """
    listed = list(parts)
    if kind == "flow":
        return _sum(listed)
    if kind == "counter":
        readings = [part.value for part in listed]
        known = sum(_is_number(reading) for reading in readings)
        return Total(Part(value=increase(readings, modulus=modulus)), known, len(listed))
    if kind == "level" and worst:
        return _worst(listed, worst)
    if kind in ("stock", "level"):
        known_parts = [part for part in listed if _is_number(part.value)]
        return Total(known_parts[-1] if known_parts else Part(), len(known_parts), len(listed))
    return _recomputed(kind, listed)


def over_places_and_time(kind: Kind, series: Mapping[str, Sequence[Part]]) -> Total:
    """Places over time into one number: time first, then places (a stock: each place's last, then the sum).

    `known` and `of` count places.
    """
    return over_places(kind, [over_time(kind, parts).part for parts in series.values()])


def increase(readings: Iterable[float | None], *, modulus: float | None = None) -> float | None:
    """How much a cumulative counter rose over `readings`, oldest first. None for fewer than two readings.

    A reading below the one before means that the counter began again: at zero, or past `modulus` where it wraps. A
    reading delivered twice adds nothing.
    """
    known = [reading for reading in readings if reading is not None and math.isfinite(reading)]
    if len(known) < 2:
        return None
    risen = []
    for before, after in pairwise(known):
        if after >= before:
            risen.append(after - before)
        else:
            risen.append(after if modulus is None else modulus - before + after)
    return math.fsum(risen)


def counted_once(codes: Collection[str], counts_in: Mapping[str, str]) -> list[str]:
    """The places to add so that no functional zone (功能区) is counted twice, in the order given.

    For figures in which the statutory area includes its zone: a zone is left out where the area that it counts in is
    among `codes` itself. `counts_in`: zone code to statutory code.
    """
    present = set(codes)
    return [code for code in codes if counts_in.get(code) not in present or counts_in.get(code) == code]


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _sum(parts: list[Part]) -> Total:
    values = [part.value for part in parts if part.value is not None and math.isfinite(part.value)]
    return Total(Part(value=math.fsum(values) if values else None), len(values), len(parts))


def _worst(parts: list[Part], worst: Literal["high", "low"]) -> Total:
    values = [part.value for part in parts if part.value is not None and math.isfinite(part.value)]
    pick = max if worst == "high" else min
    return Total(Part(value=pick(values) if values else None), len(values), len(parts))


def _recomputed(kind: Kind, parts: list[Part]) -> Total:
    if kind == "ratio":
        pairs = [(part.numerator, part.denominator) for part in parts]
        known = [(n, d) for n, d in pairs if n is not None and d is not None and math.isfinite(n) and math.isfinite(d)]
        if not known:
            return Total(Part(), 0, len(parts))
        total = Part(numerator=math.fsum(n for n, _ in known), denominator=math.fsum(d for _, d in known))
        return Total(total, len(known), len(parts))
    if kind == "mean":
        means = [(part.value, part.weight) for part in parts]
        # no cases: no mean, and nothing is missing either
        cases = [(v, w) for v, w in means if w is not None and math.isfinite(w) and (w == 0 or _is_number(v))]
        weight = math.fsum(w for _, w in cases)
        value = math.fsum((v or 0.0) * w for v, w in cases) / weight if weight else None
        return Total(Part(value=value, weight=weight), len(cases), len(parts))
    raise CannotAggregate(_REFUSALS.get(kind, f"{kind}: no such kind of number"))
