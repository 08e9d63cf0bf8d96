"""Item-based rates: each variant by hand, the published rates of a city, and what must not be done."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.services import items as rates
from domain.services.items import Item, ItemRate, Items, workdays_of

LISTED = [
    Item(
        legal=20, promised=0, visits=0, depth=7, online=True, mobile=True, materials=4, materials_electronic=4
    ),
    Item(legal=20, promised=1, visits=1, depth=4, online=True, materials=6, materials_electronic=5),
    Item(legal=None, promised=5, visits=0, depth=1, online_excused=True, mobile_excused=True),
    Item(legal=60, promised=3, visits=2, visits_excused=True, depth=1, instant=True),
    Item(kind="filing", online=True),  # 备案: not on application
    Item(enabled=False, online=True),
    Item(template=True, online=True),
]  # fmt: skip
CATALOGUE = Items.of(LISTED)


def test_only_items_on_application_in_force_count():
    counted = rates.base(CATALOGUE)
    assert len(counted) == 4
    assert counted.legal[:2].tolist() == [20, 20]


def test_online_rate_says_by_its_variant_what_becomes_of_the_unsuitable():
    assert rates.online_rate(CATALOGUE) == ItemRate(3, 4)
    assert rates.online_rate(CATALOGUE, "B") == ItemRate(2, 3, 1)
    assert rates.online_rate(CATALOGUE, "C") == ItemRate(2, 4)
    assert rates.mobile_rate(CATALOGUE) == ItemRate(2, 4)
    assert rates.mobile_rate(CATALOGUE, "B") == ItemRate(1, 3, 1)


def test_visits():
    assert rates.zero_visit_rate(CATALOGUE) == ItemRate(2, 3, 1)
    assert rates.zero_visit_rate(CATALOGUE, "C") == ItemRate(2, 4)
    assert rates.once_rate(CATALOGUE) == ItemRate(3, 4)
    assert rates.visits_mean(CATALOGUE).value == 0.75


def test_instant_and_full_online():
    assert rates.instant_rate(CATALOGUE) == ItemRate(1, 4)
    assert rates.instant_rate(CATALOGUE, "C") == ItemRate(1, 4)
    assert rates.full_online_rate(CATALOGUE) == ItemRate(1, 4)


def test_compression_is_a_ratio_of_sums_and_leaves_out_what_has_no_limit():
    assert rates.compression(CATALOGUE) == ItemRate(96, 100, 1)
    of_each = (20 / 20 + 19 / 20 + 57 / 60) / 3
    assert rates.compression(CATALOGUE).value != pytest.approx(of_each)


def test_both_limits_are_converted():
    month = Item(legal=workdays_of(1, "month"), promised=workdays_of(0.5, "month"))
    assert rates.compression(Items.of([month])) == ItemRate(11, 22)
    assert workdays_of(1, "year") == 250
    assert workdays_of(1, "year", year=253) == 253
    assert workdays_of(None, "month") is None


def test_electronic_materials_count_materials_not_items():
    assert rates.electronic_materials(CATALOGUE) == ItemRate(9, 10, 2)


def test_nothing_to_divide_by_is_no_rate():
    assert rates.online_rate(Items.of([])).value is None
    assert rates.compression(Items.of([Item(legal=0, promised=0)])).value is None


any_item = st.builds(
    Item,
    kind=st.sampled_from(["permit", "filing", "reward"]),
    enabled=st.booleans(),
    legal=st.none() | st.integers(1, 90),
    promised=st.none() | st.integers(0, 90),
    visits=st.none() | st.integers(0, 3),
    visits_excused=st.booleans(),
    depth=st.integers(0, 7),
    online=st.booleans(),
    online_excused=st.booleans(),
)
RATES = (rates.online_rate, rates.zero_visit_rate, rates.instant_rate, rates.compression, rates.full_online_rate)


@given(st.lists(any_item, max_size=12), st.lists(any_item, max_size=12))
def test_places_add_up_part_by_part(here, there):
    for rate in RATES:
        both, one, other = (rate(Items.of(some)) for some in (here + there, here, there))
        assert both.numerator == one.numerator + other.numerator
        assert both.denominator == one.denominator + other.denominator
        assert both.left_out == one.left_out + other.left_out


@given(st.lists(any_item, min_size=1, max_size=12))
def test_an_item_outside_the_base_changes_nothing(items):
    outside = [replace(item, enabled=False) for item in items]
    for rate in RATES:
        assert rate(Items.of(items + outside)) == rate(Items.of(items))
