"""A report that a person asks for, on the command line or through the server that owns the database."""

import json
from datetime import datetime
from pathlib import Path

from flask import Flask, Response, request

from briefing import reports as making
from briefing.templates import Loaded, load
from components.panel import panels
from data_access import clock, handover, reports
from data_access.settings import settings


class WrongKind(ValueError):
    """There is no such template; the message says which there are."""


def by_hand(kind: str, day: datetime | None, *, again: bool) -> str:
    """Make a report that a person asks for, or say which there is. Raises WrongKind, NoCity."""
    loaded = _template(kind)
    when = making.moment_of_day(loaded, day or clock.now())
    period = making.period_of(loaded, when)
    there = reports.of_period(kind, period.start, period.end)
    if there is not None and not again:
        return f"{there.key} is there already ({there.numbered('en')}); --again makes a further issue"
    key = making.publish(loaded, period, lang=settings().language, late=period.at.date() < clock.now().date())
    made = reports.issue(key)
    assert made is not None
    return f"{key}: {made.title('zh')} {made.numbered('zh')} · {made.title('en')}, {made.numbered('en')}"


def _template(kind: str) -> Loaded:
    found, wrong = load(folder(), panels)
    if kind in found:
        return found[kind]
    mine = [words for words in wrong if words.startswith(f"{kind}.toml")]
    raise WrongKind("; ".join(mine) or f"there is no template {kind}; there are {', '.join(sorted(found))}")


def folder() -> Path | None:
    """Of the city's own templates."""
    return Path(settings().report_templates) if settings().report_templates else None


def routes(server: Flask) -> None:
    """POST /reports/make: for the command line of this machine, with the token of the note beside the database."""

    @server.post("/reports/make")
    def make() -> Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not handover.allowed(token):
            return Response("Not from here.\n", 403, mimetype="text/plain")
        match request.get_json(silent=True):
            case {"kind": str(kind), "date": str(day), "again": bool(again)}:
                try:
                    said = by_hand(kind, datetime.fromisoformat(day) if day else None, again=again)
                    told = {"said": said, "code": 0}
                except (ValueError, making.NoCity) as error:
                    told = {"said": f"citydeck: {error}", "code": 2}
                return Response(json.dumps(told, ensure_ascii=False), mimetype="application/json")
        return Response("kind, date and again are needed.\n", 400, mimetype="text/plain")
