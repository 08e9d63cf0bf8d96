"""POST /walls: a wall is kept under a name. There are no accounts yet: people say theirs."""

from typing import Any

from flask import Flask, Response

from components.posting import answered_by_name, field, said
from components.words import text
from data_access import clock, walls
from data_access.wall_tables import NAME, SPEC
from domain.wall import SpecError

MOST = 4096  # bytes of a request


def routes(server: Flask) -> None:
    @server.post("/walls")
    def keep() -> Response:
        return answered_by_name(MOST, _kept)


def _kept(body: dict[str, Any], person: str, lang: str) -> Response:
    name = field(body, "name", NAME)
    try:
        wall = walls.save(name, field(body, "spec", SPEC), person=person, note="", now=clock.now())
    except walls.BadName:
        return said(text("wall.e_name", lang), 400)
    except SpecError as error:
        return said(text(f"wall_error.{error.key}", lang, **error.values), 400)
    return said(text("wall.kept", lang, name=name, spec=str(wall)))
