"""/programme: the programmes of walls, what runs now, and their text to change. assets/programme.js shows it."""

import json

from dash import html, register_page
from dash.development.base_component import Component

from components.attributes import attributes
from components.view import View
from components.words import section

register_page(__name__, path="/programme", name="programmes", order=7, nav="more", filtered=False)


def layout(**query: str) -> Component:
    view = View.from_query(query)
    words = json.dumps(section("programme", view.lang), ensure_ascii=False)
    return html.Div(className="programmes", **attributes({"data-programmes": words}))
