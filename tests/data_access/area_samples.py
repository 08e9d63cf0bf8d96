"""A small made-up city for tests of areas: a city of two districts of four square streets each, near 117 E, 36 N."""

import json
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import box, mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select

from data_access import engine
from data_access.intake.area_report import AreaReport
from data_access.intake.areas import load_area_file
from data_access.schema import area, boundary

DESCRIPTION: dict[str, Any] = {"kind": "areas", "key": "areas_test", "columns": {"parent": "parent"}}
SIDE = 0.02  # degrees; about 1.8 by 2.2 km


def square(column: float, row: float, wide: float = 1, high: float = 1) -> BaseGeometry:
    """A rectangle on the grid whose origin is 117 E, 36 N."""
    x, y = 117 + column * SIDE, 36 + row * SIDE
    return box(x, y, x + wide * SIDE, y + high * SIDE)


def feature(code: str, name: str, parent: str | None, shape: Any, **more: Any) -> dict[str, Any]:
    geometry = shape if shape is None or isinstance(shape, dict) else mapping(shape)
    return {
        "type": "Feature",
        "properties": {"code": code, "name": name, "parent": parent, **more},
        "geometry": geometry,
    }


def city() -> list[dict[str, Any]]:
    """root c; districts A (columns 0-1) and B (columns 2-3); streets a1..a4, b1..b4, codes that share no prefix."""
    found = [
        feature("c", "云川市", None, square(0, 0, 4, 2)),
        feature("A", "东山区", "c", square(0, 0, 2, 2), population=1000, name_en="Dongshan District"),
        feature("B", "西湖县", "c", square(2, 0, 2, 2), population=500),
    ]
    names = ("龙华街道", "和平镇", "青石乡", "白沙街道", "东山街道", "柳河镇", "马坊镇", "石门乡")
    places = [("A", column, row) for row in (0, 1) for column in (0, 1)]
    places += [("B", column, row) for row in (0, 1) for column in (2, 3)]
    for index, (parent, column, row) in enumerate(places):
        code = f"{'xyzw'[index % 4]}{9 - index}"
        found.append(feature(code, names[index], parent, square(column, row)))
    return found


def of(features: list[dict[str, Any]], code: str) -> dict[str, Any]:
    """The first feature of a code."""
    return next(one for one in features if one["properties"]["code"] == code)


def write(path: Path, features: list[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8")
    return path


def load(features: list[dict[str, Any]], folder: Path, **settings: Any) -> AreaReport:
    """Load features as one file; no row may be lost."""
    report = load_area_file({**DESCRIPTION, **settings}, write(folder / "city.geojson", features))
    assert report.rows_read == report.stored + report.updated + report.already + len(report.quarantined) + report.water
    return report


def stored(code: str) -> Any:
    """The full shape of an area as the database has it."""
    with engine.engine().connect() as connection:
        query = select(boundary.c.wkb).join(
            area, (area.c.code == boundary.c.code) & (area.c.valid_from == boundary.c.valid_from)
        )
        return shapely.from_wkb(bytes(connection.execute(query.where(area.c.code == code)).scalar_one()))


def count(table: Any) -> int:
    with engine.engine().connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def kinds(report: AreaReport) -> set[str]:
    return {one.kind for one in report.findings}
