"""Ratings of cases (好差评): what the system gave by default told apart, why bad ones are bad and what became of them.

Bad is 不满意 and 非常不满意 (2 and 1 of five). As-of a moment neither a rating nor a rectification that came later is
known.
"""

from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, case, func, select

from data_access.areas import Area
from data_access.engine import rows
from data_access.remember import remembered
from data_access.services.counts import ALL, Where
from data_access.services.tables import service_case
from data_access.where import AT, END, FIRST, bound, inside
from domain.masking import mask_text
from domain.periods import Span
from domain.services.phrases import ranked

c = service_case.c


class Reason(NamedTuple):
    """Bad ratings of a span for one reason ('': none was given). rectified: of them by the moment."""

    code: str
    n: int
    rectified: int


class Bad(NamedTuple):
    """The bad ratings of a span. default: of them those that the system gave; words: phrases of what people wrote,
    masked, with the number of ratings that have each, the most frequent first; told: ratings with words. waiting: not
    rectified and the limit has not come; overdue: nor when it had."""

    n: int
    default: int
    reasons: tuple[Reason, ...]
    words: tuple[tuple[str, int], ...]
    told: int
    waiting: int
    overdue: int


@cache
def _bad_asked(level: int, named: tuple[str, ...]) -> Select:
    """bad_reason, words, default, n, rectified, overdue."""
    given = case((c.rating_default.is_(True), 1), else_=0).label("given")
    done = func.sum(case((c.rectified_at < AT, 1), else_=0))
    open_ = (c.rectify_due_at < AT) & (c.rectified_at.is_(None) | (c.rectified_at >= AT))
    keys = (c.bad_reason, c.words, given)
    query = select(*keys, func.count(), done, func.sum(case((open_, 1), else_=0)))
    within = (c.rating_at >= FIRST, c.rating_at < END, c.rating <= 2)
    return query.where(*within, *inside(level, named, service_case)).group_by(*keys)


@remembered
def bad(area: Area, span: Span, at: datetime, where: Where = ALL) -> Bad:
    """The bad ratings of the span, as known at the moment."""
    values = bound(area, where, first=span.start, end=span.end, at=at)
    reasons: dict[str, list[int]] = {}
    texts: dict[str, int] = {}
    default = late = 0
    for reason, words, given, n, rectified, overdue in rows(_bad_asked(area.level, where.named), values):
        mine = reasons.setdefault(reason, [0, 0])
        mine[0] += n
        mine[1] += int(rectified or 0)
        default += n * given
        late += int(overdue or 0)
        if words:
            texts[words] = texts.get(words, 0) + n
    known = sorted((Reason(code, *counts) for code, counts in reasons.items()), key=lambda r: (-r.n, r.code))
    total = sum(r.n for r in known)
    done = sum(r.rectified for r in known)
    phrases = ranked((mask_text(words), n) for words, n in texts.items())
    return Bad(total, default, tuple(known), phrases, sum(texts.values()), total - done - late, late)
