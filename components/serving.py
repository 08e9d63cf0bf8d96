"""What every response of the cockpit has: the page around the app, the headers that keep it safe, nothing from
outside."""

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from dash import Dash
from flask import Flask, Response, request

from components import theme
from components.view import View
from components.words import section, text
from domain.wall import Profile, parse_profile

ASSETS = Path(__file__).parents[1] / "assets"
FIRST = "cockpit.js"  # the script that asks for the panels while the others are still on their way
(CHARTS,) = (path.name for path in ASSETS.glob("plotly-*.min.js"))  # takes longest to start: while Dash asks for a page
ALONE = "alone_"  # what pages have that stand outside
ASKED = ("/_dash-layout", "/_dash-dependencies")  # by Dash, as soon as it has started
UNUSED = ("dash_table/", "polyfill@")  # of Dash's scripts: for its own tables, for browsers older than our scripts
YEAR = "public, max-age=31536000, immutable"


def whole(kind: str) -> tuple[str, str]:
    """All our styles ('css', the theme's colours first) or all scripts that may come later ('js') as one text, and its
    version: two dozen files that lie in a browser's cache still cost a page a tenth of a second."""
    files = sorted(path for path in ASSETS.glob(f"*.{kind}") if not path.name.startswith((FIRST, CHARTS, ALONE)))
    return _joined(kind, tuple((path, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=4)
def _joined(kind: str, files: tuple[tuple[Path, int], ...]) -> tuple[str, str]:
    colours = [theme.css()] if kind == "css" else []
    content = "\n".join([*colours, *(path.read_text(encoding="utf-8") for path, _ in files)])
    return content, hashlib.sha256(content.encode()).hexdigest()[:12]


class Cockpit(Dash):
    """Dash with our page: language, theme and mode are on the root element before anything is drawn.

    wall: the profile of the wall that a View names."""

    wall: Any = staticmethod(lambda words: parse_profile(words or "1920x1080,p1.25,d8"))
    tick_seconds: float = 5.0
    demo: Any = staticmethod(lambda: False)

    def interpolate_index(  # noqa: PLR0917 - the signature is Dash's
        self, metas="", title="", css="", config="", scripts="", app_entry="", favicon="", renderer=""
    ) -> str:
        view = View.from_query(request.args.to_dict())
        lang = view.lang
        words = {name: section(name, lang) for name in ("card", "menu", "state", "exports")}
        attributes = {
            "lang": "zh-CN" if lang == "zh" else "en",
            "data-lang": lang,
            "data-theme": view.theme,
            "data-page": request.path.strip("/") or "overview",
            "data-mode": view.mode,
            "data-tick": str(self.tick_seconds),
            "data-words": json.dumps(words, ensure_ascii=False),
            "data-defaults": json.dumps({k: v for k, v in View().model_dump(mode="json").items() if v}),
            "data-charts": dated(CHARTS),
            "data-demo": text("app.demo", lang) if self.demo() else "",
            "data-offline-words": text("app.offline", lang),
            **(_walled(self.wall(view.wall)) if view.mode == "wall" else {"style": "--u:14px"}),
        }
        scripts = "\n".join(line for line in scripts.splitlines() if not any(one in line for one in UNUSED))
        root = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
        styles, more = (f"/assets/all.{kind}?m={whole(kind)[1]}" for kind in ("css", "js"))
        return f"""<!DOCTYPE html>
<html {root}>
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{text("app.title", lang)}</title><link rel="icon" href="/assets/mark.svg">
{"".join(f'<link rel="preload" href="{path}" as="fetch" crossorigin>' for path in ASKED)}
{css}<link rel="stylesheet" href="{styles}">
<script src="{dated(FIRST)}"></script><link rel="preload" href="{dated(CHARTS)}" as="script">
</head>
<body>{app_entry}<footer>{config}<script src="{more}"></script>{scripts}{renderer}</footer></body>
</html>"""


def dated(name: str) -> str:
    """The address of an asset with its version, so that it may be kept."""
    return f"/assets/{name}?m={(ASSETS / name).stat().st_mtime}"


def _walled(wall: Profile) -> dict[str, str]:
    """Attributes of the root element that a wall's page is laid out by (assets/wall.css, assets/wall.js): the size of
    body text, how much a page of square pixels is drawn wider and higher, what a frame may cover, and where seams lie,
    as shares of the signal: [middle, how much lies behind a bezel]."""
    wide, high = wall.scale
    covered = f"--safe-x:{wall.margin / wide:g}px;--safe-y:{wall.margin / high:g}px" if wall.margin else ""
    stretched = f"--wide:{wide:.6g};--high:{high:.6g}" if wall.scale != (1, 1) else ""
    seams = {
        "x": [[seam.at / wall.width, seam.behind / wall.width] for seam in wall.seams_across],
        "y": [[seam.at / wall.height, seam.behind / wall.height] for seam in wall.seams_down],
    }
    return {
        "style": ";".join(filter(None, [f"--u:{wall.body}px", covered, stretched])),
        **({"data-stretched": "true"} if stretched else {}),
        **({"data-seams": json.dumps(seams)} if any(seams.values()) else {}),
    }


def safe(app: Dash, *, page_eval: bool) -> None:
    """Routes that every page needs, and headers on every response. Inline scripts only those that Dash writes, by hash.

    page_eval: let tools that drive the browser evaluate expressions in the page; Playwright's wait_for_function does,
    so a page without it cannot be waited for from outside."""
    server: Flask = app.server  # type: ignore[assignment]
    known: tuple[str, ...] = ()
    policy = _policy(known, page_eval)

    @server.get("/assets/all.<kind>")
    def joined(kind: str) -> Response | tuple[str, int]:
        if kind not in ("css", "js"):
            return "", 404
        return Response(whole(kind)[0], mimetype="text/javascript" if kind == "js" else "text/css")

    @server.get("/theme.css")
    def stylesheet() -> Response:
        return Response(theme.css(), mimetype="text/css", headers={"Cache-Control": "no-cache"})

    @server.after_request
    def guarded(response: Response) -> Response:
        nonlocal known, policy
        # Dash knows its inline scripts only once a page of its own was asked for, which need not be the first request:
        # after a restart an open wall asks for the version first.
        if (hashes := tuple(app.csp_hashes())) != known:
            known, policy = hashes, _policy(hashes, page_eval)
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
