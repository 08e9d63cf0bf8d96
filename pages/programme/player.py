"""/play: the page that runs a wall by itself, and what it asks the cockpit."""

import hashlib
import json
import logging
import re
from functools import lru_cache
from time import monotonic
from typing import Any, Literal

from flask import Flask, Response, abort, request

from components.alone import alone
from components.posting import answered, as_json, field, said
from components.serving import ASSETS
from components.view import View
from components.words import section, text
from data_access import programmes, walls
from pages.programme import remote, running
from pages.programme.running import Wall

log = logging.getLogger("citydeck.wall")
PART = re.compile(r"[12]of2")
MOST = 512  # bytes of a request
SHOWN = re.compile(r"[\w|.:-]{1,200}")


def routes(server: Flask) -> None:
    @server.get("/play")
    def play() -> Response:
        wall = _wall()
        programme = running.programme_of(wall.programme)
        part = request.args.get("part", "")
        part = part if PART.fullmatch(part) else ""
        return alone(
            "player",
            wall.lang,
            wall.theme,
            px=walls.profile(wall.profile).body,
            words=section("play", wall.lang),
            query=request.query_string.decode("latin-1"),
            part=part,
            wall=_group(wall) if part else "",
            title=_title(programme, wall) if programme else "",
            unknown=text("play.unknown", wall.lang, name=wall.programme) if programme is None else "",
        )

    @server.get("/play/now.json")
    def play_now() -> Response:
        wall = _wall()
        programme = running.programme_of(wall.programme)
        if programme is None:
            abort(404)
        told = running.told(programme, wall) | {"assets": assets(), "commands": []}
        if identity := remote.identity(request.args.get("id", "")):
            held = request.args.get("held", "0")
            remote.heard(
                identity,
                {
                    "wall": list(wall),
                    "shown": request.args.get("shown", "")[:40],
                    "held": int(held) if held.isdecimal() else 0,
                },
            )
            told["commands"] = remote.commands(identity)
        if (skipped := request.args.get("skipped", "")) and SHOWN.fullmatch(skipped):
            log.warning("a wall of %s left out a scene that did not come: %s", wall.programme, skipped)
        return as_json(told)

    @server.post("/play/code")
    def play_code() -> Response:
        return answered(MOST, _offered)

    @server.post("/play/do")
    def play_do() -> Response:
        """What was done at the wall itself: an alarm acknowledged; for walls that show parts, what all should do."""
        return answered(MOST, _done)


def _offered(body: dict[str, Any], _lang: str) -> Response:
    identity = remote.identity(field(body, "id", 64))
    return as_json(remote.offered(identity, request.host_url)) if identity else said("", 400)


def _done(body: dict[str, Any], lang: Literal["zh", "en"]) -> Response:
    if field(body, "act", 20) == "acknowledge":
        done = running.acknowledge(field(body, "key", 200), text("play.by_wall", lang))
        return said("", 200 if done else 409)
    identity = remote.identity(field(body, "id", 64))
    if not identity or not remote.command(identity, field(body, "act", 20), field(body, "arg", 200)):
        return said("", 400)
    return said("")


def _wall() -> Wall:
    """The wall of a request's query; what makes no sense falls back."""
    view = View.from_query({k: request.args.get(k, "") for k in ("lang", "theme", "wall") if request.args.get(k)})
    return Wall(request.args.get("programme", "")[:40] or programmes.DEFAULT, view.wall, view.lang, view.theme)


def _title(programme: Any, wall: Wall) -> str:
    return (programme.title_zh if wall.lang == "zh" else programme.title_en) or programme.name


def _group(wall: Wall) -> str:
    """Walls that show parts of one canvas are one wall."""
    return "part-" + hashlib.sha256("|".join(wall).encode()).hexdigest()[:20]


@lru_cache(1)
def _assets(_minute: int) -> str:
    some = sorted((one.name, one.stat().st_mtime_ns) for one in ASSETS.iterdir() if one.is_file())
    return hashlib.sha256(json.dumps(some).encode()).hexdigest()[:12]


def assets() -> str:
    """Changes with the app's scripts and styles; looked at every few seconds."""
    return _assets(int(monotonic() // 10))
