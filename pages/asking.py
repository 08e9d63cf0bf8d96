"""What every question of a page starts from: the place, the period and the moment of a View."""

from dataclasses import dataclass
from datetime import datetime, time

from components.panel import moment_of, place_of
from components.view import View
from data_access import hotline
from data_access.areas import Area
from domain.periods import Base, Span


@dataclass(frozen=True)
class Asked:
    """A View resolved against the clock and the city's places. base: None when nothing is to be compared with, or the
    data do not reach over it."""

    view: View
    area: Area
    at: datetime
    span: Span
    base: Base | None

    @property
    def lang(self) -> str:
        return self.view.lang

    @property
    def before(self) -> datetime | None:
        """The moment that now is compared with."""
        return self.base.span.end if self.base else None

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
    return Asked(view, area, at, view.span(at), base)
