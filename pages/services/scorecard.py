"""The scorecard: two families of rates that are never mixed. What the catalogue promises, a stock at a day, each with
its variant; and what became of the cases, flows of the period."""

from datetime import date, datetime, time, timedelta
from typing import Any

from components.bodies import services_scorecard as bodies
from components.panel import Answer, Measured, fills, panel
from components.rows import rows, tabled
from components.view import View
from components.words import days, exact, moment, percent, text
from data_access import coverage
from data_access.indicators import indicators
from data_access.services import catalogue, counts
from data_access.services.counts import Counts
from domain.periods import Span
from domain.services.items import ItemRate
from pages.asking import given
from pages.services.asked import CASES, Asked, ask
from pages.services.rates import needed, of_counts

ITEMS = tuple(catalogue.VARIANTS)
FLOWS = (
    "services.online_accepted", "services.full_online_cases", "services.on_time_finished", "services.on_time_due",
    "services.speed_up", "services.good_rating", "services.active_rating",
)  # fmt: skip
MONTHS = 12
COLUMNS = (
    "kind", "key", "name", "variant", "value", "numerator", "denominator", "left_out", "base", "target", "rank",
    "peers", "rank_month", "rank_value", "next_value", "gap", "gap_said", "trend", "peers_values",
)  # fmt: skip
NUMBERS = (
    "value", "numerator", "denominator", "left_out", "base", "target", "rank", "peers", "rank_value", "next_value",
    "gap",
)  # fmt: skip


def months(at: date) -> list[date]:
    """The first days of the last twelve months, that of `at` among them, oldest first."""
    last = at.year * 12 + at.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(last - MONTHS + 1, last + 1)]


def _item_days(at: date) -> tuple[date, ...]:
    """The last day of each month before that of `at`, and `at`."""
    return (*(first - timedelta(days=1) for first in months(at)[1:]), at)


def variant_of(key: str, chosen: str) -> str:
    """The variant that a rate is counted by: the chosen one where it has it, else its first; '' where it has one
    only."""
    known = catalogue.VARIANTS[key]
    return chosen if chosen in known else next(iter(known), "")


def _gap(key: str, value: float | None, denominator: float | None, following: float | None, lang: str) -> Any:
    """gap (a fraction), in words how many items, days or cases it is; the gap alone where that is not known."""
    if value is None or following is None or following <= value:
        return None, ""
    gap = following - value
    if not denominator:
        return gap, ""
    unit = text(f"scorecard.unit_{key.partition('.')[2]}", lang)
    n = -(-gap * denominator // 1)
    return gap, text("scorecard.gap", lang, points=percent(gap), n=exact(n), unit=unit)


def _ranked(key: str, asked: Asked, denominator: float | None, whole: bool) -> dict[str, Any]:
    """What was published of the place among the peers; of the whole city only. The gap is that of what was published:
    peers are known of that month alone."""
    told = catalogue.rank(key, asked.at) if whole else None
    if told is None:
        return dict.fromkeys(("rank", "peers", "rank_value", "next_value", "gap")) | {
            "rank_month": "", "gap_said": "", "peers_values": "",
        }  # fmt: skip
    gap, said = _gap(key, told.value, denominator, told.next_value, asked.lang)
    return {
        "rank": told.rank, "peers": told.peers, "rank_month": f"{told.month:%Y-%m}", "rank_value": told.value,
        "next_value": told.next_value, "gap": gap, "gap_said": said,
        "peers_values": " ".join(f"{v:.6g}" for v in told.values),
    }  # fmt: skip


def _listed(values: list[float | None]) -> str:
    return " ".join("-" if v is None else f"{v:.6g}" for v in values)


def _items(asked: Asked, whole: bool) -> list[dict[str, Any]]:
    """One row an item-based rate, on the as-of day; items of a department where the view names one."""
    lang, day, org = asked.lang, asked.at.date(), asked.where.org
    before = asked.before - timedelta(microseconds=1) if asked.before else None
    made = []
    for key in ITEMS:
        one, variant = indicators()[key], variant_of(key, asked.view.score)
        course = catalogue.course(key, _item_days(day), variant, org)
        now: ItemRate | None = course[-1]
        base = catalogue.rate(key, before.date(), variant=variant, org=org) if before else None
        first = next(iter(catalogue.VARIANTS[key]), "")
        ranked = _ranked(key, asked, now and now.denominator, whole and not org and variant == first)
        made.append({
            "kind": "item", "key": key, "name": one.said("name", lang), "variant": variant, "value": now and now.value,
            "numerator": now and now.numerator, "denominator": now and now.denominator,
            "left_out": now and now.left_out, "base": base and base.value, "target": one.target,
            "trend": _listed([told and told.value for told in course]),
        } | ranked)  # fmt: skip
    return made


def _monthly(asked: Asked) -> list[Counts | None]:
    """The counts of the last twelve months, the last until the moment; None for a month without a load in full."""
    starts = [datetime.combine(first, time.min) for first in months(asked.at.date())]
    ends = [*starts[1:], asked.at]
    spans = {str(n): Span(a, b) for n, (a, b) in enumerate(zip(starts, ends, strict=True)) if a < b}
    found = counts.monthly(asked.area, tuple(spans.values()), asked.where, needed(FLOWS))
    there = [coverage.covers(span, CASES) for span in spans.values()]
    told: list[Counts | None] = [n if known else None for n, known in zip(found, there, strict=True)]
    return told + [None] * (MONTHS - len(told))


def _flows(asked: Asked, whole: bool) -> list[dict[str, Any]]:
    """One row a case-based rate, of the cases of the period."""
    lang = asked.lang
    told = counts.totals(asked.area, asked.span, asked.base, asked.where) if asked.known else {}
    past = _monthly(asked)
    plain = whole and not asked.where.named
    made = []
    for key in FLOWS:
        one, now, base = indicators()[key], of_counts(key, told.get("now")), of_counts(key, told.get("base"))
        made.append({
            "kind": "case", "key": key, "name": one.said("name", lang), "variant": "", "value": now.value,
            "numerator": now.numerator, "denominator": now.denominator, "left_out": None,
            "base": None if base.few else base.value, "target": one.target,
            "trend": _listed([of_counts(key, n).value for n in past]),
        } | _ranked(key, asked, now.denominator, plain))  # fmt: skip
    return made


def _choices(view: View) -> list[tuple[str, str, str]]:
    """The variants that some rate is counted by."""
    if not catalogue.there():
        return []
    known = sorted({variant for some in catalogue.VARIANTS.values() for variant in some})
    words = [text("scorecard.variant", view.lang, name=name) for name in known]
    return [("score", "" if i == 0 else name, said) for i, (name, said) in enumerate(zip(known, words, strict=True))]


@panel(bodies.scorecard, about=(*ITEMS, *FLOWS), source="services", choices=_choices)
def scorecard(view: View) -> Answer:
    """kind (item: attributes of the catalogue on the as-of day, case: cases of the period; never to be mixed), key,
    name, variant (A, B, C; '' there is one only), value (fraction), numerator, denominator (items, working days,
    materials; cases, working days, ratings), left_out (items that the rule leaves out of the base), base (of the day,
    the period before), target, rank, peers, rank_month, rank_value, next_value (as published: of the peer one rank
    above), gap (fraction, of what was published), gap_said (in items or cases), trend (fractions of the last twelve
    months, oldest first, - for none), peers_values (as published, best first): one row a rate. What was not published
    is empty."""
    asked = ask(view)
    lang, whole = asked.lang, asked.area.level == 0
    there = catalogue.there()
    cases = fills(given(view), CASES)
    made = [*(_items(asked, whole) if there else []), *(_flows(asked, whole) if cases else [])]
    frame = tabled(made, COLUMNS, NUMBERS)
    measured = tuple(Measured.of(r.key, r.value, r.numerator, r.denominator, r.base) for r in rows(frame))
    total = text("scorecard.items", lang, n=exact(catalogue.counted(asked.at.date(), asked.where.org))) if there else ""
    facts: dict[str, Any] = {
        "items_said": text("scorecard.stock", lang, n=total, at=moment(asked.at, lang)[:5]) if there else "",
        "cases_said": text("scorecard.flow", lang, period=days(asked.span.start, asked.span.end, asked.at)),
        "whole": whole and not asked.where.named,
        "city_only": text("scorecard.city_only", lang) if asked.area.level and there else "",
        "lacking_items": "" if there else text("state.lacking", lang, field=text("field.services.items", lang)),
        "lacking_cases": "" if cases else text("state.lacking", lang, field=text(f"field.{CASES}", lang)),
        "against": "" if view.compare == "none" else text(f"compare.{view.compare}_short", lang),
        "chosen": view.score,
    }
    if not there and not cases:
        words = facts["lacking_cases"]
        return Answer(frame, facts={"lacking": [CASES]}, blank="none", note=words)
    return Answer(frame, measured, facts, "" if made else "none", note=text("scorecard.note", lang))
