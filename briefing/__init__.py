"""Slides, pictures and reports of what the screens show."""
