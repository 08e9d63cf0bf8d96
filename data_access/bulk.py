"""Bulk appends: Arrow registration on DuckDB, COPY on PostgreSQL. The one dialect-only corner of the room,
because row-wise inserts are some hundred times slower and SQLAlchemy has no common word for either."""

import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, Table, func, literal_column

from data_access.schema import TOGETHER


def lies_by(table: Table) -> tuple[ColumnElement, ...]:
    """What rows are put down by in a table that says so (TOGETHER): the week, the place, the moment."""
    if TOGETHER not in table.info:
        return ()
    moment, place = (literal_column(name) for name in table.info[TOGETHER])
    return func.date_trunc(literal_column("'week'"), moment), place, moment


def insert(connection: Connection, table: Table, rows: pd.DataFrame | pa.Table) -> int:
    """Append rows to table by column name; columns of the table that rows lack become NULL. Returns how many.

    DuckDB reads stretches of some thousand rows: of a table that is asked for a place within a period (TOGETHER) the
    rows of a week are put down by place, so that few stretches hold what is asked for."""
    arrow = rows if isinstance(rows, pa.Table) else pa.Table.from_pandas(rows, preserve_index=False)
    unknown = set(arrow.column_names) - set(table.columns.keys())
    if unknown:
        raise KeyError(f"{table.name} has no column {', '.join(sorted(unknown))}")
    if not arrow.num_rows:
        return 0
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in arrow.column_names)
    driver = connection.connection.driver_connection
    assert driver is not None
    if connection.dialect.name == "duckdb":
        driver.execute("SELECT 0").fetchall()  # a result not read to its end would refuse the registration
        driver.register("incoming_rows", arrow)
        order = f" ORDER BY {', '.join(map(str, by))}" if (by := lies_by(table)) else ""
        try:
            driver.execute(f"INSERT INTO {quote(table.name)} ({columns}) SELECT {columns} FROM incoming_rows{order}")
        finally:
            driver.unregister("incoming_rows")
    else:
        with driver.cursor() as cursor, cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy:
            for batch in arrow.to_batches(max_chunksize=50_000):
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    copy.write_row(row)
    return arrow.num_rows
