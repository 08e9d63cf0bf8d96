"""The arithmetic of published figures."""

from decimal import Decimal

import pytest

from domain.published import bounds, expected, judge


@pytest.mark.parametrize(
    ("kind", "parts", "percent", "made"),
    [
        ("sum", [80.1, 22.9], False, "103"),
        ("product", [2, 1500], False, "3000"),
        ("rate", [1, 8], True, "12.5"),
        ("rate", [1, 8], False, "0.125"),
        ("count", [9, 9, 9], False, "3"),
        ("growth", [2], False, "300"),
        ("same", [4.5], False, "4.5"),
    ],
)
def test_parts_make_a_total(kind, parts, percent, made):
    assert expected(kind, parts, percent=percent) == Decimal(made)


@pytest.mark.parametrize("parts", [[5.0], [5.0, 0.0]])
def test_a_rate_needs_a_denominator(parts):
    with pytest.raises(ValueError, match="denominator"):
        expected("rate", parts)


def test_a_bound_stands_for_one_unit_of_its_last_digit():
    assert bounds(4500, ">") == (4500, 4600)
    assert bounds(534.4, ">") == (Decimal("534.4"), Decimal("534.5"))
    assert bounds(4, "<") == (3, 4)


@pytest.mark.parametrize(
    ("kind", "made", "printed", "state"),
    [
        ("sum", "=103", "=103", "consistent"),
        ("sum", "=104", "=103", "contradiction"),
        ("sum", "=4563", ">4500", "consistent"),
        ("sum", "=5789", ">4500", "contradiction"),
        ("sum", "=4499", ">4500", "contradiction"),
        ("sum", "=298", "<300", "consistent"),
        ("rate", "=99.959", "=99.96", "consistent"),
        ("rate", "=99.955", "=99.96", "consistent"),
        ("rate", "=99.9549", "=99.96", "contradiction"),
        ("rate", "=24.96", "=26.8", "contradiction"),
        ("rate", "=120.4", "=120", "consistent"),
        ("same", "<4", "=4", "contradiction"),
        ("same", ">4500", ">4500", "consistent"),
        ("same", ">4500", "=4563", "consistent"),
        ("same", "=4563", ">4500", "consistent"),
        ("within", "=5", "=5", "consistent"),
        ("within", "=6", "=5", "contradiction"),
    ],
)
def test_judgement(kind, made, printed, state):
    """Each number with its qualifier before it."""
    assert judge(kind, Decimal(made[1:]), float(printed[1:]), printed[0], made[0]) == state
