"""Sudden appeals and what comes back: the live list of the hotline."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import tabled
from components.view import View
from components.words import exact, number, text
from data_access import bursts as sudden
from data_access import hotline
from data_access.areas import tree
from data_access.where import Where
from domain.bursts import LEVELS, score
from domain.hotline_rules import rules
from pages.asking import Asked, ask, tells
from pages.hotline.crowds import crowded

NUMBERS = ("orders", "callers", "expected", "score")
FEW = 3  # rows up to which each shows its course
SHOWN = 40  # rows drawn; the frame holds all
MANY = 4  # streets from which a category is told in one row
COLUMNS = (
    "kind", "category", "name", "area", "place", "streets", "window_hours", "orders", "callers", "expected", "score",
    "since", "capped", "related", "keywords",
)  # fmt: skip


Ask = Callable[[Sequence[sudden.Burst], datetime, Where], list[tuple[int, ...]]]


@dataclass(frozen=True)
class _Some:
    """One row: the bursts of a category in a street, or in many, and what is said of them."""

    bursts: tuple[sudden.Burst, ...]
    told: tuple[sudden.Told, ...]

    @property
    def first(self) -> sudden.Burst:
        return self.bursts[0]

    @cached_property
    def state(self) -> str:
        return max((b.state for b in self.bursts), key=LEVELS.index)

    def total(self, name: str) -> float:
        return sum(getattr(b, name) for b in self.bursts)

    @cached_property
    def z(self) -> float:
        return float(score(self.total("callers"), self.total("expected")))

    @cached_property
    def since(self) -> datetime:
        return min(b.since for b in self.bursts)

    @cached_property
    def capped(self) -> bool:
        return any(b.capped for b in self.bursts)

    @cached_property
    def keywords(self) -> list[str]:
        return list(dict.fromkeys(word for one in self.told for word in one.keywords))

    def related(self, lang: str) -> list[str]:
        return sorted({m.name_zh if lang == "zh" else m.name_en for one in self.told for m in one.related})


def _together(found: Sequence[sudden.Burst], asked: Asked) -> list[_Some]:
    """The rows, the most pressing first; each street by itself where one category is chosen."""
    groups: dict[tuple[str, int], list[sudden.Burst]] = defaultdict(list)
    for burst in found:
        groups[burst.category, burst.window_hours].append(burst)
    said = dict(zip(found, sudden.told(found, asked.at), strict=True))

    def row(*some: sudden.Burst) -> _Some:
        return _Some(some, tuple(said[b] for b in some))

    rows = []
    for group in groups.values():
        half = sum(b.callers for b in group) / 2
        alone = [b for b in group if b.callers > half]  # a street that has most of it is not one of many
        others = [b for b in group if b.callers <= half]
        one = len(others) >= MANY and not asked.view.category
        rows += [row(b) for b in (alone if one else group)]
        rows += [row(*others)] if one else []
    return sorted(rows, key=lambda r: (-LEVELS.index(r.state), -r.z, r.first.category, r.first.street))


def _went(rows: Sequence[_Some], callers: Ask, asked: Asked) -> list[list[int]]:
    """The callers of each row, span by span. callers: how the bursts of the rows went."""
    each = iter(callers([b for row in rows for b in row.bursts], asked.at, asked.where))
    return [[sum(span) for span in zip(*(next(each) for _ in row.bursts), strict=True)] for row in rows]


def _links(view: View) -> list[tuple[str, str, str]]:
    """What comes back is told by its callers, and who is many by theirs."""
    told = ("", *(("crowd",) if _placed(view) else ()), "again") if callers_told(view) else ()
    return [("bursts", value, text(f"bursts.tab_{value or 'sudden'}", view.lang)) for value in told]


def callers_told(view: View) -> bool:
    """Whether the sources of the period tell callers apart; else each order is taken for a caller of its own."""
    return tells(view, "caller_key")


def _placed(view: View) -> bool:
    """Whether the sources of the period tell where in a street."""
    return any(tells(view, name) for name in ("lon", "community_code", "address"))


@panel(
    bodies.bursts,
    about=("hotline.bursts", "hotline.repeats", "hotline.crowds"),
    source="hotline",
    sets="category",
    choices=_links,
    needs=("category",),
)
def bursts(view: View) -> Answer:
    """kind (burst | watch | recurring), category, name, area, place, streets (how many), window_hours, orders, callers
    (distinct; NaN: no source tells them apart), expected (callers; orders where nobody knows callers, and of
    recurring), score, since, capped (may have begun earlier), related, keywords: one row a category and street, or a
    category where many streets have it; the most pressing first. kind crowd: see crowds.crowded."""
    asked = ask(view)
    known = view.mode != "wall" and callers_told(view)
    if known and view.bursts == "crowd" and _placed(view):
        return crowded(asked)
    return _again(asked) if known and view.bursts == "again" else _sudden(asked)


def _sudden(asked: Asked) -> Answer:
    view, lang = asked.view, asked.lang
    found = sudden.bursts(asked.area, asked.at, asked.where)
    n = {state: sum(b.state == state for b in found) for state in ("burst", "watch")}
    measured = (Measured.of("hotline.bursts", n["burst"]),)
    note = text("bursts.counts", lang, burst=exact(n["burst"]), watch=exact(n["watch"]))
    rows = _together(found, asked)
    if not rows:
        return Answer(tabled([], COLUMNS), measured, blank="empty" if asked.known else "none")
    names = hotline.category_names(lang)
    known = callers_told(view)
    actual = "actual" if known else "orders"
    table = [_told(row, names, lang) for row in rows]
    drawn = rows[:SHOWN]
    since = [_since(row, asked) for row in drawn]
    said = "bursts.sentence" if known else "bursts.sentence_orders"
    labels = [_label(told, when, said, lang) for told, when in zip(table, since, strict=False)]
    hours = _went(rows, sudden.hours, asked) if len(rows) <= FEW else []
    facts: dict[str, Any] = {
        "days": dict(enumerate(_went(drawn, sudden.days, asked))),
        "courses": [_course(*one, asked) for one in zip(table, labels, hours, strict=True)] if hours else [],
        "spans": [""] * len(drawn),
        "since": since,
        "labels": labels,
        "links": [_fields(row, view) for row in drawn],
        "chosen": [i for i, row in enumerate(drawn) if row.first.category == view.category],
        "heads": [text(f"bursts.head_{name}", lang) for name in ("what", "days", actual, "since")],
        "below": text("bursts.more", lang, n=exact(len(rows) - SHOWN)) if len(rows) > SHOWN else "",
        "again": False,
    }
    frame = tabled([row | ({} if known else {"callers": None}) for row in table], COLUMNS, NUMBERS)
    return Answer(frame, measured, facts, note=note)


def _told(row: _Some, names: dict[str, str], lang: str) -> dict[str, Any]:
    first, many = row.first, len(row.bursts) > 1
    place = sudden.place_of(first.street, first.district)
    label = place.label(lang) if place else text("bursts.unplaced", lang)
    return {
        "kind": row.state,
        "category": first.category,
        "name": names.get(first.category, first.category),
        "area": "" if many or place is None else place.code,
        "place": text("bursts.streets", lang, n=len(row.bursts)) if many else label,
        "streets": len(row.bursts),
        "window_hours": first.window_hours,
        "orders": int(row.total("orders")),
        "callers": int(row.total("callers")),
        "expected": row.total("expected"),
        "score": row.z,
        "since": row.since,
        "capped": row.capped,
        "related": " · ".join(row.related(lang)),
        "keywords": " ".join(row.keywords),
    }


def _course(told: dict[str, Any], said: str, hours: list[int], asked: Asked) -> dict[str, Any]:
    """name, said (the row as a sentence), hours (callers of each), ends (the first hour and the last)."""
    first = asked.at - timedelta(hours=len(hours))
    title = f"{told['name']} · {told['place']}"
    ends = (first.strftime("%m-%d %H:%M"), asked.at.strftime("%m-%d %H:%M"))
    peak = text("bursts.course", asked.lang, hours=len(hours), most=exact(max(hours)))
    return {"name": title, "said": said, "hours": hours, "ends": ends, "peak": peak}


def _when(since: datetime, asked: Asked) -> str:
    """今日 09 时, or 11-16."""
    if since >= asked.midnight:
        return text("bursts.today", asked.lang, hour=since.strftime("%H:%M"))
    return since.strftime("%m-%d")


def _since(row: _Some, asked: Asked) -> str:
    """The beginning and what it may have to do with."""
    lang = asked.lang
    said = [_when(row.since, asked)]
    if row.capped:
        said = [text("bursts.before", lang, day=row.since.strftime("%m-%d"))]
    said += row.related(lang)
    if row.keywords and lang == "zh":
        said.append(text("bursts.keyword", lang, word="、".join(row.keywords)))
    elif row.keywords:
        said.append(text("bursts.watched", lang))
    return " · ".join(said)


def _label(told: dict[str, Any], since: str, said: str, lang: str) -> str:
    """The row as a sentence; said: the key of its words."""
    return text(
        said,
        lang,
        what=told["name"],
        where=told["place"],
        hours=told["window_hours"],
        callers=exact(told["callers"]),
        orders=exact(told["orders"]),
        expected=number(told["expected"], lang),
        score=number(told["score"], lang),
        since=since,
    )


def _fields(row: _Some, view: View) -> dict[str, str]:
    """What a click sets: the category and its street, so that map and orders follow; again: not the category."""
    place = sudden.place_of(row.first.street, row.first.district)
    if len(row.bursts) > 1 or place is None:
        return {"category": "" if view.category == row.first.category else row.first.category}
    if view.category == row.first.category and view.area == place.code:
        return {"category": ""}
    return {"category": row.first.category, "area": place.code}


def _again(asked: Asked) -> Answer:
    view, lang = asked.view, asked.lang
    of = rules(asked.at.date())
    where = replace(asked.where, mark="")
    repeats = sudden.repeats(asked.area, asked.at, where)
    found = sudden.recurring(asked.area, asked.at, where)
    measured = (Measured.of("hotline.repeats", repeats.orders if asked.known else None),)
    note = text("bursts.again_note", lang, days=of.problem_days, callers=of.problem_callers, n=sudden.CONSIDERED)
    if not found and not repeats.orders and not repeats.callers:
        return Answer(tabled([], COLUMNS), measured, blank="empty" if asked.known else "none", note=note)
    names = hotline.category_names(lang)
    table, links, labels = [], [], []
    for problem in found:
        place = tree().get(problem.community) or sudden.place_of(problem.street, problem.district)
        label = place.label(lang) if place else problem.community
        if place is not None and place.code != problem.community:
            label = text("bursts.community", lang, street=label, code=problem.community[-3:])
        name = names.get(problem.category, problem.category)
        table.append(
            dict.fromkeys(COLUMNS, "")
            | {
                "kind": "recurring", "category": problem.category, "name": name, "area": problem.community,
                "place": label, "streets": 1, "window_hours": of.problem_days * 24, "orders": problem.orders,
                "callers": problem.callers, "expected": problem.expected, "score": problem.z, "since": problem.first,
                "capped": False,
            }
        )  # fmt: skip
        links.append({"category": problem.category} | ({"area": place.code} if place else {}))
        labels.append(
            text(
                "bursts.again_sentence", lang, what=name, where=label, orders=exact(problem.orders),
                callers=exact(problem.callers), days=of.problem_days, expected=number(problem.expected, lang),
                last=problem.last.strftime("%m-%d"),
            )
        )  # fmt: skip
    below = text(
        "bursts.repeats", lang, days=of.repeat_days, orders=exact(repeats.orders), pairs=exact(repeats.pairs),
        callers=exact(repeats.callers), many=of.frequent_n,
    )  # fmt: skip
    facts = {
        "days": {},
        "spans": [text("bursts.callers", lang, n=exact(p.callers)) for p in found],
        "since": [text("bursts.last", lang, day=p.last.strftime("%m-%d")) for p in found],
        "labels": labels,
        "links": links,
        "chosen": [i for i, p in enumerate(found) if p.category == view.category],
        "heads": [text(f"bursts.head_{name}", lang) for name in ("what", "callers", "again", "last")],
        "below": below,
        "again": True,
    }
    return Answer(tabled(table, COLUMNS, NUMBERS), measured, facts, note=note)
