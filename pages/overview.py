"""The overview: is anything wrong, where, since when, and which records say so."""

from datetime import datetime, time, timedelta
from typing import Any

import pandas as pd
from dash import html, register_page
from dash.development.base_component import Component

from components import bodies, figures
from components.panel import Answer, Measured, moment_of, panel, place_of
from components.view import View
from components.words import days, exact, number, percent, signed, text
from data_access import hotline, observations, shapes
from data_access import sources as data_sources
from data_access.areas import tree
from data_access.indicators import Indicator, indicators
from domain import workdays
from domain.change import change
from domain.contribution import of_counts
from domain.ranking import Item, ranked
from pages import metrics
from pages.asking import Asked, ask

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


# ---- the answer in five seconds ------------------------------------------------------------------------------------------


@panel(bodies.situation, about=("hotline.on_time", "hotline.overdue"), source="hotline", sets="area")
def situation(view: View) -> Answer:
    """kind (bad | good | note), before, code, name, after: what is wrong and where, in sentences, the most pressing first."""
    asked = ask(view)
    lang, indicator = asked.lang, indicators()["hotline.on_time"]
    target = indicator.target or 0.0
    goal = f"{target * 100:g}%"
    children, _ = hotline.by_child(asked.area, asked.span, asked.base, view.topic)
    names = {a.code: a.label(lang) for a in tree().children(asked.area.code)}
    rows: list[tuple[str, str, str, str, str]] = []
    ranks = ranked(
        [Item(r.code, indicator.of(r.on_time, r.due), r.due) for r in children.itertuples()], better="higher"
    )
    judged = [r for r in ranks if r.rank is not None and r.value is not None]
    missed = [r for r in judged if (r.value or 0) < target]
    total = hotline.totals(asked.area, asked.span, asked.base, view.topic).loc["now"]
    whole = indicator.of(total["on_time"], total["due"])
    if missed:
        worst = missed[-1]
        before = text(
            "situation.met",
            lang,
            n=len(judged) - len(missed),
            of=len(judged),
            level=text(f"level.{asked.area.level + 1}", lang),
        )
        after = text("situation.below", lang, value=percent(worst.value), target=goal)
        rows.append(("bad", before, worst.key, names[worst.key], after))
    elif judged:
        rows.append(
            (
                "good",
                text(
                    "situation.all_met",
                    lang,
                    n=len(judged),
                    level=text(f"level.{asked.area.level + 1}", lang),
                    target=goal,
                ),
                "",
                "",
                "",
            )
        )
    elif whole is not None:
        key = "bad" if whole < target else "good"
        rows.append((key, text(f"situation.whole_{key}", lang, value=percent(whole), target=goal), "", "", ""))
    stock = hotline.stock(asked.area, asked.at, asked.before, view.topic).loc["now"]
    if stock["overdue"] > 0:
        rows.append(
            ("bad", text("situation.overdue", lang, n=exact(stock["overdue"]), open=exact(stock["open"])), "", "", "")
        )
    late = data_sources.freshness(asked.at)
    late = late[late["state"].isin(["late", "stale"])]
    if len(late):
        first = late.iloc[0][f"name_{lang}"]
        rows.append(("note", text("situation.late", lang, n=len(late), name=first), "", "", ""))
    if not any(kind == "bad" for kind, *_ in rows) and not judged and whole is None:
        rows.insert(0, ("note", text("situation.nothing", lang), "", "", ""))
    frame = pd.DataFrame(rows, columns=["kind", "before", "code", "name", "after"])
    measured = (
        Measured("hotline.on_time", whole, float(total["on_time"]), float(total["due"])),
        Measured("hotline.overdue", float(stock["overdue"])),
    )
    return Answer(frame, measured)


# ---- headline ----------------------------------------------------------------------------------------------------------


@panel(bodies.tiles, about=TILES, source="hotline")
def headline(view: View) -> Answer:
    """key, value, base, numerator, denominator, note, warn: one row an indicator, and one for the sources' freshness."""
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
    rows = [
        _row(
            "hotline.received",
            now,
            "received",
            None,
            text("tile.today", asked.lang, n=number(int(now.loc["today", "received"]), asked.lang)),
        ),
        _row("hotline.on_time", now, "on_time", "due", _goal(known["hotline.on_time"], tracked, asked.lang)),
        {
            "key": "hotline.open",
            "value": float(stock["open"]) if tracked else None,
            "base": float(before["open"]) if before is not None and before["tracked"] else None,
            "numerator": None,
            "denominator": None,
            "note": text("tile.overdue", asked.lang, n=number(stock["overdue"], asked.lang))
            if tracked
            else text("tile.not_given", asked.lang),
            "warn": tracked and stock["overdue"] > 0,
        },
        _row(
            "hotline.satisfaction",
            now,
            "satisfied",
            "rated",
            _goal(known["hotline.satisfaction"], now.loc["now", "rated"] > 0, asked.lang),
        ),
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
        indicator = known[key]
        level = observations.level_of(key)
        if level is not None and level < asked.area.level:
            note = text("tile.no_level", asked.lang, level=text(f"level.{level}", asked.lang))
            rows.append(_nothing(key, note))
            continue
        parts = parts_of[key]
        rows.append(
            {
                "key": key,
                "value": parts["amount"].get("now"),
                "base": parts["amount"].get("base"),
                "numerator": parts["numerator"].get("now"),
                "denominator": parts["denominator"].get("now"),
                "note": _target(indicator, asked.lang),
                "warn": False,
            }
        )
        sparks[key] = past[key]["amount"].tolist()
    frame = pd.DataFrame(rows)
    for column in ("value", "base", "numerator", "denominator"):
        frame[column] = pd.to_numeric(frame[column])
    measured = tuple(
        Measured(r.key, *(None if pd.isna(v) else float(v) for v in (r.value, r.numerator, r.denominator, r.base)))
        for r in frame.itertuples()
    )
    return Answer(frame, measured, {"sparks": sparks, "against": _against(asked)}, "" if len(frame) else "none")


def _row(key: str, counts: pd.DataFrame, numerator: str, denominator: str | None, note: str) -> dict[str, Any]:
    def value(which: str) -> float | None:
        if which not in counts.index:
            return None
        row = counts.loc[which]
        if denominator is None:
            return float(row[numerator])
        return indicators()[key].of(row[numerator], row[denominator])

    return {
        "key": key,
        "value": value("now"),
        "base": value("base"),
        "numerator": counts.loc["now", numerator],
        "denominator": None if denominator is None else counts.loc["now", denominator],
        "note": note,
        "warn": False,
    }


def _nothing(key: str, note: str) -> dict[str, Any]:
    return {
        "key": key,
        "value": None,
        "base": None,
        "numerator": None,
        "denominator": None,
        "note": note,
        "warn": False,
    }


def _goal(indicator: Indicator, given: bool, lang: str) -> str:
    return _target(indicator, lang) if given else text("tile.not_given", lang)


def _target(indicator: Indicator, lang: str) -> str:
    if indicator.target is None:
        return ""
    said = f"{indicator.target * 100:g}%" if indicator.is_percent else f"{indicator.target:g}"
    return text("tile.target", lang, value=said)


# ---- map and ranking -----------------------------------------------------------------------------------------------------


@panel(figures.region_map, about=metrics.METRICS, source="hotline", sets="area", choices=metrics.links)
def map(view: View) -> Answer:  # noqa: A001 - the panel's public name
    """code, name, value, said, numerator, denominator, received, due, on_time, sentence, lon, lat, size, column, row:
    one row a child of the place; at the lowest level its siblings."""
    asked = ask(view)
    indicator = metrics.chosen(view)
    places = tree()
    leaf = not places.children(asked.area.code)
    parent = places.get(asked.area.parent) if leaf and asked.area.parent else asked.area
    assert parent is not None
    frame, lost = metrics.measured_places(asked, parent, indicator, asked.span, asked.base)
    if not len(frame):
        return Answer(frame, blank="none")
    areas = {a.code: a for a in places.children(parent.code)}
    lang = asked.lang
    frame["said"] = [metrics.said(v, indicator, lang) for v in frame["value"]]
    frame["sentence"] = [metrics.sentence(row, indicator, asked) for row in frame.itertuples()]
    frame["lon"] = [areas[c].lon for c in frame["code"]]
    frame["lat"] = [areas[c].lat for c in frame["code"]]
    frame["size"] = [areas[c].area_km2 or 0.0 for c in frame["code"]]
    cells = {code: (column, row) for code, column, row in shapes.tile_grid(list(areas.values()))}
    frame["column"] = [cells[c][0] for c in frame["code"]]
    frame["row"] = [cells[c][1] for c in frame["code"]]
    facts: dict[str, Any] = {
        "shapes": shapes.shapes_url(parent.code),
        "bounds": _wider(shapes.bounds(asked.area.code if leaf else parent.code), 2.2 if leaf else 1.06),
        "here": asked.area.code if leaf else "",
        "water": shapes.waters(),
        "ratio": indicator.is_percent,
        "better": indicator.better,
        "target": indicator.target,
        "legend": f"{indicator.said('name', lang)} ({'%' if indicator.is_percent else indicator.said('unit', lang)})",
        "chosen": "" if indicator == metrics.available(view)[0] else indicator.key,
    }
    if facts["shapes"] and not facts["bounds"]:
        facts["shapes"] = None
    if parent.parent is not None and (around := shapes.shapes_url(parent.parent)):
        siblings = [a for a in places.children(parent.parent) if a.code != parent.code]
        facts |= {
            "around": around,
            "around_codes": [a.code for a in siblings],
            "around_names": [a.label(lang) for a in siblings],
        }
    here = next((r for r in frame.itertuples() if r.code == asked.area.code), None) if leaf else None
    total = metrics.whole(asked, indicator) if here is None else (here.value, here.numerator, here.denominator)
    note = "" if leaf else text("map.not_on_map", lang, n=exact(lost)) if lost else text("map.hint", lang)
    if view.mode == "wall":
        unit = "%" if indicator.is_percent else indicator.said("unit", lang)
        note = f"{unit} · {note}" if lost else unit
    return Answer(
        frame, (Measured(indicator.key, *(None if v is None or v != v else float(v) for v in total)),), facts, note=note
    )


def _wider(bounds: tuple[float, float, float, float] | None, by: float) -> tuple[float, float, float, float] | None:
    """The bounds enlarged `by`."""
    if bounds is None:
        return None
    west, south, east, north = bounds
    x, y = (east - west) * (by - 1) / 2, (north - south) * (by - 1) / 2
    return west - x, south - y, east + x, north + y


@panel(bodies.ranking, about=metrics.METRICS, source="hotline", sets="area")
def ranking(view: View) -> Answer:
    """code, name, value, numerator, denominator, rank, rise, few: the place's children (at the lowest level its siblings)
    by the chosen metric, best first; the small samples last and unranked."""
    asked = ask(view)
    indicator = metrics.chosen(view)
    places = tree()
    leaf = not places.children(asked.area.code)
    parent = places.get(asked.area.parent) if leaf and asked.area.parent else asked.area
    assert parent is not None
    frame, _ = metrics.measured_places(asked, parent, indicator, asked.span, asked.base)
    if not len(frame):
        return Answer(frame, blank="none")
    better = indicator.better
    items = [
        Item(r.code, None if r.value != r.value else r.value, r.denominator if indicator.is_percent else None)
        for r in frame.itertuples()
    ]
    order = ranked(items, better=better, digits=4 if indicator.is_percent else 1)
    frame = frame.set_index("code").loc[[o.key for o in order]].reset_index()
    frame["rank"] = [o.label for o in order]
    frame["few"] = [o.rank is None for o in order]
    facts = {
        "ratio": indicator.is_percent,
        "target": indicator.target,
        "better": better,
        "here": asked.area.code if leaf else "",
    }
    value, numerator, denominator = metrics.whole(asked, indicator)
    note = f"{indicator.said('name', asked.lang)} · {text('ranking.whole', asked.lang, value=metrics.said(float('nan') if value is None else value, indicator, asked.lang))}"
    measured = (
        Measured(indicator.key, *(None if v is None or v != v else float(v) for v in (value, numerator, denominator))),
    )
    columns = ["code", "name", "value", "numerator", "denominator", "rank", "few"]
    return Answer(frame[columns], measured, facts, note=note)


# ---- trend ----------------------------------------------------------------------------------------------------------------


@panel(figures.trend, about="hotline.received", source="hotline")
def trend(view: View) -> Answer:
    """day, value, base (last year's or the period before's same day), whole (False: the day still runs), oldest first."""
    asked = ask(view)
    long = asked.span.end - asked.span.start > timedelta(days=90)
    first = asked.span.start if long else datetime.combine((asked.at - timedelta(days=89)).date(), time.min)
    end = asked.span.end if long else max(asked.span.end, min(asked.at, asked.span.end + timedelta(days=30)))
    first = min(first, asked.span.start)
    frame = hotline.daily(asked.area, first, end, view.topic).rename(columns={"received": "value"})
    if not frame["value"].sum():
        return Answer(frame, blank="empty")
    frame["value"] = frame["value"].astype(float).where(hotline.covered_days(frame["day"]))
    frame["base"] = float("nan")
    if asked.base:
        shift = asked.span.end - asked.base.span.end
        shift = timedelta(days=round(shift / timedelta(days=1)))
        until = datetime.combine(end.date(), time.min) - shift + timedelta(days=1)
        before = hotline.daily(asked.area, first - shift, until, view.topic)
        known = before["received"].astype(float).where(hotline.covered_days(before["day"]))
        frame["base"] = known.reindex(frame.index).to_numpy()
    frame["whole"] = frame["day"] + pd.Timedelta(days=1) <= pd.Timestamp(end)
    lang = asked.lang
    marks = [
        {
            "start": row.start.strftime("%Y-%m-%d"),
            "at": row.start.to_pydatetime(),
            "name": f"{row.start:%m-%d} {text(f'kind.{row.kind}', lang)}",
            "full": row.name_zh if lang == "zh" else row.name_en,
        }
        for row in hotline.marks(first, end).itertuples()
        if row.start >= pd.Timestamp(first)
    ]
    free = [
        {
            "start": a.isoformat(),
            "end": (b + timedelta(days=1)).isoformat(),
            "from": datetime.combine(a, time.min),
            "name": zh if lang == "zh" else en,
        }
        for a, b, zh, en in workdays.holidays_between(first.date(), end.date())
        if (b - a).days >= 2
    ]
    facts = {
        "first": first,
        "marks": marks[-5:],
        "holidays": free,
        "until": asked.at.strftime("%H:%M"),
        "base_name": text("trend.last_year" if view.compare == "yoy" else "trend.last_period", lang)
        if asked.base
        else "",
        "focus": asked.span.start.strftime("%Y-%m-%d") if asked.span.start > first else None,
        "unit": text("trend.per_day", lang),
    }
    total = hotline.totals(asked.area, asked.span, asked.base, view.topic)["received"]
    measured = (
        Measured("hotline.received", float(total["now"]), None, None, float(total["base"]) if asked.base else None),
    )
    note = f"{text('trend.per_day', lang)} · {days(first, end)}"
    return Answer(frame, measured, facts, note=note)


# ---- problems and what changed ----------------------------------------------------------------------------------------------


@panel(bodies.problems, about="hotline.received", source="hotline", sets="topic")
def problems(view: View) -> Answer:
    """topic, name, received, share, rank, rank_before (NaN: not there then), base_received: every topic, largest first."""
    asked = ask(view)
    frame = hotline.topics(asked.area, asked.span, asked.base)
    frame = frame[frame["received"] > 0].copy()
    if not len(frame):
        return Answer(frame, blank="empty")
    frame["name"] = _names(frame, asked.lang)
    if "base_received" not in frame:
        frame["base_received"] = float("nan")
    frame["rank"] = frame["received"].rank(ascending=False, method="min").astype(int)
    before = frame["base_received"].where(frame["base_received"] > 0)
    frame["rank_before"] = before.rank(ascending=False, method="min")
    frame["share"] = frame["received"] / frame["received"].sum()
    frame = frame.sort_values(["rank", "topic"])
    columns = ["topic", "name", "received", "share", "rank", "rank_before", "base_received"]
    note = text("problems.against", asked.lang, base=text(f"compare.{view.compare}", asked.lang)) if asked.base else ""
    measured = (Measured("hotline.received", float(frame["received"].sum())),)
    return Answer(frame[columns], measured, {"chosen": view.topic, "against": _against(asked)}, note=note)


def _names(frame: pd.DataFrame, lang: str) -> pd.Series:
    names = frame["name_zh"] if lang == "zh" else frame["name_en"].fillna(frame["name_zh"])
    return names.fillna(frame["topic"])


@panel(bodies.changes, about="hotline.received", source="hotline")
def changed(view: View) -> Answer:
    """kind (place | topic), code, name, delta, share (of the whole change), value, base: largest effect first."""
    asked = ask(view)
    if asked.base is None:
        return Answer(pd.DataFrame({"kind": []}), blank="none", note=text("changed.none", asked.lang))
    places, lost = hotline.by_child(asked.area, asked.span, asked.base, view.topic)
    topics = hotline.topics(asked.area, asked.span, asked.base)
    names = {a.code: a.label(asked.lang) for a in tree().children(asked.area.code)} | dict(
        zip(topics["topic"], _names(topics, asked.lang), strict=True)
    )
    rows = [
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
    total = hotline.totals(asked.area, asked.span, asked.base, view.topic)["received"]
    delta = int(total["now"] - total["base"])
    frame = pd.DataFrame(rows, columns=["kind", "code", "name", "delta", "share", "value", "base"])
    measured = (Measured("hotline.received", float(total["now"]), None, None, float(total["base"])),)
    if not len(frame):
        return Answer(frame, measured, blank="empty")
    return Answer(frame, measured, {"sentence": _explained(asked, frame, delta, float(total["base"]))})


def _explained(asked: Asked, frame: pd.DataFrame, delta: int, base: float) -> str:
    lang, against = asked.lang, text(f"compare.{asked.view.compare}", asked.lang)
    towards = frame[(frame["delta"] > 0) == (delta > 0)]
    topic = towards[towards["kind"] == "topic"]["name"].head(1).tolist()
    causes = text("changed.and", lang).join([*towards[towards["kind"] == "place"]["name"].head(1), *topic])
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


# ---- records and sources -------------------------------------------------------------------------------------------------------


def _states(view: View) -> list[tuple[str, str, str]]:
    return [("state", s, text(f"filter.state_{s or 'all'}", view.lang)) for s in ("", "open", "overdue")]


@panel(bodies.records, about="hotline.open", source="hotline", choices=_states)
def records(view: View) -> Answer:
    """order_no, accept_at, category, title, place, address, state, due_at, close_at, tracked: open orders first, the most
    overdue on top; titles and addresses are masked."""
    asked = ask(view)
    frame = hotline.orders(asked.area, asked.span, asked.at, view.topic, state=view.state)
    stock = hotline.stock(asked.area, asked.at, asked.before, view.topic).loc["now"]
    received = hotline.totals(asked.area, asked.span, asked.base, view.topic).loc["now", "received"]
    total = {"open": stock["open"], "overdue": stock["overdue"]}.get(view.state, received)
    names = hotline.category_names(asked.lang)
    places = tree()

    def place(street: str, district: str) -> str:
        found = places.get(street) or places.get(district)
        return found.label(asked.lang) if found else "—"

    frame["category"] = [
        names.get(c) or names.get(t, c) for c, t in zip(frame["category"], frame["topic"], strict=True)
    ]
    frame["place"] = [place(s, d) for s, d in zip(frame["street_code"], frame["district_code"], strict=True)]
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
    measured = (Measured("hotline.open", float(stock["open"])), Measured("hotline.overdue", float(stock["overdue"])))
    return Answer(frame[columns], measured, {"at": asked.at, "total": int(total)}, "" if len(frame) else "empty")


@panel(bodies.sources)
def sources(view: View) -> Answer:
    """key, name, cadence_minutes, last_data_at, age_minutes, state: one row a source, worst first."""
    at = moment_of(view)
    frame = data_sources.freshness(at)
    frame = frame[(frame["cadence_minutes"] > 0) | frame["last_data_at"].notna()].reset_index(drop=True)
    frame["name"] = frame[f"name_{view.lang}"]
    late, silent = (int(frame["state"].isin(states).sum()) for states in (["late", "stale"], ["unknown"]))
    words = [text("tile.late_sources", view.lang, n=late)] if late else []
    words += [text("tile.silent_sources", view.lang, n=silent)] if silent else []
    note = " · ".join(words) or text("tile.all_fresh", view.lang)
    columns = ["key", "name", "cadence_minutes", "last_data_at", "age_minutes", "state"]
    return Answer(frame[columns], blank="" if len(frame) else "none", note=note)


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
