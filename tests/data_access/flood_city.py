"""A small network whose readings can be counted by hand, and as rows of a frame that tests count another way.

River 甲 runs R (a reservoir with a rain gauge under the same code) -> A1 -> A2 -> A3 to its mouth, river 乙 B1 -> A2.
Rain gauges G1, G2, G3; waterlogging points W1 (drains to A2) and W2; video V1 beside A1; N1 is a river station without
any threshold. Everything every 5 minutes on 17 and 18 June 2026 to 14:30, hourly before that from 10 June; V1 says
little. Hard things: A2 was corrected (a reading of 12:00 known to be 20.0 until 13:00), A3 came late (what it measured
from 11:00 on was received at 14:00), B1 fell silent on 16 June, G3 has two suspicious values and G2 a gap, N1 spoke
last in 2020.
"""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from data_access import engine
from data_access.flood import store

AT = datetime(2026, 6, 18, 14, 30)
FINE, FIRST = datetime(2026, 6, 17), datetime(2026, 6, 10)
LATE_FROM, LATE_AT = datetime(2026, 6, 18, 11, 0), datetime(2026, 6, 18, 14, 0)
WRONG_AT, RIGHT_AT = datetime(2026, 6, 18, 12, 0), datetime(2026, 6, 18, 13, 0)
SILENT_FROM, OLD = datetime(2026, 6, 16, 9, 0), datetime(2020, 7, 6, 21, 0)
SINCE = date(2020, 1, 1)
LEVELS = {"A1": 40.0, "A2": 30.0, "A3": 20.0, "B1": 35.0, "R": 65.0}
GAUGES = ("G1", "G2", "G3", "R")


def station(code: str, kind: str, **more: Any) -> dict[str, Any]:
    """A row of flood_station in street x of district p unless told otherwise."""
    row = {
        "code": code, "kind": kind, "source": "flood", "name": f"{code}站", "name_en": f"{code} gauge",
        "district_code": "p", "street_code": "x", "datum": "吴淞" if kind in ("river", "reservoir") else "",
        "interval_minutes": 5, "resolution": 0.01, "lon": 117.0, "lat": 31.0,
    }  # fmt: skip
    return row | more


STATIONS = [
    station("R", "reservoir", river="甲", km=60.0, catchment="上游", drainage_km2=150.0, lon=117.00),
    station("R", "rain", catchment="上游", lon=117.00, resolution=0.5),
    station("A1", "river", river="甲", km=42.0, lon=117.05),
    station("A2", "river", river="甲", km=24.0, lon=117.10, district_code="q", street_code="w"),
    station("A3", "river", river="甲", km=3.0, lon=117.20, datum="85高程"),
    station("B1", "river", river="乙", km=12.0, lon=117.08, lat=31.1, district_code="q", street_code="w"),
    station("N1", "river", river="丙", km=5.0, lat=31.3, interval_minutes=60),
    station("G1", "rain", catchment="上游", lon=117.00, lat=31.02),
    station("G2", "rain", catchment="下游", lon=117.12, lat=31.02),
    station("G3", "rain", catchment="下游", lon=117.18, lat=31.02, district_code="q", street_code="w"),
    station("W1", "waterlogging", twin="A2", outfall_level=30.5, lon=117.11, district_code="q", street_code="w"),
    station("W2", "waterlogging", lon=117.01),
    station("V1", "video", twin="A1", lon=117.05, datum="吴淞"),
]


def threshold(code: str, name: str, value: float, **more: Any) -> dict[str, Any]:
    """A row of flood_threshold."""
    row = {"station": code, "name": name, "element": "level", "valid_from": SINCE, "value": value, "datum": "吴淞"}
    return row | more


THRESHOLDS = [
    threshold("A1", "warning", 41.0, consequence_zh="巡堤上岗"),
    threshold("A1", "guarantee", 43.0),
    threshold("A1", "record", 44.5),
    threshold("A2", "warning", 31.0, valid_to=date(2026, 1, 1)),
    threshold("A2", "warning", 30.5, valid_from=date(2026, 1, 1)),
    threshold("A2", "guarantee", 33.0),
    threshold("A3", "warning", 22.0, datum="85高程"),
    threshold("B1", "warning", 36.0),
    threshold("R", "dead", 50.0),
    threshold("R", "limit", 66.0, season_from="0601", season_to="0930"),
    threshold("R", "limit", 67.0, season_from="1001", season_to="0131"),
    threshold("R", "normal", 68.0),
    threshold("R", "flood_high", 69.0),
    threshold("R", "design", 71.0),
    threshold("R", "check", 73.0),
    threshold("R", "crest", 75.0),
    threshold("W1", "red", 30.0, element="depth", datum=""),
]
CURVES = [
    {"station": "R", "kind": kind, "surveyed": surveyed, "point": n, "level": level, "value": value}
    for kind, surveyed, points in (
        ("storage", date(2010, 1, 1), ((50.0, 9.0), (75.0, 60.0))),
        ("storage", date(2020, 1, 1), ((50.0, 10.0), (60.0, 22.0), (70.0, 52.0), (75.0, 72.0))),
        ("discharge", date(2010, 1, 1), ((60.0, 0.0), (66.0, 200.0), (75.0, 900.0))),
    )
    for n, (level, value) in enumerate(points)
]
REACHES = [
    {"upstream": up, "downstream": down, "flow": flow, "length_km": 18.0, "travel_h": hours, "x": 0.2,
     "safe_flow": 400.0, "notify_zh": "x街道、交警"}
    for up, down, flow, hours in (
        ("R", "A1", 100.0, 3.0), ("R", "A1", 500.0, 2.0), ("A1", "A2", 0.0, 2.5), ("A2", "A3", 0.0, 4.0),
        ("B1", "A2", 0.0, 1.5),
    )
]  # fmt: skip
CATCHMENTS = [
    {"code": "上游", "name": "上游区", "river": "甲", "area_km2": 150.0, "outlet": "R", "runoff": 0.6},
    {"code": "下游", "name": "下游区", "river": "甲", "area_km2": 90.0, "outlet": "A3", "runoff": 0.5},
]
WEIGHTS = [
    {"place": place, "station": code, "weight": weight}
    for place, code, weight in (("上游", "G1", 0.75), ("上游", "R", 0.25), ("下游", "G2", 0.5), ("下游", "G3", 0.5))
]
GATES = [{"station": "R", "gate": f"{n}", "name": f"{n}号闸", "capacity": 120.0} for n in (1, 2, 3)]


def moments(until: datetime = AT) -> pd.DatetimeIndex:
    """When the stations speak."""
    hourly = pd.date_range(FIRST, FINE, freq="h", inclusive="left")
    return hourly.append(pd.date_range(FINE, until, freq="5min"))


def rows() -> pd.DataFrame:
    """Every reading as it came, corrections too: what add_readings is given, one row a reading."""
    found = []
    every = moments()
    hours = (every - pd.Timestamp(FIRST)).total_seconds().to_numpy() / 3600
    minutes = np.where(every <= pd.Timestamp(FINE), 60, 5)
    for n, (code, base) in enumerate(LEVELS.items()):
        values = np.round(base + 0.5 * np.sin(hours / 9 + n) + hours / 400, 2)
        one = pd.DataFrame({"moment": every, "station": code, "element": "level", "value": values})
        if code == "B1":
            one = one[one["moment"] < SILENT_FROM]
        if code == "A3":
            late = one["moment"] >= LATE_FROM
            one["received_at"] = pd.Series(np.where(late, np.datetime64(LATE_AT), np.datetime64("NaT"))).astype("M8[s]")
        found.append(one)
    for n, code in enumerate(GAUGES):
        values = np.where((np.arange(len(every)) + n) % 7 == 0, 0.5 * (n + 1), 0.0)
        one = pd.DataFrame({"moment": every, "station": code, "element": "rain", "value": values, "minutes": minutes})
        if code == "G2":
            one = one[(one["moment"] <= datetime(2026, 6, 18, 3)) | (one["moment"] > datetime(2026, 6, 18, 12, 30))]
        if code == "G3":
            one["quality"] = np.where(one["moment"].isin([AT, AT - timedelta(minutes=5)]), 1, 0)
        found.append(one)
    for code, flow in (("R", "inflow"), ("R", "outflow"), ("A1", "flow")):
        values = np.round(100 + 40 * np.sin(hours / 11 + len(flow)), 1)
        found.append(pd.DataFrame({"moment": every, "station": code, "element": flow, "value": values}))
    fine = every[every >= pd.Timestamp(FINE)]
    for n, code in enumerate(("W1", "W2")):
        values = np.clip(np.round(30 * np.sin(np.arange(len(fine)) / 60 + n)), 0, None)
        found.append(pd.DataFrame({"moment": fine, "station": code, "element": "depth", "value": values}))
    seen = every[every >= pd.Timestamp(AT - timedelta(hours=2))]
    found.append(
        pd.DataFrame(
            {"moment": seen, "station": "V1", "element": "level", "value": 41.3, "quality": 3, "confidence": 0.9}
        )
    )
    found.append(pd.DataFrame({"moment": [OLD], "station": "N1", "element": "level", "value": [12.5]}))
    frame = pd.concat(found, ignore_index=True)
    frame["minutes"] = frame["minutes"].fillna(0).astype(int)
    frame["quality"] = frame["quality"].fillna(0).astype(int)
    wrong = frame["station"].eq("A2") & frame["moment"].eq(WRONG_AT)
    right = frame[wrong].assign(received_at=RIGHT_AT)
    frame.loc[wrong, "value"] = 20.0
    return pd.concat([frame, right], ignore_index=True).sort_values("moment", kind="stable", ignore_index=True)


def known(at: datetime = AT) -> pd.DataFrame:
    """The readings that count as-of a moment, counted with pandas from the rows."""
    frame = rows()
    heard = frame["received_at"].fillna(frame["moment"])
    frame = frame.assign(heard=heard)[(frame["moment"] <= at) & (heard <= at)]
    return frame.sort_values("heard", kind="stable").drop_duplicates(["station", "element", "moment"], keep="last")


def store_network(connection) -> None:
    """The network alone."""
    store.replace_network(
        connection, stations=STATIONS, thresholds=THRESHOLDS, curves=CURVES, reaches=REACHES, catchments=CATCHMENTS,
        weights=WEIGHTS, gates=GATES,
    )  # fmt: skip


def built(_database: Engine | None = None) -> pd.DataFrame:
    """Build it in the connected database; the rows that it was given."""
    frame = rows()
    with engine.committing() as connection:
        store_network(connection)
        store.add_readings(connection, frame, now=AT)
    return frame
