"""晾晒台: departments and districts by one rate, fairly ranked; and the ledger of problems found and fixed. Rates of
cases are of the period, those of items a stock at the moment: each by itself, never mixed."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from components.bodies import services_league as bodies
from components.panel import Answer, Measured, panel, period_words
from components.rows import tabled
from components.view import View
from components.words import exact, moment, signed, text
from data_access import coverage
from data_access.areas import tree
from data_access.indicators import indicators
from data_access.league import League
from data_access.services import catalogue
from data_access.services import league as data
from data_access.services.counts import Counts
from domain.ranking import MINIMUM_CASES, Item, Ranked, interval, ranked
from domain.rounding import half_up
from domain.services.items import ItemRate
from pages.services.asked import CASES, Asked, ask
from pages.services.rates import needed, of_counts
from pages.services.scorecard import variant_of

RATES = (
    "services.on_time_due", "services.online_accepted", "services.good_rating", "services.speed_up",
    "services.active_rating", "services.rectified",
)  # fmt: skip
ITEMS = tuple(catalogue.VARIANTS)  # of departments alone: no source tells items by district
FIELDS = (
    "code", "name", "rank", "rank_before", "rise", "few", "value", "numerator", "denominator", "low", "high", "apart",
    "value_before", "drift",
)  # fmt: skip
NUMBERS = ("rank_before", "rise", "value", "numerator", "denominator", "low", "high", "value_before", "drift")
DIGITS = 4  # of a fraction: rates that are equal as shown tie


def chosen(view: View) -> str:
    """The rate that ranks: the page's metric where it is one."""
    return view.metric if view.metric in RATES or (view.metric in ITEMS and _of_items(view)) else RATES[0]


def _of_items(view: View) -> bool:
    """Whether item-based rates can rank."""
    return not _by_place(view) and catalogue.there()


def _by_place(view: View) -> bool:
    return view.board == "districts" and bool(tree().children(_city()))


def _city() -> str:
    root = tree().root
    return root.code if root else ""


def _choices(view: View) -> list[tuple[str, str, str]]:
    boards = [("board", "", text("sunned.org", view.lang))]
    if tree().children(_city()):
        boards.append(("board", "districts", text("sunned.area", view.lang)))
    return boards if len(boards) > 1 else []


def _ranks(units: dict[str, Counts], key: str, before: dict[str, int | None] | None) -> list[Ranked]:
    figures = {code: of_counts(key, counts) for code, counts in units.items()}
    items = [Item(code, one.value, one.denominator or 0) for code, one in figures.items()]
    better = indicators()[key].better
    return ranked(items, better=better, minimum=MINIMUM_CASES, digits=DIGITS, previous=before)


@panel(
    bodies.league,
    about=(*RATES, *ITEMS, "services.problems_fixed"),
    source="services",
    choices=_choices,
    needs=(CASES,),
)
def league(view: View) -> Answer:
    """code, name, rank ('=5', '' unranked), rank_before, rise (places gained since the period before), few (fewer than
    30 cases: not ranked), value (a fraction), numerator, denominator, low, high (where the share probably lies, 95 %;
    NaN where the rate is no share of cases), apart (better, worse: all of that lies on one side of the whole),
    value_before, drift (as counted now less the frozen value, NaN where nothing is frozen): one row a department or
    district, best first, small samples last and unranked."""
    asked, key = ask(view), chosen(view)
    if key in ITEMS:
        return _by_items(asked, key)
    districts = _by_place(view)
    area = asked.area
    if districts:
        area = tree().root or area
    by = "district_code" if districts else "org"
    last = view.to(compare="mom").base(asked.at)
    last = last if last and coverage.covers(last.span, CASES) else None
    where = asked.where if districts else replace(asked.where, org="")
    names = tuple(dict.fromkeys(("received", "due", *needed((key,)))))
    found = data.league(area, asked.span, last, asked.at, where, by=by, names=names)
    called = _names(districts, asked.lang)
    units = {u.code: u for u in found.units if u.code in called and (u.now.received or u.now.due or districts)}
    if not units or not asked.known:
        return Answer(pd.DataFrame({"code": []}), blank="empty" if asked.known else "none")
    then = {code: u.last for code, u in units.items() if u.last is not None}
    before = {r.key: r.rank for r in _ranks(then, key, None)} if then else {}
    ranks = _ranks({code: u.now for code, u in units.items()}, key, before if then else None)
    whole = of_counts(key, found.whole.now)
    rows = [_row(one, units[one.key], key, whole=whole.value, name=called[one.key], before=before) for one in ranks]
    facts = {
        "field": "area" if districts else "org",
        "here": _here(asked) if districts else view.org,
        "whole": whole.value,
        **_links(asked, key),
        "has_last": bool(then),
        "intervals": key != "services.speed_up",
        "frozen": _frozen(found, [row["drift"] for row in rows], asked.lang),
        "ledger": _ledger(asked),
    }
    note = period_words(view, asked.at)
    measured = (Measured.of(key, whole.value, whole.numerator, whole.denominator), *_fixed(facts["ledger"]))
    return Answer(tabled(rows, FIELDS, NUMBERS), measured, facts, note=note)


def _links(asked: Asked, key: str) -> dict[str, Any]:
    """rates, items: (key, words, whether it ranks) of the rates that may rank."""
    kinds = {"rates": RATES, "items": ITEMS if _of_items(asked.view) else ()}
    return {
        kind: [(one, text(f"sunned.{one.split('.')[1]}", asked.lang), one == key) for one in some]
        for kind, some in kinds.items()
    }


def _by_items(asked: Asked, key: str) -> Answer:
    """The departments by an item-based rate on the as-of day. All items are counted, so there are no samples: none is
    too small, and no interval."""
    day, last = asked.at.date(), asked.view.to(compare="mom").base(asked.at)
    variant = variant_of(key, asked.view.score)

    def told(on: date) -> dict[str, ItemRate]:
        found = {org: catalogue.rate(key, on, variant=variant, org=org) for org in catalogue.departments()}
        return {org: one for org, one in found.items() if one is not None and one.value is not None}

    def ranks(some: dict[str, ItemRate], before: dict[str, int | None] | None) -> list[Ranked]:
        items = [Item(org, one.value, one.denominator) for org, one in some.items()]
        return ranked(items, better=indicators()[key].better, minimum=1, digits=DIGITS, previous=before)

    now, then = told(day), told((last.span.end - timedelta(microseconds=1)).date()) if last else {}
    whole = catalogue.rate(key, day, variant=variant)
    if not now or whole is None:
        return Answer(pd.DataFrame({"code": []}), blank="empty")
    before = {one.key: one.rank for one in ranks(then, None)}
    names = _names(False, asked.lang)
    rows = [
        dict.fromkeys(FIELDS) | {
            "code": one.key, "name": names[one.key], "rank": one.label, "rank_before": before.get(one.key),
            "rise": one.rise, "few": False, "value": now[one.key].value, "numerator": now[one.key].numerator,
            "denominator": now[one.key].denominator, "apart": "",
            "value_before": then[one.key].value if one.key in then else None,
        }
        for one in ranks(now, before if then else None)
    ]  # fmt: skip
    facts = {
        "field": "org", "here": asked.view.org, "whole": whole.value, **_links(asked, key), "has_last": bool(then),
        "intervals": False, "frozen": "", "ledger": _ledger(asked),
    }  # fmt: skip
    kind = text("scorecard.variant", asked.lang, name=variant) if variant else ""
    note = text("sunned.stock", asked.lang, at=moment(asked.at, asked.lang)[:5], kind=f" · {kind}" if kind else "")
    measured = Measured.of(key, whole.value, whole.numerator, whole.denominator)
    return Answer(tabled(rows, FIELDS, NUMBERS), (measured, *_fixed(facts["ledger"])), facts, note=note)


def _fixed(told: dict[str, Any]) -> tuple[Measured, ...]:
    return (Measured.of("services.problems_fixed", told["share"], told["fixed"], told["found"]),) if told else ()


def _here(asked: Asked) -> str:
    path = tree().path(asked.area.code)
    return path[1].code if len(path) > 1 else ""


def _names(districts: bool, lang: str) -> dict[str, str]:
    if districts:
        return {area.code: area.label(lang) for area in tree().children(_city())}
    return {code: zh if lang == "zh" else en or zh for code, (zh, en) in catalogue.departments().items()}


def _row(
    one: Ranked, unit: Any, key: str, *, whole: float | None, name: str, before: dict[str, int | None]
) -> dict[str, Any]:
    now = of_counts(key, unit.now)
    then = of_counts(key, unit.last) if unit.last is not None else None
    live = of_counts(key, unit.live) if unit.live is not None else None
    share = key != "services.speed_up" and now.value is not None and now.denominator
    reach = interval(now.numerator or 0, now.denominator or 0) if share else None
    apart = ""
    if reach and whole is not None and one.rank is not None:
        apart = "better" if reach[0] > whole else "worse" if reach[1] < whole else ""
    return {
        "code": one.key,
        "name": name,
        "rank": one.label,
        "rank_before": before.get(one.key),
        "rise": one.rise,
        "few": one.rank is None,
        "value": now.value,
        "numerator": now.numerator,
        "denominator": now.denominator,
        "low": reach[0] if reach else None,
        "high": reach[1] if reach else None,
        "apart": apart,
        "value_before": then.value if then else None,
        "drift": live.value - now.value if live and live.value is not None and now.value is not None else None,
    }


def _frozen(found: League[Counts], drifts: list[float | None], lang: str) -> str:
    """That the results are frozen since when, and by how much counting now would differ."""
    if found.frozen_at is None:
        return ""
    words = text("sunned.frozen", lang, at=moment(found.frozen_at, lang, year=True))
    moved = [d for d in drifts if d is not None and half_up(abs(d), DIGITS) > 0]
    if not moved:
        return words
    return words + text("sunned.drifted", lang, n=exact(len(moved)), most=signed(max(moved, key=abs) * 100, 2))


def _ledger(asked: Asked) -> dict[str, Any]:
    """found, fixed, share, kinds (words of each); {} where the ledger tells nothing of the place."""
    told = data.problems(asked.area, asked.span, asked.at, asked.where.org)
    found, fixed = sum(one.found for one in told), sum(one.fixed for one in told)
    if not found:
        return {}
    kinds = [
        text(
            "sunned.kind",
            asked.lang,
            name=text(f"problem_kind.{one.kind}", asked.lang),
            fixed=one.fixed,
            found=one.found,
        )
        for one in told
    ]
    return {"found": found, "fixed": fixed, "share": fixed / found, "kinds": kinds}
