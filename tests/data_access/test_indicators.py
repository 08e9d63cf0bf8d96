"""The vocabulary: complete in both languages, kept in the database, divided once."""

from dataclasses import replace

import pytest

from data_access import engine, indicators
from data_access.indicators import Indicator


@pytest.mark.parametrize("indicator", indicators.shipped(), ids=lambda i: i.key)
def test_every_shipped_indicator_says_what_it_is_in_both_languages(indicator):
    for lang in ("zh", "en"):
        assert indicator.said("name", lang)
        assert indicator.said("definition", lang)
        assert bool(indicator.said("not", lang)) == bool(indicator.not_zh)
        if indicator.kind in ("ratio", "mean"):
            assert indicator.said("numerator", lang)
            assert indicator.said("denominator", lang)
    assert indicator.origin
    assert indicator.cadence_minutes > 0
    assert indicator.target is None or indicator.better != "neutral"
    if indicator.is_percent and indicator.target is not None:
        assert 0 < indicator.target <= 1


def test_keys_and_names_are_told_apart():
    shipped = indicators.shipped()
    for field in ("key", "name_zh", "name_en"):
        assert len({getattr(i, field) for i in shipped}) == len(shipped)


def test_the_shipped_vocabulary_holds_where_the_database_has_none_of_its_own(database):
    shipped = {i.key: i for i in indicators.shipped()}
    assert indicators.indicators() == shipped
    own = replace(indicators.shipped()[0], target=None, name_zh="本市叫法")
    with engine.committing() as connection:
        indicators.store(connection, [own])
    assert indicators.indicators() == shipped | {own.key: own}
    with engine.committing() as connection:
        indicators.store(connection, indicators.shipped())
    assert indicators.indicators() == {i.key: i for i in indicators.shipped()}


@pytest.mark.parametrize(
    ("numerator", "denominator", "value"),
    [
        (9, 10, 0.9),
        (0, 10, 0.0),
        (0, 0, None),
        (5, 0, None),
        (None, 10, None),
        (5, None, None),
        (float("nan"), 3, None),
    ],
)
def test_a_rate_of_nothing_is_no_rate(numerator, denominator, value):
    assert by_key("hotline.on_time").of(numerator, denominator) == value


def by_key(key: str) -> Indicator:
    return next(i for i in indicators.shipped() if i.key == key)


def test_the_scale_is_part_of_the_value():
    per_10k = by_key("hotline.per_10k")
    assert per_10k.of(57, 19_000) == pytest.approx(30)
    assert not per_10k.is_percent
    assert by_key("hotline.on_time").is_percent
