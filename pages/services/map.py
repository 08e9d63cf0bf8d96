"""Where: cases by one metric, and the halls and kiosks with who waits there."""

from typing import Any

import pandas as pd

from components import figures
from components.judging import misses
from components.panel import Answer, Measured, panel
from components.rows import framed
from components.view import View
from components.words import DASH, exact, number, percent, text
from data_access.areas import Area, tree
from data_access.indicators import Indicator, indicators
from data_access.services import counts
from data_access.services import halls as queues
from data_access.services.counts import Counts
from pages import metrics
from pages.ground import ground, place
from pages.rates import Figure
from pages.services.asked import CASES, DEEPEST, Asked, ask
from pages.services.halls import state, utilisation
from pages.services.rates import of_counts

METRICS = ("services.online_accepted", "services.on_time_due", "services.good_rating", "services.per_1000")
NUMBERS = (
    "value", "numerator", "denominator", "received", "lon", "lat", "size", "column", "row", "waiting", "windows",
    "utilisation",
)  # fmt: skip
COLUMNS = ("kind", "code", "name", "value", "said", "numerator", "denominator", "received", "sentence", "lon", "lat",
           "size", "column", "row", "waiting", "windows", "utilisation", "state")  # fmt: skip


def _parent(area: Area) -> Area:
    """The place itself, or the one it lies in where nothing lies in it that cases tell apart."""
    above = tree().get(area.parent) if area.parent and area.level >= DEEPEST else None
    return above or metrics.parent_of(area)


def available(view: View) -> list[Indicator]:
    """The metrics that can be told: nothing by population where nobody knows it."""
    parent = _parent(ask(view).area)
    people = any(child.population for child in tree().children(parent.code))
    return [indicators()[key] for key in METRICS if key != "services.per_1000" or people]


def _links(view: View) -> list[tuple[str, str, str]]:
    some = available(view)
    short = [text(f"services_map.short_{one.key.partition('.')[2]}", view.lang) for one in some]
    return [
        ("metric", "" if i == 0 else one.key, words) for i, (one, words) in enumerate(zip(some, short, strict=True))
    ]


def _said(value: float | None, one: Indicator, lang: str) -> str:
    if value is None:
        return DASH
    return f"{percent(value, 1)}%" if one.is_percent else number(value, lang)


def _sentence(child: Area, told: Figure, now: Counts, one: Indicator, lang: str) -> str:
    """A place in short lines, as when a pointer rests on it: the metric with its parts, then the other rates."""
    name = f"<b>{child.label(lang)}</b>"
    if told.value is None:
        lines = [text("map.no_value", lang, name=name, metric=one.said("name", lang))]
    else:
        unit = "%" if one.is_percent else f" {one.said('unit', lang)}"
        value = (percent(told.value) if one.is_percent else number(told.value, lang)) + unit
        lines = [text("map.value", lang, name=name, metric=one.said("name", lang), value=value)]
        lines.append(text("tile.parts", lang, numerator=exact(told.numerator), denominator=exact(told.denominator)))
        if told.few:
            lines.append(text("ranking.few", lang))
        elif one.target is not None and misses(told.value, one.target, one.better):
            lines.append(text("map.target_below", lang, value=_said(one.target, one, lang)))
    lines.append(text("services_map.received", lang, n=exact(now.received)))
    for key in METRICS[:3]:
        other = of_counts(key, now)
        if key != one.key and other.value is not None:
            words = indicators()[key].said("name", lang)
            lines.append(text("services_map.other", lang, metric=words, value=percent(other.value)))
    return "<br>".join(lines)


def _places(asked: Asked, parent: Area, one: Indicator) -> tuple[list[dict[str, Any]], int]:
    """Rows of the children, and how many cases lie in none of them."""
    lang = asked.lang
    children = {child.code: child for child in tree().children(parent.code)}
    found, lost = counts.by_child(parent, asked.span, asked.base, asked.where)
    where = place([row.code for row in found], parent) if found else {}
    made = []
    for i, row in enumerate(found):
        child, now = children[row.code], row.now if asked.known else None
        told = of_counts(one.key, now, child.population)
        made.append(dict.fromkeys(COLUMNS) | {
            "kind": "place", "code": row.code, "name": child.label(lang), "value": told.value, "state": "",
            "said": _said(told.value, one, lang), "numerator": told.numerator, "denominator": told.denominator,
            "received": now and now.received, "sentence": _sentence(child, told, row.now, one, lang),
        } | {name: values[i] for name, values in where.items()})  # fmt: skip
    return made, lost


def _halls(asked: Asked, parent: Area) -> list[dict[str, Any]]:
    """Rows of the halls and kiosks that lie somewhere, with who waits there now."""
    lang = asked.lang
    live = {now.hall: now for now in queues.live(parent, asked.at)}
    made = []
    for one in [*queues.inside(parent), *queues.inside(parent, "kiosk")]:
        if one.lon is None or one.lat is None:
            continue
        name, now = one.name if lang == "zh" else one.name_en or one.name, live.get(one.code)
        load = utilisation(now) if now else None
        lines = [f"<b>{name}</b>"]
        if now is not None:
            lines.append(text("services_map.waiting", lang, n=exact(now.waiting), windows=exact(now.open)))
            if load is not None:
                words = text(f"services_map.{state(load, asked.at.date()) or 'calm'}", lang)
                lines.append(text("services_map.load", lang, value=f"{load:.2f}", said=words))
        elif one.kind == "hall":
            lines.append(text("services_map.silent", lang))
        made.append(dict.fromkeys(COLUMNS) | {
            "kind": one.kind, "code": one.code, "name": name, "said": "", "sentence": "<br>".join(lines),
            "lon": one.lon, "lat": one.lat, "waiting": now and now.waiting, "windows": now and now.open,
            "utilisation": load, "state": state(load, asked.at.date()),
        })  # fmt: skip
    return made


@panel(figures.services_map, about=METRICS, source="services", sets="area", choices=_links, needs=(CASES,))
def map(view: View) -> Answer:  # noqa: A001 - the panel's public name
    """kind (place | hall | kiosk), code, name, value (fraction, or per 1,000 people), said, numerator, denominator,
    received, sentence, lon, lat, size (km2), column, row (of its tile), waiting (people), windows (open), utilisation,
    state (over, tight, ''): one row a child of the place, of a street one a sibling, by where the applicant is; then
    one row a hall and kiosk there."""
    asked = ask(view)
    lang = asked.lang
    able = available(view)
    one = next((metric for metric in able if metric.key == view.metric), able[0])
    parent = _parent(asked.area)
    here = "" if parent.code == asked.area.code else asked.area.code
    places, lost = _places(asked, parent, one)
    if not places:
        words = text("state.no_areas", lang)
        return Answer(pd.DataFrame({"code": []}), facts={"lacking": ["areas"]}, blank="none", note=words)
    made = [*places, *_halls(asked, parent)]
    frame = framed({name: [row[name] for row in made] for name in COLUMNS}, NUMBERS)
    unit = "%" if one.is_percent else one.said("unit", lang)
    facts: dict[str, Any] = {
        **ground(parent, here, lang),
        "ratio": one.is_percent,
        "better": one.better,
        "target": one.target,
        "legend": f"{one.said('name', lang)} ({unit})",
        "chosen": "" if one == able[0] else one.key,
    }
    told = counts.totals(asked.area, asked.span, asked.base, asked.where)["now"] if asked.known else None
    whole = of_counts(one.key, told, asked.area.population)
    said = text("map.not_on_map", lang, n=exact(lost)) if lost else text("map.hint", lang)
    note = "" if here else text("services_map.by_applicant", lang) + " · " + said
    if view.mode == "wall":
        note = f"{one.said('name', lang)} · {said}" if lost and not here else one.said("name", lang)
    measured = Measured.of(one.key, whole.value, whole.numerator, whole.denominator)
    return Answer(frame, (measured,), facts, "" if asked.known else "none", note=note)
