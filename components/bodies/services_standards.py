"""Standards of service as lanes: what met the standard, with the target as a line; what is flagged has no lane."""

from typing import Any

from components import markup as html
from components.panel import Answer
from components.rows import amount
from components.rows import rows as rows_of
from components.theme import Look
from components.words import DASH, exact, percent, text


def standards(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages/services/standards.py. facts: said (all together), apart (how many are flagged)."""
    lang, facts = look.lang, answer.facts
    rows = [_row(row, lang) for row in rows_of(answer.frame)]
    head = html.P([html.Span(facts["said"]), html.Span(facts["apart"], className="warn")], className="says")
    return html.Div([head, html.Ol(rows, className="rows standards-rows fits", tabIndex="0")], className="standards")


def _row(row: Any, lang: str) -> html.Element:
    rate, target = amount(row.rate), amount(row.target)
    parts = f"{exact(amount(row.met))} / {exact(amount(row.total))}"
    lane: list[html.Element] = []
    if rate is not None:
        css = "fill worse" if row.miss else "fill"
        lane.append(html.Span(className=css, style={"width": f"{min(rate, 1.0) * 100:.1f}%"}))
    if target is not None:
        lane.append(html.Span(className="limit", style={"left": f"{min(target, 1.0) * 100:.1f}%"}))
    if row.flag:
        said, css = text(f"standards.{row.flag}", lang), "s-rate warn"
    else:
        said, css = percent(rate), "s-rate worse" if row.miss else "s-rate"
    cells = [
        html.Span(row.name, className="name s-name", title=f"{row.name} · {row.org}"),
        html.Span(lane, className="bar-track lane s-lane" + ("" if rate is not None else " none")),
        html.Span(said, className=css),
        html.Span(parts, className="s-parts"),
        html.Span(DASH if target is None else percent(target, 0), className="s-target"),
    ]
    return html.Li(html.Span(cells, className="standard"), className="flagged" if row.flag else "")
