"""GET /reports/figure, /reports/shapes: pictures of archived reports. POST /reports/text: a person changes the text
of one or releases it. There are no accounts yet: people say their name. It is kept append-only."""

import json
from typing import Any

from flask import Flask, Response

from components.posting import answered_by_name, field, said
from components.words import text
from data_access import clock, reports
from data_access.reports import Issue
from domain.said_numbers import numbers, unbacked

KEY, SENTENCE = 80, 2000
MOST = 200_000  # bytes of a request
YEAR = {"Cache-Control": "private, max-age=31536000, immutable"}
THEMES = ("light", "dark")


def routes(server: Flask) -> None:
    @server.get("/reports/figure/<key>/<int:place>.<theme>.json")
    def archived_figure(key: str, place: int, theme: str) -> Response:
        part = reports.part(key, place)
        drawn = part.shown.get(theme) if part is not None and theme in THEMES else None
        if drawn is None:
            return Response("{}", 404, mimetype="application/json")
        return Response(json.dumps(drawn, ensure_ascii=False), mimetype="application/json", headers=YEAR)

    @server.get("/reports/shapes/<digest>.json")
    def archived_shapes(digest: str) -> Response:
        content = reports.asset(digest)
        if content is None:
            return Response("{}", 404, mimetype="application/json")
        return Response(content, mimetype="application/geo+json", headers={"Content-Encoding": "gzip", **YEAR})

    @server.post("/reports/text")
    def changed_text() -> Response:
        return answered_by_name(MOST, _changed)


def _changed(body: dict[str, Any], person: str, lang: str) -> Response:
    key, version = field(body, "report", KEY), body.get("version")
    found = reports.issue(key) if key and isinstance(version, int) else None
    if found is None or not isinstance(version, int):
        return said(text("report.unknown", lang), 404)
    content = edited(found, lang, body.get("sentences"), person)
    state = "released" if body.get("release") is True else "draft"
    if found.text.state == "released" and content == found.text.content and state == "released":
        return said(text("report.e_same", lang), 409)
    try:
        reports.revise(key, version, content, person=person, state=state, now=clock.now())
    except reports.Outdated:
        return said(text("report.e_outdated", lang), 409)
    return said(text(f"report.saved_{state}", lang))


def edited(found: Issue, lang: str, given: Any, person: str) -> dict[str, Any]:
    """The content of a further version: the sentences of a language with what a person wrote in their place ('' takes
    one out), marked with the name and the numbers that the archive does not have."""
    given = given if isinstance(given, dict) else {}
    content = {one: [dict(s) for s in some] for one, some in found.text.content.items()}
    known = backed(found, lang)
    kept = []
    for sentence in content.get(lang, []):
        told = field(given, sentence["id"], SENTENCE, lines=True) if sentence["id"] in given else sentence["text"]
        told = " ".join(told.split())
        if not told and given.get(sentence["id"]) is not None:
            continue
        if told and told != sentence["text"]:
            sentence |= {"text": told, "edited": person}
            sentence.pop("unbacked", None)
            if some := unbacked(told, known):
                sentence["unbacked"] = some
        kept.append(sentence)
    content[lang] = kept
    return content


def backed(found: Issue, lang: str) -> set[str]:
    """The numbers that the archived issue itself says in a language: in its first sentences, tables and tiles."""
    texts = [one["text"] for one in found.texts[0].content.get(lang, ())]
    for _, part in reports.parts(found.key, lang):
        shown = part.shown
        texts += [cell["t"] for row in shown.get("rows", ()) for cell in row]
        texts += [f"{one['value']} {one['parts']} {one['change']}" for one in shown.get("tiles", ())]
        texts += [part.meta.get("period", {}).get("words", "")]
    return {number for one in texts for number in numbers(one)}
