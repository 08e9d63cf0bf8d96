from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.flood.rain import GRADES, areal, grade, interval_minutes, rain_day, rain_day_span, total, whole


@pytest.mark.parametrize(
    ("mm", "day", "half"),
    [
        (0.0, "trace", "trace"), (0.04, "trace", "trace"), (0.05, "light", "light"), (4.94, "light", "light"),
        (4.95, "light", "moderate"), (9.94, "light", "moderate"), (9.95, "moderate", "moderate"),
        (15.0, "moderate", "heavy"), (24.9, "moderate", "heavy"), (25.0, "heavy", "heavy"),
        (49.94, "heavy", "rainstorm"), (49.95, "rainstorm", "rainstorm"), (70.0, "rainstorm", "heavy_rainstorm"),
        (100.0, "heavy_rainstorm", "heavy_rainstorm"), (249.9, "heavy_rainstorm", "extreme_rainstorm"),
        (250.0, "extreme_rainstorm", "extreme_rainstorm"),
    ],
)  # fmt: skip
def test_grades_are_judged_after_rounding(mm, day, half):
    assert (grade(mm), grade(mm, 12)) == (day, half)


def test_grades_of_other_spans_and_negative_rain_are_refused():
    with pytest.raises(ValueError, match="not 6"):
        grade(10, 6)
    with pytest.raises(ValueError, match="no rain"):
        grade(-0.1)


@given(st.floats(0, 400), st.floats(0, 100))
def test_more_rain_is_no_lower_grade(mm, more):
    assert GRADES.index(grade(mm)) <= GRADES.index(grade(mm + more))


@pytest.mark.parametrize(("told", "minutes"), [(1.0, 60), (0.05, 5), (1.30, 90), (0.59, 59), (24.0, 1440), (6.1, 370)])
def test_intervals_are_hours_and_minutes(told, minutes):
    assert interval_minutes(told) == minutes


@pytest.mark.parametrize("told", [0.60, 1.75, 0.0, -1.0, 0.055])
def test_intervals_that_are_none(told):
    with pytest.raises(ValueError, match=r"hours\.minutes"):
        interval_minutes(told)


def test_the_rain_day_ends_at_eight():
    assert rain_day(datetime(2026, 7, 18, 8, 0)) == date(2026, 7, 18)
    assert rain_day(datetime(2026, 7, 18, 8, 5)) == date(2026, 7, 19)
    assert rain_day(datetime(2026, 7, 18, 0, 0)) == date(2026, 7, 18)
    assert rain_day_span(date(2026, 7, 18)) == (datetime(2026, 7, 17, 8), datetime(2026, 7, 18, 8))


def test_sums_leave_the_start_out_and_take_the_end_in():
    told = [(datetime(2026, 7, 18, hour), float(hour)) for hour in range(1, 6)]
    assert total(told, datetime(2026, 7, 18, 2), datetime(2026, 7, 18, 4)) == 7.0
    assert total(told, datetime(2026, 7, 18, 5), datetime(2026, 7, 18, 9)) is None


@pytest.mark.parametrize(
    ("silent", "interval", "hours", "told"),
    [(5, 5, 1, True), (20, 5, 1, True), (21, 5, 1, False), (21, 5, 3, True), (51, 5, 3, False), (60, 60, 1, True),
     (76, 60, 1, False), (365, 5, 24, True), (366, 5, 24, False), (180, 5, 3, False)],
)  # fmt: skip
def test_a_sum_is_not_told_of_a_gauge_that_was_silent_for_more_than_a_quarter_of_it(silent, interval, hours, told):
    assert whole(silent, interval, hours, 0.25) is told


def test_silent_gauges_leave_their_weight_to_the_others():
    weights = {"a": 0.5, "b": 0.3, "c": 0.2}
    assert areal({"a": 10.0, "b": 20.0, "c": 30.0}, weights) == pytest.approx((17.0, 1.0))
    assert areal({"a": 10.0, "b": None}, weights) == pytest.approx((10.0, 0.5))
    assert areal({}, weights) == (None, 0.0)
    with pytest.raises(ValueError, match="weights"):
        areal({"a": 1.0}, {"a": 0.0})


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.01, 1), st.booleans()), min_size=1, max_size=8))
def test_an_areal_mean_lies_among_its_gauges(told):
    values = {str(i): mm if there else None for i, (mm, _, there) in enumerate(told)}
    found = areal(values, {str(i): weight for i, (_, weight, _) in enumerate(told)})
    known = [mm for mm in values.values() if mm is not None]
    assert (found.mm is None) == (not known)
    if found.mm is not None:
        assert min(known) - 1e-9 <= found.mm <= max(known) + 1e-9
        assert 0 < found.reported <= 1
