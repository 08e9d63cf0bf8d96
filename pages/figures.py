"""The ledger of published figures: what five cities have printed about themselves, where, and whether it adds up."""

import pandas as pd
from dash import html, register_page
from dash.development.base_component import Component

from components import bodies
from components.panel import Answer, panel
from components.rows import count, rows
from components.view import View
from components.words import exact, text
from data_access import ledger as published

register_page(__name__, path="/figures", name="figures", order=9, nav="more", filtered=False)


def _cities(view: View) -> list[tuple[str, str, str]]:
    names = published.cities()
    column = "city" if view.lang == "zh" else "city_en"
    every = ("city", "", text("figures.all_cities", view.lang))
    return [every, *(("city", row.adcode, getattr(row, column)) for row in rows(names))]


@panel(bodies.ledger, choices=_cities, searches="q")
def ledger(view: View) -> Answer:
    """city, adcode, domain, domain_name, indicator, printed (as printed, with its qualifier), value, unit, value_base,
    unit_base, base (value_base in words), as_of, as_of_precision, date (and how sure it is), document, locator, mark,
    remark: one row a published figure, in the order of the documents."""
    lang = view.lang
    frame = published.figures(view.city or None, view.domain or None, view.q or None)
    shown = pd.DataFrame(
        {
            "city": frame["city" if lang == "zh" else "city_en"],
            "adcode": frame["adcode"],
            "domain": frame["domain"],
            "domain_name": frame[f"domain_{lang}"],
            "indicator": frame[f"indicator_{lang}"],
            "printed": frame["printed"],
            "value": frame["value"],
            "unit": frame["unit"],
            "value_base": frame["value_base"],
            "unit_base": frame["unit_base"],
            "base": [f"{exact(v)} {u}" for v, u in zip(frame["value_base"], frame["unit_base"], strict=True)],
            "as_of": frame["as_of"],
            "as_of_precision": frame["as_of_precision"],
            "date": frame[f"date_{lang}"],
            "document": frame["document" if lang == "zh" else "document_en"],
            "locator": frame["locator" if lang == "zh" else "locator_en"],
            "mark": frame[f"mark_{lang}"],
            "remark": frame[f"remark_{lang}"],
        }
    )
    note = text("figures.count", lang, n=len(shown))
    if view.domain and len(shown):
        note = f"{shown['domain_name'].iloc[0]} · {note}"
    return Answer(shown, blank="" if len(shown) else "empty", note=note)


@panel(bodies.checks)
def checks(view: View) -> Answer:
    """check, city, state, said, left, right, sentence: one row a reconciliation (parts = total, rate = its parts),
    contradictions first."""
    lang = view.lang
    frame = published.checks()
    shown = pd.DataFrame(
        {
            "check": frame["check"],
            "city": frame["city" if lang == "zh" else "city_en"],
            "state": frame["state"],
            "said": frame[f"state_{lang}"],
            "left": frame["left"],
            "right": frame["right"],
            "sentence": frame[f"sentence_{lang}"],
        }
    )
    wrong = count((frame["state"] == "contradiction").sum())
    return Answer(
        shown, blank="" if len(shown) else "empty", note=text("figures.found", lang, n=len(shown), wrong=wrong)
    )


def layout(**query: str) -> Component:
    view = View.from_query(query)
    note = published.NOTE_ZH if view.lang == "zh" else published.NOTE_EN
    return html.Div(
        [html.P(note, className="standing-note"), ledger.slot(view.lang), checks.slot(view.lang)],
        className="grid figures",
    )
