"""Fills a database with the demo city's flood data and lets it live on. Works for Yunchuan only: other cities' rivers
are not known here, so there a demo city has no flood data."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, delete, select

from data_access import bulk, engine
from data_access.flood import store, tables
from data_access.schema import deployment, quarantine
from sample_data.flood import duty, past, rows, sites
from sample_data.flood.basins import POOL_BEFORE, Basin, Water
from sample_data.flood.fitting import fitted
from sample_data.flood.limits import outfalls
from sample_data.flood.reservoirs import Held, standing
from sample_data.flood.sensors import SKEWED, gauge_of, skewed, table, told
from sample_data.flood.weather import STEP, seconds
from sample_data.plan import Plan

FINE_DAYS = 60  # at five minutes up to now; before that hourly, but for the storms
STRETCH = 96  # days made at a time
SOURCES = ("flood_rain", "flood_river", "flood_reservoir", "flood_waterlogging", "flood_video")
_DAY = timedelta(days=1)


def forget(connection: Connection) -> None:
    """Empty every table of flood monitoring and what the demo keeps about it."""
    for name, one in vars(tables).items():
        if name.startswith("flood_") and hasattr(one, "columns"):
            connection.execute(delete(one))
    connection.execute(delete(quarantine).where(quarantine.c.load_id == "demo-flood"))
    connection.execute(delete(deployment).where(deployment.c.key == "demo_flood"))


def planned(plan: Plan) -> Plan:
    """The plan with its storms fitted to the demo (see fitting)."""
    return fitted(plan)


def network(connection: Connection) -> None:
    """Stations, thresholds, curves, catchments, weights, reaches and gates."""
    parts = {
        tables.flood_station: rows.stations(), tables.flood_threshold: rows.thresholds(),
        tables.flood_curve: rows.curves(), tables.flood_catchment: rows.catchments(),
        tables.flood_weight: rows.weights(), tables.flood_reach: rows.reaches(), tables.flood_gate: rows.gates(),
    }  # fmt: skip
    for into, made in parts.items():
        connection.execute(delete(into))
        bulk.insert(connection, into, pd.DataFrame(made))


def _fine(plan: Plan, everything: bool) -> list[tuple[int, int]]:
    """The stretches with a reading every five minutes, in seconds: (from, to]."""
    if everything:
        return [(seconds(plan.start), seconds(plan.until))]
    found = [(seconds(datetime.combine(plan.until.date() - FINE_DAYS * _DAY, time.min)), seconds(plan.until))]
    for storm in plan.storms:
        begins = (storm.start - _DAY).replace(minute=0, second=0, microsecond=0)
        found.append((seconds(begins), seconds(storm.start + timedelta(hours=storm.hours) + 3 * _DAY)))
    return found


def _chosen(water: Water, fine: list[tuple[int, int]], after: int, upto: int) -> tuple[np.ndarray, np.ndarray]:
    """The steps of the water that are read, and the minutes of rain in each."""
    moments = water.moments
    close = np.zeros(len(moments), dtype=bool)
    for start, end in fine:
        close |= (moments > start) & (moments <= end)
    which = np.flatnonzero((close | (moments % 3600 == 0)) & (moments > after) & (moments <= upto))
    return which, np.where(close[which], 5, 60)


def history(plan: Plan, first: date, everything: bool = False) -> Iterator[tuple[date, dict[str, Held], pa.Table]]:
    """Readings of the days from `first` to the plan's `until`, stretch by stretch, with the day each stretch began and
    the reservoirs that it began with; the last stretch is the day of `until` alone, as the feed makes it."""
    basin = Basin(plan, outfalls())
    fine, today = _fine(plan, everything), plan.until.date()
    day, held = first, standing(first - POOL_BEFORE * _DAY, plan)
    while day <= today:
        end = min(day + STRETCH * _DAY, today) if day < today else today + _DAY
        water = basin.run(day, end, held)
        which, minutes = _chosen(water, fine, seconds(datetime.combine(first, time.min)), seconds(plan.until))
        for part in range(0, len(which), 6000):
            some = slice(part, part + 6000)
            yield day, held, table(told(water, plan, which[some], minutes[some]))
        day, held = end, water.held


def fill(connection: Connection, plan: Plan, days: int | None = None, everything: bool = False) -> int:
    """Store the readings of the last `days` days (None: the whole plan) and what comes with them; returns how many."""
    first = plan.start.date() if days is None else max(plan.start.date(), plan.until.date() - days * _DAY)
    stored = 0
    for day, held, made in history(plan, first, everything):
        stored += store.append(connection, made)
        if day == plan.until.date():
            _keep(connection, day, held)
    store.count_days(connection, first, plan.until.date())
    _refused(connection, plan, plan.start, plan.until)
    _forecasts(connection, plan, first)
    past.responses(connection, plan)
    duty.run(connection, plan, datetime.combine(first, time.min))
    return stored


def _forecasts(connection: Connection, plan: Plan, first: date) -> None:
    """The forecasts made in every storm since a day, every three hours, and hourly in the storm of now."""
    for storm in plan.storms:
        if storm.start.date() > first:
            begins = storm.start.replace(minute=0) - timedelta(hours=9)
            hours = range(0, storm.hours + 12, 1 if storm.kind == "now" else 3)
            made = [begins + timedelta(hours=hour) for hour in hours]
            forecast(connection, plan, [moment for moment in made if moment <= plan.until])


def _keep(connection: Connection, day: date, held: dict[str, Held]) -> None:
    said = {"day": day.isoformat(), "held": {code: asdict(one) for code, one in held.items()}}
    engine.put(connection, "demo_flood", json.dumps(said))


def _refused(connection: Connection, plan: Plan, since: datetime, to: datetime) -> None:
    """What the gauge whose clock is ahead sent in (since, to]: each message was refused when it came."""
    moments = skewed(plan, since, to)
    raw = [
        json.dumps({"moment": f"{m}", "station": gauge_of(SKEWED), "element": "rain", "value": 0.0}) for m in moments
    ]
    if raw:
        bulk.insert(connection, quarantine, pd.DataFrame({
            "load_id": "demo-flood", "source": rows.SOURCE["rain"], "file": "", "line": range(len(raw)),
            "reason": "future", "raw": raw,
        }))  # fmt: skip


def forecast(connection: Connection, plan: Plan, made: Sequence[datetime]) -> None:
    """The rain of the next 24 hours in every catchment as it is forecast at some moments (whole hours, in order): what
    will fall, smoothed and somewhat off."""
    basin, first = Basin(plan), made[0].date()
    areal = basin.fall(first, made[-1].date() + 2 * _DAY)[:, : basin.gauges] @ basin.weights
    hourly = areal.reshape(-1, 3600 // STEP, areal.shape[1]).sum(axis=1)
    smooth = (hourly + np.roll(hourly, 1, axis=0) + np.roll(hourly, -1, axis=0)) / 3
    codes, parts = [c.code for c in sites.catchments()], []
    ahead = np.arange(24)[:, None]
    for moment in made:
        begins = int((moment - datetime.combine(first, time.min)).total_seconds()) // 3600
        off = 1 + 0.16 * np.sin(seconds(moment) / 7000 + ahead / 5 + np.arange(len(codes))[None, :])
        parts.append(np.round(smooth[begins : begins + 24] * off, 1))
    hours = [moment + timedelta(hours=n + 1) for moment in made for n in range(24) for _ in codes]
    bulk.insert(connection, tables.flood_rain_forecast, pd.DataFrame({
        "made_at": [moment for moment in made for _ in range(24 * len(codes))], "place": codes * (24 * len(made)),
        "moment": hours, "mm": np.concatenate(parts).ravel().astype(np.float32),
    }))  # fmt: skip


def source_of(stations: Iterable[str]) -> list[str]:
    """The source of each reading by its station's code."""
    kinds = {"9920": "rain", "9910": "river", "9940": "weir", "9930": "reservoir", "JS": "waterlogging", "SP": "video"}
    return [rows.SOURCE[kinds[code[:2] if code[0].isalpha() else code[:4]]] for code in stations]


class Stream:
    """The flood data's part of the feed. Keeps the water of the day at hand; after a restart it is made again the same,
    from how the reservoirs stood (deployment's `demo_flood`)."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.basin = Basin(plan, outfalls())
        self.day: date | None = None
        self.held: dict[str, Held] = {}
        self.water: Water | None = None

    def step(self, connection: Connection, since: datetime, to: datetime) -> dict[str, int]:
        """Add the readings of (since, to]; returns how many by source, nothing when there are none."""
        if seconds(to) // STEP == seconds(since) // STEP:
            return {}
        said = connection.execute(select(deployment.c.value).where(deployment.c.key == "demo_flood")).scalar()
        if said is None:  # another city, or a demo without flood data
            return {}
        kept = json.loads(said)
        day = date.fromisoformat(kept["day"])
        held = {code: Held(**one) for code, one in kept["held"].items()}
        added: Counter[str] = Counter()
        fresh: list[pa.Table] = []
        while day <= to.date():
            water = self._of(day, held)
            inside = (water.moments > seconds(since)) & (water.moments <= seconds(to))
            which = np.flatnonzero(inside)
            if len(which):
                made = table(told(water, self.plan, which, np.full(len(which), STEP // 60)))
                fresh.append(made)
                added.update(source_of(made["station"].to_pylist()))
            if day == to.date():
                break
            day, held = day + _DAY, water.held
        if fresh:
            store.add_readings(connection, pa.concat_tables(fresh, promote_options="permissive").to_pandas(), now=to)
        _keep(connection, day, held)
        _refused(connection, self.plan, since, to)
        if since.hour != to.hour or to - since >= timedelta(hours=1):
            forecast(connection, self.plan, [to.replace(minute=0)])
        return dict(added)

    def _of(self, day: date, held: dict[str, Held]) -> Water:
        if self.water is None or self.day != day or self.held != held:
            self.day, self.held, self.water = day, held, self.basin.run(day, day + _DAY, held)
        return self.water
