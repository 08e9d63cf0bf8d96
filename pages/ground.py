"""What a map of places is drawn on: their outlines, the places around them, water, how far it reaches."""

from collections.abc import Sequence
from typing import Any

from data_access import shapes
from data_access.areas import Area, tree

Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees


def ground(parent: Area, here: str, lang: str) -> dict[str, Any]:
    """The facts of figures.region_map that do not depend on numbers, for the children of a place. here: code of the
    child that it is about, which the map is cut to with its surroundings; '' for all of them. shapes is None where the
    children have no outlines: tiles are drawn then."""
    bounds = _wider(shapes.bounds(here or parent.code), 2.2 if here else 1.06)
    facts: dict[str, Any] = {
        "shapes": shapes.shapes_url(parent.code) if bounds else None,
        "bounds": bounds,
        "here": here,
        "water": shapes.waters(),
    }
    if parent.parent is not None and (around := shapes.shapes_url(parent.parent)):
        beside = tree().children(parent.parent)
        siblings = [a for a in beside if a.code != parent.code]
        facts["inset"] = {
            "shapes": around,
            "codes": [a.code for a in beside],
            "names": [a.label(lang) for a in beside],
            "chosen": parent.code,
            "bounds": _wider(shapes.bounds(parent.parent), 1.02),
        }
        facts |= {
            "around": around,
            "around_codes": [a.code for a in siblings],
            "around_names": [a.label(lang) for a in siblings],
        }
    return facts


def place(codes: Sequence[str], parent: Area) -> dict[str, list[Any]]:
    """Where each child of the place lies: lon, lat (degrees), size (km2, 0 when unknown); column, row of its tile."""
    areas = {a.code: a for a in tree().children(parent.code)}
    cells = {code: (column, row) for code, column, row in shapes.tile_grid(list(areas.values()))}
    return {
        "lon": [areas[c].lon for c in codes],
        "lat": [areas[c].lat for c in codes],
        "size": [areas[c].area_km2 or 0.0 for c in codes],
        "column": [cells[c][0] for c in codes],
        "row": [cells[c][1] for c in codes],
    }


def _wider(bounds: Bounds | None, by: float) -> Bounds | None:
    """The bounds enlarged `by`."""
    if bounds is None:
        return None
    west, south, east, north = bounds
    x, y = (east - west) * (by - 1) / 2, (north - south) * (by - 1) / 2
    return west - x, south - y, east + x, north + y
