"""Constant releases as a table under the release board: each can be tried as a person's own plan."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.words import text

Line = dict[str, Any]
OVER = ("limit", "target", "design")
LEFT = ("name", "when", "below")
COLUMNS = ("name", "flow", "peak", "when", *(f"over_{name}" for name in OVER), "final", "most", "below", "try")


def constants(told: dict[str, Any], lang: str, *, wall: bool) -> html.Element:
    """told: see pages.flood.constants.facts. On a wall nobody tries anything."""
    columns = COLUMNS[:-1] if wall else COLUMNS
    heads = [
        html.Th(text(f"constants.c_{name}", lang), scope="col", className=name if name in LEFT else None)
        for name in columns
    ]
    lines = [_line(one, lang, wall=wall) for one in told["lines"]]
    head = html.Div(
        [html.Strong(text("constants.title", lang)), html.Span(told["note"], className="sub")], className="part-head"
    )
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="constants")
    return html.Div([head, table], className="part part-constants")


def _line(one: Line, lang: str, *, wall: bool) -> html.Element:
    how = html.Small(one["how"]) if one["how"] else None
    cells = [html.Th([html.Span(one["name"]), how], scope="row", className="name"), html.Td(html.B(one["flow"]))]
    chosen = "chosen" if one["chosen"] else None
    if one["lacking"]:
        span = len(COLUMNS) - 3
        cells.append(html.Td(one["lacking"], colspan=span, className="lacking"))
    else:
        cells += [
            html.Td(html.B(one["peak"])),
            html.Td([one["when"], html.Small(one["rising"]) if one["rising"] else None], className="when"),
            *(
                html.Td(hours, className=_css(name, over))
                for name, (hours, over) in zip(OVER, one["hours"], strict=True)
            ),
            html.Td(one["final"]),
            html.Td([one["most"], html.Small(text("constants.capped", lang)) if one["capped"] else None]),
            html.Td(one["below"], className="below bad" if one["bad"] else "below"),
        ]
    return html.Tr(cells if wall else [*cells, html.Td(_tried(one, lang), className="try")], className=chosen)


def _css(name: str, over: bool) -> str | None:
    return None if not over else "bad" if name != "limit" else "over"


def _tried(one: Line, lang: str) -> html.Element | None:
    """A link that makes a person's plan of the line."""
    if not one["plan"]:
        return None
    if one["chosen"]:
        return html.Span(text("constants.tried", lang))
    told = attributes({"data-set": "plan", "data-value": one["plan"]})
    return html.A(text("constants.try", lang), href="#", **told)
