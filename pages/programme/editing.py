"""What the page of programmes asks: the list and what runs now, the check of a form or a text, its keeping."""

import json
from datetime import timedelta
from typing import Any

from flask import Flask, Response

from components.posting import PERSON, answered, as_json, asked_lang, field
from components.words import moment, text
from data_access import clock, programmes, walls
from data_access.programmes import Kept
from domain.programme import MOST_TEXT, Programme, ProgrammeError, form_of, parse, showing, written
from pages.programme import running
from pages.programme.running import Wall

MOST = 4 * MOST_TEXT  # bytes of a request: text is longer as JSON
AHEAD, STEPS = timedelta(hours=24), 8  # what a preview tells: the next scenes, and every change of shift of a day


def routes(server: Flask) -> None:
    @server.get("/programme/list.json")
    def programme_list() -> Response:
        lang = asked_lang()
        some = [_listed(one, lang) for one in programmes.programmes()]
        pages = {path: text(f"page.{name}", lang) for path, name in running.paths().items()}
        return as_json({"programmes": some, "walls": [one.name for one in walls.saved()], "pages": pages})

    @server.post("/programme/check")
    def programme_check() -> Response:
        return answered(MOST, _check)

    @server.post("/programme/save")
    def programme_save() -> Response:
        return answered(MOST, _save)


def _read(body: dict[str, Any], lang: str) -> tuple[Programme | None, str, list[str]]:
    """The programme of a text, or of a form that tells the same; its text; or what is wrong with it in sentences."""
    form = body.get("form")
    told = json.dumps(form) if isinstance(form, dict) else str(body.get("text", ""))
    try:
        found = parse(told)
        problems = running.checked(found)
    except ProgrammeError as error:
        found, problems = None, error.problems
    wrong = [text(f"programme.e_{one.code}", lang, where=one.where, value=one.value) for one in problems]
    if found is None or wrong:
        return None, "", wrong
    return found, written(found) if isinstance(form, dict) else told, []


def _check(body: dict[str, Any], lang: str) -> Response:
    found, told, wrong = _read(body, lang)
    if found is None:
        return as_json({"wrong": wrong})
    said = {"coming": coming(found, lang), "shares": shares(found, lang), "text": told, "form": form_of(found)}
    return as_json({"wrong": [], **said})


def _save(body: dict[str, Any], lang: str) -> Response:
    person = field(body, "person", PERSON)
    found, told, wrong = _read(body, lang)
    if found is None or not person:
        return as_json({"wrong": wrong or [text("posting.e_person", lang)]}, 400)
    kept = programmes.save(told, person)
    return as_json({"wrong": [], "name": kept.programme.name, "said": text("programme.saved", lang, n=kept.version)})


def coming(programme: Programme, lang: str) -> list[dict[str, Any]]:
    """The next scenes: {at, title, seconds}."""
    at, told = clock.now(), []
    for _ in range(STEPS):
        found = showing(programme, at)
        seconds = round(found.remaining.total_seconds())
        told.append({"at": f"{at:%H:%M:%S}", "title": running.title(found.scene, lang), "seconds": seconds})
        at += found.remaining
    return told


def shares(programme: Programme, lang: str) -> list[dict[str, Any]]:
    """How the next 24 hours are shared out, by minute: {title, share}, the largest first."""
    minutes: dict[str, int] = {}
    now = clock.now()
    for n in range(AHEAD // timedelta(minutes=1)):
        name = running.title(showing(programme, now + timedelta(minutes=n, seconds=n % 60)).scene, lang)
        minutes[name] = minutes.get(name, 0) + 1
    some = sorted(minutes.items(), key=lambda one: -one[1])
    return [{"title": name, "share": round(count / sum(minutes.values()), 3)} for name, count in some]


def _listed(kept: Kept, lang: str) -> dict[str, Any]:
    now = clock.now()
    found, _, _ = running.running(kept.programme, now)
    own = kept.programme.title_zh if lang == "zh" else kept.programme.title_en
    taking = running.calling(kept.programme, now, Wall(kept.programme.name, lang=lang))
    return {
        "name": kept.programme.name,
        "title": own or kept.programme.name,
        "text": kept.text,
        "form": form_of(kept.programme),
        "said": text("programme.version", lang, n=kept.version, at=moment(kept.moment, lang), person=kept.person)
        if kept.version
        else text("programme.shipped", lang),
        "scene": running.title(found.scene, lang),
        "place": f"{found.index + 1}/{found.count}",
        "remaining": round(found.remaining.total_seconds()),
        "alarm": f"{taking[1].name} · {taking[1].said}" if taking else "",
    }
