"""How a page's panels come to the browser: one answer per view, a line for each panel as soon as it is drawn. A request
and a callback for each cost the overview a hundred milliseconds."""

import json
import os
import zlib
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from dash import page_registry
from flask import Flask, Response, request

from components.panel import drawn, panels
from components.shell import frame
from data_access.areas import tree

AT_ONCE = max(2, os.cpu_count() or 2)  # of one page: while the database works for one panel, another is drawn
_hands = ThreadPoolExecutor(8, "panel")


def names_of(path: str, search: str) -> list[str]:
    """The panels that stand at a path, '/' is the overview, in the order in which they are drawn: charts first, which
    take the browser longest. A page may say itself which (`panels` of its registration). Where there is no city yet,
    none of a page that is filtered by place: it says so by itself."""
    page = next((page for page in page_registry.values() if page["path"] == path), {})
    if tree().root is None and page.get("filtered", True):
        return []
    if own := page.get("panels"):
        names = [name for name in own(search) if name in panels]
    else:
        names = [name for name in panels if name.startswith(f"{path.strip('/') or 'overview'}.")]
    return sorted(names, key=lambda name: not panels[name].chart)


def _framed(search: str, path: str) -> Iterator[str]:
    """The lines of what stands above and below a page."""
    for place, made in zip(("frame", "foot"), frame(search, path), strict=True):
        yield json.dumps({"id": place, "tree": made}, ensure_ascii=False)


def _as_drawn(draw: Callable[[str], str], names: list[str]) -> Generator[str, None, None]:
    """What each name comes to, first come first; a few at a time. Who stops listening stops the rest."""
    waiting, working = list(names), set[Future[str]]()
    try:
        while waiting or working:
            while waiting and len(working) < AT_ONCE:
                working.add(_hands.submit(draw, waiting.pop(0)))
            done, working = wait(working, return_when=FIRST_COMPLETED)
            yield from [one.result() for one in done]
    finally:
        for one in working:
            one.cancel()


def _packed(lines: Iterator[str]) -> Iterator[bytes]:
    """Each line compressed and sent by itself."""
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    for line in lines:
        yield packer.compress(f"{line}\n".encode()) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()


def drawing_routes(server: Flask) -> None:
    """/drawn/<page>?<view>: lines of JSON, {id, tree} of the frame and the foot, then {panel, tree, figure}."""

    @server.get("/drawn/")
    @server.get("/drawn/<path:page>")
    def drawn_page(page: str = "") -> Response:
        search = f"?{asked}" if (asked := request.query_string.decode("latin-1")) else ""
        path = f"/{page}"
        names = names_of(path, search)
        px = request.cookies.get("px", "")

        def lines() -> Iterator[str]:
            yield from framed
            yield from _as_drawn(lambda name: drawn(name, search, px), names)

        framed = list(_framed(search, path))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers |= {"Content-Encoding": "gzip"}
            return Response(_packed(lines()), mimetype="application/x-ndjson", headers=headers)
        return Response((f"{line}\n" for line in lines()), mimetype="application/x-ndjson", headers=headers)
