"""Forms of the flood page's drawings."""

from typing import Any

import pandas as pd

from briefing.natives.blocks import Bars, Block, Column, Curve, Limit, Picture, Role, Scatter, Sentences, Series, Table
from briefing.natives.cells import column, heading, listed, numbers
from briefing.natives.shared import MOST
from briefing.standing import Stand
from components.panel import Answer
from components.rows import amount, count, given, rows
from components.words import DASH, exact, number, percent, text

LEVELS: tuple[Role, ...] = ("bar", "blue", "yellow", "orange", "red", "red")  # by the level of a state
NAMES = ("normal", "blue", "yellow", "orange", "red", "beyond")
DEEPEST = Stand(value="depth", better="neutral", percent=False, unit=" cm", of="depth_of", digits=0)
WETTEST = Stand(kind="area", better="neutral", percent=False, unit=" mm", digits=1)
WET_24 = Stand(kind="area", value="h24", better="neutral", percent=False, unit=" mm", digits=1)
HIGHEST = Stand(value="margin", better="neutral", percent=False, unit=" m", digits=2)


def _levels(part: pd.DataFrame, name: str = "state") -> dict[int, Role]:
    """The colour of each row's state."""
    told = numbers(part, name)
    return {n: "pale" if level is None else LEVELS[int(level)] for n, level in enumerate(told) if level != 0}


def level_words(level: Any, lang: str) -> str:
    return text(f"flag.{NAMES[int(level)]}", lang) if given(level) else text("flag.none", lang)


def situation(answer: Answer, lang: str) -> list[Block]:
    """The sentences, and how many stations of each kind stand at which colour."""
    frame = answer.frame
    says = frame.loc[frame["part"] == "says"]
    counts = frame.loc[frame["part"] == "count"]
    said = [("bad" if count(row.level) >= 3 else "note", row.words) for row in rows(says)]
    said += [("note", row.words) for row in rows(frame.loc[frame["part"] == "response"]) if row.words]
    blocks: list[Block] = [Sentences(said)]
    if len(counts):
        roles = list(dict.fromkeys(counts["role"]))
        cells = {(row.role, count(row.level)): count(row.n) for row in rows(counts)}
        columns = [Column("role", heading("role", lang), [text(f"station_kind.{role}", lang) for role in roles])]
        for level in reversed(range(len(NAMES))):
            told = [exact(cells[(role, level)]) if (role, level) in cells else DASH for role in roles]
            marked: dict[int, Any] = {
                n: LEVELS[level] for n, one in enumerate(told) if level and one not in ("0", DASH)
            }
            columns.append(Column("n", text(f"flag.{NAMES[level]}", lang), told, True, marked))
        blocks.append(Table("", columns))
    return blocks


def alarms(answer: Answer, lang: str) -> list[Block]:
    """Alarms, worst first; of tasks the soonest due first."""
    frame = answer.frame
    if "alarm" in frame and "raised_at" not in frame:
        columns = [c for c in ("due_at", "unit", "name", "words", "person", "state") if c in frame]
        return [listed(frame, columns, lang)]
    told = list(rows(frame))
    level = [count(row.level) or count(row.highest) for row in told]
    roles: dict[int, Any] = dict(enumerate(LEVELS[n] for n in level))
    table = listed(frame, ("name", "words", "place", "rule", "limit", "raised_at", "minutes:0", "said"), lang)
    first = Column("level", heading("level", lang), [level_words(n, lang) for n in level], roles=roles)
    return [Table("", [first, *table.columns])]


def alarm(answer: Answer, lang: str) -> list[Block]:
    """The course of one alarm."""
    frame, facts = answer.frame, answer.facts
    events = Column("event", heading("event", lang), [text(f"alarm_event.{event}", lang) for event in frame["event"]])
    levels = numbers(frame, "level")
    roles: dict[int, Any] = {n: LEVELS[int(v)] for n, v in enumerate(levels) if v}
    level = Column("level", heading("level", lang), [level_words(v, lang) for v in levels], roles=roles)
    table = listed(frame, ("moment", "value:2", "threshold:2", "person", "text"), lang)
    title = " · ".join(str(facts[key]) for key in ("name", "words", "place", "said", "consequence") if facts.get(key))
    return [Table(title, [table.columns[0], events, level, *table.columns[1:]])]


def line(answer: Answer, lang: str) -> list[Block]:
    """Stations from the head of the river to the sea, each against its own warning level."""
    part = answer.frame.iloc[:MOST]
    beside = tuple(
        column(part, told, lang, heading("level_m", lang) if told == "level:2" else "")
        for told in ("level:2", "flow:0", "trend:2", "km:1")
    )
    series = Series("margin", heading("margin", lang), numbers(part, "margin"), points=_levels(part))
    return [Bars(heading("margin_note", lang), part["name"].tolist(), (series,), "+0.00;−0.00;0.00", beside=beside,
                 more=len(answer.frame) - len(part))]  # fmt: skip


def rain(answer: Answer, lang: str) -> list[Block]:
    """24 hours of rain: places, and the catchments."""
    frame, blocks = answer.frame, []
    for kinds, name in ((("whole", "area"), "places"), (("catchment",), "catchments")):
        every = frame.loc[frame["kind"].isin(kinds)]
        part = every.iloc[:12]
        if not len(part):
            continue
        beside = tuple(column(part, told, lang, text(f"rain.{told[:-2]}", lang)) for told in ("h1:1", "h3:1", "h6:1"))
        series = Series("h24", heading("h24", lang), numbers(part, "h24"), points=_levels(part, "level"))
        title = f"{text(f'rain.{name}', lang)} · {heading('h24', lang)}"
        blocks.append(Bars(title, part["name"].tolist(), (series,), "0.0",
                           beside=beside, more=len(every) - len(part)))  # fmt: skip
    return blocks


def hour_names(moments: Any) -> list[str]:
    """Short names of hours under columns: the hour, at midnight the day."""
    return [m.strftime("%m-%d") if m.hour == 0 else str(m.hour) for m in moments]


def reach(moments: Any) -> str:
    """From the first moment to the last."""
    told = list(moments)
    return f"{told[0]:%m-%d %H:%M}—{told[-1]:%m-%d %H:%M}"


def replay(answer: Answer, lang: str) -> list[Block]:
    """A column an hour, what is forecast grey."""
    frame = answer.frame
    grey: dict[int, Role] = {n: "pale" for n, part in enumerate(frame["part"]) if part == "forecast"}
    series = Series("mm", heading("mm", lang), numbers(frame, "mm"), "deep", points=grey)
    return [
        Bars(
            heading("mm_note", lang),
            hour_names(frame["moment"]),
            (series,),
            "0.0",
            upright=True,
        )
    ]


def reservoirs(answer: Answer, lang: str) -> list[Block]:
    """Levels against limits as a table, what comes in and goes out as bars."""
    frame = answer.frame
    told = ("name", "level:2", "limit:2", "margin:2", "storage:1", "room:2", "rain_capacity:0")
    own = {"level:2": "level_m", "limit:2": "limit_m", "margin:2": "margin_m"}
    table = Table("", [column(frame, one, lang, heading(own[one], lang) if one in own else "") for one in told])
    pairs: tuple[tuple[str, Role], ...] = (("inflow", "deep"), ("outflow", "pale"))
    series = [Series(name, heading(name, lang), numbers(frame, name), role) for name, role in pairs]
    return [table, Bars(heading("flow_note", lang), frame["name"].tolist(), series, "#,##0")]


def waterlogging(answer: Answer, lang: str) -> list[Block]:
    """The deepest points against the steps of the alarm."""
    frame = answer.frame
    part = frame.iloc[:MOST]
    beside = tuple(column(part, told, lang) for told in ("rise:0", "calls:0"))
    steps = answer.facts.get("steps", ())
    limits = tuple(
        Limit(float(step), f"{step:g}", role) for step, role in zip(steps, ("yellow", "orange", "red"), strict=False)
    )
    series = Series("depth", heading("depth", lang), numbers(part, "depth"), points=_levels(part))
    return [Bars(heading("depth", lang), part["name"].tolist(), (series,), "0", beside=beside, limits=limits,
                 more=len(frame) - len(part))]  # fmt: skip


def health(answer: Answer, lang: str) -> list[Block]:
    """Kinds of stations and what they reported; what is wrong with single ones."""
    frame = answer.frame
    kinds, faults = (frame.loc[frame["part"] == part] for part in ("kind", "fault"))
    table = listed(kinds, ("name", "stations:0", "online:0", "expected:0", "received:0", "timely:0"), lang)
    shares = [
        DASH if not row.expected else f"{percent(min(row.received / row.expected, 1.0), 1)}%" for row in rows(kinds)
    ]
    blocks: list[Block] = [
        Table("", [*table.columns, Column("received_share", text("health.received", lang), shares, True)])
    ]
    if len(faults):
        words = Column("fault", heading("fault", lang), [text(f"health.{fault}", lang) for fault in faults["fault"]])
        more = listed(faults, ("name", "since", "words"), lang)
        blocks.append(Table("", [words, *more.columns]))
    return blocks


def release(answer: Answer, lang: str) -> list[Block]:
    """A row a place, a column a candidate: what it comes to, and over the limit in colour; then constant releases."""
    frame = answer.frame.loc[answer.frame["part"] == "candidate"]
    candidates = frame[["candidate", "name"]].drop_duplicates()
    first = frame.loc[frame["candidate"] == frame["candidate"].iloc[0]]
    columns = [column(first, "place_name", lang), column(first, "unit", lang), column(first, "limit:2", lang)]
    for n, name in zip(candidates["candidate"], candidates["name"], strict=True):
        part = frame.loc[frame["candidate"] == n]
        told = list(rows(part))
        words = [_reach(row, lang) for row in told]
        over: dict[int, Any] = {at: "worse" for at, row in enumerate(told) if given(row.left) and row.left < 0}
        columns.append(Column("expected (low—high)", str(name), words, True, over))
    blocks: list[Block] = [Table(answer.facts.get("headline", "") or heading("release_note", lang), columns)]
    constants = answer.frame.loc[(answer.frame["part"] == "constant") & (answer.frame["place"] == "")]
    if len(constants):
        shown = {
            "name": "name", "flow:1": "flow", "expected:2": "peak", "peak_at": "when",
            "hours_over_limit:1": "over_limit", "hours_over:1": "over_target", "final:2": "final", "most:1": "most",
        }  # fmt: skip
        said = [column(constants, one, lang, text(f"constants.c_{name}", lang)) for one, name in shown.items()]
        blocks.append(Table(text("constants.title", lang), said))
    return blocks


def _reach(row: Any, lang: str) -> str:
    """120.73 (119.88—121.55)."""
    expected, low, high = (_said(v, row.unit, lang) for v in (row.expected, row.low, row.high))
    return f"{expected} ({low}—{high})"


def _said(value: Any, unit: str, lang: str) -> str:
    return number(amount(value), lang, 2 if unit == "m" else 0)


def flood_map(answer: Answer, lang: str) -> list[Block]:
    """A picture, and the rain of the places as bars."""
    frame = answer.frame
    areas = frame.loc[frame["kind"] == "area"].sort_values("value", ascending=False, na_position="last", kind="stable")
    part = areas.iloc[:MOST]
    series = Series("value", str(answer.facts.get("legend") or heading("mm", lang)), numbers(part, "value"))
    bars = Bars(series.name, part["name"].tolist(), (series,), "0.0", more=len(areas) - len(part))
    stations = frame.loc[frame["kind"] == "station"]
    table = listed(stations, ("name", "value:2"), lang)
    levels = numbers(stations, "state")
    roles: dict[int, Any] = {n: LEVELS[int(v)] for n, v in enumerate(levels) if v}
    state = Column("state", heading("state", lang), [level_words(v, lang) for v in levels], roles=roles)
    return [Picture(Table("", [*table.columns, state])), bars]


CURVES: tuple[tuple[str, Role, bool], ...] = (
    ("water", "line", False),
    ("other", "grey", True),
    ("forecast", "deep", True),
)


def hydrograph(answer: Answer, lang: str) -> list[Block]:
    """Water over time with its thresholds, rain beside, and what reservoirs above let out."""
    frame, facts = answer.frame, answer.facts
    form = "0" if int(facts.get("digits", 2)) == 0 else "0.00"
    blocks: list[Block] = []
    drawn = [
        curve for name, role, dashed in CURVES if (curve := _curve(frame, name, "value", role, lang, dashed=dashed))
    ]
    if drawn:
        drawn += [c for edge in ("low", "high") if (c := _curve(frame, "forecast", edge, "bar", lang, dashed=True))]
        limits = [Limit(float(one["value"]), f"{one['name']} {one['value']:g}", LEVELS[min(int(one["level"]), 5)])
                  for one in facts.get("ladder", [])]  # fmt: skip
        blocks.append(Scatter(f"{facts.get('title', '')} ({facts.get('unit', '')})", drawn, form, limits))
    flows = [
        c
        for name in ("inflow", "release")
        if (c := _curve(frame, name, "value", "line" if name == "inflow" else "grey", lang))
    ]
    wet = frame.loc[frame["part"].isin(("rain", "rain_forecast"))]
    if len(wet):
        grey: dict[int, Role] = {n: "pale" for n, part in enumerate(wet["part"]) if part == "rain_forecast"}
        series = Series("value", heading("mm", lang), numbers(wet, "value"), "deep", points=grey)
        names = hour_names(wet["moment"])
        blocks.append(
            Bars(f"{facts.get('rain_unit', '')} · {reach(wet['moment'])}", names, (series,), "0.0", upright=True)
        )
    elif flows:
        blocks.append(Scatter(str(facts.get("flow_unit", "")), flows, "#,##0"))
    return blocks


def _curve(frame: pd.DataFrame, part: str, name: str, role: Role, lang: str, *, dashed: bool = False) -> Curve | None:
    some = frame.loc[frame["part"] == part]
    if not len(some) or all(v is None for v in numbers(some, name)):
        return None
    points = list(zip([m.to_pydatetime() for m in some["moment"]], numbers(some, name), strict=True))
    said = heading(f"{part}_{name}" if name != "value" else part, lang)
    return Curve(name, said, points, role, dashed)
