"""What is told again of a few orders in a hundred, so that a question about them need not read all there are: the ones
that are not closed, and each time that one changed hands or was sent back to be redone. Kept in step inside the
writer's own transaction."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    SmallInteger,
    String,
    Table,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    union_all,
)

from data_access.parts import among
from data_access.schema import Moment, hotline_move, hotline_open, hotline_redo
from data_access.schema import hotline_event as e
from data_access.schema import hotline_order as o

TABLES = (hotline_open, hotline_move, hotline_redo)
_FILTERED = (
    "district_code", "street_code", "community_code", "channel", "appeal_type", "category", "topic", "org", "line",
)  # fmt: skip
_MOVES = ("returned", "reassigned", "dispatched")


def _events(kinds: Sequence[str], some: bool) -> Any:
    """The events of these kinds; some: of the orders :which alone, none of which came before :since."""
    # one kind at a time: a list of kinds is several times slower on DuckDB
    mine = (among(e.c.order_id), e.c.happened_at >= bindparam("since", type_=Moment)) if some else ()
    columns = (e.c.order_id, e.c.seq, e.c.event, e.c.happened_at, e.c.org)
    parts = [select(*columns).where(e.c.event == kind, *mine) for kind in kinds]
    return (union_all(*parts) if len(parts) > 1 else parts[0]).subquery()


def _moving(some: bool) -> ColumnElement[bool]:
    """Not merely dispatched: the first dispatch comes first in a log, at most after the registration."""
    moves = _events(_MOVES, some)
    return e.c.order_id.in_(select(moves.c.order_id).where(or_(moves.c.event != "dispatched", moves.c.seq > 2)))


@cache
def _moves_made(some: bool) -> Select:
    """The rows of hotline_move."""
    mine = (among(e.c.order_id), e.c.happened_at >= bindparam("since", type_=Moment)) if some else ()
    columns = (e.c.order_id, e.c.seq, e.c.event, e.c.happened_at, e.c.org)
    moving = _moving(some)
    steps = union_all(*(select(*columns).where(e.c.event == kind, moving, *mine) for kind in _MOVES)).subquery()

    def beside(function: Any, column: ColumnElement) -> ColumnElement:
        order = (steps.c.happened_at, steps.c.seq)
        return function(column).over(partition_by=steps.c.order_id, order_by=order)

    nth = func.row_number().over(
        partition_by=(steps.c.order_id, steps.c.event), order_by=(steps.c.happened_at, steps.c.seq)
    )
    told = select(
        *steps.c,
        cast(nth, SmallInteger).label("nth"),
        beside(func.lag, steps.c.event).label("last_event"),
        beside(func.lag, steps.c.org).label("last_org"),
        beside(func.lead, steps.c.event).label("next_event"),
        beside(func.lead, steps.c.org).label("next_org"),
        beside(func.lead, steps.c.happened_at).label("next_at"),
    ).subquery()
    back = told.c.event == "returned"
    taken = and_(back, told.c.next_event != "returned")
    holder = func.coalesce(told.c.last_org, "")
    passed = {
        "from_org": case((and_(back, told.c.org != ""), told.c.org), else_=holder),
        "to_org": case((taken, told.c.next_org), (back, literal_column("''", String)), else_=told.c.org),
        "passed_at": case((taken, told.c.next_at), (back, None), else_=told.c.happened_at),
    }
    last = func.coalesce(told.c.last_event, "")
    on = or_(told.c.event == "reassigned", and_(told.c.event == "dispatched", last != ""))
    columns = (told.c.order_id, told.c.happened_at.label("moment"), told.c.event.label("kind"), told.c.nth)
    return (
        select(
            *columns,
            *(column.label(name) for name, column in passed.items()),
            o.c.sign_at,
            *(o.c[name] for name in _FILTERED),
        )
        .join(o, o.c.order_id == told.c.order_id)
        .where(or_(back, and_(on, last != "returned")))
        .order_by(told.c.happened_at, told.c.order_id)
    )


@cache
def _redos_made(some: bool) -> Select:
    """The rows of hotline_redo."""
    mine = (among(o.c.order_id),) if some else ()
    redone = select(o).where(o.c.redo_at.is_not(None), *mine).subquery()
    further = _events(("redo",), some)
    replies = _events(("replied",), some)
    first = select(redone.c.order_id, redone.c.redo_at.label("moment"), literal_column("1", Integer).label("nth"))
    nth = func.row_number().over(partition_by=further.c.order_id, order_by=(further.c.happened_at, further.c.seq))
    again = select(further.c.order_id, further.c.happened_at, cast(nth, Integer) + 1).join(
        redone, and_(redone.c.order_id == further.c.order_id, further.c.happened_at > redone.c.redo_at)
    )
    each = union_all(first, again).subquery()
    answered = (
        select(each.c.order_id, each.c.moment, each.c.nth, func.min(replies.c.happened_at).label("replied_at"))
        .outerjoin(replies, and_(replies.c.order_id == each.c.order_id, replies.c.happened_at >= each.c.moment))
        .group_by(each.c.order_id, each.c.moment, each.c.nth)
        .subquery()
    )
    of = ("accept_at", "callback_at", "redo_count", "satisfaction", *_FILTERED)
    return (
        select(
            answered.c.order_id,
            answered.c.moment,
            cast(answered.c.nth, SmallInteger),
            answered.c.replied_at,
            *(redone.c[name] for name in of),
        )
        .join(redone, redone.c.order_id == answered.c.order_id)
        .order_by(answered.c.moment, answered.c.order_id)
    )


@cache
def _open_made(some: bool) -> Select:
    """The rows of hotline_open."""
    mine = (among(o.c.order_id), o.c.accept_at >= bindparam("since", type_=Moment)) if some else ()
    return select(o).where(o.c.close_at.is_(None), o.c.tracked.is_(True), *mine).order_by(o.c.accept_at, o.c.order_id)


def follow(
    connection: Connection,
    which: Sequence[int] | None = None,
    since: datetime | None = None,
    *,
    tables: Sequence[Table] = TABLES,
) -> None:
    """Bring the tables in step with the orders and their events: of all orders, or of some, none of which was accepted
    before `since`."""
    if which is not None and not len(which):
        return
    some = which is not None
    values: dict[str, Any] = {"which": list(which or ()), "since": since or datetime(1, 1, 1)} if some else {}
    making = {hotline_open: _open_made, hotline_move: _moves_made, hotline_redo: _redos_made}
    for table in tables:
        made = making[table](some)
        gone = delete(table).where(among(table.c.order_id)) if some else delete(table)
        connection.execute(gone, {"which": values["which"]} if some else {})
        names = [column.name for column in table.columns]
        connection.execute(insert(table).from_select(names, made), values)
