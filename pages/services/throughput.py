"""What came in and went out, whether that explains what is open, and what came on each day of half a year."""

from datetime import date, datetime, time, timedelta
from typing import Any

from components.bodies import services_flow as bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import days as said_days
from components.words import text
from data_access import coverage
from data_access.services import counts, flow, times
from domain import workdays
from domain.closed_loop import discrepancy
from domain.periods import Span
from pages.asking import named
from pages.services.asked import CASES, Asked, ask

FLOWS = ("", "hour", "channel", "org")
DAY = ("day", "received", "accepted", "finished", "open", "kind", "whole")
HOUR = ("hour", "received", "finished", "received_a_day", "finished_a_day")
PART = ("code", "name", "opening", "received", "accepted", "finished", "closing", "overdue")
CALENDAR = ("day", "received", "kind", "name", "week", "weekday")
LEAST = 30  # days of a line
WEEKS = 26


def until(asked: Asked) -> Span:
    """The period as far as it is known: never after the moment."""
    return Span(asked.span.start, max(asked.span.start, min(asked.span.end, asked.at)))


def _options(view: View) -> list[tuple[str, str, str]]:
    return [("flow", value, text(f"throughput.by_{value or 'day'}", view.lang)) for value in FLOWS]


@panel(
    bodies.throughput,
    about=("services.received", "services.finished", "services.open_cases"),
    source="services",
    needs=(CASES,),
    choices=_options,
)
def throughput(view: View) -> Answer:
    """view.flow '': day, received, accepted, finished, open (at its end), kind (workday | moved_workday | weekend |
    holiday), whole (False: the day still runs), oldest first; NaN where nothing was loaded. 'hour': hour, received,
    finished, received_a_day, finished_a_day (of the days of the period). 'channel', 'org': code, name, opening,
    received, accepted, finished, closing, overdue, the most accepted first."""
    asked = ask(view)
    span = until(asked)
    total = counts.totals(asked.area, asked.span, asked.base, asked.where)
    balance = _balance(asked, span, total["now"])
    chosen = view.flow if view.flow in FLOWS else ""
    frame = {"hour": _hours, "channel": _parts, "org": _parts}.get(chosen, _days)(asked, span)
    measured = (
        Measured.of("services.received", total["now"].received, base=total["base"].received if asked.base else None),
        Measured.of("services.finished", total["now"].finished, base=total["base"].finished if asked.base else None),
        Measured.of("services.open_cases", balance["closing"]),
    )
    if not asked.known:
        return Answer(frame, blank="none")
    if not (total["now"].received or total["now"].finished or balance["closing"]):
        return Answer(frame, measured, blank="empty")
    facts: dict[str, Any] = {"chosen": chosen, "balance": balance, "received": total["now"].received}
    if not chosen:
        found = counts.by_value(asked.area, span, None, "channel", asked.where, names=("accepted",))
        channels = sorted((row for row in found if row.now.accepted), key=lambda row: (-row.now.accepted, row.code))
        facts["channels"] = [(row.code, named("channel", row.code, asked.lang), row.now.accepted) for row in channels]
    return Answer(frame, measured, facts)


def _balance(asked: Asked, span: Span, total: counts.Counts) -> dict[str, Any]:
    """Opening + accepted - finished by the counts, against what the cases themselves say was open at the end. off: how
    many cases that leaves unexplained. now: the end is the moment itself."""
    opening = counts.stock(asked.area, (span.start,), asked.where)[0].open
    closing = sum(one.open for one in times.near(asked.area, span.end, asked.where))
    off = discrepancy(opening, total.accepted, total.finished, closing)
    told = {"opening": opening, "arrivals": total.accepted, "closures": total.finished, "closing": closing}
    return told | {"off": off, "now": span.end == asked.at}


def _days(asked: Asked, span: Span) -> Any:
    """The days of the period; of a short one the thirty that it ends."""
    first = min(span.start, datetime.combine((span.end - timedelta(days=LEAST - 1)).date(), time.min))
    shown = Span(first, span.end)
    found = counts.daily(asked.area, shown, ("received", "accepted", "finished"), asked.where)
    opening = counts.stock(asked.area, (first,), asked.where)[0].open
    days = _each(shown)
    rows = []
    for day, there in zip(days, coverage.covered(days, CASES), strict=True):
        received, accepted, finished = found.get(day, (0, 0, 0))
        opening += accepted - finished
        told = (received, accepted, finished, opening) if there else (None,) * 4
        whole = datetime.combine(day, time.min) + timedelta(days=1) <= span.end
        began = datetime.combine(day, time.min)
        rows.append(dict(zip(DAY, (began, *told, workdays.day_kind(day), whole), strict=True)))
    return tabled(rows, DAY, DAY[1:5])


def _each(span: Span) -> list[date]:
    return [span.first_day + timedelta(days=n) for n in range((span.last_day - span.first_day).days + 1)]


def _hours(asked: Asked, span: Span) -> Any:
    days = max(len(_each(span)), 1)
    found = flow.by_hour(asked.area, span, asked.where)
    rows: list[dict[str, float]] = []
    for hour, (came, went) in enumerate(found):
        rows.append(dict(zip(HOUR, (hour, came, went, came / days, went / days), strict=True)))
    return tabled(rows, HOUR, HOUR[3:])


def _parts(asked: Asked, span: Span) -> Any:
    by = asked.view.flow
    found = flow.parts(asked.area, span, by, asked.where)
    return tabled([part._asdict() | {"name": named(by, part.code, asked.lang)} for part in found], PART)


@panel(bodies.calendar, about="services.received", source="services", needs=(CASES,), sets="period")
def calendar(view: View) -> Answer:
    """day, received (NaN: nothing was loaded), kind (workday | moved_workday | weekend | holiday), name (of the
    holiday), week (from the left), weekday (1 is Monday): the days of 26 weeks, oldest first."""
    asked = ask(view)
    last = asked.at.date()
    if asked.span.start < datetime.combine(last, time.min) - timedelta(weeks=WEEKS - 1):
        last = until(asked).last_day
    first = last - timedelta(days=last.weekday() + 7 * (WEEKS - 1))
    span = Span(datetime.combine(first, time.min), min(datetime.combine(last, time.min) + timedelta(days=1), asked.at))
    found = counts.daily(asked.area, span, ("received",), asked.where)
    days = _each(span)
    rows = []
    for n, (day, there) in enumerate(zip(days, coverage.covered(days, CASES), strict=True)):
        received = found.get(day, (0,))[0] if there else None
        kind = workdays.day_kind(day)
        name = (workdays.holiday_name(day, asked.lang) or "") if kind == "holiday" else ""
        began = datetime.combine(day, time.min)
        rows.append(dict(zip(CALENDAR, (began, received, kind, name, n // 7, day.isoweekday()), strict=True)))
    frame = tabled(rows, CALENDAR, ("received",))
    total = counts.totals(asked.area, asked.span, asked.base, asked.where)["now"].received if asked.known else None
    measured = (Measured.of("services.received", total),)
    told = [row["received"] for row in rows if row["received"] is not None]
    if not any(told):
        return Answer(frame, measured, blank="empty" if told else "none")
    note = text("calendar.note", asked.lang, n=WEEKS, days=said_days(span.start, span.end))
    facts = {"most": max(told), "weeks": WEEKS, "chosen": view.period, "today": asked.at.date()}
    return Answer(frame, measured, facts, note=note)
