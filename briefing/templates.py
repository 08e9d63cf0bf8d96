"""Templates of reports: TOML files, one a kind, named by it. What is wrong in one is said with its file and place; the
others go on."""

import hashlib
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator, model_validator

from briefing import rules_flood  # noqa: F401 - its rules are known by name
from briefing.rules import RULES
from components.view import View

SHIPPED = Path(__file__).with_name("templates")
FIXED = {"area", "period", "at", "lang", "theme", "mode", "report"}  # of a View: the report says them itself


class Words(BaseModel, frozen=True, extra="forbid"):
    """The same in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Column(BaseModel, frozen=True, extra="forbid"):
    """A column of a table: of the frame, what it is called, how its values are said. bar: with a bar beside it."""

    name: str
    zh: str
    en: str
    form: Literal["text", "number", "percent", "signed", "moment", "metres", "mm"] = "text"
    bar: bool = False


class Shown(BaseModel, frozen=True, extra="forbid"):
    """A panel in a report. name: how rules call it, its panel's name unless said. view: fields of its View beside
    place, period and moment. show: as its picture, a table, tiles, or not at all (rules may need it). keys: of tiles,
    which. only: rows of a table by the values of a column. rows: of a table at most. height: of a picture, mm on A4."""

    panel: str
    name: str = ""
    title: Words | None = None
    view: dict[str, str] = {}
    show: Literal["figure", "table", "tiles", "none"]
    keys: list[str] = []
    columns: list[Column] = []
    only: dict[str, str] = {}
    rows: int = Field(10, ge=1, le=60)
    height: int = Field(70, ge=30, le=240)

    @field_validator("panel")
    @classmethod
    def _known_panel(cls, value: str, info: ValidationInfo) -> str:
        if value not in (info.context or {}).get("panels", {value}):
            raise ValueError(f"there is no panel {value!r}")
        return value

    @field_validator("view")
    @classmethod
    def _fields(cls, value: dict[str, str]) -> dict[str, str]:
        for name, wanted in value.items():
            if name in FIXED or name not in View.model_fields:
                raise ValueError(f"{name!r} is no field of a view that a template may set")
            if str(getattr(View.from_query({name: wanted}), name)) != wanted:
                raise ValueError(f"{wanted!r} is no value of {name}")
        return value

    @model_validator(mode="after")
    def _complete(self) -> "Shown":
        if self.show == "table" and not self.columns:
            raise ValueError("a table needs columns")
        if self.show == "tiles" and not self.keys:
            raise ValueError("tiles need keys")
        return self

    @property
    def called(self) -> str:
        return self.name or self.panel


class Section(BaseModel, frozen=True, extra="forbid"):
    """rules: names, or tables with `rule` and its options."""

    name: str = Field(pattern=r"^\w+$")
    title: Words
    rules: list[dict[str, Any]] = []
    panels: list[Shown] = []

    @field_validator("rules", mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        told = [{"rule": one} if isinstance(one, str) else one for one in value]
        for one in told:
            if one.get("rule") not in RULES:
                raise ValueError(f"there is no rule {one.get('rule')!r}; there are {', '.join(sorted(RULES))}")
        return told


class Template(BaseModel, frozen=True, extra="forbid"):
    """What a kind of report is made of. covers: the day before, the last whole week from Monday, the last whole month.
    at: the moment of its day that it speaks of when no schedule says one. release: at once (auto), or when a person
    says so. area: code of a place, '' the city. compare: with what, yoy | mom. title, numbering: with {city}, {from},
    {to}; {year}, {number}."""

    title: Words
    numbering: Words
    covers: Literal["day", "week", "month"]
    at: str = Field("07:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    release: Literal["auto", "person"] = "auto"
    area: str = ""
    compare: Literal["yoy", "mom"] = "mom"
    sections: list[Section] = Field(min_length=1)

    @model_validator(mode="after")
    def _told_apart(self) -> "Template":
        names = [one.name for one in self.sections]
        if len(set(names)) != len(names):
            raise ValueError("two sections have the same name")
        called = {one.called for section in self.sections for one in section.panels}
        for section in self.sections:
            for one in section.rules:
                for option in ("of", "past", "open"):
                    wanted = one.get(option)
                    if isinstance(wanted, str) and "." in wanted and option != "open" and wanted not in called:
                        raise ValueError(f"section {section.name}, rule {one['rule']}: no panel is called {wanted!r}")
        for words, fields in ((self.title, "city from to"), (self.numbering, "year number")):
            for said in (words.zh, words.en):
                try:
                    said.format(**dict.fromkeys(fields.split(), 1))
                except (KeyError, IndexError, ValueError):
                    raise ValueError(f"{said!r} may have {{{'}, {'.join(fields.split())}}} only") from None
        return self


@dataclass(frozen=True)
class Loaded:
    """A template as read. digest: SHA-256 of its text."""

    kind: str
    template: Template
    text: str
    digest: str


class TemplateError(ValueError):
    """A template that cannot be used: file, place and what is wrong."""


def read(path: Path, panels: Collection[str] | None = None) -> Loaded:
    """One template. Raises TemplateError. panels: the names there are; None: not checked."""
    try:
        text = path.read_text("utf-8")
        told = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path.name}: cannot be read ({error})") from None
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"{path.name}: {error}") from None  # it says the line
    try:
        made = Template.model_validate(told, context={} if panels is None else {"panels": panels})
    except ValidationError as error:
        wrong = [f"{_place(one['loc'], told)}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()]
        raise TemplateError(f"{path.name}: {'; '.join(wrong)}") from None
    return Loaded(path.stem, made, text, hashlib.sha256(text.encode()).hexdigest())


def _place(loc: tuple[Any, ...], told: Any) -> str:
    """sections[2] (flood) > panels[1] (flood.rain) > view."""
    said: list[str] = []
    for step in loc:
        try:
            told = told[step]
        except (KeyError, IndexError, TypeError):
            told = None
        if isinstance(step, int) and said:
            name = (told.get("panel") or told.get("name") or told.get("rule") or "") if isinstance(told, dict) else ""
            said[-1] += f"[{step + 1}]" + (f" ({name})" if name else "")
        else:
            said.append(str(step))
    return " > ".join(said) or "the file"


def load(folder: Path | None, panels: Collection[str] | None = None) -> tuple[dict[str, Loaded], list[str]]:
    """(templates by kind, what is wrong in others). A template of the folder takes the place of the shipped one of its
    name, a broken one too: nothing is made by a template that its owner did not mean."""
    files = {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}
    wrong: list[str] = []
    if folder is not None:
        if not folder.is_dir():
            wrong.append(f"COCKPIT_REPORT_TEMPLATES={folder}: there is no such folder")
        files |= {path.stem: path for path in sorted(folder.glob("*.toml"))}
    found = {}
    for kind, path in files.items():
        try:
            found[kind] = read(path, panels)
        except TemplateError as error:
            wrong.append(str(error))
    return found, wrong
