"""How a panel stands in a report, as plain values: numbers are put into words when the report is made and stay so."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from briefing.templates import Column, Shown
from components.judging import misses
from components.panel import Answer, Panel
from components.rows import amount, rows
from components.theme import Look
from components.words import DASH, exact, moment, number, percent, signed, text
from data_access.indicators import Indicator, indicators
from domain.change import change
from domain.rounding import half_up

PX = 13  # of text in pictures


def shown(entry: Shown, asked: Panel, answer: Answer, lang: str) -> dict[str, Any]:
    """kind: figure (light, dark, height in mm), table (head, rows, more: how many rows are left out), tiles, blank
    (words) or none."""
    title = getattr(entry.title, lang) if entry.title else asked.title(lang)
    told: dict[str, Any] = {"kind": entry.show, "title": title, "note": answer.note}
    if entry.show == "none":
        return told
    if answer.blank:
        words = answer.note if answer.facts.get("lacking") else text(f"state.{answer.blank}_hint", lang)
        return told | {"kind": "blank", "words": f"{text(f'state.{answer.blank}', lang)}: {words}"}
    if entry.show == "figure":
        return (
            told | {"height": entry.height} | {theme: figure(asked, answer, lang, theme) for theme in ("light", "dark")}
        )
    return told | (_table(entry, answer.frame, lang) if entry.show == "table" else _tiles(entry, answer, lang))


def figure(asked: Panel, answer: Answer, lang: str, theme: str) -> dict[str, Any]:
    """A panel's picture as JSON has it."""
    made = dict(asked.draw(answer, Look(lang, theme, False, PX)))
    made.pop("lead", None)
    return json.loads(json.dumps(made, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


# ---- tables ----------------------------------------------------------------------------------------------------------
def _table(entry: Shown, frame: pd.DataFrame, lang: str) -> dict[str, Any]:
    some = frame
    for name, wanted in entry.only.items():
        if name in some:
            some = pd.DataFrame(some[some[name].astype(str) == wanted])
    columns = [column for column in entry.columns if column.name in some]
    cut = some.head(entry.rows)
    most = {c.name: max((abs(amount(v) or 0) for v in cut[c.name]), default=0) for c in columns if c.bar}
    told = [[_cell(getattr(row, c.name), c, most, lang) for c in columns] for row in rows(cut)]
    head = [{"words": getattr(c, lang), "number": c.form not in ("text", "moment")} for c in columns]
    return {"head": head, "rows": told, "more": len(some) - len(cut)}


def _cell(value: Any, column: Column, most: Mapping[str, float], lang: str) -> dict[str, Any]:
    said = _said(value, column.form, lang)
    if not column.bar or not most[column.name]:
        return {"t": said}
    return {"t": said, "bar": half_up(abs(amount(value) or 0) / most[column.name] * 100, 1)}


SAID: dict[str, Callable[[Any, str], str]] = {
    "text": lambda value, _lang: str(value) or DASH,
    "moment": moment,
    "number": lambda value, _lang: exact(float(value)),
    "percent": lambda value, _lang: f"{percent(float(value))}%",
    "signed": lambda value, _lang: signed(float(value), 0 if float(value).is_integer() else 2),
    "metres": lambda value, _lang: f"{half_up(float(value), 2):.2f}".replace("-", "−"),
    "mm": lambda value, _lang: f"{half_up(float(value), 1):.1f}",
}


def _said(value: Any, form: str, lang: str) -> str:
    if value is None or value is pd.NaT or value != value:  # noqa: PLR0124 - NaN is not itself
        return DASH
    return SAID[form](value, lang)


# ---- tiles -----------------------------------------------------------------------------------------------------------
def _tiles(entry: Shown, answer: Answer, lang: str) -> dict[str, Any]:
    by = {row.key: row for row in rows(answer.frame)}
    known = indicators()
    return {
        "tiles": [
            _tile(known[key], by[key], answer, lang)
            for key in entry.keys
            if key in by and key in known and key not in answer.facts.get("left_out", ())
        ]
    }


def _tile(indicator: Indicator, row: Any, answer: Answer, lang: str) -> dict[str, Any]:
    value, base = amount(row.value), amount(row.base)
    said = percent(value) if indicator.is_percent else number(value, lang)
    unit = "" if value is None else "%" if indicator.is_percent else indicator.said("unit", lang)
    parts = ""
    if amount(row.denominator) is not None:
        parts = text("tile.parts", lang, numerator=exact(row.numerator), denominator=exact(row.denominator))
    against = answer.facts.get("against", "")
    few = bool(getattr(row, "few", False))
    off = not few and misses(value, indicator.target, indicator.better)
    return {
        "name": indicator.said("name", lang),
        "value": said,
        "unit": unit,
        "parts": parts,
        "change": "" if few or not against else _moved(indicator, value, base, lang, against),
        "off": bool(off),
        "few": few,
    }


def _moved(indicator: Indicator, value: float | None, base: float | None, lang: str, against: str) -> str:
    moved = change(value, base, ratio=indicator.is_percent, minimum_base=30 if indicator.kind == "flow" else 0)
    if moved.amount is None:
        return text(f"change.{moved.reason}", lang) if moved.reason and value is not None else ""
    match moved.kind:
        case "percent":
            said = f"{signed(moved.amount * 100, 1)}%"
        case "points":
            said = text("change.points", lang, value=signed(moved.amount, 2))
        case _:
            said = signed(moved.amount, 0 if float(moved.amount).is_integer() else 1)
    return f"{said} {against}"
