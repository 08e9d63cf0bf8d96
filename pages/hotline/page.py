"""The screen of the 12345 hotline: where its panels stand."""

from dash import html, register_page
from dash.development.base_component import Component

from components.attributes import attributes
from components.panel import place_of
from components.view import View
from components.words import text
from pages.hotline.bursts import bursts
from pages.hotline.cases import cases
from pages.hotline.headline import headline, situation
from pages.hotline.late import late
from pages.hotline.league import league
from pages.hotline.loop import bounces, funnel
from pages.hotline.map import map  # noqa: A004 - the panel's public name
from pages.hotline.problems import problems
from pages.hotline.records import order, records
from pages.hotline.trend import trend

register_page(__name__, path="/hotline", name="hotline", order=2, nav=True)

# in the order in which a person without eyes hears them
PANELS = (situation, headline, trend, problems, bursts, map, league, funnel, bounces, late, cases, records, order)


def layout(**query: str) -> Component:
    view = View.from_query(query)
    if place_of(view) is None:
        return html.Div(text("app.no_city", view.lang), className="no-city")
    return html.Div(
        [panel.slot(view.lang) for panel in PANELS],
        className="grid hotline",
        **attributes({"data-spare": "records order"}),
    )
