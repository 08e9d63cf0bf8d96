"""Seasonal limits, storage curves and travel times of an SL 323 database, against what is stored."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select

from data_access.flood.tables import flood_curve, flood_reach, flood_threshold
from data_access.intake.flood_network import ALWAYS, Network

Row = dict[str, Any]
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_UNKNOWN = date(1900, 1, 1)  # a survey of nobody knows when


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _mmdd(value: Any) -> str:
    """'MMDD', or '' when there is no such day."""
    text = str(value or "").strip().zfill(4)
    if len(text) != 4 or not text.isdigit() or not 1 <= int(text[:2]) <= 12:
        return ""
    return text if 1 <= int(text[2:]) <= _DAYS[int(text[:2]) - 1] else ""


def seasons(connection: Connection, rows: list[Row], network: Network) -> list[str]:
    """ST_RSVRFSR_B: a limit for a season, which may cross New Year; where none holds, the normal level does."""
    fresh, outcome = [], []
    for row in rows:
        code, value = str(row.get("STCD") or "").strip(), _number(row.get("FSLTDZ"))
        start, end = _mmdd(row.get("BGMD")), _mmdd(row.get("EDMD"))
        if not code:
            outcome.append("no_station")
        elif not start or not end:
            outcome.append(f"bad_time:{row.get('BGMD')}-{row.get('EDMD')}")
        elif not value or value < 0:
            outcome.append("no_value:FSLTDZ")
        else:
            outcome.append("")
            fresh.append(
                {
                    "station": code, "name": "limit", "element": "level", "season_from": start, "season_to": end,
                    "valid_from": ALWAYS, "valid_to": None, "value": value, "datum": network.level_datum(code),
                    "consequence_zh": None, "consequence_en": None,
                }
            )  # fmt: skip
    return _merged(connection, flood_threshold, fresh, outcome)


def curves(connection: Connection, rows: list[Row], surface_factor: float) -> list[str]:
    """ST_ZVARL_B: storage (10⁶ m³) and surface (km²) by level; a point below the one before it is no curve."""
    outcome = [""] * len(rows)
    surveys: dict[tuple[str, date], list[tuple[float, int]]] = defaultdict(list)
    for n, row in enumerate(rows):
        code, level = str(row.get("STCD") or "").strip(), _number(row.get("RZ"))
        if not code:
            outcome[n] = "no_station"
        elif level is None or _number(row.get("W")) is None:
            outcome[n] = "no_value"
        else:
            surveys[code, _day(row.get("MSTM"))].append((level, n))
    fresh, of = [], []
    for (code, surveyed), points in surveys.items():
        top = float("-inf")
        for point, (level, n) in enumerate(sorted(points), 1):
            storage = float(rows[n]["W"])
            if storage < top:
                outcome[n] = f"not_rising:{level}"
                continue
            top = storage
            surface = _number(rows[n].get("WSFA"))
            for kind, value in (("storage", storage), ("surface", surface and surface * surface_factor)):
                if value is not None:
                    of.append(n)
                    fresh.append({"station": code, "kind": kind, "surveyed": surveyed, "point": point,
                                  "level": level, "value": value})  # fmt: skip
    return _merged(connection, flood_curve, fresh, outcome, of)


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    try:
        return value if isinstance(value, date) else datetime.fromisoformat(str(value)).date()
    except ValueError:
        return _UNKNOWN


def reaches(connection: Connection, rows: list[Row], x: float) -> list[str]:
    """ST_FSDR_B: travel times, h, by class of flow; without an average the middle of the shortest and longest."""
    fresh, outcome = [], []
    for row in rows:
        up, down = (str(row.get(name) or "").strip() for name in ("UPSTCD", "DWSTCD"))
        low, high, mean = (_number(row.get(name)) for name in ("MNTRTM", "MXTRTM", "AVTRTM"))
        if mean is None and low is not None and high is not None:
            mean = (low + high) / 2
        if not up or not down or up == down:
            outcome.append("no_station")
        elif mean is None or mean < 0:
            outcome.append("no_value:AVTRTM")
        else:
            outcome.append("")
            fresh.append(
                {
                    "upstream": up, "downstream": down, "flow": _number(row.get("QMGN")) or 0.0,
                    "length_km": _number(row.get("RCHLEN")), "travel_h": mean, "travel_min_h": low,
                    "travel_max_h": high, "x": x, "safe_flow": _number(row.get("SFTQ")), "notify_zh": None,
                    "notify_en": None,
                }
            )  # fmt: skip
    return _merged(connection, flood_reach, fresh, outcome)


_KEPT = ("notify_zh", "notify_en", "consequence_zh", "consequence_en", "x")  # people may have written these here


def _merged(
    connection: Connection, table: Table, fresh: list[Row], outcome: list[str], of: list[int] | None = None
) -> list[str]:
    """Put rows into a table; says of each '' in `outcome` stored, updated, already or that its key was there before.
    of: which row each of `fresh` comes from (two of one row have one outcome)."""
    key = [column.name for column in table.primary_key.columns]
    held = {tuple(row._mapping[k] for k in key): dict(row._mapping) for row in connection.execute(select(table))}
    seen: set[tuple] = set()
    of = [n for n, what in enumerate(outcome) if what == ""] if of is None else of
    changed: dict[tuple, Row] = {}
    rank = {"": -1, "already": 0, "stored": 1, "updated": 2}
    for n, row in zip(of, fresh, strict=True):
        mine = tuple(row[k] for k in key)
        old = held.get(mine)
        if mine in seen:
            outcome[n] = "contradiction"
            continue
        seen.add(mine)
        if old is None:
            what = "stored"
        elif all(old[name] == value for name, value in row.items() if name not in _KEPT):
            what = "already"
        else:
            what = "updated"
        if what != "already":
            changed[mine] = {**row, **{name: old[name] for name in _KEPT if old and name in row}} if old else row
        if rank[what] > rank.get(outcome[n], 3):
            outcome[n] = what
    for mine in changed:
        if mine in held:
            connection.execute(delete(table).where(*(table.c[k] == v for k, v in zip(key, mine, strict=True))))
    if changed:
        connection.execute(insert(table), list(changed.values()))
    return outcome
