"""The table of walls by name. It is only ever added to."""

from sqlalchemy import Column, Integer, String, Table

from data_access.schema import Moment, metadata

NAME, PERSON, NOTE, SPEC = 40, 40, 200, 120  # characters

wall_profile = Table(
    "wall_profile",
    metadata,
    Column("key", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 ... as they were saved
    Column("name", String(NAME), nullable=False),
    Column("spec", String(SPEC), nullable=False),
    Column("person", String(PERSON), nullable=False),
    Column("note", String(NOTE), nullable=False),
    Column("moment", Moment, nullable=False),
)
