"""Water on the streets: a bar a point against the depths at which something is done."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.flood_signs import sign
from components.panel import Answer
from components.rows import amount, given, rows
from components.theme import Look
from components.words import DASH, signed, text

SCALE = 1.5  # of the deepest step: so far the bars reach, deeper water fills them


def flood_waterlogging(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages.flood.waterlogging. facts: steps (cm: yellow, orange, red), blocked (names), silent (how
    many are not heard of), chosen_station."""
    lang, facts = look.lang, answer.facts
    told = list(rows(answer.frame))
    steps = [float(step) for step in facts["steps"]]
    widest = steps[-1] * SCALE
    marks = [html.Span(className="step", style={"left": f"{step / widest * 100:.1f}%"}) for step in steps]
    scale = [
        html.Span(f"{step:g}", style={"left": f"{step / widest * 100:.1f}%"}, className=name)
        for step, name in zip(steps, ("yellow", "orange", "red"), strict=True)
    ]
    heads = [text(f"waterlogging.head_{name}", lang) for name in ("rise", "calls")]
    head = html.Li(
        [html.Span(), html.Span(text("waterlogging.head_depth", lang)), html.Div(scale, className="pond-scale")]
        + [html.Span(words, className="n") for words in heads],
        className="pond-row heads",
    )
    lines = [html.Ol([head, *(_row(row, widest, marks, facts, lang) for row in told)], className="rows ponds fits")]
    if facts["blocked"]:
        names = text("waterlogging.and", lang).join(facts["blocked"][:3])
        more = text("waterlogging.blocked", lang, n=len(facts["blocked"]), names=names)
        lines.append(html.P(more, className="count", title=text("waterlogging.blocked_why", lang)))
    if facts["silent"]:
        lines.append(html.P(text("waterlogging.silent", lang, n=facts["silent"]), className="count"))
    return html.Div(lines, className="ponding")


def _row(row: Any, widest: float, marks: list[html.Element], facts: dict[str, Any], lang: str) -> html.Element:
    depth, rise = amount(row.depth), amount(row.rise)
    level = int(row.state) if given(row.state) else None
    width = 0.0 if depth is None else min(depth / widest, 1.0) * 100
    bar = [
        *marks,
        html.Span(className="fill", style={"width": f"{width:.1f}%"}),
        html.B(f"{depth:.0f}" if depth is not None else DASH, style={"left": f"{width:.1f}%"}),
    ]
    tags = []
    if row.blocked:
        tags.append(html.Span(text("waterlogging.tag_blocked", lang), className="tag warn"))
    if given(row.pump):
        tags.append(
            html.Span(text("waterlogging.tag_pump" if row.pump else "waterlogging.tag_off", lang), className="tag")
        )
    return html.Li(
        html.A(
            [
                sign(level, lang) if level else html.Span(className="flag none"),
                html.Span([row.name, *tags], className="name"),
                html.Div(bar, className="pond-lane"),
                html.Span(DASH if rise is None else signed(rise, 0), className="n fast" if row.fast else "n"),
                html.Span(f"{row.calls:.0f}" if given(row.calls) else DASH, className="n"),
            ],
            href="#",
            className="pond-row",
            **attributes({"data-set": "station", "data-value": row.station, "title": _title(row, lang)}),
        ),
        className="chosen" if row.station == facts["chosen_station"] else "",
    )


def _title(row: Any, lang: str) -> str:
    """The point in words, with the river that its drain flows to."""
    said = [row.name]
    if given(row.outfall) and given(row.river):
        key = "waterlogging.higher" if row.blocked else "waterlogging.lower"
        said.append(text(key, lang, river=row.river_name, level=f"{row.river:.2f}", outfall=f"{row.outfall:.2f}"))
    return " · ".join(said)
