"""A station in numbers: its water, against what, how fast, when it reaches what."""

from typing import Any

from components import markup as html
from components.bodies.flood_signs import sign
from components.theme import Look


def numbers(facts: dict[str, Any], look: Look) -> html.Element:
    """facts: level (of the alarm scale, None: no threshold), figures {value, unit, against, cells [(name, value)]}."""
    told, level = facts["figures"], facts.get("level")
    return html.Div(
        [
            html.Div(
                [
                    html.B(told["value"], className="figure"),
                    html.Span(told["unit"], className="unit"),
                    sign(level, look.lang) if level else None,
                    html.Strong(told["against"], className="against"),
                ],
                className="now-at",
            ),
            *(
                html.Div([html.Small(name), html.Span(value, className="value")], className="cell")
                for name, value in told["cells"]
            ),
        ],
        className="station-numbers",
    )
