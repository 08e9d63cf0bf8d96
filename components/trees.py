"""HTML of a panel as one value. Dash keeps a record of every component and asks all of them at every mount, so a list
of a hundred rows costs seconds; the script grows the same elements from a plain tree at once (assets/cockpit.js)."""

import json
from typing import Any

from dash.development.base_component import Component

NAMES = {"className": "class", "htmlFor": "for"}


def grown(content: Any, stamp: str) -> str:
    """The content as JSON: the stamp it was drawn for, and nodes that are a text or [tag, attributes, nodes]."""
    return json.dumps({"stamp": stamp, "nodes": _nodes(content)}, ensure_ascii=False, separators=(",", ":"))


def _nodes(content: Any) -> list[Any]:
    if content is None:
        return []
    if isinstance(content, (list, tuple)):
        return [node for one in content for node in _nodes(one)]
    if not isinstance(content, Component):
        return [str(content)]
    described = content.to_plotly_json()
    if described["namespace"] != "dash_html_components":
        raise TypeError(f"a body is made of HTML only, not of {described['type']}")
    properties = described["props"]
    children = _nodes(properties.get("children"))
    attributes = {
        NAMES.get(name, name.lower()): value if name == "style" else str(value)
        for name, value in properties.items()
        if name != "children" and value is not None
    }
    return [[described["type"].lower(), attributes, children]]
