"""Attributes of HTML elements that Dash passes on as they are: data-*, aria-*."""

from typing import Any


def attributes(named: dict[str, str | None]) -> dict[str, Any]:
    """Keyword arguments for a Dash component: {'data-set': 'area', 'aria-current': None} without those that are None."""
    return {name: value for name, value in named.items() if value is not None}
