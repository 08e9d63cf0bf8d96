"""The city's own rules, and the sums that were made by rules brought in step with them."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, Connection, Engine

from data_access import engine
from data_access.call_cube import refresh_calls
from data_access.cubes import sum_days
from data_access.services.counts import CASES
from data_access.settings import SettingsError, settings
from domain import hotline_rules
from domain.dated import ForAll, RulesError, Shelf
from domain.flood import rules as flood_rules
from domain.services import rules as services_rules

SHELVES: dict[str, Shelf] = {
    "hotline.toml": hotline_rules.SHELF,
    "services.toml": services_rules.SHELF,
    "flood.toml": flood_rules.SHELF,
}


class Summed(NamedTuple):
    """Sums in the database. rules: the values of the shelf that they were made by; remake: makes all of them anew."""

    name: str
    shelf: ForAll
    rules: tuple[str, ...]
    remake: Callable[[Connection], None]


SUMS = (
    Summed("calls", hotline_rules.SHELF, ("service_level_s", "short_abandon_s"), refresh_calls),
    Summed("cases", services_rules.SHELF, ("good_from",), lambda connection: sum_days(connection, CASES)),
)


def connect(url: str | URL | None = None) -> Engine:
    """Open the database with the city's own rules, sums in step with them. Raises SettingsError or
    engine.DatabaseError, each with what to do."""
    take(settings().rules)
    opened = engine.connect(url)
    follow()
    return opened


def take(folder: str) -> None:
    """Take the rules that are in a folder, and the shipped ones where it has none. Raises SettingsError, and then all
    stays as it was."""
    found = {name: Path(folder) / name for name in SHELVES if folder and (Path(folder) / name).is_file()}
    if folder and not found:
        raise SettingsError(
            f"COCKPIT_RULES={folder}: there is none of {', '.join(SHELVES)}. Copy those that your city decides: "
            + ", ".join(f"{_shipped(shelf)} as {name}" for name, shelf in SHELVES.items())
        )
    try:
        for name, file in found.items():
            SHELVES[name].make(file)
    except (RulesError, OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"COCKPIT_RULES={folder}: {error}") from None
    for name, shelf in SHELVES.items():
        shelf.put(found.get(name))


def _shipped(shelf: Shelf) -> str:
    return "/".join(shelf.default.parts[shelf.default.parts.index("domain") :])


def follow() -> None:
    """Make the sums anew whose rules are not those that they were made by."""
    for sums in SUMS:
        now, key = _told(sums, None), f"rules of {sums.name}"
        known = engine.get(key)
        if now == (known or _told(sums, sums.shelf.default)):
            if not known:
                with engine.engine().begin() as connection:
                    engine.put(connection, key, now)
            continue
        logging.getLogger("citydeck.rules").info("other rules than before: the sums of %s are made anew", sums.name)
        with engine.committing() as connection:
            sums.remake(connection)
            engine.put(connection, key, now)


def _told(sums: Summed, file: Path | None) -> str:
    values = {name: [(str(day), value) for day, value in sums.shelf.since(name, file)] for name in sums.rules}
    return json.dumps(values)
