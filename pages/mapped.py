"""A map of places by one metric, for any page and its own list of metrics."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from components.panel import Answer, Measured
from components.rows import framed
from components.view import View
from components.words import exact, text
from pages import metrics
from pages.ground import ground, place
from pages.metrics import Compared


def mapped(view: View, of: Sequence[str] = metrics.METRICS) -> tuple[Compared, Answer]:
    """What is compared, and the answer for figures.region_map: code, name, value, said, numerator, denominator,
    received, due, on_time, sentence, lon, lat, size, column, row: one row a child of the place; at the lowest level its
    siblings."""
    some = metrics.compared(view, of)
    asked, indicator, lang = some.asked, some.indicator, some.asked.lang
    if not some.places:
        return some, Answer(pd.DataFrame({"code": []}), blank="none")
    columns = some.columns()
    columns["said"] = [metrics.said(p.value, indicator, lang) for p in some.places]
    columns["sentence"] = [metrics.sentence(p, indicator, asked) for p in some.places]
    frame = framed(columns | place(columns["code"], some.parent), metrics.NUMBERS)
    unit, name = metrics.unit(indicator, lang), indicator.said("name", lang)
    facts: dict[str, Any] = {
        **ground(some.parent, some.here, lang),
        "ratio": indicator.is_percent,
        "better": indicator.better,
        "target": indicator.target,
        "legend": name if unit in name else f"{name} ({unit})",
        "chosen": "" if indicator == metrics.available(view, of)[0] else indicator.key,
    }
    here = next((p for p in some.places if p.code == some.here), None)
    if here is None:
        measured = metrics.whole(asked, indicator)
    else:
        measured = Measured.of(indicator.key, here.value, here.numerator, here.denominator)
    lost = text("map.not_on_map", lang, n=exact(some.lost)) if some.lost else text("map.hint", lang)
    note = "" if some.here else lost
    if view.mode == "wall":
        note = f"{unit} · {note}" if note and some.lost else unit
    return some, Answer(frame, (measured,), facts, note=note)
