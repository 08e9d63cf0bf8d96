"""What was tried to deliver reports, and how it went: only ever added to."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from data_access import engine
from data_access.report_tables import report_delivery as d

Ended = Literal["done", "failed"]


class Attempt(NamedTuple):
    """One attempt at a target. event: started (it still runs, or its worker died) | done | failed. moment: of that
    event. detail: where it went, or why it did not."""

    report: str
    version: int
    target: str
    attempt: int
    event: str
    moment: datetime
    detail: str


def begin(key: str, version: int, target: str, attempt: int, now: datetime) -> bool:
    """Whether this worker may make the attempt: no other has begun it."""
    try:
        _write(Attempt(key, version, target, attempt, "started", now, ""))
    except IntegrityError:
        return False
    return True


def end(key: str, version: int, target: str, attempt: int, event: Ended, *, detail: str, now: datetime) -> None:
    """How an attempt went."""
    _write(Attempt(key, version, target, attempt, event, now, detail))


def _write(row: Attempt) -> None:
    with engine.committing() as connection:
        same = [d.c[name] == getattr(row, name) for name in ("report", "version", "target", "attempt", "event")]
        if connection.execute(select(d.c.report).where(*same)).first() is not None:
            raise IntegrityError("there already", None, ValueError(row.event))
        connection.execute(insert(d).values(**row._asdict()))


def attempts(keys: Iterable[str]) -> dict[str, list[Attempt]]:
    """The attempts of reports with the last that is known of each, oldest first."""
    wanted = list(keys)
    found: dict[tuple[str, int, str, int], Attempt] = {}
    query = select(*(d.c[name] for name in Attempt._fields)).where(d.c.report.in_(wanted))
    for row in engine.rows(query) if wanted else ():
        one = Attempt(*row)
        same = found.get(one[:4])
        if same is None or same.event == "started":
            found[one[:4]] = one
    told: dict[str, list[Attempt]] = {key: [] for key in wanted}
    for one in sorted(found.values(), key=lambda a: (a.version, a.target, a.attempt)):
        told[one.report].append(one)
    return told
