"""How numbers and times are said, against the handbook's own examples and the neighbours of every step."""

from datetime import datetime, timedelta

import pytest

from components.words import age, days, exact, number, percent, section, signed, text


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (8765, "8,765", "8,765"),
        (123_500, "12.35万", "123.5K"),
        (113_000_000, "1.13亿", "113.00M"),
        (9_999, "9,999", "9,999"),
        (9_999.996, "1.00万", "10,000"),
        (10_000, "1.00万", "10,000"),
        (99_999_999, "1.00亿", "100.00M"),
        (999_960, "100.00万", "1.00M"),
        (0, "0", "0"),
        (-1234, "−1,234", "−1,234"),
        (7.25, "7.25", "7.25"),
        (0.084, "0.08", "0.08"),
        (150.72, "150.7", "150.7"),
        (None, "—", "—"),
        (float("nan"), "—", "—"),
    ],
)
def test_numbers(value, zh, en):
    assert number(value, "zh") == zh
    assert number(value, "en") == en


@pytest.mark.parametrize(
    ("fraction", "said"),
    [(0.9261, "92.61"), (1.0, "100.00"), (0.00035, "0.04"), (459 / 910, "50.44"), (4881 / 4883, "99.96"), (None, "—")],
)
def test_percentages_round_half_up_once(fraction, said):
    assert percent(fraction) == said


def test_a_missing_value_is_a_dash_and_zero_is_zero():
    assert (exact(None), exact(0), percent(None), percent(0.0)) == ("—", "0", "—", "0.00")


def test_a_change_carries_its_sign():
    assert (signed(0.35, 2), signed(-3, 0), signed(0, 1)) == ("+0.35", "−3", "0.0")


@pytest.mark.parametrize(
    ("minutes", "zh", "plain"),
    [(0, "刚刚", "0 分钟"), (14, "14 分钟前", "14 分钟"), (150, "2 小时前", "2 小时"), (4320, "3 天前", "3 天")],
)
def test_ages(minutes, zh, plain):
    assert age(timedelta(minutes=minutes), "zh") == zh
    assert age(timedelta(minutes=minutes), "zh", plain=True) == plain


def test_a_span_of_days_ends_with_its_last_day():
    assert days(datetime(2026, 10, 23), datetime(2026, 11, 22)) == "10-23—11-21"
    assert days(datetime(2025, 12, 1), datetime(2026, 1, 5, 10)) == "2025-12-01—2026-01-05"
    assert days(datetime(2026, 11, 22), datetime(2026, 11, 22, 9)) == "11-22"
    assert days(datetime(2025, 1, 1), datetime(2026, 1, 1), datetime(2026, 5, 1)) == "2025-01-01—2025-12-31"
    assert days(datetime(2025, 3, 4), datetime(2025, 3, 4, 9), datetime(2026, 5, 1)) == "2025-03-04"


def test_words_are_filled_in_and_missing_ones_are_an_error():
    assert text("tile.overdue", "en", n=3) == "overdue 3"
    assert set(section("card", "zh")) == set(section("card", "en"))
    with pytest.raises(KeyError):
        text("tile.no_such_words", "zh")
