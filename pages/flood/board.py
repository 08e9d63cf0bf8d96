"""The release board: three releases side by side on the same axes, the way of the water, reasons, and the advice sheet
with its course. It advises people and operates nothing."""

import math
from datetime import timedelta
from typing import Any

import pandas as pd

from components import bodies
from components.panel import Answer, panel
from components.rows import tabled
from components.view import View
from components.words import DASH, signed, text
from data_access import clock as now_clock
from data_access.flood import release as data
from data_access.flood import stations
from data_access.flood.release import STEPS, Board, Candidate
from domain.flood.plan import plan_text
from pages.flood import constants
from pages.flood import release_words as words
from pages.flood.asked import Asked, arrow, ask, clock, length
from pages.flood.release import COLUMNS, NUMBERS, chosen, critical, latest_words, measured, passage, rows, told

MARKS = ("crest", "check", "design", "flood_high", "limit", "dead")
REPLAY = timedelta(minutes=30)  # a moment that lies further back is history


@panel(bodies.flood_board, about="flood.release_peak", source="flood_reservoir")
def board(view: View) -> Answer:
    """The same rows as flood.release, one a candidate and place; then the same of constant releases, min(flow, what the
    gates can let out at that level) from now on without notice and ramp: part (candidate | constant), candidate
    (numbered on), key (zero | current | ecological | half_safe | safe | capacity), plan (the same as a plan of one's
    own), flow (m³/s; of the capacity that at this level; empty where it is not known), feasible (as of candidates),
    latest empty, advised false. Where a flow is not known, or the water leaves the storage curve, the numbers are
    empty. Opens where the view names a reservoir."""
    if not view.reservoir:
        return Answer(pd.DataFrame(), blank="none")
    asked = ask(view)
    found = told(asked) if chosen(asked) == view.reservoir else None
    if found is None:
        one = stations.station(view.reservoir)
        name = one.label(asked.lang) if one else view.reservoir
        facts = {"lacking": text("board.no_data", asked.lang), "name": name}
        return Answer(tabled([], COLUMNS), facts=facts)
    compared = data.compared(found)
    every = [*rows(found, asked), *constants.rows(found, compared, asked)]
    facts = _facts(found, asked) | {"constants": constants.facts(found, compared, asked)}
    return Answer(tabled(every, COLUMNS, NUMBERS), measured(found), facts)


def _facts(found: Board, asked: Asked) -> dict[str, Any]:
    lang, setting = asked.lang, found.setting
    codes = critical(found)
    advised = found.candidates[found.advised]
    moved = advised if advised.plan else found.candidates[1] if found.candidates[1].plan else None
    return {
        "code": setting.node,
        "name": found.reservoir.state.station.label(lang),
        "at": found.at,
        "dt": setting.dt,
        "steps": setting.steps,
        "headline": words.headline(found, lang),
        "calc": text(
            "board.calc", lang, time=found.at.strftime("%H:%M"), basis=text(f"board.basis_{found.basis}", lang)
        ),
        "gauge": _gauge(found, lang),
        "numbers": _numbers(found, lang),
        "columns": [_column(i, one, found, codes, lang) for i, one in enumerate(found.candidates)],
        "limit": setting.limit,
        "target": setting.target,
        "stations": [(code, words.name_of(code, lang), passage(found.held, code).safe) for code in codes],
        "ramp": None if setting.ramp is None else setting.ramp * 0.5 / setting.dt,
        "own": bool(asked.view.plan) and found.candidates[1].key == "own",
        "arrivals": _arrivals(found, moved, lang),
        "arrivals_of": words.title(moved, lang) if moved else "",
        "reasons": words.advice_words(found, lang),
        "course": _course(asked),
        "replay": asked.view.at is not None and now_clock.now() - asked.at > REPLAY,
        "wall": asked.view.mode == "wall",
        "export": asked.view.search or "?",
        "advised": advised.key,
    }


def _gauge(found: Board, lang: str) -> dict[str, Any]:
    limits = found.reservoir.limits
    marks = [
        (name, text(f"reservoirs.mark_{name}", lang), value)
        for name in MARKS
        if (value := limits.get(name)) is not None
    ]
    return {
        "marks": marks,
        "level": found.setting.level,
        "arrow": arrow(found.reservoir.state),
        "storage": f"{(found.reservoir.storage or 0) * 100:,.0f}",
        "over": None if found.reservoir.over is None else signed(found.reservoir.over, 2),
        "peaks": [(words.NUMERALS[lang][i], one.outcome.peak[1]) for i, one in enumerate(found.candidates)],
    }


def _numbers(found: Board, lang: str) -> list[dict[str, str]]:
    """Blocks of name, value, unit and what is said below."""
    one, setting = found.reservoir, found.setting

    def block(key: str, value: str, unit: str = "", below: str = "") -> dict[str, str]:
        return {"key": key, "name": text(f"board.{key}", lang), "value": value, "unit": unit, "below": below}

    inflow = max(one.inflow.flow, 0.0) if one.inflow else None
    room = None if one.room is None else one.room * 100
    made = [
        block(
            "inflow",
            f"{inflow:,.0f}" if inflow is not None else DASH,
            f"± {one.inflow.noise:.0f} m³/s" if one.inflow else "",
        ),
        block("outflow", f"{setting.current:,.0f}", "m³/s"),
        block("net", signed(one.net, 0) if one.net is not None else DASH, "m³/s"),
        block(
            "room" if (room or 0) >= 0 else "room_over",
            f"{abs(room):,.0f}" if room is not None else DASH,
            text("board.wan", lang),
        ),
    ]
    above = one.over is not None and one.over > 0
    hours = one.hours
    lines = []
    if hours and math.isfinite(hours) and room is not None and room > 0 and one.net is not None:
        lines.append(text("board.t_how", lang, room=f"{room:,.0f}", net=f"{one.net:,.0f}"))
    if one.expected_at:
        lines.append(text("board.t_forecast", lang, time=clock(one.expected_at, found.at)))
    elif not above:
        lines.append(text("board.t_never", lang))
    value = DASH if hours is None or not math.isfinite(hours) else length(hours)
    made.append(block("t_high" if above else "t_limit", value, "", " · ".join(lines)))
    rain = []
    if one.rain_24h is not None and one.capacity_mm is not None:
        rain.append(text("board.rain_24", lang, mm=f"{one.rain_24h:.1f}"))
        rain.append(text("board.rain_more" if one.rain_24h > one.capacity_mm else "board.rain_less", lang))
    capacity = f"{one.capacity:,.0f}" if one.capacity is not None else DASH
    how = text("board.rain_how", lang, alpha=f"{one.runoff:g}", capacity=capacity)
    made.append(
        block("rain", f"{one.capacity_mm:.1f}" if one.capacity_mm is not None else DASH, "mm", " · ".join([*rain, how]))
    )
    if found.allowed is not None:
        made.append(block("allow", f"{max(found.allowed, 0):,.0f}", "m³/s"))
    if found.required is not None:
        made.append(block("required", f"{found.required:,.0f}", "m³/s"))
    return made


def _column(i: int, one: Candidate, found: Board, codes: list[str], lang: str) -> dict[str, Any]:
    setting, out = found.setting, one.outcome
    kind, said = words.verdict(one, found, lang)
    course = out.course
    flows = {code: passage(one, code) for code in codes}
    return {
        "key": one.key,
        "numeral": words.NUMERALS[lang][i],
        "title": words.title(one, lang),
        "sub": words.subtitle(one, found, lang),
        "advised": i == found.advised,
        "feasible": one.verdict.feasible,
        "kind": kind,
        "words": said,
        "inflow": [(setting.inflow * factor).tolist() for factor in setting.factors],
        "release": course.release.tolist(),
        "level": course.level.tolist(),
        "flows": {code: each.flow.tolist() for code, each in flows.items()},
        "most": out.most[1],
        "capped": any(aim > q + 1 for aim, q in zip(setting.wanted(one.plan), course.release[1].tolist(), strict=True)),
        "peak": out.peak,
        "peaks": {code: each.peak for code, each in flows.items()},
        "steps": [(step.hours, step.flow) for step in one.plan],
        "plan": plan_text(one.plan, found.at),
        "windows": list(one.windows),
        "latest": one.latest if one.latest is None or math.isfinite(one.latest) else "never",
        "latest_words": latest_words(one, found.at, lang),
    }


def _arrivals(found: Board, moved: Candidate | None, lang: str) -> list[dict[str, str]]:
    """Where the first increase arrives, and who is to be told by when."""
    setting = found.setting
    start = found.at + timedelta(hours=moved.plan[0].hours if moved else found.first)
    notify = timedelta(hours=setting.rules.notify_h)
    who = {one.downstream: (one.notify_zh if lang == "zh" else one.notify_en) or "" for one in stations.reaches()}
    ramp = None if setting.ramp is None else setting.ramp * 0.5 / setting.dt
    first = {
        "name": found.reservoir.state.station.label(lang),
        "time": clock(start, found.at),
        "hours": "",
        "who": text("board.ramp", lang, value=f"{ramp:,.0f}") if ramp else text("board.start", lang),
        "before": text("board.before", lang, time=clock(start - notify, found.at)),
    }
    made, last = [first], 0.0
    for code, hours in sorted(setting.hours.items(), key=lambda pair: pair[1]):
        if code == setting.node:
            continue
        arrival = start + timedelta(hours=hours)
        made.append(
            {
                "name": words.name_of(code, lang),
                "time": clock(arrival, found.at),
                "hours": length(hours - last),
                "who": who.get(code, ""),
                "before": text("board.before", lang, time=clock(arrival - notify, found.at)),
            }
        )
        last = hours
    return made


def _course(asked: Asked) -> dict[str, Any]:
    """The newest sheet of the reservoir: its number, and what each step has."""
    entries = data.newest(asked.view.reservoir, asked.at if asked.view.at else now_clock.now())
    steps = []
    for name in STEPS:
        some = [one for one in entries if one.step == name]
        said = "; ".join(f"{one.person} {one.moment:%H:%M}{' ' + one.number if one.number else ''}" for one in some)
        steps.append(
            {
                "key": name,
                "name": text(f"board.s_{name}", asked.lang),
                "done": bool(some),
                "said": said or text(f"board.wait_{name}", asked.lang),
                "texts": [one.text for one in some],
            }
        )
    done = {one.step for one in entries}
    open_steps = [name for name, needs in data.AFTER.items() if needs in done]
    return {"number": entries[0].advice if entries else "", "steps": steps, "open": open_steps}
