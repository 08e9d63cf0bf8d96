"""Conditions that say "or", in parts of which an order meets at most one.

A columnar engine skips the blocks in which nothing can meet a comparison of a column with a value, but it does not see
through an "or" and then reads the column of every order there is. Asked part by part a question reads a tenth.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Select,
    Subquery,
    Table,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.sql.visitors import replacement_traverse

from data_access.schema import hotline_open
from data_access.schema import hotline_order as o

Conditions = tuple[ColumnElement[bool], ...]
_NOT_CLOSED = o.c.close_at.is_(None)


def open_at(at: ColumnElement) -> tuple[Conditions, ...]:
    """Open at the moment: not closed at all, or closed later."""
    known = (o.c.tracked.is_(True), o.c.accept_at < at)
    return (_NOT_CLOSED, *known), (o.c.close_at >= at, *known)


def of_table(told: Any, table: Table, other: Table) -> Any:
    """The same of another table that has the columns of the first."""

    def of_other(element: Any, **_: Any) -> Any:
        return other.c[element.name] if isinstance(element, Column) and element.table is table else None

    return replacement_traverse(told, {}, of_other)


def _still_open(told: Any) -> Any:
    """The same of the table of those that are not closed, so that all the others need not be read."""
    return of_table(told, o, hotline_open)


def asked(columns: Sequence[ColumnElement], part: Conditions, *where: ColumnElement[bool]) -> Select:
    """The columns of the orders that meet the part and all of `where`."""
    conditions = (*part, *where)
    if part and part[0] is _NOT_CLOSED:
        return select(*map(_still_open, columns)).where(*map(_still_open, conditions[1:]))
    return select(*columns).where(*conditions)


def among(order_id: ColumnElement[int]) -> ColumnElement[bool]:
    """One of :which, a list bound as one array: a parameter for each of some thousand took longer than the question."""
    return order_id.in_(select(func.unnest(bindparam("which", type_=ARRAY(BigInteger)))))


def each(columns: Sequence[ColumnElement], parts: Sequence[Conditions], *where: ColumnElement[bool]) -> Subquery:
    """The columns of the orders that meet any of the parts, and all of `where`."""
    made = [asked(columns, part, *where) for part in parts]
    return (union_all(*made) if len(made) > 1 else made[0]).subquery()


def chosen(columns: Sequence[ColumnElement], parts: Sequence[Conditions], *where: ColumnElement[bool]) -> Select:
    """The same as a question by itself."""
    return select(*each(columns, parts, *where).c)
