"""The flood page on readings of a real river: it has no thresholds, and its crest goes down all the same."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from tests.conftest import RealFiles
from tests.pages.asked import body


@pytest.fixture
def yangtze(of_file: Callable[..., FlaskClient], real: RealFiles) -> FlaskClient:
    return of_file("flood_yangtze", real("flood/yangtze_2020-06.csv"), datetime(2020, 7, 1, 8))


def asked(client: FlaskClient, name: str, at: str, lang: str = "zh") -> dict:
    return body(client, f"flood.{name}", at=at, lang=lang, station="宜昌")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_crest_on_its_way(yangtze, lang):
    seen = {}
    for at in ("2020-06-28T08:00", "2020-06-29T08:00", "2020-06-30T12:00"):
        rows = asked(yangtze, "line", at, lang)["data"]
        assert [row["station"] for row in rows] == ["寸滩", "三峡水库", "宜昌", "沙市", "汉口", "九江", "大通"]
        assert all(row["state"] is None for row in rows)  # no threshold, which is not normal
        seen[at] = {row["station"]: row["crest_at"] for row in rows if row["crest_at"]}
    assert list(seen.values()) == [
        {},
        {"寸滩": "2020-06-28T20:00:00"},
        {"寸滩": "2020-06-28T20:00:00", "宜昌": "2020-06-30T06:00:00"},
    ]


@pytest.mark.parametrize("name", ["situation", "map", "station", "reservoirs"])
def test_other_panels_stand(yangtze, name):
    assert asked(yangtze, name, "2020-06-30T12:00")["meta"]["state"] in ("ready", "empty", "none")


def test_a_map_of_nowhere_says_so(yangtze):
    """Neither areas with outlines nor stations with a position: a sentence, not an error."""
    told = asked(yangtze, "map", "2020-06-30T12:00")["meta"]
    assert (told["state"], told["note"]) == ("none", "没有区划边界，测站也没有坐标")
    assert yangtze.get("/flood?at=2020-06-30T12:00").status_code == 200
