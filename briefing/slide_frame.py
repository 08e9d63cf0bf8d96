"""What slides of all kinds have in common: their size, where things stand, the title, the foot."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pptx import Presentation
from pptx.util import Emu, Inches

from briefing import measure, notes
from briefing.ink import Box, Run, fill_frame, put, rule, themed
from briefing.shapes import tag
from components.words import text

WIDE, TALL, EDGE = 13.333, 7.5, 0.55  # inches
EYEBROW = Box(EDGE, 0.32, 9.6, 0.28)
TITLE = Box(EDGE, 0.66, WIDE - 2 * EDGE, 0.98)
BODY = Box(EDGE, 1.76, WIDE - 2 * EDGE, 4.70)
FOOT = Box(EDGE, 6.62, WIDE - 2 * EDGE - 2.5, 0.80)
ASIDE = Box(WIDE - EDGE - 2.4, 6.62, 2.4, 0.80)
DEMO = Box(WIDE - EDGE - 2.0, 0.30, 2.0, 0.30)
SMALL = 9.0  # points: the foot
TITLES = range(24, 15, -1)
COVER_TITLE = Box(EDGE + 0.35, 2.35, WIDE - 2 * EDGE - 0.35, 1.2)
COVER_TITLES = range(40, 23, -1)


def blank_show() -> Any:
    """An empty 16:9 file of the light theme with two layouts: a title alone, nothing."""
    show = Presentation()
    show.slide_width, show.slide_height = Inches(WIDE), Inches(TALL)
    themed(show)
    for layout in [one for one in show.slide_layouts if one.name not in ("Title Only", "Blank")]:
        show.slide_layouts.remove(layout)
    for owner in (show.slide_master, *show.slide_layouts):
        for shape in owner.placeholders:
            title = shape.placeholder_format.type in (1, 3)
            left, top = Emu(shape.left or 0).inches * WIDE / 10, Emu(shape.top or 0).inches
            box = TITLE if title else Box(left, top, 2.3, 0.3)
            shape.left, shape.top, shape.width, shape.height = box.emu
    return show


def cover(show: Any, lang: str, name: str, lines: Sequence[Sequence[Run]], demo: str) -> Any:
    """The first slide: the name of all, and lines under it. demo: what is said of data that is made up, or ''."""
    slide = show.slides.add_slide(show.slide_layouts.get_by_name("Title Only"))
    titled(slide, name, lang, COVER_TITLE, COVER_TITLES)
    rule(slide, (EDGE, 2.40), (EDGE, 4.75), "mark", role="line", points=4)
    put(slide, Box(EDGE + 0.35, 3.62, 10.0, 1.3), lines, lang, "about", spacing=4)
    if demo:
        tag(slide, demo, DEMO, lang)
    return slide


def headed(show: Any, lang: str, title: str, *, page: str, scope: str, demo: str) -> Any:
    """A slide with a sentence as its title; above it the page or section, and the scope."""
    slide = show.slides.add_slide(show.slide_layouts.get_by_name("Title Only"))
    above = [Run(f"{page}  ", 12, True, "line"), Run(measure.cut(scope, 8.2, 12), 12, role="muted")]
    put(slide, EYEBROW, [above], lang, "scope")
    if demo:
        tag(slide, demo, DEMO, lang)
    titled(slide, title, lang)
    return slide


def titled(slide: Any, words: str, lang: str, box: Box = TITLE, sizes: range = TITLES) -> None:
    """The slide's own title, so that outlines and readers of screens have it."""
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = box.emu
    size = measure.fitting(words, box.w, box.h, sizes, bold=True)
    fill_frame(shape.text_frame, [[Run(words, size, True)]], lang, anchor="top")


def foot(slide: Any, described: dict[str, Any], link: str, lang: str) -> None:
    """Scope, definitions with their numbers, period, comparison, moment, source with its age, and the link."""
    rule(slide, (EDGE, FOOT.y - 0.07), (WIDE - EDGE, FOOT.y - 0.07), "foot line")
    lines = notes.foot_lines(described, lang)
    paragraphs = [_labelled(line, FOOT.w) for line in lines]
    if not described["source"].get("name"):
        paragraphs.append([])
    label = f"{'    ' if paragraphs[-1] else ''}{text('slide.link', lang)} "
    used = sum(measure.inches(run.words, SMALL) for run in paragraphs[-1]) + measure.inches(label, SMALL)
    address = measure.cut(link, max(FOOT.w - used, 1.0), SMALL)
    paragraphs[-1] += [Run(label, SMALL, role="grey"), Run(address, SMALL, role="line", link=link)]
    put(slide, FOOT, paragraphs, lang, "foot")
    place = (described["area"] or {}).get("name", "")
    aside = [[Run(words, SMALL, role="grey")] for words in (place, described["demo"]) if words]
    aside.append([Run("‹#›", SMALL, field="slidenum")])
    put(slide, ASIDE, aside, lang, "page", align="right")


def _labelled(line: Sequence[tuple[str, str]], width: float) -> list[Run]:
    """Label and words in pairs on one line; the last words give way where the line is too long."""
    runs: list[Run] = []
    left = width
    for label, words in line:
        head = f"{label} " if not runs else f"    {label} "
        left -= measure.inches(head, SMALL)
        if left < 0.4:
            break
        said = measure.cut(words, left, SMALL)
        left -= measure.inches(said, SMALL)
        runs += [Run(head, SMALL, role="grey"), Run(said, SMALL, role="muted")]
    return runs


def properties(show: Any, name: str, lang: str, now: datetime) -> None:
    told = show.core_properties
    told.title, told.author, told.last_modified_by = name, "Citydeck", "Citydeck"
    told.language = {"zh": "zh-CN", "en": "en-US"}[lang]
    told.created = told.modified = now
    told.subject, told.keywords, told.comments = text("app.title", lang), "Citydeck", ""
    told.revision = 1
