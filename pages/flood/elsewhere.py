"""The flood situation as other pages show it: the worst station in words, and how many stand above a threshold."""

from typing import NamedTuple

from components.view import View
from data_access.flood import stations
from pages.flood.asked import CM, against, ask, current, level_of, margin_said

WORTH = 2  # the level (yellow) from which another page says it


class Worst(NamedTuple):
    """words: the worst station and how far above its threshold. link: the flood page that shows it. level: 2 yellow
    .. 5."""

    words: str
    link: str
    level: int


def there() -> bool:
    """Whether flood data are loaded."""
    return bool(stations.stations())


def over(view: View) -> int | None:
    """How many stations of the place stand at yellow or worse; None when none is heard of."""
    some = [one for one in current(ask(view)) if one.station.kind != "video"]  # a camera sees what a gauge tells
    found = [level for one in some if (level := level_of(one)) is not None]
    return sum(level >= WORTH for level in found) if found else None


def worst(view: View) -> Worst | None:
    """The worst station of the place; None when none stands at yellow or worse."""
    asked = ask(view)
    found = [one for one in current(asked) if one.station.kind != "video"]
    level = level_of(found[0]) if found else None
    if level is None or level < WORTH:
        return None
    one = found[0]
    margin = one.state.margin
    said = against(one.state.name, margin, asked.lang) if one.station.kind != CM and margin is not None else ""
    words = f"{one.station.label(asked.lang)} {said or margin_said(one, asked.lang)}"
    kept = view.model_dump(include={"area", "at", "lang", "theme", "mode"})
    link = View(**kept, station=one.station.code)
    return Worst(words, f"/flood{link.search}", level)
