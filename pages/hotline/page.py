"""The screen of the 12345 hotline: where its panels stand."""

from dash import html, register_page
from dash.development.base_component import Component

from components.panel import Panel, panels, place_of
from components.view import View
from components.words import text
from pages import hotline
from pages.hotline import bursts, cases, headline, late, league, loop, map, problems, records, trend  # noqa: A004, F401 - panels are known by name

register_page(__name__, path="/hotline", name="hotline", order=1, nav=True)

# in the order in which a person without eyes hears them
NAMES = (
    "situation", "headline", "trend", "problems", "bursts", "map", "league", "funnel", "bounces", "late", "cases",
    "records", "order",
)  # fmt: skip


def _panels() -> list[Panel]:
    known = {name: panels.get(f"hotline.{name}") for name in NAMES}
    return [panel for panel in known.values() if panel is not None]


def layout(**query: str) -> Component:
    view = View.from_query(query)
    if place_of(view) is None:
        return html.Div(text("app.no_city", view.lang), className="no-city")
    return html.Div([panel.slot(view.lang) for panel in _panels()], className=f"grid {hotline.__name__.split('.')[1]}")
