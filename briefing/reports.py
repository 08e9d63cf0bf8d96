"""Making a report: its panels are asked at one moment, its rules say what they show, and all goes to the archive."""

import gzip
import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

import pandas as pd

from briefing.rules import RULES
from briefing.schedule import covered
from briefing.sentences import Asked, Context, Sentence, as_text, evidence_frame, phrase
from briefing.shown import shown
from briefing.templates import Loaded, Section, Shown
from components.panel import outside, panels
from components.panel_data import meta
from components.view import View
from components.words import days, text
from data_access import coverage, reports, shapes
from data_access.areas import Area, tree
from data_access.kept_frames import kept, plain
from data_access.reports import Draft, Part
from domain.workdays import is_workday

log = logging.getLogger("citydeck.reports")
Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
EVIDENCE = "evidence"
_SHAPES = re.compile(r"/shapes/(?P<parent>[^/]+)-(?P<digest>[0-9a-f]+)\.json")


class NoCity(RuntimeError):
    """There are no areas yet, so nothing to report of."""


@dataclass(frozen=True)
class Period:
    """What a report covers, [start, end), and the moment its panels are asked at."""

    start: datetime
    end: datetime
    at: datetime

    @property
    def words(self) -> str:
        """As a View has it."""
        return f"{self.start:%Y-%m-%d}..{self.end - timedelta(days=1):%Y-%m-%d}"


def period_of(loaded: Loaded, when: datetime, *, workdays: bool = False) -> Period:
    """Of a report of a moment; never later than now."""
    start, end = covered(loaded.template.covers, when, workdays=workdays)
    return Period(start, end, min(when, outside().now()).replace(second=0, microsecond=0))


def moment_of_day(loaded: Loaded, day: datetime) -> datetime:
    """The moment of a day that a template speaks of, or now where that is still to come."""
    return min(datetime.combine(day.date(), time.fromisoformat(loaded.template.at)), outside().now())


def make(loaded: Loaded, period: Period, *, lang: str, late: bool = False) -> Draft:
    """The report, not kept yet. Raises NoCity."""
    template = loaded.template
    area = tree().get(template.area) or tree().root
    if area is None:
        raise NoCity("there are no areas yet: load the city's areas first")
    sides = {one: _Side(loaded, period, area, one) for one in LANGS}
    assets: dict[str, str] = {}
    parts = [
        Part(part.lang, part.section, part.panel, part.search, _kept_shapes(part.shown, assets), part.frame,
             part.measured, part.meta)
        for side in sides.values()
        for part in side.parts
    ]  # fmt: skip
    made_at = outside().now().replace(microsecond=0)
    return Draft(
        kind=loaded.kind,
        covers_from=period.start,
        covers_to=period.end,
        at=period.at,
        made_at=made_at,
        late=late,
        lang=lang,
        template=loaded.digest,
        about=_about(loaded, period, area),
        parts=parts,
        content={one: [as_text(s) for s in side.sentences] for one, side in sides.items()},
        state="released" if template.release == "auto" else "draft",
        assets=assets,
    )


def _about(loaded: Loaded, period: Period, area: Area) -> dict[str, Any]:
    template, end = loaded.template, period.end - timedelta(days=1)
    fields = {"from": f"{period.start:%Y-%m-%d}", "to": f"{end:%Y-%m-%d}"}
    return {
        "title": {one: getattr(template.title, one).format(city=area.label(one), **fields) for one in LANGS},
        "numbering": {one: getattr(template.numbering, one) for one in LANGS},
        "area": {one: area.label(one) for one in LANGS},
        "covers": template.covers,
        "compare": template.compare,
        "sections": [{"name": s.name, **{one: getattr(s.title, one) for one in LANGS}} for s in template.sections],
        "demo": outside().demo(),
        "data_version": outside().version(),
        "template": loaded.text,
    }


class _Side:
    """The report in one language: its parts in order, and its sentences."""

    def __init__(self, loaded: Loaded, period: Period, area: Area, lang: Lang) -> None:
        self.loaded, self.period, self.area, self.lang = loaded, period, area, lang
        self.view = View(area="" if area.parent is None else area.code, period=period.words, at=period.at, lang=lang,
                         theme="light", compare=loaded.template.compare)  # fmt: skip
        self.parts: list[Part] = []
        self.sentences: list[Sentence] = []
        sections = loaded.template.sections
        asked = {
            one.called: found
            for section in sections
            for one in section.panels
            if (found := self._asked(section, one)) is not None
        }
        context = self._context(asked)
        for section in sections:
            self._said(section, context)
        for name, frame in context.own.items():
            self._own(name, frame)
        self._own(EVIDENCE, evidence_frame(self.sentences))

    def _context(self, asked: Mapping[str, Asked]) -> Context:
        span, base = self.view.span(self.period.at), self.view.base(self.period.at)
        base = base if base is not None and coverage.covers(base.span, "") else None
        covers = self.loaded.template.covers
        plain_day = covers != "day" or self.period.end - self.period.start == timedelta(days=1)
        against = text(f"report_against.{covers if plain_day and self.view.compare == 'mom' else 'other'}", self.lang)
        worked = [self._worked(one.first_day, one.last_day) for one in (span, base.span)] if base else []
        unlike = len(set(worked)) > 1
        return Context(self.lang, self.area, self.period.at, span, base, against, unlike, parts=asked)

    @staticmethod
    def _worked(first: date, last: date) -> bool | None:
        """Whether all of a few days were worked or free; None: some of both."""
        found = {is_workday(first + timedelta(days=n)) for n in range((last - first).days + 1)}
        return found.pop() if len(found) == 1 else None

    def _asked(self, section: Section, entry: Shown) -> Asked | None:
        """A panel's answer, kept as a part; None when it could not be had, which is said."""
        asked, view = panels[entry.panel], self.view.to(**entry.view)
        try:
            answer = asked.answer(view)
            part = Part(
                self.lang,
                section.name,
                entry.called,
                view.to(theme="dark").search,
                {"panel": entry.panel} | shown(entry, asked, answer, self.lang),
                kept(answer.frame),
                [{name: plain(value) for name, value in vars(m).items()} for m in answer.measured],
                _json(meta(asked, view, answer)),
            )
        except Exception:
            log.exception("panel %s of report %s failed", entry.panel, self.loaded.kind)
            title = getattr(entry.title, self.lang) if entry.title else asked.title(self.lang)
            told = phrase("failed", self.lang, name=title)
            self.sentences.append(Sentence(f"{section.name}.failed.{entry.called}", section.name, "bad", 0, told))
            return None
        self.parts.append(part)
        return Asked(entry.called, view, answer)

    def _said(self, section: Section, context: Context) -> None:
        context.section = section.name
        for options in section.rules:
            try:
                found = RULES[options["rule"]](context, options)
            except Exception:
                log.exception("rule %s of report %s failed", options["rule"], self.loaded.kind)
                continue
            known = {one.id for one in self.sentences}
            self.sentences += [one for one in found if one.id not in known]

    def _own(self, name: str, frame: pd.DataFrame) -> None:
        self.parts.append(Part(self.lang, "", name, self.view.search, {"kind": "none"}, kept(frame)))


def _json(value: Any) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False, default=str))


def _kept_shapes(told: Mapping[str, Any], assets: dict[str, str]) -> dict[str, Any]:
    """The same with addresses of shapes in the archive instead of those that change with the city; `assets` gets what
    they name."""

    def moved(found: re.Match[str]) -> str:
        content = shapes.shapes(found["parent"], found["digest"])
        if content is None:
            return found[0]
        plain_text = _unpacked(content)
        digest = hashlib.sha256(plain_text.encode()).hexdigest()
        assets[digest] = plain_text
        return f"/reports/shapes/{digest}.json"

    return json.loads(_SHAPES.sub(moved, json.dumps(told, ensure_ascii=False)))


def _unpacked(content: bytes) -> str:
    return (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode()


def publish(loaded: Loaded, period: Period, *, lang: str, late: bool = False, claim: str = "", worker: str = "") -> str:
    """Make a report and keep it; its key. claim, worker: see data_access.reports.archive."""
    draft = make(loaded, period, lang=lang, late=late)
    key = reports.archive(draft, period=claim, worker=worker)
    log.info("report %s made, of %s", key, days(period.start, period.end))
    return key
