"""Native inputs that Dash has no component for: the attributes of their place; the script puts them there."""

from typing import Any

from components.attributes import attributes


def search_box(label: str, field: str = "", css: str = "", none: str = "") -> dict[str, Any]:
    """The place of a search input. field: the field of the View that it sets while typing. none: said when nothing is
    found."""
    return native_input("search", label, "", field=field, css=css, none=none)


def native_input(
    kind: str, label: str, value: str, *, field: str = "", css: str = "", none: str = ""
) -> dict[str, Any]:
    """The place of an input of a type (search, date, datetime-local)."""
    data = {"type": kind, "label": label, "value": value, "field": field, "none": none}
    return {"className": f"input {css}".strip(), **attributes({f"data-{k}": v for k, v in data.items() if v})}
