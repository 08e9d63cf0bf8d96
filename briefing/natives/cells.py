"""Columns of a frame as numbers and as words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from briefing.natives.blocks import Block, Column, Table
from components.panel import Answer
from components.rows import amount, given
from components.words import DASH, moment, number, percent, section, text


def numbers(frame: pd.DataFrame, column: str) -> list[float | None]:
    """A column's own numbers, None where there is none."""
    return [amount(value) for value in frame[column].tolist()]


def heading(column: str, lang: str) -> str:
    """The words over a column of a table."""
    return section("column", lang).get(column, column)


def said(value: Any, how: str, lang: str) -> str:
    """One cell in words. how: '' by its kind; % a fraction as percent, 0-3 so many decimals."""
    if isinstance(value, str):
        return value or DASH
    if value is None or value is pd.NaT or not given(value):
        return DASH
    if isinstance(value, bool):
        return text("slide.yes" if value else "slide.no", lang)
    if isinstance(value, datetime):
        return moment(value, lang)
    return f"{percent(value)}%" if how == "%" else number(value, lang, int(how) if how else None)


def column(frame: pd.DataFrame, told: str, lang: str, title: str = "") -> Column:
    """A column by its name and, after a colon, how its cells are said: 'share:%'."""
    name, _, how = told.partition(":")
    values = frame[name].tolist()
    words = all(isinstance(v, str) for v in values)
    return Column(name, title or heading(name, lang), [said(v, how, lang) for v in values], right=not words)


def listed(frame: pd.DataFrame, columns: Sequence[str], lang: str, title: str = "", more: int = 0) -> Table:
    """A frame's rows in words."""
    return Table(title, [column(frame, told, lang) for told in columns], more)


def plain(answer: Answer, lang: str) -> list[Block]:
    """A frame as it is: what is no code and has a name in words, or all where nothing has."""
    known = section("column", lang)
    columns = [c for c in answer.frame.columns if c in known] or list(answer.frame.columns)
    return [listed(answer.frame, columns[:14], lang)]
