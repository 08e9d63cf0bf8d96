"""What each number means, declared once as data (indicators.toml, kept in the table `indicator`)."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import pandas as pd
from sqlalchemy import Connection, delete, select

from data_access import bulk
from data_access.engine import data_version, engine
from data_access.schema import indicator as table

Kind = Literal["flow", "counter", "stock", "ratio", "mean", "percentile", "level"]


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One entry of the vocabulary. value = numerator / denominator * scale where there are parts; ratios are kept as
    fractions (scale 1) and shown in percent. target and watch are in the unit of the value before display."""

    key: str
    domain: str
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    kind: Kind
    numerator_zh: str | None = None
    numerator_en: str | None = None
    denominator_zh: str | None = None
    denominator_en: str | None = None
    scale: float = 1.0
    better: Literal["higher", "lower", "neutral"] = "neutral"
    target: float | None = None
    watch: float | None = None
    source: str
    cadence_minutes: int = 1440
    definition_zh: str
    definition_en: str
    not_zh: str | None = None
    not_en: str | None = None
    origin: str

    def said(self, what: str, lang: str) -> str:
        """The words of a field (name, unit, definition, not, numerator, denominator) in the language, '' when none."""
        return getattr(self, f"{what}_{lang}") or ""

    @property
    def is_percent(self) -> bool:
        """Shown in percent: a ratio kept as a fraction."""
        return self.kind == "ratio" and self.scale == 1

    def of(self, numerator: float | None, denominator: float | None) -> float | None:
        """The value from its parts; None when there is nothing to divide by (handbook 6.4: 0/0 is no data)."""
        if numerator is None or not denominator or pd.isna(numerator) or pd.isna(denominator):
            return None
        return float(numerator) / float(denominator) * self.scale


@cache
def _shipped() -> tuple[Indicator, ...]:
    entries = tomllib.loads((Path(__file__).with_name("indicators.toml")).read_text(encoding="utf-8"))["indicator"]
    return tuple(Indicator(**entry) for entry in entries)


def shipped() -> list[Indicator]:
    """The vocabulary as shipped. Raises TypeError naming an entry's unknown or missing field."""
    return list(_shipped())


def store(connection: Connection, vocabulary: list[Indicator]) -> None:
    """Write the vocabulary, replacing what was there."""
    connection.execute(delete(table))
    rows = pd.DataFrame([{f.name: getattr(i, f.name) for f in fields(Indicator)} for i in vocabulary])
    bulk.insert(connection, table, rows)


@lru_cache(maxsize=4)
def _stored(_version: int, _url: str) -> dict[str, Indicator]:
    with engine().connect() as connection:
        rows = connection.execute(select(table)).mappings().all()
    return {i.key: i for i in shipped()} | {row["key"]: Indicator(**row) for row in rows}


def indicators() -> dict[str, Indicator]:
    """key -> Indicator: what the database says; where it says nothing, the vocabulary as shipped."""
    return _stored(data_version(), str(engine().url))
