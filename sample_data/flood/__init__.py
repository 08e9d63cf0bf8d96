"""The demo city's flood data (防汛): its gauges, its weather, and the water that follows from both."""
