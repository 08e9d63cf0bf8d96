"""Programmes of walls as people wrote them, and what walls learned. Both are only ever added to."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from data_access import clock, engine
from data_access.engine import rows
from data_access.programme_tables import call, programme
from data_access.remember import remembered
from domain.programme import Programme, parse

DEFAULT = "default"


class Kept(NamedTuple):
    """A programme with who wrote it when. version 0: the one that is shipped."""

    programme: Programme
    text: str
    version: int
    moment: datetime | None
    person: str


@cache
def shipped() -> Kept:
    """The programme of a wall before anybody wrote one."""
    text = Path(__file__).with_name("default_programme.toml").read_text(encoding="utf-8")
    return Kept(parse(text), text, 0, None, "")


@remembered
def programmes() -> tuple[Kept, ...]:
    """The newest version of each, by name; the shipped one where nobody wrote one of its name."""
    p = programme.c
    newest = select(p.name, func.max(p.version).label("version")).group_by(p.name).subquery()
    asked = select(programme).join(newest, (newest.c.name == p.name) & (newest.c.version == p.version))
    found = [Kept(parse(row.text), row.text, row.version, row.moment, row.person) for row in rows(asked)]
    if all(one.programme.name != DEFAULT for one in found):
        found.append(shipped())
    return tuple(sorted(found, key=lambda one: (one.programme.name != DEFAULT, one.programme.name)))


def named(name: str) -> Kept | None:
    """The programme of a name, None when there is none."""
    return next((one for one in programmes() if one.programme.name == name), None)


def save(text: str, person: str) -> Kept:
    """Keep a programme as the newest version of its name. Raises domain.programme.ProgrammeError."""
    found = parse(text)
    with engine.committing() as connection:
        last = connection.execute(select(func.max(programme.c.version)).where(programme.c.name == found.name)).scalar()
        values = {"name": found.name, "version": (last or 0) + 1, "moment": clock.now(), "person": person, "text": text}
        connection.execute(insert(programme).values(values))
    return Kept(found, text, values["version"], values["moment"], person)


# ---- what walls learned ----------------------------------------------------------------------------------------------
def calls(keys: list[str]) -> dict[str, dict[str, datetime]]:
    """Of each key, when it was seen and acknowledged, as far as it was."""
    told: dict[str, dict[str, datetime]] = {}
    for row in rows(select(call).where(call.c.key.in_(keys))) if keys else ():
        told.setdefault(row.key, {})[row.event] = row.moment
    return told


def note(key: str, event: str, moment: datetime, person: str = "") -> None:
    """That something was seen or acknowledged, the first time it is said. It is no data of the city: no page is drawn
    anew for it."""
    there = call.c.key == key, call.c.event == event
    values = {"key": key, "event": event, "moment": moment, "person": person}
    try:
        with engine.engine().begin() as connection:
            if connection.execute(select(call.c.key).where(*there)).first() is None:
                connection.execute(insert(call).values(values))
    except IntegrityError:  # another worker was faster
        return
