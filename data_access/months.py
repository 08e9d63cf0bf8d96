"""Results as they stood when a month was closed (考核月结): kept once, later corrections do not move them."""

from datetime import date, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection, Integer, cast, delete, func, select

from data_access import bulk, clock
from data_access.cubes import BITS
from data_access.schema import hotline_day_org, hotline_day_place, hotline_month

# kind, the cube that has its days, and the column of its code
_KINDS = (
    ("district", hotline_day_place, "district_code"),
    ("street", hotline_day_place, "street_code"),
    ("org", hotline_day_org, "org"),
)


class FrozenError(ValueError):
    """The month cannot be frozen; the message says why."""


def first_of(day: date) -> date:
    """The first day of the month of `day`, which names the month."""
    return date(day.year, day.month, 1)


def following(month: date) -> date:
    """The first day of the month after the one of `month`."""
    return first_of(first_of(month) + timedelta(days=31))


def frozen(connection: Connection, month: date) -> bool:
    """Whether the month of that day has been frozen."""
    there = hotline_month.c.month == first_of(month)
    return connection.execute(select(hotline_month.c.month).where(there).limit(1)).first() is not None


def freeze(connection: Connection, month: date, *, at: datetime | None = None, again: bool = False) -> int:
    """Keep the counts of the month of that day as they stand, for each district, street and organisation. Returns how
    many rows; what belongs to no district, street or organisation has none.

    at: the moment of freezing (None: now). again: replace what was frozen before. Raises FrozenError when the month is
    not over by then, or frozen already.
    """
    first, end = first_of(month), following(month)
    moment = at or clock.now()
    if moment < datetime(end.year, end.month, end.day):
        raise FrozenError(f"{first:%Y-%m} is not over; it can be frozen from {end} on.")
    if frozen(connection, first):
        if not again:
            raise FrozenError(f"{first:%Y-%m} is frozen already; later corrections do not move it.")
        connection.execute(delete(hotline_month).where(hotline_month.c.month == first))
    stored = 0
    for kind, cube, name in _KINDS:
        code = cube.c[name]
        sums = [cast(func.sum(cube.c[count]), Integer).label(count) for count in BITS]
        inside = (cube.c.day >= first, cube.c.day < end, code != "")
        rows = connection.execute(select(code.label("code"), *sums).where(*inside).group_by(code).order_by(code))
        kept = [{**row, "month": first, "kind": kind, "frozen_at": moment} for row in rows.mappings().fetchall()]
        if kept:
            stored += bulk.insert(connection, hotline_month, pd.DataFrame(kept))
    return stored
