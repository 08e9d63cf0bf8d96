"""The standard's tables (SL 323 实时雨水情数据库) as they are used: which column is what here, and the settings of
[sl323] in a description.

Trend codes (WPTN, RWPTN) point in opposite directions in different systems, so a description may say which is which;
they are only compared with the readings, never shown: what is shown is computed.
"""

from typing import Literal

from pydantic import BaseModel, Field, field_validator

# Column -> element of ours
READINGS: dict[str, dict[str, str]] = {
    "ST_RIVER_R": {"Z": "level", "Q": "flow"},
    "ST_RSVR_R": {"RZ": "level", "INQ": "inflow", "OTQ": "outflow", "W": "storage", "BLRZ": "below"},
    "ST_WAS_R": {"UPZ": "level", "DWZ": "below", "TGTQ": "flow"},
    "ST_PPTN_R": {"DRP": "rain"},
}
TREND = {"ST_RIVER_R": ("WPTN", "Z"), "ST_RSVR_R": ("RWPTN", "RZ"), "ST_WAS_R": ("SUPWPTN", "UPZ")}
KINDS = {"PP": "rain", "ZZ": "river", "ZQ": "river", "RR": "reservoir", "DD": "weir", "TT": "tide", "DP": "pump"}
# Column -> threshold of ours
THRESHOLDS: dict[str, dict[str, str]] = {
    "ST_RVFCCH_B": {
        "SFZ": "forecast", "WRZ": "warning", "TAZ": "alert", "GRZ": "guarantee", "OBHTZ": "record",
        "WRQ": "warning_flow", "GRQ": "guarantee_flow", "OBMXQ": "record_flow",
    },
    "ST_RSVRFCCH_B": {
        "DDZ": "dead", "NORMZ": "normal", "DSFLZ": "design", "CKFLZ": "check", "DAMEL": "crest",
    },
}  # fmt: skip
BANKS = ("LDKEL", "RDKEL")  # the lower of them is `bank`
NEEDED = {  # without these columns a table cannot be read
    "ST_STBPRP_B": ("STCD",),
    **dict.fromkeys(READINGS, ("STCD", "TM")),
    **dict.fromkeys(THRESHOLDS, ("STCD",)),
    "ST_RSVRFSR_B": ("STCD", "BGMD", "EDMD", "FSLTDZ"),
    "ST_ZVARL_B": ("STCD", "RZ", "W"),
    "ST_FSDR_B": ("UPSTCD", "DWSTCD"),
}
NOTHING = -999.0  # what lies below is written for "no value"


class Sl323(BaseModel, extra="forbid", frozen=True):
    """Where the database is and how it is meant.

    url: of SQLAlchemy, or url_variable: the environment variable that holds it (so that no password lies in a file).
    database_schema: where its tables lie, '' the usual. since: nothing older is read the first time.
    again_days: how far back every later load looks for what came late or was corrected. trend: code -> direction.
    interval_minutes, rain_minutes: of stations and rows that do not say. surface_factor: of WSFA, to km².
    """

    url: str = ""
    url_variable: str = ""
    database_schema: str = ""
    since: str = "1990-01-01"
    again_days: float = Field(7.0, ge=0)
    trend: dict[str, Literal["rising", "falling", "steady"]] = {"4": "falling", "5": "rising", "6": "steady"}
    interval_minutes: int = Field(60, ge=1)
    rain_minutes: int = Field(60, ge=1)
    surface_factor: float = 1.0
    muskingum_x: float = Field(0.2, ge=0, le=0.5)

    @field_validator("since")
    @classmethod
    def _day(cls, value: str) -> str:
        from datetime import datetime  # noqa: PLC0415

        datetime.fromisoformat(value)
        return value
