"""Halls live: who waits, how loaded the windows are, whether the clocks can be believed; and what more windows would
change."""

import math
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from components.bodies import services_halls as bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import exact, text
from data_access import coverage
from data_access.areas import tree
from data_access.services import halls as data
from domain.periods import Span
from domain.services import queue
from domain.services.rules import rules
from pages.services.asked import SNAPSHOTS, TICKETS, Asked, ask

HALL = (
    "hall", "name", "district", "waiting", "longest", "wait", "service", "open", "windows", "served", "no_shows",
    "arrivals_h", "utilisation", "state", "little_counted", "little_expected", "doubtful", "clears", "told", "at",
)  # fmt: skip
_WORDS = ("hall", "name", "district", "state", "doubtful", "told", "at")
TRY = ("kind", "n", "current", "chosen", "utilisation", "waits", "wait", "grows", "came", "expected", "needed")
WAITS = (3, 5, 10, 15)  # minutes of mean wait offered to count windows for
MOST = 8  # numbers of windows that are compared


def _known(asked: Asked) -> bool:
    """Whether anything of halls was loaded for the day."""
    today = Span(asked.midnight, asked.at + timedelta(microseconds=1))
    return any(coverage.known(today, field) for field in (TICKETS, SNAPSHOTS))


def utilisation(now: data.Now) -> float | None:
    """Of the last hours (rules: recent_h); None where arrivals or service are not told, or no window is open."""
    if now.arrivals_h is None or now.service is None:
        return None
    return queue.utilisation(now.arrivals_h, now.service / 60, now.open)


def state(load: float | None, on: date) -> str:
    """over (the rules' `overloaded` and more), tight (above `tight`), ''."""
    if load is None:
        return ""
    held = rules(on)
    return "over" if load >= held.overloaded else "tight" if load > held.tight else ""


def _clears(now: data.Now) -> float | None:
    """Minutes until those who wait now are served; None while none can be told, or the queue does not shrink."""
    if now.service is None or not now.open:
        return None
    hours = queue.hours_to_clear(now.waiting, now.arrivals_h or 0.0, now.service / 60, now.open)
    return hours * 60 if math.isfinite(hours) else None


def _row(now: data.Now, lang: str) -> dict[str, Any]:
    place = data.places()[now.hall]
    district = tree().get(place.district_code)
    load = utilisation(now)
    return now._asdict() | {
        "name": place.name if lang == "zh" else place.name_en or place.name,
        "district": district.label(lang) if district else "",
        "windows": place.windows,
        "utilisation": load,
        "state": state(load, now.at.date()),
        "little_counted": now.little.counted if now.little else None,
        "little_expected": now.little.expected if now.little else None,
        "doubtful": bool(now.little and now.little.doubtful),
        "clears": _clears(now),
    }


def _most_loaded(listed: list[data.Now]) -> list[data.Now]:
    """The highest utilisation first; those without one by who waits a window."""
    return sorted(listed, key=lambda now: (-(utilisation(now) or 0.0), -(now.waiting / max(now.open, 1)), now.hall))


def _when(asked: Asked) -> datetime:
    """The moment shown: the one asked, or when all halls are closed that day that of the last ticket before it."""
    if asked.view.at is not None or data.live(data.serving(asked.area), asked.at):
        return asked.at
    last = data.last_open(asked.at)
    return last or asked.at


@panel(bodies.halls, about=("services.waiting", "services.utilisation"), source="service_halls", sets="hall")
def halls(view: View) -> Answer:
    """hall, name, district, waiting, longest (minutes), wait, service (minutes, means of today so far), open, windows
    (in all), served, no_shows, arrivals_h and utilisation (of the last hours: recent_h of the rules), state (over,
    tight: by the lines of the rules), little_counted and little_expected (people queueing as counted and as arrivals
    times waits come to), doubtful (the two are too far apart by the rules: the clocks do not agree and the waits are
    not to be believed), clears (minutes until those who wait now are served; NaN: never, or not told), told (tickets,
    snapshots), at: one row a hall of which something is known today, the most loaded first; when all are closed today,
    as the last open day ended; of a place without a hall those that serve it."""
    asked = ask(view)
    when, place = _when(asked), data.serving(asked.area)
    found = _most_loaded(list(data.live(place, when)))
    if not found:
        if not data.places():
            words = text("halls.no_source", asked.lang)
            return Answer(pd.DataFrame({"hall": []}), facts={"lacking": ["halls"]}, blank="none", note=words)
        return Answer(pd.DataFrame({"hall": []}), blank="empty" if _known(asked) else "none")
    rows = [_row(now, asked.lang) for now in found]
    opened, total = sum(now.open for now in found), [row["windows"] for row in rows]
    checked = [row for row in rows if row["little_counted"] is not None]
    note = text("halls.n", asked.lang, n=len(rows))
    if when != asked.at:
        note = text("halls.closed", asked.lang, time=f"{when:%m-%d %H:%M}") + " · " + note
    if all(total):
        note += " · " + text("halls.windows_of", asked.lang, open=opened, windows=sum(total))
    if place != asked.area:
        note = text("halls.serving", asked.lang, place=place.label(asked.lang)) + " · " + note
    if checked:
        doubtful = sum(row["doubtful"] for row in checked)
        note += " · " + text("halls.little", asked.lang, good=len(checked) - doubtful, bad=doubtful)
    kiosks = len(data.inside(asked.area, "kiosk"))
    facts = {
        "hall": view.hall,
        "at": when,
        "lines": (rules(when.date()).tight, rules(when.date()).overloaded),
        "said": text("halls.kiosks", asked.lang, n=exact(kiosks)) if kiosks else "",
        "tickets": any(now.told == "tickets" for now in found),
    }
    frame = tabled(rows, HALL, tuple(name for name in HALL if name not in _WORDS))
    measured = (
        Measured.of("services.waiting", sum(now.waiting for now in found)),
        _loaded(found),
    )
    return Answer(frame, measured, facts, note=note)


def _loaded(found: list[data.Now]) -> Measured:
    """Work that comes in an hour against the windows that are open, of all halls that tell both."""
    told = [(n.arrivals_h * n.service / 60, n.open) for n in found if n.arrivals_h is not None and n.service and n.open]
    work, windows = sum(w for w, _ in told), sum(c for _, c in told)
    return Measured.of("services.utilisation", work / windows if windows else None, work, windows)


# ---- what if ---------------------------------------------------------------------------------------------------------


def _wait(now: data.Now, windows: int) -> queue.Wait | None:
    if now.arrivals_h is None or now.service is None or windows < 1:
        return None
    return queue.erlang_c(now.arrivals_h, now.service / 60, windows)


def _minutes(wait: queue.Wait | None) -> float | None:
    return wait.wait_h * 60 if wait and math.isfinite(wait.wait_h) else None


def _compared(now: data.Now, chosen: int, most: int | None) -> list[dict[str, Any]]:
    """Rows of TRY, one a number of windows around those that are open and tried."""
    load = (now.arrivals_h or 0.0) * (now.service or 0.0) / 60
    first = max(1, min(now.open or 1, chosen, math.floor(load) + 1) - 1)
    last = max(now.open, chosen, math.floor(load) + 4)
    last = max(min(last, most) if most else last, chosen)
    first = max(first, last - MOST + 1)
    rows = []
    for n in range(first, min(last, first + MOST - 1) + 1):
        wait = _wait(now, n)
        rows.append(dict.fromkeys(TRY) | {
            "kind": "windows", "n": n, "current": n == now.open, "chosen": n == chosen,
            "utilisation": wait.utilisation if wait else None, "waits": wait.waits if wait else None,
            "wait": _minutes(wait), "grows": bool(wait and math.isinf(wait.wait_h)),
        })  # fmt: skip
    return rows


def _hours(hall: str, at: datetime, service: float | None, target: float) -> list[dict[str, Any]]:
    """Rows of TRY, one an hour of the day: what came (until now), what is expected, and the windows that this needs."""
    expected, came = data.expected(hall, at), data.arrivals(hall, at)
    rows = []
    for hour in sorted(expected.keys() | {h.hour for h in came if h.date() == at.date()}):
        moment = at.replace(hour=hour, minute=0, second=0, microsecond=0)
        told = expected.get(hour)
        needs = queue.windows_for_wait(told, service / 60, target / 60) if told and service else None
        rows.append(dict.fromkeys(TRY) | {
            "kind": "hours", "n": hour, "current": hour == at.hour, "chosen": False, "grows": False,
            "came": came.get(moment, 0) if moment <= at else None, "expected": told, "needed": needs,
        })  # fmt: skip
    return rows


def target(view: View, on: date) -> float:
    """Minutes of mean wait that windows are counted for: those of the address, else the city's."""
    return float(view.wait or rules(on).target_wait_min)


def _waits(view: View, on: date) -> list[tuple[str, float]]:
    """The waits that windows may be counted for, as the address has them ('' the city's own) and in minutes."""
    own = rules(on).target_wait_min
    offered = sorted({*map(float, WAITS), own, target(view, on)})
    return [("" if n == own else f"{n:g}", n) for n in offered]


@panel(bodies.whatif, about="services.utilisation", source="service_halls", needs=(TICKETS,))
def whatif(view: View) -> Answer:
    """kind (windows, hours), n (how many windows; the hour of the day), current (as many as are open now; this hour),
    chosen (tried), utilisation, waits (share of people who wait at all), wait (minutes, the mean per model; NaN with
    grows: without end), came, expected (people in the hour), needed (windows for the mean wait aimed at, at what is
    expected): the hall of the view, or the most loaded one that serves the place, by M/M/c."""
    asked = ask(view)
    when = _when(asked)
    found = [now for now in _most_loaded(list(data.live(data.serving(asked.area), when))) if now.told == "tickets"]
    now = next((one for one in found if one.hall == view.hall), found[0] if found else None)
    if now is None:
        return Answer(pd.DataFrame({"kind": []}), blank="empty" if data.places() and _known(asked) else "none")
    if now.arrivals_h is None or now.service is None or not now.open:
        return Answer(pd.DataFrame({"kind": []}), blank="empty", note=text("whatif.closed", asked.lang))
    place = data.places()[now.hall]
    chosen = view.windows or now.open
    before, after = _wait(now, now.open), _wait(now, chosen)
    aim = target(view, when.date())
    enough = queue.windows_for_wait(now.arrivals_h, now.service / 60, aim / 60)
    next_before, next_after = (queue.wait_of_next(now.waiting, now.service / 60, n) * 60 for n in (now.open, chosen))
    clears = queue.hours_to_clear(now.waiting, now.arrivals_h, now.service / 60, chosen)
    facts = {
        "hall": now.hall,
        "open": now.open,
        "tried": chosen,
        "total": place.windows,
        "before": _minutes(before),
        "after": _minutes(after),
        "load_before": before.utilisation if before else None,
        "load": after.utilisation if after else None,
        "waiting": now.waiting,
        "clears": clears * 60 if math.isfinite(clears) else None,
        "next_before": next_before,
        "next_after": next_after,
        "target": aim,
        "waits": _waits(view, when.date()),
        "enough": enough,
        "doubtful": bool(now.little and now.little.doubtful),
        "capacity": chosen * 60 / now.service if now.service else None,
    }
    rows = _compared(now, chosen, place.windows) + _hours(now.hall, when, now.service, aim)
    name = place.name if asked.lang == "zh" else place.name_en or place.name
    note = text("whatif.of", asked.lang, hall=name, arrivals=f"{now.arrivals_h:.0f}", service=f"{now.service:.1f}")
    measured = Measured.of("services.utilisation", facts["load"], now.arrivals_h * now.service / 60, chosen)
    numbers = tuple(name for name in TRY if name not in ("kind", "current", "chosen", "grows"))
    return Answer(tabled(rows, TRY, numbers), (measured,), facts, note=note)
