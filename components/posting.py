"""What people write comes as POST of JSON, from our own pages only."""

import json
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request


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


def said(words: str, status: int = 200) -> Response:
    """An answer of one sentence."""
    body = json.dumps({"said": words}, ensure_ascii=False)
    return Response(body, status, mimetype="application/json", headers={"Cache-Control": "no-store"})
