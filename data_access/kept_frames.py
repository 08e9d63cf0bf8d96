"""Frames as text that says the same years later: names, types and values of their columns."""

import json
import math
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

_MOMENT = "\u0000t"  # leads a moment in a column of mixed values; in no text


def kept(frame: pd.DataFrame) -> str:
    """JSON of a frame, from which `reopened` makes an equal one. Floats keep every digit."""
    columns = [frame.iloc[:, i] for i in range(frame.shape[1])]
    told = {
        "columns": [str(name) for name in frame.columns],
        "dtypes": [str(column.dtype) for column in columns],
        "rows": len(frame),
        "data": [[plain(value) for value in column.tolist()] for column in columns],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def reopened(text: str) -> pd.DataFrame:
    """The frame that `kept` was given."""
    told = json.loads(text)
    columns: dict[str, Any] = {}
    for name, dtype, values in zip(told["columns"], told["dtypes"], told["data"], strict=True):
        columns[name] = _column(values, dtype)
    return pd.DataFrame(columns, index=pd.RangeIndex(told["rows"]))


def plain(value: Any) -> Any:
    """A value of a frame as JSON has it: nothing is null, what is not finite a text, a moment marked as one."""
    if isinstance(value, float):
        return None if math.isnan(value) else value if math.isfinite(value) else str(value)
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, datetime | date):
        return _MOMENT + value.isoformat()
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def _column(values: list[Any], dtype: str) -> pd.Series:
    if dtype.startswith("datetime64"):
        return pd.Series([None if v is None else v.removeprefix(_MOMENT) for v in values], dtype=dtype)
    if dtype.startswith("float"):
        return pd.Series([math.nan if v is None else float(v) for v in values], dtype=dtype)
    if dtype == "object":
        return pd.Series([_mixed(v) for v in values], dtype="object")
    return pd.Series(values, dtype=dtype)


def _mixed(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_MOMENT):
        told = value.removeprefix(_MOMENT)
        return datetime.fromisoformat(told) if "T" in told else date.fromisoformat(told)
    return value
