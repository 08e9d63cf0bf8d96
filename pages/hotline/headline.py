"""The first answer of the hotline page: is it red, why, and the numbers that say so."""

import math
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import NAN, rows, tabled
from components.view import View
from components.words import exact, number, percent, signed, text
from data_access import calls, coverage, hotline, order_facts
from data_access.areas import tree
from data_access.hotline import Counts
from data_access.indicators import indicators
from data_access.where import place_column
from domain.change import change
from domain.hotline_rules import rules
from pages.asking import Asked, ask, tells
from pages.judged import kept
from pages.rates import of_counts
from pages.tiles import TILE, goal, sparks, tile

# ---- why are we red ----------------------------------------------------------------------------------------------

SAID = ("kind", "before", "code", "name", "after", "field", "joined")
Named = tuple[str, str, int]  # code, name, orders


def _row(kind: str, before: str, name: Named | None = None, after: str = "", **more: Any) -> dict[str, Any]:
    """more: field, joined."""
    code, called, _ = name or ("", "", 0)
    row = {"kind": kind, "before": before, "code": code, "name": called, "after": after, "field": "", "joined": False}
    return row | more


def _listed(before: str, named: list[Named], field: str, after: str, lang: str) -> list[dict[str, Any]]:
    """A sentence that names places, or organisations each with their orders; every name is a link."""
    made = []
    for i, one in enumerate(named):
        lead = before if i == 0 else text("why.and", lang)
        tail = text("why.count", lang, n=exact(one[2])) if field == "org" else ""
        made.append(_row("bad", lead, one, tail + (after if i == len(named) - 1 else ""), field=field, joined=i > 0))
    return made


def _organisations(late: Iterable[tuple[str, int]], lang: str) -> list[Named]:
    """The two with the most; what names no organisation is left to the total."""
    names = hotline.organisation_names(lang)
    most = sorted(((n, code) for code, n in late if n > 0 and code), key=lambda one: (-one[0], one[1]))
    return [(code, names.get(code, code), n) for n, code in most[:2]]


def _places(late: Iterable[tuple[str, int]], total: int, lang: str) -> list[Named]:
    """The fewest places, three at most, that hold half of it."""
    most = sorted(((n, code) for code, n in late if n > 0), key=lambda one: (-one[0], one[1]))
    found: list[Named] = []
    held = 0
    for n, code in most[:3]:
        area = tree().get(code)
        if area is None or held * 2 >= total:
            break
        found.append((code, area.label(lang), n))
        held += n
    return found


@panel(bodies.situation, about=("hotline.on_time", "hotline.overdue"), source="hotline")
def situation(view: View) -> Answer:
    """kind (bad | good | note), before, code, name, after, field (the field of the View that the link on the name
    sets), joined (goes on with the row before): sentences, the most pressing first."""
    asked = ask(view)
    lang, target = asked.lang, indicators()["hotline.on_time"].target or 0.0
    total = hotline.totals(asked.area, asked.span, asked.base, asked.where)
    now = total["now"]
    stock = hotline.stock(asked.area, asked.at, asked.before, asked.where)["now"]
    whole = now.on_time / now.due if now.due else None
    measured = (
        Measured.of("hotline.on_time", whole, now.on_time if now.due else None, now.due if now.due else None),
        Measured.of("hotline.overdue", stock.overdue if stock.tracked else None),
    )
    said: list[dict[str, Any]] = []
    if not asked.known:
        said = [_row("note", text("situation.unknown", lang))]
    elif now.received and not stock.tracked and _untold(asked):
        said = _untracked(asked, total)
    elif whole is not None and whole < target:
        gap = math.ceil(round(target * now.due, 6)) - now.on_time
        words = text("why.below", lang, value=percent(whole), target=f"{target * 100:g}%", n=exact(gap))
        said = [_row("bad", words), *_late(asked, now)]
    else:
        said = [dict(zip(SAID, (*sentence, "", False), strict=True)) for sentence in kept(asked, whole)]
    if stock.tracked and stock.overdue > 0:
        said += _overdue(asked, stock.overdue, stock.open)
    if not asked.area.level and not asked.where.named:
        said += _calls(asked)
    if not said:
        said = [_row("note", text("situation.nothing", lang))]
    return Answer(tabled(said, SAID), measured)


def _overdue_of(asked: Asked, by: str) -> list[tuple[str, int]]:
    """Value of a column of the orders, orders overdue now."""
    return [(code, one.overdue) for code, one in hotline.stock_by(asked.area, asked.at, by, asked.where).items()]


def _late(asked: Asked, now: Counts) -> list[dict[str, Any]]:
    """Who had the orders that were not closed in time, and where they lie."""
    lang, missed = asked.lang, now.due - now.on_time
    owners: list[Named] = []
    if not asked.where.org:
        of_each = hotline.by_value(asked.area, asked.span, None, "org", asked.where, names=("due", "on_time"))
        owners = _organisations(((row.code, row.now.due - row.now.on_time) for row in of_each), lang)
    children, _ = hotline.by_child(asked.area, asked.span, asked.base, asked.where)
    places = _places(((row.code, row.now.due - row.now.on_time) for row in children), missed, lang)
    before = text("why.late", lang, n=exact(missed))
    said = _listed(before, owners, "org", "", lang) if owners else [_row("bad", before.rstrip(":： "))]
    if places:
        held = sum(n for _, _, n in places)
        after = text("why.hold", lang, n=exact(held), share=percent(held / missed, 0))
        said += _listed("", places, "area", after, lang)
    return said


def _overdue(asked: Asked, overdue: int, still: int) -> list[dict[str, Any]]:
    """Who sits on the orders that are past their limit now."""
    lang = asked.lang
    owners: list[Named] = []
    if not asked.where.org:
        owners = _organisations(_overdue_of(asked, "org"), lang)[:1]
    inside = _overdue_of(asked, place_column(asked.area.level + 1)) if tree().children(asked.area.code) else []
    places = _places(inside, overdue, lang)[:1]
    before = text("why.overdue", lang, n=exact(overdue), open=exact(still))
    if not owners:
        return [_row("bad", before)]
    said = _listed(before + text("why.most", lang), owners, "org", "", lang)
    for one in places:
        said.append(_row("bad", text("why.in", lang), one, text("why.count", lang, n=exact(one[2])), joined=True))
    return said


def _untracked(asked: Asked, total: dict[str, Counts]) -> list[dict[str, Any]]:
    """What can be said of orders whose source does not tell when they close."""
    lang, now = asked.lang, total["now"].received
    said = [_row("note", text("state.lacking", lang, field=text("field.close_at", lang)))]
    moved = change(now, total["base"].received if "base" in total else None, ratio=False)
    words = text("why.received", lang, n=exact(now))
    if moved.kind == "percent" and moved.amount is not None:
        against = text(f"compare.{asked.view.compare}_short", lang)
        words += text("why.moved", lang, value=signed(moved.amount * 100, 1), against=against)
    return [_row("note", words), *said]


def _calls(asked: Asked) -> list[dict[str, Any]]:
    """That fewer calls were answered than the standard asks, when that is so."""
    one = calls.rolling(asked.at)
    goal_of = rules(asked.at.date()).target_answered
    if one.offered < rules(asked.at.date()).minimum_n or one.answered >= goal_of * one.offered:
        return []
    value = percent(one.answered / one.offered)
    return [_row("bad", text("why.answered", asked.lang, value=value, target=f"{goal_of * 100:g}%"))]


# ---- the numbers -------------------------------------------------------------------------------------------------

COLUMNS = (*TILE, "group", "under", "few", "aside")
TILES = (
    "hotline.on_time", "hotline.received", "hotline.answered", "hotline.answered_quick", "hotline.queue",
    "hotline.open", "hotline.overdue", "hotline.due_today", "hotline.response", "hotline.resolution",
    "hotline.satisfaction", "hotline.callback", "hotline.redo",
)  # fmt: skip


def _tile(key: str, group: str, *numbers: Any, few: bool = False, under: str = "", aside: str = "", **more: Any):
    """numbers: value, base, then numerator and denominator where there are some."""
    return tile(key, *numbers, **more) | {"group": group, "under": under, "few": few, "aside": aside}


def _missing(key: str, group: str, lang: str, *fields: str) -> dict[str, Any]:
    """Of what takes fields that no source fills."""
    return _tile(key, group, note=text("tile.not_given", lang)) | {"lacking": fields}


def _untold(asked: Asked) -> bool:
    """Whether no source of the period tells when orders close."""
    return not tells(asked, "close_at")


def _against(asked: Asked) -> str:
    return "" if asked.view.compare == "none" else text(f"compare.{asked.view.compare}_short", asked.lang)


# what a source must fill for a rate to mean anything
FIELDS = {
    "hotline.on_time": ("close_at", "due_at"),
    "hotline.response": ("responded",),
    "hotline.resolution": ("resolved",),
    "hotline.satisfaction": ("satisfaction",),
    "hotline.callback": ("callback_at", "close_at"),
    "hotline.redo": ("redo_count", "callback_at"),
}


def _rates(asked: Asked, total: dict[str, Counts], keys: Iterable[str], group: str) -> list[dict[str, Any]]:
    known, lang = indicators(), asked.lang
    held = rules(asked.at.date())
    made = []
    for key in keys:
        if lacking := [name for name in FIELDS[key] if not tells(asked, name)]:
            made.append(_missing(key, group, lang, *lacking))
            continue
        now, base = (of_counts(key, total.get(name), held) for name in ("now", "base"))
        said = goal(known[key], True, lang) if known[key].target is not None else ""
        parts = (now.value, None if base.few else base.value, now.numerator, now.denominator)
        made.append(_tile(key, group, *parts, few=now.few, note=said))
    return made


def _answered(asked: Asked) -> list[dict[str, Any]]:
    """The calls of the whole city, over 24 hours and in the queue: they have a line, and neither a place nor a
    category."""
    lang, line = asked.lang, asked.where.line
    everything = bool(asked.area.level) or bool(set(asked.where.named) - {"line"})
    aside = text("tile.whole_city", lang) if everything else ""
    now = calls.rolling(asked.at, line)
    if not now.offered and not calls.given():
        return [_missing("hotline.answered", "load", lang, "calls")]
    base = calls.rolling(asked.before, line) if asked.before else calls.NOTHING
    of = indicators()["hotline.answered"].of
    queue = calls.waiting(asked.at, line)
    longest = text("tile.longest", lang, n=exact(queue.longest_seconds))
    held = rules(asked.at.date())
    few = 0 < now.offered < held.minimum_n
    note = goal(indicators()["hotline.answered"], True, lang)
    values = (of(now.answered, now.offered), of(base.answered, base.offered), now.answered, now.offered)
    quick = (of(now.quick, now.offered), of(base.quick, base.offered), now.quick, now.offered)
    return [
        _tile("hotline.answered", "load", *values, few=few, aside=aside, note=note),
        _tile("hotline.answered_quick", "load", *quick, few=few, under="hotline.answered",
              aside=f"{held.service_level_s:g}"),
        _tile("hotline.queue", "load", queue.callers, note=longest if queue.callers else ""),
    ]  # fmt: skip


def _waiting(asked: Asked) -> list[dict[str, Any]]:
    """Open now, of these overdue, and what falls due before midnight."""
    stocks = hotline.stock(asked.area, asked.at, asked.before, asked.where)
    stock, before = stocks["now"], stocks.get("base")
    if not stock.tracked:
        return [_missing("hotline.open", "load", asked.lang, "close_at")] if _untold(asked) else []
    tomorrow = asked.midnight + timedelta(days=1)
    soon = order_facts.due_until(asked.area, asked.at, tomorrow, asked.where)
    base = before if before is not None and before.tracked else None
    return [
        _tile("hotline.open", "load", stock.open, base and base.open),
        _tile("hotline.overdue", "load", stock.overdue, base and base.overdue, under="hotline.open",
              warn=stock.overdue > 0),
        _tile("hotline.due_today", "load", soon, under="hotline.open"),
    ]  # fmt: skip


# Where a number leads: the list of what it counts, the map of it.
LEADS = {
    "hotline.received": {"state": ""},
    "hotline.open": {"state": "open"},
    "hotline.overdue": {"state": "overdue"},
    "hotline.due_today": {"state": "today"},
    "hotline.on_time": {"metric": ""},
    "hotline.satisfaction": {"metric": "hotline.satisfaction", "state": "unhappy"},
}


@panel(bodies.tiles, about=TILES, source="hotline")
def headline(view: View) -> Answer:
    """key, value, base, numerator, denominator, note, warn, group (what stands together), under (the key that it
    stands under, '' when alone), few (too small a sample to judge by), aside: one row an indicator; rates are
    fractions; calls are those of the whole city."""
    asked = ask(view)
    lang = asked.lang
    told = hotline.totals(asked.area, asked.span, asked.base, asked.where)
    counts = told if asked.known else {}
    today = ""
    if coverage.known(asked.today):
        n = number(told["today"].received, lang)
        today = text("tile.today_until", lang, n=n, time=asked.at.strftime("%H:%M"))
    now, base = counts.get("now"), counts.get("base")
    tiles = [
        *_rates(asked, counts, ("hotline.on_time",), "kept"),
        _tile("hotline.received", "load", now and now.received, base and base.received, note=today),
        *_answered(asked),
        *_waiting(asked),
        *_rates(asked, counts, list(FIELDS)[1:], "rates"),
    ]
    vocabulary = indicators()
    tiles = [row for row in tiles if row["key"] in vocabulary]
    frame = tabled(tiles, COLUMNS, ("value", "base", "numerator", "denominator"))
    measured = tuple(Measured.of(r.key, r.value, r.numerator, r.denominator, r.base) for r in rows(frame))
    answered = [one.answered / one.offered if one.offered else NAN for _, one in calls.rolled(asked.at)]
    facts: dict[str, Any] = {"sparks": sparks(asked) | {"hotline.answered": answered}, "against": _against(asked)}
    facts["uncompared"] = {"hotline.queue"}  # of this very minute
    facts |= {"leads": LEADS, "list": "hotline.records"}
    if fields := list(dict.fromkeys(name for row in tiles for name in row.get("lacking", ()))):
        names = text("why.and", lang).join(dict.fromkeys(text(f"field.{name}", lang) for name in fields))
        facts["left_out"] = {row["key"] for row in tiles if "lacking" in row}
        facts["left_out_said"] = text("state.lacking", lang, field=names)
    return Answer(frame, measured, facts)
