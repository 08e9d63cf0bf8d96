"""Which row of a frame stands out: the worst by the good direction, the most where there is none; fair samples only."""

from dataclasses import dataclass

import pandas as pd

from components.panel import Answer
from components.rows import amount, given


@dataclass(frozen=True)
class Stand:
    """name, value: columns. parts: numerator and denominator, where a value is a ratio. kind: of the rows that count,
    '' all (column kind). better: higher | lower | neutral, '' what the answer's facts say. percent: the value is a
    fraction; None: as the facts say. unit: words after the value."""

    name: str = "name"
    value: str = "value"
    parts: tuple[str, str] = ()  # type: ignore[assignment]
    kind: str = ""
    better: str = ""
    percent: bool | None = None
    unit: str = ""
    of: str = ""  # a key of the column's words, where the value is not that of the indicator that is spoken of
    digits: int | None = None


@dataclass(frozen=True)
class Found:
    """The rows that stand out (several: they are equal), whether with the highest value or the lowest."""

    rows: tuple[int, ...]
    highest: bool


def outstanding(answer: Answer, stand: Stand) -> Found | None:
    """What stands out; None where fewer than two rows are fair, or all are equal."""
    frame = answer.frame
    if stand.value not in frame.columns or stand.name not in frame.columns:
        return None
    fair = [n for n in range(len(frame)) if _fair(frame, n, stand)]
    values = {n: value for n in fair if (value := amount(frame[stand.value].iloc[n])) is not None}
    if len(values) < 2 or len(set(values.values())) == 1:
        return None
    highest = (stand.better or answer.facts.get("better", "neutral")) != "higher"
    edge = max(values.values()) if highest else min(values.values())
    return Found(tuple(n for n, value in values.items() if value == edge), highest)


def _fair(frame: pd.DataFrame, n: int, stand: Stand) -> bool:
    if stand.kind and "kind" in frame.columns and frame["kind"].iloc[n] != stand.kind:
        return False
    if "few" in frame.columns and bool(frame["few"].iloc[n]):
        return False
    if stand.parts and len(stand.parts) == 2 and stand.parts[1] in frame.columns:
        below = frame[stand.parts[1]].iloc[n]
        return "few" in frame.columns or not given(below) or below >= FAIR
    return True


FAIR = 30  # of a denominator: less is too small a sample to be named
