"""What every response of the cockpit has: the page around the app, the headers that keep it safe, nothing from
outside."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dash import Dash
from flask import Flask, Response, request

from components import theme
from components.view import View
from components.words import section, text

EMPTY_TOPOLOGY = json.dumps(
    {
        "type": "Topology",
        "objects": {
            name: {"type": "GeometryCollection", "geometries": []}
            for name in ("coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits")
        },
        "arcs": [],
    }
)
FIRST = "cockpit.js"  # the script that asks for the panels while the others are still on their way
YEAR = "public, max-age=31536000, immutable"


class Cockpit(Dash):
    """Dash with our page: language, theme and mode are on the root element before anything is drawn.

    wall_px: body text on a wall, in pixels, from viewing distance and pitch (handbook 7.1)."""

    wall_px: int = 24
    tick_seconds: float = 5.0
    demo: Any = staticmethod(lambda: False)

    def interpolate_index(  # noqa: PLR0917 - the signature is Dash's
        self, metas="", title="", css="", config="", scripts="", app_entry="", favicon="", renderer=""
    ) -> str:
        view = View.from_query(request.args.to_dict())
        lang = view.lang
        size = self.wall_px if view.mode == "wall" else 14
        words = {name: section(name, lang) for name in ("card", "menu", "state")}
        attributes = {
            "lang": "zh-CN" if lang == "zh" else "en",
            "data-lang": lang,
            "data-theme": view.theme,
            "data-mode": view.mode,
            "data-tick": str(self.tick_seconds),
            "data-words": json.dumps(words, ensure_ascii=False),
            "data-defaults": json.dumps({k: v for k, v in View().model_dump(mode="json").items() if v}),
            "data-demo": text("app.demo", lang) if self.demo() else "",
            "data-offline-words": text("app.offline", lang),
            "style": f"--u:{size}px",
        }
        version = (Path(self.config.assets_folder) / FIRST).stat().st_mtime
        root = " ".join(f'{name}="{_escaped(value)}"' for name, value in attributes.items())
        return f"""<!DOCTYPE html>
<html {root}>
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{text("app.title", lang)}</title><link rel="icon" href="/assets/mark.svg">
<link rel="stylesheet" href="/theme.css">{css}
<script src="{self.get_asset_url(FIRST)}?m={version}"></script>
</head>
<body>{app_entry}<footer>{config}{scripts}{renderer}</footer></body>
</html>"""


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def safe(app: Dash, *, page_eval: bool) -> None:
    """Routes that every page needs, and headers on every response. Inline scripts only those that Dash writes, by hash.

    page_eval: let tools that drive the browser evaluate expressions in the page; Playwright's wait_for_function does,
    so a page without it cannot be waited for from outside."""
    server: Flask = app.server  # type: ignore[assignment]
    policy = ""

    @server.get("/theme.css")
    def stylesheet() -> Response:
        return Response(theme.css(), mimetype="text/css", headers={"Cache-Control": "no-cache"})

    @server.get("/topo/<name>")
    def topology(name: str) -> Response:
        # Plotly's SVG maps ask for world outlines even when none are drawn; they get none, from here.
        return Response(EMPTY_TOPOLOGY, mimetype="application/json", headers={"Cache-Control": YEAR})

    @server.after_request
    def guarded(response: Response) -> Response:
        nonlocal policy
        # Dash knows its inline scripts only once the first page is asked for; what it had then is all there will be.
        policy = policy or _policy(app.csp_hashes(), page_eval)
        headers = response.headers
        if request.path.startswith("/assets/") and "m" in request.args:
            headers["Cache-Control"] = YEAR  # the address names the file's version
        headers["Content-Security-Policy"] = policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "SAMEORIGIN"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        return response

    @server.errorhandler(500)
    def failed(_error: Exception) -> tuple[str, int]:
        return "The request failed; the log of the cockpit says why.", 500


def _policy(hashes: Sequence[str], page_eval: bool) -> str:
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self'", *(["'unsafe-eval'"] if page_eval else []), *hashes]),
            "style-src 'self' 'unsafe-inline'",  # Plotly and React write style attributes
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        ]
    )
