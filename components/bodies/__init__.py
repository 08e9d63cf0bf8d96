"""Drawings made of HTML: an answer and a look in, a Dash component out. No SQL, no state, no ids."""

from components.bodies.bursts import bursts, hotline_problems
from components.bodies.cases import cases
from components.bodies.flood_alarms import flood_alarm, flood_alarms
from components.bodies.flood_board import flood_board
from components.bodies.flood_health import flood_health
from components.bodies.flood_line import flood_line
from components.bodies.flood_rain import flood_rain
from components.bodies.flood_release import flood_release
from components.bodies.flood_replay import flood_replay
from components.bodies.flood_reservoirs import flood_reservoirs
from components.bodies.flood_situation import flood_situation
from components.bodies.flood_waterlogging import flood_waterlogging
from components.bodies.late import late
from components.bodies.lists import changes, problems, ranking, situation
from components.bodies.loop import bounces, funnel
from components.bodies.tables import checks, ledger, records, sources
from components.bodies.tiles import tiles

__all__ = [
    "bounces",
    "bursts",
    "cases",
    "changes",
    "checks",
    "flood_alarm",
    "flood_alarms",
    "flood_board",
    "flood_health",
    "flood_line",
    "flood_rain",
    "flood_release",
    "flood_replay",
    "flood_reservoirs",
    "flood_situation",
    "flood_waterlogging",
    "funnel",
    "hotline_problems",
    "late",
    "ledger",
    "problems",
    "ranking",
    "records",
    "situation",
    "sources",
    "tiles",
]
