"""GCJ-02 (高德, 腾讯) and BD-09 (百度) to WGS 84 and back.

CGCS2000, the legal datum, is WGS 84 for every purpose here. Longitude before latitude, degrees, numbers or arrays. The
forward formulas are the ones in general use; inverses are iterated to 1e-9 degrees (a tenth of a millimetre), not
approximated. Points outside the box in which GCJ-02 is applied come back untouched.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

System = Literal["wgs84", "gcj02", "bd09"]
Axis = NDArray[np.float64]
Points = tuple[Axis, Axis]

WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
_AXIS = 6378245.0  # Krasovsky 1940
_ECCENTRICITY_2 = 0.00669342162296594323
_BD_ANGLE = np.pi * 3000.0 / 180.0
_ENOUGH = 1e-9
_ROUNDS = 30


def outside_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether points are outside the box in which GCJ-02 shifts them."""
    x, y = np.asarray(lon, float), np.asarray(lat, float)
    return ~((x >= WEST) & (x <= EAST) & (y >= SOUTH) & (y <= NORTH))


def to_wgs84(lon: ArrayLike, lat: ArrayLike, system: System) -> Points:
    """Points given in `system` as WGS 84. NaN stays NaN. ValueError for a system that is none of the three."""
    if system == "wgs84":
        return np.asarray(lon, float), np.asarray(lat, float)
    if system == "gcj02":
        return gcj02_to_wgs84(lon, lat)
    if system == "bd09":
        return bd09_to_wgs84(lon, lat)
    raise ValueError(f"{system}: not a coordinate system known here (wgs84, gcj02, bd09)")


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Points:
    """WGS 84 to GCJ-02."""
    return _inside_only(lon, lat, lambda x, y: _added(x, y, _shift))


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Points:
    """GCJ-02 to WGS 84, by iteration: the point whose shift leads here."""
    return _inside_only(lon, lat, lambda x, y: _undone(x, y, _shift))


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Points:
    """GCJ-02 to BD-09; outside the box points stay."""
    return _inside_only(lon, lat, lambda x, y: _added(x, y, _bd_shift))


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Points:
    """BD-09 to GCJ-02, by iteration."""
    return _inside_only(lon, lat, lambda x, y: _undone(x, y, _bd_shift))


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Points:
    """WGS 84 to BD-09."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Points:
    """BD-09 to WGS 84."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def _inside_only(lon: ArrayLike, lat: ArrayLike, conversion: Callable[[Axis, Axis], Points]) -> Points:
    """The conversion of the points inside the box, the others (NaN and infinities too) as they are."""
    x, y = np.asarray(lon, float), np.asarray(lat, float)
    outside = outside_china(x, y)
    new_x, new_y = conversion(np.where(outside, 105.0, x), np.where(outside, 35.0, y))
    return np.where(outside, x, new_x), np.where(outside, y, new_y)


def _added(x: Axis, y: Axis, shift: Callable[[Axis, Axis], Points]) -> Points:
    dx, dy = shift(x, y)
    return x + dx, y + dy


def _undone(x: Axis, y: Axis, shift: Callable[[Axis, Axis], Points]) -> Points:
    """The points that `shift` moves to (x, y)."""
    from_x, from_y = x, y
    for _ in range(_ROUNDS):
        dx, dy = shift(from_x, from_y)
        moved = np.maximum(np.abs(x - dx - from_x), np.abs(y - dy - from_y))
        from_x, from_y = x - dx, y - dy
        if not np.any(moved > _ENOUGH):
            break
    return from_x, from_y


def _shift(lon: Axis, lat: Axis) -> Points:
    """How far GCJ-02 moves a WGS 84 point, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    pi = np.pi
    root = np.sqrt(np.abs(x))
    waves = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    angle = np.radians(lat)
    magic = 1 - _ECCENTRICITY_2 * np.sin(angle) ** 2
    north = north * 180.0 / ((_AXIS * (1 - _ECCENTRICITY_2)) / (magic * np.sqrt(magic)) * pi)
    east = east * 180.0 / (_AXIS / np.sqrt(magic) * np.cos(angle) * pi)
    return east, north


def _bd_shift(lon: Axis, lat: Axis) -> Points:
    """How far BD-09 moves a GCJ-02 point, in degrees."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_ANGLE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_ANGLE)
    return radius * np.cos(angle) + 0.0065 - lon, radius * np.sin(angle) + 0.006 - lat
