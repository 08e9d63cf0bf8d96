"""Which order a row is: new, already there, or a newer version of one that is there.

Numbers printed by real systems lose digits (2.02506E+12 on a whole month), change format, and repeat; so an order is
known by its content. `content_keys` hashes what does not change while an order is handled (accept time, category, text,
place, caller; not its number, not its progress) to 47 bits; order_id is that key with 16 bits of a running number for
orders whose content cannot be told apart. Keys of different contents can collide (once in 2**47 pairs): rows only match
when the accept time is the same too.

A row is matched with the orders of its key that are there and that no earlier row of the same file has taken:
* trustworthy numbers must be the same; a number that lost its digits, or none, matches any;
* the same number on the same content twice in one file is one order written twice, unless that number is also on other
  contents, which makes it no number at all: then each row is an order;
* progress that is new or later, or a place where none was known, makes it an update; a row that knows less, or an
  older state, changes nothing;
* [identity] revises: a trustworthy number with the same accept time and other content is a newer version.
So loading a file twice, in another encoding, or with its numbers damaged, changes nothing, and every row is counted
exactly once: read = stored + updated + already + quarantined.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
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
    literal_column,
    select,
)
from sqlalchemy.schema import DropTable

from data_access import bulk, detours
from data_access.intake import normalise
from data_access.intake.columns import by_value, pc, without_spaces
from data_access.intake.description import PROGRESS, TIMES, Description, IntakeError
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
    key = _mixed(accept.astype("datetime64[s]").astype(np.uint64), _hashed(pa.array([description.key])))
    taken = []
    for name in (*_CONTENT, *_PLACES):
        one = description.columns.get(name) or description.place.fields().get(name.removeprefix("place."))
        if name in fields and one not in taken:
            taken.append(one)
            key = _mixed(key, by_value(fields[name], _hashed))
    for name in ("place.lon", "place.lat"):
        if name in fields:
            values, _ = normalise.numbers(fields[name])
            millionths = np.round(np.where(np.isnan(values), 0, values) * 1_000_000)
            key = _mixed(key, np.nan_to_num(millionths).astype(np.int64).astype(np.uint64))
    return (key & np.uint64(_KEY_MASK)).astype(np.int64)


def _hashed(texts: pa.Array) -> np.ndarray:
    """64-bit hashes (SipHash) of texts as people read them: half-width, without spaces."""
    folded = without_spaces(normalise.half_width(texts))
    return pd.util.hash_array(  # pyright: ignore[reportAttributeAccessIssue]
        folded.to_numpy(zero_copy_only=False), categorize=False
    )


def _mixed(key: np.ndarray, more: np.ndarray) -> np.ndarray:
    """One hash of two, in which the order counts: the finishing steps of SplitMix64 over their combination."""
    key = (key * np.uint64(0x9E3779B97F4A7C15)) ^ more
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


@dataclass
class Rows:
    """Rows in file order: their content keys, whether their numbers lost digits, and the columns of hotline_order."""

    k: np.ndarray
    lossy: np.ndarray
    table: pa.Table

    def __len__(self) -> int:
        return len(self.k)

    def where(self, mask: np.ndarray) -> "Rows":
        """Some of the rows."""
        return Rows(self.k[mask], self.lossy[mask], self.table.filter(pa.array(mask)))


@dataclass
class Outcome:
    """Per row: what it is ('stored', 'updated', 'already', 'aside': decided at the end of the file) and its order_id.

    For updated rows, by position: stored_rows, the row as it is in the table now; merged, the progress it gets.
    """

    what: np.ndarray
    order_id: np.ndarray
    stored_rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    merged: dict[int, dict[str, Any]] = field(default_factory=dict)


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
        """Delete these orders and all that is told of them, so that their newer versions can take their place."""
        self._connection.execute(delete(_keys))
        bulk.insert(self._connection, _keys, pa.table({"k": order_ids}))
        mine = select(_keys.c.k)
        for table in (hotline_event, *detours.TABLES):
            self._connection.execute(delete(table).where(table.c.order_id.in_(mine)))
        self._connection.execute(delete(o).where(o.c.order_id.in_(mine), o.c.source == self._description.key))

    def decide(self, rows: Rows, last: bool = False) -> Outcome:
        """What each row is. Nothing is written to orders.

        last: these rows were set aside before; decide them now.
        """
        what = np.full(len(rows), "stored", dtype=object)
        ids = rows.k << SLOT_BITS
        outcome = Outcome(what, ids)
        if not len(rows):
            return outcome
        self._announce(rows)
        candidates = self._candidates(rows)
        keys = pd.Series(rows.k)
        special = np.flatnonzero((keys.duplicated(keep=False) | keys.isin(list(candidates))).to_numpy())
        if len(special):
            self._each(rows, special, candidates, outcome, last)
        if self._description.identity.revises:
            self._newer_versions(rows, outcome)
        settled = what != "aside"
        bulk.insert(self._connection, _seen, pa.table({"k": rows.k[settled], "order_id": ids[settled]}))
        return outcome

    def _announce(self, rows: Rows) -> None:
        self._connection.execute(delete(_keys))
        keys = rows.table.select(["order_no", "accept_at"]).append_column("k", pa.array(rows.k))
        bulk.insert(self._connection, _keys, keys)

    @staticmethod
    def _between(rows: Rows) -> Any:
        span = pc.min_max(rows.table.column("accept_at")).as_py()
        return o.c.accept_at.between(span["min"], span["max"])

    def _candidates(self, rows: Rows) -> dict[int, list[_Candidate]]:
        """The orders there with the keys of these rows."""
        key = o.c.order_id.op(">>")(literal_column(str(SLOT_BITS)))  # PostgreSQL shifts by integers only
        wanted = select(_keys.c.k).distinct().subquery()
        columns = [o.c[name] for name in (*self._progress, "district_code")]
        query = (
            select(wanted.c.k, o.c.order_id, o.c.source, o.c.order_no, o.c.accept_at, *columns)
            .select_from(o)
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

    def _distrusted(self) -> set[str]:
        """Numbers of these rows that are on more than one content in this source."""
        key = o.c.order_id.op(">>")(literal_column(str(SLOT_BITS)))
        query = (
            select(o.c.order_no)
            .where(o.c.source == self._description.key, o.c.order_no.in_(select(_keys.c.order_no)))
            .group_by(o.c.order_no)
            .having(func.count(distinct(key)) > 1)
        )
        return {row[0] for row in self._connection.execute(query)}

    def _each(
        self,
        rows: Rows,
        positions: np.ndarray,
        candidates: dict[int, list[_Candidate]],
        outcome: Outcome,
        last: bool,
    ) -> None:
        """Rows that share their key with others, one by one, in file order."""
        distrusted = self._distrusted() if last else set()
        part = (
            rows.table.select(["order_no", "accept_at", "district_code", *self._progress])
            .take(pa.array(positions))
            .to_pylist()
        )
        for position, k, lossy, new in zip(
            positions, rows.k[positions].tolist(), rows.lossy[positions].tolist(), part, strict=True
        ):
            number, accept, district = new.pop("order_no"), new.pop("accept_at"), new.pop("district_code")
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
                row = {"accept_at": accept, "district_code": district, **new}
                here.append(_Candidate(order_id, True, number, True, row))
                outcome.order_id[position] = order_id
                continue
            outcome.order_id[position] = found.order_id
            better = trusted and found.order_no != number
            better = better or bool(district and not found.row["district_code"])  # its area is known by now
            merged = merge(found.row, new)
            if better or any(merged[name] != found.row.get(name) for name in new):
                outcome.what[position] = "updated"
                outcome.stored_rows[int(position)] = dict(found.row)
                outcome.merged[int(position)] = merged
                found.row.update(merged, district_code=district or found.row["district_code"])
                found.order_no = number if better else found.order_no
            elif found.taken and not last:
                outcome.what[position] = "aside"
            else:
                outcome.what[position] = "already"
            found.taken = True

    def _newer_versions(self, rows: Rows, outcome: Outcome) -> None:
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
        fresh = np.flatnonzero((outcome.what == "stored") & ~rows.lossy)
        for position, row in zip(fresh, rows.table.take(pa.array(fresh)).to_pylist(), strict=True):
            known = there.pop((row["order_no"], row["accept_at"]), None)
            if known is None:
                continue
            changed = any(_text(row[name]) != _text(known[name]) for name in _REVISED)
            merged = merge(known, {name: row[name] for name in self._progress})
            changed = changed or any(merged[name] != known[name] for name in merged)
            outcome.what[position] = "updated" if changed else "already"
            outcome.order_id[position] = known["order_id"]
            outcome.stored_rows[int(position)] = known
            outcome.merged[int(position)] = merged


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
    return value is None or value == ""


def merge(stored: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The progress of an order known from two rows. What only one knows stands; where they differ the row whose last
    time is later is right, and of rows equally late the greater value, so that the order of files does not matter."""
    last_stored, last_new = _last_time(stored, new), _last_time(new, new)
    result = {}
    for name, value in new.items():
        known = stored.get(name)
        if _nothing(value) or known == value:
            result[name] = known
        elif _nothing(known) or last_new > last_stored:
            result[name] = value
        else:
            result[name] = max(known, value) if last_new == last_stored else known
    return result


def _last_time(row: dict[str, Any], names: Iterable[str]) -> datetime:
    times = [row[name] for name in names if name in TIMES and row.get(name) is not None and name != "due_at"]
    return max(times, default=datetime.min)


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
