"""The tables of government services (政务服务), handbook section 3.

Facts (cases, tickets) are append-mostly, lie in the order of time and carry district and street codes. Limits are in
working days. As-of a moment t what lies at or after t is not known yet.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
)

from data_access.schema import TOGETHER, Moment, metadata, on_postgresql

service_item = Table(
    # The catalogue (事项目录): one row a version of an item, valid from a day on; see domain/services/items.py
    "service_item",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),  # exclusive; NULL: in force
    Column("version", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("name_en", String(300)),
    # 许可 permit, 确认 confirmation, 给付 payment, 奖励 reward, 裁决 ruling, 其他 other; 备案 filing, 公共服务 public
    Column("kind", String(16), nullable=False),
    Column("org", String(40), nullable=False),
    Column("region", String(12), nullable=False),  # six digits: who keeps it (city or district)
    Column("legal_days", Double),  # 法定办结时限; NULL: no limit
    Column("promised_days", Double),  # 承诺办结时限; 0: at once
    Column("instant", Boolean, nullable=False),  # 即办件
    Column("visits", SmallInteger),
    Column("visits_excused", Boolean, nullable=False),
    Column("depth", SmallInteger, nullable=False),  # 网办深度, 0 not said
    Column("online", Boolean, nullable=False),
    Column("online_excused", Boolean, nullable=False),
    Column("mobile", Boolean, nullable=False),
    Column("mobile_excused", Boolean, nullable=False),
    Column("materials", SmallInteger, nullable=False),
    Column("materials_electronic", SmallInteger, nullable=False),
    Column("materials_exempt", SmallInteger, nullable=False),
    Column("scope", String(20), nullable=False),  # city | province | delta (长三角) | nation; '' its own place only
    Column("theme", String(40), nullable=False),  # code of service_theme, ''
    Column("special", String(20), nullable=False),  # startup (企业开办) | construction (工程建设审批) | ''
    Column("enabled", Boolean, nullable=False),
    Column("template", Boolean, nullable=False),
)
service_theme = Table(  # 一件事: several items as one, with what it saves
    "service_theme",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("name_en", String(160)),
    Column("online_from", Date),
    *(
        Column(f"{what}_{when}", Double)
        for what in ("steps", "materials", "days", "visits")
        for when in ("before", "after")
    ),
)
service_department = Table(
    "service_department",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("name_en", String(160)),
    Column("kind", String(20), nullable=False),  # city | district | company
)
service_elsewhere = Table(  # places outside the city that cases are handed in at (origin of a case)
    "service_elsewhere",
    metadata,
    Column("code", String(12), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("name_en", String(160)),
)
service_case = Table(
    "service_case",
    metadata,
    Column("case_id", BigInteger, nullable=False, autoincrement=False),
    Column("street_code", String(20), nullable=False),  # where the applicant is; '' outside or not known
    Column("district_code", String(20), nullable=False),
    Column("source", String(40), nullable=False),
    Column("case_no", String(40), nullable=False),
    Column("item", String(40), nullable=False),
    Column("org", String(40), nullable=False),
    Column("applicant", String(8), nullable=False),  # person | company
    Column("channel", String(12), nullable=False),  # online | mobile | window | kiosk | post
    Column("hall", String(20), nullable=False),  # '' online
    Column("receive_at", Moment, nullable=False),  # 收件
    Column("accept_at", Moment),  # 受理
    Column("refuse_at", Moment),  # 不予受理
    Column("decide_at", Moment),  # 审批决定
    Column("finish_at", Moment),  # 办结
    Column("deliver_at", Moment),  # 送达
    Column("due_at", Moment),  # end of the promised limit, stops included; what is done at once: end of the day
    Column("legal_due_at", Moment),
    Column("legal_days", Float),
    Column("promised_days", Float),
    Column("stop_days", Float, nullable=False),  # working days the clock stood still (特别程序), as far as ended
    Column("used_days", Float),  # working days from acceptance to finish, less stop_days; NULL until finished
    Column("result", String(10), nullable=False),  # granted | denied | returned | withdrawn | ''
    Column("online_full", Boolean),  # 全程网办
    Column("visits", SmallInteger),
    Column("origin", String(12), nullable=False),  # cross-region: region code where it was handed in; ''
    Column("theme", String(40), nullable=False),
    Column("special", String(20), nullable=False),
    Column("rating", SmallInteger),  # 5 very satisfied .. 1 very dissatisfied
    Column("rating_at", Moment),
    Column("rating_default", Boolean),  # 默认好评: nobody rated, the system did
    Column("bad_reason", String(20), nullable=False),  # code of words, ''
    Column("rectify_due_at", Moment),
    Column("rectified_at", Moment),
    Column("title", Text, nullable=False),  # masked at intake
    Column("words", Text),  # of a bad rating, masked
    on_postgresql(PrimaryKeyConstraint("street_code", "case_id")),
    on_postgresql(Index("ix_case_street_time", "street_code", "receive_at")),
    on_postgresql(Index("ix_case_receive", "receive_at")),
    on_postgresql(Index("ix_case_accept", "accept_at")),
    on_postgresql(Index("ix_case_finish", "finish_at")),
    on_postgresql(Index("ix_case_due", "due_at")),
    on_postgresql(Index("ix_case_rating", "rating_at")),
    on_postgresql(Index("ix_case_id", "case_id")),
    on_postgresql(Index("ix_case_no", "case_no")),
    info={TOGETHER: ("receive_at", "street_code")},
)
service_stop = Table(  # 特别程序: hearing, appraisal, expert review
    "service_stop",
    metadata,
    Column("case_id", BigInteger, nullable=False, autoincrement=False),
    Column("street_code", String(20), nullable=False),
    Column("seq", SmallInteger, nullable=False),
    Column("reason", String(20), nullable=False),  # correction (补正) | hearing | appraisal | experts
    Column("start_at", Moment, nullable=False),
    Column("end_at", Moment),
    on_postgresql(PrimaryKeyConstraint("street_code", "case_id", "seq")),
)
COUNTS = (
    "received",
    "accepted",
    "online",
    "full_online",
    "refused",
    "finished",
    "in_time",
    "in_legal_time",
    "due",
    "due_in_time",
    "settled",
    "used_days",
    "legal_days",
    "rated",
    "rated_actively",
    "good",
    "bad",
    "rectify_due",
    "rectified",
)


def _by_day(name: str, by: str, size: int) -> Table:
    return Table(
        name,
        metadata,
        Column("day", Date, nullable=False),
        Column("district_code", String(20), nullable=False),
        Column(by, String(size), nullable=False),
        *(Column(count, Integer, nullable=False) for count in COUNTS),  # used_days and legal_days: working days
        on_postgresql(Index(f"ix_{name}", "day", "district_code")),
    )


service_open = Table(
    # The accepted cases that are not finished, whole rows of service_case once more: a few, which lie anywhere among
    # all of them.
    "service_open",
    metadata,
    *(Column(column.name, column.type, nullable=column.nullable) for column in service_case.columns),
)
service_took = Table(
    # The finished cases that had days to be done in, once more, by the day of finishing: one in four.
    "service_took",
    metadata,
    Column("finish_at", Moment, nullable=False),
    *(
        Column(name, service_case.c[name].type, nullable=False)
        for name in (
            "district_code", "street_code", "org", "channel", "item", "theme", "special", "applicant", "hall",
        )
    ),
    Column("promised_days", Float, nullable=False),
    Column("legal_days", Float, nullable=False),  # -1: no limit
    Column("used_days", Float, nullable=False),
    on_postgresql(Index("ix_service_took_finish", "finish_at")),
    info={TOGETHER: ("finish_at", "street_code")},
)  # fmt: skip
service_day_once = Table(  # finished cases that were promised to be done at once, by the whole minutes that they took
    "service_day_once",
    metadata,
    Column("day", Date, nullable=False),
    Column("district_code", String(20), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("same", SmallInteger, nullable=False),  # 1: done on the working day of acceptance
    Column("n", Integer, nullable=False),
    on_postgresql(Index("ix_service_day_once", "day")),
)
service_tick = Table(
    # What happened when, as hotline_tick: one row for each moment in a case's life that some count follows, in the
    # order of time and append-only. what: which counts the moment adds n to, as bits (see counts.BITS).
    "service_tick",
    metadata,
    Column("moment", Moment, nullable=False),
    Column("district_code", String(20), nullable=False),
    Column("street_code", String(20), nullable=False),
    Column("org", String(40), nullable=False),
    Column("channel", String(12), nullable=False),
    Column("theme", String(40), nullable=False),
    Column("special", String(20), nullable=False),
    Column("what", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    on_postgresql(Index("ix_service_tick_moment", "moment")),
    on_postgresql(Index("ix_service_tick_street_moment", "street_code", "moment")),
)
service_day_place = _by_day("service_day_place", "street_code", 20)
service_day_org = _by_day("service_day_org", "org", 40)
service_day_channel = _by_day("service_day_channel", "channel", 12)
service_day_theme = _by_day("service_day_theme", "theme", 40)
service_day_special = _by_day("service_day_special", "special", 20)

service_hall = Table(
    "service_hall",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("source", String(40), nullable=False),
    Column("name", String(120), nullable=False),
    Column("name_en", String(160)),
    Column("kind", String(10), nullable=False),  # hall | kiosk
    Column("district_code", String(20), nullable=False),
    Column("street_code", String(20), nullable=False),
    Column("lon", Double),
    Column("lat", Double),
    Column("windows", SmallInteger),  # in all; NULL not said
)
service_shift = Table(  # windows open from .. to
    "service_shift",
    metadata,
    Column("hall", String(20), nullable=False),
    Column("window", String(10), nullable=False),
    Column("open_at", Moment, nullable=False),
    Column("close_at", Moment),
    on_postgresql(PrimaryKeyConstraint("hall", "window", "open_at")),
)
service_ticket = Table(
    "service_ticket",
    metadata,
    Column("ticket_id", BigInteger, nullable=False, autoincrement=False),
    Column("hall", String(20), nullable=False),
    Column("business", String(40), nullable=False),
    Column("take_at", Moment, nullable=False),
    Column("call_at", Moment),
    Column("start_at", Moment),
    Column("end_at", Moment),
    Column("window", String(10), nullable=False),
    Column("no_show", Boolean, nullable=False),
    Column("priority", Boolean, nullable=False),  # the old, or by appointment
    on_postgresql(PrimaryKeyConstraint("hall", "ticket_id")),
    on_postgresql(Index("ix_ticket_take", "take_at")),
)
service_queue = Table(  # snapshots, where a source tells those and no tickets
    "service_queue",
    metadata,
    Column("moment", Moment, nullable=False),
    Column("hall", String(20), nullable=False),
    Column("business", String(40), nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("windows", SmallInteger, nullable=False),
    Column("service_minutes", Float),
    Column("ticket", String(12), nullable=False),  # called last
    on_postgresql(PrimaryKeyConstraint("hall", "business", "moment")),
    on_postgresql(Index("ix_queue_moment", "moment")),
)
service_business = Table(
    "service_business",
    metadata,
    Column("hall", String(20), primary_key=True),  # '' all halls
    Column("code", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("name_en", String(200)),
)
service_standard = Table(  # what a source tells of a period as a whole: volumes that met a standard
    "service_standard",
    metadata,
    Column("source", String(40), nullable=False),
    Column("standard", String(60), nullable=False),
    Column("service", String(60), nullable=False),
    Column("name", String(300), nullable=False),
    Column("org", String(80), nullable=False),
    Column("start", Date, nullable=False),
    Column("end", Date, nullable=False),  # exclusive
    Column("target", Double),
    Column("met", Double),
    Column("total", Double),
    Column("flag", String(20), nullable=False),  # above (met > total) | missing | ''
    on_postgresql(PrimaryKeyConstraint("source", "standard", "service", "start")),
)
service_rank = Table(  # assessments: where we stand among peers, as published
    "service_rank",
    metadata,
    Column("indicator", String(60), primary_key=True),
    Column("month", Date, primary_key=True),
    Column("rank", SmallInteger),
    Column("peers", SmallInteger),
    Column("value", Double),
    Column("next_value", Double),  # of the peer one rank above; NULL not published
    Column("values", Text, nullable=False),  # JSON list of all peers' values, [] not published
)
service_problem = Table(  # 问题台账: found, and fixed
    "service_problem",
    metadata,
    Column("number", String(40), primary_key=True),
    Column("found_at", Moment, nullable=False),
    Column("fixed_at", Moment),
    Column("district_code", String(20), nullable=False),
    Column("org", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("text", Text, nullable=False),
)
service_month = Table(  # league results as they stood when the month was closed
    "service_month",
    metadata,
    Column("month", Date, primary_key=True),
    Column("kind", String(20), primary_key=True),  # district | org
    Column("code", String(40), primary_key=True),
    Column("frozen_at", Moment, nullable=False),
    *(Column(count, Integer, nullable=False) for count in COUNTS),
)
