"""Releases in words: titles, verdicts and reasons, made by rules from the numbers that stand in them."""

import math
from datetime import timedelta

from components.words import signed, text
from data_access.flood import stations
from data_access.flood.release import Board, Candidate
from domain.flood.advice import Reason
from pages.flood.asked import clock, length

NUMERALS = {"zh": "一二三四五", "en": "12345"}


def name_of(code: str, lang: str) -> str:
    """A station's name without what kind of station it is."""
    one = stations.station(code)
    if one is None:
        return code
    name = one.label(lang)
    for tail in text("river_line.tails", lang).split("|"):
        if name.endswith(tail) and name != tail:
            return name.removesuffix(tail)
    return name


def title(one: Candidate, lang: str) -> str:
    """维持现状, 错峰分级加大, 自拟方案, 立即加大."""
    if not one.plan and one.key == "staged":
        return text("release.k_nothing" if one.verdict.feasible else "release.k_no_room", lang)
    return text(f"release.k_{one.key}", lang)


def subtitle(one: Candidate, board: Board, lang: str) -> str:
    """17:30 起 280 · 22:00 起 480"""
    if not one.plan:
        return text("release.holds", lang, flow=f"{board.setting.current:.0f}")
    said = [
        text(
            "release.step",
            lang,
            time=clock(board.at + timedelta(hours=step.hours), board.at),
            flow=f"{step.flow:.0f}",
        )
        for step in one.plan
    ]
    more = f" · +{len(said) - 3}" if len(said) > 3 else ""
    return " · ".join(said[:3]) + more


def verdict(one: Candidate, board: Board, lang: str) -> tuple[str, str]:
    """('good' | 'reservoir' | 'below', words)"""
    found, setting, judged = one.outcome, board.setting, one.verdict
    if judged.reservoir == "beyond":
        return "reservoir", text("release.v_beyond", lang)
    if judged.reservoir:
        over = found.peak[1 if judged.reservoir == "expected" else 2] - (setting.target or 0.0)
        words = text(f"release.v_{judged.reservoir}", lang, over=f"{over:.2f}")
        return "reservoir", words
    if judged.below:
        worst = min((each for each in found.passages if each.code in judged.below), key=lambda p: p.left[1] / p.safe)
        words = text("release.v_below", lang, name=name_of(worst.code, lang), over=f"{-worst.left[1]:,.0f}")
        if len(judged.below) > 1:
            words += text("release.v_more", lang, n=len(judged.below))
        return "below", words
    words = text("release.v_natural", lang, n=len(judged.natural)) if judged.natural else text("release.v_good", lang)
    hours = found.hours_over_limit[1]
    return "good", words if not hours else text("release.v_over_limit", lang, hours=f"{hours:.0f}", words=words)


def headline(board: Board, lang: str) -> str:
    """方案二可行:14:00 起 130,库最高 118.88 m(距防洪高 −0.72);最晚次日 07:50 动闸。"""
    one = board.candidates[board.advised]
    number = NUMERALS[lang][board.advised]
    peak, target = one.outcome.peak[1], board.setting.target
    told = {
        "n": number,
        "title": title(one, lang),
        "sub": subtitle(one, board, lang),
        "peak": f"{peak:.2f}",
        "left": signed(peak - target, 2) if target is not None else "",
    }
    key = "feasible" if one.verdict.feasible else "least"
    words = text(f"release.headline_{key}", lang, **told)
    if one.verdict.feasible and one.latest is not None and math.isfinite(one.latest):
        when = clock(board.at + timedelta(hours=one.latest), board.at)
        words += text("release.headline_latest", lang, time=when)
    return words


def advice_words(board: Board, lang: str) -> list[tuple[str, str]]:
    """The advised candidate's reasons: (what, why)."""
    one = board.candidates[board.advised]
    return [said for reason in one.reasons if (said := _reason(reason, one, board, lang))]


def _reason(reason: Reason, one: Candidate, board: Board, lang: str) -> tuple[str, str]:
    values: dict[str, str] = {}
    for key, value in reason.numbers.items():
        if key == "hours" and reason.kind in ("reaches_limit", "latest", "target"):
            values["time"] = clock(board.at + timedelta(hours=value), board.at)
        elif key == "hours":
            values["hours"] = length(abs(value))
        elif reason.kind in ("not_now", "natural", "over") and key in ("left", "over"):
            values[key] = f"{max(value, 0):,.0f}"
        elif key == "count":
            values[key] = f"{value:.0f}"
        else:
            values[key] = f"{value:.2f}"
    values |= {"name": name_of(reason.code, lang) if reason.code else "", "plan": subtitle(one, board, lang)}
    kind = reason.kind
    if kind == "not_now" and reason.numbers["left"] <= 0:
        kind = "not_now_full"
    return text(f"release.r_{kind}", lang, **values), text(f"release.w_{kind}", lang, **values)
