"""Rules of reports on rain, water and alarms, and on the data themselves."""

from datetime import timedelta
from typing import Any

from briefing.rules import NAMED, Options, rule, say
from briefing.sentences import (
    Context,
    Phrase,
    Said,
    Sentence,
    cell,
    count,
    listed,
    moment_words,
    phrase,
    rate,
)
from components.bodies.flood_signs import COLOURS
from components.rows import amount, rows, tabled
from components.words import text
from data_access import sources


@rule
def rain(context: Context, options: Options) -> list[Sentence]:
    """Rain of the 24 hours up to the moment: of the whole, and where it was most. of: flood.rain."""
    asked = context.part(options.get("of", "flood.rain"))
    if asked is None:
        return []
    lang, panel = context.lang, asked.panel
    some = [r for r in rows(asked.answer.frame) if amount(r.h24) is not None]
    whole = next((r for r in some if r.kind == "whole"), None)
    if whole is None:
        return []
    values: dict[str, Said | Phrase | str] = {"at": moment_words(context.at, lang), "mm": cell(whole.h24, panel, 1)}
    areas = [r for r in some if r.kind == "area"]
    if not whole.h24 or not areas:
        return [say(context, "rain", phrase("rain_alone" if whole.h24 else "rain_none", lang, **values))]
    most = max(areas, key=lambda r: (r.h24, r.code))
    told = phrase("rain", lang, **values, grade=text(f"rain_grade.{whole.grade}", lang), name=most.name,
                  most=cell(most.h24, panel, 1))  # fmt: skip
    return [say(context, "rain", told, weight=20 if whole.h24 >= 1 else 5)]


@rule
def alarms(context: Context, options: Options) -> list[Sentence]:
    """The alarms of the period with their course, and what is open at the moment. past, open: parts of flood.alarms
    with the view's state past and live."""
    lang, found = context.lang, []
    for part in (options["past"], options["open"]):
        asked = context.parts.get(part)
        if asked is None:
            return []
        panel, live = part, part == options["open"]
        some = [] if asked.answer.blank else list(rows(asked.answer.frame))
        if not live:  # that were open at some moment of the period
            some = [
                r for r in some
                if r.raised_at < context.span.end
                and r.raised_at + timedelta(minutes=int(r.minutes)) >= context.span.start
            ]  # fmt: skip
        key = "alarms_open" if live else "alarms_past"
        at = moment_words(context.at, lang)
        if not some:
            none = phrase(f"{key}_none", lang, **({"at": at} if live else {}))
            found.append(say(context, key, none, tone="good", weight=0))
            continue
        told_true = [r for r in some if r.state != "false_alarm"] or some
        worst = sorted(told_true, key=lambda r: (-r.highest, r.raised_at, r.alarm))
        stations: dict[str, list[Any]] = {}  # one that spoke again and again is told once
        for r in worst:
            stations.setdefault(r.name, []).append(r)
        items = [_course(context, group, panel, live=live) for group in list(stations.values())[:NAMED]]
        top = _level(worst[0], lang)
        told = phrase(key, lang, n=count(len(told_true), panel), level=top, items=listed(items, lang, "semicolon"),
                      **({"at": at} if live else {}))  # fmt: skip
        if false := len(some) - len(told_true):
            told = listed([told, phrase("alarms_false", lang, n=count(false, panel))], lang, "sentence")
        found.append(say(context, key, told, tone="bad", weight=90 if live else 70))
    return found


def _level(one: Any, lang: str) -> str:
    """Its highest level in words."""
    return text(f"flag.{COLOURS[int(one.highest)]}_full", lang)


def _course(context: Context, some: list[Any], panel: str, *, live: bool) -> Phrase:
    """The alarms of a station: its worst, and how many there were."""
    lang, one = context.lang, some[0]
    place = f"{one.name}({one.place})" if lang == "zh" and one.place else one.name
    values: dict[str, Said | Phrase | str] = {
        "name": place, "level": _level(one, lang), "words": one.words, "since": moment_words(one.raised_at, lang),
        "minutes": cell(one.minutes, panel), "state": one.said,
    }  # fmt: skip
    told = phrase("alarm_open" if live else "alarm_past", lang, **values)
    if len(some) == 1:
        return told
    return listed([told, phrase("alarm_times", lang, n=count(len(some), panel))], lang, "clause")


@rule
def reservoirs(context: Context, options: Options) -> list[Sentence]:
    """How reservoirs stand against their flood limits. of: flood.reservoirs."""
    asked = context.part(options.get("of", "flood.reservoirs"))
    if asked is None:
        return []
    lang, panel = context.lang, asked.panel
    some = [r for r in rows(asked.answer.frame) if amount(r.margin) is not None]
    if not some:
        return []
    over = [r for r in some if r.margin > 0]
    top = max(some, key=lambda r: (r.margin, r.code))
    margin = Said(cell(abs(top.margin), panel, 2).text, "cell", abs(top.margin), panel=panel)
    values: dict[str, Said | Phrase | str] = {
        "of": count(len(some), panel), "name": top.name, "level": cell(top.level, panel, 2), "margin": margin
    }  # fmt: skip
    if over:
        told = phrase("reservoirs_over", lang, n=count(len(over), panel), **values)
        return [say(context, "reservoirs", told, tone="bad", weight=75)]
    return [say(context, "reservoirs", phrase("reservoirs_under", lang, **values), tone="good", weight=8)]


@rule
def reporting(context: Context, options: Options) -> list[Sentence]:
    """How many stations reported. of: a part that measures flood.reporting."""
    asked = context.part(options.get("of", "flood.health"))
    found = next((m for m in asked.answer.measured if m.key == "flood.reporting"), None) if asked else None
    if asked is None or found is None or found.value is None or not found.denominator:
        return []
    panel = asked.panel
    told = phrase(
        "reporting",
        context.lang,
        at=moment_words(context.at, context.lang),
        n=cell(found.numerator or 0, panel),
        of=cell(found.denominator, panel),
        rate=rate(found.value, panel),
    )
    return [say(context, "reporting", told)]


@rule
def late(context: Context, options: Options) -> list[Sentence]:
    """Which sources were late, silent or loaded afterwards as of the moment."""
    lang = context.lang
    known = [s for s in sources.freshness(context.at) if s.cadence_minutes > 0]
    frame = tabled(
        [
            {"key": s.key, "name": getattr(s, f"name_{lang}"), "state": s.state, "last_data_at": s.last_data_at,
             "reaches_to": s.reaches_to}
            for s in known
        ],
        ("key", "name", "state", "last_data_at", "reaches_to"),
    )  # fmt: skip
    frame = frame.astype({"last_data_at": "datetime64[us]", "reaches_to": "datetime64[us]"})
    context.own["sources"] = frame
    behind = [s for s in known if s.state in ("late", "stale")]
    silent = [s for s in known if s.state == "unknown" and s.reaches_to is None]
    later = [s for s in known if s.state == "unknown" and s.reaches_to is not None]
    at, found = moment_words(context.at, lang), []
    if behind:
        items = [
            phrase("late_source", lang, name=getattr(s, f"name_{lang}"), last=moment_words(s.last_data_at, lang))
            for s in behind
            if s.last_data_at is not None
        ]
        told = phrase("late", lang, at=at, n=count(len(behind), "sources"), items=listed(items, lang))
        found.append(say(context, "late", told, tone="bad", weight=28))
    for key, some in (("silent", silent), ("later", later)):
        if some:
            names = [Phrase(getattr(s, f"name_{lang}"), (Said(getattr(s, f"name_{lang}"), "name"),)) for s in some]
            told = phrase(key, lang, at=at, n=count(len(some), "sources"), items=listed(names, lang))
            found.append(say(context, key, told))
    if not found:
        found.append(say(context, "late", phrase("all_fresh", lang, at=at, n=count(len(known), "sources"))))
    return found
