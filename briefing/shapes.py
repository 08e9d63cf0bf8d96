"""Tiles, sentences and pictures as shapes on a slide."""

import io
import math
from typing import Any

from pptx.enum.shapes import MSO_SHAPE
from pptx.parts.image import Image
from pptx.util import Inches, Pt

from briefing import measure
from briefing.ink import Box, Pen, Run, fill_frame, paint, put, unstyled
from briefing.natives.blocks import Sentences, Tile, Tiles

GAP = 0.16
SIGNS = {"bad": ("●", "worse"), "good": ("●", "better"), "note": ("●", "grey")}


def tiles(pen: Pen, block: Tiles, box: Box) -> None:
    """Figures in a grid of cards, as square as the number of them lets."""
    n = max(len(block.tiles), 1)
    across = min(n, 4 if n <= 12 else 5, max(int(box.w / 1.9), 1))
    down = math.ceil(n / across)
    across = math.ceil(n / down)
    wide = (box.w - GAP * (across - 1)) / across
    tall = min((box.h - GAP * (down - 1)) / down, 2.1)
    for at, tile in enumerate(block.tiles):
        row, column = divmod(at, across)
        _tile(
            Pen(pen.slide, pen.lang, f"{pen.name} {at + 1}"),
            tile,
            Box(box.x + column * (wide + GAP), box.y + row * (tall + GAP), wide, tall),
        )


def _tile(pen: Pen, tile: Tile, box: Box) -> None:
    """One card: a shape with all its words, so that it moves as one."""
    card = pen.slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *box.emu)
    card.name = pen.name
    unstyled(card)
    card.fill.solid()
    paint(card.fill.fore_color, "ground")
    card.line.fill.background()
    inner = box.w - 0.3
    big = measure.fitting(f"{tile.figure} {tile.unit}", inner, 0.62, range(30, 15, -1), bold=True)
    small = 12 if box.h >= 1.35 else 10.5
    lines = [
        [Run(measure.cut(tile.name, inner, small), small, role="muted")],
        [Run(tile.figure, big, True, "worse" if tile.off else "text"), Run(f" {tile.unit}", small, role="muted")],
    ]
    for words, role in (
        (tile.change, {"level": "muted"}.get(tile.tone, tile.tone)),
        (tile.parts, "muted"),
        (tile.note, "muted"),
    ):
        if words:
            lines.append([Run(measure.cut(words, inner, small - 1), small - 1, role=role)])
    room = box.h - 0.16
    while len(lines) > 2 and sum(runs[0].size for runs in lines) * measure.LINE / measure.POINTS > room:
        lines.pop()
    fill_frame(card.text_frame, lines, pen.lang, anchor="middle", margin=0.14)


def sentences(pen: Pen, block: Sentences, box: Box) -> None:
    """Sentences under each other, each with its sign; as large as fits."""
    joined = "\n".join(words for _, words in block.said)
    size = measure.fitting(joined, box.w - 0.5, box.h - 0.12 * len(block.said), range(24, 11, -1))
    paragraphs = []
    for kind, words in block.said:
        sign, role = SIGNS.get(kind, SIGNS["note"])
        paragraphs.append([Run(f"{sign} ", size, True, role), Run(words, size)])
    put(pen.slide, box, paragraphs, pen.lang, pen.name, spacing=size * 0.5)


def picture(slide: Any, png: bytes, box: Box, name: str, words: str) -> Box:
    """A picture as large as a box lets, in its own proportions. words: what it shows, for those who cannot see it.
    Returns where it stands."""
    wide, tall = Image.from_blob(png).size
    scale = min(box.w / wide, box.h / tall)
    w, h = wide * scale, tall * scale
    made = slide.shapes.add_picture(
        io.BytesIO(png), Inches(box.x), Inches(box.y + (box.h - h) / 2), Inches(w), Inches(h)
    )
    made.name = name
    made._element.nvPicPr.cNvPr.set("descr", words)
    return Box(box.x, box.y, w, box.h)


def tag(slide: Any, words: str, box: Box, lang: str) -> None:
    """A small frame with words, e.g. that the data is made up."""
    frame = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *box.emu)
    frame.name = "demo"
    unstyled(frame)
    frame.fill.background()
    paint(frame.line.color, "hairline")
    frame.line.width = Pt(0.75)
    fill_frame(frame.text_frame, [[Run(words, 10.5, role="text")]], lang, align="center", anchor="middle")
