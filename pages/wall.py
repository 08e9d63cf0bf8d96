"""A wall is described once: what it shows, how large it is, who looks from how far. What follows is said at once."""

from typing import Any
from urllib.parse import urlencode

import pandas as pd
from dash import html, page_registry, register_page
from dash.development.base_component import Component

from components.attributes import attributes
from components.bodies.wall import wall_drawing, wall_follows, wall_links, wall_saved, wall_setup
from components.panel import Answer, panel
from components.view import View
from components.words import text
from data_access import walls
from domain.wall import Profile, SpecError

register_page(__name__, path="/wall", name="wall", order=8, nav="more", filtered=False)

SIGNALS = (
    (1920, 1080),
    (3840, 1080),
    (5760, 1080),
    (3840, 2160),
    (5760, 2160),
    (7680, 2160),
    (11520, 2160),
    (6656, 1792),
    (1080, 1920),
)  # handbook 7.1
PITCHES = (0.9, 1.25, 1.5, 1.8, 2.5)
DISTANCES = (3, 5, 8, 12, 15)
TILE_MM, TILE_PX, TILE_GAP = (1209.6, 680.4), (1920, 1080), 3.5  # a 55 inch display
HOST = "{host}"  # the browser knows it
BESIDE = ("reports", "briefing", "figures", "programmes", "wall")  # pages that are no wall's


def _meant(view: View) -> tuple[Profile, str]:
    """The wall of a view, and what is wrong with what it says."""
    try:
        return walls.meant(view.wall), ""
    except SpecError as error:
        return walls.default(), text(f"wall_error.{error.key}", view.lang, **error.values)


def _changed(wall: Profile, **more: Any) -> str:
    """The profile with something changed, '' where that makes no sense."""
    known: dict[str, Any] = {name: getattr(wall, name) for name in Profile.__dataclass_fields__} | more
    try:
        return str(Profile(**known))
    except SpecError:
        return ""


def _presets(wall: Profile, lang: str) -> dict[str, list[tuple[str, str]]]:
    pitch = {"pitch": wall.pitch or (round(wall.pixel_mm[0], 3),) * 2, "size": None}
    plain: dict[str, Any] = {"columns": 1, "rows": 1, "bezel": 0.0, "hidden": False, "size": None}
    across, down = max(1, wall.width // TILE_PX[0]), max(1, wall.height // TILE_PX[1])
    tiled: dict[str, Any] = {
        "columns": across,
        "rows": down,
        "pitch": None,
        "size": (across * TILE_MM[0] + (across - 1) * TILE_GAP, down * TILE_MM[1] + (down - 1) * TILE_GAP),
        "bezel": TILE_GAP if across * down > 1 else 0.0,
        "hidden": False,
    }
    found = {
        "signal": [(f"{w}×{h}", _changed(wall, width=w, height=h, **(plain | pitch))) for w, h in SIGNALS],
        "pitch": [
            *((f"LED P{one:g}", _changed(wall, **(plain | {"pitch": (one, one)}))) for one in PITCHES),
            (text("wall.lcd", lang, columns=across, rows=down), _changed(wall, **tiled)),
        ],
        "displays": [(text("wall.one_piece", lang), _changed(wall, **(plain | pitch)))],
        "distance": [(f"{one} m", _changed(wall, distance=float(one))) for one in DISTANCES],
    }
    return {name: [(words, spec) for words, spec in options if spec] for name, options in found.items()}


@panel(wall_setup)
def setup(view: View) -> Answer:
    """field, value: what the form says, one row a field."""
    wall, error = _meant(view)
    pitch, size = wall.pitch or (None, None), wall.size or (None, None)
    given: dict[str, Any] = {
        "width": wall.width,
        "height": wall.height,
        "pitch": pitch[0],
        "pitch_y": pitch[1] if pitch[0] != pitch[1] else None,
        "wide_mm": size[0],
        "high_mm": size[1],
        "columns": wall.columns,
        "rows": wall.rows,
        "bezel": wall.bezel,
        "distance": wall.distance,
        "margin": wall.margin,
    }
    hints = {
        "pitch": wall.pixel_mm[0],
        "pitch_y": wall.pixel_mm[1],
        "wide_mm": wall.size_mm[0],
        "high_mm": wall.size_mm[1],
    }
    facts = {
        "given": given,
        "hints": hints,
        "hidden": wall.hidden,
        "presets": _presets(wall, view.lang),
        "error": error,
    }
    return Answer(
        pd.DataFrame({"field": list(given), "value": list(given.values())}, dtype="object"), facts=facts, note=str(wall)
    )


def _warnings(wall: Profile, lang: str) -> list[tuple[str, str]]:
    """(kind: bad | note | good, sentence), the most pressing first."""
    nearest, _, farthest = wall.viewing_m
    said: list[tuple[str, str]] = []

    def say(kind: str, key: str, **values: object) -> None:
        said.append((kind, text(f"wall.w_{key}", lang, **values)))

    far, pitch = f"{wall.distance:g}", f"{wall.page_mm:.3g}"
    if not wall.fits:
        lines, letters = int(wall.room[1]), int(wall.room[0])
        say("bad", "no_room", distance=far, pitch=pitch, px=wall.body, lines=lines, letters=letters)
    if wall.distance < nearest:
        say("bad", "too_close", distance=far, nearest=f"{nearest:.1f}")
    if wall.distance > farthest and not wall.bezel:  # a rule for LED
        say("note", "too_far", distance=far, farthest=f"{farthest:.1f}")
    if abs(wall.anamorphic - 1) > 0.01:
        say("note", "stretched", factor=f"{wall.anamorphic:.3f}")
    for count, side in ((wall.columns, wall.width), (wall.rows, wall.height)):
        if count > 1 and side % count and not wall.hidden:
            say("note", "uneven", pixels=side, count=count)
    if not any(kind == "bad" for kind, _ in said):
        say("good", "text", distance=far, pitch=pitch, px=wall.body)
    return said


def _seams(wall: Profile, lang: str) -> str:
    parts = []
    for name, seams in (("across", wall.seams_across), ("down", wall.seams_down)):
        if seams:
            at = ", ".join(f"{seam.at:.0f}" for seam in seams)
            behind = text("wall.behind", lang, n=f"{seams[0].behind:.1f}") if seams[0].behind else ""
            parts.append(text(f"wall.seams_{name}", lang, at=at) + behind)
    return " · ".join(parts) or text("wall.seamless", lang)


@panel(wall_follows)
def follows(view: View) -> Answer:
    """key, name, value: one row a figure that follows from the wall."""
    wall, _ = _meant(view)
    lang = view.lang
    nearest, ideal, farthest = wall.viewing_m
    types = wall.types
    told = {
        "size": f"{wall.size_mm[0] / 1000:.2f} × {wall.size_mm[1] / 1000:.2f} m",
        "pixel": f"{wall.pixel_mm[0]:.3f} × {wall.pixel_mm[1]:.3f} mm",
        "shape": f"{wall.anamorphic:.3f}",
        "page": f"{wall.page[0]:.0f} × {wall.page[1]:.0f} px",
        "body": f"{wall.body} px · {wall.body * wall.page_mm:.1f} mm",
        "types": " / ".join(f"{types[name]:g}" for name in ("title", "headline", "figure")) + " px",
        "readable": f"{wall.readable_m:.1f} m",
        "viewing": f"{nearest:.1f} / {ideal:.1f} / {farthest:.1f} m",
        "room": text("wall.room_value", lang, letters=int(wall.room[0]), lines=int(wall.room[1])),
        "seams": _seams(wall, lang),
    }
    frame = pd.DataFrame(
        {"key": list(told), "name": [text(f"wall.k_{key}", lang) for key in told], "value": list(told.values())}
    )
    return Answer(frame, facts={"warnings": _warnings(wall, lang)}, note=str(wall))


@panel(wall_drawing)
def drawing(view: View) -> Answer:
    """what, metres: the measures of the drawing, one row each."""
    wall, _ = _meant(view)
    (wide, high), (nearest, _, farthest) = wall.size_mm, wall.viewing_m

    def placed(seams: list[Any], pixels: int, size: float) -> list[float]:
        return [seam.at / pixels * size / 1000 for seam in seams]

    facts = {
        "width": wide / 1000,
        "height": high / 1000,
        "distance": wall.distance,
        "nearest": nearest,
        "farthest": farthest,
        "letter": wall.body * wall.page_mm / 1000,
        "across": placed(wall.seams_across, wall.width, wide),
        "down": placed(wall.seams_down, wall.height, high),
    }
    shown = {name: value for name, value in facts.items() if isinstance(value, float)}
    return Answer(pd.DataFrame({"what": list(shown), "metres": list(shown.values())}), facts=facts)


@panel(wall_links)
def links(view: View) -> Answer:
    """name, link: one row a page that a wall can show, the programme of pages last."""
    wall, _ = _meant(view)
    named = view.wall or str(wall)
    query = urlencode({"mode": "wall", "wall": named, "lang": view.lang, "theme": view.theme})
    shown = [
        (text(f"page.{page['name']}", view.lang), f"{page['path']}?{query}")
        for page in sorted(page_registry.values(), key=lambda one: one.get("order") or 0)
        if page.get("nav") and page["name"] not in BESIDE
    ]
    programme = f"/play?{query}"
    shown.append((text("wall.programme", view.lang), programme))
    command = (
        "chromium --kiosk --noerrdialogs --disable-session-crashed-bubble --force-device-scale-factor=1 "
        f"--window-position=0,0 --window-size={wall.width},{wall.height} '{HOST}{programme}'"
    )
    facts = {"card": f"/testcard?{query}", "command": command}
    return Answer(pd.DataFrame(shown, columns=["name", "link"]), facts=facts)


@panel(wall_saved)
def saved(view: View) -> Answer:
    """name, spec, person, note, moment: one row a wall that has a name, as it was last described."""
    wall, _ = _meant(view)
    columns = ["name", "spec", "person", "note", "moment"]
    frame = pd.DataFrame([[getattr(one, name) for name in columns] for one in walls.saved()], columns=columns)
    frame["moment"] = pd.to_datetime(frame["moment"])
    return Answer(frame, facts={"spec": str(wall)})


def layout(**query: str) -> Component:
    lang = View.from_query(query).lang
    words: dict[str, str | None] = {
        f"data-{name}": text(f"wall.preview_{name}", lang) for name in ("title", "shows", "fewer", "open")
    }
    preview = html.Div(className="wall-preview panel", **attributes(words))
    sides = [[one.slot(lang) for one in side] for side in ((setup, drawing), (follows, links, saved))]
    return html.Div([*(html.Div(side, className="column") for side in sides), preview], className="grid walls")
