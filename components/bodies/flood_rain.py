"""Rain as tables: places beside gauges, and how it fell hour by hour between them."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.flood_signs import sign
from components.bodies.hours import named
from components.panel import Answer
from components.rows import amount, rows
from components.theme import Look
from components.words import DASH, text

SUMS = ("h1", "h3", "h6", "h12", "h24", "day")


def flood_rain(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages.flood.rain. facts: hours [(moment, mm or None, past or forecast)], at."""
    lang, told = look.lang, list(rows(answer.frame))
    most = max((amount(row.h24) or 0 for row in told), default=0.0) or 1.0
    by = {kind: [row for row in told if row.kind == kind] for kind in ("whole", "area", "catchment", "gauge")}
    left = _table(by["whole"] + by["area"], "places", most, lang)
    middle = html.Div(
        [
            _hours(answer.facts["hours"], lang),
            *([_table(by["catchment"], "catchments", most, lang)] if by["catchment"] else []),
        ],
        className="rained-middle",
    )
    return html.Div([left, middle, _table(by["gauge"], "gauges", most, lang)], className="rained")


def _table(some: list[Any], kind: str, most: float, lang: str) -> html.Element:
    heads = [
        html.Span(text(f"rain.{kind}", lang)),
        *(html.Span(text(f"rain.{name}", lang), className="n") for name in SUMS),
    ]
    return html.Ol(
        [
            html.Li([*heads, html.Span(text("rain.grade", lang))], className="rain-row heads"),
            *(_row(r, most, lang) for r in some),
        ],
        className=f"rows rains fits {kind}",
        tabIndex="0",
    )


def _row(row: Any, most: float, lang: str) -> html.Element:
    last = amount(row.h24)
    bar = html.Span(className="wet", style={"width": f"{(last or 0) / most * 100:.1f}%"})
    place = [html.Span(row.place, className="sub")] if row.place else []
    mark = [sign(int(row.level), lang)] if row.level else []
    cells = [html.Span([*mark, row.name, *place], className="name")]
    for name in SUMS:
        value = amount(getattr(row, name))
        inside: list[Any] = [html.B(DASH if value is None else f"{value:.1f}")]
        cells.append(html.Span([bar, *inside] if name == "h24" else inside, className=f"n {name}"))
    cells.append(html.Span(text(f"rain_grade.{row.grade}", lang) if row.grade else DASH, className="grade"))
    if row.sets:
        inner = html.A(
            cells, href="#", className="rain-row", **attributes({"data-set": row.sets, "data-value": row.code})
        )
        return html.Li(inner)
    return html.Li(html.Div(cells, className="rain-row"), className="whole" if row.kind == "whole" else "")


def _hours(told: list[tuple[Any, float | None, str]], lang: str) -> html.Element:
    """The rain of each hour; a frame alone is a forecast."""
    most = max([5.0, *(mm or 0 for _, mm, _ in told)])
    bars = []
    for (moment, mm, part), says in zip(told, named([moment for moment, _, _ in told]), strict=True):
        value = DASH if mm is None else f"{mm:.1f}"
        inside = [html.Span(className="wet", style={"height": f"{(mm or 0) / most * 100:.1f}%"})]
        if says:
            inside.append(html.Span(f"{moment:%H:%M}", className="sub"))
        words = text(f"rain.hour_{part}", lang, time=f"{moment:%m-%d %H:%M}", mm=value)
        bars.append(html.Span(inside, className=f"hour {part}", title=words))
    head = html.P([html.Span(text("rain.hourly", lang)), html.Span(f"{most:.1f} mm/h")], className="sub")
    return html.Div([head, html.Div(bars, className="hours")], className="rain-hours")
