"""The flood map: rain as ground, rivers with their direction, stations by kind and state."""

from typing import TYPE_CHECKING, Any

from components.bodies.flood_signs import COLOURS
from components.figures.region_map import around, beside, chosen, colour_bar, geo, streams
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


def flood_map(answer: "Answer", look: Look) -> dict[str, Any]:
    """answer.frame: kind (area | catchment | station), code, name, role (kind of the station), value (mm of rain of a
    place, NaN: no gauge; else the reading), state (0 normal .. 5, NaN: no threshold), health, said (the label of a
    station, '' none), sentence (hover), lon, lat, size (km2), worst stations first.
    facts: those of pages.ground.ground, layer, steps (limits of the classes of rain, mm), catchments (address of their
    GeoJSON or None), arrows [(lon, lat, bearing in degrees)], legend."""
    frame, facts = answer.frame, answer.facts
    told = list(rows(frame))
    traces = around(facts, look) + _ground(told, answer, look)
    traces += streams(facts, look, 2.6 if look.wall else 2.2) + _direction(facts.get("arrows", []), look)
    traces += chosen(facts, look)
    stations = [row for row in told if row.kind == "station"]
    traces += _quiet(stations, facts.get("station", ""), look) + _alarming(stations, facts.get("station", ""), look)
    traces += _labels(stations, look) + _names(told, look) + beside(facts, look)
    drawn = layout(look, **geo(facts, look), annotations=[])
    drawn["geo"]["domain"] = {"x": [0, 1], "y": [0, 1]}
    return {"data": traces, "layout": drawn, "lead": facts.get("lead", [])}


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
            "colorbar": bar | {"len": look.px * 13, "x": 1, "xanchor": "right"},
            "showscale": not facts.get("inset") or look.wall,
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
        "customdata": [[row.code, "area"] if row.kind == "area" else ["", ""] for row in some],
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
                "size": look.px * 0.62,
                "angle": [bearing for _, _, bearing in arrows],
                "color": look.palette.accent,
                "line": {"width": 0},
            },
            "hoverinfo": "skip",
        }
    ]


def _points(some: list[Any]) -> dict[str, Any]:
    return {
        "type": "scattergeo",
        "lon": [row.lon for row in some],
        "lat": [row.lat for row in some],
        "customdata": [[row.code, "station"] for row in some],
        "text": [row.sentence for row in some],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _quiet(stations: list[Any], here: str, look: Look) -> list[dict[str, Any]]:
    """Stations without an alarm: small outlines; rain gauges are dots, the silent are crosses."""
    px = look.px
    some = [row for row in stations if not (amount(row.state) or 0) >= 1]
    if not some:
        return []
    marks = [_mark(row, look) for row in some]
    return [
        _points(some)
        | {
            "mode": "markers",
            "marker": {
                "symbol": [symbol for symbol, _, _ in marks],
                "size": [s * 1.6 if row.code == here else s for row, (_, s, _) in zip(some, marks, strict=True)],
                "color": [colour for _, _, colour in marks],
                "opacity": [0.6 if row.role == "rain" else 1 for row in some],
                "line": {"width": max(1.2, px / 11), "color": [colour for _, _, colour in marks]},
            },
        }
    ]


def _mark(row: Any, look: Look) -> tuple[str, float, str]:
    """Symbol, size and colour of a station without an alarm."""
    p, px = look.palette, look.px
    if row.health in SILENT:
        return "x-thin-open", px * 0.5, p.faint
    if row.role == "rain":
        return SHAPES["rain"], px * 0.26, p.text
    return SHAPES.get(row.role, "circle-open"), px * 0.62, p.text if given(row.state) else p.faint


def _alarming(stations: list[Any], here: str, look: Look) -> list[dict[str, Any]]:
    """Stations with an alarm: its shape in its colour, the letter of the kind in it; the worst on top."""
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
            "text": [text(f"station_kind.{row.role}_letter", look.lang) for row in some],
            "hovertext": [row.sentence for row in some],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "textposition": "middle center",
            "textfont": {"size": px * 0.72, "color": ink, "weight": 700},
            "marker": {
                "symbol": [SIGNS[int(row.state)] for row in some],
                "size": [px * (1.6 if row.state in (2, 3) else 1.35) for row in some],
                "color": colours,
                "opacity": 1,
                "line": {
                    "width": [max(2, px / 7) if row.code == here or row.state == 5 else 1 for row in some],
                    "color": [p.text if row.code == here or row.state == 5 else p.background for row in some],
                },
            },
        }
    ]


def _labels(stations: list[Any], look: Look) -> list[dict[str, Any]]:
    """Name and margin beside the mark; the script moves them apart and drops what finds no room, the worst first."""
    some = [row for row in stations if row.said]
    if not some:
        return []
    return [
        {
            "type": "scattergeo",
            "mode": "text",
            "lon": [row.lon for row in some],
            "lat": [row.lat for row in some],
            "text": [row.said for row in some],
            "textposition": "middle right",
            "textfont": {"size": look.small, "color": look.palette.text},
            "hoverinfo": "skip",
            "meta": "beside",
        }
    ]


def _names(told: list[Any], look: Look) -> list[dict[str, Any]]:
    places = sorted((row for row in told if row.kind == "area" and row.lon is not None), key=lambda row: -row.size)
    return [
        {
            "type": "scattergeo",
            "mode": "text",
            "lon": [row.lon for row in places],
            "lat": [row.lat for row in places],
            "text": [row.name for row in places],
            "textfont": {"size": look.small, "color": look.palette.muted},
            "hoverinfo": "skip",
        }
    ]
