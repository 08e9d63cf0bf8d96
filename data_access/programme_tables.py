"""The tables of programmes of walls. Both are only ever added to."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String, Table, Text

from data_access.schema import Moment, metadata

programme = Table(
    "wall_programme",
    metadata,
    Column("name", String(40), nullable=False),
    Column("version", Integer, nullable=False),  # 1, 2, 3 ...: the newest counts
    Column("moment", Moment, nullable=False),
    Column("person", String(80), nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("name", "version"),
)
call = Table(  # when walls learned of what may take them over, so that neither a restart nor another worker begins anew
    "wall_call",
    metadata,
    Column("key", String(200), nullable=False),
    Column("event", String(20), nullable=False),  # seen | acknowledged
    Column("moment", Moment, nullable=False),
    Column("person", String(80), nullable=False),
    PrimaryKeyConstraint("key", "event"),
)
