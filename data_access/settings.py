"""Every setting of the cockpit, in one place. Each is an environment variable COCKPIT_<NAME>."""

import os
from functools import cache
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, ValidationError, field_validator

from domain.wall import parse_profile

ROOT = Path(__file__).parents[1]


class SettingsError(ValueError):
    """A setting that makes no sense; the message names it and says what to write instead."""


class Settings(BaseModel, frozen=True, extra="forbid"):
    """What can be set from outside. The README's table is made from these descriptions."""

    database_url: str = Field(
        f"duckdb:///{ROOT / 'var' / 'city.duckdb'}",
        description="Where the data is: duckdb:///FILE, or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
    )
    cache_url: str = Field(
        "memory", description="Answers kept between requests: memory, none, or redis://HOST:6379/0 (install redis)"
    )
    host: str = Field(
        "127.0.0.1", description="Address to listen on; another one than this machine needs COCKPIT_OPEN=yes as well"
    )
    port: int = Field(8050, ge=1, le=65535, description="Port to listen on")
    open: Literal["no", "yes"] = Field(
        "no", description="yes: listen on HOST although there are no accounts; everyone who reaches it sees everything"
    )
    threads: int = Field(8, ge=1, le=64, description="Requests served at once")
    timezone: str = Field("Asia/Shanghai", description="The city's time zone, by its tz database name")
    holidays: Literal["CN", "none"] = Field(
        "CN",
        description="CN: comparisons align Chinese holidays and moved workdays, trends show them; none: dates only",
    )
    rules: str = Field(
        "",
        description="Folder of your city's own rules (weights, limits, thresholds, each with effective dates): "
        "hotline.toml, services.toml, flood.toml; what it lacks is as shipped. The same for every process",
    )
    language: Literal["zh", "en"] = Field("zh", description="Language when the link names none")
    theme: Literal["dark", "light"] = Field("dark", description="Theme when the link names none")
    demo_feed: Literal["on", "off"] = Field("on", description="Demo city only: fresh orders arrive while serving")
    wall_distance_m: float = Field(8.0, gt=0, le=100, description="Wall mode: metres to the farthest viewer")
    wall_pitch_mm: float = Field(1.25, gt=0, le=20, description="Wall mode: millimetres between two pixels of the wall")
    wall: str = Field(
        "",
        description="Wall mode: the wall of links that name none, as the page /wall writes it (3840x1080,p1.8,d8). "
        "Empty: one by WALL_DISTANCE_M and WALL_PITCH_MM",
    )
    remote_host: str = Field(
        "",
        description="Phones as remotes of a wall: address of a second listener, such as 0.0.0.0, which serves /remote "
        "and nothing else. Empty: none; the cockpit itself has /remote for whoever reaches it",
    )
    remote_port: int = Field(8051, ge=1, le=65535, description="Port of the second listener for phones")
    hash_key: str = Field(
        "", description="Key of the 'same caller' hash; keep it secret and constant. Empty: one is made beside the data"
    )
    page_eval: Literal["yes", "no"] = Field(
        "yes",
        description="yes: probes and screenshot tools may evaluate expressions in the page; no: "
        "Content-Security-Policy without 'unsafe-eval' (nothing of the cockpit's own needs it)",
    )
    export_rows: int = Field(50_000, ge=1, le=1_000_000, description="Rows of records in one CSV or Excel file at most")
    chromium: str = Field(
        "",
        description="Pictures and PDF: the Chromium, Chrome or Edge that draws them. Empty: the one that the machine "
        "has; with none, tables and files go on and pictures say what to install",
    )
    export_dir: str = Field(
        f"{ROOT / 'var' / 'exports'}", description="Folder of pictures and slides that were asked for"
    )
    export_queue: int = Field(8, ge=1, le=100, description="Exports that may wait or be made at once, of all viewers")
    export_seconds: int = Field(180, ge=5, le=3600, description="Longest time that one export may take")
    export_hours: float = Field(24, gt=0, le=8784, description="How long finished exports are kept")
    export_mb: int = Field(500, ge=1, le=1_000_000, description="Megabytes of finished exports that are kept at most")
    reports: str = Field(
        "",
        description="Reports that are made by themselves: 'daily 07:30 workdays, weekly Mon 08:00, monthly 1 08:30'; "
        "none: off. Empty: off, but the demo city has 'daily 07:30, weekly Mon 08:00'",
    )
    report_templates: str = Field(
        "", description="Folder of your own templates of reports; one of a shipped name takes its place"
    )
    report_folder: str = Field(
        "", description="Reports are delivered into this folder as PDF, HTML and JSON. Empty: no"
    )
    report_url: str = Field(
        "",
        description="Where readers reach the cockpit, for links in reports: http://cockpit.city.local. "
        "Empty: HOST:PORT",
    )
    mail_host: str = Field("", description="Reports by e-mail: the mail server. Empty: no e-mail is sent")
    mail_port: int = Field(587, ge=1, le=65535, description="Port of the mail server")
    mail_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection to the mail server is encrypted; none only inside a trusted network"
    )
    mail_user: str = Field("", description="Who logs in at the mail server. Empty: nobody does")
    mail_password: str = Field("", description="Password of that user; it is never logged nor shown")
    mail_from: str = Field("", description="Sender of reports")
    mail_to: str = Field("", description="Receivers of reports, with commas between")
    webhook_url: str = Field("", description="Reports are announced to this address by POST of JSON. Empty: no")
    webhook_secret: str = Field(
        "", description="Key of the header X-Citydeck-Signature (HMAC-SHA256 of the body). Empty: none is sent"
    )
    tick_seconds: float = Field(5.0, ge=0.5, le=3600, description="How often a page asks whether the data moved")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except Exception:
            raise ValueError("no such time zone; write one like Asia/Shanghai") from None
        return value

    @field_validator("wall")
    @classmethod
    def _a_wall(cls, value: str) -> str:
        if value:
            parse_profile(value)
        return value

    @classmethod
    def from_environment(cls, environ: dict[str, str] | None = None) -> Self:
        """Read COCKPIT_* variables. Raises SettingsError naming every variable that is unknown or makes no sense."""
        environ = dict(os.environ) if environ is None else environ
        ours = {k: v for k, v in environ.items() if k.startswith("COCKPIT_") and not k.startswith("COCKPIT_TEST_")}
        given = {k.removeprefix("COCKPIT_").lower(): v for k, v in ours.items()}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            lines = [
                f"COCKPIT_{str(e['loc'][0]).upper()}={given.get(str(e['loc'][0]), '')}: "
                + ("no such setting" if e["type"] == "extra_forbidden" else e["msg"])
                for e in error.errors()
            ]
            raise SettingsError("; ".join(lines) + " (all settings: README, Settings)") from None


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings.from_environment()
