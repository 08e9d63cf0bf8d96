"""Cases of the small city (see small_city) with everything that makes counting hard, and as rows of a frame that tests
count another way.

All moments lie on whole minutes, many on the full hour or at midnight, so that limits, finishing and as-of moments
coincide. Some cases have no street or no place, some were refused, some were never accepted, some have no legal limit,
some wait still. Items a0 .. a5 of departments east and west; a0 and a1 are done at once, a5 is rare.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd

from data_access import bulk, engine
from data_access.schema import load_log, source
from data_access.services import counts
from data_access.services import tables as t
from data_access.services.counts import Where
from tests.data_access.small_city import COLUMN, PLACES, UNTIL, store_areas

FIRST = datetime(2026, 1, 1)
MINUTES = int((UNTIL - FIRST).total_seconds() // 60)
SPOTS = (("p", "x"), ("p", "x"), ("p", "y"), ("p", "z"), ("p", ""), ("q", "w"), ("r", ""), ("", ""), ("p", "gone"))
# item: department, promised and legal working days (None: no limit), special, theme
ITEMS: dict[str, tuple[str, float, float | None, str, str]] = {
    "a0": ("east", 0, 5, "", ""), "a1": ("west", 0, None, "startup", "start"),
    "a2": ("east", 3, 10, "construction", ""), "a3": ("east", 5, None, "", "born"),
    "a4": ("west", 10, 20, "startup", "start"), "a5": ("west", 2, 15, "", ""),
}  # fmt: skip
CHANNELS = ("online", "mobile", "window", "kiosk", "post")
WORDS = {"waiting": ("等了很久, 排队太长", "排队太长"), "system": ("系统卡住。打13912345678没人接",), "": (None,)}
THEMES = [  # code, names, online from, before and after: steps, materials, days, visits
    ("start", "开办", "Starting", date(2025, 1, 1), 12, 1, 20, 5, 8.5, 0.5, 6, 0),
    ("born", "出生", None, date(2026, 3, 1), 9, 3, None, None, 30, 3, 4, 1),
    ("later", "将来", "Later", date(2027, 1, 1), 5, 1, 5, 1, 5, 1, 5, 1),
]
PAIRS = [f"{what}_{when}" for what in ("steps", "materials", "days", "visits") for when in ("before", "after")]
MOMENTS = [c.name for c in t.service_case.columns if c.name.endswith("_at")]


def some_cases(count: int = 1500, seed: int = 5) -> pd.DataFrame:
    """Cases of every kind, all that has happened to them before UNTIL."""
    rng = np.random.default_rng(seed)
    rows = [_case(n + 1, rng) for n in range(count)]
    return typed(pd.DataFrame(rows).sort_values("receive_at", ignore_index=True))


def _case(number: int, rng: np.random.Generator) -> dict[str, Any]:
    minute = int(rng.integers(MINUTES))
    received = FIRST + timedelta(minutes=minute - minute % int(rng.choice([1, 60, 1440])))
    district, street = SPOTS[int(rng.integers(len(SPOTS)))]
    item = f"a{int(rng.choice(6, p=[0.3, 0.2, 0.2, 0.15, 0.13, 0.02]))}"
    org, promised, legal, special, theme = ITEMS[item]
    channel = str(rng.choice(CHANNELS, p=[0.5, 0.2, 0.2, 0.08, 0.02]))
    row: dict[str, Any] = dict.fromkeys(t.service_case.columns.keys())
    row |= {
        "case_id": number, "case_no": f"C{number:05d}", "district_code": district, "street_code": street,
        "source": "services", "item": item, "org": org, "applicant": str(rng.choice(["person", "company"])),
        "channel": channel, "hall": "H1" if channel == "window" else "", "receive_at": received,
        "legal_days": legal, "promised_days": promised, "stop_days": 0.0, "result": "",
        "visits": int(channel == "window"),
        "online_full": bool(channel in ("online", "mobile") and rng.random() < 0.8),
        "origin": str(rng.choice(["", "o1", "o2"], p=[0.9, 0.06, 0.04])), "theme": theme if rng.random() < 0.6 else "",
        "special": special, "bad_reason": "", "title": f"{item}事项",
    }  # fmt: skip
    accepted = received + timedelta(minutes=int(rng.choice([0, 30, 60, 1440])))
    fate = rng.random()
    if fate < 0.04 and accepted < UNTIL:
        return row | {"refuse_at": accepted}
    if fate < 0.08 or accepted >= UNTIL:
        return row
    used = float(max(0, round(promised * float(rng.choice([0.2, 0.4, 0.6, 0.8, 1, 1, 1.2, 2.6])))))
    if promised == 0:
        used = float(rng.random() < 0.1)
    day = datetime.combine(accepted.date(), time.min)
    row |= {"accept_at": accepted, "due_at": day + timedelta(days=int(promised * 1.5) + 1, seconds=-1)}
    if legal is not None:
        row["legal_due_at"] = day + timedelta(days=int(legal * 1.5) + 1, seconds=-1)
    finished = accepted + timedelta(days=int(used * 1.5), minutes=int(rng.choice([0, 20, 45, 200])))
    if finished >= UNTIL or rng.random() < 0.07:
        return row
    row |= {"finish_at": finished, "used_days": used, "result": "granted", "stop_days": float(rng.choice([0, 0, 3]))}
    rated = finished + timedelta(minutes=int(rng.choice([0, 60, 4320])))
    if rated < UNTIL and rng.random() < 0.9:
        default = bool(rng.random() < 0.6)
        stars = 5 if default else int(rng.integers(1, 6))
        row |= {"rating": stars, "rating_at": rated, "rating_default": default}
        if stars <= 2:
            row |= _bad(rated, rng)
    return row


def _bad(rated: datetime, rng: np.random.Generator) -> dict[str, Any]:
    reason = str(rng.choice(list(WORDS)))
    found = {"bad_reason": reason, "words": str(w) if (w := rng.choice(np.array(WORDS[reason], object))) else None}
    mended = rated + timedelta(days=int(rng.choice([1, 7, 21, 25])))
    found |= {"rectify_due_at": rated + timedelta(days=21)}
    return found | ({"rectified_at": mended} if mended < UNTIL and rng.random() < 0.8 else {})


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Cases with the types that an empty column cannot tell by itself."""
    frame = frame.copy()
    for name in MOMENTS:
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    for name in ("legal_days", "promised_days", "stop_days", "used_days"):
        frame[name] = frame[name].astype(float)
    frame["rating"] = frame["rating"].astype("Int64")
    frame["rating_default"] = frame["rating_default"].astype("boolean")
    return frame


def some_items() -> pd.DataFrame:
    """The catalogue: a version of each of ITEMS, of a4 also the one before, and one that is not in force yet."""
    rows = []
    for n, (code, (org, promised, legal, special, theme)) in enumerate(ITEMS.items()):
        row = {
            "code": code, "valid_from": date(2020, 1, 1), "valid_to": None, "version": "1", "name": f"{code}事项",
            "name_en": f"Item {code}", "kind": "permit", "org": org, "region": "city", "legal_days": legal,
            "promised_days": promised, "instant": promised == 0, "visits": n % 2, "visits_excused": False, "depth": 5,
            "online": True, "online_excused": False, "mobile": n < 4, "mobile_excused": False, "materials": 3,
            "materials_electronic": 2, "materials_exempt": 1, "scope": ("nation", "nation", "delta", "", "city", "")[n],
            "theme": theme, "special": special, "enabled": True, "template": False,
        }  # fmt: skip
        rows.append(row)
        if code == "a4":
            rows[-1] = row | {"valid_from": date(2026, 2, 1), "version": "2", "scope": "nation"}
            rows.append(row | {"valid_to": date(2026, 2, 1)})
    frame = pd.DataFrame(rows)
    return frame.astype({"legal_days": float, "promised_days": float})


def built(count: int = 1500, seed: int = 5) -> pd.DataFrame:
    """Fill the connected database; the cases that it now holds."""
    cases = some_cases(count, seed)
    with engine.committing() as connection:
        store_areas(connection)
        bulk.insert(connection, t.service_case, cases)
        bulk.insert(connection, t.service_item, some_items())
        names = ["code", "name", "name_en", "online_from", *PAIRS]
        bulk.insert(connection, t.service_theme, pd.DataFrame(THEMES, columns=names))
        places = pd.DataFrame([("o1", "甲市", "Jia"), ("o2", "乙市", None)], columns=["code", "name", "name_en"])
        bulk.insert(connection, t.service_elsewhere, places)
        departments = [("east", "东局", "East Bureau", "city"), ("west", "西局", None, "city")]
        kinds = pd.DataFrame(departments, columns=["code", "name", "name_en", "kind"])
        bulk.insert(connection, t.service_department, kinds)
        counts.refresh(connection)
        told = {"key": "services", "name_zh": "政务服务", "name_en": "Services", "cadence_minutes": 10}
        connection.execute(source.insert().values(**told, fields="services.cases,services.items"))
        loaded = {"load_id": 1, "source": "services", "data_from": FIRST, "data_to": UNTIL}
        _log(connection, loaded)
    return cases


def _log(connection, values: dict[str, Any]) -> None:
    """A line of the load log; what a column needs and nobody said is nothing."""
    nothing = {"INTEGER": 0, "BIGINT": 0, "TEXT": "", "VARCHAR": "", "TIMESTAMP": UNTIL, "DATETIME": UNTIL}
    for column in load_log.columns:
        if column.name not in values and not column.nullable:
            values[column.name] = nothing[str(column.type).split("(")[0].upper()]
    connection.execute(load_log.insert().values(**values))


# ---- counting, without the database ----------------------------------------------------------------------------------


def within(cases: pd.DataFrame, code: str, where: Where | None = None) -> pd.DataFrame:
    """The cases of a place that a filter lets through."""
    level = PLACES[code][1]
    cases = cases if level == 0 else cases[cases[COLUMN[level]] == code]
    for name in where.columns if where else ():
        cases = cases[cases[name] == getattr(where, name)]
    return cases


def during(cases: pd.DataFrame, column: str, start: datetime, end: datetime) -> pd.DataFrame:
    """The cases whose clock lies in [start, end)."""
    return cases[(cases[column] >= pd.Timestamp(start)) & (cases[column] < pd.Timestamp(end))]


def still_open(cases: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Accepted and not finished at a moment."""
    moment = pd.Timestamp(at)
    return cases[(cases["accept_at"] < moment) & ~(cases["finish_at"] < moment)]
