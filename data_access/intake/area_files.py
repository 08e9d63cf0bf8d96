"""Files of areas -> rows with canonical columns. GeoJSON, GeoPackage, Shapefile, GeoParquet, Parquet, CSV.

A description maps canonical names to the file's own: code, name, parent, and optionally level, name_en, population,
kind, counts_in, water, lon, lat. Everything comes out as text, shapes as shapely geometries.
"""

import csv
import io
import json
import math
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
import shapely.geometry
from shapely.geometry.base import BaseGeometry

from data_access.intake.area_report import AreaLoadError, AreaReport

COLUMNS = ("code", "name", "parent", "level", "name_en", "population", "kind", "counts_in", "water", "lon", "lat")


@dataclass
class AreaRow:
    """One area as the file gives it; line counts features or lines of text from 1."""

    line: int
    code: str
    name: str
    parent: str | None = None
    name_en: str | None = None
    population: str | None = None
    kind: str = "statutory"
    counts_in: str | None = None
    water: str | None = None
    lon: float | None = None
    lat: float | None = None
    geometry: BaseGeometry | None = None
    raw: str = ""
    level: int = field(default=0)  # depth in the tree; set by the checks


@dataclass
class AreaFile:
    """A file's rows, and the reference system that the file itself names ('' when it does not)."""

    rows: list[AreaRow]
    crs: str = ""


def read_file(path: Path, columns: dict[str, str], report: AreaReport, encoding: str = "") -> AreaFile:
    """Read a file of areas. Raises AreaLoadError when it is not what its name says or lacks a needed column."""
    suffix = path.suffix.lower()
    try:
        if suffix in (".geojson", ".json"):
            records, shapes, lines, crs = _geojson(path, report)
        elif suffix in (".csv", ".txt", ".tsv"):
            records, shapes, lines, crs = _csv(path, report, encoding)
        elif suffix in (".parquet", ".geoparquet"):
            records, shapes, lines, crs = _parquet(path)
        elif suffix in (".gpkg", ".shp", ".zip"):
            records, shapes, lines, crs = _with_gdal(path, encoding)
        else:
            raise AreaLoadError(f"{path.name}: cannot read {suffix}; use geojson, gpkg, shp, parquet or csv")
    except FileNotFoundError:
        raise AreaLoadError(f"{path.name}: there is no such file") from None
    if not records:
        raise AreaLoadError(f"{path.name}: no areas in it")
    return AreaFile(to_rows(records, shapes, lines, columns, report=report, file=path.name), crs)


def to_rows(
    records: list[dict[str, Any]],
    shapes: list[BaseGeometry | None],
    lines: list[int],
    columns: dict[str, str],
    *,
    report: AreaReport,
    file: str,
) -> list[AreaRow]:
    """Canonical rows from records with the file's own column names."""
    unknown = set(columns) - set(COLUMNS)
    if unknown:
        raise AreaLoadError(f"unknown column words {', '.join(sorted(unknown))}; known: {', '.join(COLUMNS)}")
    there = {name for record in records for name in record}
    named = {word: columns.get(word, word) for word in COLUMNS}
    for word in COLUMNS:
        if (word in ("code", "name") or word in columns) and named[word] not in there:
            raise AreaLoadError(
                f"{file}: no column {named[word]!r} for {word}; the file has {', '.join(map(str, sorted(there)))}"
            )
    rows = []
    for record, shape, line in zip(records, shapes, lines, strict=True):
        texts = {word: text_of(record.get(own)) for word, own in named.items()}
        rows.append(
            AreaRow(
                line=line,
                code=texts["code"] or "",
                name=texts["name"] or "",
                parent=texts["parent"],
                name_en=texts["name_en"],
                population=texts["population"],
                kind="functional" if _functional(texts["kind"]) else "statutory",
                counts_in=texts["counts_in"],
                water=texts["water"],
                lon=_number(texts["lon"]),
                lat=_number(texts["lat"]),
                geometry=shape,
                raw=json.dumps({key: text_of(value) for key, value in record.items()}, ensure_ascii=False),
            )
        )
    return rows


def text_of(value: Any) -> str | None:
    """A cell as text: 440303.0 is '440303', blanks and NaN are None, full-width digits become plain ones."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (float, np.floating)):
        if math.isnan(value):
            return None
        if float(value).is_integer():
            value = int(value)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    return None if text.casefold() in ("", "nan", "none", "null", "-", "–") else text


def _functional(kind: str | None) -> bool:
    return (kind or "").casefold() in ("functional", "functional zone", "zone", "功能区", "开发区", "development zone")


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


_Read = tuple[list[dict[str, Any]], list[BaseGeometry | None], list[int], str]


def _text(path: Path, encoding: str, report: AreaReport) -> str:
    data = path.read_bytes()
    for candidate in [encoding] if encoding else ["utf-8-sig", "gb18030"]:
        try:
            text = data.decode(candidate)
        except UnicodeDecodeError:
            continue
        if candidate == "gb18030":
            report.add("encoding", name=path.name, encoding="GB 18030 (GBK)")
        if text.lstrip()[:1] == "<":
            raise AreaLoadError(f"{path.name} is an HTML page or XML, not data; download the file itself again")
        return text
    raise AreaLoadError(f"{path.name} is neither UTF-8 nor GBK; name its encoding in the description")


def _geojson(path: Path, report: AreaReport) -> _Read:
    try:
        content = json.loads(_text(path, "", report))
    except json.JSONDecodeError as error:
        raise AreaLoadError(f"{path.name} is not JSON: {error.msg} in line {error.lineno}") from None
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        raise AreaLoadError(f"{path.name} is no GeoJSON FeatureCollection: it has no list of features")
    records: list[dict[str, Any]] = []
    shapes: list[BaseGeometry | None] = []
    for line, feature in enumerate(features, start=1):
        feature = feature if isinstance(feature, dict) else {}  # noqa: PLW2901
        properties = feature.get("properties")
        record = dict(properties) if isinstance(properties, dict) else {}
        if "id" in feature:
            record.setdefault("id", feature["id"])
        records.append(record)
        shape = None
        if feature.get("geometry"):
            try:
                shape = shapely.force_2d(shapely.geometry.shape(feature["geometry"]))
                if not np.isfinite(shapely.get_coordinates(shape)).all():
                    raise ValueError("a coordinate is not a number")
            except Exception as error:  # whatever a broken shape makes the library raise
                shape = None
                label = next((str(record[key]) for key in ("name", "NAME", "名称") if key in record), "")
                report.add("unreadable_shape", name=label, line=line, why=str(error).splitlines()[0])
        shapes.append(shape)
    crs = content.get("crs")
    named = str(crs.get("properties", {}).get("name", "")) if isinstance(crs, dict) else ""
    return records, shapes, list(range(1, len(records) + 1)), named


def _csv(path: Path, report: AreaReport, encoding: str) -> _Read:
    text = _text(path, encoding, report)
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",\t;", key=head.count))
    header = [cell.strip() for cell in next(reader, [])]
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    before = reader.line_num
    for cells in reader:
        if any(cell.strip() for cell in cells) and [cell.strip() for cell in cells] != header:
            records.append(dict(zip(header, cells, strict=False)))
            lines.append(before + 1)
        before = reader.line_num
    return records, [None] * len(records), lines, ""


def _parquet(path: Path) -> _Read:
    import geopandas  # noqa: PLC0415  (0.5 s to import; only these formats need it)
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        geo = b"geo" in (pq.read_schema(path).metadata or {})
        frame = geopandas.read_parquet(path) if geo else pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise AreaLoadError(f"{path.name} is not a Parquet file: {str(error).splitlines()[0]}") from None
    return from_frame(frame)


def _with_gdal(path: Path, encoding: str) -> _Read:
    import geopandas  # noqa: PLC0415
    import pyogrio  # noqa: PLC0415

    if path.suffix.lower() == ".shp":
        missing = [end for end in (".dbf", ".shx") if not _beside(path, end)]
        if missing:
            raise AreaLoadError(f"{path.name} lacks its {' and '.join(missing)}; a shapefile is several files together")
    try:
        layers = pyogrio.list_layers(path)[:, 0]
        chosen: dict[str, Any] = {"encoding": encoding} if encoding else {}
        read = [geopandas.read_file(path, layer=layer, engine="pyogrio", **chosen) for layer in layers]
    except Exception as error:  # GDAL raises its own kinds
        raise AreaLoadError(f"{path.name} cannot be read: {str(error).splitlines()[0]}") from None
    records, shapes, crs = [], [], ""
    for frame in read:  # one layer a level is usual in a GeoPackage
        more, geometry, _, named = from_frame(frame)
        records, shapes, crs = records + more, shapes + geometry, crs or named
    return records, shapes, list(range(1, len(records) + 1)), crs


def _beside(path: Path, end: str) -> bool:
    return path.with_suffix(end).exists() or path.with_suffix(end.upper()).exists()


def from_frame(frame: pd.DataFrame) -> _Read:
    """Records, shapes, numbers and reference system of a data frame or geo data frame."""
    crs = ""
    shapes: list[BaseGeometry | None] = [None] * len(frame)
    geometry = getattr(frame, "_geometry_column_name", None)
    if geometry is None and "geometry" in frame.columns:
        geometry = "geometry"
    if geometry is not None and geometry in frame.columns:
        column = frame[geometry]
        named = getattr(column, "crs", None)
        crs = named.to_string() if named is not None else ""
        shapes = [None if one is None or pd.isna(one) or one.is_empty else shapely.force_2d(one) for one in column]
        frame = frame.drop(columns=[geometry])
    records = frame.astype(object).to_dict("records")
    return (
        [{str(key): value for key, value in one.items()} for one in records],
        shapes,
        list(range(1, len(frame) + 1)),
        crs,
    )
