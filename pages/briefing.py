"""/briefing: panels that somebody put aside, or a ready-made list (`deck`), to be made into slides. The list is kept in
the browser; assets/briefing.js shows it."""

import json

from dash import html, register_page
from dash.development.base_component import Component

from components.attributes import attributes
from components.panel import place_of
from components.view import View
from components.words import section, text

register_page(__name__, path="/briefing", name="briefing", order=5, nav="more", filtered=False)


def layout(**query: str) -> Component:
    view = View.from_query(query)
    if place_of(view) is None:
        return html.Div(text("app.no_city", view.lang), className="no-city")
    named = {name: section(name, view.lang) for name in ("page", "period")}
    words = json.dumps(section("briefing", view.lang) | named, ensure_ascii=False)
    return html.Div(className="briefing", **attributes({"data-briefing": words}))
