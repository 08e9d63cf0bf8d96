"""The closed loop of orders: where they are, and whether what came in and went out explains it (handbook 1.2, 1.4)."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step of a funnel. share: of the first step, passed: of the step before (fractions); None where that is zero,
    and for the first step's `passed`."""

    key: str
    count: float
    share: float | None
    passed: float | None


def discrepancy(opening: float, arrivals: float, closures: float, closing: float, *, reopened: float = 0) -> float:
    """How many open orders appeared from nowhere: closing - (opening + arrivals + reopened - closures).

    0: the figures agree. Negative: orders vanished without a closure. opening and closing are the backlog (未办结) at
    the two ends; arrivals and closures are those of tracked orders after the one end and up to the other; reopened are
    redone orders (重办), where the backlog counts them.
    """
    return closing - (opening + arrivals + reopened - closures)


def funnel(counts: Iterable[tuple[str, float]]) -> list[Step]:
    """The steps in the order given, each (key, number of orders of one cohort that got that far).

    ValueError when a step has more orders than the one before: then it is not one cohort.
    """
    steps: list[Step] = []
    for key, count in counts:
        if count < 0 or (steps and count > steps[-1].count):
            raise ValueError(f"{key}: {count:g} orders after {steps[-1].count if steps else 0:g}: not one cohort")
        first, before = (steps[0].count, steps[-1].count) if steps else (count, 0)
        steps.append(Step(key, count, count / first if first else None, count / before if before else None))
    return steps
