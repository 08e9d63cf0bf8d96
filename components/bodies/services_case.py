"""One case: how it stands, its clocks in working days against promise and law, and its course."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.orders import left_words
from components.panel import Answer
from components.rows import amount
from components.rows import rows as rows_of
from components.theme import Look
from components.words import moment, text


def case(answer: Answer, look: Look) -> html.Element:
    """answer.frame: seq, event, event_name, at, days, limit_days, late, result: one row a step. facts: unknown (the
    number that nobody knows), case_no, title, pairs (name, words), left (minutes), said (how it stands), clocks (name,
    used, limit: working days; due), standing (whether they are stopped)."""
    lang, facts = look.lang, answer.facts
    shut = html.A(
        text("order.close", lang), href="#", className="shut", **attributes({"data-set": "case", "data-value": ""})
    )
    if "unknown" in facts:
        said = text("case_card.unknown", lang, number=facts["unknown"])
        return html.Div([shut, html.P(said, className="says")], className="course")
    words, css = left_words(facts["left"], lang)
    head = html.Div(
        [
            html.Div(
                [html.Strong(facts["case_no"]), html.Span(words or facts["said"], className=f"stand {css}"), shut]
            ),
            html.H3(facts["title"]),
        ],
        className="order-head",
    )
    pairs = [html.Div([html.Small(name), html.Span(value)]) for name, value in facts["pairs"]]
    clocks = [_clock(one, facts["standing"], lang) for one in facts["clocks"]]
    steps = [_step(row, lang) for row in rows_of(answer.frame)]
    heads = [html.Span(text(f"case_card.c_{name}", lang)) for name in ("at", "event", "took")]
    return html.Div(
        [
            head,
            html.Div(pairs, className="pairs"),
            html.Div(clocks, className="clocks") if clocks else None,
            html.P(text("case_card.masked", lang), className="masked"),
            html.Div(heads, className="steps-head case-steps"),
            html.Ol(steps, className="rows steps case-steps", tabIndex="0"),
        ],
        className="course case",
    )


def _clock(one: dict[str, Any], standing: bool, lang: str) -> html.Element:
    """Working days used of a limit; the line is the limit."""
    used, limit = one["used"], one["limit"]
    reach = max(limit, 1.0) * 1.5
    late = used > limit
    fill = html.Span(className="fill over" if late else "fill", style={"width": f"{min(used / reach, 1.0) * 100:.1f}%"})
    line = html.Span(className="limit", style={"left": f"{limit / reach * 100:.1f}%"})
    said = text("case_card.of", lang, used=f"{used:g}", limit=f"{limit:g}")
    if one["due"] is not None:
        said += " · " + text("case_card.until", lang, at=moment(one["due"], lang))
    if standing:
        said += " · " + text("case_card.standing", lang)
    return html.Div(
        [
            html.Small(text(f"case_card.{one['name']}", lang)),
            html.Span([fill, line], className="step-lane"),
            html.Span(said, className="worse" if late else ""),
        ]
    )


def _step(row: Any, lang: str) -> html.Element:
    days = amount(row.days)
    took, limit = "", amount(row.limit_days)
    if days is not None:
        of = {"used": f"{days:g}", "limit": f"{limit:g}"} if limit is not None else {"n": f"{days:g}"}
        took = text("case_card.days" if limit is None else "case_card.of", lang, **of)
    name: list[Any] = [html.B(row.event_name)]
    name += [html.Span(row.result, className="result")] if row.result else []
    return html.Li(
        [
            html.Span(moment(row.at, lang), className="when"),
            html.Span(name, className="event"),
            html.Span(took, className="took"),
        ],
        className="over" if row.late else "",
    )
