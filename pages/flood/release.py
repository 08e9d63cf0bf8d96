"""Releases compared, in short. They advise people and operate nothing."""

import math
from datetime import datetime, timedelta
from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import DASH, signed, text
from data_access.flood import release as data
from data_access.flood import reservoirs
from data_access.flood.forecast import rounded
from data_access.flood.release import Board, Candidate
from domain.flood.plan import Plan, plan_text, read_plan
from domain.flood.release import Outcome, Passage, hours_over
from pages.flood.asked import Asked, ask, clock, nothing
from pages.flood.release_words import advice_words, name_of, subtitle, title, verdict

COLUMNS = (
    "part", "candidate", "key", "name", "plan", "place", "place_name", "unit",
    "limit", "low", "expected", "high", "peak_at", "left_low", "left", "left_high", "hours_over",
    "latest", "feasible", "advised", "flow", "hours_over_limit", "hours_over_design", "final", "most",
)  # fmt: skip
NUMBERS = (
    "limit", "low", "expected", "high", "left_low", "left", "left_high", "hours_over",
    "flow", "hours_over_limit", "hours_over_design", "final", "most",
)  # fmt: skip
SHOWN = 2  # stations below whose flow is drawn


def chosen(asked: Asked) -> str:
    """The reservoir that the view names, or the most pressing of the place; '' where there is none."""
    if asked.view.reservoir and reservoirs.reservoir(asked.view.reservoir, asked.at):
        return asked.view.reservoir
    found = reservoirs.reservoirs(asked.at, asked.area)
    return found[0].code if found else ""


def own_plan(asked: Asked) -> Plan | None:
    """The plan in the address, as hours from the moment that is reckoned from; None where there is none to be read."""
    try:
        return read_plan(asked.view.plan, rounded(asked.at)) or None
    except ValueError:
        return None


def told(asked: Asked) -> Board | None:
    code = chosen(asked)
    return data.board(code, asked.at, own_plan(asked)) if code else None


def rows(board: Board, asked: Asked) -> list[dict[str, Any]]:
    """One row a candidate and place: the reservoir, then the stations below."""
    made = []
    for i, one in enumerate(board.candidates):
        base = {
            "part": "candidate",
            "candidate": i + 1,
            "key": one.key,
            "name": title(one, asked.lang),
            "plan": plan_text(one.plan, board.at),
            "latest": _when(one.latest, board.at),
            "feasible": one.verdict.feasible,
            "advised": i == board.advised,
            "flow": None,
        }
        made += places(base, one.outcome, board, asked.lang)
    return made


def places(base: dict[str, Any], found: Outcome, board: Board, lang: str) -> list[dict[str, Any]]:
    """What an outcome comes to at each place: rows that begin as `base`."""
    setting, target = board.setting, board.setting.target
    left = [None if target is None else target - z for z in found.peak]
    first = _row(base, "", board.reservoir.state.station.label(lang), "m", target, *found.peak)
    first |= {"left_low": left[0], "left": left[1], "left_high": left[2], "hours_over": found.hours_over_target[1]}
    first |= {"hours_over_limit": found.hours_over_limit[1], "hours_over_design": over_design(found, board)}
    first |= {"final": found.final[1], "most": found.most[1], "peak_at": moment(found, board)}
    made = [first]
    for each in found.passages:
        made.append(
            _row(base, each.code, name_of(each.code, lang), "m³/s", each.safe, *each.peak)
            | {"left_low": each.left[0], "left": each.left[1], "left_high": each.left[2]}
            | {"hours_over": each.hours_over[1], "peak_at": board.at + timedelta(hours=each.step[1] * setting.dt)}
            | {"hours_over_limit": None, "hours_over_design": None, "final": None, "most": None}
        )
    return made


def over_design(found: Outcome, board: Board) -> float | None:
    """Hours above the design level at the expected inflow; None where that level is not known."""
    return hours_over(found.course.level, board.reservoir.limits.get("design"), board.setting.dt)[1]


def moment(found: Outcome, board: Board) -> datetime:
    """When the level is highest, at the expected inflow."""
    return board.at + timedelta(hours=found.step[1] * board.setting.dt)


def _row(base: dict[str, Any], place: str, name: str, unit: str, limit: float | None, *peaks: float) -> dict[str, Any]:
    low, expected, high = peaks
    of = {"place": place, "place_name": name, "unit": unit, "limit": limit}
    return base | of | {"low": low, "expected": expected, "high": high}


def _when(hours: float | None, at: datetime) -> datetime | None:
    return None if hours is None or not math.isfinite(hours) else at + timedelta(hours=hours)


def latest_words(one: Candidate, at: datetime, lang: str) -> str:
    """次日 00:30; a dash where it need not come; 无可行时刻 where now is too late."""
    if one.latest is None:
        return text("release.too_late", lang) if one.plan else DASH
    moment = _when(one.latest, at)
    return DASH if moment is None else clock(moment, at)


def critical(board: Board) -> list[str]:
    """The stations below that some candidate or the other water brings nearest to what is safe, in the order of the
    water."""
    tightest: dict[str, float] = {}
    for one in board.candidates:
        for each in one.outcome.passages:
            left = each.left[1] / each.safe
            tightest[each.code] = min(left, tightest.get(each.code, left))
    some = sorted(tightest, key=lambda code: tightest[code])[:SHOWN]
    return sorted(some, key=lambda code: board.setting.hours[code])


def passage(one: Candidate, code: str) -> Passage:
    return next(each for each in one.outcome.passages if each.code == code)


def measured(board: Board) -> tuple[Measured, ...]:
    found = board.candidates[board.advised].outcome
    return (Measured.of("flood.release_peak", found.peak[1]),)


# ---- in short ----------------------------------------------------------------------------------------------------


@panel(bodies.flood_release, about="flood.release_peak", source="flood_reservoir", sets="reservoir")
def release(view: View) -> Answer:
    """part (candidate), candidate (its number), key (hold | staged | own | at_once), name, plan, place ('' the
    reservoir, else a station below), place_name, unit, limit (flood-high level; safe flow), low, expected, high
    (highest level or flow at 0.8, 1.0 and 1.2 times the inflow), peak_at, left_low, left, left_high (to the limit),
    hours_over (it, expected), latest (start that still holds), feasible, advised, flow (empty), and of the reservoir at
    the expected inflow hours_over_limit (the flood limit), hours_over_design (the design level), final (level at the
    end), most (highest release): one row a candidate and place."""
    asked = ask(view)
    if lacking := nothing(asked.lang):
        return lacking
    code = chosen(asked)
    board = told(asked)
    if board is None:
        words = text("release.lacking" if code else "reservoirs.none", asked.lang)
        return Answer(tabled([], COLUMNS), facts={"lacking": ["release"]}, blank="none", note=words)
    codes = critical(board)[-1:]
    facts = {
        "reservoir": code,
        "name": board.reservoir.state.station.label(asked.lang),
        "station": name_of(codes[0], asked.lang) if codes else "",
        "target": board.setting.target,
        "limit": board.setting.limit,
        "candidates": [_short(one, board, codes, asked.lang) for one in board.candidates],
        "advised": board.advised,
        "says": advice_words(board, asked.lang)[:2],
    }
    note = text("release.note", asked.lang, name=facts["name"], time=board.at.strftime("%H:%M"))
    return Answer(tabled(rows(board, asked), COLUMNS, NUMBERS), measured(board), facts, note=note)


def _short(one: Candidate, board: Board, codes: list[str], lang: str) -> dict[str, Any]:
    found, setting = one.outcome, board.setting
    each = passage(one, codes[0]) if codes else None
    kind, words = verdict(one, board, lang)
    return {
        "title": title(one, lang),
        "sub": subtitle(one, board, lang),
        "level": found.peak,
        "level_left": None if setting.target is None else signed(found.peak[1] - setting.target, 2),
        "flow": each.peak if each else None,
        "safe": each.safe if each else None,
        "latest": latest_words(one, board.at, lang),
        "verdict": kind,
        "words": words,
    }
