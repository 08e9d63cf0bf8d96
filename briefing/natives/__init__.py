"""Which native form a panel has: declared once for each way of drawing, so that pages need not know of slides."""

from collections.abc import Callable

from briefing.natives import shared
from briefing.natives.blocks import Block
from briefing.natives.cells import plain
from briefing.standing import Stand
from components import bodies, figures
from components.panel import Answer, Draw, Panel

Make = Callable[[Answer, str], list[Block]]

FORMS: dict[Draw, Make] = {
    bodies.changes: shared.changes,
    bodies.checks: shared.table_of("city", "said", "left", "right", "sentence"),
    bodies.ledger: shared.table_of(
        "city", "domain_name", "indicator", "printed", "base", "date", "document", "locator"
    ),
    bodies.problems: shared.problems,
    bodies.ranking: shared.ranking,
    bodies.records: shared.table_of("order_no", "accept_at", "category", "title", "place", "state_name", "due_at"),
    bodies.situation: shared.situation,
    bodies.sources: shared.table_of("name", "cadence_minutes", "last_data_at", "age_minutes", "state"),
    bodies.tiles: shared.tiles,
    figures.region_map: shared.region_map,
    figures.trend: shared.trend,
}

STANDS: dict[Draw, Stand] = {  # what of a panel stands out, for its finding
    bodies.problems: shared.RECEIVED,
    bodies.ranking: shared.RANKED,
    figures.region_map: shared.PLACES,
}


def native(panel: Panel, answer: Answer, lang: str) -> list[Block]:
    """What a slide of a panel holds, in reading order; none where the panel has nothing to show."""
    if answer.blank:
        return []
    return FORMS.get(panel.draw, lambda told, said: [plain(told, said)])(answer, lang)
