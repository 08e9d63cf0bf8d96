"""HTML as one value. Dash keeps a record of every component and asks all of them at every mount, so a list
of a hundred rows costs seconds; the script grows the same elements from a plain tree at once (assets/cockpit.js)."""

import json
from typing import Any

from dash.development.base_component import Component

NAMES = {"className": "class", "htmlFor": "for"}


def tree(stamp: str = "", **places: Any) -> str:
    """JSON of what belongs into each place of an element (a panel's head, cover and body; all of the frame): nodes that
    are a text or [tag, attributes, nodes]. A place that is None stays as it is. stamp: what it was made for."""
    nodes = {name: nodes_of(content) for name, content in places.items() if content is not None}
    return json.dumps({"stamp": stamp, "places": nodes}, ensure_ascii=False, separators=(",", ":"))


def nodes_of(content: Any) -> list[Any]:
    """The elements of some Dash HTML. Raises TypeError for any other component."""
    if content is None:
        return []
    if isinstance(content, (list, tuple)):
        return [node for one in content for node in nodes_of(one)]
    if not isinstance(content, Component):
        return [str(content)]
    described = content.to_plotly_json()
    if described["namespace"] != "dash_html_components":
        raise TypeError(f"a body is made of HTML only, not of {described['type']}")
    properties = described["props"]
    children = nodes_of(properties.get("children"))
    attributes = {
        NAMES.get(name, name.lower()): value if name == "style" else str(value)
        for name, value in properties.items()
        if name != "children" and value is not None
    }
    return [[described["type"].lower(), attributes, children]]
