"""Tables in a panel: data sources by age, and single orders."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from components import markup as html
from components.attributes import attributes
from components.panel import Answer
from components.rows import rows as rows_of
from components.theme import Look
from components.words import DASH, age, cadence_words, exact, fitting_unit, moment, text


def sources(answer: Answer, look: Look) -> html.Element:
    """answer.frame: key, name, cadence_minutes, last_data_at, age_minutes, state, worst first."""
    lang = look.lang
    rows = []
    for row in rows_of(answer.frame):
        known = not pd.isna(row.age_minutes)
        rows.append(
            html.Li(
                [
                    html.Span(className=f"light {row.state}", **attributes({"aria-hidden": "true"})),
                    html.Span(row.name, className="name", title=row.name),
                    html.Span(age(timedelta(minutes=int(row.age_minutes)), lang) if known else DASH, className="n"),
                    html.Span(cadence_words(int(row.cadence_minutes), lang), className="parts"),
                    html.Span(text(f"source_state.{row.state}", lang), className=f"word {row.state}"),
                ]
            )
        )
    return html.Ul(rows, className="rows sources fits", tabIndex="0")


def left_words(due: datetime | None, closed: datetime | None, at: datetime, lang: str) -> tuple[str, str]:
    """(words, tone) of an order's remaining time."""
    if due is None or closed is not None:
        return "", ""
    over = at > due
    minutes = int(abs((at - due).total_seconds()) // 60)
    unit, n = fitting_unit(minutes)
    said = text(f"records.{unit}", lang, n=n)
    return text("records.overdue" if over else "records.remaining", lang, age=said), "worse" if over else ""


def records(answer: Answer, look: Look) -> html.Element:
    """answer.frame: order_no, accept_at, category, title, place, state_name, due_at, close_at, tracked. facts: at,
    total."""
    lang, at = look.lang, answer.facts["at"]
    rows: list[Any] = []
    for row in rows_of(answer.frame):
        due = None if pd.isna(row.due_at) else row.due_at.to_pydatetime()
        closed = None if pd.isna(row.close_at) or row.close_at > at else row.close_at.to_pydatetime()
        left, css = left_words(due, closed, at, lang) if row.tracked else ("", "")
        rows.append(
            html.Li(
                [
                    html.Span(row.title or row.category, className="name", title=row.title),
                    html.Span(row.state_name, className="word"),
                    html.Span(left, className=f"n {css}"),
                    html.Span(
                        f"{row.order_no} · {moment(row.accept_at, lang)} · {row.category} · {row.place}",
                        className="parts",
                    ),
                ]
            )
        )
    total = text("records.total", lang, shown=len(answer.frame), n=exact(answer.facts["total"]))
    return html.Div(
        [html.Ol(rows, className="rows records fits", tabIndex="0"), html.P(total, className="count")],
        className="recorded",
    )


def ledger(answer: Answer, look: Look) -> html.Element:
    """answer.frame: city, domain, domain_name, indicator, printed, base, date, document, locator, mark (words where the
    source contradicts itself), remark. A domain is a link that narrows to it."""
    lang = look.lang
    heads = ("city", "domain", "indicator", "printed", "base", "as_of", "document")
    rows = [
        html.Tr(
            [
                html.Td(row.city),
                html.Td(
                    html.A(row.domain_name, href="#", **attributes({"data-set": "domain", "data-value": row.domain}))
                ),
                html.Td([row.indicator, html.Small(row.remark) if row.remark else None]),
                html.Td([html.B(row.printed), html.Span(row.mark, className="mark") if row.mark else None]),
                html.Td(row.base, className="n"),
                html.Td(row.date),
                html.Td([row.document, html.Small(row.locator)]),
            ],
            className="marked" if row.mark else "",
        )
        for row in rows_of(answer.frame)
    ]
    head = html.Thead(html.Tr([html.Th(text(f"figures.{h}", lang), scope="col") for h in heads]))
    return html.Div(html.Table([head, html.Tbody(rows)]), className="ledger", tabIndex="0")


def checks(answer: Answer, look: Look) -> html.Element:
    """answer.frame: city, state (contradiction | consistent), said (its word), sentence; contradictions first."""
    return html.Ol(
        [
            html.Li(
                [
                    html.Span([html.Sign(className=f"sign {'bad' if row.state == 'contradiction' else ''}"), row.said]),
                    html.Span(row.city, className="city"),
                    html.Span(row.sentence, className="sentence"),
                ],
                className=row.state,
            )
            for row in rows_of(answer.frame)
        ],
        className="checks",
        tabIndex="0",
    )
