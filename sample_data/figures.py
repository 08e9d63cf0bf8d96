"""The published figures of five cities: facts only, one row a figure, with the place in the document it stands at."""

from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, delete, select

from data_access import bulk, engine
from data_access.schema import published_figure

FILE = Path(__file__).with_name("published_figures.csv")
_WHOLE = {"row_id"}
_NUMBERS = {"value", "value_base"}


def table() -> pd.DataFrame:
    """The file, one row a figure, columns of table published_figure; texts stay texts, an empty unit is ''."""
    frame = pd.read_csv(FILE, dtype=str, keep_default_na=False, encoding="utf-8")
    kinds = {"int32": _WHOLE, "float64": _NUMBERS}
    return frame.astype({column: kind for kind, columns in kinds.items() for column in columns})


def load(connection: Connection) -> int:
    """Put the figures into the database in place of those there; loading twice changes nothing. Returns how many."""
    connection.execute(delete(published_figure))
    return bulk.insert(connection, published_figure, table())


def keep() -> None:
    """Put the figures into the open database when they are not there; they are the same for every city."""
    with engine.engine().connect() as connection:
        there = connection.execute(select(published_figure.c.row_id).limit(1)).fetchall()
    if not there:
        with engine.committing() as connection:
            load(connection)
