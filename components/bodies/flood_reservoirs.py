"""Reservoirs: each a bar from dead level to crest, its thresholds at equal distances, and what comes and goes."""

from datetime import datetime
from itertools import pairwise
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.flood_signs import sign
from components.panel import Answer
from components.rows import amount, given, rows
from components.theme import Look
from components.words import DASH, signed, text

MARKS = ("dead", "limit", "flood_high", "design", "check", "crest")


def flood_reservoirs(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages.flood.reservoirs. facts: reservoir (the chosen one), at."""
    lang, told = look.lang, list(rows(answer.frame))
    known = [name for name in MARKS if any(given(getattr(row, name)) for row in told)]
    head = html.Div(
        [
            html.Span(
                text(f"reservoirs.mark_{name}", lang),
                style={"left": f"{_place(known, i):.1f}%"},
            )
            for i, name in enumerate(known)
        ],
        className="dams-head",
    )
    return html.Div(
        [
            html.Div([html.Span(), head, html.Span()], className="dam-row dam-top"),
            html.Ol([_row(row, known, answer.facts, lang) for row in told], className="rows dams fits", tabIndex="0"),
        ],
        className="dammed",
    )


def _place(known: list[str], i: int) -> float:
    return 100.0 * i / max(len(known) - 1, 1)


def _row(row: Any, known: list[str], facts: dict[str, Any], lang: str) -> html.Element:
    level = amount(row.level)
    state = int(row.state) if given(row.state) else None
    name = [
        html.Strong([_short(row.name, lang), " ", sign(state, lang) if state else None]),
        html.Span(
            f"{level:.2f} m {row.arrow}" if level is not None else DASH,
            className="sub",
        ),
    ]
    waters = [_lane(row, known, lang), html.Span(_flows(row, lang), className="sub")]
    when = [
        html.Strong(hours_words(amount(row.hours), lang)),
        html.Span(_forecast(row, facts["at"], lang), className="sub forecast"),
    ]
    return html.Li(
        html.A(
            [html.Div(name), html.Div(waters), html.Div(when, className="when")],
            href="#",
            className="dam-row",
            **attributes({"data-set": "reservoir", "data-value": row.code, "title": text("reservoirs.open", lang)}),
        ),
        className="chosen" if row.code == facts["reservoir"] else "",
    )


def _short(name: str, lang: str) -> str:
    """The name without what all of them are."""
    for tail in text("river_line.tails", lang).split("|"):
        if name.endswith(tail) and name != tail:
            return name.removesuffix(tail)
    return name


def share(value: float, marks: list[float | None]) -> float:
    """Where a level lies (0 to 100) on a bar whose known marks stand at equal distances."""
    points = [(i / max(len(marks) - 1, 1) * 100, z) for i, z in enumerate(marks) if z is not None]
    if len(points) < 2:
        return 0.0
    if value <= points[0][1]:
        return points[0][0]
    for (x, low), (y, high) in pairwise(points):
        if value <= high:
            return x + (y - x) * (value - low) / ((high - low) or 1)
    return points[-1][0]


def _lane(row: Any, known: list[str], lang: str) -> html.Element:
    marks = [amount(getattr(row, name)) for name in known]
    level, margin, peak = amount(row.level), amount(row.margin), amount(row.peak)
    inside: list[html.Element] = []
    if level is not None:
        at = share(level, marks)
        if peak is not None and peak > level + 0.005:
            inside.append(
                html.Span(className="peak", style={"left": f"{at:.1f}%", "width": f"{share(peak, marks) - at:.1f}%"})
            )
        label = signed(margin, 2) if margin is not None else ""
        words = html.Span(label, className="inner" if at > 45 else "outer")
        inside.append(html.Span(words, className="fill", style={"width": f"{at:.1f}%"}))
    inside += [
        html.Span(className=f"mark {name}", style={"left": f"{_place(known, i):.1f}%"})
        for i, name in enumerate(known)
        if marks[i] is not None
    ]
    title = " · ".join(
        f"{text(f'threshold.{name}', lang)} {mark:.2f}"
        for name, mark in zip(known, marks, strict=True)
        if mark is not None
    )
    return html.Div(inside, className="dam-lane", title=title)


def _flows(row: Any, lang: str) -> str:
    """入 444±25 出 160 净 +284 m³/s"""
    if row.outside:
        return text("reservoirs.outside", lang)
    inflow, noise, out, net = (amount(value) for value in (row.inflow, row.noise, row.outflow, row.net))
    return text(
        "reservoirs.flows",
        lang,
        inflow=f"{max(inflow, 0):.0f}±{noise:.0f}" if inflow is not None and noise is not None else DASH,
        outflow=f"{out:.0f}" if out is not None else DASH,
        net=signed(net, 0) if net is not None else DASH,
    )


def hours_words(hours: float | None, lang: str) -> str:
    """3 h 45 min; beyond two days in days; a dash when the level does not come nearer."""
    if hours is None:
        return DASH
    minutes = round(hours * 60)
    if minutes >= 2880:
        return text("reservoirs.days", lang, n=round(minutes / 1440))
    h, m = divmod(minutes, 60)
    return f"{m} min" if not h else f"{h} h" if not m else f"{h} h {m:02d} min"


def _forecast(row: Any, at: datetime, lang: str) -> list[html.Element]:
    """预报 16:45 · 纳雨 10.6 mm"""
    parts = []
    if given(row.expected_at):
        when: Any = row.expected_at
        day = "" if when.date() == at.date() else f"{when:%m-%d} "
        parts.append(text(f"reservoirs.by_{row.basis or 'persistence'}", lang, time=f"{day}{when:%H:%M}"))
    elif row.basis:
        parts.append(text("reservoirs.not_reached", lang))
    mm = amount(row.rain_capacity)
    if mm is not None:
        parts.append(text("reservoirs.takes", lang, mm=f"{mm:.1f}"))
    return [html.Span(part) for part in parts]
