"""Constant releases compared (handbook 4.6.7): what the reservoir and the river below come to if from now on so much is
let out and nobody moves a gate again. The advice does not look at them."""

from datetime import timedelta
from typing import Any

from components.words import DASH, text
from data_access.flood.release import Board, Compared, Constant
from data_access.flood.reservoirs import Ecological
from domain.flood.plan import plan_text
from domain.flood.release import Outcome, Passage
from domain.flood.rules import rules
from pages.flood.asked import Asked, clock
from pages.flood.release import moment, over_design, places
from pages.flood.release_words import name_of

NOTHING = (
    "limit", "low", "expected", "high", "left_low", "left", "left_high", "hours_over", "hours_over_limit",
    "hours_over_design", "final", "most", "peak_at",
)  # fmt: skip


def told(one: Constant) -> Outcome | None:
    """What a constant comes to, None where that cannot be said: it is not known, or the water leaves the curve."""
    return None if one.outcome is None or one.outcome.beyond[1] else one.outcome


def rows(board: Board, compared: Compared, asked: Asked) -> list[dict[str, Any]]:
    """One row a constant and place; of one that cannot be told the reservoir's alone, empty."""
    made = []
    for i, one in enumerate(compared.lines, len(board.candidates) + 1):
        base = {
            "part": "constant",
            "candidate": i,
            "key": one.key,
            "name": text(f"constants.k_{one.key}", asked.lang),
            "plan": plan_text(one.plan, board.at),
            "latest": None,
            "feasible": one.verdict is not None and one.verdict.feasible,
            "advised": False,
            "flow": _now(one, board),
        }
        found = told(one)
        if found is not None:
            made += places(base, found, board, asked.lang)
        else:
            name = board.reservoir.state.station.label(asked.lang)
            where = {"place": "", "place_name": name, "unit": "m", "limit": board.setting.target}
            made.append(dict.fromkeys(NOTHING) | base | where)
    return made


def _now(one: Constant, board: Board) -> float | None:
    """The release that a constant begins with: of the gates' capacity what they can let out at this level."""
    return board.reservoir.capacity if one.key == "capacity" and one.flow is not None else one.flow


def facts(board: Board, compared: Compared, asked: Asked) -> dict[str, Any]:
    """The table's lines, in the order of the handbook; constants that let out the same share one."""
    lang, start = asked.lang, clock(board.at + timedelta(hours=board.first), board.at)
    shared: dict[Any, list[Constant]] = {}
    for one in compared.lines:
        alone = one.flow is None or one.key == "capacity"
        shared.setdefault(one.key if alone else round(one.flow or 0.0, 2), []).append(one)
    return {
        "note": text("constants.note", lang, hours=f"{(board.setting.steps - 1) * board.setting.dt:.0f}", time=start),
        "lines": [_line(some, board, compared.ecological, asked) for some in shared.values()],
    }


def _line(some: list[Constant], board: Board, known: Ecological, asked: Asked) -> dict[str, Any]:
    one, lang = some[0], asked.lang
    found, plan = told(one), plan_text(one.plan, board.at)
    now = _now(one, board)
    said = {
        "name": text("constants.and", lang).join(text(f"constants.k_{each.key}", lang) for each in some),
        "how": _how(some, board, known, lang),
        "flow": DASH if now is None else flow_words(now),
        "plan": plan,
        "chosen": bool(plan) and plan == asked.view.plan,
        "lacking": "",
    }
    if found is None:
        return said | {"lacking": text("release.v_beyond", lang) if one.outcome else _why(one.key, board, known, lang)}
    hours = (found.hours_over_limit[1], found.hours_over_target[1], over_design(found, board))
    rising = found.step[1] == board.setting.steps - 1
    return said | {
        "peak": f"{found.peak[1]:.2f}",
        "when": text("board.now", lang) if not found.step[1] else clock(moment(found, board), board.at),
        "rising": text("constants.rising", lang) if rising else "",
        "hours": [(DASH if h is None else f"{round(h, 1):g}", bool(h)) for h in hours],
        "final": f"{found.final[1]:.2f}",
        "most": flow_words(found.most[1]),
        "capped": now is not None and found.most[1] < now - 1,
        "below": _below(found, lang),
        "bad": bool(_over(found)),
    }


def _over(found: Outcome) -> list[Passage]:
    """The stations below that get more than their safe flow."""
    return [each for each in found.passages if each.left[1] < -1e-6]


def _below(found: Outcome, lang: str) -> str:
    """The station below that gets most above its safe flow, and how many do."""
    over = _over(found)
    if not over:
        return text("constants.below_none", lang) if found.passages else DASH
    worst = min(over, key=lambda each: each.left[1] / each.safe)
    words = text("constants.below", lang, name=name_of(worst.code, lang), over=f"{-worst.left[1]:,.0f}")
    return words + (text("constants.below_more", lang, n=len(over)) if len(over) > 1 else "")


def _how(some: list[Constant], board: Board, known: Ecological, lang: str) -> str:
    """Where an ecological flow comes from that no rule lays down; that the capacity goes with the level."""
    keys = {each.key for each in some}
    if "ecological" in keys and known.basis == "share":
        share = rules(board.at.date(), board.setting.node).ecological_share
        return text("constants.share", lang, share=f"{share:.0%}", days=known.days)
    return text("constants.with_level", lang) if "capacity" in keys and some[0].flow is not None else ""


def _why(key: str, board: Board, known: Ecological, lang: str) -> str:
    """Why a constant is not known."""
    needs = rules(board.at.date(), board.setting.node).ecological_days
    return text(f"constants.no_{key}", lang, days=known.days, needs=needs)


def flow_words(flow: float) -> str:
    """120, 3.5, 0.24."""
    if flow == round(flow) or flow >= 9.95:
        return f"{flow:,.0f}"
    return f"{flow:.1f}" if flow >= 0.995 else f"{flow:.2f}"
