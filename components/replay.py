"""The replay of any page: a bar with a slider over a span that is past, marks of what happened in it, and the incidents
to choose from. A replay is a link: the bar only moves the view's `at` (assets/replay.js)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import Flask, Response, request

from components import markup as html
from components.attributes import attributes
from components.bodies.flood_signs import sign
from components.inputs import native_input
from components.markup import Element, tree
from components.panel import moment_of, outside, place_of
from components.view import FORM, View, day_before, written
from components.words import moment, text
from domain.periods import Span

SPEEDS = (1, 10, 60, 120, 300, 600)
LASTS = 10  # minutes that an incident takes to play, if a speed is fast enough for it
PLACES = 48  # along the slider, at which marks stand beside each other
LONG = timedelta(days=3)  # spans that are stepped through by the hour


class Incident(NamedTuple):
    """What may be looked at again. kind: one of replay.kind_*. level: of the alarm scale, 0 none. start, end: the span
    to replay, with what led to it. at: when it began. said: how bad it was. page: the path that shows it best. fields:
    further fields of the View there."""

    kind: str
    level: int
    name: str
    place: str
    start: datetime
    end: datetime
    at: datetime
    said: str
    page: str
    fields: dict[str, Any]


class Mark(NamedTuple):
    """What happened at a moment of a span. kind: raised | ended (an alarm) | burst | storm | outage. level: of the
    alarm scale, 0 none."""

    at: datetime
    kind: str
    level: int
    words: str


TOLD: dict[str, Callable[..., Sequence[Any]]] = {  # the app hands in who knows what happened
    "incidents": lambda _view, _at: (),
    "marks": lambda _view, _span: (),
}


def replay_routes(server: Flask) -> None:
    """/replay, /replay/marks and /replay/incidents, with the query of a view and the `path` of its page: the bar, what
    happened along it, and what there is to choose from, as trees."""

    @server.get("/replay")
    def replay_bar() -> Response:
        view = View.from_query(request.args.to_dict())
        return _told(tree(here=bar(view)))

    @server.get("/replay/marks")
    def replay_marks() -> Response:
        view = View.from_query(request.args.to_dict())
        span = _past(view)
        return _told(tree(here=pins(TOLD["marks"](view, span), span, view.lang) if span else []))

    @server.get("/replay/incidents")
    def replay_incidents() -> Response:
        view = View.from_query(request.args.to_dict())
        now = outside().now().replace(second=0, microsecond=0)
        return _told(tree(here=listed(TOLD["incidents"](view, now), view, request.args.get("path", "/"))))


def _told(body: str) -> Response:
    return Response(body, mimetype="application/json", headers={"Cache-Control": "no-store"})


def opened(view: View) -> Element:
    """The link that begins a replay: of the day up to the moment that is shown."""
    span = day_before(moment_of(view))
    return html.A(
        text("replay.open", view.lang),
        href=view.to(replay=written(span), at=span.start).search,
        **attributes({"data-go": "", "data-replays": ""}),
    )


def _past(view: View) -> Span | None:
    """The span of a view's replay as far as it is past; None where no past is replayed."""
    span, now = view.replayed, outside().now().replace(second=0, microsecond=0)
    return Span(span.start, min(span.end, now)) if span is not None and span.start < now else None


# ---- the bar ---------------------------------------------------------------------------------------------------------
def bar(view: View) -> list[Element]:
    """What the bar of a view holds, but for the moment, which the script knows; nothing where no past is replayed."""
    span, lang = _past(view), view.lang
    if span is None:
        return []
    step = 60 if span.end - span.start > LONG else 5
    left = View(**view.model_dump(include={"area", "period", "compare", "lang", "theme", "mode", "wall"}))
    parts = [
        _button("play", "", text("replay.play", lang), **{"data-other": text("replay.pause", lang)}),
        html.Div([_button("back", "−", _step_words("back", step, lang)),
                  _button("on", "+", _step_words("on", step, lang))], className="steps"),
        _speeds(lang),
        _track(span, lang),
        html.Time("", className="shown", **attributes({"aria-hidden": "true"})),
        _chooser(span, lang),
        html.A(
            text("replay.leave", lang), href=left.search or "?", className="leave", **attributes({"data-leave": ""})
        ),
    ]  # fmt: skip
    told = {"data-start": span.start.strftime(FORM), "data-end": span.end.strftime(FORM), "data-step": str(step)}
    return [
        html.Div(
            parts, className="replaying", role="group", **attributes({**told, "aria-label": text("replay.open", lang)})
        )
    ]


def _step_words(which: str, minutes: int, lang: str) -> str:
    return text(f"replay.{which}", lang, n=minutes)


def _button(name: str, words: str, label: str, **data: str) -> Element:
    return html.Button(words, className=f"r-{name}", type="button", title=label, **{"aria-label": label, **data})


def _speeds(lang: str) -> Element:
    some = [
        html.Button(
            f"{speed}×",
            type="button",
            className="r-speed",
            **attributes({"data-speed": str(speed), "aria-label": text("replay.speed", lang, n=speed)}),
        )
        for speed in SPEEDS
    ]
    return html.Div(some, className="r-speeds", role="group", **attributes({"aria-label": text("replay.speeds", lang)}))


def _track(span: Span, lang: str) -> Element:
    """The slider, and the place of what happened along it."""
    minutes = int((span.end - span.start).total_seconds() // 60)
    label = {"aria-label": text("replay.slider", lang)}
    slider = html.Input(type="range", min="0", max=str(minutes), step="1", value="0", **label)
    ends = [html.Small(moment(span.start, lang)), html.Small(moment(span.end, lang))]
    return html.Div([html.Div(className="pins"), slider, html.Div(ends, className="r-ends")], className="r-track")


def pins(marks: Sequence[Mark], span: Span, lang: str) -> list[Element]:
    """What happened, each at its place along the slider; of what would cover each other the worst."""
    length = (span.end - span.start).total_seconds()
    worst: dict[tuple[str, int], list[Mark]] = {}
    for one in marks:
        place = int((one.at - span.start).total_seconds() / length * PLACES)
        worst.setdefault((one.kind, place), []).append(one)
    made = []
    for some in worst.values():
        one = max(some, key=lambda mark: mark.level)
        more = text("replay.more", lang, n=len(some) - 1) if len(some) > 1 else ""
        said = f"{moment(one.at, lang)} {one.words}{more}"
        made.append(
            html.Button(
                sign(one.level, lang, " ") if one.kind == "raised" else None,
                type="button",
                className=f"pin pin-{one.kind}",
                title=said,
                style={"--at": f"{(one.at - span.start).total_seconds() / length:.4f}"},
                tabindex="-1",
                **attributes({"data-at": one.at.strftime(FORM), "aria-label": said}),
            )
        )
    return made


def _chooser(span: Span, lang: str) -> Element:
    """What opens: a span of one's own, and the incidents, which are asked for when it is opened."""
    inputs = [
        html.Label([html.Span(text(f"filter.{name}", lang)),
                    html.Span(**native_input("datetime-local", text(f"filter.{name}", lang), at.strftime(FORM)))])
        for name, at in (("from", span.start), ("to", span.end))
    ]  # fmt: skip
    form = html.Div(
        [*inputs, html.Button(text("filter.apply", lang), className="apply", type="button")],
        className="form",
        **attributes({"data-form": "replay"}),
    )
    found = html.Div(html.P(text("state.loading", lang), className="sub"), className="incidents")
    return html.Details(
        [html.Summary(html.Span(text("replay.choose", lang), className="name")),
         html.Div([found, form], className="options")],
        className="chip r-choose",
        **attributes({"data-chip": "replay"}),
    )  # fmt: skip


# ---- incidents -------------------------------------------------------------------------------------------------------
def listed(incidents: Sequence[Incident], view: View, path: str) -> list[Element]:
    """Incidents as links, the latest first; of the page that is open without a reload."""
    if not incidents:
        return [html.P(text("replay.nothing", view.lang), className="sub")]
    some = sorted(incidents, key=lambda one: one.at, reverse=True)
    return [html.Ul([html.Li(_incident(one, view, path)) for one in some], className="rows")]


def _incident(one: Incident, view: View, path: str) -> Element:
    lang = view.lang
    what = html.Span([html.Strong(one.name), html.Span(one.place)], className="what")
    shown = sign(one.level, lang) if one.level else html.Span("", className=f"pin pin-{one.kind}")
    return html.A(
        [
            html.Span([shown, html.Small(text(f"replay.kind_{one.kind}", lang))], className="kind"),
            what,
            html.Span(one.said, className="how"),
            html.Time(moment(one.at, lang, year=True)),
        ],
        href=one.page + link(one, view),
        **attributes({"data-go": ""} if one.page == path else {}),
    )


def link(one: Incident, view: View) -> str:
    """The query of an incident's replay."""
    minutes = (one.end - one.start).total_seconds() / 60
    speed = next((speed for speed in SPEEDS[2:] if minutes <= LASTS * speed), SPEEDS[-1])
    place = place_of(view)
    kept: dict[str, Any] = view.model_dump(include={"lang", "theme", "mode", "wall"})
    where = {"area": place.code if place and place.level else ""}
    when = {"replay": written(Span(one.start, one.end)), "at": one.start, "speed": speed}
    return View.model_validate(kept | where | when | one.fields).search
