"""The course of an advice sheet: what is done, by whom, and the form for what comes next."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.words import text


def course(facts: dict[str, Any], lang: str) -> html.Element:
    """facts: course {number, steps [{key, name, done, said, texts}], open [steps that may come]}, reasons, replay,
    wall, advised (key of the candidate), export (query)."""
    told = facts["course"]
    steps = [
        html.Li(
            [
                html.Sign(className="done" if one["done"] else ""),
                html.B(one["name"]),
                html.Span(one["said"], title="\n".join(one["texts"]) or None),
            ],
            className="done" if one["done"] else "",
        )
        for one in told["steps"]
    ]
    head = html.Div(
        [
            html.Strong(text("board.course", lang)),
            html.Span(told["number"] or text("board.draft", lang), className="sub"),
        ],
        className="part-head",
    )
    return html.Div(
        [head, html.Ol(steps, className="course-steps"), *_forms(facts, lang)], className="part part-course"
    )


def _forms(facts: dict[str, Any], lang: str) -> list[html.Element]:
    if facts["wall"]:
        return []
    export = html.A(
        text("board.f_export", lang),
        href=f"/data/flood.board.xlsx{facts['export']}",
        className="act plain",
        download="flood.board.xlsx",
    )
    if facts["replay"]:
        return [html.P(text("board.f_replay", lang), className="sub"), html.Div(export, className="acts")]
    told = facts["course"]
    forms = [_form("advice", told["number"], facts, lang)]
    forms += [_form(name, told["number"], facts, lang) for name in told["open"]]
    return [html.Div([*forms, export], className="acts"), html.P(text("board.advises", lang), className="sub advises")]


def _form(step: str, number: str, facts: dict[str, Any], lang: str) -> html.Element:
    """A button that opens the form of a step."""
    name = text("board.f_make" if step == "advice" else f"board.s_{step}", lang)
    said = "\n".join(f"{what}{why}" for what, why in facts["reasons"]) if step == "advice" else ""
    fields = [
        html.Label([text("board.f_person", lang), html.Input(name="person", maxlength="40", autocomplete="name")]),
        html.Label([text("board.f_number", lang), html.Input(name="order_no", maxlength="60")])
        if step == "order"
        else None,
        html.Label(
            [text("board.f_text", lang), html.Textarea(said, name="text", maxlength="2000", rows="5" if said else "3")]
        ),
        html.Div(
            [
                html.Button(
                    text("board.f_make" if step == "advice" else "board.f_step", lang),
                    type="button",
                    className="act send",
                ),
                html.Span(className="answer", role="status"),
            ]
        ),
    ]
    hidden = attributes({"data-step": step, "data-number": number, "data-key": facts["advised"]})
    opens = html.Button(name, type="button", className="act opens" if step == "advice" else "act plain opens")
    return html.Div(
        [opens, html.Div(fields, className="sheet-form", hidden="hidden", **hidden)], className="sheet-step"
    )
