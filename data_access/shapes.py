"""The shapes of areas: files for the browser under an address that changes with their content, the schematic layout of
areas without shapes, and which area a point lies in."""

import threading
from datetime import date
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import ArrayLike
from sqlalchemy import Engine, or_, select

from data_access import clock, engine, tiles
from data_access.areas import Area, tree
from data_access.schema import area, boundary, shape_file, water

_reading = threading.Lock()
_digests: tuple[Engine, int, dict[str, str]] | None = None
_locator: tuple[Engine, int, date, "Locator"] | None = None


def shapes_url(parent_code: str) -> str | None:
    """The address of the shapes of an area's children, None when they have none (then: tile_grid)."""
    digest = _known_digests().get(parent_code)
    return f"/shapes/{parent_code}-{digest}.json" if digest else None


def shapes(parent_code: str, digest: str) -> bytes | None:
    """Gzipped GeoJSON of an area's children; None when there is no such file (any more)."""
    query = select(shape_file.c.geojson_gz).where(shape_file.c.parent == parent_code, shape_file.c.digest == digest)
    with engine.engine().connect() as connection:
        found = connection.execute(query).scalar()
    return None if found is None else bytes(found)


def tile_grid(children: list[Area]) -> list[tuple[str, int, int]]:
    """(code, column, row) of one tile for each area, row 0 on top: by geography where every area has a point, else by
    code order, nearly square."""
    ordered = sorted(children, key=lambda one: one.code)
    points = tuple(None if one.lon is None or one.lat is None else (one.lon, one.lat) for one in ordered)
    return [(one.code, column, row) for one, (column, row) in zip(ordered, _grid(points), strict=True)]


@lru_cache(maxsize=256)
def _grid(points: tuple[tuple[float, float] | None, ...]) -> tuple[tuple[int, int], ...]:
    return tuple(tiles.grid(points))


def _known_digests() -> dict[str, str]:
    global _digests
    here, version = engine.engine(), engine.data_version()
    latest = _digests
    if latest is not None and latest[0] is here and latest[1] == version:
        return latest[2]
    with engine.engine().connect() as connection:
        rows = connection.execute(select(shape_file.c.parent, shape_file.c.digest)).all()
    found = {row.parent: row.digest for row in rows}
    _digests = (here, version, found)
    return found


class Locator:
    """Finds the deepest area that contains a point, from the full boundaries."""

    def __init__(self, codes: list[str], levels: list[int], wkb: list[bytes]) -> None:
        geometries = shapely.from_wkb(np.array(wkb, dtype=object)) if wkb else np.array([], dtype=object)
        self._levels: list[tuple[np.ndarray, shapely.STRtree]] = []
        for level in sorted(set(levels), reverse=True):
            chosen = sorted((code, index) for index, code in enumerate(codes) if levels[index] == level)
            here = geometries[[index for _, index in chosen]]
            shapely.prepare(here)
            self._levels.append((np.array([code for code, _ in chosen], dtype=object), shapely.STRtree(here)))

    def codes(self, lons: ArrayLike, lats: ArrayLike) -> list[str]:
        """The deepest code for each point (degrees), '' for none and for points that are not numbers."""
        x, y = np.asarray(lons, dtype=float), np.asarray(lats, dtype=float)
        found = np.full(x.shape, "", dtype=object)
        open_points = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        for codes, index in self._levels:
            if not len(open_points):
                break
            points = shapely.points(x[open_points], y[open_points])
            which, where = index.query(points, predicate="intersects")
            order = np.lexsort((where, which))  # a point on a border goes to the smaller code, always the same
            first, position = np.unique(which[order], return_index=True)
            found[open_points[first]] = codes[where[order][position]]
            open_points = np.delete(open_points, first)
        return [str(code) for code in found]


def locate(lons: ArrayLike, lats: ArrayLike) -> list[str]:
    """The deepest area valid today that contains each point (WGS 84 degrees), '' when none does."""
    return _current_locator().codes(lons, lats)


def _current_locator() -> Locator:
    global _locator
    here, version, day = engine.engine(), engine.data_version(), clock.now().date()
    latest = _locator
    if latest is not None and latest[0] is here and latest[1:3] == (version, day):
        return latest[3]
    with _reading:
        valid = (area.c.valid_from <= day) & or_(area.c.valid_to.is_(None), area.c.valid_to > day)
        query = (
            select(area.c.code, area.c.level, boundary.c.wkb)
            .join(boundary, (boundary.c.code == area.c.code) & (boundary.c.valid_from == area.c.valid_from))
            .where(valid)
        )
        with engine.engine().connect() as connection:
            rows = connection.execute(query).all()
        built = Locator([row[0] for row in rows], [row[1] for row in rows], [bytes(row[2]) for row in rows])
        _locator = (here, version, day, built)
    return built


def bounds(code: str) -> tuple[float, float, float, float] | None:
    """west, south, east, north of an area in degrees, None when neither it nor what lies in it has a shape."""
    found = tree().get(code)
    if found is None:
        return None
    digest = _known_digests().get(code) or _known_digests().get(found.parent or "") or ""
    return _bounds(str(engine.engine().url), code, digest)


@lru_cache(maxsize=1024)
def _bounds(_url: str, code: str, _digest: str) -> tuple[float, float, float, float] | None:
    codes = [code, *(child.code for child in tree().children(code))]
    with engine.engine().connect() as connection:
        valid = (
            (area.c.code == boundary.c.code) & (area.c.valid_from == boundary.c.valid_from) & area.c.valid_to.is_(None)
        )
        query = select(boundary.c.code, boundary.c.wkb).join(area, valid).where(boundary.c.code.in_(codes))
        found = {row.code: bytes(row.wkb) for row in connection.execute(query)}
    some = [found[code]] if code in found else list(found.values())
    if not some:
        return None
    west, south, east, north = (float(v) for v in shapely.total_bounds(shapely.from_wkb(some)))
    return west, south, east, north


def waters() -> list[dict[str, object]]:
    """Rivers, lakes and reservoirs: [{kind, name, lon: [..], lat: [..]}], lines or rings, three decimals."""
    return _waters(str(engine.engine().url), engine.data_version())


@lru_cache(maxsize=4)
def _waters(_url: str, _version: int) -> list[dict[str, object]]:
    with engine.engine().connect() as connection:
        rows = connection.execute(select(water.c.kind, water.c.name, water.c.geojson).order_by(water.c.key)).all()
    lines = []
    for row in rows:
        if row.kind == "sea":
            continue
        shape = shapely.simplify(shapely.from_geojson(row.geojson), 0.002)
        for part in shapely.get_parts(shape):
            points = shapely.get_coordinates(part if part.geom_type == "LineString" else part.exterior)
            lines.append(
                {
                    "kind": row.kind,
                    "name": row.name,
                    "lon": [round(float(x), 3) for x in points[:, 0]],
                    "lat": [round(float(y), 3) for y in points[:, 1]],
                }
            )
    return lines
