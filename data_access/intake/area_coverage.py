"""Shapes made sound: axes, datum, valid rings, and siblings that meet without overlap or gap.

A repair is made only where it is safe: it changes an area by less than 1 %. Everything found is reported, repaired or
not. Lengths of tolerance are in degrees (0.0001 is about 11 m), areas in the report in m² or km².
"""

import math
from collections import defaultdict
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data_access.intake.area_files import AreaRow
from data_access.intake.area_report import AreaLoadError, AreaReport
from domain import coordinates

GAP_WIDTH = 0.0003  # gaps narrower than this (some 30 m) are closed
SAFE_CHANGE = 0.01  # a repair that changes an area by more is not made
SLIVER_M2 = 50.0  # parts smaller than this are no islands
TINY_M2 = 1000.0
NOTABLE_SHARE = 0.005  # of an area uncovered or outside before it is said
_PLAIN = ("", "wgs84", "cgcs2000")
_DATUMS = {"gcj02": "GCJ-02", "bd09": "BD-09"}
CRS_WORDS = (*_PLAIN[1:], *_DATUMS)


def m2(shape: BaseGeometry) -> float:
    """About how large a small shape is, in m² (1 % or better)."""
    if shape.is_empty:
        return 0.0
    middle = (shape.bounds[1] + shape.bounds[3]) / 2
    return shape.area * 111_320.0 * 110_574.0 * math.cos(math.radians(middle))


def settle_coordinates(
    rows: list[AreaRow], crs: str, file_crs: str, near: tuple[float, float] | None, report: AreaReport
) -> None:
    """Longitude before latitude, WGS 84 degrees. near: a point (lon, lat) the city is around, if known."""
    shaped = [row for row in rows if row.geometry is not None]
    declared = crs.strip().casefold().replace("-", "")
    if declared not in (*_PLAIN, *_DATUMS) and not declared.startswith("epsg:"):
        raise AreaLoadError(f"crs = {crs!r} is unknown; use {', '.join(CRS_WORDS)} or EPSG:number")
    projected = declared if declared.startswith("epsg:") else file_crs
    if declared not in _DATUMS and _needs_projection(projected):
        _project(shaped, projected, report)
    _swap_reversed(shaped, near, report)
    for row in shaped:
        bounds = row.geometry.bounds if row.geometry is not None else (0.0, 0.0, 0.0, 0.0)
        if max(-bounds[0], bounds[2]) > 180 or max(-bounds[1], bounds[3]) > 90:
            text = ", ".join(f"{value:.0f}" for value in bounds)
            report.add("off_the_globe", row.code, row.name, row.line, bounds=text)
            row.geometry = None
    if shaped and all(row.geometry is None for row in shaped):
        raise AreaLoadError(
            f"no coordinate is a longitude and latitude ({report.of('off_the_globe')[-1].detail['bounds']}); "
            'name the reference system in the description, like crs = "EPSG:4547"'
        )
    if declared in _DATUMS:
        convert = coordinates.gcj02_to_wgs84 if declared == "gcj02" else coordinates.bd09_to_wgs84

        def moved(points: np.ndarray) -> np.ndarray:
            return np.column_stack(convert(points[:, 0], points[:, 1]))

        for row in rows:
            if row.geometry is not None:
                row.geometry = shapely.transform(row.geometry, moved)
            if row.lon is not None and row.lat is not None:
                x, y = convert(np.array([row.lon]), np.array([row.lat]))
                row.lon, row.lat = float(x[0]), float(y[0])
        report.add("converted", crs=_DATUMS[declared])


def _needs_projection(crs: str) -> bool:
    if not crs or "CRS84" in crs:
        return False
    from pyproj import CRS  # noqa: PLC0415
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    try:
        return not CRS.from_user_input(crs).is_geographic
    except CRSError:
        raise AreaLoadError(f"the reference system {crs!r} is unknown") from None


def _project(rows: list[AreaRow], crs: str, report: AreaReport) -> None:
    from pyproj import Transformer  # noqa: PLC0415

    transformer = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def moved(points: np.ndarray) -> np.ndarray:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    for row in rows:
        row.geometry = shapely.transform(row.geometry, moved)
    report.add("converted", crs=crs)


def _swap_reversed(rows: list[AreaRow], near: tuple[float, float] | None, report: AreaReport) -> None:
    """Swap shapes that are beyond a pole, or far from the rest where swapped they would be among them."""
    sure = [_beyond_pole(row.geometry) for row in rows]
    middles = [
        ((b[1] + b[3]) / 2, (b[0] + b[2]) / 2) if swap else ((b[0] + b[2]) / 2, (b[1] + b[3]) / 2)
        for b, swap in ((row.geometry.bounds, swap) for row, swap in zip(rows, sure, strict=True) if row.geometry)
    ]
    if not middles:
        return
    lon, lat = near or tuple(np.median(np.array(middles), axis=0))
    for row, certain in zip(rows, sure, strict=True):
        if row.geometry is None:
            continue
        bounds = row.geometry.bounds
        x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
        if certain or (math.hypot(x - lon, y - lat) > 5 and math.hypot(y - lon, x - lat) < 2):
            row.geometry = shapely.transform(row.geometry, lambda points: points[:, ::-1])
            report.add("reversed_axes", row.code, row.name, row.line, repaired=True)


def _beyond_pole(shape: BaseGeometry | None) -> bool:
    if shape is None:
        return False
    x0, y0, x1, y1 = shape.bounds
    return max(abs(y0), abs(y1)) > 90 and max(abs(x0), abs(x1)) <= 90 and max(abs(y0), abs(y1)) <= 180


def sound_polygons(rows: list[AreaRow], report: AreaReport) -> None:
    """Only valid polygons remain: points become label points, bad rings are repaired, sliver parts removed."""
    for row in rows:
        shape = row.geometry
        if shape is None:
            continue
        if shape.geom_type not in ("Polygon", "MultiPolygon", "GeometryCollection"):
            if shape.geom_type == "Point" and row.lon is None:
                row.lon, row.lat = shape.x, shape.y  # type: ignore[attr-defined]
            report.add("not_polygon", row.code, row.name, row.line, type=shape.geom_type)
            row.geometry = None
            continue
        if not shape.is_valid or shape.geom_type == "GeometryCollection":
            why = shapely.is_valid_reason(shape)
            repaired = polygons_of(shapely.make_valid(shape, method="structure", keep_collapsed=False))
            change = abs(m2(repaired) - m2(shape)) / 1e6
            report.add("invalid_ring", row.code, row.name, row.line, why=why, change=change, repaired=True)
            shape = repaired
        parts = list(shapely.get_parts(shape))
        slivers = [part for part in parts if m2(part) < SLIVER_M2] if len(parts) > 1 else []
        if slivers and len(slivers) < len(parts):
            total = sum(m2(part) for part in slivers)
            report.add("sliver_part", row.code, row.name, row.line, count=len(slivers), m2=total, repaired=True)
            shape = shapely.multipolygons([part for part in parts if m2(part) >= SLIVER_M2])
        if m2(shape) < TINY_M2:
            report.add("tiny_area", row.code, row.name, row.line, m2=m2(shape))
        row.geometry = None if shape.is_empty else simplest(shape)


def polygons_of(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of a shape as one (multi)polygon; lines and points left behind by a repair go."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"]
    return simplest(shapely.multipolygons(parts))


def simplest(shape: BaseGeometry) -> BaseGeometry:
    """A multipolygon of one part as a polygon."""
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape


def clean_level(rows: list[AreaRow], level: int, report: AreaReport) -> None:
    """Make the areas of one level a coverage where that is safe, and say what was wrong between them."""
    whole = [row for row in rows if row.geometry is not None]
    whole = [row for row in whole if not _lies_in_its_statutory(row, whole)]
    if len(whole) < 2:
        return
    before = np.array([row.geometry for row in whole], dtype=object)
    overlaps, hairlines = _overlaps(before)
    gaps = _gaps(before)
    if not overlaps and not hairlines and not gaps and shapely.coverage_is_valid(before):
        return
    if not overlaps and not hairlines and not gaps:
        invalid = shapely.coverage_invalid_edges(before)
        count = sum(1 for edge in invalid if edge is not None and not edge.is_empty)
        report.add("unmatched_edges", level=level, count=count, repaired=True)
    after = _cleaned(before)
    for row, shape in zip(whole, after, strict=True):
        row.geometry = shape
    still = {(i, j) for i, j, _, _ in _overlaps(after)[0]}
    for i, j, size, share in overlaps:
        one, other = whole[i], whole[j]
        fixed = (i, j) not in still
        report.add("overlap", one.code, one.name, one.line, other=other.name, m2=size, share=share, repaired=fixed)
    if hairlines:
        report.add("hairline_overlap", level=level, count=hairlines, repaired=True)
    left = shapely.union_all([gap for gap, _ in _gaps(after)])
    for gap, around in gaps:
        named = [whole[i] for i in around] or [whole[0]]
        others = ", ".join(row.name for row in named[1:]) or "–"
        fixed = not left.intersects(gap.representative_point())
        one = named[0]
        report.add("gap", one.code, one.name, one.line, other=others, m2=m2(gap), repaired=fixed)


def _lies_in_its_statutory(row: AreaRow, rows: list[AreaRow]) -> bool:
    """A functional zone drawn on top of the statutory area it counts in is no fault."""
    home = next((one for one in rows if one.code == row.counts_in), None) if row.kind == "functional" else None
    if home is None or home.geometry is None or row.geometry is None:
        return False
    return row.geometry.intersection(home.geometry).area > 0.5 * row.geometry.area


def _overlaps(shapes: np.ndarray) -> tuple[list[tuple[int, int, float, float]], int]:
    """Pairs (i < j, m², share of the smaller) that overlap by a square metre or more, and how many by less."""
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    found, hairlines = [], 0
    for i, j in sorted((int(i), int(j)) for i, j in zip(left, right, strict=True) if i < j):
        if shapely.touches(shapes[i], shapes[j]):
            continue
        common = shapely.intersection(shapes[i], shapes[j])
        size = m2(common)
        if size >= 1:
            found.append((i, j, size, size / max(min(m2(shapes[i]), m2(shapes[j])), 1e-9)))
        elif size > 1e-3:
            hairlines += 1
    return found, hairlines


def _gaps(shapes: np.ndarray) -> list[tuple[BaseGeometry, list[int]]]:
    """Narrow holes in the union of the shapes, each with the shapes around it. Wide holes (a lake, another city) are
    no fault between siblings; not_covered speaks of them."""
    union = shapely.union_all(shapes)
    tree = shapely.STRtree(shapes)
    found = []
    for part in shapely.get_parts(union):
        for ring in part.interiors:
            hole = shapely.polygons(ring)
            if 2 * hole.area / max(hole.length, 1e-12) <= GAP_WIDTH and m2(hole) >= 0.01:
                around = sorted(int(i) for i in tree.query(hole.buffer(1e-6), predicate="intersects"))
                found.append((hole, around))
    return found


def _cleaned(shapes: np.ndarray) -> np.ndarray:
    """The coverage made of shapes; a shape that this would change by more than SAFE_CHANGE stays as it is."""
    cleaned = shapely.coverage_clean(shapes, gap_width=GAP_WIDTH)  # type: ignore[attr-defined]  # newer than the stubs
    result = shapes.copy()
    for index, (old, new) in enumerate(zip(shapes, cleaned, strict=True)):
        if new is None or new.is_empty or not new.is_valid:
            continue
        if shapely.symmetric_difference(old, new).area <= SAFE_CHANGE * old.area:
            result[index] = simplest(new)
    return result


def dissolve_missing(rows: list[AreaRow], report: AreaReport) -> None:
    """Give areas without shape the union of their children's, when every child has one (deepest first)."""
    children: dict[str | None, list[AreaRow]] = defaultdict(list)
    for row in rows:
        children[row.parent].append(row)
    for row in sorted(rows, key=lambda one: -one.level):
        below = children.get(row.code, [])
        shapes = [one.geometry for one in below if one.geometry is not None]
        if row.geometry is None and shapes and len(shapes) == len(below):
            row.geometry = polygons_of(shapely.union_all(shapes))
            report.add("dissolved", row.code, row.name, row.line, count=len(below), repaired=True)


def check_parents(rows: list[AreaRow], shapes: dict[str, BaseGeometry], report: AreaReport) -> None:
    """Say which children reach out of their parent and which parents their children do not cover."""
    children: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        parent = shapes.get(row.parent or "")
        if row.geometry is None or parent is None:
            continue
        children[row.parent or ""].append(row.geometry)
        outside = row.geometry.difference(parent).area / row.geometry.area
        if outside > NOTABLE_SHARE:
            km2 = outside * m2(row.geometry) / 1e6
            detail = {"km2": km2, "share": outside, "parent": row.parent}
            report.add("outside_parent", row.code, row.name, row.line, **detail)
    below = {row.parent for row in rows if row.geometry is None}
    for row in rows:
        if row.geometry is None or row.code not in children or row.code in below:
            continue
        open_land = row.geometry.difference(shapely.union_all(children[row.code]))
        share = open_land.area / row.geometry.area
        if share > NOTABLE_SHARE:
            report.add("not_covered", row.code, row.name, row.line, km2=m2(open_land) / 1e6, share=share)
