"""Type that can be read from where people stand.

A character seen under the angle a from the distance D is h = 2 D tan(a / 2) high: 5.82 mm a metre at 20 arc minutes (at
least 16, 20 to 22 preferred: ISO 9241-3, NUREG-0700). In pixels of pitch p that is ceil(h / p), and never below 24
pixels for Chinese, whose strokes break. Viewing distance of LED walls: k times the pitch (GB 50464).
"""

import math

ARC_MINUTES = 20.0
FLOOR_PX = 24
NEAREST_K, IDEAL_K, FARTHEST_K = 1380, 2760, 5520  # GB 50464: distance / pitch

BODY, PANEL_TITLE, HEADLINE, KPI = 1.0, 1.3, 1.6, 2.5  # type scale, times the body size


def character_height_mm(distance_m: float, arc_minutes: float = ARC_MINUTES) -> float:
    """The height in mm of a character that is seen under `arc_minutes` from `distance_m` metres."""
    _positive(distance_m=distance_m, arc_minutes=arc_minutes)
    return 2 * distance_m * 1000 * math.tan(math.radians(arc_minutes / 60) / 2)


def pitch_mm(width_mm: float, pixels: int) -> float:
    """The pixel pitch in mm of a panel `width_mm` wide with so many pixels across."""
    _positive(width_mm=width_mm, pixels=pixels)
    return width_mm / pixels


def body_px(distance_m: float, pitch: float, *, arc_minutes: float = ARC_MINUTES, floor: int = FLOOR_PX) -> int:
    """The smallest type size in pixels for the farthest viewer at `distance_m`, on pixels of `pitch` mm."""
    _positive(pitch=pitch)
    return max(floor, math.ceil(character_height_mm(distance_m, arc_minutes) / pitch - 1e-9))


def readable_to_m(px: float, pitch: float, arc_minutes: float = ARC_MINUTES) -> float:
    """How far away in metres type of `px` pixels of `pitch` mm can be read."""
    _positive(px=px, pitch=pitch)
    return px * pitch / character_height_mm(1.0, arc_minutes)


def viewing_range_m(pitch: float) -> tuple[float, float, float]:
    """The nearest, ideal and farthest viewing distance in metres of an LED wall with `pitch` in mm."""
    _positive(pitch=pitch)
    return NEAREST_K * pitch / 1000, IDEAL_K * pitch / 1000, FARTHEST_K * pitch / 1000


def _positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if not number > 0 or not math.isfinite(number):
            raise ValueError(f"{name} must be a positive number, not {number}")
