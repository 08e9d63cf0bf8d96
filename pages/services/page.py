"""The screen of government services: where its panels stand."""

from dash import html, register_page
from dash.development.base_component import Component

from components.attributes import attributes
from components.panel import panels, place_of
from components.view import View
from components.words import text
from pages.services import (  # noqa: F401 - panels are known by name
    crossing,
    halls,
    headline,
    league,
    map,  # noqa: A004
    ratings,
    records,
    scorecard,
    standards,
    throughput,
    times,
)

register_page(__name__, path="/services", name="services", order=1, nav=True)

# in the order in which a person without eyes hears them
PANELS = (
    "situation",
    "headline",
    "scorecard",
    "map",
    "halls",
    "whatif",
    "throughput",
    "times",
    "calendar",
    "ratings",
    "league",
    "crossing",
    "standards",
    "records",
    "case",
)


def layout(**query: str) -> Component:
    view = View.from_query(query)
    if place_of(view) is None:
        return html.Div(text("app.no_city", view.lang), className="no-city")
    known = [panels[f"services.{name}"] for name in PANELS if f"services.{name}" in panels]
    return html.Div(
        [panel.slot(view.lang) for panel in known],
        className="grid services",
        **attributes({"data-spare": "standards case"}),
    )
