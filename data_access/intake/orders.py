"""Checked fields of a chunk -> rows of hotline_order and hotline_event."""

import numpy as np
import pyarrow as pa

from data_access.intake.description import FLAGS, NUMBERS, TIMES, Description
from data_access.intake.places import Placed
from data_access.intake.privacy import Masker
from data_access.intake.vocabulary import Vocabulary

_EVENTS = (
    ("registered", "accept_at"),
    ("dispatched", "dispatch_at"),
    ("signed", "sign_at"),
    ("replied", "reply_at"),
    ("closed", "close_at"),
    ("callback", "callback_at"),
)


def table(
    description: Description,
    fields: dict[str, pa.Array],
    times: dict[str, np.ndarray],
    placed: Placed,
    *,
    words: Vocabulary,
    masker: Masker,
) -> pa.Table:
    """The columns of hotline_order for rows that passed the checks (order_id is decided later)."""
    rows = len(placed.by)
    empty = pa.repeat("", rows)
    result: dict[str, pa.Array] = {
        "street_code": pa.array(placed.street, pa.string()),
        "district_code": pa.array(placed.district, pa.string()),
        "community_code": pa.array(placed.community, pa.string()),
        "placed_by": pa.array(placed.by, pa.string()),
        "lon": pa.array(placed.lon, pa.float64(), from_pandas=True),
        "lat": pa.array(placed.lat, pa.float64(), from_pandas=True),
        "source": pa.repeat(description.key, rows),
        "tracked": pa.repeat(description.tracked, rows),
        "order_no": fields.get("number", empty),
        "title": masker.texts(fields.get("title", empty)),
        "address": masker.texts(fields.get("address", empty)),
        "channel": words.coded("channel", fields.get("channel", empty)),
        "appeal_type": words.coded("appeal_type", fields.get("appeal_type", empty)),
        "org": words.organisations(fields.get("org", empty)),
    }
    groups = fields.get("category_group")
    result["category"], result["topic"] = words.categories(fields.get("category", empty), groups)
    result |= {name: pa.array(times[name].astype("datetime64[us]")) for name in TIMES if name in times}
    result |= {name: words.numbered(name, fields[name]) for name in NUMBERS if name in fields}
    result |= {name: words.flagged(name, fields[name]) for name in FLAGS if name in fields}
    if "caller_phone" in fields:
        result["caller_key"] = masker.callers(fields["caller_phone"])
    return pa.table(result)


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
