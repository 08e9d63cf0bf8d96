"""A small database with the standard's tables and the dirt that real ones have."""

from datetime import datetime, timedelta

from sqlalchemy import create_engine, text

START = datetime(2026, 6, 16, 8)
DDL = """
CREATE TABLE ST_STBPRP_B (STCD CHAR(8), STNM CHAR(20), RVNM CHAR(20), LGTD NUMERIC, LTTD NUMERIC, ADDVCD CHAR(6),
    DTMNM CHAR(16), STTP CHAR(2), DSTRVM NUMERIC, DRNA NUMERIC, USFL CHAR(1), MODITIME TIMESTAMP);
CREATE TABLE ST_RVFCCH_B (STCD CHAR(8), LDKEL NUMERIC, RDKEL NUMERIC, WRZ NUMERIC, WRQ NUMERIC, GRZ NUMERIC,
    OBHTZ NUMERIC, TAZ NUMERIC, SFZ NUMERIC);
CREATE TABLE ST_RSVRFCCH_B (STCD CHAR(8), DAMEL NUMERIC, CKFLZ NUMERIC, DSFLZ NUMERIC, NORMZ NUMERIC, DDZ NUMERIC);
CREATE TABLE ST_RSVRFSR_B (STCD CHAR(8), BGMD CHAR(4), EDMD CHAR(4), FSLTDZ NUMERIC, FSTP CHAR(1));
CREATE TABLE ST_ZVARL_B (STCD CHAR(8), MSTM TIMESTAMP, PTNO NUMERIC, RZ NUMERIC, W NUMERIC, WSFA NUMERIC);
CREATE TABLE ST_FSDR_B (UPSTCD CHAR(8), DWSTCD CHAR(8), RCHLEN NUMERIC, SFTQ NUMERIC, QMGN NUMERIC, MNTRTM NUMERIC,
    MXTRTM NUMERIC, AVTRTM NUMERIC);
CREATE TABLE ST_PPTN_R (STCD CHAR(8), TM TIMESTAMP, DRP NUMERIC, INTV NUMERIC, PDR NUMERIC, DYP NUMERIC, WTH CHAR(1));
CREATE TABLE ST_RIVER_R (STCD CHAR(8), TM TIMESTAMP, Z NUMERIC, Q NUMERIC, WPTN CHAR(1));
CREATE TABLE ST_RSVR_R (STCD CHAR(8), TM TIMESTAMP, RZ NUMERIC, INQ NUMERIC, W NUMERIC, BLRZ NUMERIC, OTQ NUMERIC,
    RWPTN CHAR(1));
CREATE TABLE ST_WAS_R (STCD CHAR(8), TM TIMESTAMP, UPZ NUMERIC, DWZ NUMERIC, TGTQ NUMERIC);
"""
STATIONS = [  # code, name, river, type, datum, km, used
    ("00100001", "上游", "甲河", "ZQ", "吴淞高程", 42.0, "1"),
    ("00100002", "下游", "甲河", "ZZ", "85高程", 3.0, "1"),
    ("00100003", "水库", "甲河", "RR", "吴淞高程", 60.0, "1"),
    ("00100003", "水库", "甲河", "PP", None, None, "1"),  # two roles
    ("00100004", "雨量", "", "PP", None, None, "1"),
    ("00100005", "闸", "甲河", "DD", "吴淞高程", 20.0, "1"),
    ("00100006", "停用", "甲河", "ZZ", "吴淞高程", 11.0, "0"),
    ("00100007", "墒情", "", "SS", None, None, "1"),  # soil: of no use here
]
TOTAL = {"ST_STBPRP_B": 8, "ST_RVFCCH_B": 3, "ST_RSVRFCCH_B": 1, "ST_RSVRFSR_B": 3, "ST_ZVARL_B": 6, "ST_FSDR_B": 4}
HOURS = 48


def make(url: str, *, rising: str = "5") -> None:
    """Make it. rising: the code that this system writes for a rising level."""
    falling = {"5": "4", "4": "5"}[rising]
    opened = create_engine(url)
    with opened.begin() as c:
        for statement in DDL.split(";"):
            if statement.strip():
                c.execute(text(statement))

        def put(table: str, *rows: tuple) -> None:
            names = ", ".join(f":v{n}" for n in range(len(rows[0])))
            shown = [tuple(str(v) if isinstance(v, datetime) else v for v in row) for row in rows]
            c.execute(text(f"INSERT INTO {table} VALUES ({names})"), [
                {f"v{n}": value for n, value in enumerate(row)} for row in shown
            ])  # fmt: skip

        put("ST_STBPRP_B", *[
            (code, name.ljust(20), river, 117.1, 31.2, "340100", datum, kind, km, 100.0, used,
             datetime(2026, 1, 1) if used == "0" else None)
            for code, name, river, kind, datum, km, used in STATIONS
        ])  # fmt: skip
        put(
            "ST_RVFCCH_B",
            ("00100001", 46.0, 45.5, 41.0, 900.0, 43.0, 44.2, 42.0, 40.5),
            ("00100002", None, None, None, None, 0, None, None, None),  # nothing known; 0 is no threshold
            ("00100006", None, None, -9999, None, None, None, None, None),
        )
        put("ST_RSVRFCCH_B", ("00100003", 75.0, 73.0, 71.0, 68.0, 50.0))
        put(
            "ST_RSVRFSR_B",
            ("00100003", "0601", "0930", 66.0, "1"),
            ("00100003", "1101", "0228", 67.0, "2"),  # over New Year
            ("00100003", "0631", "0930", 66.5, "1"),  # no such day
        )
        put(
            "ST_ZVARL_B",
            ("00100003", datetime(2010, 5, 1), 1, 50.0, 9.0, 1.0),
            ("00100003", datetime(2010, 5, 1), 2, 75.0, 60.0, 5.0),
            ("00100003", datetime(2020, 5, 1), 1, 50.0, 10.0, 1.0),
            ("00100003", datetime(2020, 5, 1), 2, 60.0, 22.0, None),
            ("00100003", datetime(2020, 5, 1), 3, 65.0, 21.0, 3.0),  # less water at a higher level
            ("00100003", datetime(2020, 5, 1), 4, 75.0, 72.0, 6.0),
        )
        put(
            "ST_FSDR_B",
            ("00100003", "00100001", 18.0, 400.0, 100.0, 2.0, 4.0, 3.0),
            ("00100003", "00100001", 18.0, 400.0, 500.0, 1.5, 2.5, None),
            ("00100001", "00100002", 39.0, 600.0, None, None, None, 6.0),
            ("00100001", "00100001", 0.0, None, None, None, None, 0.0),  # from itself to itself
        )
        river, rain, pool, weir = [], [], [], []
        for h in range(HOURS + 1):
            tm, rise = START + timedelta(hours=h), h <= HOURS // 2
            z = 40.0 + (0.1 * h if rise else 0.1 * (HOURS - h))
            code = rising if rise else falling
            river.append(("00100001", tm, round(z, 2), 500.0 + h, code))
            river.append(("00100002", tm, round(z - 20, 2), None, None))
            pool.append(("00100003", tm, round(65 + 0.02 * h, 2), 180.0, 37.0 + 0.06 * h, 40.0, 80.0, code))
            weir.append(("00100005", tm, 30.0, 28.5, 55.0))
            # hourly rain of 2 mm; at 08:00 the day's rain stands beside it
            rain.append(("00100004", tm, 2.0, 1.00, None, 48.0 if tm.hour == 8 else None, "8"))
        rain += [
            ("00100003", START + timedelta(hours=1), 0.5, 0.05, None, None, "8"),  # five minutes
            ("00100003", START + timedelta(hours=3), 3.0, 1.30, 1.20, None, "8"),  # an hour and a half
            ("00100003", START + timedelta(hours=4), 3.0, 0.75, None, None, "8"),  # 75 minutes are no minutes
            ("00100003", START + timedelta(hours=24), None, None, None, 40.0, "8"),  # the day's rain alone
            ("00100009", START + timedelta(hours=1), 1.0, 1.00, None, None, "8"),  # of no list
        ]
        river.append(("00100001", datetime(2026, 7, 1), 99.0, None, code))  # a fast clock
        river.append(("00100002", START + timedelta(minutes=7), None, None, None))  # nothing
        river.append(("00100001", None, 41.0, None, None))
        put("ST_RIVER_R", *river)
        put("ST_PPTN_R", *rain)
        put("ST_RSVR_R", *pool)
        put("ST_WAS_R", *weir)
    opened.dispose()
