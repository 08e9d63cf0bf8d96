"""What explains the days of a line: what happened on them, and which were free."""

from datetime import date, datetime, time, timedelta
from typing import Any

from components.words import text
from data_access import hotline
from domain import workdays


def happened(first: datetime, end: datetime, lang: str, kinds: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The last five marks (warnings, campaigns; of some kinds only) that began in [first, end), as figures.trend wants
    them: start, at, name (the day and the kind), full."""
    marks = [
        {
            "start": _day(row.start),
            "at": row.start,
            "name": f"{row.start:%m-%d} {text(f'kind.{row.kind}', lang)}",
            "full": row.name_zh if lang == "zh" else row.name_en,
        }
        for row in hotline.marks(first, end)
        if row.start >= first and (not kinds or row.kind in kinds)
    ]
    return marks[-5:]


def lasting(first: datetime, end: datetime, lang: str, kind: str) -> list[dict[str, Any]]:
    """The marks of a kind that touch [first, end), cut to it, as figures.trend wants them: start, end (days), name."""
    return [
        {
            "start": _day(max(row.start, first)),
            "end": _day(min(row.end, end)),
            "name": row.name_zh if lang == "zh" else row.name_en,
        }
        for row in hotline.marks(first, end)
        if row.kind == kind
    ]


def free(first: date, last: date, lang: str) -> list[dict[str, Any]]:
    """Holidays of three days and more, as figures.trend wants them: start, end (the day after), from, name."""
    return [
        {
            "start": start.isoformat(),
            "end": (until + timedelta(days=1)).isoformat(),
            "from": datetime.combine(start, time.min),
            "name": zh if lang == "zh" else en,
        }
        for start, until, zh, en in workdays.holidays_between(first, last)
        if (until - start).days >= 2
    ]


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")
