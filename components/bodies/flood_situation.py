"""The situation of the waters: sentences, counts by kind and colour, who reports, what people declared."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.flood_signs import sign
from components.panel import Answer
from components.rows import count, given, rows
from components.theme import Look
from components.words import text

ROMAN = ("", "I", "II", "III", "IV")


def flood_situation(answer: Answer, look: Look) -> html.Element:
    """answer.frame: part (says | count | reporting | response), station, role, level, n, of, moment, words; see
    pages.flood.situation. facts: newest (a time in words), age, share."""
    lang, told = look.lang, list(rows(answer.frame))
    says = [row for row in told if row.part == "says"]
    counted = [row for row in told if row.part == "count"]
    return html.Div(
        [
            html.Div([_said(row, lang) for row in says], className="flood-says fits"),
            _totals(counted, lang) if look.wall else _counts(counted, lang),
            _facts(told, answer, lang),
        ],
        className="flood-situation",
    )


def _said(row: Any, lang: str) -> html.Element:
    level = int(row.level) if given(row.level) else None
    signed = sign(level, lang) if level else None
    words: Any = html.Span(row.words)
    if row.station:
        words = html.A(row.words, href="#", **attributes({"data-set": "station", "data-value": row.station}))
    return html.Span([signed, words], className="loud" if level is not None else "quiet")


def _counts(some: list[Any], lang: str) -> html.Element:
    """Kinds down, colours across; a dot where there is none."""
    kinds = list(dict.fromkeys(row.role for row in some))
    by = {(row.role, int(row.level)): count(row.n) for row in some}
    head = html.Tr([html.Th(""), *(html.Th(sign(level, lang)) for level in (4, 3, 2, 1))])
    lines = []
    for kind in kinds:
        cells = []
        for level in (4, 3, 2, 1):
            n = by.get((kind, level), 0) + (by.get((kind, 5), 0) if level == 4 else 0)
            cells.append(html.Td(html.B(n) if n else "·", className="" if n else "nil"))
        lines.append(html.Tr([html.Th(text(f"station_kind.{kind}", lang), scope="row"), *cells]))
    return html.Table([html.Thead(head), html.Tbody(lines)], className="flood-counts")


def _totals(some: list[Any], lang: str) -> html.Element:
    """Of all kinds, by colour: what a wall has room for."""
    made = []
    for level in (4, 3, 2, 1):
        n = sum(count(row.n) for row in some if min(int(row.level), 4) == level)
        made.append(html.Span([sign(level, lang), html.B(n)]))
    return html.Div(made, className="flood-totals")


def _facts(told: list[Any], answer: Answer, lang: str) -> html.Element:
    made = []
    for row in told:
        if row.part == "reporting":
            made.append(
                _fact(
                    text("flood_situation.reporting", lang),
                    [html.B(count(row.n)), f" / {count(row.of)}"],
                    text("flood_situation.online", lang, value=answer.facts["share"]),
                )
            )
            made.append(
                _fact(text("flood_situation.newest", lang), html.B(answer.facts["newest"] or "—"), answer.facts["age"])
            )
    declared = next((row for row in told if row.part == "response"), None)
    name = text("flood_situation.response", lang)
    if declared is None:
        made.append(_fact(name, html.B(text("flood_situation.none", lang)), text("flood_situation.by_people", lang)))
    else:
        level = text("flood_situation.level", lang, level=ROMAN[int(declared.level)])
        made.append(_fact(name, html.B(level), declared.words))
    return html.Div(made, className="flood-facts")


def _fact(name: str, value: Any, more: str) -> html.Element:
    return html.Div([html.Small(name), html.Span(value, className="value"), html.Small(more)])
