"""The thread that makes reports when they are due and delivers those that were released."""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from briefing import reports as making
from briefing.schedule import Entry, before, due
from briefing.templates import Loaded, load
from components.panel import panels
from data_access import reports

log = logging.getLogger("citydeck.reports")
LATE = timedelta(minutes=15)  # made later than this after it was due, a report says so
TICK = 20.0  # seconds
FIRST = 5.0  # seconds from the start to the first look: the first visitor comes first
PAST = {"daily": 3, "weekly": 1}  # that a demo city has to show from the start


@dataclass(frozen=True)
class Plan:
    """entries: the schedule. lang: that reports are delivered in. folder: of the city's own templates. past: whether
    some are made of the time before the schedule began, for the demo. deliver: sends what was released."""

    entries: tuple[Entry, ...]
    lang: str
    folder: Path | None
    past: bool
    deliver: Callable[[datetime], object]


def start(plan: Plan, now: Callable[[], datetime], stop: threading.Event) -> threading.Thread:
    """Look again and again until stopped."""

    def work() -> None:
        wait, entries = FIRST, plan.entries
        while not stop.wait(wait):
            wait = TICK
            try:
                if entries:
                    _templates(plan, entries)  # what is wrong with them is said before the first is due
                    entries = ()
                step(plan, now())
            except Exception:
                log.exception("reports: a look failed; the next comes")

    thread = threading.Thread(target=work, name="reports", daemon=True)
    thread.start()
    return thread


def step(plan: Plan, now: datetime) -> list[str]:
    """Make what is due and not made, deliver what is released and not delivered; the keys of what was made."""
    made: list[str] = []
    open_ = {entry: times for entry in plan.entries if (times := _not_made(plan, entry, now))}
    templates = _templates(plan, tuple(open_)) if open_ else {}
    for entry, times in open_.items():
        if entry.kind in templates:
            made += _made(plan, entry, times, templates[entry.kind], now)
    plan.deliver(now)
    return made


def _templates(plan: Plan, entries: tuple[Entry, ...]) -> Mapping[str, Loaded]:
    """All templates as they are in their files now; complains of those that are wrong and those that entries lack."""
    templates, wrong = load(plan.folder, panels)
    lacking = [entry.kind for entry in entries if entry.kind not in templates]
    _complain([*wrong, *(f"there is no template {kind}, which the schedule names" for kind in lacking)])
    return templates


_said: set[str] = set()


def _complain(wrong: list[str]) -> None:
    """Once each, not at every look."""
    for words in wrong:
        if words not in _said:
            _said.add(words)
            log.error("reports: %s", words)


def _not_made(plan: Plan, entry: Entry, now: datetime) -> list[datetime]:
    """When the reports were due that nobody made; the first time a schedule is looked at, it begins."""
    done = {date.fromisoformat(period) for period in reports.claimed(entry.kind)}
    if not done:
        first = before(entry, now, PAST.get(entry.kind, 0)) if plan.past else now.date() - timedelta(days=1)
        reports.settle(entry.kind, first.isoformat(), now)
        done = {first}
    return [when for when in due(entry, min(done), now) if when.date() not in done]


def _made(plan: Plan, entry: Entry, times: list[datetime], loaded: Loaded, now: datetime) -> list[str]:
    made = []
    for when in times:
        worker, period = uuid.uuid4().hex, when.date().isoformat()
        if not reports.claim(entry.kind, period, worker, now):
            break  # another worker is at it: numbers follow the days
        covers = making.period_of(loaded, when, workdays=entry.workdays)
        try:
            made.append(
                making.publish(loaded, covers, lang=plan.lang, late=now - when > LATE, claim=period, worker=worker)
            )
        except reports.TakenOver:
            log.warning("report %s of %s: another worker made it", entry.kind, period)
        except making.NoCity as error:
            _complain([str(error)])
        except Exception:
            log.exception("report %s of %s failed; it is tried again in %s", entry.kind, period, reports.DEAD)
    return made
