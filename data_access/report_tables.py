"""The tables of archived reports (专报). All but report_claim are only ever added to."""

from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from data_access.schema import Moment, metadata

report = Table(
    "report",
    metadata,
    Column("key", String(80), primary_key=True),  # kind-year-number
    Column("kind", String(40), nullable=False),  # daily, weekly ...: the name of its template
    Column("year", Integer, nullable=False),  # that its number counts in
    Column("number", Integer, nullable=False),  # 第 n 期: 1, 2, 3 ... without gaps
    Column("covers_from", Moment, nullable=False),
    Column("covers_to", Moment, nullable=False),  # exclusive
    Column("asked_at", Moment, nullable=False),  # the moment its panels were asked at
    Column("made_at", Moment, nullable=False),
    Column("late", Boolean, nullable=False),  # made up after the moment it was due at
    Column("lang", String(2), nullable=False),  # that it is delivered in
    Column("template", String(64), nullable=False),  # SHA-256 of the template's text
    Column("about", Text, nullable=False),  # JSON: titles, sections, the template's text (see data_access.reports)
    Column("previous", String(64), nullable=False),  # hash of the issue before it of its kind; '' the first
    Column("hash", String(64), nullable=False),  # of all of this row, the parts and the first text
    UniqueConstraint("kind", "year", "number"),
)
report_part = Table(
    "report_part",
    metadata,
    Column("report", String(80), nullable=False),
    Column("lang", String(2), nullable=False),
    Column("place", Integer, nullable=False),  # in the order of the document
    Column("section", String(40), nullable=False),
    Column("panel", String(80), nullable=False),  # '' of what the sentences asked for themselves
    Column("search", Text, nullable=False),  # the View it was asked with
    Column("shown", Text, nullable=False),  # JSON: how it stands in the document
    Column("frame", Text, nullable=False),  # JSON: the answer's frame, with the types of its columns
    Column("measured", Text, nullable=False),  # JSON
    Column("meta", Text, nullable=False),  # JSON: scope, period, source, definitions, as exports have them
    PrimaryKeyConstraint("report", "lang", "place"),
)
report_text = Table(  # the sentences, version by version: the first as made, then as people changed them
    "report_text",
    metadata,
    Column("report", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("moment", Moment, nullable=False),
    Column("person", String(80), nullable=False),  # '' the program
    Column("state", String(10), nullable=False),  # draft | released
    Column("content", Text, nullable=False),  # JSON: sentences by language
    Column("hash", String(64), nullable=False),  # of the version before (of the first: the report's) and this one
    PrimaryKeyConstraint("report", "version"),
)
report_asset = Table(  # what pictures need beside their numbers: shapes of areas, once each
    "report_asset",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),  # JSON, compressed with gzip
)
report_claim = Table(  # who makes the report of a period: one of all workers
    "report_claim",
    metadata,
    Column("kind", String(40), nullable=False),
    Column("period", String(40), nullable=False),  # the moment it is due at
    Column("worker", String(80), nullable=False),
    Column("moment", Moment, nullable=False),
    Column("done", Boolean, nullable=False),
    PrimaryKeyConstraint("kind", "period"),
)
report_delivery = Table(
    "report_delivery",
    metadata,
    Column("report", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("target", String(20), nullable=False),  # folder | email | webhook
    Column("attempt", Integer, nullable=False),
    Column("event", String(10), nullable=False),  # started | done | failed
    Column("moment", Moment, nullable=False),
    Column("detail", Text, nullable=False),  # where it went, or why it did not
    PrimaryKeyConstraint("report", "version", "target", "attempt", "event"),
)
