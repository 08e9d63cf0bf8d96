"""What can be asked for as an export, and how each is made: a panel or a page as a picture, a page as PDF, a
briefing as slides or PDF, an archived report as slides."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from dash import page_registry
from pydantic import BaseModel, Field

from briefing import chromium, pictures, report_slides, sheets
from briefing.chromium import NoBrowser, NotDrawn, Window
from briefing.jobs import Failed, Job, TooLate
from briefing.letter import subject
from briefing.pictures import TooLarge
from briefing.slides import Item, deck
from components.panel import panels
from components.words import text
from data_access import reports

MOST_PIXELS = 150_000_000
SLIDE_PICTURE = (880, 338)  # CSS pixels: the body of a slide, an inch as 72 of them
Search = Annotated[str, Field(max_length=2000)]
Wide = Annotated[int, Field(ge=200, le=12_000)]
High = Annotated[int, Field(ge=120, le=8_000)]
Scale = Annotated[float, Field(ge=1, le=4)]


class _Wish(BaseModel, frozen=True, extra="forbid"):
    lang: Literal["zh", "en"] = "zh"

    @property
    def wrong(self) -> str:
        """Why it cannot be made, in words; '' when it can."""
        return ""


class PanelPicture(_Wish, frozen=True):
    """A panel as PNG. Without a size that of a slide of 16:9."""

    make: Literal["panel-png"]
    panel: str
    search: Search = ""
    width: Wide = pictures.SLIDE[0]
    height: High = pictures.SLIDE[1]
    scale: Scale = 2
    theme: Literal["light", "dark"] = "light"

    @property
    def wrong(self) -> str:
        return _unknown(self.panel, self.lang) or _large(self.width, self.height, self.scale, self.lang)

    def work(self, job: Job, origin: str) -> None:
        job.said(0, 1, text("exporting.drawing", self.lang))
        made = pictures.panel_png(
            self.panel,
            self.search,
            size=(self.width, self.height),
            scale=self.scale,
            theme=self.theme,
            base=origin,
            still=job.still,
            seconds=min(job.seconds, pictures.READY_SECONDS),
        )
        job.keep(made.name, made.content)


class PagePicture(_Wish, frozen=True):
    """A page as PNG or PDF, in the window in which it is seen."""

    make: Literal["page-png", "page-pdf"]
    path: Annotated[str, Field(max_length=100)]
    search: Search = ""
    width: Wide = 1920
    height: High = 1080
    scale: Scale = 1

    @property
    def wrong(self) -> str:
        known = any(page["path"] == self.path for page in page_registry.values())
        if not known:
            return text("exporting.e_page", self.lang)
        return _large(self.width, self.height, self.scale, self.lang)

    def work(self, job: Job, origin: str) -> None:
        job.said(0, 1, text("exporting.drawing", self.lang))
        page = next(page for page in page_registry.values() if page["path"] == self.path)
        draw = pictures.page_png if self.make == "page-png" else pictures.page_pdf
        made = draw(
            self.path,
            self.search,
            title=text(f"page.{page['name']}", self.lang) if page.get("nav") else str(page["name"]),
            window=Window(self.width, self.height, self.scale),
            base=origin,
            still=job.still,
            seconds=min(job.seconds, pictures.READY_SECONDS),
        )
        job.keep(made.name, made.content)


class Slide(BaseModel, frozen=True, extra="forbid"):
    """A panel for an address, with a sentence of one's own or '' for its finding."""

    panel: Annotated[str, Field(max_length=80)]
    search: Search = ""
    title: Annotated[str, Field(max_length=300)] = ""


class Briefing(_Wish, frozen=True):
    """Panels as slides: PPTX whose charts can be edited, or PDF."""

    make: Literal["deck-pptx", "deck-pdf"]
    items: Annotated[list[Slide], Field(min_length=1, max_length=60)]
    name: Annotated[str, Field(max_length=120)] = ""

    @property
    def wrong(self) -> str:
        return next((why for one in self.items if (why := _unknown(one.panel, self.lang))), "")

    def work(self, job: Job, origin: str) -> None:
        title = self.name or text("exporting.briefing", self.lang)
        if self.make == "deck-pdf":
            slides = [(one.panel, one.search, one.title) for one in self.items]
            content = sheets.pdf(slides, lang=self.lang, base=origin, still=job.still, said=self._said(job))
            job.keep(f"{title}.pdf", content)
            return
        content = deck(
            [Item(one.panel, one.search) for one in self.items],
            lang=self.lang,
            picture=self._picture(job) if chromium.executable() else None,
            progress=self._said(job),
            titles={n: one.title for n, one in enumerate(self.items) if one.title},
            name=title,
            origin=origin,
        )
        job.keep(f"{title}.pptx", content)

    def _said(self, job: Job) -> Callable[[int, int], None]:
        return lambda done, of: job.said(done, of, text("exporting.slides", self.lang, done=done, of=of))

    def _picture(self, job: Job) -> Callable[[Item, str], bytes]:
        def picture(item: Item, _kind: str) -> bytes:
            return pictures.panel_png(
                item.panel,
                item.search,
                size=SLIDE_PICTURE,
                scale=3,
                still=job.still,
                seconds=min(job.seconds, pictures.READY_SECONDS),
                bare=True,
            ).content

        return picture


class ReportSlides(_Wish, frozen=True):
    """An archived report as slides, by its key."""

    make: Literal["report-pptx"]
    report: Annotated[str, Field(max_length=80)]

    @property
    def wrong(self) -> str:
        return "" if reports.issue(self.report) else text("report.unknown", self.lang)

    def work(self, job: Job, origin: str) -> None:
        job.said(0, 1, text("exporting.drawing", self.lang))
        issue = reports.issue(self.report)
        assert issue is not None  # nothing is ever taken out of the archive

        def picture(place: int) -> bytes:
            seconds = min(job.seconds, pictures.READY_SECONDS)
            return pictures.archived_png(self.report, place, self.lang, still=job.still, seconds=seconds)

        drawn = picture if chromium.executable() else None
        content = report_slides.deck(issue, lang=self.lang, origin=origin, picture=drawn)
        job.keep(f"{subject(issue, self.lang)}.pptx", content)


Wish = Annotated[PanelPicture | PagePicture | Briefing | ReportSlides, Field(discriminator="make")]


def _unknown(panel: str, lang: str) -> str:
    return "" if panel in panels else text("solo.unknown", lang, name=panel[:60])


def _large(width: int, height: int, scale: float, lang: str) -> str:
    return text("exporting.e_large", lang) if width * height * scale**2 > MOST_PIXELS else ""


def explained(error: BaseException, lang: str) -> str:
    """Why an export was not made, for the person who asked for it."""
    names = ("、" if lang == "zh" else ", ").join
    said: dict[type[BaseException], Callable[[Any], str]] = {
        NoBrowser: lambda _: text("exporting.e_browser", lang),
        TooLarge: lambda e: text("exporting.e_scale", lang, most=f"{max(e.most, 1):g}"),
        TooLate: lambda _: text("exporting.e_time", lang),
        Failed: str,
        NotDrawn: lambda e: text(f"exporting.e_{e.why}", lang, panels=names(e.panels) or "—"),
    }
    told = next((words for kind, words in said.items() if isinstance(error, kind)), None)
    return told(error) if told else text("exporting.e_other", lang)
