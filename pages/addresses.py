"""The addresses that are not screens: health, version, places by name, shapes, data of panels."""

from datetime import datetime

from flask import Flask, Response, request

from components.panel_data import data_routes
from components.posting import as_json, asked_lang
from components.serving import YEAR
from components.words import text
from data_access import clock, engine, shapes, sources
from data_access.areas import tree
from data_access.flood import outlines

_fresh: tuple[tuple[str, datetime], tuple[sources.Freshness, ...]] | None = None


def token() -> str:
    """What a page compares to know whether to redraw: the data's version, and the five minutes we are in, since ages
    and "today until now" move without data."""
    now = clock.now()
    return f"{engine.data_version()}.{now:%d%H}{now.minute // 5}"


def freshness(at: datetime) -> tuple[sources.Freshness, ...]:
    """sources.freshness, asked once a version and minute."""
    global _fresh
    key = (f"{engine.engine().url}{engine.data_version()}", at.replace(second=0))
    if _fresh is None or _fresh[0] != key:
        _fresh = (key, sources.freshness(at))
    return _fresh[1]


def routes(server: Flask) -> None:
    data_routes(server)

    @server.get("/version")
    def version() -> Response:
        return as_json({"token": token(), "now": clock.now().isoformat()})

    @server.get("/health")
    def health() -> Response:
        try:
            found = freshness(clock.now())
        except Exception:
            return as_json({"status": "down", "reason": "the database does not answer"}, 503)
        listed = [
            {
                "source": row.key,
                "last_data_at": None if row.last_data_at is None else row.last_data_at.isoformat(),
                "cadence_minutes": row.cadence_minutes,
                "state": row.state,
            }
            for row in found
        ]
        fresh = all(one["state"] == "fresh" for one in listed)
        status = "empty" if tree().root is None else "ok" if fresh else "degraded"
        return as_json(
            {"status": status, "data_version": engine.data_version(), "now": clock.now().isoformat(), "sources": listed}
        )

    @server.get("/areas")
    def areas() -> Response:
        places = tree()
        lang = asked_lang()
        found = places.search(request.args.get("q", "")[:80], 12)
        return as_json(
            [{"code": a.code, "path": " › ".join(p.label(lang) for p in places.path(a.code)[1:] or [a])} for a in found]
        )

    @server.get("/reveal/<order>")
    def reveal(order: str) -> Response:
        """Personal data is behind accounts, which are not there yet: refused, whatever the order."""
        words = text("order.refused", asked_lang())
        return Response(words, 403, mimetype="text/plain", headers={"Cache-Control": "no-store"})

    @server.get("/shapes/<name>.json")
    def shape(name: str) -> Response:
        parent, _, digest = name.rpartition("-")
        content = outlines.outlines(digest) if parent == outlines.NAME else shapes.shapes(parent, digest)
        if content is None:
            return as_json({"error": "no such shapes; load the page again"}, 404)
        return Response(
            content, mimetype="application/geo+json", headers={"Content-Encoding": "gzip", "Cache-Control": YEAR}
        )
