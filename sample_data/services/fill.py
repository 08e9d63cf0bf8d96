"""Fills a database with the demo city's services, and lets them live on."""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, delete, or_, select, update

from data_access import bulk, engine
from data_access.services import tables as t
from domain.services import items as rates
from sample_data.randomness import uniform
from sample_data.services import halls
from sample_data.services.cases import LONGEST, PER_WORKDAY, Cases
from sample_data.services.catalogue import Catalogue, catalogue, departments, elsewhere, themes
from sample_data.world import World

CHUNK_DAYS = 200
PEERS = 16  # cities that are ranked with ours
RANKED = {  # item-based rates that the province publishes, and how far the peers lie apart (fractions)
    "services.online_items": (rates.online_rate, 0.004), "services.mobile_items": (rates.mobile_rate, 0.012),
    "services.zero_visit_items": (rates.zero_visit_rate, 0.006), "services.instant_items": (rates.instant_rate, 0.05),
    "services.compression": (rates.compression, 0.02),
    "services.electronic_materials": (rates.electronic_materials, 0.004),
}  # fmt: skip
PROBLEMS = ("guide", "limit", "queue", "system", "material", "attitude")  # 办事指南 时限 排队 系统 材料 态度
PER_MONTH = 116  # problems found; nine in ten are fixed
FILLED = (
    t.service_item, t.service_theme, t.service_department, t.service_case, t.service_stop, t.service_day_place,
    t.service_day_org, t.service_day_channel, t.service_day_theme, t.service_day_special, t.service_tick,
    t.service_open, t.service_took, t.service_day_once, t.service_hall, t.service_shift, t.service_ticket,
    t.service_business, t.service_rank, t.service_problem, t.service_month, t.service_elsewhere,
)  # fmt: skip
Progress = Callable[[float], None]


def empty(connection: Connection) -> None:
    """Take out what fill makes."""
    for table in FILLED:
        connection.execute(delete(table))


def fill(
    city: World, *, seed: int, start: datetime, until: datetime, size: float, progress: Progress
) -> dict[str, int]:
    """Make and store catalogue, cases and halls. size: cases in units of the usual 3,000 a working day. Returns how
    many cases and tickets there are."""
    known = catalogue(seed, until.date())
    cases = Cases(city, known, seed=seed, start=start, until=until, size=size)
    with engine.committing() as connection:
        bulk.insert(connection, t.service_item, known.frame)
        bulk.insert(connection, t.service_theme, themes(until.date()))
        bulk.insert(connection, t.service_department, departments())
        bulk.insert(connection, t.service_elsewhere, elsewhere())
        bulk.insert(connection, t.service_rank, ranks(known, start, until, seed))
        bulk.insert(connection, t.service_problem, problems(city, known, seed, start, until))
        tickets = _halls(connection, city, seed, start, until)
    made, begin = 0, start
    while begin < until:
        end = min(begin + timedelta(days=CHUNK_DAYS), until)
        rows = cases.made(begin, end, until)
        with engine.committing() as connection:
            made += bulk.insert(connection, t.service_case, rows.cases)
            bulk.insert(connection, t.service_stop, rows.stops)
        begin = end
        progress((begin - start) / (until - start))
    return {"cases": made, "tickets": tickets}


def _halls(connection: Connection, city: World, seed: int, start: datetime, until: datetime) -> int:
    rows = halls.hall_rows(city, seed)
    bulk.insert(connection, t.service_hall, rows)
    bulk.insert(connection, t.service_business, halls.businesses())
    codes = rows.loc[rows["kind"] == "hall", "code"].tolist()
    first = max(start.date(), until.date() - timedelta(days=halls.DAYS))
    days = [first + timedelta(days=n) for n in range((until.date() - first).days + 1)]
    bulk.insert(connection, t.service_shift, halls.shifts(codes, days, until))
    return bulk.insert(connection, t.service_ticket, halls.tickets(codes, days, seed, until))


def ranks(known: Catalogue, start: datetime, until: datetime, seed: int) -> pd.DataFrame:
    """The columns of service_rank: each month's place among the peers, published on the 10th of the next. Full-online
    items are not published by the province."""
    rows, month = [], start.date().replace(day=1)
    while True:
        following = (month + timedelta(days=32)).replace(day=1)
        if datetime.combine(following, time.min) + timedelta(days=10) > until:
            break
        mine = known.on(following - timedelta(days=1))
        for n, (key, (rate, spread)) in enumerate(RANKED.items()):
            ours = rate(mine).value
            key_of = np.arange(PEERS) + 100 * n + 10_000 * (month.year * 12 + month.month)
            peers = np.clip(ours + spread * (uniform(key_of, 290, seed) - 0.72), 0, 1)
            values = sorted((round(float(v), 4) for v in (ours, *peers[1:])), reverse=True)
            rank = values.index(round(ours, 4)) + 1
            rows.append({
                "indicator": key, "month": month, "rank": rank, "peers": PEERS, "value": round(ours, 4),
                "next_value": values[rank - 2] if rank > 1 else None, "values": json.dumps(values),
            })  # fmt: skip
        month = following
    return pd.DataFrame(rows, columns=["indicator", "month", "rank", "peers", "value", "next_value", "values"])


def problems(city: World, known: Catalogue, seed: int, start: datetime, until: datetime) -> pd.DataFrame:
    """The columns of service_problem: the ledger of what was found (体验, 暗访, 回访) and fixed."""
    count = round(PER_MONTH * (until - start).days / 30.4)
    keys = np.arange(count)
    found = [start + (until - start) * ((n + float(u)) / max(count, 1)) for n, u in enumerate(uniform(keys, 291, seed))]
    takes = uniform(keys, 292, seed)
    never = uniform(keys, 293, seed) < 0.045
    rows = []
    for n in range(count):
        fixed = found[n] + timedelta(days=2 + 26 * float(takes[n]))
        kind = PROBLEMS[int(len(PROBLEMS) * float(uniform(keys[n : n + 1], 294, seed)[0]) ** 1.4)]
        dept = known.departments[int(len(known.departments) * float(uniform(keys[n : n + 1], 295, seed)[0]) ** 1.6)]
        district = city.districts[int(len(city.districts) * float(uniform(keys[n : n + 1], 296, seed)[0]))]
        rows.append({
            "number": f"{found[n]:%Y}-{n + 1:05d}", "found_at": found[n].replace(microsecond=0),
            "fixed_at": None if never[n] or fixed >= until else fixed.replace(microsecond=0), "district_code": district,
            "org": dept, "kind": kind, "text": "",
        })  # fmt: skip
    return pd.DataFrame(rows)


# ---- living on ------------------------------------------------------------


def pending(connection: Connection, to: datetime) -> np.ndarray:
    """The cases to which something may still happen."""
    c = t.service_case.c
    alive = c.receive_at >= to - LONGEST
    rated = or_(c.rating_at.is_(None), c.deliver_at.is_(None) & (c.finish_at >= to - timedelta(days=5)))
    fixed = c.rectify_due_at.is_not(None) & c.rectified_at.is_(None)
    found = connection.execute(
        select(c.case_id).where(alive, c.refuse_at.is_(None), or_(rated, fixed), c.source == "services")
    )
    return np.array([row[0] for row in found], dtype=np.int64)


def go_on(connection: Connection, cases: Cases, since: datetime, to: datetime) -> tuple[int, date | None]:
    """What came and what happened in [since, to). Returns how many cases came, and the first day whose sums move (None:
    nothing did)."""
    which = pending(connection, since)
    before, after = cases.again(which, since), cases.again(which, to)
    moved = np.zeros(len(which), dtype=bool)
    for name in ("accept_at", "refuse_at", "decide_at", "finish_at", "deliver_at", "rating_at", "rectified_at"):
        moved |= before.cases[name].is_null().to_numpy() != after.cases[name].is_null().to_numpy()
    if moved.any():
        _rewrite(connection, after.cases.filter(pa.array(moved)))
    new = cases.made(since, to, to)
    count = bulk.insert(connection, t.service_case, new.cases)
    stops = pa.concat_tables([after.stops.unify_dictionaries(), new.stops.unify_dictionaries()])
    started = stops["start_at"].to_numpy()
    begun = (started >= np.datetime64(since)) & (started < np.datetime64(to))
    bulk.insert(connection, t.service_stop, stops.filter(pa.array(begun)))
    return count, since.date() if moved.any() or count else None


# made once: SQLAlchemy keeps what it compiled for each table that it ever saw
_change = Table(
    "demo_case_change", MetaData(), Column("change_id", BigInteger),
    *(Column(c.name, c.type) for c in t.service_case.columns if c.name != "case_id"), prefixes=["TEMPORARY"],
)  # fmt: skip


def _rewrite(connection: Connection, rows: pa.Table) -> None:
    """Set the rows of cases that moved."""
    _change.create(connection)
    bulk.insert(connection, _change, rows.rename_columns(["change_id", *rows.column_names[1:]]))
    values = {c.name: c for c in _change.columns if c.name != "change_id"}
    connection.execute(update(t.service_case).where(t.service_case.c.case_id == _change.c.change_id).values(values))
    _change.drop(connection)


def queue(connection: Connection, seed: int, since: datetime, to: datetime) -> int:
    """The tickets and shifts of the days since then, told again as known at `to`; returns how many tickets."""
    codes = [row[0] for row in connection.execute(select(t.service_hall.c.code).where(t.service_hall.c.kind == "hall"))]
    days = [since.date() + timedelta(days=n) for n in range((to.date() - since.date()).days + 1)]
    midnight = datetime.combine(since.date(), time.min)
    connection.execute(delete(t.service_ticket).where(t.service_ticket.c.take_at >= midnight))
    connection.execute(delete(t.service_shift).where(t.service_shift.c.open_at >= midnight))
    bulk.insert(connection, t.service_shift, halls.shifts(codes, days, to))
    return bulk.insert(connection, t.service_ticket, halls.tickets(codes, days, seed, to))


def usual(start: datetime, until: datetime) -> float:
    """About how many cases a city of size 1 has in [start, until)."""
    return PER_WORKDAY * 0.73 * ((until - start) / timedelta(days=1))
