"""An archived report as a document, and the list of those there are. What is drawn was kept when it was made."""

from collections.abc import Mapping, Sequence
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.markup import Element
from components.panel import Answer
from components.rows import rows
from components.theme import Look
from components.words import text


def report_list(answer: Answer, look: Look) -> Element:
    """answer.frame: key, title, numbered, covers, late, state, said, delivery, delivered. facts: chosen."""
    lang = look.lang
    made = [
        html.Li(
            html.A(
                [
                    html.Span(row.title, className="name"),
                    html.Span(row.numbered, className="n"),
                    html.Span(row.covers, className="parts"),
                    html.Span(
                        [
                            html.Span(row.said, className=f"state {row.state}"),
                            html.Span(text("report.late_short", lang), className="state late") if row.late else None,
                            html.Span(row.delivered, className=f"state {row.delivery}") if row.delivered else None,
                        ],
                        className="states",
                    ),
                ],
                href=f"?report={row.key}",
                **attributes(
                    {
                        "data-set": "report",
                        "data-value": row.key,
                        **({"aria-current": "true"} if row.key == answer.facts["chosen"] else {}),
                    }
                ),
            )
        )
        for row in rows(answer.frame)
    ]
    return html.Ol(made, className="rows issues fits", tabIndex="0")


def report_issue(answer: Answer, look: Look) -> Element:
    """facts: key, head, sections, said (sentences), top (their ids), parts, definitions, texts, version, state,
    deliveries, altered, hash (see pages.reports)."""
    lang, facts = look.lang, answer.facts
    said = {one["id"]: one for one in facts["said"]}
    titles = {one["name"]: one["title"] for one in facts["sections"]}
    top = [said[name] for name in facts["top"] if name in said]
    sections = [
        _section(
            one,
            [s for s in facts["said"] if s["section"] == one["name"]],
            [p for p in facts["parts"] if p["section"] == one["name"]],
            lang,
        )
        for one in facts["sections"]
    ]
    return html.Div(
        [
            _head(facts, lang),
            html.Div(
                [html.P([html.B(f"{titles[one['section']]} "), one["text"]], className=one["tone"]) for one in top],
                className="top-said",
            )
            if top
            else None,
            *sections,
            _foot(facts, lang),
            _form(facts, lang),
        ],
        className="document",
        tabIndex="0",
        **attributes({"data-report": facts["key"], "data-version": str(facts["version"])}),
    )


def _head(facts: Mapping[str, Any], lang: str) -> Element:
    head = facts["head"]
    state = html.Span(text(f"report.{facts['state']}", lang), className=f"state {facts['state']}")
    return html.Div(
        [
            html.Div(
                [
                    html.Button(
                        text("report.print", lang), className="act", **attributes({"data-report-act": "print"})
                    ),
                    html.Button(
                        text("report.slides", lang), className="act", **attributes({"data-report-act": "slides"})
                    ),
                    html.Button(text("report.edit", lang), className="act", **attributes({"data-report-act": "edit"})),
                ],
                className="acts",
            ),
            html.H1(head["title"]),
            html.P([html.Strong(head["numbered"]), html.Span(head["covers"]), state], className="masthead"),
            html.P([html.Span(words) for words in (head["at"], head["made"], head["demo"]) if words], className="made"),
            html.P(head["late"], className="made-up") if head["late"] else None,
        ],
        className="doc-head",
    )


def _section(section: Mapping[str, str], said: Sequence[Any], parts: Sequence[Any], lang: str) -> Element:
    shown = [made for part in parts if (made := _part(part, lang)) is not None]
    return html.Div(
        [
            html.H2(section["title"]),
            html.Div([_sentence(one, lang) for one in said], className="said"),
            html.Div(shown, className="shown"),
        ],
        className="doc-section",
    )


def _sentence(one: Mapping[str, Any], lang: str) -> Element:
    marks = []
    if one.get("edited"):
        marks.append(html.Small(text("report.edited", lang, who=one["edited"]), className="edited"))
    if one.get("unbacked"):
        numbers = ", ".join(one["unbacked"])
        marks.append(html.Small(text("report.unbacked", lang, numbers=numbers), className="unbacked"))
    return html.P(
        [
            html.Span(className=f"sign {one['tone']}", **attributes({"aria-hidden": "true"})),
            html.Span(one["text"], className="sentence", **attributes({"data-sentence": one["id"]})),
            *marks,
        ],
        className=one["tone"],
    )


# ---- what was drawn --------------------------------------------------------------------------------------------------
def _part(part: Mapping[str, Any], lang: str) -> Element | None:
    kind = part.get("kind", "none")
    if kind == "none":
        return None
    body: Any
    match kind:
        case "figure":
            body = html.Div(
                className="plot archived",
                style={"height": f"{part['height']}mm"},
                **attributes({"data-figure": part["picture"], "data-paper": part["paper"]}),
            )
        case "table":
            body = _table(part, lang)
        case "tiles":
            body = html.Div([_tile(one, lang) for one in part["tiles"]], className="doc-tiles")
        case _:
            body = html.P(part["words"], className="blank")
    links = [html.A(text(f"report.{name}", lang), href=part[name]) for name in ("then", "today") if part.get(name)]
    notes = " · ".join(
        words for words in (part.get("period", ""), part.get("note", ""), part.get("source", "")) if words
    )
    return html.Div(
        [
            html.H3(part["title"]),
            body,
            html.P([html.Span(notes), html.Span(links, className="doc-links")], className="caption"),
        ],
        className=f"doc-part as-{kind}",
    )


def _table(part: Mapping[str, Any], lang: str) -> Element:
    head = html.Thead(
        html.Tr([html.Th(h["words"], scope="col", className="n" if h["number"] else None) for h in part["head"]])
    )
    body = html.Tbody(
        [
            html.Tr([_cell(cell, number=h["number"]) for cell, h in zip(row, part["head"], strict=True)])
            for row in part["rows"]
        ]
    )
    more = html.P(text("report.more", lang, n=part["more"]), className="more") if part.get("more") else None
    return html.Div([html.Table([head, body]), more], className="doc-table")


def _cell(cell: Mapping[str, Any], *, number: bool) -> Element:
    bar = html.Span(className="doc-bar", style={"width": f"{cell['bar']}%"}) if "bar" in cell else None
    content = [html.Span(bar, className="doc-track"), html.Span(cell["t"])] if bar is not None else cell["t"]
    return html.Td(content, className=("n barred" if bar is not None else "n") if number else None)


def _tile(one: Mapping[str, Any], lang: str) -> Element:
    few = html.Small(text("ranking.few", lang)) if one["few"] else None
    return html.Div(
        [
            html.H3(one["name"]),
            html.P([html.Strong(one["value"]), html.Span(one["unit"])]),
            html.Small(one["parts"]) if one["parts"] else None,
            html.Small(one["change"]) if one["change"] else None,
            few,
        ],
        className="doc-tile off" if one["off"] else "doc-tile",
    )


# ---- below -----------------------------------------------------------------------------------------------------------
def _foot(facts: Mapping[str, Any], lang: str) -> Element:
    definitions = [
        html.Li(
            [
                html.B(one["name"]),
                " ",
                one["definition"],
                html.Small(" ".join(words for words in (one["is_not"], one["origin"]) if words)),
            ]
        )
        for one in facts["definitions"]
    ]
    tried = [
        html.Li([html.Span(one["words"]), html.Small(one["hint"]) if one["hint"] else None], className=one["event"])
        for one in facts["deliveries"]
    ]
    wrong = facts["altered"]
    sealed = text("report.altered" if wrong else "report.sealed", lang, hash=facts["hash"][:16], what=", ".join(wrong))
    return html.Div(
        [
            html.H2(text("report.definitions", lang)),
            html.Ol(definitions, className="definitions"),
            html.H2(text("report.course", lang)),
            html.Ul([html.Li(one) for one in facts["texts"]], className="versions"),
            html.Ul(tried, className="tried") if tried else None,
            html.P(sealed, className="sealed wrong" if wrong else "sealed", title=facts["hash"]),
        ],
        className="doc-foot",
    )


def _form(facts: Mapping[str, Any], lang: str) -> Element:
    """Hidden until somebody edits; the script puts the field for the name in."""
    return html.Div(
        [
            html.P(text("report.edit_hint", lang), className="hint"),
            html.Label([html.Span(text("report.person", lang)), html.Span(className="report-person")]),
            html.Button(text("report.save", lang), className="act", **attributes({"data-report-act": "save"})),
            html.Button(text("report.release", lang), className="act", **attributes({"data-report-act": "release"})),
            html.Button(text("report.cancel", lang), className="act", **attributes({"data-report-act": "cancel"})),
            html.P(className="answer", role="status"),
        ],
        className="sheet-form report-form",
        hidden="hidden",
    )
