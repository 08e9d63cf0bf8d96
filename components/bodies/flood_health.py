"""Data health: a strip of stations for each kind, and a line for each sensor that is not to be believed."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.bursts import link
from components.panel import Answer
from components.rows import count
from components.rows import rows as rows_of
from components.theme import Look
from components.words import DASH, exact, percent, text

SIGNS = {"offline": "○", "missing": "◌", "stuck": "■", "spike": "▲", "repeated": "■", "dry": "▽", "apart": "≠",
         "skewed": "◷", "late": "◔"}  # fmt: skip


def flood_health(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages.flood.health."""
    told, lang = list(rows_of(answer.frame)), look.lang
    kinds, faults = ([row for row in told if row.part == part] for part in ("kind", "fault"))
    heads = html.P(text("health.heads", lang), className="heads")
    rates = [heads, html.Div([_kind(row, lang) for row in kinds], className="health-kinds")]
    rows = [_fault(row, lang) for row in faults]
    below = html.Ol(rows, className="rows faults fits", tabIndex="0") if rows else html.P(text("health.none", lang))
    return html.Div([*rates, below], className="health")


def _share(part: Any, whole: Any) -> str:
    return f"{percent(min(count(part) / count(whole), 1.0), 1)}%" if count(whole) else DASH


def _kind(row: Any, lang: str) -> html.Element:
    n, online = count(row.stations), count(row.online)
    bar = html.Span(
        html.Span(className="fill", style={"width": f"{online / n * 100:.1f}%"}),
        className="bar-track" + ("" if online == n else " gap"),
    )
    said = [
        f"{text('health.received', lang)} {exact(row.received)} / {exact(row.expected)}",
        f"{text('health.timely', lang)} {_share(row.timely, row.expected)}",
    ]
    return html.Div(
        [
            html.Span(row.name, className="name"),
            bar,
            html.Span(f"{online}/{n}", className="figure"),
            html.Span(_share(row.received, row.expected), className="share"),
        ],
        className="kind",
        title=" · ".join(said),
    )


def _fault(row: Any, lang: str) -> html.Element:
    name = text(f"health.{row.fault}", lang)
    mark = html.Sign(SIGNS[row.fault], className="mark", **attributes({"aria-hidden": "true"}))
    said = html.Span([html.B(row.name), " ", row.words], className="name", title=f"{row.name} {row.words}")
    return html.Li(
        link([mark, html.B(name, className="fault"), said], {"station": row.station}, f"{name} {row.name} {row.words}")
    )
