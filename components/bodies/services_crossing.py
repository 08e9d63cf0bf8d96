"""Cases from elsewhere as bands to where they are handled, and what themes save."""

from typing import Any, NamedTuple

from components import markup as html
from components.attributes import attributes
from components.bodies.ribbons import Node, drawn_of, placed, ribbons
from components.panel import Answer
from components.rows import given
from components.rows import rows as rows_of
from components.theme import Look
from components.words import DASH, exact, number, percent, text

MEASURES = ("steps", "materials", "days", "visits")
ENDS = 11  # places on a side


class _Move(NamedTuple):
    """A flow as ribbons have it."""

    from_org: str
    from_name: str
    to_org: str
    to_name: str
    n: int


def crossing(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages/services/crossing.py. facts: crossed, share (of the accepted), places, scopes {nation,
    delta}, themed, saved {measure: {before, after, saved}}, chosen (theme)."""
    every = list(rows_of(answer.frame))
    flows, themes = ([row for row in every if row.kind == kind] for kind in ("flow", "theme"))
    return html.Div([_flows(flows, answer.facts, look), _themes(themes, answer.facts, look.lang)], className="crossing")


def _flows(flows: list[Any], facts: dict[str, Any], look: Look) -> html.Element:
    lang = look.lang
    moves = [_Move(row.from_code, row.from_name, row.to_code or "?", row.to_name, int(row.cases)) for row in flows]
    said = text("crossing.said", lang, n=exact(facts["crossed"]), share=percent(facts["share"]), places=facts["places"])
    items = text("crossing.items", lang, nation=exact(facts["scopes"]["nation"]), delta=exact(facts["scopes"]["delta"]))
    parts: list[Any] = []
    if moves:
        drawn = drawn_of(moves, 6 if look.wall else ENDS)
        left, right, scale = placed(moves, drawn)
        picture = ribbons(drawn, (left, right), scale, set(), look)
        parts = [_labels(left, "from", lang), picture, _labels(right, "to", lang)]
    heads = [html.Span(text("crossing.from", lang)), html.Span(text("crossing.to", lang))]
    return html.Div(
        [
            html.P(said, className="key"),
            html.Div(heads, className="heads"),
            html.Div(parts, className="flow"),
            html.P(items, className="key"),
        ],
        className="crossed",
    )


def _labels(nodes: dict[str, Node], side: str, lang: str) -> html.Element:
    made = []
    for node in nodes.values():
        words = [html.Span(node.name, className="name"), html.Span(exact(node.n), className="n")]
        inside = words if side == "from" else words[::-1]
        linked = side == "to" and node.code != "?"
        link = attributes({"data-set": "area", "data-value": node.code})
        cell = html.A(inside, href="#", title=node.name, **link) if linked else html.Span(inside, title=node.name)
        made.append(html.Li(cell, style={"top": f"{node.middle:.2f}%"}))
    return html.Ol(made, className=f"ends {side}")


def _themes(themes: list[Any], facts: dict[str, Any], lang: str) -> html.Element:
    heads = [
        html.Span(text("crossing.theme", lang), className="name"),
        html.Span(text("crossing.cases", lang)),
        *(html.Span(text(f"crossing.{what}", lang)) for what in MEASURES),
    ]
    lines = []
    for row in themes:
        cells: list[Any] = [
            html.Span(row.from_name, className="name", title=row.from_name),
            html.Span(number(row.cases, lang), className="n", title=exact(row.cases)),
            *(_saved(row, what, lang) for what in MEASURES),
        ]
        chosen = row.from_code == facts["chosen"]
        link = attributes({"data-set": "matter", "data-value": "" if chosen else row.from_code})
        lines.append(html.Li(html.A(cells, href="#", **link), className="chosen" if chosen else ""))
    told = [
        text("crossing.saved_of", lang, what=text(f"crossing.{what}", lang), share=percent(one["saved"], 1))
        for what, one in facts["saved"].items()
        if one["saved"] is not None
    ]
    foot = [text("crossing.saved", lang, n=exact(facts["themed"])), " · ".join(told)] if told else []
    return html.Div(
        [
            html.Div(heads, className="theme-heads"),
            html.Ol(lines, className="rows themes fits", tabIndex="0"),
            html.P(foot, className="key"),
        ],
        className="themed",
    )


def _saved(row: Any, what: str, lang: str) -> html.Element:
    """12 → 1, and the share saved as a bar."""
    before, after, share = (getattr(row, f"{what}_{part}") for part in ("before", "after", "saved"))
    if not given(share):
        return html.Span(DASH, className="saved")
    fill = html.Span(className="fill", style={"width": f"{max(share, 0) * 100:.1f}%"})
    title = text("crossing.of_theme", lang, before=f"{before:g}", after=f"{after:g}", share=percent(share, 1))
    return html.Span(
        [html.Span(f"{before:g}→{after:g}", className="from-to"), html.Span(fill, className="bar-track")],
        className="saved", title=title,
    )  # fmt: skip
