"""The alarm engine among the data: it looks at what became known, in the writer's transaction, and says what follows.

Its state, the alarms' events and the tasks are written together with the readings that caused them, or not at all, so
that a restart goes on where it stood. Readings count from when they were received; one that comes without such a moment
but too late to be known at its own is received now (see `received`).
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import (
    Connection,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    union_all,
    update,
)

from data_access import bulk, clock
from data_access.engine import engine as database
from data_access.flood import tasks
from data_access.flood.readings import DIGITS
from data_access.flood.tables import flood_alarm_event as e
from data_access.flood.tables import flood_engine, flood_station, flood_task, flood_threshold
from data_access.flood.tables import flood_reading as r
from data_access.schema import Moment
from domain.flood.alarms import ACTIONS, Engine
from domain.flood.course import Event
from domain.flood.levels import Threshold
from domain.flood.rules import read, rules
from domain.flood.storms import Said
from domain.flood.track import Gauge, Readings

ELEMENTS = {"rain": ("rain",), "waterlogging": ("depth",), "pump": ()}  # of the other kinds: level
STRIDE = timedelta(days=60)  # of a long past
LATEST = timedelta(days=7)  # what is older when it comes is not looked at (handbook 4.5)
_KEY = "alarms"
_kept: tuple[str, str, Engine] | None = None  # database, mark of the state that was written, the engine itself


class NotOpen(LookupError):
    """The alarm is not open, or there is none of this name."""


def seconds(moment: datetime) -> int:
    """Wall-clock moments as the engine counts them."""
    return int(moment.replace(tzinfo=UTC).timestamp())


def moment_of(known: int) -> datetime:
    """The moment of the engine's seconds."""
    return datetime.fromtimestamp(known, UTC).replace(tzinfo=None)


class Deed(NamedTuple):
    """What a person did. text: what they wrote, whom it was given to, until when it is shelved."""

    action: str
    person: str
    text: str


# ---- the network -----------------------------------------------------------------------------------------------------
def gauges(connection: Connection) -> list[Gauge]:
    """Every sensor that is watched. A camera is held against the thresholds of the gauge beside it."""
    t = flood_threshold.c
    held: dict[str, list[Threshold]] = {}
    columns = [t[name] for name in Threshold._fields]
    for code, *row in connection.execute(select(t.station, *columns).order_by(t.station, t.name, t.valid_from)):
        held.setdefault(code, []).append(Threshold(*row))
    found = []
    for one in connection.execute(select(flood_station).order_by(flood_station.c.code, flood_station.c.kind)):
        own = tuple(held.get(one.code, ())) or (tuple(held.get(one.twin, ())) if one.kind == "video" else ())
        elements = ELEMENTS.get(one.kind, ("level", "flow") if any(t.element == "flow" for t in own) else ("level",))
        for element in elements:
            used = tuple(t for t in own if element != "rain")
            found.append(
                Gauge(one.code, one.kind, element, one.interval_minutes * 60, one.resolution or 0.0, one.datum,
                      one.catchment or one.district_code, used)
            )  # fmt: skip
    return found


# ---- readings --------------------------------------------------------------------------------------------------------
def _since() -> Any:
    """Readings that became known after :since and up to :upto, each sensor's in that order."""
    since, upto, oldest = (bindparam(name, type_=Moment) for name in ("since", "upto", "oldest"))
    known = func.coalesce(r.c.received_at, r.c.moment).label("known")
    columns = (r.c.station, r.c.element, known, r.c.moment, r.c.value, r.c.quality)
    watched = r.c.element.in_(("rain", "level", "depth", "flow"))
    fresh = select(*columns).where(watched, r.c.moment > since, r.c.moment <= upto, known <= upto)
    late = select(*columns).where(
        watched, r.c.moment > oldest, r.c.moment <= since, r.c.received_at > since, r.c.received_at <= upto
    )
    return union_all(fresh, late).order_by(*map(literal_column, ("station", "element", "known", "moment")))


_SINCE = _since()


def _readings(connection: Connection, since: datetime, upto: datetime) -> Iterable[tuple[str, str, Readings]]:
    values = {"since": since, "upto": upto, "oldest": since - LATEST}
    result = connection.execute(_SINCE, values)
    if connection.dialect.name == "duckdb":
        some = result.cursor.fetchnumpy()  # type: ignore[attr-defined]
        columns = [some[name] for name in ("station", "element", "known", "moment", "value", "quality")]
    else:
        told = result.fetchall()
        columns = [np.array(column) for column in zip(*told, strict=True)] if told else [np.array([])] * 6
    station, element, known, moment, value, quality = columns
    if not len(station):
        return
    at, of = (np.asarray(c, dtype="datetime64[s]").astype(np.int64) for c in (known, moment))
    whole = Readings(at, of, np.round(np.asarray(value, dtype=float), DIGITS), np.asarray(quality, dtype=np.int64))
    ends = np.flatnonzero((station[1:] != station[:-1]) | (element[1:] != element[:-1])) + 1
    for first, end in zip([0, *ends.tolist()], [*ends.tolist(), len(station)], strict=True):
        yield str(station[first]), str(element[first]), whole.part(first, end)


def _contradicted() -> Any:
    """What cameras saw while the gauge beside them read otherwise, as it was known when they saw it."""
    v, g, s = r.alias("seen"), r.alias("gauge"), flood_station.alias("camera")
    since, upto, off = bindparam("since", type_=Moment), bindparam("upto", type_=Moment), bindparam("off")
    same = (g.c.station == s.c.twin) & (g.c.moment == v.c.moment) & (g.c.element == "level") & (g.c.quality == 0)
    in_time = func.coalesce(g.c.received_at, g.c.moment) <= func.coalesce(v.c.received_at, v.c.moment)
    joined = v.join(s, (s.c.code == v.c.station) & (s.c.kind == "video") & (s.c.twin != "")).join(g, same & in_time)
    near = (v.c.element == "level", func.abs(v.c.value - g.c.value) > off)
    spans = [one for x in (v, g) for one in (x.c.moment > since, x.c.moment <= upto)]
    return select(v.c.station, v.c.moment).select_from(joined).where(*near, *spans)


_CONTRADICTED = _contradicted()
CONTRADICTED = 4  # quality of a camera's reading that telemetry speaks against: it raises nothing


def _confirmed(connection: Connection, since: datetime, upto: datetime) -> dict[str, set[int]]:
    """Moments of each camera at which telemetry spoke against it."""
    values = {"since": since - timedelta(hours=1), "upto": upto, "off": rules(upto.date()).video_gauge_m}
    found: dict[str, set[int]] = {}
    told: Sequence[Any] = connection.execute(_CONTRADICTED, values).fetchall()
    for station, moment in told:
        found.setdefault(station, set()).add(seconds(moment))
    return found


def received(connection: Connection, frame: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """The readings with a moment of receipt where they came after the engine had passed their own."""
    upto = checkpoint(connection)
    if upto is None or frame.empty:
        return frame
    at = frame["received_at"] if "received_at" in frame else pd.Series(pd.NaT, index=frame.index)
    at = pd.to_datetime(at)
    late = (at.isna() & (pd.to_datetime(frame["moment"]) <= upto)) | (at <= upto)
    return frame.assign(received_at=at.mask(late, max(now, upto + timedelta(seconds=1))).astype("datetime64[s]"))


def checkpoint(connection: Connection) -> datetime | None:
    """Up to when the engine has looked; None: never."""
    state = connection.execute(select(flood_engine.c.state).where(flood_engine.c.key == "upto")).scalar()
    return datetime.fromisoformat(state) if state else None


# ---- the engine ------------------------------------------------------------------------------------------------------
def _engine(connection: Connection, network: list[Gauge]) -> Engine:
    """The engine as it was written last; kept in memory while nobody else wrote it."""
    mark = connection.execute(select(flood_engine.c.state).where(flood_engine.c.key == "mark")).scalar() or ""
    url = str(database().url)
    if _kept is not None and mark and _kept[:2] == (url, mark):
        found = _kept[2]
        found.renew(network)
        return found
    found = Engine(network, read())
    state = connection.execute(select(flood_engine.c.state).where(flood_engine.c.key == _KEY)).scalar()
    if state:
        found.load(state)
    return found


def _write(connection: Connection, engine: Engine) -> None:
    global _kept
    mark = f"{datetime.now(UTC).timestamp():.6f}"
    values = {_KEY: engine.dump(), "mark": mark, "upto": moment_of(engine.upto).isoformat()}
    for key, value in values.items():
        done = connection.execute(update(flood_engine).where(flood_engine.c.key == key).values(state=value))
        there = done.rowcount and done.rowcount > 0
        if not there and not connection.execute(select(flood_engine.c.key).where(flood_engine.c.key == key)).first():
            connection.execute(insert(flood_engine).values(key=key, state=value))
    _kept = (str(database().url), mark, engine)


def advance(connection: Connection, upto: datetime | None = None, begin: datetime | None = None) -> int:
    """Look at everything that became known up to a moment (None: now); returns how many events were written. begin:
    where it begins when it never looked (None: with the first reading)."""
    upto = upto or clock.now()
    since = checkpoint(connection)
    if since is None:
        first = connection.execute(select(func.min(r.c.moment))).scalar()
        since = max((first or upto) - timedelta(seconds=1), begin or datetime.min)
    if upto <= since:
        return 0
    network = gauges(connection)
    engine = _engine(connection, network)
    linkage = tasks.linkage(connection)
    n = 0
    while since < upto:
        end = min(upto, since + STRIDE)
        against = _confirmed(connection, since, end) if any(g.kind == "video" for g in network) else {}
        for station, element, some in _readings(connection, since, end):
            if moments := against.get(station):
                refuted = np.isin(some.moment, list(moments))
                some = some._replace(quality=np.where(refuted, CONTRADICTED, some.quality))  # noqa: PLW2901
            engine.feed(station, element, some)
        said = engine.advance(seconds(end))
        n += _say(connection, engine, said)
        tasks.follow(connection, linkage, said)
        since = end
    _write(connection, engine)
    return n


def rebuild(connection: Connection, upto: datetime | None = None) -> int:
    """Forget what the engine said and look at the whole past again: after a past was loaded that it had not seen. What
    people did with alarms and tasks is done again, where there are such alarms and tasks again."""
    global _kept
    _kept = None
    t = flood_task.c
    acts: list[Any] = [tuple(row) for row in connection.execute(
        select(e.c.moment, literal("alarm"), e.c.alarm, e.c.event, e.c.person, e.c.text).where(e.c.person != "")
        .union_all(select(t.moment, literal("task"), t.task, t.event, t.person, literal("")).where(t.person != ""))
    )]  # fmt: skip
    for table in (e, flood_task, flood_engine):
        connection.execute(delete(table))
    n = 0
    for moment, of, name, action, person, text in sorted(acts, key=lambda act: act[0]):
        n += advance(connection, moment)
        if of == "task":
            tasks.step(connection, name, action, person, moment)
        else:
            n += _act(connection, moment, name, Deed(action, person, text))
    return n + advance(connection, upto)


class Replayed(NamedTuple):
    """What the engine says of all readings again. recorded, said: events; lost: recorded, not said again; new: the
    other way round; of both moment, alarm, event."""

    recorded: int
    said: int
    lost: list[tuple[datetime, str, str]]
    new: list[tuple[datetime, str, str]]


def replayed(connection: Connection, now: datetime) -> Replayed:
    """Rebuild and compare with what was recorded, in every column but the version of the rules. The connection's
    transaction holds what was said now: to keep or to roll back."""
    columns = [column for column in e.columns if column.name != "rules"]
    asked = select(*columns).order_by(e.c.moment, e.c.alarm, e.c.seq)
    before = [tuple(row) for row in connection.execute(asked)]
    rebuild(connection, checkpoint(connection) or now)
    after = [tuple(row) for row in connection.execute(asked)]
    names = [column.name for column in columns]
    told = [names.index(name) for name in ("moment", "alarm", "event")]

    def only(some: list[tuple], others: list[tuple]) -> list[tuple[datetime, str, str]]:
        known = Counter(others)
        known.subtract(Counter(some))
        return [(row[told[0]], row[told[1]], row[told[2]]) for row in some if known[row] < 0]

    return Replayed(len(before), len(after), only(before, after), only(after, before))


def act(
    connection: Connection,
    alarm: str,
    action: str,
    person: str,
    *,
    text: str = "",
    until: datetime | None = None,
    now: datetime | None = None,
) -> int:
    """What a person did with an alarm: one of domain.flood.alarms.ACTIONS. Raises NotOpen; a note and the finding that
    it was false may also come later."""  # fmt: skip
    if action not in ACTIONS:
        raise ValueError(f"{action} is none of {', '.join(ACTIONS)}")
    now = (now or clock.now()).replace(microsecond=0)
    advance(connection, now)
    if until is not None:
        text = until.isoformat(timespec="minutes")
    n = _act(connection, now, alarm, Deed(action, person, text))
    if not n:
        raise NotOpen(alarm)
    return n


def act_all(connection: Connection, deeds: Sequence[tuple[str, Deed]], now: datetime) -> int:
    """What people did with several alarms at one moment, kept at once; those that are not open are left out."""
    advance(connection, now)
    engine, said = _engine(connection, gauges(connection)), list[Said]()
    for alarm, deed in deeds:
        said += engine.act(max(seconds(now), engine.upto), alarm, deed.action, deed.person, text=deed.text)
    if said:
        tasks.follow(connection, tasks.linkage(connection), said)
        n = _say(connection, engine, said)
        _write(connection, engine)
        return n
    return 0


def _act(connection: Connection, moment: datetime, alarm: str, deed: "Deed") -> int:
    action, person, text = deed
    engine = _engine(connection, gauges(connection))
    until = seconds(datetime.fromisoformat(text)) if action == "shelved" and text else 0
    said = engine.act(max(seconds(moment), engine.upto), alarm, action, person, text=text, until=until)
    if said:
        n = _say(connection, engine, said)
        tasks.follow(connection, tasks.linkage(connection), said)
        _write(connection, engine)
        return n
    if action not in ("noted", "false_alarm"):
        return 0
    last = connection.execute(select(e).where(e.c.alarm == alarm).order_by(e.c.seq.desc()).limit(1)).first()
    if last is None:
        return 0
    later = {"seq": last.seq + 1, "moment": moment, "event": action, "person": person, "text": text, "samples": "[]"}
    connection.execute(insert(e).values(**(dict(last._mapping) | later)))
    return 1


def _say(connection: Connection, engine: Engine, said: Sequence[Said]) -> int:
    if not said:
        return 0
    names = ("code", "district_code", "street_code", "kind", "datum")
    rain_first = case((flood_station.c.kind == "rain", 0), else_=1)  # of two roles the other is what a code is told by
    asked = select(*(flood_station.c[n] for n in names)).order_by(rain_first, flood_station.c.kind)
    places = {one.code: one for one in connection.execute(asked)}
    lines = [_row(one, places.get(one.event.station), engine) for one in said]
    return bulk.insert(connection, e, pd.DataFrame(lines))


def _row(one: Said, place: Any, engine: Engine) -> dict[str, Any]:
    event = one.event
    known = moment_of(event.known)
    samples = [[moment_of(moment).isoformat(timespec="minutes"), value] for moment, value in event.samples]
    return {
        "alarm": event.alarm,
        "seq": one.seq,
        "moment": np.datetime64(known, "s"),
        "station": event.station,
        "district_code": place.district_code if place else "",
        "street_code": place.street_code if place else "",
        "kind": _kind(event, place),
        "rule": event.rule,
        "event": event.event,
        "level": event.level,
        "value": event.value,
        "threshold": event.threshold,
        "threshold_name": event.name,
        "datum": place.datum if place and event.rule in ("level", "predicted") else "",
        "rules": rules(known.date(), event.station).version,
        "samples": json.dumps(samples),
        "parent": one.parent,
        "person": event.person,
        "text": event.text,
    }


def _kind(event: Event, place: Any) -> str:
    if event.rule.startswith("storm-"):
        return "storm"
    rain = event.rule == "rain" or event.alarm.endswith("|rain")
    return "rain" if rain else place.kind if place else ""
