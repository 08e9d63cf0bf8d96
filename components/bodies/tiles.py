"""Headline tiles: a value, what it was, what it should be, and how it went."""

import json
from collections import defaultdict
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.judging import misses, tone
from components.panel import Answer
from components.rows import amount, given, rows
from components.theme import Look
from components.words import exact, number, percent, signed, text
from data_access.indicators import Indicator, indicators
from domain.change import change


def tiles(answer: Answer, look: Look) -> html.Element:
    """answer.frame: key, value, base, numerator, denominator (NaN where there is none), note, warn; where rows stand
    together also group (rows of one group share a card), under (key of the row whose tile it stands in, as a line; ''
    has a tile of its own), few (too small a sample: grey, and never judged), aside (small words beside the name; of a
    line: in its words). facts: sparks {key: [numbers]}, against: what the change is against, in words, left_out: keys
    that have no tile since no source tells them, left_out_said: which, in words, uncompared: keys that are not held
    against anything, leads {key: where its number leads: fields of the View, or an address}, list: the panel in which
    these fields list what was counted."""
    known, lines = indicators(), defaultdict(list)
    told = [row for row in rows(answer.frame) if row.key not in answer.facts.get("left_out", ())]
    for row in told:
        if under := getattr(row, "under", ""):
            lines[under].append(_line(known.get(row.key), row, answer, look))
    own = [row for row in told if not getattr(row, "under", "")]
    made = [(getattr(row, "group", ""), _tile(known.get(row.key), row, lines[row.key], answer, look)) for row in own]
    groups = list(dict.fromkeys(group for group, _ in made))
    if groups == [""] or not groups:
        return html.Div([tile for _, tile in made], className="tiles")
    cards = []
    for group in groups:
        mine = [tile for name, tile in made if name == group]
        cards.append(html.Div(mine, className=f"tile-card {group}", style={"flexGrow": str(len(mine))}))
    if said := answer.facts.get("left_out_said"):
        cards.append(html.P(said, className="tile-card left-out"))
    return html.Div(cards, className="tiles carded")


def _said(indicator: Indicator | None, value: float | None, lang: str) -> str:
    return percent(value) if indicator and indicator.is_percent else number(value, lang)


def _unit(indicator: Indicator, lang: str) -> str:
    return "%" if indicator.is_percent else indicator.said("unit", lang)


def _parts(row: Any, lang: str) -> str:
    """4,712 / 4,932; '' where there are none."""
    if not given(row.denominator):
        return ""
    return text("tile.parts", lang, numerator=exact(row.numerator), denominator=exact(row.denominator))


def _led(words: str, row: Any, answer: Answer, css: str, hint: str | None) -> html.Element:
    """A number, as a link where it leads to what was counted."""
    lead = answer.facts.get("leads", {}).get(row.key)
    if lead is None:
        return html.Span(words, className=css, title=hint)
    if isinstance(lead, str):
        return html.A(words, href=lead, className=css, title=hint)
    listed = answer.facts.get("list") if "state" in lead else None
    told = {"data-fields": json.dumps(lead), "data-show": listed}
    return html.A(words, href="#", className=css, title=hint, **attributes(told))


def _line(indicator: Indicator | None, row: Any, answer: Answer, look: Look) -> html.Element | None:
    """A number that stands under another, with its name."""
    if indicator is None:
        return None
    value, lang = amount(row.value), look.lang
    unit = "%" if indicator.is_percent and value is not None else ""
    said = f"{_said(indicator, value, lang)}{unit}"
    words = text(f"tile.under_{indicator.key.partition('.')[2]}", lang, value=said, aside=row.aside)
    hint = _parts(row, lang) or exact(value)
    return _led(words, row, answer, "line said warn" if row.warn else "line said", hint)


def _tile(
    indicator: Indicator | None, row: Any, lines: list[html.Element | None], answer: Answer, look: Look
) -> html.Element:
    lang, few, aside = look.lang, bool(getattr(row, "few", False)), getattr(row, "aside", "")
    name = indicator.said("name", lang) if indicator else answer.facts["names"][row.key]
    unit = _unit(indicator, lang) if indicator else answer.facts["units"][row.key]
    value = amount(row.value)
    hint = exact(value if not (indicator and indicator.is_percent) else None)
    parts = [_led(_said(indicator, value, lang), row, answer, "figure", hint)]
    if value is not None:
        parts.append(html.Span(unit, className="unit"))
    spark = answer.facts.get("sparks", {}).get(row.key)
    beside: list[html.Element | None]
    if few:
        beside = [html.Span(text("ranking.few", lang), className="change level")]
    else:
        beside = [
            change_mark(indicator, value, amount(row.base), answer, look),
            html.Span(row.note, className="warn" if row.warn else ""),
        ]
    below = [html.Span(_parts(row, lang), className="line parts") if given(row.denominator) else None, *lines]
    grouped = hasattr(row, "under")
    off = indicator and not few and misses(value, indicator.target, indicator.better)
    return html.Div(
        [
            html.H3([name, html.Small(aside, className="aside")], className="tighter") if aside else html.H3(name),
            html.Div(parts, className="value"),
            spark_line(spark, look) if spark else None,
            html.Div(beside, className="beside"),
            html.Div(below, className="below") if grouped else None,
        ],
        className="tile" + (" off" if off else "") + (" few" if few else ""),
        **attributes({"data-indicator": row.key}),
    )


def change_mark(
    indicator: Indicator | None, value: float | None, base: float | None, answer: Answer, look: Look
) -> html.Element | None:
    """▲ 12.4% 同比, or why there is none."""
    lang, against = look.lang, answer.facts.get("against", "")
    if not against or indicator is None or indicator.key in answer.facts.get("uncompared", ()):
        return None
    moved = change(value, base, ratio=indicator.is_percent, minimum_base=30 if indicator.kind == "flow" else 0)
    if moved.amount is None:
        reason = text(f"change.{moved.reason}", lang) if moved.reason and value is not None else ""
        return html.Span(reason, className="change level") if reason else None
    match moved.kind:
        case "percent":
            words = f"{signed(moved.amount * 100, 1).lstrip('+−')}%"
        case "points":
            words = text("change.points", lang, value=signed(moved.amount, 2).lstrip("+−"))
        case _:
            words = signed(moved.amount, 0 if float(moved.amount).is_integer() else 1).lstrip("+−")
    seen = moved.amount if any(digit in words for digit in "123456789") else 0.0  # what rounds to nothing is level
    arrow = "▲" if seen > 0 else "▼" if seen < 0 else "="
    return html.Span([html.B(arrow), f" {words} ", html.Small(against)], className=f"change {tone(indicator, seen)}")


def spark_line(values: list[float], look: Look) -> html.Element | None:
    """A small line without axes; a picture of numbers that the tile's table has."""
    known = [v for v in values if given(v)]
    if len(known) < 3:
        return None
    low, high = min(known), max(known)
    step, height = 100 / (len(values) - 1), (high - low) or 1
    points = " ".join(f"{i * step:.1f},{27 - 24 * (v - low) / height:.1f}" for i, v in enumerate(values) if given(v))
    colour = look.palette.accent
    line = html.Polyline(points=points, stroke=colour, **(html.STROKE | {"stroke-width": 1.6}))
    return html.drawing([line], 100, 30, "spark")
