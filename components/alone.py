"""Pages of ours that stand alone, without the frame and the panels: a wall's player, the remote on a phone."""

import json
from html import escape
from typing import Any

from flask import Response

from components.serving import dated
from components.words import text


def alone(name: str, lang: str, theme: str, *, body: str = "", px: float = 16, **data: Any) -> Response:
    """The page whose script and style are assets/alone_<name>.*; data: attributes of its root element, as JSON where
    they are no text. body: markup of ours."""
    told = {
        f"data-{key}": one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for key, one in data.items()
    }
    told |= {"lang": "zh-CN" if lang == "zh" else "en", "data-theme": theme, "style": f"--u:{px}px"}
    root = " ".join(f'{key}="{escape(one)}"' for key, one in told.items())
    page = f"""<!DOCTYPE html>
<html {root}>
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(text("app.title", lang))}</title><link rel="icon" href="/assets/mark.svg">
<link rel="stylesheet" href="/theme.css"><link rel="stylesheet" href="{dated("fonts.css")}">
<link rel="stylesheet" href="{dated(f"alone_{name}.css")}">
<script src="{dated(f"alone_{name}.js")}" defer></script>
</head>
<body>{body}</body>
</html>"""
    return Response(page, mimetype="text/html", headers={"Cache-Control": "no-store"})
