"""Where the blocks of a panel stand on its slide."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from briefing import charts, measure, shapes, tables
from briefing.ink import Box, Run, put
from briefing.natives.blocks import Bars, Block, Lines, Picture, Scatter, Sentences, Table, Tiles
from components.words import text

log = logging.getLogger("citydeck.briefing")
GAP = 0.35
CAPTION = 0.24


def compose(slide: Any, blocks: Sequence[Block], box: Box, lang: str, panel: str, picture: Callable[[], bytes] | None,
            link: str) -> None:  # fmt: skip
    """Blocks in a box, side by side where charts or pictures are among them, else under each other."""
    png, why = _pictured(blocks, panel, picture)
    told = [block.instead if isinstance(block, Picture) and png is None else block for block in blocks]
    body = Box(box.x, box.y, box.w, box.h - CAPTION)
    captions = [text(why, lang)] if why else []
    for n, (block, place) in enumerate(zip(told, places(told, body), strict=True)):
        name = f"{panel} {n + 1}"
        more = 0
        match block:
            case Picture():
                assert png is not None
                shapes.picture(slide, png, place, name, text(panel, lang))
            case Bars():
                charts.bars(slide, block, place, lang, _named(name, [one.column for one in block.series]))
                more = block.more
            case Lines():
                charts.curves(slide, block, place, lang, _named(name, [one.column for one in block.series]))
            case Scatter():
                charts.scatter(slide, block, place, lang, _named(name, [one.column for one in block.curves]))
            case Table():
                more = tables.table(slide, block, place, lang, _named(name, [one.name for one in block.columns]))
            case Tiles():
                shapes.tiles(slide, block, place, lang, name)
            case Sentences():
                shapes.sentences(slide, block, place, lang, name)
        if more:
            captions.append(text("slide.more", lang, n=more))
    if captions:
        words = measure.cut(" · ".join(captions), box.w, 10)
        run = Run(words, 10, role="line" if not why else "muted", link=link)
        put(
            slide,
            Box(box.x, box.y + box.h - CAPTION + 0.03, box.w, CAPTION - 0.04),
            [[run]],
            lang,
            f"{panel} more",
        )


def _named(name: str, columns: Sequence[str]) -> str:
    """The name of a shape says which columns of the panel's data it draws, in the order of its series."""
    return f"{name}: {', '.join(columns)}"


def _pictured(blocks: Sequence[Block], panel: str, picture: Callable[[], bytes] | None) -> tuple[bytes | None, str]:
    """The picture, and the key of the words that say why there is none."""
    if not any(isinstance(block, Picture) for block in blocks):
        return None, ""
    if picture is None:
        return None, "slide.no_chromium"
    try:
        return picture(), ""
    except Exception:
        log.exception("no picture of %s", panel)
        return None, "slide.no_picture"


def places(blocks: Sequence[Block], box: Box) -> list[Box]:
    """A box for each block."""
    n = len(blocks)
    if n <= 1:
        return [box] * n
    if any(isinstance(block, Bars | Lines | Picture | Scatter) for block in blocks):
        shares = [_share(block) for block in blocks]
        across = box.w - GAP * (n - 1)
        made, left = [], box.x
        for share in shares:
            wide = across * share / sum(shares)
            made.append(Box(left, box.y, wide, box.h))
            left += wide + GAP
        return made
    weights = [_weight(block) for block in blocks]
    tall = box.h - GAP * 0.6 * (n - 1)
    made, top = [], box.y
    for weight in weights:
        share = tall * weight / sum(weights)
        made.append(Box(box.x, top, box.w, share))
        top += share + GAP * 0.6
    return made


def _share(block: Block) -> float:
    """How wide a block wants to be beside others."""
    return 1.3 if isinstance(block, Picture | Scatter) else 0.7 if isinstance(block, Tiles) else 1.0


def _weight(block: Block) -> float:
    """How much room a block wants beside others, in rows of a table."""
    match block:
        case Table():
            return len(block.columns[0].cells) + 2.5 if block.columns else 3
        case Sentences():
            return len(block.said) * 1.5 + 0.5
        case Tiles():
            return 6
    return 8
