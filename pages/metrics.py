"""What the map and the ranking show: one number a place, by a metric that the View chooses among those the data can
give."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from components.judging import misses
from components.panel import Measured
from components.rows import given
from components.view import View
from components.words import DASH, days, exact, number, percent, text
from data_access import hotline, observations
from data_access.areas import Area, tree
from data_access.indicators import Indicator, indicators
from pages.asking import Asked, ask

METRICS = ("hotline.per_10k", "hotline.on_time", "hotline.received", "services.online_rate", "water.supply_pressure_ok")


@dataclass(frozen=True)
class Compared:
    """Places side by side by one metric.

    parent: the place whose children they are. here: code of the View's own place when it is one of them, else ''.
    frame: code, name, value (a fraction for percent metrics, else in the indicator's unit; NaN: none), numerator,
    denominator, received, due, on_time (orders). lost: orders of the parent that lie in none of them.
    """

    asked: Asked
    indicator: Indicator
    parent: Area
    here: str
    frame: pd.DataFrame
    lost: int


def compared(view: View) -> Compared:
    """The children of the View's place; at the lowest level the place among its siblings. Raises NoCity."""
    asked, indicator = ask(view), chosen(view)
    parent = _parent(asked.area)
    here = "" if parent.code == asked.area.code else asked.area.code
    return Compared(asked, indicator, parent, here, *_places(asked, parent, indicator))


def _parent(area: Area) -> Area:
    """The place itself, or the one it lies in when nothing lies in it."""
    places = tree()
    if area.parent is None or places.children(area.code):
        return area
    return places.get(area.parent) or area


def available(view: View) -> list[Indicator]:
    """The metrics that this city's data can give, in order: a source may lack closing times, a list population."""
    known = indicators()
    asked = ask(view)
    able = {
        "hotline.per_10k": any(a.population for a in tree().children(_parent(asked.area).code)),
        "hotline.on_time": bool(hotline.stock(asked.area, asked.at, asked.before, view.topic).loc["now", "tracked"]),
        "hotline.received": True,
    }
    return [
        known[k]
        for k in METRICS
        if k in known and able.get(k, not k.startswith("hotline.") and observations.level_of(k) is not None)
    ]


def links(view: View) -> list[tuple[str, str, str]]:
    """(field, value, words) of the metric switch; the first metric is the default and stays out of the URL."""
    return [("metric", "" if i == 0 else m.key, m.said("name", view.lang)) for i, m in enumerate(available(view))]


def chosen(view: View) -> Indicator:
    """The View's metric; the first available when it names none or one that is not."""
    able = available(view)
    return next((m for m in able if m.key == view.metric), able[0])


def _places(asked: Asked, parent: Area, indicator: Indicator) -> tuple[pd.DataFrame, int]:
    """frame and lost of Compared."""
    frame, lost = hotline.by_child(parent, asked.span, asked.base, asked.view.topic)
    children = {a.code: a for a in tree().children(parent.code)}
    frame["name"] = [children[c].label(asked.lang) for c in frame["code"]]
    match indicator.key:
        case "hotline.per_10k":
            frame["numerator"] = frame["received"]
            frame["denominator"] = [children[c].population for c in frame["code"]]
        case "hotline.on_time":
            frame["numerator"], frame["denominator"] = frame["on_time"], frame["due"]
        case "hotline.received":
            frame["numerator"], frame["denominator"] = frame["received"], None
        case _:
            parts = observations.by_child(indicator, parent, asked.span, asked.at).set_index("code")
            frame = frame.join(parts[["numerator", "denominator", "amount"]], on="code")
    for column in ("numerator", "denominator"):
        frame[column] = pd.to_numeric(frame[column])
    if indicator.key == "hotline.received":
        frame["value"] = frame["received"].astype(float)
    elif "amount" in frame:
        frame["value"] = frame.pop("amount")
    else:
        frame["value"] = frame["numerator"] / frame["denominator"].where(frame["denominator"] > 0) * indicator.scale
    return frame, lost


def whole(asked: Asked, indicator: Indicator) -> Measured:
    """The metric of the View's place itself."""
    if not indicator.key.startswith("hotline."):
        parts = observations.totals([indicator.key], asked.area, asked.span, None, asked.at)[indicator.key]
        return Measured.of(indicator.key, *(parts[part].get("now") for part in ("amount", "numerator", "denominator")))
    row = hotline.totals(asked.area, asked.span, asked.base, asked.view.topic).loc["now"]
    match indicator.key:
        case "hotline.on_time":
            numerator, denominator = row["on_time"], row["due"]
        case "hotline.per_10k":
            numerator, denominator = row["received"], asked.area.population
        case _:
            return Measured.of(indicator.key, row["received"], row["received"])
    return Measured.of(indicator.key, indicator.of(numerator, denominator), numerator, denominator)


def unit(indicator: Indicator, lang: str) -> str:
    """What stands behind the indicator's numbers."""
    return "%" if indicator.is_percent else indicator.said("unit", lang)


def said(value: float | None, indicator: Indicator, lang: str) -> str:
    """A value in short: 92.6%, 1,234, 5.3; a dash for none."""
    if not given(value):
        return DASH
    if indicator.is_percent:
        return f"{percent(value, 1)}%"
    return number(value, lang)


def sentence(row: Any, indicator: Indicator, asked: Asked) -> str:
    """What a person would say of a place, a row of Compared.frame: its name, the number with its parts, how many
    orders. Lines of Plotly's HTML."""
    lang, metric = asked.lang, indicator.said("name", asked.lang)
    lines = []
    if not given(row.value):
        lines.append(text("map.no_value", lang, name=row.name, metric=metric))
    else:
        words = (
            f"{percent(row.value)}%" if indicator.is_percent else f"{number(row.value, lang)} {unit(indicator, lang)}"
        )
        lines.append(text("map.value", lang, name=f"<b>{row.name}</b>", metric=metric, value=words))
        if misses(row.value, indicator.target, indicator.better):
            lines.append(text("map.target_below", lang, value=said(indicator.target, indicator, lang)))
    if indicator.key != "hotline.received":
        period = asked.view.period
        words = days(asked.span.start, asked.span.end) if ".." in period else text(f"period.{period}", lang)
        lines.append(text("map.received", lang, period=words, n=exact(row.received)))
    if row.due:
        share = {
            "value": percent(row.on_time / row.due),
            "numerator": exact(row.on_time),
            "denominator": exact(row.due),
        }
        lines.append(text("map.on_time", lang, **share))
    return "<br>".join(lines)
