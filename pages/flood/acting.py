"""POST /flood/alarm and /flood/task: what people do with alarms and tasks. There are no accounts yet: people say their
name. It is kept append-only."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response

from components.posting import answered_by_name, field, said
from components.words import text
from data_access import clock, engine
from data_access.flood import tasks, watch
from domain.flood.alarms import ACTIONS

WORDS, NAME, TASK = 500, 60, 80
MOST = 4096  # bytes of a request
SHELVED = timedelta(hours=2)
NEEDS_TEXT = ("assigned", "noted", "closed", "false_alarm")


def routes(server: Flask) -> None:
    @server.post("/flood/alarm")
    def alarm() -> Response:
        return answered_by_name(MOST, _alarm)

    @server.post("/flood/task")
    def task() -> Response:
        return answered_by_name(MOST, _task)


def _now() -> datetime:
    """The minute that pages speak of, so that what was done is seen at once."""
    return clock.now().replace(second=0, microsecond=0)


def _alarm(body: dict[str, Any], person: str, lang: str) -> Response:
    action, words, name = field(body, "act", 16), field(body, "text", WORDS), field(body, "alarm", NAME)
    if action not in ACTIONS or not name:
        return said(text("alarm.e_unknown", lang), 400)
    if action in NEEDS_TEXT and not words:
        return said(text(f"alarm.e_{action}", lang), 400)
    now = _now()
    until = now + SHELVED if action == "shelved" else None
    try:
        with engine.committing() as connection:
            watch.act(connection, name, action, person, text=words, until=until, now=now)
    except watch.NotOpen:
        return said(text("alarm.e_closed", lang), 409)
    return said(text("alarm.saved", lang))


def _task(body: dict[str, Any], person: str, lang: str) -> Response:
    what, name = field(body, "act", 12), field(body, "task", TASK)
    if what not in tasks.STEPS or not name:
        return said(text("alarm.e_unknown", lang), 400)
    with engine.committing() as connection:
        done = tasks.step(connection, name, what, person, _now())
    return said(text("alarm.saved", lang)) if done else said(text("alarm.e_task", lang), 409)
