"""Where: places by one metric, and where the orders of a street lie."""

from dataclasses import replace
from typing import Any

from components import figures
from components.panel import Answer, panel
from components.rows import framed
from components.view import View
from components.words import exact, text
from data_access import order_facts, shapes
from data_access.areas import tree
from data_access.order_facts import Spots
from data_access.running import STREET
from pages import metrics
from pages.asking import Asked
from pages.hotline.marked import called_out, marked
from pages.hotline.marked import columns as marked_columns
from pages.mapped import mapped

NUMBERS = (*metrics.NUMBERS, "bursts", "burst_callers", "burst_expected")
METRICS = ("hotline.on_time", "hotline.satisfaction", "hotline.per_10k", "hotline.overdue", "hotline.bursts")


def _metrics(view: View) -> tuple[str, ...]:
    """Where nobody knows how many people live, orders are counted as they are."""
    if metrics.available(view, ("hotline.per_10k",)):
        return METRICS
    return tuple("hotline.received" if key == "hotline.per_10k" else key for key in METRICS)


def _links(view: View) -> list[tuple[str, str, str]]:
    """The metric switch in short words; the first metric is the default and stays out of the URL."""
    some = metrics.available(view, _metrics(view))
    short = [text(f"map.short_{one.key.partition('.')[2]}", view.lang) for one in some]
    return [
        ("metric", "" if i == 0 else one.key, words) for i, (one, words) in enumerate(zip(some, short, strict=True))
    ]


@panel(figures.region_map, about=METRICS, source="hotline", sets="area", choices=_links)
def map(view: View) -> Answer:  # noqa: A001 - the panel's public name
    """kind (place | spot), code, name, value, said, numerator, denominator, received, due, on_time, sentence, lon, lat,
    size, column, row, bursts (how many now), burst (the most unusual of them), burst_callers, burst_expected: one row a
    child of the place, at the lowest level its siblings; of a street also one row a spot: the middle of a cell of some
    hundred metres, and the orders received that lie in it."""
    some, answer = mapped(view, _metrics(view))
    asked = some.asked
    if not tree().children(some.parent.code):
        return replace(answer, facts={"lacking": ["areas"]}, note=text("state.no_areas", asked.lang))
    if answer.blank:
        return answer
    columns = {"kind": ["place"] * len(answer.frame)}
    columns |= {name: answer.frame[name].tolist() for name in answer.frame.columns}
    found = marked(asked, some.parent)
    columns |= marked_columns(columns["code"], found, asked.lang)
    facts = answer.facts | {
        "callouts": called_out(asked, found, some.here),
        "marks": some.indicator.key != "hotline.bursts",  # whose number says it already
    }
    note = answer.note
    bounds = shapes.bounds(asked.area.code) if asked.area.level >= STREET else None
    if bounds is not None:
        spots = order_facts.spots(asked.area, asked.span, bounds, asked.where)
        _added(columns, spots, asked)
        words = text("map.points", asked.lang, n=exact(spots.placed), lost=exact(spots.unplaced))
        note = f"{words} · {note}" if note else words
    return replace(answer, frame=framed(columns, NUMBERS), facts=facts, note=note)


def _added(columns: dict[str, list[Any]], spots: Spots, asked: Asked) -> None:
    """Write the spots under the places."""
    nothing: dict[str, Any] = {"due": 0, "on_time": 0, "column": 0, "row": 0, "bursts": 0, "size": None, "value": None}
    told: dict[str, list[Any]] = {
        "kind": ["spot"] * len(spots.spots),
        "lon": [spot.lon for spot in spots.spots],
        "lat": [spot.lat for spot in spots.spots],
        "received": [spot.n for spot in spots.spots],
        "sentence": [text("map.spot", asked.lang, n=exact(spot.n)) for spot in spots.spots],
    }
    for name, values in columns.items():
        values.extend(told.get(name) or [nothing.get(name, None if name in NUMBERS else "")] * len(spots.spots))
