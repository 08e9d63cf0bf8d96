"""A database with the standard's own tables (SL 323) -> our stations, thresholds, curves, reaches and readings.

Any database that SQLAlchemy opens; names of tables and columns in any case. Each table gets a report of its own. The
tables of readings are read from the newest TM that was read before (less again_days, for what came late); of the others
everything is compared. W is in 10⁶ m³ as here; DYP is the day's rain and is never added to DRP; INTV is hours.minutes.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    create_engine,
    false,
    inspect,
    make_url,
    or_,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import NullType

from data_access import clock, engine
from data_access.flood import store, thiessen
from data_access.intake import flood_lately
from data_access.intake.description import Description, IntakeError
from data_access.intake.flood_network import Network
from data_access.intake.keeping import Bad, declare, log, refuse
from data_access.intake.places import Places
from data_access.intake.report import Report
from data_access.intake.sl323_fields import BANKS, KINDS, NEEDED, NOTHING, READINGS, THRESHOLDS, TREND
from data_access.intake.sl323_network import curves, reaches, seasons
from domain.flood.rain import interval_minutes

Row = dict[str, Any]
_ROWS = 50_000
_ORDER = ("ST_STBPRP_B", *THRESHOLDS, "ST_RSVRFSR_B", "ST_ZVARL_B", "ST_FSDR_B", *READINGS)
_RANK = {"already": 0, "stored": 1, "updated": 2}


def load_database(description: Description) -> list[Report]:
    """Load what is new in the database that a description names, in one transaction; one report a table."""
    source = _open(description)
    try:
        with source.connect() as there, engine.committing() as connection:
            done = _Load(there, connection, description).all()
            declare(connection, description)
    except SQLAlchemyError as error:
        raise IntakeError(f"{description.key}: the database cannot be read ({str(error).splitlines()[0]}).") from None
    finally:
        source.dispose()
    return done


def _open(description: Description) -> Engine:
    given = description.sl323
    url = given.url or os.environ.get(given.url_variable, "")
    if not url:
        named = f"set {given.url_variable}" if given.url_variable else "write url or url_variable under [sl323]"
        raise IntakeError(f"{description.key}: no database is named; {named}.")
    try:
        opened = create_engine(url)
        with opened.connect():
            return opened
    except Exception as error:
        shown = make_url(url).render_as_string(hide_password=True) if "://" in url else "the URL"
        raise IntakeError(f"{shown} cannot be opened: {str(error).splitlines()[0]}") from None


class _Load:
    """One load of one database."""

    def __init__(self, there: Connection, connection: Connection, description: Description) -> None:
        self._there, self._connection, self._description = there, connection, description
        self._given, self._now = description.sl323, clock.now()
        self._network = Network(connection, description.key)
        self._places = Places(description)
        schema = self._given.database_schema or None
        names = inspect(there).get_table_names(schema=schema)
        self._tables = {name.upper(): self._reflected(name, schema) for name in names if name.upper() in NEEDED}
        if "ST_STBPRP_B" not in self._tables or not set(READINGS) & set(self._tables):
            raise IntakeError(
                f"{description.key}: the database lacks the table ST_STBPRP_B or has none of {', '.join(READINGS)}; "
                "check the URL and database_schema."
            )

    def _reflected(self, name: str, schema: str | None) -> Table:
        """A table by the names of its columns alone, in capitals; what type they are is the source's affair."""
        empty = select(text("*")).select_from(Table(name, MetaData(), schema=schema)).where(false())
        columns = list(self._there.execute(empty).keys())
        lacking = [one for one in NEEDED[name.upper()] if one not in {column.upper() for column in columns}]
        if lacking:
            raise IntakeError(f"{name} has no column {', '.join(lacking)}; its columns are: {', '.join(columns)}.")
        made = [Column(column, NullType(), key=column.upper()) for column in columns]
        return Table(name, MetaData(), *made, schema=schema)

    def all(self) -> list[Report]:
        """Every table that is there, stations first."""
        reports = []
        for name in _ORDER:
            if name in self._tables:
                began = datetime.now()
                report = self._readings(name) if name in READINGS else self._small(name)
                report.format, report.seconds = "SL 323", (datetime.now() - began).total_seconds()
                if not report.balanced():
                    raise AssertionError(f"rows do not add up: {report.to_dict()}")
                reports.append(report)
        faults = self._network.faults()
        reports[0].doubt("threshold_order", f"{len(faults):,} 处阈值次序矛盾",
                         f"{len(faults):,} thresholds contradict their order", len(faults), faults[:5])  # fmt: skip
        if self._network.write():
            thiessen.recount(self._connection, self._now.date())
        flood_lately.look(self._connection, reports, self._now)
        for report in reports:
            log(self._connection, report, self._now)
        return reports

    def _report(self, name: str) -> Report:
        return Report(self._description.key, name, load_id=store.load_id())

    # ---- stations, thresholds, curves, reaches -----------------------------------------------------------------------
    def _small(self, name: str) -> Report:
        table, report = self._tables[name], self._report(name)
        rows = [
            {column: _plain(value) for column, value in zip(table.c.keys(), row, strict=True)}
            for row in self._there.execute(select(table))
        ]
        report.rows_read = len(rows)
        if name == "ST_STBPRP_B":
            outcome = self._stations(rows, report)
        elif name in THRESHOLDS:
            outcome = [self._thresholds(row, THRESHOLDS[name]) for row in rows]
        elif name == "ST_RSVRFSR_B":
            outcome = seasons(self._connection, rows, self._network)
        elif name == "ST_ZVARL_B":
            outcome = curves(self._connection, rows, self._given.surface_factor)
        else:
            outcome = reaches(self._connection, rows, self._given.muskingum_x)
        self._count(report, rows, outcome)
        return report

    def _count(self, report: Report, rows: list[Row], outcome: list[str]) -> None:
        bad: list[Bad] = []
        for number, (row, what) in enumerate(zip(rows, outcome, strict=True), report.rows_read - len(rows) + 1):
            if what in _RANK:
                setattr(report, what, getattr(report, what) + 1)
            else:
                code, _, detail = what.partition(":")
                bad.append((number, code, detail, json.dumps(row, ensure_ascii=False, default=str)))
        refuse(self._connection, report, bad)

    def _stations(self, rows: list[Row], report: Report) -> list[str]:
        outcome, seen = [], set()
        fields = {"place.lon": _column(rows, "LGTD"), "place.lat": _column(rows, "LTTD")}
        placed = self._places.find(fields, len(rows))
        by_code = self._places.find({"place.code": _column(rows, "ADDVCD")}, len(rows))
        for n, row in enumerate(rows):
            code, kind = _text(row.get("STCD")), KINDS.get(_text(row.get("STTP")).upper() or "ZZ")
            if not code:
                outcome.append("no_station")
            elif kind is None:
                outcome.append(f"other_kind:{row.get('STTP')}")
            elif (code, kind) in seen:
                outcome.append("contradiction")
            else:
                seen.add((code, kind))
                at = placed if placed.district[n] else by_code
                where = {"district_code": at.district[n], "street_code": at.street[n]}
                outcome.append(self._network.put(code, kind, {**self._told(row), **where, **_point(placed, n)}))
                how = str(at.by[n])
                report.placed_by[how] += bool(how)
                report.unplaced += not how
                report.to_street += at.street[n] != ""
        return outcome

    def _told(self, row: Row) -> Row:
        used = _text(row.get("USFL") or row.get("USESYMB")) or "1"
        changed = _moment(row.get("MODITIME"))
        return {
            "name": _text(row.get("STNM"))[:80], "river": _text(row.get("RVNM"))[:40],
            "datum": _text(row.get("DTMNM"))[:40], "km": _value(row.get("DSTRVM")),
            "drainage_km2": _value(row.get("DRNA")), "interval_minutes": self._given.interval_minutes,
            "enabled_to": (changed or self._now).date() if used == "0" else None,
        }  # fmt: skip

    def _thresholds(self, row: Row, names: dict[str, str]) -> str:
        """A row of flood indices: what is NULL, 0 or far below is not known, which is not a threshold of 0."""
        code = _text(row.get("STCD"))
        if not code:
            return "no_station"
        told = {ours: _threshold(row.get(column)) for column, ours in names.items()}
        banks = [value for column in BANKS if (value := _threshold(row.get(column))) is not None]
        told["bank"] = min(banks) if banks else None
        given = {name: value for name, value in told.items() if value is not None}
        day = (_moment(row.get("MODITIME")) or self._now).date()
        done = [self._network.limit(code, name, value, day) for name, value in given.items()]
        return max(done, key=_RANK.__getitem__) if done else "no_value:no threshold"

    # ---- readings ----------------------------------------------------------------------------------------------------
    def _readings(self, name: str) -> Report:
        table, report = self._tables[name], self._report(name)
        key = f"sl323:{self._description.key}:{name}"
        self._trend: Counter[str] = Counter()
        self._before: dict[str, tuple[datetime, float]] = {}
        self._added: set[str] = set()
        newest = None
        for rows in self._since(table, self._start(key)):
            report.rows_read += len(rows)
            outcome, last = self._chunk(name, rows, report)
            self._count(report, rows, outcome)
            newest = max(filter(None, (newest, last)), default=None)
        if newest is not None:
            held = engine_get(self._connection, key)
            engine.put(self._connection, key, max(newest.isoformat(), held))
        self._doubts(report)
        return report

    def _start(self, key: str) -> datetime:
        held = engine_get(self._connection, key)
        if not held:
            return datetime.fromisoformat(self._given.since)
        return datetime.fromisoformat(held) - timedelta(days=self._given.again_days)

    def _since(self, table: Table, start: datetime) -> Iterator[list[Row]]:
        """Rows from TM = start on, oldest first; what has no TM comes too, to be told of."""
        shown = start.isoformat(sep=" ") if self._there.dialect.name == "sqlite" else start
        when = table.c["TM"]
        query = select(table).where(or_(when >= shown, when.is_(None))).order_by(when, table.c["STCD"])
        result = self._there.execution_options(stream_results=True).execute(query)
        while some := result.fetchmany(_ROWS):
            yield [{c: _plain(v) for c, v in zip(table.c.keys(), row, strict=True)} for row in some]

    def _chunk(self, name: str, rows: list[Row], report: Report) -> tuple[list[str], datetime | None]:
        outcome = [""] * len(rows)
        values: list[tuple] = []
        for n, row in enumerate(rows):
            code, moment = _text(row.get("STCD")), _moment(row.get("TM"))
            given = {element: _value(row.get(column)) for column, element in READINGS[name].items()}
            given = {element: value for element, value in given.items() if value is not None}
            minutes, wrong = self._minutes(name, row)
            if not code or moment is None:
                outcome[n] = "no_moment" if code else "no_station"
            elif wrong:
                outcome[n] = wrong
            elif not given:
                outcome[n] = "no_value:DYP only" if _value(row.get("DYP")) is not None else "no_value"
            else:
                self._check_trend(name, row, code, moment)
                self._role(code, next(iter(given)))
                values += [(n, moment, code, element, value, minutes) for element, value in given.items()]
        columns = ["row", "moment", "station", "element", "value", "minutes"]
        frame: Any = pd.DataFrame(values, columns=columns)
        last = None
        if len(frame):
            added = store.place_readings(self._connection, frame, self._now, flood_lately.since(self._now))
            last = self._settle(frame, added.what, outcome, report)
        return outcome, last

    def _settle(self, frame: Any, what: np.ndarray, outcome: list[str], report: Report) -> datetime | None:
        for row, element, one in zip(frame["row"], frame["element"], what, strict=True):
            if one not in _RANK:
                outcome[row] = f"{one}:{element}"
            elif outcome[row] == "" or (outcome[row] in _RANK and _RANK[one] > _RANK[outcome[row]]):
                outcome[row] = one
        taken = frame["moment"][np.isin(what, list(_RANK))]
        if not len(taken):
            return None
        first, last = taken.min().to_pydatetime(), taken.max().to_pydatetime()
        report.data_from = min(first, report.data_from or first)
        report.data_to = max(last, report.data_to or last)
        return last

    def _minutes(self, name: str, row: Row) -> tuple[int, str]:
        """How long rain was gathered (INTV is hours.minutes), and what is wrong with it."""
        if name != "ST_PPTN_R":
            return 0, ""
        given = _value(row.get("INTV"))
        if given is None:
            return self._given.rain_minutes, ""
        try:
            return interval_minutes(given), ""
        except ValueError:
            return 0, f"bad_interval:{given}"

    def _role(self, code: str, element: str) -> None:
        """A station that is not listed for what it measures gets that role: one code may have two."""
        if self._network.role(code, element) is not None:
            return
        known = [row for (other, _), row in self._network.stations.items() if other == code]
        kept = ("name", "name_en", "catchment", "lon", "lat", "district_code", "street_code")
        told = {name: known[0][name] for name in kept} if known else {"name": code}
        kind = "rain" if element == "rain" else "reservoir" if element in ("inflow", "storage") else "river"
        self._network.put(code, kind, told | {"interval_minutes": self._given.interval_minutes})
        if not known:
            self._added.add(code)

    def _check_trend(self, name: str, row: Row, code: str, moment: datetime) -> None:
        """Whether the trend code says what the levels did."""
        if name not in TREND:
            return
        column, level = TREND[name]
        value = _value(row.get(level))
        if value is None or moment > self._now + store.AHEAD:
            return
        before = self._before.get(code)
        self._before[code] = moment, value
        said = self._given.trend.get(_text(row.get(column)))
        if said in (None, "steady") or before is None or value == before[1] or moment <= before[0]:
            return
        self._trend["agrees" if (said == "rising") == (value > before[1]) else "differs"] += 1

    def _doubts(self, report: Report) -> None:
        agrees, differs = self._trend["agrees"], self._trend["differs"]
        swapped = differs > agrees
        zh, en = ("，方向码可能与本描述相反（[sl323.trend]）", "; the codes may mean the opposite here ([sl323.trend])")
        zh = f"{differs:,} 行的水势代码与水位变化不符（相符 {agrees:,}），以计算的涨落为准{zh if swapped else ''}"
        en = (
            f"{differs:,} trend codes differ from what the level did ({agrees:,} agree); what is shown is computed"
            f"{en if swapped else ''}"
        )
        report.doubt("trend", zh, en, differs)
        lost = sorted(self._added)
        report.doubt("not_listed", f"{len(lost):,} 个测站不在测站表中",
                     f"{len(lost):,} stations are not in the list of stations", len(lost), lost[:5])  # fmt: skip


def engine_get(connection: Connection, key: str) -> str:
    """A deployment value as this transaction sees it, '' when there is none."""
    table = engine.deployment
    return connection.execute(select(table.c.value).where(table.c.key == key)).scalar() or ""


def _column(rows: list[Row], name: str) -> pa.Array:
    return pa.array([_text(row.get(name)) for row in rows], pa.string())


def _point(placed: Any, n: int) -> Row:
    lon, lat = float(placed.lon[n]), float(placed.lat[n])
    return {} if np.isnan(lon) or np.isnan(lat) else {"lon": lon, "lat": lat}


def _plain(value: Any) -> Any:
    """Texts of fixed length end in blanks."""
    return value.rstrip() if isinstance(value, str) else value


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _value(value: Any) -> float | None:
    """A number; None: there is none, or what is written for none."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if np.isfinite(found) and found > NOTHING else None


def _threshold(value: Any) -> float | None:
    found = _value(value)
    return None if found == 0 else found


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None, microsecond=0)
    if isinstance(value, date):
        return datetime.combine(value, datetime.min.time())
    try:
        return datetime.fromisoformat(_text(value)).replace(tzinfo=None, microsecond=0)
    except ValueError:
        return None
