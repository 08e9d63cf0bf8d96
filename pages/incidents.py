"""What may be looked at again, of every domain: incidents to choose from, and what happened within a span. A domain
contributes two functions."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from components.panel import place_of
from components.replay import Incident, Mark
from components.view import View
from domain.periods import Span
from pages.flood import incidents as flood
from pages.hotline import incidents as hotline


class Domain(NamedTuple):
    """incidents(view, now): those of the view's place, the worst. marks(view, span): what happened in the span."""

    incidents: Callable[[View, datetime], list[Incident]]
    marks: Callable[[View, Span], list[Mark]]


DOMAINS = (Domain(flood.incidents, flood.marks), Domain(hotline.incidents, hotline.marks))


def incidents(view: View, now: datetime) -> list[Incident]:
    """Of all domains."""
    if place_of(view) is None:
        return []
    return [one for domain in DOMAINS for one in domain.incidents(view, now)]


def marks(view: View, span: Span) -> list[Mark]:
    """Of all domains, oldest first."""
    if place_of(view) is None:
        return []
    return sorted((one for domain in DOMAINS for one in domain.marks(view, span)), key=lambda one: (one.at, -one.level))
