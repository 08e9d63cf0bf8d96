"""Flood arithmetic: levels, rain, storage, routing, releases, alarms. Pure."""
