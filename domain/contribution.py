"""What explains a change: the part of each child or category in it.

Counts: each part's difference; the differences add up to the change. Rates: each part's effect of its own rate (水平),
and of its weight in the whole (mix, 构成); all effects together are exactly the change of the rate. A score that weighs
several rates: the same for each rate, and what a change of the weights did.
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


@dataclass(frozen=True)
class ScoreEffect(RateEffect):
    """What one part did to a score through one of its rates (component), in points."""

    component: str


@dataclass(frozen=True)
class ScoreEffects:
    """parts: largest first by size. weights: what new weights did, by component, in points; all zero while the weights
    stay. change: after - before in points, of which parts and weights are the sum."""

    change: float
    parts: list[ScoreEffect]
    weights: dict[str, float]


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
    whole0, whole1 = _whole(before), _whole(after)
    if whole0 is None or whole1 is None:
        return None
    cases0, cases1 = (math.fsum(d for _, d in side.values()) for side in (before, after))
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


def of_score(
    before: Mapping[str, Mapping[str, tuple[float, float]]],
    after: Mapping[str, Mapping[str, tuple[float, float]]],
    weights_before: Mapping[str, float],
    weights_after: Mapping[str, float] | None = None,
    *,
    points: float = 100,
) -> ScoreEffects | None:
    """The change of points * sum(weight * rate), a composite score (综合得分, handbook 1.4), by component and part.

    Each mapping: component (response, resolution, satisfaction) to part to (numerator, denominator); each rate is that
    of all its parts, sum(numerators) / sum(denominators). With weight a and rate R of a component: effect of a part =
    points * mean(a) * its effect on R (of_rates), effect of the weight = points * mean(R) * (a1 - a0). None when a
    component with a weight has no cases on a side: there is no score then.
    """
    weights_after = weights_before if weights_after is None else weights_after
    change: list[float] = []
    parts: list[ScoreEffect] = []
    weights: dict[str, float] = {}
    for component in dict.fromkeys([*weights_before, *weights_after]):
        a0, a1 = weights_before.get(component, 0.0), weights_after.get(component, 0.0)
        if not a0 and not a1:
            continue
        was, became = before.get(component, {}), after.get(component, {})
        effects, r0, r1 = of_rates(was, became), _whole(was), _whole(became)
        if effects is None or r0 is None or r1 is None:
            return None
        change += [points * a1 * r1, -points * a0 * r0]
        weights[component] = points * (r0 + r1) / 2 * (a1 - a0)
        scale = points * (a0 + a1) / 2
        parts += [ScoreEffect(each.key, scale * each.rate, scale * each.mix, component) for each in effects]
    parts.sort(key=lambda effect: (-abs(effect.total), effect.component, effect.key))
    return ScoreEffects(math.fsum(change), parts, weights)


def _whole(side: Mapping[str, tuple[float, float]]) -> float | None:
    """The rate of all parts; None without cases."""
    cases = math.fsum(d for _, d in side.values())
    return math.fsum(n for n, _ in side.values()) / cases if cases > 0 else None
