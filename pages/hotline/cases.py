"""Dissatisfied, supervised and hard cases of the hotline."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import days, exact, percent, text
from data_access import cases as orders
from data_access import hotline
from data_access.cases import Became
from domain.hotline_rules import rules
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
    came = orders.came(asked.area, asked.span, where, asked.base)
    campaign = _campaign(asked)
    spans = [asked.span, *([asked.base.span] if asked.base else []), *(campaign[1:] if campaign else ())]
    handled = orders.became(asked.area, tuple(spans), where)
    became, before = handled[0], handled[1] if asked.base else None
    table = []
    for kind, (count, ages) in waits.items():
        own = became if kind == "unhappy" else (None, None, None)
        table.append(
            dict(zip(COLUMNS, (kind, text(f"cases.{kind}", asked.lang), came[kind], count, *ages, *own), strict=True))
        )
    frame = tabled(table, COLUMNS, ("handled", "rated", "converted"))
    share = _share(became)
    measured = (
        Measured.of("hotline.converted", share, became.converted, became.rated, _share(before) if before else None),
    )
    if not any(came.values()) and not any(w.open for w in waits.values()):
        return Answer(frame, measured, blank="empty" if asked.known else "none")
    lines = [_said(became, asked.lang)]
    if campaign and (then := handled[-2]).rated:
        lines.append(_driven(campaign[0], campaign[1], then, handled[-1], asked.lang))
    held = rules(asked.at.date())
    meant = {"hard": text("cases.hard_is", asked.lang, redo=held.hard_redo, moves=held.hard_moves)}
    return Answer(frame, measured, {"links": _LINKS, "meant": meant, "lines": lines})


def _share(became: Became) -> float | None:
    return became.converted / became.rated if became.rated else None


def _said(became: Became, lang: str) -> str:
    return text(
        "cases.became", lang, handled=exact(became.handled), share=percent(_share(became)),
        n=exact(became.converted), of=exact(became.rated),
    )  # fmt: skip


def _campaign(asked: Asked) -> tuple[Any, Span, Span] | None:
    """The last campaign for such cases, its time so far, and as much time before it."""
    found = [
        mark
        for mark in hotline.marks(asked.at - timedelta(days=365), asked.at)
        if mark.kind == "campaign" and "不满意" in mark.name_zh
    ]
    if not found:
        return None
    mark = found[-1]
    during = Span(mark.start, min(mark.end, asked.at))
    return mark, during, Span(mark.start - (during.end - during.start), mark.start)


def _driven(mark: Any, during: Span, then: Became, before: Became, lang: str) -> str:
    """What it did, against the time before it."""
    name = mark.name_zh if lang == "zh" else mark.name_en
    return text(
        "cases.campaign", lang, name=name, days=days(during.start, during.end), share=percent(_share(then)),
        n=exact(then.converted), of=exact(then.rated), before=percent(_share(before)),
    )  # fmt: skip
