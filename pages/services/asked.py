"""What every question of the services page starts from."""

from dataclasses import dataclass

from components.view import View
from data_access.areas import tree
from data_access.services.counts import Where
from pages.asking import Resolved, resolved

CASES = "services.cases"  # what must be loaded for cases to be counted
TICKETS, SNAPSHOTS = "services.tickets", "services.snapshots"


@dataclass(frozen=True)
class Asked(Resolved):
    """A View resolved for cases (see Resolved). where: those that its filters let through. The hall of a view is looked
    at and filters nothing: what is done online has none."""

    where: Where


DEEPEST = 2  # the level of streets: cases say no community


def ask(view: View) -> Asked:
    """A place below the streets stands for the street it lies in. Raises NoCity when no areas are loaded."""
    view, area, at, span, base, known = resolved(view, CASES)
    while area.level > DEEPEST and (above := tree().get(area.parent or "")):
        area = above
    return Asked(view, area, at, span, base, known, where(view))


def where(view: View) -> Where:
    """The filters of a view."""
    return Where(
        org=view.org,
        channel=view.channel,
        item=view.item,
        theme=view.matter,
        special=view.special,
        applicant=view.applicant,
    )
