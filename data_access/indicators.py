"""What each number means, declared once as data (indicators.toml, kept in the table `indicator`). What a city decides
(domain.hotline_rules, domain.services.rules) stands in the words by its name, {service_level_s}, shares as
{minimum_coverage:%}, and is filled in by what holds on the day that is asked about."""

import re
import tomllib
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from sqlalchemy import Connection, delete, select

from data_access import bulk, clock
from data_access.engine import data_version, engine
from data_access.schema import indicator as table
from domain import hotline_rules
from domain.services import rules as services_rules

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


def indicators(day: date | None = None) -> dict[str, Indicator]:
    """key -> Indicator: what the database says; where it says nothing, the vocabulary as shipped. With the city's rules
    of the day (None: today) in its words, and as targets where it has none."""
    editions = hotline_rules.SHELF.edition, services_rules.SHELF.edition
    return _worded(data_version(), str(engine().url), day or clock.now().date(), *editions)


@lru_cache(maxsize=16)
def _worded(version: int, url: str, day: date, *_editions: int) -> dict[str, Indicator]:
    values = vars(hotline_rules.rules(day)) | vars(services_rules.rules(day))
    return {key: _filled(one, values) for key, one in _stored(version, url).items()}


_RULE = re.compile(r"\{(\w+)(:%)?\}")
_GOALS = {  # target and watch by rules
    "hotline.answered": {"target": "target_answered"},
    "hotline.callback": {"target": "target_callback"},
    "services.utilisation": {"target": "tight", "watch": "overloaded"},
}


def _filled(one: Indicator, values: dict[str, Any]) -> Indicator:
    def value(found: re.Match[str]) -> str:
        name, share = found.groups()
        return found[0] if name not in values else f"{values[name] * 100:g}%" if share else f"{values[name]:g}"

    told: dict[str, Any] = {
        name: _RULE.sub(value, words) for name, words in vars(one).items() if isinstance(words, str) and "{" in words
    }
    goals = _GOALS.get(one.key, {})
    told |= {name: values[rule] for name, rule in goals.items() if getattr(one, name) is None}
    return replace(one, **told) if told else one
