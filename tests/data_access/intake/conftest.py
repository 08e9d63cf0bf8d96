"""What the tests of intake share: a small city, a way to load text, and looking into the tables."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, insert, select

from data_access import clock, engine
from data_access.intake.load import load_files
from data_access.intake.report import Report
from data_access.schema import area, area_alias, hotline_order

NOW = datetime(2026, 6, 18, 14, 30)
SOURCE = """
key = "test"
name_zh = "测试"
name_en = "Test"
[columns]
number = "no"
accept_at = "at"
category = "what"
title = "what"
address = "where"
[place]
address = "where"
"""
FULL = (
    SOURCE.replace("[place]", 'close_at = "closed"\ncaller_phone = "phone"\nsatisfaction = "rating"\n[place]')
    + """
[codes.satisfaction]
"good" = "4"
"bad" = "2"
"""
)
AREAS = [
    ("C", None, 0, "云川市"),
    ("D1", "C", 1, "中山区"),
    ("D2", "C", 1, "大安区"),
    ("S11", "D1", 2, "江宁街道"),
    ("S12", "D1", 2, "朝阳门外街道"),
    ("S21", "D2", 2, "江宁镇"),
    ("S22", "D2", 2, "民辉里"),
]


@pytest.fixture(autouse=True)
def held_clock():
    """All loads happen at NOW."""
    with clock.held(NOW):
        yield


def put_areas() -> None:
    """The small city of AREAS."""
    rows = [
        {
            "code": code,
            "parent": parent,
            "level": level,
            "name": name,
            "kind": "statutory",
            "shaped": False,
            "valid_from": date(2000, 1, 1),
        }
        for code, parent, level, name in AREAS
    ]
    with engine.committing() as connection:
        connection.execute(insert(area), rows)
        connection.execute(insert(area_alias), [{"alias": "江宁办事处", "code": "S11"}])


@pytest.fixture
def city(database: Engine) -> Engine:
    """A database of each kind that knows the small city."""
    put_areas()
    return database


@pytest.fixture
def duck_city(duckdb_only: Engine) -> Engine:
    """The small city in a DuckDB."""
    put_areas()
    return duckdb_only


Load = Callable[..., Report]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """load(content, source=SOURCE, name="orders.csv"): write the content to a file, load it, give its report."""

    def run(content: str | bytes, source: str = SOURCE, name: str = "orders.csv") -> Report:
        description, file = tmp_path / "source.toml", tmp_path / name
        description.write_text(source, encoding="utf-8")
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        (report,) = load_files(description, [file])
        assert isinstance(report, Report)
        assert report.balanced()
        return report

    return run


def stored(*columns: str) -> pd.DataFrame:
    """The orders in the database, by accept time and id."""
    picked = [hotline_order.c[name] for name in columns] if columns else list(hotline_order.columns)
    return engine.read(select(*picked).order_by(hotline_order.c.accept_at, hotline_order.c.order_id))
