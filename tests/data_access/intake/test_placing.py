"""Orders that were stored before their areas find their place when the areas come."""

import pytest
from sqlalchemy import Engine, func, select, update

from data_access import detours, engine
from data_access.intake.load import load_files
from data_access.intake.placing import place_again
from data_access.schema import hotline_day_place, hotline_event, hotline_open, hotline_order, hotline_redo
from tests.data_access.intake.conftest import AREAS, FULL, SOURCE, Load, put_areas, stored

HEAD = "no,what,where,at\n"
ROWS = "1,a,中山区江宁街道12号,2026-06-01 08:00:00\n2,a,大安区,2026-06-02 08:00:00\n3,a,不知道,2026-06-03 08:00:00\n"
BY_CODE = SOURCE.replace('address = "where"\n', "").replace("[place]", '[place]\ncode = "where"')


def received() -> dict[str, int]:
    cube = hotline_day_place
    n = func.sum(cube.c.received).label("n")
    frame = engine.read(select(cube.c.district_code, n).group_by(cube.c.district_code).having(n != 0))
    return {code: int(n) for code, n in zip(frame["district_code"], frame["n"], strict=True)}


def test_by_address_when_areas_come(database: Engine, load: Load) -> None:
    before = load(HEAD + ROWS)
    assert (before.stored, before.unplaced) == (3, 3)
    assert "no_areas" in {one.code for one in before.doubts}
    assert received() == {"": 3}
    ids = stored()["order_id"].tolist()
    put_areas()
    version = engine.data_version()
    assert place_again() == {"looked": 3, "address": 2}
    assert engine.data_version() == version + 1
    orders = stored()
    assert orders["order_id"].tolist() == ids
    assert orders["district_code"].tolist() == ["D1", "D2", ""]
    assert orders["street_code"].tolist() == ["S11", "", ""]
    assert orders["placed_by"].tolist() == ["address", "address", ""]
    assert received() == {"D1": 1, "D2": 1, "": 1}
    events = engine.read(select(hotline_event.c.street_code).order_by(hotline_event.c.street_code))
    assert events["street_code"].tolist() == ["", "", "S11"]
    assert load(HEAD + ROWS).already == 3


def test_what_is_told_again_of_orders_finds_its_place_too(database: Engine, load: Load) -> None:
    rows = "1,a,大安区,2026-06-02 08:00:00,,,\n2,a,大安区,2026-06-02 09:00:00,2026-06-03 08:00,,good\n"
    load("no,what,where,at,closed,phone,rating\n" + rows, FULL)
    order = stored().iloc[0]
    with engine.committing() as connection:
        moments = {"redo_at": order["accept_at"], "redo_count": 1}
        connection.execute(
            update(hotline_order).values(moments).where(hotline_order.c.order_id == int(order["order_id"]))
        )
        detours.follow(connection)
    put_areas()
    assert place_again() == {"looked": 2, "address": 2}
    for table in (hotline_open, hotline_redo):
        assert engine.read(select(table))["district_code"].tolist() == ["D2"]


def test_nothing_to_place_is_no_commit(city: Engine, load: Load) -> None:
    load(HEAD + "1,a,大安区,2026-06-02 08:00:00\n")
    version = engine.data_version()
    assert place_again() == {}
    assert engine.data_version() == version


def test_by_code_when_the_file_is_loaded_again(database: Engine, load: Load) -> None:
    rows = HEAD + "1,a,S11,2026-06-01 08:00:00\n2,a,nowhere,2026-06-02 08:00:00\n"
    assert load(rows, source=BY_CODE).unplaced == 2
    put_areas()
    again = load(rows, source=BY_CODE)
    assert (again.stored, again.updated, again.already) == (0, 1, 1)
    assert stored()["district_code"].tolist() == ["D1", ""]
    assert received() == {"D1": 1, "": 1}
    assert load(rows, source=BY_CODE).already == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_load_of_areas_places_and_says_so(duckdb_only: Engine, load: Load, tmp_path, lang: str) -> None:
    load(HEAD + ROWS)
    lines = ["code,parent,name", *(f"{code},{parent or ''},{name}" for code, parent, _, name in AREAS)]
    (tmp_path / "areas.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "areas.toml").write_text('key = "areas"\nname_zh = "区"\nname_en = "Areas"\nkind = "areas"\n', "utf-8")
    (report,) = load_files(tmp_path / "areas.toml", [tmp_path / "areas.csv"])
    assert report.to_dict()["placed_again"] == {"looked": 3, "address": 2}
    assert {"zh": "找到 2，仍不在地图上 1", "en": "2 found, 1 still not on the map"}[lang] in report.to_text(lang)
    assert received() == {"D1": 1, "D2": 1, "": 1}
