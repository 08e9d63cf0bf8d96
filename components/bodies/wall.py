"""The wall's own page: its form, what follows from it, its picture to scale, its links. Answers in, HTML out."""

from typing import Any

from components.attributes import attributes
from components.markup import (
    H3,
    A,
    B,
    Button,
    Circle,
    Div,
    Element,
    Input,
    Label,
    Li,
    Line,
    P,
    Path,
    Small,
    Span,
    Strong,
    Svg,
    Ul,
)
from components.panel import Answer
from components.rows import rows
from components.theme import Look
from components.words import moment, text


def _field(name: str, value: Any, hint: Any, lang: str, step: str = "any") -> Element:
    return Input(
        name=name,
        type="number",
        value="" if value is None else f"{value:.10g}",
        placeholder="" if hint is None else f"{hint:.5g}",
        step=step,
        min="0",
        **attributes({"aria-label": text(f"wall.f_{name}", lang)}),
    )


def _presets(facts: dict[str, Any], which: str) -> Element:
    links = [
        A(words, href="?", className="choice", **attributes({"data-set": "wall", "data-value": spec}))
        for words, spec in facts["presets"][which]
    ]
    return Div(links, className="presets")


def wall_setup(answer: Answer, look: Look) -> Element:
    """facts: given (field: value or None), hints (what follows for fields left empty), hidden, presets, error."""
    lang, facts = look.lang, answer.facts
    given, hints = facts["given"], facts["hints"]

    def line(name: str, *parts: Any, presets: str = "", hint: str = "") -> Element:
        return Div(
            [
                Strong(text(f"wall.{name}", lang)),
                Div(list(parts), className="fields"),
                Small(text(f"wall.{hint}", lang)) if hint else None,
                _presets(facts, presets) if presets else None,
            ],
            className="wall-line",
        )

    def field(name: str, step: str = "any") -> Element:
        return _field(name, given.get(name), hints.get(name), lang, step)

    hidden = Input(name="hidden", type="checkbox", **({"checked": "checked"} if facts["hidden"] else {}))
    return Div(
        [
            P(facts["error"], className="warn", role="alert") if facts["error"] else None,
            line("signal", field("width", "1"), Span("×"), field("height", "1"), Span("px"), presets="signal"),
            line(
                "picture",
                Span(text("wall.pitch", lang)),
                field("pitch"),
                Span("×"),
                field("pitch_y"),
                Span(text("wall.or_size", lang)),
                field("wide_mm"),
                Span("×"),
                field("high_mm"),
                Span("mm"),
                presets="pitch",
                hint="picture_hint",
            ),
            line(
                "displays",
                field("columns", "1"),
                Span("×"),
                field("rows", "1"),
                Span(text("wall.bezel", lang)),
                field("bezel"),
                Span("mm"),
                Label([hidden, Span(text("wall.hidden", lang))]),
                presets="displays",
                hint="displays_hint",
            ),
            line("distance", field("distance"), Span("m"), presets="distance", hint="distance_hint"),
            line("margin", field("margin", "1"), Span("px"), hint="margin_hint"),
        ],
        className="wall-form",
    )


def wall_follows(answer: Answer, look: Look) -> Element:
    """key, name, value: one row a figure; facts: warnings [(kind, sentence)]."""
    warnings = [P(words, className=f"wall-says {kind}") for kind, words in answer.facts["warnings"]]
    listed = [
        Li([Span(row.name, className="name"), B(row.value, className="n")], **attributes({"data-key": row.key}))
        for row in rows(answer.frame)
    ]
    return Div([*warnings, Ul(listed, className="wall-facts")], className="wall-follows")


def wall_drawing(answer: Answer, look: Look) -> Element:
    """facts: width, height, distance (m), nearest (m), across, down (seams, m), letter (m): the wall from the front
    with somebody before it, and from above with the farthest viewer."""
    facts, lang = answer.facts, look.lang
    wide, high, distance = facts["width"], facts["height"], facts["distance"]
    floor = high + 0.8  # the picture's lower edge hangs at 0.8 m
    person, line = 1.7, facts["letter"] * 8
    top = min(0.0, floor - person) - 0.35
    left, right = -1.4, wide + 0.4
    em = max((right - left) / 42, (floor - top) / 16)
    seams = [Line(x1=x, y1=0, x2=x, y2=high, className="seam") for x in facts["across"]]
    seams += [Line(x1=0, y1=y, x2=wide, y2=y, className="seam") for y in facts["down"]]
    foot = floor
    somebody = [
        Circle(cx=-0.7, cy=foot - 1.58, r=0.12, className="person"),
        Path(d=f"M-0.9 {foot - 1.4}h0.4l-0.04 0.7h-0.06v0.7h-0.2v-0.7h-0.06z", className="person"),
    ]
    front = Svg(
        [
            Path(d=f"M0 0h{wide}v{high}h{-wide}z", className="wall"),
            *seams,
            Path(
                d=f"M{wide / 2 - line / 2} {high / 2}h{line}v{facts['letter']}h{-line}z",
                className="letter",
            ),
            *somebody,
            Line(x1=left, y1=foot, x2=right, y2=foot, className="floor"),
        ],
        viewBox=f"{left} {top} {right - left} {floor - top + em * 0.6}",
        className="front",
        role="img",
        style={"--line": f"{em * 0.06:.4f}px"},
    )
    far = max(distance, facts["farthest"])
    above = Svg(
        [
            Path(d=f"M0 0h{far}v0.6h{-far}z", className="range"),
            Path(
                d=f"M{facts['nearest']} 0H{min(distance, facts['farthest'])}v0.6H{facts['nearest']}z", className="good"
            )
            if facts["nearest"] < min(distance, facts["farthest"])
            else None,
            Line(x1=0, y1=-0.3, x2=0, y2=0.9, className="screen"),
            Line(x1=distance, y1=-0.3, x2=distance, y2=0.9, className="viewer"),
        ],
        viewBox=f"{-far / 60} -0.4 {far * 1.04} 1.4",
        className="above",
        preserveAspectRatio="none",
        role="img",
        style={"--line": f"{far / 300:.4f}px"},
    )
    said = text("wall.drawn", lang, width=f"{wide:.2f}", height=f"{high:.2f}", distance=f"{distance:g}")
    marks = text("wall.range", lang, nearest=f"{facts['nearest']:.1f}", farthest=f"{facts['farthest']:.1f}")
    return Div([front, P(said), above, Small(marks)], className="wall-drawing")


def wall_links(answer: Answer, look: Look) -> Element:
    """name, link: one row a page; facts: card (link of the test card), command, hint."""
    lang, facts = look.lang, answer.facts
    pages = [Li(A(row.name, href=row.link, target="_blank", className="in-text")) for row in rows(answer.frame)]
    return Div(
        [
            P(
                [
                    A(text("wall.card", lang), href=facts["card"], target="_blank", className="wall-card-link"),
                    Small(text("wall.card_hint", lang)),
                ]
            ),
            H3(text("wall.open", lang)),
            Ul(pages, className="wall-pages"),
            H3(text("wall.kiosk", lang)),
            P(facts["command"], className="wall-command"),
            Button(
                text("wall.copy_command", lang),
                className="wall-copy",
                **attributes({"data-done": text("app.copied", lang)}),
            ),
            Small(text("wall.kiosk_hint", lang)),
        ],
        className="wall-links",
    )


def wall_saved(answer: Answer, look: Look) -> Element:
    """name, spec, person, note, moment: one row a saved wall; facts: spec (the one that is shown), named."""
    lang = look.lang

    def box(name: str) -> Element:
        label = text(f"wall.f_{name}", lang)
        return Input(name=name, type="text", maxlength="40", placeholder=label, **attributes({"aria-label": label}))

    listed = [
        Li(
            [
                A(row.name, href="?", className="in-text", **attributes({"data-set": "wall", "data-value": row.name})),
                Span(row.spec, className="spec"),
                Small(f"{row.person} · {moment(row.moment.to_pydatetime(), lang, year=True)}"),
            ]
        )
        for row in rows(answer.frame)
    ]
    return Div(
        [
            Div(
                [
                    box("name"),
                    box("person"),
                    Button(text("wall.save", lang), className="wall-save"),
                    Span(className="reply", role="status"),
                ],
                className="wall-save-form",
                **attributes({"data-spec": answer.facts["spec"]}),
            ),
            Ul(listed, className="wall-saved") if listed else P(text("wall.none_saved", lang), className="count"),
            Small(text("wall.setting", lang, spec=answer.facts["spec"])),
        ],
        className="wall-kept",
    )
