"""What a source is: the TOML file that says where each field comes from. Every mistake in it becomes a sentence.

See sample_data/sources/hotline_generic.toml for a commented template with every setting.
"""

import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from data_access.intake import flood_fields, service_fields, sl323_fields

TIMES = ("accept_at", "dispatch_at", "sign_at", "due_at", "reply_at", "close_at", "callback_at")
NUMBERS = ("resolved", "satisfaction", "redo_count")
FLAGS = ("direct", "responded")
CODED = ("channel", "appeal_type", "status", *NUMBERS, *FLAGS)
TEXTS = ("number", "title", "address", "caller_phone", "category", "category_group", "org")
# What may change while an order is handled; the rest of an order is what identifies it.
PROGRESS = (*TIMES[1:], "org", *NUMBERS, *FLAGS)
TARGETS = (*TEXTS, *TIMES, *CODED)
# The codes that an order's channel (诉求渠道) and appeal type (诉求类型) have, whatever the source calls them.
CHANNELS = {
    "phone": "电话", "wechat": "微信", "app": "APP", "web": "网站", "sms": "短信", "mailbox": "信箱", "letter": "来信",
    "email": "电子邮件", "leader": "领导留言", "police": "110转办", "transfer": "其他部门转办", "auto": "自动上报",
    "other": "其他",
}  # fmt: skip
APPEALS = {
    "consult": "咨询", "help": "求助", "complaint": "投诉", "report": "举报", "suggest": "建议", "praise": "表扬",
    "other": "其他",
}  # fmt: skip
FIGURES = ("indicator", "start", "end", "day", "month", "numerator", "denominator", "value", "as_of", "document")


class IntakeError(ValueError):
    """The load cannot go on; the message says in a sentence what is wrong and what to do."""


class Field_(BaseModel, extra="forbid", frozen=True):
    """Where one field comes from. Exactly one of column, join, template, constant, file_name.

    column: a source column, or several names of which the first that the file has is taken.
    join: source columns put together with `separator`; `pad` fills each with zeros on the left to that many digits;
    with file_name the first group of that regular expression, searched in the file's name, is put in front.
    template: text with {source column} in it. constant: the same text on every row.
    """

    column: tuple[str, ...] = ()
    join: tuple[str, ...] = ()
    pad: tuple[int, ...] = ()
    separator: str = " "
    template: str = ""
    constant: str | None = None
    file_name: str = ""
    optional: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"column": (value,)}
        if isinstance(value, list):
            return {"column": tuple(value)}
        if isinstance(value, dict) and isinstance(value.get("column"), str):
            return {**value, "column": (value["column"],)}
        return value

    @model_validator(mode="after")
    def _one(self) -> "Field_":
        given = [bool(self.column), bool(self.join), bool(self.template), self.constant is not None]
        if sum(given) > 1 or not (any(given) or self.file_name):
            raise ValueError("write exactly one of column, join, template, constant or file_name")
        if self.pad and len(self.pad) != len(self.join):
            raise ValueError("pad needs one number for each joined column")
        if self.file_name:
            try:
                groups = re.compile(self.file_name).groups
            except re.error as error:
                raise ValueError(f"file_name is no regular expression ({error})") from None
            if groups != 1:
                raise ValueError("file_name needs exactly one group in parentheses")
        return self

    def sources(self) -> tuple[str, ...]:
        """The source columns it reads."""
        return (*self.column, *self.join, *re.findall(r"\{([^{}]+)\}", self.template))


class Read(BaseModel, extra="forbid", frozen=True):
    """How to read the file; everything left out is found out from the file and said in the report."""

    format: Literal["", "csv", "excel", "json", "geojson", "parquet"] = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    skip: int = Field(0, ge=0, description="Lines before the header")
    records: str = ""  # JSON: the name of the list of records

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            "".encode(value or "utf-8")
        except LookupError:
            raise ValueError("no such encoding; write one like utf-8, gb18030 or big5") from None
        return value


class Times(BaseModel, extra="forbid", frozen=True):
    """formats: tried in order: 'iso', 'excel' (serial days), 'epoch', 'epoch_ms', or strptime patterns.
    zone: the zone of times without one; '' is the city's own."""

    formats: tuple[str, ...] = ("iso",)
    zone: str = ""

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo  # noqa: PLC0415

        try:
            return value if not value else str(ZoneInfo(value))
        except Exception:
            raise ValueError("no such time zone; write one like Asia/Shanghai") from None


class Identity(BaseModel, extra="forbid", frozen=True):
    """revises: a row with a known trustworthy number and accept time but other content is a new version of that order;
    otherwise it is another order (and the report says that a number repeats)."""

    revises: bool = False


class Place(BaseModel, extra="forbid", frozen=True):
    """Which columns tell the place; tried in the order code, names, address, point until one finds it."""

    code: Field_ | None = None
    district: Field_ | None = None
    street: Field_ | None = None
    address: Field_ | None = None
    lon: Field_ | None = None
    lat: Field_ | None = None
    datum: Literal["wgs84", "gcj02"] = "wgs84"

    def fields(self) -> dict[str, Field_]:
        """The columns it uses, by role."""
        roles = ("code", "district", "street", "address", "lon", "lat")
        return {role: found for role in roles if (found := getattr(self, role)) is not None}


class Categories(BaseModel, extra="forbid", frozen=True):
    """by name: codes are made from the names and stay the same from load to load. by code: the column holds codes.
    parents: name -> name of its group. english: name -> English name."""

    by: Literal["name", "code"] = "name"
    parents: dict[str, str] = {}
    english: dict[str, str] = {}


class Status(BaseModel, extra="forbid", frozen=True):
    """Which values of the status column mean open; used for checking only."""

    open: tuple[str, ...] = ()


class Checks(BaseModel, extra="forbid", frozen=True):
    """earliest: accept times before that year are impossible. future_minutes: how far clocks may differ."""

    earliest: int = Field(1990, ge=1900, le=2100)
    future_minutes: int = Field(15, ge=0)


class Description(BaseModel, extra="forbid", frozen=True):
    """One source. missing: texts that mean "no value", besides the usual ones."""

    key: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    name_zh: str = Field(min_length=1, max_length=80)
    name_en: str = Field(min_length=1, max_length=120)
    kind: Literal[
        "hotline_orders", "areas", "observations", "flood_stations", "flood_readings", "sl323", "service_queues",
        "service_standards",
    ] = "hotline_orders"  # fmt: skip
    cadence_minutes: int = Field(0, ge=0)
    missing: tuple[str, ...] = ()
    read: Read = Field(default_factory=lambda: Read.model_validate({}))
    columns: dict[str, Field_] = {}
    times: Times = Times()
    codes: dict[str, dict[str, str]] = {}
    identity: Identity = Identity()
    place: Place = Place()
    categories: Categories = Categories()
    status: Status = Status()
    checks: Checks = Field(default_factory=lambda: Checks.model_validate({}))
    areas: dict[str, Any] = {}
    flood: flood_fields.Flood = flood_fields.Flood.model_validate({})
    services: service_fields.Services = service_fields.Services.model_validate({})
    sl323: sl323_fields.Sl323 = sl323_fields.Sl323.model_validate({})

    @model_validator(mode="after")
    def _targets(self) -> "Description":
        if self.kind == "hotline_orders":
            unknown = sorted(set(self.columns) - set(TARGETS))
            if unknown:
                raise ValueError(f"[columns] has no field {', '.join(unknown)}; there are: {', '.join(TARGETS)}")
            if "accept_at" not in self.columns:
                raise ValueError("[columns] must say where accept_at (when the order was accepted) comes from")
            uncoded = sorted(set(self.codes) - set(CODED))
            if uncoded:
                raise ValueError(f"[codes] has no field {', '.join(uncoded)}; there are: {', '.join(CODED)}")
            for name, allowed in (("channel", CHANNELS), ("appeal_type", APPEALS)):
                given = {*self.codes.get(name, {}).values()}
                if name in self.columns and (constant := self.columns[name].constant) and name not in self.codes:
                    given.add(constant)
                if wrong := sorted(given - set(allowed)):
                    raise ValueError(f"{name} cannot be {', '.join(wrong)}; there are: {', '.join(allowed)}")
        if self.kind == "observations":
            self._figures()
        if self.kind in flood_fields.KINDS:
            flood_fields.check(self.kind, set(self.columns), self.codes)
        if self.kind in service_fields.KINDS:
            service_fields.check(self.kind, set(self.columns), self.codes, self.services)
        return self

    def _figures(self) -> None:
        given = set(self.columns)
        unknown = sorted(given - set(FIGURES))
        if unknown:
            raise ValueError(f"[columns] has no field {', '.join(unknown)}; there are: {', '.join(FIGURES)}")
        if "indicator" not in given:
            raise ValueError("[columns] must say which indicator the figures are (a column, or a constant)")
        if given & {"start", "end", "day", "month"} not in ({"start", "end"}, {"day"}, {"month"}):
            raise ValueError("[columns] must say the period as start and end, as day, or as month")
        if not given & {"numerator", "value"}:
            raise ValueError("[columns] must say the figures: value, or numerator and denominator")
        if set(self.place.fields()) - {"code", "district", "street"}:
            raise ValueError("[place] of observations knows code, district and street")
        if set(self.codes) - {"indicator"}:
            raise ValueError("[codes] of observations knows indicator")

    @property
    def tracked(self) -> bool:
        """Whether the source tells when orders close."""
        return "close_at" in self.columns

    def needed(self) -> list[tuple[str, Field_]]:
        """Every field that must find its columns in the file."""
        return [*self.columns.items(), *(("place." + role, one) for role, one in self.place.fields().items())]

    def filled(self) -> str:
        """The fields this source fills, as the source table keeps them (see data_access.coverage)."""
        if self.kind in service_fields.FILLS:
            return service_fields.FILLS[self.kind]
        if self.kind != "hotline_orders":
            return ""
        fields = {name for name in self.columns if name not in ("number", "status", "caller_phone", "category_group")}
        fields |= {"order_no"} if "number" in self.columns else set()
        fields |= {"caller_key"} if "caller_phone" in self.columns else set()
        fields |= {"topic"} if "category" in self.columns else set()
        place = self.place.fields()
        fields |= {"district_code", "street_code"} if place else set()
        fields |= {"lon", "lat"} if {"lon", "lat"} <= set(place) else set()
        return ",".join(sorted(fields))


def raw_description(path: Path | str) -> dict[str, Any]:
    """The TOML as it is. Raises IntakeError."""
    path = Path(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise IntakeError(f"{path.name}: there is no such source description.") from None
    except IsADirectoryError:
        raise IntakeError(f"{path.name} is a folder; name the source description (a .toml file) in it.") from None
    except UnicodeDecodeError:
        raise IntakeError(f"{path.name} is not UTF-8 text; save the source description as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise IntakeError(f"{path.name} is not valid TOML: {error}.") from None


def read_description(path: Path | str) -> Description:
    """Read and check a source description. Raises IntakeError naming every setting that makes no sense."""
    given = raw_description(path)
    if given.get("kind") == "areas":  # the loader of areas has its own settings
        known = {"key", "name_zh", "name_en", "kind", "cadence_minutes"}
        given = {**{k: v for k, v in given.items() if k in known}, "areas": given}
    try:
        return Description.model_validate(given)
    except ValidationError as error:
        lines = []
        for one in error.errors():
            place = ".".join(str(part) for part in one["loc"])
            message = one["msg"].removeprefix("Value error, ")
            lines.append(f"{place}: {message}" if place else message)
        raise IntakeError(f"{Path(path).name}: " + "; ".join(lines) + ".") from None
