"""Rates of the catalogue as they were on a day, and where they stood among the peers: counted by hand."""

from datetime import date, datetime

import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access import bulk, engine
from data_access.services import catalogue
from data_access.services import tables as t

ITEM = {
    "valid_from": date(2026, 1, 1), "valid_to": None, "version": "1", "name_en": None, "kind": "permit", "org": "east",
    "region": "city", "legal_days": 10.0, "promised_days": 4.0, "instant": False, "visits": 0, "visits_excused": False,
    "depth": 6, "online": True, "online_excused": False, "mobile": True, "mobile_excused": False, "materials": 4,
    "materials_electronic": 3, "materials_exempt": 0, "scope": "", "theme": "", "special": "", "enabled": True,
    "template": False,
}  # fmt: skip
ITEMS = [
    {"code": "a"},
    {"code": "b", "promised_days": 0.0, "instant": True, "org": "west"},
    # offline until March, but flagged unsuitable; then online
    {"code": "c", "online": False, "online_excused": True, "visits": 1, "depth": 1, "valid_to": date(2026, 3, 1)},
    {"code": "c", "valid_from": date(2026, 3, 1), "version": "2"},
    {"code": "d", "mobile": False, "visits": 2, "visits_excused": True, "legal_days": None, "depth": 3},
    {"code": "template", "template": True, "online": False},
    {"code": "off", "enabled": False, "online": False},
    {"code": "filing", "kind": "filing", "online": False},
]
BEFORE, AFTER = date(2026, 2, 28), date(2026, 3, 1)


@pytest.fixture(scope="module")
def known(module_database: Engine) -> None:
    rows = pd.DataFrame([ITEM | {"name": one["code"]} | one for one in ITEMS])
    ranks = pd.DataFrame([
        {"indicator": "services.online_items", "month": date(2026, 2, 1), "rank": 2, "peers": 3, "value": 0.98,
         "next_value": 0.99, "values": "[0.99, 0.98, 0.9]"},
        {"indicator": "services.online_items", "month": date(2026, 3, 1), "rank": 1, "peers": 3, "value": 0.995,
         "next_value": None, "values": "[]"},
    ]).astype({"next_value": float})  # fmt: skip
    with engine.committing() as connection:
        bulk.insert(connection, t.service_item, rows.astype({"legal_days": float, "promised_days": float}))
        bulk.insert(connection, t.service_rank, ranks)


@pytest.mark.parametrize(
    ("indicator", "day", "variant", "parts"),
    [
        ("services.online_items", BEFORE, "A", (4, 4, 0)),
        ("services.online_items", BEFORE, "B", (3, 3, 1)),
        ("services.online_items", BEFORE, "C", (3, 4, 0)),
        ("services.online_items", AFTER, "B", (4, 4, 0)),
        ("services.full_online_items", BEFORE, "", (2, 4, 0)),
        ("services.mobile_items", BEFORE, "A", (3, 4, 0)),
        ("services.zero_visit_items", BEFORE, "A", (2, 3, 1)),
        ("services.zero_visit_items", BEFORE, "C", (2, 4, 0)),
        ("services.instant_items", AFTER, "A", (1, 4, 0)),
        ("services.instant_items", AFTER, "C", (1, 4, 0)),
        # legal 10 + 10 + 10, promised 4 + 0 + 4; d has no legal limit
        ("services.compression", AFTER, "", (22, 30, 1)),
        ("services.electronic_materials", AFTER, "", (12, 16, 0)),
    ],
)
def test_rates_are_of_the_versions_in_force_and_recomputed_by_hand(known, indicator, day, variant, parts):
    found = catalogue.rate(indicator, day, variant=variant)
    assert (found.numerator, found.denominator, found.left_out) == parts
    assert found.value == parts[0] / parts[1]


def test_a_variant_that_a_rate_does_not_have_is_its_first(known):
    first = catalogue.rate("services.mobile_items", BEFORE)
    assert catalogue.rate("services.mobile_items", BEFORE, variant="C") == first
    assert catalogue.rate("services.mobile_items", BEFORE, variant="B") == first
    assert catalogue.rate("services.mobile_items", BEFORE, org="west").numerator == 1


def test_before_the_first_version_there_is_no_rate_and_not_zero(known):
    assert catalogue.rate("services.online_items", date(2025, 12, 31)) is None
    assert catalogue.course("services.online_items", (date(2025, 12, 31), AFTER))[0] is None
    assert catalogue.counted(BEFORE) == 4
    assert catalogue.counted(date(2025, 12, 31)) == 0


def test_a_rank_is_known_when_it_was_published(known):
    assert catalogue.rank("services.online_items", datetime(2026, 3, 10, 23)) is None
    for moment in (datetime(2026, 3, 11), datetime(2026, 4, 10, 23)):
        then = catalogue.rank("services.online_items", moment)
        assert then[1:] == (2, 3, 0.98, 0.99, (0.99, 0.98, 0.9))
    assert catalogue.rank("services.online_items", datetime(2026, 4, 11)).rank == 1
    assert catalogue.rank("services.mobile_items", datetime(2026, 4, 11)) is None
