"""What each rain gauge counts for in the mean over a place: the share of the place that lies nearest to it (Thiessen).

Counted anew when gauges were loaded: for the catchments and for our areas down to the street, of whatever has a shape.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, delete, insert, or_, select

from data_access.flood.tables import flood_catchment, flood_station, flood_weight
from data_access.schema import area, boundary

FAR_KM = 50.0  # a place no gauge is so near to has no mean
_LEAST = 1e-6  # of a place: a sliver
_KM = 111.32  # of a degree of latitude
_DEEPEST = 2  # level: streets


def weights(gauges: Mapping[str, tuple[float, float]], places: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Of each place the weights of its gauges, which add up to 1. gauges: lon, lat; places: shapes in degrees. Gauges
    at one point share what lies around it. Places far from all gauges, or without a size, are left out."""
    if not gauges or not places:
        return {}
    middle = float(np.mean([lat for _, lat in gauges.values()]))
    scale = np.array([_KM * math.cos(math.radians(middle)), _KM])
    shapes = {code: shapely.transform(shape, lambda xy: xy * scale) for code, shape in places.items()}
    shapes = {code: shape if shape.is_valid else shapely.make_valid(shape) for code, shape in shapes.items()}
    here: dict[tuple[float, float], list[str]] = defaultdict(list)
    for code, (lon, lat) in gauges.items():
        here[round(lon, 6), round(lat, 6)].append(code)
    points = [shapely.Point(*(np.array(point) * scale)) for point in here]
    cells = _cells(points, shapely.unary_union([shapely.box(*shape.bounds) for shape in shapes.values()]))
    index, names = shapely.STRtree(cells), list(here.values())
    found: dict[str, dict[str, float]] = {}
    every = shapely.MultiPoint(points)
    for place, shape in shapes.items():
        if not shape.area or shape.distance(every) > FAR_KM:
            continue
        parts: dict[str, float] = {}
        for n in index.query(shape, predicate="intersects"):
            share = shape.intersection(cells[n]).area / shape.area
            if share > _LEAST:
                parts |= {code: share / len(names[n]) for code in names[n]}
        total = sum(parts.values())
        found[place] = {code: part / total for code, part in sorted(parts.items())}
    return found


def _cells(points: list[Any], around: Any) -> list[Any]:
    """What lies nearest to each point, at least over the bounds of `around`."""
    if len(points) == 1:
        return [around.envelope.union(points[0]).envelope.buffer(1)]
    whole = shapely.GeometryCollection([around.envelope, *points]).envelope.buffer(10)
    return list(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=whole, ordered=True).geoms)


def recount(connection: Connection, day: date) -> int:
    """Count the weights of every place that has a shape anew, from the gauges in use on a day; how many there are."""
    s = flood_station.c
    in_use = (or_(s.enabled_from.is_(None), s.enabled_from <= day), or_(s.enabled_to.is_(None), s.enabled_to > day))
    query = select(s.code, s.lon, s.lat).where(s.kind == "rain", s.lon.is_not(None), s.lat.is_not(None), *in_use)
    gauges = {code: (lon, lat) for code, lon, lat in connection.execute(query)}
    places = {
        code: shapely.from_geojson(shape)
        for code, shape in connection.execute(select(flood_catchment.c.code, flood_catchment.c.geojson))
        if shape
    }
    same = (area.c.code == boundary.c.code) & (area.c.valid_from == boundary.c.valid_from)
    valid = (area.c.valid_from <= day) & or_(area.c.valid_to.is_(None), area.c.valid_to > day)
    ours = select(area.c.code, boundary.c.wkb).join(boundary, same).where(valid, area.c.level <= _DEEPEST)
    places |= {code: shapely.from_wkb(bytes(shape)) for code, shape in connection.execute(ours)}
    rows = [
        {"place": place, "station": code, "weight": weight}
        for place, parts in weights(gauges, places).items()
        for code, weight in parts.items()
    ]
    connection.execute(delete(flood_weight).where(flood_weight.c.place.in_(list(places))))
    if rows:
        connection.execute(insert(flood_weight), rows)
    return len(rows)
