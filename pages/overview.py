"""The overview: is anything wrong, where, since when, and which records say so."""

from datetime import datetime, time, timedelta

import pandas as pd
from dash import html, register_page
from dash.development.base_component import Component

from components import bodies, figures
from components.panel import Answer, Measured, moment_of, panel, place_of
from components.rows import amount, count, rows
from components.view import View
from components.words import days, exact, number, percent, signed, text
from data_access import hotline, observations
from data_access import sources as data_sources
from data_access.areas import tree
from data_access.indicators import indicators
from domain.change import change
from domain.contribution import of_counts
from domain.ranking import Item, ranked
from pages import metrics
from pages.asking import Asked, ask
from pages.days import free, happened
from pages.ground import ground, place
from pages.tiles import counted, goal, target, tile

register_page(__name__, path="/", name="overview", order=0, nav=True)

TILES = (
    "hotline.received",
    "hotline.on_time",
    "hotline.open",
    "hotline.satisfaction",
    "services.online_rate",
    "water.supply_pressure_ok",
    "air.good_hours",
)


def _against(asked: Asked) -> str:
    """What changes are against, '' when the view compares with nothing."""
    return "" if asked.view.compare == "none" else text(f"compare.{asked.view.compare}_short", asked.lang)


# ---- the answer in five seconds ------------------------------------------------------------------


@panel(bodies.situation, about=("hotline.on_time", "hotline.overdue"), source="hotline", sets="area")
def situation(view: View) -> Answer:
    """kind (bad | good | note), before, code, name, after: what is wrong and where, in sentences, the most pressing
    first."""
    asked = ask(view)
    lang, on_time = asked.lang, indicators()["hotline.on_time"]
    total = hotline.totals(asked.area, asked.span, asked.base, view.topic).loc["now"]
    stock = hotline.stock(asked.area, asked.at, asked.before, view.topic).loc["now"]
    whole = on_time.of(total["on_time"], total["due"])
    said = _kept(asked, whole)
    if stock["overdue"] > 0:
        words = text("situation.overdue", lang, n=exact(stock["overdue"]), open=exact(stock["open"]))
        said.append(("bad", words, "", "", ""))
    elif not said:
        said.append(("note", text("situation.nothing", lang), "", "", ""))
    late = data_sources.freshness(asked.at)
    late = late.loc[late["state"].isin(["late", "stale"])]
    if len(late):
        words = text("situation.late", lang, n=len(late), name=late.iloc[0][f"name_{lang}"])
        said.append(("note", words, "", "", ""))
    frame = pd.DataFrame(said, columns=["kind", "before", "code", "name", "after"])
    measured = (
        Measured.of("hotline.on_time", whole, total["on_time"], total["due"]),
        Measured.of("hotline.overdue", stock["overdue"]),
    )
    return Answer(frame, measured)


def _kept(asked: Asked, whole: float | None) -> list[tuple[str, str, str, str, str]]:
    """The sentence on how many places keep the on-time target and which is the worst; of the place as a whole (its
    on-time rate) where no part of it can be judged; none when there is nothing to say."""
    lang, on_time = asked.lang, indicators()["hotline.on_time"]
    least = on_time.target or 0.0
    goal_words = f"{least * 100:g}%"
    children, _ = hotline.by_child(asked.area, asked.span, asked.base, asked.view.topic)
    ranks = ranked([Item(r.code, on_time.of(r.on_time, r.due), r.due) for r in rows(children)], better="higher")
    judged = [r for r in ranks if r.rank is not None and r.value is not None]
    missed = [r for r in judged if (r.value or 0) < least]
    level = text(f"level.{asked.area.level + 1}", lang) if judged else ""
    if missed:
        worst = missed[-1]
        names = {a.code: a.label(lang) for a in tree().children(asked.area.code)}
        before = text("situation.met", lang, n=len(judged) - len(missed), of=len(judged), level=level)
        after = text("situation.below", lang, value=percent(worst.value), target=goal_words)
        return [("bad", before, worst.key, names[worst.key], after)]
    if judged:
        return [("good", text("situation.all_met", lang, n=len(judged), level=level, target=goal_words), "", "", "")]
    if whole is not None:
        kind = "bad" if whole < least else "good"
        words = text(f"situation.whole_{kind}", lang, value=percent(whole), target=goal_words)
        return [(kind, words, "", "", "")]
    return []


# ---- headline ------------------------------------------------------------------------------------


@panel(bodies.tiles, about=TILES, source="hotline")
def headline(view: View) -> Answer:
    """key, value, base, numerator, denominator, note, warn: one row an indicator that the city has; rates are
    fractions."""
    asked = ask(view)
    known = indicators()
    now = hotline.totals(asked.area, asked.span, asked.base, view.topic)
    stocks = hotline.stock(asked.area, asked.at, asked.before, view.topic)
    stock, before = stocks.loc["now"], stocks.loc["base"] if asked.base else None
    first = asked.midnight - timedelta(days=29)
    history = hotline.daily(
        asked.area, first, asked.midnight, view.topic, ("received", "due", "on_time", "rated", "satisfied")
    )
    tracked = stock["tracked"] > 0
    lang = asked.lang
    today = text("tile.today", lang, n=number(count(now.loc["today", "received"]), lang))
    overdue = text("tile.overdue", lang, n=number(stock["overdue"], lang)) if tracked else text("tile.not_given", lang)
    rated = goal(known["hotline.satisfaction"], now.loc["now", "rated"] > 0, lang)
    tiles = [
        counted("hotline.received", now, "received", None, today),
        counted("hotline.on_time", now, "on_time", "due", goal(known["hotline.on_time"], tracked, lang)),
        tile(
            "hotline.open",
            stock["open"] if tracked else None,
            before["open"] if before is not None and before["tracked"] else None,
            note=overdue,
            warn=bool(tracked and stock["overdue"] > 0),
        ),
        counted("hotline.satisfaction", now, "satisfied", "rated", rated),
    ]
    sparks: dict[str, list[float]] = {
        "hotline.received": history["received"].astype(float).tolist(),
        "hotline.on_time": (history["on_time"] / history["due"].where(history["due"] > 0)).tolist(),
        "hotline.satisfaction": (history["satisfied"] / history["rated"].where(history["rated"] > 0)).tolist(),
    }
    others = [k for k in TILES[4:] if k in known and observations.level_of(k) is not None]
    parts_of = observations.totals(others, asked.area, asked.span, asked.base, asked.at) if others else {}
    past = observations.daily(others, asked.area, first, asked.midnight, asked.at) if others else {}
    for key in others:
        level = observations.level_of(key)
        if level is not None and level < asked.area.level:
            tiles.append(tile(key, note=text("tile.no_level", lang, level=text(f"level.{level}", lang))))
            continue
        parts, values = parts_of[key], parts_of[key]["amount"]
        below = (parts["numerator"].get("now"), parts["denominator"].get("now"))
        tiles.append(tile(key, values.get("now"), values.get("base"), *below, note=target(known[key], lang)))
        sparks[key] = past[key]["amount"].tolist()
    frame = pd.DataFrame(tiles)
    for column in ("value", "base", "numerator", "denominator"):
        frame[column] = pd.to_numeric(frame[column])
    measured = tuple(Measured.of(r.key, r.value, r.numerator, r.denominator, r.base) for r in rows(frame))
    return Answer(frame, measured, {"sparks": sparks, "against": _against(asked)}, "" if len(frame) else "none")


# ---- map and ranking -----------------------------------------------------------------------------


@panel(figures.region_map, about=metrics.METRICS, source="hotline", sets="area", choices=metrics.links)
def map(view: View) -> Answer:  # noqa: A001 - the panel's public name
    """code, name, value, said, numerator, denominator, received, due, on_time, sentence, lon, lat, size, column, row:
    one row a child of the place; at the lowest level its siblings."""
    some = metrics.compared(view)
    asked, indicator, frame, lang = some.asked, some.indicator, some.frame, some.asked.lang
    if not len(frame):
        return Answer(frame, blank="none")
    frame["said"] = [metrics.said(v, indicator, lang) for v in frame["value"]]
    frame["sentence"] = [metrics.sentence(row, indicator, asked) for row in rows(frame)]
    place(frame, some.parent)
    unit = metrics.unit(indicator, lang)
    facts = {
        **ground(some.parent, some.here, lang),
        "ratio": indicator.is_percent,
        "better": indicator.better,
        "target": indicator.target,
        "legend": f"{indicator.said('name', lang)} ({unit})",
        "chosen": "" if indicator == metrics.available(view)[0] else indicator.key,
    }
    here = next((r for r in rows(frame) if r.code == some.here), None)
    if here is None:
        measured = metrics.whole(asked, indicator)
    else:
        measured = Measured.of(indicator.key, here.value, here.numerator, here.denominator)
    lost = text("map.not_on_map", lang, n=exact(some.lost)) if some.lost else text("map.hint", lang)
    note = "" if some.here else lost
    if view.mode == "wall":
        note = f"{unit} · {note}" if note and some.lost else unit
    return Answer(frame, (measured,), facts, note=note)


@panel(bodies.ranking, about=metrics.METRICS, source="hotline", sets="area")
def ranking(view: View) -> Answer:
    """code, name, value, numerator, denominator, rank, few: the place's children (at the lowest level its siblings) by
    the chosen metric, best first; the small samples last and unranked."""
    some = metrics.compared(view)
    asked, indicator, frame = some.asked, some.indicator, some.frame
    if not len(frame):
        return Answer(frame, blank="none")
    items = [Item(r.code, amount(r.value), r.denominator if indicator.is_percent else None) for r in rows(frame)]
    order = ranked(items, better=indicator.better, digits=4 if indicator.is_percent else 2)
    frame = frame.set_index("code").loc[[o.key for o in order]].reset_index()
    frame["rank"] = [o.label for o in order]
    frame["few"] = [o.rank is None for o in order]
    facts = {
        "ratio": indicator.is_percent,
        "target": indicator.target,
        "better": indicator.better,
        "here": some.here,
    }
    whole = metrics.whole(asked, indicator)
    said = text("ranking.whole", asked.lang, value=metrics.said(whole.value, indicator, asked.lang))
    columns = ["code", "name", "value", "numerator", "denominator", "rank", "few"]
    note = f"{indicator.said('name', asked.lang)} · {said}"
    return Answer(frame.loc[:, columns], (whole,), facts, note=note)


# ---- trend ---------------------------------------------------------------------------------------


@panel(figures.trend, about="hotline.received", source="hotline")
def trend(view: View) -> Answer:
    """day, value, base (the same day of last year or of the period before), whole (False: the day still runs), oldest
    first; NaN where no orders were loaded for a day."""
    asked = ask(view)
    long = asked.span.end - asked.span.start > timedelta(days=90)
    first = asked.span.start if long else datetime.combine((asked.at - timedelta(days=89)).date(), time.min)
    end = asked.span.end if long else max(asked.span.end, min(asked.at, asked.span.end + timedelta(days=30)))
    first = min(first, asked.span.start)
    frame = hotline.daily(asked.area, first, end, view.topic).rename(columns={"received": "value"})
    if not count(frame["value"].sum()):
        return Answer(frame, blank="empty")
    frame["value"] = frame["value"].astype(float).where(hotline.covered_days(frame.loc[:, "day"]))
    frame["base"] = float("nan")
    if asked.base:
        shift = asked.span.end - asked.base.span.end
        shift = timedelta(days=round(shift / timedelta(days=1)))
        until = datetime.combine(end.date(), time.min) - shift + timedelta(days=1)
        before = hotline.daily(asked.area, first - shift, until, view.topic)
        known = before["received"].astype(float).where(hotline.covered_days(before.loc[:, "day"]))
        frame["base"] = known.reindex(frame.index).to_numpy()
    frame["whole"] = frame["day"] + pd.Timedelta(days=1) <= pd.Timestamp(end)
    lang = asked.lang
    base_name = text("trend.last_year" if view.compare == "yoy" else "trend.last_period", lang)
    facts = {
        "first": first,
        "marks": happened(first, end, lang),
        "holidays": free(first.date(), end.date(), lang),
        "until": asked.at.strftime("%H:%M"),
        "base_name": base_name if asked.base else "",
        "focus": asked.span.start.strftime("%Y-%m-%d") if asked.span.start > first else None,
        "unit": text("trend.per_day", lang),
    }
    total = hotline.totals(asked.area, asked.span, asked.base, view.topic).loc[:, "received"]
    measured = (Measured.of("hotline.received", total["now"], base=total["base"] if asked.base else None),)
    note = f"{text('trend.per_day', lang)} · {days(first, end)}"
    return Answer(frame, measured, facts, note=note)


# ---- problems and what changed -------------------------------------------------------------------


@panel(bodies.problems, about="hotline.received", source="hotline", sets="topic")
def problems(view: View) -> Answer:
    """topic, name, received, share, rank, rank_before (NaN: not there then), base_received: every topic, largest
    first."""
    asked = ask(view)
    frame = hotline.topics(asked.area, asked.span, asked.base)
    frame = frame.loc[frame["received"] > 0].copy()
    if not len(frame):
        return Answer(frame, blank="empty")
    frame["name"] = _names(frame, asked.lang)
    if "base_received" not in frame:
        frame["base_received"] = float("nan")
    frame["rank"] = frame["received"].rank(ascending=False, method="min").astype(int)
    before = frame["base_received"].where(frame["base_received"] > 0)
    frame["rank_before"] = before.rank(ascending=False, method="min")
    frame["share"] = frame["received"] / frame["received"].sum()
    frame = frame.sort_values(by=["rank", "topic"])
    columns = ["topic", "name", "received", "share", "rank", "rank_before", "base_received"]
    note = text("problems.against", asked.lang, base=text(f"compare.{view.compare}", asked.lang)) if asked.base else ""
    measured = (Measured.of("hotline.received", frame["received"].sum()),)
    return Answer(frame.loc[:, columns], measured, {"chosen": view.topic, "against": _against(asked)}, note=note)


def _names(frame: pd.DataFrame, lang: str) -> pd.Series:
    """The topics' names; a code that no vocabulary knows is its own."""
    names = frame.loc[:, "name_zh"] if lang == "zh" else frame.loc[:, "name_en"].fillna(frame["name_zh"])
    return names.fillna(frame["topic"])


@panel(bodies.changes, about="hotline.received", source="hotline")
def changed(view: View) -> Answer:
    """kind (place | topic), code, name, delta, share (of the whole change), value, base: largest effect first."""
    asked = ask(view)
    if asked.base is None:
        return Answer(pd.DataFrame({"kind": []}), blank="none", note=text("changed.none", asked.lang))
    places, _ = hotline.by_child(asked.area, asked.span, asked.base, view.topic)
    topics = hotline.topics(asked.area, asked.span, asked.base)
    names = {a.code: a.label(asked.lang) for a in tree().children(asked.area.code)} | dict(
        zip(topics["topic"], _names(topics, asked.lang), strict=True)
    )
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
        for kind, some, code in (("place", places, "code"), ("topic", topics, "topic"))
        if len(some)
        for e in of_counts(
            dict(zip(some[code], some["base_received"], strict=True)),
            dict(zip(some[code], some["received"], strict=True)),
        )
        if e.delta
    ]
    total = hotline.totals(asked.area, asked.span, asked.base, view.topic).loc[:, "received"]
    delta = int(total["now"] - total["base"])
    frame = pd.DataFrame(effects, columns=["kind", "code", "name", "delta", "share", "value", "base"])
    measured = (Measured.of("hotline.received", total["now"], base=total["base"]),)
    if not len(frame):
        return Answer(frame, measured, blank="empty")
    return Answer(frame, measured, {"sentence": _explained(asked, frame, delta, float(total["base"]))})


def _explained(asked: Asked, frame: pd.DataFrame, delta: int, base: float) -> str:
    """The change in one sentence: how much, and the place and the topic that did most towards it."""
    lang, against = asked.lang, text(f"compare.{asked.view.compare}", asked.lang)
    towards = frame.loc[(frame["delta"] > 0) == (delta > 0)]
    topic = towards.loc[towards["kind"] == "topic", "name"].head(1).tolist()
    causes = text("changed.and", lang).join([*towards.loc[towards["kind"] == "place", "name"].head(1), *topic])
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


def _states(view: View) -> list[tuple[str, str, str]]:
    return [("state", s, text(f"filter.state_{s or 'all'}", view.lang)) for s in ("", "open", "overdue")]


@panel(bodies.records, about="hotline.open", source="hotline", choices=_states)
def records(view: View) -> Answer:
    """order_no, accept_at, category, title, place, address, state, due_at, close_at, tracked: open orders first, the
    most overdue on top; titles and addresses are masked."""
    asked = ask(view)
    frame = hotline.orders(asked.area, asked.span, asked.at, view.topic, state=view.state)
    stock = hotline.stock(asked.area, asked.at, asked.before, view.topic).loc["now"]
    received = hotline.totals(asked.area, asked.span, asked.base, view.topic).loc["now", "received"]
    total = {"open": stock["open"], "overdue": stock["overdue"]}.get(view.state, received)
    names = hotline.category_names(asked.lang)
    places = tree()

    def where(street: str, district: str) -> str:
        found = places.get(street) or places.get(district)
        return found.label(asked.lang) if found else "—"

    frame["category"] = [
        names.get(c) or names.get(t, c) for c, t in zip(frame["category"], frame["topic"], strict=True)
    ]
    frame["place"] = [where(s, d) for s, d in zip(frame["street_code"], frame["district_code"], strict=True)]
    columns = [
        "order_no",
        "accept_at",
        "category",
        "title",
        "place",
        "address",
        "state",
        "due_at",
        "close_at",
        "tracked",
    ]
    measured = tuple(Measured.of(f"hotline.{key}", stock[key]) for key in ("open", "overdue"))
    facts = {"at": asked.at, "total": count(total)}
    return Answer(frame.loc[:, columns], measured, facts, "" if len(frame) else "empty")


@panel(bodies.sources)
def sources(view: View) -> Answer:
    """key, name, cadence_minutes, last_data_at, age_minutes, state: one row a source, worst first."""
    at = moment_of(view)
    frame = data_sources.freshness(at)
    frame = frame.loc[(frame["cadence_minutes"] > 0) | frame["last_data_at"].notna()].reset_index(drop=True)
    frame["name"] = frame[f"name_{view.lang}"]
    late, silent = (count(frame["state"].isin(states).sum()) for states in (["late", "stale"], ["unknown"]))
    words = [text("tile.late_sources", view.lang, n=late)] if late else []
    words += [text("tile.silent_sources", view.lang, n=silent)] if silent else []
    note = " · ".join(words) or text("tile.all_fresh", view.lang)
    columns = ["key", "name", "cadence_minutes", "last_data_at", "age_minutes", "state"]
    return Answer(frame.loc[:, columns], blank="" if len(frame) else "none", note=note)


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
