"""Forms of what several pages share: rankings, curves, maps, tiles, sentences, lists."""

from datetime import timedelta
from typing import Any

import pandas as pd

from briefing.natives.blocks import (
    Bars,
    Block,
    Column,
    Limit,
    Lines,
    Picture,
    Role,
    Sentences,
    Series,
    Table,
    Tile,
    Tiles,
    Tone,
)
from briefing.natives.cells import column, heading, listed, numbers
from briefing.saying import sentences
from briefing.standing import Stand, outstanding
from components.bodies.lists import rank_moved
from components.judging import misses, tone
from components.panel import Answer
from components.rows import amount, given, rows
from components.words import DASH, age, cadence_words, exact, number, percent, signed, text
from data_access.indicators import Indicator, indicators
from domain.change import change
from domain.rounding import half_up

MOST = 16  # bars on a slide
LEVEL: Tone = "level"


def counting(values: list[float | None], lang: str) -> str:
    """How counts are written on bars: 万 and 亿, K and M where they are large."""
    most = max((abs(v) for v in values if v is not None), default=0.0)
    if most < 100_000:
        return "#,##0" if all(v is None or float(v).is_integer() for v in values) else "#,##0.00"
    if lang == "zh":
        return '[>=100000000]0\\.00,,"亿";[>=10000]0\\.0,"万";#,##0' if most < 1e10 else '#,##0,,"百万"'
    return '[>=1000000]0.00,,"M";[>=1000]0.0,"K";#,##0'


PERCENT = "0.00%"


def kept(frame: pd.DataFrame, focus: tuple[int, ...] = (), most: int = MOST) -> list[int]:
    """The rows that are drawn of many: from the top, and the one that stands out."""
    some = list(range(min(len(frame), most)))
    if focus and focus[0] not in some:
        some[-1] = focus[0]
    return some


def ranked_bars(
    answer: Answer, lang: str, stand: Stand, *, title: str = "", number_format: str = "", 
    beside: tuple[Column, ...] = (), limits: tuple[Limit, ...] = (), frame: pd.DataFrame | None = None, name: str = "",
) -> Bars:  # fmt: skip
    """Bars of a column in the frame's order, the one that stands out in its own colour, small samples grey."""
    whole = answer.frame if frame is None else frame
    told = Answer(whole, facts=answer.facts)
    found = outstanding(told, stand)
    focus = found.rows if found else ()
    some = kept(whole, focus)
    part = whole.iloc[some]
    judged = (stand.better or answer.facts.get("better", "neutral")) != "neutral"
    roles: dict[int, Role] = {some.index(n): "worse" if judged else "deep" for n in focus if n in some}
    here = answer.facts.get("here")
    for at, row in enumerate(rows(part)):
        if getattr(row, "few", False):
            roles[at] = "pale"
        elif here and getattr(row, "code", None) == here:
            roles[at] = "line"
    values = numbers(part, stand.value)
    is_percent = answer.facts.get("ratio", False) if stand.percent is None else stand.percent
    form = number_format or (PERCENT if is_percent else counting(values, lang))
    series = Series(stand.value, name or heading(stand.value, lang), values, "bar", points=roles)
    asides = tuple(Column(c.name, c.heading, [c.cells[n] for n in some], c.right) for c in beside)
    return Bars(title, [str(v) for v in part[stand.name]], (series,), form, limits=limits, beside=asides,
                more=len(whole) - len(some), most=1.0 if is_percent and _near_one(values) else None)  # fmt: skip


def _near_one(values: list[float | None]) -> bool:
    known = [v for v in values if v is not None]
    return bool(known) and max(known) <= 1.0 and max(known) > 0.6


def parts_column(frame: pd.DataFrame, above: str, below: str, title: str) -> Column:
    """442 / 451 of each row."""
    pairs = zip(numbers(frame, above), numbers(frame, below), strict=True)
    return Column(
        f"{above}/{below}", title, [f"{exact(a)} / {exact(b)}" if given(b) else DASH for a, b in pairs], right=True
    )


def ranking(answer: Answer, lang: str) -> list[Block]:
    """code, name, value, numerator, denominator, rank, few. facts: ratio, target, better, here."""
    frame, facts = answer.frame, answer.facts
    known = indicators().get(answer.measured[0].key) if answer.measured else None
    beside = [column(frame, "rank", lang)]
    if facts.get("ratio"):
        beside.append(parts_column(frame, "numerator", "denominator", heading("parts", lang)))
    limits = []
    if facts.get("target") is not None:
        limits.append(
            Limit(facts["target"], text("ranking.target", lang, value=target_words(known, facts["target"], lang)))
        )
    if answer.measured and (whole := answer.measured[0].value) is not None:
        limits.append(Limit(whole, text("ranking.whole", lang, value=value_words(known, whole, lang)), "grey"))
    form = "" if facts.get("ratio") or not known else decimals(numbers(frame, "value"), known, lang)
    name = known.said("name", lang) if known else ""
    return [ranked_bars(answer, lang, RANKED, title=named(known, lang), number_format=form, beside=tuple(beside),
                        limits=tuple(limits), name=name)]  # fmt: skip


def target_words(known: Indicator | None, value: float, lang: str) -> str:
    """A target with no more decimals than it has: 97%."""
    if known is None or not known.is_percent:
        return value_words(known, value, lang)
    return f"{percent(value, 0 if half_up(value * 100, 6).is_integer() else 2)}%"


RANKED = Stand(parts=("numerator", "denominator"))
PLACES = Stand(parts=("numerator", "denominator"), kind="place")


def decimals(values: list[float | None], known: Indicator, lang: str) -> str:
    return counting(values, lang) if known.kind in ("flow", "stock", "counter") else "#,##0.00"


def named(known: Indicator | None, lang: str) -> str:
    """Name of an indicator with its unit."""
    if known is None:
        return ""
    unit = "%" if known.is_percent else known.said("unit", lang)
    return f"{known.said('name', lang)} ({unit})" if unit else known.said("name", lang)


def parts_words(known: Indicator | None, lang: str) -> str:
    """What a rate is made of, as a heading."""
    if known is None or not known.said("numerator", lang):
        return heading("parts", lang)
    return f"{known.said('numerator', lang)} / {known.said('denominator', lang)}"


def value_words(known: Indicator | None, value: float | None, lang: str) -> str:
    """A value of an indicator with its unit: 97.87%, 865 件."""
    if value is None:
        return DASH
    if known is not None and known.is_percent:
        return f"{percent(value)}%"
    unit = known.said("unit", lang) if known else ""
    return f"{number(value, lang)} {unit}".rstrip()


def trend(answer: Answer, lang: str) -> list[Block]:
    """day, value, base, and where expectations are told low, middle, high."""
    frame, facts = answer.frame, answer.facts
    days = [v.to_pydatetime() for v in frame["day"]]
    series = [Series("value", text("trend.this_period", lang), numbers(frame, "value"), "line")]
    base = numbers(frame, "base")
    if any(v is not None for v in base):
        series.append(Series("base", facts.get("base_name") or heading("base", lang), base, "grey", dashed=True))
    if "low" in frame and any(v is not None for v in numbers(frame, "low")):
        series += [Series(name, heading(name, lang), numbers(frame, name), "pale") for name in ("low", "high")]
    values = [v for one in series for v in one.amounts]
    area = len(series) == 1 and None not in series[0].amounts
    return [Lines(f"{facts.get('unit', '')}", days, series, counting(values, lang).replace(".00", ""), area=area)]


def region_map(answer: Answer, lang: str) -> list[Block]:
    """code, name, value, numerator, denominator: a picture, and the places as bars."""
    frame, facts = answer.frame, answer.facts
    places = frame.loc[frame["kind"] == "place"] if "kind" in frame else frame
    better = facts.get("better", "neutral")
    places = places.sort_values("value", ascending=better == "lower", na_position="last", kind="stable")
    known = indicators().get(answer.measured[0].key) if answer.measured else None
    beside = (parts_column(places, "numerator", "denominator", heading("parts", lang)),) if facts.get("ratio") else ()
    form = "" if facts.get("ratio") or not known else decimals(numbers(places, "value"), known, lang)
    bars = ranked_bars(answer, lang, RANKED, title=named(known, lang), number_format=form, beside=beside, frame=places,
                       name=known.said("name", lang) if known else "")  # fmt: skip
    columns = ["name", "value:%" if facts.get("ratio") else "value:2", "numerator", "denominator"]
    return [Picture(listed(places, columns, lang)), bars]


def tiles(answer: Answer, lang: str) -> list[Block]:
    """key, value, base, numerator, denominator, note, warn; and those of bodies.tiles."""
    return [Tiles([made for row in rows(answer.frame) if (made := tile(row, answer, lang)) is not None])]


def tile(row: Any, answer: Answer, lang: str) -> Tile | None:
    """A row as a figure; None where no source tells it."""
    facts = answer.facts
    if row.key in facts.get("left_out", ()):
        return None
    known = indicators().get(row.key)
    name = known.said("name", lang) if known else facts["names"][row.key]
    unit = ("%" if known.is_percent else known.said("unit", lang)) if known else facts["units"][row.key]
    value, few = amount(row.value), bool(getattr(row, "few", False))
    figure = percent(value) if known and known.is_percent else number(value, lang)
    words, how = ("", LEVEL) if few else moved(known, value, amount(row.base), facts.get("against", ""), lang)
    if row.key in facts.get("uncompared", ()):
        words = ""
    parts = f"{exact(row.numerator)} / {exact(row.denominator)}" if given(row.denominator) else ""
    note = text("ranking.few", lang) if few else row.note
    off = known is not None and not few and misses(value, known.target, known.better)
    return Tile(name, figure, unit if value is not None else "", words, how, parts, note, off)


def measured_tiles(answer: Answer, lang: str) -> list[Tile]:
    """What an answer measures, as figures, where its frame has none."""
    known, made = indicators(), []
    for one in answer.measured:
        named_as = known.get(one.key)
        if named_as is None:
            continue
        figure = percent(one.value) if named_as.is_percent else number(one.value, lang)
        unit = "%" if named_as.is_percent else named_as.said("unit", lang)
        parts = f"{exact(one.numerator)} / {exact(one.denominator)}" if given(one.denominator) else ""
        against = text("slide.against", lang) if given(one.base) else ""
        words, how = moved(named_as, one.value, one.base, against, lang)
        off = misses(one.value, named_as.target, named_as.better)
        unit = unit if given(one.value) else ""
        made.append(Tile(named_as.said("name", lang), figure, unit, words, how, parts, "", off))
    return made


def moved(
    known: Indicator | None, value: float | None, base: float | None, against: str, lang: str
) -> tuple[str, Tone]:
    """How a value changed, in words, and whether that is better or worse; '' where nothing is compared."""
    if known is None or value is None or not against:
        return "", "level"
    told = change(value, base, ratio=known.is_percent, minimum_base=30 if known.kind == "flow" else 0)
    if told.amount is None:
        return (text(f"change.{told.reason}", lang) if told.reason else ""), "level"
    match told.kind:
        case "percent":
            words = f"{signed(told.amount * 100, 1)}%"
        case "points":
            words = text("change.points", lang, value=signed(told.amount, 2))
        case _:
            words = signed(told.amount, 0 if float(told.amount).is_integer() else 1)
    seen = told.amount if any(digit in words for digit in "123456789") else 0.0
    arrow = "▲" if seen > 0 else "▼" if seen < 0 else "="
    return f"{arrow} {words} {against}", tone(known, seen)


def situation(answer: Answer, lang: str) -> list[Block]:
    """kind, before, code, name, after, joined: sentences."""
    return [Sentences(sentences(answer))]


def problems(answer: Answer, lang: str) -> list[Block]:
    """topic, name, received, share, rank, rank_before, base_received, largest first."""
    frame = answer.frame
    beside = [column(frame, "share:%", lang)]
    if answer.facts.get("against"):
        beside.append(column(frame, "base_received", lang))
        steps = [rank_moved(row.rank, row.rank_before, lang)[0] for row in rows(frame)]
        beside.append(Column("rank_moved", text("problems.rank_change", lang), steps, right=True))
    return [ranked_bars(answer, lang, RECEIVED, title=heading("received", lang), beside=tuple(beside))]


RECEIVED = Stand(value="received", better="neutral")


def changes(answer: Answer, lang: str) -> list[Block]:
    """kind (place | topic), code, name, delta, share, value, base: two charts beside each other."""
    known = indicators().get("hotline.received")
    made: list[Block] = []
    for kind in ("place", "topic"):
        part = answer.frame.loc[answer.frame["kind"] == kind].iloc[:8]
        if not len(part):
            continue
        values = numbers(part, "delta")
        roles: dict[int, Role] = {}
        for n, v in enumerate(values):
            if v and (judged := tone(known, v)) != "level":
                roles[n] = judged
        pairs = zip(numbers(part, "base"), numbers(part, "value"), strict=True)
        beside = Column(
            "base/value", heading("from_to", lang), [f"{exact(a)} → {exact(b)}" for a, b in pairs], right=True
        )
        more = answer.frame["kind"].tolist().count(kind) - len(part)
        series = Series("delta", heading("delta", lang), values, "bar", points=roles)
        made.append(Bars(text(f"changed.{kind}s", lang), part["name"].tolist(), (series,), "+#,##0;−#,##0;0",
                         beside=(beside,), more=more))  # fmt: skip
    return made


def sources(answer: Answer, lang: str) -> list[Block]:
    """Sources, worst first, each with its age and its state in words."""
    told = list(rows(answer.frame))
    ages = [age(timedelta(minutes=int(row.age_minutes)), lang) if given(row.age_minutes) else DASH for row in told]
    cadences = [cadence_words(int(row.cadence_minutes), lang) for row in told]
    bad: dict[int, Any] = {n: "worse" for n, row in enumerate(told) if row.state in ("late", "stale")}
    return [Table("", [
        column(answer.frame, "name", lang),
        Column("state", heading("state", lang), [text(f"source_state.{row.state}", lang) for row in told], roles=bad),
        column(answer.frame, "last_data_at", lang),
        Column("age_minutes", heading("age", lang), ages),
        Column("cadence_minutes", heading("cadence", lang), cadences),
    ])]  # fmt: skip


def table_of(*columns: str) -> Any:
    """A form: these columns of the frame as a table."""

    def make(answer: Answer, lang: str) -> list[Block]:
        there = [told for told in columns if told.partition(":")[0] in answer.frame.columns]
        total = int(answer.facts.get("total") or 0)
        return [listed(answer.frame, there, lang, more=max(total - len(answer.frame), 0))]

    return make
