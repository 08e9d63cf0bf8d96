"""Slides of panels: native charts, tables and tiles of the very frames that the screens draw and /data gives."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import pandas as pd
from pptx import Presentation
from pptx.util import Emu, Inches

from briefing import measure, notes
from briefing.composing import Stage, compose
from briefing.findings import headline
from briefing.ink import Box, Run, fill_frame, put, rule, themed
from briefing.natives import native
from briefing.natives.blocks import Sentences
from briefing.pictures import page_path, permalink
from briefing.shapes import tag
from components.panel import Answer, panels, place_of
from components.panel_data import meta
from components.view import View
from components.words import section, text
from data_access import clock
from data_access.settings import settings

log = logging.getLogger("citydeck.briefing")

WIDE, TALL, EDGE = 13.333, 7.5, 0.55  # inches
EYEBROW = Box(EDGE, 0.32, 9.6, 0.28)
TITLE = Box(EDGE, 0.66, WIDE - 2 * EDGE, 0.98)
BODY = Box(EDGE, 1.76, WIDE - 2 * EDGE, 4.70)
FOOT = Box(EDGE, 6.62, WIDE - 2 * EDGE - 2.5, 0.80)
ASIDE = Box(WIDE - EDGE - 2.4, 6.62, 2.4, 0.80)
DEMO = Box(WIDE - EDGE - 2.0, 0.30, 2.0, 0.30)
SMALL = 9.0  # points: the foot
TITLES = range(24, 15, -1)


@dataclass(frozen=True)
class Item:
    """A panel for an address: what one slide shows. panel: its name. search: '?area=...', '' for the plain page."""

    panel: str
    search: str = ""


def deck(
    items: Sequence[Item],
    *,
    lang: str,
    picture: Callable[[Item, str], bytes] | None = None,
    progress: Callable[[int, int], None] | None = None,
    titles: Mapping[int, str] | None = None,
    name: str = "",
    origin: str = "",
) -> bytes:
    """A PPTX file: a cover and a slide for each item.

    picture: makes a PNG of an item's panel alone (what is asked for is its second argument, 'png'); None where no
    browser can. An item whose picture fails gets its table and says so. progress: told (done, of) before each slide
    and at the end. titles: sentences of one's own, by the item's position, instead of its finding. name: the title of
    the deck. origin: where the cockpit is reached ('http://host:port'), for the links; the settings' own without.
    All slides are of one moment, that of the call, unless an item names its own. Raises KeyError for a panel that
    does not exist."""
    for item in items:
        panels[item.panel]
    now = clock.now().replace(second=0, microsecond=0)
    show = _blank_show()
    made = _Making(show, lang, picture, origin or _own_origin(), now, len(items))
    views = [_view(item, lang, now) for item in items]
    _cover(made, name or text("slide.deck", lang), views)
    for n, (item, view) in enumerate(zip(items, views, strict=True)):
        if progress:
            progress(n, len(items))
        _slide(made, item, view, (titles or {}).get(n, ""))
    if progress:
        progress(len(items), len(items))
    _properties(show, name or text("slide.deck", lang), lang, now)
    out = BytesIO()
    show.save(out)
    return out.getvalue()


@dataclass(frozen=True)
class _Making:
    show: Any
    lang: str
    picture: Callable[[Item, str], bytes] | None
    origin: str
    now: datetime
    of: int


def _own_origin() -> str:
    chosen = settings()
    return f"http://{chosen.host}:{chosen.port}"


def _view(item: Item, lang: str, now: datetime) -> View:
    """The view of an item, at a moment that is named: the link shows later what the slide shows."""
    view = View.from_search(item.search).to(lang=lang)
    return view.to(at=min(view.at, now) if view.at else now)


def _blank_show() -> Any:
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


def _titled(made: _Making, slide: Any, words: str, box: Box, sizes: range) -> None:
    """The slide's own title, so that outlines and readers of screens have it."""
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = box.emu
    size = measure.fitting(words, box.w, box.h, sizes, bold=True)
    fill_frame(shape.text_frame, [[Run(words, size, True)]], made.lang, anchor="top")


def _cover(made: _Making, name: str, views: Sequence[View]) -> None:
    lang = made.lang
    slide = made.show.slides.add_slide(made.show.slide_layouts.get_by_name("Title Only"))
    first = views[0] if views else View(lang=lang)  # type: ignore[arg-type]
    city = place_of(View())
    told = (
        [meta(panels["overview.situation"], first, Answer(frame=pd.DataFrame()))]
        if "overview.situation" in panels
        else []
    )
    where = city.label(lang) if city else ""
    _titled(made, slide, name, Box(EDGE + 0.35, 2.35, WIDE - 2 * EDGE - 0.35, 1.2), range(40, 23, -1))
    rule(slide, (EDGE, 2.40), (EDGE, 4.75), "mark", role="line", points=4)
    lines = [[Run(where, 20, True)]] if where else []
    periods = {(view.period, view.compare) for view in views}
    if told and len(periods) == 1:
        lines.append([Run(told[0]["period"]["words"], 16, role="muted")])
    lines.append([Run(text("slide.made", lang, at=made.now.strftime("%Y-%m-%d %H:%M")), 16, role="muted")])
    lines.append([Run(text("slide.contents", lang, n=made.of), 16, role="muted")])
    put(slide, Box(EDGE + 0.35, 3.62, 10.0, 1.3), lines, lang, "about", spacing=4)
    if told and told[0]["demo"]:
        tag(slide, told[0]["demo"], DEMO, lang)
    notes.write(slide, [name, where, text("slide.made", lang, at=made.now.strftime("%Y-%m-%d %H:%M"))], lang)


def _slide(made: _Making, item: Item, view: View, title: str) -> None:
    lang, panel = made.lang, panels[item.panel]
    slide = made.show.slides.add_slide(made.show.slide_layouts.get_by_name("Title Only"))
    try:
        answer = panel.answer(view)
        blocks = native(panel, answer, lang)
    except Exception:
        log.exception("a slide of %s failed, view %s", item.panel, view.search)
        answer, blocks = Answer(pd.DataFrame(), blank="none", note=text("state.failed", lang)), []
    described = meta(panel, view, answer)
    words = title or headline(panel, view, answer)
    link = permalink(made.origin, page_path(item.panel), view)
    page = section("page", lang).get(item.panel.partition(".")[0], "")
    heading = answer.facts.get("title") or panel.title(lang)
    scope = " · ".join(
        part for part in (heading, (described["area"] or {}).get("name", ""), described["period"]["words"]) if part
    )
    above = [Run(f"{page}  ", 12, True, "line"), Run(measure.cut(scope, 8.2, 12), 12, role="muted")]
    put(slide, EYEBROW, [above], lang, "scope")
    if described["demo"]:
        tag(slide, described["demo"], DEMO, lang)
    _titled(made, slide, words, TITLE, TITLES)
    stage = Stage(slide, lang, item.panel, _picture(made, Item(item.panel, view.to(theme="light").search)), link)
    if not blocks:
        blocks = [Sentences([("note", words) for words in _nothing(answer, lang)])]
    compose(stage, blocks, BODY)
    foot(slide, described, link, lang)
    notes.write(slide, notes.told(words, described, link, lang), lang)


def _picture(made: _Making, item: Item) -> Callable[[], bytes] | None:
    """What makes the picture of an item, None where nothing can."""
    draw = made.picture
    return None if draw is None else lambda: draw(item, "png")


def _nothing(answer: Answer, lang: str) -> list[str]:
    """Why a panel has nothing to show, in words."""
    state = answer.blank or "empty"
    return [text(f"state.{state}", lang), answer.note or text(f"state.{state}_hint", lang)]


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


def _properties(show: Any, name: str, lang: str, now: datetime) -> None:
    told = show.core_properties
    told.title, told.author, told.last_modified_by = name, "Citydeck", "Citydeck"
    told.language = {"zh": "zh-CN", "en": "en-US"}[lang]
    told.created = told.modified = now
    told.subject, told.keywords, told.comments = text("app.title", lang), "Citydeck", ""
    told.revision = 1
