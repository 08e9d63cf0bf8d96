"""What explains a change: the part of each child or category in it.

Counts: each part's difference; the differences add up to the change. Rates: each part's effect of its own rate, and of
its weight in the whole (mix); all effects together are exactly the change of the rate.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class CountEffect:
    """delta: after - before, in the unit of the counts. share: of the whole change, as a fraction; negative for a part
    that went the other way; None when the whole did not change."""

    key: str
    before: float
    after: float
    delta: float
    share: float | None


@dataclass(frozen=True)
class RateEffect:
    """rate: what the part's own rate did; mix: what the shift of cases to or from it did (fractions)."""

    key: str
    rate: float
    mix: float

    @property
    def total(self) -> float:
        return self.rate + self.mix


def of_counts(before: Mapping[str, float], after: Mapping[str, float]) -> list[CountEffect]:
    """The change of a sum by part, largest first by size. A part that is missing on one side counted zero there."""
    total = math.fsum(after.values()) - math.fsum(before.values())
    effects = []
    for key in dict.fromkeys([*before, *after]):
        was, became = before.get(key, 0.0), after.get(key, 0.0)
        delta = became - was
        effects.append(CountEffect(key, was, became, delta, delta / total if total else None))
    return sorted(effects, key=lambda effect: (-abs(effect.delta), effect.key))


def of_rates(
    before: Mapping[str, tuple[float, float]], after: Mapping[str, tuple[float, float]]
) -> list[RateEffect] | None:
    """The change of sum(numerators) / sum(denominators) by part, largest first by size; None without cases on a side.

    Each mapping: part to (numerator, denominator). With w the part's share of the cases, r its rate, R the whole's, and
    mean() of before and after: rate effect = mean(w) * (r1 - r0), mix effect = (mean(r) - mean(R)) * (w1 - w0). This is
    the Marshall-Edgeworth form; the shares add up to 1 on both sides, so the effects add up to R1 - R0. A part without
    cases on one side has no rate there: all it does is mix.
    """
    cases0, cases1 = (math.fsum(d for _, d in side.values()) for side in (before, after))
    if cases0 <= 0 or cases1 <= 0:
        return None
    whole0 = math.fsum(n for n, _ in before.values()) / cases0
    whole1 = math.fsum(n for n, _ in after.values()) / cases1
    whole = (whole0 + whole1) / 2
    effects = []
    for key in dict.fromkeys([*before, *after]):
        n0, d0 = before.get(key, (0.0, 0.0))
        n1, d1 = after.get(key, (0.0, 0.0))
        if min(d0, d1) < 0 or (not d0 and n0) or (not d1 and n1):
            raise ValueError(f"{key}: a numerator without a denominator, or a negative one")
        if not d0 and not d1:
            continue
        r1 = n1 / d1 if d1 else n0 / d0
        r0 = n0 / d0 if d0 else r1
        w0, w1 = d0 / cases0, d1 / cases1
        effects.append(RateEffect(key, (w0 + w1) / 2 * (r1 - r0), ((r0 + r1) / 2 - whole) * (w1 - w0)))
    return sorted(effects, key=lambda effect: (-abs(effect.total), effect.key))
