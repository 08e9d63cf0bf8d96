"""Why a rate moved: the part of each organisation or place in it (domain.contribution), with the counts it rests on."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from briefing.sentences import Context
from components.rows import tabled
from data_access import hotline
from data_access.areas import tree
from data_access.services import catalogue
from data_access.services import counts as services
from data_access.where import place_column
from domain.contribution import of_rates

RATES = {  # indicator -> numerator, denominator
    "hotline.on_time": ("on_time", "due"),
    "services.on_time_due": ("due_in_time", "due"),
    "services.online_accepted": ("online", "accepted"),
}
COLUMNS = ("code", "name", "numerator", "denominator", "numerator_before", "denominator_before", "own", "mix", "effect")
NUMBERS = COLUMNS[2:]


def moved(context: Context, key: str, by: str) -> pd.DataFrame:
    """code, name, numerator, denominator and the same of the period before, own (what its own rate did to the whole's),
    mix (what the shift of cases to or from it did), effect (both; fractions): largest first. by: org | place. Empty
    where there is nothing to compare with."""
    above, below = RATES[key]
    column = "org" if by == "org" else place_column(context.area.level + 1)
    if context.base is None:
        return tabled([], COLUMNS, NUMBERS)
    if key.startswith("hotline."):
        found: Any = hotline.by_value(context.area, context.span, context.base, column, names=(above, below))
    else:
        found = services.by_value(context.area, context.span, context.base, column, names=(above, below))
    now = {row.code: (getattr(row.now, above), getattr(row.now, below)) for row in found}
    before = {row.code: (getattr(row.base, above), getattr(row.base, below)) for row in found if row.base}
    names = _names(context, by, key)
    rows = [
        {
            "code": one.key,
            "name": names.get(one.key, one.key),
            "numerator": now.get(one.key, (0, 0))[0],
            "denominator": now.get(one.key, (0, 0))[1],
            "numerator_before": before.get(one.key, (0, 0))[0],
            "denominator_before": before.get(one.key, (0, 0))[1],
            "own": one.rate,
            "mix": one.mix,
            "effect": one.total,
        }
        for one in of_rates(before, now) or ()
    ]
    return tabled(rows, COLUMNS, NUMBERS)


def overdue(context: Context) -> pd.DataFrame:
    """code, name, open, overdue: the organisations that hold orders past their limit at the moment, most first."""
    names = hotline.organisation_names(context.lang)
    found = hotline.stock_by(context.area, context.at, "org")
    rows = [
        {"code": code, "name": names.get(code, code), "open": one.open, "overdue": one.overdue}
        for code, one in found.items()
        if code and one.overdue
    ]
    rows.sort(key=lambda row: (-row["overdue"], row["code"]))
    return tabled(rows, ("code", "name", "open", "overdue"), ("open", "overdue"))


def _names(context: Context, by: str, key: str) -> Mapping[str, str]:
    if by != "org":
        return {one.code: one.label(context.lang) for one in tree().children(context.area.code)}
    if key.startswith("hotline."):
        return hotline.organisation_names(context.lang)
    return {code: zh if context.lang == "zh" else en or zh for code, (zh, en) in catalogue.departments().items()}
