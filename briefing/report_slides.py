"""An archived report as slides: its sentences, and what stood in it as native charts, tables and tiles of the frames
that were kept. Nothing is asked anew, so that a file made years later says the same."""

import logging
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any

from briefing import measure, notes
from briefing.composing import Stage, compose
from briefing.ink import Run
from briefing.letter import link as address
from briefing.natives import native
from briefing.natives.blocks import Block, Column, Picture, Sentences, Table, Tile, Tiles
from briefing.natives.cells import plain
from briefing.pictures import page_path, permalink
from briefing.reports import EVIDENCE
from briefing.slide_frame import BODY, TITLE, blank_show, cover, foot, headed, properties
from components.panel import Answer, Measured, panels
from components.view import View
from components.words import days, moment, text
from data_access import reports
from data_access.kept_frames import reopened
from data_access.reports import Issue, Part

log = logging.getLogger("citydeck.briefing")
ROWS = 10  # sentences on a slide at most
SHORT = 20  # points in which a title takes two lines at most
Draw = Callable[[int], bytes]  # the picture of a part by its place


def deck(issue: Issue, *, lang: str, origin: str, picture: Draw | None = None) -> bytes:
    """A PPTX file of an issue's newest text: a cover, what stands on top, and for each section its sentences and a
    slide for each panel that it shows. A panel's title is the weightiest sentence whose numbers are its own; its name
    where there is none.

    picture: makes a PNG of an archived figure that has no native form, of its part's place; None where no browser
    can. origin: where the cockpit is reached ('http://host:port'), for the links."""
    made = _Making(issue, lang, origin, picture)
    made.cover()
    made.top()
    for section in issue.about["sections"]:
        made.section(section["name"], section[lang])
    out = BytesIO()
    made.show.save(out)
    return out.getvalue()


class _Making:
    def __init__(self, issue: Issue, lang: str, origin: str, picture: Draw | None) -> None:
        self.issue, self.lang, self.origin, self.picture = issue, lang, origin, picture
        self.said: Sequence[Mapping[str, Any]] = issue.text.content.get(lang, [])
        told = reports.parts(issue.key, lang)
        self.parts = [(place, part) for place, part in told if part.shown.get("kind", "none") != "none"]
        self.demo = text("app.demo", lang) if issue.about.get("demo") else ""
        self.link = address(issue, origin)
        self.titles = _titles(self.said, self.parts, {part.panel: part for _, part in told}.get(EVIDENCE))
        self.show = blank_show()
        properties(self.show, issue.title(lang), lang, issue.made_at)

    def cover(self) -> None:
        issue, lang = self.issue, self.lang
        lines = [
            f"{issue.numbered(lang)} · {text(f'report.{issue.text.state}', lang)}",
            text("report.covers", lang, days=days(issue.covers_from, issue.covers_to)),
            text("report.at", lang, at=moment(issue.asked_at, lang, year=True)),
            text("report.made", lang, at=moment(issue.made_at, lang, year=True)),
        ]
        runs = [[Run(lines[0], 20, True)], *([Run(words, 16, role="muted")] for words in lines[1:])]
        slide = cover(self.show, lang, issue.title(lang), runs, self.demo)
        notes.write(slide, [issue.title(lang), *lines, self.link, f"SHA-256 {issue.hash}"], lang)

    def top(self) -> None:
        if some := reports.on_top(self.said):
            self._sentences(text("report.on_top", self.lang), self.issue.title(self.lang), some)

    def section(self, name: str, title: str) -> None:
        """The sentences of a section, then what it shows; what it could not show is said with the sentences."""
        here = [(place, part) for place, part in self.parts if part.section == name]
        blank = [
            {"tone": "note", "text": f"{part.shown['title']} · {part.shown['words']}"}
            for _, part in here
            if part.shown["kind"] == "blank"
        ]
        said = [one for one in self.said if one["section"] == name] + blank
        slides = -(-len(said) // ROWS)
        for n in range(slides):  # as many on each, or nearly so
            some = said[len(said) * n // slides : len(said) * (n + 1) // slides]
            self._sentences(title, title, some)
        for place, part in here:
            if part.shown["kind"] != "blank":
                self._part(title, place, part)

    def _sentences(self, title: str, section: str, some: Sequence[Mapping[str, Any]]) -> None:
        slide = headed(self.show, self.lang, title, page=section, scope=self._scope(), demo=self.demo)
        compose(
            Stage(slide, self.lang, "sentences", None, self.link),
            [Sentences([(one["tone"], one["text"]) for one in some])],
            BODY,
        )
        described = self._described()
        foot(slide, described, self.link, self.lang)
        notes.write(slide, [title, *(one["text"] for one in some), "", self.link], self.lang)

    def _scope(self) -> str:
        return " · ".join((self.issue.about["area"][self.lang], days(self.issue.covers_from, self.issue.covers_to)))

    def _described(self) -> dict[str, Any]:
        """What the foot of a slide of sentences says."""
        covers = days(self.issue.covers_from, self.issue.covers_to)
        return {
            "area": {"name": self.issue.about["area"][self.lang]},
            "note": self.issue.numbered(self.lang),
            "definitions": [],
            "period": {"words": covers},
            "compare": next((part.meta["compare"] for _, part in self.parts if part.meta.get("compare")), None),
            "as_of": self.issue.asked_at.isoformat(),
            "source": {},
            "demo": self.demo,
        }

    def _part(self, section: str, place: int, part: Part) -> None:
        lang, described = self.lang, dict(part.meta)
        name = part.shown.get("panel", part.panel)
        link = self.link
        if name in panels:  # the screen as it was then
            link = permalink(self.origin, page_path(name), View.from_search(part.search).to(lang=lang, theme="light"))
        title = self.titles.get(place) or part.shown["title"]
        scope = " · ".join(w for w in (part.shown["title"], self._scope()) if w)
        slide = headed(self.show, lang, title, page=section, scope=scope, demo=self.demo)
        draw = self.picture
        stage = Stage(slide, lang, name, None if draw is None else lambda: draw(place), link)
        compose(stage, self._blocks(name, part), BODY)
        foot(slide, described, link, lang)
        notes.write(slide, notes.told(title, described, link, lang), lang)

    def _blocks(self, name: str, part: Part) -> list[Block]:
        shown = part.shown
        if shown["kind"] == "tiles":
            return [Tiles([_tile(one, self.lang) for one in shown["tiles"]])]
        if shown["kind"] == "table":
            return [_table(shown)]
        answer = _answer(part)
        try:
            return native(panels[name], answer, self.lang)
        except Exception:  # the panel is no more, or draws otherwise than when the frame was kept
            log.info("%s of report %s has no native form any more", name, self.issue.key, exc_info=True)
            table = next(block for block in plain(answer, self.lang) if isinstance(block, Table))
            return [Picture(table)]


def _titles(
    said: Sequence[Mapping[str, Any]], parts: Sequence[tuple[int, Part]], evidence: Part | None
) -> dict[int, str]:
    """place -> the weightiest sentence that rests on the part, as people left it, where it is short enough; each
    sentence stands once."""
    if evidence is None:
        return {}
    frame = reopened(evidence.frame)
    rests = set(zip(frame["sentence"].tolist(), frame["panel"].tolist(), strict=True))
    short = (one for one in said if measure.inches(one["text"], SHORT) <= 2 * TITLE.w)
    left = sorted(short, key=lambda one: -one.get("weight", 0))
    found: dict[int, str] = {}
    for place, part in parts:
        one = next((one for one in left if (one["id"], part.panel) in rests), None)
        if one is not None:
            found[place] = one["text"]
            left.remove(one)
    return found


def _answer(part: Part) -> Answer:
    """What the panel answered then, as far as it was kept: the frame, what it measured."""
    first = next(iter(part.meta.get("definitions", ())), {})
    facts: dict[str, Any] = {"unit": first.get("unit", ""), "ratio": first.get("percent", False)}
    return Answer(reopened(part.frame), tuple(Measured(**one) for one in part.measured), facts)


def _tile(one: Mapping[str, Any], lang: str) -> Tile:
    note = text("ranking.few", lang) if one["few"] else ""
    return Tile(one["name"], one["value"], one["unit"], one["change"], "level", one["parts"], note, one["off"])


def _table(shown: Mapping[str, Any]) -> Table:
    columns = [
        Column(head["words"], head["words"], [row[n]["t"] for row in shown["rows"]], right=head["number"])
        for n, head in enumerate(shown["head"])
    ]
    return Table("", columns, more=shown.get("more", 0))
