"""Who does well: places and organisations by their three rates and composite score, fairly ranked, and why the whole's
score moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pandas as pd

from components.bodies import league as bodies
from components.judging import misses
from components.panel import Answer, Measured, panel, period_words
from components.rows import tabled
from components.view import View
from components.words import exact, moment, percent, signed, text
from data_access import coverage, hotline
from data_access import league as data
from data_access.areas import Area, tree
from data_access.hotline import Counts
from data_access.indicators import indicators
from data_access.where import Where, place_column
from domain.contribution import ScoreEffects, of_score
from domain.hotline_rates import Rate, composite, on_time, resolution_rate, response_rate, satisfaction_rate, too_few
from domain.hotline_rules import Rules, rules
from domain.ranking import Item, Ranked, ranked
from domain.rounding import half_up
from pages.asking import Asked, ask, tells

RATES = {"response": "responded", "resolution": "resolved", "satisfaction": "satisfaction"}  # and the field of each
FIELDS = (
    "code", "name", "rank", "rank_before", "rise", "few", "received", "population", "per_10k", "on_time_n", "due",
    "on_time", "responded", "dispatched_called", "response", "resolved", "asked", "resolution", "satisfied", "rated",
    "satisfaction", "called", "score", "score_before", "drift", "off",
)  # fmt: skip
NUMBERS = tuple(name for name in FIELDS if name not in ("code", "name", "rank", "few", "off"))


@dataclass(frozen=True)
class Standing:
    """A unit's rates and score; None where there is nothing to divide by. value: what ranks it (score, or on-time rate
    as a fraction), n: the cases behind it. few: too small a sample to rank."""

    on_time: Rate | None
    rates: Mapping[str, Rate | None]
    score: float | None
    value: float | None
    n: float
    few: bool


def standing(counts: Counts, rates: Sequence[str], held: Rules) -> Standing:
    """Of counts, by the rules of their time. rates: those that the source can tell; the score needs all three."""
    made: dict[str, Rate | None] = {
        "response": response_rate(counts.responded, counts.dispatched_called),
        "resolution": resolution_rate(counts.resolved, counts.partly, counts.asked, held),
        "satisfaction": satisfaction_rate(counts.satisfied, counts.basic, counts.rated, held),
    }
    kept = on_time(counts.on_time, counts.due)
    told = {name: made[name] for name in rates}
    if len(rates) < len(RATES):
        few = counts.due < held.minimum_n
        return Standing(kept, told, None, kept.value if kept else None, counts.due, few)
    score = composite(made["response"], made["resolution"], made["satisfaction"], held)
    n = min(counts.asked, counts.rated)  # the rate that rests on the fewest answers
    return Standing(kept, told, score, score, n, score is None or too_few(n, counts.called, held))


def _ranks(standings: Mapping[str, Standing], before: Mapping[str, int | None] | None, held: Rules) -> list[Ranked]:
    """As they are shown: equal to the digits on screen is a tie."""
    scored = any(one.score is not None for one in standings.values())
    items = [
        Item(code, one.value, min(one.n, held.minimum_n - 1) if one.few else one.n) for code, one in standings.items()
    ]
    return ranked(items, minimum=held.minimum_n, digits=1 if scored else 3, previous=before)


def _choices(view: View) -> list[tuple[str, str, str]]:
    asked = ask(view)
    parent, _ = _parent(asked.area)
    parts = text(f"level.{min(parent.level + 1, 4)}", view.lang)
    places = [("by", "", parts[:1].upper() + parts[1:])] if _places(parent) else []
    return [*places, ("by", "org", text("league.orgs", view.lang))] if _organisations(asked) else places


def _parent(area: Area) -> tuple[Area, str]:
    """Whose parts are compared: the place's own, or where it has none its siblings'; and the place's code then."""
    places = tree()
    if area.parent is None or places.children(area.code):
        return area, ""
    return places.get(area.parent) or area, area.code


def _places(parent: Area) -> bool:
    """Whether there are places to compare."""
    return bool(tree().children(parent.code))


def _organisations(asked: Asked) -> bool:
    """Whether the sources of the period name organisations."""
    return tells(asked, "org")


def _told(asked: Asked) -> list[str]:
    """The rates that the sources of the period can tell."""
    return [name for name, field in RATES.items() if tells(asked, field, "callback_at")]


@panel(
    bodies.league,
    about=("hotline.composite", "hotline.on_time", "hotline.response", "hotline.resolution", "hotline.satisfaction"),
    source="hotline",
    choices=_choices,
    needs=("due_at", "close_at"),
)
def league(view: View) -> Answer:
    """code, name, rank ('=5', '' unranked), rank_before, rise (places gained since the period before), few, received,
    population, per_10k, on_time_n, due, on_time, responded, dispatched_called, response, resolved, asked, resolution,
    satisfied, rated, satisfaction (fractions; resolved and satisfied weighted by the rules), called, score (0 to 100),
    score_before, drift (score as counted now less the frozen one, NaN where nothing is frozen), off (the rates that
    miss their threshold): one row a place or organisation, best first, small samples last and unranked."""
    asked = ask(view)
    by_org = _organisations(asked) and (view.by == "org" or not _places(_parent(asked.area)[0]))
    parent, here = (asked.area, view.org) if by_org else _parent(asked.area)
    if not by_org and not _places(parent):
        words = text("state.no_areas", asked.lang)
        return Answer(pd.DataFrame({"code": []}), facts={"lacking": ["areas"]}, blank="none", note=words)
    last = view.to(compare="mom").base(asked.at)
    last = last if last and coverage.covers(last.span) else None
    where = replace(asked.where, org="") if by_org else asked.where
    by = "org" if by_org else place_column(parent.level + 1)
    found = data.league(parent, asked.span, last, asked.at, where, by=by)
    told = _told(asked)
    held = rules((asked.span.end - timedelta(microseconds=1)).date())
    held_before = rules((last.span.end - timedelta(microseconds=1)).date()) if last else held
    names = _names(parent, by_org, asked.lang)
    units = [u for u in found.units if u.code in names and (u.now.due or u.now.called or not by_org)]
    if not by_org:
        there = {u.code for u in units}
        units += [data.Unit(code, Counts(), None, None) for code in names if code not in there]
    if not units or not asked.known:
        return Answer(pd.DataFrame({"code": []}), blank="empty" if asked.known else "none")
    now = {u.code: standing(u.now, told, held) for u in units}
    then = {u.code: standing(u.last, told, held_before) for u in units if u.last is not None}
    before = {r.key: r.rank for r in _ranks(then, None, held_before)}
    drifts = {u.code: standing(u.live, told, held).score for u in units if u.live is not None}
    by_code = {u.code: u for u in units}
    ranks = _ranks(now, before if then else None, held)
    rows = [
        _row(one, by_code[one.key], now[one.key])
        | {
            "name": names[one.key],
            "rank_before": before.get(one.key),
            "score_before": then[one.key].score if one.key in then else None,
            "drift": _drift(now[one.key].score, drifts.get(one.key)),
        }
        for one in ranks
    ]
    whole = standing(found.whole.now, told, held)
    whole_before = standing(found.whole.last, told, held_before) if found.whole.last else None
    effects = _effects(found.units, told, held, held_before) if last else None
    facts = {
        "rates": told,
        "per_10k": not by_org,
        "here": here,
        "field": "org" if by_org else "area",
        "whole": whole.score if whole.score is not None else whole.value,
        "said": _said(parent.label(asked.lang), asked.lang, whole, whole_before, effects),
        "own": _own(parent, asked, where, told, held),
        "frozen": _frozen(found, [row["drift"] for row in rows], asked.lang),
        "has_last": bool(then),
    }
    weights = "/".join(f"{half_up(w * 100):g}" for w in held.weights)
    note = period_words(view, asked.at)
    note += " · " + text("league.weights", asked.lang, weights=weights) if len(told) == len(RATES) else ""
    return Answer(tabled(rows, FIELDS, NUMBERS), _measured(found.whole.now, whole, whole_before), facts, note=note)


def _names(parent: Area, by_org: bool, lang: str) -> dict[str, str]:
    if by_org:
        return hotline.organisation_names(lang)
    return {a.code: a.label(lang) for a in tree().children(parent.code)}


def _drift(score: float | None, live: float | None) -> float | None:
    return None if score is None or live is None else live - score


def _row(one: Ranked, unit: data.Unit, now: Standing) -> dict[str, Any]:
    """FIELDS but for the name and what was before."""
    area = tree().get(one.key)
    population = area.population if area else None
    known = indicators()
    row: dict[str, Any] = {
        "code": one.key,
        "rank": one.label,
        "rise": one.rise,
        "few": one.rank is None,
        "received": unit.now.received,
        "population": population,
        "per_10k": unit.now.received / population * 1e4 if population else None,
        "called": unit.now.called,
        "score": now.score,
    }
    parts = {
        "on_time": ("on_time_n", "due", now.on_time),
        "response": ("responded", "dispatched_called", now.rates.get("response")),
        "resolution": ("resolved", "asked", now.rates.get("resolution")),
        "satisfaction": ("satisfied", "rated", now.rates.get("satisfaction")),
    }
    off = []
    for name, (numerator, denominator, rate) in parts.items():
        row |= {name: rate and rate.value, numerator: rate and rate.numerator, denominator: rate and rate.denominator}
        indicator = known.get(f"hotline.{name}")
        if rate and indicator and misses(rate.value, indicator.watch or indicator.target, indicator.better):
            off.append(name)
    row["off"] = " ".join(off)
    return row


# ---- why the score of the whole moved ----------------------------------------------------------------------------


def _effects(units: Sequence[data.Unit], told: Sequence[str], held: Rules, held_before: Rules) -> ScoreEffects | None:
    """What the units' own rates did, and what the shift of cases between them; None without a score on a side."""
    if len(told) < len(RATES):
        return None
    sides: list[dict[str, dict[str, tuple[float, float]]]] = []
    for which, by in ((1, held_before), (0, held)):
        side: dict[str, dict[str, tuple[float, float]]] = {name: {} for name in told}
        for unit in units:
            counts = unit.now if which == 0 else unit.last or Counts()
            for name, rate in standing(counts, told, by).rates.items():
                side[name][unit.code] = (rate.numerator, rate.denominator) if rate else (0.0, 0.0)
        sides.append(side)
    weights = [dict(zip(RATES, by.weights, strict=True)) for by in (held_before, held)]
    return of_score(sides[0], sides[1], weights[0], weights[1])


def _said(name: str, lang: str, whole: Standing, before: Standing | None, effects: ScoreEffects | None) -> str:
    """综合得分 89.3,较上期 −1.2 = 水平 −1.4,构成 +0.2: what is shown adds up."""
    if whole.value is None:
        return ""
    if whole.score is None:
        return text("league.whole_on_time", lang, area=name, value=percent(whole.value))
    words = text("league.whole", lang, area=name, value=f"{half_up(whole.score, 1):.1f}")
    if effects is None or before is None or before.score is None:
        return words
    change = half_up(half_up(whole.score, 1) - half_up(before.score, 1), 1)
    weights = half_up(sum(effects.weights.values()), 1)
    rate = half_up(sum(part.rate for part in effects.parts), 1)
    mix = half_up(change - rate - weights, 1)
    words += text("league.moved", lang, change=signed(change, 1), rate=signed(rate, 1), mix=signed(mix, 1))
    return words + (text("league.moved_weights", lang, weights=signed(weights, 1)) if weights else "")


def _own(parent: Area, asked: Asked, where: Where, told: Sequence[str], held: Rules) -> str:
    """本区第 3 名(共 10 个): where the place whose parts are compared stands among those beside it; '' where it has
    none or too few cases to rank."""
    above = tree().get(parent.parent or "")
    if above is None:
        return ""
    found = data.league(above, asked.span, None, asked.at, where, by=place_column(parent.level))
    beside = {area.code for area in tree().children(above.code)}
    ranks = _ranks({u.code: standing(u.now, told, held) for u in found.units if u.code in beside}, None, held)
    mine = next((one for one in ranks if one.key == parent.code), None)
    if mine is None or mine.rank is None:
        return ""
    ranked_ = sum(one.rank is not None for one in ranks)
    return text("league.own", asked.lang, area=above.label(asked.lang), rank=mine.label, n=exact(ranked_))


def _frozen(found: data.League, drifts: Sequence[float | None], lang: str) -> str:
    """That the results are frozen since when, and by how much counting now would differ."""
    if found.frozen_at is None:
        return ""
    words = text("league.frozen", lang, at=moment(found.frozen_at, lang, year=True))
    moved = [d for d in drifts if d is not None and half_up(abs(d), 1) > 0]
    if not moved:
        return words
    return words + text("league.drifted", lang, n=exact(len(moved)), most=signed(max(moved, key=abs), 1))


def _measured(counts: Counts, whole: Standing, before: Standing | None) -> tuple[Measured, ...]:
    found = []
    if whole.score is not None:
        found.append(Measured.of("hotline.composite", whole.score, base=before.score if before else None))
    rates = {"on_time": whole.on_time, **whole.rates}
    found += [
        Measured.of(f"hotline.{name}", rate.value, rate.numerator, rate.denominator)
        for name, rate in rates.items()
        if rate is not None
    ]
    return tuple(found)
