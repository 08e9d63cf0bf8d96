"""Down to the very cases: their list, page by page, and the course of one with its clocks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pandas as pd

from components.bodies import orders as bodies
from components.bodies import services_case
from components.panel import Answer, Export, Measured, panel
from components.rows import framed, tabled
from components.view import View
from components.words import DASH, moment, number, section, text
from data_access.areas import tree
from data_access.services import catalogue, counts, halls, times
from data_access.services import records as data
from data_access.settings import settings
from domain.services.days import Calendar
from domain.services.rules import rules
from pages.services.asked import CASES, Asked, ask

PAGE = 50
LISTS = ("", "open", "late", "today", "next", "slow", "refused", "bad")
COLUMNS = ("number", "title", "category", "place", "org", "state", "accepted", "course", "lane", "left")
CELLS = {"number": "case_no", "category": "channel_name", "accepted": "receive_at", "course": "stops_said"}
FIELDS = (
    "case", "case_no", "title", "item", "org", "org_name", "channel", "channel_name", "applicant", "place",
    "place_name", "state", "state_name", "receive_at", "accept_at", "finish_at", "due_at", "promised_days",
    "legal_days", "used_days", "result", "rating", "stops", "stops_said", "left_minutes", "closed_said",
)  # fmt: skip
_NUMBERS = ("promised_days", "legal_days", "used_days", "rating", "left_minutes")
_MOMENTS = ("receive_at", "accept_at", "finish_at", "due_at")


def _listing(asked: Asked) -> data.Listing:
    view = asked.view
    state = view.state if view.state in data.STATES else ""
    return data.Listing(asked.area, asked.span, asked.at, asked.where, state, view.q, view.sort)


def _sizes(asked: Asked) -> dict[str, int]:
    """How many cases each list has."""
    now = counts.totals(asked.area, asked.span, asked.base, asked.where)["now"]
    stock = counts.stock(asked.area, (asked.at,), asked.where)[0]
    found = {"": now.received, "open": stock.open, "late": stock.overdue, "refused": now.refused, "bad": now.bad}
    near = times.near(asked.area, asked.at, asked.where)
    found |= {"today": sum(one.today for one in near), "next": sum(one.next for one in near)}
    found |= data.sizes(_listing(asked), tuple(name for name in LISTS if name not in found))
    return {name: found[name] for name in LISTS}


def _chips(view: View) -> list[tuple[str, str, str]]:
    """Links to the lists, each with how many cases it has."""
    asked = ask(view)
    return [
        ("state", name, f"{text('case_list.s_' + (name or 'all'), view.lang)} {number(n, view.lang)}")
        for name, n in _sizes(asked).items()
    ]


class _Told:
    """Cases as rows of FIELDS, in the words of a language."""

    def __init__(self, asked: Asked):
        self.asked, self.lang, self.places = asked, asked.lang, tree()
        self.orgs = catalogue.departments()
        self.channels = section("channel", asked.lang)

    def org(self, code: str) -> str:
        zh, en = self.orgs.get(code, (code, None))
        return zh if self.lang == "zh" else en or zh

    def row(self, one: data.Case) -> tuple[Any, ...]:
        place = self.places.get(one.street_code) or self.places.get(one.district_code)
        left = bodies.minutes_between(self.asked.at, one.due_at) if one.open and one.due_at else None
        return (
            str(one.case_id), one.case_no, "" if self.asked.view.mode == "wall" else one.title, one.item, one.org,
            self.org(one.org), one.channel, self.channels.get(one.channel, one.channel), one.applicant,
            place.code if place else "", place.label(self.lang) if place else "", one.state,
            text(f"case_state.{one.state}", self.lang), one.receive_at, one.accept_at, one.finish_at, one.due_at,
            one.promised_days, one.legal_days, one.used_days, one.result, one.rating, one.stops,
            text("case_list.stops", self.lang, n=one.stops) if one.stops else DASH, left, self.closed(one),
        )  # fmt: skip

    def closed(self, one: data.Case) -> str:
        """How a case that does not wait ended."""
        if one.finish_at is None:
            return text(f"case_state.{one.state}", self.lang)
        if one.used_days is None or one.promised_days is None:
            return text("case_list.finished", self.lang)
        over = one.used_days - one.promised_days
        key = "finished_late" if over > 0 else "at_once" if not one.promised_days else "finished_in_time"
        return text(f"case_list.{key}", self.lang, n=f"{one.used_days:g}", over=f"{over:g}")

    def rows(self, some: tuple[data.Case, ...]) -> list[tuple[Any, ...]]:
        return [self.row(one) for one in some]


def _framed(told: list[tuple[Any, ...]]) -> pd.DataFrame:
    columns = zip(*told, strict=True) if told else ((),) * len(FIELDS)
    frame = framed({name: list(values) for name, values in zip(FIELDS, columns, strict=True)}, _NUMBERS)
    return frame.astype(dict.fromkeys(_MOMENTS, "datetime64[us]"))


def _total(asked: Asked, listing: data.Listing) -> int:
    return data.size(listing) if listing.q else _sizes(asked)[listing.state]


def _all(view: View) -> Export:
    """Every row of the list, a few thousand at a time."""
    asked = ask(view)
    listing, most, told = _listing(asked), settings().export_rows, _Told(asked)
    parts: Iterator[list[tuple[Any, ...]]] = (told.rows(some) for some in data.every(listing, most))
    return Export(FIELDS, parts, _total(asked, listing), most)


SORTS = {"accepted": [("newest", "↓"), ("oldest", "↑")], "left": [("", "↑")]}


@panel(
    bodies.orders,
    about=("services.open_cases", "services.overdue_cases"),
    source="services",
    sets="case",
    choices=_chips,
    searches="q",
    needs=(CASES,),
    export=_all,
)
def records(view: View) -> Answer:
    """case (its identity), case_no, title, item, org, org_name, channel, channel_name, applicant, place (street, or
    district), place_name, state, state_name, receive_at, accept_at, finish_at (not yet then: none), due_at (of the
    promise, stops included), promised_days, legal_days, used_days (working days without stops), result, rating, stops
    (how often the clock was stopped until then), stops_said, left_minutes (negative: overdue; NaN: does not wait),
    closed_said: one page of the list. The CSV has all pages."""
    asked = ask(view)
    listing = _listing(asked)
    found = data.page(listing, view.after, PAGE)
    _, since = data.searched(listing)
    stock = counts.stock(asked.area, (asked.at,), asked.where)[0]
    said = text("case_list.searched_since", view.lang, at=moment(since, view.lang, year=True)) if since else ""
    facts = {
        "field": "case",
        "panel": "services.records",
        "words": "case_list",
        "cells": CELLS,
        "case": view.case,
        "at": asked.at,
        "columns": [name for name in COLUMNS if name != "place" or len(tree()) > 1],
        "total": len(found.cases) if found.first and not found.after else _total(asked, listing),
        "next": found.after,
        "first": found.first,
        "export": view.to(after="", case="").search or "?",
        "sort": listing.sort if listing.sort in data.SORTS else "",
        "sorts": SORTS,
        "said": said,
    }
    measured = (
        Measured.of("services.open_cases", stock.open),
        Measured.of("services.overdue_cases", stock.overdue),
    )
    note = text(f"case_list.by_{facts['sort'] or 'left'}", view.lang) + " · " + text("orders.masked", view.lang)
    there = asked.known or bool(stock.open)
    blank = "" if found.cases else "empty" if there else "none"
    return Answer(_framed(_Told(asked).rows(found.cases)), measured, facts, blank, note=note if not blank else "")


# ---- one case --------------------------------------------------------------------------------------------------------

STEPS = ("seq", "event", "event_name", "at", "days", "limit_days", "late", "result")


class _Step(NamedTuple):
    """What happened; result: how, in words; counts: whether the working days until the next step are the office's."""

    event: str
    at: datetime
    result: str = ""
    counts: bool = True


@panel(services_case.case, source="services")
def case(view: View) -> Answer:
    """seq, event, event_name, at, days (working days until the next event, or until now; of what has a limit of its own
    until that is met), limit_days (that this may take by the rules or the source: receiving until accepted, finishing
    until delivered, a bad rating until rectified; NaN: none), late, result: one row a step or stop of the case in
    `case`, as known at the moment."""
    if not view.case or view.mode == "wall":
        return Answer(pd.DataFrame(), blank="none")
    asked = ask(view)
    found = data.whole(view.case, asked.at)
    note = text("order.as_of", view.lang, at=moment(asked.at, view.lang, year=True))
    if found is None:
        return Answer(pd.DataFrame(columns=list(STEPS)), facts={"unknown": view.case}, note=note)
    one, stops = found
    steps = sorted(_steps(one, stops, asked.lang), key=lambda step: step.at)
    calendar = _calendar(one, asked.at)
    limits = _limits(one, calendar, asked.at)
    rows = []
    for n, step in enumerate(steps):
        end = steps[n + 1].at if n + 1 < len(steps) else asked.at if one.finish_at is None else None
        days = _between(calendar, step.at, end) if end and step.counts and one.refuse_at is None else None
        limit = limits.get(step.event)
        if limit is not None:
            days = _between(calendar, step.at, limit.until)
        rows.append({
            "seq": n + 1, "event": step.event, "event_name": text(f"case_step.{step.event}", asked.lang), "at": step.at,
            "days": days, "limit_days": limit and limit.days, "late": bool(limit and days and days > limit.days),
            "result": step.result,
        })  # fmt: skip
    frame = tabled(rows, STEPS, ("days", "limit_days"))
    return Answer(frame, facts=_facts(one, stops, calendar, asked), note=note)


class _Limit(NamedTuple):
    """Until when a step took, or takes yet; and the working days it may take."""

    until: datetime
    days: float


def _limits(one: data.Case, calendar: Calendar, at: datetime) -> dict[str, _Limit]:
    """By event: accepting and delivering by the rules of the day, rectifying by the limit that the source tells."""
    held = rules(one.receive_at.date())
    found = {"received": _Limit(one.accept_at or one.refuse_at or at, held.accept_workdays)}
    if one.finish_at and one.deliver_at:
        found["finished"] = _Limit(one.deliver_at, held.deliver_workdays)
    if one.rating_at and one.rectify_due_at:
        found["rated"] = _Limit(one.rectified_at or at, _between(calendar, one.rating_at, one.rectify_due_at))
    return found


def _steps(one: data.Case, stops: tuple[data.Stop, ...], lang: str) -> list[_Step]:
    result = text(f"case_result.{one.result}", lang) if one.result else ""
    rated = text(f"order.satisfied_{one.rating}", lang) if one.rating else ""
    if one.rating_default:
        rated += " · " + text("case_step.by_default", lang)
    if one.bad_reason:
        rated += " · " + section("bad_reason", lang).get(one.bad_reason, one.bad_reason)
    moments = (
        ("received", one.receive_at, "", True),
        ("refused", one.refuse_at, "", False),
        ("accepted", one.accept_at, "", True),
        ("decided", one.decide_at, "", True),
        ("finished", one.finish_at, result, False),
        ("delivered", one.deliver_at, "", False),
        ("rated", one.rating_at, rated, False),
        ("rectified", one.rectified_at, "", False),
    )
    steps = [_Step(name, at, said, days) for name, at, said, days in moments if at is not None]
    for stop in stops:
        steps.append(_Step("stopped", stop.start, text(f"case_stop.{stop.reason}", lang)))
        steps += [_Step("resumed", stop.end)] if stop.end else []
    return steps


def _calendar(one: data.Case, at: datetime) -> Calendar:
    last = max(at, *(moment or at for moment in (one.finish_at, one.legal_due_at, one.rectify_due_at))).date()
    return Calendar(one.receive_at.date() - timedelta(days=15), last + timedelta(days=15))


def _between(calendar: Calendar, start: datetime, end: datetime) -> float:
    days = pd.to_datetime([start, end]).to_numpy()
    return float(calendar.between(days[:1], days[1:])[0])


def _clocks(one: data.Case, stops: tuple[data.Stop, ...], calendar: Calendar, at: datetime) -> list[dict[str, Any]]:
    """name (promised, legal), used (working days without stops), limit, due: the clocks that run, or ran."""
    if one.accept_at is None:
        return []
    used = one.used_days
    if used is None:
        used = _between(calendar, one.accept_at, at)
        used = max(0.0, used - sum(_between(calendar, stop.start, min(stop.end or at, at)) for stop in stops))
    limits = (("promised", one.promised_days, one.due_at), ("legal", one.legal_days, one.legal_due_at))
    return [
        {"name": name, "used": used, "limit": limit, "due": due} for name, limit, due in limits if limit is not None
    ]


def _facts(one: data.Case, stops: tuple[data.Stop, ...], calendar: Calendar, asked: Asked) -> dict[str, Any]:
    lang, told, places = asked.lang, _Told(asked), tree()
    place = places.get(one.street_code) or places.get(one.district_code)
    path = " › ".join(p.label(lang) for p in places.path(place.code)[1:] or [place]) if place else ""
    hall = halls.places().get(one.hall)
    theme = catalogue.theme_names().get(one.theme)
    item = catalogue.item_names().get(one.item)
    pairs = {
        "item": _named(item, lang) or one.item,
        "org": told.org(one.org),
        "applicant": section("applicant", lang).get(one.applicant, one.applicant),
        "place": path,
        "channel": section("channel", lang).get(one.channel, one.channel),
        "hall": (hall.name if lang == "zh" else hall.name_en or hall.name) if hall else "",
        "matter": _named(theme, lang),
        "special": section("special", lang).get(one.special, ""),
        "visits": "" if one.visits is None else str(one.visits),
        "words": one.words or "",
    }
    return {
        "case_no": one.case_no,
        "title": one.title,
        "pairs": [(text(f"case_card.{name}", lang), words) for name, words in pairs.items() if words],
        "left": bodies.minutes_between(asked.at, one.due_at) if one.open and one.due_at else None,
        "said": told.closed(one),
        "clocks": _clocks(one, stops, calendar, asked.at),
        "standing": one.standing,
    }


def _named(name: tuple[str, str | None] | None, lang: str) -> str:
    return "" if name is None else name[0] if lang == "zh" else name[1] or name[0]
