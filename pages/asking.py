"""What every question of a page starts from: the place, the period and the moment of a View."""

from dataclasses import dataclass
from datetime import datetime, time

from components.panel import moment_of, place_of
from components.view import View
from data_access.areas import Area
from domain.periods import Base, Span


@dataclass(frozen=True)
class Asked:
    """A View resolved against the clock and the city's places."""

    view: View
    area: Area
    at: datetime
    span: Span
    base: Base | None

    @property
    def lang(self) -> str:
        return self.view.lang

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
    return Asked(view, area, at, view.span(at), view.base(at))
