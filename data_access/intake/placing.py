"""Placing again: orders that were stored before their areas were loaded find their place by what was kept of it.

Kept are the masked address (districts, streets and villages stay readable in it) and the point. What was known only as
a code or a name in its own column is placed when its file is loaded again.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, func, or_, select, update
from sqlalchemy.schema import DropTable

from data_access import bulk, cubes, detours, engine
from data_access.intake.description import Description
from data_access.intake.places import Places
from data_access.schema import hotline_event
from data_access.schema import hotline_order as o

_ROWS = 100_000
_DESCRIPTION = Description.model_validate(
    {
        "key": "again",
        "name_zh": "重新落位",
        "name_en": "Placed again",
        "columns": {"accept_at": "accept_at"},
        "place": {"address": "address", "lon": "lon", "lat": "lat"},
    }
)
_found = Table(
    "intake_found",
    MetaData(),
    Column("order_id", BigInteger, nullable=False),
    Column("district_code", String(20), nullable=False),
    Column("street_code", String(20), nullable=False),
    Column("community_code", String(20), nullable=False),
    Column("placed_by", String(10), nullable=False),
    prefixes=["TEMPORARY"],
)
_CODES = ("district_code", "street_code", "community_code", "placed_by")


def place_again() -> Counter[str]:
    """Look for the places of orders that have none yet, in one transaction.

    Returns how many were looked at ('looked') and how many were found, by method.
    """
    counts: Counter[str] = Counter()
    with engine.engine().connect() as connection:
        waiting = connection.execute(select(o.c.order_id).where(*_waiting()).limit(1)).first()
    places = Places(_DESCRIPTION)
    if waiting is None or places.tree.root is None:
        return counts
    with engine.committing() as connection:
        connection.execute(DropTable(_found, if_exists=True))
        _found.create(connection)
        for table in _unplaced(connection):
            counts["looked"] += table.num_rows
            _look(connection, places, table, counts)
        if sum(counts.values()) > counts["looked"]:
            _put(connection)
        connection.execute(DropTable(_found))
    return counts


def _waiting() -> list:
    return [o.c.district_code == "", or_(o.c.address != "", o.c.lon.is_not(None))]


def _unplaced(connection: Connection) -> Iterator[pa.Table]:
    """The orders without a place, in chunks by order_id: order_id, address, lon, lat (text, as from a file)."""
    last = -1
    while True:
        query = select(o.c.order_id, o.c.address, o.c.lon, o.c.lat).where(*_waiting(), o.c.order_id > last)
        rows = connection.execute(query.order_by(o.c.order_id).limit(_ROWS)).all()
        if not rows:
            return
        ids, addresses, lon, lat = zip(*rows, strict=True)
        texts = (pa.array(["" if value is None else repr(value) for value in values]) for values in (lon, lat))
        yield pa.table([pa.array(ids, pa.int64()), pa.array(addresses), *texts], ["order_id", "address", "lon", "lat"])
        last = ids[-1]


def _look(connection: Connection, places: Places, table: pa.Table, counts: Counter[str]) -> None:
    columns = {f"place.{name}": table.column(name).combine_chunks() for name in ("address", "lon", "lat")}
    placed = places.find(columns, table.num_rows)
    sure = placed.district != ""
    if not sure.any():
        return
    for how, count in zip(*np.unique(placed.by[sure].astype(str), return_counts=True), strict=True):
        counts[str(how)] += int(count)
    found = {
        "order_id": table.column("order_id").filter(pa.array(sure)),
        "district_code": pa.array(placed.district[sure], pa.string()),
        "street_code": pa.array(placed.street[sure], pa.string()),
        "community_code": pa.array(placed.community[sure], pa.string()),
        "placed_by": pa.array(placed.by[sure], pa.string()),
    }
    bulk.insert(connection, _found, pa.table(found))


def _put(connection: Connection) -> None:
    """Write the places to orders and what is told of them, and bring ticks and cubes in step."""
    same = o.c.order_id == _found.c.order_id
    connection.execute(update(o).values({name: _found.c[name] for name in _CODES}).where(same))
    connection.execute(
        update(hotline_event)
        .values(street_code=_found.c.street_code)
        .where(hotline_event.c.order_id == _found.c.order_id, _found.c.street_code != "")
    )
    for table in detours.TABLES:
        codes = {name: _found.c[name] for name in _CODES if name in table.c}
        connection.execute(update(table).values(codes).where(table.c.order_id == _found.c.order_id))
    times = (o.c.accept_at, o.c.due_at, o.c.close_at, o.c.callback_at)
    spans = [edge(time) for time in times for edge in (func.min, func.max)]
    span = [one for one in connection.execute(select(*spans).join(_found, same)).one() if one is not None]
    cubes.refresh(connection, min(span).date(), max(span).date())
