"""The addresses of exports: POST /jobs, GET /jobs/<id>.json, POST /jobs/<id>/cancel, GET /jobs/<id>/<file>; and what
the briefing page asks: sentences, ready-made lists."""

import logging
import secrets
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, send_file
from pydantic import TypeAdapter, ValidationError

from briefing import chromium, decks, sheets
from briefing.exports import Wish, explained
from briefing.findings import headline
from briefing.jobs import OPEN, Full, Job, Jobs, Status
from components.panel import panels
from components.posting import answered, as_json, asked_lang, said
from components.view import View
from components.words import text
from data_access.settings import settings

log = logging.getLogger("citydeck.briefing")
MOST = 200_000  # bytes of a request: sixty slides with long addresses
WISH: TypeAdapter[Any] = TypeAdapter(Wish)


def _told(status: Status, lang: str) -> dict[str, Any]:
    """What a page is told of a job."""
    died = status.state == "failed" and not status.words
    return {
        "id": status.id,
        "state": status.state,
        "done": status.done,
        "of": status.of,
        "words": text("exporting.e_died", lang) if died else status.words,
        "files": [{"name": f.called, "size": f.size, "href": f"/jobs/{status.id}/{f.name}"} for f in status.files]
        if status.state == "done"
        else [],
    }


def routes(server: Flask) -> Jobs:
    """Add the addresses; the jobs of this process."""
    chosen = settings()
    jobs = Jobs(
        Path(chosen.export_dir),
        open_most=chosen.export_queue,
        seconds=chosen.export_seconds,
        keep_hours=chosen.export_hours,
        keep_mb=chosen.export_mb,
    )
    _jobs(server, jobs)
    _briefing(server)
    return jobs


def _jobs(server: Flask, jobs: Jobs) -> None:
    @server.get("/jobs")
    def able() -> Response:
        """Whether pictures can be drawn here, else why not."""
        there = chromium.executable() is not None
        return as_json({"pictures": there, "words": "" if there else text("exporting.e_browser", asked_lang())})

    @server.post("/jobs")
    def ask() -> Response:
        return answered(MOST, begun)

    def begun(body: dict[str, Any], lang: str) -> Response:
        try:
            wish = WISH.validate_python({**body, "lang": lang})
        except ValidationError:
            return said(text("exporting.e_unknown", lang), 400)
        if wrong := wish.wrong:
            return said(wrong, 400)
        origin = request.host_url.rstrip("/")

        def work(job: Job) -> None:
            wish.work(job, origin)

        try:
            name = jobs.submit(work, lambda error: explained(error, lang), text("exporting.waiting", lang))
        except Full:
            return said(text("exporting.e_queue", lang), 429)
        except OSError:
            log.exception("exports cannot be kept in %s", jobs.folder)
            return said(text("exporting.e_folder", lang), 503)
        found = jobs.status(name)
        return as_json(_told(found, lang) if found else {}, 202)

    @server.get("/jobs/<name>.json")
    def status(name: str) -> Response:
        found, lang = jobs.status(name), asked_lang()
        return said(text("exporting.e_gone", lang), 404) if found is None else as_json(_told(found, lang))

    @server.post("/jobs/<name>/cancel")
    def cancel(name: str) -> Response:
        return answered(MOST, lambda _body, lang: cancelled(name, lang))

    def cancelled(name: str, lang: str) -> Response:
        found = jobs.cancel(name)
        if found is None:
            return said(text("exporting.e_gone", lang), 404)
        return as_json({**_told(found, lang), **({"cancelling": True} if found.state in OPEN else {})})

    @server.get("/jobs/<name>/<file>")
    def result(name: str, file: str) -> Response:
        found = jobs.path(name, file)
        if found is None:
            return said(text("exporting.e_gone", asked_lang()), 404)
        path, kept = found
        return send_file(path, as_attachment=True, download_name=kept.called, max_age=0)


def _briefing(server: Flask) -> None:
    @server.get("/briefing/finding")
    def sentence() -> Response:
        """What a slide of a panel would say above it."""
        asked = panels.get(request.args.get("panel", ""))
        if asked is None:
            return said(text("solo.unknown", asked_lang(), name=request.args.get("panel", "")[:60]), 404)
        view = View.from_query(request.args.to_dict())
        try:
            return as_json({"title": headline(asked, view, asked.answer(view))})
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("the finding of %s failed, reference %s", asked.name, reference)
            return said(text("state.failed_hint", view.lang, reference=reference), 500)

    @server.get("/briefing/decks.json")
    def ready_made() -> Response:
        """The ready-made lists."""
        return as_json([{"deck": one.key, "name": one.said(asked_lang())} for one in decks.decks().values()])

    @server.get("/briefing/deck/<name>.json")
    def ready(name: str) -> Response:
        """A ready-made list for a view: its panels, each with its address at a moment that is fixed."""
        known = decks.decks().get(name)
        view = View.from_query(request.args.to_dict())
        if known is None:
            return said(text("briefing.no_deck", view.lang), 404)
        return as_json({"name": known.said(view.lang), "items": known.items_for(view, request.args)})

    @server.get(sheets.PAPER)
    def paper() -> Response:
        """An empty page for sheets (see sheets.py)."""
        links = "".join(f'<link rel="stylesheet" href="{sheet}">' for sheet in ("/theme.css", "/assets/fonts.css"))
        head = f'<head><meta charset="utf-8">{links}<style>{sheets.STYLE}</style></head>'
        page = f'<!DOCTYPE html><html lang="{asked_lang()}" data-theme="light">{head}<body></body></html>'
        return Response(page, mimetype="text/html")
