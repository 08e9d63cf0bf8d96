"""What running sums are made of: facts, the clocks by which each is counted, and the small sums kept of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import ColumnElement, Table, literal_column


@dataclass(frozen=True, eq=False)
class Clock:
    """A moment in the life of a fact at which it is counted.

    names: the counts that a fact may add to then; what: those it does, as bits; where: the facts that have this clock;
    n: how much each adds, None for one.
    """

    moment: ColumnElement
    names: tuple[str, ...]
    what: ColumnElement[int]
    where: tuple[ColumnElement[bool], ...] = ()
    n: ColumnElement[int] | None = None


@dataclass(frozen=True, eq=False)
class Facts:
    """A kind of facts. bits: of each count. cubes: sums by day, district and one column; that by 'street_code' is of
    places. ticks: what happened when, None where the facts themselves are asked for parts of a day. told: the columns
    that the ticks tell apart."""

    table: Table
    bits: Mapping[str, int]
    clocks: tuple[Clock, ...]
    cubes: Mapping[str, Table]
    ticks: Table | None = None
    told: frozenset[str] = frozenset()

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(self.bits)

    @cached_property
    def alone(self) -> Clock:
        """What came, when nothing else is wanted: it takes no other column."""
        first = self.names[0]
        return Clock(self.clocks[0].moment, (first,), literal_column(str(self.bits[first])))
