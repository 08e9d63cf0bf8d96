"""HTML as plain values. Dash keeps a record of every component and asks all of them at every mount, so a list of a
hundred rows costs seconds; what moves with the view is therefore made of these elements, sent as one tree, and the
script grows it at once (plant() in assets/cockpit.js). Texts become text nodes, never markup."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

NAMES = {"className": "class", "tabIndex": "tabindex"}


class Element(NamedTuple):
    """tag, attributes (style: a dict), nodes: elements and texts."""

    tag: str
    attributes: dict[str, Any]
    nodes: list[Any]


def nodes_of(content: Any) -> list[Any]:
    """Elements and texts of a child, a list of them (nested or not), or None."""
    if content is None:
        return []
    if isinstance(content, Element):
        return [content]
    if isinstance(content, list | tuple):
        return [node for one in content for node in nodes_of(one)]
    return [str(content)]


def _tag(name: str) -> Callable[..., Element]:
    def element(children: Any = None, **attributes: Any) -> Element:
        given = {
            NAMES.get(key, key): value if key == "style" else str(value)
            for key, value in attributes.items()
            if value is not None
        }
        return Element(name, given, nodes_of(children))

    return element


A, B, Button, Details, Div = _tag("a"), _tag("b"), _tag("button"), _tag("details"), _tag("div")
H1, H2, H3, Img = _tag("h1"), _tag("h2"), _tag("h3"), _tag("img")
Label, Li, Nav = _tag("label"), _tag("li"), _tag("nav")
Ol, P, Small, Span, Strong = _tag("ol"), _tag("p"), _tag("small"), _tag("span"), _tag("strong")
Summary, Table, Tbody, Td, Th = _tag("summary"), _tag("table"), _tag("tbody"), _tag("td"), _tag("th")
Thead, Time, Tr, Ul = _tag("thead"), _tag("time"), _tag("tr"), _tag("ul")
Sign, Input, Textarea = _tag("i"), _tag("input"), _tag("textarea")
Svg, G, Path, Line = _tag("svg"), _tag("g"), _tag("path"), _tag("line")
Circle, Rect, Polyline = _tag("circle"), _tag("rect"), _tag("polyline")


# A line that keeps its width in a drawing that is stretched.
STROKE = {"fill": "none", "stroke-linejoin": "round", "vector-effect": "non-scaling-stroke"}


def drawing(shapes: list[Element], wide: float, high: float, name: str | None = None) -> Element:
    """A drawing of so many units that fills its place, stretched. It says nothing that words beside it do not. Grown
    on the page itself: of every picture that is a data address Chromium keeps a document, and its memory grew with
    each new one."""
    given = {"viewBox": f"0 0 {wide:g} {high:g}", "preserveAspectRatio": "none", "aria-hidden": "true"}
    return Svg(shapes, className=name, **given)


def tree(stamp: str = "", **places: Any) -> str:
    """JSON of what belongs into each place of an element of the page (a panel's head, cover and body; `here`: all of
    it). A place that is None stays as it is. stamp: what it was made for."""
    nodes = {name: nodes_of(content) for name, content in places.items() if content is not None}
    return json.dumps({"stamp": stamp, "places": nodes}, ensure_ascii=False, separators=(",", ":"))
