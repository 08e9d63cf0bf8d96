"""Walls by name: who described one, when, and what was said. It is only ever added to; the newest counts."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from data_access import engine
from data_access.remember import remembered
from data_access.settings import settings
from data_access.wall_tables import NAME, wall_profile
from domain.wall import Profile, SpecError, parse_profile


class BadName(ValueError):
    """A name that a wall cannot have: it could not be told from a profile, or does not fit into an address."""


@dataclass(frozen=True)
class Saved:
    """A wall as it was last described."""

    name: str
    spec: str
    person: str
    note: str
    moment: datetime


@remembered
def saved() -> tuple[Saved, ...]:
    """All named walls as they are now, by name."""
    columns = [wall_profile.c[name] for name in ("name", "spec", "person", "note", "moment")]
    found = engine.rows(select(*columns).order_by(wall_profile.c.key))
    newest = {row.name: Saved(*row) for row in found}
    return tuple(newest[name] for name in sorted(newest))


def save(name: str, spec: str, *, person: str, note: str, now: datetime) -> Profile:
    """Keep a wall under a name. Raises SpecError, or BadName for a name with a comma or without a letter."""
    if not 0 < len(name) <= NAME or "," in name or not re.search(r"[^\W\d_]", name) or re.match(r"\d+[x×]\d+$", name):
        raise BadName(name)
    profile = parse_profile(spec)
    row = {"name": name, "spec": str(profile), "person": person, "note": note, "moment": now}
    with engine.committing() as connection:
        connection.execute(wall_profile.insert().values(key=_key(connection), **row))
    return profile


def _key(connection: Connection) -> int:
    """One more than the last: people save one after the other, and later ones count."""
    return (connection.execute(select(func.max(wall_profile.c.key))).scalar() or 0) + 1


def default() -> Profile:
    """The wall of the settings: COCKPIT_WALL, else one of any size by its distance and its pitch."""
    chosen = settings()
    if chosen.wall:
        return parse_profile(chosen.wall)
    return Profile(1920, 1080, pitch=(chosen.wall_pitch_mm, chosen.wall_pitch_mm), distance=chosen.wall_distance_m)


def meant(words: str) -> Profile:
    """What a link says: the profile itself or the name of one; '' the default. Raises SpecError."""
    if not words:
        return default()
    spec = next((one.spec for one in saved() if one.name == words), words)
    return parse_profile(spec)


def profile(words: str) -> Profile:
    """As meant(); what makes no sense falls back to the default, and never breaks a page."""
    try:
        return meant(words)
    except SpecError:
        return default()
