"""Lists whose rows can be clicked: problems, places by a rate, what changed."""

from typing import Any

import pandas as pd

from components import markup as html
from components.attributes import attributes
from components.judging import misses, tone
from components.panel import Answer
from components.rows import amount, given
from components.rows import rows as rows_of
from components.theme import Look
from components.words import DASH, exact, number, percent, signed, text
from data_access.indicators import indicators


def _row(field: str, value: str, cells: list[Any], class_name: str = "", label: str = "") -> html.Element:
    """A row that sets a field of the View."""
    more = {"data-set": field, "data-value": value}
    return html.Li(
        html.A(cells, href="#", **more, **attributes({"aria-label": label} if label else {})), className=class_name
    )


def _bar(share: float, class_name: str = "") -> html.Element:
    return html.Span(
        html.Span(className=f"fill {class_name}".strip(), style={"width": f"{max(0.0, min(1.0, share)) * 100:.1f}%"}),
        className="bar-track",
    )


def rank_moved(rank: float, before: float | None, lang: str) -> tuple[str, str]:
    """How a rank moved, and the class of that: nearer to the first place is up."""
    if not given(before):
        return text("problems.new", lang), "level"
    step = int(before - rank)
    return (f"▲{step}", "up") if step > 0 else (f"▼{-step}", "down") if step < 0 else ("=", "level")


def problems(answer: Answer, look: Look) -> html.Element:
    """answer.frame: topic, name, received, share, rank, rank_before (NaN: new), base_received, largest first.
    facts: chosen topic, against, rest {n, received}."""
    frame, lang = answer.frame, look.lang
    most = amount(frame["received"].max()) or 1.0
    rows = []
    for row in rows_of(frame):
        if answer.facts.get("against"):
            moved, css = rank_moved(row.rank, row.rank_before, lang)
        else:
            moved, css = "", "level"
        base = amount(row.base_received) or 0.0
        grown = base >= 30 and row.received > base * 1.3
        rows.append(
            _row(
                "topic",
                "" if row.topic == answer.facts.get("chosen") else row.topic,
                [
                    html.Span(row.rank, className="rank"),
                    html.Span(row.name, className="name", title=row.name),
                    _bar(row.received / most, "worse" if grown else ""),
                    html.Span(number(row.received, lang), className="n", title=exact(row.received)),
                    html.Span(moved, className=f"moved {css}"),
                ],
                "chosen" if row.topic == answer.facts.get("chosen") else "",
            )
        )
    return html.Ol(rows, className="rows problems fits")


def ranking(answer: Answer, look: Look) -> html.Element:
    """answer.frame: code, name, value (NaN: none), numerator, denominator, rank ('=5', '' when not ranked), few (too
    small a sample), best first. facts: ratio, target, better, here (code), whole (value of the whole)."""
    frame, facts, lang = answer.frame, answer.facts, look.lang
    low, high = amount(frame["value"].min()), amount(frame["value"].max())
    low, high = (0.0, 1.0) if low is None or high is None else (low, high)
    target = facts.get("target")
    start = min(low, target if target is not None else low)
    if facts.get("ratio"):
        start -= (max(high, target or high) - start) * 0.35 + 1e-9
    else:
        start = 0.0
    end = max(high, target if target is not None else high)
    reach = (end - start) or 1.0
    rows = []
    if look.wall:  # no one scrolls a wall: the worst first
        frame = pd.concat([frame.loc[~frame["few"]].iloc[::-1], frame.loc[frame["few"]]])
    for row in rows_of(frame):
        value = amount(row.value)
        off = not row.few and misses(value, target, facts.get("better", "neutral"))
        said = percent(value) if facts.get("ratio") else number(value, lang)
        parts = (
            f"{exact(row.numerator)} / {exact(row.denominator)}"
            if facts.get("ratio") and given(row.denominator)
            else ""
        )
        rows.append(
            _row(
                "area",
                row.code,
                [
                    html.Span(row.rank or DASH, className="rank"),
                    html.Span(row.name, className="name", title=row.name),
                    html.Span(
                        [
                            _bar((value - start) / reach if value is not None else 0, "off" if off else ""),
                            html.Span(className="limit", style={"left": f"{(target - start) / reach * 100:.1f}%"})
                            if target is not None and start < target <= end
                            else None,
                        ],
                        className="lane",
                    ),
                    html.Span(said, className="n" + (" off" if off else ""), title=parts or exact(value)),
                    html.Span(text("ranking.few", lang) if row.few else parts, className="parts")
                    if facts.get("ratio")
                    else None,
                ],
                " ".join(c for c, on in (("chosen", row.code == facts.get("here")), ("few", row.few)) if on),
            )
        )
    return html.Ol(rows, className="rows ranking fits" + (" with-parts" if facts.get("ratio") else ""))


def situation(answer: Answer, look: Look) -> html.Element:
    """answer.frame: kind (bad | good | note), before, code, name, after: sentences around the name of a place, the most
    pressing first; a place is a link to it. Where a sentence has several names also joined (the row goes on with the
    sentence of the row before) and field (what of the View the link sets, '' for area; page: it is an address)."""
    said: list[tuple[str, list[Any]]] = []
    for row in rows_of(answer.frame):
        field = getattr(row, "field", "") or "area"
        name = row.name or None
        if row.code:
            sets = {} if field == "page" else {"data-set": field, "data-value": row.code}
            name = html.A(row.name, href=row.code if field == "page" else "#", **attributes(sets))
        if getattr(row, "joined", False) and said:
            said[-1][1].extend((row.before, name, row.after))
        else:
            sign = html.Sign(className=f"sign {row.kind}", **attributes({"aria-hidden": "true"}))
            said.append((row.kind, [sign, row.before, name, row.after]))
    return html.P([html.Span(nodes, className=kind) for kind, nodes in said], className="situation fits")


def changes(answer: Answer, look: Look) -> html.Element:
    """answer.frame: kind (place | topic), code, name, delta, share (of the whole change), value, base, largest effect
    first. facts: sentence, indicator key."""
    frame, lang = answer.frame, look.lang
    indicator = indicators().get("hotline.received")
    told = list(rows_of(frame))
    most = max((abs(row.delta) for row in told), default=0.0) or 1.0
    blocks: list[Any] = [html.P(answer.facts["sentence"], className="says")]
    columns = []
    for kind, field in (("place", "area"), ("topic", "topic")):
        some = [row for row in told if row.kind == kind][:5]
        rows = [
            _row(
                field,
                row.code,
                [
                    html.Span(row.name, className="name", title=row.name),
                    html.Span(
                        html.Span(
                            className=f"fill {tone(indicator, row.delta)}",
                            style={
                                "width": f"{abs(row.delta) / most * 50:.1f}%",
                                ("left" if row.delta >= 0 else "right"): "50%",
                            },
                        ),
                        className="both-ways",
                    ),
                    html.Span(signed(row.delta, 0), className="n", title=f"{exact(row.base)} → {exact(row.value)}"),
                ],
            )
            for row in some
        ]
        if rows:
            columns.append(
                html.Div([html.H3(text(f"changed.{kind}s", lang)), html.Ul(rows, className="rows changes fits")])
            )
    blocks.append(html.Div(columns, className="columns"))
    return html.Div(blocks, className="changed")
