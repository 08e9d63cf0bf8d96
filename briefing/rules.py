"""The rules that sentences of reports are made by. Each looks at answers that the report holds and says what they show,
or nothing; none says a number that is not there."""

from collections.abc import Callable, Mapping
from typing import Any

from briefing import why
from briefing.sentences import (
    Asked,
    Context,
    Phrase,
    Said,
    Sentence,
    Tone,
    cell,
    changed,
    count,
    difference,
    listed,
    moment_words,
    phrase,
    points,
    rate,
    significant,
    target,
)
from components.judging import misses
from components.rows import amount, rows
from components.words import exact
from data_access.indicators import Indicator, indicators
from domain.ranking import MINIMUM_CASES
from domain.rounding import half_up

Options = Mapping[str, Any]
Rule = Callable[[Context, Options], list[Sentence]]
RULES: dict[str, Rule] = {}
FEW = 3  # places that can be judged: fewer say nothing of places
NAMED = 3  # movers, organisations, places in one sentence


def rule(made: Rule) -> Rule:
    """Register a rule under its name."""
    RULES[made.__name__] = made
    return made


def say(context: Context, key: str, told: Phrase, *, tone: Tone = "note", weight: int = 0) -> Sentence:
    return Sentence(f"{context.section}.{key}", context.section, tone, weight, told)


def row_of(asked: Asked | None, key: str) -> Any | None:
    """The row of an indicator in a frame of tiles that has a value."""
    if asked is None:
        return None
    return next((r for r in rows(asked.answer.frame) if r.key == key and amount(r.value) is not None), None)


def _tone(indicator: Indicator, delta: float) -> Tone:
    if indicator.better == "neutral" or not delta:
        return "note"
    return "good" if (delta > 0) == (indicator.better == "higher") else "bad"


# ---- how much, and who moved it --------------------------------------------------------------------------------------
@rule
def volume(context: Context, options: Options) -> list[Sentence]:
    """How many, against the period before. of: a part of tiles; key: the indicator."""
    key, asked = options["key"], context.part(options["of"])
    row = row_of(asked, key)
    if row is None or asked is None:
        return []
    indicator, panel, lang = indicators()[key], asked.panel, context.lang
    named = {"name": indicator.said("name", lang), "unit": indicator.said("unit", lang)}
    now, before = float(row.value), amount(row.base)
    told = cell(now, panel)
    if before is None:
        return [say(context, f"volume.{key}", phrase("volume_alone", lang, **named, n=told), weight=30)]
    if now == before:
        same = phrase("volume_same", lang, **named, n=told, against=context.against)
        return [say(context, f"volume.{key}", same, weight=30)]
    moved = changed(now, before, panel)
    way = "up" if now > before else "down"
    values: dict[str, Said | Phrase | str] = {
        "n": told,
        "against": context.against,
        "delta": difference(now, before, panel),
    }
    if moved is not None:
        said = phrase(f"volume_{way}", lang, **named, **values, change=moved)
    else:
        said = phrase(f"volume_{way}_plain", lang, **named, **values)
    if context.unlike:
        said = listed([said, phrase("unlike", lang)], lang, "sentence")
    clear = significant(before, now) and not context.unlike
    return [say(context, f"volume.{key}", said, tone=_tone(indicator, now - before), weight=60 if clear else 30)]


@rule
def movers(context: Context, options: Options) -> list[Sentence]:
    """Which categories rose and fell beyond chance. of: a part with kind, name, value, base, delta."""
    asked = context.part(options.get("of", "overview.changed"))
    if asked is None:
        return []
    lang, panel = context.lang, asked.panel
    some = [r for r in rows(asked.answer.frame) if r.kind == "topic" and significant(r.base, r.value)]
    found = []
    for way, sign, weight in (("rose", 1, 45), ("fell", -1, 20)):
        most = sorted((r for r in some if sign * r.delta > 0), key=lambda r: (-abs(r.delta), r.code))[:NAMED]
        if most:
            items = [
                phrase(f"mover_{way}", lang, name=r.name, before=cell(r.base, panel), n=cell(r.value, panel),
                       delta=difference(r.value, r.base, panel))
                for r in most
            ]  # fmt: skip
            told = phrase(f"movers_{way}", lang, items=listed(items, lang), against=context.against)
            found.append(say(context, f"movers.{way}", told, weight=5 if context.unlike else weight))
    return found or [say(context, "movers.none", phrase("movers_none", lang, against=context.against))]


@rule
def where(context: Context, options: Options) -> list[Sentence]:
    """The place that did most towards the change, where it is beyond chance. of: as for movers."""
    asked = context.part(options.get("of", "overview.changed"))
    if asked is None:
        return []
    whole = next((m for m in asked.answer.measured if m.value is not None and m.base is not None), None)
    places = [r for r in rows(asked.answer.frame) if r.kind == "place" and significant(r.base, r.value)]
    if whole is None or not places:
        return []
    lang, panel = context.lang, asked.panel
    total = (whole.value or 0.0) - (whole.base or 0.0)
    most = max(places, key=lambda r: (r.delta * (1 if total >= 0 else -1), r.code))
    way = "rose" if most.delta > 0 else "fell"
    told: dict[str, Said | Phrase | str] = {
        "name": most.name, "before": cell(most.base, panel), "n": cell(most.value, panel),
        "delta": difference(most.value, most.base, panel),
    }  # fmt: skip
    places_only = sum(r.delta for r in rows(asked.answer.frame) if r.kind == "place")
    if 0 < most.delta / (places_only or 1) <= 1 and significant(whole.base or 0.0, whole.value or 0.0):
        part = Said(f"{most.share * 100:.1f}%", "percent", float(most.share), panel=panel)
        return [say(context, "where", phrase(f"where_{way}_share", lang, **told, share=part), weight=25)]
    return [say(context, "where", phrase(f"where_{way}", lang, **told), weight=25)]


@rule
def unexpected(context: Context, options: Options) -> list[Sentence]:
    """The days of the period outside what was expected of them, and what moved them. of: a trend with its band."""
    asked = context.part(options.get("of", "hotline.trend"))
    if asked is None or "outside" not in asked.answer.frame:
        return []
    lang, panel = context.lang, asked.panel
    within = [r for r in rows(asked.answer.frame) if context.span.start <= r.day < context.span.end and r.outside]
    far = sorted(within, key=lambda r: (-abs(r.value - r.middle), r.day))[:NAMED]
    found = []
    for r in sorted(far, key=lambda r: r.day):
        causes = [
            phrase("cause_more" if r.outside > 0 else "cause_less", lang, name=name, delta=_size(delta, panel))
            for name, delta in ((r.topic_name, amount(r.topic_delta)), (r.place_name, amount(r.place_delta)))
            if name and delta is not None
        ]
        told: dict[str, Said | Phrase | str] = {
            "day": f"{r.day:%m-%d}", "n": cell(r.value, panel), "low": cell(r.low, panel, 0),
            "high": cell(r.high, panel, 0),
        }  # fmt: skip
        key = "above" if r.outside > 0 else "below_band"
        if causes:
            said = phrase(f"{key}_because", lang, **told, causes=listed(causes, lang, "and"))
        else:
            said = phrase(key, lang, **told)
        found.append(say(context, f"unexpected.{r.day:%m%d}", said, tone="bad" if r.outside > 0 else "note", weight=50))
    return found


def _size(delta: float, panel: str) -> Said:
    """How much, without its sign."""
    return Said(exact(half_up(abs(delta), 0)), "cell", abs(delta), panel=panel)


# ---- rates -----------------------------------------------------------------------------------------------------------
@rule
def rates(context: Context, options: Options) -> list[Sentence]:
    """Rates with numerator and denominator, against their targets and the period before. of: a part of tiles; keys."""
    asked = context.part(options["of"])
    found = []
    for key in options["keys"]:
        row = row_of(asked, key)
        if row is None or asked is None:
            name = indicators()[key].said("name", context.lang)
            why_not = "no_cases" if _nothing(asked, key) else "missing"
            found.append(say(context, f"rate.{key}", phrase(why_not, context.lang, name=name)))
        elif not getattr(row, "few", False):
            found.append(_rate(context, asked, row, indicators()[key]))
    return found


def _nothing(asked: Asked | None, key: str) -> bool:
    """Whether a rate has no value since there was nothing to divide by: a true zero, no gap in the data."""
    frame = asked.answer.frame if asked is not None else None
    return frame is not None and any(r.key == key and amount(r.denominator) == 0 for r in rows(frame))


def _rate(context: Context, asked: Asked, row: Any, indicator: Indicator) -> Sentence:
    lang, panel, value, before = context.lang, asked.panel, float(row.value), amount(row.base)
    said = rate(value, panel) if indicator.is_percent else cell(value, panel)
    unit = "" if indicator.is_percent else f" {indicator.said('unit', lang)}"
    name = indicator.said("name", lang)
    if amount(row.denominator) is not None and indicator.is_percent:
        top, below = cell(row.numerator, panel), cell(row.denominator, panel)
        pieces = [phrase("rate_parts", lang, name=name, rate=said, n=top, of=below)]
    else:
        pieces = [phrase("rate_alone", lang, name=name, rate=said, unit=unit)]
    tone: Tone = "note"
    if indicator.target is not None and indicator.is_percent:
        off = misses(value, indicator.target, indicator.better)
        tone = "bad" if off else "good"
        worse = "under" if indicator.better == "higher" else "over"
        pieces.append(phrase(f"target_{worse if off else 'met'}", lang, target=target(indicator.key, panel)))
    if before is not None and indicator.is_percent:
        gap = points(value, before, panel)
        way = "same" if not any(c in gap.text for c in "123456789") else "up" if value > before else "down"
        values: dict[str, Said | Phrase | str] = {"against": context.against}
        pieces.append(phrase(f"rate_{way}", lang, **values, **({} if way == "same" else {"points": gap})))
    whole = listed(pieces, lang, "clause")
    end = phrase("stop", lang, told=whole)
    return say(context, f"rate.{indicator.key}", end, tone=tone, weight=55 if tone == "bad" else 15)


@rule
def cause(context: Context, options: Options) -> list[Sentence]:
    """Which organisation or place moved a rate most in the direction in which it went. key; by: org | place."""
    key, by = options["key"], options.get("by", "org")
    frame, name = why.moved(context, key, by), f"{key}.{by}"
    if frame.empty:
        return []
    context.own[name] = frame
    some = list(rows(frame))
    tops, belows = sum(r.numerator for r in some), sum(r.denominator for r in some)
    tops_before, belows_before = (sum(getattr(r, f"{n}_before") for r in some) for n in ("numerator", "denominator"))
    if not belows or not belows_before:
        return []
    delta = tops / belows - tops_before / belows_before
    most = [r for r in some if r.effect * delta > 0 and r.denominator + r.denominator_before >= MINIMUM_CASES]
    if abs(delta) < 0.001 or not most:
        return []
    r, lang = most[0], context.lang
    told = phrase(
        f"cause_{'up' if delta > 0 else 'down'}", lang,
        rate=indicators()[key].said("name", lang), name=r.name, n=cell(r.numerator, name), of=cell(r.denominator, name),
        n0=cell(r.numerator_before, name), of0=cell(r.denominator_before, name), against=context.against,
        points=points(r.effect, 0.0, name),
    )  # fmt: skip
    return [say(context, f"cause.{key}.{by}", told, tone=_tone(indicators()[key], delta), weight=10)]


@rule
def below(context: Context, options: Options) -> list[Sentence]:
    """How many places or organisations miss a target, and which is furthest off; those with few cases are not judged.
    of: a part with name, value, numerator, denominator; key: the indicator; who: words of what they are."""
    asked, indicator = context.part(options["of"]), indicators()[options["key"]]
    if asked is None or indicator.target is None:
        return []
    lang, panel = context.lang, asked.panel
    some = [
        r for r in rows(asked.answer.frame)
        if getattr(r, "kind", "place") == "place" and amount(r.value) is not None
        and (amount(r.denominator) or 0) >= MINIMUM_CASES
    ]  # fmt: skip
    off = [r for r in some if misses(r.value, indicator.target, indicator.better)]
    if len(some) < FEW:
        return []
    name, who = indicator.said("name", lang), options["who"][lang]
    if not off:
        told = phrase(
            "all_met", lang, n=count(len(some), panel), who=who, name=name, target=target(indicator.key, panel)
        )
        return [say(context, f"below.{indicator.key}", told, tone="good", weight=12)]
    worst = min(off, key=lambda r: (r.value * (1 if indicator.better == "higher" else -1), r.name))
    told = phrase(
        "some_off", lang, n=count(len(off), panel), of=count(len(some), panel), who=who, name=name,
        target=target(indicator.key, panel), worst=worst.name, rate=rate(worst.value, panel),
        top=cell(worst.numerator, panel), below=cell(worst.denominator, panel),
    )  # fmt: skip
    return [say(context, f"below.{indicator.key}", told, tone="bad", weight=40)]


# ---- what waits, and what broke out ----------------------------------------------------------------------------------
@rule
def waiting(context: Context, options: Options) -> list[Sentence]:
    """What is open and overdue at the moment. of: a part of tiles; open, overdue: indicators; who: also which
    organisations hold the overdue orders."""
    asked, lang = context.part(options["of"]), context.lang
    held, late = row_of(asked, options["open"]), row_of(asked, options["overdue"])
    if asked is None or held is None or late is None:
        return []
    panel = asked.panel
    values: dict[str, Said | Phrase | str] = {
        "at": moment_words(context.at, lang), "open": cell(held.value, panel), "n": cell(late.value, panel)
    }  # fmt: skip
    if not late.value:
        told = phrase("waiting_none", lang, at=values["at"], open=values["open"])
        return [say(context, "waiting", told, tone="good", weight=10)]
    told = phrase("waiting", lang, **values)
    if options.get("who"):
        frame = why.overdue(context)
        context.own["hotline.overdue_by_org"] = frame
        items = [
            phrase("held_by", lang, name=r.name, n=cell(r.overdue, "hotline.overdue_by_org"))
            for r in list(rows(frame))[:NAMED]
            if r.overdue > 1
        ]
        if items:
            told = phrase("waiting_who", lang, **values, items=listed(items, lang))
    return [say(context, "waiting", told, tone="bad", weight=42)]


@rule
def bursts(context: Context, options: Options) -> list[Sentence]:
    """Appeals that broke out and still go on at the moment. of: hotline.bursts."""
    asked = context.part(options.get("of", "hotline.bursts"))
    if asked is None:
        return []
    lang, panel = context.lang, asked.panel
    some = [r for r in rows(asked.answer.frame) if r.kind == "burst"]
    if not some:
        return []
    items = [
        phrase("burst", lang, name=r.name, place=r.place, n=cell(r.orders, panel), expected=cell(r.expected, panel, 1),
               since=moment_words(r.since, lang))
        for r in some[:NAMED]
    ]  # fmt: skip
    told = phrase("bursts", lang, n=count(len(some), panel), items=listed(items, lang, "semicolon"))
    return [say(context, "bursts", told, tone="bad", weight=65)]
