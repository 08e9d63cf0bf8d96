"""Checked fields of a chunk -> rows of hotline_order and hotline_event."""

import numpy as np
import pandas as pd
import pyarrow as pa

from data_access.intake.description import FLAGS, NUMBERS, TIMES, Description
from data_access.intake.places import Placed
from data_access.intake.privacy import Masker
from data_access.intake.vocabulary import Vocabulary
from data_access.schema import hotline_order

_EVENTS = (
    ("registered", "accept_at"),
    ("dispatched", "dispatch_at"),
    ("signed", "sign_at"),
    ("replied", "reply_at"),
    ("closed", "close_at"),
    ("called_back", "callback_at"),
)
_SMALL = {name: pa.int16() for name in NUMBERS} | {name: pa.bool_() for name in (*FLAGS, "tracked")}
_TEXT_COLUMNS = [c.name for c in hotline_order.columns if c.type.python_type is str]


def frame(
    description: Description,
    fields: dict[str, pa.Array],
    times: dict[str, np.ndarray],
    placed: Placed,
    words: Vocabulary,
    masker: Masker,
) -> pd.DataFrame:
    """The columns of hotline_order for rows that passed the checks (order_id is decided later)."""
    rows = len(placed.by)
    empty = pa.array([""] * rows, pa.string())
    result: dict[str, object] = {
        "street_code": placed.street,
        "district_code": placed.district,
        "community_code": placed.community,
        "placed_by": placed.by,
        "lon": placed.lon,
        "lat": placed.lat,
        "source": np.full(rows, description.key, dtype=object),
        "tracked": np.full(rows, description.tracked),
        "order_no": fields.get("number", empty).to_numpy(zero_copy_only=False),
        "title": masker.texts(fields.get("title", empty)).to_numpy(zero_copy_only=False),
        "address": masker.texts(fields.get("address", empty)).to_numpy(zero_copy_only=False),
        "channel": words.coded("channel", fields.get("channel", empty)),
        "appeal_type": words.coded("appeal_type", fields.get("appeal_type", empty)),
        "org": words.organisations(fields.get("org", empty)),
    }
    result["category"], result["topic"] = words.categories(fields.get("category", empty), fields.get("category_group"))
    for name in TIMES:
        if name in times:
            result[name] = times[name]
    for name in NUMBERS:
        if name in fields:
            result[name] = words.numbered(name, fields[name])
    for name in FLAGS:
        if name in fields:
            result[name] = words.flagged(name, fields[name])
    if "caller_phone" in fields:
        result["caller_key"] = (
            masker.callers(fields["caller_phone"]).to_pandas(integer_object_nulls=True).astype(object)
        )
    return pd.DataFrame(result)


def arrow(rows: pd.DataFrame) -> pa.Table:
    """Rows of hotline_order as Arrow, each column of its table's type."""
    columns = {}
    for name in rows.columns:
        values = rows[name].to_numpy()
        if name in TIMES:
            columns[name] = pa.array(values.astype("datetime64[us]"))
        elif name in _SMALL:
            columns[name] = pa.array(values, _SMALL[name], from_pandas=True)
        elif name in ("lon", "lat"):
            columns[name] = pa.array(values.astype(np.float64), from_pandas=True)
        elif name in ("caller_key", "order_id"):
            columns[name] = pa.array(values, pa.int64(), from_pandas=True)
        else:
            columns[name] = pa.array(values, pa.string())
    return pa.table(columns)


def events(orders: pa.Table) -> pa.Table:
    """The known steps of each order, in the order of its life: order_id, street_code, seq, event, happened_at, org."""
    parts = []
    for seq, (event, column) in enumerate(_EVENTS, 1):
        if column not in orders.column_names:
            continue
        times = orders.column(column)
        known = orders if times.null_count == 0 else orders.filter(times.is_valid())
        if known.num_rows:
            parts.append(
                pa.table(
                    {
                        "order_id": known.column("order_id"),
                        "street_code": known.column("street_code"),
                        "seq": pa.repeat(pa.scalar(seq, pa.int16()), known.num_rows),
                        "event": pa.repeat(event, known.num_rows),
                        "happened_at": known.column(column),
                        "org": known.column("org"),
                    }
                )
            )
    if not parts:
        return pa.table({"order_id": pa.array([], pa.int64())})
    return pa.concat_tables(parts)
