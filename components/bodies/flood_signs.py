"""The sign of an alarm colour: shape, word and colour, so that none of them is the only one."""

from components import markup as html
from components.words import text

COLOURS = ("normal", "blue", "yellow", "orange", "red", "beyond")  # by the level of a state


def sign(level: int | None, lang: str, letter: str = "") -> html.Element:
    """Circle blue, triangle yellow, diamond orange, octagon red (a second rim: beyond the check level); normal is a
    small ring, no threshold a dash. The word of the colour, or a letter, stands in it."""
    if level is None:
        return html.Span("—", className="flag none", title=text("flag.none", lang))
    name = COLOURS[level]
    inside = letter or (text(f"flag.{name}", lang) if level else "")
    return html.Span(html.B(inside), className=f"flag {name}", title=text(f"flag.{name}_full", lang))
