"""Builds the demo city (演示城市): areas, vocabulary, orders with their events, figures, marks and the load log.

Everything is made up and nothing is random that the seed does not say: the same seed, size, days and moment give the
same rows. Orders are made and stored a stretch of days at a time, so any size fits in memory.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import Connection, delete, func, insert, select

from data_access import bulk, call_cube, clock, cubes, detours, engine, indicators, months
from data_access.intake.areas import load_areas
from data_access.schema import (
    area,
    category,
    deployment,
    hotline_call,
    hotline_day_step,
    hotline_event,
    hotline_hour_call,
    hotline_month,
    hotline_order,
    load_log,
    mark,
    observation,
    organisation,
    source,
    water,
)
from data_access.services import counts
from data_access.services.league import KEPT as SERVICES_KEPT
from sample_data import vocabulary
from sample_data.arrivals import Generator, together
from sample_data.calls import Calls
from sample_data.courses import intensity
from sample_data.flood import fill as flood
from sample_data.flood import past
from sample_data.geography import AREAS, CITY, WATER, area_frame
from sample_data.lives import DAY, epoch
from sample_data.observations import figures, silent_from
from sample_data.orders import Made, Rows
from sample_data.plan import PER_DAY, Plan, bursts_until, drive_before, leader_days, regulars_of, storms_between
from sample_data.services import fill as services
from sample_data.services.living import SIZE, SOURCES, UNTIL, ten_minutely
from sample_data.world import DemoError, World, read_areas, roles, world

CHUNK = 800_000  # orders made at a time; smaller pieces leave DuckDB with a larger file (more row groups written twice)
VALID_FROM = date(2020, 1, 1)
FREEZES_AFTER = timedelta(days=2)
Progress = Callable[[str, float], None]


def quiet(_what: str, _done: float) -> None:
    """Progress nobody looks at."""


def build(
    *,
    orders: int | None = None,
    days: int = 770,
    seed: int = 7,
    until: datetime | None = None,
    areas: bool | None = None,
    cases: int | None = None,
    flood_days: int | None = None,
    five_minutes: bool = False,
    progress: Progress = quiet,
) -> dict:
    """Fill the connected database with the demo city and say what was made and planted.

    orders: how many (None: about 2,900 a day). until: the present of the demo city (None: this minute). areas: load
    Yunchuan's areas (True), use whatever areas the database holds (False), or Yunchuan's unless another city's are
    there (None). cases: of services, how many about (None: 3,000 a working day, fewer in a city of few orders; 0: no
    services). flood_days: the last days that have flood readings (None: all of them; 0: none). five_minutes: these
    every five minutes always, not only in the last 60 days and around storms. Cities other than Yunchuan get no flood
    data: their rivers are not known here. progress is called with a word for the step and the part done, 0..1. Raises
    DemoError when the database holds real orders, or areas that do not fit.
    """
    until = (until or clock.now()).replace(second=0, microsecond=0)
    start = datetime.combine(until.date() - timedelta(days=days - 1), time.min)
    if days < 2 or (orders is not None and orders < 1):
        raise DemoError("A demo city needs at least two days and one order.")
    progress("areas", 0.0)
    with engine.committing() as connection:
        held = connection.execute(select(area.c.code).where(area.c.level == 0, area.c.valid_to.is_(None))).scalar()
        areas = held in (None, CITY[0]) if areas is None else areas
        _make_room(connection, held, areas)
        engine.put(connection, "demo", "building")
        if areas:
            _load_yunchuan(connection)
    with engine.committing() as connection:
        city = world(connection, seed, until.date())
        plan = _planned(city, seed, start, until, orders)
        floods = city.city == CITY[0] and flood_days != 0
        if floods:
            progress("flood", 0.01)
            plan = flood.planned(plan)
        _vocabulary(connection, city, plan, floods)
        _deploy(connection, city, until)
    made = _orders(plan, city, orders, progress)
    progress("calls", 0.86)
    called = _calls(plan, city)
    readings = 0
    if floods:
        progress("flood", 0.87)
        with engine.committing() as connection:
            flood.network(connection)
            readings = flood.fill(connection, plan, flood_days, five_minutes)
        with engine.committing() as connection:
            past.advice(connection, plan)
    served = _services(plan, city, cases, progress)
    progress("figures", 0.90)
    with engine.committing() as connection:
        known = {i.key: i for i in indicators.shipped()}
        dates = [start.date() + timedelta(days=n) for n in range(days - 1)]
        observed = bulk.insert(connection, observation, figures(plan, city, dates, known))
        _log(connection, plan, {"hotline": made["orders"]} | _came(served, readings), observed)
        progress("sums", 0.95)
        cubes.refresh(connection)
        call_cube.refresh_calls(connection)
        counts.refresh(connection)
        freeze_months(connection, plan.start, until)
        engine.put(connection, "demo_plan", plan.dumps())
        engine.put(connection, "demo_fed_until", until.isoformat())
        engine.put(connection, "demo", "yes")
    progress("done", 1.0)
    told = {**made, **served, "calls": called, "observations": observed, "readings": readings}
    return {**told, "start": start, "until": until, "plan": plan}


def _services(plan: Plan, city: World, cases: int | None, progress: Progress) -> dict[str, int]:
    """Make and store the services, none for 0 cases; their size is kept for the feed."""
    if cases == 0:
        return {"cases": 0, "tickets": 0}
    usual = services.usual(plan.start, plan.until)
    size = min(1.0, plan.size) if cases is None else cases / usual

    def show(done: float) -> None:
        progress("services", 0.88 + 0.02 * done)

    until = ten_minutely(plan.until)
    made = services.fill(city, seed=plan.seed, start=plan.start, until=until, size=size, progress=show)
    with engine.committing() as connection:
        engine.put(connection, UNTIL, until.isoformat())
        engine.put(connection, SIZE, str(size))
    return made


def _came(served: dict[str, int], readings: int) -> dict[str, int]:
    """Source -> rows, of those that have any."""
    found = {"services": served["cases"], "service_halls": served["tickets"]}
    found |= dict.fromkeys(flood.SOURCES, readings // len(flood.SOURCES))
    return {key: n for key, n in found.items() if n}


def _make_room(connection: Connection, held: str | None, areas: bool) -> None:
    """Empty what the build fills. Refuses to touch real orders or another city's areas, and to build on nothing.

    held: the root of the areas that are loaded.
    """
    if not areas and held is None:
        raise DemoError("No areas are loaded: load a city's areas first, or build with areas.")
    if areas and held not in (None, CITY[0]):
        raise DemoError("The database holds another city's areas; build with areas=False to use them, or empty it.")
    demo = connection.execute(select(deployment.c.value).where(deployment.c.key == "demo")).scalar()
    real = select(func.count()).select_from(hotline_order)
    if demo in ("yes", "building"):
        real = real.where(hotline_order.c.source != "hotline")
    if connection.execute(real).scalar():
        raise DemoError("The database holds orders that are not demo orders; set COCKPIT_DATABASE_URL to another one.")
    filled = (hotline_order, hotline_event, *cubes.ORDERS.cubes.values(), observation, mark)
    for table in (*filled, *detours.TABLES, hotline_day_step, hotline_call, hotline_hour_call, hotline_month):
        connection.execute(delete(table))
    services.empty(connection)
    for table in (category, organisation):
        connection.execute(delete(table))
    connection.execute(delete(source).where(source.c.key.in_(list(vocabulary.SOURCES))))
    made = load_log.c.load_id.startswith("demo-") | load_log.c.load_id.startswith("feed-")
    connection.execute(delete(load_log).where(made))


def _load_yunchuan(connection: Connection) -> None:
    frame = area_frame().drop(columns=["level"])
    load_areas(frame, connection=connection, valid_from=VALID_FROM, complete=True, file=AREAS.name)
    connection.execute(delete(water))
    features = json.loads(WATER.read_text(encoding="utf-8"))["features"]
    rows = [{**f["properties"], "geojson": json.dumps(f["geometry"], separators=(",", ":"))} for f in features]
    names = set(water.columns.keys())
    connection.execute(insert(water), [{k: v for k, v in row.items() if k in names} for row in rows])


def _planned(city: World, seed: int, start: datetime, until: datetime, orders: int | None) -> Plan:
    streets, districts, unfair = roles(city)
    length = (until - start).total_seconds() / DAY
    per_day = PER_DAY if orders is None else orders / length
    campaign = datetime.combine(until.date() - timedelta(days=125), time(0))
    drive = drive_before(until)
    lift = city.community_of[city.street(streets["lift"]), 0]
    bursts = [b for b in bursts_until(until, streets, city.communities[lift]) if b.start >= start]
    plan = Plan(
        seed=seed, start=start, until=until, size=per_day / PER_DAY, streets=streets, districts=districts,
        storms=storms_between(start, until, seed), bursts=bursts,
        drive=drive if drive[0] >= start else None, regulars=regulars_of(start, until, city.streets, seed),
        campaign=(campaign, campaign + timedelta(days=31)) if campaign > start else None, unfair=unfair,
    )  # fmt: skip
    days = [start.date() + timedelta(days=n) for n in range((until.date() - start.date()).days + 1)]
    return replace(plan, norm=float(per_day / intensity(days, vocabulary.leaves(), seed).sum(axis=1).mean()))


def _vocabulary(connection: Connection, city: World, plan: Plan, floods: bool) -> None:
    bulk.insert(connection, category, vocabulary.categories().assign(valid_from=VALID_FROM))
    bulk.insert(connection, organisation, city.organisations)
    rows = [
        {
            "key": key,
            "name_zh": zh,
            "name_en": en,
            "cadence_minutes": cadence,
            "fields": vocabulary.FIELDS.get(key, ""),
        }
        for key, (zh, en, cadence, _) in vocabulary.SOURCES.items()
        if floods or key not in flood.SOURCES
    ]
    bulk.insert(connection, source, pd.DataFrame(rows))
    indicators.store(connection, indicators.shipped())
    marks = [
        {
            "start": s.start, "end": s.start + timedelta(hours=s.hours), "kind": "storm",
            "name_zh": f"{s.start.month}月{s.start.day}日暴雨", "name_en": f"Rainstorm of {s.start:%-d %B}",
        }
        for s in plan.storms
    ]  # fmt: skip
    if plan.campaign:
        first, last = plan.campaign
        marks.append({
            "start": first, "end": last, "kind": "campaign",
            "name_zh": "占道经营集中整治", "name_en": "Campaign against street trading",
        })  # fmt: skip
    if plan.drive:
        first, last = plan.drive
        marks.append({
            "start": first, "end": last, "kind": "campaign",
            "name_zh": "不满意件办理攻关月", "name_en": "Month for dissatisfied orders",
        })  # fmt: skip
    for day in leader_days(plan.start, plan.until):
        marks.append({
            "start": day, "end": day + timedelta(hours=3), "kind": "leader",
            "name_zh": "市领导接听热线", "name_en": "A city leader answers calls",
        })  # fmt: skip
    for burst in plan.bursts:
        if burst.key == "water":
            marks.append({
                "start": burst.start, "end": burst.end, "kind": "outage",
                "name_zh": "供水管网检修停水", "name_en": "Water off for mains repair",
            })  # fmt: skip
    if marks:
        bulk.insert(connection, mark, pd.DataFrame(marks))


def _deploy(connection: Connection, city: World, until: datetime) -> None:
    root = next(place for place in read_areas(connection, until.date()) if place.level == 0)
    engine.put(connection, "city", city.city)
    engine.put(connection, "name_zh", root.name)
    engine.put(connection, "name_en", root.name_en or root.name)


def _orders(plan: Plan, city: World, total: int | None, progress: Progress) -> dict:
    """Make and store all orders and events, some days at a time."""
    if total is None:
        total = round(PER_DAY * (plan.until - plan.start).total_seconds() / DAY)
    stored = logged = 0
    for made in _batches(plan, city, total):
        progress("orders", 0.02 + 0.82 * (stored + 0.5 * made.orders.num_rows) / total)
        with engine.committing() as connection:
            stored += bulk.insert(connection, hotline_order, made.orders)
            progress("orders", 0.02 + 0.82 * (stored - 0.2 * made.orders.num_rows) / total)
            logged += bulk.insert(connection, hotline_event, made.events)
        progress("orders", 0.02 + 0.82 * stored / total)
    return {"orders": stored, "events": logged}


def _calls(plan: Plan, city: World) -> int:
    """Make and store all calls, some days at a time."""
    calls = Calls(Generator(plan, city))
    stored, start = 0, plan.start
    while start < plan.until:
        end = min(start + timedelta(days=120), plan.until)
        with engine.committing() as connection:
            stored += bulk.insert(connection, hotline_call, calls.made(start, end))
        start = end
    return stored


def _batches(plan: Plan, city: World, total: int) -> Iterator[Made]:
    """Exactly `total` orders in time order, some whole days at a time."""
    generator, rows = Generator(plan, city), Rows(plan, city)
    planted = generator.planted().within(epoch(plan.start), epoch(plan.until))
    if len(planted) > total // 2:  # a tiny city: only a part of what is planted, evenly
        planted = planted.some(np.linspace(0, len(planted) - 1, total // 2).astype(np.int64))
    days, expected = generator.expected(plan.start, plan.until)
    share = expected.sum(axis=1) / expected.sum()
    by_day = np.random.default_rng([plan.seed, 3]).multinomial(total - len(planted), share)
    made = first = 0
    while first < len(days):
        last = first + max(1, int(np.searchsorted(np.cumsum(by_day[first:]), CHUNK, side="right")))
        parts = []
        for day, count in zip(days[first:last], by_day[first:last], strict=True):
            opens = datetime.combine(day, time.min)
            closes = min(opens + timedelta(days=1), plan.until)
            rng = np.random.default_rng([plan.seed, 4, day.toordinal()])
            parts += [generator.usual(rng, opens, closes, int(count)), planted.within(epoch(opens), epoch(closes))]
        appeals = together(parts)
        yield rows.made(appeals, made + 1, 0, plan.until)
        made += len(appeals)
        first = last


def freeze_months(connection: Connection, since: datetime, until: datetime) -> None:
    """Freeze the whole months that began in or after `since`, ended two days before `until` and are not frozen yet, as
    of the third of the month after."""
    month = since.date() if since == datetime.combine(months.first_of(since.date()), time.min) else None
    month = month or months.following(since.date())
    while (closes := datetime.combine(months.following(month), time.min) + FREEZES_AFTER) <= until:
        for kept in (months.HOTLINE, SERVICES_KEPT):
            if not months.frozen(connection, month, kept):
                months.freeze(connection, month, at=closes, of=kept)
        month = months.following(month)


def source_times(key: str, now: datetime, plan: Plan) -> datetime:
    """Up to when a source's data reach at a moment: by its cadence, or late, or silent since days."""
    _, _, cadence, behind = vocabulary.SOURCES[key]
    if behind is None:
        return datetime.combine(silent_from(plan.until), time.min)
    late = now - timedelta(minutes=cadence * behind)
    return late.replace(second=0, microsecond=0)


def five_minutely(moment: datetime) -> datetime:
    """The last whole five minutes."""
    return moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0)


def _log(connection: Connection, plan: Plan, came: dict[str, int], observed: int) -> None:
    """One load of each source, as the load log would tell it. came: the rows of the sources that are no figures."""
    rows = []
    own = {"hotline", *SOURCES, *flood.SOURCES}
    for key in vocabulary.SOURCES:
        if key in own and key not in came:
            continue
        reaches = source_times(key, plan.until, plan)
        count = came.get(key, observed // (len(vocabulary.SOURCES) - len(own)))
        if key in own:
            reaches = five_minutely(plan.until) if key in flood.SOURCES else ten_minutely(plan.until)
        rows.append({
            "load_id": f"demo-{key}", "source": key, "file": "demo", "digest": f"seed-{plan.seed}",
            "loaded_at": reaches, "rows_read": count, "stored": count, "updated": 0, "already": 0, "quarantined": 0,
            "unplaced": 0, "data_from": plan.start, "data_to": plan.until if key == "hotline" else reaches,
            "report": "{}",
        })  # fmt: skip
    bulk.insert(connection, load_log, pd.DataFrame(rows))
