"""What the map and the ranking show: one number a place, by a metric that the View chooses among those the data can give."""

from typing import Any

import pandas as pd

from components.view import View
from components.words import days, exact, number, percent, text
from data_access import hotline, observations
from data_access.areas import Area, tree
from data_access.indicators import Indicator, indicators
from domain.periods import Base, Span
from pages.asking import Asked, ask

METRICS = ("hotline.per_10k", "hotline.on_time", "hotline.received", "services.online_rate", "water.supply_pressure_ok")


def available(view: View) -> list[Indicator]:
    """The metrics that this city's data can give, in order: a source may have no closing times, a list no population."""
    known = indicators()
    asked = ask(view)
    place = asked.area if tree().children(asked.area.code) else tree().get(asked.area.parent) or asked.area
    able = {
        "hotline.per_10k": any(a.population for a in tree().children(place.code)),
        "hotline.on_time": bool(hotline.stock(asked.area, asked.at, asked.before, view.topic).loc["now", "tracked"]),
        "hotline.received": True,
    }
    return [
        known[k]
        for k in METRICS
        if k in known and able.get(k, not k.startswith("hotline.") and observations.level_of(k) is not None)
    ]


def links(view: View) -> list[tuple[str, str, str]]:
    return [("metric", "" if i == 0 else m.key, m.said("name", view.lang)) for i, m in enumerate(available(view))]


def chosen(view: View) -> Indicator:
    able = available(view)
    return next((m for m in able if m.key == view.metric), able[0])


def measured_places(
    asked: Asked, parent: Area, indicator: Indicator, span: Span, base: Base | None
) -> tuple[pd.DataFrame, int]:
    """code, name, value, numerator, denominator, received, due, on_time of parent's children; orders not on the map."""
    frame, lost = hotline.by_child(parent, span, base, asked.view.topic)
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
            parts = observations.by_child(indicator, parent, span, asked.at).set_index("code")
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


def whole(asked: Asked, indicator: Indicator) -> tuple[float | None, float | None, float | None]:
    """value, numerator, denominator of the place itself."""
    if not indicator.key.startswith("hotline."):
        parts = observations.totals([indicator.key], asked.area, asked.span, None, asked.at)[indicator.key]
        return parts["amount"].get("now"), parts["numerator"].get("now"), parts["denominator"].get("now")
    row = hotline.totals(asked.area, asked.span, asked.base, asked.view.topic).loc["now"]
    if indicator.key == "hotline.on_time":
        return indicator.of(row["on_time"], row["due"]), row["on_time"], row["due"]
    if indicator.key == "hotline.per_10k":
        return indicator.of(row["received"], asked.area.population), row["received"], asked.area.population
    return float(row["received"]), row["received"], None


def said(value: float, indicator: Indicator, lang: str) -> str:
    if value != value:
        return "—"
    return (
        f"{percent(value, 1)}%"
        if indicator.is_percent
        else number(value, lang, None if float(value).is_integer() else 1)
    )


def sentence(row: Any, indicator: Indicator, asked: Asked) -> str:
    """What a person would say of the place: name, the number with its parts, how many orders."""
    lang = asked.lang
    lines = []
    if row.value != row.value:
        lines.append(text("map.no_value", lang, name=row.name, metric=indicator.said("name", lang)))
    else:
        unit = "%" if indicator.is_percent else f" {indicator.said('unit', lang)}"
        words = (percent(row.value) if indicator.is_percent else number(row.value, lang)) + unit
        lines.append(
            text("map.value", lang, name=f"<b>{row.name}</b>", metric=indicator.said("name", lang), value=words)
        )
        missed = indicator.target is not None and (
            row.value < indicator.target if indicator.better == "higher" else row.value > indicator.target
        )
        if missed and indicator.better != "neutral":
            lines.append(text("map.target_below", lang, value=said(float(indicator.target or 0), indicator, lang)))
    if indicator.key != "hotline.received":
        lines.append(
            text(
                "map.received",
                lang,
                period=text(f"period.{asked.view.period}", lang)
                if ".." not in asked.view.period
                else days(asked.span.start, asked.span.end),
                n=exact(row.received),
            )
        )
    if row.due:
        lines.append(
            text(
                "map.on_time",
                lang,
                value=percent(row.on_time / row.due),
                numerator=exact(row.on_time),
                denominator=exact(row.due),
            )
        )
    return "<br>".join(lines)
