"""Hours to go back to."""

import json
from datetime import datetime
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.panel import Answer
from components.rows import amount, rows
from components.theme import Look
from components.words import DASH, text


def flood_replay(answer: Answer, look: Look) -> html.Element:
    """answer.frame: moment, mm, part (past | forecast), oldest first. facts: at (the moment that is shown), end (of
    what can be gone back over), live (whether that is now)."""
    facts, lang, told = answer.facts, look.lang, list(rows(answer.frame))
    most = max([4.0, *(amount(row.mm) or 0.0 for row in told)])
    bars = [_bar(row, most, facts, lang) for row in told]
    now = html.A(
        text("filter.now", lang),
        href="#",
        className="to-now",
        **attributes({"data-fields": json.dumps({"at": "", "until": ""})}),
    )
    return html.Div(
        [
            html.Button(
                "",
                className="play",
                title=text("flood_replay.play", lang),
                **attributes({"aria-label": text("flood_replay.play", lang)}),
            ),
            html.Div(bars, className="hours"),
            html.Span("" if facts["live"] else now, className="back"),
        ],
        className="replay-hours",
    )


def _bar(row: Any, most: float, facts: dict[str, Any], lang: str) -> html.Element:
    mm = amount(row.mm)
    height = f"{(mm or 0) / most * 100:.0f}%"
    said = f"{row.moment:%m-%d %H:%M} · {DASH if mm is None else f'{mm:.1f}'} mm"
    hour = html.Small(f"{row.moment:%H:%M}") if row.moment.hour % 6 == 0 else None
    inside = [html.Span(className="wet", style={"height": height}), hour]
    if row.part == "forecast":
        return html.Span(inside, className="hour forecast", title=said)
    moment: datetime = row.moment
    fields = {"at": f"{moment:%Y-%m-%dT%H:%M}", "until": f"{facts['end']:%Y-%m-%dT%H:%M}"}
    current = not facts["live"] and moment == facts["at"]
    return html.A(
        inside,
        href="#",
        className="hour",
        title=said,
        **attributes(
            {"data-fields": json.dumps(fields), **({"aria-current": "true"} if current else {}), "aria-label": said}
        ),
    )
