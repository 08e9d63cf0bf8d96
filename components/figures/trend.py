"""A line a day against what it is compared with, with what happened marked on it."""

from calendar import timegm
from datetime import date
from typing import TYPE_CHECKING, Any

from components.rows import amount, rows
from components.theme import Look, layout
from components.words import exact, number, text

if TYPE_CHECKING:
    from components.panel import Answer


def trend(answer: "Answer", look: Look) -> dict[str, Any]:
    """answer.frame: day, value, base (may be missing), whole (False for the day that still runs), one row a day, oldest
    first. facts: first (datetime), marks [{start, at, name, full}], holidays [{start, end, from, name}], until
    'HH:MM', base_name, focus (start of the period), unit. Direct labels, no legend."""
    p, px, lang = look.palette, look.px, look.lang
    frame, facts = answer.frame, answer.facts
    told = [(_ms(row.day), amount(row.value), amount(row.base), row.whole) for row in rows(frame)]
    whole, running = [row for row in told if row[3]], [row for row in told if not row[3]]
    known = [base for _, _, base, _ in told if base is not None]
    top = max(*(value or 0.0 for _, value, _, _ in told), *known, 1.0) * 1.28
    low = min((value for _, value, _, _ in whole if value is not None), default=0.0)
    low = min(low, *known, 1e12)
    floor = 0 if low < top * 0.35 else low * 0.82
    days = [day for day, _, _, _ in told]
    traces: list[dict[str, Any]] = []
    if known:
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": days,
                "y": [base for _, _, base, _ in told],
                "line": {"color": p.faint, "width": max(1.2, px / 12), "dash": "dot"},
                "hoverinfo": "skip",
            }
        )
    base_name = facts.get("base_name", "")
    traces.append(
        {
            "type": "scatter",
            "mode": "lines",
            "x": [day for day, _, _, _ in whole],
            "y": [value for _, value, _, _ in whole],
            "line": {"color": p.accent, "width": max(1.8, px / 8)},
            "fill": "tozeroy" if floor == 0 else "none",
            "fillcolor": _faded(p.accent, 0.10),
            "customdata": [[exact(value), exact(base)] for _, value, base, _ in whole],
            "hovertemplate": f"%{{x|%Y-%m-%d}}<br>%{{customdata[0]}} {facts.get('unit', '')}"
            + (f"<br>{base_name} %{{customdata[1]}}" if base_name else "")
            + "<extra></extra>",
        }
    )
    notes: list[dict[str, Any]] = []
    if running and running[-1][1] is not None:
        day, value, _, _ = running[-1]
        until = text("trend.until", lang, time=facts["until"])
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [day],
                "y": [value],
                "marker": {"size": px * 0.65, "color": p.surface, "line": {"color": p.accent, "width": max(2, px / 8)}},
                "cliponaxis": False,
                "hovertemplate": f"{until}<br>{exact(value)} {facts.get('unit', '')}<extra></extra>",
            }
        )
    newest = next((value for _, value, _, _ in reversed(whole or told) if value is not None), 0.0)
    notes.append(
        {
            "x": days[-1],
            "y": newest,
            "text": f"<b>{number(newest, lang)}</b>",
            "xanchor": "left",
            "xshift": px * 0.6,
            "showarrow": False,
            "font": {"color": p.text, "size": px * 1.1},
        }
    )
    if base_name and known:
        last_base = known[-1]
        gap = abs(last_base - newest) / (top - floor or 1)
        nudge = 0 if gap > 0.14 else (-1.25 * px if last_base < newest else 1.25 * px)
        notes.append(
            {
                "x": days[-1],
                "y": last_base,
                "text": base_name,
                "xanchor": "left",
                "xshift": px * 0.6,
                "yshift": nudge,
                "showarrow": False,
                "font": {"color": p.faint, "size": look.small},
            }
        )
    shapes: list[dict[str, Any]] = []
    room = max(len(days) * 0.15, 6)  # days that a label takes
    named = -1e9
    for free in facts.get("holidays", []):
        shapes.append(_band(_ms(free["start"]), _ms(free["end"]), p.raised, 0.9))
        begins = (free["from"] - facts["first"]).days
        if begins - named >= room and begins < len(days) - room / 2:
            notes.append(_above(free, p.muted, look, 0.0))
            named = begins
    if focus := facts.get("focus"):
        shapes.append(_band(_ms(focus), days[-1], p.accent, 0.06))
    level = 0
    previous = None
    for event in facts.get("marks", []):
        left = (event["at"] - facts["first"]).days > len(days) - room * 1.4
        close = previous is not None and abs((event["at"] - previous).days) < room * (2.2 if left else 1.1)
        level = (level + 1) % 2 if close else 0
        previous = event["at"]
        shapes.append(
            {
                "type": "line",
                "x0": _ms(event["start"]),
                "x1": _ms(event["start"]),
                "y0": 0,
                "y1": 0.86 - 0.13 * level,
                "yref": "paper",
                "layer": "below",
                "line": {"color": p.muted, "width": 1},
            }
        )
        notes.append(_above(event, p.text, look, 0.13 * (level + 1), left=left))
    right = px * 5
    axis = layout(look)["xaxis"]
    return {
        "data": traces,
        "layout": layout(
            look,
            margin={"l": px * 3.1, "r": right, "t": px * 0.4, "b": px * 1.7},
            xaxis=axis
            | {
                "type": "date",
                "showgrid": False,
                "nticks": 5,
                "tickformat": "%m-%d" if len(days) < 200 else "%Y-%m",
                "range": [days[0], days[-1]],
            },
            yaxis=axis | {"range": [floor, top], "nticks": 4, "tickformat": ",.0f", "ticksuffix": " "},
            shapes=shapes,
            annotations=notes,
            hovermode="closest",
        ),
    }


def _ms(day: date | str) -> int:
    """A day as Plotly counts them; its own reading of date texts costs a redraw 40 ms."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return timegm(day.timetuple()) * 1000


def _band(start: int, end: int, colour: str, opacity: float) -> dict[str, Any]:
    box = {"type": "rect", "x0": start, "x1": end, "y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
    return box | {"fillcolor": colour, "opacity": opacity, "line": {"width": 0}}


def _above(event: dict[str, Any], colour: str, look: Look, down: float, *, left: bool = False) -> dict[str, Any]:
    note = {
        "x": _ms(event["start"]),
        "y": 1 - down,
        "yref": "paper",
        "text": event["name"],
        "showarrow": False,
        "yanchor": "top",
    }
    note |= {"hovertext": event.get("full", event["name"]), "font": {"color": colour, "size": look.small}}
    return note | ({"xanchor": "right", "xshift": -2} if left else {"xanchor": "left", "xshift": 2})


def _faded(colour: str, alpha: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
