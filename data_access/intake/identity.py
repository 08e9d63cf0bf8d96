"""Which order a row is: new, already there, or a newer version of one that is there.

Numbers printed by real systems lose digits (2.02506E+12 on a whole month), change format, and repeat; so an order is known
by its content. `content_keys` hashes what does not change while an order is handled (accept time, category, text, place,
caller; not its number, not its progress) to 47 bits; order_id is that key with 16 bits of a running number for orders
whose content cannot be told apart. Keys of different contents can collide (once in 2**47 pairs): rows only match when
the accept time is the same too.

A row is matched with the orders of its key that are there and that no earlier row of the same file has taken:
* trustworthy numbers must be the same; a number that lost its digits, or none, matches any;
* the same number on the same content twice in one file is one order written twice, unless that number is also on other
  contents, which makes it no number at all: then each row is an order;
* progress that is new or different makes it an update; a row that merely knows less changes nothing;
* [identity] revises: a trustworthy number with the same accept time and other content is a newer version.
So loading a file twice, in another encoding, or with its numbers damaged, changes nothing, and every row is counted
exactly once: read = stored + updated + already + quarantined.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.util import hash_array
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    MetaData,
    String,
    Table,
    and_,
    delete,
    distinct,
    func,
    select,
)
from sqlalchemy.schema import DropTable

from data_access import bulk
from data_access.intake import normalise
from data_access.intake.columns import by_value, pc, without_spaces
from data_access.intake.description import PROGRESS, Description, IntakeError
from data_access.schema import hotline_event
from data_access.schema import hotline_order as o

SLOT_BITS = 16
SLOTS = 1 << SLOT_BITS
_KEY_MASK = (1 << (63 - SLOT_BITS)) - 1
_temporary = MetaData()
_keys = Table(
    "intake_keys",
    _temporary,
    Column("k", BigInteger, nullable=False),
    Column("order_no", String(40)),
    Column("accept_at", DateTime),
    prefixes=["TEMPORARY"],
)
_seen = Table(
    "intake_seen",
    _temporary,
    Column("k", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    prefixes=["TEMPORARY"],
)
_REVISED = ("category", "title", "address", "channel", "appeal_type", "district_code", "street_code")
_CONTENT = ("category_group", "category", "title", "address", "caller_phone", "channel", "appeal_type")
_PLACES = ("place.code", "place.district", "place.street", "place.address")


def content_keys(description: Description, fields: dict[str, pa.Array], accept: np.ndarray) -> np.ndarray:
    """47-bit keys of the unchanging content of rows. The same from load to load, from machine to machine."""
    parts = [pa.array([description.key] * len(accept), pa.string())]
    parts.append(pa.array(accept.astype("datetime64[s]").astype(np.int64)).cast(pa.string()))
    taken = []
    for name in (*_CONTENT, *_PLACES):
        one = description.columns.get(name) or description.place.fields().get(name.removeprefix("place."))
        if name in fields and one not in taken:
            taken.append(one)
            parts.append(by_value(fields[name], lambda texts: without_spaces(normalise.half_width(texts))))
    for name in ("place.lon", "place.lat"):
        if name in fields:
            values, _ = normalise.numbers(fields[name])
            parts.append(
                pa.array(np.where(np.isnan(values), 0, np.round(values, 6)) * 1_000_000)
                .cast(pa.int64(), safe=False)
                .cast(pa.string())
            )
    joined = pc.binary_join_element_wise(*parts, "\x1f")
    hashed = hash_array(joined.to_numpy(zero_copy_only=False), categorize=False)
    return (hashed.astype(np.uint64) & np.uint64(_KEY_MASK)).astype(np.int64)


@dataclass
class Outcome:
    """Per row: what it is ('stored', 'updated', 'already', 'aside': decided at the end of the file) and its order_id.

    stored_rows: for updated rows the row as it is in the table now, by position.
    """

    what: np.ndarray
    order_id: np.ndarray
    stored_rows: dict[int, dict[str, Any]] = field(default_factory=dict)


@dataclass
class _Candidate:
    order_id: int
    mine: bool
    order_no: str
    taken: bool
    row: dict[str, Any]


class Identities:
    """Decides what the rows of one file are, chunk by chunk, inside the load's transaction."""

    def __init__(self, connection: Connection, description: Description) -> None:
        self._connection = connection
        self._description = description
        self._progress = [name for name in PROGRESS if name in description.columns]
        self.close()
        _temporary.create_all(connection, checkfirst=False)

    def close(self) -> None:
        """Forget the file."""
        for table in (_keys, _seen):
            self._connection.execute(DropTable(table, if_exists=True))

    def remove(self, order_ids: np.ndarray) -> None:
        """Delete these orders and their events, so that their newer versions can take their place."""
        self._connection.execute(delete(_keys))
        bulk.insert(self._connection, _keys, pa.table({"k": order_ids}))
        mine = select(_keys.c.k)
        self._connection.execute(delete(hotline_event).where(hotline_event.c.order_id.in_(mine)))
        self._connection.execute(delete(o).where(o.c.order_id.in_(mine), o.c.source == self._description.key))

    def decide(self, rows: pd.DataFrame, last: bool = False) -> Outcome:
        """rows: k, lossy and the columns of hotline_order, in file order. Nothing is written to orders.

        last: these rows were set aside before; decide them now.
        """
        what = np.full(len(rows), "stored", dtype=object)
        ids = rows["k"].to_numpy() << SLOT_BITS
        outcome = Outcome(what, ids)
        if not len(rows):
            return outcome
        self._announce(rows)
        candidates = self._candidates(rows)
        several = rows["k"].duplicated(keep=False).to_numpy()
        special = np.flatnonzero(several | rows["k"].isin(list(candidates)).to_numpy())
        if len(special):
            distrusted = self._distrusted(rows.iloc[special]) if last else set()
            self._each(rows, special, candidates, outcome, distrusted, last)
        if self._description.identity.revises:
            self._newer_versions(rows, outcome)
        settled = what != "aside"
        seen = pa.table({"k": rows["k"].to_numpy()[settled], "order_id": ids[settled]})
        bulk.insert(self._connection, _seen, seen)
        return outcome

    def _announce(self, rows: pd.DataFrame) -> None:
        self._connection.execute(delete(_keys))
        keys = pa.table(
            {
                "k": rows["k"].to_numpy(),
                "order_no": pa.array(rows["order_no"], pa.string()),
                "accept_at": pa.array(rows["accept_at"].to_numpy().astype("datetime64[us]")),
            }
        )
        bulk.insert(self._connection, _keys, keys)

    def _between(self, rows: pd.DataFrame) -> Any:
        first, last = rows["accept_at"].min(), rows["accept_at"].max()
        return o.c.accept_at.between(first.to_pydatetime(), last.to_pydatetime())

    def _candidates(self, rows: pd.DataFrame) -> dict[int, list[_Candidate]]:
        """The orders there with the keys of these rows."""
        key = o.c.order_id.op(">>")(SLOT_BITS)
        wanted = select(_keys.c.k).distinct().subquery()
        columns = [o.c[name] for name in self._progress]
        query = (
            select(wanted.c.k, o.c.order_id, o.c.source, o.c.order_no, o.c.accept_at, *columns)
            .join(wanted, key == wanted.c.k)
            .where(self._between(rows))
            .order_by(o.c.order_id)
        )
        found: dict[int, list[_Candidate]] = defaultdict(list)
        there = self._connection.execute(query).mappings().all()
        if not there:
            return found
        taken = {
            row[0] for row in self._connection.execute(select(_seen.c.order_id).join(wanted, _seen.c.k == wanted.c.k))
        }
        for row in there:
            mine = row["source"] == self._description.key
            found[row["k"]].append(
                _Candidate(row["order_id"], mine, row["order_no"], row["order_id"] in taken, dict(row))
            )
        return found

    def _distrusted(self, rows: pd.DataFrame) -> set[str]:
        """Numbers that are on more than one content in this source."""
        key = o.c.order_id.op(">>")(SLOT_BITS)
        query = (
            select(o.c.order_no)
            .where(o.c.source == self._description.key, o.c.order_no.in_(select(_keys.c.order_no)))
            .group_by(o.c.order_no)
            .having(func.count(distinct(key)) > 1)
        )
        return {row[0] for row in self._connection.execute(query)}

    def _each(
        self,
        rows: pd.DataFrame,
        positions: np.ndarray,
        candidates: dict[int, list[_Candidate]],
        outcome: Outcome,
        distrusted: set[str],
        last: bool,
    ) -> None:
        """Rows that share their key with others, one by one, in file order."""
        part = rows.iloc[positions]
        progress = part[self._progress].to_dict("records") if self._progress else [{}] * len(part)
        columns = (part["k"], part["order_no"], part["lossy"], part["accept_at"])
        for position, k, number, lossy, accept, new in zip(positions, *columns, progress, strict=True):
            here = candidates[k]
            distrust = number in distrusted
            trusted = bool(number) and not lossy and not distrust
            mine = [one for one in here if one.mine and one.row["accept_at"] == accept]
            same = next((one for one in mine if trusted and one.order_no == number), None)
            free = next(
                (one for one in mine if not one.taken and _may_be(one.order_no, number, trusted, distrust)), None
            )
            found = same or free
            if found is None:
                order_id = _slot(k, {one.order_id for one in here})
                row = {"accept_at": accept, **new}
                here.append(_Candidate(order_id, True, number, True, row))
                outcome.order_id[position] = order_id
                continue
            outcome.order_id[position] = found.order_id
            better = trusted and found.order_no != number
            if better or _adds(new, found.row):
                outcome.what[position] = "updated"
                outcome.stored_rows[int(position)] = dict(found.row)
                found.row.update({name: value for name, value in new.items() if not _nothing(value)})
                found.order_no = number if better else found.order_no
            elif found.taken and not last:
                outcome.what[position] = "aside"
            else:
                outcome.what[position] = "already"
            found.taken = True

    def _newer_versions(self, rows: pd.DataFrame, outcome: Outcome) -> None:
        """Stored orders with the number and accept time of rows that seem new: those rows are newer versions."""
        names = [*_REVISED, *self._progress]
        query = (
            select(o.c.order_no, o.c.accept_at, o.c.order_id, *(o.c[name] for name in names))
            .join(_keys, and_(o.c.order_no == _keys.c.order_no, o.c.accept_at == _keys.c.accept_at))
            .outerjoin(_seen, _seen.c.order_id == o.c.order_id)
            .where(
                o.c.source == self._description.key, o.c.order_no != "", _seen.c.order_id.is_(None), self._between(rows)
            )
        )
        there = {(row["order_no"], row["accept_at"]): dict(row) for row in self._connection.execute(query).mappings()}
        if not there:
            return
        for position in np.flatnonzero((outcome.what == "stored") & ~rows["lossy"].to_numpy()):
            row = rows.iloc[int(position)]
            known = there.pop((row["order_no"], row["accept_at"].to_pydatetime()), None)
            if known is None:
                continue
            changed = any(_text(row[name]) != _text(known[name]) for name in _REVISED) or _adds(
                {name: row[name] for name in self._progress}, known
            )
            outcome.what[position] = "updated" if changed else "already"
            outcome.order_id[position] = known["order_id"]
            outcome.stored_rows[int(position)] = known


def _text(value: Any) -> str:
    return "" if _nothing(value) else str(value)


def _may_be(stored: str, number: str, trusted: bool, distrust: bool) -> bool:
    """Whether a row with this number can be the stored order with that one."""
    if distrust:
        return stored == number
    return not trusted or not stored or is_lossy(stored)


def is_lossy(number: str) -> bool:
    """Whether a number lost digits to scientific notation."""
    return bool(normalise.lossy(pa.array([number], pa.string()))[0]) if "E" in number.upper() else False


def _nothing(value: Any) -> bool:
    return value is None or value is pd.NaT or value == "" or (isinstance(value, float) and np.isnan(value))


def _adds(new: dict[str, Any], stored: dict[str, Any]) -> bool:
    """Whether a row says something that the stored order does not know or knows otherwise."""
    for name, value in new.items():
        if not _nothing(value) and (_nothing(stored.get(name)) or stored[name] != value):
            return True
    return False


def _slot(k: int, used: set[int]) -> int:
    """The first free order_id of a key."""
    order_id = (int(k) << SLOT_BITS) + len(used)
    while order_id in used:  # ids are dense from 0 unless orders were deleted by hand
        order_id -= 1
    if len(used) >= SLOTS or order_id >> SLOT_BITS != k:
        raise IntakeError(
            f"More than {SLOTS:,} rows cannot be told apart (same time, category, text and place). Check the file, "
            "or name more of its columns in the source description."
        )
    return order_id
