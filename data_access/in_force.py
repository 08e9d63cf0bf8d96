"""Values that a city decides (domain.hotline_rules, domain.services.rules) as parts of questions: each row by what held
on its own day."""

from collections.abc import Callable
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, case, literal_column

from domain import hotline_rules

Since = Callable[[str], list[tuple[date, float]]]  # what a value was, and from which day on


def in_force(name: str, moment: ColumnElement, since: Since = hotline_rules.since) -> ColumnElement:
    """The value of a rule on the day of the moment. The values are numbers of ours and are written out."""
    (_, first), *later = since(name)
    steps = [(moment >= datetime.combine(day, time.min), _number(value)) for day, value in reversed(later)]
    return case(*steps, else_=_number(first)) if steps else _number(first)


def _number(value: float) -> ColumnElement:
    return literal_column(f"{value:g}")
