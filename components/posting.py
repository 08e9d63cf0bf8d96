"""What people write comes as POST of JSON, from our own pages only; answers are JSON that nobody keeps. There are no
accounts yet: people say their name."""

import json
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import Response, request

from components.view import View
from components.words import text

PERSON = 40  # letters of a name


class Refused(Exception):
    """The request is not ours or too large; `status` says which."""

    def __init__(self, status: int):
        super().__init__(str(status))
        self.status = status


def posted(most: int) -> dict[str, Any]:
    """The body of a request that came from a page of ours, of so many bytes at most. A browser says where a POST comes
    from and lets no page of another host set it; JSON as content type keeps plain forms out. Raises Refused."""
    origin = request.headers.get("Origin", "")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if urlsplit(origin).netloc != request.host or site not in ("same-origin", "none"):
        raise Refused(403)
    if request.content_length is None or request.content_length > most:
        raise Refused(413)
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused(400)
    return body


def field(body: dict[str, Any], name: str, most: int, *, lines: bool = False) -> str:
    """A text of a body without blanks around it; '' when it is none, too long, or has characters that no text has.
    lines: it may have several."""
    value = body.get(name)
    if not isinstance(value, str):
        return ""
    value = value.replace("\r\n", "\n").strip()
    wrong = any((c < " " and not (lines and c in "\n\t")) or c == "\x7f" for c in value)
    return "" if wrong or len(value) > most else value


def asked_lang() -> Literal["zh", "en"]:
    """The language of a request's `lang`; the deployment's own when it names none."""
    return View.from_query({"lang": request.args.get("lang", "")}).lang


def as_json(body: object, status: int = 200) -> Response:
    """JSON that is not kept."""
    content = json.dumps(body, ensure_ascii=False)
    return Response(content, status, mimetype="application/json", headers={"Cache-Control": "no-store"})


def said(words: str, status: int = 200) -> Response:
    """An answer of one sentence."""
    return as_json({"said": words}, status)


def answered(most: int, act: Callable[[dict[str, Any], Literal["zh", "en"]], Response]) -> Response:
    """What `act` answers to the body of a POST (see posted) and the request's language; else why it was refused."""
    lang = asked_lang()
    try:
        body = posted(most)
    except Refused as refused:
        return said(text("posting.e_origin", lang), refused.status)
    return act(body, lang)


def answered_by_name(most: int, act: Callable[[dict[str, Any], str, Literal["zh", "en"]], Response]) -> Response:
    """The same for what only somebody may do who says a name, which `act` gets too."""

    def named(body: dict[str, Any], lang: Literal["zh", "en"]) -> Response:
        person = field(body, "person", PERSON)
        return act(body, person, lang) if person else said(text("posting.e_person", lang), 400)

    return answered(most, named)
