"""The archive of reports (专报): numbered without gaps, only added to, and chained by hashes so that a change shows.

An issue holds what it showed: each panel's frame, what it measured, its meaning and its picture, in both languages, and
the sentences. Opening it asks nothing anew. A person may change the sentences: that is a further version.
"""

import gzip
import hashlib
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from data_access import engine
from data_access.report_tables import report, report_asset, report_claim, report_part, report_text

DEAD = timedelta(minutes=10)  # a claim of a worker that has not finished by then is taken over
TRIES = 20  # at a number that others take at the same time
State = Literal["draft", "released"]
_claiming = threading.Lock()  # DuckDB lets one transaction at a time write a row


@dataclass(frozen=True)
class Part:
    """What one panel showed, in one language. search: the View it was asked with. shown, measured, meta: as JSON has
    them; frame: text of kept_frames."""

    lang: str
    section: str
    panel: str
    search: str
    shown: Mapping[str, Any]
    frame: str
    measured: Sequence[Mapping[str, Any]] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A report that has no number yet. about: JSON-able; its `numbering` has {year} and {number} by language. content:
    the first text: sentences by language. assets: digest -> JSON text that pictures need."""

    kind: str
    covers_from: datetime
    covers_to: datetime
    at: datetime
    made_at: datetime
    late: bool
    lang: str
    template: str
    about: Mapping[str, Any]
    parts: Sequence[Part]
    content: Mapping[str, Any]
    state: State = "draft"
    assets: Mapping[str, str] = field(default_factory=dict)


class Text(NamedTuple):
    """A version of an issue's sentences; person '': the program."""

    version: int
    moment: datetime
    person: str
    state: State
    content: Mapping[str, Any]
    hash: str


class Issue(NamedTuple):
    """A report of the archive without its parts. texts: its versions, oldest first."""

    key: str
    kind: str
    year: int
    number: int
    covers_from: datetime
    covers_to: datetime
    asked_at: datetime
    made_at: datetime
    late: bool
    lang: str
    template: str
    about: Mapping[str, Any]
    previous: str
    hash: str
    texts: tuple[Text, ...]

    @property
    def text(self) -> Text:
        """The newest version."""
        return self.texts[-1]

    @property
    def released(self) -> Text | None:
        """The newest version that was released."""
        return next((one for one in reversed(self.texts) if one.state == "released"), None)

    def title(self, lang: str) -> str:
        return self.about["title"][lang]

    def numbered(self, lang: str) -> str:
        """2026年第12期."""
        return self.about["numbering"][lang].format(year=self.year, number=self.number)


class TakenOver(RuntimeError):
    """Another worker has the claim, or has made the report."""


class Outdated(RuntimeError):
    """The text was changed by someone else in the meantime."""


class NoReport(LookupError):
    """There is no such report."""


# ---- one of all workers makes the report of a period -----------------------------------------------------------------
def claim(kind: str, period: str, worker: str, now: datetime) -> bool:
    """Whether this worker may make the report of a period: it is the first to ask, or the one before died."""
    mine = {"kind": kind, "period": period, "worker": worker, "moment": now, "done": False}
    here = and_(report_claim.c.kind == kind, report_claim.c.period == period)
    try:
        with _claiming, engine.engine().begin() as connection:
            there = connection.execute(select(report_claim).where(here)).first()
            if there is None:
                connection.execute(insert(report_claim).values(**mine))
                return True
            if there.done or now - there.moment < DEAD:
                return False
            taken = and_(here, report_claim.c.worker == there.worker, report_claim.c.moment == there.moment)
            connection.execute(update(report_claim).where(taken).values(worker=worker, moment=now))
            return connection.execute(select(report_claim.c.worker).where(here)).scalar() == worker
    except IntegrityError:  # another worker was quicker by a moment
        return False


def claimed(kind: str) -> list[str]:
    """The periods of a kind whose report was made, oldest first."""
    query = select(report_claim.c.period).where(report_claim.c.kind == kind, report_claim.c.done)
    return [period for (period,) in engine.rows(query.order_by(report_claim.c.period))]


def settle(kind: str, period: str, now: datetime) -> None:
    """Take a period as done without a report: what was before the schedule began."""
    if claim(kind, period, "", now):
        with _claiming, engine.engine().begin() as connection:
            _done(connection, kind, period, "")


def _done(connection: Connection, kind: str, period: str, worker: str) -> None:
    mine = and_(
        report_claim.c.kind == kind,
        report_claim.c.period == period,
        report_claim.c.worker == worker,
        report_claim.c.done.is_(False),
    )
    there = connection.execute(select(report_claim.c.kind).where(mine)).first()
    if there is None or connection.execute(update(report_claim).where(mine).values(done=True)).rowcount == 0:
        raise TakenOver(f"{kind} {period}")


# ---- keeping ---------------------------------------------------------------------------------------------------------
def archive(draft: Draft, *, period: str = "", worker: str = "") -> str:
    """Give the report its number and keep it, in one transaction; its key. period, worker: the claim it was made under,
    '' when a person asked for it. Raises TakenOver when that claim is another's by now: nothing is kept then."""
    for attempt in range(TRIES):
        try:
            return _archived(draft, period, worker)
        except IntegrityError:  # another worker took the number at the same time
            if attempt == TRIES - 1:
                raise
    raise AssertionError


def _archived(draft: Draft, period: str, worker: str) -> str:
    with engine.committing() as connection:
        if period:
            _done(connection, draft.kind, period, worker)
        year = draft.at.year
        mine = and_(report.c.kind == draft.kind, report.c.year == year)
        number = int(connection.execute(select(func.max(report.c.number)).where(mine)).scalar() or 0) + 1
        before = select(report.c.hash).where(report.c.kind == draft.kind)
        before = before.order_by(report.c.year.desc(), report.c.number.desc()).limit(1)
        row = {
            "key": f"{draft.kind}-{year}-{number:03d}",
            "kind": draft.kind,
            "year": year,
            "number": number,
            "covers_from": draft.covers_from,
            "covers_to": draft.covers_to,
            "asked_at": draft.at,
            "made_at": draft.made_at,
            "late": draft.late,
            "lang": draft.lang,
            "template": draft.template,
            "about": _json(draft.about),
            "previous": connection.execute(before).scalar() or "",
        }
        parts = [
            {
                "report": row["key"],
                "lang": one.lang,
                "place": place,
                "section": one.section,
                "panel": one.panel,
                "search": one.search,
                "shown": _json(one.shown),
                "frame": one.frame,
                "measured": _json(one.measured),
                "meta": _json(one.meta),
            }
            for place, one in enumerate(draft.parts)
        ]
        sealed = _digest(row, parts, draft.content)
        connection.execute(insert(report).values(**row, hash=sealed))
        if parts:
            connection.execute(insert(report_part), parts)
        _write(connection, row["key"], Text(1, draft.made_at, "", draft.state, draft.content, ""), sealed)
        for digest, content in draft.assets.items():
            if connection.execute(select(report_asset.c.digest).where(report_asset.c.digest == digest)).first() is None:
                packed = gzip.compress(content.encode(), mtime=0)
                connection.execute(insert(report_asset).values(digest=digest, content=packed))
    return row["key"]


def revise(key: str, version: int, content: Mapping[str, Any], *, person: str, state: State, now: datetime) -> int:
    """Add a version of an issue's text; its number. version: the one it was written from. Raises Outdated when there is
    a newer one, NoReport."""
    try:
        with engine.committing() as connection:
            of = report_text.c.report == key
            query = select(report_text.c.version, report_text.c.hash).where(of).order_by(report_text.c.version.desc())
            last = connection.execute(query.limit(1)).first()
            if last is None:
                raise NoReport(key)
            if last.version != version:
                raise Outdated(key)
            _write(connection, key, Text(version + 1, now, person, state, content, ""), last.hash)
    except IntegrityError:
        raise Outdated(key) from None
    return version + 1


def _write(connection: Connection, key: str, text: Text, before: str) -> None:
    """A version, sealed with the hash of what was before it."""
    row = {"report": key} | text._asdict() | {"content": _json(text.content)}
    del row["hash"]
    connection.execute(insert(report_text).values(**row, hash=_sealed(before, row)))


def on_top(said: Sequence[Mapping[str, Any]], most: int = 4, of_a_section: int = 2) -> list[Mapping[str, Any]]:
    """The sentences that stand on top: the weightiest first, few of a section."""
    counted: dict[str, int] = {}
    kept: list[Mapping[str, Any]] = []
    for one in sorted((s for s in said if s.get("weight", 0) > 0), key=lambda s: -s["weight"]):
        counted[one["section"]] = counted.get(one["section"], 0) + 1
        if counted[one["section"]] <= of_a_section and len(kept) < most:
            kept.append(one)
    return kept


# ---- reading ---------------------------------------------------------------------------------------------------------
def issues(at: datetime, kind: str = "", most: int = 400) -> list[Issue]:
    """The issues that were there at a moment, newest first."""
    query = select(report).where(report.c.made_at <= at)
    if kind:
        query = query.where(report.c.kind == kind)
    query = query.order_by(report.c.asked_at.desc(), report.c.kind, report.c.number.desc()).limit(most)
    return _told(engine.rows(query))


def issue(key: str) -> Issue | None:
    """One issue, None when there is none."""
    found = _told(engine.rows(select(report).where(report.c.key == key)))
    return found[0] if found else None


def of_period(kind: str, covers_from: datetime, covers_to: datetime) -> Issue | None:
    """The newest issue of a kind that covers exactly this."""
    query = select(report).where(
        report.c.kind == kind, report.c.covers_from == covers_from, report.c.covers_to == covers_to
    )
    found = _told(engine.rows(query.order_by(report.c.year.desc(), report.c.number.desc()).limit(1)))
    return found[0] if found else None


def parts(key: str, lang: str) -> list[tuple[int, Part]]:
    """(place, part) of an issue in a language, in the document's order."""
    query = select(report_part).where(report_part.c.report == key, report_part.c.lang == lang)
    return [(row.place, _part(row)) for row in engine.rows(query.order_by(report_part.c.place))]


def part(key: str, place: int) -> Part | None:
    """One part of an issue."""
    found = engine.rows(select(report_part).where(report_part.c.report == key, report_part.c.place == place))
    return _part(found[0]) if found else None


def asset(digest: str) -> bytes | None:
    """JSON, compressed with gzip, of what a picture needs."""
    found = engine.rows(select(report_asset.c.content).where(report_asset.c.digest == digest))
    return bytes(found[0][0]) if found else None


def altered(key: str) -> list[str]:
    """What of an issue is not as it was kept: 'report', 'previous' (the issue before it), 'text 2'; [] when all is."""
    found = engine.rows(select(report).where(report.c.key == key))
    if not found:
        raise NoReport(key)
    row = dict(found[0]._mapping)
    sealed = row.pop("hash")
    query = select(report_part).where(report_part.c.report == key).order_by(report_part.c.place)
    kept = [dict(one._mapping) for one in engine.rows(query)]
    versions = [
        dict(one._mapping)
        for one in engine.rows(select(report_text).where(report_text.c.report == key).order_by(report_text.c.version))
    ]
    wrong = []
    first = json.loads(versions[0]["content"]) if versions else {}
    if _digest(row, kept, first) != sealed:
        wrong.append("report")
    order = report.c.year * 100_000 + report.c.number
    earlier = and_(report.c.kind == row["kind"], order < row["year"] * 100_000 + row["number"])
    query = select(report.c.hash).where(earlier).order_by(order.desc()).limit(1)
    before = engine.rows(query)
    if (before[0][0] if before else "") != row["previous"]:
        wrong.append("previous")
    chain = sealed
    for one in versions:
        told = one.pop("hash")
        if _sealed(chain, one) != told:
            wrong.append(f"text {one['version']}")
        chain = told
    return wrong


def _told(found: Iterable[Any]) -> list[Issue]:
    some = [dict(row._mapping) for row in found]
    keys = [row["key"] for row in some]
    texts: dict[str, list[Text]] = {key: [] for key in keys}
    query = select(report_text).where(report_text.c.report.in_(keys))
    query = query.order_by(report_text.c.report, report_text.c.version)
    for row in engine.rows(query) if keys else ():
        texts[row.report].append(
            Text(row.version, row.moment, row.person, row.state, json.loads(row.content), row.hash)
        )
    return [Issue(**row | {"about": json.loads(row["about"])}, texts=tuple(texts[row["key"]])) for row in some]


def _part(row: Any) -> Part:
    shown, measured, meta = (json.loads(value) for value in (row.shown, row.measured, row.meta))
    return Part(row.lang, row.section, row.panel, row.search, shown, row.frame, measured, meta)


# ---- hashes ----------------------------------------------------------------------------------------------------------
def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _digest(row: Mapping[str, Any], kept: Sequence[Mapping[str, Any]], content: Mapping[str, Any]) -> str:
    told = {"report": _plain(row), "parts": [_plain(one) for one in kept], "text": content}
    return hashlib.sha256(_json(told).encode()).hexdigest()


def _sealed(before: str, row: Mapping[str, Any]) -> str:
    return hashlib.sha256(_json({"before": before} | _plain(row)).encode()).hexdigest()
