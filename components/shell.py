"""The frame around every page: title, navigation, filters, breadcrumb, footer. The URL is the state: everything that
changes the view is a link, and the one script that owns the URL (assets/cockpit.js) follows it without a reload."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dash import html as mounted
from dash import page_container, page_registry
from dash.development.base_component import Component

from components import markup as html
from components.attributes import attributes
from components.inputs import native_input, search_box
from components.markup import Element
from components.markup import tree as tree_of
from components.panel import moment_of, outside, period_words, place_of
from components.replay import opened
from components.view import COMPARISONS, PERIODS, View
from components.words import days, moment, text
from data_access.areas import tree

CROSS = (
    "group",
    "topic",
    "category",
    "org",
    "channel",
    "appeal",
    "line",
    "mark",
    "station",
    "item",
    "matter",
    "special",
    "applicant",
    "hall",
)  # filters that clicking marks sets
NAMES: dict[str, Any] = {"ask": lambda _field, value, _lang: value}  # the app hands in who knows what codes are called


def shell(lang: str) -> Component:
    """What stays while pages change."""
    return mounted.Div(
        [
            mounted.A(text("app.skip", lang), href="#main", className="skip"),
            mounted.Header(id="frame", className="frame"),
            mounted.Main(page_container, id="main", tabIndex="-1"),
            mounted.Aside(id="replay"),
            mounted.Footer(id="foot", className="foot"),
            mounted.Div(id="sheet-place"),
        ],
        id="cockpit",
    )


def frame(search: str | None, path: str) -> tuple[str, str]:
    """What stands above and below every page, as trees."""
    view = View.from_search(search)
    stamp = f"ready||{search or ''}"
    at = moment_of(view)
    place = place_of(view)
    city = tree().root
    lang = view.lang
    name = f"{city.label(lang)} {text('app.title', lang)}" if city else text("app.title", lang)
    kept = View(
        **view.model_dump(
            include={"area", "period", "compare", "at", "replay", "speed", "loop", "lang", "theme", "mode", "wall"}
        )
    )
    here = next((page for page in page_registry.values() if page["path"] == path), {})
    filtered = here.get("filtered", True)  # a page may say that period, place and moment mean nothing on it
    top = html.Div(
        [
            html.H1(name),
            html.Nav(
                _pages(path, kept.search, lang),
                className="pages",
                **attributes({"aria-label": text("app.title", lang)}),
            ),
            html.Div(
                [
                    html.Span(text("app.demo", lang), className="demo") if outside().demo() else None,
                    html.Span(
                        text("app.replay", lang, at=moment(at, lang, year=True)) if view.at else text("app.live", lang),
                        className="replay" if view.at else "live",
                    ),
                    html.Time((at if view.at else outside().now()).strftime("%H:%M:%S"), className="clock"),
                    html.Span(_date_words(at, lang), className="date"),
                ],
                className="now",
            ),
        ],
        className="top",
    )
    if own := here.get("foot"):  # a page for pictures: no frame, and a foot of its own
        return tree_of(stamp, here=[]), tree_of(here=own(view, search))
    filters = [_crumbs(view), html.Div(_chips(view, at), className="chips")] if filtered else []
    bar = html.Div(
        [*filters, html.Div(_links(view, path, past=filtered and not view.replay), className="links")], className="bar"
    )
    if not filtered:
        return tree_of(stamp, here=[top, bar]), tree_of(here=[])
    sources = outside().freshness(at)
    names = ("、" if lang == "zh" else ", ").join(getattr(s, f"name_{lang}") for s in sources[:4])
    foot = [
        html.Span(
            text("app.footer", lang, sources=names or "—", at=_newest(sources, lang))
            + (f" · {text('app.demo', lang)}" if outside().demo() else "")
        ),
        html.Span(text("app.scope", lang, area=place.label(lang) if place else "—", period=period_words(view, at))),
    ]
    return tree_of(stamp, here=[top, bar]), tree_of(here=foot)


def _newest(sources: Sequence[Any], lang: str) -> str:
    """Up to when data reach; of history that was loaded after the moment that is looked at, this too."""
    if known := [s.last_data_at for s in sources if s.last_data_at is not None]:
        return moment(max(known), lang)
    if later := [s.reaches_to for s in sources if s.reaches_to is not None]:
        return text("app.loaded_later", lang, at=moment(max(later), lang))
    return "—"


def _date_words(at: datetime, lang: str) -> str:
    if lang == "zh":
        return f"{at:%Y-%m-%d} 周{'一二三四五六日'[at.weekday()]}"
    return f"{at:%a %Y-%m-%d}"


def link(view: View, words: Any, *, name: str, value: str, class_name: str = "", current: bool = False) -> Element:
    """A link that sets one field of the View: an address to copy or open, followed without a reload when clicked."""
    return html.A(
        words,
        href=view.to(**{name: value or None if name == "at" else value}).search or "?",
        className=class_name,
        **attributes({"data-set": name, "data-value": value, **({"aria-current": "true"} if current else {})}),
    )


def _crumbs(view: View) -> Element:
    places = tree()
    place = place_of(view)
    path = places.path(place.code) if place else []
    items: list[Any] = []
    for i, step in enumerate(path):
        value = "" if i == 0 else step.code
        last = i == len(path) - 1
        items.append(
            html.Strong(step.label(view.lang), **attributes({"aria-current": "location"}))
            if last
            else link(view, step.label(view.lang), name="area", value=value)
        )
        if not last:
            items.append(html.Span("›", className="sep", **attributes({"aria-hidden": "true"})))
    return html.Nav(items, className="crumbs", **attributes({"aria-label": text("filter.area", view.lang)}))


def _pages(path: str, search: str, lang: str) -> list[Element]:
    """Links to the pages; those that are registered with nav="more" stand under one word."""

    def listed(nav: object) -> list[Element]:
        return [
            html.A(
                text(f"page.{page['name']}", lang),
                href=page["path"] + search,
                className="page",
                **attributes({"aria-current": "page"} if page["path"] == path else {}),
            )
            for page in sorted(page_registry.values(), key=lambda p: p.get("order") or 0)
            if page.get("nav") == nav
        ]

    more = listed("more")
    current = next((one.nodes[0] for one in more if "aria-current" in one.attributes), "")
    summary = html.Summary(current or text("app.more", lang), className="here" if current else "")
    return [*listed(True), html.Details([summary, html.Div(more, className="options")], className="chip more")]


def chip(name: str, label: str, value: str, options: list[Any], *, active: bool = False) -> Element:
    """A filter: its name and value, and under it what it can be."""
    return html.Details(
        [
            html.Summary([html.Span(label, className="name"), html.Span(value, className="value")]),
            html.Div(options, className="options"),
        ],
        className="chip active" if active else "chip",
        **attributes({"data-chip": name}),
    )


def _chips(view: View, at: datetime) -> list[Element]:
    lang = view.lang
    base = view.base(at)
    span = view.span(at)
    periods: list[Any] = [
        link(view, text(f"period.{p}", lang), name="period", value=p, current=view.period == p) for p in PERIODS
    ]
    first, last = span.start.date(), (span.end - timedelta(seconds=1)).date()
    periods.append(
        _form(
            "period",
            [
                ("date", text("filter.from", lang), first.isoformat()),
                ("date", text("filter.to", lang), last.isoformat()),
            ],
            text("filter.apply", lang),
        )
    )
    compares = [
        link(view, text(f"compare.{c}", lang), name="compare", value=c, current=view.compare == c) for c in COMPARISONS
    ]
    if base:
        aligned = text(f"compare.{base.aligned}", lang)
        compares.append(html.Small(f"{days(base.span.start, base.span.end)} · {aligned}"))
    moments: list[Any] = [
        link(view, text("filter.now", lang), name="at", value="", current=view.at is None),
        _form(
            "at",
            [("datetime-local", text("filter.moment", lang), at.strftime("%Y-%m-%dT%H:%M"))],
            text("filter.apply", lang),
        ),
    ]
    place = place_of(view)
    places = tree()
    near = places.children(place.code) if place else []
    if place and not near and place.parent:
        near = places.children(place.parent)
    areas: list[Any] = [
        html.Span(**search_box(text("filter.search_area", lang), css="find-area", none=text("filter.no_area", lang))),
        html.Div([link(view, a.label(lang), name="area", value=a.code) for a in near], className="found"),
    ]
    chips = [
        chip("period", text("filter.period", lang), period_words(view, at), periods, active=view.period != "30d"),
        chip("compare", text("filter.compare", lang), text(f"compare.{view.compare}", lang), compares),
        chip("area", text("filter.area", lang), place.label(lang) if place else "—", areas, active=bool(view.area)),
        chip(
            "at",
            text("filter.at", lang),
            moment(at, lang) if view.at else text("filter.now", lang),
            moments,
            active=view.at is not None,
        ),
    ]
    for name in CROSS:
        if value := getattr(view, name):
            said = html.Span(NAMES["ask"](name, value, lang), className="value")
            cleared = link(view, "×", name=name, value="", class_name="clear")
            label = html.Span(text(f"filter.{name}", lang), className="name")
            chips.append(html.Div([label, said, cleared], className="chip active set"))
    if view.search and view.to(lang="zh", theme="dark", mode="desk", wall="") != View(lang="zh", theme="dark"):
        cleared = View(lang=view.lang, theme=view.theme, mode=view.mode, wall=view.wall)
        chips.append(
            html.A(
                text("filter.clear", lang),
                href=cleared.search or "?",
                className="clear-all",
                **attributes({"data-go": ""}),
            )
        )
    return chips


def _form(name: str, inputs: list[tuple[str, str, str]], apply: str) -> Element:
    """Inputs that the script reads when the button is pressed; two dates make a period."""
    return html.Div(
        [
            *(
                html.Label([html.Span(label), html.Span(**native_input(kind, label, value))])
                for kind, label, value in inputs
            ),
            html.Button(apply, className="apply"),
        ],
        className="form",
        **attributes({"data-form": name}),
    )


def _exports(lang: str) -> Element:
    """The page as a file; the script asks the server for it (assets/exports.js)."""
    kinds = (("page_png", "page-png", 1), ("page_png_2", "page-png", 2), ("page_pdf", "page-pdf", 1))
    buttons = [
        html.Button(text(f"exports.{words}", lang), **attributes({"data-export": kind, "data-scale": str(scale)}))
        for words, kind, scale in kinds
    ]
    summary = html.Summary(text("exports.export", lang))
    return html.Details([summary, html.Div(buttons, className="options")], className="chip export")


def _links(view: View, path: str, *, past: bool) -> list[Element]:
    lang = view.lang
    other = "en" if lang == "zh" else "zh"
    shade = "light" if view.theme == "dark" else "dark"
    mode = "wall" if view.mode == "desk" else "desk"
    return [
        *([opened(view)] if past else []),
        html.Button(text("app.copy", lang), className="copy", **attributes({"data-done": text("app.copied", lang)})),
        _exports(lang),
        html.A(text(f"app.theme_{shade}", lang), href=path + view.to(theme=shade).search),
        html.A(text(f"app.mode_{mode}", lang), href=path + view.to(mode=mode).search),
        html.A(text("app.language", lang), href=path + view.to(lang=other).search, lang=other),
    ]
