"""What every question of a page starts from: the place, the period and the moment of a View."""

from dataclasses import dataclass
from datetime import datetime, time

from components.panel import moment_of, place_of
from components.view import View
from components.words import section
from data_access import hotline
from data_access.areas import Area
from data_access.flood import stations
from data_access.where import MARKS, Where
from domain.periods import Base, Span


@dataclass(frozen=True)
class Asked:
    """A View resolved against the clock and the city's places. base: None when nothing is to be compared with, or the
    data do not reach over it. where: the orders that its filters let through. known: orders were loaded for some day of
    the span; what is asked of a span without any is missing, not zero."""

    view: View
    area: Area
    at: datetime
    span: Span
    base: Base | None
    where: Where
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


class NoCity(LookupError):
    """There are no areas yet."""


def ask(view: View) -> Asked:
    """Raises NoCity when no areas are loaded."""
    area = place_of(view)
    if area is None:
        raise NoCity("no areas are loaded")
    at = moment_of(view)
    base = view.base(at)
    if base is not None and not hotline.covers(base.span):
        base = None  # orders were not loaded for all of it: there is nothing to compare with
    span = view.span(at)
    return Asked(view, area, at, span, base, where(view), hotline.known(span))


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
    )


def given(view: View) -> frozenset[str]:
    """The fields of orders that the sources fill in the view's period; '*' is all."""
    return hotline.given(view.span(moment_of(view)))


def tells(view: View | Asked, *names: str) -> bool:
    """Whether the sources of the period fill all of these fields; where nothing is loaded, none is missed."""
    filled = given(view if isinstance(view, View) else view.view)
    return not filled or "*" in filled or filled.issuperset(names)


_CATEGORIES = ("group", "topic", "category")


def named(field: str, value: str, lang: str) -> str:
    """What the value of a filter is called; the value itself when nothing knows it."""
    if field in _CATEGORIES:
        return hotline.category_names(lang).get(value, value)
    if field == "org":
        return hotline.organisation_names(lang).get(value, value)
    if field == "station":
        one = stations.station(value)
        return one.label(lang) if one else value
    return section(field, lang).get(value, value)
