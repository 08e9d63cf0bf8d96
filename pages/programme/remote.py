"""The phone as a remote of one wall, and nothing else: a code of six digits that the wall shows, then a few commands.

What walls and phones share lies in the app's cache, which is Redis where there are several workers.
"""

import io
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlunsplit

import segno
from flask import Flask, Response, redirect, request

from components import theme
from components.alone import alone
from components.posting import answered, as_json, field, said
from components.serving import ASSETS
from components.words import section, text
from pages.programme import running
from pages.programme.running import Wall

LASTS = 300  # s that a code can be used
PAIRED = 12 * 3600  # s that a phone stays paired
KEPT = 60  # s that a command is kept for a wall that does not ask
HEARD = 20  # s after which a wall that does not ask is gone
WRONG, LOCKED = 5, 60  # wrong codes of one address, then s in which none is looked at
WRONG_OF_ALL = 30  # of all addresses in LOCKED s
MOST = 512  # bytes of a request
ACTS = ("next", "previous", "pause", "resume", "scene", "hold")
IDENTITY = re.compile(r"[\w-]{12,64}")
CODE = re.compile(r"\d{6}")
SERVED = {"alone_remote.js": "text/javascript", "alone_remote.css": "text/css", "mark.svg": "image/svg+xml"}


@dataclass
class Outside:
    """What the app hands in. shared: a cache with get, set, add, delete. address: where phones reach the remote, ''
    where the cockpit itself is to be asked."""

    shared: Any
    address: str
    demo: Callable[[], bool]


_outside: Outside
_lock = threading.Lock()


def connect(outside: Outside) -> None:
    """Called once, before the first request."""
    global _outside
    _outside = outside


def demo() -> bool:
    return _outside.demo()


def identity(given: str) -> str:
    """The name that a wall gave itself, '' when it is none."""
    return given if IDENTITY.fullmatch(given) else ""


def address(host: str, port: int) -> str:
    """Where phones reach a listener; of all addresses the one that this machine has on its network. '' of none."""
    if not host:
        return ""
    if host in ("0.0.0.0", "::"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            try:
                asked.connect(("192.0.2.1", 9))  # sends nothing: only the way there is looked up
                host = asked.getsockname()[0]
            except OSError:
                host = "127.0.0.1"
    return urlunsplit(("http", f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "/", "", ""))


# ---- the wall's side -------------------------------------------------------------------------------------------------
def heard(wall: str, state: dict[str, Any]) -> None:
    """A wall says what it shows."""
    _outside.shared.set(f"wall|{wall}", state, timeout=HEARD)


def commands(wall: str) -> list[dict[str, Any]]:
    """The commands for a wall of the last while, oldest first; the wall knows by `n` which it has followed."""
    return _outside.shared.get(f"do|{wall}") or []


def command(wall: str, act: str, arg: str = "") -> bool:
    """Tell a wall to do something. False when there is no such thing to do."""
    if act not in ACTS:
        return False
    with _lock:
        now = time.time()
        some = [one for one in commands(wall) if one["at"] > now - KEPT]
        some.append({"n": f"{now:.3f}-{secrets.token_hex(3)}", "act": act, "arg": arg[:200], "at": now})
        _outside.shared.set(f"do|{wall}", some[-20:], timeout=KEPT)
    return True


def offered(wall: str, cockpit: str) -> dict[str, Any]:
    """A fresh code for a wall, which ends the one before: {code, seconds, url, picture}."""
    shared = _outside.shared
    with _lock:
        if old := shared.get(f"code of|{wall}"):
            shared.delete(f"code|{old}")
        code = f"{secrets.randbelow(10**6):06}"
        while not shared.add(f"code|{code}", wall, timeout=LASTS):
            code = f"{secrets.randbelow(10**6):06}"
        shared.set(f"code of|{wall}", code, timeout=LASTS)
    link = f"{_outside.address or cockpit}remote"
    drawn = io.BytesIO()
    segno.make(f"{link}#{code}", error="m").save(drawn, kind="svg", border=3, dark="#000", light="#fff", omitsize=True)
    return {"code": code, "seconds": LASTS, "url": link, "picture": drawn.getvalue().decode()}


# ---- the phone's side ------------------------------------------------------------------------------------------------
def _tried(who: str) -> int:
    """How many wrong codes came in the last while: of this address, and WRONG when all together sent too many."""
    mine, all_ = (_outside.shared.get(f"wrong|{one}") or [] for one in (who, "all"))
    since = time.time() - LOCKED
    return WRONG if len([at for at in all_ if at > since]) >= WRONG_OF_ALL else len([at for at in mine if at > since])


def _wrong(who: str) -> None:
    since = time.time() - LOCKED
    for one in (who, "all"):
        kept = [at for at in (_outside.shared.get(f"wrong|{one}") or []) if at > since]
        _outside.shared.set(f"wrong|{one}", [*kept, time.time()][-100:], timeout=LOCKED)


def paired(code: str, who: str) -> tuple[str, int]:
    """A token for the wall that shows the code, and an HTTP status: 200, 403 a wrong code, 429 too many of them."""
    with _lock:  # one after the other, so that nobody tries many at once
        if _tried(who) >= WRONG:
            return "", 429
        wall = _outside.shared.get(f"code|{code}") if CODE.fullmatch(code) else None
        if wall is None:
            _wrong(who)
            return "", 403
        token = secrets.token_urlsafe(24)
        _outside.shared.set(f"phone|{token}", wall, timeout=PAIRED)
        _outside.shared.delete(f"code|{code}")  # for one phone
        return token, 200


def _of(body: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """The wall of a request's token and what it said last; '' for a token that is none."""
    token = field(body, "token", 64)
    wall = _outside.shared.get(f"phone|{token}") if token else None
    return (wall, _outside.shared.get(f"wall|{wall}")) if wall else ("", None)


def routes(server: Flask) -> None:
    """/remote: the page, the code, the commands."""

    @server.get("/remote")
    def remote_page() -> Response:
        lang = _lang()
        return alone(
            "remote", lang, "dark", words=section("remote", lang), demo=text("app.demo", lang) if demo() else ""
        )

    @server.post("/remote/pair")
    def remote_pair() -> Response:
        return _answered(_pair)

    @server.post("/remote/state")
    def remote_state() -> Response:
        return _answered(_state)

    @server.post("/remote/do")
    def remote_do() -> Response:
        return _answered(_do)


def _answered(act: Callable[[dict[str, Any]], Response]) -> Response:
    return answered(MOST, lambda body, _lang: act(body))


def _lang() -> str:
    asked = request.args.get("lang", "")
    return (
        asked if asked in ("zh", "en") else "en" if request.accept_languages.best_match(["zh", "en"]) == "en" else "zh"
    )


def _pair(body: dict[str, Any]) -> Response:
    token, status = paired(field(body, "code", 6), request.remote_addr or "")
    if status != 200:
        return said(text(f"remote.e_{status}", _lang()), status)
    return as_json({"token": token})


def _state(body: dict[str, Any]) -> Response:
    wall, heard_ = _of(body)
    if not wall:
        return said(text("remote.e_token", _lang()), 403)
    if heard_ is None:
        return as_json({"gone": True})
    link = Wall(*heard_["wall"])._replace(lang=_lang())
    programme = running.programme_of(link.programme)
    if programme is None:
        return as_json({"gone": True})
    told = running.told(programme, link)
    taking = told["takeover"]
    shown = [{"key": one["key"], "title": one["title"]} for one in told["scenes"]]
    alarm = (
        {name: taking[name] for name in ("key", "colour", "word", "name", "place", "said", "count")} if taking else None
    )
    return as_json({"shown": heard_["shown"], "held": heard_["held"], "scenes": shown, "alarm": alarm})


def _do(body: dict[str, Any]) -> Response:
    wall, heard_ = _of(body)
    if not wall:
        return said(text("remote.e_token", _lang()), 403)
    act, arg = field(body, "act", 20), field(body, "arg", 200)
    if act == "acknowledge":
        return _acknowledged(arg, heard_)
    if act == "hold" or not command(wall, act, arg):
        return said("", 400)
    return said("")


def _acknowledged(key: str, heard_: dict[str, Any] | None) -> Response:
    """Only what the wall of the phone shows can be acknowledged."""
    link = Wall(*heard_["wall"]) if heard_ else None
    programme = running.programme_of(link.programme) if link else None
    taking = running.told(programme, link)["takeover"] if programme and link else None
    if taking is None or taking["key"] != key:
        return said(text("remote.e_alarm", _lang()), 409)
    done = running.acknowledge(key, text("remote.by_phone", _lang()))
    return said("" if done else text("remote.e_alarm", _lang()), 200 if done else 409)


def listener() -> Flask:
    """An app of the remote and nothing else, for a listener that phones may reach while the cockpit stays on its own
    machine."""
    server = Flask("citydeck.remote", static_folder=None)
    routes(server)

    @server.get("/")
    def home() -> Any:
        return redirect("/remote")

    @server.get("/theme.css")
    def stylesheet() -> Response:
        return Response(theme.css(), mimetype="text/css", headers={"Cache-Control": "no-cache"})

    @server.get("/assets/fonts.css")
    def fonts() -> Response:
        return Response("", mimetype="text/css")  # a phone has fonts

    @server.get("/assets/<name>")
    def asset(name: str) -> Response:
        if name not in SERVED:
            return Response("", 404)
        return Response((ASSETS / name).read_bytes(), mimetype=SERVED[name], headers={"Cache-Control": "no-cache"})

    @server.after_request
    def guarded(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return server
