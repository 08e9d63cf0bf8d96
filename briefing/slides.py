"""Slides of panels: native charts, tables and tiles of the very frames that the screens draw and /data gives."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import pandas as pd

from briefing import notes
from briefing.composing import Stage, compose
from briefing.findings import headline
from briefing.ink import Run
from briefing.natives import native
from briefing.natives.blocks import Sentences
from briefing.pictures import page_path, permalink
from briefing.slide_frame import BODY, blank_show, cover, foot, headed, properties
from components.panel import Answer, panels, place_of
from components.panel_data import meta
from components.view import View
from components.words import section, text
from data_access import clock
from data_access.settings import settings

log = logging.getLogger("citydeck.briefing")


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
    show = blank_show()
    made = _Making(show, lang, picture, origin or _own_origin(), now, len(items))
    views = [_view(item, lang, now) for item in items]
    _cover(made, name or text("slide.deck", lang), views)
    for n, (item, view) in enumerate(zip(items, views, strict=True)):
        if progress:
            progress(n, len(items))
        _slide(made, item, view, (titles or {}).get(n, ""))
    if progress:
        progress(len(items), len(items))
    properties(show, name or text("slide.deck", lang), lang, now)
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


def _cover(made: _Making, name: str, views: Sequence[View]) -> None:
    lang = made.lang
    first = views[0] if views else View(lang=lang)  # type: ignore[arg-type]
    city = place_of(View())
    told = (
        [meta(panels["overview.situation"], first, Answer(frame=pd.DataFrame()))]
        if "overview.situation" in panels
        else []
    )
    where = city.label(lang) if city else ""
    at = text("slide.made", lang, at=made.now.strftime("%Y-%m-%d %H:%M"))
    lines = [[Run(where, 20, True)]] if where else []
    periods = {(view.period, view.compare) for view in views}
    if told and len(periods) == 1:
        lines.append([Run(told[0]["period"]["words"], 16, role="muted")])
    lines.append([Run(at, 16, role="muted")])
    lines.append([Run(text("slide.contents", lang, n=made.of), 16, role="muted")])
    slide = cover(made.show, lang, name, lines, told[0]["demo"] if told else "")
    notes.write(slide, [name, where, at], lang)


def _slide(made: _Making, item: Item, view: View, title: str) -> None:
    lang, panel = made.lang, panels[item.panel]
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
    slide = headed(made.show, lang, words, page=page, scope=scope, demo=described["demo"])
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
