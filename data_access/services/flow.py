"""What came in, went out and was left over: by day, by hour of the day, by channel and by department."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import CompoundSelect, Integer, cast, extract, func, literal_column, select, union_all

from data_access.areas import Area
from data_access.engine import rows
from data_access.remember import remembered
from data_access.services import counts
from data_access.services.counts import ALL, Where
from data_access.services.tables import service_case
from data_access.where import END, FIRST, bound, inside
from domain.periods import Span

c = service_case.c
_NAMES = ("received", "accepted", "online", "finished", "due", "settled")


class Part(NamedTuple):
    """Of one channel or department: what was open at the start of a span, came, was accepted and finished in it and was
    open at its end; overdue: of these past their promise."""

    code: str
    opening: int
    received: int
    accepted: int
    finished: int
    closing: int
    overdue: int


@remembered
def parts(area: Area, span: Span, by: str, where: Where = ALL) -> tuple[Part, ...]:
    """One row a value of `by` (channel, org), the most accepted first."""
    spans = {"before": Span(datetime.min, span.start), "now": span}
    found = []
    for code, told in counts.counted(area, spans, where, by=by, names=_NAMES).items():
        before, now = told["before"], told["now"]
        opening = before.accepted - before.finished
        overdue = before.due + now.due - before.settled - now.settled
        moved = (now.received, now.accepted, now.finished)
        part = Part(code, opening, *moved, opening + now.accepted - now.finished, overdue)
        if any(part[1:]):
            found.append(part)
    return tuple(sorted(found, key=lambda part: (-part.accepted, part.code)))


@cache
def _hours_asked(level: int, named: tuple[str, ...]) -> CompoundSelect:
    """what (0 received, 1 finished), hour, n."""
    here = inside(level, named, service_case)
    made = []
    for n, clock in enumerate((c.receive_at, c.finish_at)):
        hour = cast(extract("hour", clock), Integer).label("hour")
        within = (clock >= FIRST, clock < END)
        made.append(select(literal_column(str(n)), hour, func.count()).where(*within, *here).group_by(hour))
    return union_all(*made)


@remembered
def by_hour(area: Area, span: Span, where: Where = ALL) -> Sequence[tuple[int, int]]:
    """(received, finished) in each hour of the day, 0 to 23, over the span."""
    found = [[0, 0] for _ in range(24)]
    for what, hour, n in rows(
        _hours_asked(area.level, where.named), bound(area, where, first=span.start, end=span.end)
    ):
        found[int(hour)][int(what)] = int(n)
    return tuple((came, went) for came, went in found)
