"""The verdict on memory: a rise is told from the course of a day."""

import math

import pytest

from benchmarks.endurance import slope


def run(hours: float, per_hour: float, wave: float) -> list[dict[str, float]]:
    """Samples every forty minutes of a figure about 1,000 that rises, and is long in the evening."""
    some = [n * 2 / 3 for n in range(int(hours * 1.5) + 1)]
    return [
        {"changes": h * 6, "hours": h, "mb": 1000 + per_hour * h + wave * (1 - math.cos(h / 12 * math.pi)) / 2}
        for h in some
    ]


@pytest.mark.parametrize("wave", [0, 800])
@pytest.mark.parametrize("per_hour", [0, 0.5, 5, -2])
def test_a_rise_is_told_whatever_the_time_of_day(per_hour, wave):
    rise, _ = slope(run(72, per_hour, wave), "mb")
    assert rise == pytest.approx(per_hour * 72, abs=1e-6)


def test_a_run_of_less_than_two_days_has_no_day_before():
    assert slope(run(30, 2, 0), "mb")[0] == pytest.approx(60)
    assert slope(run(0, 2, 0), "mb") == (0.0, 1000.0)


def test_what_came_first_does_not_count():
    rows = run(72, 0, 0)
    for row in rows[: len(rows) // 4]:
        row["mb"] = 100.0
    assert slope(rows, "mb") == (pytest.approx(0.0), pytest.approx(1000.0))
