"""Values that a city decides (domain.hotline_rules) as parts of questions: each row by what held on its own day."""

from datetime import datetime, time

from sqlalchemy import ColumnElement, case, literal_column

from domain.hotline_rules import since


def in_force(name: str, moment: ColumnElement) -> ColumnElement:
    """The value of a rule on the day of the moment. The values are numbers of ours and are written out."""
    (_, first), *later = since(name)
    steps = [(moment >= datetime.combine(day, time.min), _number(value)) for day, value in reversed(later)]
    return case(*steps, else_=_number(first)) if steps else _number(first)


def _number(value: float) -> ColumnElement:
    return literal_column(f"{value:g}")
