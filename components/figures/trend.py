"""A line a day against what it is compared with, with what happened marked on it."""

from calendar import timegm
from datetime import date
from typing import TYPE_CHECKING, Any

from components.rows import amount, rows
from components.theme import Look, faded, layout
from components.words import exact, number, text

if TYPE_CHECKING:
    import pandas as pd

    from components.panel import Answer

WIDE = 20  # letters of a line that may not fit between the axis and its day, on a wall


def trend(answer: "Answer", look: Look) -> dict[str, Any]:
    """answer.frame: day, value, base (may be missing), whole (False for the day that still runs), one row a day, oldest
    first. facts: first (datetime), marks [{start, at, name, full}], holidays [{start, end, from, name}], until
    'HH:MM', base_name, focus (start of the period), unit. Direct labels, no legend.

    A frame may also have low and high, the band in which each day was expected, outside (1 above it, -1 below, 0
    within) and why (what explains such a day, in words); then facts may have told [{day, lines, full}], the days
    outside that carry words, bars [{start, end, name}] for what lasted, and ticks [{start, name}] for single days."""
    p, px, lang = look.palette, look.px, look.lang
    frame, facts = answer.frame, answer.facts
    told = [(_ms(row.day), amount(row.value), amount(row.base), row.whole) for row in rows(frame)]
    whole, running = [row for row in told if row[3]], [row for row in told if not row[3]]
    known = [base for _, _, base, _ in told if base is not None]
    band = [(amount(row.low), amount(row.high)) for row in rows(frame)] if "low" in frame else []
    tops = [high for _, high in band if high is not None]
    top = max(*(value or 0.0 for _, value, _, _ in told), *known, *tops, 1.0) * (1 if band else 1.28)
    low = min((value for _, value, _, _ in whole if value is not None), default=0.0)
    low = min(low, *known, *(least for least, _ in band if least is not None), 1e12)
    floor = 0 if low < top * 0.35 else low * 0.82
    if band:  # words stand above the line and below it
        floor = max(0.0, low - 0.3 * (top - low))
        top += (0.5 if facts.get("told") else 0.2) * (top - floor)
    days = [day for day, _, _, _ in told]
    traces: list[dict[str, Any]] = [*_expected(days, band, look)] if band else []
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
            "fill": "tozeroy" if floor == 0 and not band else "none",
            "fillcolor": faded(p.accent, 0.10),
            "customdata": [[exact(value), exact(base)] for _, value, base, _ in whole],
            "hovertemplate": f"%{{x|%Y-%m-%d}}<br>%{{customdata[0]}} {facts.get('unit', '')}"
            + (f"<br>{base_name} %{{customdata[1]}}" if base_name else "")
            + "<extra></extra>",
        }
    )
    notes: list[dict[str, Any]] = []
    if "outside" in frame:
        traces.append(_outside(frame, look))
    if running and running[-1][1] is not None:
        day, value, _, _ = running[-1]
        until = text("trend.until", lang, time=facts["until"])
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [day],
                "y": [max(value or 0.0, floor) if band else value],
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
    notes += [_told(one, days, look) for one in facts.get("told", [])]
    shapes, said = _meanwhile(facts, days, look)
    for bar in facts.get("bars", []):
        shapes.append(_band(_ms(bar["start"]), _ms(bar["end"]), p.accent, 0.8) | {"y1": 0.03, "layer": "above"})
        ground = {"yanchor": "bottom", "bgcolor": faded(p.surface, 0.82), "borderpad": 1}  # the line runs behind it
        notes.append(_above(bar, p.muted, look, 0.96) | ground)
    notes += said
    if ticks := facts.get("ticks"):
        traces.append(_ticks(ticks, floor, look))
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
            meta={"apart": True},  # words that would overlap are left out
            hovermode="closest",
        ),
    }


def _meanwhile(facts: dict[str, Any], days: list[int], look: Look) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Shapes and words of holidays, of the period itself and of what happened."""
    p = look.palette
    notes: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    room = max(len(days) * 0.15, 6)  # days that a label takes
    named = -1e9
    for free in facts.get("holidays", []):
        shapes.append(_band(_ms(free["start"]), _ms(free["end"]), p.raised, 0.9))
        begins = (free["from"] - facts["first"]).days
        if begins - named >= room and begins < len(days) - room / 2:
            below = {"y": 0.04, "yanchor": "bottom"} if "told" in facts else {}
            notes.append(_above(free, p.muted, look, 0.0) | below)
            named = begins
    if focus := facts.get("focus"):
        shapes.append(_band(_ms(focus), days[-1], p.accent, 0.06))
    taken: list[list[tuple[float, float]]] = [[], [], []]  # by line of words: from day to day
    for event in facts.get("marks", []):
        begins = (event["at"] - facts["first"]).days
        left = begins > len(days) - room * 1.4
        span = (begins - room * 1.1, begins) if left else (begins, begins + room * 1.1)
        free = (n for n, lines in enumerate(taken) if all(span[1] <= a or b <= span[0] for a, b in lines))
        level = next(free, None)  # no line is free: the stroke alone
        if level is not None:
            taken[level].append(span)
            notes.append(_above(event, p.text, look, 0.13 * (level + 1), left=left))
        shapes.append(
            {
                "type": "line",
                "x0": _ms(event["start"]),
                "x1": _ms(event["start"]),
                "y0": 0,
                "y1": 0.86 - 0.13 * (level or 0),
                "yref": "paper",
                "layer": "below",
                "line": {"color": p.muted, "width": 1},
            }
        )
    return shapes, notes


def _expected(days: list[int], band: list[tuple[float | None, float | None]], look: Look) -> list[dict[str, Any]]:
    """The band as an area, in pieces where it is not known."""
    pieces: list[list[tuple[int, float, float]]] = [[]]
    for day, (low, high) in zip(days, band, strict=True):
        if low is None or high is None:
            pieces.append([])
        else:
            pieces[-1].append((day, low, high))
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [day for day, _, _ in piece] + [day for day, _, _ in reversed(piece)],
            "y": [high for _, _, high in piece] + [low for _, low, _ in reversed(piece)],
            "fill": "toself",
            "fillcolor": faded(look.palette.accent, 0.16),
            "line": {"width": 0},
            "hoverinfo": "skip",
        }
        for piece in pieces
        if len(piece) > 1
    ]


def _outside(frame: "pd.DataFrame", look: Look) -> dict[str, Any]:
    """A dot on each day outside its band, hollow below it."""
    p, px = look.palette, look.px
    some = [row for row in rows(frame) if row.outside]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [_ms(row.day) for row in some],
        "y": [amount(row.value) for row in some],
        "marker": {
            "size": px * 0.52,
            "color": [p.worse if row.outside > 0 else p.surface for row in some],
            "line": {"color": p.worse, "width": max(1.4, px / 10)},
        },
        "cliponaxis": False,
        "text": [row.why for row in some],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _told(one: dict[str, Any], days: list[int], look: Look) -> dict[str, Any]:
    """What explains a day, beside its dot."""
    first, *more = one["lines"]
    day = _ms(one["day"])
    left = day - days[0] > (days[-1] - days[0]) * 0.3
    edge = look.wall and left and max(map(len, one["lines"])) > WIDE  # to the left of the day it would leave the plot
    return {
        "x": days[-1] if edge else day,
        "y": 1,
        "yref": "paper",
        "text": "<br>".join(
            (f"<b>{first}</b>", *(f"<span style='color:{look.palette.muted}'>{m}</span>" for m in more))
        ),
        "hovertext": one["full"],
        "showarrow": False,
        "align": "right" if left else "left",
        "xanchor": "right" if left else "left",
        "xshift": look.px * (2.4 if edge else -0.45 if left else 0.45),  # into the margin, which is free up there
        "yanchor": "top",
        "font": {"color": look.palette.worse, "size": look.small},
    }


def _ticks(ticks: list[dict[str, Any]], floor: float, look: Look) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [_ms(tick["start"]) for tick in ticks],
        "y": [floor] * len(ticks),
        "marker": {"symbol": "diamond", "size": look.px * 0.6, "color": look.palette.muted},
        "cliponaxis": False,
        "text": [f"{tick['name']}<br>{tick['full']}" for tick in ticks],
        "hovertemplate": "%{text}<extra></extra>",
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
