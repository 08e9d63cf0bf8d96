"""POST /walls: a wall is kept under a name. There are no accounts yet: people say theirs."""

from flask import Flask, Response, request

from components.posting import Refused, field, posted, said
from components.words import text
from data_access import clock, walls
from data_access.wall_tables import NAME, PERSON, SPEC
from domain.wall import SpecError

MOST = 4096  # bytes of a request


def routes(server: Flask) -> None:
    @server.post("/walls")
    def keep() -> Response:
        lang = "en" if request.args.get("lang") == "en" else "zh"
        try:
            body = posted(MOST)
            name, person = field(body, "name", NAME), field(body, "person", PERSON)
            if not person:
                return said(text("wall.e_person", lang), 400)
            wall = walls.save(name, field(body, "spec", SPEC), person=person, note="", now=clock.now())
        except Refused as refused:
            return said(text("wall.e_origin", lang), refused.status)
        except walls.BadName:
            return said(text("wall.e_name", lang), 400)
        except SpecError as error:
            return said(text(f"wall_error.{error.key}", lang, **error.values), 400)
        return said(text("wall.kept", lang, name=name, spec=str(wall)))
