"""Frames as drawings and screens read them: a row by its names, a number or None."""

from collections.abc import Iterable
from typing import Any, TypeGuard

import pandas as pd


def rows(frame: pd.DataFrame) -> Iterable[Any]:
    """The rows, each with the frame's columns as attributes."""
    return frame.itertuples(index=False)


def given(value: float | None) -> TypeGuard[float]:
    """Whether there is a number: frames say NaN where Python says None."""
    return bool(pd.notna(value))


def amount(value: Any) -> float | None:
    """A number of a frame, whatever its kind, as Python's; None where there is none."""
    return float(value) if given(value) else None


def count(value: Any) -> int:
    """A count of a frame as Python's; 0 where there is none."""
    return int(value) if given(value) else 0
