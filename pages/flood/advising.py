"""GET /flood/board: what a plan comes to, while it is tried. POST /flood/advice: an advice sheet is made of what the
board shows, and its course is written down step by step. There are no accounts yet: people say their
name. It is kept append-only, and moves no gate."""

from typing import Any

from flask import Flask, Response, request

from components.panel import tree_of
from components.posting import answered_by_name, field, said
from components.view import View
from components.words import text
from data_access import clock
from data_access.flood import release as data
from pages.flood.asked import ask
from pages.flood.release import told

WORDS, NUMBER, LINK = 2000, 60, 400
MOST = 16_384  # bytes of a request


def routes(server: Flask) -> None:
    @server.get("/flood/board")
    def tried() -> Response:
        """The board of an address at once, while a person tries a plan."""
        tree = tree_of("flood.board", f"?{request.query_string.decode()[:LINK]}")
        return Response(tree, mimetype="application/json", headers={"Cache-Control": "no-store"})

    @server.post("/flood/advice")
    def advice() -> Response:
        return answered_by_name(MOST, _advised)


def _advised(body: dict[str, Any], person: str, lang: str) -> Response:
    words = field(body, "text", WORDS, lines=True)
    if not words:
        return said(text("board.e_text", lang), 400)
    return (_made if body.get("step") == "advice" else _recorded)(body, person, words, lang)


def _recorded(body: dict[str, Any], person: str, words: str, lang: str) -> Response:
    """A later step of a sheet."""
    step, number, order_no = field(body, "step", 12), field(body, "number", NUMBER), field(body, "order_no", NUMBER)
    try:
        data.record(number, step, person=person, order_no=order_no, text=words, now=clock.now())
    except data.NotNow as not_now:
        if not not_now.needs:
            return said(text("board.e_unknown", lang), 404)
        return said(text("board.e_step", lang, step=text(f"board.s_{not_now.needs}", lang)), 409)
    return said(text("board.saved", lang, number=number))


def _made(body: dict[str, Any], person: str, words: str, lang: str) -> Response:
    """A sheet of the candidate that was shown, computed again from the address."""
    search = field(body, "search", LINK)
    view = View.from_search(search)
    if view.at is not None:
        return said(text("board.e_past", lang), 409)
    board = told(ask(view)) if view.reservoir else None
    chosen = next((one for one in board.candidates if one.key == field(body, "key", 12)), None) if board else None
    if board is None or chosen is None or board.setting.node != view.reservoir:
        return said(text("board.e_board", lang), 409)
    number = data.propose(board, chosen, person=person, text=words, link=f"/flood{view.search}"[:LINK], now=clock.now())
    return said(text("board.saved", lang, number=number))
