"""The outlines of catchments, as browsers get them: one file under an address that changes with its content."""

import shapely

from data_access.flood import stations
from data_access.intake.area_shapes import ROOT_LIMIT, build, digest_of
from data_access.remember import remembered

NAME = "catchments"  # beside the codes of areas


@remembered
def _packed() -> bytes | None:
    """Gzipped GeoJSON of all catchments that have a shape."""
    some = [
        (one.code, one.name, shapely.from_geojson(one.geojson)) for one in stations.catchments().values() if one.geojson
    ]
    return build(some, ROOT_LIMIT)[0] if some else None


def url() -> str | None:
    """The address of the outlines; None where there are none."""
    packed = _packed()
    return f"/shapes/{NAME}-{digest_of(packed)}.json" if packed else None


def outlines(digest: str) -> bytes | None:
    """Gzipped GeoJSON; None when there is no such file (any more)."""
    packed = _packed()
    return packed if packed and digest_of(packed) == digest else None


@remembered
def middles() -> dict[str, tuple[float, float]]:
    """A point inside each catchment that has a shape: lon, lat."""
    found = {}
    for one in stations.catchments().values():
        if one.geojson:
            point = shapely.from_geojson(one.geojson).representative_point()
            found[one.code] = (round(point.x, 4), round(point.y, 4))
    return found
