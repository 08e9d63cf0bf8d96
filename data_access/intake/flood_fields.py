"""What a description of flood data may say: the fields of [columns] and the settings of [flood].

kind = "flood_stations": one row is one station. kind = "flood_readings": one row is what one station said at one
moment; it may tell of the station too. Both may give thresholds.
"""

from typing import Literal

from pydantic import BaseModel, Field, model_validator

KINDS = ("flood_stations", "flood_readings")
ELEMENTS = ("rain", "level", "flow", "inflow", "outflow", "storage", "depth", "below", "opening", "pump")
SAID = ("moment", "received_at", "interval", "element", "value", "unit", "confidence")
STATION_TEXTS = ("name", "name_en", "river", "catchment", "datum", "twin", "notes_zh", "notes_en")
STATION_NUMBERS = ("km", "drainage_km2", "resolution", "outfall_level")
LEVELS = (
    "forecast", "warning", "alert", "guarantee", "record", "bank", "dead", "limit", "normal", "flood_high", "design",
    "check", "crest",
)  # fmt: skip
DEPTHS = ("blue", "yellow", "orange", "red")
FLOWS = ("warning_flow", "guarantee_flow", "record_flow", "safe_flow")
THRESHOLDS = (*LEVELS, *DEPTHS, *FLOWS)
TARGETS = ("station", "kind", *SAID, *ELEMENTS, *STATION_TEXTS, *STATION_NUMBERS, *THRESHOLDS)
ROLES = ("rain", "river", "weir", "tide", "reservoir", "waterlogging", "video", "pump")


class Unit(BaseModel, extra="forbid", frozen=True):
    """What a unit's name means: value in ours = value x factor; of levels also what they are measured from."""

    factor: float = 1.0
    datum: str = ""


class Alias(BaseModel, extra="forbid", frozen=True):
    """Another name of a station. elements: what its elements are called there: {flow = "outflow"}."""

    station: str
    elements: dict[str, str] = {}


class Reach(BaseModel, extra="forbid", frozen=True):
    """From a station to the next downstream: km along the water, hours that water takes."""

    upstream: str
    downstream: str
    km: float | None = None
    hours: float = Field(gt=0)
    safe_flow: float | None = None

    def row(self) -> dict[str, str | float | None]:
        """As a row of flood_reach."""
        return {
            "upstream": self.upstream, "downstream": self.downstream, "flow": 0.0, "length_km": self.km,
            "travel_h": self.hours, "x": 0.2, "safe_flow": self.safe_flow,
        }  # fmt: skip


class Flood(BaseModel, extra="forbid", frozen=True):
    """kind: of stations that do not say. interval_minutes: how often a station speaks. datum: of levels that do not
    say. rain_minutes: how long rain was gathered when there is no column `interval`; interval: how that is written,
    hours_minutes is SL 323's 1.30 for an hour and a half. units: element -> the unit's name -> Unit. aliases: name in
    the file -> Alias. stations: those that no file lists, with fields of [columns]. reaches: how they follow each
    other."""

    kind: str = "river"
    interval_minutes: int = Field(60, ge=1)
    datum: str = ""
    rain_minutes: int = Field(0, ge=0)
    interval: Literal["minutes", "hours", "hours_minutes"] = "minutes"
    units: dict[str, dict[str, Unit]] = {}
    aliases: dict[str, Alias] = {}
    stations: tuple[dict[str, str | float], ...] = ()
    reaches: tuple[Reach, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> "Flood":
        if self.kind not in ROLES:
            raise ValueError(f"kind cannot be {self.kind}; there are: {', '.join(ROLES)}")
        given = {*self.units, *(one for alias in self.aliases.values() for one in alias.elements.values())}
        if wrong := sorted(given - set(ELEMENTS)):
            raise ValueError(f"there is no element {', '.join(wrong)}; there are: {', '.join(ELEMENTS)}")
        allowed = {"code", "kind", "lon", "lat", *STATION_TEXTS, *STATION_NUMBERS, *THRESHOLDS}
        for one in self.stations:
            if "code" not in one:
                raise ValueError("each of stations needs a code")
            if wrong := sorted(set(one) - allowed):
                raise ValueError(f"stations knows no {', '.join(wrong)}")
        return self


def check(kind: str, columns: set[str], codes: dict[str, dict[str, str]]) -> None:
    """Raise ValueError for [columns] and [codes] that make no sense for a kind."""
    if unknown := sorted(columns - set(TARGETS)):
        raise ValueError(f"[columns] has no field {', '.join(unknown)}; there are: {', '.join(TARGETS)}")
    if "station" not in columns:
        raise ValueError("[columns] must say which column holds the station's code (station)")
    read = columns & {*SAID, *ELEMENTS}
    if kind == "flood_stations" and read:
        raise ValueError(f"a list of stations has no {', '.join(sorted(read))}; write kind = 'flood_readings'")
    if kind == "flood_readings":
        if "moment" not in columns:
            raise ValueError("[columns] must say when it was measured (moment)")
        if not columns & set(ELEMENTS) and not {"element", "value"} <= columns:
            raise ValueError(
                f"[columns] must say what was measured: columns of {', '.join(ELEMENTS)}, or element and value"
            )
    if wrong := sorted(set(codes) - {"element", "kind"}):
        raise ValueError(f"[codes] of flood data knows element and kind, not {', '.join(wrong)}")
    for name, allowed in (("element", ELEMENTS), ("kind", ROLES)):
        if wrong := sorted(set(codes.get(name, {}).values()) - set(allowed)):
            raise ValueError(f"{name} cannot be {', '.join(wrong)}; there are: {', '.join(allowed)}")
