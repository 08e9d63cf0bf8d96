"""What a slide can hold that a person can edit there: charts, tables, tiles, sentences; and pictures of the rest.

Plain values, so that they can be looked at without a file. Colours are roles of the theme (see briefing/ink.py)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Role = Literal["bar", "line", "worse", "better", "grey", "pale", "deep", "yellow", "orange", "red", "blue", "text"]
Tone = Literal["better", "worse", "level"]


@dataclass(frozen=True)
class Series:
    """A column of the frame as it is drawn. amounts: the frame's own numbers, None for a gap. points: the colour of
    single points, by their position."""

    column: str
    name: str
    amounts: Sequence[float | None]
    role: Role = "bar"
    dashed: bool = False
    points: dict[int, Role] = field(default_factory=dict)


@dataclass(frozen=True)
class Limit:
    """A line that bars or curves are read against."""

    value: float
    words: str
    role: Role = "text"


@dataclass(frozen=True)
class Column:
    """A column of words: of a table, or beside bars. roles: the colour of single cells' ground, by their row."""

    name: str
    heading: str
    cells: Sequence[str]
    right: bool = False
    roles: dict[int, Role | int] = field(default_factory=dict)  # an int: a step of the ramp, 0-4


@dataclass(frozen=True)
class Bars:
    """Bars from zero. names: the categories in the order of the screen. number: the format of the values, as
    spreadsheets write it. column names what the categories are. upright: columns over time or steps. beside: what is
    told of each bar in words. more: how many rows of the frame are not drawn. focus: the bar that stands out."""

    heading: str
    names: Sequence[str]
    series: Sequence[Series]
    number: str = "#,##0"
    stacked: bool = False
    upright: bool = False
    limits: Sequence[Limit] = ()
    beside: Sequence[Column] = ()
    more: int = 0
    most: float | None = None  # where the axis ends at least


@dataclass(frozen=True)
class Lines:
    """Curves over days; gaps stay gaps. area: the first series is filled."""

    heading: str
    days: Sequence[datetime]
    series: Sequence[Series]
    number: str = "#,##0"
    area: bool = False
    limits: Sequence[Limit] = ()
    from_zero: bool = True


@dataclass(frozen=True)
class Curve:
    """Points of a scatter with their moments."""

    column: str
    name: str
    points: Sequence[tuple[datetime, float | None]]
    role: Role = "line"
    dashed: bool = False


@dataclass(frozen=True)
class Scatter:
    """Curves over moments that each has for itself, with lines for thresholds."""

    heading: str
    curves: Sequence[Curve]
    number: str = "0.00"
    limits: Sequence[Limit] = ()


@dataclass(frozen=True)
class Table:
    """Rows in words. more: how many rows there are beside these."""

    heading: str
    columns: Sequence[Column]
    more: int = 0
    plain: bool = False  # a matrix: no zebra, cells centred


@dataclass(frozen=True)
class Tile:
    """A figure as shapes: name, figure with its unit, how it changed (and whether that is better or worse), of what it
    is made, and what else is said."""

    name: str
    figure: str
    unit: str
    change: str
    tone: Tone
    parts: str
    note: str
    off: bool = False


@dataclass(frozen=True)
class Tiles:
    tiles: Sequence[Tile]


@dataclass(frozen=True)
class Sentences:
    """kind (bad | good | note), words."""

    said: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Picture:
    """What has no native form; instead: its frame as a table, where no picture can be made."""

    instead: "Table"


Block = Bars | Lines | Scatter | Table | Tiles | Sentences | Picture
