"""What every question of a page starts from: the place, the period and the moment of a View."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from components.panel import fills, moment_of, place_of
from components.view import View
from components.words import section
from data_access import coverage, hotline
from data_access.areas import Area
from data_access.flood import stations
from data_access.services import catalogue, halls
from data_access.where import MARKS, Where
from domain.periods import Base, Span


@dataclass(frozen=True)
class Resolved:
    """A View resolved against the clock and the city's places. base: None when nothing is to be compared with, or the
    data do not reach over it. known: what the page is about was loaded for some day of the span; what is asked of a
    span without any is missing, not zero."""

    view: View
    area: Area
    at: datetime
    span: Span
    base: Base | None
    known: bool

    @property
    def lang(self) -> str:
        return self.view.lang

    @property
    def before(self) -> datetime | None:
        """The moment that now is compared with."""
        return self.base.span.end if self.base else None

    @property
    def today(self) -> Span:
        """The as-of day so far."""
        return Span(self.midnight, self.at)

    @property
    def midnight(self) -> datetime:
        """The start of the as-of day."""
        return datetime.combine(self.at.date(), time.min)


@dataclass(frozen=True)
class Asked(Resolved):
    """The same of orders. where: those that the View's filters let through."""

    where: Where


class NoCity(LookupError):
    """There are no areas yet."""


def ask(view: View) -> Asked:
    """Raises NoCity when no areas are loaded."""
    return Asked(*resolved(view, ""), where(view))


def resolved(view: View, field: str) -> tuple[View, Area, datetime, Span, Base | None, bool]:
    """What Resolved holds of a view; field: what must be loaded of a domain (see coverage). Raises NoCity when no areas
    are loaded."""
    area = place_of(view)
    if area is None:
        raise NoCity("no areas are loaded")
    at = moment_of(view)
    base = view.base(at)
    if base is not None and not coverage.covers(base.span, field):
        base = None  # not loaded for all of it: there is nothing to compare with
    span = view.span(at)
    return view, area, at, span, base, coverage.known(span, field)


def where(view: View) -> Where:
    """The filters of a view; a mark that does not exist is none."""
    return Where(
        topic=view.topic,
        group=hotline.topics_of(view.group) if view.group else (),
        category=view.category,
        org=view.org,
        channel=view.channel,
        appeal_type=view.appeal,
        line=view.line,
        mark=view.mark if view.mark in MARKS else "",
        known=moment_of(view) if view.mark in MARKS else None,
    )


def given(view: View) -> frozenset[str]:
    """The fields that the sources fill in the view's period."""
    return coverage.given(view.span(moment_of(view)))


def tells(view: View | Resolved, *names: str) -> bool:
    """Whether the sources of the period fill all of these fields; where nothing is loaded, none is missed."""
    filled = given(view if isinstance(view, View) else view.view)
    return all(fills(filled, name) for name in names)


Name = tuple[str, str | None]  # Chinese, English where there is one
_CATEGORIES = ("group", "topic", "category")


def named(field: str, value: str, lang: str) -> str:
    """What the value of a filter is called; the value itself when nothing knows it."""
    if field in _CATEGORIES:
        return hotline.category_names(lang).get(value, value)
    if field == "org":
        zh, en = catalogue.departments().get(value, (value, None))
        return hotline.organisation_names(lang).get(value, zh if lang == "zh" else en or zh)
    if field == "station":
        one = stations.station(value)
        return one.label(lang) if one else value
    if name := _SERVICES.get(field):
        zh, en = name(value)
        return zh if lang == "zh" else en or zh
    return section(field, lang).get(value, value)


def _item(code: str) -> Name:
    return catalogue.item_names().get(code, (code, None))


def _matter(code: str) -> Name:
    return catalogue.theme_names().get(code, (code, None))


def _hall(code: str) -> Name:
    known = halls.places().get(code)
    return (known.name, known.name_en) if known else (code, None)


_SERVICES: dict[str, Callable[[str], Name]] = {"item": _item, "matter": _matter, "hall": _hall}
