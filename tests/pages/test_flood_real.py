"""The flood page on readings of a real river: it has no thresholds, and its crest goes down all the same."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from dash import Dash
from sqlalchemy import insert

from components import panel as mechanism
from data_access import clock, engine, sources
from data_access.intake.load import load_files
from data_access.schema import area
from data_access.settings import ROOT
from tests.conftest import RealFiles

SOURCES = ROOT / "sample_data" / "sources"


@pytest.fixture
def yangtze(app: Dash, tmp_path: Path, real: RealFiles, request: pytest.FixtureRequest) -> Iterator[Dash]:
    """The app over a database that holds a place and the file."""
    file = real("flood/yangtze_2020-06.csv")
    with pytest.MonkeyPatch.context() as patch, clock.held(datetime(2020, 7, 1, 8)):
        patch.setattr(engine, "_engine", None)
        patch.setattr(engine, "_reader", None)
        patch.setattr(engine, "_version", 0)
        patch.setattr(mechanism.outside(), "version", lambda: f"{request.node.nodeid}.{engine.data_version()}")
        patch.setattr(mechanism.outside(), "freshness", sources.freshness)
        engine.connect(f"duckdb:///{tmp_path / 'city.duckdb'}")
        root = {"code": "C", "valid_from": date(2000, 1, 1), "parent": None, "level": 0, "name": "流域"}
        with engine.committing() as connection:
            connection.execute(insert(area), [root | {"kind": "statutory", "shaped": False}])
        load_files(SOURCES / "flood_yangtze.toml", [file])
        yield app
        engine.engine().dispose()


def asked(app: Dash, name: str, at: str, lang: str = "zh") -> dict:
    answer = app.server.test_client().get(f"/data/flood.{name}.json?at={at}&lang={lang}&station=宜昌")
    assert answer.status_code == 200, answer.get_data(as_text=True)[:300]
    return json.loads(answer.get_data(as_text=True))


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
    assert yangtze.server.test_client().get("/flood?at=2020-06-30T12:00").status_code == 200
