"""Attributes of HTML elements that Dash passes on as they are: data-*, aria-*."""

from typing import Any


def attributes(named: dict[str, str | None]) -> dict[str, Any]:
    """Keyword arguments for a Dash component, as {'data-set': 'area'}; those that are None are left out."""
    return {name: value for name, value in named.items() if value is not None}
