"""Ratings: the share of good ones with and without those by default, reasons or words of the bad, what was mended."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.panel import Answer
from components.rows import rows as rows_of
from components.theme import Look
from components.words import exact, percent, text


def ratings(answer: Answer, look: Look) -> html.Element:
    """answer.frame: name or phrase, n, share (and rectified), the most frequent first. facts: chosen, rated,
    by_default, good, actively (shares), good_actively, active, bad, due, rectified, rate, waiting, overdue, link."""
    lang, facts = look.lang, answer.facts
    good = [
        html.P(
            [html.Span(percent(facts["good"]), className="figure"), html.Span("%", className="unit")], className="value"
        ),
        html.P(
            text("bad.actively", lang, share=percent(facts["actively"])),
            title=f"{exact(facts['good_actively'])} / {exact(facts['active'])}",
        ),
        html.P(text("bad.of", lang, n=exact(facts["rated"]), default=exact(facts["by_default"]))),
    ]
    fixed = [
        html.P(
            [
                text("bad.fixed", lang),
                html.B(f"{exact(facts['rectified'])} / {exact(facts['due'])}"),
                f"{percent(facts['rate'])}%",
            ],
            className="fixed",
        ),
        html.Span(
            html.Span(className="fill", style={"width": f"{(facts['rate'] or 0) * 100:.1f}%"}), className="bar-track"
        ),
        html.P(
            [
                text("bad.waiting", lang, n=exact(facts["waiting"])),
                html.Span(text("bad.overdue", lang, n=exact(facts["overdue"])), className="off")
                if facts["overdue"]
                else None,
            ],
            className="waits",
        ),
    ]
    link = html.A(
        text("bad.n", lang, n=exact(facts["bad"])),
        href=facts["link"] or "?",
        className="all",
        **attributes({"data-go": ""}),
    )
    return html.Div([html.Div([*good, link, *fixed], className="rated"), _list(answer, lang)], className="rating")


def _list(answer: Answer, lang: str) -> html.Element:
    some = list(rows_of(answer.frame))
    most = max((row.n for row in some), default=0) or 1
    lines = []
    for row in some:
        words = bool(answer.facts["chosen"])
        name = row.phrase if words else row.name
        said = f"{percent(row.share, 1)}%"
        title = said if words else text("bad.of_reason", lang, n=exact(row.n), share=said, fixed=exact(row.rectified))
        cells: list[Any] = [
            html.Span(f"“{name}”" if words else name, className="name", title=name),
            html.Span(
                html.Span(className="fill", style={"width": f"{row.n / most * 100:.1f}%"}), className="bar-track"
            ),
            html.Span(exact(row.n), className="n"),
        ]
        lines.append(html.Li(cells, title=title))
    if not lines:
        return html.P(text("bad.none", lang), className="none")
    return html.Ol(lines, className="rows reasons fits" + (" words" if answer.facts["chosen"] else ""), tabIndex="0")
