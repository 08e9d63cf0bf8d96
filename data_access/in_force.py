"""Values that a city decides (domain.hotline_rules, domain.services.rules) as parts of questions: each row by what held
on its own day."""

from datetime import date
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Numeric, case, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from domain import hotline_rules


class Dated(Protocol):
    """Rules that know what a value was, and from which day on."""

    def since(self, name: str, /) -> list[tuple[date, Any]]: ...


class in_force(FunctionElement):
    """The value of a rule on the day of the moment. It is looked up when a question is compiled: modules with questions
    are loaded before the city's own rules are known."""

    inherit_cache = True
    type = Numeric()

    def __init__(self, name: str, moment: ColumnElement, shelf: Dated = hotline_rules.SHELF) -> None:
        super().__init__(literal_column(name), moment)
        self.rule, self.shelf = name, shelf


@compiles(in_force)
def _written_out(element: in_force, compiler: SQLCompiler, **how: Any) -> str:
    """The days and values are ours and are written out."""
    _, moment = element.clauses
    (_, first), *later = element.shelf.since(element.rule)
    steps = [
        (moment >= literal_column(f"TIMESTAMP '{day} 00:00:00'"), _number(value)) for day, value in reversed(later)
    ]
    return compiler.process(case(*steps, else_=_number(first)) if steps else _number(first), **how)


def _number(value: float) -> ColumnElement:
    return literal_column(f"{value:g}")
