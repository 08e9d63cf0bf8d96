"""What stands on the flood map beside the picture: where most rain fell, what the marks mean."""

from typing import Any

from components import markup as html
from components.theme import Look
from components.words import text

# the outlines of the kinds (see figures.flood_map.SHAPES), in a box of 12 by 12
DRAWN = {
    "river": "M1 2H11L6 11Z",
    "reservoir": "M1 6L3.5 1.5H8.5L11 6L8.5 10.5H3.5Z",
    "weir": "M1 1L11 11V1L1 11Z",
    "waterlogging": "M2 2H10V10H2Z",
    "rain": "M6 4A2 2 0 1 0 6.01 4Z",
    "video": "M6 1L11 5L9 11H3L1 5Z",
    "silent": "M2 2L10 10M10 2L2 10",
}


def beside_map(facts: dict[str, Any], roles: set[str], look: Look) -> list[html.Element]:
    """facts: wettest [(name, mm)], legend (what the rain is)."""
    told, lang = facts.get("wettest", []), look.lang
    made = []
    if told:
        most = max(mm for _, mm in told) or 1.0
        rows = [
            html.Li(
                [
                    html.Span(html.Span(style={"width": f"{mm / most * 100:.0f}%"}), className="wet"),
                    html.B(f"{mm:.1f}"),
                    html.Span(name),
                ]
            )
            for name, mm in told
        ]
        made.append(html.Div([html.Small(facts["legend"]), html.Ul(rows)], className="map-rain"))
    kinds = [kind for kind in DRAWN if kind in roles or kind == "silent"]
    made.append(
        html.Div(
            [html.Span([_drawn(kind, look), text(f"station_kind.{kind}", lang)]) for kind in kinds], className="map-key"
        )
    )
    return made


def _drawn(kind: str, look: Look) -> html.Element:
    colour = look.palette.faint if kind == "silent" else look.palette.text
    fill = colour if kind == "rain" else "none"
    shape = html.Path(d=DRAWN[kind], fill=fill, stroke=colour, **{"stroke-width": 1.3})
    return html.drawing([shape], 12, 12)
