"""Loading areas: file -> checked rows -> tables, with validity dates, shapes for the browser and a report.

A description (TOML, kind = "areas") says where things are:

    kind = "areas"
    key = "areas_shenzhen"            # the source, as freshness lists it
    name_zh = "..."; name_en = "..."
    crs = "wgs84"                     # wgs84 | cgcs2000 | gcj02 | bd09 | EPSG:number (default: what the file says)
    valid_from = 2026-01-01           # optional: since when this is so
    complete = false                  # true: areas of the database that the file lacks have ended
    near = [114.1, 22.6]              # optional: a point of the city, to recognise reversed axes
    encoding = "gbk"                  # optional: CSV and Shapefile
    [columns]                         # canonical word = the file's own: code, name, parent, name_en, population,
    code = "adcode"                   # kind, counts_in, water, lon, lat; only code and name are needed
    [root]                            # optional: the city itself, when the file does not have it
    code = "440300"; name = "深圳市"; name_en = "Shenzhen"
    [merged]                          # optional: old code = the code that took it over
    "440399" = "440310"
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import Connection, delete, insert, select, update

from data_access import areas as vocabulary
from data_access import bulk, clock, engine
from data_access.intake import area_coverage, area_shapes
from data_access.intake.area_files import AreaFile, AreaRow, from_frame, read_file, to_rows
from data_access.intake.area_report import AreaLoadError, AreaReport
from data_access.intake.area_tree import check_tree
from data_access.schema import (
    area,
    area_alias,
    boundary,
    deployment,
    load_log,
    quarantine,
    shape_file,
    source,
    water,
)

EVER = date(1900, 1, 1)  # valid_from of a first load that names none
_SETTINGS = {
    *("kind", "key", "name_zh", "name_en", "cadence_minutes", "crs", "valid_from", "complete", "near", "encoding"),
    *("columns", "root", "merged"),
}
_KEPT = ("parent", "name", "name_en", "kind", "counts_in", "population")  # a change in these makes a new row


@dataclass(frozen=True)
class Plan:
    """How to read an area file; see the module's text."""

    columns: Mapping[str, str] = field(default_factory=dict)
    crs: str = ""
    valid_from: date | None = None
    complete: bool = False
    near: tuple[float, float] | None = None
    root: Mapping[str, str] | None = None
    merged: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> "Plan":
        """From a description. Raises AreaLoadError with what to write instead."""
        unknown = set(description) - _SETTINGS
        if unknown:
            raise AreaLoadError(f"unknown settings {', '.join(sorted(unknown))}; known: {', '.join(sorted(_SETTINGS))}")
        near, since, root = description.get("near"), description.get("valid_from"), description.get("root")
        if near is not None and not (isinstance(near, (list, tuple)) and len(near) == 2):
            raise AreaLoadError("near is a point, like near = [114.1, 22.6] (longitude, latitude)")
        if since is not None and not isinstance(since, date):
            raise AreaLoadError("valid_from is a date, like valid_from = 2026-01-01 (without quotes)")
        if root is not None and not {"code", "name"} <= set(root):
            raise AreaLoadError("[root] needs code and name")
        return cls(
            columns=dict(description.get("columns", {})),
            crs=str(description.get("crs", "")),
            valid_from=since,
            complete=bool(description.get("complete", False)),
            near=(float(near[0]), float(near[1])) if near is not None else None,
            root=root,
            merged=dict(description.get("merged", {})),
        )


def load_area_file(description: Mapping[str, Any], path: Path) -> AreaReport:
    """Load one file of areas as its description says, in one transaction, and log it.

    Raises AreaLoadError (nothing is changed then) when the file or the description cannot be used at all.
    """
    plan = Plan.of(description)
    key = str(description.get("key") or path.stem)
    report = AreaReport(file=path.name)
    given = read_file(path, dict(plan.columns), report, str(description.get("encoding", "")))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with engine.committing() as connection:
        _load(given, plan, connection, report)
        _log(description, key, digest, report, connection)
    return report


def load_areas(
    frame: pd.DataFrame,
    *,
    connection: Connection,
    columns: Mapping[str, str] | None = None,
    crs: str = "",
    valid_from: date | None = None,
    complete: bool = False,
    near: tuple[float, float] | None = None,
    root: Mapping[str, str] | None = None,
    file: str = "areas",
) -> AreaReport:
    """Load areas from a data frame (or GeoDataFrame) inside a transaction of engine.committing().

    frame: code, name and optionally parent, name_en, population, kind, counts_in, water, lon, lat, geometry; columns
    maps these words to other column names. Rows with a word in `water` (river, lake, reservoir, sea) are water.
    """
    report = AreaReport(file=file)
    records, shapes, lines, named = from_frame(frame)
    rows = to_rows(records, shapes, lines, dict(columns or {}), report=report, file=file)
    plan = Plan(columns or {}, crs, valid_from, complete, near, root)
    _load(AreaFile(rows, named), plan, connection, report)
    return report


def _load(given: AreaFile, plan: Plan, connection: Connection, report: AreaReport) -> None:
    report.rows_read = len(given.rows)
    rows = [row for row in given.rows if not row.water]
    if plan.root is not None and all(row.code != plan.root["code"] for row in rows):
        top = {str(plan.root["code"])}
        known = {row.code for row in rows}
        for row in rows:
            if row.parent is None or (row.parent not in known and row.parent not in top):
                row.parent = str(plan.root["code"])
        city_row = AreaRow(0, str(plan.root["code"]), plan.root["name"], name_en=plan.root.get("name_en"))
        city_row.population = plan.root.get("population")
        rows.insert(0, city_row)
        report.rows_read += 1
    area_coverage.settle_coordinates(given.rows, plan.crs, given.crs, plan.near, report)
    _store_water([row for row in given.rows if row.water], connection, report)
    if rows:
        _load_areas(rows, plan, connection, report)


def _load_areas(rows: list[AreaRow], plan: Plan, connection: Connection, report: AreaReport) -> None:
    now_valid = _valid_rows(connection)
    city = _deployed_city(connection)
    levels = {code: int(old["level"]) for code, old in now_valid.items()}
    rows, root = check_tree(rows, levels, city if city in now_valid else "", report)
    area_coverage.sound_polygons(rows, report)
    for level in sorted({row.level for row in rows}, reverse=True):
        area_coverage.clean_level([row for row in rows if row.level == level], level, report)
    area_coverage.dissolve_missing(rows, report)
    stored_shapes = _valid_shapes(connection)
    known = {code: shapely.from_wkb(wkb) for code, wkb in stored_shapes.items()}
    known |= {row.code: row.geometry for row in rows if row.geometry is not None}
    area_coverage.check_parents(rows, known, report)
    _store(rows, plan, now_valid, stored_shapes, connection=connection, report=report)
    if not city:
        _put_once(connection, "city", root)
    after = _valid_rows(connection)
    _store_shape_files(after, _valid_shapes(connection), root, connection, report)
    name = after[root]["name"] if root in after else ""
    report.city = f"{root} {name}".strip()
    for level in sorted({int(one["level"]) for one in after.values()}):
        here = [one for one in after.values() if one["level"] == level]
        bare = [one for one in here if not one["shaped"]]
        report.levels[level] = (len(here), len(here) - len(bare))
        if bare:
            names = ", ".join(one["name"] for one in bare[:5]) + (" ..." if len(bare) > 5 else "")
            report.add("no_shape", level=level, count=len(bare), names=names)


def _valid_rows(connection: Connection) -> dict[str, dict[str, Any]]:
    """The areas that have not ended, by code (also those that begin in the future)."""
    found = connection.execute(select(area).where(area.c.valid_to.is_(None))).mappings().all()
    return {row["code"]: dict(row) for row in found}


def _valid_shapes(connection: Connection) -> dict[str, bytes]:
    same = (area.c.code == boundary.c.code) & (area.c.valid_from == boundary.c.valid_from)
    query = select(boundary.c.code, boundary.c.wkb).join(area, same).where(area.c.valid_to.is_(None))
    return {row.code: bytes(row.wkb) for row in connection.execute(query)}


def _deployed_city(connection: Connection) -> str:
    return connection.execute(select(deployment.c.value).where(deployment.c.key == "city")).scalar() or ""


def _put_once(connection: Connection, key: str, value: str) -> None:
    there = connection.execute(select(deployment.c.value).where(deployment.c.key == key)).scalar()
    if not there:
        engine.put(connection, key, value)


def _store(
    rows: list[AreaRow],
    plan: Plan,
    before: dict[str, dict[str, Any]],
    shapes_before: dict[str, bytes],
    *,
    connection: Connection,
    report: AreaReport,
) -> None:
    """Insert what is new, end what changed and insert it anew, leave alone what is there already."""
    today = clock.now().date()
    fresh: list[dict[str, Any]] = []
    aliases: set[tuple[str, str]] = set()
    for row in rows:
        wkb = None if row.geometry is None else shapely.to_wkb(row.geometry)
        old = before.get(row.code)
        values = _values(row, report)
        if old is not None and wkb is None and row.code in shapes_before:
            wkb = shapes_before[row.code]  # a list without shapes does not take shapes away
        aliases |= {(alias[:120], row.code) for alias in vocabulary.aliases_of(row.name, row.name_en)}
        if old is not None and _same(old, values) and _same_shape(shapes_before.get(row.code), wkb):
            report.already += 1
            continue
        since = plan.valid_from or (EVER if old is None else today)
        if old is not None:
            _end(connection, row.code, old["valid_from"], since)
            if old["name"] != row.name:
                aliases.add((old["name"], row.code))
            report.updated += 1
        else:
            report.stored += 1
        fresh.append({**values, "code": row.code, "valid_from": since, "wkb": wkb})
    named = {row.code for row in rows}
    missing = [code for code in before if code not in named]
    for code in missing:
        if plan.complete or code in plan.merged:
            _end(connection, code, before[code]["valid_from"], plan.valid_from or today, plan.merged.get(code))
            report.closed += 1
        else:
            report.missing += 1
    _insert(fresh, aliases, connection)


def _same(old: dict[str, Any], values: dict[str, Any]) -> bool:
    return all(old[word] == values[word] for word in _KEPT) and old["level"] == values["level"]


def _same_shape(old: bytes | None, new: bytes | None) -> bool:
    """Whether two shapes cover the same ground to a square metre; ring starts and points on straight edges are form."""
    if old is None or new is None or old == new:
        return old == new
    before, after = shapely.from_wkb(old), shapely.from_wkb(new)
    return area_coverage.m2(shapely.symmetric_difference(before, after)) < 1


def _end(connection: Connection, code: str, began: date, since: date, merged_into: str | None = None) -> None:
    """Close a row on the day that the next begins; a row that would have lived no day is replaced."""
    here = (area.c.code == code) & (area.c.valid_from == began)
    if since <= began:
        connection.execute(delete(boundary).where(boundary.c.code == code, boundary.c.valid_from == began))
        connection.execute(delete(area).where(here))
    else:
        connection.execute(update(area).where(here).values(valid_to=since, merged_into=merged_into))


def _values(row: AreaRow, report: AreaReport) -> dict[str, Any]:
    """The table's columns of one area, derived ones included."""
    population = None
    if row.population is not None:
        try:
            population = round(float(row.population.replace(",", "").replace(" ", "")))
        except (ValueError, OverflowError):
            report.add("bad_population", row.code, row.name, row.line, value=row.population)
    lon, lat, km2 = row.lon, row.lat, None
    if row.geometry is not None:
        lon, lat = label_point(row.geometry)
        km2 = true_km2(row.geometry)
    return {
        "parent": row.parent,
        "level": row.level,
        "name": row.name[:120],
        "name_en": row.name_en[:120] if row.name_en else None,
        "pinyin": vocabulary.pinyin(row.name),
        "kind": row.kind,
        "counts_in": row.counts_in,
        "population": population,
        "lon": lon,
        "lat": lat,
        "area_km2": km2,
        "shaped": row.geometry is not None,
    }


def label_point(shape: Any) -> tuple[float, float]:
    """Where a label sits best: the middle of the largest circle inside the largest part, as lon, lat."""
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    x0, y0, x1, y1 = largest.bounds
    circle = shapely.maximum_inscribed_circle(largest, tolerance=max(x1 - x0, y1 - y0) / 200)
    middle = shapely.get_coordinates(circle)[0]
    if not largest.contains(shapely.Point(middle)):
        middle = shapely.get_coordinates(largest.representative_point())[0]
    return round(float(middle[0]), 6), round(float(middle[1]), 6)


def true_km2(shape: Any) -> float:
    """The area on the WGS 84 ellipsoid, km²."""
    from pyproj import Geod  # noqa: PLC0415

    area_m2, _ = Geod(ellps="WGS84").geometry_area_perimeter(shapely.orient_polygons(shape))
    return round(abs(area_m2) / 1e6, 6)


def _insert(fresh: list[dict[str, Any]], aliases: set[tuple[str, str]], connection: Connection) -> None:
    for one in fresh:
        wkb = one.pop("wkb")
        if wkb is not None:
            there = {"code": one["code"], "valid_from": one["valid_from"], "wkb": wkb}
            connection.execute(insert(boundary).values(there))
            one["shaped"] = True
        connection.execute(insert(area).values(one))
    there = {(row.alias, row.code) for row in connection.execute(select(area_alias))}
    new = sorted(aliases - there)
    if new:
        bulk.insert(connection, area_alias, pd.DataFrame(new, columns=["alias", "code"]))


def _store_water(rows: list[AreaRow], connection: Connection, report: AreaReport) -> None:
    for row in rows:
        if row.geometry is None:
            report.quarantined.append((row.line, "water without a shape", row.raw))
            continue
        if row.geometry.geom_type in ("Polygon", "MultiPolygon"):
            shape = area_shapes.geometry_of(shapely.make_valid(row.geometry, method="structure", keep_collapsed=False))
        else:
            shape = json.loads(shapely.to_geojson(shapely.set_precision(row.geometry, 1e-5)))
        key = (row.code or f"water-{row.line}")[:40]
        values = {"kind": row.water, "name": row.name or None, "name_en": row.name_en}
        values["geojson"] = json.dumps(shape, separators=(",", ":"))
        old = connection.execute(select(water).where(water.c.key == key)).mappings().first()
        if old is None:
            connection.execute(insert(water).values(key=key, **values))
        elif all(old[word] == value for word, value in values.items()):
            report.already += 1
            continue
        else:
            connection.execute(update(water).where(water.c.key == key).values(**values))
        report.water += 1


def _store_shape_files(
    rows: dict[str, dict[str, Any]], shapes: dict[str, bytes], root: str, connection: Connection, report: AreaReport
) -> None:
    """Make the files of shapes again from all that is valid now; those that stay the same are left alone."""
    children: dict[str, list[tuple[str, str, Any]]] = {}
    for code in sorted(shapes):
        parent = rows[code]["parent"]
        if parent:
            children.setdefault(parent, []).append((code, rows[code]["name"], shapely.from_wkb(shapes[code])))
    there = {row.parent: row.digest for row in connection.execute(select(shape_file.c.parent, shape_file.c.digest))}
    for parent in set(there) - set(children):
        connection.execute(delete(shape_file).where(shape_file.c.parent == parent))
    for parent, below in children.items():
        limit = area_shapes.ROOT_LIMIT if parent == root else area_shapes.OTHER_LIMIT
        packed, _ = area_shapes.build(below, limit)
        report.shape_files[parent] = len(packed)
        if len(packed) > limit:
            report.add("too_large", parent, rows[parent]["name"], kb=len(packed) / 1000, limit=limit / 1000)
        digest = area_shapes.digest_of(packed)
        if there.get(parent) != digest:
            connection.execute(delete(shape_file).where(shape_file.c.parent == parent))
            connection.execute(insert(shape_file).values(parent=parent, digest=digest, geojson_gz=packed))


def _log(description: Mapping[str, Any], key: str, digest: str, report: AreaReport, connection: Connection) -> None:
    load_id, now = uuid.uuid4().hex, clock.now()
    if connection.execute(select(source.c.key).where(source.c.key == key)).first() is None:
        zh = str(description.get("name_zh") or "行政区划")
        en = str(description.get("name_en") or "Areas")
        cadence = int(description.get("cadence_minutes", 0))
        connection.execute(insert(source).values(key=key, name_zh=zh, name_en=en, cadence_minutes=cadence, fields=""))
    connection.execute(
        insert(load_log).values(
            load_id=load_id,
            source=key,
            file=report.file,
            digest=digest,
            loaded_at=now,
            rows_read=report.rows_read,
            stored=report.stored + report.water,
            updated=report.updated,
            already=report.already,
            quarantined=len(report.quarantined),
            unplaced=0,
            data_from=None,
            data_to=None,
            report=json.dumps(report.to_dict(), ensure_ascii=False),
        )
    )
    for line, reason, raw in report.quarantined:
        values = {"load_id": load_id, "source": key, "file": report.file, "line": line, "reason": reason, "raw": raw}
        connection.execute(insert(quarantine).values(values))
