"""Dissatisfied, supervised and hard cases: how many wait, how long, and what became of the others."""

from components import markup as html
from components.bodies.bursts import link
from components.panel import Answer
from components.rows import count
from components.rows import rows as rows_of
from components.theme import Look
from components.words import exact, number, text


def cases(answer: Answer, look: Look) -> html.Element:
    """answer.frame: kind, name, came, open, d3, d7, d15, d30, older. facts: links {kind: (fields of what came, fields
    of what is open)}, meant {kind: what it is}, lines (sentences below)."""
    lang, blocks = look.lang, []
    ages = ("d3", "d7", "d15", "d30", "older")
    for row in rows_of(answer.frame):
        came, opened = answer.facts["links"][row.kind]
        counts = [count(getattr(row, name)) for name in ages]
        whole = sum(counts) or 1
        parts = [
            html.Span(
                exact(n) if n / whole >= 0.07 else "",
                className=f"age {name}",
                style={"width": f"{n / whole * 100:.1f}%"},
                title=f"{text(f'cases.{name}', lang)}: {exact(n)}",
            )
            for name, n in zip(ages, counts, strict=True)
            if n
        ]
        blocks.append(
            html.Li(
                [
                    html.B(row.name, className="name", title=answer.facts.get("meant", {}).get(row.kind)),
                    link([html.Span(number(row.open, lang), className="figure"), text("cases.open", lang)], opened),
                    link(text("cases.came", lang, n=exact(row.came)), came),
                    html.Span(parts, className="ages") if row.open else html.Span(className="ages none"),
                ],
                className=row.kind,
            )
        )
    key = html.P(
        [html.Span([html.Span(className=f"age {n}"), text(f"cases.{n}", lang)]) for n in ages], className="ages-key"
    )
    lines = [html.P(line, className="count") for line in answer.facts["lines"]]
    return html.Div([html.Ul(blocks, className="cases fits"), key, *lines], className="cased")
