"""The one way in for readings and for the network, within a transaction of the caller's (engine.committing).

What a reading says twice is stored once; what it says otherwise the second time is a correction, and the row it
corrects stays for questions about moments before the correction came.
"""

import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import (
    Column,
    Connection,
    Date,
    Float,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.schema import CreateTable

from data_access import bulk, clock
from data_access.flood import cube, tables, watch
from data_access.flood.tables import flood_reading as r
from data_access.schema import Moment, quarantine
from domain.flood.rules import rules

AHEAD = timedelta(minutes=rules(date.max).ahead_min)  # a clock may be that much fast
LIMITS = {  # element: the values that can be
    "rain": (0.0, 2000.0),
    "level": (-500.0, 9000.0),
    "below": (-500.0, 9000.0),
    "depth": (0.0, 1000.0),
    "flow": (-120_000.0, 250_000.0),  # tides turn rivers round
    "inflow": (-50_000.0, 250_000.0),
    "outflow": (0.0, 250_000.0),
    "storage": (0.0, 60_000.0),
    "opening": (0.0, 100.0),
    "pump": (0.0, 1.0),
}
_KEY = ["station", "element", "moment"]
_incoming = Table(
    "flood_incoming",
    MetaData(),
    Column("n", Integer),
    Column("moment", Moment),
    Column("station", String(20)),
    Column("element", String(10)),
    Column("value", Float),
    Column("quality", SmallInteger),
    Column("known_at", Moment),
    prefixes=["TEMPORARY"],
)
_touched = Table(
    "flood_touched",
    MetaData(),
    Column("day", Date),
    Column("station", String(20)),
    Column("element", String(10)),
    prefixes=["TEMPORARY"],
)


@dataclass
class Added:
    """What became of readings, by their position in the frame: stored, updated (stored as a correction), already
    (there), or why it was refused: no_value | no_time | future | contradiction | element."""

    what: np.ndarray

    def _count(self, what: str) -> int:
        return int((self.what == what).sum())

    @property
    def stored(self) -> int:
        return self._count("stored")

    @property
    def updated(self) -> int:
        return self._count("updated")

    @property
    def already(self) -> int:
        return self._count("already")

    @property
    def refused(self) -> list[tuple[int, str]]:
        """(position, reason) of each that was not taken."""
        taken = np.isin(self.what, ("stored", "updated", "already"))
        return [(int(n), str(self.what[n])) for n in np.flatnonzero(~taken)]


def add_readings(
    connection: Connection, frame: pd.DataFrame, source: str = "flood", now: datetime | None = None
) -> Added:
    """Add readings that came in: moment, station, element, value; where there are such columns also minutes, quality,
    confidence, received_at. What cannot be goes to quarantine; the days they touch are counted anew; the alarm engine
    then looks at them."""
    now = now or clock.now()
    added = place_readings(connection, frame, now, watched=datetime.min)
    if added.refused:
        load = load_id()
        lost = frame.iloc[[position for position, _ in added.refused]]
        columns = {
            "load_id": load,
            "source": source,
            "file": "",
            "line": [position for position, _ in added.refused],
            "reason": [reason for _, reason in added.refused],
            "raw": [json.dumps(row, ensure_ascii=False, default=str) for row in lost.to_dict("records")],
        }
        bulk.insert(connection, quarantine, pd.DataFrame(columns))
    watch.advance(connection, now)
    return added


def place_readings(
    connection: Connection, frame: pd.DataFrame, now: datetime, watched: datetime | None = None
) -> Added:
    """Add readings without keeping what is refused and without the alarm engine: for files, which tell of each row
    themselves. watched: new readings of this moment and later that would have been known before the engine's last look
    came after it: they were received now (None: all are known at their own moments)."""
    rows, added = _checked(frame, now)
    if rows.empty:
        return added
    rows, superseding = _versions(connection, rows, added, now)
    if rows.empty:
        return added
    if watched is not None and (upto := watch.checkpoint(connection)) is not None:
        rows, superseding = _late(rows, superseding, (watched, upto), now)
    rows = rows.sort_values("moment", kind="stable")
    if len(superseding):
        _supersede(connection, superseding)
    kept = [column.name for column in r.columns if column.name in rows.columns]
    bulk.insert(connection, r, pa.Table.from_pandas(rows[kept], schema=_schema(kept), preserve_index=False))
    _recount(connection, rows)
    return added


def _late(rows: Any, superseding: Any, span: tuple[datetime, datetime], now: datetime) -> tuple[Any, Any]:
    """Readings of a span that nobody knew when the engine looked at its end, received now."""
    watched, upto = span
    then = np.datetime64(max(now, upto + timedelta(seconds=1)), "s")

    def moved(times: Any, of: Any) -> Any:
        late = (times <= upto) & (of >= watched)
        return times.mask(late, then).astype("datetime64[s]")

    known = rows["received_at"].fillna(rows["moment"])
    late = (known <= upto) & (rows["moment"] >= watched)
    rows = rows.assign(
        received_at=rows["received_at"].mask(late, then).astype("datetime64[s]"),
        superseded_at=moved(rows["superseded_at"], rows["moment"]),
    )
    if len(superseding):
        superseding = superseding.assign(known_at=moved(superseding["known_at"], superseding["moment"]))
    return rows, superseding


_TYPES = {
    "moment": pa.timestamp("s"), "station": pa.string(), "element": pa.string(), "value": pa.float32(),
    "minutes": pa.int16(), "quality": pa.int16(), "confidence": pa.float32(), "received_at": pa.timestamp("s"),
    "superseded_at": pa.timestamp("s"),
}  # fmt: skip


def _schema(names: Sequence[str]) -> pa.Schema:
    return pa.schema([(name, _TYPES[name]) for name in names])


def append(connection: Connection, rows: pa.Table) -> int:
    """Append readings of a generator, in the order of time, of which none is there yet: nothing is checked or looked
    up. Count their days afterwards (count_days)."""
    return bulk.insert(connection, r, rows)


def count_days(connection: Connection, first: date, last: date) -> None:
    """Count the days from first to last anew, after append."""
    cube.recount(connection, first, last)


# ---- checking --------------------------------------------------------------------------------------------------------
def _checked(frame: pd.DataFrame, now: datetime) -> tuple[pd.DataFrame, Added]:
    """The rows that can be stored, with every column; n is their position in the frame."""
    rows: Any = pd.DataFrame(
        {
            "n": np.arange(len(frame)),
            "moment": pd.to_datetime(frame["moment"]).to_numpy().astype("datetime64[s]"),
            "station": frame["station"].to_numpy(),
            "element": frame["element"].to_numpy(),
            "value": frame["value"].to_numpy(dtype=np.float32, na_value=np.nan),
        }
    )
    for name, usual in (("minutes", 0), ("quality", 0)):
        rows[name] = (frame[name].to_numpy() if name in frame else np.full(len(frame), usual)).astype(np.int16)
    if "confidence" in frame:
        rows["confidence"] = frame["confidence"].to_numpy(dtype=np.float32, na_value=np.nan)
    received = (
        frame["received_at"] if "received_at" in frame else pd.Series(np.full(len(frame), np.datetime64("NaT", "s")))
    )
    rows["received_at"] = pd.to_datetime(received).to_numpy().astype("datetime64[s]")
    wrong = np.full(len(rows), "", dtype=object)
    for where, what in (
        (rows["moment"].isna(), "no_time"),
        (~np.isfinite(rows["value"].to_numpy()), "no_value"),
        (~rows["element"].isin(list(LIMITS)), "element"),
        (rows["moment"] > pd.Timestamp(now + AHEAD), "future"),
    ):
        wrong[(wrong == "") & np.asarray(where)] = what
    added = Added(np.where(wrong == "", "stored", wrong).astype(object))
    rows = rows[wrong == ""]
    rows.loc[_impossible(rows, rules(now.date()).rain_per_min), "quality"] = 2
    return rows, added


def _impossible(rows: pd.DataFrame, rain_per_min: float) -> np.ndarray:
    """Values that no water has. They are kept, but count for nothing."""
    value, found = rows["value"].to_numpy(), np.zeros(len(rows), dtype=bool)
    elements = rows["element"].to_numpy()
    for element in pd.unique(elements):
        low, high = LIMITS[element]
        found |= (elements == element) & ((value < low) | (value > high))
    minutes = rows["minutes"].to_numpy()
    return found | ((elements == "rain") & (minutes > 0) & (value > rain_per_min * minutes))


# ---- versions --------------------------------------------------------------------------------------------------------
def _versions(connection: Connection, rows: Any, added: Added, now: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What is new among the rows, and which stored rows end to count and when."""
    known = rows["received_at"].where(rows["received_at"].notna(), rows["moment"])
    rows = rows.assign(known_at=known, superseded_at=pd.Series(np.datetime64("NaT", "s"), index=rows.index))
    span = rows["moment"].min().to_pydatetime(), rows["moment"].max().to_pydatetime()
    there: Any = _stored(connection, rows, span)
    doubled = rows.duplicated(_KEY, keep=False)
    if doubled.any():
        rows = _among_themselves(rows, doubled, added)
        there = there[there["n"].isin(rows["n"])]
    if there.empty:
        return rows, there
    return _against(rows, there, added, now)


def _among_themselves(rows: Any, doubled: pd.Series, added: Added) -> pd.DataFrame:
    """Rows of one moment in one frame: the same again is already there; a later word corrects the earlier one; two
    words at once contradict each other."""
    rows = rows.sort_values([*_KEY, "known_at", "n"])
    some = rows[doubled.reindex(rows.index)]
    dropped, ends = [], {}
    seen: dict[tuple, Any] = {}
    for row in some.itertuples():
        before = seen.get((row.station, row.element, row.moment))
        if before is not None and (row.value, row.quality) == (before.value, before.quality):
            added.what[row.n] = "already"
            dropped.append(row.Index)
        elif before is not None and row.known_at <= before.known_at:
            added.what[row.n] = "contradiction"
            dropped.append(row.Index)
        else:
            if before is not None:
                ends[before.Index] = row.known_at
                added.what[row.n] = "updated"
            seen[row.station, row.element, row.moment] = row
    rows.loc[list(ends), "superseded_at"] = pd.Series(ends, dtype="datetime64[s]")
    return rows.drop(index=dropped)


def _stored(connection: Connection, rows: pd.DataFrame, span: tuple[datetime, datetime]) -> pd.DataFrame:
    """What is stored of the same moments: n of the row, value, quality, known_at, superseded_at."""
    within = (r.c.moment >= span[0], r.c.moment <= span[1])
    names = ["n", "value", "quality", "known_at", "superseded_at"]
    if connection.execute(select(r.c.moment).where(*within).limit(1)).first() is None:
        return pd.DataFrame(columns=names)
    _clear(connection, _incoming)
    bulk.insert(connection, _incoming, rows[["n", *_KEY]])
    i = _incoming.c
    found = connection.execute(
        select(i.n, r.c.value, r.c.quality, func.coalesce(r.c.received_at, r.c.moment), r.c.superseded_at)
        .join(_incoming, (i.station == r.c.station) & (i.element == r.c.element) & (i.moment == r.c.moment))
        .where(*within)
    ).fetchall()
    frame = pd.DataFrame.from_records(found, columns=names)
    frame["value"] = frame["value"].astype(np.float32)
    for name in ("known_at", "superseded_at"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame


def _clear(connection: Connection, table: Table) -> None:
    connection.execute(CreateTable(table, if_not_exists=True))
    connection.execute(delete(table))


def _against(rows: Any, there: Any, added: Added, now: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows against what is stored of their moments."""
    by_n = rows.set_index("n", drop=False)
    n = there["n"].to_numpy()
    mine = by_n.loc[n]
    stated = mine["received_at"].notna().to_numpy()
    stands = there["superseded_at"].isna().to_numpy()
    same = np.logical_and(
        *(there[name].to_numpy() == mine[name].to_numpy() for name in ("value", "quality")),
    )
    newer = mine["known_at"].to_numpy() > there["known_at"].to_numpy()
    # a later word with the value of a version that was corrected since takes the correction back
    already = np.unique(n[same & ~(stated & newer & ~stands)])
    older = np.setdiff1d(n[stands & stated & ~newer], already)
    added.what[already], added.what[older] = "already", "contradiction"
    rows = rows[~rows["n"].isin(np.concatenate([already, older]))]
    corrected = np.intersect1d(n[stands], rows["n"].to_numpy())
    correcting = rows["n"].isin(corrected)
    unsaid = correcting & rows["received_at"].isna()
    rows.loc[unsaid, "received_at"] = np.datetime64(now, "s")
    added.what[rows.loc[correcting, "n"]] = "updated"
    superseding = rows.loc[correcting, ["n", *_KEY]].assign(known_at=rows.loc[correcting, "received_at"])
    return rows, superseding.sort_values("known_at").drop_duplicates(_KEY)


def _supersede(connection: Connection, rows: pd.DataFrame) -> None:
    """The stored rows of these moments stop counting at known_at."""
    _clear(connection, _incoming)
    bulk.insert(connection, _incoming, rows[["n", *_KEY, "known_at"]])
    i = _incoming.c
    connection.execute(
        update(r)
        .values(superseded_at=i.known_at)
        .where(i.station == r.c.station, i.element == r.c.element, i.moment == r.c.moment)
        .where(r.c.superseded_at.is_(None))
        .where(r.c.moment >= rows["moment"].min().to_pydatetime(), r.c.moment <= rows["moment"].max().to_pydatetime())
    )


def _recount(connection: Connection, rows: Any) -> None:
    """Count the days that rows touch anew."""
    moments = pd.DatetimeIndex(rows["moment"])
    rain = (rows["element"] == "rain").to_numpy()
    day = pd.Series(np.where(rain, moments - pd.Timedelta(seconds=1), moments)).astype("datetime64[s]").dt.normalize()
    keys: Any = pd.DataFrame(
        {"day": day.to_numpy(), "station": rows["station"].to_numpy(), "element": rows["element"].to_numpy()}
    )
    rain08 = keys[rain].assign(
        day=(moments[rain] - pd.Timedelta(hours=8, seconds=1) + pd.Timedelta(days=1)).normalize(), element="rain08"
    )
    keys = pd.concat([keys, rain08]).drop_duplicates()
    keys["day"] = keys["day"].dt.date
    _clear(connection, _touched)
    bulk.insert(connection, _touched, keys)
    cube.recount_touched(connection, _touched, keys["day"].min(), keys["day"].max())


# ---- the network -----------------------------------------------------------------------------------------------------
_NETWORK = {
    "stations": tables.flood_station,
    "thresholds": tables.flood_threshold,
    "curves": tables.flood_curve,
    "catchments": tables.flood_catchment,
    "weights": tables.flood_weight,
    "reaches": tables.flood_reach,
    "gates": tables.flood_gate,
}


def replace_network(connection: Connection, **parts: Sequence[Mapping[str, Any]]) -> None:
    """Put rows in the place of all rows of the named parts: stations, thresholds, curves, catchments, weights,
    reaches, gates. Columns left out are empty."""
    for name, rows in parts.items():
        table = _NETWORK[name]
        connection.execute(delete(table))
        if rows:
            connection.execute(insert(table), [_filled(table, row) for row in rows])


@cache
def _empty(table: Table) -> dict[str, Any]:
    """What a row has where nothing is said."""
    return {
        column.name: None
        if column.nullable and not column.primary_key
        else ""
        if isinstance(column.type, String)
        else 0
        for column in table.columns
    }


def _filled(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {**_empty(table), **row}


def station_row(code: str, kind: str, source: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """A row of flood_station with what is told of it; without a name it is called by its code."""
    return _filled(tables.flood_station, {"name": code, **told, "code": code, "kind": kind, "source": source})


def load_id() -> str:
    """A number for what came in together."""
    return uuid.uuid4().hex


def merge_network(connection: Connection, **parts: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Add rows to the named parts; a row of the same key is replaced. Counts of stored, updated, already."""
    counts: Counter[str] = Counter()
    for name, rows in parts.items():
        table = _NETWORK[name]
        key = [column.name for column in table.primary_key.columns]
        stored = {tuple(row._mapping[k] for k in key): dict(row._mapping) for row in connection.execute(select(table))}
        fresh = []
        for row in (_filled(table, one) for one in rows):
            old = stored.get(tuple(row[k] for k in key))
            if old == row:
                counts["already"] += 1
                continue
            counts["updated" if old else "stored"] += 1
            if old:
                connection.execute(delete(table).where(*(table.c[k] == row[k] for k in key)))
            stored[tuple(row[k] for k in key)] = row
            fresh.append(row)
        if fresh:
            connection.execute(insert(table), fresh)
    return counts
