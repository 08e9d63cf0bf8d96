"""A panel is a query plus a way of drawing. Everything else a panel can do is here, once, for all of them:
redrawing, state, age, drilling; definition, table and CSV are in panel_data."""

import json
import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

import pandas as pd
from dash import html
from dash.development.base_component import Component
from plotly.io.json import to_json_plotly

from components import markup
from components.attributes import attributes
from components.inputs import search_box
from components.rows import amount
from components.theme import Look
from components.view import View
from components.words import age as said_age
from components.words import cadence_words, days, moment, text
from data_access.areas import Area, tree
from domain.wall import Profile

log = logging.getLogger("citydeck.panel")
Draw = Callable[["Answer", Look], Any]


@dataclass(frozen=True)
class Measured:
    """An indicator's value now, with what it was made from."""

    key: str
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    base: float | None = None

    @classmethod
    def of(cls, key: str, value: Any, numerator: Any = None, denominator: Any = None, base: Any = None) -> Self:
        """Of numbers as frames have them: of any kind, NaN for none."""
        return cls(key, amount(value), amount(numerator), amount(denominator), amount(base))


@dataclass(frozen=True)
class Answer:
    """What a panel's question came to: the frame that is drawn, exported and tabled; the indicators it measures; and
    facts: what the drawing needs beside the frame. blank: why there is nothing to draw ('empty': a true zero;
    'none': the source does not say). note: one line that says why."""

    frame: pd.DataFrame
    measured: tuple[Measured, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    blank: Literal["", "empty", "none"] = ""
    note: str = ""


@dataclass(frozen=True)
class Export:
    """All rows behind a panel that shows only some, in parts, so that they need not be in memory at once. columns: as
    in the panel's frame. total: how many there are; most: how many are handed out at most."""

    columns: Sequence[str]
    parts: Iterator[Sequence[Sequence[Any]]]
    total: int
    most: int


@dataclass
class Outside:
    """What panels need of rooms they may not know; the app hands it in."""

    now: Callable[[], datetime]
    version: Callable[[], str]
    freshness: Callable[[datetime], Sequence[Any]]  # rows of data_access.sources.Freshness
    cache: Any  # flask-caching: get, set
    wall: Callable[[str], Profile]  # of the View's field; never fails
    demo: Callable[[], bool]
    given: Callable[[View], frozenset[str]] = lambda _view: frozenset("*")  # fields that the sources fill


_outside: Outside
panels: dict[str, "Panel"] = {}


def connect(outside: Outside) -> None:
    """Hand in what the app knows. Called once, before the first request."""
    global _outside
    _outside = outside


def outside() -> Outside:
    return _outside


def look_of(view: View, px: str = "") -> Look:
    """How to draw for a view; at a desk with the size of text that the page has there, as the browser tells it (see
    shape() in assets/cockpit.js)."""
    if view.mode == "wall":
        return Look(view.lang, view.theme, True, _outside.wall(view.wall).body)
    return Look(view.lang, view.theme, False, min(max(int(px), 13), 40) if px.isdecimal() else 14)


def moment_of(view: View) -> datetime:
    """The as-of moment of a view: what it names, or now; never later than now. To the minute, so that all panels of a
    page speak of the same one."""
    now = _outside.now().replace(second=0, microsecond=0)
    return min(view.at, now) if view.at else now


def place_of(view: View) -> Area | None:
    """The view's place; the city when it names none or one that does not exist. None: there is no city yet."""
    places = tree()
    return places.get(view.area) or places.root


def fills(given: frozenset[str], field: str) -> bool:
    """Whether sources that fill these fields fill the field; where nothing at all was loaded of its domain, none is
    missed: that is another matter. services.cases is a field of the domain services, close_at one of orders; '*' is all
    of orders."""
    domain = field.rpartition(".")[0]
    own = {name for name in given if name.rpartition(".")[0] == domain}
    return not own or field in own or "*" in own


def period_words(view: View, at: datetime) -> str:
    """近 30 天 10-23—11-21; today until the minute."""
    span = view.span(at)
    if view.period == "today":
        until = text("period.until", view.lang, time=at.strftime("%H:%M"))
        return f"{text('period.today', view.lang)} {until}"
    named = text(f"period.{view.period}", view.lang) + " " if ".." not in view.period else ""
    return named + days(span.start, span.end, at)


@dataclass(frozen=True)
class Panel:
    """A titled slot on a page. Its function runs whenever the view or the data moves."""

    name: str
    query: Callable[[View], Answer | pd.DataFrame]
    draw: Draw
    chart: bool
    about: tuple[str, ...]
    source: str
    sets: str
    choices: Callable[[View], list[tuple[str, str, str]]] | None
    searches: str
    needs: tuple[str, ...]
    export: Callable[[View], Export] | None = None

    def title(self, lang: str) -> str:
        return text(self.name, lang)

    def slot(self, lang: str) -> Component:
        """Where the panel stands on a page; the page's grid places it by its name."""
        body = html.Div(html.Div(className="plot"), className="graph") if self.chart else html.Div(className="body")
        return html.Section(
            [
                html.Header(
                    [
                        html.H2(self.title(lang)),
                        *(
                            [html.Span(**search_box(text(f"{self.name}_search", lang), self.searches))]
                            if self.searches
                            else []
                        ),
                        html.Div(className="head"),
                        html.Button(
                            "⋯",
                            className="menu",
                            title=text("menu.open", lang),
                            **attributes(
                                {
                                    "aria-label": f"{self.title(lang)}: {text('menu.open', lang)}",
                                    "aria-haspopup": "dialog",
                                }
                            ),
                        ),
                    ]
                ),
                *([html.Div(className="lead")] if self.chart else []),
                html.Div(body, className="picture"),
                html.Div(className="cover", role="status"),
            ],
            className=f"panel p-{self.name.split('.')[1]}{' chooses' if self.choices else ''}",
            **attributes(
                {
                    "data-panel": self.name,
                    "data-state": "loading",
                    "data-stamp": "",
                    "data-chart": "true" if self.chart else "false",
                    "aria-label": self.title(lang),
                    **({"data-sets": self.sets} if self.sets else {}),
                }
            ),
        )

    def _lacking(self, view: View) -> Answer | None:
        """That the sources do not fill a field which this panel needs, None when they fill all."""
        given = _outside.given(view) if self.needs else frozenset("*")
        lacking = [name for name in self.needs if not fills(given, name)]
        if not lacking:
            return None
        words = text("state.lacking", view.lang, field=text(f"field.{lacking[0]}", view.lang))
        return Answer(pd.DataFrame(), facts={"lacking": lacking}, blank="none", note=words)

    def answer(self, view: View) -> Answer:
        """Ask, or take the answer that was given for the same question of the same data in the same minute."""
        at = moment_of(view)
        asked = view.to(theme="dark", at=at, speed=60, play="", loop="")  # how a replay plays changes no answer
        key = f"{self.name}|{asked.search}|{_outside.version()}"
        found = _outside.cache.get(key)
        if found is None:
            found = self._lacking(view) or self.query(view)
            found = found if isinstance(found, Answer) else Answer(found, blank="" if len(found) else "empty")
            _outside.cache.set(key, found)
        return found


def panel(
    draw: Draw,
    *,
    about: tuple[str, ...] | str = (),
    source: str = "",
    sets: str = "",
    choices: Callable[[View], list[tuple[str, str, str]]] | None = None,
    searches: str = "",
    needs: tuple[str, ...] = (),
    export: Callable[[View], Export] | None = None,
) -> Callable[[Callable[[View], Answer | pd.DataFrame]], Panel]:
    """Make a panel of a question.

    draw: a function of components.figures (frame in, Plotly figure out; under `lead` it may have HTML to stand above
    it) or of components.bodies (frame in, HTML out).
    about: the indicators it shows. source: where its data comes from. sets: the field of the View that a click on one
    of its marks sets. choices: (field, value, words) links in its head, e.g. a metric switch. searches: the field of
    the View that a search box in its head sets; its words stand under '<panel>_search'.
    needs: the fields that it cannot do without (see fills); where the sources do not fill one, the panel says so.
    export: the rows that its CSV and Excel files have, where they are more than its frame.
    """

    def wrap(query: Callable[[View], Answer | pd.DataFrame]) -> Panel:
        name = f"{query.__module__.split('.')[1]}.{query.__name__}"
        chart = draw.__module__.startswith("components.figures")
        keys = (about,) if isinstance(about, str) else about
        made = Panel(name, query, draw, chart, keys, source, sets, choices, searches, needs, export)
        panels[name] = made
        return made

    return wrap


# ---- redrawing ------------------------------------------------------------


def drawn(name: str, search: str, px: str = "") -> str:
    """What the browser is told of a panel for a view: JSON of its name, tree and figure, on one line. Kept for the same
    data and minute. px: the size of text there."""
    view, version = View.from_search(search), _outside.version()
    look = look_of(view, px)
    key = f"{name}|{search}|{look.px}|{moment_of(view)}|{version}"
    known = _outside.cache.get(key)
    if known is None:
        figure, tree, state = _drawn(panels[name], view, look, search, version)
        told = f'"panel":{json.dumps(name)},"tree":{json.dumps(tree, ensure_ascii=False)}'
        known = f'{{{told},"figure":{to_json_plotly(figure)}}}'
        if state != "failed":
            _outside.cache.set(key, known)
    return known


def tree_of(name: str, search: str) -> str:
    """The tree of a panel of HTML for an address, as it comes to the browser: for what a person tries out, without
    the rest of the page asking too. It carries the panel's head, cover and body, and a stamp state|version|search: the
    browser compares it with the address bar to know what is current."""
    view = View.from_search(search)
    return _drawn(panels[name], view, look_of(view), search, _outside.version())[1]


def warm(page: str) -> None:
    """Ask each panel of a page once, as its plain address would: statements are built and data read before the first
    visitor comes."""
    if tree().root is not None:
        for name in [name for name in panels if name.startswith(f"{page}.")]:
            drawn(name, "")


def _drawn(asked: Panel, view: View, look: Look, search: str, version: str) -> tuple[Any, str, str]:
    """figure (None: leave the one that is there), tree, state."""

    def stamp(state: str) -> str:
        return f"{state}|{version}|{search}"

    try:
        at = moment_of(view)
        answer = asked.answer(view)
        late = _late(asked.source, at)
        head = _head(asked, view, at, answer, late)
        if answer.blank:
            return None, markup.tree(stamp("empty"), head=head, cover=_blank(answer, view.lang)), "empty"
        content = asked.draw(answer, look)
        state = "ready" if late is None else "late"
        if asked.chart:
            content["layout"]["meta"] = content["layout"].get("meta", {}) | {"stamp": stamp(state)}
            return content, markup.tree(stamp(state), head=head, cover=[], lead=content.pop("lead", [])), state
        return None, markup.tree(stamp(state), head=head, cover=[], body=content), state
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("panel %s failed, reference %s, view %s", asked.name, reference, view.search)
        return None, markup.tree(stamp("failed"), cover=_failed(reference, view.lang)), "failed"


def _late(source: str, at: datetime) -> Any | None:
    """The source's row when it is late or silent."""
    return next((s for s in _outside.freshness(at) if s.key == source and s.state in ("late", "stale")), None)


def _head(asked: Panel, view: View, at: datetime, answer: Answer, late: Any | None) -> list[markup.Element]:
    head: list[markup.Element] = []
    if title := answer.facts.get("title"):  # what this view's answer is about stands for the panel's own title
        head.append(markup.Strong(title, className="title"))
    if asked.choices and (options := asked.choices(view)):
        head.append(
            markup.Div(
                [
                    markup.A(
                        words,
                        href=view.to(**{name: value}).search or "?",
                        className="choice",
                        **attributes({"data-set": name, "data-value": value, "aria-current": str(current).lower()}),
                    )
                    for (name, value, words), current in zip(options, _current(options, view, answer), strict=True)
                ],
                className="choices",
                role="group",
            )
        )
    head.append(markup.Span(answer.note or period_words(view, at), className="scope"))
    if late is not None:
        age = said_age(at - late.last_data_at, view.lang, plain=True)
        detail = text(
            "state.late_hint",
            view.lang,
            at=moment(late.last_data_at, view.lang),
            cadence=cadence_words(late.cadence_minutes, view.lang),
        )
        words, short = text("state.late", view.lang, age=age), attributes({"data-short": f"+{age}"})
        head.append(markup.Span(words, className="late", title=detail, **short))
    return head


def _current(options: list[tuple[str, str, str]], view: View, answer: Answer) -> list[bool]:
    chosen = [value == (answer.facts.get("chosen") or getattr(view, name)) for name, value, _ in options]
    return chosen if any(chosen) else [i == 0 for i in range(len(options))]


def _blank(answer: Answer, lang: str) -> list[markup.Element]:
    hint = answer.note if answer.facts.get("lacking") else text(f"state.{answer.blank}_hint", lang)
    css = "lacking" if answer.facts.get("lacking") else None  # pages close ranks around what no source tells
    return [markup.Strong(text(f"state.{answer.blank}", lang), className=css), markup.Span(hint)]


def _failed(reference: str, lang: str) -> list[markup.Element]:
    return [
        markup.Strong(text("state.failed", lang)),
        markup.Span(text("state.failed_hint", lang, reference=reference)),
    ]
