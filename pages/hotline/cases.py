"""Dissatisfied, supervised and hard cases of the hotline."""

from dataclasses import replace
from datetime import timedelta

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import days, exact, percent, text
from data_access import cases as orders
from data_access import hotline
from data_access.cases import Became
from domain.periods import Span
from pages.asking import Asked, ask

COLUMNS = ("kind", "name", "came", "open", "d3", "d7", "d15", "d30", "older", "handled", "rated", "converted")
# what each number opens: orders that became such in the period, and those that wait
_LINKS = {
    "unhappy": ({"state": "unhappy", "mark": ""}, {"state": "redo", "mark": ""}),
    "supervised": ({"state": "supervised", "mark": ""}, {"state": "open", "mark": "supervised"}),
    "hard": ({"state": "redo", "mark": "hard"}, {"state": "redo", "mark": "hard"}),
}


@panel(bodies.cases, about="hotline.converted", source="hotline", sets="state", needs=("callback_at", "satisfaction"))
def cases(view: View) -> Answer:
    """kind (unhappy | supervised | hard), name, came (in the period), open (now), d3, d7, d15, d30, older (of the open:
    days since they were accepted); of unhappy: handled (second handlings called back in the period), rated,
    converted."""
    asked = ask(view)
    where = replace(asked.where, mark="")
    waits = orders.waiting(asked.area, asked.at, where)
    came = orders.came(asked.area, asked.span, where)
    became = orders.became(asked.area, asked.span, where)
    table = []
    for kind, (count, ages) in waits.items():
        own = became if kind == "unhappy" else (None, None, None)
        table.append(
            dict(zip(COLUMNS, (kind, text(f"cases.{kind}", asked.lang), came[kind], count, *ages, *own), strict=True))
        )
    frame = tabled(table, COLUMNS, ("handled", "rated", "converted"))
    before = orders.became(asked.area, asked.base.span, where) if asked.base else None
    share = _share(became)
    measured = (
        Measured.of("hotline.converted", share, became.converted, became.rated, _share(before) if before else None),
    )
    if not any(came.values()) and not any(w.open for w in waits.values()):
        return Answer(frame, measured, blank="empty" if asked.known else "none")
    lines = [_said(became, asked.lang), *_campaign(asked)]
    return Answer(frame, measured, {"links": _LINKS, "lines": lines})


def _share(became: Became) -> float | None:
    return became.converted / became.rated if became.rated else None


def _said(became: Became, lang: str) -> str:
    return text(
        "cases.became", lang, handled=exact(became.handled), share=percent(_share(became)),
        n=exact(became.converted), of=exact(became.rated),
    )  # fmt: skip


def _campaign(asked: Asked) -> list[str]:
    """What the last campaign for such cases did, against the time before it."""
    found = [
        mark
        for mark in hotline.marks(asked.at - timedelta(days=365), asked.at)
        if mark.kind == "campaign" and "不满意" in mark.name_zh
    ]
    if not found:
        return []
    mark = found[-1]
    during = Span(mark.start, min(mark.end, asked.at))
    earlier = Span(mark.start - (during.end - during.start), mark.start)
    where = replace(asked.where, mark="")
    then, before = (orders.became(asked.area, span, where) for span in (during, earlier))
    if not then.rated:
        return []
    return [
        text(
            "cases.campaign", asked.lang, name=mark.name_zh if asked.lang == "zh" else mark.name_en,
            days=days(during.start, during.end), share=percent(_share(then)), n=exact(then.converted),
            of=exact(then.rated), before=percent(_share(before)),
        )
    ]  # fmt: skip
