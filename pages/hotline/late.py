"""Where orders are late, when they come and how: tables of two columns at once."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import days, exact, section, text
from data_access import coverage, hotline
from data_access import late as asked_late
from data_access.areas import tree
from data_access.where import place_column
from domain.hotline_rules import rules
from domain.periods import Span
from pages.asking import Asked, ask, tells

SHARES = (
    "row", "row_name", "column", "column_name", "due", "late", "share", "few",
)  # fmt: skip
HOURS = ("weekday", "hour", "n", "hours", "per_hour")
KINDS = {"channel": "channel", "appeal": "appeal_type", "line": "line"}  # of the mix, and the field of each
_UNNAMED = {"line": "late.general"}  # what an order is that names none
MIX = ("kind", "code", "name", "n", "share", "base", "base_share", "change")
ROWS, COLUMNS = 7, 7  # categories, and organisations or places, that have cells of their own
REST = "+"  # the row and the column of all others
TOTAL = "*"  # the row and the column of all; '' are orders that name none


def _options(view: View) -> list[tuple[str, str, str]]:
    """What the sources can tell: shares only of orders with limits and closings, by organisation where they name them,
    by place where there are any; hours always. Where nothing is loaded, none is missed."""
    limited, area = tells(view, "due_at", "close_at"), ask(view).area
    able = {
        "": limited and tells(view, "org"),
        "place": limited and bool(area.level or tree().children(area.code)),
        "hours": True,
        "mix": any(tells(view, KINDS[kind]) for kind in ("channel", "appeal")),
    }
    return [("late", key, text(f"late.{key or 'org'}", view.lang)) for key, there in able.items() if there]


@panel(bodies.late, about="hotline.late_share", source="hotline", choices=_options)
def late(view: View) -> Answer:
    """Shares (view.late '' by organisation, 'place'): row, row_name (category), column, column_name, due, late, share,
    few (too small a sample to judge); code '*' is the total, '+' all others, '' none named. 'hours': weekday (1 is
    Monday), hour, n, hours (how many of these hours the period has), per_hour. 'mix': kind (channel | appeal | line),
    code, name, n, share, base, base_share, change (of the share, in fractions)."""
    asked = ask(view)
    options = [value for _, value, _ in _options(view)]
    chosen = view.late if view.late in options else options[0]
    draw = {"hours": _hours, "mix": _mix}.get(chosen, _shares)
    answer = draw(asked, chosen)
    answer.facts["chosen"] = chosen
    return answer


# ---- the share that was late -----------------------------------------------------------------------------------------


def _until(asked: Asked) -> Span:
    return Span(asked.span.start, max(asked.span.start, min(asked.span.end, asked.at)))


def _shares(asked: Asked, chosen: str) -> Answer:
    by = "org" if chosen == "" else place_column(min(asked.area.level + 1, 3))
    found = asked_late.due_by(asked.area, _until(asked), "topic", by, asked.where) if asked.known else None
    due, missed = (int(counts.sum()) for counts in (found.due, found.late)) if found else (0, 0)
    measured = (Measured.of("hotline.late_share", missed / due if due else None, missed, due),)
    if not found or not due:
        return Answer(tabled([], SHARES), measured, {"kind": "shares"}, "empty" if asked.known else "none")
    least = rules(asked.at.date()).minimum_n
    topics, of_topic = _most(found.rows, found.due.sum(axis=1), found.late.sum(axis=1), ROWS, 0)
    columns, of_column = _most(found.columns, found.due.sum(axis=0), found.late.sum(axis=0), COLUMNS, least)
    shape = len(topics) + 2, len(columns) + 2
    cells_due, cells_late = (_gathered(counts, of_topic, of_column, shape) for counts in (found.due, found.late))
    others, other_columns = len(found.rows) - len(topics), len(found.columns) - len(columns)
    named = _namer(asked, by, other_columns)
    topic_names = hotline.category_names(asked.lang)
    lines = []
    across = [*enumerate(columns), *([(-2, REST)] if other_columns else []), (-1, TOTAL)]
    for i, row in [(-1, TOTAL), *enumerate(topics), *([(-2, REST)] if others else [])]:
        called = {TOTAL: text("late.total", asked.lang), REST: text("late.rest", asked.lang, n=others)}.get(row)
        for j, column in across:
            n, n_late = int(cells_due[i, j]), int(cells_late[i, j])
            few = n < least
            lines.append(
                {
                    "row": row,
                    "row_name": called or topic_names.get(row, row) or text("late.unknown", asked.lang),
                    "column": column,
                    "column_name": named(column),
                    "due": n,
                    "late": n_late,
                    "share": n_late / n if n else None,
                    "few": few,
                }
            )
    field = "org" if by == "org" else "area"
    here = asked.area.code if asked.view.area else ""
    now = {"topic": asked.where.topic, field: asked.where.org if field == "org" else here}
    note = text("late.note", asked.lang, n=exact(due))
    facts = {"kind": "shares", "field": field, "now": now, "back": (asked.area.parent or "") if field == "area" else ""}
    return Answer(tabled(lines, SHARES, ("due", "late", "share")), measured, facts, note=note)


def _most(codes: list[str], due: np.ndarray, late: np.ndarray, most: int, least: int) -> tuple[list[str], np.ndarray]:
    """The codes with the most late orders, the worst first: by share where `least` orders were due, then the rest by
    late orders. And of each code which of them it is, their number where it is another."""
    kept = sorted(range(len(codes)), key=lambda i: (-late[i], -due[i], codes[i]))[:most]
    if least:
        kept.sort(key=lambda i: (due[i] < least, -late[i] / due[i], codes[i]))
    which = np.full(len(codes), len(kept))
    which[kept] = range(len(kept))
    return [codes[i] for i in kept], which


def _gathered(counts: np.ndarray, down: np.ndarray, across: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The counts by what is shown: after the rows and the columns with cells of their own one of all others, and one of
    all."""
    cells = np.zeros(shape, np.int64)
    np.add.at(cells, (down[:, None], across), counts)
    cells[-1] = cells.sum(axis=0)
    cells[:, -1] = cells.sum(axis=1)
    return cells


def _namer(asked: Asked, by: str, others: int) -> Callable[[str], str]:
    fixed = {TOTAL: text("late.total", asked.lang), REST: text("late.rest", asked.lang, n=others)}
    if by == "org":
        names = hotline.organisation_names(asked.lang)
        return lambda code: fixed.get(code) or names.get(code, code) or text("late.unknown", asked.lang)
    places = tree()

    def place(code: str) -> str:
        area = places.get(code)
        return fixed.get(code) or (area.label(asked.lang) if area else code) or text("late.unknown", asked.lang)

    return place


# ---- when they come --------------------------------------------------------------------------------------------------


def _hours(asked: Asked, _chosen: str) -> Answer:
    span = _until(asked)
    found = asked_late.by_hour(asked.area, span, asked.where) if asked.known else {}
    lasted = _lasted(span)
    lines = [
        {
            "weekday": weekday,
            "hour": hour,
            "n": found.get((weekday, hour), 0),
            "hours": lasted.get((weekday, hour), 0.0),
            "per_hour": found.get((weekday, hour), 0) / long if (long := lasted.get((weekday, hour), 0.0)) else None,
        }
        for weekday in range(1, 8)
        for hour in range(24)
    ]
    total = sum(found.values())
    measured = (Measured.of("hotline.received", total),)
    blank = "" if total else "empty" if asked.known else "none"
    note = text("late.hours_note", asked.lang)
    facts = {"kind": "hours", "days": section("weekday", asked.lang)}
    return Answer(tabled(lines, HOURS, ("hours", "per_hour")), measured, facts, blank, note)


def _lasted(span: Span) -> dict[tuple[int, int], float]:
    """(weekday, hour) -> how many of these hours the span has, the last one in part; days without a load left out."""
    first, last = span.start.date(), (span.end - timedelta(microseconds=1)).date()
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    found: dict[tuple[int, int], float] = {}
    for day, there in zip(every, coverage.covered(every), strict=True):
        if not there:
            continue
        for hour in range(24):
            begun = datetime.combine(day, time(hour))
            part = (min(span.end, begun + timedelta(hours=1)) - max(span.start, begun)) / timedelta(hours=1)
            if part > 0:
                key = (day.isoweekday(), hour)
                found[key] = found.get(key, 0.0) + part
    return found


# ---- how they come ---------------------------------------------------------------------------------------------------


def _mix(asked: Asked, _chosen: str) -> Answer:
    found = asked_late.kinds(asked.area, _until(asked), asked.base, asked.where) if asked.known else []
    now, before = sum(f.now for f in found), sum(f.base for f in found)
    lines: list[dict[str, Any]] = []
    for kind, field in KINDS.items():
        if not tells(asked, field):
            continue
        codes = [getattr(one, field) for one in found]
        sums: dict[str, list[int]] = {}
        for one, code in zip(found, codes, strict=True):
            mine = sums.setdefault(code, [0, 0])
            mine[0] += one.now
            mine[1] += one.base
        names = section(kind, asked.lang)
        for code in sorted(sums, key=lambda key: (-sums[key][0], key)):
            n, base = sums[code]
            share, base_share = (n / now if now else None), (base / before if before else None)
            lines.append(
                {
                    "kind": kind,
                    "code": code,
                    "name": names.get(code, code) or text(_UNNAMED.get(kind, "late.unknown"), asked.lang),
                    "n": n,
                    "share": share,
                    "base": base if before else None,
                    "base_share": base_share,
                    "change": share - base_share if share is not None and base_share is not None else None,
                }
            )
    measured = (Measured.of("hotline.received", now, base=before if before else None),)
    against = "" if asked.base is None else text(f"compare.{asked.view.compare}_short", asked.lang)
    facts = {
        "kind": "mix",
        "against": against,
        "now": {"channel": asked.where.channel, "appeal": asked.where.appeal_type, "line": asked.where.line},
    }
    blank = "" if now else "empty" if asked.known else "none"
    note = text("late.mix_note", asked.lang, n=exact(now), span=days(asked.span.start, asked.span.end))
    return Answer(tabled(lines, MIX, ("share", "base", "base_share", "change")), measured, facts, blank, note)
