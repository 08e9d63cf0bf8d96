"""The demo city goes on living: fresh orders arrive and open ones are dispatched, signed, closed and called back.

`step(now)` brings the database up to the last whole minute before now, however long it slept. What happens is what the
build would have made: an order's life is a function of its row (see lives), arrivals are drawn minute by minute from
the seed. Calling it again within the same minute changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    MetaData,
    SmallInteger,
    Table,
    and_,
    func,
    or_,
    select,
    update,
)

from data_access import bulk, call_cube, cubes, detours, engine, indicators, months
from data_access.schema import (
    deployment,
    hotline_call,
    hotline_event,
    hotline_move,
    hotline_open,
    hotline_order,
    hotline_redo,
    load_log,
    observation,
)
from data_access.schema import hotline_order as o
from sample_data.arrivals import Arrivals, Generator, together
from sample_data.build import FREEZES_AFTER, five_minutely, freeze_months, source_times
from sample_data.calls import Calls
from sample_data.flood.fill import SOURCES as FLOOD
from sample_data.flood.fill import Stream
from sample_data.lives import DAY, LIFE_DAYS, NEVER, Known, Lives, chosen, epoch, joined, lives
from sample_data.observations import KNOWN_AFTER, figures
from sample_data.orders import Made, Rows, latest
from sample_data.plan import Plan
from sample_data.services.living import SOURCES as SERVICES
from sample_data.services.living import Services, ten_minutely
from sample_data.vocabulary import LIMIT_HOURS, SOURCES, TYPES
from sample_data.world import UNPLACED, World, world

MINUTE = timedelta(minutes=1)
BY_MINUTE = timedelta(hours=3)  # longer sleeps are filled by the hour
_MOMENTS = (
    "dispatch_at", "sign_at", "due_at", "reply_at", "close_at", "callback_at", "returned_at", "extended_at",
    "supervised_at", "redo_at",
)  # fmt: skip
_change = Table(
    "demo_feed_change",
    MetaData(),
    Column("change_id", BigInteger),
    *(Column(name, DateTime) for name in _MOMENTS),
    Column("responded", Boolean),
    *(Column(name, SmallInteger) for name in ("resolved", "satisfaction", "redo_count")),
    prefixes=["TEMPORARY"],
)
LONGEST_LIMIT = timedelta(hours=max(LIMIT_HOURS)) + timedelta(days=5)  # extended


@dataclass
class _Living:
    """What is kept between two steps. `waiting` holds for the moment `at`; for any other the database is asked."""

    plan: Plan
    city: World
    generator: Generator
    rows: Rows
    calls: Calls
    planted: Arrivals
    flood: Stream
    services: Services
    at: datetime | None = None
    waiting: tuple[Known, Lives] | None = None  # orders to which something will still happen


_living: dict[tuple[str, str], _Living] = {}


def forget() -> None:
    """Drop what is kept between steps, as a restart does."""
    _living.clear()


def _alive(connection: Connection, text: str) -> _Living:
    key = (str(engine.engine().url), text)
    if key not in _living:
        plan = Plan.loads(text)
        city = world(connection, plan.seed, plan.until.date())
        generator = Generator(plan, city)
        _living.clear()
        _living[key] = _Living(
            plan, city, generator, Rows(plan, city), Calls(generator), generator.planted(), Stream(plan),
            Services(city, plan.seed, plan.start, plan.until),
        )  # fmt: skip
    return _living[key]


def step(now: datetime) -> int:
    """Bring the demo city up to the whole minute before `now`; returns how many orders were added. 0 and no change when
    there is no demo city or the minute is not over."""
    to = now.replace(second=0, microsecond=0)
    if engine.get("demo") != "yes" or to <= datetime.fromisoformat(engine.get("demo_fed_until") or to.isoformat()):
        return 0
    with engine.committing() as connection:
        said = {row.key: row.value for row in connection.execute(select(deployment.c.key, deployment.c.value))}
        since = datetime.fromisoformat(said["demo_fed_until"])
        if to <= since:  # another process was quicker
            return 0
        it = _alive(connection, said["demo_plan"])
        it.at, was = None, it.at
        waiting = it.waiting if it.waiting is not None and was == since else _waiting(connection, it, since)
        first = _go_on(connection, it, waiting, since, to)
        made = _add(connection, it, since, to)
        added = len(made.known.order_id)
        _observe(connection, it, since, to)
        _call(connection, it, since, to)
        came = it.flood.step(connection, since, to) | it.services.step(connection, to)
        _log(connection, it.plan, since, to, {"hotline": added} | came)
        _stray(connection, [waiting, (made.known, made.told)], since, to)
        # what was due earlier and is closed now is settled now
        cubes.refresh(connection, first, (to + LONGEST_LIMIT).date())
        if months.first_of((since - FREEZES_AFTER).date()) != months.first_of((to - FREEZES_AFTER).date()):
            freeze_months(connection, it.plan.start, to)
        engine.put(connection, "demo_fed_until", to.isoformat())
    it.at, it.waiting = to, _unfinished(joined(waiting[0], made.known), joined(waiting[1], made.told), to)
    return added


def _all_moments(told: Lives) -> list[np.ndarray]:
    """Everything that happens to the orders after they came, (n, how often) each."""
    of = (
        told.dispatch, told.returned, told.reassigned, told.sign, told.extended, told.urged, told.supervised,
        told.reply, told.close, told.callback, told.redo, told.archived,
    )  # fmt: skip
    return [moment.reshape(len(moment), -1) for moment in of]


def _unfinished(known: Known, told: Lives, at: datetime) -> tuple[Known, Lives]:
    """The orders to which something will happen at or after the moment."""
    start = epoch(at)
    still = np.zeros(len(known.order_id), dtype=bool)
    for moment in _all_moments(told):
        still |= ((moment >= start) & (moment != NEVER)).any(axis=1)
    return chosen(known, still), chosen(told, still)


def _add(connection: Connection, it: _Living, since: datetime, to: datetime) -> Made:
    """New orders with what has already happened to them."""
    length = MINUTE if to - since <= BY_MINUTE else timedelta(hours=1)
    parts = [it.planted.within(epoch(since), epoch(to))]
    begin = since
    while begin < to:
        end = min(begin + length, to)
        rng = np.random.default_rng([it.plan.seed, 5, epoch(begin) // 60])
        parts.append(it.generator.usual(rng, begin, end))
        begin = end
    appeals = together(parts)
    last = int(connection.execute(select(func.max(o.c.order_id))).scalar() or 0)
    day = _day_of(int(appeals.seconds[0]) if len(appeals) else epoch(since))
    before = int(connection.execute(select(func.count()).select_from(o).where(o.c.accept_at >= day)).scalar() or 0)
    made = it.rows.made(appeals, last + 1, before, to)
    bulk.insert(connection, hotline_order, made.orders)
    bulk.insert(connection, hotline_event, made.events)
    return made


def _day_of(seconds: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(days=seconds // DAY)


def _numbers(values: Sequence[str], words: Sequence[str]) -> np.ndarray:
    """The place of each value among the words; UNPLACED for ''."""
    known = {word: i for i, word in enumerate(words) if word}
    return np.array([known[value] if value else UNPLACED for value in values], dtype=np.int64)


def _waiting(connection: Connection, it: _Living, since: datetime) -> tuple[Known, Lives]:
    """Read the orders to which something will still happen, and work out what."""
    columns = ("order_id", "street_code", "accept_at", "category", "org", "appeal_type", "direct")
    open_or_called = or_(
        o.c.close_at.is_(None),
        and_(o.c.callback_at.is_(None), o.c.close_at >= since - timedelta(days=10)),
        o.c.callback_at >= since - timedelta(days=14),  # redone and called back again within these
    )
    alive = and_(o.c.accept_at >= since - timedelta(days=LIFE_DAYS), o.c.source == "hotline")
    found = connection.execute(select(*(o.c[name] for name in columns)).where(alive, open_or_called)).fetchall()
    ids, codes, accepted, categories, orgs, types, direct = zip(*found, strict=True) if found else [()] * len(columns)
    known = Known(
        np.array(ids, dtype=np.int64),
        np.array(accepted, dtype="datetime64[s]").astype(np.int64),
        _numbers(categories, it.rows.leaf_codes),
        _numbers(codes, it.city.streets),
        _numbers(orgs, it.rows.org_codes),
        _numbers(types, TYPES),
        np.array(direct, dtype=bool),
    )
    return _unfinished(known, lives(it.plan, it.city, known), since)


def _go_on(connection: Connection, it: _Living, waiting: tuple[Known, Lives], since: datetime, to: datetime) -> date:
    """What happens in [since, to) to the orders that were there: their row's times and their events. Returns the first
    day whose sums that can change: an order that is redone or called back again no longer counts on its old day."""
    known, told = waiting
    start, end = epoch(since), epoch(to)
    bulk.insert(connection, hotline_event, it.rows.events(known, told, start, end))
    moved, again = np.zeros((2, len(known.order_id)), dtype=bool)
    for moment in _all_moments(told):
        moved |= ((moment >= start) & (moment < end)).any(axis=1)
    for moment in (told.redo, told.callback[:, 1:]):
        again |= ((moment >= start) & (moment < end)).any(axis=1)
    if moved.any():
        _rewrite(connection, known.order_id[moved], chosen(told, moved), end)
    called = told.callback[again]
    old = np.where(called < start, called, -1).max(axis=1)
    return min([since.date(), *(_day_of(int(each)).date() for each in np.unique(old[old >= 0] // DAY * DAY))])


def _stray(connection: Connection, some: Sequence[tuple[Known, Lives]], since: datetime, to: datetime) -> None:
    """Tell again of the orders to which something happened in [since, to): whether they are open, and of those that
    were ever sent back until then."""
    start, end = epoch(since), epoch(to)
    moved, strayed = [], []
    for known, told in (one for one in some if len(one[0].order_id)):
        now = known.accept >= start
        for moment in _all_moments(told):
            now |= ((moment >= start) & (moment < end)).any(axis=1)
        back = now & ((told.returned[:, 0] < end) | (told.redo[:, 0] < end))
        moved.append((known.order_id[now], known.accept[now]))
        strayed.append((known.order_id[back], known.accept[back]))
    for found, tables in ((moved, (hotline_open,)), (strayed, (hotline_move, hotline_redo))):
        which = np.concatenate([ids for ids, _ in found]).tolist() if found else []
        if which:
            oldest = min(int(accepted.min()) for _, accepted in found if len(accepted))
            detours.follow(connection, which, datetime(1970, 1, 1) + timedelta(seconds=oldest), tables=tables)


def _rewrite(connection: Connection, ids: np.ndarray, now: Lives, end: int) -> None:
    """Set what changes on the rows of the orders that moved, as known at `end`."""
    _change.create(connection)
    bulk.insert(connection, _change, pa.table({"change_id": ids, **latest(now, end)}))
    values = {c.name: c for c in _change.columns if c.name != "change_id"}
    oldest = datetime(1970, 1, 1) + timedelta(seconds=end) - timedelta(days=LIFE_DAYS + 1)
    connection.execute(
        update(hotline_order).where(o.c.order_id == _change.c.change_id, o.c.accept_at >= oldest).values(values)
    )
    _change.drop(connection)


def _call(connection: Connection, it: _Living, since: datetime, to: datetime) -> None:
    """The calls that ended in [since, to)."""
    rows = it.calls.made(since, to)
    if bulk.insert(connection, hotline_call, rows):
        call_cube.refresh_calls(connection, rows["started_at"].min().to_pydatetime(), to)


def _observe(connection: Connection, it: _Living, since: datetime, to: datetime) -> None:
    """The figures of the days that became known in (since, to]."""
    first = max((since - KNOWN_AFTER).date(), it.plan.until.date())
    days = [first + timedelta(days=n) for n in range((to.date() - first).days)]
    days = [d for d in days if since < datetime.combine(d, time.min) + timedelta(days=1) + KNOWN_AFTER <= to]
    if days:
        bulk.insert(connection, observation, figures(it.plan, it.city, days, {i.key: i for i in indicators.shipped()}))


def _log(connection: Connection, plan: Plan, since: datetime, to: datetime, added: dict[str, int]) -> None:
    """One line of the load log for each source and cadence; within a cadence the line goes on. added: how many rows
    came of the hotline and, when there are any, of each flood source."""
    rows = []
    for key, (_, _, cadence, behind) in SOURCES.items():
        if behind is None or (key in (*FLOOD, *SERVICES) and key not in added):
            continue
        bucket = timedelta(minutes=cadence)
        begun = datetime.min + (to - datetime.min) // bucket * bucket
        count = added.get(key, 0)
        reaches = source_times(key, to, plan)
        if key in added:
            reaches = to if key == "hotline" else five_minutely(to) if key in FLOOD else ten_minutely(to)
        load_id = f"feed-{key}-{begun:%Y%m%d%H%M}"
        there = load_log.c.load_id == load_id
        seen = connection.execute(select(load_log.c.stored).where(there)).scalar()
        if seen is None:
            rows.append({
                "load_id": load_id, "source": key, "file": "demo feed", "digest": "", "loaded_at": to,
                "rows_read": count, "stored": count, "updated": 0, "already": 0, "quarantined": 0, "unplaced": 0,
                "data_from": since, "data_to": reaches, "report": "{}",
            })  # fmt: skip
        elif key == "hotline":
            changed = {"stored": seen + count, "rows_read": seen + count, "data_to": reaches, "loaded_at": to}
            connection.execute(update(load_log).where(there).values(changed))
    if rows:
        bulk.insert(connection, load_log, pd.DataFrame(rows))
