"""The screen of flood monitoring: where its panels stand."""

from dash import html, register_page
from dash.development.base_component import Component

from components.panel import panels, place_of
from components.view import View
from components.words import text
from pages.flood import (  # noqa: F401 - panels are known by name
    alarms,
    board,
    health,
    line,
    map,  # noqa: A004
    rain,
    release,
    replay,
    reservoirs,
    situation,
    station,
    waterlogging,
)

register_page(__name__, path="/flood", name="flood", order=3, nav=True)

# in the order in which a person without eyes hears them
COLUMNS = {
    "first": ("situation",),
    "left": ("alarms", "waterlogging", "health"),
    "middle": ("map", "replay", "line"),
    "right": ("station", "reservoirs", "release"),
    "below": ("rain",),
    "over": ("alarm", "board"),  # what opens over the page, while it has something to say
}


def layout(**query: str) -> Component:
    view = View.from_query(query)
    if place_of(view) is None:
        return html.Div(text("app.no_city", view.lang), className="no-city")
    columns = []
    for side, names in COLUMNS.items():
        known = [panels[f"flood.{name}"] for name in names if f"flood.{name}" in panels]
        columns.append(html.Div([panel.slot(view.lang) for panel in known], className=f"column {side}"))
    called = " called" if view.alarm and view.station else ""
    return html.Div(columns, className=f"grid flood{called}")
