"""Where the blocks of a panel stand on its slide."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from briefing import measure, shapes, tables
from briefing.charts import bars, curves
from briefing.ink import Box, Pen, Run, put
from briefing.natives.blocks import Bars, Block, Lines, Picture, Scatter, Sentences, Table, Tiles
from components.words import text

log = logging.getLogger("citydeck.briefing")
GAP = 0.35
CAPTION = 0.24
WIDE = 5  # columns of a table that wants the whole width


@dataclass(frozen=True)
class Stage:
    """What blocks are put on: the slide, its language, the panel, how its picture is made (None: it cannot be), and the
    link to where all of it is."""

    slide: Any
    lang: str
    panel: str
    picture: Callable[[], bytes] | None
    link: str


def compose(stage: Stage, blocks: Sequence[Block], box: Box) -> None:
    """Blocks in a box, side by side where charts or pictures are among them, else under each other."""
    png, why = _pictured(blocks, stage)
    told = [block.instead if isinstance(block, Picture) and png is None else block for block in blocks]
    body = Box(box.x, box.y, box.w, box.h - CAPTION)
    captions = [text(why, stage.lang)] if why else []
    for n, (block, place) in enumerate(zip(told, places(told, body), strict=True)):
        more = _drawn(stage, block, place, f"{stage.panel} {n + 1}", png)
        if more:
            captions.append(text("slide.more", stage.lang, n=more))
    if captions:
        words = measure.cut(" · ".join(captions), box.w, 10)
        run = Run(words, 10, role="line" if not why else "muted", link=stage.link)
        foot = Box(box.x, box.y + box.h - CAPTION + 0.03, box.w, CAPTION - 0.04)
        put(stage.slide, foot, [[run]], stage.lang, f"{stage.panel} more")


def _drawn(stage: Stage, block: Block, place: Box, name: str, png: bytes | None) -> int:
    """A block in its place. Returns how many rows of the frame are not shown."""

    def pen(columns: Sequence[str] = ()) -> Pen:
        return Pen(stage.slide, stage.lang, _named(name, columns) if columns else name)

    match block:
        case Picture():
            assert png is not None
            shapes.picture(stage.slide, png, place, name, text(stage.panel, stage.lang))
        case Bars():
            bars.bars(pen([one.column for one in block.series]), block, place)
            return block.more
        case Lines():
            curves.curves(pen([one.column for one in block.series]), block, place)
        case Scatter():
            curves.scatter(pen([one.column for one in block.curves]), block, place)
        case Table():
            return tables.table(pen([one.name for one in block.columns]), block, place)
        case Tiles():
            shapes.tiles(pen(), block, place)
        case Sentences():
            shapes.sentences(pen(), block, place)
    return 0


def _named(name: str, columns: Sequence[str]) -> str:
    """The name of a shape says which columns of the panel's data it draws, in the order of its series."""
    return f"{name}: {', '.join(columns)}"


def _pictured(blocks: Sequence[Block], stage: Stage) -> tuple[bytes | None, str]:
    """The picture, and the key of the words that say why there is none."""
    if not any(isinstance(block, Picture) for block in blocks):
        return None, ""
    if stage.picture is None:
        return None, "slide.no_chromium"
    try:
        return stage.picture(), ""
    except Exception:
        log.exception("no picture of %s", stage.panel)
        return None, "slide.no_picture"


def places(blocks: Sequence[Block], box: Box) -> list[Box]:
    """A box for each block."""
    n = len(blocks)
    if n <= 1:
        return [box] * n
    if isinstance(blocks[0], Table) and len(blocks[0].columns) > WIDE and isinstance(blocks[1], Bars):
        tall = tables.height(blocks[0])
        below = Box(box.x, box.y + tall + GAP, box.w, box.h - tall - GAP)
        return [Box(box.x, box.y, box.w, tall), below]
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
