"""What every question of the services page starts from."""

from dataclasses import dataclass

from components.view import View
from data_access.services.counts import Where
from pages.asking import Resolved, resolved

CASES = "services.cases"  # what must be loaded for cases to be counted
TICKETS, SNAPSHOTS = "services.tickets", "services.snapshots"


@dataclass(frozen=True)
class Asked(Resolved):
    """A View resolved for cases (see Resolved). where: those that its filters let through. The hall of a view is looked
    at and filters nothing: what is done online has none."""

    where: Where


def ask(view: View) -> Asked:
    """Raises NoCity when no areas are loaded."""
    return Asked(*resolved(view, CASES), where(view))


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
