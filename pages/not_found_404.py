"""Where an address leads that no page has."""

from dash import html, register_page
from dash.development.base_component import Component

from components.view import View
from components.words import text

register_page(__name__, name="not_found")


def layout(**query: str) -> Component:
    view = View.from_query(query)
    lang = view.lang
    back = html.A(text("page.overview", lang), href=f"/{view.search}", className="back")
    return html.Div(
        [html.Strong(text("app.unknown_page", lang)), html.P([text("app.unknown_page_hint", lang), " ", back])],
        className="no-city",
    )
