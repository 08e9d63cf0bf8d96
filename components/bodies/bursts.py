"""Lists of what is sudden, what comes back, problems by size or by surprise: actual beside expected."""

import json
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.lists import rank_moved
from components.bodies.tiles import spark_line
from components.panel import Answer
from components.rows import amount, given
from components.rows import rows as rows_of
from components.theme import Look
from components.words import exact, number, percent, signed, text
from domain.change import change

SIGNS = {"burst": "▲", "watch": "◇", "recurring": "↻", "crowd": "●"}


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


def _since(words: str) -> list[Any]:
    """11-16 · what it may have to do with: the second where there is room."""
    when, dot, more = words.partition(" · ")
    return [when, html.Span(f"{dot}{more}", className="also") if more else None]


def _course(told: dict[str, Any]) -> html.Element:
    """Hour by hour, with the row as a sentence: where a list is short there is room for it."""
    most = max([*told["hours"], 1])
    bars = [html.Span(style={"height": f"{n / most * 100:.0f}%"}, title=exact(n)) for n in told["hours"]]
    axis = [html.Span(told["ends"][0]), html.Span(told["peak"]), html.Span(told["ends"][1])]
    return html.Div(
        [html.P(told["said"]), html.Div(bars, className="hours"), html.Div(axis, className="axis")], className="course"
    )


def bursts(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages.hotline.bursts, or crowds; rows in the order shown. facts, of the rows that are drawn:
    days {row number: callers of each day}, since (words of each row), links (fields that each row sets), labels, heads
    (column heads), below (a closing line), chosen (row numbers), again: these come back; courses (of a short list:
    said, hours, ends, peak)."""
    facts, lang, frame = answer.facts, look.lang, answer.frame
    unknown, usual = not any(map(given, frame["callers"])), "expected" in frame
    counted = "orders" if (facts["again"] and usual) or unknown else "callers"  # what was expected is told in the same
    most = max([*frame[counted].tolist(), *(frame["expected"].fillna(0).tolist() if usual else ()), 1.0])
    listed = []
    for n, row in enumerate(rows_of(frame.head(len(facts["labels"])))):
        days, expected = facts["days"].get(n), row.expected if usual else None
        hot = row.kind != "watch"
        cells = [
            html.Sign(SIGNS[row.kind], className=f"sign {row.kind}", title=text(f"bursts.{row.kind}", lang)),
            html.Span([html.B(row.name), html.Span(row.place)], className="name", title=f"{row.name} · {row.place}"),
            html.Span(spark_line(list(days), look) if days else facts["spans"][n], className="days"),
            lane(getattr(row, counted), expected, most, "worse" if hot else ""),
            against(getattr(row, counted), expected, lang, "off" if hot else ""),
            html.Span(_since(facts["since"][n]), className="parts", title=facts["labels"][n]),
        ]
        chosen = "chosen" if n in facts["chosen"] else ""
        listed.append(
            html.Li(link(cells, facts["links"][n], facts["labels"][n]), className=f"{row.kind} {chosen}".strip())
        )
    heads = html.Div(
        [html.Span(), *(html.Span(words) for words in facts["heads"][:-1]), html.Span(_since(facts["heads"][-1]))],
        className="heads",
        **{"aria-hidden": "true"},
    )
    courses = [_course(one) for one in facts.get("courses", ()) if not look.wall]
    below = html.P(facts["below"], className="count") if facts["below"] else None
    return html.Div(
        [heads, html.Ol(listed, className="rows bursts fits"), *courses, below],
        className="bursting"
        + (" again" if facts["again"] else "")
        + ("" if usual else " crowds")
        + (" few" if courses else ""),
    )


def hotline_problems(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages.hotline.problems; with expected numbers: facts names (what each is part of), weeks
    (counts of each week before and now), labels, heads; else: path (words, fields), against. facts: links, chosen."""
    frame, facts, lang = answer.frame, answer.facts, look.lang
    return (
        _emerging(answer, look)
        if given(frame["expected"].iloc[0])
        else html.Div(
            [
                html.P(
                    [
                        html.Span([" › " if n else "", link(words, fields)])
                        for n, (words, fields) in enumerate(facts["path"])
                    ],
                    className="path",
                )
                if facts["path"]
                else None,
                html.Ol(
                    [_sized(row, n, answer, lang) for n, row in enumerate(rows_of(frame))],
                    className="rows problems fits",
                ),
            ],
            className="bursting",
        )
    )


def _sized(row: Any, n: int, answer: Answer, lang: str) -> html.Element:
    facts, most = answer.facts, float(answer.frame["received"].iloc[0]) or 1.0
    moved, css = "", "level"
    if facts["against"]:
        moved, css = rank_moved(row.rank, row.rank_before, lang)
    base = amount(row.base_received) or 0.0
    grown = base >= 30 and row.received > base * 1.3
    words = text("problems.share", lang, value=percent(row.share))
    change_words = _changed(row.received, base, lang) if facts["against"] else ""
    cells = [
        html.Span(row.rank, className="rank"),
        html.Span(row.name, className="name", title=row.name),
        lane(row.received, base if facts["against"] else None, most, "worse" if grown else ""),
        html.Span(number(row.received, lang), className="n", title=f"{exact(row.received)} · {words}"),
        html.Span(percent(row.share, 1) + "%", className="parts share", title=words),
        html.Span(change_words, className="parts grown" + (" off" if grown else "")),
        html.Span(moved, className=f"moved {css}"),
    ]
    return html.Li(link(cells, facts["links"][n]), className="chosen" if row.code == facts["chosen"] else "")


def _changed(now: float, base: float, lang: str) -> str:
    """+12% where the base is large enough to say so, else the difference."""
    moved = change(now, base, ratio=False)
    if moved.kind == "percent" and moved.amount is not None:
        return f"{signed(moved.amount * 100, 0)}%"
    return signed(now - base, 0)


def _emerging(answer: Answer, look: Look) -> html.Element:
    facts, lang = answer.facts, look.lang
    most = max([*answer.frame["received"].tolist(), *answer.frame["expected"].tolist(), 1.0])
    listed = []
    for n, row in enumerate(rows_of(answer.frame)):
        cells = [
            html.Span(row.rank, className="rank"),
            html.Span([html.B(row.name), html.Span(facts["names"][n])], className="name", title=facts["labels"][n]),
            html.Span(spark_line(facts["weeks"][n], look), className="days"),
            lane(row.received, row.expected, most, "worse"),
            against(row.received, row.expected, lang, "off"),
            html.Span(f"z {number(row.score, lang, 1)}", className="parts"),
        ]
        chosen = "chosen" if row.code == facts["chosen"] else ""
        listed.append(html.Li(link(cells, facts["links"][n], facts["labels"][n]), className=chosen))
    heads = html.Div([html.Span(), *(html.Span(words) for words in facts["heads"])], className="heads")
    return html.Div([heads, html.Ol(listed, className="rows bursts emerging fits")], className="bursting emerges")
