"""The list of cases, a page at a time out of millions, as it stood at a moment; and one case with its course.

A list is what it shows (a state and filters) and how it is sorted; pages are told apart by keys (see keyset).
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from data_access import keyset
from data_access.areas import Area
from data_access.engine import is_duckdb, rows
from data_access.parts import among, of_table
from data_access.remember import remembered
from data_access.schema import Moment
from data_access.services import counts
from data_access.services.again import open_at
from data_access.services.counts import ALL, Where
from data_access.services.tables import service_case, service_open, service_stop
from data_access.services.times import next_workdays
from data_access.where import AT, END, FIRST, bound, inside
from domain.periods import Span

c, s = service_case.c, service_stop.c
SEARCHED, SEARCHED_ROWS = 5_000_000, 400_000  # cases whose text one search reads: of a columnar engine, of another

_Q = bindparam("q", type_=String())
_OPEN = and_(c.accept_at.is_not(None), c.accept_at < AT, or_(c.finish_at.is_(None), c.finish_at >= AT))
_Conditions = tuple[ColumnElement[bool], ...]


def _until(first: ColumnElement, end: str) -> _Conditions:
    return c.due_at >= first, c.due_at < bindparam(end, type_=Moment)


# Which cases a list shows: received in the period; of those open now, whenever received (OPEN), which; finished late,
# refused, rated badly in the period.
STATES: dict[str, _Conditions] = {
    "": (c.receive_at >= FIRST, c.receive_at < END),
    "open": (),
    "late": (c.due_at < AT,),
    "today": _until(AT, "next_day"),
    "next": _until(bindparam("next_day", type_=Moment), "day_after"),
    "slow": (c.finish_at >= FIRST, c.finish_at < END, c.used_days > c.promised_days),
    "refused": (c.refuse_at >= FIRST, c.refuse_at < END),
    "bad": (c.rating <= 2, c.rating_at >= FIRST, c.rating_at < END),
}
OPEN = ("open", "late", "today", "next")


class _Section(NamedTuple):
    """Part of a sorted list: which cases, by which key, falling or not. open: of the open ones only (`where` does not
    say so again)."""

    open: bool
    where: _Conditions
    key: ColumnElement[Any]
    falling: bool


_LIMITED = and_(_OPEN, c.due_at.is_not(None))
SORTS: dict[str, tuple[_Section, ...]] = {
    # the remaining time, the most overdue first; then what does not wait, or has no limit, newest first
    "": (
        _Section(True, (c.due_at.is_not(None),), c.due_at, False),
        _Section(False, (not_(_LIMITED),), c.receive_at, True),
    ),
    "newest": (_Section(False, (), c.receive_at, True),),
    "oldest": (_Section(False, (), c.receive_at, False),),
}


@dataclass(frozen=True)
class Listing:
    """A list: which cases, in which order, as of which moment. A state or sort that does not exist is the default."""

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
        following, after = next_workdays(min(self.at, datetime.max - timedelta(days=400)).date(), 2)
        told = {
            "at": self.at,
            "first": self.span.start,
            "end": min(self.span.end, self.at),
            "next_day": datetime.combine(following, time.min),
            "day_after": datetime.combine(after, time.min),
        }
        return bound(self.area, self.where, **told, **({"q": self.q.lower()} if self.q else {}))

    @property
    def mark(self) -> str:
        """Says in a cursor which list it belongs to."""
        told = (self.area.code, self.span, self.where, self.state, self.q, self.sort)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:5]


class Case(NamedTuple):
    """A case as it stood at the moment: what had not happened by then is None, 0 or ''. stops: how often the clock was
    stopped; standing: it stands still at the moment."""

    case_id: int
    case_no: str
    title: str
    item: str
    org: str
    channel: str
    applicant: str
    hall: str
    district_code: str
    street_code: str
    receive_at: datetime
    accept_at: datetime | None
    refuse_at: datetime | None
    decide_at: datetime | None
    finish_at: datetime | None
    deliver_at: datetime | None
    due_at: datetime | None
    legal_due_at: datetime | None
    promised_days: float | None
    legal_days: float | None
    used_days: float | None
    result: str
    online_full: bool | None
    visits: int | None
    origin: str
    theme: str
    special: str
    rating: int | None
    rating_at: datetime | None
    rating_default: bool | None
    bad_reason: str
    rectify_due_at: datetime | None
    rectified_at: datetime | None
    words: str | None
    stops: int = 0
    standing: bool = False

    @property
    def open(self) -> bool:
        return self.accept_at is not None and self.finish_at is None

    @property
    def state(self) -> str:
        """received (waits for acceptance), accepted, standing (its clock is stopped), decided, finished, refused."""
        if self.finish_at is not None:
            return "finished"
        if self.refuse_at is not None:
            return "refused"
        if self.accept_at is None:
            return "received"
        return "standing" if self.standing else "decided" if self.decide_at else "accepted"


class Stop(NamedTuple):
    """A time that the clock stood still (特别程序). end: None while it does."""

    reason: str
    start: datetime
    end: datetime | None


class Page(NamedTuple):
    """Some cases of a list. after: the cursor of the next page, '' when this is the last. first: this is the first."""

    cases: tuple[Case, ...]
    after: str
    first: bool


# ---- which cases -----------------------------------------------------------------------------------------------------


def _search(how: str) -> ColumnElement[bool]:
    """Cases with the text in title, number or the words of a rating, letter for letter."""
    columns = (c.title, c.words, c.case_no)
    return or_(*(func.strpos(func.lower(one) if how == "folded" else one, _Q) > 0 for one in columns))


def _conditions(level: int, named: tuple[str, ...], state: str, searched: str) -> list[ColumnElement[bool]]:
    if level > 2:  # cases are told of streets, not of what lies in them
        return [literal(1) == 0]
    found = [c.receive_at < AT, *STATES[state], *inside(level, named, service_case)]
    return found + ([_search(searched)] if searched else [])


def _some(columns: Sequence[ColumnElement[Any]], state: str, opened: bool, *where: ColumnElement[bool]) -> Any:
    """The columns of the cases that meet all conditions; open ones in two parts, since an engine skips blocks by either
    and not by an "or"."""
    if state in OPEN or opened:
        return union_all(*open_at(columns, *where)).subquery()
    return select(*columns).where(*where).subquery()


_LATER = {
    "accept_at": "accept_at", "refuse_at": "refuse_at", "decide_at": "decide_at", "finish_at": "finish_at",
    "deliver_at": "deliver_at", "rating_at": "rating_at", "rectified_at": "rectified_at", "due_at": "accept_at",
    "legal_due_at": "accept_at", "used_days": "finish_at", "rating": "rating_at", "rating_default": "rating_at",
    "rectify_due_at": "rating_at", "words": "rating_at",
}  # fmt: skip
_SAID = {"result": "finish_at", "bad_reason": "rating_at"}  # '' until then
_STORED = Case._fields[:-2]


@cache
def _columns() -> tuple[ColumnElement[Any], ...]:
    """The columns of Case that are stored, as known at the moment."""
    told = {name: case((c[moment] < AT, c[name])) for name, moment in _LATER.items()}
    told |= {name: case((c[moment] < AT, c[name]), else_="") for name, moment in _SAID.items()}
    return tuple(told[name].label(name) if name in told else c[name] for name in _STORED)


@cache
def _section(shape: tuple[int, tuple[str, ...], str, str], sort: str, number: int, begun: bool) -> Select:
    """key, case_id: at most :most cases of a section; begun: only those after :key, :last."""
    section = SORTS[sort][number]
    key = section.key
    where = [*_conditions(*shape), *section.where]
    if begun:
        told, last = bindparam("key", type_=key.type), bindparam("last", type_=BigInteger())
        further = key < told if section.falling else key > told
        where += [key <= told if section.falling else key >= told, or_(further, c.case_id > last)]
    some = _some((key.label("key"), c.case_id), shape[2], section.open, *where).c
    query = select(some.key, some.case_id).order_by(some.key.desc() if section.falling else some.key, some.case_id)
    return query.limit(bindparam("most", type_=Integer()))


@cache
def _whole_asked(table: Table) -> Select:
    """The columns of Case of the cases :which."""
    told = (of_table(column, service_case, table) for column in _columns())
    return select(*told).where(among(table.c.case_id))


def _whole(keys: Sequence[Any], at: datetime, opened: bool) -> list[tuple[Any, ...]]:
    """The key of each of (key, case_id), then the columns of its case. opened: most of them wait still, and lie in
    their small table."""
    known: dict[int, Any] = {}
    for table in (service_open, service_case) if opened else (service_case,):
        if which := [case_id for _, case_id in keys if case_id not in known]:
            known |= {row[0]: row for row in rows(_whole_asked(table), {"which": which, "at": at})}
    return [(key, *known[case_id]) for key, case_id in keys]


@cache
def _stops_asked() -> Select:
    query = select(s.case_id, s.reason, s.start_at, s.end_at).where(among(s.case_id), s.start_at < AT)
    return query.order_by(s.case_id, s.seq)


def stops(which: Iterable[int], at: datetime) -> dict[int, list[Stop]]:
    """case_id -> its stops that had begun by the moment."""
    found: dict[int, list[Stop]] = {}
    listed = list(which)
    for case_id, reason, start, end in rows(_stops_asked(), {"which": listed, "at": at}) if listed else []:
        found.setdefault(case_id, []).append(Stop(reason, start, end if end and end < at else None))
    return found


def _told(some: Sequence[Any], at: datetime) -> list[Case]:
    listed = [Case._make((*row, 0, False)) for row in some]
    known = stops([one.case_id for one in listed], at)
    return [
        one._replace(stops=len(mine), standing=any(stop.end is None for stop in mine))
        if (mine := known.get(one.case_id))
        else one
        for one in listed
    ]


# ---- asking ----------------------------------------------------------------------------------------------------------


@remembered
def page(listing: Listing, after: str = "", size: int = 50) -> Page:
    """The cases that come after the cursor, at most `size`. A cursor of another list is as none."""
    sort = listing.sort if listing.sort in SORTS else ""
    listing, _ = searched(listing)
    sections = SORTS[sort]
    begin = keyset.read(listing.mark, [section.key for section in sections], after)

    def ask(number: int, values: dict[str, Any], begun: bool) -> Iterable[Any]:
        keys = rows(_section(listing.shape, sort, number, begun), listing.values | values)
        return _whole(keys, listing.at, sections[number].open or listing.shape[2] in OPEN)

    found, further = keyset.paged(range(len(sections)), begin, size, ask)
    more = keyset.cursor(listing.mark, further) if further else ""
    return Page(tuple(_told([row[1:] for row in found], listing.at)), more, begin is None)


def every(listing: Listing, most: int, size: int = 5000) -> Iterator[tuple[Case, ...]]:
    """The cases of a list in its order, `size` at a time, until `most`."""
    after, left = "", most
    while left > 0:
        some = page.__wrapped__(listing, after, min(size, left))  # type: ignore[attr-defined] - not worth remembering
        if some.cases:
            yield some.cases
        left -= len(some.cases)
        after = some.after
        if not after:
            return


@remembered
def searched(listing: Listing) -> tuple[Listing, datetime | None]:
    """The list that a search of it reads: all of it, or of the period only the newest days, with the moment from which
    on (None: all)."""
    left = SEARCHED if is_duckdb() else SEARCHED_ROWS
    if not listing.q or listing.shape[2]:
        return listing, None
    days = counts.daily(listing.area, listing.span, ("received",), listing.where)
    for day in sorted(days, reverse=True):
        left -= days[day][0]
        if left < 0:
            first = max(datetime.combine(day + timedelta(days=1), time.min), listing.span.start)
            return replace(listing, span=Span(first, max(first, listing.span.end))), first
    return listing, None


@cache
def _sized(shapes: tuple[tuple[int, tuple[str, ...], str, str], ...]) -> Select:
    parts = [
        select(literal(n).label("n"), func.count().label("size")).select_from(
            _some((c.case_id,), shape[2], False, *_conditions(*shape))
        )
        for n, shape in enumerate(shapes)
    ]
    both = union_all(*parts).subquery()
    return select(both.c.n, both.c.size)


@remembered
def size(listing: Listing) -> int:
    """How many cases the list has (what a search of it reads)."""
    listing, _ = searched(listing)
    return int(rows(_sized((listing.shape,)), listing.values)[0][1])


@remembered
def sizes(listing: Listing, states: tuple[str, ...]) -> dict[str, int]:
    """How many cases the lists of the states have, without a search, in one question."""
    if not states:
        return {}
    plain = replace(listing, q="", sort="")
    shapes = tuple(replace(plain, state=state).shape for state in states)
    return {states[n]: int(count) for n, count in rows(_sized(shapes), plain.values)}


@cache
def _one(column: str) -> Select:
    found = select(*_columns()).where(c[column] == bindparam("number"), c.receive_at < AT)
    return found.order_by(c.receive_at.desc(), c.case_id).limit(1)


@remembered
def whole(number: str, at: datetime) -> tuple[Case, tuple[Stop, ...]] | None:
    """A case by its identity, else by its number, and its stops; None where nobody knows it by then."""
    known = []
    if number.isdecimal() and len(number) < 19:
        known = rows(_one("case_id"), {"number": int(number), "at": at})
    known = known or rows(_one("case_no"), {"number": number, "at": at})
    if not known:
        return None
    told = _told([tuple(known[0])], at)[0]
    return told, tuple(stops([told.case_id], at).get(told.case_id, ()))
