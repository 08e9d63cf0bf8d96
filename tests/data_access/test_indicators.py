"""The vocabulary: complete in both languages, kept in the database, divided once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from data_access import engine, indicators
from data_access.indicators import Indicator
from domain import hotline_rules
from domain.services import rules as services_rules


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


BY_RULES = {"hotline.answered", "hotline.callback", "services.utilisation"}  # whose targets are rules


def plain(known: dict[str, Indicator]) -> dict[str, Indicator]:
    """Those in which no rule stands."""
    ruled = {i.key for i in indicators.shipped() if any("{" in str(value) for value in vars(i).values())} | BY_RULES
    return {key: one for key, one in known.items() if key not in ruled}


def test_the_shipped_vocabulary_holds_where_the_database_has_none_of_its_own(database):
    shipped = {i.key: i for i in indicators.shipped()}
    assert list(indicators.indicators()) == list(shipped)
    assert plain(indicators.indicators()) == plain(shipped)
    own = replace(by_key("hotline.received"), target=None, name_zh="本市叫法")
    with engine.committing() as connection:
        indicators.store(connection, [own])
    assert plain(indicators.indicators()) == plain(shipped) | {own.key: own}
    with engine.committing() as connection:
        indicators.store(connection, indicators.shipped())
    assert plain(indicators.indicators()) == plain(shipped)


def test_words_and_targets_are_of_the_rules_of_the_day(duckdb_only, tmp_path):
    turn = date(2026, 7, 1)
    path = tmp_path / "rules.toml"
    change = "service_level_s = 20\nminimum_coverage = 0.255\ntarget_answered = 0.9\npartly_resolved = 0.5"
    path.write_text(f"{hotline_rules.FILE.read_text('utf-8')}\n[[change]]\nfrom = {turn}\n{change}\n", "utf-8")
    hotline_rules.SHELF.put(path)
    try:
        before, after = (indicators.indicators(day) for day in (turn - timedelta(days=1), turn))
    finally:
        hotline_rules.SHELF.put()
    for known, seconds, share, target, part in ((before, "15", "30%", 0.95, "0"), (after, "20", "25.5%", 0.9, "0.5")):
        assert known["hotline.answered_quick"].name_zh == f"{seconds} 秒接通率"
        assert f"within {seconds} seconds" in known["hotline.answered"].said("not", "en")
        assert f"有效回访率低于 {share}时" in known["hotline.composite"].said("not", "zh")
        assert known["hotline.answered"].target == target
        assert known["hotline.resolution"].said("numerator", "en").endswith(f"partly resolved × {part}")
    assert indicators.indicators(turn) == before  # the shipped rules hold again


def test_a_target_of_the_citys_own_vocabulary_goes_before_the_rules(duckdb_only):
    with engine.committing() as connection:
        indicators.store(connection, [replace(by_key("services.utilisation"), watch=0.7)])
    held = services_rules.rules(date(2026, 7, 1))
    known = indicators.indicators(date(2026, 7, 1))["services.utilisation"]
    assert (known.target, known.watch) == (held.tight, 0.7)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_rule_in_the_words_is_unknown(duckdb_only, lang):
    told = {
        (one.key, what): one.said(what, lang)
        for one in indicators.indicators().values()
        for what in ("name", "unit", "definition", "not", "numerator", "denominator")
    }
    assert [key for key, words in told.items() if "{" in words or "}" in words] == []


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
