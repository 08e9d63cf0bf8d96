"""The first answer of the flood page: is there danger, where, what rises and when it reaches what. Sentences are made
by rules from the numbers that stand in them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import age, percent, text
from data_access.flood import readings, responses, stations
from data_access.flood.states import StationState, states
from domain.flood.levels import hours_to
from domain.flood.rain import grade
from pages.flood.asked import CM, WINDOWS, Asked, Rained, ask, clock, current, level_of, nothing, rained
from pages.flood.map import areal_rain

COLUMNS = ("part", "station", "role", "level", "n", "of", "moment", "words")
GROUPS = {"river": ("river", "weir", "tide"), "reservoir": ("reservoir",), "waterlogging": ("waterlogging",)}
STILL = 0.02  # m/h: slower than this is standing water
STEPS = {  # what comes next, by kind
    "river": ("warning", "guarantee", "record"),
    "reservoir": ("limit", "flood_high", "design", "check"),
    "waterlogging": ("yellow", "orange", "red"),
}
FAR = 12.0  # h: later than this no one says when
MOST = 3  # sentences


@panel(bodies.flood_situation, about=("flood.reporting", "flood.over"), source="flood_river", sets="station")
def situation(view: View) -> Answer:
    """part (says | count | reporting | response), station and words (says), role and level (count: how many stations of
    a kind stand at a colour), n, of (reporting: stations that spoke within two intervals, and all), moment (of the
    newest reading; of a response its start)."""
    asked = ask(view)
    if lacking := nothing(asked.lang):
        return lacking
    found = [one for one in current(asked) if one.station.kind != "video"]
    every = states(asked.at, asked.area)
    wet = rained(asked)
    rows = _sentences(found, wet, asked) + _counts(found) + _rain_counts(wet, asked)
    spoke = [
        one for one in every if one.age_minutes is not None and one.age_minutes <= 2 * one.station.interval_minutes
    ]
    newest = max((one.reading.moment for one in every if one.reading is not None), default=None)
    rows.append(_row("reporting", n=len(spoke), of=len(every), moment=newest))
    over = sum((level_of(one) or 0) >= 2 for one in found if one.station.kind != "video")
    if declared := responses.in_force(asked.at):
        words = text(
            "flood_situation.declared",
            asked.lang,
            start=clock(declared.start_at, asked.at),
            by=declared.declared_by,
            order=declared.order_no,
        )
        rows.append(_row("response", level=declared.level, moment=declared.start_at, words=words))
    measured = (
        Measured.of("flood.reporting", len(spoke) / len(every) if every else None, len(spoke), len(every)),
        Measured.of("flood.over", over),
    )
    facts = {
        "age": age(asked.at - newest, asked.lang) if newest else "",
        "share": percent(len(spoke) / len(every), 1) if every else "",
        "newest": clock(newest, asked.at) if newest else "",
    }
    return Answer(tabled(rows, COLUMNS, ("level", "n", "of")), measured, facts)


def _row(part: str, **more: Any) -> dict[str, Any]:
    return {
        "part": part,
        "station": "",
        "role": "",
        "level": None,
        "n": None,
        "of": None,
        "moment": None,
        "words": "",
    } | more


def _counts(found: Sequence[StationState]) -> list[dict[str, Any]]:
    return [
        _row(
            "count",
            role=group,
            level=level,
            n=sum(one.station.kind in kinds and level_of(one) == level for one in found),
        )
        for group, kinds in GROUPS.items()
        for level in (5, 4, 3, 2, 1, 0)
    ]


def _rain_counts(wet: Sequence[Rained], asked: Asked) -> list[dict[str, Any]]:
    """Gauges that reported in the last day, by what is said of their rain."""
    sums = readings.rain_sums(asked.at, WINDOWS)
    whole = sum(one.code in sums for one in stations.stations_in(asked.area, ("rain",)))
    by = {level: sum(one.level == level for one in wet) for level in (5, 4, 3, 2, 1)} | {0: whole - len(wet)}
    return [_row("count", role="rain", level=level, n=n) for level, n in by.items()]


# ---- sentences -----------------------------------------------------------------------------------------------------


def _sentences(found: Sequence[StationState], wet: Sequence[Rained], asked: Asked) -> list[dict[str, Any]]:
    """The worst first; then what else is to be known."""
    lang = asked.lang
    some = [one for one in found if (level_of(one) or 0) >= 2] or [one for one in found if level_of(one) == 1]
    rows = [
        _row("says", station=one.station.code, role=one.station.kind, level=level_of(one), words=told(one, asked))
        for one in _of_each_kind(some)
    ]
    if wet and wet[0].level >= 2:  # after the worst of each kind of water
        much, words = wet[0], text("flood_map.much", lang, hours=wet[0].hours, value=f"{wet[0].mm:.1f}")
        kinds = len({row["role"] for row in rows})
        said = _row(
            "says",
            station=much.station.code,
            role="rain",
            level=much.level,
            words=f"{much.station.label(lang)} {words}",
        )
        rows = [*rows[:kinds], said, *rows[kinds:]][:MOST]
    if not some and not wet:
        rows.append(_row("says", level=0, words=text("flood_situation.calm", lang)))
    others = [one for one in found if one.station.kind == "reservoir" and not (level_of(one) or 0) >= 2]
    soon = [(hours, one) for one in others if (hours := _hours_to_next(one)[1]) is not None and hours > 0]
    for hours, one in sorted(soon, key=lambda pair: pair[0])[:1]:
        rows.append(_row("says", station=one.station.code, role="reservoir", words=_will(one, hours, asked)))
    if said := _rain(asked):
        rows.append(_row("says", words=said))
    return rows


def _of_each_kind(told: Sequence[StationState]) -> list[StationState]:
    """The worst of each kind, so that a flooded road does not hide a river; then the next worst."""
    first: dict[str, StationState] = {}
    for one in told:
        first.setdefault(one.station.kind, one)
    chosen = list(first.values())
    return [*chosen, *(one for one in told if one not in chosen)][:MOST]


def told(one: StationState, asked: Asked) -> str:
    """青溪桥超警戒 0.88 m,在涨 0.39 m/h;照此 15:34 到保证."""
    lang, name = asked.lang, one.station.label(asked.lang)
    if one.reading is None:
        return name
    if one.station.kind == CM:
        threshold = next(
            (t for t in stations.limits(one.station.code, asked.at.date()).of("depth") if t.name == one.state.name),
            None,
        )
        means = (threshold.consequence_zh if lang == "zh" else threshold.consequence_en) if threshold else ""
        words = text("flood_situation.ponding", lang, name=name, cm=f"{one.reading.value:.0f}")
        means = means or text(f"flood_situation.road_{one.state.level}", lang)
        return words + text("flood_situation.and", lang) + means[:1].lower() + means[1:]
    margin = one.state.margin or 0.0
    key = "above" if margin >= 0 else "below"
    value, threshold_name = f"{abs(margin):.2f}", text(f"threshold.{one.state.name}", lang)
    words = text(f"flood_situation.{key}", lang, name=name, threshold=threshold_name, value=value)
    return words + _motion(one, asked)


def _motion(one: StationState, asked: Asked) -> str:
    lang, rate = asked.lang, one.trend
    if rate is None:
        return ""
    if rate > STILL:
        words = text("flood_situation.rising", lang, rate=f"{rate:.2f}")
        name, hours = _hours_to_next(one)
        if hours is not None and 0 < hours <= FAR:
            when = clock(asked.at + timedelta(hours=hours), asked.at)
            words += text("flood_situation.reaches", lang, time=when, threshold=text(f"threshold.{name}", lang))
        return words
    return text("flood_situation.falling" if rate < -STILL else "flood_situation.still", lang, rate=f"{abs(rate):.2f}")


def _hours_to_next(one: StationState) -> tuple[str, float | None]:
    """The next threshold above the water, and in how many hours it is reached if it goes on as in the last hour."""
    if one.reading is None or one.trend is None:
        return "", None
    kind = one.station.kind if one.station.kind in STEPS else "river"
    limits = stations.limits(one.station.code, one.reading.moment.date())
    for name in STEPS[kind]:
        value = limits.get(name, "depth" if kind == CM else "level")
        if value is not None and value > one.reading.value:
            return name, hours_to(one.reading.value, value, one.trend)
    return "", None


def _will(one: StationState, hours: float, asked: Asked) -> str:
    """云湖水库距汛限 0.42 m,照此 18:15 到汛限."""
    lang = asked.lang
    name, margin = _hours_to_next(one)[0], abs(one.state.margin or 0.0)
    threshold = text(f"threshold.{name}", lang)
    words = text(
        "flood_situation.below", lang, name=one.station.label(lang), threshold=threshold, value=f"{margin:.2f}"
    )
    if hours > 3 * FAR:
        return words
    when = clock(asked.at + timedelta(hours=hours), asked.at)
    return words + text("flood_situation.reaches", lang, time=when, threshold=threshold)


def _rain(asked: Asked) -> str:
    """The place's rain of 24 hours, and where most fell."""
    lang, sums = asked.lang, {code: one[-1] for code, one in readings.rain_sums(asked.at, WINDOWS).items()}
    mm = areal_rain(asked.area, sums)
    if mm is None:
        return ""
    words = text("flood_situation.rain", lang, value=f"{mm:.1f}", grade=text(f"rain_grade.{grade(mm)}", lang))
    inside = [(sums[one.code] or 0.0, one) for one in stations.stations_in(asked.area, ("rain",)) if one.code in sums]
    if inside:
        most, where = max(inside, key=lambda pair: pair[0])
        if most >= 10:
            words += text("flood_situation.most", lang, name=where.label(lang), value=f"{most:.1f}")
    return words
