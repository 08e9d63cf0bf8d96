"""The list of orders, a page at a time out of millions, as it stood at a moment.

A list is what it shows (a state and filters) and how it is sorted. A sort is a sequence of sections, each sorted by one
key and then by order_id, so that a page begins right after the last row of the one before, wherever that is (keyset):
the thousandth page costs what the first does, and each order comes exactly once.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from data_access import hotline, keyset
from data_access.areas import Area
from data_access.engine import is_duckdb, rows
from data_access.parts import Conditions, among, each, open_at
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.schema import hotline_event as e
from data_access.schema import hotline_order as o
from data_access.where import ALL, AT, Where, bound, inside
from domain.lifecycle import Event, life
from domain.periods import Span

SOON = timedelta(hours=4)
# Orders whose text one search reads: what is read in a second. A columnar engine reads three columns of them, the other
# whole rows.
SEARCHED, SEARCHED_ROWS = 5_000_000, 400_000

_Q = bindparam("q", type_=String())
_NOT_OPEN = not_(and_(o.c.tracked.is_(True), or_(o.c.close_at.is_(None), o.c.close_at >= AT)))


def _between(moment: ColumnElement[datetime], first: str, end: str) -> tuple[ColumnElement[bool], ...]:
    return moment >= bindparam(first, type_=Moment), moment < bindparam(end, type_=Moment)


# Which orders a list shows. Of the period: accepted, rated, marked in it. Open ones (OPEN): whenever accepted, as the
# stock of the moment is.
STATES: dict[str, tuple[ColumnElement[bool], ...]] = {
    "": _between(o.c.accept_at, "first", "end"),
    "open": (),
    "overdue": (o.c.due_at < AT,),
    "today": _between(o.c.due_at, "midnight", "tomorrow"),
    "soon": _between(o.c.due_at, "at", "soon"),
    "unhappy": (o.c.satisfaction <= 2, *_between(o.c.callback_at, "first", "end")),
    "supervised": _between(o.c.supervised_at, "first", "end"),
    "redo": _between(o.c.redo_at, "first", "end"),
    "returned": _between(o.c.returned_at, "first", "end"),
}
OPEN = ("open", "overdue", "today", "soon")  # the lists of open orders alone


class _Section(NamedTuple):
    """Part of a sorted list: which orders, by which key, falling or not. open: True: of the open ones only (`where`
    does not say so again); None where it holds both kinds."""

    open: bool | None
    where: tuple[ColumnElement[bool], ...]
    key: ColumnElement[Any]
    falling: bool


_ACCEPTED = o.c.accept_at
_SECONDS = cast(extract("epoch", o.c.close_at - o.c.accept_at), BigInteger())
_SHUT = and_(o.c.tracked.is_(True), o.c.close_at < AT)
SORTS: dict[str, tuple[_Section, ...]] = {
    # the remaining time: the most overdue first; open ones without a limit after them, then the rest, newest first
    "": (
        _Section(True, (o.c.due_at.is_not(None),), o.c.due_at, False),
        _Section(True, (o.c.due_at.is_(None),), _ACCEPTED, False),
        _Section(False, (_NOT_OPEN,), _ACCEPTED, True),
    ),
    "newest": (_Section(None, (), _ACCEPTED, True),),
    "oldest": (_Section(None, (), _ACCEPTED, False),),
    # how long they have been, or were, open; last those of which nobody tells
    "longest": (
        _Section(True, (), _ACCEPTED, False),
        _Section(False, (_SHUT,), _SECONDS, True),
        _Section(False, (o.c.tracked.is_(False),), _ACCEPTED, False),
    ),
}


@dataclass(frozen=True)
class Listing:
    """A list: which orders, in which order, as of which moment. A state or sort that does not exist is the default."""

    area: Area
    span: Span
    at: datetime
    where: Where = ALL
    state: str = ""
    q: str = ""
    sort: str = ""

    @property
    def shape(self) -> tuple[int, tuple[str, ...], str, str]:
        """Of its statement: level, filters, state, and how text is searched ('', 'exact', 'folded')."""
        cased = self.q.lower() != self.q.upper()
        searched = "" if not self.q else "folded" if cased else "exact"
        return self.area.level, self.where.named, self.state if self.state in STATES else "", searched

    @property
    def values(self) -> dict[str, Any]:
        """What is bound to the statement."""
        midnight = datetime.combine(self.at.date(), time.min)
        last = datetime.max - timedelta(days=2)
        given = {
            "at": self.at,
            "first": self.span.start,
            "end": min(self.span.end, self.at),
            "midnight": midnight,
            "tomorrow": min(midnight, last) + timedelta(days=1),
            "soon": min(self.at, last) + SOON,
        }
        return bound(self.area, self.where, **given, **({"q": self.q.lower()} if self.q else {}))

    @property
    def mark(self) -> str:
        """Says in a cursor which list it belongs to."""
        told = (self.area.code, self.span, self.where, self.state, self.q, self.sort)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:5]


class Order(NamedTuple):
    """An order as it stood at the moment. close_at: None also when it was closed later. state: as in
    domain/lifecycle.toml. returned, reassigned, redone, extended, urged, supervised: how often until then (0 or 1
    where the source has no event log)."""

    order_id: int
    order_no: str
    accept_at: datetime
    title: str
    address: str
    category: str
    topic: str
    district_code: str
    street_code: str
    org: str
    tracked: bool
    due_at: datetime | None
    close_at: datetime | None
    state: str
    returned: int
    reassigned: int
    redone: int
    extended: int
    urged: int
    supervised: int

    @property
    def open(self) -> bool:
        return self.tracked and self.close_at is None


class Page(NamedTuple):
    """Some orders of a list. after: the cursor of the next page, '' when this is the last. first: this is the first."""

    orders: tuple[Order, ...]
    after: str
    first: bool


# ---- which orders ------------------------------------------------------------------------------------------------


def _search(how: str) -> ColumnElement[bool]:
    """Orders with the text in title, content or number, letter for letter: no character means anything but itself."""
    columns = (o.c.title, o.c.content, o.c.order_no)
    return or_(*(func.strpos(func.lower(c) if how == "folded" else c, _Q) > 0 for c in columns))


def _conditions(level: int, named: tuple[str, ...], state: str, searched: str) -> list[ColumnElement[bool]]:
    found = [o.c.accept_at < AT, *STATES[state], *inside(level, named)]
    return found + ([_search(searched)] if searched else [])


def _was(moment: ColumnElement[datetime]) -> ColumnElement[int]:
    return case((moment < AT, 1), else_=0)


def _state() -> ColumnElement[str]:
    """The state at :at from the order's own times, for sources without an event log."""
    steps = {"closed": o.c.close_at, "replied": o.c.reply_at, "signed": o.c.sign_at, "dispatched": o.c.dispatch_at}
    return case(*((moment < AT, name) for name, moment in steps.items()), else_="accepted")


@cache
def _columns() -> tuple[ColumnElement[Any], ...]:
    """The columns of Order."""
    told = {
        "close_at": case((o.c.close_at < AT, o.c.close_at)),  # a later closing was not known then
        "state": _state(),
        "returned": _was(o.c.returned_at),
        "reassigned": literal(0),
        "redone": _was(o.c.redo_at),
        "extended": _was(o.c.extended_at),
        "urged": literal(0),
        "supervised": _was(o.c.supervised_at),
    }
    return tuple(told[name].label(name) if name in told else o.c[name] for name in Order._fields)


def _among(state: str, opened: bool | None = None) -> tuple[Conditions, ...]:
    """The parts that a list, or a section of it, is asked in."""
    return open_at(AT) if state in OPEN or opened else ((),)


@cache
def _section(shape: tuple[int, tuple[str, ...], str, str], sort: str, number: int, begun: bool) -> Select:
    """At most :most orders of a section, with the key first; begun: only those after :key, :last. First which, and
    then all about these: to read every column of every order that could be shown takes ten times as long."""
    section = SORTS[sort][number]
    key = section.key
    where = [*_conditions(*shape), *section.where]
    if begun:
        bound, last = bindparam("key", type_=key.type), bindparam("last", type_=BigInteger())
        further = key < bound if section.falling else key > bound
        where += [key <= bound if section.falling else key >= bound, or_(further, o.c.order_id > last)]
    parts = _among(shape[2], section.open)
    some = each((key.label("key"), o.c.order_id), parts, *where)
    few = select(*some.c).order_by(some.c.key.desc() if section.falling else some.c.key, some.c.order_id)
    few = few.limit(bindparam("most", type_=Integer())).cte("few")
    told = each((few.c.key, *_columns()), parts, few.c.order_id == o.c.order_id)
    return select(*told.c).order_by(told.c.key.desc() if section.falling else told.c.key, told.c.order_id)


# ---- asking ----------------------------------------------------------------------------------------------------------


@remembered
def page(listing: Listing, after: str = "", size: int = 50) -> Page:
    """The orders that come after the cursor, at most `size`. A cursor of another list is as none."""
    sort = listing.sort if listing.sort in SORTS else ""
    listing, _ = searched(listing)
    sections = SORTS[sort]
    begin = keyset.read(listing.mark, [section.key for section in sections], after)
    told = [n for n, one in enumerate(sections) if one.open is not False or listing.shape[2] not in OPEN]

    def ask(number: int, values: dict[str, Any], begun: bool) -> Iterable[Any]:
        return rows(_section(listing.shape, sort, number, begun), listing.values | values)

    found, further = keyset.paged(told, begin, size, ask)
    more = keyset.cursor(listing.mark, further) if further else ""
    return Page(tuple(_told([Order._make(row[1:]) for row in found], listing.at)), more, begin is None)


def every(listing: Listing, most: int, size: int = 5000) -> Iterator[tuple[Order, ...]]:
    """The orders of a list in its order, `size` at a time, until `most`."""
    after, left = "", most
    while left > 0:
        some = page.__wrapped__(listing, after, min(size, left))  # type: ignore[attr-defined] - not worth remembering
        if some.orders:
            yield some.orders
        left -= len(some.orders)
        after = some.after
        if not after:
            return


@remembered
def searched(listing: Listing) -> tuple[Listing, datetime | None]:
    """The list that a search of it reads: all of it, or of the period only the newest days, with the moment from which
    on (None: all)."""
    most = SEARCHED if is_duckdb() else SEARCHED_ROWS
    if not listing.q or listing.shape[2]:
        return listing, None
    days, counts = hotline.daily(listing.area, listing.span.start, listing.span.end, listing.where)
    left = most
    for day, n in zip(reversed(days), reversed(counts["received"]), strict=True):
        left -= n
        if left < 0:
            first = max(datetime.combine(day + timedelta(days=1), time.min), listing.span.start)
            span = Span(first, max(first, listing.span.end))
            return Listing(listing.area, span, listing.at, listing.where, listing.state, listing.q, listing.sort), first
    return listing, None


@cache
def _counted(shape: tuple[int, tuple[str, ...], str, str]) -> Select:
    return select(func.count()).select_from(each((o.c.order_id,), _among(shape[2]), *_conditions(*shape)))


@remembered
def size(listing: Listing) -> int:
    """How many orders the list has (what a search of it reads)."""
    listing, _ = searched(listing)
    return rows(_counted(listing.shape), listing.values)[0][0]


@cache
def _by_state(level: int, named: tuple[str, ...], states: tuple[str, ...]) -> Select:
    parts = [
        select(literal(state).label("state"), func.count().label("n")).select_from(
            each((o.c.order_id,), _among(state), *_conditions(level, named, state, ""))
        )
        for state in states
    ]
    both = union_all(*parts).subquery()
    return select(both.c.state, both.c.n)


@remembered
def sizes(listing: Listing, states: tuple[str, ...]) -> dict[str, int]:
    """How many orders the lists of the states have, without a search, in one question."""
    level, named, _, _ = listing.shape
    values = Listing(listing.area, listing.span, listing.at, listing.where).values
    found = rows(_by_state(level, named, tuple(states)), values) if states else []
    return dict(found)


# ---- courses ----------------------------------------------------------------------------------------------------

_COUNTS = {
    "returned": "returned",
    "reassigned": "reassigned",
    "redone": "redo",
    "extended": "extended",
    "urged": "urged",
    "supervised": "supervised",
}


@cache
def _events_of(keyed: bool) -> Select:
    """The events of some orders up to the moment. keyed: by street too, as the key on PostgreSQL begins; where blocks
    are skipped instead, each further condition is only more work."""
    mine = [among(e.c.order_id), e.c.happened_at < AT]
    mine += [e.c.street_code.in_(bindparam("streets", expanding=True))] if keyed else []
    return select(e.c.order_id, e.c.event, e.c.happened_at, e.c.org).where(*mine).order_by(e.c.order_id, e.c.seq)


def _told(orders: Sequence[Order], at: datetime) -> Iterable[Order]:
    """The orders with their state and counts from the event log, where there is one."""
    if not orders:
        return orders
    keyed = not is_duckdb()
    values: dict[str, Any] = {"which": [one.order_id for one in orders], "at": at}
    values |= {"streets": sorted({one.street_code for one in orders})} if keyed else {}
    events: dict[int, list[Event]] = {}
    for order_id, name, when, org in rows(_events_of(keyed), values):
        events.setdefault(order_id, []).append(Event(name, when, org))
    return [_lived(one, events[one.order_id], at) if one.order_id in events else one for one in orders]


def _lived(order: Order, events: list[Event], at: datetime) -> Order:
    lived = life(events)
    counts = {name: lived.counts.get(event, 0) for name, event in _COUNTS.items()}
    return order._replace(state=lived.state_at(at) or order.state, **counts)


# ---- one order --------------------------------------------------------------------------------------------------


class Whole(NamedTuple):
    """Everything about an order that may be shown, as it stood at the moment; texts are masked at intake. What had not
    happened by then is None."""

    order_id: int
    order_no: str
    source: str
    accept_at: datetime
    due_at: datetime | None
    close_at: datetime | None
    callback_at: datetime | None
    dispatch_at: datetime | None
    sign_at: datetime | None
    reply_at: datetime | None
    tracked: bool
    direct: bool | None
    channel: str
    appeal_type: str
    line: str | None
    category: str
    topic: str
    org: str
    district_code: str
    street_code: str
    community_code: str
    responded: bool | None
    resolved: int | None
    satisfaction: int | None
    title: str
    content: str | None
    address: str


_LATER = ("close_at", "callback_at", "dispatch_at", "sign_at", "reply_at")
_SAID = ("responded", "resolved", "satisfaction")


@cache
def _one(column: str) -> Select:
    told = {name: case((o.c[name] < AT, o.c[name])) for name in _LATER}
    told |= {name: case((o.c.callback_at < AT, o.c[name])) for name in _SAID}
    columns = (told[name].label(name) if name in told else o.c[name] for name in Whole._fields)
    found = select(*columns).where(o.c[column] == bindparam("number"), o.c.accept_at < AT)
    return found.order_by(o.c.accept_at.desc(), o.c.order_id).limit(1)


@cache
def _log() -> Select:
    """An order's events up to the moment, in the order of the log."""
    mine = (e.c.street_code == bindparam("street"), e.c.order_id == bindparam("number"), e.c.happened_at < AT)
    return select(e.c.event, e.c.happened_at, e.c.org).where(*mine).order_by(e.c.seq)


@remembered
def whole(number: str, at: datetime) -> tuple[Whole, tuple[Event, ...]] | None:
    """An order by its order_id, else the newest that bears the printed number, with its events before the moment; None
    when there was none by then."""
    found: Sequence[Any] = ()
    if number.isascii() and number.isdigit() and int(number) < 2**63:
        found = rows(_one("order_id"), {"number": int(number), "at": at})
    if not found:
        found = rows(_one("order_no"), {"number": number, "at": at})
    if not found:
        return None
    order = Whole._make(found[0])
    log = rows(_log(), {"number": order.order_id, "street": order.street_code, "at": at})
    return order, tuple(Event(*row) for row in log)
