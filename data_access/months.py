"""Results as they stood when a month was closed (考核月结): kept once, later corrections do not move them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection, Integer, Table, cast, delete, func, select

from data_access import bulk, clock
from data_access.cubes import ORDERS
from data_access.facts import Facts
from data_access.schema import hotline_month


@dataclass(frozen=True, eq=False)
class Kept:
    """What is frozen of some facts: their counts, where they are kept, and of which kinds: the kind, the column whose
    cube has its days, and the column of its code."""

    facts: Facts
    table: Table
    kinds: tuple[tuple[str, str, str], ...]


PLACES = (("district", "street_code", "district_code"), ("street", "street_code", "street_code"))
HOTLINE = Kept(ORDERS, hotline_month, (*PLACES, ("org", "org", "org")))


class FrozenError(ValueError):
    """The month cannot be frozen; the message says why."""


def first_of(day: date) -> date:
    """The first day of the month of `day`, which names the month."""
    return date(day.year, day.month, 1)


def following(month: date) -> date:
    """The first day of the month after the one of `month`."""
    return first_of(first_of(month) + timedelta(days=31))


def frozen(connection: Connection, month: date, of: Kept = HOTLINE) -> bool:
    """Whether the month of that day has been frozen."""
    there = of.table.c.month == first_of(month)
    return connection.execute(select(of.table.c.month).where(there).limit(1)).first() is not None


def freeze(
    connection: Connection, month: date, *, at: datetime | None = None, again: bool = False, of: Kept = HOTLINE
) -> int:
    """Keep the counts of the month of that day as they stand, for each of its kinds. Returns how many rows;
    what belongs to no district, street or organisation has none.

    at: the moment of freezing (None: now). again: replace what was frozen before. Raises FrozenError when the month is
    not over by then, or frozen already.
    """
    first, end = first_of(month), following(month)
    moment = at or clock.now()
    if moment < datetime(end.year, end.month, end.day):
        raise FrozenError(f"{first:%Y-%m} is not over; it can be frozen from {end} on.")
    if frozen(connection, first, of):
        if not again:
            raise FrozenError(f"{first:%Y-%m} is frozen already; later corrections do not move it.")
        connection.execute(delete(of.table).where(of.table.c.month == first))
    stored = 0
    for kind, by, name in of.kinds:
        cube = of.facts.cubes[by]
        code = cube.c[name]
        sums = [cast(func.sum(cube.c[count]), Integer).label(count) for count in of.facts.names]
        inside = (cube.c.day >= first, cube.c.day < end, code != "")
        rows = connection.execute(select(code.label("code"), *sums).where(*inside).group_by(code).order_by(code))
        kept = [{**row, "month": first, "kind": kind, "frozen_at": moment} for row in rows.mappings().fetchall()]
        if kept:
            stored += bulk.insert(connection, of.table, pd.DataFrame(kept))
    return stored
