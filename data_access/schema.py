"""The tables, declared here and never reflected.

Facts are append-mostly, carry the codes of their district and street, have no foreign keys between them and need no
sequences, so the same schema can be spread over machines by place. On PostgreSQL facts have keys and indices; on DuckDB
they have none: rows lie in the order of time (some, TOGETHER, in that of weeks, and of places within a week) and its
zone maps skip what a period does not touch, while a key there would be an index in memory larger than the data. Intake
guards identity on both (see intake).
Times are wall-clock time of the city. An empty code ('') means "not known", never NULL, so that sums by place keep it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    cast,
)
from sqlalchemy.sql.elements import BindParameter, Cast
from sqlalchemy.types import UserDefinedType

metadata = MetaData()
TOGETHER = "together"  # in a table's info: by which moment and place its rows lie


class _Seconds(UserDefinedType):
    """DuckDB's timestamp of whole seconds: a third of the space of one of microseconds."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "TIMESTAMP_S"

    def bind_expression(self, bindvalue: BindParameter) -> Cast:
        """Values are cast, or DuckDB would cast the column instead and could skip no block by its statistics."""
        return cast(bindvalue, self)


Moment = DateTime().with_variant(_Seconds(), "duckdb")


def on_postgresql(constraint):  # keys and indices of big tables
    return constraint.ddl_if(dialect="postgresql")


# What holds for the whole deployment: city (root area), name_zh, name_en, demo ('yes'/''), data_version, caller_key
deployment = Table("deployment", metadata, Column("key", String(40), primary_key=True), Column("value", Text))

# ---- places ----------------------------------------------------------------------------------------------------------
area = Table(
    "area",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),  # exclusive; NULL: still valid
    Column("merged_into", String(20)),
    Column("parent", String(20)),  # NULL: the root
    Column("level", SmallInteger, nullable=False),  # depth: 0 city, 1 district, 2 street or town, 3 community
    Column("name", String(120), nullable=False),
    Column("name_en", String(120)),
    Column("pinyin", String(200)),  # 'yunchuan shi|ycs': full|initials
    Column("kind", String(20), nullable=False),  # statutory | functional
    Column("counts_in", String(20)),  # functional zones: the statutory area that official statistics count them in
    Column("population", Integer),
    Column("lon", Double),  # a point inside, for labels and tiles
    Column("lat", Double),
    Column("area_km2", Double),
    Column("shaped", Boolean, nullable=False),
)
area_alias = Table(
    "area_alias",
    metadata,
    Column("alias", String(120), primary_key=True),
    Column("code", String(20), primary_key=True),
)
boundary = Table(  # full shapes, for point in polygon and for simplifying again
    "boundary",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("wkb", LargeBinary, nullable=False),  # WGS 84 / CGCS2000 longitude, latitude
)
shape_file = Table(  # the children of one area, simplified, as the browser gets them
    "shape_file",
    metadata,
    Column("parent", String(20), primary_key=True),
    Column("digest", String(16), nullable=False),
    Column("geojson_gz", LargeBinary, nullable=False),
)
water = Table(  # rivers, lakes, reservoirs, coast: drawn under the areas
    "water",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),  # river | lake | reservoir | sea
    Column("name", String(80)),
    Column("name_en", String(80)),
    Column("geojson", Text, nullable=False),
)

# ---- indicators ------------------------------------------------------------------------------------------------------
indicator = Table(
    "indicator",
    metadata,
    Column("key", String(60), primary_key=True),
    Column("domain", String(30), nullable=False),
    Column("name_zh", String(80), nullable=False),
    Column("name_en", String(120), nullable=False),
    Column("unit_zh", String(20), nullable=False),
    Column("unit_en", String(30), nullable=False),
    Column("kind", String(20), nullable=False),  # flow | counter | stock | ratio | mean | percentile | level
    Column("numerator_zh", String(120)),
    Column("numerator_en", String(160)),
    Column("denominator_zh", String(120)),
    Column("denominator_en", String(160)),
    Column("scale", Double, nullable=False),  # value = numerator / denominator * scale
    Column("better", String(10), nullable=False),  # higher | lower | neutral
    Column("target", Double),
    Column("watch", Double),  # the threshold from which it is worth a look, in the unit shown
    Column("source", String(40), nullable=False),
    Column("cadence_minutes", Integer, nullable=False),
    Column("definition_zh", Text, nullable=False),
    Column("definition_en", Text, nullable=False),
    Column("not_zh", Text),  # what it is easily mistaken for
    Column("not_en", Text),
    Column("origin", String(200), nullable=False),  # where the definition comes from
)
observation = Table(
    "observation",
    metadata,
    Column("indicator", String(60), nullable=False),
    Column("area", String(20), nullable=False),
    Column("start", DateTime, nullable=False),
    Column("end", DateTime, nullable=False),  # exclusive
    Column("numerator", Double),
    Column("denominator", Double),
    Column("value", Double),  # flows and stocks; for ratios NULL, the parts say it
    Column("as_of", DateTime, nullable=False),  # when this figure became known: a correction is a later row
    Column("document", String(200)),
    on_postgresql(PrimaryKeyConstraint("area", "indicator", "start", "end", "as_of")),
)

# ---- hotline ---------------------------------------------------------------------------------------------------------
category = Table(
    "category",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("parent", String(40)),
    Column("level", SmallInteger, nullable=False),  # 1, 2, 3
    Column("name_zh", String(120), nullable=False),
    Column("name_en", String(160)),
    Column("valid_from", Date),
    Column("valid_to", Date),
)
organisation = Table(
    "organisation",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name_zh", String(120), nullable=False),
    Column("name_en", String(160)),
    Column("kind", String(20)),  # district | department | company | street
    Column("district_code", String(20)),  # the district it serves, '' or NULL: the whole city
)
hotline_order = Table(
    "hotline_order",
    metadata,
    Column("order_id", BigInteger, nullable=False),  # identity by content (intake) or running number (demo)
    Column("street_code", String(20), nullable=False),
    Column("district_code", String(20), nullable=False),
    Column("community_code", String(20), nullable=False),
    Column("source", String(40), nullable=False),
    Column("order_no", String(40), nullable=False),  # as printed by the source; need not be unique
    Column("accept_at", Moment, nullable=False),
    Column("dispatch_at", Moment),
    Column("sign_at", Moment),
    Column("due_at", Moment),
    Column("reply_at", Moment),
    Column("close_at", Moment),
    Column("callback_at", Moment),
    Column("tracked", Boolean, nullable=False),  # the source tells when orders close, so "open" can be said
    Column("direct", Boolean),  # answered directly on the call
    Column("channel", String(20), nullable=False),
    Column("appeal_type", String(20), nullable=False),
    Column("category", String(40), nullable=False),  # the deepest known
    Column("topic", String(40), nullable=False),  # its level-2 ancestor, what problem lists show
    Column("org", String(40), nullable=False),
    Column("responded", Boolean),
    Column("resolved", SmallInteger),  # 2 resolved, 1 partly, 0 not; NULL: did not say
    Column("satisfaction", SmallInteger),  # 5 very satisfied .. 1 very dissatisfied; NULL: did not say
    Column("redo_count", SmallInteger),
    # first moments of what marks an order; the event log says all of them
    Column("returned_at", Moment),  # 退单
    Column("extended_at", Moment),  # 延期
    Column("supervised_at", Moment),  # 督办
    Column("redo_at", Moment),  # 重办
    Column("line", String(12)),  # enterprise (企业专线) | talent (人才专线); NULL or '': the general line
    Column("caller_key", BigInteger),  # keyed hash: "same caller", never the number
    Column("title", Text, nullable=False),  # masked at intake
    Column("content", Text),  # what the caller said, masked at intake; NULL: the source has the title only
    Column("address", Text, nullable=False),  # masked at intake: no house number
    Column("lon", Double),
    Column("lat", Double),
    Column("placed_by", String(10), nullable=False),  # code | name | alias | address | point | '' (not on the map)
    on_postgresql(PrimaryKeyConstraint("street_code", "order_id")),
    # the questions: a period of a street or district; what is open; the next page of records
    on_postgresql(Index("ix_order_street_time", "street_code", "accept_at")),
    on_postgresql(Index("ix_order_district_time", "district_code", "accept_at")),
    on_postgresql(Index("ix_order_accept", "accept_at")),
    on_postgresql(Index("ix_order_close", "close_at")),
    on_postgresql(Index("ix_order_due", "due_at")),
    on_postgresql(Index("ix_order_callback", "callback_at")),
    # one order by either number
    on_postgresql(Index("ix_order_id", "order_id")),
    on_postgresql(Index("ix_order_no", "order_no")),
    info={TOGETHER: ("accept_at", "street_code")},
)
hotline_open = Table(
    # The tracked orders that are not closed, whole rows of hotline_order once more: a few in a hundred, which lie
    # anywhere among all of them.
    "hotline_open",
    metadata,
    *(Column(column.name, column.type, nullable=column.nullable) for column in hotline_order.columns),
    on_postgresql(Index("ix_open_order", "order_id")),
)
hotline_event = Table(
    "hotline_event",
    metadata,
    Column("order_id", BigInteger, nullable=False),
    Column("street_code", String(20), nullable=False),
    Column("seq", SmallInteger, nullable=False),
    # registered answered dispatched signed returned reassigned extended urged supervised replied closed callback redo
    # archived (see domain/lifecycle.toml)
    Column("event", String(16), nullable=False),
    Column("happened_at", Moment, nullable=False),
    Column("org", String(40), nullable=False),  # who acts; of dispatched, reassigned and redo: who receives
    on_postgresql(PrimaryKeyConstraint("street_code", "order_id", "seq")),
)


def _asked_by() -> list[Column]:
    """What orders can be asked by, as on the order: told again where rows of a few orders lie by themselves."""
    places = [Column(name, String(20), nullable=False) for name in ("district_code", "street_code", "community_code")]
    kinds = [Column(name, String(20), nullable=False) for name in ("channel", "appeal_type")]
    owners = [Column(name, String(40), nullable=False) for name in ("category", "topic", "org")]
    return [*places, *kinds, *owners, Column("line", String(12))]


hotline_move = Table(
    # Each time that an order did not stay with whom it had been sent to, of the event log, in the order of time: sent
    # back (returned), passed on without that (reassigned), or sent out again (dispatched).
    "hotline_move",
    metadata,
    Column("order_id", BigInteger, nullable=False),
    Column("moment", Moment, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("nth", SmallInteger, nullable=False),  # time of this kind, 1, 2 ...
    Column("from_org", String(40), nullable=False),  # '' nobody is known
    Column("to_org", String(40), nullable=False),  # who had it next, '' nobody had by now
    Column("passed_at", Moment),  # when they got it
    Column("sign_at", Moment),  # of the order
    *_asked_by(),
    on_postgresql(Index("ix_move_order", "order_id")),
    on_postgresql(Index("ix_move_moment", "moment")),
    on_postgresql(Index("ix_move_sign", "sign_at")),
)
hotline_redo = Table(
    # Each time that an order was sent back to be redone, in the order of time: the first by the order's row, further
    # ones by the event log.
    "hotline_redo",
    metadata,
    Column("order_id", BigInteger, nullable=False),
    Column("moment", Moment, nullable=False),
    Column("nth", SmallInteger, nullable=False),
    Column("replied_at", Moment),  # the first reply after that, by the event log
    # of the order, so that no question about redone orders has to look for them among all
    Column("accept_at", Moment, nullable=False),
    Column("callback_at", Moment),
    Column("redo_count", SmallInteger),
    Column("satisfaction", SmallInteger),
    *_asked_by(),
    on_postgresql(Index("ix_redo_order", "order_id")),
    on_postgresql(Index("ix_redo_moment", "moment")),
    on_postgresql(Index("ix_redo_callback", "callback_at")),
)
hotline_tick = Table(
    # What happened when: one row for each moment in an order's life that some count follows, in the order of time, so
    # that part of a day is one short read. Append-only: a corrected order adds rows with n = -1 for what no longer
    # holds. what: which counts the moment adds to, as bits (see cubes.BITS).
    "hotline_tick",
    metadata,
    Column("moment", Moment, nullable=False),
    Column("district_code", String(20), nullable=False),
    Column("street_code", String(20), nullable=False),
    Column("community_code", String(20), nullable=False),
    Column("topic", String(40), nullable=False),
    Column("org", String(40), nullable=False),
    Column("what", Integer, nullable=False),
    Column("n", Integer, nullable=False),  # a source that tells only dates has any number in one moment
    on_postgresql(Index("ix_tick_moment", "moment")),
    on_postgresql(Index("ix_tick_street_moment", "street_code", "moment")),
)
_COUNTS = (
    "received",
    "direct",
    "tracked",
    "closed",
    "due",
    "on_time",
    "settled",
    "rated",
    "satisfied",
    "asked",
    "resolved",
    "partly",
    "basic",
    "called",
    "dispatched_called",
    "responded",
    "redone",
)
hotline_day_place = Table(
    # By day and street. received, direct, tracked: by accept day. closed: by close day. due, on_time: by due day (the
    # due cohort). settled: by the later of due and close day. All others: by callback day.
    # Stocks at a moment are differences of running sums: open = tracked - closed; overdue = due - settled.
    "hotline_day_place",
    metadata,
    Column("day", Date, nullable=False),
    Column("district_code", String(20), nullable=False),
    Column("street_code", String(20), nullable=False),
    *(Column(name, Integer, nullable=False) for name in _COUNTS),
    on_postgresql(Index("ix_day_place", "day", "district_code", "street_code")),
)
hotline_day_topic = Table(
    # The same by day, district and level-2 category.
    "hotline_day_topic",
    metadata,
    Column("day", Date, nullable=False),
    Column("district_code", String(20), nullable=False),
    Column("topic", String(40), nullable=False),
    *(Column(name, Integer, nullable=False) for name in _COUNTS),
    on_postgresql(Index("ix_day_topic", "day", "district_code")),
)
hotline_day_org = Table(
    # The same by day, district and organisation.
    "hotline_day_org",
    metadata,
    Column("day", Date, nullable=False),
    Column("district_code", String(20), nullable=False),
    Column("org", String(40), nullable=False),
    *(Column(name, Integer, nullable=False) for name in _COUNTS),
    on_postgresql(Index("ix_day_org", "day", "district_code")),
)
hotline_day_step = Table(
    # How many orders ended a step of the closed loop on a day, by how long it took: seconds is the least of a bucket
    # (domain/histogram.py), -1 where the order does not tell. place: a district ('' none is known), or '*' the whole
    # city. step share: of the reply, in millionths of the order's own limit. step last: at which second of the day each
    # of the steps ended for the last time; steps oldest and newest: of a street instead, on which days from 1970 on the
    # first and the last of the orders came in that ended a step.
    "hotline_day_step",
    metadata,
    Column("place", String(20), nullable=False),
    Column("day", Date, nullable=False),
    Column("step", String(12), nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    on_postgresql(Index("ix_day_step", "place", "day")),
)
hotline_call = Table(  # calls that asked for a person (人工请求); in the order of time
    "hotline_call",
    metadata,
    Column("call_id", BigInteger, nullable=False, autoincrement=False),
    Column("source", String(40), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("line", String(12), nullable=False),  # '' the general line | enterprise | talent
    Column("wait_seconds", Integer, nullable=False),  # in the queue and ringing, until answered or given up
    Column("talk_seconds", Integer),  # NULL: given up before anyone answered
    on_postgresql(PrimaryKeyConstraint("call_id")),
    on_postgresql(Index("ix_call_started", "started_at")),
)
hotline_hour_call = Table(
    # By the hour and line. offered: calls without the short ones; short: given up within some seconds (rules);
    # quick: answered within the service level (rules).
    "hotline_hour_call",
    metadata,
    Column("hour", Moment, nullable=False),
    Column("line", String(12), nullable=False),
    *(
        Column(name, BigInteger, nullable=False)
        for name in ("offered", "answered", "quick", "short", "waited_seconds", "talked_seconds")
    ),
    on_postgresql(Index("ix_hour_call", "hour")),
)
hotline_month = Table(  # results as they stood when the month was closed; later corrections do not move them
    "hotline_month",
    metadata,
    Column("month", Date, primary_key=True),  # its first day
    Column("kind", String(20), primary_key=True),  # district | street | org
    Column("code", String(40), primary_key=True),
    *(Column(name, Integer, nullable=False) for name in _COUNTS),
    Column("frozen_at", DateTime, nullable=False),
)
mark = Table(  # what happened: storms, campaigns, planned works (holidays come from a calendar library)
    "mark",
    metadata,
    Column("start", DateTime, primary_key=True),
    Column("kind", String(20), primary_key=True),  # storm | campaign | outage | leader (领导接听)
    Column("end", DateTime, nullable=False),
    Column("name_zh", String(80), nullable=False),
    Column("name_en", String(120), nullable=False),
)

# ---- where data came from --------------------------------------------------------------------------------------------
source = Table(
    "source",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("name_zh", String(80), nullable=False),
    Column("name_en", String(120), nullable=False),
    Column("cadence_minutes", Integer, nullable=False),  # expected; 0: no promise
    Column("fields", Text, nullable=False),  # comma list of the order fields this source fills; '*': all; '': no orders
)
load_log = Table(
    "load_log",
    metadata,
    Column("load_id", String(32), primary_key=True),
    Column("source", String(40), nullable=False),
    Column("file", String(200), nullable=False),  # name only, never a path
    Column("digest", String(64), nullable=False),
    Column("loaded_at", DateTime, nullable=False),
    Column("rows_read", BigInteger, nullable=False),
    Column("stored", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("already", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("unplaced", BigInteger, nullable=False),
    Column("data_from", DateTime),
    Column("data_to", DateTime),
    Column("report", Text, nullable=False),  # JSON
)
quarantine = Table(
    "quarantine",
    metadata,
    Column("load_id", String(32), nullable=False),
    Column("source", String(40), nullable=False),
    Column("file", String(200), nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("raw", Text, nullable=False),  # the whole row; personal data: stays in the database
)
published_figure = Table(  # the ledger of published figures, as printed
    "published_figure",
    metadata,
    Column("row_id", Integer, primary_key=True, autoincrement=False),
    Column("city", String(40), nullable=False),
    Column("adcode", String(12), nullable=False),
    Column("domain", String(30), nullable=False),
    Column("indicator_zh", String(200), nullable=False),
    Column("indicator_en", String(200), nullable=False),
    Column("printed", String(60), nullable=False),  # value with qualifier and unit as printed
    Column("value", Double),
    Column("unit", String(30), nullable=False),
    Column("value_base", Double),
    Column("unit_base", String(30), nullable=False),
    Column("qualifier", String(10), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("as_of", String(20), nullable=False),
    Column("as_of_precision", String(20), nullable=False),
    Column("document", String(80), nullable=False),
    Column("locator", String(80), nullable=False),  # the place in the document
)
