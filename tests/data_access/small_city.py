"""A small city with everything that makes counting hard, and the counts taken straight from its orders.

Districts p (streets x, y, z; communities m, n in x), q (a functional zone, street w) and r (no streets at all). Codes
say nothing. Orders lie on whole minutes, so that closing, due and as-of moments coincide; some have no street, some no
place, some a source that never says when they close. Nothing here asks data_access a question.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import insert

from data_access import bulk, cubes, engine, indicators
from data_access.areas import Area, tree
from data_access.indicators import Indicator
from data_access.schema import area, category, hotline_order, observation, source
from data_access.where import Where

FIRST = datetime(2025, 4, 1)
UNTIL = datetime(2026, 6, 18, 14, 30)
MINUTES = int((UNTIL - FIRST).total_seconds() // 60)
# code: parent, level
PLACES = {
    "city": (None, 0),
    "p": ("city", 1), "q": ("city", 1), "r": ("city", 1),
    "x": ("p", 2), "y": ("p", 2), "z": ("p", 2), "w": ("q", 2),
    "m": ("x", 3), "n": ("x", 3),
}  # fmt: skip
TOPICS = ("heating", "noise", "roads", "unheard")  # the last has no name of its own
COLUMN = {1: "district_code", 2: "street_code", 3: "community_code"}
COUNTS = (
    "received", "direct", "tracked", "closed", "due", "on_time", "settled", "rated", "satisfied", "asked", "resolved",
    "partly", "basic", "called", "dispatched_called", "responded", "redone",
)  # fmt: skip
LEVEL = Indicator(
    key="test.alarm", domain="test", name_zh="告警级", name_en="Alarm level", unit_zh="级", unit_en="", kind="level",
    source="test", definition_zh="最高告警级", definition_en="Highest alarm level", origin="test",
)  # fmt: skip
REPORTED = {  # indicator: the places that report it, a day at a time
    "services.accepted": ("x", "y", "z", "w", "r"),
    "services.online_accepted": ("x", "y", "z", "w", "r"),
    "data.catalogued": ("p", "q", "r"),
    "air.pm25": ("p", "q", "r"),
    "test.alarm": ("p", "q", "r"),
}


def store_areas(connection) -> None:
    rows = [
        {
            "code": code, "valid_from": date(2000, 1, 1), "parent": parent, "level": level, "name": f"{code}地",
            "name_en": None, "kind": "functional" if code == "q" else "statutory",
            "counts_in": "p" if code == "q" else None, "population": 1000 * (n + 1), "shaped": False,
        }
        for n, (code, (parent, level)) in enumerate(PLACES.items())
    ]  # fmt: skip
    connection.execute(insert(area), rows)
    names = [
        {"code": t, "level": 2, "name_zh": f"{t}类", "name_en": None if t == "noise" else t.title()} for t in TOPICS[:3]
    ]
    connection.execute(insert(category), names)
    connection.execute(
        insert(source).values(key="hotline", name_zh="热线", name_en="Hotline", cadence_minutes=5, fields="*")
    )


def order(order_id: int, accept_at: datetime, **more: Any) -> dict[str, Any]:
    """One order of street x, tracked and open, unless told otherwise."""
    row: dict[str, Any] = dict.fromkeys(hotline_order.columns.keys())
    row |= {
        "order_id": order_id, "order_no": f"no{order_id}", "accept_at": accept_at, "source": "hotline",
        "district_code": "p", "street_code": "x", "community_code": "", "tracked": True, "direct": False,
        "channel": "phone", "appeal_type": "help", "category": "roads", "topic": "roads", "org": "", "title": "路面",
        "address": "某路**号", "placed_by": "code",
    }  # fmt: skip
    return row | more


def some_orders(count: int, seed: int) -> pd.DataFrame:
    """Orders of every kind, all their times before UNTIL except limits."""
    rng = np.random.default_rng(seed)
    spots = [
        ("p", "x", "m"), ("p", "x", "n"), ("p", "x", ""), ("p", "y", ""), ("p", "z", ""), ("p", "", ""),
        ("q", "w", ""), ("r", "", ""), ("", "", ""), ("p", "gone", ""),
    ]  # fmt: skip
    rows = []
    for n in range(count):
        # two thirds at midnight or on the full hour: boundaries are the rule, not the exception
        minute = int(rng.integers(MINUTES))
        minute -= minute % int(rng.choice([1, 60, 1440]))
        accept = FIRST + timedelta(minutes=minute)
        district, street, community = spots[int(rng.integers(len(spots)))]
        tracked = bool(rng.random() < 0.85)
        row = order(
            n + 1, accept, district_code=district, street_code=street, community_code=community, tracked=tracked,
            topic=str(rng.choice(TOPICS)), org=str(rng.choice(["", "east", "west"])),
            appeal_type=str(rng.choice(["help", "consult"])), direct=[None, True, False][int(rng.integers(3))],
        )  # fmt: skip
        row["category"] = row["topic"]
        last = accept
        for name in ("dispatch_at", "sign_at", "reply_at"):
            last += timedelta(minutes=int(rng.choice([0, 5, 60, 600])))
            row[name] = last if last < UNTIL and rng.random() < 0.8 else None
        if rng.random() < 0.8:
            row["due_at"] = accept + timedelta(minutes=int(rng.choice([60, 1440, 2880, 7200, 14400])))
        close = accept + timedelta(minutes=int(rng.choice([60, 120, 1440, 2880, 7200, 20000])))
        if tracked and close < UNTIL and rng.random() < 0.85:
            row["close_at"] = close
            called = close + timedelta(minutes=int(rng.choice([0, 30, 1440])))
            if called < UNTIL and rng.random() < 0.7:
                row["callback_at"] = called
                row["satisfaction"] = [None, 1, 2, 3, 4, 5][int(rng.integers(6))]
                row["resolved"] = [None, 0, 1, 2][int(rng.integers(4))]
                row["responded"] = [None, False, True][int(rng.integers(3))]
                row["redo_count"] = [None, 0, 1, 2][int(rng.integers(4))]
        rows.append(row)
    return typed(pd.DataFrame(rows))


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Orders with the types that an empty column cannot tell by itself."""
    frame = frame.copy()
    for column in hotline_order.columns:
        if column.name.endswith("_at"):
            frame[column.name] = pd.to_datetime(frame[column.name]).astype("datetime64[us]")
        elif column.name in ("satisfaction", "resolved", "redo_count", "caller_key"):
            frame[column.name] = frame[column.name].astype("Int64")
        elif column.name in ("lon", "lat"):
            frame[column.name] = frame[column.name].astype(float)
        elif column.name in ("direct", "responded"):
            frame[column.name] = frame[column.name].astype("boolean")
    return frame


def some_figures(seed: int) -> pd.DataFrame:
    """Daily figures with gaps, and a tenth corrected days later."""
    rng = np.random.default_rng(seed)
    rows = []
    for key, places in REPORTED.items():
        for place in places:
            for n in range((UNTIL - FIRST).days):
                start = FIRST + timedelta(days=n)
                if rng.random() < 0.08:
                    continue
                known = start + timedelta(days=1, hours=int(rng.integers(1, 9)))
                for as_of in (known, known + timedelta(days=int(rng.integers(1, 40))))[: 1 + int(rng.random() < 0.1)]:
                    row = {"indicator": key, "area": place, "start": start, "end": start + timedelta(days=1)}
                    row |= {"as_of": as_of, "numerator": None, "denominator": None, "value": None, "document": None}
                    if key in ("services.online_accepted", "air.pm25"):
                        row["denominator"] = float(rng.integers(0, 40))
                        row["numerator"] = float(rng.integers(0, row["denominator"] + 1))
                    else:
                        row["value"] = float(rng.integers(0, 5 if key == LEVEL.key else 900))
                    rows.append(row)
    frame = pd.DataFrame(rows)
    return frame.astype(dict.fromkeys(("numerator", "denominator", "value"), float))


def put_orders(connection, frame: pd.DataFrame) -> None:
    bulk.insert(connection, hotline_order, frame)


def built(count: int = 1500, seed: int = 11, *, figures: bool = False) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fill the connected database; the orders and figures that it now holds."""
    rows = some_orders(count, seed)
    observed = some_figures(seed) if figures else pd.DataFrame()
    with engine.committing() as connection:
        store_areas(connection)
        put_orders(connection, rows)
        cubes.refresh(connection)
        if figures:
            indicators.store(connection, [*indicators.shipped(), LEVEL])
            bulk.insert(connection, observation, observed)
    return rows, observed


# ---- counting, without the database ----------------------------------------------------------------------------------


def the(code: str) -> Area:
    found = tree().get(code)
    assert found is not None
    return found


def within(rows: pd.DataFrame, code: str, topic: str = "") -> pd.DataFrame:
    """The orders of a place, of a topic."""
    level = PLACES[code][1]
    rows = rows if level == 0 else rows[rows[COLUMN[level]] == code]
    return rows[rows["topic"] == topic] if topic else rows


def let_through(rows: pd.DataFrame, where: Where) -> pd.DataFrame:
    """The orders that a filter lets through."""
    for column in ("topic", "category", "org", "channel", "appeal_type"):
        if wanted := getattr(where, column):
            rows = rows[rows[column] == wanted]
    if where.mark == "redo":
        rows = rows[rows["redo_count"].fillna(0) > 0]
    if where.mark == "unhappy":
        rows = rows[rows["satisfaction"].fillna(9) <= 2]
    return rows


def _in(moments: pd.Series, start: datetime, end: datetime) -> pd.Series:
    return (moments >= pd.Timestamp(start)) & (moments < pd.Timestamp(end))


def counted(rows: pd.DataFrame, start: datetime, end: datetime) -> dict[str, int]:
    """Each count of the orders in [start, end), by the clock that the handbook gives it."""
    accepted, due = _in(rows["accept_at"], start, end), rows["tracked"] & _in(rows["due_at"], start, end)
    called = _in(rows["callback_at"], start, end)
    closed_too = rows["tracked"] & rows["close_at"].notna() & rows["due_at"].notna()
    later = rows[["close_at", "due_at"]].max(axis=1)
    said = rows["satisfaction"].fillna(0)
    sent = ~rows["direct"].fillna(False).astype(bool)
    counts = {
        "received": accepted,
        "direct": accepted & rows["direct"].fillna(False).astype(bool),
        "tracked": accepted & rows["tracked"],
        "closed": rows["tracked"] & _in(rows["close_at"], start, end),
        "due": due,
        "on_time": due & (rows["close_at"] <= rows["due_at"]),
        "settled": closed_too & _in(later, start, end),
        "rated": called & (said > 0),
        "satisfied": called & (said >= 3),
        "asked": called & rows["resolved"].notna(),
        "resolved": called & (rows["resolved"].fillna(0) == 2),
        "partly": called & (rows["resolved"].fillna(0) == 1),
        "basic": called & (said == 3),
        "called": called,
        "dispatched_called": called & sent & rows["responded"].notna(),
        "responded": called & sent & rows["responded"].fillna(False).astype(bool),
        "redone": called & (rows["redo_count"].fillna(0) > 0),
    }
    return {name: int(mask.sum()) for name, mask in counts.items()}


def waiting(rows: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """The orders that were open at the moment: accepted before it, not closed before it."""
    return rows[rows["tracked"] & (rows["accept_at"] < pd.Timestamp(at)) & ~(rows["close_at"] < pd.Timestamp(at))]


def midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time.min)
