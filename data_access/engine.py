"""The one connection to the database, the one way to read from it and the one way to commit to it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import (
    URL,
    Boolean,
    Connection,
    Date,
    DateTime,
    Engine,
    Executable,
    Select,
    create_engine,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.sql.selectable import CompoundSelect

from data_access import report_tables as _reports  # noqa: F401  (its tables are made with the others)
from data_access.flood import tables as _flood  # noqa: F401
from data_access.programme_tables import programme as _programmes  # noqa: F401
from data_access.schema import deployment, metadata
from data_access.services import tables as _services  # noqa: F401
from data_access.settings import settings
from data_access.wall_tables import wall_profile as _walls  # noqa: F401

_engine: Engine | None = None
_reader: Engine | None = None
_version: int = 0
_writing = threading.RLock()
FORM = "8"  # of the tables; goes up when they change


class DatabaseError(RuntimeError):
    """The database cannot be used; the message says what to do."""


class DatabaseOutdated(DatabaseError):
    """The database was made by an earlier version. demo: it holds the demo city only."""

    def __init__(self, message: str, *, demo: bool) -> None:
        super().__init__(message)
        self.demo = demo


class DatabaseInUse(DatabaseError):
    """Another process owns the database file."""


def connect(url: str | URL | None = None) -> Engine:
    """Open the database and make the tables that are missing. Raises DatabaseError with what to do."""
    global _engine, _reader, _version
    parsed = make_url(url or settings().database_url)
    if parsed.get_backend_name() == "duckdb" and parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    if _engine is not None:
        _engine.dispose()
    try:
        engine = create_engine(parsed, pool_size=settings().threads, max_overflow=8, pool_pre_ping=False)
        if engine.dialect.name == "duckdb":
            # duckdb-engine turns SQLAlchemy's cache of compiled statements off because nobody had tried it; its
            # compiler is PostgreSQL's, which is cacheable, and every data test of ours runs with it. It halves a
            # panel's time.
            engine.dialect.__dict__["_supports_statement_cache"] = True
            with engine.begin() as connection:  # what DuckDB has freed goes back to the system, also while it is idle
                connection.exec_driver_sql("SET GLOBAL allocator_background_threads = true")
        deployment.create(engine, checkfirst=True)
        _check_form(engine)
        metadata.create_all(engine)
    except DatabaseOutdated:
        raise
    except Exception as error:
        shown = parsed.render_as_string(hide_password=True)
        if "lock" in str(error).lower():
            raise DatabaseInUse(
                f"{shown} is in use by another process (a DuckDB file has one). Stop the running cockpit, "
                "or load through it, or use PostgreSQL."
            ) from error
        raise DatabaseError(
            f"Cannot open {shown}: {str(error).splitlines()[0]}. Check COCKPIT_DATABASE_URL."
        ) from error
    _engine, _reader = engine, _reading(engine)
    with engine.connect() as connection:
        _version = _read_version(connection)
    return engine


def _check_form(engine: Engine) -> None:
    """Mark a new database with the form of its tables. Raises DatabaseOutdated for one of another form."""
    with engine.begin() as connection:
        known = dict(connection.execute(select(deployment.c.key, deployment.c.value)).fetchall())
        if not known:
            put(connection, "form", FORM)
    if known and known.get("form") != FORM:
        engine.dispose()
        raise DatabaseOutdated(
            f"{engine.url.render_as_string(hide_password=True)} was made by another version of the cockpit, whose "
            "tables are not those of this one. Load your files again into a new database (COCKPIT_DATABASE_URL); "
            "a demo city is made anew by moving its file away.",
            demo=known.get("demo") in ("yes", "building"),
        )


def _reading(engine: Engine) -> Engine:
    """The engine that questions go through. On DuckDB a statement alone is its own transaction: to begin and roll back
    around each cost as much as a quarter of the questions of a page."""
    if engine.dialect.name != "duckdb":
        return engine
    reader = create_engine(engine.url, pool=engine.pool)
    reader.dialect.__dict__["_supports_statement_cache"] = True
    for step in ("do_begin", "do_rollback", "do_commit"):
        setattr(reader.dialect, step, lambda _connection: None)
    return reader


def reader() -> Engine:
    """The open database, to read from: statements see what is committed, each by itself."""
    engine()
    assert _reader is not None
    return _reader


def engine() -> Engine:
    """The open database; connects with the settings on first use."""
    return _engine if _engine is not None else connect()


def is_duckdb() -> bool:
    return engine().dialect.name == "duckdb"


def _read_version(connection: Connection) -> int:
    found = connection.execute(select(deployment.c.value).where(deployment.c.key == "data_version")).scalar()
    return int(found or 0)


def data_version() -> int:
    """Goes up with each commit of data. Where other processes can write (PostgreSQL) it is asked, else remembered."""
    if is_duckdb():
        return _version
    with engine().connect() as connection:
        return _read_version(connection)


@contextmanager
def committing() -> Iterator[Connection]:
    """One transaction that changes data; data_version goes up with its commit, or nothing happened at all."""
    global _version
    with _writing, engine().begin() as connection:
        yield connection
        version = _read_version(connection) + 1
        put(connection, "data_version", str(version))
    _version = version


def put(connection: Connection, key: str, value: str) -> None:
    """Set one deployment value."""
    done = connection.execute(update(deployment).where(deployment.c.key == key).values(value=value))
    if not done.rowcount or done.rowcount < 0:
        there = connection.execute(select(deployment.c.key).where(deployment.c.key == key)).first()
        if there is None:
            connection.execute(insert(deployment).values(key=key, value=value))


def get(key: str) -> str:
    """One deployment value, '' when there is none."""
    with engine().connect() as connection:
        return connection.execute(select(deployment.c.value).where(deployment.c.key == key)).scalar() or ""


def rows(query: Executable, values: dict[str, Any] | None = None) -> Sequence[Any]:
    """Run a query of few rows, with values for its bindparams. A frame of them would cost more than the query."""
    with reader().connect() as connection:
        return connection.execute(query, values or {}).fetchall()


def columns(query: Select[Any], values: dict[str, Any] | None = None) -> dict[str, np.ndarray]:
    """Run a query of many rows: an array a column, moments as datetime64. DuckDB hands out arrays itself, six times as
    fast as rows; nothing may be NULL."""
    names = [column.name for column in query.selected_columns]
    with reader().connect() as connection:
        result = connection.execute(query, values or {})
        if is_duckdb():
            found: dict[str, np.ndarray] = result.cursor.fetchnumpy()  # type: ignore[attr-defined]
            return {name: found[name] for name in names}
        some = result.fetchall()
    told = dict(zip(names, zip(*some, strict=True), strict=True)) if some else dict.fromkeys(names, ())
    moments = {column.name for column in query.selected_columns if isinstance(column.type, DateTime)}
    return {n: np.array(v, dtype="datetime64[us]") if n in moments else np.array(v) for n, v in told.items()}


def numbered(values: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The different texts of a column, in their order, and of each value the number of its own."""
    ids, known = pd.factorize(values, sort=True)
    return known.tolist(), ids.astype(np.int64)


def read(query: Select[Any] | CompoundSelect[Any]) -> pd.DataFrame:
    """Run a query. The query's own column types decide which columns are times (pandas would leave SQL dates
    objects)."""
    with engine().connect() as connection:
        result = connection.execute(query)
        frame = pd.DataFrame.from_records(result.fetchall(), columns=list(result.keys()))
    for column in query.selected_columns:
        if isinstance(column.type, (Date, DateTime)) and not isinstance(column.type, Boolean):
            frame[column.name] = pd.to_datetime(frame[column.name])
    return frame
