"""Which orders: a place and what a View's filters come to, and the conditions that say so in SQL; the moments that
questions are bound to."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, or_, select

from data_access.areas import Area
from data_access.in_force import in_force
from data_access.schema import Moment
from data_access.schema import hotline_order as o
from data_access.schema import hotline_redo as redo

AT, FIRST, END = (bindparam(name, type_=Moment) for name in ("at", "first", "end"))


def often_redone(table: Table) -> ColumnElement[bool]:
    """A hard case (难办件) by its redos: as many as the rules ask of orders of its day."""
    return table.c.redo_count >= in_force("hard_redo", table.c.accept_at)


_KNOWN = bindparam("known", type_=Moment)
_again = redo.alias("again")
_often = (
    select(_again.c.order_id)
    .where(_again.c.order_id == o.c.order_id, _again.c.moment < _KNOWN)
    .where(_again.c.nth >= in_force("hard_redo", o.c.accept_at))
    .exists()
)


def _by(moment: ColumnElement) -> ColumnElement[bool]:
    """That it was known; what a source tells without a moment always was."""
    return or_(moment.is_(None), moment < _KNOWN)


# What orders came to be by the moment :known. A redo follows from a callback: who knows of that knows of the redo.
MARKS: dict[str, ColumnElement[bool]] = {
    "redo": and_(o.c.redo_count > 0, or_(_by(o.c.redo_at), o.c.callback_at < _KNOWN)),
    "returned": o.c.returned_at < _KNOWN,
    "extended": o.c.extended_at < _KNOWN,
    "supervised": o.c.supervised_at < _KNOWN,
    "unhappy": and_(o.c.satisfaction <= 2, _by(o.c.callback_at)),
    # supervised ones have a mark of their own
    "hard": and_(often_redone(o), or_(o.c.redo_at.is_(None), _often)),
}


@dataclass(frozen=True)
class Chosen:
    """A condition for each field that is not '': a column of the facts, or a mark."""

    @property
    def named(self) -> tuple[str, ...]:
        """The fields that say something; a mark with its name, since its condition has no value to bind."""
        return tuple(
            f"mark={value}" if field.name == "mark" else field.name
            for field in fields(self)
            if field.name != "known" and (value := getattr(self, field.name))
        )

    @property
    def bound(self) -> dict[str, Any]:
        """What is bound to the conditions of `named`."""
        return {name: getattr(self, name) for name in self.named if not name.startswith("mark=")}

    @property
    def columns(self) -> frozenset[str]:
        """The columns that are asked; a mark has no column of its own."""
        return frozenset("topic" if name == "group" else name.partition("=")[0] for name in self.named)


@dataclass(frozen=True)
class Where(Chosen):
    """Which orders. group: level-1 category. topic: level-2 category. category: the deepest category. org: organisation
    in charge. channel, appeal_type, line: as on the order. mark: a name of MARKS; known: what is marked by then
    (None: by whenever).
    """

    topic: str = ""
    group: tuple[str, ...] = ()  # the topics of a level-1 category
    category: str = ""
    org: str = ""
    channel: str = ""
    appeal_type: str = ""
    line: str = ""
    mark: str = ""
    known: datetime | None = None

    @property
    def bound(self) -> dict[str, Any]:
        return super().bound | ({"known": self.known or datetime.max} if self.mark else {})


ALL = Where()


def place_column(level: int) -> str:
    """The column that holds the code of a place of this level."""
    return {1: "district_code", 2: "street_code"}.get(level, "community_code")


def inside(level: int, named: tuple[str, ...], table: Table = o) -> list[ColumnElement[bool]]:
    """In a place of the level (the city: anywhere) and let through by Where.named; see bound."""
    place = [table.c[place_column(level)] == bindparam("place")] if level else []
    return [*place, *conditions(table, named)]


def source(table: Table, level: int, named: tuple[str, ...]) -> tuple[Any, list[ColumnElement[bool]]]:
    """What to select from, and the conditions of `inside`, of a table with rows of some orders: a mark is told by the
    order alone."""
    marked = any(name.startswith("mark=") for name in named)
    joined = table.join(o, o.c.order_id == table.c.order_id) if marked else table
    return joined, inside(level, named, table)


def bound(area: Area, where: Chosen, **more: Any) -> dict[str, Any]:
    """What is bound to `inside`, and more."""
    return ({"place": area.code} if area.level else {}) | where.bound | more


def conditions(table: Table, named: tuple[str, ...]) -> list[ColumnElement[bool]]:
    """The conditions of Where.named on a table that has the columns."""
    found: list[ColumnElement[bool]] = []
    for name in named:
        if name == "group":
            found.append(table.c.topic.in_(bindparam("group", expanding=True)))
        elif name.startswith("mark="):
            found.append(MARKS[name.removeprefix("mark=")])
        else:
            found.append(table.c[name] == bindparam(name))
    return found
