"""/solo?panel=hotline.trend&...: one panel alone, filling the window. Pictures and thumbnails are made of it."""

from urllib.parse import parse_qsl

from dash import html, register_page
from dash.development.base_component import Component

from components import markup
from components.panel import moment_of, outside, panels, period_words, place_of
from components.view import View
from components.words import moment, text


def foot(view: View, search: str) -> list[markup.Element]:
    """One line: what the panel is, of where and when, up to when its data reaches, from whom; that it is a demo."""
    asked = panels.get(asked_for(search))
    if asked is None:
        return []
    at, lang, place = moment_of(view), view.lang, place_of(view)
    source = next((s for s in outside().freshness(at) if s.key == asked.source), None)
    said = [asked.title(lang), place.label(lang) if place else "—", period_words(view, at)]
    said.append(text("solo.as_of", lang, at=moment(at, lang, year=True)))
    if source is not None:
        said.append(text("solo.source", lang, name=getattr(source, f"name_{lang}")))
    demo = markup.Span(text("app.demo", lang), className="demo") if outside().demo() else None
    return [markup.Span(" · ".join(said)), *([demo] if demo else [])]


def asked_for(search: str | None) -> str:
    """The panel that an address names, '' when it names none."""
    return dict(parse_qsl((search or "").removeprefix("?"))).get("panel", "")


register_page(__name__, path="/solo", name="solo", nav=False, foot=foot, panels=lambda search: [asked_for(search)])


def layout(panel: str = "", bare: str = "", **query: str) -> Component:
    """bare: any word leaves out the foot, where something else says what is in it."""
    view = View.from_query(query)
    if place_of(view) is None:
        return html.Div(text("app.no_city", view.lang), className="no-city")
    if panel not in panels:
        return html.Div(
            [
                html.Strong(text("solo.unknown", view.lang, name=panel[:60])),
                html.P(text("solo.unknown_hint", view.lang)),
            ],
            className="no-city",
        )
    page = panel.split(".", maxsplit=1)[0]  # looks of a panel may hang on its page's grid
    return html.Div([panels[panel].slot(view.lang)], className=f"grid {page} solo{' bare' if bare else ''}")
