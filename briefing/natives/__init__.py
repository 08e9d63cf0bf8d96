"""Which native form a panel has: declared once for each way of drawing, so that pages need not know of slides."""

from collections.abc import Callable

from briefing.natives import flood, hotline, services, shared
from briefing.natives.blocks import Block
from briefing.natives.cells import plain
from briefing.standing import Stand
from components import bodies, figures
from components.bodies import (
    league,
    orders,
    services_case,
    services_crossing,
    services_flow,
    services_halls,
    services_league,
    services_ratings,
    services_scorecard,
    services_standards,
    services_times,
)
from components.panel import Answer, Draw, Panel

Make = Callable[[Answer, str], list[Block]]

FORMS: dict[Draw, Make] = {
    bodies.bounces: hotline.bounces,
    bodies.bursts: hotline.bursts,
    bodies.cases: hotline.cases,
    bodies.changes: shared.changes,
    bodies.checks: shared.table_of("city", "said", "left", "right", "sentence"),
    bodies.flood_alarm: flood.alarm,
    bodies.flood_alarms: flood.alarms,
    bodies.flood_board: flood.release,
    bodies.flood_health: flood.health,
    bodies.flood_line: flood.line,
    bodies.flood_rain: flood.rain,
    bodies.flood_release: flood.release,
    bodies.flood_replay: flood.replay,
    bodies.flood_reservoirs: flood.reservoirs,
    bodies.flood_situation: flood.situation,
    bodies.flood_waterlogging: flood.waterlogging,
    bodies.funnel: hotline.funnel,
    bodies.hotline_problems: hotline.problems,
    bodies.late: hotline.late,
    bodies.ledger: shared.table_of(
        "city", "domain_name", "indicator", "printed", "base", "date", "document", "locator"
    ),
    bodies.problems: shared.problems,
    bodies.ranking: shared.ranking,
    bodies.records: shared.table_of("order_no", "accept_at", "category", "title", "place", "state_name", "due_at"),
    bodies.situation: shared.situation,
    bodies.sources: shared.sources,
    bodies.tiles: shared.tiles,
    figures.flood_map: flood.flood_map,
    figures.hydrograph: flood.hydrograph,
    figures.region_map: shared.region_map,
    figures.services_map: shared.region_map,
    figures.trend: shared.trend,
    league.league: hotline.league,
    orders.order: hotline.order,
    orders.orders: hotline.orders,
    services_case.case: hotline.order,
    services_crossing.crossing: services.crossing,
    services_flow.calendar: services.calendar,
    services_flow.throughput: services.throughput,
    services_halls.halls: services.halls,
    services_halls.whatif: services.whatif,
    services_league.league: services.league,
    services_ratings.ratings: services.ratings,
    services_scorecard.scorecard: services.scorecard,
    services_standards.standards: services.standards,
    services_times.times: services.times,
}
COMPARING = {
    bodies.tiles,
    bodies.changes,
    figures.trend,
    services_scorecard.scorecard,
}  # hold every value against a base


def stand_of(panel: Panel, answer: Answer) -> Stand | None:
    """What of a panel stands out, for its finding; None where rows are not of a kind to be compared."""
    if panel.draw is league.league:
        return hotline.league_stand(answer)
    return STANDS.get(panel.draw)


STANDS: dict[Draw, Stand] = {
    bodies.flood_line: flood.HIGHEST,
    bodies.flood_rain: flood.WET_24,
    bodies.flood_waterlogging: flood.DEEPEST,
    bodies.hotline_problems: shared.RECEIVED,
    bodies.problems: shared.RECEIVED,
    bodies.ranking: shared.RANKED,
    figures.flood_map: flood.WETTEST,
    figures.region_map: shared.PLACES,
    figures.services_map: shared.PLACES,
    services_halls.halls: services.LOADED,
    services_league.league: services.RATE,
}


def native(panel: Panel, answer: Answer, lang: str) -> list[Block]:
    """What a slide of a panel holds, in reading order; none where the panel has nothing to show. A way of drawing that
    has no form is a table of its frame."""
    return [] if answer.blank else FORMS.get(panel.draw, plain)(answer, lang)
