"""Frames as drawings and screens read them: a row by its names, a number or None."""

from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeGuard

import numpy as np
import pandas as pd


@cache
def _row(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)


def rows(frame: pd.DataFrame) -> Iterable[Any]:
    """The rows, each with the frame's columns as attributes and Python's own values."""
    made = _row(tuple(frame.columns))
    return map(made._make, zip(*(frame[name].tolist() for name in frame.columns), strict=True))


NAN = float("nan")


def framed(columns: Mapping[str, Sequence[Any]], numbers: tuple[str, ...] = ()) -> pd.DataFrame:
    """A frame of columns; those of `numbers` are numbers also where all are None, and None is NaN there."""
    return pd.DataFrame(
        {
            name: np.array([NAN if v is None else v for v in values], dtype=float) if name in numbers else values
            for name, values in columns.items()
        }
    )


def tabled(some: Iterable[Mapping[str, Any]], columns: Sequence[str], numbers: tuple[str, ...] = ()) -> pd.DataFrame:
    """A frame of rows told by their names; see framed."""
    told = list(some)
    return framed({name: [row[name] for row in told] for name in columns}, numbers)


def given(value: float | None) -> TypeGuard[float]:
    """Whether there is a number: frames say NaN where Python says None."""
    return value is not None and value is not pd.NA and bool(value == value)  # noqa: PLR0124 - NaN is not itself


def amount(value: Any) -> float | None:
    """A number of a frame, whatever its kind, as Python's; None where there is none."""
    return float(value) if given(value) else None


def count(value: Any) -> int:
    """A count of a frame as Python's; 0 where there is none."""
    return int(value) if given(value) else 0
