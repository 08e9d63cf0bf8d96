"""The overview: is anything wrong, where, since when, and which records say so."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd
from dash import html, register_page
from dash.development.base_component import Component

from components import bodies, figures
from components.panel import Answer, Measured, moment_of, panel, place_of
from components.rows import NAN, framed, rows, tabled
from components.view import View
from components.words import days, exact, number, signed, text
from data_access import coverage, hotline, observations
from data_access import records as orders
from data_access import sources as data_sources
from data_access.areas import tree
from data_access.indicators import indicators
from domain.change import change
from domain.contribution import of_counts
from domain.hotline_rules import rules
from domain.lifecycle import lifecycle
from domain.ranking import Item, places, ranked
from pages import metrics, series
from pages.asking import Asked, ask
from pages.days import free, happened
from pages.flood import elsewhere as waters
from pages.judged import kept
from pages.mapped import mapped
from pages.services import elsewhere
from pages.tiles import DAYS, TILE, counted, goal, sparks, target, tile

register_page(__name__, path="/", name="overview", order=0, nav=True)

TILES = (
    "hotline.received",
    "hotline.on_time",
    "hotline.open",
    "hotline.satisfaction",
    "flood.over",
    "services.online_accepted",
    "water.supply_pressure_ok",
    "air.good_hours",
)


def _against(asked: Asked) -> str:
    """What changes are against, '' when the view compares with nothing."""
    return "" if asked.view.compare == "none" else text(f"compare.{asked.view.compare}_short", asked.lang)


# ---- the answer in five seconds ------------------------------------------------------------------


@panel(bodies.situation, about=("hotline.on_time", "hotline.overdue"), source="hotline", sets="area")
def situation(view: View) -> Answer:
    """kind (bad | good | note), before, code, name, after, field (page: the code is an address): what is wrong and
    where, in sentences, the most pressing first."""
    asked = ask(view)
    lang, on_time = asked.lang, indicators()["hotline.on_time"]
    total = hotline.totals(asked.area, asked.span, asked.base, asked.where)["now"]
    stock = hotline.stock(asked.area, asked.at, asked.before, asked.where)["now"]
    whole = on_time.of(total.on_time, total.due)
    said = kept(asked, whole) if asked.known else [("note", text("situation.unknown", lang), "", "", "")]
    if stock.overdue > 0:
        words = text("situation.overdue", lang, n=exact(stock.overdue), open=exact(stock.open))
        said.append(("bad", words, "", "", ""))
    elif not said:
        said.append(("note", text("situation.nothing", lang), "", "", ""))
    late = data_sources.freshness(asked.at)
    behind = [row for row in late if row.state in ("late", "stale")]
    if behind:
        words = text("situation.late", lang, n=len(behind), name=getattr(behind[0], f"name_{lang}"))
        said.append(("note", words, "", "", ""))
    rows_said = [(*sentence, "") for sentence in said]
    if worst := waters.worst(view):
        water = ("bad", "", worst.link, worst.words, "", "page")
        rows_said.insert(0 if asked.known and worst.level > waters.WORTH else len(rows_said), water)
    frame = pd.DataFrame(rows_said, columns=["kind", "before", "code", "name", "after", "field"])
    measured = (
        Measured.of("hotline.on_time", whole, total.on_time, total.due),
        Measured.of("hotline.overdue", stock.overdue if stock.tracked else None),
    )
    return Answer(frame, measured)


# ---- headline ------------------------------------------------------------------------------------


@panel(bodies.tiles, about=TILES, source="hotline")
def headline(view: View) -> Answer:
    """key, value, base, numerator, denominator, note, warn: one row an indicator that the city has; rates are
    fractions."""
    asked = ask(view)
    known = indicators()
    told = hotline.totals(asked.area, asked.span, asked.base, asked.where)
    now = told if asked.known else {}
    stocks = hotline.stock(asked.area, asked.at, asked.before, asked.where)
    stock, before = stocks["now"], stocks.get("base")
    held = rules(asked.at.date())
    tracked = stock.tracked
    lang = asked.lang
    today = text("tile.today", lang, n=number(told["today"].received, lang)) if coverage.known(asked.today) else ""
    overdue = text("tile.overdue", lang, n=number(stock.overdue, lang)) if tracked else text("tile.not_given", lang)
    rated = goal(known["hotline.satisfaction"], bool(now) and now["now"].rated > 0, lang)
    tiles = [
        counted("hotline.received", now, held, today),
        counted("hotline.on_time", now, held, goal(known["hotline.on_time"], tracked, lang)),
        tile(
            "hotline.open",
            stock.open if tracked else None,
            before.open if before is not None and before.tracked else None,
            note=overdue,
            warn=tracked and stock.overdue > 0,
        ),
        counted("hotline.satisfaction", now, held, rated),
    ]
    lines = sparks(asked)
    others = [k for k in TILES[5:] if k in known and (elsewhere.told(k) or observations.level_of(k) is not None)]
    seen = [k for k in others if not elsewhere.told(k)]
    parts_of = observations.totals(seen, asked.area, asked.span, asked.base, asked.at) if seen else {}
    first = asked.midnight - timedelta(days=DAYS - 1)
    past = observations.daily(seen, asked.area, first, asked.midnight, asked.at) if seen else {}
    for key in others:
        if elsewhere.told(key):
            now_is, base_is = elsewhere.totals(key, view)
            parts_are = (now_is.numerator, now_is.denominator)
            tiles.append(tile(key, now_is.value, base_is.value, *parts_are, note=target(known[key], lang)))
            lines[key] = [NAN if value is None else value for value in elsewhere.course(key, view, DAYS)]
            continue
        level = observations.level_of(key)
        if level is not None and level < asked.area.level:
            tiles.append(tile(key, note=text("tile.no_level", lang, level=text(f"level.{level}", lang))))
            continue
        parts, base = parts_of[key]["now"], parts_of[key].get("base")
        below = (parts.numerator, parts.denominator)
        tiles.append(tile(key, parts.amount, base and base.amount, *below, note=target(known[key], lang)))
        lines[key] = [NAN if figure.amount is None else figure.amount for _, figure in past[key]]
    if waters.there():
        above = waters.over(view)
        tiles.insert(4, tile("flood.over", above, warn=bool(above)))  # after the hotline; the last one gives way
    frame = tabled(tiles, TILE, ("value", "base", "numerator", "denominator"))
    measured = tuple(Measured.of(r.key, r.value, r.numerator, r.denominator, r.base) for r in rows(frame))
    facts = {"sparks": lines, "against": _against(asked), "uncompared": ("flood.over",)}
    facts["leads"] = {row.key: page for row in rows(frame) if (page := _page(row.key, view))}
    return Answer(frame, measured, facts, "" if len(frame) else "none")


def _page(key: str, view: View) -> str:
    """The page that a number is from, '' where there is none of its own."""
    domain = key.partition(".")[0]
    kept = view.to(metric="", state="open" if key == "hotline.open" else "")
    return f"/{domain}{kept.search}" if domain in ("hotline", "services", "flood") else ""


# ---- map and ranking -----------------------------------------------------------------------------


@panel(figures.region_map, about=metrics.METRICS, source="hotline", sets="area", choices=metrics.links)
def map(view: View) -> Answer:  # noqa: A001 - the panel's public name
    """code, name, value, said, numerator, denominator, received, due, on_time, sentence, lon, lat, size, column, row:
    one row a child of the place; at the lowest level its siblings."""
    return mapped(view)[1]


@panel(bodies.ranking, about=metrics.METRICS, source="hotline", sets="area")
def ranking(view: View) -> Answer:
    """code, name, value, numerator, denominator, rank, few: the place's children (at the lowest level its siblings) by
    the chosen metric, best first; the small samples last and unranked."""
    some = metrics.compared(view)
    asked, indicator = some.asked, some.indicator
    if not some.places:
        return Answer(pd.DataFrame({"code": []}), blank="none")
    items = [Item(p.code, p.value, p.denominator if indicator.is_percent else None) for p in some.places]
    order = ranked(items, better=indicator.better, digits=4 if indicator.is_percent else 2)
    known = {p.code: p for p in some.places}
    columns = replace(some, places=tuple(known[o.key] for o in order)).columns()
    columns |= {"rank": [o.label for o in order], "few": [o.rank is None for o in order]}
    shown = ("code", "name", "value", "numerator", "denominator", "rank", "few")
    frame = framed({name: columns[name] for name in shown}, metrics.NUMBERS)
    facts = {
        "ratio": indicator.is_percent,
        "target": indicator.target,
        "better": indicator.better,
        "here": some.here,
    }
    whole = metrics.whole(asked, indicator)
    said = text("ranking.whole", asked.lang, value=metrics.said(whole.value, indicator, asked.lang))
    note = f"{indicator.said('name', asked.lang)} · {said}"
    return Answer(frame, (whole,), facts, note=note)


# ---- trend ---------------------------------------------------------------------------------------


@panel(figures.trend, about="hotline.received", source="hotline")
def trend(view: View) -> Answer:
    """day, value, base (the same day of last year or of the period before), whole (False: the day still runs), oldest
    first; NaN where no orders were loaded for a day."""
    asked = ask(view)
    told = series.received(asked)
    first, end = told.first, told.end
    columns = {"day": told.begun, "value": told.counts, "base": told.base, "whole": told.whole}
    frame = framed(columns, ("value", "base"))
    if not told.any:
        return Answer(frame, blank="empty" if told.known else "none")
    lang = asked.lang
    base_name = text("trend.last_year" if view.compare == "yoy" else "trend.last_period", lang)
    facts = {
        "first": first,
        "marks": happened(first, end, lang, ("storm", "campaign", "outage")),
        "holidays": free(first.date(), end.date(), lang),
        "until": asked.at.strftime("%H:%M"),
        "base_name": base_name if asked.base else "",
        "focus": asked.span.start.strftime("%Y-%m-%d") if asked.span.start > first else None,
        "unit": text("trend.per_day", lang),
    }
    measured = (_received(asked),)
    note = f"{text('trend.per_day', lang)} · {days(first, end)}"
    return Answer(frame, measured, facts, note=note)


def _received(asked: Asked) -> Measured:
    total = hotline.totals(asked.area, asked.span, asked.base, asked.where)
    now = total["now"].received if asked.known else None
    return Measured.of("hotline.received", now, base=total["base"].received if asked.base else None)


# ---- problems and what changed -------------------------------------------------------------------


@panel(bodies.problems, about="hotline.received", source="hotline", sets="topic")
def problems(view: View) -> Answer:
    """topic, name, received, share, rank, rank_before (NaN: not there then), base_received: every topic, largest
    first."""
    asked = ask(view)
    found = [row for row in hotline.topics(asked.area, asked.span, asked.base, asked.where) if row.now.received]
    if not found:
        return Answer(pd.DataFrame({"topic": []}), blank="empty" if asked.known else "none")
    found.sort(key=lambda row: (-row.now.received, row.code))
    names = hotline.category_names(asked.lang)
    total = sum(row.now.received for row in found)
    before = [row.base.received if row.base else 0 for row in found]
    columns = {
        "topic": [row.code for row in found],
        "name": [names.get(row.code, row.code) for row in found],
        "received": [row.now.received for row in found],
        "share": [row.now.received / total for row in found],
        "rank": places([row.now.received for row in found]),
        "rank_before": [rank if n else None for rank, n in zip(places(before), before, strict=True)],
        "base_received": before if asked.base else [None] * len(found),
    }
    note = text("problems.against", asked.lang, base=text(f"compare.{view.compare}", asked.lang)) if asked.base else ""
    frame = framed(columns, ("rank_before", "base_received"))
    measured = (Measured.of("hotline.received", total),)
    return Answer(frame, measured, {"chosen": view.topic, "against": _against(asked)}, note=note)


@panel(bodies.changes, about="hotline.received", source="hotline")
def changed(view: View) -> Answer:
    """kind (place | topic), code, name, delta, share (of the whole change), value, base: largest effect first."""
    asked = ask(view)
    if asked.base is None:
        return Answer(pd.DataFrame({"kind": []}), blank="none", note=text("changed.none", asked.lang))
    parts, _ = hotline.by_child(asked.area, asked.span, asked.base, asked.where)
    topics = hotline.topics(asked.area, asked.span, asked.base, asked.where)
    names = hotline.category_names(asked.lang) | {a.code: a.label(asked.lang) for a in tree().children(asked.area.code)}
    effects = [
        {
            "kind": kind,
            "code": e.key,
            "name": names.get(e.key, e.key),
            "delta": e.delta,
            "share": e.share,
            "value": e.after,
            "base": e.before,
        }
        for kind, some in (("place", parts), ("topic", topics))
        if some
        for e in of_counts(
            {row.code: row.base.received for row in some if row.base}, {row.code: row.now.received for row in some}
        )
        if e.delta
    ]
    total = hotline.totals(asked.area, asked.span, asked.base, asked.where)
    now, base = total["now"].received, total["base"].received
    frame = tabled(effects, ("kind", "code", "name", "delta", "share", "value", "base"), ("delta", "share"))
    if not effects or not asked.known:
        return Answer(frame, (_received(asked),), blank="empty" if asked.known else "none")
    return Answer(frame, (_received(asked),), {"sentence": _explained(asked, effects, now - base, base)})


def _explained(asked: Asked, effects: list[dict[str, Any]], delta: int, base: float) -> str:
    """The change in one sentence: how much, and the place and the topic that did most towards it."""
    lang, against = asked.lang, text(f"compare.{asked.view.compare}", asked.lang)
    towards = [effect for effect in effects if (effect["delta"] > 0) == (delta > 0)]
    place, topic = ([e["name"] for e in towards if e["kind"] == kind][:1] for kind in ("place", "topic"))
    causes = text("changed.and", lang).join([*place, *topic])
    if not delta or not topic:
        return f"{asked.area.label(lang)} {text('changed.same', lang, base=against)}"
    moved = change(base + delta, base, ratio=False)
    said = (
        f"{signed(moved.amount * 100, 1)}%"
        if moved.kind == "percent" and moved.amount is not None
        else signed(delta, 0)
    )
    key = "changed.sentence_up" if delta > 0 else "changed.sentence_down"
    return text(key, lang, area=asked.area.label(lang), base=against, n=exact(abs(delta)), change=said, causes=causes)


# ---- records and sources -------------------------------------------------------------------------


ORDERS = ("order_no", "accept_at", "category", "title", "place", "address", "state", "state_name", "due_at", "close_at",
          "tracked")  # fmt: skip
SHOWN = 60
STATES = ("", "open", "overdue")


def _states(view: View) -> list[tuple[str, str, str]]:
    return [("state", s, text(f"filter.state_{s or 'all'}", view.lang)) for s in STATES]


@panel(bodies.records, about="hotline.open", source="hotline", choices=_states)
def records(view: View) -> Answer:
    """order_no, accept_at, category, title, place, address, state (a state of the lifecycle), state_name, due_at,
    close_at, tracked: open orders first, the most overdue on top; titles and addresses are masked."""
    asked = ask(view)
    state = view.state if view.state in STATES else ""
    listing = orders.Listing(asked.area, asked.span, asked.at, asked.where, state)
    found = orders.page(listing, size=SHOWN).orders
    stock = hotline.stock(asked.area, asked.at, asked.before, asked.where)["now"]
    received = hotline.totals(asked.area, asked.span, asked.base, asked.where)["now"].received
    total = {"open": stock.open, "overdue": stock.overdue}.get(state, received)
    names = hotline.category_names(asked.lang)
    places = tree()

    def where(order: orders.Order) -> str:
        place = places.get(order.street_code) or places.get(order.district_code)
        return place.label(asked.lang) if place else "—"

    kept = ("order_no", "accept_at", "title", "address", "state", "due_at", "close_at", "tracked")
    columns: dict[str, list[Any]] = {name: [getattr(order, name) for order in found] for name in kept}
    columns["category"] = [names.get(o.category) or names.get(o.topic, o.category) for o in found]
    columns["place"] = [where(order) for order in found]
    untold = text("records.untracked", asked.lang)
    states = {name: getattr(one, asked.lang) for name, one in lifecycle().states.items()}
    columns["state_name"] = [states[order.state] if order.tracked else untold for order in found]
    moments = dict.fromkeys(("accept_at", "due_at", "close_at"), "datetime64[us]")
    frame = pd.DataFrame({name: columns[name] for name in ORDERS}).astype(moments)
    measured = tuple(
        Measured.of(f"hotline.{key}", getattr(stock, key) if stock.tracked else None) for key in ("open", "overdue")
    )
    facts = {"at": asked.at, "total": total}
    there = asked.known or stock.tracked
    return Answer(frame, measured, facts, "" if found else "empty" if there else "none")


@panel(bodies.sources)
def sources(view: View) -> Answer:
    """key, name, cadence_minutes, last_data_at, age_minutes, state: one row a source, worst first."""
    at = moment_of(view)
    found = [s for s in data_sources.freshness(at) if s.cadence_minutes > 0 or s.last_data_at is not None]
    late, silent = (sum(s.state in states for s in found) for states in (("late", "stale"), ("unknown",)))
    words = [text("tile.late_sources", view.lang, n=late)] if late else []
    words += [text("tile.silent_sources", view.lang, n=silent)] if silent else []
    note = " · ".join(words) or text("tile.all_fresh", view.lang)
    columns = ("key", "cadence_minutes", "last_data_at", "age_minutes", "state")
    frame = framed({name: [getattr(s, name) for s in found] for name in columns}, ("age_minutes",))
    frame.insert(1, "name", [getattr(s, f"name_{view.lang}") for s in found])
    frame["last_data_at"] = frame["last_data_at"].astype("datetime64[us]")
    return Answer(frame, blank="" if found else "none", note=note)


def layout(**query: str) -> Component:
    view = View.from_query(query)
    lang = view.lang
    if place_of(view) is None:
        return html.Div(text("app.no_city", lang), className="no-city")
    return html.Div(
        [
            situation.slot(lang),
            headline.slot(lang),
            html.Div([p.slot(lang) for p in (trend, problems, changed)], className="column left"),
            map.slot(lang),
            html.Div([p.slot(lang) for p in (ranking, records, sources)], className="column right"),
        ],
        className="grid overview",
    )
