"""Alarms of the flood page: the live list, what is over, the tasks that they opened; and one alarm with its course."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View, written
from components.words import age, number, text
from data_access.areas import tree
from data_access.flood import alarms as data
from data_access.flood import readings, states, stations, tasks
from data_access.flood.alarms import Alarm
from domain.flood.rules import rules
from domain.periods import Span
from pages.flood.asked import Asked, ask, clock, nothing

HISTORY = timedelta(days=30)
LEAD, LONGEST = timedelta(hours=2), timedelta(hours=24)  # of the replay of one alarm
MOST = 200
COLUMNS = ("alarm", "station", "name", "place", "rule", "level", "highest", "words", "value", "threshold", "limit",
           "raised_at", "minutes", "state", "said", "acknowledged_by", "assigned", "parent", "children")  # fmt: skip
NUMBERS = ("level", "highest", "value", "threshold", "minutes", "children")
TASKS = ("task", "alarm", "station", "name", "unit", "state", "arrives_at", "due_at", "words", "person")


def _links(view: View) -> list[tuple[str, str, str]]:
    return [("state", value, text(f"alarms.tab_{value or 'live'}", view.lang)) for value in ("", "past", "tasks")]


@panel(bodies.flood_alarms, about=("flood.alarms", "flood.false_alarms"), source="flood_river", sets="alarm",
       choices=_links)  # fmt: skip
def alarms(view: View) -> Answer:
    """alarm, station, name, place, rule, level (now; of one that is over: 0), highest, words, value, threshold, limit
    (its name), raised_at, minutes (it lasts or lasted), state, said (the state in words), acknowledged_by, assigned,
    parent (the storm it belongs to), children (open alarms of a storm); worst first. Of tasks: task, alarm, station,
    name, unit, state, arrives_at, due_at, words, person; the soonest due first."""
    asked = ask(view)
    if lacking := nothing(asked.lang):
        return lacking
    if view.state == "tasks":
        return _tasks(asked)
    live = data.alarms(asked.known, asked.area)
    told, silent = [one for one in live if one.rule != "silent"], sum(one.rule == "silent" for one in live)
    new = sum(one.state == "new" for one in told)
    raised, false = data.reviewed(asked.at - HISTORY, asked.at)
    measured = (
        Measured.of("flood.alarms", len(told)),
        Measured.of("flood.false_alarms", false / raised if raised else None, false, raised),
    )
    facts: dict[str, Any] = {"view": view, "tab": view.state, "chosen": view.alarm, "below": ""}
    if view.state == "past":
        told = [one for one in data.alarms(asked.known, asked.area, HISTORY) if not one.open and one.rule != "silent"]
        told = _current(sorted(told, key=lambda one: one.last_at, reverse=True), asked)
        facts["below"] = text("alarms.review", asked.lang, n=raised, false=false)
        note = text("alarms.past_note", asked.lang, n=len(told))
    else:
        parents = {one.alarm for one in told}
        shown = [one for one in told if one.parent not in parents or one.level >= 3]
        hidden = len(told) - len(shown)
        note = text("alarms.note", asked.lang, n=len(told), new=new)
        told = _current(shown, asked)
        said = [text("alarms.grouped", asked.lang, n=hidden)] if hidden else []
        said += [text("alarms.silent", asked.lang, n=silent)] if silent else []
        facts["below"] = " · ".join(said)
    if not told:
        return Answer(tabled([], COLUMNS, NUMBERS), measured, facts, blank="empty", note=note)
    return Answer(tabled([_row(one, asked) for one in told[:MOST]], COLUMNS, NUMBERS), measured, facts, note=note)


def _current(some: Sequence[Alarm], asked: Asked) -> list[Alarm]:
    """Open alarms with what is read now in the place of what was read when they spoke last; those that are over with
    their highest."""
    now = {one.station.code: one.reading for one in states.states(asked.at) if one.element in ("level", "depth")}
    hours = sorted({int(float(one.threshold_name[4:])) for one in some if one.rule == "rain" and one.threshold_name})
    rain = readings.rain_sums(asked.at, hours) if hours else {}
    made = []
    for one in some:
        if not one.open:
            made.append(one._replace(value=one.peak))
            continue
        reading, sums = now.get(one.station), rain.get(one.station)
        if one.rule in ("level", "depth") and reading is not None and reading.moment >= one.raised_at:
            one = one._replace(value=reading.value)  # noqa: PLW2901
        elif one.rule == "rain" and one.threshold_name and sums is not None:
            mm = sums[hours.index(int(float(one.threshold_name[4:])))]
            one = one._replace(value=mm if mm is not None else one.value)  # noqa: PLW2901
        made.append(one)
    return made


def _row(one: Alarm, asked: Asked) -> dict[str, Any]:
    end = asked.at if one.open else one.last_at
    return {
        "alarm": one.alarm,
        "station": one.station,
        "name": name_of(one, asked.lang),
        "place": place(one, asked.lang),
        "rule": text(f"alarm_rule.{one.rule}", asked.lang),
        "level": one.level if one.open else 0,
        "highest": one.highest,
        "words": words(one, asked.lang),
        "value": one.value,
        "threshold": one.threshold,
        "limit": limit(one, asked.lang),
        "raised_at": one.raised_at,
        "minutes": max(int((end - one.raised_at).total_seconds() // 60), 0),
        "state": one.state,
        "said": said_state(one, asked.lang),
        "acknowledged_by": one.acknowledged_by,
        "assigned": one.assigned,
        "parent": one.parent,
        "children": one.children,
    }


# ---- words -----------------------------------------------------------------------------------------------------------
def name_of(one: Alarm, lang: str) -> str:
    """The station; of a storm its catchment."""
    if one.kind == "storm":
        group = one.alarm.partition("|")[0]
        catchment, area = stations.catchments().get(group), tree().get(group)
        return catchment.label(lang) if catchment else area.label(lang) if area else group
    found = stations.station(one.station)
    return found.label(lang) if found else one.station


def place(one: Alarm, lang: str) -> str:
    """The river, or the district."""
    found = stations.station(one.station)
    if found is not None and found.river and one.kind != "rain":
        return found.river
    area = tree().get(one.district_code)
    return area.label(lang) if area else ""


def limit(one: Alarm, lang: str) -> str:
    """The threshold by its name."""
    name = one.threshold_name
    if name.startswith("rain"):
        return text("alarms.hours", lang, n=name.removeprefix("rain"))
    return text(f"threshold.{name}", lang) if name and name not in ("rise", "silent") else ""


def words(one: Alarm, lang: str) -> str:
    """What is wrong: 超警戒 0.88 m; 积水 43 cm; 3 h 雨量 52.5 mm; 涨 0.39 m/h; 预计到保证 21.30 m."""
    value, threshold, name = one.value or 0.0, one.threshold or 0.0, limit(one, lang)
    if one.kind == "storm":
        rule = text(f"alarm_rule.{one.rule.removeprefix('storm-')}", lang)
        return text("alarms.storm", lang, n=one.children or int(value), rule=rule)
    if one.rule in ("level", "flow"):
        unit, key = ("m³/s" if one.rule == "flow" else "m"), ("above" if value >= threshold else "below")
        return text(f"alarms.{key}", lang, name=name, value=f"{abs(value - threshold):.2f} {unit}")
    depth = one.kind == "waterlogging"
    told = {
        "value": {"depth": f"{value:.0f}", "rain": f"{value:.1f}"}.get(
            one.rule, f"{value:.0f} cm/h" if depth else f"{value:.2f} m/h"
        ),
        "hours": one.threshold_name.removeprefix("rain") or "—",
        "target": f"{threshold:.0f} cm" if depth else f"{name} {threshold:.2f} m",
        "n": f"{threshold:.0f}",
    }
    return text(f"alarms.{'silent_for' if one.rule == 'silent' else one.rule}", lang, **told)


def said_state(one: Alarm, lang: str) -> str:
    """The state, and to whom it has gone."""
    if one.state == "new" and one.due:
        return text(f"alarms.due_{one.due}", lang)
    if one.state == "assigned" and one.assigned:
        return text("alarms.assigned_to", lang, name=one.assigned)
    return text(f"alarm_state.{one.state}", lang)


# ---- tasks -----------------------------------------------------------------------------------------------------------
def _tasks(asked: Asked) -> Answer:
    found = tasks.tasks(asked.at, asked.area)
    facts = {"view": asked.view, "tab": "tasks", "chosen": "", "below": text("alarms.tasks_say", asked.lang)}
    note = text("alarms.tasks_note", asked.lang, n=len(found))
    rows = [task_row(one, asked.at, asked.lang) for one in found[:MOST]]
    measured = (Measured.of("flood.alarms", len(data.alarms(asked.known, asked.area))),)
    return Answer(tabled(rows, TASKS), measured, facts, blank="" if rows else "empty", note=note)


def task_row(one: tasks.Task, at: datetime, lang: str) -> dict[str, Any]:
    """A task as a row of TASKS, with the fields that its drawing needs."""
    found = stations.station(one.station)
    return {
        "task": one.task,
        "alarm": one.alarm,
        "station": one.station,
        "name": found.label(lang) if found else one.station,
        "unit": one.unit_en if lang == "en" else one.unit_zh,
        "state": one.state,
        "arrives_at": one.arrives_at,
        "due_at": one.due_at,
        "words": one.text_en if lang == "en" else one.text_zh,
        "person": one.person,
    }


# ---- one alarm -------------------------------------------------------------------------------------------------------
@panel(bodies.flood_alarm, about="flood.alarms", source="flood_river")
def alarm(view: View) -> Answer:
    """moment, event, level, value, threshold, person, text: the course of the alarm that is open, oldest first."""
    asked, columns = ask(view), ("moment", "event", "level", "value", "threshold", "limit", "rules", "person", "text")
    one = data.alarm(view.alarm, asked.known) if view.alarm else None
    if one is None:
        return Answer(tabled([], columns), blank="empty" if not view.alarm else "none")
    (one,) = _current([one], asked)
    lang, found = asked.lang, stations.station(one.station)
    children = data.children(one.alarm, asked.known) if one.kind == "storm" else []
    if children:
        one = one._replace(children=len(children))
    when = asked.at.date()
    facts = {
        "alarm": one,
        "name": name_of(one, lang),
        "words": words(one, lang),
        "place": place(one, lang),
        "said": said_state(one, lang),
        "limit": limit(one, lang),
        "consequence": _consequence(one, lang),
        "lasts": age((asked.at if one.open else one.last_at) - one.raised_at, lang, plain=True),
        "delays": _delays(one, lang),
        "station": found.code if found else "",
        "replay": view.to(
            replay=written(_course(one, asked.at)), at=one.raised_at, alarm="", station=one.station if found else ""
        ).search,
        "parent": one.parent,
        "children": [(child.alarm, child.level, name_of(child, lang), words(child, lang)) for child in children],
        "tasks": [task_row(task, asked.at, lang) for task in tasks.tasks(asked.at) if task.alarm == one.alarm],
        "now": view.at is None and view.mode == "desk",
        "acts": view.mode == "desk",
        "close": view.to(alarm="").search or "?",
        "version": rules(when, one.station).version,
    }
    rows = [
        {
            "moment": event.moment,
            "event": event.event,
            "level": event.level,
            "value": event.value,
            "threshold": event.threshold,
            "limit": event.threshold_name,
            "rules": event.rules,
            "person": event.person,
            "text": event.text,
        }
        for event in one.events
    ]
    note = f"{name_of(one, lang)} · {clock(one.raised_at, asked.at)}"
    return Answer(tabled(rows, columns, ("level", "value", "threshold")), (), facts, note=note)


def _course(one: Alarm, at: datetime) -> Span:
    """What led to an alarm, and the first day of it."""
    end = min(at, (at if one.open else one.last_at) + LEAD, one.raised_at + LONGEST)
    return Span(one.raised_at - LEAD, max(end, one.raised_at + timedelta(minutes=1)))


def _consequence(one: Alarm, lang: str) -> str:
    found = stations.thresholds().get(one.station, ())
    for row in found:
        if row.name == one.threshold_name and row.value == one.threshold:
            return row.consequence_en if lang == "en" else row.consequence_zh
    return ""


def _delays(one: Alarm, lang: str) -> Sequence[str]:
    """The rules that made it, in words."""
    held = rules(one.raised_at.date(), one.station)
    if one.rule == "depth":
        told = (held.depth_on_samples, held.depth_on_min, f"{held.depth_deadband_cm:g} cm", held.depth_off_min)
    elif one.rule in ("level", "flow"):
        told = (held.level_on_samples, held.level_on_min, f"{held.level_deadband_m:g} m", held.level_off_min)
    elif one.rule == "rise":
        return [text("alarm.rise_rule", lang, minutes=f"{held.rise_min:g}", n=held.rise_confirm)]
    elif one.rule == "predicted":
        return [text("alarm.predicted_rule", lang, hours=number(held.lead_guarantee_h, lang))]
    else:
        return []
    samples, minutes, band, off = told
    return [text("alarm.rule", lang, samples=samples, minutes=f"{minutes:g}", band=band, off=f"{off:g}")]
