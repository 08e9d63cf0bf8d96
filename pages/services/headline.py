"""The first answer of the services page: is anything wrong, and the numbers that say so."""

from components import bodies
from components.panel import Answer, panel
from components.rows import tabled
from components.view import View
from data_access.services import counts
from pages.services.asked import ask
from pages.tiles import TILE, tile


@panel(bodies.tiles, about="services.received", source="services")
def headline(view: View) -> Answer:
    """key, value, base, numerator, denominator, note, warn: one row an indicator; rates are fractions."""
    asked = ask(view)
    now = counts.totals(asked.area, asked.span, asked.base, asked.where)["now"]
    tiles = [tile("services.received", now.received if asked.known else None)]
    return Answer(tabled(tiles, TILE, ("value", "base", "numerator", "denominator")), facts={"sparks": {}})
