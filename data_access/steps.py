"""What each step of the closed loop takes: of the orders themselves, and of so many that reading them would take long,
counted by day and size (hotline_day_step), kept in step inside the writer's own transaction. There it is told as well
when the orders of a street came in that ended a step on a day, so that a question about a street reads no others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Date,
    DateTime,
    Double,
    Integer,
    Select,
    String,
    bindparam,
    case,
    cast,
    delete,
    extract,
    false,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from data_access.schema import Moment
from data_access.schema import hotline_day_step as cube
from data_access.schema import hotline_move as move
from data_access.schema import hotline_order as o
from data_access.schema import hotline_redo as redo
from data_access.where import END, FIRST, inside, source
from domain.histogram import widths

# step: the moment on the order that ends it, and the step that it waits for until then
STEPS = {
    "dispatch": "dispatch_at",
    "sign": "sign_at",
    "reply": "reply_at",
    "close": "close_at",
    "callback": "callback_at",
}
REDO = "redo"
ALL_STEPS = (*STEPS, REDO)
# of the cube
SHARE, WHOLE = "share", 1_000_000  # what the reply took as a share of the order's own limit
LAST = "last"  # at which second of the day a step ended for the last time
OLDEST, NEWEST = "oldest", "newest"  # of a street: the days, from 1970 on, on which its first and last orders came
CITY = "*"  # for a place
UNTIMED = -1
IN_PLACE = bindparam("in_place")
UNTOLD = datetime.min  # for a moment


def told_steps(told: frozenset[str]) -> tuple[str, ...]:
    """The steps whose moments the sources fill. told: fields of orders, '*' is all."""
    known = tuple(step for step, column in STEPS.items() if "*" in told or column in told)
    return known + ((REDO,) if "*" in told or {"events", "redo_at"} <= told else ())


def handling(steps: tuple[str, ...]) -> str:
    """The step that ends what the order's own limit is for: the reply; the closing where no reply is told."""
    return "reply" if "reply" in steps else "close"


def _seconds(start: ColumnElement, end: ColumnElement) -> ColumnElement[float]:
    """From start to end; NULL where the order of the two is wrong."""
    return case((end >= start, cast(extract("epoch", cast(end, DateTime) - cast(start, DateTime)), Double)))


def _begun(step: str, steps: tuple[str, ...]) -> ColumnElement:
    """The moment from which the order waits for the step: the end of the step before it that is told."""
    names = list(STEPS)
    before = [s for s in names[: names.index(step)] if s in steps]
    return o.c[STEPS[before[-1]]] if before else o.c.accept_at


def ended(step: str, steps: tuple[str, ...], here: list[ColumnElement[bool]]) -> Select:
    """place (its district), begun, ended, given, due: one row an order that ended the step between :first and :end and
    was not answered on the call. given, due: of handling, from when to when the order's own limit is."""
    end, begun = o.c[STEPS[step]], _begun(step, steps)
    table: Any = o
    where = [end >= FIRST, end < END, *here]
    if step != "callback":
        where.append(o.c.direct.is_not(True))
    else:  # the wait after a redone order was closed again is not that of its first closing
        begun = case((or_(o.c.redo_at.is_(None), o.c.redo_at >= end), begun))
    if step == "sign" and REDO in steps:  # who signs in the end is not charged with what others had it for
        moved = _moved([])
        # by its identity alone: comparing texts as well takes twice as long
        table = o.outerjoin(moved, moved.c.order_id == o.c.order_id)
        begun = case((moved.c.moved_at > begun, moved.c.moved_at), else_=begun)
    limit = (o.c.accept_at, o.c.due_at) if step == handling(steps) else (_NEVER, _NEVER)
    return _of_step(o.c.district_code, begun, end, *limit).select_from(table).where(*where)


_NEVER = cast(null(), Moment)


def _of_step(*columns: ColumnElement) -> Select:
    return select(*(c.label(n) for c, n in zip(columns, ("place", "begun", "ended", "given", "due"), strict=True)))


def seconds(some: Any) -> ColumnElement[float]:
    """What a row of `ended` took."""
    return _seconds(some.c.begun, some.c.ended)


def share(some: Any) -> ColumnElement[float]:
    """The same as a share of the order's own limit; NULL of steps other than handling."""
    limit = _seconds(some.c.given, some.c.due)
    return case((limit > 0, seconds(some) / limit))


def _moved(here: list[ColumnElement[bool]]) -> Any:
    """order_id, moved_at: the last time that an order signed for between :first and :end was passed on before that."""
    signed = (move.c.sign_at >= FIRST, move.c.sign_at < END, move.c.passed_at <= move.c.sign_at, *here)
    last = func.max(move.c.passed_at).label("moved_at")
    return select(move.c.order_id, last).where(*signed).group_by(move.c.order_id).subquery()


def redone(level: int, named: tuple[str, ...]) -> Select:
    """begun, ended: of the orders whose first redoing ended between :first and :end, with the reply after it."""
    table, here = source(redo, level, named)
    done = redo.c.replied_at
    query = select(redo.c.moment.label("begun"), done.label("ended")).select_from(table)
    return query.where(redo.c.nth == 1, done >= FIRST, done < END, *here)


def numbered(some: Mapping[str, Select]) -> CompoundSelect:
    """step (its place in ALL_STEPS) and what `ended` tells, of several steps."""
    parts = []
    for step, asked in some.items():
        one = asked.subquery()
        parts.append(select(literal_column(str(ALL_STEPS.index(step)), Integer).label("step"), *one.c))
    return union_all(*parts)


# ---- counted by size -------------------------------------------------------------------------------------------------


def _bucket(value: ColumnElement) -> ColumnElement[int]:
    """As histogram.bucket; UNTIMED where there is no value."""
    whole = cast(func.least(func.floor(value), 2_000_000_000), BigInteger)
    steps = [(whole < limit, whole - whole % width if width > 1 else whole) for limit, width in widths()]
    last = widths()[-1][1]
    found = case((value.is_(None), UNTIMED), *steps, else_=whole - whole % last)
    return cast(found, Integer)


@cache
def _counted() -> Select:
    """place, day, step, seconds, n of what ended between :first and :end: the rows of the districts."""
    each = numbered({step: ended(step, ALL_STEPS, []) for step in STEPS}).cte("each")
    day = cast(each.c.ended, Date).label("day")
    names = ((each.c.step == n, _named(step)) for n, step in enumerate(STEPS))
    took = select(each.c.place, day, case(*names).label("step"), _bucket(seconds(each)).label("seconds"))
    own = each.c.step == ALL_STEPS.index(handling(ALL_STEPS))
    shares = select(each.c.place, day, _named(SHARE), _bucket(share(each) * WHOLE)).where(own)
    second = cast(func.max(_seconds(cast(day, DateTime), each.c.ended)), Integer)
    lasts = select(each.c.place, day, _named(LAST), second).group_by(each.c.place, day)
    some = union_all(took, shares, lasts).subquery()
    keys = (some.c.place, some.c.day, some.c.step, some.c.seconds)
    return select(*keys, cast(func.count(), Integer).label("n")).group_by(*keys)


def _named(step: str) -> ColumnElement[str]:
    return literal_column(f"'{step}'", String)


@cache
def _came() -> CompoundSelect:
    """street, day, OLDEST or NEWEST, the day, 1: of the orders that ended a step between :first and :end."""
    parts = []
    for column in STEPS.values():
        end = o.c[column]
        row = o.c.street_code, cast(end, Date).label("day"), o.c.accept_at
        parts.append(select(*row).where(end >= FIRST, end < END))
    each = union_all(*parts).subquery()
    keys = (each.c.street_code.label("place"), each.c.day)
    ends = (func.min(each.c.accept_at).label(OLDEST), func.max(each.c.accept_at).label(NEWEST))
    both = select(*keys, *ends).group_by(*keys).cte("both")
    told = []
    for name in (OLDEST, NEWEST):
        number = cast(func.floor(extract("epoch", cast(both.c[name], DateTime)) / 86400), Integer)
        one = literal_column("1", Integer).label("n")
        told.append(select(both.c.place, both.c.day, _named(name).label("step"), number.label("seconds"), one))
    return union_all(*told)


@cache
def came() -> Select:
    """The days, from 1970 on, on which the first and the last of the orders came in that ended a step in the street
    :in_place on the days :day..:until; None where none did."""
    told = ((func.min, OLDEST), (func.max, NEWEST))
    days = (of(case((cube.c.step == name, cube.c.seconds))) for of, name in told)
    within = (cube.c.place == IN_PLACE, cube.c.day >= bindparam("day"), cube.c.day <= bindparam("until"))
    return select(*days).where(*within)


@cache
def lives(level: int, named: tuple[str, ...]) -> Select:
    """accept_at, due_at, the moments of STEPS, redo_at, moved_at, direct: one row an order that came in between :since
    and :until; UNTOLD for a moment that is not told. moved_at: the last time that an order signed for between :first
    and :end was passed on before that."""
    moved = _moved(inside(level, (), move))
    moments = (o.c.due_at, *(o.c[column] for column in STEPS.values()), o.c.redo_at, moved.c.moved_at)
    told = (func.coalesce(one, cast(UNTOLD, Moment)).label(one.name) for one in moments)
    query = select(o.c.accept_at, *told, func.coalesce(o.c.direct, false()).label("direct"))
    since, until = (bindparam(name, type_=Moment) for name in ("since", "until"))
    query = query.select_from(o.outerjoin(moved, moved.c.order_id == o.c.order_id))
    return query.where(o.c.accept_at >= since, o.c.accept_at < until, *inside(level, named))


@cache
def of_orders(level: int) -> Select:
    """step (its place in ALL_STEPS), seconds, share (UNTIMED where not told) of what ended between :first and :end in
    a place: to count them by size here would take longer to plan than to read some thousand."""
    each = numbered({step: ended(step, ALL_STEPS, inside(level, ())) for step in STEPS}).subquery()
    told = (func.coalesce(told(each), UNTIMED).label(told.__name__) for told in (seconds, share))
    return select(each.c.step, *told)


@cache
def of_days() -> Select:
    """step, seconds, n, today: of :in_place, how many on the days from :day on, before :until; and on that day, LAST
    included."""
    day, until = (bindparam(name, type_=Date()) for name in ("day", "until"))
    n, today = (
        cast(func.sum(case((when, cube.c.n), else_=0)), BigInteger).label(name)
        for name, when in (("n", cube.c.day < until), ("today", cube.c.day == until))
    )
    within = (cube.c.place == IN_PLACE, cube.c.day >= day, cube.c.day <= until)
    known = or_(cube.c.step != LAST, cube.c.day == until)
    return select(cube.c.step, cube.c.seconds, n, today).where(*within, known).group_by(cube.c.step, cube.c.seconds)


def refresh(connection: Connection, bounds: Sequence[datetime | None]) -> None:
    """Count anew what ended between the first and the last of the midnights (None: open), from one to the next, so that
    memory is bounded."""
    names = [column.name for column in cube.c]
    for first, end in pairwise(bounds):
        begun, until = first or datetime.min, end or datetime.max.replace(microsecond=0)
        span = {"first": begun, "end": until}
        within = (cube.c.day >= begun.date(), cube.c.day < until.date())
        connection.execute(delete(cube).where(*within))
        made = _counted().order_by(*names[:-1])
        connection.execute(insert(cube).from_select(names, made), span)
        keys = (cube.c.day, cube.c.step, cube.c.seconds)
        city = select(literal_column(f"'{CITY}'", String), *keys, cast(func.sum(cube.c.n), Integer)).where(*within)
        connection.execute(insert(cube).from_select(names, city.group_by(*keys).order_by(*keys)))
        connection.execute(insert(cube).from_select(names, _came().order_by("place", "day")), span)
