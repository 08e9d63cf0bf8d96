"""Drawings: an answer and a look in, a Plotly figure as a plain dict out. No Dash, no SQL, no state."""

from components.figures.flood_map import flood_map
from components.figures.hydrograph import hydrograph
from components.figures.region_map import region_map
from components.figures.services_map import services_map
from components.figures.trend import trend

__all__ = ["flood_map", "hydrograph", "region_map", "services_map", "trend"]
