"""Drawings: an answer and a look in, a Plotly figure as a plain dict out. No Dash, no SQL, no state."""

from components.figures.region_map import region_map
from components.figures.trend import trend

__all__ = ["region_map", "trend"]
