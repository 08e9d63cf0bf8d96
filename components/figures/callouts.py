"""What is called out on a map: a mark at the place, and at the side of the map what it is, with a line between."""

import json
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from components.theme import Look
from components.words import exact, text

MARK = "▲"
INK = {True: "#04121f", False: "#ffffff"}  # on bright ground, on dark
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (0, 0))
SLOTS = 15  # heights at each side
_HIGH, _WIDE, _RIM = 0.105, 0.27, 0.02  # of the map: room that a callout takes, and between it and the edge


class Place(NamedTuple):
    """Where a place lies (degrees) and how large it is (km2)."""

    code: str
    lon: float
    lat: float
    size: float


class Slot(NamedTuple):
    """Where a callout stands: its outer end and its inner one, as longitudes, and its latitude."""

    outer: float
    inner: float
    lat: float


def slots(codes: Sequence[str], places: Sequence[Place], bounds: tuple[float, float, float, float]) -> list[Slot]:
    """A slot at the map's left or right for each place that is called out: near it, off the middles of places and as
    far as can be off the places, no two on each other. bounds: west, south, east, north."""
    west, south, east, north = bounds
    wide, high = east - west, north - south
    west, east = west + _RIM * wide, east - _RIM * wide  # no letter is cut
    narrow = math.cos(math.radians((south + north) / 2))
    found: list[Slot] = []
    known = {place.code: place for place in places}
    for code in codes:
        mine, best = known[code], (math.inf, Slot(0.0, 0.0, 0.0))
        for step in range(SLOTS):
            lat = south + high * (0.26 + 0.7 * step / (SLOTS - 1))  # below stands the legend
            for outer, side in ((west, 1), (east, -1)):
                slot = Slot(outer, outer + side * _WIDE * wide, lat)
                if any(s.outer == outer and abs(s.lat - lat) < _HIGH * high for s in found):
                    continue
                cost = abs(lat - mine.lat) / high + 0.6 * abs(mine.lon - outer) / wide
                cost += sum(_on(slot, place, high, narrow) for place in places)
                best = min(best, (cost, slot), key=lambda one: one[0])
        found.append(best[1])
    return _uncrossed(codes, known, found)


def _uncrossed(codes: Sequence[str], known: dict[str, Place], found: list[Slot]) -> list[Slot]:
    """The same slots, at each side from north to south as their places are."""
    told: dict[str, Slot] = {}
    for outer in {slot.outer for slot in found}:
        mine = [code for code, slot in zip(codes, found, strict=True) if slot.outer == outer]
        standing = sorted((slot for slot in found if slot.outer == outer), key=lambda slot: -slot.lat)
        told |= zip(sorted(mine, key=lambda code: -known[code].lat), standing, strict=True)
    return [told[code] for code in codes]


def _on(slot: Slot, place: Place, high: float, narrow: float) -> float:
    """How much a callout covers of a place: 3 of its middle, less the farther from it."""
    low, top = sorted((slot.outer, slot.inner))
    east = max(low - place.lon, 0, place.lon - top) * narrow
    up = max(abs(place.lat - slot.lat) - _HIGH * high / 2, 0)
    if east == up == 0:
        return 3.0
    return max(0.0, 1.5 - math.hypot(east, up) / _radius(place))  # no place is a disc


def _radius(place: Place) -> float:
    """Of a disc as large as the place, degrees of latitude."""
    return math.sqrt(max(place.size, 0.01) / math.pi) / 111.2


def _start(place: Place, slot: Slot) -> tuple[float, float]:
    """Where the line begins: in the place, beside its name."""
    narrow = math.cos(math.radians(place.lat))
    x, y = (slot.inner - place.lon) * narrow, slot.lat - place.lat
    part = min(0.6 * _radius(place) / max(math.hypot(x, y), 1e-9), 0.9)
    return place.lon + x * part / narrow, place.lat + y * part


def halo(ink: str, look: Look) -> str:
    """A rim about letters that lie on more than one ground."""
    return _rim("rgba(255,255,255,.55)" if ink == INK[True] else "rgba(3,14,26,.75)", look)


def _rim(colour: str, look: Look) -> str:
    far = look.small / 13
    return ", ".join(f"{x * far:.1f}px {y * far:.1f}px {2 * far:.1f}px {colour}" for x, y in _SIDES)


def marks(places: Sequence[Any], look: Look, inks: Sequence[str]) -> list[dict[str, Any]]:
    """How many bursts each place has, below its name. places: rows with lon, lat, bursts; inks: colour of each."""
    traces = []
    for ink in dict.fromkeys(inks):
        some = [row for row, own in zip(places, inks, strict=True) if own == ink and row.bursts]
        if some:
            words = [f"{MARK} {text('map.bursts', look.lang, n=exact(row.bursts))}" for row in some]
            traces.append(
                {
                    "type": "scattergeo",
                    "mode": "markers+text",
                    "lon": [row.lon for row in some],
                    "lat": [row.lat for row in some],
                    "marker": {"size": look.small * 3.3, "opacity": 0},  # holds the words off the name and its number
                    "text": words,
                    "textposition": "bottom center",
                    "textfont": {"size": look.small, "color": ink, "shadow": halo(ink, look)},
                    "hoverinfo": "skip",
                }
            )
    return traces


def callouts(told: Sequence[dict[str, Any]], places: Sequence[Place], look: Look, bounds: Any) -> list[dict[str, Any]]:
    """told: code, name, said, sentence, fields (what a click sets), the most pressing first. Each trace says in
    meta.out which of its points move with the map's left (-1) or right (1) edge: the script does it, and leaves out
    callouts where there is no room."""
    p = look.palette
    known = {place.code: place for place in places}
    some = [one for one in told if one["code"] in known]
    if not some:
        return []
    stands = slots([one["code"] for one in some], places, bounds)
    out = [-1 if slot.outer < slot.inner else 1 for slot in stands]
    starts = [_start(known[one["code"]], slot) for one, slot in zip(some, stands, strict=True)]
    lines = [
        {"lon": [lon, slot.inner, slot.outer, None], "lat": [lat, slot.lat, slot.lat, None], "out": [0, side, side, 0]}
        for (lon, lat), slot, side in zip(starts, stands, out, strict=True)
    ]
    heights = [slot.lat for slot in stands]
    clicked = {
        "customdata": [json.dumps(one["fields"]) for one in some],
        "text": [one["sentence"] for one in some],
        "hovertemplate": "%{text}<extra></extra>",
    }
    every: list[dict[str, Any]] = [
        {
            "mode": "lines",
            "line": {"color": p.text, "width": 1},
            "hoverinfo": "skip",
            "opacity": 0.75,
            **{name: [value for line in lines for value in line[name]] for name in ("lon", "lat")},
            "meta": {"out": [side for line in lines for side in line["out"]]},
        },
        {
            "mode": "markers",
            "lon": [lon for lon, _ in starts],
            "lat": [lat for _, lat in starts],
            "meta": {"out": [0] * len(some)},
            "marker": {"symbol": "triangle-up", "size": look.px * 0.75, "color": p.worse}
            | {"line": {"color": p.background, "width": 1.5}},
            **clicked,
        },
        {
            "mode": "markers",
            "lon": [slot.outer + (slot.inner - slot.outer) * 0.25 for slot in stands],  # about the words' middle
            "lat": heights,
            "meta": {"out": out},
            "marker": {"opacity": 0, "size": look.px * 5, "color": p.worse},
            **clicked,
        },
        {
            "mode": "text",
            "lon": [slot.outer for slot in stands],
            "lat": heights,
            "text": [
                f"<b>{MARK} {one['name']}</b><br><span style='color:{p.text}'>{one['said']}</span>" for one in some
            ],
            "textposition": ["top right" if side < 0 else "top left" for side in out],
            "textfont": {"size": look.small, "color": p.worse, "shadow": _rim(p.background, look)},
            "hoverinfo": "skip",
            "meta": {"out": out},
        },
    ]
    return [{"type": "scattergeo", **one} for one in every]
