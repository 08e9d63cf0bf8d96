"""Hours to go back to."""

import json
from datetime import datetime
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.hours import named
from components.panel import Answer
from components.rows import amount, rows
from components.theme import Look
from components.view import FORM, day_before, written
from components.words import DASH
from domain.periods import Span


def flood_replay(answer: Answer, look: Look) -> html.Element:
    """answer.frame: moment, mm, part (past | forecast), oldest first. facts: at (the moment that is looked back at,
    None: it is now), span (what a click replays, if the hour lies in it; else the day up to the hour)."""
    told = list(rows(answer.frame))
    most = max([4.0, *(amount(row.mm) or 0.0 for row in told)])
    bars = [
        _bar(row, most, answer.facts, says=says)
        for row, says in zip(told, named([row.moment for row in told]), strict=True)
    ]
    return html.Div(html.Div(bars, className="hours"), className="replay-hours")


def _bar(row: Any, most: float, facts: dict[str, Any], *, says: bool) -> html.Element:
    mm = amount(row.mm)
    height = f"{(mm or 0) / most * 100:.0f}%"
    said = f"{row.moment:%m-%d %H:%M} · {DASH if mm is None else f'{mm:.1f}'} mm"
    hour = html.Small(f"{row.moment:%H:%M}") if says else None
    inside = [html.Span(className="wet", style={"height": height}), hour]
    if row.part == "forecast":
        return html.Span(inside, className="hour forecast", title=said)
    moment: datetime = row.moment
    span: Span = facts["span"] if facts["span"].start <= moment <= facts["span"].end else day_before(moment)
    fields = {"at": moment.strftime(FORM), "replay": written(span)}
    current = moment == facts["at"]
    return html.A(
        inside,
        href="#",
        className="hour",
        title=said,
        **attributes(
            {"data-fields": json.dumps(fields), **({"aria-current": "true"} if current else {}), "aria-label": said}
        ),
    )
