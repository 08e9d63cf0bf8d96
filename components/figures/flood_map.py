"""The flood map: rain as ground, rivers with their direction, stations by kind and state."""

import json
from typing import TYPE_CHECKING, Any

from components.bodies.flood_map import beside_map
from components.bodies.flood_signs import COLOURS
from components.figures.region_map import around, beside, chosen, colour_bar, geo, streams, traced
from components.rows import amount, given, rows
from components.theme import Look, Palette, layout
from components.words import text

if TYPE_CHECKING:
    from components.panel import Answer

# outlines of the kinds while all is well; an alarm has the shape of its colour instead
SHAPES = {
    "river": "triangle-down-open",
    "reservoir": "hexagon2-open",
    "weir": "bowtie-open",
    "tide": "triangle-down-open",
    "pump": "hourglass-open",
    "waterlogging": "square-open",
    "rain": "circle",
    "video": "pentagon-open",
}
SIGNS = {1: "circle", 2: "triangle-up", 3: "diamond", 4: "octagon", 5: "octagon"}
SILENT = ("missing", "offline")
INSET = {"x": [0.66, 1.0], "y": [0.5, 1.0]}  # shares of the map's place


def flood_map(answer: "Answer", look: Look) -> dict[str, Any]:
    """answer.frame: kind (area | catchment | station), code, name, role (kind of the station), value (mm of rain of a
    place, NaN: no gauge; else the reading), state (0 normal .. 5, NaN: no threshold), health, said (the label of a
    station, '' none), sentence (hover), lon, lat, size (km2), worst stations first.
    facts: those of pages.ground.ground, watched (names of rivers with stations), core (bounds of an inset) or None,
    layer, wettest [(name, mm)], steps (limits of the classes of rain, mm), catchments (address of their
    GeoJSON or None), arrows [(lon, lat, bearing in degrees)], legend."""
    frame, facts = answer.frame, answer.facts
    told = list(rows(frame))
    traces = around(facts, look) + _ground(told, answer, look)
    traces += _rivers(facts, look) + chosen(facts, look)
    stations = [row for row in told if row.kind == "station"]
    here, core = facts.get("station", ""), None if look.wall else facts.get("core")
    lead = beside_map(facts, {row.role for row in stations}, look)
    drawn = layout(look, **geo(facts, look), annotations=[])
    if core:  # where many stand close together, once more and larger
        drawn["geo"]["domain"]["x"] = [0, INSET["x"][0] + 0.08]
        drawn["geo2"] = _window(core, look)
        drawn["shapes"] = [_frame(look)]
        close = [row for row in stations if _inside(row, core)]
        away = [row for row in stations if not _inside(row, core)]
        copies = [trace | {"geo": "geo2", "showscale": False} for trace in traces if trace.get("geo") is None]
        copies += [trace | {"geo": "geo2"} for trace in (*_quiet(close, here, look), *_alarming(close, here, look))]
        copies += [trace | {"geo": "geo2"} for trace in (*_labels(close, look), *_names(told, look))]
        traces.append(_outline(core, look))
        marks = _quiet(stations, here, look) + _alarming(stations, here, look, bare=close)
        return {
            "data": [*traces, *marks, *_labels(away, look), *_names(told, look), *copies],
            "layout": drawn,
            "lead": lead,
        }
    traces += _quiet(stations, here, look) + _alarming(stations, here, look)
    traces += _labels(stations, look) + _names(told, look) + beside(facts, look)
    return {"data": traces, "layout": drawn, "lead": lead}


Bounds = tuple[float, float, float, float]  # west, south, east, north


def _inside(row: Any, core: Bounds) -> bool:
    west, south, east, north = core
    return west <= row.lon <= east and south <= row.lat <= north


def _window(core: Bounds, look: Look) -> dict[str, Any]:
    west, south, east, north = core
    return {
        "visible": False,
        "bgcolor": look.palette.background,
        "projection": {"type": "mercator"},
        "lonaxis": {"range": [west, east]},
        "lataxis": {"range": [south, north]},
        "domain": INSET,
    }


def _frame(look: Look) -> dict[str, Any]:
    """Around the inset."""
    (x0, x1), (y0, y1) = INSET["x"], INSET["y"]
    place = {"type": "rect", "xref": "paper", "yref": "paper", "x0": x0, "x1": x1, "y0": y0, "y1": y1}
    return place | {"line": {"color": look.palette.hairline, "width": 1}}


def _outline(core: Bounds, look: Look) -> dict[str, Any]:
    """Where on the map the inset lies."""
    west, south, east, north = core
    line = {"lon": [west, east, east, west, west], "lat": [south, south, north, north, south]}
    return traced([line]) | {"line": {"color": look.palette.muted, "width": 1}}


def _rivers(facts: dict[str, Any], look: Look) -> list[dict[str, Any]]:
    """Rivers with stations are bright; arrows say which way they flow."""
    p, width = look.palette, max(2.2, look.px / (9 if look.wall else 6))
    colour = p.text if look.theme == "dark" else p.accent
    water, watched = facts.get("water", []), set(facts.get("watched", ()))
    bright = [one for one in water if one["kind"] == "river" and one["name"] in watched]
    traces = streams(facts | {"water": [one for one in water if one not in bright]}, look)
    if bright:
        line = traced(bright)
        traces.append(line | {"line": {"color": p.background, "width": width + 2.4}, "opacity": 0.6})
        traces.append(line | {"line": {"color": colour, "width": width}, "opacity": 0.9})
    return traces + _direction(facts.get("arrows", []), look)


def _ground(told: list[Any], answer: "Answer", look: Look) -> list[dict[str, Any]]:
    """Places or catchments, by classes of rain; plain where the layer is about something else."""
    p, facts = look.palette, answer.facts
    kind = "catchment" if facts["layer"] == "catchment" else "area"
    places = [row for row in told if row.kind == kind]
    if not facts.get("shapes"):
        return []
    traces = []
    if kind == "catchment":  # under them the city, so that what lies in no catchment is seen
        traces.append(_plain([row for row in told if row.kind == "area"], facts["shapes"], look))
    if facts["layer"] == "ponding" or not places:
        return [*traces, _plain(places, facts["shapes"], look)]
    steps = facts["steps"]
    colours = [_dry(p), *p.ramp][: len(steps) + 1]
    scale = []
    for i, colour in enumerate(colours):
        scale += [[i / len(colours), colour], [(i + 1) / len(colours), colour]]
    wet = [row for row in places if given(row.value)]
    bar = colour_bar(answer, look, list(range(1, len(colours))), [f"{step:g}" for step in steps])
    traces.append(
        _shape(wet, facts["catchments"] if kind == "catchment" else facts["shapes"], look)
        | {
            "z": [sum(row.value >= step for step in steps) + 0.5 for row in wet],
            "colorscale": scale,
            "zmin": 0,
            "zmax": len(colours),
            "colorbar": bar
            | {
                "len": look.px * 13,
                "x": 0.82 if facts.get("inset") and not look.wall else 1,
                "xanchor": "right",
            },
        }
    )
    if unknown := [row for row in places if not given(row.value)]:
        traces.append(_plain(unknown, facts["shapes"], look, p.void))
    return traces


def _dry(p: Palette) -> str:
    return p.raised


def _shape(some: list[Any], shapes: str, look: Look) -> dict[str, Any]:
    return {
        "type": "choropleth",
        "geojson": shapes,
        "locations": [row.code for row in some],
        "customdata": [row.code if row.kind == "area" else "" for row in some],
        "text": [row.sentence for row in some],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"line": {"color": look.palette.background, "width": 0.9}},
    }


def _plain(some: list[Any], shapes: str, look: Look, colour: str = "") -> dict[str, Any]:
    colour = colour or _dry(look.palette)
    flat = {"z": [0] * len(some), "colorscale": [[0, colour], [1, colour]], "showscale": False}
    return _shape(some, shapes, look) | flat


def _direction(arrows: list[tuple[float, float, float]], look: Look) -> list[dict[str, Any]]:
    """Which way the water flows."""
    if not arrows:
        return []
    return [
        {
            "type": "scattergeo",
            "mode": "markers",
            "lon": [lon for lon, _, _ in arrows],
            "lat": [lat for _, lat, _ in arrows],
            "marker": {
                "symbol": "arrow",
                "size": look.px * (0.5 if look.wall else 0.8),
                "angle": [bearing for _, _, bearing in arrows],
                "color": look.palette.text,
                "line": {"width": 1, "color": look.palette.background},
            },
            "hoverinfo": "skip",
        }
    ]


def _points(some: list[Any]) -> dict[str, Any]:
    return {
        "type": "scattergeo",
        "lon": [row.lon for row in some],
        "lat": [row.lat for row in some],
        "customdata": [json.dumps({"station": row.code}) for row in some],
        "text": [row.sentence for row in some],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _quiet(stations: list[Any], here: str, look: Look) -> list[dict[str, Any]]:
    """Stations without an alarm: small outlines; rain gauges are dots, the silent are crosses."""
    quiet = [row for row in stations if not (amount(row.state) or 0) >= 1]
    traces = []
    for rain in (True, False):
        some = [row for row in quiet if (row.role == "rain") is rain]
        if not some:
            continue
        marks = [_mark(row, look) for row in some]
        colours = [colour for _, _, colour in marks]
        traces.append(
            _points(some)
            | {
                "mode": "markers",
                "meta": "gauge" if rain else "quiet",
                "marker": {
                    "symbol": [symbol for symbol, _, _ in marks],
                    "size": [s * 1.6 if row.code == here else s for row, (_, s, _) in zip(some, marks, strict=True)],
                    "color": colours,
                    "opacity": 0.6 if rain else 1,
                    "line": {"width": max(1.2, look.px / 11), "color": colours},
                },
            }
        )
    return traces


def _mark(row: Any, look: Look) -> tuple[str, float, str]:
    """Symbol, size and colour of a station without an alarm."""
    p, px = look.palette, look.px
    if row.health in SILENT:
        return "x-thin-open", px * (0.3 if look.wall else 0.5), p.faint
    if row.role == "rain":
        return SHAPES["rain"], px * (0.13 if look.wall else 0.26), p.text
    size = px * (0.36 if look.wall else 0.62)  # a wall's letters are large, its map is not
    return SHAPES.get(row.role, "circle-open"), size, p.text if given(row.state) else p.faint


def _alarming(stations: list[Any], here: str, look: Look, bare: list[Any] | None = None) -> list[dict[str, Any]]:
    """Stations with an alarm: its shape in its colour, the letter of the kind in it; the worst on top. bare: those that
    are drawn elsewhere too: small, without a letter."""
    # gauges are many, and their rain is the ground; on a wall roads are too
    few = ("rain", "waterlogging") if look.wall else ("rain",)
    small = {(row.code, row.role) for row in (*(bare or ()), *(row for row in stations if row.role in few))}
    p, px = look.palette, look.px
    some = [row for row in stations if (amount(row.state) or 0) >= 1][::-1]
    if not some:
        return []
    colours = [getattr(p, f"alarm_{COLOURS[min(int(row.state), 4)]}") for row in some]
    ink = p.background if look.theme == "dark" else p.surface
    return [
        _points(some)
        | {
            "mode": "markers+text",
            "meta": "mark",
            "text": [_letter(row, (row.code, row.role) in small, look) for row in some],
            "hovertext": [row.sentence for row in some],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "textposition": "middle center",
            "textfont": {"size": px * 0.72, "color": ink, "weight": 700},
            "marker": {
                "symbol": [SIGNS[int(row.state)] for row in some],
                "size": [_size(row, (row.code, row.role) in small, look) for row in some],
                "color": colours,
                "opacity": 1,
                "line": {
                    "width": [max(2, px / 7) if row.code == here or row.state == 5 else 1 for row in some],
                    "color": [p.text if row.code == here or row.state == 5 else p.background for row in some],
                },
            },
        }
    ]


def _letter(row: Any, small: bool, look: Look) -> str:
    # on a wall a letter that fits a sign is too small to read; shape and colour say it, and the words beside
    return "" if small or look.wall else text(f"station_kind.{row.role}_letter", look.lang)


def _size(row: Any, small: bool, look: Look) -> float:
    """Of the sign of an alarm; pointed shapes are larger, for they have less room inside."""
    if small:
        return look.px * (0.45 if look.wall else 0.7)
    return look.px * (1.6 if row.state in (2, 3) else 1.35) * (0.85 if look.wall else 1)


def _labels(stations: list[Any], look: Look) -> list[dict[str, Any]]:
    """Name and margin beside the mark; the script moves them apart and drops what finds no room, the worst first."""
    some = [row for row in stations if row.said]
    if not some:
        return []
    return [
        {
            "type": "scattergeo",
            "mode": "markers+text",
            "lon": [row.lon for row in some],
            "lat": [row.lat for row in some],
            "text": [row.said for row in some],
            "textposition": "middle right",
            "textfont": {"size": look.small, "color": look.palette.text, "shadow": _halo(look)},
            "marker": {"size": look.px * 1.7, "opacity": 0},
            "hoverinfo": "skip",
            "meta": "beside",
        }
    ]


def _halo(look: Look) -> str:
    """Around letters, so that they read on every ground."""
    return ",".join(f"{x}px {y}px 2px {look.palette.background}" for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)) * 2)


def _names(told: list[Any], look: Look) -> list[dict[str, Any]]:
    kind = "catchment" if any(row.kind == "catchment" for row in told) else "area"
    places = sorted((row for row in told if row.kind == kind and given(row.lon)), key=lambda row: -row.size)
    return [
        {
            "type": "scattergeo",
            "mode": "text",
            "lon": [row.lon for row in places],
            "lat": [row.lat for row in places],
            "text": [row.name for row in places],
            "textfont": {"size": look.small, "color": look.palette.muted, "shadow": _halo(look)},
            "hoverinfo": "skip",
        }
    ]
