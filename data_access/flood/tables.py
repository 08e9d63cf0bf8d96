"""The tables of flood monitoring (防汛). They carry the meaning of SL 323 (实时雨水情数据库); its names stand beside.

Units: levels m above the station's named datum (基面), depths cm, rain mm, flows m³/s, storage 10⁶ m³, areas km²,
travel times h. Readings are append-only and lie in the order of time; a correction is a later row of the same moment
with its own `received_at`, and the row it corrects is marked with when it stopped being the one that counts. As-of a
moment t a reading counts when moment <= t, received_at (NULL: at once) <= t and superseded_at (NULL: never) > t.
"""

from sqlalchemy import (
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

from data_access.schema import Moment, metadata, on_postgresql

flood_station = Table(
    # ST_STBPRP_B. One code may have two roles (a reservoir with a rain gauge), hence the key of both.
    "flood_station",
    metadata,
    Column("code", String(20), primary_key=True),  # STCD
    # rain (PP), river (ZZ, ZQ), reservoir (RR), weir (DD), tide (TT), pump (DP); of the city waterlogging, video
    Column("kind", String(16), primary_key=True),
    Column("source", String(40), nullable=False),
    Column("name", String(80), nullable=False),
    Column("name_en", String(120)),
    Column("river", String(40), nullable=False),  # RVNM; '' none
    Column("catchment", String(40), nullable=False),  # code of flood_catchment; '' not known
    Column("lon", Double),
    Column("lat", Double),
    Column("district_code", String(20), nullable=False),  # '' not on the map
    Column("street_code", String(20), nullable=False),
    Column("datum", String(40), nullable=False),  # DTMNM; '' not known: absolute levels are not comparable
    Column("km", Double),  # distance to the river's mouth (DSTRVM)
    Column("drainage_km2", Double),  # DRNA
    Column("interval_minutes", Integer, nullable=False),  # nominal, what health is judged by
    Column("resolution", Double),  # smallest step of the sensor, in the reading's unit
    Column(
        "twin", String(20), nullable=False
    ),  # video: the gauge beside it; waterlogging: the river station it drains to
    Column("outfall_level", Double),  # waterlogging: level of the drain's mouth, in the twin's datum
    Column("notes_zh", Text),  # waterlogging: what it is (underpass ...); river: who lives there
    Column("notes_en", Text),
    Column("enabled_from", Date),
    Column("enabled_to", Date),  # exclusive; NULL: in use (USFL)
)
flood_threshold = Table(
    # ST_RVFCCH_B, ST_RSVRFCCH_B, ST_RSVRFSR_B. A station without rows has no threshold (无阈值), which is not "normal".
    "flood_threshold",
    metadata,
    Column("station", String(20), primary_key=True),
    # river: forecast (SFZ) warning (WRZ) alert (TAZ) guarantee (GRZ) record (OBHTZ) bank (LDKEL, RDKEL: the lower)
    # reservoir: dead (DDZ) limit (FSLTDZ, seasonal) normal (NORMZ) flood_high (防洪高) design (DSFLZ) check (CKFLZ)
    # crest (DAMEL); waterlogging: blue yellow orange red; rain: see domain rules
    Column("name", String(20), primary_key=True),
    Column("element", String(12), primary_key=True),  # level | flow | depth
    Column("season_from", String(4), primary_key=True),  # 'MMDD'; '' all year
    Column("season_to", String(4), nullable=False),  # 'MMDD' inclusive, may cross New Year
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("value", Double, nullable=False),
    Column("datum", String(40), nullable=False),
    Column("consequence_zh", String(200)),  # what it means in plain words: 巡堤上岗
    Column("consequence_en", String(300)),
)
flood_curve = Table(
    # ST_ZVARL_B, ST_ZQRL_B and discharge curves (泄流曲线); of several surveys the newest counts
    "flood_curve",
    metadata,
    Column("station", String(20), primary_key=True),
    Column("kind", String(12), primary_key=True),  # storage (W) | discharge (q) | rating (Q) | surface (km²)
    Column("surveyed", Date, primary_key=True),  # MSTM
    Column("point", SmallInteger, primary_key=True),  # PTNO
    Column("level", Double, nullable=False),
    Column("value", Double, nullable=False),
)
flood_catchment = Table(
    "flood_catchment",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("name_en", String(120)),
    Column("river", String(40), nullable=False),
    Column("area_km2", Double, nullable=False),
    Column("outlet", String(20), nullable=False),  # the station where it flows out
    Column("runoff", Double),  # coefficient α when wet
    Column("geojson", Text),
)
flood_weight = Table(  # what each gauge counts for in an areal mean (Thiessen), of a catchment or of an area of ours
    "flood_weight",
    metadata,
    Column("place", String(40), primary_key=True),
    Column("station", String(20), primary_key=True),
    Column("weight", Double, nullable=False),  # of one place they add up to 1
)
flood_reach = Table(
    # ST_FSDR_B: from station to station downstream, by discharge class
    "flood_reach",
    metadata,
    Column("upstream", String(20), primary_key=True),
    Column("downstream", String(20), primary_key=True),
    Column("flow", Double, primary_key=True),  # QMGN: travel times of about this flow; 0 when of any
    Column("length_km", Double),
    Column("travel_h", Double, nullable=False),  # AVTRTM
    Column("travel_min_h", Double),
    Column("travel_max_h", Double),
    Column("x", Double, nullable=False),  # Muskingum's weight
    Column("safe_flow", Double),  # SFTQ of the downstream station
    Column("notify_zh", String(200)),  # units to be told, separated by 、
    Column("notify_en", String(300)),
)
flood_gate = Table(
    "flood_gate",
    metadata,
    Column("station", String(20), primary_key=True),
    Column("gate", String(20), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("name_en", String(120)),
    Column("capacity", Double),  # m³/s fully open
)
flood_reading = Table(
    # ST_PPTN_R, ST_RIVER_R, ST_RSVR_R, ST_WAS_R, ST_GATE_R, depths and video levels
    "flood_reading",
    metadata,
    Column("moment", Moment, nullable=False),  # TM; of rain the end of the interval
    Column("station", String(20), nullable=False),
    # rain mm, level m, flow m³/s, inflow, outflow, storage, depth cm, below (BLRZ, DWZ) m, opening m, pump 0..1
    Column("element", String(10), nullable=False),
    Column("value", Float, nullable=False),  # to be rounded to 3 digits when it is read (readings.DIGITS)
    Column("minutes", SmallInteger, nullable=False),  # rain: length of the interval (INTV); else 0
    # 0 good | 1 suspicious (held, not used) | 2 rejected (impossible) | 3 video, not confirmed
    Column("quality", SmallInteger, nullable=False),
    Column("confidence", Float),  # video only, 0..1
    Column("received_at", Moment),  # NULL: at its moment
    Column("superseded_at", Moment),  # when a correction of it was received; NULL: it stands
    on_postgresql(Index("ix_reading_station", "station", "element", "moment")),
    on_postgresql(Index("ix_reading_moment", "moment")),
)
flood_day = Table(
    # Good readings by day (0 h to 24 h) and by rain day (08:00 to 08:00, labelled by its end day).
    "flood_day",
    metadata,
    Column("day", Date, nullable=False),
    Column("station", String(20), nullable=False),
    Column("element", String(10), nullable=False),  # as above; rain08: the rain day
    Column("n", Integer, nullable=False),
    Column("total", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("high_at", Moment, nullable=False),
    Column("last", Double, nullable=False),
    Column("last_at", Moment, nullable=False),
    on_postgresql(PrimaryKeyConstraint("station", "element", "day")),
)
flood_rain_forecast = Table(  # areal rain to come, as it was forecast at a moment
    "flood_rain_forecast",
    metadata,
    Column("made_at", Moment, nullable=False),
    Column("place", String(40), nullable=False),  # code of a catchment
    Column("moment", Moment, nullable=False),  # end of the hour
    Column("mm", Float, nullable=False),
    on_postgresql(PrimaryKeyConstraint("place", "made_at", "moment")),
)
flood_response = Table(  # 防汛应急响应, declared by people
    "flood_response",
    metadata,
    Column("order_no", String(60), primary_key=True),
    Column("level", SmallInteger, nullable=False),  # 1 (I, highest) .. 4
    Column("declared_by", String(80), nullable=False),
    Column("start_at", Moment, nullable=False),
    Column("end_at", Moment),
    Column("basis", Text, nullable=False),
)
flood_alarm_event = Table(
    # What the engine said, append-only: an alarm is the fold of its events. (alarm, seq) is its identity.
    "flood_alarm_event",
    metadata,
    Column("alarm", String(60), nullable=False),  # station|rule|moment of raising: the same input makes the same alarm
    Column("seq", Integer, nullable=False),
    Column("moment", Moment, nullable=False),  # in the time of the readings
    Column("station", String(20), nullable=False),
    Column("district_code", String(20), nullable=False),
    Column("street_code", String(20), nullable=False),
    Column("kind", String(16), nullable=False),  # kind of the station
    Column("rule", String(30), nullable=False),  # level | rise | predicted | depth | rain1 rain3 ... | offline ...
    # raised escalated lowered repeated clearing resumed cleared acknowledged shelved unshelved assigned noted closed
    # grouped suppressed
    Column("event", String(16), nullable=False),
    Column("level", SmallInteger, nullable=False),  # 1 blue 2 yellow 3 orange 4 red 5 beyond check; 0 cleared
    Column("value", Double),
    Column("threshold", Double),
    Column("threshold_name", String(20), nullable=False),
    Column("datum", String(40), nullable=False),
    Column("rules", String(40), nullable=False),  # version of the rules
    Column("samples", Text, nullable=False),  # JSON: [moment, value] that decided it
    Column("parent", String(60), nullable=False),  # the group alarm it belongs to, ''
    Column("person", String(40), nullable=False),  # a person's name; '' the engine
    Column("text", Text, nullable=False),
    on_postgresql(PrimaryKeyConstraint("alarm", "seq")),
    on_postgresql(Index("ix_alarm_moment", "moment")),
)
flood_engine = Table(  # where the engine stands, written in the transaction of its events: a restart goes on from here
    "flood_engine",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("state", Text, nullable=False),  # JSON
)
flood_task = Table(  # 联动任务: what is to be done downstream, append-only
    "flood_task",
    metadata,
    Column("task", String(80), nullable=False),
    Column("seq", SmallInteger, nullable=False),
    Column("moment", Moment, nullable=False),
    Column("alarm", String(60), nullable=False),
    Column("station", String(20), nullable=False),  # where the water comes
    Column("unit_zh", String(80), nullable=False),
    Column("unit_en", String(120), nullable=False),
    Column("event", String(12), nullable=False),  # opened | moved | accepted | done | cancelled
    Column("arrives_at", Moment),
    Column("due_at", Moment),
    Column("text_zh", Text, nullable=False),
    Column("text_en", Text, nullable=False),
    Column("person", String(40), nullable=False),
    on_postgresql(PrimaryKeyConstraint("task", "seq")),
)
flood_advice = Table(  # 调度建议单 and its course; advises people, operates nothing; append-only
    "flood_advice",
    metadata,
    Column("advice", String(40), nullable=False),  # its number: 2026-0718-03
    Column("seq", SmallInteger, nullable=False),
    Column("moment", Moment, nullable=False),
    Column("station", String(20), nullable=False),
    Column("step", String(12), nullable=False),  # advice | opinion | approval | order | receipt | review
    Column("person", String(40), nullable=False),
    Column("number", String(60), nullable=False),  # of the order, ''
    Column("text", Text, nullable=False),
    Column(
        "content", Text, nullable=False
    ),  # JSON: the plan and its consequences as they were shown; '' of later steps
    Column("link", String(400), nullable=False),  # the view that it was made on
    on_postgresql(PrimaryKeyConstraint("advice", "seq")),
)
