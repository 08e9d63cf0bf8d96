"""Down to the very orders: their list, page by page, and the course of one."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from components.bodies import orders as bodies
from components.panel import Answer, Export, Measured, panel
from components.rows import framed
from components.view import View
from components.words import DASH, moment, number, section, text
from data_access import hotline
from data_access import records as orders
from data_access.areas import tree
from data_access.settings import settings
from domain.hotline_rules import rules
from domain.lifecycle import Event, Stage, life, lifecycle, urged_at
from pages.asking import Asked, ask, tells

PAGE = 50

# ---- which lists there are ---------------------------------------------------------------------------------------

# a list and the field without which it cannot be told
LISTS = {
    "": "accept_at",
    "open": "close_at",
    "overdue": "due_at",
    "today": "due_at",
    "soon": "due_at",
    "unhappy": "satisfaction",
    "supervised": "supervised_at",
    "redo": "redo_at",
    "returned": "returned_at",
}
_ASKED_APART = ("today", "soon", "supervised", "redo", "returned")
COLUMNS = {  # a column of the list and the field without which it stays away
    "number": "order_no",
    "title": "title",
    "category": "category",
    "place": "",
    "org": "org",
    "state": "close_at",
    "accepted": "",
    "course": "dispatch_at",
    "lane": "due_at",
    "left": "due_at",
}


def _gives(asked: Asked, field: str) -> bool:
    """Whether the sources of the period fill a field; where nothing is loaded, none is missed."""
    return field in ("", "accept_at", "order_no") or tells(asked, field)


def _listing(asked: Asked) -> orders.Listing:
    view = asked.view
    state = view.state if view.state in orders.STATES else ""
    return orders.Listing(asked.area, asked.span, asked.at, asked.where, state, view.q, view.sort)


def _sizes(asked: Asked) -> dict[str, int]:
    """How many orders each list has that can be told."""
    told = [name for name, field in LISTS.items() if _gives(asked, field)]
    total = hotline.totals(asked.area, asked.span, asked.base, asked.where)["now"]
    stock = hotline.stock(asked.area, asked.at, asked.before, asked.where)["now"]
    found = orders.sizes(_listing(asked), tuple(name for name in told if name in _ASKED_APART))
    found |= {
        "": total.received,
        "open": stock.open,
        "overdue": stock.overdue,
        "unhappy": total.rated - total.satisfied,
    }
    return {name: found[name] for name in told}


def _list_name(state: str, lang: str) -> str:
    return text(f"orders.s_{state or 'all'}", lang)


def _chips(view: View) -> list[tuple[str, str, str]]:
    """Links to the lists, each with how many orders it has."""
    asked = ask(view)
    return [
        ("state", name, f"{_list_name(name, view.lang)} {number(n, view.lang)}") for name, n in _sizes(asked).items()
    ]


# ---- the list ------------------------------------------------------------------------------------------------------

FIELDS = (
    "order", "order_no", "title", "category", "category_name", "place", "place_name", "org", "org_name", "state",
    "state_name", "accept_at", "due_at", "close_at", "left_minutes", "urge", "closed_said", *bodies.COURSE,
)  # fmt: skip
MOMENTS = ("accept_at", "due_at", "close_at")


class _Told:
    """Orders as rows of FIELDS, in the words of a language."""

    def __init__(self, asked: Asked):
        self.asked, self.lang, self.places = asked, asked.lang, tree()
        self.categories = hotline.category_names(asked.lang)
        self.orgs = hotline.organisation_names(asked.lang)
        self.shares: dict[date, float] = {}  # of the limit, after which orders of a day are urged
        self.states = {name: getattr(state, asked.lang) for name, state in lifecycle().states.items()}

    def row(self, one: orders.Order) -> tuple[Any, ...]:
        place = self.places.get(one.street_code) or self.places.get(one.district_code)
        left = bodies.minutes_between(self.asked.at, one.due_at) if one.open and one.due_at else None
        state = one.state if one.tracked else ""
        return (
            str(one.order_id),
            one.order_no,
            "" if self.asked.view.mode == "wall" else one.title,  # what people wrote is not for a wall
            one.category,
            self.categories.get(one.category) or self.categories.get(one.topic, one.category),
            place.code if place else "",
            place.label(self.lang) if place else "",
            one.org,
            self.orgs.get(one.org, one.org),
            state,
            self.states.get(state, state) if state else text("orders.untracked", self.lang),
            one.accept_at,
            one.due_at,
            one.close_at,
            left,
            self.urge(one),
            self.closed(one),
            *(getattr(one, name) for name in bodies.COURSE),
        )

    def urge(self, one: orders.Order) -> bool:
        """Whether an order that waits is to be urged (催办): so much of its time has passed, and nobody did."""
        if not one.open or one.due_at is None or one.urged or one.due_at < self.asked.at:
            return False
        day = one.accept_at.date()
        if day not in self.shares:
            self.shares[day] = rules(day).urge_share
        return self.asked.at >= urged_at(one.accept_at, one.due_at, self.shares[day])

    def closed(self, one: orders.Order | orders.Whole) -> str:
        """How an order that does not wait was closed."""
        if one.close_at is None or not one.tracked:
            return "" if one.tracked else DASH
        if one.due_at is None:
            return text("orders.closed", self.lang)
        over = bodies.minutes_between(one.due_at, one.close_at)
        key = "orders.closed_late" if over > 0 else "orders.closed_in_time"
        return text(key, self.lang, age=bodies.span_words(over, self.lang))

    def rows(self, some: tuple[orders.Order, ...]) -> list[tuple[Any, ...]]:
        return [self.row(one) for one in some]


def _framed(told: list[tuple[Any, ...]]) -> pd.DataFrame:
    columns = zip(*told, strict=True) if told else ((),) * len(FIELDS)
    frame = framed({name: list(values) for name, values in zip(FIELDS, columns, strict=True)}, ("left_minutes",))
    return frame.astype(dict.fromkeys(MOMENTS, "datetime64[us]"))


def _total(asked: Asked, listing: orders.Listing) -> int:
    return orders.size(listing) if listing.q else _sizes(asked).get(listing.state, 0)


def _all(view: View) -> Export:
    """Every row of the list, a few thousand at a time."""
    asked = ask(view)
    listing, most, told = _listing(asked), settings().export_rows, _Told(asked)
    parts: Iterator[list[tuple[Any, ...]]] = (told.rows(some) for some in orders.every(listing, most))
    return Export(FIELDS, parts, _total(asked, listing), most)


# a column of the list: what a click on its head sorts by, in turn, and the arrow that says so
SORTS = {"accepted": [("newest", "↓"), ("oldest", "↑")], "left": [("", "↑")], "state": [("longest", "↓")]}


@panel(
    bodies.orders,
    about=("hotline.open", "hotline.overdue"),
    source="hotline",
    sets="order",
    choices=_chips,
    searches="q",
    export=_all,
)
def records(view: View) -> Answer:
    """order (its identity), order_no, title, category, category_name, place (street, or district), place_name, org,
    org_name, state, state_name, accept_at, due_at, close_at (not yet then: none), left_minutes (negative: overdue; NaN:
    closed, or no limit), urge (it is time to urge it, and nobody did), closed_said, returned, reassigned, redone,
    extended, urged, supervised (how often until then): one page of the list. The CSV has all pages. Titles are masked
    at intake."""
    asked = ask(view)
    listing = _listing(asked)
    if not _gives(asked, LISTS[listing.state]):
        words = text("state.lacking", view.lang, field=_list_name(listing.state, view.lang))
        return Answer(pd.DataFrame(), facts={"lacking": [LISTS[listing.state]]}, blank="none", note=words)
    found = orders.page(listing, view.after, PAGE)
    stock = hotline.stock(asked.area, asked.at, asked.before, asked.where)["now"]
    _, since = orders.searched(listing)
    placed = len(tree()) > 1
    said = text("orders.searched_since", view.lang, at=moment(since, view.lang, year=True)) if since else ""
    facts = {
        "order": view.order,
        "at": asked.at,
        "columns": [name for name, field in COLUMNS.items() if _gives(asked, field) and (name != "place" or placed)],
        "total": len(found.orders) if found.first and not found.after else _total(asked, listing),
        "next": found.after,
        "first": found.first,
        "export": view.to(after="", order="").search or "?",
        "sort": listing.sort if listing.sort in orders.SORTS else "",
        "sorts": SORTS,
        "said": said,
    }
    measured = tuple(
        Measured.of(f"hotline.{key}", getattr(stock, key) if stock.tracked else None) for key in ("open", "overdue")
    )
    order = facts["sort"] or ("left" if _gives(asked, "due_at") else "newest")
    note = text(f"orders.by_{order}", view.lang) + " · " + text("orders.masked", view.lang)
    frame = _framed(_Told(asked).rows(found.orders))
    if any(frame["urge"]):
        note += " · " + text("orders.urge", view.lang, share=f"{rules(asked.at.date()).urge_share * 100:g}")
    there = asked.known or bool(stock.tracked)
    blank = "" if found.orders else "empty" if there else "none"
    return Answer(frame, measured, facts, blank, note=note if not blank else "")


# ---- one order -----------------------------------------------------------------------------------------------------

STEPS = (
    "seq", "event", "event_name", "at", "org", "org_name", "state", "state_name", "hours", "limit_hours", "late",
    "fault", "fault_name", "result",
)  # fmt: skip


@panel(bodies.order, source="hotline")
def order(view: View) -> Answer:
    """seq, event, event_name, at, org, org_name, state, state_name (after it), hours (in what it began, until the next
    or until now), limit_hours (of that; NaN: none), late, fault, fault_name (what the log has wrong), result (of a
    callback): one row an event of the order in `order`, as known at the moment."""
    if not view.order or view.mode == "wall":
        return Answer(pd.DataFrame(), blank="none")
    asked = ask(view)
    found = orders.whole(view.order, asked.at)
    note = text("order.as_of", view.lang, at=moment(asked.at, view.lang, year=True))
    if found is None:
        return Answer(pd.DataFrame(columns=list(STEPS)), facts={"unknown": view.order}, note=note)
    one, log = found
    events = log or _from_columns(one)
    told = _course(one, events, asked)
    columns = zip(*told, strict=True)
    frame = framed({name: list(values) for name, values in zip(STEPS, columns, strict=True)}, ("hours", "limit_hours"))
    return Answer(frame, facts=_facts(one, asked), note=note)


def _from_columns(one: orders.Whole) -> tuple[Event, ...]:
    """What a source without an event log tells of the course."""
    moments = (
        ("registered", one.accept_at, ""),
        ("dispatched", one.dispatch_at, one.org),
        ("signed", one.sign_at, one.org),
        ("replied", one.reply_at, one.org),
        ("closed", one.close_at, one.org),
        ("callback", one.callback_at, ""),
    )
    return tuple(Event(name, at, org) for name, at, org in moments if at is not None)


def _course(one: orders.Whole, events: tuple[Event, ...], asked: Asked) -> list[tuple[Any, ...]]:
    """Rows of STEPS."""
    lang, table = asked.lang, lifecycle()
    lived = life(events, recorded={event.name for event in events})
    orgs = hotline.organisation_names(lang)
    begun = {stage.start: stage for stage in lived.stages}
    faults = {(fault.event, fault.at): fault.kind for fault in lived.faults}
    told = []
    for seq, event in enumerate(events, 1):
        rule = table.events.get(event.name)
        stage = begun.get(event.at) if rule and rule.to else None
        hours = stage.hours(asked.at) if stage and (stage.end or table.states[stage.state].open) else None
        limit = _limit(one, stage) if stage else None
        fault = faults.get((event.name, event.at), "")
        state = lived.state_at(event.at)
        told.append(
            (
                seq,
                event.name,
                getattr(rule, lang) if rule else event.name,
                event.at,
                event.org,
                orgs.get(event.org, event.org),
                state,
                getattr(table.states[state], lang) if state else "",
                hours,
                limit,
                bool(hours is not None and limit is not None and hours > limit),
                fault,
                text(f"order.fault_{fault}", lang) if fault else "",
                _result(one, lang) if event.name == "callback" and event.at == one.callback_at else "",
            )
        )
    return told


def _limit(one: orders.Whole, stage: Stage) -> float | None:
    """Hours that a stage may take: dispatching, signing, reviewing a reply and redoing by the rules of the day, the
    work until the order's limit; None where no rule says one."""
    held = rules(one.accept_at.date())
    if stage.state == "accepted":
        return None if one.direct else held.dispatch_ordinary_h
    if stage.state == "dispatched":
        return held.sign_h
    if stage.state == "replied":
        return held.review_h
    if stage.state == "redo":
        return held.redo_h
    if stage.state == "signed" and one.due_at and not (one.close_at and one.close_at <= stage.start):
        return max((one.due_at - stage.start) / timedelta(hours=1), 0.0)
    return None


def _result(one: orders.Whole, lang: str) -> str:
    """What the caller said when called back."""
    said = []
    if one.responded is not None:
        said.append(text("order.responded" if one.responded else "order.not_responded", lang))
    if one.resolved is not None:
        said.append(text(f"order.resolved_{one.resolved}", lang))
    if one.satisfaction is not None:
        said.append(text(f"order.satisfied_{one.satisfaction}", lang))
    return " · ".join(said)


def _urge_at(one: orders.Whole) -> datetime | None:
    """From when on an order that waits is to be urged."""
    if not one.tracked or one.close_at is not None or one.due_at is None:
        return None
    return urged_at(one.accept_at, one.due_at, rules(one.accept_at.date()).urge_share)


def _facts(one: orders.Whole, asked: Asked) -> dict[str, Any]:
    lang, places = asked.lang, tree()
    categories = hotline.category_names(lang)
    place = next(
        (p for code in (one.community_code, one.street_code, one.district_code) if (p := places.get(code))), None
    )
    path = " › ".join(p.label(lang) for p in places.path(place.code)[1:] or [place]) if place else ""
    topic, leaf = categories.get(one.topic, one.topic), categories.get(one.category, one.category)

    def when(at: datetime | None) -> str:
        return moment(at, lang, year=True)

    pairs = {
        "category": topic if leaf == topic else f"{topic} › {leaf}",
        "place": path,
        "address": one.address,
        "channel": section("channel", lang).get(one.channel, one.channel),
        "appeal": section("appeal", lang).get(one.appeal_type, one.appeal_type),
        "line": section("line", lang).get(one.line or "", one.line or ""),
        "org": hotline.organisation_names(lang).get(one.org, one.org),
        "accepted": when(one.accept_at),
        "due": when(one.due_at),
        "urge": when(_urge_at(one)),
        "closed": when(one.close_at) if one.tracked else text("orders.untracked", lang),
    }
    waits = one.tracked and one.close_at is None
    told = _Told(asked).closed(one)
    return {
        "order_no": one.order_no,
        "title": one.title,
        "content": one.content or "",
        "pairs": [(text(f"order.{name}", lang), words) for name, words in pairs.items() if words and words != DASH],
        "left": bodies.minutes_between(asked.at, one.due_at) if waits and one.due_at else None,
        "said": told,
        "reveal": f"/reveal/{one.order_id}?lang={lang}",
    }
