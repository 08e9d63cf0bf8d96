"""The files of shapes that browsers get: the children of one area, simplified together so that shared edges stay
shared, wound the way d3-geo reads them, small enough to send."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

ROOT_LIMIT = 150_000  # bytes gzipped: the districts of a city
OTHER_LIMIT = 300_000  # the streets of a district
DIGITS = 5  # of a degree: about one metre
_FIRST = 1 / 5000  # of the extent: half a pixel of a map as high as a 4K wall


def build(children: Sequence[tuple[str, str, BaseGeometry]], limit: int) -> tuple[bytes, float]:
    """Gzipped GeoJSON of (code, name, shape), and the tolerance it took in degrees.

    The tolerance grows until the file is within limit bytes or 30 steps were taken; the caller checks the size.
    """
    shapes = np.array([shape for _, _, shape in children], dtype=object)
    if len(shapes) > 1 and not shapely.coverage_is_valid(shapes):  # neighbours may be of different dates
        tidy = shapely.coverage_clean(shapes)  # type: ignore[attr-defined]  # newer than the stubs
        if all(abs(new.area - old.area) < 0.01 * old.area for old, new in zip(shapes, tidy, strict=True)):
            shapes = tidy
    x0, y0, x1, y1 = shapely.total_bounds(shapes)
    tolerance = max(x1 - x0, y1 - y0) * _FIRST
    packed = b""
    for _ in range(30):
        simple = shapely.coverage_simplify(shapes, tolerance)
        features = [
            {"type": "Feature", "id": code, "properties": {"name": name}, "geometry": geometry_of(short, full)}
            for (code, name, full), short in zip(children, simple, strict=True)
        ]
        text = json.dumps(
            {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":")
        )
        packed = gzip.compress(text.encode(), 9, mtime=0)
        if len(packed) <= limit:
            break
        tolerance *= 1.5
    return packed, tolerance


def digest_of(packed: bytes) -> str:
    """The part of the address that changes with the content."""
    return hashlib.sha256(packed).hexdigest()[:16]


def geometry_of(shape: BaseGeometry, instead: BaseGeometry | None = None) -> dict[str, Any]:
    """GeoJSON of a (multi)polygon at DIGITS, outer rings clockwise, holes counter-clockwise.

    This is d3-geo's winding (and Plotly's), the opposite of RFC 7946: the other way round d3 would fill the whole
    globe but the area. Parts that vanish at this precision go; a shape that would vanish altogether is taken from
    `instead`, unsimplified.
    """
    polygons = _rings(shape)
    if not polygons and instead is not None:
        polygons = _rings(instead)
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _rings(shape: BaseGeometry) -> list[list[list[list[float]]]]:
    found = []
    for part in shapely.get_parts(shape):
        if part.geom_type != "Polygon":
            continue
        outer = _ring(part.exterior, clockwise=True)
        if outer:
            holes = [ring for hole in part.interiors if (ring := _ring(hole, clockwise=False))]
            found.append([outer, *holes])
    return found


def _ring(line: Any, *, clockwise: bool) -> list[list[float]]:
    points = np.round(shapely.get_coordinates(line), DIGITS)
    points = points[np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]]
    if len(points) < 4:
        return []
    x, y = points[:, 0] - points[0, 0], points[:, 1] - points[0, 1]
    doubled = float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))  # positive: counter-clockwise
    if abs(doubled) < 1e-12:
        return []
    if (doubled > 0) == clockwise:
        points = points[::-1]
    return points.tolist()
