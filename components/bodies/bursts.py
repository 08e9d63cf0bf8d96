"""Lists of what is sudden, what comes back, problems by size or by surprise: actual beside expected."""

import json
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.tiles import spark_line
from components.panel import Answer
from components.rows import given
from components.rows import rows as rows_of
from components.theme import Look
from components.words import exact, number, text

SIGNS = {"burst": "▲", "watch": "◇", "recurring": "↻"}


def link(cells: Any, fields: dict[str, str], label: str = "") -> html.Element:
    """A row that sets several fields of the View at once."""
    told = {"data-fields": json.dumps(fields, ensure_ascii=False), "aria-label": label or None}
    return html.A(cells, href="#", **attributes(told))


def lane(value: float, expected: float | None, most: float, class_name: str = "") -> html.Element:
    """A bar of the value with a line where it was expected, both as parts of the most."""
    parts = [
        html.Span(className=f"fill {class_name}".strip(), style={"width": f"{min(value / most, 1) * 100:.1f}%"}),
        html.Span(className="limit", style={"left": f"{min(expected / most, 1) * 100:.1f}%"})
        if expected is not None
        else None,
    ]
    return html.Span(parts, className="bar-track lane")


def against(value: float, expected: float | None, lang: str, tone: str) -> html.Element:
    """64 | 21: actual and expected."""
    said = [html.B(number(value, lang), className=tone)]
    if given(expected):
        said += [html.Span("|", className="or"), number(expected, lang, 0 if expected >= 10 else 1)]
    return html.Span(said, className="n", title=f"{exact(value)} | {exact(expected)}")


def bursts(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages.hotline.bursts; rows in the order shown. facts: days {row number: callers of each day},
    since (words of each row), links (fields that each row sets), labels, heads (column heads), below (a closing line),
    chosen (row numbers)."""
    facts, lang = answer.facts, look.lang
    most = max([*answer.frame["callers"].tolist(), *answer.frame["expected"].fillna(0).tolist(), 1.0])
    listed = []
    for n, row in enumerate(rows_of(answer.frame)):
        days = facts["days"].get(n)
        hot = row.kind != "watch"
        cells = [
            html.Sign(SIGNS[row.kind], className=f"sign {row.kind}", title=text(f"bursts.{row.kind}", lang)),
            html.Span([html.B(row.name), html.Span(row.place)], className="name", title=f"{row.name} · {row.place}"),
            html.Span(spark_line(list(days), look) if days else facts["spans"][n], className="days"),
            lane(row.callers, row.expected, most, "worse" if hot else ""),
            against(row.callers, row.expected, lang, "off" if hot else ""),
            html.Span(facts["since"][n], className="parts", title=facts["labels"][n]),
        ]
        chosen = "chosen" if n in facts["chosen"] else ""
        listed.append(
            html.Li(link(cells, facts["links"][n], facts["labels"][n]), className=f"{row.kind} {chosen}".strip())
        )
    heads = html.Div(
        [html.Span(), *(html.Span(words) for words in facts["heads"])], className="heads", **{"aria-hidden": "true"}
    )
    below = html.P(facts["below"], className="count") if facts["below"] else None
    return html.Div([heads, html.Ol(listed, className="rows bursts fits"), below], className="bursting")
